"""What was seen, what is to be patrolled, and which islands are due."""

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CRS, X, Y, at
from seawatch.ground import cover, partition, scope
from seawatch.islands import Cycle, looks
from seawatch.patrol import Craft, orders, short_way, waypoints
from seawatch.reports.routes import write_routes
from seawatch.tables import COASTLINE, COVERAGE, DUTY, FLAGS, GROUND, ISLANDS

ON = date(2026, 11, 23)
AREA = at(0, 0, 1000, 1000)


def coverage(*rows):
    """A coverage table from (shape, day seen or None) rows."""
    days = [pd.Timestamp(day or "2026-11-20", tz="UTC") for _, day in rows]
    frame = {
        "seen": ["yes" if day else "no" for _, day in rows],
        "why": ["clear" if day else "masked" for _, day in rows],
        "before": pd.Timestamp("2025-11-20", tz="UTC"),
        "after": pd.Series(days, dtype="datetime64[ms, UTC]"),
        "sensor": "sentinel-2-l2a",
        "area_m2": [shape.area for shape, _ in rows],
    }
    return COVERAGE.check(gpd.GeoDataFrame(frame, geometry=[s for s, _ in rows], crs=CRS))


def told(ground):
    return {
        (row.state, None if pd.isna(row.last_seen) else str(row.last_seen.date())): round(
            row.geometry.area
        )
        for row in ground.itertuples()
    }


def test_each_place_is_seen_ordered_or_out_of_scope():
    seen = coverage((at(0, 0, 400, 1000), "2026-11-20"), (at(300, 0, 500, 1000), "2026-11-22"))
    inside = at(0, 0, 1000, 500)
    first = partition(seen, AREA, inside, GROUND.empty(CRS), ON)
    assert told(first) == {
        ("seen", "2026-11-22"): 200_000,
        ("seen", "2026-11-20"): 300_000,
        ("ordered", None): 250_000,
        ("out_of_scope", None): 250_000,
    }
    assert cover(first, inside) == {
        "seen_m2": pytest.approx(500_000, rel=1e-3),
        "ordered_m2": pytest.approx(250_000, rel=1e-3),
        "out_of_scope_m2": pytest.approx(250_000, rel=1e-3),
        "share": 0.5,
        "valid": False,
        "longest_days": None,
        "never_m2": pytest.approx(250_000, rel=1e-3),
    }


def test_days_since_the_last_sight_are_carried_from_run_to_run():
    first = partition(coverage((AREA, "2026-11-20")), AREA, AREA, GROUND.empty(CRS), ON)
    half = coverage((at(0, 0, 500, 1000), "2026-11-27"), (at(500, 0, 1000, 1000), None))
    second = partition(half, AREA, AREA, first, date(2026, 11, 30))
    third = partition(coverage((AREA, None)), AREA, AREA, second, date(2026, 12, 7))
    days = {row.state: row.days for row in second.itertuples()}
    assert days == {"seen": 3, "ordered": 10}
    assert sorted(third.days) == [10, 17]
    assert cover(third, AREA)["longest_days"] == 17


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 10)] * 4, st.booleans()), max_size=6))
def test_no_square_metre_is_in_two_states_or_in_none(boxes):
    rows = [
        (at(min(a, c) * 100, min(b, d) * 100, max(a, c) * 100 + 50, max(b, d) * 100 + 50), seen)
        for a, b, c, d, seen in boxes
    ]
    table = coverage(*[(s, "2026-11-20" if seen else None) for s, seen in rows])
    earlier = partition(
        coverage((at(0, 0, 700, 700), "2026-11-13")), AREA, AREA, GROUND.empty(CRS), ON
    )
    ground = partition(table, AREA, at(0, 0, 1000, 600), earlier, ON)
    assert ground.geometry.area.sum() == pytest.approx(AREA.area, rel=1e-6)
    assert shapely.union_all(ground.geometry).area == pytest.approx(AREA.area, rel=1e-6)


