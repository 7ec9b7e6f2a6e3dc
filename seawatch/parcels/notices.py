"""The rows of a text or a sheet, sorted into notices: tables of points, rings, declared facts.

Nothing is computed here. A notice holds what belongs to one parcel or several that share
points; a file may hold several notices.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .coordinates import Axis, Reading, angles, readings, tidy
from .headings import (
    Columns,
    RingColumns,
    bare_points,
    facts,
    is_label,
    joined,
    label_of,
    point_heading,
    ring_heading,
    rings_of,
    split_columns,
)
from .remarks import Remark, fault, notice

Cells = list[str]

_RINGLIKE = re.compile(r"\d\s*[-、~至:/T]\s*\w|^\d+$")


@dataclass(frozen=True)
class Point:
    """A row of a table of points: its two coordinates in the order of its columns.

    set : which of several sets of columns side by side it stands in.
    group : the parcel or ring that the row says it belongs to.
    """

    row: int
    label: str
    first: Reading
    second: Reading
    set: int = 0
    group: tuple[str, str] = ("", "")


@dataclass
class PointTable:
    """Points under one heading.

    axes : what the heading says of the two coordinates.
    said : points and area (ha, as written) that a line above announces.
    """

    row: int
    name: str
    points: list[Point] = field(default_factory=list)
    axes: tuple[Axis | None, Axis | None] = (None, None)
    hint: str | None = None
    said: tuple[int, str] | None = None


@dataclass(frozen=True)
class RingRow:
    """A row of a table of rings; `published` is its area as written, `unit_ha` its unit."""

    row: int
    name: str
    use: str
    rings: list[list[str]]
    text: str
    published: str
    unit_ha: float


@dataclass
class Notice:
    """One notice: its tables, its rings, and what its lines declare."""

    tables: list[PointTable] = field(default_factory=list)
    rings: list[RingRow] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)


def cells_of(line: str) -> Cells:
    """The cells of a line of text, by the strongest separator it has.

    >>> cells_of("1 37°30′15.1″ N, 122°10′20.2″ E")
    ['1', '37°30′15.1″ N', '122°10′20.2″ E']
    >>> cells_of("J1,1,4150000.123,40620000.456")
    ['J1', '1', '4150000.123', '40620000.456']
    """
    for mark in ("\t", "|"):
        if mark in line:
            return [tidy(cell) for cell in line.strip("|").split(mark)]
    text = tidy(line)
    spelt = "°" in text or re.search(r"\d[-:]\d+[-:]\d", text)
    if spelt and (found := angles(text.upper())):
        return _around(text, found)
    for mark in (";", ","):
        # 37,5042 122,1234: the comma is a decimal point and the space parts
        if mark in text and not re.search(r"\d,\d+ +\d+,\d", text):
            return [tidy(cell) for cell in text.split(mark)]
    return joined(text.split())


def _around(text: str, found: list[re.Match[str]]) -> Cells:
    """Angles, and what stands between them."""
    cells, end = [], 0
    for match in found:
        cells += [text[end : match.start()], match[0]]
        end = match.end()
    parts = [tidy(part) for part in (*cells, text[end:])]
    return [part for part in parts if part.strip(" .,;/()、")]


class _Sorter:
    """Rows one after the other, and where each goes."""

    def __init__(self) -> None:
        self.notices = [Notice()]
        self.remarks: list[Remark] = []
        self.columns: Columns | None = None
        self.ring_columns: RingColumns | None = None
        self.table: PointTable | None = None
        self.title = ""
        self.said: tuple[int, str] | None = None
        self.numbered = False  # rows say label, ring, X, Y, as the exchange format of surveys does

    @property
    def notice(self) -> Notice:
        return self.notices[-1]

    def take(self, row: int, cells: Cells) -> None:
        """One row."""
        text = " ".join(cell for cell in cells if cell)
        if not text:
            self._gap()
            return
        if cells[-1].endswith("@"):
            self._announced(cells)
        elif heading := point_heading(cells):
            self._new_table(row, heading)
        elif self.columns and (split := split_columns(self.columns, cells)):
            self.columns = split
        elif rings := ring_heading(cells):
            self.ring_columns, self.table, self.columns = rings, None, None
        elif not self._ring(row, cells) and not self._points(row, cells):
            self._line(row, text)

    def _gap(self) -> None:
        """A blank row parts tables; one that only goes on is put together again later."""
        if self.table and self.table.points:
            old = self.table
            self.table = None
            if self.columns:
                self._new_table(old.row, self.columns)

    def _announced(self, cells: Cells) -> None:
        """A parcel's line in the exchange format: points, area, number, name, …, @."""
        self.numbered, self.columns, self.table = True, None, None
        count = int(cells[0]) if cells[0].isdigit() else 0
        area = cells[1] if len(cells) > 1 else ""
        self.title = next((c for c in (cells[3:4] + cells[2:3]) if c), "")
        self.said = (count, area)

    def _new_table(self, row: int, heading: Columns | None) -> None:
        if self.notice.rings:
            self._next_notice()
        self.columns, self.ring_columns = heading, None
        self.table = PointTable(row, self.title, said=self.said)
        if heading:
            self.table.axes, self.table.hint = heading.axes, heading.hint
        self.title, self.said = "", None
        self.notice.tables.append(self.table)

    def _next_notice(self) -> None:
        """A new notice; lines since the last ring are its own if the first began with lines."""
        led = bool(self.notices[0].facts) and self.notices[0].facts[0]["row"] < (
            self.notices[0].tables[0].row if self.notices[0].tables else 0
        )
        last = self.notice.rings[-1].row
        mine = [f for f in self.notice.facts if led and f["row"] > last]
        self.notice.facts = [f for f in self.notice.facts if f not in mine]
        self.notices.append(Notice(facts=mine))

    def _ring(self, row: int, cells: Cells) -> bool:
        heading = self.ring_columns
        at = heading.at if heading else _ring_places(cells)
        if not at or at["ring"] >= len(cells):
            return False
        text = cells[at["ring"]]
        rings = rings_of(text)
        if rings is None:
            if heading and _RINGLIKE.search(text) and not facts(" ".join(cells)):
                self.remarks.append(fault("ring_unreadable", row=row, text=text))
                return True
            return False

        def cell(name: str) -> str:
            place = at.get(name)
            return cells[place] if place is not None and place < len(cells) else ""

        unit = heading.unit_ha if heading else 1.0
        name = cell("name") or f"{len(self.notice.rings) + 1}"
        self.notice.rings.append(RingRow(row, name, cell("use"), rings, text, cell("area"), unit))
        return True

    def _points(self, row: int, cells: Cells) -> bool:
        if self.columns and self.table:
            found = self._headed(row, cells)
            if found is not None:
                self.table.points += found
                return True
        bare = bare_points(cells)
        labels = [before for before, *_ in bare or []]
        if bare is None or not all(self._labels(before) for before in labels):
            return self._broken(row, cells)
        if self.table is None:
            self._new_table(row, None)
        assert self.table is not None
        for number, (before, first, second) in enumerate(bare):
            label, group = self._labelled(before)
            self.table.points.append(Point(row, label, first, second, number, group))
        return True

    def _labels(self, before: list[str]) -> bool:
        """Whether what stands before two coordinates can be a name and a number."""
        return len(before) <= 3 and (not before or is_label(before[-1]))

    def _labelled(self, before: list[str]) -> tuple[str, tuple[str, str]]:
        if self.numbered and len(before) >= 2:
            return before[-2], ("", before[-1])
        label = before[-1] if before else ""
        return label, (before[0] if len(before) > 1 else "", "")

    def _headed(self, row: int, cells: Cells) -> list[Point] | None:
        """Points of a row under a heading; None where its cells do not stand as headed."""
        assert self.columns is not None
        found = []
        for number, (label, *pair) in enumerate(self.columns.points):
            texts = [" ".join(cells[c] for c in at if c < len(cells)).strip() for at in pair]
            if not any(texts):
                continue
            read = [readings(text) for text in texts]
            if not all(r and len(r) == 1 for r in read):
                return None
            name = label_of(cells[label]) if label is not None else ""
            group = tuple(
                cells[place] if (place := self.columns.others.get(key)) is not None else ""
                for key in ("name", "number")
            )
            first, second = (r[0] for r in read if r)
            found.append(Point(row, name, first, second, number, group))  # type: ignore[arg-type]
        return found or None

    def _broken(self, row: int, cells: Cells) -> bool:
        """A row in the midst of a table whose coordinates cannot be read: no row is lost."""
        if self.table is None or facts(" ".join(cells)):
            return False
        given = [cell for cell in cells if cell]
        numeric = [cell for cell in given if re.search(r"\d", cell)]
        first = label_of(given[0].split()[0])
        alone = self.columns is not None and len(cells) > 2 and len(given) == 1
        if len(numeric) + alone < 2 or not (is_label(first) or readings(given[0])):
            return False
        bad = [c for c in numeric[is_label(first) :] if not readings(c)] or [" ".join(given)]
        self.remarks.append(fault("unreadable", row=row, text=bad[0]))
        return True

    def _line(self, row: int, text: str) -> None:
        if declared := facts(text):
            self.notice.facts.append({"row": row, **declared})
            return
        if angles(text.upper()):
            self.remarks.append(notice("text_ignored", row=row, text=text[:60]))
        elif len(text) <= 40 and not text.startswith("["):
            self.title = text.strip(" :")
        self.table = None if self.columns is None else self.table


def _ring_places(cells: Cells) -> dict[str, int]:
    """Where a row without a heading holds a ring, its name, use and area."""
    rings = [c for c, cell in enumerate(cells) if cell.count("-") >= 3 and rings_of(cell)]
    if not rings:
        return {}
    at = {"ring": rings[0]}
    at |= {"name": 0} if rings[0] else {}
    at |= {"use": 1} if rings[0] > 1 else {}
    after = [c for c in range(rings[0] + 1, len(cells)) if re.fullmatch(r"\d+\.\d+", cells[c])]
    return at | ({"area": after[0]} if after else {})


def sort_rows(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[list[Notice], list[Remark]]:
    """The notices of a file, and what is wrong with rows that could not be read.

    Parameters
    ----------
    rows : number of the row as its reader counts it, and its cells.
    """
    sorter = _Sorter()
    for row, cells in rows:
        sorter.take(row, [tidy(cell) for cell in cells])
    return sorter.notices, sorter.remarks
