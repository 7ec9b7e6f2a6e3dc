"""The commands as an operator meets them: what they print, and how they leave."""

import json
import resource
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Polygon, box

from conftest import CRS, X, Y, at, changes_of, paint, permit, save_scene, shore, write_layers
from seawatch.io.vectors import write_file
from seawatch.law import RULE_IDS
from seawatch.rules import RULES
from seawatch.sensors import SENSORS
from seawatch.tables import CHANGES, PERMITS, TABLES

EVERYWHERE = "surface,water,seabed,subsoil"


@pytest.fixture
def bureau(tmp_path):
    """A workspace with one permit and no scenes."""
    rows = [(permit("A", "11", EVERYWHERE), at(80, 250, 200, 420))]
    return write_layers(tmp_path, CRS, {PERMITS: rows})


def test_help_comes_at_once():
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", "from seawatch.cli import main; main()", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert "demo" in done.stdout
    assert min(spent) < 0.4


def test_an_empty_workspace_explains_itself(seawatch, tmp_path):
    folder = tmp_path / "mine"
    code, out, _ = seawatch("init", folder)
    assert (code, out.strip()) == (0, str(folder / "seawatch.toml"))
    code, out, _ = seawatch("check", folder)
    assert code == 3
    assert "permits.gpkg: no such file" in out
    code, _, err = seawatch("init", folder)
    assert code == 2
    assert "a workspace already" in err


def test_check_notes_what_the_constituents_leave_out(seawatch, bureau):
    port = {"latitude": 38, "harmonic_constituents": [{"name": "M2", "amplitude": 1, "phase": 9}]}
    (bureau / "port.json").write_text(json.dumps(port))
    with (bureau / "seawatch.toml").open("a") as file:
        file.write('\n[tide]\nconstituents = "port.json"\n')
    code, out, err = seawatch("check", bureau)
    assert (code, out.strip()) == (0, "nothing is wrong")
    assert err.startswith("note: tide: no Sa among the constituents")
    _, out, _ = seawatch("check", bureau, "--json")
    assert len(json.loads(out)["notices"]) == 1


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("[ruls]\nx = 1", "did you mean 'rules'?"),
        ('[project]\nname = "x"\ncrs = "EPSG:4326"', "not projected in metres"),
        ("[rules.no_permitt]\nmin_area_m2 = 1", "did you mean 'no_permit'?"),
        ("[rules.no_permit]\nmin_aera_m2 = 1", "did you mean 'min_area_m2'?"),
        ("[tide]\nguage = 'x'", "did you mean 'gauge'?"),
        ("x = ", "not TOML"),
    ],
)
def test_a_wrong_line_names_the_right_one(seawatch, bureau, line, cure):
    toml = bureau / "seawatch.toml"
    text = toml.read_text("utf-8")
    if line.startswith("[project]"):
        text = text[text.index("[layers]") :]
    toml.write_text(f"{line}\n{text}" if line.startswith("[project]") else f"{text}\n{line}")
    code, _, err = seawatch("check", bureau)
    assert code == 2
    assert cure in err
    assert "seawatch.toml" in err


