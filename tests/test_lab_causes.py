"""The truth of each scene, and what is told from it: causes, clear dates, plain comparisons."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

from seawatch.io.rasters import write_geotiff
from seawatch.lab import simulate
from seawatch.lab.baseline import index_difference, water_masks
from seawatch.lab.causes import at_sea, cause_of, false_flags
from seawatch.lab.ground import FIELD, SEA, WOOD
from seawatch.lab.patience import clear_dates, found_in_time, recall
from seawatch.lab.sky import Sky
from seawatch.lab.truth import Truth, clouded, read_truth
from seawatch.scenes import Grid

CRS = "EPSG:4549"
GRID = Grid(CRS, (10.0, 0.0, 0.0, 0.0, -10.0, 1000.0), 100, 100)
RUNS = [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]


def frame(rows: list, columns: list[str]) -> gpd.GeoDataFrame:
    values = {name: [row[at] for row in rows] for at, name in enumerate(columns)}
    return gpd.GeoDataFrame(values, geometry=[row[-1] for row in rows], crs=CRS)


def truth() -> Truth:
    """Sea in the west, a beach that falls to it, a field in the east with a wood north of it."""
    x = np.arange(100) * 10.0 + 5
    height_m = np.broadcast_to((x - 600) / 50, (100, 100)).astype(np.float32)
    cover = np.full((100, 100), SEA, np.uint8)
    cover[:, 70:] = FIELD
    cover[:50, 70:] = WOOD
    scenes = [
        ("B", "sentinel-2-l2a", "2026-10-01", -1.0, GRID.outline()),
        ("S1", "sentinel-2-l2a", "2026-11-08", 1.0, GRID.outline()),
        ("S2", "sentinel-2-l2a", "2026-11-15", -1.0, GRID.outline()),
        ("S3", "sentinel-2-l2a", "2026-11-22", 0.0, GRID.outline()),
        ("D", "drone-rgb", "2026-11-14", 0.0, GRID.outline()),
    ]
    events = [
        ("E1", "raft", "no_permit", "no", "2026-11-01", box(0, 0, 100, 100)),
        ("E2", "raft", "no_permit", "no", "2026-11-10", box(0, 200, 60, 260)),
        ("E3", "land_gained", "expired,redline_entered", "no", "2026-11-01", box(0, 400, 50, 450)),
        ("L", "structure", "", "yes", "2026-11-01", box(0, 600, 50, 650)),
    ]
    about = frame(events, ["event_id", "kind", "rules", "lawful", "happened"])
    about = about.assign(happened=pd.to_datetime(about.happened), area_m2=about.area)
    seen = frame(scenes, ["scene_id", "sensor", "taken", "tide_m"])
    return Truth(
        about,
        seen.assign(taken=pd.to_datetime(seen.taken)),
        frame([("S1", box(300, 500, 320, 505))], ["scene_id"]),
        frame([("S2", box(200, 700, 400, 740)), ("S3", box(0, 400, 6, 450))], ["scene_id"]),
        GRID,
        height_m,
        cover,
    )


CAUSES = [
    # where                        footprint                  pair          cause
    ("by a ship", box(340, 480, 380, 520), ("B", "S1"), "ship"),
    ("where a ship was another day", box(340, 480, 380, 520), ("B", "S2"), "other"),
    ("under cloud", box(200, 730, 240, 770), ("B", "S2"), "cloud"),
    ("a corner under cloud", box(200, 739, 240, 779), ("B", "S2"), "other"),
    ("between the waterlines", box(560, 200, 640, 240), ("B", "S1"), "tide"),
    ("there, at one tide", box(590, 200, 640, 240), ("B", "S2"), "other"),
    ("along the waterline, at one tide", box(540, 100, 560, 300), ("B", "S2"), "registration"),
    ("along the edge of the wood", box(800, 490, 900, 510), ("B", "S1"), "registration"),
    ("in the field", box(800, 200, 900, 300), ("B", "S1"), "season"),
    ("out at sea", box(100, 300, 200, 350), ("B", "S1"), "other"),
    ("off the window", box(-500, 300, -400, 350), ("B", "S1"), "other"),
]


@pytest.mark.parametrize(("where", "footprint", "pair", "cause"), CAUSES)
def test_each_cause(where, footprint, pair, cause):
    assert cause_of(footprint, pair, truth()) == cause


def flags(*rows) -> gpd.GeoDataFrame:
    columns = ["rule", "status", "sensor", "before_scene", "after_scene"]
    return frame([(r[0], r[1], "sentinel-2-l2a", "B", "S1", r[2]) for r in rows], columns)


def test_only_new_flags_by_no_event_are_false():
    week = flags(
        ("no_permit", "new", box(340, 480, 380, 520)),
        ("no_permit", "open", box(340, 480, 380, 520)),
        ("no_permit", "new", box(120, 0, 160, 50)),  # 20 m off an event
        ("no_permit", "new", box(0, 600, 50, 650)),  # a lawful one is no false flag either
    )
    found = false_flags({RUNS[0]: week, RUNS[1]: week.iloc[:0]}, truth())
    assert list(found.run) == [RUNS[0]]
    assert list(found.cause) == ["ship"]


def test_a_point_inside_tells_what_is_at_sea():
    objects = frame([(1, box(650, 0, 680, 30)), (2, box(800, 0, 830, 30))], ["number"])
    assert list(at_sea(objects, truth())) == [True, False]


# -- clear dates ------------------------------------------------------------------------------


def test_dates_count_since_the_event_where_it_is_clear():
    days = clear_dates(truth().events, truth())
    assert days["E1"] == [date(2026, 11, 8), date(2026, 11, 15), date(2026, 11, 22)]
    assert days["E2"] == [date(2026, 11, 15), date(2026, 11, 22)]
    assert days["E3"] == [date(2026, 11, 8), date(2026, 11, 15)]  # 12 % under cloud on the 22nd


def test_events_are_judged_at_their_third_clear_date():
    raft = ("no_permit", "new", box(0, 0, 90, 90))
    gone = ("no_permit", "cleared", box(0, 0, 90, 90))
    weeks = dict(zip(RUNS, (flags(raft), flags(gone), flags(raft)), strict=True))
    found = found_in_time(weeks, truth()).set_index("event_id")
    assert list(found.index) == ["E1", "E2", "E3"]
    assert list(found.judged) == [RUNS[2], None, None]
    assert list(found.found) == [True, False, False]
    assert not found_in_time({**weeks, RUNS[2]: flags(gone)}, truth()).found.any()
    assert list(found_in_time(weeks, truth(), dates=2).judged) == [RUNS[1], RUNS[2], RUNS[1]]


def test_recall_by_size_kind_and_rule():
    wrong = ("no_permit", "new", box(0, 400, 50, 450))
    right = ("redline_entered", "new", box(0, 400, 50, 450))
    weeks = dict.fromkeys(RUNS, flags(wrong, right))
    table = recall(found_in_time(weeks, truth(), dates=2)).set_index(["by", "name"])
    counts = {key: (row.hits, row.events) for key, row in table.iterrows()}
    assert counts["all", "all"] == (1, 3)
    assert counts["size", "0.1-0.3"] == (1, 1)
    assert counts["kind", "land_gained"] == (1, 1)
    assert counts["rule", "redline_entered"] == (1, 1)
    assert counts["rule", "expired"] == (0, 1)
    assert counts["left_out", "fewer clear dates"] == (0, 0)


# -- what is written --------------------------------------------------------------------------


def test_cells_with_cloud_shadow_or_no_data_are_drawn():
    clear = np.zeros((10, 10), np.float32)
    cloud, shadow, mask = clear.copy(), clear.copy(), np.zeros((10, 10), np.uint8)
    cloud[0, 0] = 0.9  # a sixteenth of it over the first cell: 0.056
    shadow[5, 5] = 0.7  # 0.044
    mask[8:, 8:] = 255
    grid = Grid(CRS, (10.0, 0.0, 0.0, 0.0, -10.0, 100.0), 10, 10)
    drawn = shapely.union_all(clouded(Sky(cloud, shadow, clear, mask), grid))
    assert drawn.equals(box(0, 60, 40, 100).union(box(80, -20, 120, 20)))


def test_the_truth_comes_back_as_it_was_written(tmp_path):
    where = {"weeks": 1, "size_m": 2000, "centre": (122.13, 37.5), "drone": False, "events": 2}
    folder = simulate(tmp_path / "one", cloud=0.5, **where)
    known = read_truth(folder / "truth.gpkg")
    scenes = set(known.scenes.scene_id)
    assert set(known.ships.scene_id) <= scenes
    assert set(known.clouds.scene_id) <= scenes
    assert known.grid.outline().equals(known.scenes.geometry.iloc[0])
    assert (known.height_m[known.cover == SEA] <= 0.8).mean() > 0.99
    cloudy = known.scenes.set_index("scene_id").cloud.idxmax()
    drawn = known.clouds[known.clouds.scene_id == cloudy].area.sum()
    assert drawn >= known.scenes.cloud.max() * 2000**2

    still = simulate(tmp_path / "two", scenario="tide_only", **(where | {"events": 0}))
    nothing = read_truth(still / "truth.gpkg")
    assert len(nothing.ships) == len(nothing.events) == 0
    assert nothing.clouds.geom_type.isin(["Polygon"]).all()


# -- plain comparisons ------------------------------------------------------------------------


@pytest.fixture
def scenes(tmp_path):
    """Water in the west; the second scene has 8 pixels of land more, and 3 elsewhere."""
    grid = GRID.window(0, 0, 50, 50)
    for name, land in (("B", []), ("S1", [(slice(10, 14), slice(5, 7)), (slice(30, 33), 5)])):
        pixels = np.full((2, 50, 50), 400, np.uint16)
        pixels[1, :, :25] = 100
        pixels[1, :, 25:] = 900
        for here in land:
            pixels[1][here] = 900
        write_geotiff(tmp_path / f"{name}.tif", pixels, grid, bands=("green", "nir"), nodata=0)
        mask = np.zeros((1, 50, 50), np.uint8)
        write_geotiff(tmp_path / f"{name}-mask.tif", mask, grid, bands=("mask",), nodata=None)
    return tmp_path


@pytest.mark.parametrize("find", [index_difference, water_masks])
def test_plain_comparisons_find_what_is_large_enough(scenes, find):
    found = find(scenes, "B", "S1")
    assert list(found.area) == [800]
    mask = np.zeros((1, 50, 50), np.uint8)
    mask[:, 10:14, 5] = 1
    write_geotiff(
        scenes / "S1-mask.tif", mask, GRID.window(0, 0, 50, 50), bands=("mask",), nodata=None
    )
    assert list(find(scenes, "B", "S1").area) == [400]
