"""The entries of the shoreline ledger: read from a GeoPackage or a CSV, and drafted."""

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..entries import lines_of, shapes_of
from ..errors import InputRefused
from ..project import Project
from ..tables import SHORELINE
from . import gateway, vectors
from .files import plain_file

_LABELS = {column.zh: column.name for column in SHORELINE.columns}


def read_entries(project: Project, coastline: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The workspace's entries, checked, project CRS; none where no file is named.

    A row without a line of its own is drawn from `from_m` to `to_m` along its segment.
    Columns may be headed in Chinese, as in `seawatch tables shoreline`.

    Raises
    ------
    InputRefused
        Naming the rows that cannot be read, and why.
    """
    if project.settings.ledger.entries is None:
        return SHORELINE.empty(project.crs)
    path = plain_file(project.path(project.settings.ledger.entries))
    by_table = path.suffix.lower() == ".csv"
    frame = _csv(path) if by_table else gateway.as_it_stands(path)
    frame = frame.rename(columns={c: _LABELS.get(str(c), c) for c in frame.columns})
    if frame.empty:
        return SHORELINE.empty(project.crs)
    if by_table:
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=project.crs)
    if frame.crs is None:
        raise InputRefused(f"{path}: no CRS; name it, e.g. QGIS: Assign projection")
    frame = frame.to_crs(project.crs)
    bare = frame.geometry.isna()
    if bare.any():
        references = _references(frame[bare])
        shapes = shapes_of(references, lines_of(coastline))
        _say_nowhere(path, references[shapes.isna()], coastline)
        frame = frame.set_geometry(frame.geometry.where(~bare, shapes.reindex(frame.index)))
    return SHORELINE.check(frame, path)


def write_entries(path: Path, entries: gpd.GeoDataFrame) -> None:
    """Write entries as a GeoPackage: the line of each, and the metres along its segment.

    A CSV can be read, not written: a cell of it would be run as a formula where it begins
    as one.
    """
    if path.suffix.lower() != ".gpkg":
        raise InputRefused(f"{path}: entries are written as a GeoPackage; name it .gpkg")
    vectors.write_file(path, {SHORELINE.name: (SHORELINE.check(entries), SHORELINE)})


def _csv(path: Path) -> pd.DataFrame:
    """A CSV in UTF-8, or else GB18030, as text; blank rows left out."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise InputRefused(f"{path}: neither UTF-8 nor GB18030; save it as UTF-8") from None
    try:
        rows = [row for row in csv.reader(text.splitlines(), strict=True) if any(row)]
    except csv.Error as error:
        raise InputRefused(f"{path}: not CSV: {error}") from None
    if not rows:
        return pd.DataFrame()
    heads = [head.strip() for head in rows[0]]
    long = [n for n, row in enumerate(rows[1:], 2) if len(row) > len(heads)]
    if long or len(set(heads)) < len(heads):
        fault = f"row {long[0]} has more cells than headings" if long else "a heading repeats"
        raise InputRefused(f"{path}: {fault}; quote cells that hold a comma")
    filled = [row + [""] * (len(heads) - len(row)) for row in rows[1:]]
    return pd.DataFrame(filled, columns=heads, dtype=object)


def _references(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Segment and metres of rows that have no line; what is no number is left to the check."""
    blank = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    text = {n: frame.get(n, blank).map(_text).astype(object) for n in ("baseline", "segment_id")}
    numbers = {n: pd.to_numeric(frame.get(n, blank), errors="coerce") for n in ("from_m", "to_m")}
    known = pd.DataFrame({**text, **numbers, "entry_id": frame.get("entry_id", blank)})
    return known.where(known.notna() | known.columns.isin(["from_m", "to_m"]), None)


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None and value == value else None


def _say_nowhere(path: Path, rows: pd.DataFrame, coastline: gpd.GeoDataFrame) -> None:
    """Refuse rows that name no stretch of the coastline, each with what is known of it."""
    problems = []
    known = set(coastline.segment_id)
    for number, row in zip(rows.index, rows.itertuples(), strict=True):
        if row.segment_id is None:
            fault = "neither a line nor a segment_id; draw it, or name segment, from_m and to_m"
        elif row.segment_id not in known:
            fault = f"no segment '{row.segment_id}' in the coastline; see its segment_id"
        else:
            fault = (
                f"'{row.segment_id}' does not run from {row.from_m:g} to {row.to_m:g} m; "
                "metres are counted from its first vertex, from_m first"
            )
        problems.append(f"{path}: row {number + 1}: {fault}")
    if problems:
        raise InputRefused(problems)
