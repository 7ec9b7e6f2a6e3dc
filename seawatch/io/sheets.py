"""Rows of a sheet that people filled in: CSV or XLSX, one heading row, a row an entry.

A cell is a text, a number or a day; formulas count as what they last showed. Sheets are kept
small: what is larger was not filled in by hand.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ..errors import InputRefused
from ..tables import Table
from .files import plain_file

LARGEST = 16 * 2**20
"""Bytes a sheet may have."""
_UNPACKED = 128 * 2**20
_MEMBERS = 1_000
_ROWS, _COLUMNS, _CELL = 5_000, 64, 10_000

# what openpyxl raises on content that is not what it says
_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)

Row = dict[str, Any]


def is_sheet(path: Path) -> bool:
    """Whether a file is to be read as a sheet, by its name."""
    return path.suffix.lower() in (".csv", ".xlsx")


def read_rows(path: Path, table: Table, also: tuple[tuple[str, str], ...] = ()) -> list[Row]:
    """The rows of a sheet by the column names of `table`; blank cells and rows are left out.

    Headings may be the columns' names or their Chinese labels. also : further columns, each
    a name and a Chinese heading. The key ``row`` tells where a row stands, from 1.

    Raises
    ------
    InputRefused
        Naming what cannot be read, and headings that mean nothing here.
    """
    if plain_file(path).stat().st_size > LARGEST:
        raise InputRefused(f"{path}: over {LARGEST >> 20} MiB; split the sheet")
    cells = iter(_csv(path) if path.suffix.lower() == ".csv" else _xlsx(path))
    headings = [_said(cell) for cell in next(cells, [])]
    names = _names(path, headings, table, also)
    rows = []
    for number, values in enumerate(cells, 2):
        if number > _ROWS + 1:
            raise InputRefused(f"{path}: more than {_ROWS} rows; split the sheet")
        row = {n: _value(path, number, v) for n, v in zip(names, values, strict=False) if n}
        given = {name: value for name, value in row.items() if value not in (None, "")}
        if given:
            rows.append({**given, "row": number})
    if not rows:
        raise InputRefused(f"{path}: no rows below the headings")
    return rows


def _names(
    path: Path, headings: list[str], table: Table, also: tuple[tuple[str, str], ...]
) -> list[str | None]:
    known = [(c.name, c.zh) for c in table.columns] + list(also)
    spelt = {
        _folded(text): name for name, zh in known for text in (name, zh, name.replace("_", " "))
    }
    found = [spelt.get(_folded(text)) if text else None for text in headings]
    problems = [
        f"{path}: heading {text[:40]!r} means nothing here; use {', '.join(n for n, _ in known)}"
        for text, name in zip(headings, found, strict=True)
        if text and name is None
    ]
    twice = {name for name in found if name and found.count(name) > 1}
    problems += [f"{path}: two columns mean '{name}'; take one away" for name in sorted(twice)]
    if problems:
        raise InputRefused(problems)
    return found


def _folded(heading: str) -> str:
    """A heading whatever its case and whichever brackets it has."""
    return heading.casefold().replace("(", "（").replace(")", "）").replace(" ", "")


def _said(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _value(path: Path, row: int, cell: Any) -> Any:
    if isinstance(cell, str):
        cell = cell.strip()
        if len(cell) > _CELL:
            raise InputRefused(f"{path}: row {row}: a cell of {len(cell)} characters; shorten it")
    return cell


def _csv(path: Path) -> Iterator[list[Any]]:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputRefused(f"{path}: neither UTF-8 nor GB18030; save it as CSV UTF-8")
    if "\0" in text:
        raise InputRefused(f"{path}: holds NUL; it is no text")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield row[:_COLUMNS]
    except csv.Error as error:
        raise InputRefused(f"{path}: not CSV: {error}; save it again") from None


def _xlsx(path: Path) -> Iterator[list[Any]]:
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > _MEMBERS or sum(part.file_size for part in parts) > _UNPACKED:
                raise InputRefused(f"{path}: would unpack to far more than a sheet; refused")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(max_row=_ROWS + 2, max_col=_COLUMNS, values_only=True):
            yield [_plain(cell) for cell in cells]
        book.close()
    except _BROKEN as error:
        raise InputRefused(f"{path}: cannot be read as XLSX ({error}); save it again") from None


def _plain(cell: Any) -> Any:
    if isinstance(cell, (str, int, float, datetime, date)) or cell is None:
        return cell
    return str(cell)
