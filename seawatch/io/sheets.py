"""Rows of a sheet that people filled in: CSV or XLSX, one heading row, a row an entry.

A cell is a text, a number or a day; formulas count as what they last showed. Sheets are kept
small: what is larger was not filled in by hand.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import InputRefused
from ..tables import Table
from . import foreign
from .files import plain_file, text_of

LARGEST = 16 * 2**20
"""Bytes a sheet may have."""
_ROWS, _COLUMNS, _CELL = 5_000, 64, 10_000

Row = dict[str, Any]


# the wide signs too: spreadsheets in East Asian languages take them for the narrow ones
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_LIVE) else text


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
    text = text_of(path)
    if "\0" in text:
        raise InputRefused(f"{path}: holds NUL; it is no text")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield row[:_COLUMNS]
    except csv.Error as error:
        raise InputRefused(f"{path}: not CSV: {error}; save it again") from None


def _xlsx(path: Path) -> Iterator[list[Any]]:
    """The rows of the first sheet."""
    first = next(iter(foreign.read_workbook(path).values()), [])
    return (row[:_COLUMNS] for row in first)
