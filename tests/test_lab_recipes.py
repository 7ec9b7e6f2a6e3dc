"""Ponds, cages and thin jetties: as large as they say, lawful or not, and seen as what they are."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from seawatch.lab.coast import build_coast, window_grid
from seawatch.lab.events import Plan, plant
from seawatch.lab.ground import build_ground
from seawatch.lab.recipes import MIX, RECIPES, WIDE
from seawatch.lab.render import covered, reflectance
from seawatch.tables import CHANGE_KINDS, NATURAL

CRS = "EPSG:4549"
RUNS = [date(2026, 11, 9), date(2026, 11, 16)]
NEW = ("pond", "pond_permitted", "pond_ended", "cages", "cages_permitted", "jetty")


@pytest.fixture(scope="module")
def coast():
    return build_coast(window_grid((691010, 4154200), 12_000, 20, CRS))


@pytest.fixture(scope="module")
def plan(coast) -> Plan:
    plan = plant(coast, np.random.default_rng(3), count=12, runs=RUNS, recipes=NEW)
    recipes = [NEW[int(number) % len(NEW)] for number in range(12)]
    assert len(plan.events) == 12  # there was room for all of them
    return Plan(plan.events.assign(recipe=recipes), plan.permits, plan.zones)


def of(plan: Plan, *recipes: str):
    return plan.events[plan.events.recipe.isin(recipes)].itertuples()


def test_the_wide_mix_has_every_recipe_there_is():
    assert set(WIDE) == set(RECIPES)
    assert not set(MIX) & set(NEW)
    assert set(NEW) - {"pond_ended"} <= set(WIDE[:24])
    assert WIDE[0] == "fill"  # the drone flies over the first


def test_kinds_are_known_and_the_lawful_break_no_rule(plan):
    assert set(plan.events.kind) == {"enclosed", "cage", "structure"} < set(CHANGE_KINDS)
    lawful = plan.events.recipe.str.endswith("permitted")
    assert (lawful == (plan.events.lawful == "yes")).all()
    assert (lawful == (plan.events.rules == "")).all()


def test_permits_cover_the_lawful_and_no_other(plan):
    for event in plan.events.itertuples():
        touched = plan.permits[plan.permits.intersects(event.geometry)]
        in_force = touched[touched.valid_to >= event.happened]
        if event.lawful == "yes":
            assert in_force.covers(event.geometry).all()
            assert set(in_force.use_mode) == {"33" if event.kind == "enclosed" else "41"}
        else:
            assert in_force.empty
            assert ("expired" in event.rules) == (len(touched) == 1)


def test_a_dike_closes_the_pond(coast, plan):
    natural = coast.coastline[coast.coastline.kind.isin(NATURAL)]
    for event in of(plan, "pond", "pond_permitted", "pond_ended"):
        water = event.geometry.difference(event.built)
        wide_m = water.distance(event.geometry.exterior.difference(coast.land.buffer(20)))
        assert 7.9 <= wide_m <= 16.1
        assert water.intersection(coast.land).area < 1
        assert water.area > 0.4 * event.geometry.area
        assert natural.distance(event.geometry).min() > 50
        assert event.geometry.distance(coast.land) < 0.1


def test_cages_lie_in_a_block(coast, plan):
    for event in of(plan, "cages", "cages_permitted"):
        cages = shapely.get_parts(event.built)
        assert 64 <= len(cages) <= 144
        assert event.built.is_valid
        assert event.geometry.buffer(0.1).covers(event.built)
        sides = shapely.area(shapely.convex_hull(cages)) ** 0.5
        assert (sides > 10).all()  # a round cage of 12 m is as large as a square of 10.6
        assert (sides < 20.1).all()
        assert 0.05 < event.built.area / event.geometry.area < 0.5
        assert event.geometry.distance(coast.land) > 100


def test_a_thin_jetty_stands_out_from_the_shore(coast, plan):
    for event in of(plan, "jetty"):
        wide_m = event.area_m2 / (event.geometry.length / 2)
        assert 5 < wide_m < 10.5
        assert event.geometry.distance(coast.land) < 0.1
        assert event.rules == "no_permit"


def test_they_are_seen_as_dikes_about_water_and_frames_on_it(plan):
    for recipe in ("pond", "cages"):
        event = next(of(plan, recipe))
        middle = event.geometry.centroid
        grid = window_grid((middle.x, middle.y), 1500, 5, CRS)
        # low water bares the ground where the pond is
        coast = build_coast(grid, slope_factor=0.01 if recipe == "pond" else 1.0)
        ground = build_ground(coast, np.random.default_rng(2))
        events = plan.events[plan.events.event_id == event.event_id]
        nir = [
            reflectance(coast, ground, e, on=RUNS[1], tide_m=-0.6, rng=np.random.default_rng(1))[3]
            for e in (events.iloc[:0], events.assign(happened=pd.Timestamp(RUNS[0])))
        ]
        inside = covered(event.geometry.buffer(-20), coast.grid)
        stands = covered(event.built, coast.grid)
        here = (stands.rows, stands.columns)
        gained = (nir[1] - nir[0])[here]
        assert gained[stands.share > 0.3].mean() > 0.05
        if recipe == "pond":
            water = nir[1][inside.rows, inside.columns][inside.share == 1]
            before = nir[0][inside.rows, inside.columns][inside.share == 1]
            assert np.quantile(water, 0.9) < 0.1 < np.quantile(before, 0.9)  # it holds its water
        else:
            assert abs(gained[stands.share == 0]).max() < 1e-6
