"""A process set up for comparing scenes, on systems that let it and those that do not."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import threadpoolctl

import seawatch as sw
from conftest import make_week, save_scene
from seawatch import process
from seawatch.io import rasters


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


def threads():
    """Of OpenCV, and of every BLAS that is loaded."""
    libraries = threadpoolctl.threadpool_info()
    return cv2.getNumThreads(), {e["num_threads"] for e in libraries if e["user_api"] == "blas"}


@pytest.fixture
def many():
    """Two threads each, as in a process that nobody has set."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    with threadpoolctl.threadpool_limits(2):
        yield (2, {2})
    cv2.setNumThreads(before)


def test_tasks_have_a_thread_each_and_give_the_others_back(many):
    assert threads() == many
    with process.one_thread_a_task():
        assert threads() == (1, {1})
    assert threads() == many
    with pytest.raises(KeyError), process.one_thread_a_task():
        raise KeyError
    assert threads() == many


def test_the_last_of_tasks_that_overlap_gives_them_back(many):
    one, other = process.one_thread_a_task(), process.one_thread_a_task()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert threads() == (1, {1})
    other.__exit__(None, None, None)
    assert threads() == many


@pytest.mark.parametrize("way", ["a week", "two rasters"])
def test_scenes_are_compared_on_a_thread_each_in_any_process(tmp_path, monkeypatch, many, way):
    told = []
    whole = rasters.open_pair

    def open_pair(*given, **more):
        told.append(threads())
        return whole(*given, **more)

    monkeypatch.setattr(rasters, "open_pair", open_pair)
    if way == "a week":
        make_week(tmp_path)
        sw.open(tmp_path / "week").run("2026-11-16", write=False)
    else:
        pixels = np.random.default_rng(1).integers(1, 255, (2, 3, 64, 64)).astype("uint8")
        sw.detect(*(save_scene(tmp_path / f"{n}.tif", one) for n, one in enumerate(pixels)))
    assert told
    assert all(one == (1, {1}) for one in told)
    assert threads() == many


def test_pandas_comes_without_what_only_geoparquet_needs():
    lines = "from seawatch import process; process.leave_out(); import pandas, sys"
    asked = f"{lines}; print('pyarrow.lib' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert told.stdout.split() == [b"False"]


def script(*words, **more):
    return [Path(sys.executable).with_name("seawatch"), *words]


def test_a_command_says_all_it_has_to_say_before_it_leaves():
    told = subprocess.run(script("sensors"), capture_output=True, check=True)
    assert b"sentinel-2-l2a" in told.stdout
    assert told.stderr == b""


def test_a_command_leaves_with_the_code_of_its_fault(tmp_path):
    told = subprocess.run(script("run", tmp_path / "none"), capture_output=True)
    assert told.returncode == 2
    assert b"none" in told.stderr
    assert subprocess.run(script("--nothing"), capture_output=True).returncode == 2


def test_a_reader_that_has_gone_is_no_traceback():
    gone, given = os.pipe()
    os.close(gone)
    with os.fdopen(given, "wb") as out:
        told = subprocess.run(script("sensors"), stdout=out, stderr=subprocess.PIPE)
    assert told.returncode == 1
    assert b"Traceback" not in told.stderr
    assert b"Exception" not in told.stderr


@pytest.mark.parametrize("fault", [None, OSError, ValueError])
def test_what_waits_is_written_before_the_end(monkeypatch, fault):
    written = []

    class Stream:
        def flush(self):
            written.append(1)
            if fault:
                raise fault

    monkeypatch.setattr(sys, "stdout", Stream())
    monkeypatch.setattr(os, "_exit", lambda code: written.append(code))
    process.leave(3)
    process.leave(0)
    assert written == [1, 3, 1, 1 if fault else 0]
