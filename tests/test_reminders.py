"""What permits' dates and sizes give reason to ask, and what must be left in peace."""

import json
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest

from conftest import CRS, at, changes_of, frame, permit
from seawatch.authorities import level_of
from seawatch.layers import empty_layers
from seawatch.maps.words import reminders_said
from seawatch.rules import RULES, judge, remind
from seawatch.tables import COVERAGE, PERMITS

ON = date(2026, 11, 23)
SHANDONG = ("山东省",)
EVERYWHERE = "surface,water,seabed,subsoil"


def layers_of(*permits):
    from dataclasses import replace

    table = PERMITS.check(frame(*map(list, zip(*permits, strict=True))))
    absent = frozenset({"coastline", "islands", "zones", "duty", "known"})
    return replace(empty_layers(CRS), permits=table, absent=absent)


def seen_of(*pairs, where=None, least95_m2=1400.0):
    """Coverage of pairs (before, after) that show everything."""
    rows = {
        "seen": "yes",
        "why": "clear",
        "before": [pd.Timestamp(b, tz="UTC") for b, _ in pairs],
        "after": [pd.Timestamp(a, tz="UTC") for _, a in pairs],
        "least95_m2": least95_m2,
        "area_m2": 1.0,
    }
    shapes = [where or at(-1000, -1000, 3000, 3000)] * len(pairs)
    return COVERAGE.check(gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS))


def nothing():
    return changes_of(("raft", at(0, 0, 1, 1))).iloc[:0]


def reminded(rule, layers, changes=None, *, on=ON, seen=None, where=(), **limits):
    table = remind(
        nothing() if changes is None else changes, layers, on, seen, {rule: limits}, where
    )
    return table[table.rule == rule]


def test_every_reminder_is_tested_here_and_none_is_a_flag():
    asked = {"renewal_due", "not_dismantled", "idle", "split_approval", "approval_level"}
    assert {name for name, rule in RULES.items() if rule.reminder} == asked


# renewal_due ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 6, 29), None),
        (date(2026, 6, 30), "open"),
        (date(2026, 10, 31), "open"),
        (date(2026, 11, 1), "missed"),
        (date(2026, 12, 31), "missed"),
        (date(2027, 1, 1), None),
    ],
)
def test_renewal_is_due_two_months_before_the_end(on, state):
    layers = layers_of((permit("A", "41", "surface", valid_to="2026-12-31"), at(0, 0, 90, 90)))
    found = reminded("renewal_due", layers, on=on)
    assert list(found.state) == ([] if state is None else [state])
    if state:
        assert found.due.item() == pd.Timestamp("2026-10-31")


def test_shandong_counts_sixty_days():
    layers = layers_of((permit("A", "41", "surface", valid_to="2026-12-31"), at(0, 0, 90, 90)))
    found = reminded("renewal_due", layers, on=date(2026, 11, 1), where=SHANDONG)
    assert found.due.item() == pd.Timestamp("2026-11-01")
    assert found.state.item() == "open"


def test_a_right_that_is_renewed_is_left_in_peace():
    old = (permit("A", "41", "surface", valid_to="2026-12-31"), at(0, 0, 90, 90))
    new = permit("B", "41", "surface", valid_from="2027-01-01", valid_to="2040-01-01")
    assert reminded("renewal_due", layers_of(old, (new, at(0, 0, 90, 90)))).empty
    # over a part of the place it is no renewal
    assert len(reminded("renewal_due", layers_of(old, (new, at(0, 0, 60, 90))))) == 1


# not_dismantled and expired ---------------------------------------------------------------------

ENDED = (permit("A", "21", EVERYWHERE, valid_to="2026-03-31"), at(0, 0, 200, 60))


