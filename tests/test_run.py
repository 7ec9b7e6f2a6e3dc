"""Files in, flags out, two weeks running; and what a run promises about its folder."""

import json
import shutil
from datetime import date
from hashlib import sha256
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from conftest import at, paint, save_mask, save_scene, shore
from seawatch import workspace
from seawatch.errors import Busy, CannotFinish, InputRefused
from seawatch.io import mend


def bytes_of(folder):
    return {
        p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_two_weeks(bureau):
    first = bureau.run("2026-11-16")
    assert first.issue == "2026-W47"
    assert list(first.flags.rule) == ["fill_no_permit"]
    flag = first.flags.iloc[0]
    assert flag.status == "new"
    assert flag.geometry.intersects(at(500, 300, 580, 380))
    # 80 x 80 m, less what hugs the old shore within the scenes' misfit
    assert flag.excess_m2 == pytest.approx(6400, rel=0.15)
    assert str(flag.before)[:10] == "2025-11-12"
    assert "疑似" in flag.reason

    second = bureau.run("2026-11-23")
    assert list(second.flags.flag_id) == list(first.flags.flag_id)
    again = second.flags.iloc[0]
    assert again.status == "open"
    assert str(again.first_seen.date()) == "2026-11-16"
    assert str(again.last_seen.date()) == "2026-11-23"
    assert str(again.after)[:10] == "2026-11-14"
    assert second.manifest["previous"] == "2026-W47"


def test_the_folder_of_a_run(bureau):
    run = bureau.run("2026-11-16")
    names = {p.name for p in run.folder.iterdir()}
    tables = {f"flags.{kind}" for kind in ("gpkg", "geojson", "xlsx", "kml", "gpx", "csv")}
    assert names == {*tables, "index.html", "run.md", "run.html", "run.json", "chips", "patrols"}
    layers = ["flags", "findings", "changes", "coverage", "ground", "patrols", "reminders"]
    for layer in layers:
        assert gpd.read_file(run.folder / "flags.gpkg", layer=layer).crs == "EPSG:4549"
    styles = pd.DataFrame(gpd.read_file(run.folder / "flags.gpkg", layer="layer_styles"))
    assert set(styles.f_table_name) == set(layers)
    assert styles.useAsDefault.all()
    for text in styles.styleQML:
        assert ElementTree.fromstring(text).find("renderer-v2/categories/category") is not None
    assert gpd.read_file(run.folder / "flags.geojson").crs == "EPSG:4326"
    assert len(pd.read_excel(run.folder / "flags.xlsx")) == 1
    manifest = json.loads((run.folder / "run.json").read_text("utf-8"))
    for output in manifest["outputs"]:
        content = (run.folder / output["path"]).read_bytes()
        assert sha256(content).hexdigest() == output["sha256"]
    inputs = {row["path"] for row in manifest["inputs"]}
    assert {"seawatch.toml", "layers/permits.gpkg", "scenes/S2-2026-11-14.tif"} <= inputs
    assert len(list((run.folder / "chips").iterdir())) == 2


def test_what_was_not_seen_is_ordered_and_remembered(bureau):
    first = bureau.run("2026-11-16")
    assert first.manifest["cover"]["ordered_m2"] == 0
    assert str(first.ground.last_seen.max().date()) == "2026-11-14"
    # a week without any scene: all of it is ordered, and was seen two days before the last run
    second = bureau.run("2026-11-30", write=True)
    assert set(second.ground.state) == {"ordered"}
    assert set(second.ground.days) == {16}
    assert second.manifest["cover"]["share"] == 0.0
    flights = second.patrols[second.patrols["mode"] == "drone"]
    area = second.ground.geometry.area.sum()
    assert flights.geometry.area.sum() == pytest.approx(area, rel=1e-6)
    stops = second.patrols[second.patrols["mode"] == "visit"]
    assert list(stops.flag_id) == list(second.flags.flag_id)
    report = (second.folder / "run.md").read_text("utf-8")
    assert "什么都没看到" in report
    assert "什么都没看到" not in (first.folder / "run.md").read_text("utf-8")
    assert {p.suffix for p in (second.folder / "patrols").iterdir()} == {".kml", ".gpx"}


def test_half_months_stand_beside_weeks_and_follow_the_same_flags(week):
    first = week.run("2026-11-20", cycle="half-month")
    assert first.issue == "2026-11-2"
    second = week.run("2026-11-23")
    assert second.issue == "2026-W48"
    assert second.manifest["previous"] == "2026-11-2"
    assert list(second.flags.flag_id) == list(first.flags.flag_id)
    # of one day the half-month follows the week, whichever was run first
    third = week.run("2026-11-23", cycle="half-month")
    assert (third.issue, third.manifest["previous"]) == ("2026-12-1", "2026-W48")
    assert not week.run("2026-11-23").new
    assert week.runs()[-1].issue == "2026-12-1"


def test_the_same_week_again_is_nothing_to_do(bureau):
    run = bureau.run("2026-11-16")
    before = bytes_of(run.folder)
    again = bureau.run("2026-11-16")
    assert not again.new
    assert bytes_of(run.folder) == before
    assert list(again.flags.flag_id) == list(run.flags.flag_id)


def test_a_week_made_anew_gives_the_same_bytes(bureau):
    bureau.run("2026-11-16")
    run = bureau.run("2026-11-23")
    before = bytes_of(run.folder)
    shutil.rmtree(run.folder)
    assert bytes_of(bureau.run("2026-11-23").folder) == before


def test_other_inputs_make_a_revision(bureau, tmp_path):
    first = bureau.run("2026-11-16")
    rng = np.random.default_rng(1)
    fill = [(500, 300, 580, 380)]
    raster = save_scene(tmp_path / "S2-2026-11-16.tif", paint(rng, shore(fill)))
    bureau.add_scenes([raster], sensor="sentinel-2-l2a", taken="2026-11-16T02:50:00Z")
    second = bureau.run("2026-11-16")
    assert second.folder.name == "2026-W47.r2"
    assert second.manifest["supersedes"] == "2026-W47"
    assert first.folder.is_dir()


def test_a_broken_scene_is_put_in_quarantine(week):
    raster = week.project.folder / "scenes" / "S2-2026-11-21.tif"
    raster.write_bytes(raster.read_bytes()[:20_000])
    run = week.run("2026-11-23")
    assert [row["input"] for row in run.manifest["quarantined"]] == ["S2-2026-11-21"]
    assert "sha256" in run.manifest["quarantined"][0]["reason"]
    # nothing was seen: that is not all-clear
    assert not (run.coverage.seen == "yes").any()
    assert "not_imaged" in set(run.coverage.why)


def test_a_missing_layer_stops_the_run(week):
    (week.project.folder / "layers" / "permits.gpkg").unlink()
    with pytest.raises(InputRefused, match=r"permits\.gpkg: no such file"):
        week.run("2026-11-16")
    assert not [p for p in week.project.archive.iterdir() if p.name != ".lock"]


def test_a_cloud_is_not_an_all_clear(bureau, tmp_path):
    bureau.run("2026-11-16")
    bureau.run("2026-11-23")
    rng = np.random.default_rng(3)
    cloud = np.zeros((200, 200), bool)
    cloud[90:160, 60:160] = True
    raster = save_scene(tmp_path / "S2-2026-11-28.tif", paint(rng, shore(), cloud=cloud))
    mask = save_mask(tmp_path / "mask.tif", cloud)
    bureau.add_scenes([raster], sensor="sentinel-2-l2a", taken="2026-11-28T02:50:00Z", mask=mask)
    clouded = bureau.run("2026-11-30")
    assert list(clouded.flags.status) == ["unseen"]
    assert 0.5 < clouded.manifest["coverage"]["seen"] < 1  # of the rest much was seen
    clear = save_scene(tmp_path / "S2-2026-12-05.tif", paint(rng, shore()))
    bureau.add_scenes([clear], sensor="sentinel-2-l2a", taken="2026-12-05T02:50:00Z")
    assert list(bureau.run("2026-12-07").flags.status) == ["cleared"]


def test_one_run_at_a_time(week):
    with mend.hold(week.project), pytest.raises(Busy, match="another run"):
        week.run("2026-11-16")


def test_an_interrupted_run_leaves_nothing(week, monkeypatch):
    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device", "flags.xlsx")

    monkeypatch.setattr("seawatch.publish.write_workbook", full_disk)
    with pytest.raises(CannotFinish, match="no space left"):
        week.run("2026-11-16")
    assert not list(week.project.archive.glob("*W47*"))
    monkeypatch.undo()
    assert week.run("2026-11-16").new


def test_a_week_without_any_scene_is_said_to_be_unseen(tmp_path):
    from conftest import CRS, permit, write_layers
    from seawatch.tables import PERMITS

    rows = [(permit("A", "11", "surface"), at(0, 0, 500, 500))]
    write_layers(tmp_path, CRS, {PERMITS: rows})
    run = workspace.open(tmp_path).run("2026-11-23")
    assert run.flags.empty
    assert list(run.coverage.why) == ["not_imaged"]
    assert "未见不等于无变化" in (run.folder / "index.html").read_text("utf-8")


def test_where_the_tide_is_from_stands_in_the_record(week):
    folder = week.project.folder
    rows = [("M2", 0.6, 50.0), ("MA2", 0.01, 1.0)]
    rows = [dict(zip(("name", "amplitude", "phase"), row, strict=True)) for row in rows]
    port = folder / "port.json"
    port.write_text(json.dumps({"latitude": 37.5, "harmonic_constituents": rows}))
    (folder / "tide.csv").write_text(
        "time,height_m\n2026-11-14T02:00Z,1.0\n2026-11-14T03:00Z,1.0\n"
    )
    with (folder / "seawatch.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tide]\ngauge = "tide.csv"\nconstituents = "port.json"\n')
    week = workspace.open(folder)
    assert week.faults() == []
    assert [n.split(":")[1] for n in week.notices(date(2026, 11, 23))] == [
        " constituents not summed",
        " no Sa among the constituents",
    ]
    run = week.run("2026-11-16")
    told = run.manifest["tide"]
    assert told == {
        "sources": {"S2-2025-11-12": "seasonless", "S2-2026-11-14": "gauge"},
        "notices": week.notices(date(2026, 11, 23)),
    }
    assert {"port.json", "tide.csv"} <= {row["path"] for row in run.manifest["inputs"]}
    assert run.changes.tide_after_m.eq(1.0).all()
    assert run.changes.tide_before_m.notna().all()
    port.write_text(port.read_text().replace("0.6", "0.7"))
    assert workspace.open(folder).run("2026-11-16").folder.name == "2026-W47.r2"


def test_a_doubtful_level_vetoes_what_it_explains(week, monkeypatch):
    assert len(week.run("2026-11-16", write=False).flags) == 1
    monkeypatch.setattr("seawatch.tides.Tides.level_sigma_m", lambda *_: 1000.0)
    monkeypatch.setattr("seawatch.tides.Tides.height_at", lambda *_: 0.0)
    assert week.run("2026-11-16", write=False).flags.empty


def test_dry_run_writes_nothing(week):
    run = week.run("2026-11-16", write=False)
    assert len(run.flags) == 1
    assert run.folder is None
    assert not list(week.project.archive.glob("*W47*"))


def test_a_redrawn_map_leaves_the_run_alone(bureau):
    run = bureau.run("2026-11-16")
    before = bytes_of(run.folder)
    page = bureau.redraw("2026-W47", language="en")
    assert page == bureau.project.folder / "maps" / "2026-W47" / "index.html"
    assert "Suspected fill" in page.read_text("utf-8")
    assert bytes_of(run.folder) == before


def test_the_public_face(week):
    import seawatch as sw

    run = week.run("2026-11-16")
    scenes = week.project.folder / "scenes"
    changes = sw.detect(
        scenes / "S2-2025-11-12.tif", scenes / "S2-2026-11-14.tif", sensor="sentinel-2-l2a"
    )
    assert (changes.kind == "land_gained").sum() >= 2
    found = sw.judge(changes, week.layers(), on="2026-11-16")
    assert set(found.rule) == {"fill_no_permit"}
    assert "folium" in type(run.map()).__mro__[1].__module__
    assert callable(workspace.open)


def test_reminders_are_a_list_of_their_own(week):
    import json

    import openpyxl

    from conftest import at, frame, permit
    from seawatch.io.vectors import write_file
    from seawatch.tables import PERMITS

    soon = permit("LAWFUL", "11", "surface,water,seabed,subsoil", valid_to="2026-12-31")
    table = PERMITS.check(frame([soon], [at(80, 250, 200, 420)]))
    path = week.project.folder / "layers" / "permits.gpkg"
    path.unlink()
    write_file(path, {"permits": (table, PERMITS)})
    run = week.run(on="2026-11-16")
    assert list(run.reminders.rule) == ["renewal_due"]
    assert "LAWFUL" in run.reminders.reason.item()
    assert "renewal_due" not in set(run.flags.rule)
    again = week.runs()[0]
    assert again.reminders.drop(columns="geometry").equals(run.reminders.drop(columns="geometry"))
    manifest = json.loads((run.folder / "run.json").read_text("utf-8"))
    assert manifest["reminders"] == {"renewal_due": 1}
    book = openpyxl.load_workbook(run.folder / "flags.xlsx")
    assert book.sheetnames == ["疑点台账", "提醒事项", "说明"]
    assert book["提醒事项"].max_row == 2
    assert "1 项提醒" in (run.folder / "index.html").read_text("utf-8")


def test_check_lists_rights_that_collide(week):
    from conftest import at, frame, permit
    from seawatch.io.vectors import write_file
    from seawatch.tables import PERMITS

    rows = [permit(name, "41", "surface") for name in ("A", "B")]
    table = PERMITS.check(frame(rows, [at(80, 250, 200, 420), at(180, 250, 300, 420)]))
    path = week.project.folder / "layers" / "permits.gpkg"
    path.unlink()
    write_file(path, {"permits": (table, PERMITS)})
    (said,) = [notice for notice in week.notices(date(2026, 11, 16)) if "both hold" in notice]
    assert "A and B both hold 0.3399 ha" in said
    assert "(surface) from 2020-01-01 to 2030-12-31" in said
