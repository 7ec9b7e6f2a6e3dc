"""Cases: what people did, what is overdue, how long it took; and problems from above."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import at, frame
from seawatch import case, delays, problems
from seawatch.errors import InputRefused, UsageError
from seawatch.flags import follow
from seawatch.io import journal
from seawatch.io.cases import flags_known
from seawatch.tables import CASES, DUTY, PROBLEMS
from seawatch.visits import settle
from stories import FIELD, NOTHING_SEEN, START, found, seen, visits, weeks

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


def entries(*rows):
    """A cases table from (flag, event, day), in the order they were entered."""
    if not rows:
        return CASES.empty()
    table = [
        {
            "flag_id": flag,
            "event": event,
            "at": day,
            "by": "wh-01",
            "recorded": pd.Timestamp("2026-11-20", tz="UTC") + pd.Timedelta(hours=n),
        }
        for n, (flag, event, day) in enumerate(rows)
    ]
    return CASES.check(pd.DataFrame(table))


def test_what_comes_back_is_an_act_with_steps_of_its_own():
    flags = weeks(found(("no_permit", FIELD)))[0]
    one = flags.flag_id[0]
    told = entries((one, "stopped", "2026-11-12"), (one, "filed", "2026-12-02"))
    was_there = visits((one, "2026-11-11", "pending"), (one, "2026-12-01", "pending"))
    gone = follow(flags, found(), seen(1), START + timedelta(7))
    before = pd.Timestamp("2026-11-20", tz="UTC")
    back = follow(
        gone, found(("no_permit", FIELD), week=3, before=before), seen(3), START + timedelta(21)
    )
    assert days(timeline(gone, told, was_there).loc[one])["stopped"] == "11-12"
    table = timeline(back, told, was_there)
    assert days(table.loc[one]) == {
        "last_clear": "11-20",
        "first_clear": "11-29",
        "detected": "11-30",
        "on_site": "12-01",
        "filed": "12-02",
    }
    assert case.faults(table, told) == []


@pytest.fixture
def flags():
    return weeks(found(("no_permit", FIELD), ("redline_entered", at(500, 500, 600, 560))))[0]


def timeline(flags, cases=None, seen_there=None, **more):
    cases = entries() if cases is None else cases
    seen_there = visits() if seen_there is None else seen_there
    return (
        case.timelines(flags, seen_there, cases, **more)
        .set_index("flag_id", drop=False)
        .rename_axis(None)
    )


def days(row):
    return {step: f"{row[step]:%m-%d}" for step in case.STEPS if not pd.isna(row[step])}


def test_satellites_date_the_first_steps_and_people_the_rest(flags):
    one = flags.flag_id[0]
    told = entries(
        (one, "assigned", "2026-11-10"),
        (one, "stopped", "2026-11-12"),
        (one, "filed", "2026-11-14"),
    )
    table = timeline(flags, told, visits((one, "2026-11-11", "suspected")))
    assert days(table.loc[one]) == {
        "last_clear": "11-10",
        "first_clear": "11-08",
        "detected": "11-09",
        "assigned": "11-10",
        "on_site": "11-11",
        "stopped": "11-12",
        "filed": "11-14",
    }
    assert case.faults(table, told) == []


def test_days_are_counted_where_the_project_counts_them(flags):
    late = visits((flags.flag_id[0], "2026-11-11T23:00", "suspected"))
    assert days(timeline(flags, None, late).iloc[0])["on_site"] == "11-11"
    local = timeline(flags, None, late, zone="Asia/Shanghai")
    assert days(local.iloc[0])["on_site"] == "11-12"


def test_steps_out_of_order_are_kept_and_said(flags):
    one = flags.flag_id[0]
    told = entries((one, "filed", "2026-11-14"), (one, "stopped", "2026-11-18"))
    table = timeline(flags, told)
    (said,) = case.faults(table, told)
    assert said.startswith(f"{one}: filed on 2026-11-14 comes before stopped on 2026-11-18")
    assert days(table.loc[one])["filed"] == "11-14"


def test_a_step_entered_again_counts_as_entered_last_and_is_said(flags):
    one = flags.flag_id[0]
    told = entries((one, "stopped", "2026-11-18"), (one, "stopped", "2026-11-12"))
    table = timeline(flags, told)
    assert days(table.loc[one])["stopped"] == "11-12"
    assert case.faults(table, told) == [
        f"{one}: stopped was entered for 2026-11-18, 2026-11-12; the last entered counts"
    ]


def test_a_verdict_or_clear_ground_closes(flags):
    one = flags.flag_id[0]
    found_lawful = visits((one, "2026-11-12", "lawful"))
    settled = settle(flags, found_lawful, START + timedelta(7))
    assert days(timeline(settled, None, found_lawful).loc[one])["closed"] == "11-12"
    gone = follow(flags, found(), seen(1), START + timedelta(7))
    row = timeline(gone).loc[one]
    assert (days(row)["closed"], f"{row.gone:%m-%d}") == ("11-16", "11-16")


def test_the_district_is_that_of_the_cell(flags):
    row = {"grid_id": "G1", "officer": "a", "post": "p", "duty": "d", "valid_from": "2020-01-01"}
    duty = DUTY.check(frame([{**row, "district": "环翠"}], [at(0, 0, 400, 400)]))
    told = timeline(flags, duty=duty).set_index("rule").district
    assert told["no_permit"] == "环翠"
    assert pd.isna(told["redline_entered"])


# deadlines


def late(flags, on, *rows, seen_there=None):
    told = case.breaches(timeline(flags, entries(*rows), seen_there), on)
    return [(r.deadline, f"{r.due:%Y-%m-%d}", r.days) for r in told.itertuples()]


def test_a_month_to_put_right_what_is_suspected(flags):
    one = flags.flag_id[0]
    there = visits((one, "2026-11-11", "suspected"))
    known = settle(flags, there, START)
    assert late(known, date(2026, 12, 11), seen_there=there) == []
    assert late(known, date(2026, 12, 12), seen_there=there) == [("rectify", "2026-12-11", 1)]
    filed = (one, "filed", "2026-12-20")
    assert late(known, date(2027, 1, 1), filed, seen_there=there) == [("rectify", "2026-12-11", 9)]
    in_time = (one, "filed", "2026-12-11")
    assert late(known, date(2027, 1, 1), in_time, seen_there=there) == []
    lawful = visits((one, "2026-11-11", "lawful"))
    assert late(settle(flags, lawful, START), date(2027, 3, 1), seen_there=lawful) == []


def test_ninety_days_to_decide(flags):
    one = flags.flag_id[0]
    filed = (one, "filed", "2026-11-14")
    assert late(flags, date(2027, 2, 12), filed) == []
    assert late(flags, date(2027, 2, 13), filed) == [("decision", "2027-02-12", 1)]
    before = (one, "decided", "2026-11-01")  # a slip: it does not end what began later
    assert late(flags, date(2027, 2, 13), filed, before) == [("decision", "2027-02-12", 1)]
    decided = (one, "decided", "2027-02-12")
    assert late(flags, date(2027, 3, 13), filed, decided) == []


def test_two_years_from_the_end_and_none_while_it_stands(flags):
    one = flags.flag_id[0]
    restored = (one, "restored", "2026-11-14")
    assert late(flags, date(2029, 1, 1), restored) == []  # it was seen standing still
    gone = flags.assign(status="cleared")
    assert late(gone, date(2028, 11, 14), restored) == []
    assert late(gone, date(2028, 11, 15), restored) == [("discovery", "2028-11-14", 1)]
    assert late(gone, date(2029, 1, 1), restored, (one, "filed", "2028-01-01"))[:1] == [
        ("decision", "2028-03-31", 276)
    ]


# delays


def kaplan_meier(times, ended):
    """Mass at each time at which something ended."""
    alive, mass = 1.0, {}
    for time in np.unique(times[ended]):
        share = (ended & (times == time)).sum() / (times >= time).sum()
        mass[time] = alive * share
        alive *= 1 - share
    return mass


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25))
def test_with_exact_and_open_ended_times_alone_it_is_kaplan_and_meier(told):
    times = np.array([time for time, _ in told], float)
    ended = np.array([done for _, done in told])
    # open-ended: longer than the time, and time goes by whole days
    low, high = np.where(ended, times, times + 1), np.where(ended, times, np.inf)
    left, right, mass = delays.turnbull(low, high)
    assert mass.sum() == pytest.approx(1)
    for time, share in kaplan_meier(times, ended).items():
        here = mass[(left == time) & (right == time)].sum()
        assert here == pytest.approx(share, abs=1e-3)


def test_censored_times_are_told_apart_by_the_others():
    # Turnbull's way: [0, 2] and [1, 3] and [2, 4] can all be had from [1, 2] and [2, 3]
    left, right, mass = delays.turnbull(np.array([0.0, 1, 2]), np.array([2.0, 3, 4]))
    assert list(zip(left, right, strict=True)) == [(2, 2)]
    assert mass == pytest.approx([1])
    assert delays.median(np.array([0.0, 5]), np.array([3.0, 9])) == (0, 3)
    assert delays.median(np.array([4.0, 5, 6]), np.array([4, np.inf, np.inf])) == (6, np.inf)


def test_medians_by_owner(flags):
    owned = flags.assign(owner=["li", "li"])
    one, other = flags.flag_id
    table = timeline(
        owned, entries((one, "stopped", "2026-11-12"), (other, "stopped", "2026-11-14"))
    )
    told = delays.medians(table, date(2026, 11, 20), "owner").set_index("delay")
    # 4 to 367 days and 6 to 369: the reference is a year old
    assert list(told.loc["stop", ["flags", "ended", "low", "high"]]) == [2, 2, 6, 367]
    assert list(told.loc["settlement", ["ended", "high"]]) == [0, np.inf]
    lawful = timeline(owned.assign(verdict="lawful"))
    assert delays.medians(lawful, date(2026, 11, 20), "owner").empty


# problems


def problem(n="P1", recorded="2026-11-10", **more):
    row = {
        "problem_id": n,
        "problem": "rafts",
        "source": "province",
        "unit": "office",
        "person": "li",
        "goal": "gone",
        "measures": "tow",
        "deadline": "2026-11-30",
        "recorded": pd.Timestamp(recorded, tz="UTC"),
    }
    return {**row, **more}


def tracked(flags, on, *rows):
    table = problems.tracked(PROBLEMS.check(pd.DataFrame(rows)), flags, on)
    return [(r.problem_id, r.state, r.again, r.days) for r in table.itertuples()]


def test_a_problem_is_open_overdue_or_signed_off(flags):
    one = problem(flags=flags.flag_id[0])
    assert tracked(flags, date(2026, 11, 30), one) == [("P1", "open", "", 0)]
    assert tracked(flags, date(2026, 12, 2), one) == [("P1", "overdue", "", 2)]
    done = problem(
        recorded="2026-12-05", flags=flags.flag_id[0], closed="2026-12-01", signed_by="w"
    )
    assert tracked(flags, date(2026, 12, 9), done, one) == [("P1", "closed", "", 0)]


def test_a_new_change_inside_opens_it_again(flags):
    mine = flags[flags.rule == "no_permit"]
    closed = {"closed": "2026-11-12", "signed_by": "w", "flags": mine.flag_id.item()}
    settled = mine.assign(status="settled", verdict="already_handled")
    on = START + timedelta(7)
    assert tracked(settled, on, problem(**closed)) == [("P1", "closed", "", 0)]
    # still standing is nothing new; growing, or another act on that ground, is
    same = follow(settled, found(("no_permit", FIELD), week=1), NOTHING_SEEN, on)
    assert tracked(same, on, problem(**closed))[0][1] == "closed"
    grown = follow(settled, found(("no_permit", at(100, 100, 300, 160)), week=1), NOTHING_SEEN, on)
    assert tracked(grown, on, problem(**closed)) == [("P1", "reopened", mine.flag_id.item(), 0)]
    other = follow(settled, found(("redline_entered", FIELD), week=1), NOTHING_SEEN, on, "2026-W47")
    new = other.flag_id[other.status == "new"].item()
    assert tracked(other, on, problem(**closed)) == [("P1", "reopened", new, 0)]
    away = follow(settled, found(("no_permit", at(700, 700, 760, 760)), week=1), NOTHING_SEEN, on)
    assert tracked(away, on, problem(**closed))[0][1] == "closed"
    # signed off anew after that: closed
    again = problem(**{**closed, "closed": "2026-11-25"}, recorded="2026-11-26")
    assert tracked(grown, date(2026, 11, 27), problem(**closed), again)[0][1] == "closed"


# through the journal


def flag_of(bureau):
    return flags_known(bureau.project).flag_id[0]


def test_people_enter_through_the_journal_and_a_run_counts_it(bureau):
    flag = flag_of(bureau)
    assert bureau.enter_case(flag, "on_site", "2026-11-17", "wh-01", recorded=NOW)
    assert not bureau.enter_case(flag, "on_site", "2026-11-17", "wh-01", recorded=NOW)
    # a correction, and the correction taken back: three entries, the last counts
    assert bureau.enter_case(flag, "on_site", "2026-11-18", "wh-01", recorded=NOW)
    assert bureau.enter_case(flag, "on_site", "2026-11-17", "wh-01", recorded=NOW)
    assert len(journal.entries(bureau.project, ["case"])) == 3
    book = bureau.casebook("2026-11-20")
    assert f"{book.timelines.on_site[0]:%Y-%m-%d}" == "2026-11-17"
    assert pd.isna(bureau.casebook("2026-11-19").timelines.on_site[0])
    bureau.enter_case(flag, "filed", "2026-08-01", "wh-01", recorded=NOW)
    told = bureau.run("2026-11-23").manifest["cases"]
    assert [(row["deadline"], row["due"]) for row in told["breaches"]] == [
        ("decision", "2026-10-30")
    ]
    assert "comes before" in told["faults"][0] or "comes before" in told["faults"][1]
    assert {row["delay"] for row in told["medians"]["all"]} == {"detection", "stop", "settlement"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026-W47-NOSUCH", "stopped", "2026-11-17", "x"), "no such flag"),
        ((None, "hanged", "2026-11-17", "x"), "use one of assigned"),
        ((None, "stopped", "2026-12-17", "x"), "in the future"),
        ((None, "stopped", "yesterday", "x"), "no day"),
        ((None, "stopped", "2026-11-17", "\n"), "--by"),
        ((None, "stopped", "2026-11-17", "x" * 3000), "--by"),
    ],
)
def test_what_cannot_be_entered(bureau, arguments, said):
    flag, *rest = arguments
    with pytest.raises(UsageError, match=said):
        bureau.enter_case(flag or flag_of(bureau), *rest, recorded=NOW)
    assert journal.entries(bureau.project, ["case", "problem"]) == []


def sheet(path, *rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


HEADINGS = ["问题编号", "问题", "问题来源", "责任单位", "责任人", "整改目标", "整改措施", "整改时限", "关联图斑", "销号日期", "销号签字人"]  # fmt: skip


def test_problems_come_from_a_sheet(bureau, tmp_path):
    flag = flag_of(bureau)
    row = ["W-1", "围填海", "督察组", "区局", "李", "清退", "拆除", "2026-11-18", flag, "", ""]
    path = sheet(tmp_path / "p.csv", HEADINGS, row)
    assert bureau.import_problems(path, recorded=NOW) == 1
    assert bureau.import_problems(path, recorded=NOW) == 0
    (told,) = bureau.casebook("2026-11-20").fields()["problems"]
    assert (told["problem_id"], told["state"], told["days"]) == ("W-1", "overdue", 2)
    signed = sheet(tmp_path / "q.csv", HEADINGS, [*row[:9], "2026-11-19", "王"])
    assert bureau.import_problems(signed, recorded=NOW) == 1
    assert bureau.casebook("2026-11-20").fields()["problems"] == []
    # unsigned again: it says something other than what stands, whatever was said before
    assert bureau.import_problems(path, recorded=NOW) == 1
    assert len(bureau.casebook("2026-11-20").fields()["problems"]) == 1


def test_a_sheet_of_problems_names_its_faults(bureau, tmp_path):
    row = ["W/1", "x", "x", "x", "x", "x", "x", "2026-11-18", "2026-W47-NOSUCH", "2026-11-19", ""]
    path = sheet(tmp_path / "p.csv", HEADINGS, row)
    with pytest.raises(InputRefused) as refused:
        bureau.import_problems(path, recorded=NOW)
    assert len(refused.value.problems) == 3
    assert all(f"{path}: row 2: " in text for text in refused.value.problems)
    with pytest.raises(InputRefused, match="deadline"):
        bureau.import_problems(sheet(tmp_path / "q.csv", HEADINGS[:7], row[:7]), recorded=NOW)


def test_the_commands(bureau, seawatch, tmp_path):
    flag, folder = flag_of(bureau), bureau.project.folder
    what = ("--event", "stopped", "--at", "2026-11-18", "--by", "wh-01", "--note", "已制止")
    # today is long before the lab's weeks: what they did lies in the future
    today = datetime.now(UTC).date()
    if today < date(2026, 11, 18):
        code, _, err = seawatch("case", flag, *what, "--into", folder)
        assert (code, "in the future" in err) == (2, True)
    bureau.enter_case(flag, "stopped", "2026-11-18", "wh-01", recorded=NOW)
    code, _, err = seawatch("case", flag, "--event", "stopped", "--into", folder)
    assert (code, "go together" in err) == (2, True)
    code, _, err = seawatch("case", "2026-W47-NOSUCH", "--into", folder)
    assert (code, "no such flag" in err) == (2, True)
    code, _, err = seawatch("case", flag, "--into", tmp_path)
    assert (code, "name a workspace's folder" in err) == (2, True)
    code, out, _ = seawatch("cases", folder, "--on", "2026-12-30")
    assert code == 0
    assert "all: stop 4 to 371 days (1 of 1 ended)" in out.splitlines()
    assert re.search(r"^all: settlement \d+ days or more \(0 of 1 ended\)$", out, re.MULTILINE)
    code, out, _ = seawatch("cases", folder, "--on", "2026-12-30", "--json")
    assert json.loads(out)["medians"]["all"][0]["flags"] == 1
    row = ["W-1", "围填海", "督察组", "区局", "李", "清退", "拆除", "2026-11-18", flag, "", ""]
    code, out, _ = seawatch(
        "problems", "import", sheet(tmp_path / "p.csv", HEADINGS, row), "--into", folder
    )
    assert (code, out.strip()) == (0, "1 entered")
