"""What a breach may cost, in words: the range, and everything that was assumed for it."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..law import REGION_NAMES, Pair
from .words import word

_NONE: dict[str, Pair] = {
    "verdict": ("不估算：核查结论不是违法。", "None: the visit found no breach."),
    "inhabited": (
        "不估算：该岛有居民，罚款幅度只针对无居民海岛。",
        "None: people live on the island; the sums are for uninhabited islands.",
    ),
    "no_sum": (
        "不估算：所依据的条文没有金额，或金额未收录。",
        "None: the text names no sum, or none is on file.",
    ),
    "no_coast": ("不估算：没有占用岸线的长度。", "None: no length of coast is known."),
    "kind": (
        "不估算：影像不能说明是什么，无法对应海域使用金。",
        "None: imagery does not tell what it is, so no fee can be named.",
    ),
    "sea_grade": (
        "不估算：未设置海域等别（seawatch.toml 的 [law] sea_grade）。",
        "None: the sea's grade is not set ([law] sea_grade in seawatch.toml).",
    ),
    "fee": (
        "不估算：用海方式 {0} 在 {1} 至 {2} 间的海域使用金标准未收录（可由 [law] fees 提供）。",
        "None: no fee on file for mode {0} from {1} to {2} (give one with [law] fees).",
    ),
}
"""Why no range is given, by reason."""

_ASSUMED: dict[str, Pair] = {
    "fee": ("海域使用金的 {low:g}–{high:g} 倍", "{low:g}–{high:g} times the sea-use fee"),
    "metre": ("每米岸线 {low:,.0f}–{high:,.0f} 元", "{low:,.0f}–{high:,.0f} yuan a metre of coast"),
    "act": ("每起 {low:,.0f}–{high:,.0f} 元", "{low:,.0f}–{high:,.0f} yuan an act"),
    "region": ("按{0}的规定", "as {0} has it"),
    "area_ha": ("违规面积 {0:.4f}–{1:.4f} 公顷（±2 倍中误差）", "{0:.4f}–{1:.4f} ha (± 2 σ)"),
    "coast_m": ("岸线 {0}–{1} 米", "{0}–{1} m of coast"),
    "uses": ("用海方式按 {0} 计", "taken as mode {0}"),
    "sea_grades": ("海域等别 {0}", "sea grade {0}"),
    "tables": ("{0} 年海域使用金标准", "fee table of {0}"),
    "days": (
        "按年缴纳的按 {0}–{1} 天折算（自变化时段起，至最后可见日或本期）",
        "yearly fees for {0}–{1} days, from the change to the last look or this run",
    ),
    "laws": (
        "时段内法律有变，取各文本的最小与最大",
        "the law changed in the interval: the least and the most of its texts",
    ),
    "silent": (
        "若发生于 {0} 至 {1}，当时的金额未收录",
        "if it happened from {0} to {1}, no sum is on file",
    ),
    "refusal": (
        "拒不办理的按非法占用海域论处，未计入",
        "who refuses to renew occupies the sea illegally, which is not counted here",
    ),
    "inhabited": ("按无居民海岛计", "taken as an uninhabited island"),
}
"""What a range assumes, in the order it is said."""

_UNVERIFIED: dict[str, Pair] = {
    "fees": ("（海域使用金标准未核实）", " (the fees are unverified)"),
    "law": ("（部分条文未核实）", " (part of the law is unverified)"),
}
"""What is said beside the range itself."""

_LEAD: Pair = (
    "疑似成立时的估算幅度，不是处罚决定：",
    "If it is a breach; an estimate, no decision: ",
)


def liability_text(liability: Mapping[str, Any] | None, language: str) -> str:
    """The range and its assumptions, or why there is none; empty where none was asked for.

    The range is rounded outwards to three figures.
    """
    if not liability:
        return ""
    at = int(language == "en")
    if "none" in liability:
        reason, *details = liability["none"]
        return _NONE[reason][at].format(*details)
    mark = ("；", "; ")[at]
    assumed = mark.join(_assumptions(liability["assumptions"], at))
    range_ = money(liability["low"], liability["high"], language)
    unsure = liability["assumptions"].get("unverified", [])
    range_ += "".join(_UNVERIFIED[what][at] for what in unsure)
    return f"{range_}\n{_LEAD[at]}{assumed}"


def liability_column(flags: pd.DataFrame, language: str) -> dict[str, list[str]]:
    """The texts of all flags under their heading."""
    texts = [liability_text(json.loads(n).get("liability"), language) for n in flags.numbers]
    return {word("liability", language): texts}


def money(low: float, high: float, language: str) -> str:
    """A range of yuan, rounded outwards to three figures, in the units people say.

    >>> money(1_234_567, 98_765_432, "zh"), money(0, 10_000, "zh")
    ('123 万–9,880 万元', '0–1 万元')
    >>> money(1_234_567, 98_765_432, "en")
    '1.23–98.8 million yuan'
    """
    ends = [_three(low, math.floor), _three(high, math.ceil)]
    if language == "zh":
        return f"{_zh(ends[0])}–{_zh(ends[1])}元"
    if ends[1] >= 1e6:
        return f"{ends[0] / 1e6:.9g}–{ends[1] / 1e6:.9g} million yuan"
    return f"{ends[0]:,.0f}–{ends[1]:,.0f} yuan"


def _three(value: float, turn: Any) -> float:
    if value < 1000:
        return float(turn(value))
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(turn(value / step) * step)


def _zh(value: float) -> str:
    for unit, name in ((1e8, " 亿"), (1e4, " 万")):
        if value >= unit:
            return f"{value / unit:,.9g}{name}"
    return f"{value:,.0f}" + (" " if value else "")


def _modes(uses: Sequence[Sequence[str]], at: int) -> list[str]:
    """Each mode with the names of the rows that may be meant."""
    names: dict[str, list[str]] = {}
    for mode, zh, en in uses:
        names.setdefault(mode, []).append((zh, en)[at])
    marks = ("（{}）", " ({})")[at]
    return [mode + marks.format(" / ".join(own)) for mode, own in names.items()]


def _assumptions(assumed: Mapping[str, Any], at: int) -> list[str]:
    """Each assumption as a phrase."""
    joined = "、" if at == 0 else ", "
    phrases = [
        _ASSUMED[per][at].format(low=low, high=high) for low, high, per in assumed.get("sums", [])
    ]

    def say(key: str, *values: Any) -> None:
        phrases.append(_ASSUMED[key][at].format(*values))

    if "region" in assumed:
        say("region", joined.join(REGION_NAMES[name][at] for name in assumed["region"]))
    for key in ("area_ha", "coast_m", "days"):
        for low, high in assumed.get(key, []):
            say(key, low, high)
    if "uses" in assumed:
        say("uses", joined.join(_modes(assumed["uses"], at)))
    for key in ("sea_grades", "tables"):
        if key in assumed:
            say(key, joined.join(map(str, assumed[key])))
    for start, end in assumed.get("silent", []):
        say("silent", start, end)
    for key in ("laws", "inhabited", "refusal"):
        if key in assumed:
            say(key)
    return phrases
