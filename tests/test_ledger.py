"""The shoreline accounts: what may be booked, what it comes to, and how it is told."""

import json
from datetime import date, timedelta
from functools import cache

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString

import seawatch as sw
from conftest import CRS, X, Y, at, changes_of, frame, write_layers
from seawatch.entries import lines_of, placed, proposed, shapes_of
from seawatch.errors import InputRefused, UsageError
from seawatch.io.shoreline import write_entries
from seawatch.layers import Layers, empty_layers
from seawatch.ledger import BY, balance, post
from seawatch.offsets import FLOORS, RATIOS, Ratio, Terms, terms_of
from seawatch.reports import accounts
from seawatch.reports.ledger_words import _WORDS, remark
from seawatch.rules import judge
from seawatch.tables import COASTLINE, SEGMENT_KINDS, SHORELINE
from seawatch.workspace import tell_ledger

LATE = date(2030, 1, 1)


@cache
def coast(split=False, baseline="b1", surveyed="2020-01-01"):
    """N1 natural, A artificial, N2 natural, 500 m each; N1 in two where `split`."""
    rows = [("N1", "sandy", [0, 250, 500]), ("A", "artificial", [500, 750, 1000]),
            ("N2", "bedrock", [1000, 1500])]  # fmt: skip
    if split:
        rows[:1] = [("N1a", "sandy", [250, 0]), ("N1b", "sandy", [250, 500])]
    columns = {
        "segment_id": [r[0] for r in rows],
        "kind": [r[1] for r in rows],
        "baseline": baseline,
        "surveyed": surveyed,
    }
    lines = [LineString([(X + x, Y) for x in row[2]]) for row in rows]
    return COASTLINE.check(frame(columns, lines))


def entry(entry_id, kind, segment_id, from_m, to_m, day="2024-03-01", project="P", **more):
    return {
        "entry_id": entry_id,
        "kind": kind,
        "date": day,
        "project": project,
        "segment_id": segment_id,
        "from_m": from_m,
        "to_m": to_m,
        **more,
    }


def table(*rows, line=None):
    """The checked shoreline table of entries that name their segments."""
    known = {c.name: None for c in SHORELINE.columns}
    plain = pd.DataFrame([{**known, **row} for row in rows])
    shapes = shapes_of(plain, lines_of(coast() if line is None else line))
    return SHORELINE.check(gpd.GeoDataFrame(plain, geometry=shapes))


def booked(*rows, on=LATE, terms=None, line=None):
    line = coast() if line is None else line
    return post(table(*rows, line=line), line, terms or terms_of(["威海市"]), on)


def states(ledger):
    return dict(zip(ledger.entries.entry_id, ledger.entries.state, strict=True))


def why(ledger, entry_id):
    return ledger.entries.set_index("entry_id").why[entry_id]


def figures(ledger, project="P"):
    return balance(ledger).set_index("project").loc[project]


# -- what may be booked ----------------------------------------------------------------------


def test_occupied_coast_is_owed_until_as_much_was_accepted():
    rows = [
        entry("1", "occupied", "N1", 0, 40),
        entry("2", "restored", "A", 0, 30, "2024-05-01", accepted="2024-09-01"),
        entry("3", "restored", "A", 30, 90, "2024-06-01", accepted="2025-01-01"),
    ]
    before = booked(*rows, on=date(2024, 8, 31))
    assert states(before) == {"1": "counted", "2": "pending", "3": "pending"}
    assert figures(before)[["owed_m", "restored_m", "pending_m"]].tolist() == [40, 0, 90]
    between = booked(*rows, on=date(2024, 9, 1))
    assert figures(between)[["owed_m", "credit_m", "pending_m"]].tolist() == [10, 0, 60]
    after = figures(booked(*rows, on=date(2025, 1, 1)))
    assert after[["required_m", "settled_m", "owed_m", "credit_m"]].tolist() == [40, 40, 0, 50]


def test_a_settlement_names_both_entries():
    ledger = booked(
        entry("1", "occupied", "N1", 0, 40),
        entry("2", "occupied", "N2", 0, 25, "2024-04-01"),
        entry("3", "restored", "A", 0, 50, "2024-05-01", accepted="2024-09-01"),
    )
    paid = ledger.movements[ledger.movements.account_from == "owed"]
    assert paid[["entry_id", "other", "metres"]].values.tolist() == [["1", "3", 40], ["2", "3", 10]]
    assert set(paid.date) == {pd.Timestamp("2024-09-01")}


