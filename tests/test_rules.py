"""What each rule must flag, and beside it the nearest thing it must leave alone."""

import ast
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from shapely.geometry import LineString

import seawatch.rules
from conftest import CRS, X, Y, at, changes_of, frame, permit
from seawatch.layers import Layers
from seawatch.rules import RULES, judge, not_judged
from seawatch.rules._standing import GROUP
from seawatch.tables import KNOWN, PERMITS

ON = date(2026, 11, 23)

CASES = [
    # what                            kind           where                     rules it breaks
    ("raft in open water", "raft", at(300, 450, 350, 500), {"no_permit"}),
    ("raft in open water, but tiny", "raft", at(300, 450, 310, 460), set()),
    ("raft inside its parcel", "raft", at(410, 210, 540, 340), set()),
    ("raft past its parcel", "raft", at(450, 250, 620, 340), {"beyond_permit"}),
    ("raft past it within tolerance", "raft", at(450, 250, 552, 340), set()),
    ("raft mostly outside a parcel", "raft", at(520, 250, 700, 340), {"no_permit"}),
    ("raft inside an ended parcel", "raft", at(650, 650, 700, 700), {"expired"}),
    ("raft mostly outside an ended one", "raft", at(560, 650, 620, 700), {"no_permit"}),
    ("raft over a seabed cable", "raft", at(710, 210, 760, 260), {"no_permit"}),
    ("raft in a fill parcel", "raft", at(120, 220, 200, 300), {"use_changed"}),
    ("ship or buoy in a raft parcel", "sea_change", at(420, 220, 460, 260), set()),
    ("land in open water", "land_gained", at(300, 450, 360, 510), {"fill_no_permit"}),
    ("land in open water, but tiny", "land_gained", at(300, 450, 315, 465), set()),
    ("land inside a fill parcel", "land_gained", at(110, 210, 240, 340), set()),
    ("land growing out of one", "land_gained", at(150, 220, 320, 340), {"beyond_permit"}),
    ("land in a raft parcel", "land_gained", at(420, 220, 480, 280), {"use_changed"}),
    ("land over a seabed cable", "land_gained", at(710, 210, 770, 270), {"fill_no_permit"}),
    ("land in an ended raft parcel", "land_gained", at(650, 650, 710, 710), {"fill_no_permit"}),
    ("narrow dike in a pond parcel", "land_gained", at(860, 610, 875, 730), set()),
    ("broad fill in a pond parcel", "land_gained", at(860, 610, 960, 730), {"use_changed"}),
    (
        "land on sandy coast",
        "land_gained",
        at(300, -5, 380, 60),
        {"fill_no_permit", "natural_coast_occupied"},
    ),
    ("land on artificial coast", "land_gained", at(600, -5, 680, 60), {"fill_no_permit"}),
    ("land off the coast", "land_gained", at(300, 60, 380, 120), {"fill_no_permit"}),
    ("land lost from the coast", "land_lost", at(300, -60, 380, 0), set()),
    ("clearing on an island", "vegetation_lost", at(250, 650, 290, 700), {"island_changed"}),
    ("clearing with an island right", "vegetation_lost", at(205, 650, 235, 700), set()),
    ("the island's shore moved", "land_lost", at(298.5, 600, 310, 760), set()),
    ("dredged in a red line", "land_lost", at(480, 820, 540, 880), {"redline_entered"}),
    ("dredged beside it", "land_lost", at(380, 820, 451, 880), set()),
    ("dredged in a past red line", "land_lost", at(120, 820, 180, 880), set()),
    ("pond in open water", "enclosed", at(300, 450, 360, 510), {"enclosed_no_permit"}),
    ("pond inside a pond parcel", "enclosed", at(860, 610, 960, 730), set()),
    ("pond in a raft parcel", "enclosed", at(420, 220, 480, 280), {"use_changed"}),
    ("land under a city's fill right", "land_gained", at(-190, 110, -60, 240), {"reclaim_new"}),
    ("land under the nation's", "land_gained", at(-190, 310, -60, 440), set()),
    ("land in a legacy zone", "land_gained", at(1150, 250, 1200, 300), {"fill_no_permit", "legacy_growing"}),
    ("land next to it", "land_gained", at(1050, 250, 1095, 300), {"fill_no_permit", "legacy_growing"}),
    ("land farther off", "land_gained", at(990, 250, 1045, 300), {"fill_no_permit"}),
    ("building on old fill", "built", at(1150, 250, 1200, 300), set()),
    ("works in a base point's range", "structure", at(1150, 550, 1200, 580), {"no_permit", "basepoint_entered"}),
    ("works beside it", "structure", at(1050, 550, 1101, 580), {"no_permit"}),
    ("plants lost there", "vegetation_lost", at(1150, 550, 1200, 580), set()),
    ("rafts in a ban zone, permitted", "raft", at(1120, 820, 1200, 900), {"aquaculture_banned"}),
    ("rafts beside it", "raft", at(1020, 820, 1098, 900), {"no_permit"}),
    ("another use there", "structure", at(1120, 820, 1200, 900), {"use_changed"}),
    ("land from isle to islet", "land_gained", at(300, 650, 330, 690), {"fill_no_permit", "island_connected"}),
    ("land along the isle", "land_gained", at(300, 705, 325, 755), {"fill_no_permit", "island_connected"}),
    ("land off the isle", "land_gained", at(306, 705, 330, 755), {"fill_no_permit"}),
    ("land at its mere corner", "land_gained", at(299, 759, 330, 790), {"fill_no_permit"}),
    ("land on strict coast", "land_gained", at(-305, 100, -240, 180), {"fill_no_permit", "strict_coast"}),
    ("land off strict coast", "land_gained", at(-265, 100, -210, 180), {"fill_no_permit"}),
    ("land on limited coast", "land_gained", at(-305, 600, -240, 680), {"fill_no_permit", "limited_coast"}),
    ("permitted land on limited coast", "land_gained", at(-305, 860, -230, 940), set()),
    (
        "pond on a beach",
        "enclosed",
        at(300, -5, 380, 60),
        {"enclosed_no_permit", "natural_coast_occupied", "beach_enclosed"},
    ),
    ("jetty from a beach", "structure", at(300, -5, 312, 80), {"no_permit"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "kind", "where", "rules"), CASES, ids=[c[0] for c in CASES])
def test_bay(bay, what, kind, where, rules):
    found = judge(changes_of((kind, where)), bay, ON)
    assert set(found.rule) == rules


def test_every_rule_has_a_case():
    assert set().union(*(rules for *_, rules in CASES)) == {
        name for name, rule in RULES.items() if not rule.reminder
    }


def test_every_file_is_on_the_list():
    files = {p.stem for p in Path(seawatch.rules.__file__).parent.glob("[!_]*.py")}
    assert files == set(RULES)


def test_a_rule_imports_no_other_rule():
    for name in RULES:
        source = Path(seawatch.rules.__file__).with_name(f"{name}.py").read_text()
        modules = {n.module for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)}
        assert not modules & set(RULES)


