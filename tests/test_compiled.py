"""Loops made machine code: the same numbers, wherever the code may be kept."""

import pickle

import numpy as np
import pytest
from numba.core.caching import IndexDataCacheFile

from seawatch import compiled


def doubled(values):
    """A loop as the project's are."""
    found = np.empty_like(values)
    for at in range(len(values)):
        found[at] = 2 * values[at]
    return found


def test_a_compiled_loop_says_what_the_loop_says_and_keeps_what_was_not_seen():
    values = np.array([1, np.nan, -3], np.float32)
    assert np.array_equal(compiled.compiled(doubled)(values), doubled(values), equal_nan=True)


def test_a_loop_is_compiled_while_nobody_else_changes_warning_filters(monkeypatch):
    held = []
    monkeypatch.setattr(
        compiled, "_dispatcher", lambda loop, **_: lambda *_: held.append(compiled.FILTERS.locked())
    )
    loop = compiled.compiled(doubled)
    for _ in range(2):
        loop(np.ones(3))
    assert held == [True, False]


def test_a_full_disk_stops_no_loop(monkeypatch):
    full = []

    def no_space(*_):
        full.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "load", lambda *_: None)
    monkeypatch.setattr(IndexDataCacheFile, "save", no_space)
    assert compiled.compiled(doubled)(np.ones(3, np.float32)).tolist() == [2, 2, 2]
    assert full


@pytest.mark.parametrize("fault", [EOFError, IsADirectoryError, pickle.UnpicklingError, IndexError])
def test_damaged_code_is_compiled_anew(monkeypatch, fault):
    def damaged(*_):
        raise fault

    monkeypatch.setattr(IndexDataCacheFile, "load", damaged)
    assert compiled.compiled(doubled)(np.ones(3, np.float32)).tolist() == [2, 2, 2]


def test_code_that_can_be_kept_nowhere_is_compiled_again_each_time():
    nowhere = {"np": np}
    exec("def doubled(values):\n    return 2 * values\n", nowhere)
    assert compiled.compiled(nowhere["doubled"])(np.ones(2)).tolist() == [2, 2]


def test_a_fault_in_a_loop_is_told_as_it_is():
    def faulty(number):
        if number == 0:
            raise ValueError("none")
        return number

    with pytest.raises(ValueError, match="none"):
        compiled.compiled(faulty)(0)


def test_a_division_by_zero_gives_what_numpys_does():
    def over(values):
        return values[0] / values[1]

    assert compiled.compiled(over)(np.array([1, 0], np.float32)) == np.inf
