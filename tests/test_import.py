"""`seawatch layers import`: what it says, what it keeps, and what `check` says of the same file."""

import json

import dirty
import geopandas as gpd
import pytest

from conftest import CRS, write_layers
from seawatch.maps import imported
from seawatch.tables import COASTLINE


@pytest.fixture
def bureau(tmp_path):
    from shapely.geometry import LineString

    from conftest import X, Y

    coast = {"segment_id": "S1", "kind": "artificial", "baseline": "b", "surveyed": "2020-01-01"}
    folder = tmp_path / "bureau"
    folder.mkdir()
    return write_layers(folder, CRS, {COASTLINE: [(coast, LineString([(X, Y), (X + 9, Y)]))]})


def features():
    found = dirty.clean(30)
    dirty.REPAIRS["clockwise"][0](found[2])
    dirty.REPAIRS["sliver part"][0](found[5])
    dirty.WORDS["a word for all fill"][0](found[7])
    dirty.NOTICES["area in mu"][0](found[9])
    return found


def test_an_import_says_what_it_did_and_keeps_it(seawatch, bureau, tmp_path):
    path = dirty.save(tmp_path / "用海.geojson", features())
    code, out, err = seawatch("layers", "import", path, "--as", "permits", "--into", bureau)
    assert code == 0, err
    assert len(gpd.read_file(out.strip())) == 30
    kept = json.loads((bureau / "layers" / "permits.import.json").read_text("utf-8"))
    assert kept["counts"] == {
        "read": 30,
        "accepted": 30,
        "repaired": 2,
        "repeated": 0,
        "refused": 0,
        "deleted": 0,
    }
    for said in (
        "用海.geojson：GeoJSON",
        "编码 UTF-8",
        "坐标系 EPSG:4549",
        "“填海造地”读作 11",
        "统一环的走向，第 3 行",
        "去除碎片部分或碎洞，第 6 行",
        "可能单位是亩",
        "收 30 行（修复 2）",
    ):
        assert said in err
    english = "\n".join(imported.lines(kept, "en"))
    assert "is it in mu (1/15 ha)?" in english
    assert "30 rows read, 30 accepted (2 repaired)" in english


def test_bad_rows_are_left_out_by_name_only_when_told(seawatch, bureau, tmp_path):
    found = features()
    dirty.FAULTS["figure of eight"][0](found[11])
    dirty.FAULTS["unknown mode"][0](found[12])
    path = dirty.save(tmp_path / "p.geojson", found)
    into = ("layers", "import", path, "--as", "permits", "--into", bureau)
    code, out, err = seawatch(*into)
    assert (code, out) == (3, "")
    assert "row 12: its outline crosses itself" in err
    assert "28 of 30 rows are good; --keep-good imports those alone" in err
    assert not list((bureau / "layers").glob("permits*"))
    code, out, err = seawatch(*into, "--keep-good", "--json")
    told = json.loads(out)
    assert code == 0
    assert [(one["row"], one["id"]) for one in told["refused"]] == [
        (12, "2023C000011"),
        (13, "2023C000012"),
    ]
    assert told["refused"][1]["why"][0].endswith("in row 13 ('46')")
    kept = json.loads((bureau / "layers" / "permits.import.json").read_text("utf-8"))
    assert {key: told[key] for key in kept} == kept


def test_check_says_the_same_of_the_files_it_reads(seawatch, bureau, tmp_path):
    found = features()
    dirty.REPAIRS["sliver part"][0](found[6])
    path = dirty.save(bureau / "layers" / "p.geojson", found)
    toml = bureau / "seawatch.toml"
    text = toml.read_text("utf-8").replace("[layers]", '[layers]\npermits = "layers/p.geojson"')
    toml.write_text(text.replace("'permits', ", ""), "utf-8")
    code, out, _ = seawatch("check", bureau)
    assert code == 3
    assert "sliver in rows 6, 7; `seawatch layers import` repairs it" in out
    plain = dirty.clean(30)
    dirty.REPAIRS["clockwise"][0](plain[2])
    dirty.NOTICES["area in mu"][0](plain[9])
    dirty.save(path, plain)
    code, out, err = seawatch("check", bureau)
    assert code == 0, out
    assert "p.geojson (permits): 修复：统一环的走向，第 3 行" in err
    assert "可能单位是亩" in err


def test_options_reach_the_file(seawatch, bureau, tmp_path):
    found = dirty.clean(5)
    for feature in found:
        feature["properties"]["编号"] = feature["properties"].pop("permit_id")
    path = dirty.save(tmp_path / "p.geojson", found, crs="EPSG:4528")
    into = ("layers", "import", path, "--as", "permits", "--into", bureau)
    code, _, err = seawatch(*into)
    assert code == 3
    assert "no column 'permit_id'" in err
    assert "the easting carries no zone number: --crs EPSG:4549" in err
    code, _, err = seawatch(*into, "--crs", "EPSG:4549", "--rename", "编号=permit_id")
    assert code == 0, err
    assert seawatch(*into, "--rename", "编号")[0] == 2
    assert "there already" in seawatch(*into)[2]
