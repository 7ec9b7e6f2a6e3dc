"""Lists of suspect zones from others, kept in the workspace's folder ``suspects``.

One file a list, named by its content: the same list again changes nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputRefused
from ..project import Project
from ..suspects import numbers
from ..tables import SUSPECTS
from . import gateway, vectors

FOLDER = "suspects"


@dataclass(frozen=True)
class Kept:
    """What became of a list: its file (None where every row was there already), and counts."""

    path: Path | None
    new: int
    known: int


def files(project: Project) -> list[Path]:
    """Every list in the workspace, by name."""
    return sorted((project.folder / FOLDER).glob("*.gpkg"))


def read(project: Project, on: date) -> gpd.GeoDataFrame:
    """Suspects received up to the day `on`, in the project's CRS, by source and number."""
    tables = [vectors.read_table(path, "suspects", SUSPECTS) for path in files(project)]
    tables = [table.to_crs(project.crs) for table in tables]
    if not tables:
        return SUSPECTS.empty(project.crs)
    whole = pd.concat(tables, ignore_index=True)
    due = whole[whole.received <= pd.Timestamp(on)]
    return due.sort_values(["source", "external_id"], ignore_index=True)


def keep(
    project: Project, file: Path, source: str, received: date, values: Mapping[str, str]
) -> Kept:
    """Check a list and keep what of it is new.

    Parameters
    ----------
    source : who found them; `received` : the day runs take them in from.
    values : columns that the file lacks, one value for every row.

    Raises
    ------
    InputRefused
        Where a row is faulty, or a number of this source has another outline already.
    """
    given = {**values, "source": source, "received": received.isoformat()}
    how = gateway.Reading(values=given, repair=True)
    table = gateway.bring_in(file, SUSPECTS, project.crs, how).frame
    backwards = table.before > table.after
    if backwards.any():
        row = int(backwards.to_numpy().argmax()) + 1
        raise InputRefused(f"{file}: row {row}: 'before' is later than 'after'; exchange them")
    there = read(project, date.max).set_index(["source", "external_id"]).geometry
    known = np.array([number in there.index for number in numbers(table)], bool)
    for row in table[known].itertuples():
        if not row.geometry.equals_exact(there.loc[row.source, row.external_id], 0.01):
            raise InputRefused(
                f"{file}: number {row.external_id!r} of {source!r} is there with another outline; "
                "give the new one a number of its own"
            )
    new = table[~known]
    if new.empty:
        return Kept(None, 0, len(table))
    path = project.folder / FOLDER / f"{_digest(new)}.gpkg"
    vectors.write_file(path, {"suspects": (new.reset_index(drop=True), SUSPECTS)})
    return Kept(path, len(new), len(table) - len(new))


def _digest(table: gpd.GeoDataFrame) -> str:
    text = (
        table.drop(columns="geometry").to_json(date_format="iso")
        + table.geometry.to_wkt().to_json()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
