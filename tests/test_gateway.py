"""The door for layers from elsewhere: a dirty register in, nothing wrong or silent out."""

import dirty
import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import shape

from conftest import CRS, to_parquet
from seawatch.errors import InputRefused
from seawatch.io.gateway import Reading, bring_in
from seawatch.tables import PERMITS


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """The dirty register brought in with --keep-good, what was planted, and what was before."""
    features, plan, before = dirty.planted()
    path = dirty.save(tmp_path_factory.mktemp("dirty") / "permits.geojson", features)
    brought = bring_in(path, PERMITS, CRS, Reading(repair=True, keep_good=True))
    return brought, features, plan, before


def repaired(record):
    return {(row, one["what"]) for one in record["repairs"] for row in one["rows"]}


def test_every_planted_defect_is_found(register):
    brought, _, plan, _ = register
    record = brought.record
    why = {one["row"]: " | ".join(one["why"]) for one in record["refused"]}
    repairs = repaired(record)
    notices = {(one["row"], one["what"]) for one in record["notices"]}
    missed = []
    for name, (_, what) in dirty.REPAIRS.items():
        missed += [(name, row) for row in plan[name] if (row, what) not in repairs]
    for name, (_, said) in dirty.FAULTS.items():
        missed += [(name, row, why.get(row)) for row in plan[name] if said not in why.get(row, "")]
    for name, (_, what) in dirty.NOTICES.items():
        missed += [(name, row) for row in plan[name] if (row, what) not in notices]
    missed += [r for r in plan["number repeated"] if "'permit_id' repeats" not in why.get(r, "")]
    missed += [r for r in plan["row repeated"] if (r, "twin") not in repairs]
    for name, what in (("same ground", "same_ground"), ("neighbour's sliver", "sliver")):
        pairs = {frozenset((n["row"], n["other"])) for n in record["notices"] if n["what"] == what}
        planted = {frozenset(plan[name][i : i + 2]) for i in range(0, len(plan[name]), 2)}
        missed += [] if pairs == planted else [(name, pairs ^ planted)]
    assert missed == []


def test_nothing_is_said_of_the_other_rows(register):
    brought, _, plan, _ = register
    record = brought.record
    wrong = {row for name in dirty.FAULTS for row in plan[name]} | set(plan["number repeated"])
    assert {one["row"] for one in record["refused"]} == wrong
    mended = {row for name in dirty.REPAIRS for row in plan[name]} | set(plan["row repeated"])
    assert {row for row, _ in repaired(record)} == mended
    noticed = {row for name in dirty.NOTICES for row in plan[name]}
    noticed |= {*plan["same ground"], *plan["neighbour's sliver"]}
    assert {one["row"] for one in record["notices"]} <= noticed


def test_nothing_is_changed_in_silence(register):
    brought, features, plan, before = register
    record, frame = brought.record, brought.frame.set_index("permit_id")
    touched = {row for row, _ in repaired(record)}
    assert len(frame) == record["counts"]["accepted"]
    refused = {one["row"] for one in record["refused"]}
    words = {(one["column"], one["from"]): one["to"] for one in record["recoded"]}
    read = 0
    for row, feature in enumerate(features, 1):
        if row in refused or row in plan["row repeated"]:
            continue
        read += 1
        given, got = feature["properties"], frame.loc[feature["properties"]["permit_id"]]
        if row not in touched:
            assert got.geometry.equals_exact(shape(feature["geometry"]), 0)
        for column, value in given.items():
            if column == "permit_id":
                continue
            expected = words.get((column, "" if value is None else str(value)), value)
            assert same(got[column], expected, column, before[row - 1]["properties"]), (row, column)
    assert read == len(frame)
    assert sum(record["counts"][k] for k in ("accepted", "refused", "repeated")) == len(features)


def same(got, expected, column, before):
    if column in ("valid_from", "valid_to"):
        plain = before[column] if "-" not in str(expected) else expected
        return str(got.date()) == plain
    if column in ("area_ha", "meridian", "sigma_m"):
        return np.isnan(got) if expected is None else got == expected
    return got == (str(int(expected)) if isinstance(expected, (int, float)) else expected)


