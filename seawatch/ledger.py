"""The shoreline ledger: coast occupied, coast restored, and what is still owed.

Double entry: a movement takes metres out of one account and puts them into another, so
nothing appears or is lost. Coast lies in ``natural``, ``other``, ``occupied`` or
``restored``. Beside it run the accounts of compensation: an occupation moves metres from
``demanded`` into ``owed`` by its ratio; restored coast, once accepted, from ``earned`` into
``credit``; what a project owes is settled with its own credit, oldest first, and with no
other's.

An entry is booked whole or refused with its reason, day by day, whatever order it was
written in; of one day restored coast comes first, then by number:

- nothing is occupied that is occupied already; restored coast can be occupied again;
- only coast that is not natural is restored, and no metre earns credit twice;
- restored coast counts from the day it was accepted, not before;
- coast is exempt (a crossing above or below it) only with a reason, and stays natural;
- an occupation that would take retention below the floor is refused, unless a person let it
  pass and said why.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from .book import MOVEMENT, Book
from .coast import retention
from .entries import lines_of, placed
from .offsets import Terms

BY = ("project", "district", "owner")
"""What balances can be drawn up by."""

_TURN = {"restored": 0, "exempt": 1, "occupied": 2}  # of entries of one day
_STATE = ["entry_id", "state", "why", "numbers", "metres"]
_FIGURES = [
    "occupied_m",
    "occupied_other_m",
    "exempt_m",
    "required_m",
    "restored_m",
    "pending_m",
    "settled_m",
    "owed_m",
    "credit_m",
]


@dataclass(frozen=True)
class Ledger:
    """The books as they stand on a day.

    entries : the entries with their `state` (counted, pending acceptance, later than the
        day, refused), `why` and its `numbers`, and their `metres` of official line.
    movements : one row a movement; `other` is the entry a settlement was made with.
    retention : by baseline, on its survey's day and now, with the floor.
    """

    on: date
    terms: Terms
    entries: pd.DataFrame
    movements: pd.DataFrame
    retention: pd.DataFrame

    @property
    def refused(self) -> pd.DataFrame:
        """Entries that were not booked, with the reason."""
        return self.entries[self.entries.state == "refused"]


def post(entries: gpd.GeoDataFrame, coastline: gpd.GeoDataFrame, terms: Terms, on: date) -> Ledger:
    """Book every entry up to the day `on`.

    entries : checked shoreline table; coastline : checked, same CRS.
    """
    stretches, faults = placed(entries, lines_of(coastline))
    opening = retention(coastline).set_index("baseline")
    book = Book(opening, terms, on)
    for fault in faults:
        book.say(fault["entry_id"], "refused", fault["why"], **fault["numbers"])
    lying = {name: rows.to_dict("records") for name, rows in stretches.groupby("entry_id")}
    for entry in _in_turn(entries):
        if entry.entry_id in lying:
            book.take(entry, lying[entry.entry_id])
    book.settle()
    # the only text that may be missing: one type, whether any movement names another or none does
    moved = pd.DataFrame(book.movements, columns=MOVEMENT).astype({"other": "str"})
    return Ledger(on, terms, _states(entries, book), moved, _standing(book, moved))


def balance(ledger: Ledger, by: str = "project") -> pd.DataFrame:
    """What each project, district or owner occupied, restored and owes, m.

    Every figure is the sum of movements of the entries behind it, but for `exempt_m` and
    `pending_m`, which move nothing. `owed_m` = required - settled and `credit_m` = restored -
    used stand side by side: no project's credit pays for another.
    """
    moved = ledger.movements
    coast = moved.account_from.where(moved.account_to == "occupied")
    figures = {
        "occupied_m": coast.isin(["natural", "restored"]),
        "occupied_other_m": coast == "other",
        "required_m": moved.account_to == "owed",
        "restored_m": moved.account_to == "credit",
        "settled_m": moved.account_from == "owed",
        "used_m": moved.account_from == "credit",
    }
    sums = {name: moved[rows].groupby(by).metres.sum() for name, rows in figures.items()}
    for name, state, kind in (
        ("exempt_m", "counted", "exempt"),
        ("pending_m", "pending", "restored"),
    ):
        rows = (ledger.entries.state == state) & (ledger.entries.kind == kind)
        sums[name] = ledger.entries[rows].groupby(by).metres.sum()
    table = pd.DataFrame(sums).fillna(0.0).rename_axis(by).sort_index()
    table["owed_m"] = _left(table.required_m - table.settled_m)
    table["credit_m"] = _left(table.restored_m - table.used_m)
    return table[_FIGURES].reset_index()


def _left(metres: pd.Series) -> pd.Series:
    """What is left of sums that should cancel: rounding is nothing."""
    return metres.where(metres.abs() > 1e-6, 0.0)


def _in_turn(entries: gpd.GeoDataFrame) -> list[Any]:
    """Entries in the order they are booked in, whatever order they were written in."""
    blank = {name: entries[name].fillna("") for name in BY}
    # a plain table: `project` is also something a GeoDataFrame does
    rows = pd.DataFrame(entries.drop(columns="geometry")).assign(
        day=entries.date.where(entries.kind != "restored", entries.accepted),
        turn=entries.kind.map(_TURN),
        beneficiary=entries.compensates.fillna(entries["project"]),
        **blank,
    )
    return list(rows.sort_values(["day", "turn", "entry_id"], na_position="last").itertuples())


def _states(entries: gpd.GeoDataFrame, book: Book) -> pd.DataFrame:
    """The entries with what became of each."""
    rows = [{"entry_id": name, "metres": 0.0, **said} for name, said in book.said.items()]
    plain = pd.DataFrame(entries.drop(columns="geometry"))
    plain = plain.assign(**{name: plain[name].fillna("") for name in BY})
    told = plain.merge(pd.DataFrame(rows, columns=_STATE), on="entry_id")
    why = told.why.astype(object)
    told = told.assign(why=why.where(why.notna(), None))
    return told.sort_values("entry_id", ignore_index=True)


def _standing(book: Book, moved: pd.DataFrame) -> pd.DataFrame:
    """Retention of each baseline, as surveyed and now."""
    opening, floor = book.opening, book.terms.floor.share
    change = pd.Series({name: book.change_m[name] for name in opening.index}, dtype="float64")
    natural = opening.natural_m + change
    lost = (moved.account_from == "restored") | (
        (moved.account_from == "natural") & (moved.coast == "restored")
    )
    signed = moved.metres.where(moved.account_to == "restored", 0.0) - moved.metres.where(lost, 0.0)
    restored = signed.astype(float).groupby(moved.baseline).sum()
    return opening.assign(
        natural_now_m=natural,
        restored_now_m=opening.restored_m.add(restored, fill_value=0.0),
        retention_now=natural / opening.all_m,
        floor=floor,
        spare_m=natural - floor * opening.all_m,
    ).reset_index()