def spoil(bureau, how):
    """Break the permits layer in one way."""
    path = bureau / "layers" / "permits.gpkg"
    frame = gpd.read_file(path)
    path.unlink()
    if how == "missing":
        return
    if how == "empty":
        frame = frame.iloc[:0]
    if how == "invalid":
        bow = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
        frame = frame.set_geometry([bow], crs=CRS)
    if how == "no CRS":
        frame = frame.set_crs(None, allow_override=True)
    if how == "wrong CRS":
        frame = frame.set_crs("EPSG:4326", allow_override=True)
    if how == "no column":
        frame = frame.drop(columns="valid_to")
    frame.to_file(path, driver="GPKG", engine="pyogrio")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing", "no such file"),
        ("empty", "name 'permits' in `absent`"),
        ("invalid", "row 1: its outline crosses itself (Self-intersection"),
        ("no CRS", "no CRS"),
        ("wrong CRS", "outside WGS 84"),
        ("no column", "no column 'valid_to' (last day of the right, inclusive)"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_bad_layer_is_refused_with_its_cure(seawatch, bureau, how, said):
    spoil(bureau, how)
    code, _, err = seawatch("run", bureau, "--on", "2026-11-23")
    assert code == 3
    assert "permits.gpkg" in err
    assert said in err
    assert not list((bureau / "runs").glob("*W48*"))


@pytest.fixture
def raster(tmp_path):
    return save_scene(tmp_path / "S2.tif", paint(np.random.default_rng(0), shore()))


def add(seawatch, bureau, raster, *more, taken="2026-11-20T02:50:00Z", sensor="sentinel-2-l2a"):
    options = ("--sensor", sensor, "--taken", taken, "--into", bureau)
    return seawatch("scenes", "add", raster, *options, *more)


def test_a_date_without_a_zone_is_asked_for_one(seawatch, bureau, raster):
    code, _, err = add(seawatch, bureau, raster, taken="2026-11-20T10:50:00")
    assert code == 2
    assert "2026-11-20T10:50:00+08:00" in err
    assert not list((bureau / "scenes").iterdir())


def test_a_truncated_raster_is_refused(seawatch, bureau, raster):
    raster.write_bytes(raster.read_bytes()[:30_000])
    code, _, err = add(seawatch, bureau, raster)
    assert code == 3
    assert "S2.tif" in err
    assert "copy the file again" in err
    assert not list((bureau / "scenes").iterdir())


def test_a_raster_without_a_place_is_refused(seawatch, bureau, tmp_path):
    import rasterio

    path = tmp_path / "nowhere.tif"
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", width=9, height=9, count=4, dtype="uint8") as f,
    ):
        f.write(np.ones((4, 9, 9), "uint8"))
    code, _, err = add(seawatch, bureau, path)
    assert code == 3
    assert "georeference it" in err


def test_a_missing_band_is_named(seawatch, bureau, tmp_path):
    pixels = paint(np.random.default_rng(0), shore())[:3]
    path = save_scene(tmp_path / "three.tif", pixels, bands=["one", "two", "three"])
    code, _, err = add(seawatch, bureau, path)
    assert code == 2
    assert "3 bands (one, two, three)" in err
    assert "--bands" in err


def test_an_unknown_sensor_names_the_known(seawatch, bureau, raster):
    code, _, err = add(seawatch, bureau, raster, sensor="sentinel-9")
    assert code == 2
    assert "sentinel-2-l2a" in err


def test_a_file_that_only_says_tif_is_refused(seawatch, bureau, tmp_path):
    path = tmp_path / "trick.tif"
    path.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    code, _, err = add(seawatch, bureau, path)
    assert code == 3
    assert "trick.tif" in err


def test_rasters_that_do_not_overlap(seawatch, raster, tmp_path):
    pixels = paint(np.random.default_rng(1), shore())
    far = save_scene(tmp_path / "far.tif", pixels, origin=(700_000, 4_200_000))
    out = tmp_path / "changes.gpkg"
    code, _, err = seawatch("detect", raster, far, "-o", out, "--sensor", "sentinel-2-l2a")
    assert code == 3
    assert "do not overlap" in err
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        (".hidden.tif", (), "no name of a scene"),
        ("a\\b.tif", (), "no name of a scene"),
        ("n.json", (), "no name of a raster"),
        ("n.tif", ("--sigma-m", "nan"), "--sigma-m nan"),
        ("n.tif", ("--sigma-m", "-1"), "--sigma-m -1"),
        ("n.tif", ("--taken", "0001-01-01T00:00:00+08:00"), "is no instant"),
        ("n.tif", ("--taken", "9999-12-31T23:59:59-08:00"), "is no instant"),
    ],
)
def test_a_scene_is_not_taken_in_to_be_refused_later(seawatch, tmp_path, week, name, more, said):
    scenes = week.project.folder / "scenes"
    raster = tmp_path / name
    raster.write_bytes((scenes / "S2-2026-11-14.tif").read_bytes())
    before = sorted(scenes.iterdir())
    taken = () if "--taken" in more else ("--taken", "2026-11-20T02:50:00Z")
    words = ["--into", week.project.folder, "--sensor", "sentinel-2-l2a", *taken, *more]
    code, _, err = seawatch("scenes", "add", raster, *words)
    assert (code, said in err) == (2, True)
    assert sorted(scenes.iterdir()) == before


