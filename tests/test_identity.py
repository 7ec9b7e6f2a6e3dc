"""A flag keeps its number through whatever happens to its outline and its rule."""

import json
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CRS, at, changes_of
from seawatch.flags import follow
from seawatch.identity import returned
from seawatch.tables import FLAGS
from stories import FIELD, NOTHING_SEEN, START, found, record, seen, weeks


def test_a_rule_that_changes_is_the_same_act():
    first, second = weeks(
        found(("fill_no_permit", FIELD)), found(("beyond_permit", FIELD, "P-1"), week=1)
    )
    assert list(second.flag_id) == list(first.flag_id)
    assert list(second.rule) == ["beyond_permit"]
    assert record(second)["history"] == [
        {"on": "2026-11-16", "was": "fill_no_permit", "what": "rule"}
    ]


def test_a_rule_on_a_protected_place_is_an_act_of_its_own():
    both = [("fill_no_permit", FIELD), ("redline_entered", FIELD)]
    first, second = weeks(found(*both), found(*both, week=1))
    assert len(first) == 2
    assert list(second.flag_id) == list(first.flag_id)


def test_two_rules_on_one_act_in_one_week_are_one_flag():
    (flags,) = weeks(found(("no_permit", FIELD), ("fill_no_permit", at(100, 100, 190, 160))))
    assert len(flags) == 1


def test_a_chain_of_outlines_loses_none():
    # the middle one is beaten by the surest; the last overlaps the middle alone and stands
    chain = [at(0, 0, 100, 50), at(60, 0, 160, 50), at(120, 0, 220, 50)]
    told = pd.concat(
        [
            found(("no_permit", shape), confidence=sure, change_id=f"c{n}")
            for n, (shape, sure) in enumerate(zip(chain, (0.9, 0.8, 0.7), strict=True))
        ],
        ignore_index=True,
    )
    (flags,) = weeks(told)
    assert len(flags) == 2


def test_what_splits_keeps_its_number_on_the_larger_part_and_names_it_on_the_other():
    parts = [("no_permit", at(100, 100, 150, 160)), ("no_permit", at(160, 100, 200, 160))]
    first, second, third = weeks(
        found(("no_permit", FIELD)), found(*parts, week=1), found(*parts, week=2)
    )
    one = first.flag_id[0]
    assert list(second.status) == ["open", "open"]  # an act known before is no new suspicion
    kept = second[second.flag_id == one].geometry.item()
    assert kept.equals(parts[0][1])
    other = second[second.flag_id != one].iloc[0]
    assert json.loads(other.record)["parent"] == one
    assert other.first_seen == first.first_seen[0]
    assert sorted(third.flag_id) == sorted(second.flag_id)


def test_what_grows_together_keeps_both_numbers_and_parts_again():
    apart = [("no_permit", at(100, 100, 150, 160)), ("no_permit", at(160, 100, 200, 160))]
    one, two, three = weeks(
        found(*apart), found(("no_permit", FIELD), week=1), found(*apart, week=2)
    )
    assert sorted(two.flag_id) == sorted(one.flag_id) == sorted(three.flag_id)
    assert list(two.status) == ["open", "open"]
    large = one[one.geometry.area > 2500].flag_id.item()
    joined = [json.loads(text).get("merged_into") for text in two.record]
    assert sorted(joined, key=str) == [large, None]
    assert not any("merged_into" in json.loads(text) for text in three.record)
    whats = [turn["what"] for text in three.record for turn in json.loads(text).get("history", [])]
    assert sorted(whats) == ["alone", "merged"]


def test_what_was_cleared_and_returns_is_the_same_flag_with_a_time_of_its_own():
    flags = weeks(found(("no_permit", FIELD)))[0]
    gone = follow(flags, found(), seen(1), START + timedelta(7))
    assert list(gone.status) == ["cleared"]
    assert record(gone)["history"] == [{"on": "2026-11-16", "what": "cleared"}]
    later = found(("no_permit", FIELD), week=3, before=pd.Timestamp("2026-11-20", tz="UTC"))
    back = follow(gone, later, seen(3), START + timedelta(21))
    assert list(back.flag_id) == list(flags.flag_id)
    assert list(back.status) == ["open"]
    assert record(back)["reopened"] == "2026-11-30"
    assert str(back.before[0])[:10] == "2026-11-20"
    assert str(back.after[0])[:10] == "2026-11-29"