@pytest.mark.parametrize(
    ("on", "rules"), [(date(2025, 12, 31), set()), (date(2026, 1, 1), {"expired"})]
)
def test_the_last_day_is_in_force(bay, on, rules):
    found = judge(changes_of(("raft", at(650, 650, 700, 700))), bay, on)
    assert set(found.rule) == rules


def test_the_excess_is_what_lies_beyond_the_widened_permit(bay):
    found = judge(changes_of(("land_gained", at(150, 220, 320, 340)), sigma_m=5.0), bay, ON)
    # tolerance 2 x 5 m: the excess starts at 250 + 10
    assert found.excess_m2.item() == pytest.approx(60 * 120, rel=0.002)
    assert found.area_m2.item() == pytest.approx(170 * 120, rel=0.002)
    assert json.loads(found.numbers.item())["permit_id"] == "FILL"


def test_a_wide_tolerance_acquits(bay):
    where = at(450, 250, 570, 340)
    assert set(judge(changes_of(("raft", where), sigma_m=1.0), bay, ON).rule) == {"beyond_permit"}
    assert judge(changes_of(("raft", where), sigma_m=9.0), bay, ON).empty


def test_two_rights_in_two_strata_cover_together(bay):
    # surface from one permit and water from another: the raft's place is covered
    permits = bay.permits[bay.permits.permit_id == "RAFT"]
    halves = [permits.assign(permit_id=s, strata=s) for s in ("surface", "water")]
    layers = with_permits(bay, *halves)
    raft = changes_of(("raft", at(410, 210, 540, 340)))
    assert judge(raft, layers, ON).empty
    assert set(judge(raft, with_permits(bay, halves[0]), ON).rule) == {"no_permit"}


