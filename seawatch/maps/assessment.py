"""What a planned use meets, in words.

Sections for the page, lines for a terminal, fields for machines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .. import law
from ..assess import Assessment
from .assessment_words import STRATA_LAW, say
from .words import MODES, area, word


@dataclass(frozen=True)
class Section:
    """A table with its title and what is to be said of it; all of it text."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()


def sections(found: Assessment, language: str) -> list[Section]:
    """The page's parts, in the order they are read."""
    return [
        _parcel(found, language),
        _approval(found, language),
        _permits(found, language),
        _coast(found, language),
        _places(found, "islands", language),
        _places(found, "zones", language),
    ]


def lines(found: Assessment, title: str, language: str) -> list[str]:
    """The page for a terminal."""
    said = [title, say("day", language, on=found.on), ""]
    for section in sections(found, language):
        said.append(f"■ {section.title}")
        said += ["  " + " · ".join(cell for cell in row if cell) for row in section.rows]
        said += [f"  {note}" for note in section.notes]
    said += ["", say("disclaimer", language)]
    # names come from files: none of them may steer the terminal
    return ["".join(c if c.isprintable() else "�" for c in line) for line in said]


def fields(found: Assessment, language: str) -> dict[str, Any]:
    """The page for machines: numbers in m, m² and ha, law as text."""
    meets = [
        {
            **{k: _plain(getattr(row, k)) for k in _MACHINE},
            "basis": _basis(row.rule, found, language),
            **row.facts,
        }
        for row in found.meets.itertuples()
    ]
    units = found.units.drop(columns="geometry").to_dict("records")
    return {
        "on": found.on.isoformat(),
        "units": [{k: _plain(v) for k, v in unit.items()} for unit in units],
        "approval": _cited(found.levels, language),
        "splits": _cited(found.splits, language),
        "meets": meets,
        "cautions": [
            {"rule": rule, "basis": _basis(rule, found, language)} for rule in found.cautions
        ],
        "not_judged": list(found.not_judged),
    }