def test_scope_is_near_what_is_permitted_or_protected(bay):
    near = scope(bay, at(-5000, -5000, 5000, 5000), 100.0)
    assert near.contains(at(300, 0, 310, 90))
    assert not near.intersects(at(1200, 1200, 1300, 1300))
    assert scope(bay, at(-50, -50, 50, 50), 1000.0).equals(at(-50, -50, 50, 50))


def duty():
    row = {"grid_id": "G1", "officer": "Li", "post": "p", "duty": "d", "valid_from": "2025-01-01"}
    other = {**row, "grid_id": "G2", "officer": "Wang"}
    shapes = [at(0, 0, 2000, 4000), at(2000, 0, 4000, 4000)]
    return DUTY.check(gpd.GeoDataFrame([row, other], geometry=shapes, crs=CRS))


def ground_of(*rows):
    frame = {"state": "ordered", "last_seen": [d for _, d in rows], "area_m2": 1.0}
    frame["days"] = [
        None if d is None else (pd.Timestamp(ON) - pd.Timestamp(d)).days for _, d in rows
    ]
    return GROUND.check(gpd.GeoDataFrame(frame, geometry=[s for s, _ in rows], crs=CRS))


def flags(*rows):
    """A flags table from (number, shape, status, verdict) rows."""
    empty = FLAGS.empty(CRS)
    frame = gpd.GeoDataFrame(
        {"flag_id": [r[0] for r in rows], "status": [r[2] for r in rows]},
        geometry=[r[1] for r in rows],
        crs=CRS,
    )
    frame["verdict"] = pd.Series([r[3] for r in rows], dtype=object)
    frame["owner"] = "Li"
    return frame.reindex(columns=empty.columns).set_geometry("geometry").set_crs(CRS)


def test_flights_show_every_ordered_square_metre_within_a_battery():
    unseen = ground_of((at(10, 10, 3990, 390), "2026-11-01"), (at(0, 1000, 900, 2000), None))
    craft = Craft(swath_m=200.0, battery_m=3000.0)
    plan = orders(unseen, flags(), duty(), ON, "2026-W48", craft)
    assert set(plan["mode"]) == {"drone"}
    assert (plan.length_m <= 3000.0).all()
    shown = shapely.union_all(plan.geometry)
    assert shown.area == pytest.approx(unseen.geometry.area.sum(), rel=1e-9)
    assert set(plan.owner) == {"Li", "Wang"}
    # what nobody has ever seen is flown first
    assert plan[plan.owner == "Li"].sort_values("sequence").days.isna().iloc[0]
    assert plan[plan.owner == "Wang"].days.unique().tolist() == [22]
    assert plan.order_id.is_unique


def test_ground_whose_edge_runs_along_a_cell_is_flown_over():
    x, y = (200 * np.ceil(np.array([X, Y]) / 200)).tolist()
    # the cell to the left holds some of the ground, and an edge of the rest
    parts = ((0, 0, 100, 50), (10, 50, 30, 60), (-30, 60, 30, 90))
    shape = shapely.union_all([shapely.box(*(np.array(p) + np.array((x, y, x, y)))) for p in parts])
    plan = orders(ground_of((shape, None)), flags(), duty(), ON, "2026-W48", Craft(200.0, 300.0))
    assert shapely.union_all(plan.geometry).area == pytest.approx(shape.area)


def test_waypoints_are_flown_in_the_order_the_battery_was_counted_in():
    unseen = ground_of((at(10, 10, 3990, 390), "2026-11-01"), (at(0, 1000, 900, 2000), None))
    craft = Craft(swath_m=200.0, battery_m=3000.0)
    plan = orders(unseen, flags(), duty(), ON, "2026-W48", craft)
    for way, length in zip(waypoints(plan, craft), plan.length_m, strict=True):
        home = np.diff(np.vstack([way, way[:1]]), axis=0)
        assert np.hypot(*home.T).sum() == pytest.approx(length)


