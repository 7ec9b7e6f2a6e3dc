"""Which finding of this week is which flag of before.

What is one and the same is told by place and claim. Rules that say one thing about one act
(`ONE_ACT`: the use of the sea there is not the permitted one) are one claim, as the same fill
is ``fill_no_permit`` today and ``beyond_permit`` once somebody is granted half of it; a rule
about a protected place is a claim of its own, and so is every number of a list from above.

Flags go on as the findings they share most with, all together: what had grown together and comes
apart again gets back the numbers it had. Findings that lie on a flag's ground too have parted from
it: they get numbers of their own that name it as ``parent``. Flags whose ground one finding covers
have grown together: each keeps its number, and all but one name that one as ``merged_into``. Both
are told from what was found, whatever order it arrived in.
"""

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from .confidence import mode_of
from .overlay import linked
from .tables import AFLOAT

SAME_PLACE = 0.3
"""Shared area over the smaller of two: a pond that doubles in size is still that pond."""
ONE_ACT = (
    "fill_no_permit",
    "enclosed_no_permit",
    "beyond_permit",
    "use_changed",
    "expired",
    "not_dismantled",
    "no_permit",
)
"""Rules that claim the same of one act: it is used otherwise than permitted."""

_LEAST = 1e-6  # of a share: what lies on the other is never nothing
_CLAIM = ["rule", "subject", "priority"]  # what a finding says was done, wherever it lies
_OUTLINE_NUMBERS = (
    *("area_m2", "excess_m2", "excess_sigma_m2", "excess_plane_m2", "excess_probability"),
    *("tolerance_m", "coast_m"),
)

_FINER = 2.0  # an outline stands against a newer one with so many times its tolerance
_COVERED = 0.7  # and shows it whole: so much of the coarser lies within its reach


@dataclass(frozen=True)
class Links:
    """How this week's acts continue the flags; positions of rows.

    same : act of each flag that was found again. parent : flag each act that has parted from it
    lay on. into : flag that went on as the act another flag is now part of.
    """

    same: dict[int, int]
    parent: dict[int, int]
    into: dict[int, int]


