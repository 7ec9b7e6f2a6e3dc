import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from seawatch import law, rulebook
from seawatch.errors import UsageError
from seawatch.lawpage import law_page
from seawatch.rules import RULES

ROOT = Path(__file__).parent.parent
DOMAIN = {
    *[
        "no_permit",
        "fill_no_permit",
        "enclosed_no_permit",
        "beyond_permit",
        "use_changed",
        "expired",
    ],
    *["renewal_due", "not_dismantled", "idle", "split_approval", "approval_level"],
    *["natural_coast_occupied", "aquaculture_banned", "redline_entered", "island_changed"],
    *["island_connected", "basepoint_entered", "legacy_growing", "reclaim_new"],
    *["strict_coast", "limited_coast", "beach_enclosed"],
}
EVERYWHERE = ("山东省", "威海市")
DAY = date(2026, 11, 23)


# ---- the table


def test_every_rule_has_a_provision_in_force_today():
    assert set(law.RULE_IDS) == DOMAIN
    assert set(RULES) <= DOMAIN
    for rule in DOMAIN:
        assert law.provisions_of(rule), rule
        assert law.stretches(rule, DAY, DAY, EVERYWHERE)[0][2], rule
    assert {row.rule for row in law.PROVISIONS} == DOMAIN


def test_every_row_has_source_grade_and_both_languages():
    for row in law.PROVISIONS:
        assert row.source
        assert row.grade in ("H", "M", "L")
        assert row.text_as_of == date(2025, 4, 1)
        assert row.region in ("", *law.REGIONS)
        for pair in (row.act.title, row.consequence, row.act.note or ("、", "x")):
            assert re.search("[\u3001-\u9fff]", pair[0])
            assert pair[1].isascii() or "–" in pair[1]
        # what is not known by its article is never told as known
        assert row.articles or row.grade == "L" or not row.act.title[0].endswith("法》")
        if row.amount:
            assert 0 <= row.amount.low < row.amount.high
            assert row.amount.per in ("fee", "metre", "act")


def test_acts_follow_each_other_without_gap_or_overlap():
    """Of one rule in one region: acts of one name in turn, none twice at a time."""

    def name(act):
        return act.title[0].split("（")[0]

    acts = {(row.rule, row.region, name(row.act), row.act) for row in law.PROVISIONS}
    for rule, region, title, _ in acts:
        own = [a[3] for a in acts if a[:3] == (rule, region, title)]
        own.sort(key=lambda act: act.effective_from or date.min)
        for earlier, later in pairwise(own):
            assert (later.effective_from - earlier.effective_to).days == 1, (rule, title)
        assert own[-1].effective_to is None


def test_local_law_counts_only_where_named():
    assert law.basis("use_changed", DAY, DAY) == "《海域使用管理法》第二十八条、第四十六条"
    said = law.basis("use_changed", DAY, DAY, "en", ("山东省",))
    assert said == "Sea Use Law, arts. 28 and 46; Shandong regulations on sea use, art. 39"
    assert law.basis("strict_coast", DAY, DAY, "en") == "no text on file for that time and place"
    assert "第十九条" in law.basis("strict_coast", DAY, DAY, "zh", ("威海市",))


def test_a_city_brings_its_province():
    assert law.regions(None, "威海市") == ("山东省", "威海市")
    assert law.regions("山东省", None) == ("山东省",)
    assert law.regions("浙江省", "舟山市") == ()


# ---- the interval


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        (date(2023, 12, 30), date(2024, 1, 9), True, True),
        (date(2023, 12, 31), date(2024, 1, 1), True, True),
        (date(2024, 1, 1), date(2024, 1, 9), False, True),
        (date(2023, 12, 1), date(2023, 12, 31), True, False),
    ],
)
def test_an_interval_over_the_change_shows_both(before, after, old, new):
    for rule in ("natural_coast_occupied", "aquaculture_banned"):
        for language, first, second in (
            ("zh", "2017 年修正", "2023 年修订"),
            ("en", "(2017)", "(2023)"),
        ):
            text = law.basis(rule, before, after, language)
            assert (first in text) == old
            assert (second in text) == new
            assert ("2024-01-01" in text) == (old and new)
            assert ("未核实" in text or "unverified" in text) == old


def test_days_are_counted_in_china():
    instants = ("2023-12-31 15:59", "2023-12-31 16:01")  # UTC; midnight in China is 16:00
    early, late = (pd.Timestamp(text, tz="UTC") for text in instants)
    assert law.day_of(early) == date(2023, 12, 31)
    assert law.day_of(late) == date(2024, 1, 1)
    assert "(2017)" not in law.basis("aquaculture_banned", late, late, "en")
    assert law.basis("aquaculture_banned", early, late, "en").startswith("before 2024-01-01:")


