"""What the law counts: longest terms, who may approve how much, and deadlines."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from .acts import (
    FILL_STOP,
    ONE_MONTH,
    PENALTIES,
    SEA_USE,
    SHANDONG_SEA_USE,
    Act,
    Pair,
)

LONGEST_TERMS: dict[str, tuple[int, Pair]] = {
    "aquaculture": (15, ("养殖用海", "aquaculture")),
    "breaking": (20, ("拆船用海", "ship-breaking")),
    "tourism": (25, ("旅游、娱乐用海", "tourism and recreation")),
    "mining": (30, ("盐业、矿业用海", "salt and mining")),
    "welfare": (40, ("公益事业用海", "public welfare")),
    "construction": (50, ("港口、修造船厂等建设工程用海", "ports, yards and other construction")),
}
"""Longest terms of a right in years, by purpose: Sea Use Law art. 25, grade H."""

_PURPOSES: dict[str, dict[str, str]] = {
    "hy/t-123-2009": {
        "12": "aquaculture",
        "13": "aquaculture",
        "21": "mining",
        "22": "mining",
        "23": "mining",
        "41": "tourism",
        "42": "tourism",
        "43": "tourism",
        "81": "welfare",
        "82": "welfare",
        "83": "welfare",
        "84": "welfare",
        # ship industry builds and breaks: the longer term of the two
        **dict.fromkeys(("11", "14", "24", "25", "26", "27", "31", "32", "33"), "construction"),
        **dict.fromkeys(("34", "51", "52", "53", "61", "62", "71", "72", "73"), "construction"),
        "91": "construction",
    },
    "tdys-2023": {
        "1801": "construction",
        "1802": "aquaculture",
        "1803": "aquaculture",
        "1804": "construction",
        "1902": "mining",
        "1903": "mining",
        "1904": "mining",
        **dict.fromkeys(("1901", "1905", "1906"), "construction"),
        **dict.fromkeys(("2001", "2002", "2003", "2004", "2005"), "construction"),
        "2101": "tourism",
        "2102": "tourism",
        **dict.fromkeys(("2201", "2202", "2203", "2205", "2206"), "welfare"),
        "2204": "construction",
        "24": "construction",
    },
}
"""The purpose each use type serves (grade M: the law names purposes, not codes).

