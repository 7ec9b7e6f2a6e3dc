"""What is overdue, how long things take, and what came back: the flags' cases together."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from . import case, delays, problems
from .record import read

GROUPS = ("all", "owner", "district")
_VISITED = ["flag_id", "visited_at", "by", "verdict", "cause", "proof"]


@dataclass(frozen=True)
class Casebook:
    """The cases of every flag on one day.

    timelines, breaches : see `case`. visits : every one, by time, and what vouches for it.
    medians : by `GROUPS`, see `delays`. problems : see `problems.tracked`. contradicted :
    numbers of flags whose visits disagree. faults : what does not fit, in words.
    """

    on: date
    timelines: pd.DataFrame
    visits: pd.DataFrame
    breaches: pd.DataFrame
    medians: dict[str, pd.DataFrame]
    problems: pd.DataFrame
    contradicted: list[str]
    faults: list[str]

    def fields(self) -> dict[str, Any]:
        """What is to be done, for a run's manifest and for machines."""
        again = self.problems[self.problems.state.isin(["overdue", "reopened"])]
        columns = ["problem_id", "unit", "person", "deadline", "state", "days", "again"]
        return {
            "breaches": plain(self.breaches),
            "medians": {name: plain(table) for name, table in self.medians.items()},
            "problems": plain(again[columns]),
            "contradicted": self.contradicted,
            "faults": self.faults,
        }


def opened(
    flags: gpd.GeoDataFrame,
    visits: pd.DataFrame,
    cases: pd.DataFrame,
    entered: pd.DataFrame,
    duty: gpd.GeoDataFrame,
    on: date,
    zone: str,
) -> Casebook:
    """The casebook of a day.

    entered : every entry to a problem. zone : where days are counted.
    """
    table = case.timelines(flags, visits, cases, duty, zone)
    return Casebook(
        on,
        table,
        _visited(visits, zone),
        case.breaches(table, on),
        {by: delays.medians(table, on, by) for by in GROUPS},
        problems.tracked(entered, flags, on),
        [
            f
            for f, text in zip(flags.flag_id, flags.record, strict=True)
            if "contradicted" in read(text)
        ],
        case.faults(table, cases),
    )


def _visited(visits: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Every visit by time, on the clock of the place."""
    told = pd.DataFrame(visits[_VISITED]).sort_values(["visited_at", "by"], ignore_index=True)
    return told.assign(visited_at=told.visited_at.dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M"))


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: days as text, nothing for what is missing or without end."""
    shown = table.copy()
    for name in shown.select_dtypes("datetime"):
        shown[name] = shown[name].dt.strftime("%Y-%m-%d")
    shown = shown.replace([np.inf, -np.inf], np.nan).astype(object)
    return shown.where(shown.notna(), None).to_dict("records")
