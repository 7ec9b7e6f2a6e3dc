"""What each rule must flag, and beside it the nearest thing it must leave alone."""

import ast
import json
from datetime import date
from pathlib import Path

import pytest

import seawatch.rules
from conftest import CRS, at, changes_of
from seawatch.layers import Layers
from seawatch.rules import RULES, judge, not_judged
from seawatch.tables import KNOWN

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
]


@pytest.mark.parametrize(("what", "kind", "where", "rules"), CASES, ids=[c[0] for c in CASES])
def test_bay(bay, what, kind, where, rules):
    found = judge(changes_of((kind, where)), bay, ON)
    assert set(found.rule) == rules


def test_every_rule_has_a_case():
    assert set().union(*(rules for *_, rules in CASES)) == set(RULES)


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
    import pandas as pd

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
    assert not_judged(layers) == {"redline_entered": ["zones"]}
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
