"""Loops over pixels, made machine code at their first call and kept for the next process.

NumPy makes a whole map of every step of a formula, and most of the time goes into fetching
those; a loop takes the pixels through all steps at once.
"""

import pickle
from collections.abc import Callable
from contextlib import nullcontext
from threading import Lock
from typing import Any

FILTERS = Lock()
"""Held by whoever changes Python's warning filters: they are all threads', and two that overlap
would put back each other's. Numba does, thousands of times, while it compiles."""

# of fast mathematics: NaN stays what it is. A division by zero gives what NumPy's does: a loop
# that has to look for one is many times as slow. Whoever changes this deletes what was kept,
# which knows when a loop has changed, and not this.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz"},
}
# a full disk when code is to be kept; what reading damaged code raises (see `pickle`)
_NOT_KEPT = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    AttributeError,
    ImportError,
    IndexError,
    ValueError,
)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of arrays and numbers, compiled; other threads run beside it."""
    kept: Callable[..., Any] | None = None

    def call(*args: Any) -> Any:
        # the first call compiles
        with FILTERS if kept is None else nullcontext():
            return called(args)

    def called(args: tuple[Any, ...]) -> Any:
        nonlocal kept
        if kept is None:
            kept = _dispatcher(function)
        try:
            return kept(*args)
        except _NOT_KEPT:
            # what is wrong with the loop itself is said again
            kept = _dispatcher(function, keep=False)
            return kept(*args)

    return call


def _dispatcher(function: Callable[..., Any], keep: bool = True) -> Callable[..., Any]:
    import numba  # takes a good part of a second: only who compares scenes waits for it

    try:
        return numba.njit(cache=keep, **_OPTIONS)(function)
    except RuntimeError:  # no folder to keep it in may be written to
        return numba.njit(**_OPTIONS)(function)
