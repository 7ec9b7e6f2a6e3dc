"""Both verifiers find whatever was touched; the long version is ``benchmarks/tamper.py``."""

import ast
import json
import random
import shutil
import subprocess
import sys
from hashlib import sha256

import pytest
from tamper import VERIFIER, archive_of, found_by, tamper_bytes, tamper_files, tamper_records

from seawatch.errors import Busy
from seawatch.io import journal, mend


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return archive_of(tmp_path_factory.mktemp("verify"))


@pytest.fixture
def mine(space, tmp_path):
    """A copy that a test may spoil."""
    from seawatch import workspace

    return workspace.open(shutil.copytree(space.project.folder, tmp_path / "mine"))


def alone(space, *more):
    """The stand-alone verifier, with nothing but the standard library to import."""
    command = [sys.executable, "-I", "-S", VERIFIER, space.project.folder, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_record_nobody_touched_is_whole(space):
    found = space.verify()
    assert (found.faults, found.notices) == ([], [])
    assert (found.runs, found.entries) == (3, 16)
    done = alone(space)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == found.head == journal.head(space.project)


def test_bytes(space):
    assert tamper_bytes(space, 60, random.Random(3)) == []
    assert found_by(space) == ([], [])


def test_records(space):
    assert tamper_records(space, 30, random.Random(3)) == []
    assert found_by(space) == ([], [])


def test_files(mine):
    assert tamper_files(mine) == []
    assert found_by(mine) == ([], [])


def test_every_head_that_was_ever_printed_is_known(space):
    heads = [json.loads(p.read_text("utf-8"))["chain"]["head"]
             for p in sorted(space.project.archive.glob("*/run.json"))]  # fmt: skip
    assert heads[0] == journal.START
    for head in (*heads[1:], journal.head(space.project)):
        assert found_by(space, head) == ([], [])
        assert alone(space, "--head", head.upper()).returncode == 0
    for head in ("0" * 64, "ab" * 32, "nonsense"):
        faults, others = found_by(space, head)
        assert faults
        assert others
        assert alone(space, "--head", head).returncode == 5


def test_a_whole_new_record_is_found_only_with_a_head_kept_elsewhere(mine):
    head = journal.head(mine.project)
    for name in ("runs", "inputs", "photos"):
        shutil.rmtree(mine.project.folder / name)
    (mine.project.folder / "journal.jsonl").unlink()
    for day in ("2026-11-09", "2026-11-16", "2026-11-23"):
        mine.run(day)
    assert mine.verify().faults == []
    assert any("rewritten" in fault for fault in mine.verify(head).faults)
    assert alone(mine, "--head", head).returncode == 5


def test_a_run_whose_manifest_is_lost_is_one_fault_not_many(mine):
    (mine.project.archive / "2026-W47" / "run.json").unlink()
    faults, others = found_by(mine)
    assert [fault.split(": ")[1] for fault in faults] == ["missing"]
    assert [fault.split(": ")[1] for fault in others] == ["missing"]


def test_a_report_with_a_head_that_was_not_there_yet(mine):
    fields = {"run": "2026-W49", "manifest": None, "head": "ab" * 32}
    journal.append(mine.project, "run", [fields])
    for faults in found_by(mine):
        assert any("did not have before it" in fault for fault in faults)


def test_an_entry_that_names_no_run_is_no_traceback(mine):
    journal.append(mine.project, "run", [{}, {"run": ["x"], "manifest": 7, "head": [7]}])
    folder = mine.project.archive / "2026-W49"
    folder.mkdir()
    (folder / "run.json").write_text('{"outputs": [{"path": 1}], "inputs": []}')
    digest = sha256((folder / "run.json").read_bytes()).hexdigest()
    journal.append(mine.project, "run", [{"run": "2026-W49", "manifest": digest, "head": None}])
    for faults in found_by(mine):
        assert len(faults) >= 2


def test_a_clock_set_back_is_a_note(mine):
    from datetime import UTC, datetime

    journal.append(mine.project, "assign", [{}], recorded=datetime(2001, 1, 1, tzinfo=UTC))
    found = mine.verify()
    assert found.faults == []
    assert found.notices == [
        "journal.jsonl: line 17 was recorded before line 16: a clock was set back"
    ]


def test_it_waits_for_no_run(mine):
    with mend.hold(mine.project), pytest.raises(Busy, match="a run is writing"):
        mine.verify()
    (mine.project.archive / ".lock").unlink()
    assert mine.verify().faults == []
    assert not (mine.project.archive / ".lock").exists()  # it writes nothing


def test_the_stand_alone_verifier_stands_alone():
    text = VERIFIER.read_text("utf-8")
    assert len(text.splitlines()) < 200
    named = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {a.name for n in named for a in n.names}
    assert names <= sys.stdlib_module_names
    assert not {n.module for n in named if isinstance(n, ast.ImportFrom)}
