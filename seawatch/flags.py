"""Flags: findings followed from week to week.

A finding of the same claim on the same ground is that flag again (`identity`), whatever rule
names it this week. A flag that is not found again stays, as ``unseen``, until its ground has
been seen clear in a pair whose earlier scene is older than the flag: only such a pair could
have shown it. And that pair must show that nothing is there: what is too faint to be found
again may still be seen where it is known to stand. What was cleared and comes back is the same
flag, opened again. What a visit has settled stays so until it grows, or breaks another rule.
No flag is ever dropped.
"""

import hashlib
from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import identity, record
from .confidence import weighed
from .errors import UsageError
from .tables import FINDINGS, FLAGS

Chosen = str | Iterable[str] | None
"""Which values of a column are wanted: one, several, or all."""

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
    acts = identity.acts(findings)
    links = identity.match(previous, acts)
    told = _telling(previous, sightings, seen)
    fresh = acts.drop(index=list(links.same.values()))
    flags = [
        _again(previous, acts, links, told, on),
        _lost(previous, acts, links, seen, told, on),
        _raised(fresh, previous, links, on, issue or str(on)),
    ]
    whole = pd.concat([part for part in flags if len(part)] or flags[:1], ignore_index=True)
    return FLAGS.check(weighed(whole.sort_values("flag_id", ignore_index=True)))


def _raised(
    acts: gpd.GeoDataFrame,
    previous: gpd.GeoDataFrame,
    links: identity.Links,
    on: date,
    issue: str,
) -> gpd.GeoDataFrame:
    """Flags with new numbers: what is new, and what has parted from a flag known before."""
    parents = [links.parent.get(row) for row in acts.index]
    since = [on if row is None else previous.first_seen.iloc[row] for row in parents]
    names = [None if row is None else previous.flag_id.iloc[row] for row in parents]
    return acts.assign(
        flag_id=_numbers(acts, issue),
        level="low",
        status=["new" if name is None else "open" for name in names],
        first_seen=pd.to_datetime(pd.Series(since, acts.index)),
        last_seen=pd.Timestamp(on),
        record=[
            record.raised(*act, on) for act in zip(acts.looks, acts.outline, names, strict=True)
        ],
    ).drop(columns=["looks", "outline"])


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


def _again(
    previous: gpd.GeoDataFrame,
    acts: gpd.GeoDataFrame,
    links: identity.Links,
    told: pd.DataFrame,
    on: date,
) -> gpd.GeoDataFrame:
    """Flags that were found again, with what this week says of them."""
    found = previous.iloc[list(links.same)]
    act = identity.named(acts.iloc[list(links.same.values())].set_axis(found.index), found)
    update = act[[c.name for c in FINDINGS.columns] + ["geometry"]]
    back = found.status == "cleared"  # it came back: what happened then is another act
    update = update.assign(
        # it happened after the latest look without it, before the first look with it
        before=act.before.where(back | (act.before > found.before), found.before),
        after=found.after.where(~back & (found.after < act.after), act.after),
        last_seen=pd.Timestamp(on),
    )
    # a later look can postdate the act: the interval keeps its order
    update["before"] = update.before.where(update.before < update.after, found.before)
    kept = update.join(found.drop(columns=list(update.columns)))
    pairs = list(zip(found.itertuples(), act.itertuples(), strict=True))
    news = [record.news(flag, one) for flag, one in pairs]
    records = [
        record.found(flag, one, why, told[told.flag_id == flag.flag_id], on)
        for (flag, one), why in zip(pairs, news, strict=True)
    ]
    done = (found.status == "settled").to_numpy() & np.array([why is None for why in news], bool)
    kept = kept.assign(
        status=np.where(done, "settled", "open"),
        record=pd.Series(records, kept.index, dtype=object),
    )
    return record.outlined(kept, found, act, on)