def test_no_project_pays_with_anothers_credit_unless_it_was_restored_for_it():
    rows = [
        entry("1", "occupied", "N1", 0, 40, project="P"),
        entry("2", "restored", "A", 0, 40, project="Q", accepted="2024-09-01"),
    ]
    ledger = booked(*rows)
    assert figures(ledger, "P").owed_m == 40
    assert figures(ledger, "Q").credit_m == 40
    rows[1]["compensates"] = "P"
    assert figures(booked(*rows), "P")[["owed_m", "credit_m"]].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        # the same metres, in part; touching is not overlapping
        ([("1", "occupied", "N1", 0, 40), ("2", "occupied", "N1", 39, 60)], {"2": "twice"}),
        ([("1", "occupied", "N1", 0, 40), ("2", "occupied", "N1", 40, 60)], {}),
        # coast that is natural as it is
        ([("1", "restored", "N1", 0, 40)], {"1": "natural_already"}),
        ([("1", "occupied", "N1", 0, 40), ("2", "restored", "N1", 0, 40)], {}),
        ([("1", "occupied", "N1", 0, 40), ("2", "restored", "N1", 0, 41)],
         {"2": "natural_already"}),
        ([("1", "restored", "A", 0, 40), ("2", "restored", "A", 30, 60)],
         {"2": "natural_already"}),
        # exempt, with a reason or without, and where somebody is
        ([("1", "exempt", "N1", 0, 40, {"reason": "on piles"})], {}),
        ([("1", "exempt", "N1", 0, 40)], {"1": "no_reason"}),
        ([("1", "occupied", "N1", 0, 40), ("2", "exempt", "N1", 10, 20, {"reason": "tunnel"})],
         {"2": "twice"}),
        # accepted before it was done
        ([("1", "restored", "A", 0, 40, {"accepted": "2023-01-01"})], {"1": "early"}),
        # below the floor of 45 %: 1,000 of 1,500 m are natural, 675 must stay
        ([("1", "occupied", "N1", 0, 320)], {}),
        ([("1", "occupied", "N1", 0, 330)], {"1": "floor"}),
        ([("1", "occupied", "N1", 0, 330, {"override_by": "Li"})], {"1": "no_override_reason"}),
        ([("1", "occupied", "N1", 0, 330, {"reason": "defence"})], {"1": "floor"}),
        ([("1", "occupied", "N1", 0, 330, {"override_by": "Li", "reason": "defence"})], {}),
        # other coast is not natural: the floor does not ask
        ([("1", "occupied", "A", 0, 499)], {}),
        # what was restored raises the floor's room
        ([("1", "restored", "A", 0, 100), ("2", "occupied", "N1", 0, 400)], {}),
        ([("1", "occupied", "N9", 0, 40)], {"1": "no_segment"}),
    ],
)  # fmt: skip
def test_what_is_refused(rows, refused):
    given_ = []
    for number, row in enumerate(rows):
        more = {"accepted": "2024-09-01"} if row[1] == "restored" else {}
        more |= row[5] if len(row) > 5 else {}
        day = f"2024-0{number + 3}-01" if row[1] != "occupied" or number == 0 else "2024-12-01"
        given_.append(entry(*row[:5], day, **more))
    shapes = table(*[e for e in given_ if e["segment_id"] != "N9"]) if not refused or (
        "no_segment" not in refused.values()) else None  # fmt: skip
    if shapes is None:
        shapes = SHORELINE.check(frame([given_[0]], [LineString([(X, Y), (X + 40, Y)])]))
    ledger = post(shapes, coast(), terms_of(["威海市"]), LATE)
    assert dict(zip(ledger.refused.entry_id, ledger.refused.why, strict=True)) == refused
    if not refused:
        assert set(states(ledger).values()) == {"counted"}


