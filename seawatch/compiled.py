"""Loops over pixels, made machine code at their first call and kept for the next process.

NumPy makes a whole map of every step of a formula, and most of the time goes into fetching
those; a loop takes the pixels through all steps at once.
"""

from collections.abc import Callable
from typing import Any

_ALLOWED = {"contract", "reassoc", "nsz"}  # of fast mathematics: NaN stays what it is


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of arrays and numbers, compiled; other threads run beside it."""
    kept: Callable[..., Any] | None = None

    def call(*args: Any) -> Any:
        nonlocal kept
        if kept is None:
            kept = _dispatcher(function)
        try:
            return kept(*args)
        except OSError:
            # the code could not be kept, on a full disk, but it is in memory now
            return kept(*args)

    return call


def _dispatcher(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba  # takes a good part of a second: only who compares scenes waits for it

    options: dict[str, Any] = {"nogil": True, "fastmath": _ALLOWED}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in may be written to
        return numba.njit(**options)(function)