def _lost(
    previous: gpd.GeoDataFrame,
    acts: gpd.GeoDataFrame,
    links: identity.Links,
    seen: gpd.GeoDataFrame,
    told: pd.DataFrame,
    on: date,
) -> gpd.GeoDataFrame:
    """Flags without a finding of their own this week."""
    lost = previous.drop(index=previous.index[list(links.same)])
    shown = lost.flag_id.map(told.groupby("flag_id").shown.max())
    names = previous.flag_id.to_numpy()
    into = {names[row]: names[other] for row, other in links.into.items()}
    # what others told of stands open while we find the same ourselves
    beside = set(names[identity.overlaps(previous, acts, any_source=True)[0]])
    statuses = _unfound(lost, beside | into.keys(), seen, shown)
    records = [
        record.lost(flag, status, into.get(flag.flag_id), told[told.flag_id == flag.flag_id], on)
        for flag, status in zip(lost.itertuples(), statuses, strict=True)
    ]
    return lost.assign(
        status=statuses,
        last_seen=lost.last_seen.where(shown.fillna(0) <= 0, pd.Timestamp(on)),
        record=pd.Series(records, lost.index, dtype=object),
    )


def _telling(
    flags: gpd.GeoDataFrame, sightings: pd.DataFrame | None, seen: gpd.GeoDataFrame
) -> pd.DataFrame:
    """What the pairs that can tell show where each flag stands, and by which sensor."""
    if sightings is None or sightings.empty:
        return pd.DataFrame({"flag_id": [], "after": [], "shown": [], "sensor": []})
    own = sightings.merge(flags[["flag_id", "before", "after"]], on="flag_id", suffixes=("", "_"))
    telling = own[(own.before <= own.before_) & (own.after > own.after_)]
    pairs = seen[["before", "after", "sensor"]].dropna().drop_duplicates(["before", "after"])
    both = {name: pairs[name].astype("datetime64[ms, UTC]") for name in ("before", "after")}
    same = {name: telling[name].astype("datetime64[ms, UTC]") for name in ("before", "after")}
    named = telling.assign(**same).merge(pairs.assign(**both), how="left", on=["before", "after"])
    return named.assign(sensor=named.sensor.fillna("satellite"))


def _unfound(
    flags: gpd.GeoDataFrame,
    found: Collection[str],
    seen: gpd.GeoDataFrame,
    shown: pd.Series,
) -> list[str]:
    """Status of flags without a finding of their own this week.

    found : numbers of those of which a finding still shows a part.
    """
    clear = seen[seen.seen == "yes"]
    statuses = []
    for flag, there in zip(flags.itertuples(), shown, strict=True):
        if flag.status in ("settled", "cleared"):
            statuses.append(flag.status)
        elif flag.flag_id in found or there > 0:
            statuses.append("open")  # part of a larger finding, or too faint for one
        elif there == 0:
            statuses.append("unseen")
        else:
            telling = clear[(clear.before <= flag.before) & (clear.after > flag.after)]
            ground = telling.geometry.intersection(flag.geometry).union_all().area
            whole = ground >= _CLEARLY_SEEN * flag.geometry.area
            statuses.append("cleared" if whole else "unseen")
    return statuses


def only(flags: gpd.GeoDataFrame, wanted: Mapping[str, Chosen]) -> gpd.GeoDataFrame:
    """The flags with the wanted values. wanted : by column; "" stands for none.

    Raises
    ------
    UsageError
        Naming each value that no flag has, and those there are.
    """
    kept, problems = pd.Series(True, flags.index), []
    for name, given in wanted.items():
        if given is None:
            continue
        values = [given] if isinstance(given, str) else list(given)
        column = flags[name].astype(object).where(flags[name].notna(), "")
        there = sorted(set(column))
        problems += [
            f"{name} {value!r}: no such flag in this run; there are {', '.join(map(repr, there))}"
            for value in values
            if value not in there
        ]
        kept &= column.isin(values)
    if problems:
        raise UsageError(problems)
    return flags[kept]
