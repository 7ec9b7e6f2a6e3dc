"""Problems named by an inspection from above (督察整改): open, overdue, signed off, come back.

A problem lies where its flags lie. It is signed off by an entry with the day and the name of
whoever signed; a flag that is raised, or raised again, on its ground after that day opens it.
"""

import re
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from . import record
from .identity import SAME_PLACE

STATES = ("open", "overdue", "closed", "reopened")


def latest(problems: pd.DataFrame) -> pd.DataFrame:
    """One row a problem: what was entered of it last."""
    told = problems.sort_values("recorded", kind="stable")
    return told.drop_duplicates("problem_id", keep="last").sort_values("problem_id")


def tracked(problems: pd.DataFrame, flags: gpd.GeoDataFrame, on: date) -> pd.DataFrame:
    """`latest` problems with their state on the day `on`, and the flags that opened them again.

    Columns added: state, one of `STATES`; again, numbers of flags; days overdue, else 0.
    """
    table = latest(problems).reset_index(drop=True)
    again = [_again(row, flags) for row in table.itertuples()]
    closed = table.closed.notna()
    late = (~closed | pd.Series([bool(a) for a in again], table.index)) & (
        table.deadline < pd.Timestamp(on)
    )
    state = pd.Series("open", table.index).where(~late, "overdue").where(~closed, "closed")
    state = state.where([not flag_ids for flag_ids in again], "reopened")
    days = (pd.Timestamp(on) - table.deadline).dt.days.where(late, 0).astype(int)
    return table.assign(state=state, again=[",".join(ids) for ids in again], days=days)


def _again(problem: Any, flags: gpd.GeoDataFrame) -> list[str]:
    """Flags raised on a closed problem's ground since it was signed off."""
    if pd.isna(problem.closed):
        return []
    own = flags[flags.flag_id.isin(named_flags(problem.flags))]
    if own.empty:
        return []
    ground = own.union_all()
    standing = flags[flags.status.isin(["new", "open", "unseen"]) & flags.intersects(ground)]
    since = [_raised(flag) > problem.closed for flag in standing.itertuples()]
    fresh = standing[since]
    if fresh.empty:
        return []
    smaller = fresh.area.clip(upper=ground.area)
    return sorted(fresh.flag_id[fresh.intersection(ground).area >= SAME_PLACE * smaller])


def named_flags(text: str | None) -> list[str]:
    """The numbers in a problem's column `flags`."""
    return [name.strip() for name in re.split(r"[,，;；、\s]+", text or "") if name.strip()]


def _raised(flag: Any) -> pd.Timestamp:
    """The day a flag was raised, or raised again."""
    reopened = record.read(flag.record).get("reopened")
    return pd.Timestamp(reopened) if reopened else flag.first_seen
