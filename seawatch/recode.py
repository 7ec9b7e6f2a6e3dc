"""Words that offices write, read as the codes a table holds; each reading is told.

A word that could be one of several codes is a fault of its rows, never a guess.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import codes
from .tables import Fault

WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("permits", "right"): {"海域使用权": "sea_use", "海岛使用权": "island_use"}
    | {"无居民海岛使用权": "island_use", "无居民海岛开发利用": "island_use"},
    ("permits", "strata"): {
        "水面": "surface",
        "水体": "water",
        "海床": "seabed",
        "底土": "subsoil",
    },
    ("coastline", "kind"): {
        "基岩": "bedrock",
        "砂质": "sandy",
        "淤泥质": "muddy",
        "粉砂淤泥质": "muddy",
    }
    | {"生物": "biological", "修复": "restored", "河口": "estuary", "人工": "artificial"},
    ("coastline", "protection"): {
        "严格保护": "strict",
        "限制开发": "limited",
        "优化利用": "optimised",
    },
    ("islands", "inhabited"): {"有居民": "yes", "无居民": "no", "有": "yes", "无": "no"}
    | {"是": "yes", "否": "no"},
    ("zones", "kind"): {
        "生态保护红线": "redline",
        "海洋生态红线": "redline",
        "禁养区": "aquaculture_ban",
    }
    | {
        "历史遗留围填海": "legacy_reclamation",
        "领海基点保护范围": "basepoint",
        "保护区": "protected",
    },
}
"""Chinese words for the values of columns that are written in English."""


@dataclass(frozen=True)
class Recoded:
    """One word of one column read as a code; `note` says what was assumed."""

    column: str
    word: str
    code: str
    rows: np.ndarray
    note: str = ""


def recode(frame: pd.DataFrame, table: str) -> tuple[pd.DataFrame, list[Recoded], list[Fault]]:
    """`frame` with codes for the words that offices write, what was read so, what could not be."""
    done: list[Recoded] = []
    faults: list[Fault] = []
    columns: dict[str, pd.Series] = {}
    for (of, name), words in WORDS.items():
        if of == table and name in frame:
            columns[name] = _said(frame[name], name, words, done)
    if table == "permits":
        if "scheme" in frame:
            columns["scheme"] = _scheme(frame["scheme"], done)
        if "use_mode" in frame:
            columns["use_mode"] = _modes(frame["use_mode"], done, faults)
        changed = frame.assign(**columns)
        if {"use_type", "scheme"} <= set(changed):
            columns["use_type"] = _types(changed, done, faults)
        columns |= _strata(frame.assign(**columns), done)
    return frame.assign(**columns), done, faults


def _cells(values: pd.Series) -> pd.Series:
    """Cells as text, '41' for 41.0; blank ones are ''."""

    def text(value: object) -> str:
        if value is None or value != value:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()

    return values.map(text).astype(object)


def _said(values: pd.Series, name: str, words: dict[str, str], done: list[Recoded]) -> pd.Series:
    cells = _cells(values)
    known = {}
    for cell in dict.fromkeys(cells):
        parts = [p for p in _split(cell) if p]
        meant = [words.get(_bare(p), p) for p in parts]
        if parts and meant != parts:
            known[cell] = ",".join(meant)
    return _read_as(values, cells, known, name, done)


def _split(cell: str) -> list[str]:
    for mark in ";、，|/ ":
        cell = cell.replace(mark, ",")
    return cell.split(",")


def _bare(word: str) -> str:
    return word.removesuffix("岸线").removesuffix("海岛") if len(word) > 2 else word


def _read_as(
    values: pd.Series,
    cells: pd.Series,
    known: dict[str, str],
    name: str,
    done: list[Recoded],
    notes: dict[str, str] | None = None,
) -> pd.Series:
    for word, code in known.items():
        done.append(
            Recoded(name, word, code, (cells == word).to_numpy(), (notes or {}).get(word, ""))
        )
    return values.astype(object).where(~cells.isin(known), cells.map(known)) if known else values


def _scheme(values: pd.Series, done: list[Recoded]) -> pd.Series:
    cells = _cells(values)
    known = {}
    schemes = {_letters(scheme): scheme for scheme in codes.SCHEMES}
    for cell in dict.fromkeys(cells):
        if _letters(cell) in schemes and cell not in codes.SCHEMES:
            known[cell] = schemes[_letters(cell)]
    return _read_as(values, cells, known, "scheme", done)


def _letters(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _modes(values: pd.Series, done: list[Recoded], faults: list[Fault]) -> pd.Series:
    cells = _cells(values)
    known, notes = {}, {}
    for cell in dict.fromkeys(cells):
        word = codes.plain(cell)
        if word in codes.MODES_TAKEN:
            known[cell], notes[cell] = codes.MODES_TAKEN[word]
        elif word in codes.MODE_OF:
            known[cell] = codes.MODE_OF[word]
        elif word in codes.MODE_GROUPS:
            cure = f": '{cell}' may be {codes.MODE_GROUPS[word]}; write which"
            faults.append(Fault("'use_mode' names a group in", (cells == cell).to_numpy(), cure))
    return _read_as(values, cells, known, "use_mode", done, notes)


def _types(frame: pd.DataFrame, done: list[Recoded], faults: list[Fault]) -> pd.Series:
    """Names of use types as codes of their row's scheme; codes that its scheme has not."""
    values, cells, schemes = frame["use_type"], _cells(frame["use_type"]), _cells(frame["scheme"])
    typed = values.astype(object)
    for scheme in codes.SCHEMES:
        here = schemes == scheme
        names = {codes.plain(name): code for name, code in codes.TYPE_NAMES[scheme].items()}
        words = dict.fromkeys(cells[here])
        known = {w: names[codes.plain(w)] for w in words if codes.plain(w) in names}
        typed = typed.where(~here, _read_as(typed, cells.where(here, ""), known, "use_type", done))
        for code in words:
            if not code or code in known or code in codes.TYPES[scheme]:
                continue
            rows = (here & (cells == code)).to_numpy()
            faults.append(Fault(f"'use_type' {code!r} is none of {scheme} in", rows, _other(code)))
    return typed


def _other(code: str) -> str:
    if code == "23":
        return "; 23 is the trial of 2020's number for 其他海域, since 2023 it is 24"
    schemes = [scheme for scheme in codes.SCHEMES if code in codes.TYPES[scheme]]
    return f"; it is one of {schemes[0]}: is `scheme` right?" if schemes else "; write its code"


def _strata(frame: pd.DataFrame, done: list[Recoded]) -> dict[str, pd.Series]:
    """All strata for fill, solid structures and enclosures whose row does not say."""
    if "use_mode" not in frame:
        return {}
    blank = pd.Series(None, index=frame.index, dtype=object)
    given = frame["strata"].astype(object) if "strata" in frame else blank
    rows = _cells(frame["use_mode"]).isin(codes.ALL_STRATA) & (_cells(given) == "")
    if not rows.any():
        return {}
    whole = "surface,water,seabed,subsoil"
    note = "fill, solid structures and enclosures occupy all strata"
    done.append(Recoded("strata", "", whole, rows.to_numpy(), note))
    return {"strata": given.where(~rows, whole)}
