"""Rights in polygon x stratum x time: where planar judging goes wrong, both ways.

y 0-100, x 0-100    a mussel farm's surface and water; a cable's seabed and subsoil below
x 200-300           a farm's surface, and a farm's water, of two holders
x 400-500           a farm that ended in 2025, and its successor from 2026
x 600-700           a harbour basin (all strata) over the end of a cable
"""

from datetime import date

import pytest

from conftest import CRS, at, changes_of, frame, permit
from seawatch.layers import empty_layers
from seawatch.rights import conflicts, held, thin
from seawatch.rules import judge
from seawatch.tables import PERMITS, STRATA

ON = date(2026, 11, 23)


@pytest.fixture
def strata():
    rows = [
        (permit("FARM", "41", "surface,water"), at(0, 0, 100, 100)),
        (permit("CABLE", "53", "seabed,subsoil"), at(0, 0, 100, 100)),
        (permit("SURFACE", "41", "surface"), at(200, 0, 300, 100)),
        (permit("WATER", "41", "water"), at(200, 0, 300, 100)),
        (permit("OLD", "41", "surface,water", valid_to="2025-12-31"), at(400, 0, 500, 100)),
        (permit("NEW", "41", "surface,water", valid_from="2026-01-01"), at(400, 0, 500, 100)),
        (permit("BASIN", "31", "surface"), at(600, 0, 700, 100)),
        (permit("PIPE", "53", "seabed"), at(650, 0, 750, 100)),
    ]
    return PERMITS.check(frame(*map(list, zip(*rows, strict=True))))


def rules_of(permits, kind, where, on=ON):
    from dataclasses import replace

    layers = replace(
        empty_layers(CRS), permits=permits, absent=frozenset({"coastline", "islands", "zones"})
    )
    return list(judge(changes_of((kind, where)), layers, on).rule)


def planar(permits):
    """The same register as one that knows no strata would hold it."""
    return permits.assign(strata=",".join(STRATA))


def test_planar_judging_would_find_conflicts_that_are_none(strata):
    found = conflicts(strata, ON)
    assert list(zip(found.permit_a, found.permit_b, strict=True)) == [("BASIN", "PIPE")]
    assert found.strata.item() == "seabed"
    assert found.area_m2.item() == pytest.approx(50 * 100, rel=0.002)
    wrong = conflicts(planar(strata), ON)
    assert len(wrong) == 3  # the cable below the farm and the two farms, besides


def test_rights_that_follow_each_other_do_not_conflict(strata):
    assert not conflicts(strata).permit_a.isin(["NEW", "OLD"]).any()
    longer = strata.assign(
        valid_to=strata.valid_to.where(strata.permit_id != "OLD", strata.valid_to.max())
    )
    found = conflicts(longer).set_index("permit_a").loc["NEW"]
    assert str(found.valid_from.date()) == "2026-01-01"


def test_slivers_of_transcription_are_no_conflict(strata):
    two = strata[strata.permit_id.isin(["FARM", "NEW"])].assign(valid_from=strata.valid_from.min())
    beside = two.set_geometry([at(0, 0, 100, 100), at(99.98, 0, 200, 100)], crs=CRS)
    assert conflicts(beside).empty
    over = two.set_geometry([at(0, 0, 100, 100), at(99.8, 0, 200, 100)], crs=CRS)
    assert len(conflicts(over)) == 1
    assert conflicts(over.assign(sigma_m=0.2)).empty


@pytest.mark.parametrize(
    ("kind", "where", "rules"),
    [
        ("raft", at(10, 10, 90, 90), []),
        # planar judging would let the cable's right, or the surface's alone, acquit it
        ("raft", at(710, 10, 745, 90), ["no_permit"]),
        ("raft", at(210, 10, 290, 90), []),
        ("raft", at(410, 10, 490, 90), []),
    ],
    ids=["over a cable", "over a pipe alone", "two strata of two holders", "under the successor"],
)
def test_cover_is_judged_by_stratum_and_day(strata, kind, where, rules):
    assert rules_of(strata, kind, where) == rules


def test_planar_judging_would_acquit_and_accuse_wrongly(strata):
    cable = strata[strata.permit_id == "CABLE"]
    raft = at(10, 10, 90, 90)
    assert rules_of(cable, "raft", raft) == ["no_permit"]
    # one plane for all: the cable's right is taken for the surface, and the raft only misuses it
    assert rules_of(planar(cable), "raft", raft) == ["use_changed"]
    surface = strata[strata.permit_id == "SURFACE"]
    assert rules_of(surface, "raft", at(210, 10, 290, 90)) == ["no_permit"]
    assert rules_of(planar(surface), "raft", at(210, 10, 290, 90)) == []


def test_a_stratum_is_covered_by_its_own_holders_alone(strata):
    both = strata[strata.permit_id.isin(["SURFACE", "WATER"])]
    halves = both.set_geometry([at(200, 0, 250, 100), at(240, 0, 300, 100)], crs=CRS)
    # x 240-250 alone is held in both strata: the rest is open in one of them
    assert rules_of(halves, "raft", at(210, 10, 290, 90)) == ["no_permit"]
    assert rules_of(halves, "raft", at(240, 10, 250, 90)) == []


def test_the_day_counts(strata):
    old = strata[strata.permit_id == "OLD"]
    assert rules_of(old, "raft", at(410, 10, 490, 90)) == ["expired"]
    assert rules_of(old, "raft", at(410, 10, 490, 90), date(2025, 12, 31)) == []


def test_solid_modes_hold_every_stratum(strata):
    assert held(strata[strata.permit_id == "BASIN"]).all()
    assert held(strata[strata.permit_id == "PIPE"]).tolist() == [[False, False, True, False]]


def test_thin_is_no_circle_wider():
    import numpy as np

    shapes = np.array([at(0, 0, 200, 20), at(0, 0, 60, 60), at(0, 0, 20, 20)])
    assert thin(shapes, np.array([21.0, 21.0, 19.0])).tolist() == [True, False, False]