def acts(findings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One finding an act: of those of one claim in one place the surest, or the sharpest.

    Column `looks`: what every sensor that found it says of it. Column `outline`: whose sharper
    outline was taken instead of the surest one's, and both areas; else None.
    """
    order = ["confidence", "excess_m2", "rule", "change_id"]
    ranked = findings.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    one, other, _, _ = overlaps(ranked, ranked)
    groups: dict[int, list[int]] = {}
    taken: set[int] = set()
    near: dict[int, list[int]] = {}
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        near.setdefault(a, []).append(b)
    for row in range(len(ranked)):
        if row not in taken:
            groups[row] = sorted({row, *near.get(row, [])} - taken)
            taken.update(groups[row])
    best = [_sharpest(ranked, rows) for rows in groups.values()]
    looks = [[_look(ranked.iloc[row]) for row in rows] for rows in groups.values()]
    outlines = [
        _instead(ranked.iloc[one], ranked.iloc[first])
        for one, first in zip(best, groups, strict=True)
    ]
    told = {"looks": looks, "outline": outlines}
    columns = {name: pd.Series(kept, ranked.index[best], object) for name, kept in told.items()}
    claims = ranked.iloc[[_plainest(ranked, rows) for rows in groups.values()]]
    return named(ranked.iloc[best].assign(**columns).reset_index(drop=True), claims)


def overlaps(
    one: gpd.GeoDataFrame, other: gpd.GeoDataFrame, *, any_source: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of one claim in one place: positions, shared area over the smaller, and over both.

    any_source : what others found, number by number, may share a claim with ours.
    """
    a, b = other.sindex.query(one.geometry, predicate="intersects")
    left, right = one.geometry.to_numpy()[a], other.geometry.to_numpy()[b]
    shared = shapely.area(shapely.intersection(left, right))
    sizes = shapely.area(left), shapely.area(right)
    share = shared / np.maximum(np.minimum(*sizes), 1e-9)
    both = shared / np.maximum(sizes[0] + sizes[1] - shared, 1e-9)
    claims = [_claim(frame, any_source) for frame in (one, other)]
    same = (share >= SAME_PLACE) & (claims[0][a] == claims[1][b])
    return a[same], b[same], share[same], both[same]


def _claim(frame: gpd.GeoDataFrame, any_source: bool) -> np.ndarray:
    claim = frame.rule.where(~frame.rule.isin(ONE_ACT), "use").astype(object)
    if any_source:
        return claim.to_numpy()
    named = frame.external_id.notna()
    own = claim + "|" + frame.source.astype(str) + "|" + frame.external_id.astype(str)
    return claim.where(~named, own).to_numpy()


def returned(changes: gpd.GeoDataFrame, flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`changes` without the veto ``varies`` where a flag has been raised that no visit settled.

    What was flagged, went and is back is that flag again, no habit of the place. Of what the
    tide bares this is not known: there the veto stands.
    """
    usual = changes[changes.veto.eq("varies") & changes.kind.isin(AFLOAT)]
    told = flags[flags.status != "settled"]
    one, other = told.sindex.query(usual.geometry, predicate="intersects")
    left, right = usual.geometry.to_numpy()[one], told.geometry.to_numpy()[other]
    smaller = np.minimum(shapely.area(left), shapely.area(right))
    again = shapely.area(shapely.intersection(left, right)) >= SAME_PLACE * smaller
    lifted = changes.index.isin(usual.index[one[again]])
    return changes.assign(veto=changes.veto.where(~lifted, None))


def match(flags: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> Links:
    """Which act each flag goes on as, and what has parted or grown together."""
    flag, act, _, both = overlaps(flags, found)
    names = flags.flag_id.to_numpy()
    same = _going_on(flag, act, both.round(6), names)
    holder = {one: number for number, one in same.items()}
    ranked = sorted(
        zip(flag.tolist(), act.tolist(), both.tolist(), strict=True),
        key=lambda edge: (-round(edge[2], 6), names[edge[0]], edge[1]),
    )
    parent: dict[int, int] = {}
    into: dict[int, int] = {}
    for number, one, _ in ranked:
        if one not in holder:
            parent.setdefault(one, number)
        if number not in same:
            into.setdefault(number, holder[one])
    return Links(same, parent, into)


def _going_on(
    flag: np.ndarray, act: np.ndarray, share: np.ndarray, names: np.ndarray
) -> dict[int, int]:
    """The act that each flag goes on as, each act once: where their shares sum to the most."""
    same: dict[int, int] = {}
    group = linked(flag, len(names) + act, len(names) + act.max(initial=0) + 1)[flag]
    order = np.argsort(group, kind="stable")
    for edges in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(flag) else ():
        rows = sorted(set(flag[edges].tolist()), key=lambda row: names[row])
        columns = np.unique(act[edges])
        worth = np.zeros((len(rows), len(columns)))
        place = {row: at for at, row in enumerate(rows)}
        at = [place[row] for row in flag[edges].tolist()]
        worth[at, np.searchsorted(columns, act[edges])] = np.maximum(share[edges], _LEAST)
        for row, column in zip(*scipy.optimize.linear_sum_assignment(-worth), strict=True):
            if worth[row, column]:
                same[rows[row]] = int(columns[column])
    return same


def _sharpest(ranked: gpd.GeoDataFrame, rows: list[int]) -> int:
    """The surest of one act's findings, or one with a far finer outline that shows it whole."""
    surest, best = ranked.iloc[rows[0]], rows[0]
    for row in rows[1:]:
        if finer(ranked.iloc[row], surest) and finer(ranked.iloc[row], ranked.iloc[best], 1.0):
            best = row
    return best


def _plainest(ranked: gpd.GeoDataFrame, rows: list[int]) -> int:
    """The surest of one act's findings that tells what it is; else the surest."""
    return next((row for row in rows if not _vague(ranked.iloc[row])), rows[0])


def named(acts: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`acts` that do not tell what they are with the claim of `known`, row by row.

    A drone's colours show that the sea has changed, not that it is land now: it draws what a
    satellite has told to be land, and does not unsay it.
    """
    acts = acts.copy()
    for row, act, plain in zip(acts.index, acts.itertuples(), known.itertuples(), strict=True):
        if _vague(act) and plain.rule in ONE_ACT and not _vague(plain):
            acts.loc[row, _CLAIM] = [getattr(plain, name) for name in _CLAIM]
            acts.at[row, "numbers"] = with_outline(plain.numbers, act.numbers)
    return acts


def _vague(finding: Any) -> bool:
    """Whether all it says is that the sea is used, not by what."""
    return finding.rule == "no_permit" and json.loads(finding.numbers).get("kind") == "sea_change"


def with_outline(numbers: str, drawn: str) -> str:
    """The `numbers` of a finding with those of the outline that another has drawn.

    The other rules named on it keep their share of the act.
    """
    told = json.loads(numbers)
    kept = {key: value for key, value in json.loads(drawn).items() if key in _OUTLINE_NUMBERS}
    if others := told.get("also"):
        share = kept["excess_m2"] / told["excess_m2"]
        kept["also"] = [{**o, "area_m2": round(o["area_m2"] * share, 4)} for o in others]
    return json.dumps({**told, **kept}, ensure_ascii=False, sort_keys=True)


def _instead(one: Any, surest: Any) -> dict[str, Any] | None:
    if one.change_id == surest.change_id and one.rule == surest.rule:
        return None
    areas = [round(float(finding.excess_m2), 1) for finding in (one, surest)]
    return {"by": one.sensor, "m2": areas[0], "was_by": surest.sensor, "was_m2": areas[1]}


def finer(one: Any, other: Any, times: float = _FINER) -> bool:
    """Whether `one` outlines what `other` does, whole and so many times as sharply."""
    reach = tolerance_m(other)
    if tolerance_m(one) * times > reach:
        return False
    covered = other.geometry.intersection(one.geometry.buffer(reach)).area
    return bool(covered >= _COVERED * other.geometry.area)


def tolerance_m(finding: Any) -> float:
    """How far a finding's outline may be off, m."""
    return float(json.loads(finding.numbers).get("tolerance_m") or np.inf)


def _look(finding: Any) -> dict[str, Any]:
    """A finding as a piece of evidence; see `confidence.Item`."""
    sure = float(np.clip(finding.confidence, 1e-6, 1 - 1e-6))
    return {
        "at": f"{finding.after:%Y-%m-%d}",
        "by": finding.sensor,
        "mode": mode_of(finding.sensor),
        "says": 1,
        "odds": round(float(np.log(sure / (1 - sure))), 4),
        "sigma_m": round(tolerance_m(finding) / 2, 2),
        "m2": round(float(finding.excess_m2), 1),
    }
