"""What of the area was seen, and how small a thing would have shown."""

import geopandas as gpd
import pandas as pd
import pytest

from conftest import CRS, at
from seawatch import coverage
from seawatch.tables import COVERAGE, ZONES


def seen(*rows):
    """A coverage table from (shape, sensor, smallest area at 95 %) rows; None for unseen."""
    frame = {
        "seen": ["no" if least is None else "yes" for _, _, least in rows],
        "why": ["masked" if least is None else "clear" for _, _, least in rows],
        "before": pd.Timestamp("2025-11-20", tz="UTC"),
        "after": pd.Timestamp("2026-11-20", tz="UTC"),
        "sensor": [sensor for _, sensor, _ in rows],
        "least50_m2": [None if least is None else least / 3 for _, _, least in rows],
        "least95_m2": [least for _, _, least in rows],
        "area_m2": [shape.area for shape, _, _ in rows],
    }
    shapes = [shape for shape, _, _ in rows]
    return COVERAGE.check(gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS))


def zones(*shapes):
    rows = {"zone_id": [f"Z{n}" for n in range(len(shapes))], "kind": "redline"}
    return ZONES.check(gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS))


def test_the_sharpest_pair_of_each_sensor_speaks_for_a_place():
    table = seen(
        (at(0, 0, 500, 1000), "sentinel-2-l2a", 1200.0),
        (at(0, 0, 1000, 1000), "sentinel-2-l2a", 1500.0),
        (at(0, 0, 100, 100), "drone-rgb", 2.0),
    )
    told = coverage.sight(table, zones(at(600, 0, 900, 900), at(10, 10, 50, 50)))
    least = {(row["sensor"], row["zone"]): row["least95_m2"] for row in told}
    assert least == {
        ("sentinel-2-l2a", None): 1200,
        ("drone-rgb", None): 2,
        ("sentinel-2-l2a", "Z0"): 1500,
        ("sentinel-2-l2a", "Z1"): 1200,
        ("drone-rgb", "Z1"): 2,
    }


def test_a_zone_nobody_saw_is_there_with_nothing():
    table = seen(
        (at(0, 0, 500, 1000), "sentinel-2-l2a", 1200.0),
        (at(500, 0, 1000, 1000), "sentinel-2-l2a", None),
    )
    told = coverage.sight(table, zones(at(600, 0, 900, 900)))
    assert told[-1] == {"sensor": None, "zone": "Z0", "least50_m2": None, "least95_m2": None}


@pytest.mark.parametrize("order", [1, -1])
def test_what_one_pair_hides_and_another_shows_is_not_unseen(order):
    """A flag would lie on ground that the map draws as never seen."""
    rows = [(at(0, 0, 600, 1000), None, 1200.0), (at(600, 0, 1000, 1000), None, None)]
    rows += [(at(600, 0, 800, 1000), None, 1500.0), (at(500, 0, 600, 1000), None, None)]
    table = seen(*rows).assign(before_scene=["a", "a", "b", "b"], after_scene="c")[::order]
    told = coverage.complete(table, at(0, 0, 1000, 1000))
    (left,) = told[told.seen == "no"].itertuples()
    assert left.geometry.equals(at(800, 0, 1000, 1000))
    assert left.area_m2 == pytest.approx(200_000, rel=1e-3)
    assert list(told[told.seen == "yes"].geometry) == list(table[table.seen == "yes"].geometry)


def test_ground_no_pair_shows_is_a_row_of_its_own():
    table = coverage.complete(
        seen((at(0, 0, 500, 1000), "sentinel-2-l2a", 1200.0)), at(0, 0, 1000, 1000)
    )
    assert list(table.why) == ["clear", "not_imaged"]
    assert coverage.summary(table, at(0, 0, 1000, 1000))["seen"] == 0.5