def test_a_week_from_the_command_line(seawatch, week):
    folder = week.project.folder
    code, out, _ = seawatch("check", folder)
    assert (code, out.strip()) == (0, "nothing is wrong")
    code, out, _ = seawatch("run", folder, "--on", "2026-11-16", "--json", "--fail-on-new")
    assert code == 10
    assert json.loads(out)["flags"] == {"new": 1}
    code, out, _ = seawatch("run", folder, "--on", "2026-11-16")
    assert code == 0
    assert "nothing to do" in out
    code, out, _ = seawatch("map", folder, "--issue", "2026-W47", "--lang", "en")
    assert code == 0
    assert out.strip().endswith("maps/2026-W47/index.html")
    (folder / "scenes" / "S2-2026-11-21.tif").write_bytes(b"II*\0broken")
    code, _, err = seawatch("run", folder, "--on", "2026-11-23")
    assert code == 4
    assert "S2-2026-11-21.tif" in err


def test_a_scene_that_shows_nothing_of_the_place(seawatch, week, tmp_path):
    folder = week.project.folder
    pixels = paint(np.random.default_rng(1), shore())
    far = save_scene(tmp_path / "far.tif", pixels, origin=(700_000, 4_200_000))
    assert add(seawatch, folder, far, taken="2026-11-15T02:50:00Z")[0] == 0
    code, out, _ = seawatch("check", folder)
    assert code == 3
    assert "far.json: does not overlap" in out
    code, out, err = seawatch("run", folder, "--on", "2026-11-16")
    assert code == 4
    assert "check its CRS and position" in err
    assert "1 new" in out


def test_detect_then_judge(seawatch, week, tmp_path):
    scenes = week.project.folder / "scenes"
    changes, score = tmp_path / "changes.gpkg", tmp_path / "score.tif"
    pair = (scenes / "S2-2025-11-12.tif", scenes / "S2-2026-11-14.tif")
    sensor = ("--sensor", "sentinel-2-l2a")
    code, out, _ = seawatch("detect", *pair, "-o", changes, "--score", score, *sensor)
    assert code == 0
    assert "land_gained" in out
    findings = tmp_path / "findings.gpkg"
    layers = ("--layers", week.project.folder / "layers", "--on", "2026-11-16", "-o", findings)
    code, out, _ = seawatch("judge", changes, *layers, "--json")
    assert code == 0
    assert json.loads(out)["findings"] == {"fill_no_permit": 1}
    assert set(gpd.read_file(findings).rule) == {"fill_no_permit"}
    (week.project.folder / "layers" / "zones.gpkg").unlink()
    code, _, err = seawatch("judge", changes, *layers)
    assert code == 3
    assert "--absent zones" in err
    code, out, _ = seawatch("judge", changes, *layers, "--absent", "zones")
    assert code == 0
    assert "redline_entered: not judged, no zones" in out


def test_a_layer_is_imported_with_what_it_lacks(seawatch, bureau, tmp_path):
    frame = gpd.GeoDataFrame({"zone_id": ["Z"]}, geometry=[box(121, 37, 121.1, 37.1)], crs=4326)
    frame.to_file(tmp_path / "z.geojson")
    into = ("--as", "zones", "--into", bureau)
    code, _, err = seawatch("layers", "import", tmp_path / "z.geojson", *into)
    assert code == 3
    assert "no column 'kind'" in err
    code, out, _ = seawatch(
        "layers", "import", tmp_path / "z.geojson", *into, "--set", "kind=redline"
    )
    assert code == 0
    assert gpd.read_file(out.strip()).crs == CRS


def test_everything_explains_itself(seawatch):
    _, out, _ = seawatch("rules")
    assert set(RULES) <= set(out.split())
    for rule in RULES:
        _, out, _ = seawatch("rules", rule)
        told = " ".join(out.lower().split())
        assert any(words in told for words in ("left alone", "leaves alone", "left to"))
    _, out, _ = seawatch("tables")
    assert set(TABLES) <= set(out.split())
    _, out, _ = seawatch("tables", "permits")
    assert "use_mode" in out
    _, out, _ = seawatch("sensors")
    assert all(name in out for name in SENSORS)
    _, out, _ = seawatch("schema")
    assert json.loads(out)["properties"]["tide"]
    assert seawatch("rules", "nope")[0] == 2
    assert seawatch("tables", "nope")[0] == 2
    assert seawatch("run", "--nope")[0] == 2


