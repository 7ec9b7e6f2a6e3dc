"""The journal: what people said and which runs were made, one JSON object a line, chained.

Lines are only added. Each holds the sha256 of the line before (`prev`) and its own digest
(`hash`), so that a line altered, dropped, added or put elsewhere breaks the chain; the digest
of the last line is the chain's *head*, and whoever keeps a head elsewhere can tell a journal
that was rewritten whole or cut short.

A line is canonical JSON: keys sorted, no spaces, UTF-8, one newline. `hash` is the sha256 of
the same JSON without `hash`; `prev` is the sha256 of the line before without its newline, or
64 zeros. ``tools/verify.py`` reads all this again with the standard library alone.

The time of recording is the journal's only clock: it says when something was entered here,
never when it happened, and it is not corrected where the machine's clock was set back.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import InputRefused
from ..project import Project
from .again import JOURNAL as FILE
from .files import aside, only_one, plain_file, sight

START = "0" * 64
"""The head of a journal without lines."""

ONCE = frozenset({"visit", "case", "problem", "run"})
"""Kinds that are said once: the same content again adds no line."""

_WAIT_S = 5.0  # adding lines takes milliseconds; who waits longer waits for something broken


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    n : 1 for the first. prev : the head before it. recorded : when it was entered, UTC.
    kind : visit, case, assign, run, override, problem … data : what was said. hash : the
    sha256 of the rest.
    """

    n: int
    prev: str
    recorded: datetime
    kind: str
    data: dict[str, Any]
    hash: str

    @property
    def line(self) -> bytes:
        """The line as it stands in the file, without its newline."""
        return _canonical({**self._fields, "hash": self.hash})

    @property
    def head(self) -> str:
        """The chain's head once this line is the last."""
        return _sha256(self.line)

    @property
    def _fields(self) -> dict[str, Any]:
        recorded = self.recorded.astimezone(UTC).isoformat(timespec="microseconds")
        return {
            "n": self.n,
            "prev": self.prev,
            "recorded": recorded.replace("+00:00", "Z"),
            "kind": self.kind,
            "data": self.data,
        }

    @property
    def digest(self) -> str:
        """The `hash` its fields ask for."""
        return _sha256(_canonical(self._fields))


def content_digest(kind: str, data: Mapping[str, Any]) -> str:
    """The sha256 of what is said, whenever and wherever in the chain it is said."""
    return _sha256(_canonical({"kind": kind, "data": dict(data)}))


def append(
    project: Project,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    recorded: datetime | None = None,
) -> list[Entry]:
    """Add a line for each of `rows`, all of them or none; the lines that were added.

    Of the kinds in `ONCE`, what the journal says already is not said again.

    Parameters
    ----------
    recorded : with its zone; now, unless said.

    Raises
    ------
    InputRefused
        If the journal is broken, or a row is not plain JSON.
    Busy, CannotFinish
        If it cannot be written; it is then as it was.
    """
    given = [_plain(kind, row) for row in rows]
    busy = f"{path_of(project)}: another command is writing to it; try again"
    with only_one(project.folder / ".journal.lock", busy, _WAIT_S):
        told = entries(project)
        fresh = _unsaid(told, kind, given) if kind in ONCE else given
        moment = (recorded or datetime.now(UTC)).astimezone(UTC)
        added = list(_chained(told[-1] if told else None, moment, kind, fresh))
        if added:
            _write(path_of(project), [*told, *added])
    return added


@dataclass(frozen=True)
class Heard:
    """What a run hears: recorded up to the end of a day, in the lines there were when it began.

    While it works, people go on saying things; it hears none of them by half.
    """

    day: date
    lines: int


def heard(project: Project, day: date) -> Heard:
    """What stands in the journal by now of what was recorded up to a day."""
    return Heard(day, len(entries(project)))