def test_routes_are_files_that_a_handheld_reads(tmp_path):
    unseen = ground_of((at(10, 10, 990, 390), "2026-11-01"))
    stops = flags(("A", at(0, 0, 10, 10), "open", None), ("B", at(50, 0, 60, 10), "new", None))
    stops["owner"] = "<Li> & {{7*7}}\x00"
    plan = orders(unseen, stops, duty(), ON, "2026-W48")
    write_routes(tmp_path, plan, Craft(), "en")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["patrol-01.gpx", "patrol-02.kml"]
    route = gpd.read_file(tmp_path / "patrol-01.gpx", layer="route_points")
    assert list(route["name"]) == ["A", "B"]
    middle = stops.representative_point()
    assert route.to_crs(CRS).distance(middle.set_axis(route.index)).max() < 0.05
    assert "<name>&lt;Li&gt; &amp; {{7*7}}</name>" in (tmp_path / "patrol-01.gpx").read_text(
        "utf-8"
    )
    text = (tmp_path / "patrol-02.kml").read_text("utf-8")
    assert text.count("<Point>") == 10
    assert "22 d" in text


def test_a_route_stops_at_each_flag_that_waits_and_at_no_other():
    table = flags(
        ("A", at(0, 0, 10, 10), "open", None),
        ("B", at(100, 0, 110, 10), "new", "pending"),
        ("C", at(50, 0, 60, 10), "unseen", None),
        ("D", at(70, 0, 80, 10), "settled", "lawful"),
        ("E", at(80, 0, 90, 10), "open", "suspected"),
    )
    plan = orders(GROUND.empty(CRS), table, duty(), ON, "2026-W48")
    route = plan.sort_values("sequence")
    assert list(route.flag_id) == ["A", "C", "B"]
    assert list(route.length_m) == [0.0, 50.0, 50.0]
    assert orders(GROUND.empty(CRS), flags(), duty(), ON, "2026-W48").empty


def test_what_was_opened_again_since_the_verdict_is_to_be_visited_again():
    def seen_on(*days, says=1):
        looks = [{"at": f"{day}T02:00:00+00:00", "mode": "visit", "says": says} for day in days]
        return json.dumps({"reopened": "2026-11-09", "evidence": looks})

    told = {
        "before": seen_on("2026-11-02"),
        "since": seen_on("2026-11-02", "2026-11-10"),
        "in vain": seen_on("2026-11-10", says=0),
    }
    place = at(0, 0, 10, 10)
    table = flags(*((name, place, "open", "already_handled") for name in told))
    plan = orders(GROUND.empty(CRS), table.assign(record=list(told.values())), duty(), ON, "I")
    assert sorted(plan.flag_id) == ["before", "in vain"]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 25))
def test_a_short_way_visits_all_once_and_does_not_cross_itself(seed, number):
    points = np.random.default_rng(seed).uniform(0, 1000, (number, 2))
    order = short_way(points)
    assert sorted(order) == list(range(number))
    if number > 2:
        assert shapely.LineString(points[order]).is_simple


def test_an_island_is_due_by_its_class():
    row = {"surveyed": "2020-01-01"}
    islands = ISLANDS.check(
        gpd.GeoDataFrame(
            [
                {"island_id": "near", **row},
                {"island_id": "far", **row},
                {"island_id": "new", **row},
            ],
            geometry=[at(0, 500, 400, 900), at(0, 9000, 400, 9400), at(500, 500, 600, 600)],
            crs=CRS,
        )
    )
    line = shapely.LineString([(X, Y), (X + 1000, Y)])
    coast = {"segment_id": "S", "kind": "sandy", "baseline": "b", "surveyed": "2020-01-01"}
    coastline = COASTLINE.check(gpd.GeoDataFrame([coast], geometry=[line], crs=CRS))
    ground = ground_of(
        (at(0, 0, 100, 1000), "2026-11-20"),
        (at(100, 0, 450, 1000), "2026-10-01"),
        (at(0, 9000, 450, 9500), "2026-10-01"),
    )
    cycles = (Cycle(1.0, 5.0, 31), Cycle(0.0, np.inf, 92))
    rows = looks(islands, coastline, ground, ON, cycles)
    # seen in two pieces: the older one tells
    assert [(r["island_id"], r["last_seen"], r["overdue"]) for r in rows] == [
        ("new", None, True),
        ("far", "2026-10-01", False),
        ("near", "2026-10-01", True),
    ]
