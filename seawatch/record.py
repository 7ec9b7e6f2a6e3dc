"""What became of a flag, in its column `record`: every look and visit, and each turn it took.

Keys, each only where there is something to tell: `parent`, the flag it parted from;
`merged_into`, the flag whose finding covers it now; `history`, what happened on which run's
day; `evidence`, see `confidence.Item`; `outline`, whose sharper outline stands and by how much
it changed the area; `reopened`, the day it was last opened again; `settled`, the area when a
visit settled it; `visits`, `contradicted`, `doubt`, `conflict`, see `visits` and `confidence`.
"""

import json
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from .confidence import mode_of, packed
from .identity import finer, with_outline

_GROWN = 0.25  # what has grown by this share, beyond the error of both outlines, is news

_OUTLINE = [
    *("area_m2", "area_sigma_m2", "meridian", "plane_area_m2"),
    *("excess_m2", "coast_m", "geometry"),
]

Look = dict[str, Any]


def read(text: object) -> dict[str, Any]:
    """A record as it stands in the table, opened."""
    return json.loads(text) if isinstance(text, str) and text else {}


def event(on: date, what: str, **more: Any) -> dict[str, Any]:
    """One turn of a flag's history, on the day of a run."""
    return {"on": on.isoformat(), "what": what, **more}


def raised(
    looks: Sequence[Look], outline: dict[str, Any] | None, parent: str | None, on: date
) -> str | None:
    """The record of a flag with a new number."""
    own: dict[str, Any] = {"evidence": sorted(looks, key=lambda look: (look["at"], look["by"]))}
    if outline:
        own["outline"] = {"on": on.isoformat(), **outline}
    if parent:
        own |= {"parent": parent, "history": [event(on, "parted", parent=parent)]}
    return packed(own)


def news(flag: Any, act: Any) -> str | None:
    """Why a flag that was done with is open again: returned, rule or grown; else None."""
    if flag.status == "cleared":
        return "returned"
    if flag.status != "settled":
        return None
    if act.rule != flag.rule:
        return "rule"
    before = read(flag.record).get("settled", {}).get("m2", flag.excess_m2)
    old, new = (json.loads(one.numbers).get("excess_sigma_m2") or 0.0 for one in (flag, act))
    grown = act.excess_m2 - before
    return "grown" if grown > max(2 * math.hypot(old, new), _GROWN * before) else None


def found(flag: Any, act: Any, why: str | None, told: pd.DataFrame, on: date) -> str | None:
    """The record of a flag found again, opened again where there is a reason `why`."""
    own = read(flag.record)
    history = own.setdefault("history", [])
    if why:
        history.append(event(on, "reopened", why=why))
        own["reopened"] = on.isoformat()
        own.pop("settled", None)
    if act.rule != flag.rule:
        history.append(event(on, "rule", was=flag.rule))
    if own.pop("merged_into", None):
        history.append(event(on, "alone"))
    # what was found that day is there, whatever the rest of the flag's ground shows
    return packed(with_looks(own, [*_clear(told), *act.looks]))


def lost(flag: Any, status: str, taker: str | None, told: pd.DataFrame, on: date) -> str | None:
    """The record of a flag without a finding of its own; `taker` has the one that covers it."""
    own = with_looks(read(flag.record), _clear(told))
    if status == "cleared" != flag.status:
        own.setdefault("history", []).append(event(on, "cleared"))
    if taker and taker != own.get("merged_into"):
        own["merged_into"] = taker
        own.setdefault("history", []).append(event(on, "merged", into=taker))
    return packed(own)


def with_looks(own: dict[str, Any], looks: Sequence[Look]) -> dict[str, Any]:
    """A record with more evidence; the same look again takes the place of the old."""
    kept = {(look["at"], look["by"]): look for look in [*own.get("evidence", []), *looks]}
    return {**own, "evidence": [kept[key] for key in sorted(kept)]}


def _clear(told: pd.DataFrame) -> list[Look]:
    """Pairs that can tell and show that nothing stands there, as evidence."""
    return [
        {"at": f"{row.after:%Y-%m-%d}", "by": row.sensor, "mode": mode_of(row.sensor), "says": -1}
        for row in told[told.shown < 0].itertuples()
    ]


def outlined(
    flags: gpd.GeoDataFrame, before: gpd.GeoDataFrame, acts: gpd.GeoDataFrame, on: date
) -> gpd.GeoDataFrame:
    """`flags` (as the `acts` have them) with the sharper outline of the two, and its change.

    What a drone drew stands against what a satellite draws later, until it has grown.
    """
    flags = flags.copy()
    for row, old, new in zip(flags.index, before.itertuples(), acts.itertuples(), strict=True):
        own = read(flags.at[row, "record"])
        drawn = own.pop("outline", None)
        by = drawn["by"] if drawn else old.sensor
        if by != new.sensor and finer(old, new) and new.excess_m2 <= (1 + _GROWN) * old.excess_m2:
            own["outline"] = drawn or {"on": on.isoformat(), "by": by, "m2": _m2(old)}
            flags.loc[row, _OUTLINE] = before.loc[row, _OUTLINE]
            flags.at[row, "numbers"] = with_outline(new.numbers, old.numbers)
        elif by != new.sensor and finer(new, old):
            own["outline"] = {
                "on": on.isoformat(),
                "by": new.sensor,
                "m2": _m2(new),
                "was_by": by,
                "was_m2": _m2(old),
            }
        elif by == new.sensor and drawn:
            own["outline"] = {**drawn, "m2": _m2(new)}
        flags.at[row, "record"] = packed(own)
    return flags


def _m2(finding: Any) -> float:
    return round(float(finding.excess_m2), 1)
