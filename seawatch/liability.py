"""What a breach may cost: a range in yuan with its assumptions, or why none can be given.

From the law of every day of a flag's interval: a multiple of the sea-use fee, a sum a metre
of coast, or a sum an act. A flag is a lead and tells neither who nor why, so the range holds
every reading that imagery leaves open: both ends of the interval, the area's error, every
mode the sight may be, every sea grade of the workspace, every row of the fee table. Where
a region has a sum of its own, that one counts. Where one reading has no fee, no range
is given: one that left it out would be false.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from . import law
from .fees import Fee, Owed, Time, by_mode, owed
from .law import Provision

MODES_OF: dict[str, tuple[str, ...]] = {
    "land_gained": ("11",),
    "enclosed": ("31", "33"),
    "structure": ("21", "23"),
    "raft": ("41",),
    "cage": ("41",),
}
"""Use modes whose fee may be due for what imagery shows, by kind of change.

New land is taken as fill for construction; the assumption is said.
"""

_K = 2.0  # standard deviations on either side, as in the position tolerance
_CLOSED = ("cleared", "settled")
_NO_BREACH = ("lawful", "false_change")


@dataclass(frozen=True)
class Jurisdiction:
    """Where a workspace lies: regions with law of their own, its sea grades, its fees."""

    where: tuple[str, ...] = ()
    sea_grades: tuple[int, ...] = ()
    fees: tuple[Fee, ...] = ()

    @cached_property
    def by_mode(self) -> dict[str, list[Fee]]:
        """The fee rows of each mode."""
        return by_mode(self.fees)


@dataclass(frozen=True)
class Case:
    """What is known of one flag; areas in m², lengths in m."""

    rule: str
    kind: str
    time: Time
    excess_m2: float
    excess_sigma_m2: float
    coast_m: float = 0.0
    coast_sigma_m: float = 0.0
    verdict: str | None = None
    inhabited: str | None = None


@dataclass
class _Range:
    """A range that grows with every reading, and what was assumed for it."""

    low: float = float("inf")
    high: float = 0.0
    assumed: dict[str, Any] = field(default_factory=dict)

    def note(self, key: str, value: Any) -> None:
        """Add a value to what is assumed under a key."""
        values = self.assumed.setdefault(key, [])
        if value not in values:
            values.append(value)


class _NoSum(Exception):
    """A reading without a sum; its arguments are the reason and its details."""


def liability(case: Case, place: Jurisdiction) -> dict[str, Any]:
    """What a breach may cost.

    Returns
    -------
    ``{"low", "high", "unit": "yuan", "assumptions": {…}}``, whole yuan, or
    ``{"none": [reason, …]}``; the words for both are in ``maps.liability``.
    """
    if case.verdict in _NO_BREACH:
        return {"none": ["verdict"]}
    if case.rule == "island_changed" and case.inhabited == "yes":
        return {"none": ["inhabited"]}
    total = _Range()
    try:
        _reckon(total, case, place)
    except _NoSum as why:
        return {"none": list(why.args)}
    if not total.assumed:
        return {"none": ["no_sum"]}
    ends = {"low": round(total.low), "high": round(total.high), "unit": "yuan"}
    return {**ends, "assumptions": _also_assumed(total.assumed, case)}


def _also_assumed(assumed: dict[str, Any], case: Case) -> dict[str, Any]:
    """What no provision says, but the reader must know."""
    if case.rule == "expired":
        assumed["refusal"] = True
    if case.inhabited == "unknown":
        assumed["inhabited"] = "unknown"
    return assumed


def _reckon(total: _Range, case: Case, place: Jurisdiction) -> None:
    """Take the law of every stretch of the interval into the range."""
    silent = []
    spans = law.stretches(case.rule, case.time.first, case.time.last, place.where)
    for start, end, rows in spans:
        priced = _own_law([row for row in rows if row.amount and row.weighs(case.kind)])
        for row in priced:
            time = Time(start, end, case.time.stood, case.time.until)
            _add(total, row, case, time, place)
        if not priced:
            silent.append([start.isoformat(), end.isoformat()])
    if total.assumed and silent:
        total.assumed["silent"] = silent
    if len(spans) - len(silent) > 1:
        total.assumed["laws"] = len(spans) - len(silent)


def _own_law(rows: list[Provision]) -> list[Provision]:
    """Of rows with a sum, those of the smallest region that has any."""
    rank = {name: number for number, name in enumerate(("", *law.REGIONS))}
    nearest = max((rank[row.region] for row in rows), default=0)
    return [row for row in rows if rank[row.region] == nearest]


def _add(total: _Range, row: Provision, case: Case, time: Time, place: Jurisdiction) -> None:
    """Take one provision's sum into the range."""
    amount = row.amount
    assert amount is not None  # rows without a sum were left out
    least, most = 1.0, 1.0
    if amount.per == "metre":
        least, most = _coast(total, case)
    elif amount.per == "fee":
        least, most = _fees(total, case, time, place)
    total.low = min(total.low, amount.low * least)
    total.high = max(total.high, amount.high * most)
    total.note("sums", [amount.low, amount.high, amount.per])
    if row.region:
        total.note("region", row.region)
    if row.grade == "L":
        total.note("unverified", "law")


