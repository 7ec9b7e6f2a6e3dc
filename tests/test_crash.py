"""A week that is killed, refused by the disk or started thrice is whole after one rerun.

The short version of ``benchmarks/crash.py``, which says what is looked for.
"""

import errno
import os

import pytest
from crash import Bench, Operations, at_once, file_too_large, killed, refused


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("crash"))
    yield bench
    bench.close()


def moments(bench):
    """The operations between which a kill leaves something different behind."""
    names = bench.operations
    renames = [n for n, name in enumerate(names, 1) if name in ("rename", "replace")]
    [run] = [n for n, name in enumerate(names, 1) if name == "rename"]
    # just after the first file takes its name, before and after the run and the journal do
    return sorted({renames[0], run - 1, run, renames[-1] - 1, renames[-1]})


def test_every_operation_of_the_end_is_seen(bench):
    assert set(bench.operations) == {"write", "fsync", "replace", "rename", "mkdir", "unlink"}
    assert bench.operations.count("fsync") > bench.operations.count("replace")


def test_killed_and_killed_again(bench):
    for number in moments(bench):
        assert killed(bench, number, max(1, number - 1)) == []


def test_refused_by_the_disk(bench):
    for number in moments(bench)[::2]:
        assert refused(bench, number, errno.EIO, ever=False) == []
    assert refused(bench, 1, errno.EROFS, ever=True) == []
    assert refused(bench, len(bench.operations) // 2, errno.ENOSPC, ever=True) == []


def test_no_room_for_a_large_file(bench):
    for size in (0, 3_000):
        assert file_too_large(bench, size) == []


def test_three_at_once(bench):
    assert at_once(bench) == []


def test_the_bench_sees_what_it_looks_for(bench):
    """A week that loses its run, or a byte, or leaves something behind, is noticed."""
    folder = bench.copy("spoilt")
    assert bench.faults(folder)
    assert bench.command(folder).code == 0
    assert bench.faults(folder) == []
    (folder / "layers" / ".left.1.part.gpkg").write_text("x")
    assert bench.faults(folder) == ["layers/.left.1.part.gpkg: left behind"]
    os.truncate(folder / "runs" / "2026-W48" / "index.html", 100)
    assert any("index.html: altered" in fault for fault in bench.faults(folder))
    left = bench.command(folder, Operations(folder, refuse=lambda number: errno.EIO))
    assert (left.code, left.clear) == (1, True)