def test_a_refused_entry_moves_nothing_and_a_reason_is_kept():
    ledger = booked(
        entry("1", "occupied", "N1", 0, 330, override_by="Li", reason="defence"),
        entry("2", "occupied", "N1", 300, 340, "2024-04-01"),
    )
    assert set(ledger.movements.entry_id) == {"1"}
    assert why(ledger, "1") == "let_pass"
    row = ledger.entries.set_index("entry_id").loc["1"]
    assert remark(row.why, row.numbers, "en") == "below the floor, let pass by Li: defence"
    assert ledger.retention.spare_m.item() < 0


def test_restored_coast_may_be_occupied_again_but_earns_credit_once():
    ledger = booked(
        entry("1", "restored", "A", 0, 40, "2024-01-01", accepted="2024-02-01"),
        entry("2", "occupied", "A", 0, 40, "2024-03-01"),
        entry("3", "restored", "A", 0, 60, "2024-04-01", accepted="2024-05-01"),
    )
    assert set(states(ledger).values()) == {"counted"}
    got = figures(ledger)
    assert got[["occupied_m", "required_m", "restored_m", "owed_m"]].tolist() == [40, 40, 60, 0]
    assert why(ledger, "3") == "earned_before"
    assert ledger.retention.restored_now_m.item() == pytest.approx(60)


def test_what_lies_after_the_day_is_not_there_yet():
    ledger = booked(entry("1", "occupied", "N1", 0, 40, "2024-03-02"), on=date(2024, 3, 1))
    assert states(ledger) == {"1": "later"}
    assert ledger.movements.empty
    assert balance(ledger).empty


# -- the terms -------------------------------------------------------------------------------


def test_every_term_says_where_it_stands():
    for row in (*FLOORS, *RATIOS):
        assert row.source
        assert row.grade in ("H", "M")
    assert terms_of().floor.share == 0.35
    assert terms_of(["威海市"]).floor.share == 0.45
    assert terms_of(["威海市"], 0.5).floor.share == 0.5
    assert terms_of(["某市", "山东省"]).ratios == ()


def test_ratios_go_by_coast_status_and_day():
    first = date(2021, 7, 1)
    own = [
        Ratio("x", "natural", "below", 1.5, first, None, "s", "L"),
        Ratio("x", "natural", "above", 1.0, first, None, "s", "L"),
        Ratio("x", "muddy", "any", 2.0, first, None, "s", "L"),
        Ratio("x", "other", "any", 0.8, first, None, "s", "L"),
    ]
    terms = terms_of(["威海市"], 0.6, own)
    day = date(2024, 3, 1)
    asked = [("sandy", "below"), ("sandy", "above"), ("muddy", "above"), ("artificial", "below")]
    assert [terms.ratio(*row, day).ratio for row in asked] == [1.5, 1.0, 2.0, 0.8]
    assert terms.ratio("sandy", "below", date(2020, 1, 1)).source.startswith("《威海市")
    assert terms.ratio("artificial", "below", date(2020, 1, 1)) is None
    # 1,000 of 1,500 m natural is above 0.6, and 909 are; a row that says else is believed
    ledger = booked(
        entry("1", "occupied", "N1", 0, 90),
        entry("2", "occupied", "N2", 0, 1, "2024-04-01", status="below"),
        entry("3", "occupied", "A", 0, 100, "2024-05-01"),
        terms=terms,
    )
    assert figures(ledger).required_m == pytest.approx(90 + 1.5 + 80)
    assert figures(ledger).occupied_other_m == 100


def test_without_a_known_ratio_nothing_is_made_up():
    ledger = booked(entry("1", "occupied", "N1", 0, 40), terms=terms_of())
    assert why(ledger, "1") == "no_ratio"
    assert figures(ledger)[["occupied_m", "required_m"]].tolist() == [40, 0]


# -- where entries lie -----------------------------------------------------------------------


def drawn_at(*points, **more):
    row = {**entry("1", "occupied", None, None, None), **more}
    return SHORELINE.check(frame([row], [LineString([(X + x, Y + y) for x, y in points])]))