def _coast(total: _Range, case: Case) -> tuple[float, float]:
    """Metres of coast, with their error on either side."""
    if case.coast_m <= 0:
        raise _NoSum("no_coast")
    error = _K * case.coast_sigma_m
    low, high = max(0.0, case.coast_m - error), case.coast_m + error
    total.note("coast_m", [round(low), round(high)])
    return low, high


def _fees(total: _Range, case: Case, time: Time, place: Jurisdiction) -> tuple[float, float]:
    """The fee due under every mode, grade and row that may be meant, yuan."""
    if case.kind not in MODES_OF:
        raise _NoSum("kind")
    if not place.sea_grades:
        raise _NoSum("sea_grade")
    found = [_mode(total, mode, time, place) for mode in MODES_OF[case.kind]]
    if any(each.yearly for each in found):
        total.note("days", list(time.days))
    error = _K * case.excess_sigma_m2
    least, most = max(0.0, case.excess_m2 - error) / 1e4, (case.excess_m2 + error) / 1e4
    total.note("area_ha", [round(least, 4), round(most, 4)])
    total.assumed["sea_grades"] = list(place.sea_grades)
    return least * min(each.low for each in found), most * max(each.high for each in found)


def _mode(total: _Range, mode: str, time: Time, place: Jurisdiction) -> Owed:
    """What a hectare owes under one mode, its rows noted."""
    fee = owed(place.by_mode.get(mode, []), place.sea_grades, time)
    if fee is None:
        raise _NoSum("fee", mode, time.first.isoformat(), max(time.last, time.until).isoformat())
    for row in fee.rows:
        total.note("tables", row.table)
        total.note("uses", [mode, *row.use])
        if row.trust != "H":
            total.note("unverified", "fees")
    return fee


def with_liability(found: gpd.GeoDataFrame, place: Jurisdiction, on: date) -> gpd.GeoDataFrame:
    """Findings or flags with what each may cost, under ``liability`` of its numbers."""
    texts = [
        json.dumps(
            {**numbers, "liability": liability(case, place)}, ensure_ascii=False, sort_keys=True
        )
        for case, numbers in _cases(found, on)
    ]
    return found.assign(numbers=pd.Series(texts, found.index, dtype=object))


def _cases(found: gpd.GeoDataFrame, on: date) -> Iterator[tuple[Case, dict[str, Any]]]:
    """Each row as a case, with its numbers."""
    for row in found.drop(columns=found.geometry.name).itertuples(index=False):
        numbers = json.loads(row.numbers)
        stood = row.last_seen.date() if "last_seen" in found else on
        # how long a flag went on that is closed is not known beyond the last look at it
        closed = "status" in found and row.status in _CLOSED
        time = Time(law.day_of(row.before), law.day_of(row.after), stood, stood if closed else on)
        case = Case(
            row.rule,
            numbers["kind"],
            time,
            row.excess_m2,
            numbers["excess_sigma_m2"],
            row.coast_m,
            _coast_sigma_m(numbers),
            row.verdict if "verdict" in found else None,
            numbers.get("inhabited"),
        )
        yield case, numbers


def _coast_sigma_m(numbers: dict[str, Any]) -> float:
    """The error of the length of coast; where none was measured, that of two ends of an outline."""
    return float(numbers.get("coast_sigma_m") or 2**0.5 * numbers["tolerance_m"] / _K)
