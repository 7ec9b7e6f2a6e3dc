"""Flags from week to week."""

import json
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CRS, at, changes_of
from seawatch.flags import follow
from seawatch.layers import empty_layers
from seawatch.rules import judge
from seawatch.tables import COVERAGE, FLAGS

MONDAYS = [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]


def findings(*shapes, after="2026-11-08", before="2025-11-10", tide=None, sensor=None):
    """Unpermitted fills of the given shapes."""
    more = {"tide_before_m": tide, "tide_after_m": tide} if tide is not None else {}
    if sensor:
        more["sensor_after"] = sensor
    rows = [("land_gained", shape) for shape in shapes]
    if not rows:
        return findings(at(0, 0, 50, 50)).iloc[:0]
    layers = empty_layers(CRS)
    layers = type(layers)(
        **{**vars(layers), "absent": frozenset({"zones", "coastline", "islands"})}
    )
    return judge(changes_of(*rows, before=before, after=after, **more), layers, MONDAYS[0])


def clear(shape=None, before="2025-11-10", after="2026-11-15"):
    """Coverage that saw `shape`."""
    rows = {
        "seen": ["yes"],
        "why": ["clear"],
        "before": pd.Timestamp(before, tz="UTC"),
        "after": pd.Timestamp(after, tz="UTC"),
        "area_m2": 1.0,
    }
    shape = at(0, 0, 1000, 1000) if shape is None else shape
    return COVERAGE.check(gpd.GeoDataFrame(rows, geometry=[shape], crs=CRS))


def first(*shapes, **more):
    return follow(FLAGS.empty(CRS), findings(*shapes, **more), clear(), MONDAYS[0], "2026-W46")


HOME = at(100, 100, 160, 160)


def test_a_new_flag():
    flags = first(HOME)
    assert list(flags.status) == ["new"]
    assert flags.flag_id[0].startswith("2026-W46-")
    assert flags.level[0] == "low"


def test_a_pond_that_doubles_is_still_that_pond():
    flags = first(HOME)
    again = follow(flags, findings(at(100, 100, 220, 160), after="2026-11-15"), clear(), MONDAYS[1])
    assert list(again.flag_id) == list(flags.flag_id)
    assert again.status[0] == "open"
    assert again.excess_m2[0] > 1.9 * flags.excess_m2[0]


def test_a_neighbour_is_another_flag():
    flags = first(HOME)
    both = findings(HOME, at(200, 100, 260, 160), after="2026-11-15")
    again = follow(flags, both, clear(), MONDAYS[1])
    assert sorted(again.status) == ["new", "open"]


def test_two_flags_that_grow_together_keep_both_numbers():
    flags = first(HOME, at(200, 100, 260, 160))
    grown = findings(at(100, 100, 260, 160), after="2026-11-15")
    again = follow(flags, grown, clear(), MONDAYS[1])
    assert list(again.flag_id) == list(flags.flag_id)
    assert list(again.status) == ["open", "open"]


def test_not_seen_is_not_cleared():
    flags = first(HOME)
    hidden = clear(at(300, 300, 400, 400))
    assert list(follow(flags, findings(), hidden, MONDAYS[1]).status) == ["unseen"]
    half = clear(at(0, 0, 130, 1000))
    assert list(follow(flags, findings(), half, MONDAYS[1]).status) == ["unseen"]
    assert list(follow(flags, findings(), clear(), MONDAYS[1]).status) == ["cleared"]


def test_a_reference_that_shows_the_act_already_clears_nothing():
    flags = first(HOME)
    young = clear(before="2026-11-12", after="2026-11-15")
    assert list(follow(flags, findings(), young, MONDAYS[1]).status) == ["unseen"]


def test_an_older_look_clears_nothing():
    flags = first(HOME)
    old = clear(before="2025-01-01", after="2026-11-01")
    assert list(follow(flags, findings(), old, MONDAYS[1]).status) == ["unseen"]


def test_what_a_visit_settled_stays_settled():
    flags = first(HOME).assign(status="settled", verdict="lawful")
    for found in (findings(), findings(HOME, after="2026-11-15")):
        again = follow(flags, found, clear(), MONDAYS[1])
        assert list(again.status) == ["settled"]
        assert list(again.verdict) == ["lawful"]