def test_before_there_was_a_law_says_so():
    said = law.basis("island_changed", date(2009, 1, 1), date(2010, 3, 2), "en")
    assert said == (
        "before 2010-03-01: no text on file for that time and place; "
        "from 2010-03-01: Island Protection Law, arts. 28, 30, 47 and 48"
    )


def test_stretches_cover_the_interval_once():
    first, last = date(2001, 1, 1), date(2026, 1, 1)
    for rule in law.RULE_IDS:
        spans = law.stretches(rule, first, last, EVERYWHERE)
        assert spans[0][0] == first
        assert spans[-1][1] == last
        assert all((b[0] - a[1]).days == 1 for a, b in pairwise(spans))
        assert law.stretches(rule, last, first, EVERYWHERE) == spans


def test_a_law_that_ended_without_another_leaves_its_rest_bare(monkeypatch):
    row = law.provisions_of("idle")[0]
    short = replace(row, act=replace(row.act, effective_to=date(2020, 6, 30)))
    monkeypatch.setattr(law, "provisions_of", lambda rule, where=None: (short,))
    law._stretches.cache_clear()
    spans = law.stretches("idle", date(2020, 1, 1), date(2020, 12, 31), EVERYWHERE)
    law._stretches.cache_clear()
    assert [(span[1], len(span[2])) for span in spans] == [
        (date(2020, 6, 30), 1),
        (date(2020, 12, 31), 0),
    ]


# ---- terms, thresholds


@pytest.mark.parametrize(
    ("use_type", "scheme", "years"),
    [
        ("13", "hy/t-123-2009", 15),
        ("1802", "tdys-2023", 15),
        ("21", "hy/t-123-2009", 30),
        ("41", "hy/t-123-2009", 25),
        ("83", "hy/t-123-2009", 40),
        ("31", "hy/t-123-2009", 50),
        ("2001", "tdys-2023", 50),
        ("18", "tdys-2023", 50),  # a group: the longest of its members
        ("21", "tdys-2023", 25),  # the same digits, another scheme
        ("99", "hy/t-123-2009", None),
        ("", "hy/t-123-2009", None),
        ("13", "another", None),
    ],
)
def test_longest_terms(use_type, scheme, years):
    assert law.longest_term_years(use_type, scheme) == years


@pytest.mark.parametrize(
    ("use", "area_ha", "where", "level"),
    [
        ("open", 888, (), "nation"),
        ("open", 700, (), "nation"),
        ("open", 699.9999, ("山东省",), "city"),
        ("open", 199.9999, ("山东省",), "county"),
        ("open", 699, (), None),  # the nation's law leaves it to the province
        ("enclosed", 100, ("山东省",), "nation"),
        ("enclosed", 60, ("山东省",), "province"),
        ("structure", 10, ("山东省",), "city"),
        ("structure", 9.9999, ("山东省",), "county"),
    ],
)
def test_who_may_approve(use, area_ha, where, level):
    found = law.approving_level(use, area_ha, DAY, where)
    assert (found and found[0]) == level


def test_since_2018_no_threshold_lets_a_fill_pass():
    early, late = date(2018, 7, 13), date(2018, 7, 14)
    assert law.approving_level("fill", 20, early, ("山东省",))[0] == "province"
    level, row = law.approving_level("fill", 20, late, ("山东省",))
    assert (level, row.act) == ("nation", law.acts.FILL_STOP)


def test_modes_have_a_threshold_each():
    from seawatch.tables import MODES

    uses = {law.use_of(mode) for mode in MODES}
    assert uses == {"fill", "structure", "enclosed", "open"}
    assert law.use_of("51") == "structure"


# ---- said aloud


def test_the_page_is_the_table():
    assert (ROOT / "docs" / "law.md").read_text("utf-8") == law_page() + "\n"


def test_every_rule_explains_its_law():
    for rule in DOMAIN:
        for language in ("zh", "en"):
            text = " ".join(rulebook.explain_rule(rule, language).split())
            for row in law.provisions_of(rule):
                cited = law.citation(row.act, row.articles, language, row.grade == "L")
                assert cited in text
                assert row.grade in text
                if row.effective_from:
                    assert str(row.effective_from) in text
    with pytest.raises(UsageError, match="no rule 'nope'"):
        rulebook.explain_rule("nope")