def test_rules_speak_to_machines(seawatch):
    code, out, _ = seawatch("rules", "use_changed", "--json")
    fields = json.loads(out)
    assert code == 0
    assert fields["limits"] == {"min_area_m2": 400.0}
    assert [row["amount"]["high"] for row in fields["provisions"]] == [15, 15, 12, 10]
    _, out, _ = seawatch("rules", "--json")
    assert {row["rule"] for row in json.loads(out)["rules"]} == set(RULE_IDS)
    _, out, _ = seawatch("rules", "expired", "--lang", "zh")
    assert "《海域使用管理法》第二十六条、第四十五条" in out
    assert seawatch("rules", "--lang", "fr")[0] == 2


def test_changes_keep_their_external_number(seawatch, week, tmp_path):
    path = tmp_path / "given.gpkg"
    given = changes_of(("land_gained", at(300, 450, 360, 510)), external_id="SUSPECT-7")
    write_file(path, {"changes": (given, CHANGES)})
    out = tmp_path / "f.gpkg"
    layers = week.project.folder / "layers"
    seawatch("judge", path, "--layers", layers, "--on", "2026-11-23", "-o", out)
    assert list(gpd.read_file(out).external_id) == ["SUSPECT-7"]


def test_verify_leaves_with_5_and_names_what_was_altered(seawatch, bureau):
    assert seawatch("run", bureau, "--on", "2026-11-23")[0] == 0
    code, out, _ = seawatch("verify", bureau)
    assert code == 0
    head = out.splitlines()[-1]
    assert seawatch("verify", bureau, "--head", head)[0] == 0
    page = bureau / "runs" / "2026-W48" / "index.html"
    page.write_bytes(page.read_bytes() + b" ")
    code, out, _ = seawatch("verify", bureau, "--head", "ab" * 32, "--json")
    assert code == 5
    told = json.loads(out)
    assert [fault.split(": ")[-1] for fault in told["faults"]][1:] == ["altered"]
    assert "the chain does not pass through abab" in told["faults"][0]
    assert (told["runs"], told["head"]) == (1, head)


def test_a_run_in_a_log_says_when_it_does_what(seawatch, bureau):
    code, out, err = seawatch("run", bureau, "--on", "2026-11-23")
    assert code == 0
    lines = err.splitlines()
    assert [line.split()[-1] for line in lines] == ["read", "detect", "judge", "write"]
    assert all("+0800" in line for line in lines)
    assert " before, " in out
    assert seawatch("run", bureau, "--on", "2026-11-23", "--quiet")[2] == ""


def test_the_last_success_is_noted(seawatch, bureau):
    file = bureau / "last-success.json"
    seawatch("run", bureau, "--on", "2026-11-23", "--dry-run")
    assert not file.exists()
    _, out, _ = seawatch("run", bureau, "--on", "2026-11-23", "--json")
    told = json.loads(file.read_text("utf-8"))
    assert (told["issue"], told["run"], told["on"]) == ("2026-W48", "2026-W48", "2026-11-23")
    assert told["finished"].endswith("+08:00")
    assert told["head"] == json.loads(out)["head"]
    assert json.loads(out)["head_before"] == "0" * 64
    file.unlink()
    # that there was nothing to do is a success too: the week is there
    assert seawatch("run", bureau, "--on", "2026-11-23")[0] == 0
    assert file.exists()


def test_who_finds_the_workspace_held_leaves_at_once(bureau):
    from seawatch.io import mend, settings

    took = []
    with mend.hold(settings.read_project(bureau)):
        # a machine with other work to do is slow at times: who waits, waits each time
        while min(took, default=5) >= 5 and len(took) < 3:
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-c", "from seawatch.cli import main; main()", "run", bureau],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            took.append(time.monotonic() - began)
            assert (done.returncode, "another run holds the workspace" in done.stderr) == (75, True)
    assert min(took) < 5