def test_words_are_read_as_the_codes_they_mean(register):
    brought, features, plan, _ = register
    frame = brought.frame.set_index("permit_id")
    for name, (_, column, code) in dirty.WORDS.items():
        for row in plan[name] if column else []:
            assert frame.loc[features[row - 1]["properties"]["permit_id"], column] == code, name
    told = {(one["from"], one["to"]) for one in brought.record["recoded"]}
    assert {("填海造地", "11"), ("34", "31"), ("围海养殖用海", "33")} <= told
    assert all(
        one["note"] for one in brought.record["recoded"] if one["from"] in ("填海造地", "34")
    )


def test_repairs_say_the_area_before_and_after(register):
    record = register[0].record
    for one in record["repairs"]:
        assert len(one["rows"]) == len(one["before_m2"]) == len(one["after_m2"])
        for before, after in zip(one["before_m2"], one["after_m2"], strict=True):
            if before is not None and one["what"] not in ("sliver", "crossing"):
                assert before == pytest.approx(after, abs=0.001)
            elif before is not None:
                assert 0 < abs(before - after) < 30 or one["what"] == "crossing"


def test_without_keep_good_a_dirty_register_is_refused_whole(register, tmp_path):
    path = dirty.save(tmp_path / "permits.geojson", register[1])
    with pytest.raises(InputRefused, match="--keep-good imports those alone"):
        bring_in(path, PERMITS, CRS, Reading(repair=True))


def test_a_layer_that_is_only_read_is_not_repaired(tmp_path):
    features = dirty.clean(20)
    dirty.REPAIRS["clockwise"][0](features[3])
    path = dirty.save(tmp_path / "p.geojson", features)
    record = bring_in(path, PERMITS, CRS).record
    assert repaired(record) == {(4, "turned")}
    dirty.REPAIRS["sliver part"][0](features[7])
    features.append(features[0])
    path = dirty.save(tmp_path / "q.geojson", features)
    with pytest.raises(InputRefused) as refused:
        bring_in(path, PERMITS, CRS)
    said = str(refused.value)
    assert "sliver in row 8; `seawatch layers import` repairs it" in said
    assert "repeats another, word for word, in row 21" in said


CLEAN = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf"}


@pytest.mark.parametrize("suffix", [*CLEAN, "parquet", "csv", "xlsx", "gdb"])
def test_of_a_clean_register_nothing_is_said(tmp_path, suffix):
    features = dirty.clean(dirty.ROWS if suffix in ("gpkg", "geojson") else 400)
    frame = gpd.GeoDataFrame.from_features(features, crs=CRS)
    path = tmp_path / f"permits.{suffix}"
    crs = None
    if suffix == "geojson":
        dirty.save(path, features)
    elif suffix == "parquet":
        to_parquet(frame, path)
    elif suffix in ("csv", "xlsx"):
        crs = CRS
        plain = frame.drop(columns="geometry").assign(
            wkt=frame.geometry.to_wkt(rounding_precision=-1)
        )
        (plain.to_csv if suffix == "csv" else plain.to_excel)(path, index=False)
    elif suffix == "gdb":
        write_gdb(frame, path)
    else:
        cut = {"project_name": "project_na"} if suffix == "shp" else {}
        frame.rename(columns=cut).to_file(path, driver=CLEAN[suffix], engine="pyogrio")
    brought = bring_in(path, PERMITS, CRS, Reading(repair=True, crs=crs))
    record = brought.record
    assert (record["refused"], record["notices"], record["recoded"]) == ([], [], [])
    assert suffix == "gdb" or record["repairs"] == []
    expected = PERMITS.check(frame).sort_values("permit_id", ignore_index=True)
    got = brought.frame.sort_values("permit_id", ignore_index=True)
    assert got.drop(columns="geometry").equals(expected.drop(columns="geometry"))
    assert single(got).geom_equals_exact(single(expected), 1e-3 if suffix == "gdb" else 1e-8).all()


def single(frame):
    """The outlines, whichever way and from whichever corner they run; a part of one is that part."""
    return frame.geometry.explode(ignore_index=True).normalize()


def write_gdb(frame, path):
    frame.to_file(path, driver="OpenFileGDB", engine="pyogrio")