def entries(
    project: Project, kinds: Iterable[str] = (), until: date | Heard | None = None
) -> list[Entry]:
    """The lines of these kinds (of all, where none is named), oldest first.

    until : only what was recorded up to the end of this day, as the project counts days.

    Raises
    ------
    InputRefused
        If the chain is broken anywhere, naming the line and the cure.
    """
    wanted, found = frozenset(kinds), []
    last_day = until.day if isinstance(until, Heard) else until
    lines = until.lines if isinstance(until, Heard) else None
    for n, entry in enumerate(_examined_once(project), 1):
        if isinstance(entry, str):
            raise InputRefused(
                f"{path_of(project)}: line {n}: {entry}; restore the journal from a copy "
                "(`seawatch verify` says what else is wrong)"
            )
        day = entry.recorded.astimezone(project.timezone).date()
        in_time = (last_day is None or day <= last_day) and (lines is None or n <= lines)
        if in_time and (not wanted or entry.kind in wanted):
            found.append(entry)
    return found


def _examined_once(project: Project) -> Iterable[Entry | str]:
    """The lines; a long journal that nobody wrote to since is not gone through again."""
    path = path_of(project)
    seen = sight(path) if path.is_file() else None
    return _remembered(path, seen) if seen else examined(project)


@lru_cache(maxsize=1)
def _remembered(path: Path, sight: tuple[int, ...]) -> tuple[Entry | str, ...]:
    return tuple(_examined(path))


def examined(project: Project) -> Iterator[Entry | str]:
    """Each line's entry, or what is wrong with it by itself or in its place."""
    return _examined(path_of(project))


def _examined(path: Path) -> Iterator[Entry | str]:
    tip = START
    for n, line in enumerate(_lines(path), 1):
        entry = _entry(line)
        if isinstance(entry, Entry) and (entry.n, entry.prev) != (n, tip):
            entry = f"it does not follow the line before (it says it is line {entry.n})"
        yield entry
        tip = _sha256(line[:-1])


def head(project: Project) -> str:
    """The digest of the last line; 64 zeros where there is none."""
    told = entries(project)
    return told[-1].head if told else START


def digest_of(told: Iterable[Entry]) -> str:
    """The sha256 of a journal of these lines."""
    return _sha256(b"".join(entry.line + b"\n" for entry in told))


def path_of(project: Project) -> Path:
    """Where the journal lies."""
    return project.folder / FILE


def _lines(path: Path) -> Iterator[bytes]:
    if not path.is_symlink() and not path.exists():
        return
    with plain_file(path).open("rb") as file:
        yield from file


def _entry(line: bytes) -> Entry | str:
    """The entry of a line with its newline, or what is wrong with the line by itself."""
    if not line.endswith(b"\n"):
        return "it is cut short"
    try:
        fields = json.loads(line)
        entry = Entry(**{**fields, "recorded": datetime.fromisoformat(fields["recorded"])})
        sound = entry.line == line[:-1] and entry.hash == entry.digest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "it is no entry of a journal"
    if type(entry.n) is not int or type(entry.kind) is not str or type(entry.data) is not dict:
        return "it is no entry of a journal"
    return entry if sound else "it was altered"


def _chained(
    last: Entry | None, recorded: datetime, kind: str, rows: Iterable[dict[str, Any]]
) -> Iterator[Entry]:
    for data in rows:
        number, prev = (last.n + 1, last.head) if last else (1, START)
        blank = Entry(number, prev, recorded, kind, data, "")
        last = Entry(number, prev, recorded, kind, data, blank.digest)
        yield last


def _unsaid(
    told: Iterable[Entry], kind: str, rows: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    said = {content_digest(kind, entry.data) for entry in told if entry.kind == kind}
    for row in rows:
        digest = content_digest(kind, row)
        if digest not in said:
            said.add(digest)
            yield row


def _write(path: Path, whole: Iterable[Entry]) -> None:
    # written whole and renamed: a line is never half there, so no line need ever be taken back
    with aside(path) as hidden, hidden.open("wb") as file:
        file.writelines(entry.line + b"\n" for entry in whole)


def _canonical(fields: Mapping[str, Any]) -> bytes:
    text = json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` as it will be read back.

    Raises
    ------
    InputRefused
        If it is not what JSON can hold and give back unaltered.
    """
    try:
        back = json.loads(_canonical(row))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputRefused(
            f"journal: {kind}: not plain JSON ({error}); write text and numbers"
        ) from None
    if not isinstance(back, dict):
        raise InputRefused(f"journal: {kind}: no names with values")
    return back
