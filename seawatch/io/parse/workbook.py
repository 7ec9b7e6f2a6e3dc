"""XLSX: every cell of every sheet, as it stands."""

import mimetypes
import zipfile
import zlib
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from ._parsed import Job, Parsed, Refused

# what openpyxl raises on a workbook that is none, or is damaged
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    SyntaxError,
    RuntimeError,
)


def read(job: Job) -> Parsed:
    """The rows of all sheets, one behind the other; a column of sheets' names, one of cells."""
    sheets = sheets_of(job.path)
    rows = [(name, row) for name, rows in sheets.items() for row in rows]
    parsed = Parsed("XLSX", rows=list(range(1, len(rows) + 1)))
    parsed.columns = {
        "sheet": [name for name, _ in rows],
        "cells": [[_told(cell) for cell in row] for _, row in rows],
    }
    return parsed


def sheets_of(path: str) -> dict[str, list[list[Any]]]:
    """The rows of each sheet, with what formulas last showed."""
    mimetypes.knownfiles.clear()  # files of the system that openpyxl would look into
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a workbook says of its size need not be so
        return {s.title: [list(r) for r in s.iter_rows(values_only=True)] for s in book.worksheets}
    except (*_BROKEN, InvalidFileException) as error:
        said = " ".join(str(error).split())[:200]
        raise Refused(f"cannot be read as XLSX: {said}; save it again") from None


def _told(cell: Any) -> Any:
    """A cell as JSON has it; a day or an instant under its kind."""
    if isinstance(cell, datetime):
        return {"instant": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    return cell if isinstance(cell, (str, int, float)) or cell is None else str(cell)