def with_permits(bay, *tables):
    permits = pd.concat(tables, ignore_index=True)
    return Layers(
        permits, bay.coastline, bay.islands, bay.zones, bay.duty, bay.known, absent=bay.absent
    )


def test_vetoed_changes_are_not_judged(bay):
    change = changes_of(("land_gained", at(300, 450, 360, 510)), veto="tide")
    assert judge(change, bay, ON).empty


def test_growth_of_a_known_object_still_counts(bay):
    known = KNOWN.check(
        bay.islands.iloc[:1]
        .assign(known_id="K1", kind="land_gained")
        .set_geometry([at(300, 450, 360, 510)], crs=CRS)
    )
    layers = Layers(bay.permits, bay.coastline, bay.islands, bay.zones, bay.duty, known)
    assert judge(changes_of(("land_gained", at(300, 450, 360, 510))), layers, ON).empty
    grown = judge(changes_of(("land_gained", at(300, 450, 420, 510))), layers, ON)
    assert grown.excess_m2.item() == pytest.approx(58 * 60, rel=0.01)


def test_an_absent_layer_is_not_judged_rather_than_clear(bay):
    layers = Layers(
        bay.permits,
        bay.coastline,
        bay.islands,
        bay.zones.iloc[:0],
        bay.duty,
        bay.known,
        absent=frozenset({"zones"}),
    )
    zones = {"redline_entered", "aquaculture_banned", "basepoint_entered", "legacy_growing"}
    assert not_judged(layers) == {name: ["zones"] for name in zones}
    assert judge(changes_of(("land_lost", at(480, 820, 540, 880))), layers, ON).empty


def test_an_unknown_population_is_said(bay):
    found = judge(changes_of(("vegetation_lost", at(250, 650, 290, 700))), bay, ON)
    assert json.loads(found.numbers.item())["inhabited"] == "unknown"


def test_order_does_not_matter(bay):
    rows = [(kind, where) for _, kind, where, _ in CASES]
    forward = changes_of(*rows)
    backward = forward.iloc[::-1].reset_index(drop=True)
    one, other = judge(forward, bay, ON), judge(backward, bay, ON)
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert one.geometry.geom_equals(other.geometry).all()


def test_coast_length_is_the_lines_own(bay):
    found = judge(changes_of(("land_gained", at(300, -5, 380, 60))), bay, ON)
    coast = found[found.rule == "natural_coast_occupied"]
    assert coast.coast_m.item() == pytest.approx(80, abs=3)


def test_limits_come_from_the_settings(bay):
    tiny = changes_of(("raft", at(300, 450, 310, 460)))
    assert set(judge(tiny, bay, ON, {"no_permit": {"min_area_m2": 50}}).rule) == {"no_permit"}


# one act, one flag ------------------------------------------------------------------------------


def acts(bay, rows, *changes, **more):
    """Findings and their numbers, held against these permits alone."""
    table = PERMITS.check(frame(*map(list, zip(*rows, strict=True))))
    found = judge(changes_of(*changes, **more), with_permits(bay, table), ON)
    return found, [json.loads(n) for n in found.numbers]


def right(name, mode, x0, x1, **more):
    return permit(name, mode, "surface,water", **more), at(x0, 400, x1, 500)