def test_a_drawn_entry_lies_where_its_line_does():
    places, faults = placed(drawn_at((400, 0), (500, 0), (620, 0.4)), lines_of(coast()))
    assert not faults
    got = places.set_index("segment_id")[["from_m", "to_m"]]
    assert got.loc["N1"].tolist() == pytest.approx([400, 500], abs=0.15)
    assert got.loc["A"].tolist() == pytest.approx([0, 120], abs=0.15)
    assert list(places.coast) == ["sandy", "artificial"]


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ([(400, 0), (450, 30), (500, 0)], "off_line"),
        ([(400, 0), (450, 0), (410, 0), (450, 0)], "shortcut"),
    ],
)
def test_a_line_drawn_beside_the_coast_lies_nowhere(points, fault):
    places, faults = placed(drawn_at(*points), lines_of(coast()))
    assert places.empty
    assert [f["why"] for f in faults] == [fault]


def test_of_two_surveys_the_newest_unless_it_is_named():
    new = coast(baseline="b2", surveyed="2024-01-01").assign(segment_id=["M1", "B", "M2"])
    lines = lines_of(pd.concat([coast(), new], ignore_index=True))
    assert placed(drawn_at((0, 0), (40, 0)), lines)[0].segment_id.item() == "M1"
    assert placed(drawn_at((0, 0), (40, 0), baseline="b1"), lines)[0].segment_id.item() == "N1"
    faults = placed(drawn_at((0, 0), (40, 0), baseline="b0"), lines)[1]
    assert [f["why"] for f in faults] == ["off_line"]


def test_a_row_that_says_two_places_is_refused():
    rows = table(entry("1", "occupied", "N1", 0, 40), entry("2", "occupied", "N1", 50, 90))
    moved = rows.set_geometry(rows.geometry.iloc[[0, 0]].to_numpy(), crs=CRS)
    places, faults = placed(moved, lines_of(coast()))
    assert list(places.entry_id) == ["1"]
    assert [(f["entry_id"], f["why"]) for f in faults] == [("2", "disagree")]


def test_parts_that_overlap_count_once():
    row = entry("1", "occupied", None, None, None)
    twice = MultiLineString([[(X, Y), (X + 40, Y)], [(X + 30, Y), (X + 60, Y)]])
    places, _ = placed(SHORELINE.check(frame([row], [twice])), lines_of(coast()))
    assert (places.to_m - places.from_m).sum() == pytest.approx(60, abs=0.1)


# -- properties ------------------------------------------------------------------------------

DAY = date(2024, 1, 1)


@st.composite
def entries_(draw):
    rows = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(["occupied", "occupied", "restored", "restored", "exempt"]))
        start = draw(st.integers(0, 480))
        stop = draw(st.integers(start + 1, min(start + 300, 499)))
        day = DAY + timedelta(draw(st.integers(0, 30)))
        wait = draw(st.one_of(st.none(), st.integers(-1, 20)))
        more = {}
        if kind == "restored" and wait is not None:
            more["accepted"] = (day + timedelta(wait)).isoformat()
        if draw(st.booleans()):
            more |= {"reason": "r", "override_by": draw(st.sampled_from([None, "Li"]))}
        if draw(st.booleans()):
            more["compensates"] = draw(st.sampled_from("PQ"))
        segment = draw(st.sampled_from(["N1", "A", "N2"]))
        project = draw(st.sampled_from("PQ"))
        rows.append(entry(f"E{number}", kind, segment, start, stop, day.isoformat(), project,
                          district=draw(st.sampled_from(["X", "Y", None])), **more))  # fmt: skip
    return rows


@st.composite
def terms_(draw):
    floor = draw(st.sampled_from([0.0, 0.35, 0.5, 0.6, 0.66, 0.9]))
    ratios = (
        Ratio("x", "natural", "below", draw(st.sampled_from([1.0, 1.5])), None, None, "s", "L"),
        Ratio("x", "any", "any", draw(st.sampled_from([0.8, 1.0, 2.0])), None, None, "s", "L"),
    )
    return Terms(terms_of([], floor).floor, ratios)


ON = st.integers(0, 60).map(lambda days: DAY + timedelta(days))
quick = settings(max_examples=20, deadline=None)


