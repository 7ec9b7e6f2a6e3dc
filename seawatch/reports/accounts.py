"""The shoreline ledger to read: a page for a terminal, a workbook, and fields for machines."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter
from rich.cells import cell_len

from ..ledger import BY, Ledger, balance
from ..tables import SHORELINE
from .ledger_words import known, remark, word
from .workbook import as_cell, heading, save

_PREFIX = {
    "state": "",
    "kind": "kind_",
    "account_from": "account_",
    "account_to": "account_",
    "coast": "coast_",
    "status": "status_",
}
_TERMS = ("place", "coast", "status", "ratio", "floor", "first", "last", "source", "grade")
_RETENTION = {
    "baseline": "baseline",
    "segments": "segments",
    "all_m": "all_m",
    "natural_m": "natural_m",
    "natural_now_m": "natural_now_m",
    "retention": "retention_then",
    "retention_now": "retention_now",
    "floor": "floor",
    "spare_m": "spare_m",
}


def page(ledger: Ledger, title: str, by: str, language: str) -> list[str]:
    """The ledger as lines of text: retention, the balance, and what was not booked."""
    day = word("as_of", language, day=ledger.on.isoformat())
    lines = [f"{title}  {word('title', language)}  {day}", ""]
    lines += [_retained(row, ledger, language) for row in ledger.retention.itertuples()]
    if ledger.entries.empty:
        return [*lines, "", word("no_entries", language)]
    lines += ["", word("balance", language), *_columns(_balance_rows(ledger, by, language))]
    told = ledger.entries[(ledger.entries.state == "counted") & ledger.entries.why.notna()]
    pending = ledger.entries[ledger.entries.state == "pending"]
    for head, rows in (
        ("refused_head", ledger.refused),
        ("pending_head", pending),
        ("let_pass_head", told),
    ):
        if len(rows):
            lines += ["", word(head, language, n=len(rows))]
            lines += [_entry_line(row, language) for row in rows.itertuples()]
    return [_printable(line) for line in lines]


def _printable(line: str) -> str:
    """Without what would steer the reader's terminal: names come from others' files."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def _retained(row: Any, ledger: Ledger, language: str) -> str:
    floor = ledger.terms.floor
    verdict = "kept" if row.spare_m >= 0 else "broken"
    return word(
        "line",
        language,
        baseline=row.baseline,
        all=f"{row.all_m / 1000:,.3f}",
        natural=f"{row.natural_now_m / 1000:,.3f}",
        restored=f"{row.restored_now_m / 1000:,.3f}",
        share=f"{row.retention_now:.2%}",
        surveyed=f"{row.retention:.2%}",
        floor=f"{floor.share:.0%}",
        source=" ".join(filter(None, (floor.source, floor.grade))),
        verdict=word(verdict, language, spare=f"{abs(row.spare_m):,.1f}"),
    )


def _balance_rows(ledger: Ledger, by: str, language: str) -> list[list[str]]:
    table = balance(ledger, by)
    shown = [c for c in table.columns[1:] if table[c].any() or c in ("owed_m", "credit_m")]
    head = [word(f"by_{by}", language), *(word(name, language) for name in shown)]
    names = [name or word("blank", language) for name in table[by]]
    rows = [
        [name, *(f"{m:,.2f}" for m in row)]
        for name, row in zip(names, table[shown].to_numpy(), strict=True)
    ]
    total = [word("sum", language), *(f"{m:,.2f}" for m in table[shown].sum())]
    return [head, *rows, total]


def _columns(rows: list[list[str]]) -> list[str]:
    """Rows of text in columns; numbers to the right. A Chinese character takes two cells."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [first + " " * (widths[0] - cell_len(first))]
        cells += [" " * (w - cell_len(c)) + c for c, w in zip(rest, widths[1:], strict=True)]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _entry_line(row: Any, language: str) -> str:
    kind = word(f"kind_{row.kind}", language)
    parts = [row.entry_id, kind, f"{row.date:%Y-%m-%d}", row.project, f"{row.metres:,.2f} m"]
    return "  " + "  ".join([*parts, remark(row.why, row.numbers, language)]).rstrip()


def fields(ledger: Ledger, language: str) -> dict[str, Any]:
    """The whole ledger for machines: every figure, and the entries and movements behind it."""
    entries = ledger.entries.assign(remark=_remarks(ledger, language))
    return {
        "on": ledger.on,
        "floor": vars(ledger.terms.floor),
        "ratios": [vars(ratio) for ratio in ledger.terms.ratios],
        "retention": _records(ledger.retention),
        "balance": {by: _records(balance(ledger, by)) for by in BY},
        "entries": _records(entries),
        "movements": _records(ledger.movements),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    tidy = table.copy()
    for name in tidy.select_dtypes("datetime").columns:
        tidy[name] = tidy[name].dt.strftime("%Y-%m-%d")
    plain = tidy.astype(object)
    return list(plain.where(plain.notna(), None).to_dict("records"))


def _remarks(ledger: Ledger, language: str) -> list[str]:
    told = zip(ledger.entries.why, ledger.entries.numbers, strict=True)
    return [remark(why, numbers, language) for why, numbers in told]


def write_ledger_book(path: Path, ledger: Ledger, title: str, language: str) -> None:
    """Write the ledger to an .xlsx file.

    A sheet each for retention, the balances, entries, movements and terms.
    Figures are numbers and days are days; no cell is ever a formula, and the file holds no
    clock: the same ledger gives the same bytes.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.title = title
    _sheet(book, word("retention", language), ledger.retention[list(_RETENTION)], language)
    for by in BY:
        name = f"{word('balance', language)} {word(f'by_{by}', language)}"
        _sheet(book, name, balance(ledger, by), language)
    entries = ledger.entries.drop(columns="numbers").assign(why=_remarks(ledger, language))
    _sheet(book, word("entries", language), entries, language)
    _sheet(book, word("movements", language), ledger.movements, language)
    _sheet(book, word("terms", language), _terms(ledger), language)
    save(path, book)


def _terms(ledger: Ledger) -> pd.DataFrame:
    floor = ledger.terms.floor
    rows = [{**vars(floor), "floor": floor.share}, *(vars(r) for r in ledger.terms.ratios)]
    return pd.DataFrame(rows).reindex(columns=list(_TERMS)).astype(object)


def _sheet(book: openpyxl.Workbook, name: str, table: pd.DataFrame, language: str) -> None:
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "B2"
    for number, column in enumerate(table.columns, 1):
        wide = 48 if column in ("why", "source", "reason", "note") else 16
        sheet.column_dimensions[get_column_letter(number)].width = wide
    sheet.append([heading(sheet, _label(column, language)) for column in table.columns])
    for row in table.itertuples(index=False, name=None):
        cells = zip(table.columns, row, strict=True)
        sheet.append([as_cell(sheet, _value(column, value, language)) for column, value in cells])


def _label(column: str, language: str) -> str:
    if column in BY:
        return word(f"by_{column}", language)
    if column in _RETENTION:
        return word(_RETENTION[column], language)
    if column in SHORELINE.names and not known(column):
        return SHORELINE.column(column).label(language)
    return word(column, language) if known(column) else SHORELINE.column(column).label(language)


def _value(column: str, value: Any, language: str) -> Any:
    """A state, kind, coast or account in words; anything else as it is."""
    key = f"{_PREFIX[column]}{value}" if column in _PREFIX else ""
    return word(key, language) if known(key) else value