PARTS = [
    # one change from x = 500 to 700, over rights that end there: who has it, and who is named
    ("bare", [], "no_permit", {}),
    ("bare and misused", [right("A", "44", 450, 580)], "no_permit", {"use_changed": 80}),
    ("misused and bare", [right("A", "44", 450, 620)], "use_changed", {"no_permit": 80}),
    ("grown out of a lawful use", [right("A", "41", 450, 580)], "beyond_permit", {}),
    ("a lawful use too small", [right("A", "41", 450, 560)], "no_permit", {}),
    (
        "late and bare",
        [right("A", "41", 450, 620, valid_to="2026-01-01")],
        "expired",
        {"no_permit": 80},
    ),
    (
        "bare and late",
        [right("A", "41", 450, 580, valid_to="2026-01-01")],
        "no_permit",
        {"expired": 80},
    ),
    (
        "lawful, then late: all of it is beyond",
        [right("A", "41", 450, 580), right("B", "41", 580, 650, valid_to="2026-01-01")],
        "beyond_permit",
        {},
    ),
    (
        "misused, late and bare",
        [right("A", "44", 450, 560), right("B", "41", 560, 650, valid_to="2026-01-01")],
        "expired",
        {"use_changed": 60, "no_permit": 50},
    ),
]


@pytest.mark.parametrize(("what", "rows", "rule", "also"), PARTS, ids=[p[0] for p in PARTS])
def test_one_act_has_one_flag_and_names_the_others(bay, what, rows, rule, also):
    far = right("FAR", "41", 5000, 5100)
    found, (numbers,) = acts(bay, [*rows, far], ("raft", at(500, 410, 700, 490)))
    assert list(found.rule) == [rule]
    named = {other["rule"]: other["area_m2"] / 80 for other in numbers.get("also", [])}
    assert named.keys() == also.keys()
    for name, wide in also.items():
        assert named[name] == pytest.approx(wide, abs=4.1)  # less the tolerance of 2 m


def test_equal_parts_go_to_the_rule_named_first(bay):
    # the tolerance goes to the right: 98 m misused less 2, and the rest
    rows = [right("A", "44", 400, 598)]
    found, (numbers,) = acts(bay, rows, ("raft", at(500, 410, 700, 490)))
    assert list(found.rule) == ["use_changed"]
    assert numbers["also"][0]["rule"] == "no_permit"


def test_an_act_is_no_smaller_for_breaking_two_rules(bay):
    rows = [right("A", "44", 400, 513)]
    small = at(500, 410, 530, 430)  # 300 m² misused and 300 m² bare
    found, _ = acts(bay, rows, ("raft", small))
    assert len(found) == 1
    assert found.excess_m2.item() < 400
    assert acts(bay, rows, ("raft", at(500, 410, 530, 422)))[0].empty


def test_new_land_without_a_right_names_the_stop_of_2018(bay):
    found, (numbers,) = acts(
        bay, [right("A", "41", 0, 90)], ("land_gained", at(500, 410, 700, 490))
    )
    assert list(found.rule) == ["fill_no_permit"]
    assert [o["rule"] for o in numbers["also"]] == ["reclaim_new"]
    # the same ground: on the ellipsoid both, where the bay's map is a thousandth larger
    assert numbers["also"][0]["area_m2"] == pytest.approx(numbers["excess_m2"], abs=0.06)
    assert found.geometry.area.item() > numbers["excess_m2"] + 1
    old = acts(
        bay,
        [right("A", "41", 0, 90)],
        ("land_gained", at(500, 410, 700, 490)),
        before="2017-01-01",
        after="2018-01-01",
    )
    assert "also" not in old[1][0]


def test_rights_from_before_the_stop_and_of_no_named_office_are_left_alone(bay):
    land = ("land_gained", at(510, 410, 690, 490))
    local = {"authority": "威海市政府"}
    cases = [({**local, "valid_from": "2018-07-13"}, []), ({}, []), (local, ["reclaim_new"])]
    for more, rules in cases:
        found, _ = acts(bay, [right("A", "11", 500, 700, **more)], land)
        assert list(found.rule) == rules


def test_every_rule_of_the_group_wins_somewhere():
    won = {rule for _, _, rule, _ in PARTS}.union(*(rules for *_, rules in CASES))
    assert set(GROUP) <= won


# time -------------------------------------------------------------------------------------------