@quick
@given(rows=entries_(), terms=terms_(), on=ON)
def test_no_balance_is_negative_and_nothing_is_lost(rows, terms, on):
    ledger = booked(*rows, terms=terms, on=on)
    moved = ledger.movements
    assert (moved.metres > 0).all()
    for by in BY:
        assert (balance(ledger, by)[list(balance(ledger, by))[1:]] >= 0).all(axis=None)
    standing = ledger.retention.iloc[0]
    opening = {"natural": standing.natural_m, "other": standing.all_m - standing.natural_m}
    held = {
        name: opening.get(name, 0.0)
        + moved.metres[moved.account_to == name].sum()
        - moved.metres[moved.account_from == name].sum()
        for name in ("natural", "other", "occupied", "restored", "owed", "credit")
    }
    assert min(held.values()) >= -1e-9
    coast_m = held["natural"] + held["other"] + held["occupied"] + held["restored"]
    assert coast_m == pytest.approx(standing.all_m)
    assert held["natural"] + held["restored"] == pytest.approx(standing.natural_now_m)
    totals = balance(ledger)
    assert totals.owed_m.sum() == pytest.approx(held["owed"])
    assert totals.credit_m.sum() == pytest.approx(held["credit"])
    # a project that owes has no credit left, and settled no more than was accepted for it
    assert ((totals.owed_m <= 1e-6) | (totals.credit_m <= 1e-6)).all()
    assert (totals.settled_m <= totals[["required_m", "restored_m"]].min(axis=1) + 1e-9).all()


def cells(movement):
    """The whole metres a movement lies on, as (segment, metre)."""
    return [(movement.segment_id, m) for m in range(round(movement.from_m), round(movement.to_m))]


@quick
@given(rows=entries_(), terms=terms_(), on=ON)
def test_no_metre_counts_twice(rows, terms, on):
    ledger = booked(*rows, terms=terms, on=on)
    natural = {("N1", m) for m in range(500)} | {("N2", m) for m in range(500)}
    occupied, credited = set(), set()
    for move in ledger.movements.itertuples():
        mine = set(cells(move))
        if move.account_to == "occupied":
            assert not mine & occupied
            assert mine <= natural or move.account_from == "other"
            occupied |= mine
            natural -= mine
        elif move.account_to == "restored":
            assert not mine & natural
            assert (mine <= occupied) == (move.account_from == "occupied")
            occupied -= mine
            natural |= mine
        elif move.account_to == "credit":
            assert not mine & credited
            credited |= mine


@quick
@given(rows=entries_(), terms=terms_(), on=ON)
def test_the_floor_is_not_passed_without_a_person_and_a_reason(rows, terms, on):
    ledger = booked(*rows, terms=terms, on=on)
    standing = ledger.retention.iloc[0]
    natural = standing.natural_m
    told = ledger.entries.set_index("entry_id")
    moves = ledger.movements[ledger.movements.account_to.isin(["occupied", "restored"])]
    for entry_id, own in moves.groupby("entry_id", sort=False):
        lost = own.metres[(own.account_to == "occupied") & (own.account_from != "other")].sum()
        natural += own.metres[own.account_to == "restored"].sum() - lost
        if lost and natural < terms.floor.share * standing.all_m - 1e-6:
            assert told.override_by[entry_id]
            assert told.reason[entry_id]
            assert told.why[entry_id] == "let_pass"
    assert natural == pytest.approx(standing.natural_now_m)


@quick
@given(rows=entries_(), terms=terms_(), on=ON, data=st.data())
def test_the_order_of_entries_does_not_matter(rows, terms, on, data):
    shuffled = data.draw(st.permutations(rows))
    one, other = booked(*rows, terms=terms, on=on), booked(*shuffled, terms=terms, on=on)
    pd.testing.assert_frame_equal(one.movements, other.movements)
    pd.testing.assert_frame_equal(one.retention, other.retention)
    assert states(one) == states(other)


@quick
@given(rows=entries_(), terms=terms_(), on=ON)
def test_splitting_a_segment_at_a_vertex_changes_no_figure(rows, terms, on):
    whole = table(*rows)
    drawn = SHORELINE.check(whole.assign(segment_id=None, from_m=np.nan, to_m=np.nan))
    one = post(drawn, coast(), terms, on)
    other = post(drawn, coast(split=True), terms, on)
    assert states(one) == states(other)
    for by in BY:
        pd.testing.assert_frame_equal(balance(one, by), balance(other, by), atol=1e-6)
    figures_ = ["all_m", "natural_now_m", "restored_now_m", "retention_now"]
    assert one.retention[figures_].iloc[0].tolist() == pytest.approx(
        other.retention[figures_].iloc[0].tolist(), abs=1e-6
    )


