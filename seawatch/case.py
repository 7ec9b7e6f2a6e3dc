"""What became of each flag, from the last clear look without it to the day it was closed.

Satellites date the first three steps, people enter the rest through the journal
(`seawatch case`). Nothing entered is ever taken back: entered again, the later entry counts
and the earlier is said. Steps out of order are kept and said too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import geopandas as gpd
import pandas as pd

from . import law, record
from .tables import EVENTS

STEPS = ("last_clear", "first_clear", "detected", *EVENTS)
"""Every step, in the order it should come in."""
STANDING = ("new", "open", "unseen")


@dataclass(frozen=True)
class Deadline:
    """After `start` one of `ends` must have come; the last day is still in time.

    name : the span and what it rests on stand under it in `law.DEADLINES`. standing : False
    where it does not run while the thing stands.
    """

    name: str
    start: str
    ends: tuple[str, ...]
    standing: bool = True

    @property
    def span(self) -> pd.DateOffset:
        """Calendar time from `start` to the last day."""
        rule = law.DEADLINES[self.name]
        return pd.DateOffset(**{rule.unit: rule.count})

    def basis(self, language: str) -> str:
        """The act and its articles."""
        rule = law.DEADLINES[self.name]
        return law.citation(rule.act, rule.articles, language)


DEADLINES = (
    Deadline("rectify", "on_site", ("restored", "filed", "closed")),
    Deadline("decision", "filed", ("decided", "closed")),
    # a standing structure is argued to be a continuing act: the two years begin with its end
    Deadline("discovery", "gone", ("filed", "closed"), standing=False),
)


def timelines(
    flags: gpd.GeoDataFrame,
    visits: pd.DataFrame,
    cases: pd.DataFrame,
    duty: gpd.GeoDataFrame | None = None,
    zone: str = "UTC",
) -> pd.DataFrame:
    """One row a flag: flag_id, rule, status, verdict, owner, district, all, and each step's day.

    NaT where a step has not come. `all` is one group of them all. `gone` is the day the thing
    was seen or said to be there no longer. What nobody entered is told from elsewhere where it
    can be: on site by the first visit, closed by the verdict that settled it or by clear ground.
    What was cleared and has come back is another act: its steps begin anew, and those of the
    one before stay in the journal.

    duty : the roster, for the district of each flag. zone : where days are counted.
    """
    table = pd.DataFrame(flags[["flag_id", "rule", "status", "verdict", "owner"]])
    table = table.assign(district=_districts(flags, duty), all="all")
    table["last_clear"] = _days(flags.before, zone)
    table["first_clear"] = _days(flags.after, zone)
    back = pd.to_datetime(
        pd.Series([_turn(text, "returned") for text in flags.record], table.index)
    )
    table["detected"] = back.fillna(flags.first_seen)
    begun = table.last_clear.where(back.notna()).set_axis(table.flag_id)
    told = cases.sort_values("recorded", kind="stable")
    last = told.drop_duplicates(["flag_id", "event"], keep="last").set_index("flag_id")
    for event in EVENTS:
        table[event] = _mapped(table.flag_id, _since(begun, last["at"][last.event == event]))
    made = _days(visits.visited_at, zone).set_axis(visits.flag_id)
    visited = _since(begun, made).groupby(level=0)
    table["on_site"] = table.on_site.fillna(_mapped(table.flag_id, visited.min()))
    cleared = pd.Series([_turn(text, "cleared") for text in flags.record], table.index)
    cleared = pd.to_datetime(cleared).where(table.status == "cleared")
    settled = _mapped(table.flag_id, visited.max()).where(table.status == "settled")
    table["closed"] = table.closed.fillna(settled).fillna(cleared)
    table["gone"] = table.restored.fillna(cleared)
    return table


def _days(instants: pd.Series, zone: str) -> pd.Series:
    return instants.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()


def _mapped(flag_ids: pd.Series, days: pd.Series) -> pd.Series:
    here = days.reindex(flag_ids).set_axis(flag_ids.index)
    return pd.to_datetime(here).astype("datetime64[ms]")


def _since(begun: pd.Series, days: pd.Series) -> pd.Series:
    """Of days by flag those that are not before the flag's own, where it has one."""
    first = begun[begun.index.isin(days.index)].reindex(days.index)
    return days[~(days < first).to_numpy()]


