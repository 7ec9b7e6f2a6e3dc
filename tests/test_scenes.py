"""Which two scenes are compared, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import at
from seawatch.scenes import Band, Grid, Scene, pair_scenes, stand_in

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


WEST, EAST = at(0, 0, 500, 1000), at(500, 0, 1000, 1000)


def pair_of(*others, reference=None):
    scenes = [scene("now", 1), reference or scene("year", 366), *others]
    (pair,), _ = pair_scenes(scenes, START, END)
    assert pair.before.scene_id == "year"
    return pair


def test_the_next_best_references_stand_by():
    # too cloudy for a look
    pair = pair_of(scene("cloudy", 380, clear=0.2), scene("older", 390), scene("last week", 9))
    assert [other.scene_id for other in pair.others] == ["older", "cloudy"]
    assert {"older", "cloudy"} < {s.scene_id for s in pair.scenes}  # they are read, too
    assert len(pair.scenes) == len(set(pair.scenes))


def test_beyond_the_references_edge_one_stands_by_that_shows_it():
    half = scene("year", 366, where=at(0, 0, 900, 1000))
    others = [scene(f"{n}", 380 + n, where=at(0, 0, 700, 1000)) for n in (1, 2, 3)]
    wide = scene("wide", 60, clear=0.4)
    assert pair_of(*others, wide, reference=half).others == (wide, others[0])


def test_of_hidden_ground_another_tells_by_how_fit_it_is_and_how_much_it_shows():
    pair = pair_of(scene("cloudy", 380, clear=0.5), scene("older", 390))
    other = stand_in(pair, WEST, ())
    assert (other.before.scene_id, other.after.scene_id) == ("older", "now")
    # the pair's own reference is a look at it, and it is none itself
    assert {look.scene_id for look in other.looks} == {"year", "cloudy"}
    assert stand_in(pair, WEST, {"older"}).before.scene_id == "cloudy"
    assert stand_in(pair, WEST, {"older", "cloudy"}) is None


def test_one_that_does_not_show_the_hidden_ground_tells_nothing_of_it():
    east = scene("older", 390, where=EAST)
    assert stand_in(pair_of(east), WEST, ()) is None
    near = scene("cloudy", 400, where=WEST, clear=0.8)
    assert stand_in(pair_of(east, near), WEST, ()).before.scene_id == "cloudy"
    # how much of the rest it shows does not matter
    half = scene("half", 390, where=at(0, 0, 600, 1000))
    assert stand_in(pair_of(scene("cloudy", 390, clear=0.9), half), WEST, ()).before == half


def test_grid_places_and_pixels_are_inverse():
    grid = Grid("EPSG:4549", (3.0, 0.5, 1000.0, 0.4, -2.0, 5000.0), 40, 30)
    x, y = grid.ground(7.25, 11.5)
    assert grid.pixel(x, y) == pytest.approx((7.25, 11.5))
    assert grid.window(11, 7, 5, 5).ground(0, 0) == pytest.approx(grid.ground(7, 11))
    assert grid.outline().area == pytest.approx(grid.pixel_area * 40 * 30)