Where a code serves several, or art. 25 does not name it, the longest term stands: a term
is called too long only where it is under every reading.
"""


def longest_term_years(use_type: str, scheme: str) -> int | None:
    """The longest term a right may have, years; None for a code the scheme does not know.

    A group's code ("1", "18") gets the longest term of its members.

    >>> longest_term_years("13", "hy/t-123-2009"), longest_term_years("2001", "tdys-2023")
    (15, 50)
    """
    purposes = _PURPOSES.get(scheme, {})
    codes = [use_type] if use_type in purposes else [c for c in purposes if c.startswith(use_type)]
    terms = [LONGEST_TERMS[purposes[code]][0] for code in codes if use_type]
    return max(terms) if terms else None


@dataclass(frozen=True)
class Threshold:
    """Who approves a use of some size: areas from `least_ha` up to, not with, `below_ha`.

    level : nation, province, city or county.
    use : fill, enclosed, structure or open.
    effective_from, effective_to : narrower than the act's own dates where another overrides it.
    """

    level: str
    use: str
    least_ha: float
    below_ha: float | None
    act: Act
    articles: tuple[int, ...]
    effective_from: date | None = None
    effective_to: date | None = None
    grade: str = "H"

    def holds(self, on: date, where: Collection[str]) -> bool:
        """Whether it is in force on a day in a place."""
        first = self.effective_from or self.act.effective_from
        last = self.effective_to or self.act.effective_to
        here = self.act.region in ("", *where)
        return here and (first is None or first <= on) and (last is None or on <= last)


_LAST_FILL = date(2018, 7, 13)  # the day before the stop: then no threshold lets a fill pass


def _national(use: str, least_ha: float, last: date | None = None) -> Threshold:
    return Threshold("nation", use, least_ha, None, SEA_USE, (18,), effective_to=last)


def _shandong(
    level: str, use: str, least_ha: float, below_ha: float, last: date | None = None
) -> Threshold:
    articles = (14, 15, 16)
    return Threshold(level, use, least_ha, below_ha, SHANDONG_SEA_USE, articles, effective_to=last)


THRESHOLDS: tuple[Threshold, ...] = (
    _national("fill", 50, _LAST_FILL),
    Threshold("nation", "fill", 0, None, FILL_STOP, (), grade="M"),
    _national("enclosed", 100),
    _national("open", 700),
    _shandong("province", "fill", 0, 50, _LAST_FILL),
    _shandong("province", "enclosed", 60, 100),
    _shandong("province", "structure", 60, 100),
    _shandong("city", "enclosed", 10, 60),
    _shandong("city", "structure", 10, 60),
    _shandong("city", "open", 200, 700),
    _shandong("county", "enclosed", 0, 10),
    _shandong("county", "structure", 0, 10),
    _shandong("county", "open", 0, 200),
)
"""Approval thresholds, ha: Sea Use Law art. 18; Shandong arts. 14-16 (grade H)."""

_USES = {"1": "fill", "2": "structure", "3": "enclosed", "4": "open", "5": "open"}


def use_of(mode: str) -> str:
    """What a use mode is to the thresholds: fill, structure, enclosed or open.

    Mode group 5 (other: pipes, outlets, dumping) leaves the sea open. What takes the whole
    column, a drilling island (51), counts as a structure.
    """
    return "structure" if mode == "51" else _USES[mode[:1]]


def approving_level(
    use: str, area_ha: float, on: date, where: Collection[str] = ()
) -> tuple[str, Threshold] | None:
    """Who may approve a use of `area_ha`, and the threshold that says so; None where none does.

    Without a region's own rows only the nation's thresholds are known: below them the
    province decides who approves, and nothing is said here.

    >>> approving_level("open", 888, date(2026, 1, 1))[0]
    'nation'
    >>> approving_level("open", 150, date(2026, 1, 1), ("山东省",))[0]
    'county'
    """
    fitting = [
        row
        for row in THRESHOLDS
        if row.use == use
        and row.holds(on, where)
        and row.least_ha <= area_ha
        and (row.below_ha is None or area_ha < row.below_ha)
    ]
    return (fitting[0].level, fitting[0]) if fitting else None


@dataclass(frozen=True)
class Deadline:
    """A span of time the law counts."""

    count: int
    unit: str
    about: Pair
    act: Act
    articles: tuple[int, ...]
    grade: str = "H"


DEADLINES: dict[str, Deadline] = {
    "discovery": Deadline(
        2,
        "years",
        (
            "违法行为两年内未被发现的不再处罚；连续或继续的行为自终了之日起算，构筑物存续一般视为继续",
            "no penalty for what was not discovered in two years; a continuing act counts from its "
            "end, and a standing structure is usually argued to continue",
        ),
        PENALTIES,
        (36,),
    ),
    "decision": Deadline(
        90,
        "days",
        ("自立案之日起 90 日内作出处罚决定", "decision within 90 days of filing the case"),
        PENALTIES,
        (60,),
    ),
    "electronic_evidence": Deadline(
        0,
        "days",
        (
            "以电子技术监控设备收集的证据应经法制和技术审核",
            "evidence gathered electronically needs legal and technical review first",
        ),
        PENALTIES,
        (41,),
    ),
    "rectify": Deadline(
        1,
        "months",
        ("一个月内整改，否则移交执法", "put right within a month, or hand to enforcement"),
        ONE_MONTH,
        (),
        "M",
    ),
    "renewal": Deadline(
        2,
        "months",
        ("最迟于期满前两个月申请续期", "apply for renewal at the latest two months before the end"),
        SEA_USE,
        (26,),
    ),
    "renewal_shandong": Deadline(
        60,
        "days",
        ("最迟于期满 60 日前申请续期", "apply for renewal at the latest 60 days before the end"),
        SHANDONG_SEA_USE,
        (30,),
    ),
    "idle_first": Deadline(
        1, "years", ("闲置满一年", "idle for more than a year"), SHANDONG_SEA_USE, (24, 38)
    ),
    "idle_second": Deadline(
        2, "years", ("闲置满两年", "idle for more than two years"), SHANDONG_SEA_USE, (24, 38)
    ),
}