def _turn(text: object, what: str) -> str | None:
    """The last day on which a flag took a turn, or was opened again for that reason."""
    history = record.read(text).get("history", [])
    return next((t["on"] for t in reversed(history) if what in (t["what"], t.get("why"))), None)


def _districts(flags: gpd.GeoDataFrame, duty: gpd.GeoDataFrame | None) -> pd.Series:
    districts = pd.Series(None, flags.index, dtype=object)
    if duty is None or duty.empty:
        return districts
    cells = duty.sort_values("grid_id")
    flag, cell = cells.sindex.query(flags.representative_point(), predicate="within")
    names = cells.district.to_numpy()
    for row, one in zip(flag[::-1], cell[::-1], strict=True):
        districts.iloc[row] = names[one]
    return districts


def breaches(table: pd.DataFrame, on: date) -> pd.DataFrame:
    """Deadlines that were missed, or ran out: flag_id, owner, deadline, due, done, days, basis.

    table : see `timelines`. done : when it was done after all, or NaT. days : by how many it
    was missed, up to `on` where it has not been done.
    """
    parts = [_breached(table, deadline, pd.Timestamp(on)) for deadline in DEADLINES]
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values(["due", "flag_id", "deadline"], ignore_index=True)


def _breached(table: pd.DataFrame, deadline: Deadline, on: pd.Timestamp) -> pd.DataFrame:
    due = (table[deadline.start] + deadline.span).astype("datetime64[ms]")
    ends = table[list(deadline.ends)]
    done = ends.where(ends.ge(table[deadline.start], axis=0)).min(axis=1)
    late = done.fillna(on) > due
    if deadline.name == "rectify":
        # what is lawful, or was no change at all, has nothing to be put right
        late &= table.verdict.isin(["suspected"])
    if not deadline.standing:
        late &= ~table.status.isin(STANDING)
    rows = table[late]
    return pd.DataFrame(
        {
            "flag_id": rows.flag_id,
            "owner": rows.owner,
            "deadline": deadline.name,
            "due": due[late],
            "done": done[late],
            "days": (done[late].fillna(on) - due[late]).dt.days,
            "basis_zh": deadline.basis("zh"),
            "basis_en": deadline.basis("en"),
        }
    )


def faults(table: pd.DataFrame, cases: pd.DataFrame) -> list[str]:
    """What in the timelines does not fit: steps out of order, entered twice, to no known flag."""
    said = [*_unordered(table, cases), *_repeated(cases)]
    unknown = sorted(set(cases.flag_id) - set(table.flag_id))
    return said + [f"{flag_id}: no such flag; it has entries" for flag_id in unknown]


def _unordered(table: pd.DataFrame, cases: pd.DataFrame) -> Iterator[str]:
    # a verdict or clear ground closes a flag by itself: what people do afterwards is no fault
    closed = set(cases.flag_id[cases.event == "closed"])
    for row in table.itertuples():
        steps = [s for s in STEPS if s != "closed" or row.flag_id in closed]
        days = [(step, getattr(row, step)) for step in steps if not pd.isna(getattr(row, step))]
        for (one, early), (other, late) in pairwise(days):
            if late < early:
                yield (
                    f"{row.flag_id}: {other} on {late:%Y-%m-%d} comes before {one} on "
                    f"{early:%Y-%m-%d}; if it is a slip, enter it again with the right day"
                )


def _repeated(cases: pd.DataFrame) -> Iterator[str]:
    told = cases.sort_values("recorded", kind="stable")
    for (flag_id, event), rows in told.groupby(["flag_id", "event"]):
        if rows["at"].nunique() > 1:
            days = ", ".join(f"{day:%Y-%m-%d}" for day in rows["at"])
            yield f"{flag_id}: {event} was entered for {days}; the last entered counts"
