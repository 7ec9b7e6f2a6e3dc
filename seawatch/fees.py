"""Sea-use fees: what a hectare owes under a mode, by sea grade, table and time.

Some modes pay once, by the table of the day of the act; others yearly, by each table of the
time they stood. Which day that was, which grade and which row of a mode is meant is not
known from imagery, so what is owed is a range.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_YEAR = 365.25


@dataclass(frozen=True)
class Fee:
    """One row of a fee table: what a mode of use pays a hectare.

    use : the row's name, Chinese and English; a mode may have several.
    yuan_per_ha : by sea grade, 1 the dearest to 6.
    paid : once or yearly.
    trust : H, M or L, as the law table's grades.
    """

    table: str
    effective_from: date
    effective_to: date | None
    mode: str
    use: tuple[str, str]
    paid: str
    yuan_per_ha: tuple[float, ...]
    trust: str
    source: str

    def rates(self, grades: Iterable[int]) -> list[float]:
        """Yuan a hectare in each sea grade."""
        return [self.yuan_per_ha[grade - 1] for grade in grades]

    def days(self, start: date, until: date) -> int:
        """Days from `start` to `until` on which the row is in force."""
        # the last day of a table is paid for too: its count ends where the next one's begins
        end = min(until, self.effective_to + timedelta(days=1)) if self.effective_to else until
        return max(0, (end - max(start, self.effective_from)).days)


@dataclass(frozen=True)
class Time:
    """When a use can have begun and ended.

    first, last : days between which it began.
    stood : last day it was seen; until : day up to which it may have gone on.
    """

    first: date
    last: date
    stood: date
    until: date

    @property
    def days(self) -> tuple[int, int]:
        """The shortest and the longest time it can have lasted, days."""
        shortest = max(0, (self.stood - self.last).days)
        return shortest, max(shortest, (self.until - self.first).days)


@dataclass(frozen=True)
class Owed:
    """Fees a hectare, yuan, from least to most, and the rows that say so."""

    low: float
    high: float
    rows: tuple[Fee, ...]

    @property
    def yearly(self) -> bool:
        """Whether any of it grows with time."""
        return any(row.paid == "yearly" for row in self.rows)


def by_mode(fees: Iterable[Fee]) -> dict[str, list[Fee]]:
    """The rows of each mode, by first day."""
    modes: dict[str, list[Fee]] = {}
    for fee in sorted(fees, key=lambda row: row.effective_from):
        modes.setdefault(fee.mode, []).append(fee)
    return modes


def owed(rows: Sequence[Fee], grades: Sequence[int], time: Time) -> Owed | None:
    """What a hectare owes under one mode's rows; None where a day of the time has no row."""
    once = all(row.paid == "once" for row in rows)
    end = time.last if once else max(time.last, time.until)
    used = tuple(row for row in rows if _meets(row, time.first, end))
    if not unbroken(used, time.first, end):
        return None
    due = [row.rates(grades) for row in used if row.paid == "once"]
    ranges = [(min(rates), max(rates)) for rates in due]
    if yearly := [row for row in used if row.paid == "yearly"]:
        ranges.append(_over_time(yearly, grades, time))
    return Owed(min(low for low, _ in ranges), max(high for _, high in ranges), used)


def _over_time(rows: Sequence[Fee], grades: Sequence[int], time: Time) -> tuple[float, float]:
    """Yearly fees by days, each table for its own: the shortest time and the longest."""
    tables: dict[tuple[str, date], list[Fee]] = {}
    for row in rows:
        tables.setdefault((row.table, row.effective_from), []).append(row)
    low = high = 0.0
    for own in tables.values():
        rates = [rate for row in own for rate in row.rates(grades)]
        low += min(rates) * own[0].days(time.last, time.stood) / _YEAR
        high += max(rates) * own[0].days(time.first, time.until) / _YEAR
    return low, high


def _meets(row: Fee, first: date, last: date) -> bool:
    return row.effective_from <= last and (row.effective_to is None or row.effective_to >= first)


def unbroken(rows: Iterable[Fee], first: date, last: date) -> bool:
    """Whether some row is in force on every day from `first` to `last`."""
    day = first
    for row in sorted(rows, key=lambda r: r.effective_from):
        if row.effective_from > day:
            return False
        if row.effective_to is None:
            return True
        day = max(day, row.effective_to + timedelta(days=1))
    return day > last


def notices(fees: Mapping[str, Sequence[Fee]], modes: Iterable[str], on: date) -> list[str]:
    """What should be known of a fee table: what is unverified, which modes have no fee."""
    used = [row for rows in fees.values() for row in rows if _meets(row, on, on)]
    unsure = sorted({row.table for row in used if row.trust != "H"})
    missing = [mode for mode in modes if not unbroken(fees.get(mode, ()), on, on)]
    said = []
    if unsure:
        said.append(f"law: fee tables {', '.join(unsure)} are unverified; check them before use")
    if missing:
        said.append(
            f"law: no fee on file for modes {', '.join(missing)}: no liability is given where "
            "they may be meant; give them with [law] fees"
        )
    return said
