"""A run asked for again is found at a glance, and only if nothing at all is other than it was."""

import json
import os
import shutil
import time
from datetime import UTC, datetime

import pytest

import seawatch as sw
from conftest import CRS, at, permit, write_layers
from seawatch import given, workspace
from seawatch.errors import Busy
from seawatch.io import again, journal
from seawatch.tables import PERMITS

DAY = "2026-11-16"
HEIGHTS = "time,height_m\n2026-11-14T00:00:00Z,0.1\n2026-11-15T00:00:00Z,0.2\n"


@pytest.fixture
def made(bureau):
    """A workspace with a run of the day that was gone through again, and a large file."""
    folder = bureau.project.folder
    (folder / "large.bin").write_bytes(bytes(2**20))
    os.utime(folder / "large.bin", ns=(0, 0))
    assert not bureau.run(DAY).new
    return folder


def glance(folder, on=DAY, language=None, cycle=None):
    return again.recall(folder, on, language, cycle)


def test_nothing_new_is_said_without_understanding_anything(seawatch, week, monkeypatch):
    folder = week.project.folder
    first = json.loads(seawatch("run", folder, "--on", DAY, "--json")[1])
    assert first["new"]
    told = json.loads((folder / again.LAST_SUCCESS).read_text("utf-8"))
    (folder / again.LAST_SUCCESS).unlink()

    def not_again(*_):
        raise AssertionError("the workspace was opened")

    monkeypatch.setattr(workspace, "open", not_again)
    code, out, err = seawatch("run", folder, "--on", DAY, "--json")
    assert (code, json.loads(out)) == (0, {**first, "new": False})
    assert [line.split()[-1] for line in err.splitlines()] == ["read"]
    now = json.loads((folder / again.LAST_SUCCESS).read_text("utf-8"))
    assert {**now, "finished": ""} == {**told, "finished": ""}
    code, out, _ = seawatch("run", folder, "--on", DAY, "--fail-on-new", "--quiet")
    assert (code, out.splitlines()[-1]) == (10, "the same inputs as before: nothing to do")


def flip(path):
    """Another byte, the same size and dates."""
    was = path.stat()
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


