"""Pieces of one act: which are one change, and which are not."""

import pandas as pd
import pytest
import shapely

from conftest import at, changes_of
from seawatch.detect import joined

LARGE, PIECE = at(100, 100, 200, 200), at(210, 100, 240, 200)


def pieces(*shapes, **more):
    """Land gained in pixels of 10 m: the first with its own reference, the others with another."""
    told = {
        "before_scene": ["own", *["other"] * (len(shapes) - 1)],
        "pixel_m": 10.0,
        "near_m": [50.0, *[5.0] * (len(shapes) - 1)],
        **more,
    }
    return changes_of(*(("land_gained", shape) for shape in shapes), **told)


def test_what_two_references_tell_of_one_act_is_one_change():
    changes = pieces(LARGE, PIECE, dates=[3, 2], score=[0.8, 0.9], reach_m=[100.0, 30.0])
    (act,) = joined(changes).itertuples()
    assert (act.change_id, act.before_scene, act.dates) == ("C0", "own", 3)
    assert (act.score, act.near_m, act.reach_m) == (0.9, 5.0, 100.0)
    # the pixel between them is filled in, and nothing else is
    assert act.geometry.equals(at(100, 100, 240, 200))
    assert act.area_m2 == pytest.approx(14_000, rel=0.01)


def test_what_may_reach_farther_than_anybody_looked_may_so_together():
    assert joined(pieces(LARGE, PIECE, reach_m=[100.0, None])).reach_m.isna().all()


def test_the_largest_has_it_whoever_told_of_it():
    changes = pieces(PIECE, LARGE, at(100, 210, 200, 220))
    (act,) = joined(changes).itertuples()
    assert (act.change_id, act.before_scene) == ("C1", "other")
    assert joined(changes.iloc[::-1]).equals(joined(changes))


def test_the_act_errs_as_its_least_certain_piece_and_came_when_any_can_have_come():
    days = [pd.Timestamp(day, tz="UTC") for day in ("2026-01-05", "2026-03-07", "2025-12-01")]
    changes = pieces(
        LARGE,
        PIECE,
        sigma_m=[1.0, 12.0],
        match_m=[3.0, 2.0],
        tide_sigma_m=[0.0, 7.0],
        last_without=[days[0], None],
        first_with=[days[1], None],
        dates=2,
    )
    changes = changes.assign(before=[days[2] - pd.Timedelta(days=30), days[2]])
    (act,) = joined(changes).itertuples()
    assert (act.sigma_m, act.match_m, act.tide_sigma_m) == (12.0, 3.0, 7.0)
    assert act.last_without == days[2]
    assert act.first_with == changes.after[1]
    assert act.before == changes.before[0]  # when its earlier scene was taken


def test_what_was_vetoed_between_them_is_not_filled_in():
    strip = at(200, 100, 210, 120)
    changes = pieces(LARGE, PIECE, strip, veto=[None, None, "tide"])
    act = joined(changes).geometry[0]
    assert act.equals(shapely.difference(at(100, 100, 240, 200), strip))


def test_a_bay_of_the_large_one_stays_open():
    fork = shapely.union_all([LARGE, at(100, 200, 140, 300), at(150, 200, 200, 300)])
    (act,) = joined(pieces(fork, PIECE)).itertuples()
    assert act.geometry.intersection(at(140, 200, 150, 300)).area == 0


def test_bodies_cut_from_one_change_are_one_again():
    changes = pieces(LARGE, PIECE, at(100, 260, 200, 300), before_scene="own")
    cut = changes.assign(change_id=["C-2XQ-R1-A1", "C-2XQ", "C-2XQ-R1-A2"])
    act, other = joined(cut).itertuples()
    assert (act.change_id, other.change_id) == ("C-2XQ-R1-A1", "C-2XQ-R1-A2")
    # all ground about them was seen: what lies between has not changed
    assert act.geometry.equals(shapely.union(LARGE, PIECE))
    apart = changes.assign(change_id=["C-2XQ", "C-3XQ", "C-4XQ"])
    assert len(joined(apart)) == 3


@pytest.mark.parametrize(
    "more",
    [
        {"before_scene": "own"},
        {"after_scene": ["a", "b"]},
        {"dates": [2, 1]},
        {"dates": [2, None]},
        {"dates": [1, None]},
        {"first_with": pd.to_datetime(["2026-09-01", "2025-11-01"], utc=True)},
        {"veto": [None, "tide"]},
        {"kind": ["land_gained", "enclosed"]},
        {"pixel_m": 5.0},
        {"pixel_m": None},
    ],
    ids=str,
)
def test_its_neighbour_is_not(more):
    changes = pieces(LARGE, PIECE).assign(**more)
    assert joined(changes).equals(changes)
