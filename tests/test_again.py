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
from seawatch.errors import Busy, CannotFinish
from seawatch.io import again, journal, store
from seawatch.tables import PERMITS

DAY = "2026-11-16"
HEIGHTS = "time,height_m\n2026-11-14T00:00:00Z,0.1\n2026-11-15T00:00:00Z,0.2\n"


@pytest.fixture(scope="module")
def made_once(first_week, tmp_path_factory):
    """A workspace with a run of the day, a large file, a link and an empty folder of scenes."""
    folder = shutil.copytree(first_week, tmp_path_factory.mktemp("again") / "bureau")
    shutil.rmtree(folder / "runs")
    (folder / "journal.jsonl").unlink()
    (folder / "large.bin").write_bytes(bytes(2**20))
    for name in ("a", "b"):
        shutil.copy(folder / "layers/zones.gpkg", folder / f"layers/{name}.gpkg")
    (folder / "layers/now.gpkg").symlink_to("a.gpkg")
    (folder / "more").mkdir()
    toml = folder / "seawatch.toml"
    text = toml.read_text("utf-8").replace("layers/zones.gpkg", "layers/now.gpkg")
    toml.write_text(text + '\n[scenes]\nfolders = ["scenes", "more"]\n', "utf-8")
    assert sw.open(folder).run(DAY).new
    return folder


@pytest.fixture
def made(made_once, tmp_path):
    """The same of one's own, gone through again there."""
    folder = shutil.copytree(made_once, tmp_path / "bureau", symlinks=True)
    os.utime(folder / "large.bin", ns=(0, 0))
    assert not sw.open(folder).run(DAY).new
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
    "a folder called as an item": lambda f: (f / "scenes/x.json").mkdir(),
    "a folder of scenes gone": lambda f: (f / "more").rmdir(),
    "what is called a run, and a lock": lambda f: (f / "runs/x.lock").mkdir(),
    "a file beside its table": lambda f: (f / "runs/2026-W47/flags.gpkg-wal").touch(),
    "a link to another file of the same bytes": lambda f: (
        (f / "layers/now.gpkg").unlink(),
        (f / "layers/now.gpkg").symlink_to("b.gpkg"),
    ),
    "a file instead of a link": lambda f: (
        (f / "layers/now.gpkg").unlink(),
        shutil.copy(f / "layers/b.gpkg", f / "layers/now.gpkg"),
    ),
    "a note of brackets": lambda f: (f / again.FILE).write_text("[" * 200_000),
    "a note that is none": lambda f: (f / again.FILE).write_text('{"own": 3}'),
    "no note": lambda f: (f / again.FILE).unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_other_is_gone_into(what, made, monkeypatch):
    told = glance(made)
    assert told.folder == made / "runs/2026-W47"
    assert told.head == journal.head(sw.open(made).project)
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


def test_the_runs_before_must_be_whole(made):
    day = "2026-11-23"
    sw.open(made).run(day)
    assert glance(made, on=day)
    opened = made / "runs/2026-W47/flags.gpkg-wal"  # as by a program that looks at it
    opened.touch()
    assert glance(made, on=day) is None
    opened.unlink()
    assert glance(made, on=day)
    page = made / "runs/2026-W47/index.html"
    flip(page)
    assert glance(made, on=day) is None
    flip(page)
    assert glance(made, on=day)
    sw.open(made).run("2026-11-30")
    assert glance(made, on="2026-11-30")
    flip(made / "runs/2026-W47/run.json")  # of neither this run nor the one before
    assert glance(made, on="2026-11-30") is None


def test_a_note_that_was_written_by_hand_is_none(made):
    whole = json.loads((made / again.FILE).read_text("utf-8"))
    odd = (None, 3, "/usr", "", [], {}, ["/usr"], {"/usr": "/usr"}, [[[]]], True, "\ud800")
    for key in whole:
        for value in odd:
            if value != whole[key] and (key, value) != ("near", {}):  # as if no layer were
                (made / again.FILE).write_text(json.dumps({**whole, key: value}), "utf-8")
                assert glance(made) is None, (key, value)


def test_a_run_is_whole_without_its_note(week, monkeypatch):
    def full(path):
        raise CannotFinish(f"{path}: cannot write")

    monkeypatch.setattr(again, "aside", full)
    assert week.run(DAY).new
    assert glance(week.project.folder) is None


def test_a_workspace_in_its_own_folder_of_scenes_is_gone_through(week):
    folder = week.project.folder
    assert again.look(folder, [folder], []) is None
    assert again.look(folder, [folder / "scenes" / ".."], []) is None
    assert again.look(folder, [folder.parent], []) is None
    assert again.look(folder, [folder / "scenes"], [])


def test_what_is_said_while_a_run_is_made_again_is_not_passed_over(week, monkeypatch):
    folder, outcome = week.project.folder, sw.run.outcome
    week.run(DAY)
    shutil.rmtree(folder / "runs/2026-W47")

    def said(project, *rest):
        journal.append(project, "case", [{"said": 1}])
        return outcome(project, *rest)

    monkeypatch.setattr(sw.run, "outcome", said)
    assert week.run(DAY).folder.name == "2026-W47"
    assert glance(folder) is None


def test_another_programs_lock_is_no_input(made):
    home = made / "layers" / "p.gdb"
    home.mkdir()
    (home / "a.gdbtable").write_bytes(b"1")
    (home / "_gdb.PC.1.2.sr.lock").write_bytes(b"")
    assert [path.name for path in store.parts_of(home)] == ["a.gdbtable"]


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
