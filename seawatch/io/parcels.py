"""Tables of corner points (界址点) in text, CSV and XLSX files, read and written."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd

from ..errors import InputRefused, UsageError
from ..parcels import ParcelTable, parcels_of
from ..parcels.coordinates import written
from ..parcels.corners import CornerTable, corner_table
from ..parcels.notices import cells_of, sort_rows
from ..tables import Table
from . import foreign
from .files import aside, plain_file, sha256, text_of
from .gateway import Brought, Reading
from .sheets import inert
from .vectors import write_table

SUFFIXES = (".txt", ".csv", ".xlsx")
LARGEST = 16 * 2**20
"""Bytes a text may hold, and a workbook unpacked; a thousand parcels take one MiB."""
_ROWS, _CELLS = 200_000, 60

Rows = list[tuple[int, list[str]]]


def read_parcels(
    path: Path,
    *,
    meridian: float | None = None,
    notation: str | None = None,
    sigma_m: float | None = None,
    strict: bool = True,
) -> ParcelTable:
    """The parcels a table of corner points describes; see `parcels.parcels_of`.

    Parameters
    ----------
    strict : refuse a file with faults; else they are among the table's remarks.

    Raises
    ------
    InputRefused
        If the file cannot be read, or, when strict, with every fault of it at once.
    """
    notices, remarks = sort_rows(read_rows(path))
    table = parcels_of(notices, remarks, meridian=meridian, notation=notation, sigma_m=sigma_m)
    if strict and (faults := table.said("fault")):
        raise InputRefused(f"{path}: {text}" for text in faults)
    return table


def looks_like_parcels(path: Path) -> bool:
    """Whether a file is a table of corner points: three of them and more, and no geometry."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        rows = read_rows(path)
    except InputRefused:
        return False
    if any(cell.upper().startswith(("WKT", "GEOM")) for _, row in rows[:1] for cell in row):
        return False
    notices, _ = sort_rows(rows)
    return any(len(table.points) >= 3 for one in notices for table in one.tables)