def test_rights_that_change_inside_the_interval_are_named(bay):
    rows = [
        right("A", "41", 450, 750, valid_to="2026-03-01"),
        right("B", "41", 450, 750, valid_to="2020-03-01"),
    ]
    raft = ("raft", at(500, 410, 700, 490))
    _, (numbers,) = acts(bay, rows, raft)
    assert [m["permit_id"] for m in numbers["meanwhile"]] == ["A"]
    assert numbers["built"] == "unknown"
    _, (numbers,) = acts(bay, rows, raft, before="2026-04-01")
    assert "meanwhile" not in numbers
    assert numbers["built"] == "after"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "certain"),
    [
        (None, None, True),
        ("2025-11-20", "2026-11-20", True),
        ("2026-05-01", None, False),
        (None, "2026-05-01", False),
        ("2026-11-21", None, None),
        (None, "2025-11-19", None),
    ],
)
def test_a_zone_counts_over_the_interval(bay, valid_from, valid_to, certain):
    zones = bay.zones[bay.zones.zone_id == "Z1"].assign(
        valid_from=pd.Timestamp(valid_from), valid_to=pd.Timestamp(valid_to)
    )
    found = judge(changes_of(("land_lost", at(480, 820, 540, 880))), replace(bay, zones=zones), ON)
    told = [json.loads(n)["zone_certain"] for n in found.numbers]
    assert told == ([] if certain is None else [certain])


# islands ----------------------------------------------------------------------------------------


def test_an_uninhabited_island_is_judged_more_strictly(bay):
    small = changes_of(("built", at(250, 650, 265, 670)))  # 300 m²
    for inhabited, number in (("no", 1), (None, 1), ("yes", 0)):
        islands = bay.islands.assign(inhabited=inhabited)
        assert len(judge(small, replace(bay, islands=islands), ON)) == number


def test_an_island_right_counts_on_its_days(bay):
    building = changes_of(("built", at(205, 650, 235, 700)))
    assert judge(building, bay, date(2030, 12, 31)).empty
    assert set(judge(building, bay, date(2031, 1, 1)).rule) == {"island_changed"}


def test_an_islands_own_shore_on_the_coastline_is_not_the_mainland(bay):
    own = bay.coastline.iloc[:1].assign(segment_id="I1", kind="artificial")
    own = own.set_geometry([LineString([(X + 300, Y + 600), (X + 300, Y + 760)])], crs=CRS)
    coast = pd.concat([bay.coastline, own], ignore_index=True)
    short = changes_of(("land_gained", at(299, 720, 330, 740)))
    found = judge(short, replace(bay, coastline=coast), ON)
    assert set(found.rule) == {"fill_no_permit"}


# tolerance --------------------------------------------------------------------------------------


def test_the_tolerance_is_both_images_the_permit_and_the_tide(bay):
    # 1 m by its images, 2 m by the survey, 2 m by the waterline: 2 x 3 m
    rows = [right("A", "11", 450, 600)]
    rows[0][0]["sigma_m"] = 2.0
    land = ("land_gained", at(500, 410, 700, 490))
    found, (numbers,) = acts(bay, rows, land, tide_sigma_m=2.0)
    assert numbers["tolerance_m"] == pytest.approx(6.0)
    assert found.excess_m2.item() == pytest.approx(94 * 80, rel=0.002)


def test_confidence_knows_how_likely_the_excess_is(bay):
    rows = [right("A", "41", 400, 600)]
    _, (one,) = acts(bay, rows, ("raft", at(500, 410, 700, 490)), sigma_m=1.0)
    _, (two,) = acts(bay, rows, ("raft", at(500, 410, 640, 490)), sigma_m=16.0)
    assert one["excess_probability"] == pytest.approx(1.0, abs=1e-6)
    assert two["excess_probability"] < 0.99
    assert two["excess_sigma_m2"] > 0


@pytest.mark.parametrize(
    "name", ["natural_coast_occupied", "strict_coast", "limited_coast", "beach_enclosed"]
)
def test_where_nothing_lies_near_the_coast_the_findings_are_an_empty_table(bay, name):
    far = changes_of(("land_gained", at(450, 500, 550, 600)))
    found = RULES[name].check(far, bay, date(2026, 11, 23))
    assert found.empty
    assert {"rule", "subject", "numbers", "coast_m"} <= set(found.columns)
