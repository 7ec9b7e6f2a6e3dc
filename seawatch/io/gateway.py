"""The door for layers that come from elsewhere: accepted, repaired and told, or refused.

Nothing is changed in silence. Every row that passes is as it was in the file, but for what
its record says; every row that does not is named with its fault, and is left out only when
the operator said that the good rows may go on without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from .. import register
from ..errors import InputRefused
from ..recode import Recoded, recode
from ..tables import Fault, Table
from . import claims, columns, encodings, foreign, records
from .parse._parsed import Parsed
from .placing import Outlines, any_of, drop_twins, mask, mended, place, understood

HARMLESS = ("heights", "closed", "vertices", "turned")
"""Repairs that leave the ground as it is; the others ask for an import, which keeps the record."""
_SHOWN = 30
_STAND_IN = {"Polygon": shapely.box(0, 0, 1, 1), "LineString": shapely.LineString([(0, 0), (1, 1)])}


@dataclass(frozen=True)
class Reading:
    """How the operator says that a file is to be read.

    Attributes
    ----------
    rename : the table's column for each of the file's own names.
    encoding : what its text is in.
    layer : its name in a file of several.
    values : columns or cells the file lacks, one value for all of them.
    crs : what its coordinates are in, where the file does not say or is wrong.
    keep_good : go on with the good rows, leaving out the bad ones by name.
    repair : repairs that touch the ground are wanted; otherwise they are a reason to refuse.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    layer: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    keep_good: bool = False
    repair: bool = False


@dataclass(frozen=True)
class Brought:
    """A checked layer in the project's CRS, and the record of how it came in."""

    frame: gpd.GeoDataFrame
    record: dict[str, Any]


def bring_in(path: Path, table: Table, crs: object, reading: Reading | None = None) -> Brought:
    """One layer, checked against `table` and converted to `crs`.

    Raises
    ------
    InputRefused
        Naming the file, the rows and the cure, everything at once.
    """
    brought = bring_all_in([(path, table, reading or Reading())], crs)[0]
    if isinstance(brought, InputRefused):
        raise brought
    return brought


def bring_all_in(
    asked: Sequence[tuple[Path, Table, Reading]], crs: object
) -> list[Brought | InputRefused]:
    """Several layers, each checked or refused; they share one parsing child."""
    requests = [foreign.Request(path, how.layer, how.encoding) for path, _, how in asked]
    found: list[Brought | InputRefused] = []
    for answer, (path, table, how) in zip(foreign.read_all(requests), asked, strict=True):
        if isinstance(answer, InputRefused):
            found.append(answer)
            continue
        try:
            found.append(_checked(answer, path, table, pyproj.CRS(crs), how))
        except InputRefused as fault:
            found.append(fault)
    return found


def as_it_stands(
    path: Path, *, encoding: str | None = None, layer: str | None = None
) -> gpd.GeoDataFrame:
    """Every feature of a vector file, in the CRS that the file or its format names (or None).

    Raises
    ------
    InputRefused
        If it cannot be read, or a feature of it cannot.
    """
    parsed = foreign.read(foreign.Request(path, layer, encoding)).parsed
    outlines = understood(parsed)
    if outlines.faults:
        raise InputRefused(
            f"{path}: {fault.text(parsed.rows)}" for fault in outlines.faults[:_SHOWN]
        )
    try:
        crs = parsed.crs and claims.settle(parsed.crs, parsed.crs_from, None, np.empty((0, 2))).crs
    except claims.Asked as asked:
        raise InputRefused(f"{path}: {asked}") from None
    frame = pd.DataFrame(parsed.columns, index=range(len(parsed.rows)), dtype=object)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(outlines.shapes, crs=crs), crs=crs)


@dataclass
class _Draft:
    """A layer half way through the door.

    problems : what is wrong with all of it; `faults` : with some of its rows.
    """

    parsed: Parsed
    mapped: columns.Mapped
    cells: pd.DataFrame
    given: dict[str, int]
    recoded: list[Recoded]
    outlines: Outlines
    claim: claims.Claim | None
    problems: list[str]
    faults: list[Fault]


def _checked(
    answer: foreign.Answer, path: Path, table: Table, crs: pyproj.CRS, how: Reading
) -> Brought:
    name, numbers = f"{path} ({table.name})", answer.parsed.rows
    if not numbers:
        raise InputRefused(
            f"{name}: no rows; if the layer is deliberately missing, "
            f"name '{table.name}' in `absent` under [layers]"
        )
    draft = _draft(answer.parsed, table, crs, how)
    frame = _frame(draft, table, crs)
    alone = ~draft.outlines.twins
    typed, at_the_door = table.faults(frame[alone])
    for fault in at_the_door:
        if fault.rows is None:
            draft.problems.append(fault.text())
        else:
            draft.faults.append(_among(fault, alone))
    bad = any_of(draft.faults, len(numbers))
    good = alone & ~bad
    if draft.problems or draft.claim is None or not good.any() or (bad.any() and not how.keep_good):
        raise InputRefused(f"{name}: {problem}" for problem in _said(draft, bad, how))
    passed = {column: values[good[alone]] for column, values in typed.items()}
    checked = table.of(passed, frame.geometry[good])
    record = records.record(
        path=path,
        answer=answer,
        table=table,
        mapped=draft.mapped,
        given=draft.given,
        claim=draft.claim,
        recoded=draft.recoded,
        repairs=[r for r in draft.outlines.repairs if good[r.row] or not alone[r.row]],
        refused=_refused_rows(draft, table),
        notices=_notices(checked, table, np.asarray(numbers)[good]),
        accepted=int(good.sum()),
    )
    return Brought(checked, record)