@pytest.mark.parametrize(
    ("before", "after", "rules", "built"),
    [
        ("2025-01-10", "2026-02-01", {"not_dismantled"}, None),
        ("2026-01-10", "2026-05-01", {"expired"}, "unknown"),
        ("2026-04-10", "2026-05-01", {"expired"}, "after"),
    ],
)
def test_works_from_before_the_end_are_to_be_dismantled_later_ones_are_use(
    before, after, rules, built
):
    layers = layers_of(ENDED)
    pier = changes_of(("structure", at(20, 20, 180, 32)), before=before, after=after)
    found = judge(pier, layers, ON)
    left = reminded("not_dismantled", layers, pier)
    assert set(found.rule) | set(left.rule) == rules
    assert len(found) + len(left) == 1  # one act, one place to stand
    if built:
        numbers = json.loads(found.numbers.item())
        assert numbers["built"] == built
        crosses = [m["permit_id"] for m in numbers.get("meanwhile", [])]
        assert crosses == (["A"] if built == "unknown" else [])


def test_land_under_a_fill_right_is_land_and_gear_afloat_is_use():
    filled = layers_of((permit("A", "11", EVERYWHERE, valid_to="2026-03-31"), at(0, 0, 200, 60)))
    early = {"before": "2025-01-10", "after": "2026-02-01"}
    land = changes_of(("land_gained", at(20, 5, 180, 55)), **early)
    assert judge(land, filled, ON).empty
    assert reminded("not_dismantled", filled, land).empty
    farmed = layers_of(
        (permit("A", "41", "surface,water", valid_to="2026-03-31"), at(0, 0, 200, 60))
    )
    rafts = changes_of(("raft", at(20, 5, 180, 55)), **early)
    assert set(judge(rafts, farmed, ON).rule) == {"expired"}
    assert reminded("not_dismantled", farmed, rafts).empty


# idle -------------------------------------------------------------------------------------------

POND = (permit("A", "33", EVERYWHERE, valid_from="2024-06-01"), at(0, 0, 100, 100))


@pytest.mark.parametrize(
    ("before", "after", "years"),
    [
        ("2024-05-20", "2026-11-20", 2),
        ("2024-05-20", "2025-11-20", 1),
        ("2024-05-20", "2025-04-20", None),  # less than a year in force then
        ("2024-06-20", "2026-11-20", None),  # something may have been built in those weeks
    ],
)
def test_idle_rests_on_a_look_from_before_the_right_and_one_a_year_after(before, after, years):
    found = reminded("idle", layers_of(POND), seen=seen_of((before, after)))
    assert [json.loads(n)["years"] for n in found.numbers] == ([] if years is None else [years])


def test_idle_needs_the_whole_parcel_clear_and_large_enough():
    pair = ("2024-05-20", "2026-11-20")
    half = seen_of(pair, where=at(0, 0, 90, 100))
    assert reminded("idle", layers_of(POND), seen=half).empty
    assert reminded("idle", layers_of(POND), seen=seen_of(pair, least95_m2=10_001.0)).empty
    assert reminded("idle", layers_of(POND)).empty
    unknown = reminded("idle", layers_of(POND), seen=half, list_unknown=1)
    assert list(unknown.state) == ["not_known"]


def test_anything_seen_in_the_parcel_even_if_vetoed_is_not_nothing():
    seen = seen_of(("2024-05-20", "2026-11-20"))
    dike = changes_of(("land_gained", at(10, 10, 20, 90)), veto="varies")
    assert reminded("idle", layers_of(POND), dike, seen=seen).empty


@pytest.mark.parametrize(("after", "known"), [("2026-02-20", True), ("2026-08-20", False)])
def test_idle_is_never_raised_from_an_image_off_the_season(after, known):
    rafts = (permit("A", "41", "surface,water", valid_from="2024-06-01"), at(0, 0, 100, 100))
    seen = seen_of(("2024-05-20", after))
    assert len(reminded("idle", layers_of(rafts), seen=seen)) == known


def test_idle_leaves_uses_that_show_nothing_and_older_rights_alone():
    seen = seen_of(("2024-05-20", "2026-11-20"))
    cable = (permit("A", "53", "seabed", valid_from="2024-06-01"), at(0, 0, 100, 100))
    assert reminded("idle", layers_of(cable), seen=seen).empty
    older = permit("OLD", "33", EVERYWHERE, valid_from="2010-01-01", valid_to="2024-05-31")
    assert reminded("idle", layers_of(POND, (older, at(0, 0, 100, 100))), seen=seen).empty


