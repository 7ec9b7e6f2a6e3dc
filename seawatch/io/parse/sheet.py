"""CSV and its kin, and XLSX: a sheet of rows under one line of names."""

import csv
import io
from typing import Any

from .. import encodings
from ._parsed import Job, Parsed, Refused, content, one_of
from ._places import place
from .workbook import sheets_of

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_WIDEST = 10 * 2**20  # characters in a cell: an outline of 300,000 vertices


def read(job: Job) -> Parsed:
    """The rows of a CSV or TSV, or of one sheet of a workbook."""
    parsed, rows = _workbook(job) if job.path.lower().endswith(".xlsx") else _csv(job)
    numbered = [(n, row) for n, row in enumerate(rows) if any(_filled(cell) for cell in row)]
    if not numbered:
        raise Refused("holds no rows")
    names = _names(numbered[0][1])
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for number, (_, row) in enumerate(numbered[1:], 1):
        parsed.rows.append(number)
        if any(_filled(cell) for cell in row[len(names) :]):
            parsed.faults[number] = f"it has {len(row)} cells under {len(names)} names"
        for at, name in enumerate(names):
            cell = row[at] if at < len(row) else None
            columns[name].append(cell if _filled(cell) else None)
    parsed.columns = columns
    place(parsed)
    return parsed


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _names(cells: list[Any]) -> list[str]:
    """The heads of the columns; a workbook's empty last ones are no columns."""
    while cells and not _filled(cells[-1]):
        cells = cells[:-1]
    names = [
        str(cell).strip() if _filled(cell) else f"column {n}" for n, cell in enumerate(cells, 1)
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(f"the column '{twice[0]}' stands twice; name each once")
    return names


def _csv(job: Job) -> tuple[Parsed, list[list[Any]]]:
    raw = content(job.path)
    parsed = Parsed("CSV")
    mark = next((codec for start, codec in _MARKS.items() if raw.startswith(start)), None)
    if mark and job.encoding is None:
        parsed.encoding, parsed.encoding_why = mark.upper(), "its byte order mark says so"
        codec = mark
    else:
        choice = encodings.choose([raw] if raw.isascii() else raw.splitlines(), told=job.encoding)
        parsed.encoding, parsed.encoding_why = choice.label, choice.why
        codec = choice.codec
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        raise Refused(f"its text is broken: {error}; export it again") from None
    if "\0" in text:
        raise Refused("no CSV: it holds bytes of zero; export it again")
    csv.field_size_limit(_WIDEST)
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return parsed, [list(row) for row in rows]
    except csv.Error as error:
        raise Refused(f"no CSV: {error}; export it again") from None


def _workbook(job: Job) -> tuple[Parsed, list[list[Any]]]:
    sheets = sheets_of(job.path)
    filled = [n for n, rows in sheets.items() if any(_filled(cell) for row in rows for cell in row)]
    name = one_of(filled, job.layer, "sheet")
    return Parsed("XLSX", layer=name), sheets[name]
