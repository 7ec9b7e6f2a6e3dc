"""What passes the check at the door, and what it says of the rest."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from conftest import CRS, at, changes_of, permit
from seawatch.errors import InputRefused
from seawatch.tables import CHANGES, PERMITS, TABLES, Column, Table


def permits(**columns):
    rows = pd.DataFrame([permit("A", "41", "surface"), permit("B", "11", "water")])
    return gpd.GeoDataFrame(rows.assign(**columns), geometry=[at(0, 0, 9, 9)] * 2, crs=CRS)


def test_everything_wrong_is_said_at_once():
    frame = permits(permit_id="A", use_mode=["99", "11"], strata=["x", "water"])
    frame = frame.drop(columns="valid_to").set_geometry([Point(0, 0), None])
    with pytest.raises(InputRefused) as refused:
        PERMITS.check(frame.set_crs(None, allow_override=True), "permits.shp")
    said = str(refused.value)
    assert len(refused.value.problems) == 7
    assert all(line.startswith("permits.shp (permits): ") for line in refused.value.problems)
    for part in (
        "no CRS",
        "no geometry in row 2",
        "Point instead of Polygon in row 1",
        "no column 'valid_to' (last day of the right, inclusive)",
        "'permit_id' repeats 'A' in rows 1, 2",
        "'use_mode' is not one of 11, 12",
        "'strata' is not a list of surface",
    ):
        assert part in said


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-23",
        "2026/11/23",
        "20261123",
        20261123,
        "2026年11月23日",
        pd.Timestamp("2026-11-23 08:00"),
    ],
)
def test_days_in_every_usual_spelling(day):
    checked = PERMITS.check(permits(valid_to=[day, "2030-01-01"]))
    assert checked.valid_to[0] == pd.Timestamp("2026-11-23")


def test_codes_held_as_numbers_are_codes():
    assert list(PERMITS.check(permits(use_mode=[41.0, 11.0])).use_mode) == ["41", "11"]


@pytest.mark.parametrize(
    "text",
    ["water,surface", "surface;water", "surface、water", " surface water ", '["water", "surface"]'],
)
def test_strata_in_any_order_and_with_any_comma(text):
    assert PERMITS.check(permits(strata=text)).strata[0] == "surface,water"


def test_optional_columns_come_out_empty_or_with_their_default():
    checked = PERMITS.check(permits().drop(columns=["holder", "right"]))
    assert checked.holder.isna().all()
    assert set(checked.right) == {"sea_use"}
    assert "note" not in PERMITS.check(permits(note="x"))


def test_an_end_before_its_beginning():
    with pytest.raises(InputRefused, match="'valid_to' is before 'valid_from' in row 1"):
        PERMITS.check(permits(valid_to=["2019-12-31", "2030-01-01"]))


def test_an_instant_needs_its_zone():
    good = changes_of(("raft", at(0, 0, 9, 9)))
    with pytest.raises(InputRefused, match="time zone"):
        CHANGES.check(good.assign(before="2026-11-23T02:50:00"))
    checked = CHANGES.check(good.assign(before="2026-11-23T10:50:00+08:00"))
    assert checked.before[0] == pd.Timestamp("2026-11-23T02:50:00Z")


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_quiet_week_has_all_columns_with_their_types(table):
    empty = table.empty(CRS)
    assert list(empty.columns) == table.names
    checked = table.check(empty)
    assert list(checked.dtypes) == list(empty.dtypes)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_column_is_labelled_in_both_languages(table):
    for column in table.columns:
        assert column.label("zh") != column.label("en")


KINDS = Table(
    "kinds",
    "one column of each type",
    "各类",
    "",
    (
        Column("name", "text", "any", "名称"),
        Column("right", "text", "one of two", "权利", False, one_of=("sea", "land"), default="sea"),
        Column("uses", "list", "some of three", "用途", False, one_of=("a", "b", "c")),
        Column("more", "json", "anything", "其他", False),
        Column("slope", "number", "rise over run", "坡度", False, least=0, most=1, default=0.5),
        Column("year", "integer", "a year", "年", False),
        Column("day", "date", "a day", "日期", False),
        Column("taken", "instant", "an instant", "时刻", False),
    ),
)


@pytest.mark.parametrize("dtype", [object, "str"])
def test_what_is_blank_says_nothing_and_takes_the_default(dtype):
    blank = pd.Series([None, "", "  ", float("nan")], dtype=object).astype(dtype)
    rows = {column.name: blank for column in KINDS.columns} | {"name": list("abcd")}
    told = KINDS.check(pd.DataFrame(rows))
    assert told.right.tolist() == ["sea"] * 4
    assert told.slope.tolist() == [0.5] * 4
    for name in ("uses", "more", "year", "day", "taken"):
        assert told[name].isna().all(), name
    with pytest.raises(InputRefused, match=r"'name' is empty in rows 1, 2, 3, 4"):
        KINDS.check(pd.DataFrame(rows | {"name": blank}))


def test_what_is_no_whole_number_is_named():
    rows = {"name": list("abcd"), "year": [2026, 1.5, float("inf"), "7"]}
    with pytest.raises(InputRefused, match=r"'year' is not a whole number in rows 2, 3 \(1\.5\)"):
        KINDS.check(pd.DataFrame(rows))


def test_a_day_that_is_missing_in_a_column_of_texts_is_missing():
    rows = {"name": list("ab"), "day": pd.Series(["2026-11-23", pd.NA], dtype="string")}
    told = KINDS.check(pd.DataFrame(rows))
    assert told.day[0] == pd.Timestamp("2026-11-23")
    assert told.day.isna()[1]


def test_a_column_that_is_of_its_type_already_stays_so():
    rows = {
        "name": pd.Series([41.0, 7]),  # as many registers hold codes
        "uses": ["c、a", ["b"]],
        "more": ['{"n": 1}', "[]"],
        "slope": pd.Series([0.25, np.nan]),
        "year": pd.Series([2026, None], dtype="Int64"),
        "day": pd.to_datetime(["2026-11-23 18:00", None]),
        "taken": pd.to_datetime(["2026-11-23T10:00+08:00", None], utc=True),
    }
    told = KINDS.check(KINDS.check(pd.DataFrame(rows)))
    assert told.name.tolist() == ["41", "7"]
    assert told.uses.tolist() == ["a,c", "b"]
    assert told.slope.tolist() == [0.25, 0.5]
    assert told.year[0] == 2026
    assert told.year.isna()[1]
    assert told.day[0] == pd.Timestamp("2026-11-23")
    assert told.taken[0] == pd.Timestamp("2026-11-23T02:00Z")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("right", "lake", "'right' is not one of sea, land in row 2 ('lake')"),
        ("uses", "a,x", "'uses' is not a list of a, b, c in row 2 ('a,x')"),
        ("more", "{n: 1}", "'more' is not JSON in row 2 ('{n: 1}')"),
        ("slope", "steep", "'slope' is not a number at least 0 at most 1 in row 2 ('steep')"),
        ("slope", 1.5, "'slope' is not a number at least 0 at most 1 in row 2 (1.5)"),
        ("year", "last", "'year' is not a whole number in row 2 ('last')"),
        ("day", "soon", "'day' is not a date such as 2026-11-23 in row 2 ('soon')"),
        ("taken", "2026-11-23T10:00", "'taken' is not an instant with its time zone"),
    ],
)
def test_what_is_not_allowed_is_shown_with_its_row(column, value, said):
    rows = pd.DataFrame({"name": ["a", "b"], column: pd.Series([None, value], dtype=object)})
    with pytest.raises(InputRefused) as told:
        KINDS.check(rows)
    assert said in str(told.value)
