"""Twelve weeks of one stretch of coast, told by hand: who saw what, who did what, what it came to.

No images: what each week's pairs find is written down, as is what they see clear. A fill (F), a
raft (R) that is towed away, and a bar (B) that the tide bares.
"""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from conftest import at, frame
from seawatch import casebook
from seawatch.duty import owned
from seawatch.flags import follow
from seawatch.tables import CASES, DUTY, FLAGS, PROBLEMS
from seawatch.visits import settle
from stories import START, found, seen, visits

F, F_DRAWN, F_GROWN = at(100, 100, 200, 160), at(103, 102, 196, 158), at(100, 100, 330, 160)
R, B = at(400, 400, 460, 440), at(700, 700, 760, 740)
NORTH = at(0, 0, 1000, 1000)

FILL, RAFT, BAR = ("fill_no_permit", F), ("no_permit", R), ("fill_no_permit", B)
WEEKS = {
    1: ([FILL, RAFT], NORTH),
    2: ([FILL, RAFT, BAR], NORTH),
    3: ([], None),  # clouds
    4: ([FILL, RAFT], None),  # the bar was not seen
    5: ([FILL, RAFT], None),  # and a drone over the fill
    6: ([("beyond_permit", F, "P-9"), RAFT], None),  # somebody was granted a part of it
    7: ([FILL], NORTH),  # the raft is gone, and the bar is under water
    8: ([FILL], NORTH),
    9: ([], None),
    10: ([FILL, RAFT], None),  # the raft is back
    11: ([("fill_no_permit", F_GROWN), RAFT, ("redline_entered", B)], None),
    12: ([("fill_no_permit", F_GROWN), RAFT], None),
}


def day(week, plus=0):
    return START + timedelta(days=7 * (week - 1) + plus)


def duty():
    row = {"post": "p", "duty": "d"}
    rows = [
        {**row, "grid_id": "G1", "officer": "li", "valid_from": "2020-01-01",
         "valid_to": day(6, -1).isoformat()},
        {**row, "grid_id": "G2", "officer": "wang", "valid_from": day(6).isoformat(),
         "valid_to": None},
    ]  # fmt: skip
    return DUTY.check(frame(rows, [NORTH, NORTH]))


def told_by(week, names):
    """Visits of weeks 4 and 8, as far as they were made by a week."""
    rows = [
        (names["F"], day(4, 1).isoformat(), "suspected", {"by": "li"}),
        (names["B"], day(4, 1).isoformat(), "false_change", {"by": "li", "cause": "tide"}),
        (names["F"], day(8, 1).isoformat(), "already_handled", {"by": "wang"}),
    ]
    made = [row for row in rows if date.fromisoformat(row[1]) <= day(week)]
    return visits(*made)


def entered(names):
    rows = [("stopped", day(4, 2)), ("filed", day(5)), ("decided", day(7))]
    table = [
        {"flag_id": names["F"], "event": event, "at": on.isoformat(), "by": "li",
         "recorded": pd.Timestamp(on, tz="UTC")}
        for event, on in rows
    ]  # fmt: skip
    return CASES.check(pd.DataFrame(table))


@pytest.fixture(scope="module")
def story():
    """The flags after each week, and the numbers of the three acts."""
    flags, history, names = FLAGS.empty("EPSG:4549"), {}, {}
    for week, (acts, clear) in WEEKS.items():
        told = [found(*acts, week=week - 1)]
        if week == 5:
            by_drone = {"sensor": "drone-rgb", "tolerance_m": 0.2, "change_id": "drone"}
            told.append(found(("fill_no_permit", F_DRAWN), week=4, **by_drone))
        findings = pd.concat([t for t in told if len(t)] or told, ignore_index=True)
        coverage = seen(week - 1, clear if clear is not None else at(900, 900, 901, 901))
        flags = follow(flags, findings, coverage, day(week), f"2026-W{45 + week}")
        if week == 1:
            names |= {"F": flags.flag_id[flags.rule == "fill_no_permit"].item()}
            names |= {"R": flags.flag_id[flags.rule == "no_permit"].item()}
        if week == 2:
            names["B"] = flags.flag_id[~flags.flag_id.isin(names.values())].item()
        said = told_by(week, names) if week > 2 else visits()
        flags = owned(settle(flags, said, day(week)), duty(), day(week))
        history[week] = flags.set_index("flag_id", drop=False).rename_axis(None)
    return history, names