def test_a_ledger_without_settlements_has_the_same_types_as_one_with():
    occupied = {"entry_id": "E0", "kind": "occupied", "date": "2024-01-01", "project": "P"}
    place = {"segment_id": "N1", "from_m": 0, "to_m": 1, "district": "X"}
    back = {"entry_id": "E1", "kind": "restored", "date": "2024-01-01", "project": "P"}
    rows = [{**occupied, **place}, {**back, **place, "accepted": "2024-01-02"}]
    before = booked(*rows, on=date(2024, 1, 1)).movements
    after = booked(*rows, on=date(2024, 1, 2)).movements
    assert after.other.notna().any()
    pd.testing.assert_series_equal(before.dtypes, after.dtypes)


@quick
@given(rows=entries_(), terms=terms_(), on=ON, later=ON)
def test_nothing_counts_before_its_day(rows, terms, on, later):
    ledger = booked(*rows, terms=terms, on=on)
    assert (ledger.movements.date <= pd.Timestamp(on)).all()
    told = ledger.entries.set_index("entry_id")
    for credit in ledger.movements[ledger.movements.account_to == "credit"].itertuples():
        assert told.accepted[credit.entry_id] <= pd.Timestamp(on)
        assert credit.date == told.accepted[credit.entry_id] >= told.date[credit.entry_id]
    # what was booked stays booked: a later day only adds
    if later >= on:
        after = booked(*rows, terms=terms, on=later).movements
        own = after[(after.date <= pd.Timestamp(on)) & after.other.isna()]
        mine = ledger.movements[ledger.movements.other.isna()]
        pd.testing.assert_frame_equal(
            own.reset_index(drop=True), mine.reset_index(drop=True), check_dtype=False
        )


# -- files, page and workbook ----------------------------------------------------------------

HEADS = "条目编号,条目类型,日期,项目,县区,验收日期,岸线编号,起点（米）,终点（米）,理由,放行人"
ROWS = """\
1,occupied,2024-03-01,码头,环翠区,,N1,0,40,,
2,restored,2024-04-01,码头,环翠区,2024-09-01,A,0,30,,
3,occupied,2024-05-01,=cmd(),荣成市,,N1,20,60,,
4,exempt,2024-05-01,大桥,荣成市,,N2,10,20,桩基透水,
"""


@pytest.fixture
def bureau(tmp_path):
    """A workspace with a coastline and a ledger in a CSV."""
    line = coast()
    rows = list(zip(line.drop(columns="geometry").to_dict("records"), line.geometry, strict=True))
    extra = '[law]\ncity = "威海市"\n[ledger]\nentries = "layers/entries.csv"'
    folder = write_layers(tmp_path, CRS, {COASTLINE: rows}, extra=extra)
    (folder / "layers" / "entries.csv").write_text(f"{HEADS}\n{ROWS}", "utf-8")
    return folder


def test_the_page_in_both_languages(seawatch, bureau):
    code, out, _ = seawatch("ledger", bureau, "--on", "2025-01-01")
    assert code == 4  # an entry was refused
    assert "基准 b1" in out
    # 40 m lost, 30 m gained
    assert "保有率 66.00%（调查时 66.67%）；底线 45%（《威海市海岸带保护条例》第十八条 H）" in out
    assert "与条目 1 在岸线 N1 的 20.00–40.00 米重复" in out
    code, out, _ = seawatch(
        "ledger", bureau, "--on", "2024-06-01", "--lang", "en", "--by", "district"
    )
    assert "as of 2024-06-01" in out
    assert "Not accepted yet, not counted (1)" in out
    assert "still owed, m" in out
    lines = [line for line in out.splitlines() if line.startswith("  环翠区")]
    assert lines[0].split()[1:4] == ["40.00", "0.00", "40.00"]


