"""Flags: findings followed from week to week.

A finding that overlaps a flag of the same rule is that flag again. A flag that is not
found again stays, as ``unseen``, until its ground has been seen clear in a pair whose
earlier scene is older than the flag: only such a pair could have shown it. And that pair
must show that nothing is there: what is too faint to be found again may still be seen
where it is known to stand. No flag is ever dropped.
"""

import hashlib
import json
from base64 import b32encode
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .tables import FINDINGS, FLAGS, LEVELS

SAME_PLACE = 0.3
"""Shared area over the smaller of two: a pond that doubles in size is still that pond."""

_CLEARLY_SEEN = 0.95  # share of a flag's ground that must have been seen for it to be cleared


def follow(
    previous: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    seen: gpd.GeoDataFrame,
    on: date,
    issue: str | None = None,
    sightings: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Flags of the week.

    Parameters
    ----------
    previous : last run's flags.
    findings : this run's findings.
    seen : this run's coverage.
    on : day of the run.
    issue : the run's name, the first part of a new flag's number; `on` by default.
    sightings : what this run's pairs show where previous flags stand (`detect_changes`).

    Returns
    -------
    Every previous flag, each once, and a new one for every finding that is none of them.
    """
    acts = _acts(findings)
    again = _matches(previous, acts)
    fresh = acts.drop(index=list(again.values()))
    flags = [
        _carried(previous, acts, again, seen, on, sightings),
        _raised(fresh, on, issue or str(on)),
    ]
    whole = pd.concat([part for part in flags if len(part)] or flags[:1], ignore_index=True)
    return FLAGS.check(whole.sort_values("flag_id", ignore_index=True))


def _acts(findings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One finding an act: of those of one rule in one place, the surest."""
    order = ["confidence", "excess_m2", "change_id"]
    ranked = findings.sort_values(order, ascending=[False, False, True], ignore_index=True)
    one, other, _ = _overlaps(ranked, ranked)
    beaten = set(other[one < other].tolist())
    return ranked.drop(index=list(beaten)).reset_index(drop=True)


def _overlaps(
    one: gpd.GeoDataFrame, other: gpd.GeoDataFrame, *, any_source: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of rows of one rule in one place, and their shared area over the smaller.

    What others found keeps to itself, number by number, unless `any_source`.
    """
    a, b = other.sindex.query(one.geometry, predicate="intersects")
    left, right = one.geometry.to_numpy()[a], other.geometry.to_numpy()[b]
    shared = shapely.area(shapely.intersection(left, right))
    share = shared / np.maximum(np.minimum(shapely.area(left), shapely.area(right)), 1e-9)
    same = (share >= SAME_PLACE) & (one.rule.to_numpy()[a] == other.rule.to_numpy()[b])
    if not any_source:
        left, right = _origins(one)[a], _origins(other)[b]
        same &= left == right
    return a[same], b[same], share[same]


def _origins(rows: gpd.GeoDataFrame) -> np.ndarray:
    """Source and number there of each row, as one text."""
    return (rows.source.astype(str) + "|" + rows.external_id.fillna("").astype(str)).to_numpy()


def _matches(previous: gpd.GeoDataFrame, acts: gpd.GeoDataFrame) -> dict[int, int]:
    """Row of the finding for each flag that was found again; each finding at most once."""
    flag, act, share = _overlaps(previous, acts)
    names = previous.flag_id.to_numpy()
    candidates = sorted(
        zip(flag.tolist(), act.tolist(), share.tolist(), strict=True),
        key=lambda c: (-round(c[2], 6), names[c[0]], c[1]),
    )
    taken: dict[int, int] = {}
    for number, found, _ in candidates:
        if number not in taken and found not in taken.values():
            taken[number] = found
    return taken


def _raised(acts: gpd.GeoDataFrame, on: date, issue: str) -> gpd.GeoDataFrame:
    """New flags."""
    return acts.assign(
        flag_id=_numbers(acts, issue),
        level=_level(acts, pd.Series(False, acts.index)),
        status="new",
        first_seen=pd.Timestamp(on),
        last_seen=pd.Timestamp(on),
    )


def _numbers(acts: gpd.GeoDataFrame, issue: str) -> list[str]:
    """Numbers that depend on what was found, not on the order it arrived in."""
    numbers: list[str] = []
    for act in acts.itertuples():
        place = shapely.set_precision(act.geometry.normalize(), 0.1).wkb
        origin = "" if pd.isna(act.external_id) else f"{act.source}|{act.external_id}|"
        key = f"{act.rule}|{issue}|{origin}".encode() + place
        digest = b32encode(hashlib.sha256(key).digest())
        length = 6
        while (name := f"{issue}-{digest[:length].decode()}") in numbers:
            length += 1
        numbers.append(name)
    return numbers


def _carried(
    previous: gpd.GeoDataFrame,
    acts: gpd.GeoDataFrame,
    again: dict[int, int],
    seen: gpd.GeoDataFrame,
    on: date,
    sightings: pd.DataFrame | None,
) -> gpd.GeoDataFrame:
    """Previous flags with what this week says of them."""
    found = previous.iloc[list(again)]
    act = acts.iloc[list(again.values())].set_axis(found.index)
    update = act[[c.name for c in FINDINGS.columns] + ["geometry"]].assign(
        # it happened after the latest look without it, before the first look with it
        before=act.before.where(act.before > found.before, found.before),
        after=found.after.where(found.after < act.after, act.after),
        level=_levels(found, act),
        status=found.status.where(found.status == "settled", "open"),
        last_seen=pd.Timestamp(on),
    )
    # a later look can postdate the act: the interval keeps its order
    update["before"] = update.before.where(update.before < update.after, found.before)
    kept = update.join(found.drop(columns=list(update.columns)))
    lost = previous.drop(index=found.index)
    shown = _shown(lost, sightings)
    lost = lost.assign(
        status=_unfound(lost, acts, seen, shown),
        last_seen=lost.last_seen.where(shown.fillna(0) <= 0, pd.Timestamp(on)),
    )
    parts = [part for part in (kept, lost) if len(part)]
    return pd.concat(parts) if parts else previous


def _levels(flags: gpd.GeoDataFrame, acts: gpd.GeoDataFrame) -> list[str]:
    """Levels of flags found again: never lower than before, highest from a second sensor."""
    other_date = acts.after > flags.after
    now = _level(acts, other_date).map(LEVELS.index)
    rank = np.maximum(flags.level.map(LEVELS.index), now)
    other_sensor = other_date & (acts.sensor != flags.sensor) & (now > 0)
    return [LEVELS[int(r)] for r in rank.where(~other_sensor, 2)]


def _level(acts: gpd.GeoDataFrame, other_date: pd.Series) -> pd.Series:
    """High where a second clear day shows it too, else low.

    Where the tide of the two scenes is not known it stays low: it may be the tide's.
    """
    numbers = acts.numbers.map(json.loads)
    told = numbers.map(lambda n: bool(n.get("tide_known", False)))
    lasting = other_date | numbers.map(lambda n: n.get("dates", 1) >= 2)
    return (lasting & told).map({True: "high", False: "low"}).astype(object)


def _shown(flags: gpd.GeoDataFrame, sightings: pd.DataFrame | None) -> pd.Series:
    """What the pairs that can tell show where each flag stands: the most of 1, 0, -1; else NaN."""
    if sightings is None or sightings.empty:
        return pd.Series(np.nan, flags.index)
    own = sightings.merge(flags[["flag_id", "before", "after"]], on="flag_id", suffixes=("", "_"))
    telling = own[(own.before <= own.before_) & (own.after > own.after_)]
    return flags.flag_id.map(telling.groupby("flag_id").shown.max())


def _unfound(
    flags: gpd.GeoDataFrame, acts: gpd.GeoDataFrame, seen: gpd.GeoDataFrame, shown: pd.Series
) -> list[str]:
    """Status of flags without a finding of their own this week."""
    swallowed = set(_overlaps(flags, acts, any_source=True)[0].tolist())
    clear = seen[seen.seen == "yes"]
    statuses = []
    for row, (flag, there) in enumerate(zip(flags.itertuples(), shown, strict=True)):
        if flag.status in ("settled", "cleared"):
            statuses.append(flag.status)
        elif row in swallowed or there > 0:
            statuses.append("open")  # part of a larger finding, or too faint for one
        elif there == 0:
            statuses.append("unseen")
        else:
            telling = clear[(clear.before <= flag.before) & (clear.after > flag.after)]
            shown = telling.geometry.intersection(flag.geometry).union_all().area
            whole = shown >= _CLEARLY_SEEN * flag.geometry.area
            statuses.append("cleared" if whole else "unseen")
    return statuses