@pytest.mark.parametrize(
    ("shape", "rule", "status"),
    [
        (FIELD, "no_permit", "settled"),
        (at(100, 100, 220, 160), "no_permit", "settled"),  # a fifth more: within what outlines do
        (at(100, 100, 240, 160), "no_permit", "open"),
        (FIELD, "fill_no_permit", "open"),
    ],
)
def test_what_a_visit_settled_is_open_again_when_it_grows_or_is_another_act(shape, rule, status):
    flags = weeks(found(("no_permit", FIELD)))[0].assign(status="settled", verdict="lawful")
    again = follow(flags, found((rule, shape), week=1), NOTHING_SEEN, START + timedelta(7))
    assert list(again.status) == [status]
    assert list(again.verdict) == ["lawful"]
    assert ("reopened" in record(again)) == (status == "open")


def test_a_list_from_above_keeps_its_own_numbers():
    theirs = found(("no_permit", FIELD), source="province", external_id="SD-7", change_id="x")
    both = pd.concat([found(("no_permit", FIELD)), theirs], ignore_index=True)
    first, second = weeks(both, found(("no_permit", FIELD), week=1))
    assert len(first) == 2
    assert sorted(second.flag_id) == sorted(first.flag_id)
    assert set(second.external_id.dropna()) == {"SD-7"}


def test_a_drone_draws_the_finer_outline_and_it_stands_against_a_coarser_one():
    drawn = at(102, 102, 190, 158)
    by_drone = {"sensor": "drone-rgb", "tolerance_m": 0.2, "week": 1}
    _, second, third, fourth = weeks(
        found(("no_permit", FIELD)),
        found(("no_permit", drawn), **by_drone),
        found(("no_permit", FIELD), week=2),
        found(("no_permit", at(100, 100, 300, 160)), week=3),
    )
    assert second.geometry[0].equals(drawn)
    assert record(second)["outline"] == {
        "on": "2026-11-16",
        "by": "drone-rgb",
        "m2": drawn.area,
        "was_by": "sentinel-2-l2a",
        "was_m2": FIELD.area,
    }
    assert third.geometry[0].equals(drawn)
    assert third.excess_m2[0] == pytest.approx(drawn.area)
    assert third.plane_area_m2[0] == pytest.approx(drawn.area)
    numbers = json.loads(third.numbers[0])
    assert numbers["excess_m2"] == numbers["excess_plane_m2"] == pytest.approx(drawn.area)
    assert numbers["also"] == [{"rule": "reclaim_new", "area_m2": drawn.area / 2}]
    assert fourth.geometry[0].area == pytest.approx(12000)  # it has grown: the newer stands
    assert list(second.level) == ["highest"]  # two sensors


def test_a_drone_that_saw_a_corner_only_outlines_nothing():
    corner = found(
        ("no_permit", at(100, 100, 130, 130)), sensor="drone-rgb", tolerance_m=0.2, change_id="d"
    )
    both = pd.concat([found(("no_permit", FIELD)), corner], ignore_index=True)
    (flags,) = weeks(both)
    assert flags.geometry[0].equals(FIELD)
    assert {look["by"] for look in record(flags)["evidence"]} == {"sentinel-2-l2a", "drone-rgb"}


def test_a_speck_in_a_whole_sea_grows_into_it():
    first, second = weeks(
        found(("no_permit", at(0, 0, 10, 10))),
        found(("no_permit", at(-10_000, -10_000, 10_000, 10_000)), week=1),
    )
    assert list(second.flag_id) == list(first.flag_id)


@pytest.mark.parametrize("east", [213, 228])
def test_what_grew_together_and_comes_apart_gets_back_the_numbers_it_had(east):
    """By its largest share alone the neighbour's number would stay with the field."""
    neighbour = at(260, 100, 330, 160)
    halves = [at(100, 100, 155, 160), at(165, 100, 200, 160)]
    first, _, joined, apart = weeks(
        *(
            found(*[("no_permit", shape) for shape in shapes], week=week)
            for week, shapes in enumerate(
                [
                    [FIELD, neighbour],
                    [*halves, neighbour],
                    [at(100, 100, 330, 160)],
                    [at(100, 100, east, 160), neighbour],
                ]
            )
        )
    )
    field, other = first.flag_id
    assert set(joined.flag_id) == set(apart.flag_id)
    stands = apart.set_index("flag_id").geometry
    assert stands[field].equals(at(100, 100, east, 160))
    assert stands[other].equals(neighbour)