def of(story, name, column):
    history, names = story
    return {
        week: flags.loc[names[name], column]
        for week, flags in history.items()
        if names[name] in flags.index
    }


def test_three_acts_have_three_numbers_and_the_bar_a_fourth_when_it_breaks_a_red_line(story):
    history, names = story
    assert len(names) == 3
    assert [len(flags) for flags in history.values()] == [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]


def test_what_stands_where(story):
    assert list(of(story, "F", "status").values()) == [
        "new", "open", "unseen", "open", "open", "open", "open", "open",
        "settled", "settled", "open", "open",
    ]  # fmt: skip
    assert list(of(story, "R", "status").values()) == [
        "new", "open", "unseen", "open", "open", "open", "cleared", "cleared",
        "cleared", "open", "open", "open",
    ]  # fmt: skip
    assert list(of(story, "B", "status").values()) == [
        "new", "unseen", "unseen", *["settled"] * 8
    ]  # fmt: skip


def test_levels_rise_with_dates_the_visit_and_the_drone(story):
    levels = list(of(story, "F", "level").values())
    assert levels == ["low", "high", "high", "high", *["highest"] * 8]
    assert list(of(story, "R", "level").values())[:2] == ["low", "high"]
    assert set(list(of(story, "R", "level").values())[1:]) == {"high"}


def test_the_drones_outline_stands_until_the_fill_grows(story):
    areas = of(story, "F", "excess_m2")
    assert [round(areas[week]) for week in (4, 5, 6, 8, 11)] == [6000, 5208, 5208, 5208, 13800]
    outline = json.loads(of(story, "F", "record")[6])["outline"]
    assert (outline["by"], outline["was_m2"], outline["m2"]) == ("drone-rgb", 6000, 5208)


def test_rules_change_and_are_told(story):
    assert of(story, "F", "rule")[6] == "beyond_permit"
    history = json.loads(of(story, "F", "record")[12])["history"]
    assert [turn["what"] for turn in history] == ["rule", "rule", "reopened"]
    assert history[-1] == {"on": day(11).isoformat(), "what": "reopened", "why": "grown"}


def test_the_verdicts_stand_beside_what_the_machine_thinks(story):
    record = json.loads(of(story, "F", "record")[12])
    assert [v["verdict"] for v in record["contradicted"]] == ["suspected", "already_handled"]
    assert of(story, "F", "verdict")[12] == "already_handled"
    doubted = story[0][12]
    doubted = doubted[doubted.rule == "redline_entered"].iloc[0]
    assert json.loads(doubted.record)["doubt"]["cause"] == "tide"
    assert doubted.confidence < 0.4 < 0.8


def test_who_answers_changes_hands_in_week_six(story):
    assert list(of(story, "F", "owner").values()) == ["li"] * 5 + ["wang"] * 7


def test_the_timeline_and_the_tracker(story):
    history, names = story
    problem = {
        "problem_id": "P1", "problem": "x", "source": "x", "unit": "x", "person": "x",
        "goal": "x", "measures": "x", "deadline": day(9).isoformat(), "flags": names["F"],
        "closed": day(9).isoformat(), "signed_by": "w",
        "recorded": pd.Timestamp(day(9), tz="UTC"),
    }  # fmt: skip
    problems = PROBLEMS.check(pd.DataFrame([problem]))

    def book(week):
        flags = history[week].reset_index(drop=True)
        return casebook.opened(
            flags, told_by(week, names), entered(names), problems, duty(), day(week), "UTC"
        )

    steps = book(10).timelines.set_index("flag_id").loc[names["F"]]
    days = {s: steps[s].date() for s in casebook.case.STEPS if not pd.isna(steps[s])}
    assert days == {
        "last_clear": date(2025, 11, 10),
        "first_clear": day(1, -1),
        "detected": day(1),
        "on_site": day(4, 1),
        "stopped": day(4, 2),
        "filed": day(5),
        "decided": day(7),
        "closed": day(8, 1),
    }
    assert list(book(10).problems.state) == ["closed"]
    assert list(book(11).problems.state) == ["reopened"]
    assert list(book(11).problems.again) == [names["F"]]
    assert book(12).breaches.empty
    raft = book(8).timelines.set_index("flag_id").loc[names["R"]]
    assert raft.gone.date() == raft.closed.date() == day(7)