def read_rows(path: Path) -> Rows:
    """Every row of a text or workbook with its number, from 1.

    Sheets follow each other, their rows counted on.

    Raises
    ------
    InputRefused
        If the file is no table, is too large, or cannot be decoded.
    """
    plain_file(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputRefused(f"{path}: no table of corner points; use {', '.join(SUFFIXES)}")
    if path.stat().st_size > LARGEST:
        raise InputRefused(f"{path}: over {LARGEST >> 20} MiB; a table of corner points is small")
    if suffix == ".xlsx":
        return _workbook(path)
    text = text_of(path)
    if suffix == ".csv":
        return _separated(path, text)
    return [(number, cells_of(line)) for number, line in enumerate(text.splitlines(), 1)]


def _separated(path: Path, text: str) -> Rows:
    lines = [line for line in text.splitlines() if line.strip()]
    marks = ";" if sum(";" in line for line in lines) > len(lines) / 2 else ","
    if not any(mark in text for mark in (marks, "\t")):
        return [(number, cells_of(line)) for number, line in enumerate(text.splitlines(), 1)]
    marks = "\t" if text.count("\t") > text.count(marks) else marks
    reader = csv.reader(io.StringIO(text), delimiter=marks)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputRefused(f"{path}: row {reader.line_num}: not CSV: {error}") from None


def _workbook(path: Path) -> Rows:
    """The rows of all sheets, each sheet followed by an empty one."""
    sheets = foreign.read_workbook(path).values()
    rows = [row[:_CELLS] for sheet in sheets for row in (*sheet, [""])]
    if len(rows) > _ROWS:
        raise InputRefused(f"{path}: over {_ROWS} rows; a notice has hundreds")
    return [(number, [_cell(value) for value in row]) for number, row in enumerate(rows, 1)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    # a spreadsheet made a date of what looked like one; it is told as it is, and refused
    return value.isoformat() if isinstance(value, date) else str(value)


def bring_in(
    path: Path, table: Table, crs: object, how: Reading, modes: Mapping[str, str]
) -> Brought:
    """The parcels of a table of corner points as a layer, checked and in `crs`.

    Parameters
    ----------
    how : its `values` are columns the table does not say, one value for every ring; an
        identifier of several rings gets a number to each: A/1, A/2.
    modes : code of each use mode's name.

    Raises
    ------
    InputRefused
        With every fault of the table, or every column that is still missing.
    UsageError
        For what only a vector file can be told: a layer, an encoding, a CRS, a rename.
    """
    if how.layer or how.encoding or how.crs or how.rename:
        raise UsageError(
            f"{path}: a table of corner points has no layer, encoding, CRS or columns to name; "
            "leave those options out, and see `seawatch parcel` for how it was read"
        )
    read = read_parcels(path, sigma_m=_number(how.values.get("sigma_m")))
    frame = table.check(as_layer(read.rings, table, how.values, modes), path)
    return Brought(frame.to_crs(crs), _record(path, table, read, how, len(frame)))


def _record(
    path: Path, table: Table, read: ParcelTable, how: Reading, number: int
) -> dict[str, Any]:
    """The record of the import, in the form of `records.record`."""
    counts = dict.fromkeys(("repaired", "repeated", "refused", "deleted"), 0)
    return {
        "table": table.name,
        "source": path.name,
        "sha256": sha256(path),
        "format": "corner points",
        "layer": None,
        "encoding": {"name": "text", "why": "as it decodes"},
        "crs": {"name": str(read.rings.crs), "how": "CGCS2000", "note": None},
        "columns": {},
        "unused": [],
        "set": dict.fromkeys(how.values, number),
        "recoded": [],
        "notes": [*read.said("assumed"), *read.said("notice")],
        "counts": {"read": number, "accepted": number, **counts},
        "repairs": [],
        "refused": [],
        "notices": [],
    }


def as_layer(
    rings: gpd.GeoDataFrame, table: Table, values: Mapping[str, str], modes: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Rings with the columns of a layer: what they say themselves, and what is set."""
    known = {
        "name": rings["name"],
        "use_mode": [modes.get(use.removesuffix("用海"), use) or None for use in rings.use],
        "area_ha": rings.published_ha,
        "meridian": rings.meridian,
        "sigma_m": rings.sigma_m,
    }
    set_here = {name: [value] * len(rings) for name, value in values.items()}
    for column in table.columns:
        if column.unique and column.name in values and len(rings) > 1:
            set_here[column.name] = [f"{values[column.name]}/{n + 1}" for n in range(len(rings))]
    frame = gpd.GeoDataFrame({**known, **set_here}, geometry=rings.geometry, crs=rings.crs)
    return frame.drop(columns=[n for n in ("use_mode",) if frame[n].isna().all()])


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None  # the table's own check says it better


def write_rings(path: Path, rings: gpd.GeoDataFrame) -> None:
    """Write rings as polygons or as a table of corner points, by the file's suffix."""
    if path.suffix.lower() in (".txt", ".csv"):
        table = corner_table(
            rings.geometry,
            names=rings["name"],
            uses=rings.use,
            meridian=float(rings.meridian.iloc[0]),
        )
        return write_parcels(path, table)
    if path.suffix.lower() not in (".gpkg", ".geojson"):
        raise UsageError(f"{path}: use .gpkg or .geojson for polygons, .txt or .csv for a table")
    with aside(path) as hidden:
        write_table(hidden, "parcels", rings.drop(columns=["notice"]))
    return None


def write_parcels(path: Path, table: CornerTable) -> None:
    """Write a table of corner points as text (tabs) or CSV, in UTF-8, whole or not at all."""
    meridian = written(abs(table.meridian), 0) + ("W" if table.meridian < 0 else "")
    rows = [
        [f"坐标系 {table.datum}  中央经线 {meridian}"],
        ["界址点编号", "北纬", "东经"],
        *table.points.to_numpy().tolist(),
        [],
        ["内部单元", "用海方式", "界址线", "面积(公顷)"],
        *table.rings.to_numpy().tolist(),
    ]
    with aside(path) as hidden, hidden.open("w", encoding="utf-8-sig", newline="") as file:
        mark = "," if path.suffix.lower() == ".csv" else "\t"
        csv.writer(file, delimiter=mark).writerows([inert(cell) for cell in row] for row in rows)
