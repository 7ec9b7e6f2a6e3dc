"""Plain files: what may be opened, their digests, locks, and writing aside and renaming."""

import errno
import fcntl
import glob
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from ..errors import Busy, CannotFinish, InputRefused, UsageError

_ROOM = 2**16  # bytes: what a write that failed may have left of a disk, which deals in blocks


def plain_file(path: Path) -> Path:
    """`path` itself, if it is an ordinary file on this machine.

    A device or a pipe would hang the batch; a URL or a GDAL virtual path would read
    what seawatch was not given.

    Raises
    ------
    InputRefused
        If there is no such file, or it is something else than a file.
    """
    if "://" in str(path) or str(path).startswith("/vsi"):
        raise InputRefused(f"{path}: not a file on this machine; copy it here first")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputRefused(f"{path}: {_why(error)}; check the path") from None
    if not stat.S_ISREG(mode):
        raise InputRefused(f"{path}: not an ordinary file; copy its content into one")
    return path


_LARGE = 2**20
_SETTLED_NS = 2 * 10**9  # a file written to more lately may be written to again in the same tick


def sight(path: Path) -> tuple[int, ...] | None:
    """What is the same as long as nobody wrote to a large file; None where it cannot be told."""
    told = path.stat()
    if told.st_size < _LARGE or time.time_ns() - told.st_ctime_ns <= _SETTLED_NS:
        return None
    # the time of change cannot be set from outside, unlike that of modification
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def text_of(path: Path) -> str:
    """A plain text, in UTF-8 or UTF-16 where it says or fits so, else in GB18030.

    Raises
    ------
    InputRefused
        If it is in none of them.
    """
    content = path.read_bytes()
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputRefused(f"{path}: neither UTF-8, UTF-16 nor GB18030; save it as UTF-8")


def output(path: Path, suffixes: Collection[str], inputs: Iterable[Path | None] = ()) -> Path:
    """`path` itself, if a file can be written there that is none of the `inputs`.

    Raises
    ------
    UsageError
        Before anything is done: if it has another suffix, is a folder, or would take the place
        of what is read.
    """
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{path}: name the file to write {' or '.join(suffixes)}")
    if not plain_name(path):
        raise UsageError(f"{plain_text(str(path))}: no UTF-8; name the file to write otherwise")
    if path.is_dir():
        raise UsageError(f"{path}: a folder; name a file to write")
    if path.resolve() in {given.resolve() for given in inputs if given}:
        raise UsageError(f"{path}: is read or written already; name another file to write")
    return path


def plain_name(path: Path) -> bool:
    """Whether the path is text: names of an old archive can be bytes of another encoding."""
    return plain_text(str(path)) == str(path)


def plain_text(text: str) -> str:
    """A name, or what is said of it, as a record can keep it: bytes that are no UTF-8 by number."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def sha256(path: Path) -> str:
    """The file's sha256, hexadecimal; a large one that nobody wrote to is not read twice."""
    seen = sight(path)
    return _read_once(path, seen) if seen else sha256_now(path)


def sha256_now(path: Path) -> str:
    """The file's sha256, hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=4096)
def _read_once(path: Path, sight: tuple[int, ...]) -> str:
    return sha256_now(path)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A hidden path beside `path`, renamed onto it when the block ends well.

    A reader sees the old file or the new one, never half of one, even when the power goes:
    file and folder are on the disk before and after the renaming. The suffix is kept, as
    drivers go by it.
    """
    hidden = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        with disk_faults(path):
            make_folder(path.parent)
            _clear_dead(path)
            yield hidden
            to_disk(hidden)
            hidden.replace(path)
            to_disk(path.parent)
    finally:
        with suppress(OSError):  # what stopped the writing is worth more than what stops this
            hidden.unlink(missing_ok=True)


def _clear_dead(path: Path) -> None:
    """Take away what a writer of `path` that is no longer there left half-written."""
    start = f".{path.stem}."
    for left in path.parent.glob(f"{glob.escape(start)}*.part{glob.escape(path.suffix)}*"):
        number = left.name.removeprefix(start).partition(".part")[0]
        if number.isdecimal() and not _runs(int(number)):
            left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


@contextmanager
def folder_aside(path: Path) -> Iterator[Path]:
    """An empty hidden folder beside `path`, which takes its place when the block ends well.

    What was in `path` before is gone then: it is for what can be made again.
    """
    hidden, old = (path.with_name(f".{path.name}.{os.getpid()}.{end}") for end in ("part", "old"))
    with disk_faults(path):
        make_folder(path.parent)
        _clear_dead_folders(path)
        hidden.mkdir()
        try:
            yield hidden
            if path.exists():
                path.rename(old)
            hidden.rename(path)
            to_disk(path.parent)
        finally:
            if old.exists() and not path.exists():
                old.rename(path)
            for left in (hidden, old):
                shutil.rmtree(left, ignore_errors=True)


def _clear_dead_folders(path: Path) -> None:
    """Take away what a writer of the folder that was killed left; put back what it moved away."""
    start = f".{path.name}."
    for left in sorted(path.parent.glob(f"{glob.escape(start)}*")):
        number, _, end = left.name.removeprefix(start).partition(".")
        if end not in ("part", "old") or not number.isdecimal():
            continue
        if int(number) != os.getpid() and _runs(int(number)):
            continue
        if end == "old" and not path.exists():
            left.rename(path)
        else:
            shutil.rmtree(left, ignore_errors=True)


def make_folder(path: Path) -> None:
    """A folder and those above it, each known to the disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        os.close(handle)


@contextmanager
def only_one(lock: Path, said: str, wait_s: float = 0.0, *, make: bool = True) -> Iterator[None]:
    """Hold a lock file that is freed by the system however its holder ends.

    make : write the lock file where there is none; else, without one, nobody can hold it.

    Raises
    ------
    Busy
        With `said`, if another process still holds it after `wait_s` seconds.
    """
    if not make and not lock.exists():
        yield
        return
    with disk_faults(lock):
        if make:
            make_folder(lock.parent)
        flags = os.O_RDWR | os.O_CREAT if make else os.O_RDONLY
        handle = os.open(lock, flags | os.O_CLOEXEC, 0o644)
    try:
        until = time.monotonic() + wait_s
        while not _locked(handle, lock):
            if time.monotonic() >= until:
                raise Busy(said)
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _locked(handle: int, lock: Path) -> bool:
    with disk_faults(lock):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def room_left(path: Path) -> None:
    """Find a disk that is full by now: what did not fit as GDAL closed `path`, it says nowhere.

    Raises
    ------
    OSError
        If there is no room beside it.
    """
    if shutil.disk_usage(path.parent).free < _ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """What the disk refuses, said as `CannotFinish` with the path."""
    try:
        yield
    except OSError as error:
        raise CannotFinish(f"{error.filename or path}: cannot write: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
