"""The books of the shoreline ledger while they are written: what may be booked, and how.

See `ledger` for the rules in words.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from .offsets import Terms
from .tables import NATURAL

_SLIGHT_M = 0.001  # what two stretches may share where one ends and the next begins
MOVEMENT = [
    "entry_id",
    "date",
    "project",
    "district",
    "owner",
    "baseline",
    "segment_id",
    "coast",
    "from_m",
    "to_m",
    "account_from",
    "account_to",
    "metres",
    "other",
]

Span = tuple[float, float, str]  # from, to, the entry that put it there
Place = dict[str, Any]  # baseline, segment_id, coast, from_m, to_m


@dataclass
class Book:
    """The books while they are being written; see the module for what may be booked."""

    opening: pd.DataFrame
    terms: Terms
    on: date
    occupied: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    restored: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    earned: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    change_m: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    morning: tuple[pd.Timestamp | None, dict[str, float]] = (None, {})
    movements: list[dict[str, Any]] = field(default_factory=list)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(self, entry_id: str, state: str, why: str | None = None, **numbers: Any) -> None:
        """What became of an entry; the first word stands."""
        self.said.setdefault(entry_id, {"state": state, "why": why, "numbers": numbers})

    def take(self, entry: Any, places: list[Place]) -> None:
        """Book one entry, or say why not."""
        metres = sum(place["to_m"] - place["from_m"] for place in places)
        if entry.date > pd.Timestamp(self.on):
            self.say(entry.entry_id, "later")
        elif entry.kind == "restored":
            self._restore(entry, places)
        elif entry.kind == "exempt":
            self._exempt(entry, places)
        else:
            self._occupy(entry, places)
        self.said[entry.entry_id]["metres"] = metres

    def _exempt(self, entry: Any, places: list[Place]) -> None:
        if not entry.reason:
            self.say(entry.entry_id, "refused", "no_reason")
        elif not self._taken(entry, places):
            self.say(entry.entry_id, "counted")

    def _taken(self, entry: Any, places: list[Place]) -> bool:
        """Whether another entry occupies some of it already, and say so."""
        for place in places:
            for start, stop, other in _shared(self.occupied[place["segment_id"]], place):
                if stop - start > _SLIGHT_M:
                    numbers = {"segment_id": place["segment_id"], "from_m": start, "to_m": stop}
                    self.say(entry.entry_id, "refused", "twice", other=other, **numbers)
                    return True
        return False

    def _occupy(self, entry: Any, places: list[Place]) -> None:
        if self._taken(entry, places):
            return
        pieces = [piece for place in places for piece in self._accounts(place)]
        passed = self._floor(entry, pieces)
        if passed is None:
            return
        status = self._status(entry, pieces)
        unknown = False
        for piece in pieces:
            natural = piece["account"] != "other"
            kind = "restored" if piece["account"] == "restored" else piece["coast"]
            ratio = self.terms.ratio(kind, status[piece["baseline"]], entry.date.date())
            unknown |= natural and ratio is None
            self._move(entry, piece, piece["account"], "occupied")
            if ratio is not None:
                owed = piece["metres"] * ratio.ratio
                self._move(entry, piece, "demanded", "owed", owed)
            self.change_m[piece["baseline"]] -= piece["metres"] if natural else 0.0
        for place in places:
            name, span = place["segment_id"], (place["from_m"], place["to_m"], entry.entry_id)
            self.restored[name] = _less(self.restored[name], span)
            self.occupied[name].append(span)
        why = "let_pass" if passed else "no_ratio" if unknown else None
        self.say(entry.entry_id, "counted", why, by=entry.override_by, reason=entry.reason)

    def _accounts(self, place: Place) -> Iterable[Place]:
        """A stretch by the accounts its metres lie in."""
        back = _shared(self.restored[place["segment_id"]], place)
        own = "natural" if place["coast"] in NATURAL else "other"
        rest = [(place["from_m"], place["to_m"], "")]
        for span in back:
            rest = _less(rest, span)
        for account, spans in (("restored", back), (own, rest)):
            for start, stop, _ in spans:
                cut = {"from_m": start, "to_m": stop, "metres": stop - start}
                yield {**place, **cut, "account": account}

    def _floor(self, entry: Any, pieces: list[Place]) -> bool | None:
        """Whether it passes the floor by a person's word; None where it may not pass."""
        low: dict[str, float] = {}
        for piece in pieces:
            if piece["account"] != "other":
                name = piece["baseline"]
                low[name] = low.get(name, self._natural_m(name)) - piece["metres"]
        share = {name: m / self.opening.all_m[name] for name, m in low.items()}
        below = {n: s for n, s in share.items() if s < self.terms.floor.share - 1e-12}
        if not below:
            return False
        if entry.override_by and entry.reason:
            return True
        name = min(below, key=lambda n: (below[n], n))
        numbers = {"retention": below[name], "floor": self.terms.floor.share, "baseline": name}
        why = "floor" if not entry.override_by else "no_override_reason"
        self.say(entry.entry_id, "refused", why, **numbers)
        return None

    def _natural_m(self, baseline: str) -> float:
        return float(self.opening.natural_m[baseline] + self.change_m[baseline])

    def _status(self, entry: Any, pieces: list[Place]) -> dict[str, str]:
        """By baseline: whether retention was above the floor before the day's first occupation."""
        if self.morning[0] != entry.date:
            shares = {n: self._natural_m(n) / m for n, m in self.opening.all_m.items()}
            self.morning = (entry.date, shares)
        names = {piece["baseline"] for piece in pieces}
        above = {name: self.morning[1][name] > self.terms.floor.share for name in names}
        return {name: entry.status or ("above" if above[name] else "below") for name in names}

    def _restore(self, entry: Any, places: list[Place]) -> None:
        if entry.accepted is pd.NaT or entry.accepted > pd.Timestamp(self.on):
            self.say(entry.entry_id, "pending")
            return
        if entry.accepted < entry.date:
            self.say(entry.entry_id, "refused", "early", accepted=entry.accepted, date=entry.date)
            return
        for place in places:
            for start, stop in self._natural_now(place):
                if stop - start > _SLIGHT_M:
                    numbers = {"segment_id": place["segment_id"], "from_m": start, "to_m": stop}
                    self.say(entry.entry_id, "refused", "natural_already", **numbers)
                    return
        known = 0.0
        for place in places:
            known += self._give_back(entry, place)
        why = "earned_before" if known > _SLIGHT_M else None
        self.say(entry.entry_id, "counted", why, metres=known)

    def _natural_now(self, place: Place) -> list[tuple[float, float]]:
        """What of a stretch is natural as it lies."""
        name = place["segment_id"]
        spans = _shared(self.restored[name], place)
        if place["coast"] in NATURAL:
            rest = [(place["from_m"], place["to_m"], "")]
            for span in self.occupied[name]:
                rest = _less(rest, span)
            spans = [*spans, *rest]
        return [(start, stop) for start, stop, _ in spans]

    def _give_back(self, entry: Any, place: Place) -> float:
        """Restore one stretch; the metres of it that had earned credit before."""
        name, span = place["segment_id"], (place["from_m"], place["to_m"], entry.entry_id)
        taken = _shared(self.occupied[name], place)
        fresh = rest = [span]
        for other in taken:
            rest = _less(rest, other)
        for other in self.earned[name]:
            fresh = _less(fresh, other)
        for account, spans in (("occupied", taken), ("other", rest)):
            for start, stop, _ in spans:
                cut = {**place, "from_m": start, "to_m": stop, "metres": stop - start}
                self._move(entry, cut, account, "restored")
        for start, stop, _ in fresh:
            cut = {**place, "from_m": start, "to_m": stop, "metres": stop - start}
            self._move(entry, cut, "earned", "credit")
        self.occupied[name] = _less(self.occupied[name], span)
        self.restored[name].append(span)
        self.earned[name] += fresh
        length = span[1] - span[0]
        self.change_m[place["baseline"]] += length
        return length - sum(stop - start for start, stop, _ in fresh)

    def _move(
        self, entry: Any, piece: Place, source: str, target: str, metres: float = -1.0
    ) -> None:
        project = entry.beneficiary if target == "credit" else entry.project
        self.movements.append(
            {
                **{name: piece[name] for name in MOVEMENT if name in piece},
                "entry_id": entry.entry_id,
                "date": entry.day,
                "project": project,
                "district": entry.district,
                "owner": entry.owner,
                "account_from": source,
                "account_to": target,
                "metres": piece["metres"] if metres < 0 else metres,
                "other": None,
            }
        )

    def settle(self) -> None:
        """Pay what each project owes with its own credit, the oldest first."""
        owed, credit = self._by_project("owed"), self._by_project("credit")
        for project, debts in owed.items():
            purse = [[row, row["metres"]] for row in credit.get(project, [])]
            for debt in debts:
                left = debt["metres"]
                for own in purse:
                    paid = min(left, own[1])
                    if paid > 0:
                        self._pay(debt, own[0], paid)
                        left, own[1] = left - paid, own[1] - paid

    def _by_project(self, account: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.movements:
            if row["account_to"] == account:
                found[row["project"]].append(row)
        return found

    def _pay(self, debt: dict[str, Any], credit: dict[str, Any], metres: float) -> None:
        day = max(debt["date"], credit["date"])
        for row, other, account in ((debt, credit, "owed"), (credit, debt, "credit")):
            paid = {"account_from": account, "account_to": "settled", "metres": metres}
            self.movements.append({**row, **paid, "date": day, "other": other["entry_id"]})


def _shared(spans: list[Span], place: Place) -> list[Span]:
    """The parts of `spans` that lie in a stretch."""
    cut = [(max(a, place["from_m"]), min(b, place["to_m"]), who) for a, b, who in spans]
    return [span for span in cut if span[1] > span[0]]


def _less(spans: list[Span], hole: Span) -> list[Span]:
    """`spans` without a hole."""
    start, stop, _ = hole
    sides = [
        side for a, b, who in spans for side in ((a, min(b, start), who), (max(a, stop), b, who))
    ]
    return [side for side in sides if side[1] > side[0]]
