"""The law table: what each rule rests on, dated, with source and grade.

It is data, like the sensors. A flag knows an interval (last clear date before, first date
with it), not the day of the act: where the law changed inside it, both texts are shown.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .acts import ACTS, REGION_NAMES, REGIONS, TEXT_AS_OF, Act, Pair
from .limits import (
    DEADLINES,
    LONGEST_TERMS,
    THRESHOLDS,
    Deadline,
    Threshold,
    approving_level,
    longest_term_years,
    use_of,
)
from .provisions import PROVISIONS, RULE_IDS, Amount, Provision

__all__ = [
    "ACTS",
    "DEADLINES",
    "LONGEST_TERMS",
    "PROVISIONS",
    "REGIONS",
    "REGION_NAMES",
    "RULE_IDS",
    "TEXT_AS_OF",
    "THRESHOLDS",
    "Act",
    "Amount",
    "Deadline",
    "Pair",
    "Provision",
    "Threshold",
    "approving_level",
    "basis",
    "citation",
    "day_of",
    "longest_term_years",
    "provisions_of",
    "regions",
    "stretches",
    "use_of",
]

_CHINA = ZoneInfo("Asia/Shanghai")  # the days of Chinese law are counted there
Span = tuple[date, date, tuple[Provision, ...]]


def regions(province: str | None = None, city: str | None = None) -> tuple[str, ...]:
    """The regions whose own law holds in a place; a known city brings its province."""
    named = {name for name in (province, city, REGIONS.get(city or "")) if name}
    return tuple(name for name in REGIONS if name in named)


def provisions_of(rule: str, where: Collection[str] | None = None) -> tuple[Provision, ...]:
    """A rule's provisions, the nation's first, by date; of every region where `where` is None."""
    return tuple(
        p for p in PROVISIONS if p.rule == rule and (where is None or p.region in ("", *where))
    )


def day_of(moment: date) -> date:
    """The day of Chinese law in which an instant falls; a plain day is itself."""
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(_CHINA).date() if moment.tzinfo else moment.date()


def stretches(rule: str, before: date, after: date, where: Collection[str] = ()) -> list[Span]:
    """The interval cut at every day the rule's law changed, with the law of each stretch.

    before, after : last moment without it, first moment with it; instants or days.
    """
    first, last = sorted((day_of(before), day_of(after)))
    return list(_stretches(rule, first, last, tuple(where)))


@lru_cache(maxsize=4096)
def _stretches(rule: str, first: date, last: date, where: tuple[str, ...]) -> tuple[Span, ...]:
    rows = provisions_of(rule, where)
    starts = {first}
    for row in rows:
        if row.effective_from:
            starts.add(row.effective_from)
        if row.effective_to:
            starts.add(row.effective_to + timedelta(days=1))
    days = sorted(day for day in starts if first <= day <= last)
    ends = [*(day - timedelta(days=1) for day in days[1:]), last]
    return tuple(
        (start, end, tuple(row for row in rows if _holds(row, start)))
        for start, end in zip(days, ends, strict=True)
    )


def _holds(row: Provision, on: date) -> bool:
    begun = row.effective_from is None or row.effective_from <= on
    return begun and (row.effective_to is None or on <= row.effective_to)


def basis(
    rule: str, before: date, after: date, language: str = "zh", where: Collection[str] = ()
) -> str:
    """The law a rule rests on at any time of an interval; every text, where it changed.

    >>> basis("expired", date(2026, 1, 1), date(2026, 2, 1), "en")
    'Sea Use Law, arts. 26 and 45'
    >>> print(basis("natural_coast_occupied", date(2023, 12, 1), date(2024, 1, 9), "en"))
    before 2024-01-01: Marine Environment Protection Law (2017), articles to be checked \
(unverified); from 2024-01-01: Marine Environment Protection Law (2023), arts. 39 and 97
    """
    spans = stretches(rule, before, after, where)
    said: list[tuple[date, str]] = []
    for start, _, rows in spans:
        text = _cited(rows, language)
        if not said or said[-1][1] != text:
            said.append((start, text))
    if len(said) == 1:
        return said[0][1]
    zh = language == "zh"
    parts = [f"{said[1][0]} 前：{said[0][1]}" if zh else f"before {said[1][0]}: {said[0][1]}"]
    parts += [f"{day} 起：{text}" if zh else f"from {day}: {text}" for day, text in said[1:]]
    return ("；" if zh else "; ").join(parts)


def _cited(rows: Iterable[Provision], language: str) -> str:
    """The acts of some provisions, each once with all its articles."""
    acts: dict[Act, list[Provision]] = {}
    for row in rows:
        acts.setdefault(row.act, []).append(row)
    if not acts:
        return (
            "当时当地的条文未收录"
            if language == "zh"
            else "no text on file for that time and place"
        )
    texts = []
    for act, own in acts.items():
        articles = sorted({number for row in own for number in row.articles})
        texts.append(citation(act, articles, language, all(row.grade == "L" for row in own)))
    return ("，" if language == "zh" else "; ").join(texts)


def citation(act: Act, articles: Iterable[int], language: str, unverified: bool = False) -> str:
    """An act and its articles, as they are cited; what is weakly known is said to be so."""
    numbers, zh = list(articles), language == "zh"
    title = act.title[0 if zh else 1]
    if numbers:
        said = [f"第{_numeral(n)}条" for n in numbers] if zh else [str(n) for n in numbers]
        title += "、".join(said) if zh else f", {_arts(said)}"
    elif unverified:
        title += "条文待核" if zh else ", articles to be checked"
    return title + (("（未核实）" if zh else " (unverified)") if unverified else "")


def _arts(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return f"art. {numbers[0]}"
    return f"arts. {', '.join(numbers[:-1])} and {numbers[-1]}"


def _numeral(number: int) -> str:
    """A whole number from 1 to 999 as Chinese statutes write it.

    >>> _numeral(10), _numeral(42), _numeral(120), _numeral(107)
    ('十', '四十二', '一百二十', '一百零七')
    """
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
