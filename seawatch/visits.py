"""Inspectors' verdicts joined to flags.

The latest verdict stands on the flag, in a column of its own: what the machine thinks stays
beside it. A verdict that says how things are (`tables.SETTLING`) settles the flag; a suspicion
confirmed leaves it open until it is dealt with; ``pending`` says nothing. Visits that disagree
are all kept and named in the record (`contradicted`). Where two officers disagree within a day
nobody can say who came last: the flag stays open until one of them, or a third, speaks again.

A visit is evidence on whether something stands there: everything but a false change says that
it does. A false change speaks against the next flag of the same ground by what caused it.
"""

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import record
from .confidence import DOUBT, packed, weighed
from .identity import SAME_PLACE
from .tables import SETTLING

_AT_ONCE = pd.Timedelta(days=1)


def settle(flags: gpd.GeoDataFrame, visits: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """`flags` with what their visits say: verdict, status, evidence, doubt.

    visits : every visit known on the day `on`; those to other flags are passed over.
    """
    if flags.empty:
        return flags
    order = ["visited_at", "recorded", "by", "verdict"]
    ordered = visits.sort_values(order, ignore_index=True)
    mine = dict(tuple(ordered.groupby("flag_id")))
    doubts = _doubts(flags, ordered)
    rows = [
        _settled(flag, mine.get(flag.flag_id), doubts.get(flag.flag_id), on)
        for flag in flags.itertuples()
    ]
    columns = zip(("status", "verdict", "record"), zip(*rows, strict=True), strict=True)
    told = {name: pd.Series(values, flags.index, dtype=object) for name, values in columns}
    # a new flag's level rests on this run alone, which knew of no doubt yet
    fresh = flags.assign(**told, level=flags.level.where(flags.status != "new", "low"))
    return weighed(fresh)


def _settled(
    flag: Any, visits: pd.DataFrame | None, doubt: dict[str, Any] | None, on: date
) -> tuple[str, str | None, str | None]:
    own = record.read(flag.record)
    for key in ("visits", "contradicted", "doubt"):
        own.pop(key, None)
    if doubt:
        own["doubt"] = doubt
    if visits is None:
        return flag.status, flag.verdict, packed(own)
    own["visits"] = len(visits)
    own = record.with_looks(own, [_look(visit) for visit in visits.itertuples()])
    said = visits[visits.verdict != "pending"]
    if said.empty:
        return flag.status, "pending", packed(own)
    if said.verdict.nunique() > 1:
        own["contradicted"] = [
            {"at": f"{v.visited_at:%Y-%m-%d}", "by": v.by, "verdict": v.verdict}
            for v in said.itertuples()
        ]
    last, status = said.iloc[-1], flag.status
    if last.visited_at.date().isoformat() < own.get("reopened", ""):
        return status, last.verdict, packed(own)  # it was not yet what it is now
    if last.verdict in SETTLING and not _disputed(said):
        status = "settled"
        own.setdefault("settled", {"on": on.isoformat(), "m2": round(float(flag.excess_m2), 1)})
    elif status == "settled":
        status = "open"
        own.pop("settled", None)
    return status, last.verdict, packed(own)


def _disputed(said: pd.DataFrame) -> bool:
    """Whether another officer said otherwise within a day of the latest verdict."""
    last = said.iloc[-1]
    late = said[(said.visited_at > last.visited_at - _AT_ONCE) & (said.by != last.by)]
    final = late.groupby("by").verdict.last()
    return bool((final != last.verdict).any())


def _look(visit: Any) -> record.Look:
    """A visit as a piece of evidence; see `confidence.Item`."""
    says = {"pending": 0, "false_change": -1}.get(visit.verdict, 1)
    if visit.cause == "unreachable":
        says = 0
    look = {"at": visit.visited_at.isoformat(), "by": visit.by, "mode": "visit", "says": says}
    return look | ({"proof": visit.proof} if isinstance(visit.proof, str) else {})


def _doubts(flags: gpd.GeoDataFrame, visits: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What speaks against flags whose ground was a false change before, by flag."""
    false = visits[(visits.verdict == "false_change") & visits.flag_id.isin(flags.flag_id)]
    place = flags.set_index("flag_id").geometry.reindex(false.flag_id)
    one, other = flags.sindex.query(place.to_numpy(), predicate="intersects")
    shapes = flags.geometry.to_numpy()
    left, right = place.to_numpy()[one], shapes[other]
    smaller = np.minimum(shapely.area(left), shapely.area(right))
    here = shapely.area(shapely.intersection(left, right)) >= SAME_PLACE * smaller
    doubts: dict[str, dict[str, Any]] = {}
    for visit, row in zip(one[here].tolist(), other[here].tolist(), strict=True):
        said, flag = false.iloc[visit], flags.iloc[row]
        since = record.read(flag.record).get("reopened") if flag.flag_id == said.flag_id else None
        begun = since if flag.flag_id == said.flag_id else f"{flag.first_seen:%Y-%m-%d}"
        cause = said.cause if said.cause in DOUBT else "other"
        if begun is None or begun < f"{said.visited_at:%Y-%m-%d}":
            continue  # the visit was to this very thing, or to one that came later
        doubt = {
            "cause": cause,
            "odds": DOUBT[cause],
            "flag": said.flag_id,
            "at": f"{said.visited_at:%Y-%m-%d}",
        }
        known = doubts.setdefault(flag.flag_id, doubt)
        if (doubt["odds"], doubt["at"]) < (known["odds"], known["at"]):
            doubts[flag.flag_id] = doubt
    return doubts
