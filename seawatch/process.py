"""A process set up for comparing scenes: one that is ours alone, or for a while another's."""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import NoReturn

_KEPT = {
    -2: 2**27,  # M_TOP_PAD: more than a heap of a thread holds, so that none is given back
    -8: 2,  # M_ARENA_MAX: what one thread gives back another can have, and two need not wait
    -3: 2**25,  # M_MMAP_THRESHOLD, the most that may be asked for
    -1: 2**31 - 1,  # M_TRIM_THRESHOLD
}
_RUBBISH = 100_000  # objects: so many more before rubbish is looked for among all there are


def tune() -> None:
    """Set threads and memory; before anything heavy is imported.

    Scenes are compared a window a core: threads within a window would only fight over them.
    And glibc gives the memory of large arrays back to the system, which blanks it before the
    next array of the next window has it again: one second of sixteen went into that. Python
    looks through all its objects for rubbish every few hundred of them: two hundredths of a
    comparison, and most of it of what was only just imported.
    """
    gc.set_threshold(_RUBBISH)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another system's memory is not known to need it
    for option, value in _KEPT.items():
        mallopt(option, value)


_LOCK = Lock()
_WITHIN: list[None] = []  # a task each
_BACK = ExitStack()  # what the last of them does


@contextmanager
def one_thread_a_task() -> Iterator[None]:
    """As `tune` has it, for a while, in a process that is not ours: a notebook's, say.

    Two tasks that both had BLAS work on two cores took half as long again. The libraries have one
    setting for all threads, so it is given back when no task is left.
    """
    # slow to load, and `tune` comes before all that is
    import cv2
    from threadpoolctl import threadpool_limits

    with _LOCK:
        if not _WITHIN:
            _BACK.callback(cv2.setNumThreads, cv2.getNumThreads())
            cv2.setNumThreads(1)
            _BACK.enter_context(threadpool_limits(1, user_api="blas"))
        _WITHIN.append(None)
    try:
        yield
    finally:
        with _LOCK:
            _WITHIN.pop()
            if not _WITHIN:
                _BACK.close()


def leave_out() -> None:
    """Have pandas come without pyarrow, which is a seventh of a second and 45 MB.

    It is loaded wherever it is installed; only the reader of GeoParquet, a process of its own,
    needs it.
    """
    if "pandas" not in sys.modules:
        sys.modules.setdefault("pyarrow", None)  # type: ignore[arg-type]


def leave(code: int) -> NoReturn:
    """End at once, all being written: to take every module apart takes a quarter of a second."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # whoever read it has gone
            code = code or 1
    os._exit(code)