def test_the_interval_only_narrows():
    flags = first(HOME)
    seen = findings(HOME, before="2026-02-01", after="2026-11-15")
    again = follow(flags, seen, clear(), MONDAYS[1])
    assert str(again.before[0])[:10] == "2026-02-01"
    assert str(again.after[0])[:10] == "2026-11-08"


def test_levels_rise_with_dates_and_sensors_once_the_tide_is_known():
    flags = first(HOME, tide=0.3)
    same = follow(flags, findings(HOME, tide=0.3), clear(), MONDAYS[1])
    assert same.level[0] == "low"
    unknown = follow(flags, findings(HOME, after="2026-11-15"), clear(), MONDAYS[1])
    assert unknown.level[0] == "low"
    later = follow(flags, findings(HOME, after="2026-11-15", tide=0.2), clear(), MONDAYS[1])
    assert later.level[0] == "high"
    other = findings(HOME, after="2026-11-22", tide=0.2, sensor="gaofen-pms")
    assert follow(later, other, clear(), MONDAYS[2]).level[0] == "highest"


def test_the_same_place_seen_by_two_pairs_is_one_flag():
    twice = pd.concat([findings(HOME), findings(HOME, after="2026-11-05")], ignore_index=True)
    twice["change_id"] = ["one", "two"]
    assert len(follow(FLAGS.empty(CRS), twice, clear(), MONDAYS[0])) == 1


places = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(3, 12), st.integers(3, 12))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(places, max_size=6), min_size=1, max_size=3), st.randoms())
def test_no_flag_is_ever_lost_and_order_does_not_matter(weeks, random):
    flags = shuffled = FLAGS.empty(CRS)
    for number, week in enumerate(weeks):
        shapes = [at(x * 100, y * 100, x * 100 + 10 * w, y * 100 + 10 * h) for x, y, w, h in week]
        found = findings(*shapes, after=f"2026-11-{8 + 7 * number:02d}")
        mixed = found.sample(frac=1, random_state=random.randrange(99)).reset_index(drop=True)
        before = set(flags.flag_id)
        seen = clear(after=f"2026-11-{8 + 7 * number:02d}")
        flags = follow(flags, found, seen, MONDAYS[number])
        again = shuffled.sample(frac=1, random_state=1).reset_index(drop=True)
        shuffled = follow(again, mixed, seen, MONDAYS[number])
        assert before <= set(flags.flag_id)
        assert flags.flag_id.is_unique
    assert flags.drop(columns="geometry").equals(shuffled.drop(columns="geometry"))
    assert all(json.loads(text) for text in flags.numbers)


def sighted(flags, shown, before="2025-11-10", after="2026-11-15"):
    """What one pair shows of each flag."""
    instants = {"before": pd.Timestamp(before, tz="UTC"), "after": pd.Timestamp(after, tz="UTC")}
    return pd.DataFrame({"flag_id": flags.flag_id, "shown": shown}).assign(**instants)


@pytest.mark.parametrize(
    ("shown", "status", "day"),
    [(1, "open", MONDAYS[1]), (0, "unseen", MONDAYS[0]), (-1, "cleared", MONDAYS[0])],
)
def test_ground_seen_clear_clears_a_flag_only_where_nothing_stands_there(shown, status, day):
    flags = first(HOME)
    told = follow(
        flags, findings(), clear(), MONDAYS[1], "2026-W47", sightings=sighted(flags, shown)
    )
    assert list(told.status) == [status]
    assert told.last_seen.item() == pd.Timestamp(day)


def test_what_was_found_that_day_outweighs_that_the_flags_outline_shows_it_no_more():
    flags = first(HOME)
    again = findings(HOME, after="2026-11-15")
    sightings = sighted(flags, -1, after="2026-11-15")
    seen = clear().assign(sensor=again.sensor.item())
    told = follow(flags, again, seen, MONDAYS[1], "2026-W47", sightings=sightings)
    evidence = json.loads(told.record.item())["evidence"]
    assert [(look["at"], look["says"]) for look in evidence][-1] == ("2026-11-15", 1)


def test_a_pair_younger_than_the_flag_cannot_tell_that_it_stands():
    flags = first(HOME)
    sightings = sighted(flags, 1, before="2026-11-09")
    told = follow(flags, findings(), clear(), MONDAYS[1], "2026-W47", sightings=sightings)
    assert list(told.status) == ["cleared"]
