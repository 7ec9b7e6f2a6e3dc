"""The archive: what a run was made from is kept, and what was interrupted is mended."""

import json
import os
import shutil
from hashlib import sha256

import geopandas as gpd
import pytest
from pyogrio.errors import DataSourceError

from conftest import CRS, at, permit, write_layers
from seawatch import atlas, workspace
from seawatch.errors import CannotFinish, InputRefused, UsageError
from seawatch.io import archive, gateway, journal, mend, store
from seawatch.tables import PERMITS


@pytest.fixture
def quiet(tmp_path):
    """A workspace of one permit and no scenes: its runs are short, and whole."""
    rows = [(permit("A", "11", "surface"), at(0, 0, 500, 500))]
    return workspace.open(write_layers(tmp_path, CRS, {PERMITS: rows}))


def bytes_of(folder):
    return {
        p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def runs_said(space):
    return [entry.data["run"] for entry in journal.entries(space.project, ["run"])]


def test_a_run_stands_in_the_journal_and_prints_the_head_before_it(week):
    project = week.project
    first = week.run("2026-11-16")
    assert first.manifest["chain"] == {"head": journal.START}
    between = journal.head(project)
    second = week.run("2026-11-23")
    entry = journal.entries(project, ["run"])[-1]
    assert entry.data["run"] == "2026-W48"
    assert {"numba", "numpy", "shapely"} <= set(second.manifest["versions"])  # it computes with
    assert entry.data["manifest"] == sha256((second.folder / "run.json").read_bytes()).hexdigest()
    assert entry.prev == between == second.manifest["chain"]["head"] == entry.data["head"]
    assert between in (second.folder / "index.html").read_text("utf-8")
    cover = gpd.pd.read_excel(second.folder / "flags.xlsx", sheet_name="说明", header=None)
    assert between in set(cover[1])
    # neither drawing it again nor running it again adds a line
    week.redraw()
    week.run("2026-11-23")
    assert runs_said(week) == ["2026-W47", "2026-W48"]


def test_small_inputs_are_kept_and_large_ones_pinned(week):
    project = week.project
    run = week.run("2026-11-16")
    rows = {row["path"]: row for row in run.manifest["inputs"]}
    for name, row in rows.items():
        content = (project.folder / name).read_bytes()
        assert (sha256(content).hexdigest(), len(content)) == (row["sha256"], row["size"])
        home = store.blob(project, row["sha256"])
        assert row["kept"] == (not name.endswith(".tif"))
        assert home.exists() == row["kept"]
        if row["kept"]:
            assert home.read_bytes() == content
    assert {"seawatch.toml", "layers/permits.gpkg", "scenes/S2-2026-11-14.json"} <= rows.keys()
    # what did not change is not copied again
    stored = bytes_of(project.folder / "inputs")
    second = week.run("2026-11-23")
    new = bytes_of(project.folder / "inputs").keys() - stored.keys()
    assert len(new) == 1  # the item of the new scene
    assert "runs/2026-W47/flags.gpkg" in {row["path"] for row in second.manifest["inputs"]}


def test_rasters_are_kept_too_where_the_settings_say_so(week):
    toml = week.project.folder / "seawatch.toml"
    toml.write_text(toml.read_text("utf-8") + "\n[scenes]\nkeep = true\n", "utf-8")
    run = workspace.open(week.project.folder).run("2026-11-16")
    rasters = [row for row in run.manifest["inputs"] if row["path"].endswith(".tif")]
    assert rasters
    for row in rasters:
        assert store.blob(week.project, row["sha256"]).stat().st_size == row["size"]


def test_what_is_read_with_a_file_is_an_input_too(quiet, tmp_path):
    folder = quiet.project.folder
    for name in ("p.shp", "p.dbf", "p.shx", "p.cpg", "p.png", "q.tif", "q.tif.aux.xml", "q.tfw"):
        (folder / name).write_text(name)
    bundle = folder / "all.gdb"
    bundle.mkdir()
    (bundle / "a00000001.gdbtable").write_text("x")

    def named(name, **more):
        return [given.name for given in store.inputs_of(quiet.project, [folder / name], **more)]

    assert named("p.shp") == ["p.cpg", "p.dbf", "p.shp", "p.shx"]
    assert named("q.tif", kept=False) == ["q.tfw", "q.tif", "q.tif.aux.xml"]
    assert named("all.gdb") == ["all.gdb/a00000001.gdbtable"]
    assert named("seawatch.toml") == ["seawatch.toml"]


@pytest.mark.parametrize("name", ["layers/permits.gpkg", "scenes/S2-2026-11-14.json"])
def test_an_input_written_to_while_it_is_read_stops_the_run(week, monkeypatch, name):
    path = week.project.folder / name
    draw = atlas.page.draw

    def meddle(*args, **kwargs):
        path.write_bytes(path.read_bytes() + b" ")
        return draw(*args, **kwargs)

    monkeypatch.setattr(atlas.page, "draw", meddle)
    with pytest.raises(InputRefused, match=f"{path.name}: changed while the run read it"):
        week.run("2026-11-16")
    assert not list(week.project.archive.glob("*W47*"))
    assert runs_said(week) == []


def test_settings_written_to_since_they_were_read_stop_the_run(quiet):
    toml = quiet.project.folder / "seawatch.toml"
    toml.write_text(toml.read_text("utf-8").replace('"test"', '"other"'), "utf-8")
    with pytest.raises(UsageError, match="changed since it was read"):
        quiet.run("2026-11-23")


def test_a_run_is_adopted_once_where_only_its_name_was_missing(quiet, monkeypatch):
    def cut(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(quiet.project.folder), "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        quiet.run("2026-11-23")
    monkeypatch.undo()
    hidden = quiet.project.archive / ".2026-W48.part"
    whole = bytes_of(hidden)
    assert runs_said(quiet) == ["2026-W48"]
    assert any("W48.part" in fault for fault in quiet.verify().faults)
    again = quiet.run("2026-11-23")
    assert not again.new
    assert bytes_of(again.folder) == whole
    assert not hidden.exists()
    assert runs_said(quiet) == ["2026-W48"]
    assert quiet.verify().faults == []


def test_a_folder_left_behind_that_the_journal_does_not_know_is_cleared(quiet):
    quiet.run("2026-11-23")
    shutil.copytree(quiet.project.archive / "2026-W48", quiet.project.archive / ".2026-W49.part")
    stray = store.blob(quiet.project, "ab" + "0" * 62)
    stray.parent.mkdir(parents=True)
    stray.write_text("of an interrupted run")
    with mend.hold(quiet.project):
        assert sorted(p.name for p in quiet.project.archive.iterdir()) == [".lock", "2026-W48"]
    assert not stray.exists()
    assert quiet.verify().faults == []


def test_the_store_is_not_swept_while_a_run_is_missing(quiet):
    run = quiet.run("2026-11-23")
    blobs = bytes_of(quiet.project.folder / "inputs")
    shutil.rmtree(run.folder)
    (quiet.project.archive / ".2026-W49.part").mkdir()
    with mend.hold(quiet.project):
        assert bytes_of(quiet.project.folder / "inputs") == blobs


def test_a_lost_run_is_made_again_in_its_own_place(quiet):
    quiet.run("2026-11-16")
    run = quiet.run("2026-11-23")
    journal.append(quiet.project, "assign", [{"flag": "F"}])
    before = bytes_of(run.folder)
    shutil.rmtree(run.folder)
    with pytest.raises(InputRefused, match="2026-W48: gone, but the journal knows it"):
        quiet.run("2026-11-30")
    assert bytes_of(quiet.run("2026-11-23").folder) == before
    assert runs_said(quiet) == ["2026-W47", "2026-W48"]
    assert quiet.verify().faults == []
    assert quiet.run("2026-11-30").manifest["previous"] == "2026-W48"


def test_a_lost_run_made_from_other_inputs_takes_a_new_name(quiet):
    folder = quiet.run("2026-11-23").folder
    shutil.rmtree(folder)
    again = quiet.run("2026-11-23", language="en")
    assert again.folder.name == "2026-W48.r2"
    assert again.manifest["supersedes"] == "2026-W48"


def test_a_lost_run_that_comes_out_otherwise_is_not_put_in_its_place(quiet, monkeypatch):
    shutil.rmtree(quiet.run("2026-11-23").folder)
    monkeypatch.setattr(atlas.page, "html", lambda drawn: "otherwise")
    with pytest.raises(InputRefused, match="made again it differs"):
        quiet.run("2026-11-23")


@pytest.mark.parametrize("name", ["flags.gpkg", "run.json", "index.html"])
def test_the_next_run_is_not_built_on_an_altered_one(quiet, name):
    path = quiet.run("2026-11-16").folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputRefused, match=f"W47.{name}"):
        quiet.run("2026-11-23")
    assert not (quiet.project.archive / "2026-W48").exists()


def test_all_is_on_the_disk_before_the_journal_tells_of_it(quiet, monkeypatch):
    done = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def synced(handle):
        done.append(("fsync", os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def renamed(real):
        def call(source, target, **more):
            done.append(("rename", str(target)))
            real(source, target, **more)

        return call

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed(rename))
    monkeypatch.setattr(os, "replace", renamed(replace))
    run = quiet.run("2026-11-23")
    folder = quiet.project.folder
    told = done.index(("rename", str(folder / "journal.jsonl")))
    named = done.index(("rename", str(run.folder)))
    assert told < named
    # the line is on the disk before the run takes its name, and the name is at the end
    assert ("fsync", str(folder)) in done[told:named]
    assert done[named + 1] == ("fsync", str(quiet.project.archive))
    synced_first = {path for what, path in done[:told] if what == "fsync"}
    hidden = quiet.project.archive / ".2026-W48.part"
    for path in (run.folder, *run.folder.rglob("*")):
        assert str(hidden / path.relative_to(run.folder)) in synced_first
    for path in (folder / "inputs").rglob("*"):
        wanted = path if path.is_dir() else path.parent
        assert str(wanted) in synced_first
        assert path.is_dir() or ("rename", str(path)) in done[:told]


def make_old(space):
    """The workspace as seawatch made it before there was a journal."""
    for path in space.project.archive.glob("*/run.json"):
        manifest = json.loads(path.read_text("utf-8"))
        for name in ("format", "chain"):
            del manifest[name]
        for row in manifest["inputs"]:
            del row["kept"]
        path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    (space.project.folder / "journal.jsonl").unlink()
    shutil.rmtree(space.project.folder / "inputs")


def test_runs_of_before_the_journal_are_taken_in_as_they_are(quiet):
    for day in ("2026-11-09", "2026-11-16"):
        quiet.run(day)
    make_old(quiet)
    old = bytes_of(quiet.project.archive)
    assert len(quiet.verify().faults) > 0  # nothing vouches for them yet
    run = quiet.run("2026-11-23")
    assert run.manifest["previous"] == "2026-W47"
    assert runs_said(quiet) == ["2026-W46", "2026-W47", "2026-W48"]
    now = bytes_of(quiet.project.archive)
    assert {name: now[name] for name in old} == old
    assert quiet.verify().faults == []


def test_damaged_old_runs_newer_ones_and_a_lost_journal_are_refused(quiet):
    for day in ("2026-11-09", "2026-11-16"):
        quiet.run(day)
    said = (quiet.project.folder / "journal.jsonl").read_bytes()
    (quiet.project.folder / "journal.jsonl").unlink()
    with pytest.raises(InputRefused, match=r"journal\.jsonl: gone, but 2026-W46 was made with it"):
        quiet.run("2026-11-23")
    (quiet.project.folder / "journal.jsonl").write_bytes(said)
    make_old(quiet)
    page = quiet.project.archive / "2026-W46" / "index.html"
    page.write_text("altered")
    with pytest.raises(InputRefused, match=r"index\.html: not as the run wrote it"):
        quiet.run("2026-11-23")
    assert not (quiet.project.folder / "journal.jsonl").exists()
    manifest = quiet.project.archive / "2026-W47" / "run.json"
    fields = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**fields, "format": archive.FORMAT + 1}), "utf-8")
    with pytest.raises(InputRefused, match="of a newer seawatch; update this one"):
        quiet.run("2026-11-23")


