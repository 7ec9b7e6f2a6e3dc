"""What `seawatch rules` says: what each rule flags, its law, what a breach may cost."""

import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from . import law
from .errors import UsageError
from .law import Pair, Provision
from .maps.words import RULE_WORDS
from .project import limits_of
from .rules import RULES

_HEAD: dict[str, Pair] = {
    "layers": ("所需图层", "layers"),
    "limits": (
        "阈值，在 seawatch.toml 的 [rules.{0}] 中设置：",
        "limits, set under [rules.{0}] in seawatch.toml:",
    ),
    "law": ("法律依据（文本截至 {0:%Y-%m}）：", "law, as read in {0:%Y-%m}:"),
    "since": ("自 {0} 起", "from {0}"),
    "to": ("至 {0}", "to {0}"),
    "always": ("生效日期未收录", "first day not on file"),
    "grade": ("来源可靠度 {0}", "grade {0}"),
    "unverified": ("未核实", "unverified"),
    "check": ("现场核查要点：", "check on site:"),
    "not_yet": (
        "本版本尚不自动判定；仅列出依据。",
        "Not judged by this version; its law is listed only.",
    ),
    "liability": ("责任估算：", "liability:"),
    "none": ("不估算（条文没有金额，或未收录）", "none: no sum is named, or none is on file"),
    "fee": ("海域使用金的 {0:g}–{1:g} 倍", "{0:g}–{1:g} times the sea-use fee"),
    "metre": ("每米岸线 {0:,.0f}–{1:,.0f} 元", "{0:,.0f}–{1:,.0f} yuan a metre of coast"),
    "act": ("每起 {0:,.0f}–{1:,.0f} 元", "{0:,.0f}–{1:,.0f} yuan an act"),
}
_WIDTH = 92


def _head(key: str, language: str, *values: object) -> str:
    return _HEAD[key][language == "en"].format(*values)


def rule_ids() -> tuple[str, ...]:
    """Every rule, judged ones first in report order, then those of which only the law is known."""
    return (*RULES, *(name for name in law.RULE_IDS if name not in RULES))


def list_rules(language: str = "en") -> str:
    """Every rule with its first line of explanation, in report order."""
    width = max(map(len, rule_ids()))
    return "\n".join(f"{name:{width}}  {_first_line(name, language)}" for name in rule_ids())


def _first_line(name: str, language: str) -> str:
    title = RULE_WORDS[name].title[language == "en"] if name in RULE_WORDS else ""
    if name in RULES and (language == "en" or not title):
        return _module_doc(name).splitlines()[0]
    return title or _head("not_yet", language)


def explain_rule(name: str, language: str = "en") -> str:
    """What a rule flags and leaves alone, its limits, its dated law, what a breach may cost.

    Raises
    ------
    UsageError
        If there is no such rule.
    """
    if name not in rule_ids():
        raise UsageError(f"no rule '{name}'; use one of {', '.join(rule_ids())}")
    return "\n".join(
        [
            ": ".join(filter(None, (name, _title(name, language)))),
            "",
            *_checked(name, language),
            "",
            _head("law", language, law.TEXT_AS_OF),
            *(line for row in law.provisions_of(name) for line in _provision(row, language)),
            "",
            *_costs(name, language),
        ]
    )


def _title(name: str, language: str) -> str:
    return RULE_WORDS[name].title[language == "en"] if name in RULE_WORDS else ""


def _checked(name: str, language: str) -> Iterator[str]:
    """What the rule's check looks at; that there is none, for a rule that is not judged yet."""
    if name not in RULES:
        yield _head("not_yet", language)
        return
    yield from (_module_doc(name), "")
    if name in RULE_WORDS:
        check = RULE_WORDS[name].check[language == "en"]
        yield from (_head("check", language), *_indented(check), "")
    yield f"{_head('layers', language)}: {', '.join(RULES[name].needs)}"
    yield _head("limits", language, name)
    yield from (f"  {limit} = {value:g}" for limit, value in limits_of(name).items())


def _provision(row: Provision, language: str) -> Iterator[str]:
    at = int(language == "en")
    act = law.citation(row.act, row.articles, language, row.grade == "L")
    facts = [law.REGION_NAMES[row.region][at], _dates(row, language)]
    facts.append(_head("grade", language, row.grade))
    yield from _indented(f"{act} ({'; '.join(facts)})", "  ", "    ")
    yield from _indented(row.consequence[at], "    ", "    ")
    if row.act.note:
        yield from _indented(row.act.note[at], "    ", "    ")
    yield from _indented(row.source, "    ", "    ")


def _dates(row: Provision, language: str) -> str:
    first = row.effective_from
    text = _head("since", language, first) if first else _head("always", language)
    if row.effective_to:
        text += " " + _head("to", language, row.effective_to)
    return text + (f" ({_head('unverified', language)})" if row.act.dates_grade == "L" else "")


def _costs(name: str, language: str) -> Iterator[str]:
    """What liability is reckoned from."""
    at = int(language == "en")
    priced = [row for row in law.provisions_of(name) if row.amount]
    yield _head("liability", language)
    if not priced:
        yield f"  {_head('none', language)}"
    for row in priced:
        about = [law.REGION_NAMES[row.region][at], *row.kinds]
        if row.grade == "L":
            about.append(_head("unverified", language))
        assert row.amount is not None
        sum_ = _head(row.amount.per, language, row.amount.low, row.amount.high)
        yield f"  {sum_} ({', '.join(about)})"


def _indented(text: str, first: str = "  ", rest: str = "  ") -> list[str]:
    # Chinese has no spaces to break at: left to the terminal
    if any(letter >= "\u4e00" for letter in text):
        return [first + text]
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest)


def _module_doc(name: str) -> str:
    module = inspect.getmodule(RULES[name].check)
    return inspect.cleandoc(module.__doc__ or "") if module else ""


def rule_fields(name: str) -> dict[str, Any]:
    """A rule as plain values, for machines.

    Raises
    ------
    UsageError
        If there is no such rule.
    """
    explain_rule(name)  # refuses what is no rule
    judged = name in RULES
    return {
        "rule": name,
        "title": list(RULE_WORDS[name].title) if name in RULE_WORDS else None,
        "judged": judged,
        "about": _module_doc(name) if judged else None,
        "layers": list(RULES[name].needs) if judged else [],
        "limits": limits_of(name) if judged else {},
        "provisions": [_provision_fields(row) for row in law.provisions_of(name)],
    }


def _provision_fields(row: Provision) -> dict[str, Any]:
    amount = row.amount
    return {
        "act": list(row.act.title),
        "articles": list(row.articles),
        "region": row.region or None,
        "effective_from": row.effective_from,
        "effective_to": row.effective_to,
        "dates_grade": row.act.dates_grade,
        "text_as_of": row.text_as_of,
        "consequence": list(row.consequence),
        "amount": amount and {"low": amount.low, "high": amount.high, "per": amount.per},
        "kinds": list(row.kinds),
        "grade": row.grade,
        "source": row.source,
    }