def test_figures_for_machines_are_traceable(seawatch, bureau):
    _, out, _ = seawatch("ledger", bureau, "--on", "2025-01-01", "--json")
    told = json.loads(out)
    project = next(row for row in told["balance"]["project"] if row["project"] == "码头")
    assert (project["owed_m"], project["settled_m"]) == (10, 30)
    moves = told["movements"]
    owed = sum(m["metres"] for m in moves if m["account_to"] == "owed" and m["project"] == "码头")
    paid = [m for m in moves if m["account_from"] == "owed"]
    assert owed - sum(m["metres"] for m in paid) == project["owed_m"]
    assert [(m["entry_id"], m["other"], m["date"]) for m in paid] == [("1", "2", "2024-09-01")]
    assert {e["entry_id"]: e["state"] for e in told["entries"]}["3"] == "refused"
    assert told["floor"]["grade"] == "H"


def test_the_workbook_is_typed_and_runs_nothing(bureau, tmp_path):
    space = sw.open(bureau)
    path, again = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for out in (path, again):
        tell_ledger(space, date(2025, 1, 1), "project", out, "zh")
    assert path.read_bytes() == again.read_bytes()
    book = openpyxl.load_workbook(path)
    names = [
        "自然岸线保有率",
        "占补平衡 项目",
        "占补平衡 县区",
        "占补平衡 责任单位",
        "条目",
        "分录",
        "依据",
    ]
    assert book.sheetnames == names
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert all(cell.value for cell in sheet[1])
    entries = [[cell.value for cell in row] for row in book["条目"].iter_rows()]
    heads = entries[0]
    third = dict(zip(heads, entries[3], strict=True))
    assert third["项目"] == "=cmd()"
    assert (third["状态"], third["条目类型"], third["长度（米）"]) == ("未入账", "占用", 40)
    assert third["日期"].date() == date(2024, 5, 1)
    kept = [[cell.value for cell in row] for row in book["自然岸线保有率"].iter_rows()]
    assert dict(zip(*kept, strict=True))["保有率（现在）"] == pytest.approx(0.66, abs=1e-4)


def test_every_word_is_there_in_both_languages():
    for key, (chinese, english) in _WORDS.items():
        assert chinese, key
        assert english, key
        slots = [{p.split("}")[0] for p in text.split("{")[1:]} for text in (chinese, english)]
        assert slots[0] == slots[1], key
    for kind in (*SEGMENT_KINDS, "natural", "other", "any"):
        assert f"coast_{kind}" in _WORDS
    for column in accounts._RETENTION.values():
        assert column in _WORDS


def test_a_name_cannot_steer_the_terminal(bureau):
    path = bureau / "layers" / "entries.csv"
    path.write_text(f"{HEADS}\n1,exempt,2024-05-01,\x1b[2Jgone,,,N2,10,20,,\n", "utf-8")
    _, lines = tell_ledger(sw.open(bureau), date(2025, 1, 1), "project", None, "en")
    assert "\x1b" not in "".join(lines)


def test_without_entries_it_still_says_what_is_natural(seawatch, bureau):
    toml = bureau / "seawatch.toml"
    toml.write_text(toml.read_text("utf-8").split("[law]")[0], "utf-8")
    code, out, _ = seawatch("ledger", bureau, "--lang", "en")
    assert code == 0
    assert "retention 66.67%" in out
    assert "floor 35%" in out
    assert "No entries" in out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_each_usual_encoding(bureau, encoding):
    (bureau / "layers" / "entries.csv").write_bytes(f"{HEADS}\n{ROWS}".encode(encoding))
    ledger = sw.open(bureau).ledger(LATE)
    assert set(ledger.entries["project"]) == {"码头", "=cmd()", "大桥"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADS}\n1,occupied,2024-03-01,P,,,N7,0,40,,\n2,occupied,2024-03-01,P,,,N1,40,20,,",
         ["row 1: no segment 'N7' in the coastline", "row 2: 'N1' does not run from 40 to 20 m"]),
        (f"{HEADS}\n1,occupied,2024-03-01,P,,,N1,0,900,,", ["does not run from 0 to 900 m"]),
        (f"{HEADS}\n1,occupied,2024-03-01,P,,,,,,,", ["row 1: neither a line nor a segment_id"]),
        (f"{HEADS}\n1,taken,2024-13-01,P,,,N1,0,x,,", ["'kind' is not one of", "'date'", "'to_m'"]),
        (f"{HEADS}\n1,exempt,2024-03-01,P,,,N1,0,40,a,b,c", ["more cells than headings"]),
        ("entry_id,entry_id\n1,2", ["a heading repeats"]),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_read_are_named(seawatch, bureau, text, said):
    (bureau / "layers" / "entries.csv").write_text(text, "utf-8")
    code, _, err = seawatch("ledger", bureau)
    assert code == 3
    assert all(part in err for part in said)
    assert seawatch("check", bureau)[0] == 3


