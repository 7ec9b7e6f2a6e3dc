"""Which two scenes are compared, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import at
from seawatch.scenes import Band, Grid, Scene, pair_scenes

END = datetime(2026, 11, 23, tzinfo=UTC)
START = END - timedelta(days=7)


def scene(name, days_ago, *, where=None, sensor="sentinel-2-l2a", clear=1.0, tide=None, size=10.0):
    bands = tuple(Band(b, Path(f"{name}.tif"), i + 1) for i, b in enumerate(("green", "nir")))
    return Scene(
        name,
        sensor,
        END - timedelta(days=days_ago),
        bands,
        where or at(0, 0, 1000, 1000),
        4.0,
        size,
        clear=clear,
        tide_m=tide,
    )


def chosen(*scenes):
    pairs, left = pair_scenes(scenes, START, END)
    return [(p.before.scene_id, p.after.scene_id) for p in pairs], left


def test_the_newest_clear_scene_and_the_same_season_a_year_before():
    scenes = [scene("now", 1), scene("older", 4), scene("summer", 120), scene("year", 365)]
    pairs, left = chosen(*scenes)
    assert pairs == [("year", "now")]
    assert left == {"older": "newer clear scenes show the same ground"}


def test_an_older_scene_of_the_week_helps_where_the_newest_is_cloudy():
    pairs, _ = chosen(scene("now", 1, clear=0.4), scene("older", 4), scene("year", 365))
    assert pairs == [("year", "now"), ("year", "older")]


def test_a_reference_must_be_ripe():
    # what was built last month shows in last week's scene too
    pairs, _ = chosen(scene("now", 1), scene("last week", 9), scene("autumn", 60))
    assert pairs == [("autumn", "now")]


def test_but_a_young_one_is_better_than_none():
    assert chosen(scene("now", 1), scene("last week", 9))[0] == [("last week", "now")]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"clear": 1.0}, {"clear": 0.5}),
        ({"sensor": "sentinel-2-l2a"}, {"sensor": "gaofen-wfv", "size": 16.0}),
        ({"where": at(0, 0, 1000, 1000)}, {"where": at(0, 0, 500, 1000)}),
        ({"tide": 0.1}, {"tide": 1.6}),
    ],
    ids=["clouds", "sensor", "overlap", "tide"],
)
def test_what_makes_a_better_reference(better, worse):
    scenes = [scene("now", 1, tide=0.0), scene("b", 365, **better), scene("w", 364, **worse)]
    pairs, _ = pair_scenes(scenes, START, END)
    assert pairs[0].before.scene_id == "b"
    assert 0 < pairs[0].why["fitness"] <= 1


def test_what_is_left_out_is_said():
    scenes = [
        scene("clouded", 1, clear=0.01),
        scene("radar", 2, sensor="sentinel-1-rtc"),  # only radar is like radar
        scene("alone", 3, where=at(5000, 0, 6000, 1000)),
        scene("year", 365),
    ]
    pairs, left = chosen(*scenes)
    assert pairs == []
    assert "1% of it is clear" in left["clouded"]
    assert "no earlier scene" in left["radar"]
    assert "no earlier scene" in left["alone"]


def test_a_drone_is_held_against_a_drone_before_a_satellite():
    drone = scene("drone", 1, sensor="drone-rgb", size=0.05)
    pairs, _ = chosen(drone, scene("year", 365), scene("flight", 300, sensor="drone-rgb", size=0.1))
    assert pairs == [("flight", "drone")]
    pairs, _ = chosen(drone, scene("year", 365))
    assert pairs == [("year", "drone")]
    pairs, left = chosen(drone, scene("modis", 365, size=250.0))
    assert pairs == []
    assert "no earlier scene" in left["drone"]


def test_order_does_not_matter():
    scenes = [scene("now", 1), scene("older", 4), scene("a", 365), scene("b", 365)]
    assert chosen(*scenes) == chosen(*scenes[::-1])


def test_a_window_opens_after_its_start_and_closes_with_its_end():
    pairs, _ = chosen(scene("first", 7), scene("last", 0), scene("year", 365))
    assert pairs == [("year", "last")]


def test_grid_places_and_pixels_are_inverse():
    grid = Grid("EPSG:4549", (3.0, 0.5, 1000.0, 0.4, -2.0, 5000.0), 40, 30)
    x, y = grid.ground(7.25, 11.5)
    assert grid.pixel(x, y) == pytest.approx((7.25, 11.5))
    assert grid.window(11, 7, 5, 5).ground(0, 0) == pytest.approx(grid.ground(7, 11))
    assert grid.outline().area == pytest.approx(grid.pixel_area * 40 * 30)
