"""A process set up for comparing scenes, on systems that let it and those that do not."""

import ctypes
import os

import pytest

from seawatch import process


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No thread is set yet, and what is set here is gone after."""
    for name in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_what_the_user_set_stays(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    process.tune()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert os.environ["OPENCV_FOR_THREADS_NUM"] == "1"


@pytest.mark.parametrize("fault", [OSError, TypeError, AttributeError])
def test_a_system_without_glibc_goes_on(monkeypatch, fault):
    def none(_):
        raise fault

    monkeypatch.setattr(ctypes, "CDLL", none)
    process.tune()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