# approvals --------------------------------------------------------------------------------------


def farm(name, hectares, x=0.0, authority="威海市环翠区政府", **more):
    row = permit(name, "41", "surface,water", authority=authority, **more)
    return row, at(x, 0, x + hectares * 10, 1000)


@pytest.mark.parametrize(
    ("hectares", "authority", "required"),
    [
        (199, "威海市环翠区政府", None),
        (201, "威海市环翠区政府", "city"),
        (201, "威海市政府", None),
        (201, None, None),
        (701, "威海市政府", "nation"),
        (701, "国务院", None),
    ],
)
def test_an_office_gives_no_more_than_its_level(hectares, authority, required):
    layers = layers_of(farm("A", hectares, authority=authority))
    found = reminded("approval_level", layers, where=SHANDONG)
    assert [json.loads(n)["required"] for n in found.numbers] == ([required] if required else [])


def test_an_area_over_the_threshold_by_its_own_error_is_left_alone():
    row, shape = farm("A", 200.3)
    layers = layers_of(({**row, "sigma_m": 5.0}, shape))
    assert reminded("approval_level", layers, where=SHANDONG).empty
    assert len(reminded("approval_level", layers, where=SHANDONG, sigmas=0.0)) == 1


def test_one_use_in_parts_is_added_up():
    parts = (farm("A", 120), farm("B", 110, x=1210.0))
    found = reminded("split_approval", layers_of(*parts), where=SHANDONG)
    numbers = json.loads(found.numbers.item())
    assert numbers["permits"] == ["A", "B"]
    assert (numbers["level"], numbers["required"]) == ("county", "city")
    assert numbers["total_ha"] == pytest.approx(230, rel=0.002)


@pytest.mark.parametrize(
    "other",
    [
        farm("B", 110, x=1310.0),
        ({**farm("B", 110, x=1210.0)[0], "holder": "Li Si"}, farm("B", 110, x=1210.0)[1]),
        farm("B", 110, x=1210.0, valid_from="2022-01-01"),
        farm("B", 70, x=1210.0),
    ],
    ids=["apart", "another holder", "another time", "below the threshold together"],
)
def test_neighbours_that_are_no_one_use_are_left_alone(other):
    layers = layers_of(farm("A", 120), other)
    assert reminded("split_approval", layers, where=SHANDONG).empty


def test_a_name_with_two_readings_gets_the_higher():
    names = ["荣成市自然资源局", "北京市规自委", "广西壮族自治区政府", "文登区政府", "海洋局", None]
    levels = ["city", "province", "province", "county", None, None]
    assert level_of(pd.Series(names, dtype=object)).tolist() == levels


# all --------------------------------------------------------------------------------------------


def test_every_reminder_is_said_in_both_languages():
    layers = layers_of(
        farm("A", 120),
        farm("B", 110, x=1210.0),
        farm("C", 210, x=4000.0),
        (POND[0] | {"permit_id": "P"}, at(0, 2000, 99, 2099)),
        (permit("R", "41", "surface", valid_to="2026-12-31"), at(0, 3000, 90, 3090)),
        (ENDED[0] | {"permit_id": "E"}, at(0, 4000, 200, 4060)),
    )
    pier = changes_of(
        ("structure", at(20, 4020, 180, 4032)), before="2025-01-10", after="2026-02-01"
    )
    seen = seen_of(("2024-05-20", "2026-11-20"), where=at(-99, -99, 4000, 5000))
    table = remind(pier, layers, ON, seen, where=SHANDONG)
    assert set(table.rule) == {name for name, rule in RULES.items() if rule.reminder}
    for language in ("zh", "en"):
        said = reminders_said(table, ON, language, SHANDONG)
        assert said.reason.str.len().min() > 15
        assert not said.reason.str.contains("None|nan").any()
        assert said.basis.notna().all()