def _draft(parsed: Parsed, table: Table, crs: pyproj.CRS, how: Reading) -> _Draft:
    """Columns, codes and outlines, with all that is wrong so far."""
    mapped = columns.match(parsed.columns, table, how.rename)
    cells, given, problems = _cells(parsed, mapped, table, how)
    cells, recoded, faults = recode(cells, table.name)
    faults += _garbled(cells)
    outlines = understood(parsed)
    claim = None
    try:
        claim = place(outlines, parsed, how.crs, crs)
    except claims.Asked as asked:
        problems.append(str(asked))
    else:
        sigma = pd.to_numeric(cells["sigma_m"], errors="coerce") if "sigma_m" in cells else None
        mended(outlines, table.geometry, parsed, sigma)
        drop_twins(outlines, parsed.columns)
        if not how.repair:
            _leave_as_found(outlines)
    faults += outlines.faults
    problems = [*mapped.asked, *problems]
    return _Draft(parsed, mapped, cells, given, recoded, outlines, claim, problems, faults)


def _cells(
    parsed: Parsed, mapped: columns.Mapped, table: Table, how: Reading
) -> tuple[pd.DataFrame, dict[str, int], list[str]]:
    """The table's columns as the file has them, blanks filled with what was set."""
    found = {column: parsed.columns[own] for column, (own, _) in mapped.names.items()}
    frame = pd.DataFrame(found, index=range(len(parsed.rows)), dtype=object)
    known = [column.name for column in table.columns]
    given: dict[str, int] = {}
    problems = []
    for column, value in how.values.items():
        if column not in known:
            problems.append(f"no column '{column}' to set; see `seawatch tables {table.name}`")
            continue
        blank = frame.get(column, pd.Series(None, index=frame.index, dtype=object))
        empty = blank.map(lambda v: v is None or v != v or not str(v).strip()).to_numpy(dtype=bool)
        frame[column] = blank.astype(object).where(~empty, value)
        given[column] = int(empty.sum())
    return frame, given, problems


def _leave_as_found(outlines: Outlines) -> None:
    """Repairs that nobody asked for, where a layer is only read, are reasons to refuse it."""
    for what in dict.fromkeys(repair.what for repair in outlines.repairs):
        if what in HARMLESS:
            continue
        rows = [repair.row for repair in outlines.repairs if repair.what == what]
        cure = "; `seawatch layers import` repairs it and keeps the record"
        outlines.blame(rows, cure, f"{records.REPAIRED[what]} in")
    outlines.twins[:] = False


def _frame(draft: _Draft, table: Table, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Cells and shapes; a row refused for its shape goes on with a stand-in, for its cells."""
    shapes = draft.outlines.shapes.copy()
    shapes[draft.outlines.blamed] = _STAND_IN[table.geometry]
    if draft.claim is None:  # where nothing could be placed, only the cells are judged
        shapes[:] = _STAND_IN[table.geometry]
    return gpd.GeoDataFrame(draft.cells, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _garbled(cells: pd.DataFrame) -> list[Fault]:
    """Texts that were saved in a wrong decoding, or hold what no file can keep."""
    faults = []
    for name in cells:
        texts = cells[name]
        odd = {text: encodings.odd(text) for text in set(texts) if isinstance(text, str)}
        for why in sorted(filter(None, set(odd.values()))):
            rows = [row for row, text in enumerate(texts) if odd.get(text) == why]
            shown = [f" ({text[:24]!a})" if isinstance(text, str) else "" for text in texts]
            faults.append(Fault(f"'{name}' {why} in", mask(rows, len(cells)), shown=shown))
    return faults


def _said(draft: _Draft, bad: np.ndarray, how: Reading) -> list[str]:
    """Everything that is wrong, what concerns the whole file first."""
    numbers = draft.parsed.rows
    rows = [fault.text(numbers) for fault in draft.faults]
    said = [*draft.problems, *rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        said.append(f"and {len(rows) - _SHOWN} more faults of rows")
    good = len(numbers) - int(bad.sum())
    if rows and good and how.repair and not draft.problems:
        said.append(f"{good} of {len(numbers)} rows are good; --keep-good imports those alone")
    return said


def _among(fault: Fault, some: np.ndarray) -> Fault:
    """A fault of some of the rows, told of all of them."""
    places = np.flatnonzero(some)
    shown = [""] * len(some)
    for at, one in zip(places, fault.shown, strict=False):
        shown[at] = one
    rows = mask(places[fault.places], len(some))
    return Fault(fault.what, rows, fault.cure, shown if fault.shown else ())


def _refused_rows(draft: _Draft, table: Table) -> list[dict[str, Any]]:
    """Each refused row by its number, its identifier, and every fault it has."""
    numbers = draft.parsed.rows
    key = next((column.name for column in table.columns if column.unique), "")
    why: dict[int, list[str]] = {}
    for fault in draft.faults:
        for row in fault.places:
            why.setdefault(row, []).append(fault.of(row).text(numbers))
    ids = draft.cells.get(key, pd.Series(None, index=draft.cells.index, dtype=object))
    return [
        {"row": numbers[row], "id": None if ids[row] is None else str(ids[row]), "why": said}
        for row, said in sorted(why.items())
    ]


def _notices(checked: gpd.GeoDataFrame, table: Table, numbers: np.ndarray) -> list[dict[str, Any]]:
    if table.name != "permits":
        return []
    said = []
    for notice in register.notices(checked):
        for row, more in zip(notice.rows, notice.numbers, strict=True):
            if "other" in more:
                more = {**more, "other": int(numbers[more["other"]])}
            said.append({"what": notice.what, "row": int(numbers[row]), **more})
    return said