_MACHINE: tuple[str, ...] = (
    "unit",
    "layer",
    "id",
    "name",
    "kind",
    "how",
    "area_m2",
    "area_sigma_m2",
)
_MACHINE += ("length_m", "distance_m", "rule")


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _cited(table: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    rows = []
    for row in table.to_dict("records"):
        threshold = row.pop("threshold")
        basis = threshold and law.citation(threshold.act, threshold.articles, language)
        rows.append({**{k: _plain(v) for k, v in row.items()}, "basis": basis})
    return rows


def _basis(rule: str | None, found: Assessment, language: str) -> str:
    """The law of one rule or several; a rule without a text on file is passed over for another."""
    if not rule:
        return ""
    if rule == "strata":
        return STRATA_LAW[language == "en"]
    day, where = found.on, found.where
    named = [r for r in rule.split(",") if any(s[2] for s in law.stretches(r, day, day, where))]
    texts = [law.basis(r, day, day, language, where) for r in named or rule.split(",")[:1]]
    return ("；" if language == "zh" else "; ").join(dict.fromkeys(texts))


# the sections


def _parcel(found: Assessment, language: str) -> Section:
    rows: list[tuple[str, ...]] = [
        (
            row.name,
            _mode(row.use_mode, language),
            f"{area(row.plane_area_m2, language, row.area_sigma_m2)} ({row.meridian:g}°)",
            area(row.ellipsoidal_area_m2, language),
            f"{row.difference_m2:+.1f} m²",
            _strata(row.strata, language),
        )
        for row in found.units.itertuples(index=False)
    ]
    heads = ("unit", "mode", "plane", "ellipsoid", "difference", "strata_head")
    notes = [
        say("caution", language, rule=say(rule, language), basis=_basis(rule, found, language))
        for rule in found.cautions
    ]
    return Section(say("parcel", language), _heads(heads, language), rows, tuple(notes))


def _approval(found: Assessment, language: str) -> Section:
    rows: list[tuple[str, ...]] = []
    for row in found.levels.itertuples():
        meridian = "" if pd.isna(row.meridian) else f" {row.meridian:g}°"
        rows.append(
            (
                say(row.use, language),
                say(row.measure, language) + meridian,
                f"{row.area_ha:.4f} ± {row.sigma_ha:.4f} {say('ha', language)}",
                say(row.level or "unknown_level", language),
                _threshold(row.threshold, language),
            )
        )
    notes = [
        say(key, language, use=say(use, language))
        for key in ("differs", "close")
        for use in dict.fromkeys(found.levels.use[found.levels[key]])
    ]
    for row in found.splits.itertuples():
        holder = say("same_holder" if row.same_holder else "any_holder", language)
        notes.append(
            say(
                "split",
                language,
                use=say(row.use, language),
                permits=row.permits,
                own=row.own_ha,
                together=row.together_ha,
                level=say(row.level, language),
                alone=say(row.alone or "unknown_level", language),
                holder=holder,
                basis=_basis("split_approval", found, language),
            )
        )
    if found.splits.empty:
        judged = "permits" not in found.not_judged
        notes.append(say("no_split", language) if judged else _absent("permits", language))
    heads = ("use", "counted", "area", "level", "basis")
    return Section(say("approval", language), _heads(heads, language), rows, tuple(notes))


def _threshold(threshold: law.Threshold | None, language: str) -> str:
    if threshold is None:
        return ""
    least = f"≥ {threshold.least_ha:g}" if threshold.least_ha else ""
    below = "" if threshold.below_ha is None else f"< {threshold.below_ha:g}"
    span = ", ".join(part for part in (least, below) if part)
    text = law.citation(threshold.act, threshold.articles, language)
    return f"{text} ({span} {say('ha', language)})" if span else text


def _permits(found: Assessment, language: str) -> Section:
    def row(met: Any) -> tuple[str, ...]:
        term = f"{met.facts['valid_from']} — {met.facts['valid_to']}"
        return (
            met.id,
            say(met.how, language),
            _square(met, language),
            _mode(met.facts["use_mode"], language),
            _strata(met.facts["strata"], language),
            term,
            _basis(met.rule, found, language),
        )

    heads = ("permit", "how", "amount", "mode", "strata_shared", "term", "basis")
    return _section(found, "permits", heads, row, language)


def _coast(found: Assessment, language: str) -> Section:
    def row(met: Any) -> tuple[str, ...]:
        protection = met.facts["protection"]
        length = f"{met.length_m:.1f} ± {met.facts['error_m']:.1f} m"
        return (
            met.id,
            say(met.how, language),
            length if met.length_m else _away(met, language),
            word(f"segment_{met.kind}", language),
            say(f"protection_{protection}", language) if protection else "",
            say("baseline", language, name=met.facts["baseline"]),
            _basis(met.rule, found, language),
        )

    heads = ("segment", "how", "amount", "kind", "protection", "survey", "basis")
    section = _section(found, "coastline", heads, row, language)
    mine = found.meets[(found.meets.layer == "coastline") & (found.meets.length_m > 0)]
    natural = [m for m, f in zip(mine.length_m, mine.facts, strict=True) if f["natural"]]
    if not natural:
        return section
    total = say("natural_total", language, metres=float(sum(natural)))
    return Section(section.title, section.headings, section.rows, (*section.notes, total))


def _places(found: Assessment, layer: str, language: str) -> Section:
    def row(met: Any) -> tuple[str, ...]:
        if layer == "islands":
            kind = word(f"inhabited_{met.facts['inhabited']}", language)
        else:
            kind = word(f"zone_{met.kind}", language)
        return (
            met.id,
            met.name or "",
            say(met.how, language),
            _square(met, language),
            kind,
            _basis(met.rule, found, language),
        )

    heads = ("number", "name", "how", "amount", "kind", "basis")
    return _section(found, layer, heads, row, language)


def _section(
    found: Assessment,
    layer: str,
    heads: tuple[str, ...],
    row: Callable[[Any], tuple[str, ...]],
    language: str,
) -> Section:
    """What is met of one layer, the most first; an absent layer is said to be not judged."""
    mine = found.meets[found.meets.layer == layer]
    mine = mine.sort_values(
        ["distance_m", "area_m2", "length_m", "id"], ascending=[True, False, False, True]
    )
    several = len(found.units) > 1
    rows = [((met.unit,) if several else ()) + row(met) for met in mine.itertuples()]
    heads = (("unit",) if several else ()) + heads
    notes = () if rows else (say("nothing", language),)
    if layer in found.not_judged:
        notes = (_absent(layer, language),)
    title = word(f"layer_{layer}", language)
    return Section(title[:1].upper() + title[1:], _heads(heads, language), rows, notes)


def _absent(layer: str, language: str) -> str:
    return say("not_judged", language, layer=word(f"layer_{layer}", language))


def _heads(keys: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(say(f"head_{key}", language) for key in keys)


def _mode(mode: str, language: str) -> str:
    return f"{mode} {MODES[mode][language == 'en']}" if mode in MODES else mode


def _strata(names: str, language: str) -> str:
    """Strata in words: what the table joins by commas."""
    mark = "、" if language == "zh" else ", "
    return mark.join(say(name, language) for name in names.split(",") if name)


def _square(met: Any, language: str) -> str:
    return area(met.area_m2, language, met.area_sigma_m2) if met.area_m2 else _away(met, language)


def _away(met: Any, language: str) -> str:
    return say("away", language, metres=met.distance_m) if met.distance_m else ""