def test_bytes_that_are_no_text_are_refused(bureau):
    (bureau / "layers" / "entries.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(InputRefused, match="neither UTF-8 nor GB18030"):
        sw.open(bureau).ledger(LATE)


def test_entries_written_are_read_again(bureau):
    first = sw.open(bureau).ledger(LATE)
    rows = table(
        entry("1", "occupied", "N1", 0, 40), entry("2", "exempt", "N2", 10, 20, reason="tunnel")
    )
    write_entries(bureau / "layers" / "entries.gpkg", rows)
    toml = bureau / "seawatch.toml"
    toml.write_text(toml.read_text("utf-8").replace("entries.csv", "entries.gpkg"), "utf-8")
    again = sw.open(bureau).ledger(LATE)
    assert figures(again).occupied_m == pytest.approx(40)
    assert len(first.entries) == 4
    with pytest.raises(InputRefused, match=r"name it \.gpkg"):
        write_entries(bureau / "entries.csv", rows)


def test_a_wrong_key_or_way_names_the_right_one(seawatch, bureau):
    assert "use project, district, owner" in seawatch("ledger", bureau, "--by", "year")[2]
    assert "an .xlsx" in seawatch("ledger", bureau, "-o", "x.csv")[2]
    toml = bureau / "seawatch.toml"
    ratio = '[[ledger.ratios]]\nratio = 1.5\nsource = "x"\nstatuss = "below"\n'
    toml.write_text(toml.read_text("utf-8") + "\n" + ratio, "utf-8")
    code, _, err = seawatch("ledger", bureau)
    assert code == 2
    assert "did you mean 'status'?" in err


def test_own_ratios_and_floor_come_from_the_settings(bureau):
    toml = bureau / "seawatch.toml"
    own = 'floor = 0.5\n[[ledger.ratios]]\nratio = 1.5\nsource = "x"\nfirst = 2021-07-01\n'
    toml.write_text(toml.read_text("utf-8") + "\n" + own, "utf-8")
    ledger = sw.open(bureau).ledger(LATE)
    assert ledger.terms.floor.share == 0.5
    assert figures(ledger, "码头").required_m == pytest.approx(60)


def test_without_a_coastline_there_are_no_accounts(tmp_path):
    from conftest import permit
    from seawatch.tables import PERMITS

    folder = write_layers(
        tmp_path, CRS, {PERMITS: [(permit("A", "11", "surface"), at(0, 0, 9, 9))]}
    )
    with pytest.raises(InputRefused, match="no coastline"):
        sw.open(folder).ledger(LATE)
    with pytest.raises(UsageError):
        sw.open(folder).draft_entries(tmp_path / "d.gpkg")


def test_flags_of_occupied_coast_become_drafts_of_entries():
    layers = empty_layers(CRS)
    layers = Layers(
        layers.permits, coast(), layers.islands, layers.zones, layers.duty, layers.known,
        absent=frozenset({"permits", "islands", "zones", "duty", "known"}),
    )  # fmt: skip
    found = judge(changes_of(("land_gained", at(450, -5, 1100, 60))), layers, LATE)
    flags = found.assign(flag_id="F-1", owner="Wang", reason="=1+1")
    drafts = proposed(flags, coast())
    assert list(drafts.entry_id) == ["F-1-1", "F-1-2"]
    assert list(drafts.segment_id) == ["N1", "N2"]
    assert set(drafts.reference) == {"F-1"}
    assert set(drafts.owner) == {"Wang"}
    ledger = post(drafts, coast(), terms_of(), LATE)
    assert figures(ledger, "F-1").occupied_m == pytest.approx(found.coast_m.item(), abs=0.02)
    assert proposed(flags.iloc[:0], coast()).empty