def test_a_layer_is_not_put_in_place_during_a_run(quiet, tmp_path):
    from seawatch.errors import Busy

    file = tmp_path / "zones.geojson"
    rows = {"zone_id": ["Z"], "kind": ["redline"]}
    gpd.GeoDataFrame(rows, geometry=[at(0, 0, 9, 9)], crs=CRS).to_crs(4326).to_file(file)
    with mend.hold(quiet.project), pytest.raises(Busy):
        quiet.import_layer(file, "zones", gateway.Reading())
    assert quiet.import_layer(file, "zones", gateway.Reading())[0].exists()


def test_what_the_writer_of_tables_cannot_write_is_said_with_the_path(quiet, monkeypatch):
    def refuse(*args, **kwargs):
        raise DataSourceError("disk I/O error")

    monkeypatch.setattr("pyogrio.raw.write", refuse)
    with pytest.raises(CannotFinish, match=r"W48\.part.*disk I/O error"):
        quiet.run("2026-11-23")


def test_a_visit_that_comes_in_during_a_run_is_left_to_the_next(quiet, monkeypatch):
    from datetime import UTC, datetime

    moment = datetime(2026, 11, 23, 1, tzinfo=UTC)
    case = {"flag_id": "F", "event": "stopped", "at": "2026-11-20", "by": "7", "note": None}
    place = archive.place

    def told_meanwhile(*args):
        rows = [{**case, "instead_of": None}]
        journal.append(quiet.project, "case", rows, recorded=moment)
        return place(*args)

    monkeypatch.setattr(archive, "place", told_meanwhile)
    first = quiet.run("2026-11-23")
    monkeypatch.undo()
    assert first.manifest["said"] is None
    second = quiet.run("2026-11-23")
    assert (second.folder.name, second.manifest["said"] is None) == ("2026-W48.r2", False)
    shutil.rmtree(second.folder)
    assert quiet.run("2026-11-23").folder.name == "2026-W48.r2"
    assert quiet.verify().faults == []