SIDES = st.integers(-10, 60)
WEEK = st.tuples(
    st.sampled_from(["same", "grown", "split", "joined", "cloud", "fainter"]),
    st.sampled_from(["fill_no_permit", "no_permit", "beyond_permit", "expired"]),
    SIDES,
)


def outline(what, more):
    """What a week shows of the field, and of the one beside it."""
    neighbour = at(260, 100, 330, 160)
    return {
        "same": [FIELD, neighbour],
        "grown": [at(100, 100, 200 + max(more, 0) // 2, 160), neighbour],
        "split": [at(100, 100, 155, 160), at(165, 100, 200, 160), neighbour],
        "joined": [at(100, 100, 330, 160)],
        "cloud": [],
        "fainter": [at(105, 105, 190 + more // 10, 150), neighbour],
    }[what]


@settings(max_examples=20, deadline=None)
@given(st.lists(WEEK, min_size=1, max_size=6), st.randoms())
def test_no_act_is_ever_raised_twice_whatever_becomes_of_it(story, random):
    told = [("same", "no_permit", 0), *story]
    flags = mixed = FLAGS.empty(CRS)
    first: set[str] = set()
    for week, (what, rule, more) in enumerate(told):
        shapes = outline(what, more)
        findings = found(*[(rule, shape) for shape in shapes], week=week)
        shuffled = findings.sample(frac=1, random_state=random.randrange(99)).reset_index(drop=True)
        on, issue = START + timedelta(days=7 * week), f"2026-W{46 + week}"
        flags = follow(flags, findings, NOTHING_SEEN, on, issue)
        again = mixed.sample(frac=1, random_state=1).reset_index(drop=True)
        mixed = follow(again, shuffled, NOTHING_SEEN, on, issue)
        first = first or set(flags.flag_id)
        assert first <= set(flags.flag_id)
        assert (flags.status == "new").sum() == (2 if week == 0 else 0)
        parted = flags[~flags.flag_id.isin(first)]
        assert all("parent" in json.loads(text) for text in parted.record)
        assert len(parted) <= 1
    assert flags.drop(columns="geometry").equals(mixed.drop(columns="geometry"))
    assert flags.geometry.geom_equals(mixed.geometry).all()


VAGUE = {"sensor": "drone-rgb", "tolerance_m": 0.2, "confidence": 0.3, "kind": "sea_change"}


def test_a_drone_that_sees_no_more_than_a_change_draws_it_and_does_not_rename_it():
    drawn = at(103, 102, 196, 158)
    by_satellite = found(("fill_no_permit", FIELD), week=1)
    by_drone = found(("no_permit", drawn), week=1, change_id="drone", **VAGUE)
    both = pd.concat([by_satellite, by_drone], ignore_index=True)
    first, second, third = weeks(found(("fill_no_permit", FIELD)), both, by_drone)
    for flags in (second, third):  # beside the satellite, and where that sees nothing
        assert list(flags.flag_id) == list(first.flag_id)
        assert list(flags.rule) == ["fill_no_permit"]
        assert flags.excess_m2[0] == pytest.approx(drawn.area)
        numbers = json.loads(flags.numbers[0])
        assert numbers["kind"] == "land_gained"
        assert numbers["excess_m2"] == numbers["excess_plane_m2"] == pytest.approx(drawn.area)
        assert numbers["also"] == [{"rule": "reclaim_new", "area_m2": drawn.area / 2}]
        assert "history" not in record(flags)
    assert record(second)["outline"]["by"] == "drone-rgb"
    # known from a drone alone it is what that says, and renamed when a satellite tells more
    alone, renamed = weeks(by_drone, found(("fill_no_permit", FIELD), week=1))
    assert (list(alone.rule), list(renamed.rule)) == (["no_permit"], ["fill_no_permit"])


@pytest.mark.parametrize(
    ("status", "kind", "veto", "kept"),
    [
        ("cleared", "raft", "varies", None),  # flagged, gone and back
        ("open", "structure", "varies", None),
        ("settled", "raft", "varies", "varies"),  # a visit has told what it is
        ("cleared", "land_gained", "varies", "varies"),  # a bar, as the tide bares it
        ("cleared", "raft", "tide", "tide"),
    ],
)
def test_what_was_flagged_and_comes_back_is_no_habit_of_the_place(status, kind, veto, kept):
    (flags,) = weeks(found(("no_permit", FIELD)))
    changes = changes_of((kind, FIELD), (kind, at(500, 500, 560, 560)), veto=veto)
    told = returned(changes, flags.assign(status=status)).veto
    assert [None if pd.isna(v) else v for v in told] == [kept, veto]