CHANGES = {
    "a byte of a scene that was compared": lambda f: flip(f / "scenes/S2-2026-11-14.tif"),
    "a byte of a scene of another week": lambda f: flip(f / "scenes/S2-2026-11-21.tif"),
    "a byte of a layer": lambda f: flip(f / "layers/permits.gpkg"),
    "a byte of the settings": lambda f: flip(f / "seawatch.toml"),
    "a byte of a large file": lambda f: flip(f / "large.bin"),
    "a file beside a layer": lambda f: (f / "layers/permits.gpkg-wal").write_bytes(b""),
    "an item": lambda f: shutil.copy(f / "scenes/S2-2026-11-21.json", f / "scenes/more.json"),
    "a raster less": lambda f: (f / "scenes/S2-2026-11-21.tif").unlink(),
    "a list of suspects": lambda f: ((f / "suspects").mkdir(), (f / "suspects/a.gpkg").touch()),
    "a line of the journal": lambda f: journal.append(
        sw.open(f).project, "case", [{"said": 1}], recorded=datetime(2026, 11, 1, tzinfo=UTC)
    ),
    "a journal that was tampered with": lambda f: flip(f / "journal.jsonl"),
    "a later run": lambda f: sw.open(f).run("2026-11-23"),
    "a run gone": lambda f: shutil.rmtree(f / "runs/2026-W47"),
    "another run's remains": lambda f: (f / "runs/.2026-W48.part").mkdir(),
    "a manifest that was tampered with": lambda f: flip(f / "runs/2026-W47/run.json"),
    "a table that was tampered with": lambda f: flip(f / "runs/2026-W47/flags.gpkg"),
    "a folder that a link leads to": lambda f: (f / "scenes/more").symlink_to("/usr"),
    "another version": lambda f: None,
    "a note that is none": lambda f: (f / again.FILE).write_text('{"own": 3}'),
    "no note": lambda f: (f / again.FILE).unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_other_is_gone_into(what, made, monkeypatch):
    assert glance(made).folder == made / "runs/2026-W47"
    CHANGES[what](made)
    if what == "another version":
        monkeypatch.setattr(again, "version", lambda name: "2")
    assert glance(made) is None


def test_what_was_gone_through_again_and_was_no_other_is_noted_anew(made):
    (made / "new.txt").write_text("of no run's concern")
    assert glance(made) is None
    assert not sw.open(made).run(DAY).new
    assert glance(made)


def test_a_copy_of_the_workspace_is_another(made, tmp_path):
    copy = shutil.copytree(made, tmp_path / "copy")
    flip(copy / "layers/permits.gpkg")
    assert glance(copy) is None
    assert glance(made)


def test_another_day_language_or_cycle_is_another_run(made):
    assert glance(made, language="zh", cycle="weekly")
    assert glance(made, on="2026-11-17") is None
    assert glance(made, language="en") is None
    assert glance(made, cycle="half-month") is None
    assert glance(made, on="the 16th") is None


def test_a_run_of_today_is_found_on_its_day(week, monkeypatch):
    folder = week.project.folder

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            # the 16th in Weihai, while it is the 15th in Greenwich
            return datetime(2026, 11, 15, 20, tzinfo=UTC).astimezone(tz)

    week.run(DAY)
    monkeypatch.setattr(again, "datetime", Clock)
    assert glance(folder, on=None)


def test_the_run_before_must_be_whole(made):
    sw.open(made).run("2026-11-23")
    assert glance(made, on="2026-11-23")
    flip(made / "runs/2026-W47/index.html")
    assert glance(made, on="2026-11-23") is None


def test_a_run_with_quarantine_is_gone_through_again(made):
    (made / "scenes/broken.json").write_text("{}")
    assert sw.open(made).run(DAY).manifest["quarantined"]
    assert glance(made) is None


def test_what_is_said_or_put_there_while_a_run_works_is_not_passed_over(week, monkeypatch):
    folder, outcome = week.project.folder, sw.run.outcome

    def said(project, *rest):
        journal.append(project, "case", [{"said": 1}])
        return outcome(project, *rest)

    monkeypatch.setattr(sw.run, "outcome", said)
    week.run(DAY)
    assert glance(folder) is None

    def put(project, *rest):
        (folder / "scenes" / "late.json").write_text("{}")
        return outcome(project, *rest)

    monkeypatch.setattr(sw.run, "outcome", put)
    week.run("2026-11-23")
    assert glance(folder, on="2026-11-23") is None


def test_a_dry_run_leaves_no_note(week):
    week.run(DAY, write=False)
    assert glance(week.project.folder) is None
    assert not (week.project.folder / again.FILE).exists()


def test_it_waits_for_nobody(made):
    with again.alone(made), pytest.raises(Busy):
        glance(made)


def test_a_pipe_in_the_workspace_does_not_hold_it_up(made):
    os.mkfifo(made / "scenes" / "pipe")
    began = time.monotonic()
    assert again.look(made, [made / "scenes"], []) is None
    assert time.monotonic() - began < 5


def test_files_elsewhere_are_looked_at_where_they_lie(tmp_path):
    there = tmp_path / "share"
    there.mkdir()
    (there / "tide.csv").write_text(HEIGHTS)
    home = tmp_path / "home"
    home.mkdir()
    tide = '[tide]\ngauge = "../share/tide.csv"\n'
    rows = [(permit("A", "11", "surface,water,seabed,subsoil"), at(80, 250, 200, 420))]
    write_layers(home, CRS, {PERMITS: rows}, extra=tide)
    sw.open(home).run(DAY)
    assert glance(home)
    (there / "tide.csv.hdr").write_text("")
    assert glance(home) is None
    (there / "tide.csv.hdr").unlink()
    assert glance(home)
    (there / "tide.csv").write_text(HEIGHTS.replace("0.1", "0.3"))
    assert glance(home) is None


def test_the_note_is_of_what_was_there_before_anything_was_read(week, monkeypatch):
    folder, read = week.project.folder, given.settings.read_layers

    def then(project):
        (folder / "scenes" / "late.json").write_text("{}")
        return read(project)

    monkeypatch.setattr(given.settings, "read_layers", then)
    week.run(DAY)
    assert glance(folder) is None
