"""The ledger of flags as a workbook (台账): one row a flag; sheets on reminders and on the run.

A day is a day, a number a number, and codes are said in words. A flag's number leads to its
inspection sheet, or to the map. A cell never becomes a formula, and the file holds no clock:
the same flags give the same bytes.
"""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from ..geo import LONLAT, dms
from ..tables import FLAGS, REMINDERS, Column, Table
from .cells import codes
from .markup import NOT_XML

UTC = ZoneInfo("UTC")
_EPOCH = datetime(2000, 1, 1)
_WIDE = {"reason": 60, "basis": 40, "flag_id": 20}
_LEFT_OUT = ("numbers", "record")
_FORMATS = {"_m2": "#,##0.0", "_m": "0.0", "confidence": "0.00", "chance": "0.00"}
"""How numbers look, by the end of their column's name; the cell keeps the whole number."""


def write_workbook(
    path: Path,
    flags: gpd.GeoDataFrame,
    title: str,
    language: str,
    more: Mapping[str, Sequence[str]] | None = None,
    cover: Sequence[tuple[str, object]] = (),
    reminders: gpd.GeoDataFrame | None = None,
    zone: ZoneInfo = UTC,
    links: Mapping[str, str] | None = None,
) -> None:
    """Write `flags` to an .xlsx file, headings in `language`, with latitude and longitude.

    more : texts of further columns, a flag a row, by heading.
    cover : names and values that say what the run is; a sheet of their own.
    reminders : have a sheet of their own, where there are any: they are no flags.
    zone : instants are on its clock, which their headings name; Excel knows none itself.
    links : files beside the workbook that flags lead to, by flag_id.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.title = title
    name = "疑点台账" if language == "zh" else "flags"
    _sheet(book, name, FLAGS, flags, language, zone, more or {}, links or {})
    if reminders is not None and len(reminders):
        name = "提醒事项" if language == "zh" else "reminders"
        _sheet(book, name, REMINDERS, reminders, language, zone)
    _cover(book, [(title, ""), *cover], language)
    save(path, book)


def _sheet(
    book: Any,
    name: str,
    table: Table,
    rows: gpd.GeoDataFrame,
    language: str,
    zone: ZoneInfo,
    more: Mapping[str, Sequence[str]] | None = None,
    links: Mapping[str, str] | None = None,
) -> None:
    """One sheet: the table's columns, latitude and longitude, and what is added."""
    sheet = book.create_sheet(name)
    more, links = more or {}, links or {}
    columns = [c for c in table.columns if c.name not in _LEFT_OUT]
    sheet.freeze_panes = "B2"
    headings = [
        f"{c.label(language)} ({zone.key})" if c.type == "instant" else c.label(language)
        for c in columns
    ]
    headings += ["纬度", "经度"] if language == "zh" else ["latitude", "longitude"]
    headings += more
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = _WIDE.get(column.name, 16)
    sheet.append([heading(sheet, text) for text in headings])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"
    said = codes(language)
    points = rows.geometry.to_crs(LONLAT).representative_point()
    added = list(zip(*more.values(), strict=True)) if more else [()] * len(rows)
    for row, point, texts in zip(rows.itertuples(), points, added, strict=True):
        cells = [_cell(sheet, c, getattr(row, c.name), zone, said, links) for c in columns]
        cells += [as_cell(sheet, dms(point.y)), as_cell(sheet, dms(point.x, "EW"))]
        cells += [as_cell(sheet, text) for text in texts]
        sheet.append(cells)


def _cell(
    sheet: Any,
    column: Column,
    value: Any,
    zone: ZoneInfo,
    said: Mapping[str, Callable[..., str]],
    links: Mapping[str, str],
) -> WriteOnlyCell:
    """One value of a table: codes in words, instants on the clock of the place."""
    if isinstance(value, pd.Timestamp) and value.tzinfo is not None:
        moment = value.tz_convert(zone).tz_localize(None).round("s").to_pydatetime()
        cell = WriteOnlyCell(sheet, moment)
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    in_words = column.name in said and isinstance(value, str)
    cell = as_cell(sheet, said[column.name](value) if in_words else value)
    if isinstance(value, float):
        ends = (form for end, form in _FORMATS.items() if column.name.endswith(end))
        cell.number_format = next(ends, "General")
    if column.name == "flag_id" and value in links:
        cell.hyperlink = Hyperlink(ref="", target=links[value])
        cell.font = Font(color="0563C1", underline="single")
    return cell


def _cover(book: Any, rows: Sequence[tuple[str, object]], language: str) -> None:
    # the last sheet: whoever reads the file by machine expects the ledger first
    sheet = book.create_sheet("说明" if language == "zh" else "about")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 72
    for name, value in rows:
        sheet.append([heading(sheet, name), as_cell(sheet, value)])


def heading(sheet: Any, text: str) -> WriteOnlyCell:
    """A bold cell of text."""
    cell = as_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def as_cell(sheet: Any, value: object) -> WriteOnlyCell:
    """A cell of the value's own type: days are days, text is text whatever it begins with."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return WriteOnlyCell(sheet, None)
    if isinstance(value, pd.Timestamp):
        # Excel knows no time zones: instants are written out, days stay days
        value = value.date() if value.tzinfo is None else value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, float):
        value = round(value, 4)
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, None)
    # set as text whatever it begins with: = + - @ would be run by the reader's machine
    cell._value, cell.data_type = value.translate(NOT_XML)[:32767], "s"
    cell.quotePrefix = value[:1] in tuple("=+-@\t\r")
    cell.alignment = Alignment(wrap_text=len(value) > 24, vertical="top")
    return cell


def _dateless(part: bytes) -> bytes:
    """A part without the time of saving, which openpyxl writes whatever it is told."""
    day = _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + day, part)


def save(path: Path, book: openpyxl.Workbook) -> None:
    """Write a workbook with every time in it set to one day.

    It is packed in memory: an archive that meets a full disk complains again when it is closed.
    """
    made, packed = BytesIO(), BytesIO()
    book.save(made)
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            entry = zipfile.ZipInfo(info.filename, _EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, _dateless(source.read(info)))
    path.write_bytes(packed.getvalue())
