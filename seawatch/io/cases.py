"""What people do about flags and problems, into the journal and back out of it as tables.

An entry that says something else than the one before of the same step, or problem, names it
(`instead_of`): it takes its place, and both are kept. The same again is not entered.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ..errors import InputRefused, UsageError
from ..problems import named_flags
from ..project import Project
from ..tables import CASES, EVENTS, FLAGS, PROBLEMS, Table
from . import archive, journal, sheets
from .fieldrecord import cleaned

KINDS = ("visit", "visit_file", "case", "problem")
"""What people say that a run reads, and what vouches for it."""
_LONGEST = 2_000


def flags_known(project: Project) -> gpd.GeoDataFrame:
    """Every flag of every run, as the latest run that has it says."""
    parts = [record.table("flags").to_crs(project.crs) for record in archive.records(project)]
    if not (filled := [part for part in parts if len(part)]):
        return FLAGS.empty(project.crs)
    whole = pd.concat(filled, ignore_index=True)
    return FLAGS.check(whole.drop_duplicates("flag_id", keep="last").sort_values("flag_id"))


def said(project: Project, until: date | journal.Heard) -> str | None:
    """One digest of all that people said up to a day; None where nobody said anything."""
    told = journal.entries(project, KINDS, until)
    return hashlib.sha256("".join(e.hash for e in told).encode()).hexdigest() if told else None


def enter(
    project: Project,
    flag_id: str,
    event: str,
    at: str,
    by: str,
    note: str | None,
    recorded: datetime,
) -> bool:
    """Enter that something was done about a flag; whether that is news.

    at : the day, 2026-11-25, or an instant with its zone.

    Raises
    ------
    UsageError
        If there is no such flag or event, or the day lies in the future.
    """
    if event not in EVENTS:
        raise UsageError(f"--event {event}: use one of {', '.join(EVENTS)}")
    if flag_id not in set(flags_known(project).flag_id):
        raise UsageError(f"{flag_id}: no such flag in {project.folder}; see flags.xlsx")
    day = _day(at, project)
    if day > recorded.astimezone(project.timezone).date():
        raise UsageError(f"--at {at}: lies in the future; enter it when it is done")
    row = {
        "flag_id": flag_id,
        "event": event,
        "at": day.isoformat(),
        "by": _line(by, "--by"),
        "note": _line(note, "--note") if note else None,
    }
    return _add(project, "case", ("flag_id", "event"), [row], recorded) > 0


def _day(text: str, project: Project) -> date:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text}: no day; write it as 2026-11-25") from None
    return moment.astimezone(project.timezone).date() if moment.tzinfo else moment.date()


def _line(text: str, option: str) -> str:
    clean = cleaned(text.encode("utf-8", "replace").decode("utf-8")).strip()
    if not clean or len(clean) > _LONGEST:
        raise UsageError(f"{option}: needs 1 to {_LONGEST} characters")
    return clean


def _add(
    project: Project,
    kind: str,
    key: tuple[str, ...],
    rows: list[dict[str, Any]],
    recorded: datetime,
) -> int:
    """Enter the rows that say something new of their key; how many did."""
    last = {_key(e.data, key): e for e in journal.entries(project, [kind])}
    fresh = []
    for row in rows:
        before = last.get(_key(row, key))
        if before and {k: v for k, v in before.data.items() if k != "instead_of"} == row:
            continue
        fresh.append({**row, "instead_of": before.hash if before else None})
    return len(journal.append(project, kind, fresh, recorded=recorded)) if fresh else 0


def _key(data: Mapping[str, Any], key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(data.get(name) for name in key)


def import_problems(project: Project, path: Path, recorded: datetime) -> int:
    """Enter the problems of a CSV or XLSX sheet; how many are new or say something new.

    Raises
    ------
    InputRefused
        Naming every row that is wrong.
    """
    if not sheets.is_sheet(path):
        raise InputRefused(f"{path}: neither .csv nor .xlsx; save the sheet as one")
    frame = pd.DataFrame(sheets.read_rows(path, PROBLEMS)).drop(columns="recorded", errors="ignore")
    numbers = frame.pop("row")
    table = PROBLEMS.check(frame, path)
    known = set(flags_known(project).flag_id)
    problems = [
        f"{path}: row {number}: {fault}"
        for number, row in zip(numbers, table.itertuples(), strict=True)
        for fault in _faults(row, known)
    ]
    if problems:
        raise InputRefused(problems)
    return _add(project, "problem", ("problem_id",), _rows(table), recorded)


def _faults(row: Any, known: set[str]) -> list[str]:
    found = []
    if not re.fullmatch(r"\w[\w.-]{0,63}", row.problem_id):
        found.append("'problem_id' is not letters, digits, - and . alone")
    if pd.isna(row.closed) != (row.signed_by is None):
        found.append("'closed' and 'signed_by' go together: who signed it off, and when?")
    unknown = [name for name in named_flags(row.flags) if name not in known]
    return found + [f"no such flag: {name[:40]!r}" for name in unknown]


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as the journal has them."""
    shown = table.drop(columns="recorded")
    for name in ("deadline", "closed"):
        shown[name] = shown[name].dt.strftime("%Y-%m-%d")
    shown = shown.astype(object).where(shown.notna(), None)
    return [
        {k: cleaned(v) if isinstance(v, str) else v for k, v in row.items()}
        for row in shown.to_dict("records")
    ]


def read_cases(project: Project, until: date | journal.Heard | None = None) -> pd.DataFrame:
    """Every entry to a flag's case recorded up to a day."""
    return _table(project, "case", CASES, until)


def read_problems(project: Project, until: date | journal.Heard | None = None) -> pd.DataFrame:
    """Every entry to a problem recorded up to a day; the same problem as often as it was said."""
    return _table(project, "problem", PROBLEMS, until)


def _table(
    project: Project, kind: str, table: Table, until: date | journal.Heard | None
) -> pd.DataFrame:
    told = journal.entries(project, [kind], until)
    if not told:
        return table.empty()
    frame = pd.DataFrame([{**entry.data, "recorded": entry.recorded} for entry in told])
    return table.check(frame, journal.FILE)
