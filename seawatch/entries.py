"""Where the entries of the shoreline ledger lie on the official line.

An entry names a segment and metres along it, or is drawn along the line itself; either way
it becomes stretches of segments, or a fault that says why it lies nowhere.
"""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .baseline import Baseline, around, baseline_of, drawn, locate, merged, stretches
from .tables import SHORELINE

SNAP_M = 1.0
"""A drawn entry lies on the line if no point of it is farther off than this."""

_STEP_M = 5.0  # between points of a drawn entry that are looked at
_PLACE = ["entry_id", "baseline", "segment_id", "coast", "from_m", "to_m"]

Place = dict[str, Any]  # the columns of _PLACE
Fault = dict[str, Any]  # entry_id, why (a word of `maps.words`), numbers


def lines_of(coastline: gpd.GeoDataFrame) -> dict[str, Baseline]:
    """The line of each survey by its name, the newest first."""
    newest = coastline.groupby("baseline").surveyed.max().reset_index()
    order = newest.sort_values(["surveyed", "baseline"], ascending=[False, True]).baseline
    return {name: baseline_of(coastline[coastline.baseline == name]) for name in order}


def placed(
    entries: gpd.GeoDataFrame, lines: dict[str, Baseline]
) -> tuple[pd.DataFrame, list[Fault]]:
    """The stretches of every entry, and the entries that lie nowhere.

    Returns
    -------
    stretches : `entry_id`, `baseline`, `segment_id`, `coast` (its kind), `from_m`, `to_m`;
        none overlaps another of its entry.
    faults : `entry_id`, `why`, `numbers`.
    """
    found: list[Place] = []
    faults: list[Fault] = []
    for entry in entries.itertuples():
        try:
            names = [entry.baseline] if entry.baseline else list(lines)
            by_number = entry.segment_id is not None
            found += (_by_number if by_number else _by_shape)(entry, names, lines)
        except _NowhereError as nowhere:
            faults.append(
                {"entry_id": entry.entry_id, "why": nowhere.why, "numbers": nowhere.numbers}
            )
    return pd.DataFrame(found, columns=_PLACE), faults


class _NowhereError(Exception):
    """Why one entry lies nowhere; caught by `placed`."""

    def __init__(self, why: str, **numbers: Any):
        self.why, self.numbers = why, numbers
        super().__init__(why)


def _by_number(entry: Any, names: list[str], lines: dict[str, Baseline]) -> list[Place]:
    for name in names:
        if name not in lines:
            continue
        line = lines[name]
        rows = np.flatnonzero(line.segments.segment_id == entry.segment_id)
        if not len(rows):
            continue
        row = int(rows[0])
        length = float(line.lengths_m.iloc[row])
        start = 0.0 if entry.from_m != entry.from_m else entry.from_m
        stop = length if entry.to_m != entry.to_m else entry.to_m
        # a printed length is rounded; what is past it by more was measured on another line
        if not 0 <= start < stop <= length + 0.01:
            raise _NowhereError(
                "outside", segment_id=entry.segment_id, from_m=start, to_m=stop, length_m=length
            )
        stop = min(stop, length)
        shape = getattr(entry, "geometry", None)
        if shape is not None:  # it says twice where it lies
            away = shapely.hausdorff_distance(shape, drawn(line, row, start, stop))
            if away > SNAP_M:
                raise _NowhereError("disagree", segment_id=entry.segment_id, distance_m=away)
        return [_named(entry, name, line, row, start, stop)]
    raise _NowhereError("no_segment", segment_id=entry.segment_id)


def _by_shape(entry: Any, names: list[str], lines: dict[str, Baseline]) -> list[Place]:
    reason = _NowhereError("off_line", distance_m=float("inf"))
    for name in names:
        if name not in lines:
            continue
        try:
            spans = [_span(lines[name], part) for part in shapely.get_parts(entry.geometry)]
        except _NowhereError as nowhere:
            # of several surveys, the one that came nearest says what is wrong
            reason = min(
                reason, nowhere, key=lambda n: (n.why == "off_line", n.numbers["distance_m"])
            )
            continue
        ends = np.array([end for span in spans for end in span])
        held = merged(stretches(lines[name], ends[:, 0], ends[:, 1]).assign(row=0))
        rows = zip(held.segment, held.from_m, held.to_m, strict=True)
        return [_named(entry, name, lines[name], *row) for row in rows]
    raise reason


def _span(line: Baseline, part: shapely.Geometry) -> list[tuple[float, float]]:
    """One line of an entry on the axis.

    Two spans where it runs over the place at which an island's ring begins.
    """
    points = shapely.get_coordinates(shapely.segmentize(part, _STEP_M))
    at = locate(line, points)
    away = float(at.distance_m.max())
    if away > SNAP_M:
        raise _NowhereError("off_line", distance_m=away)
    count = at.groupby("chain").point.nunique()
    whole = count.index[count == len(points)]
    if not len(whole):
        raise _NowhereError("two_chains", distance_m=away)
    chain = int(whole[0])
    along = at.axis_m[at.chain == chain].to_numpy()
    spans = [(float(along.min()), float(along.max()))]
    if line.rings[chain]:
        ends = around(along, *line.chain_span(chain))
        spans = list(zip(ends.start_m, ends.stop_m, strict=True))
    held = sum(stop - start for start, stop in spans)
    if abs(held - part.length) > 2 * SNAP_M + 0.01 * part.length:
        raise _NowhereError("shortcut", distance_m=away, drawn_m=part.length, line_m=held)
    return spans


def _named(entry: Any, name: str, line: Baseline, row: int, from_m: float, to_m: float) -> Place:
    segment, kind = line.segments.segment_id.iloc[row], line.segments.kind.iloc[row]
    return dict(zip(_PLACE, (entry.entry_id, name, segment, kind, from_m, to_m), strict=True))


def proposed(flags: gpd.GeoDataFrame, coastline: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Entries for the stretches that flags of occupied coast name, for a person to complete.

    Returns
    -------
    The shoreline table; each project is the flag's own number until somebody knows it.
    """
    rows = [
        {
            "entry_id": f"{flag.flag_id}-{number}",
            "kind": "occupied",
            "date": flag.after.tz_convert(None).normalize(),
            "project": flag.flag_id,
            "owner": flag.owner,
            "reference": flag.flag_id,
            "baseline": numbers["baseline"],
            "note": flag.reason,
            **stretch,
        }
        for flag in flags.itertuples()
        for numbers in [json.loads(flag.numbers)]
        for number, stretch in enumerate(numbers.get("stretches", []), 1)
    ]
    if not rows:
        return SHORELINE.empty(coastline.crs)
    table = pd.DataFrame(rows)
    shapes = shapes_of(table, lines_of(coastline))
    return SHORELINE.check(gpd.GeoDataFrame(table, geometry=shapes)[shapes.notna()])


def shapes_of(entries: pd.DataFrame, lines: dict[str, Baseline]) -> gpd.GeoSeries:
    """The line of each entry that names a segment; None where it lies nowhere on it."""
    shapes: list[shapely.Geometry | None] = []
    for entry in entries.itertuples():
        names = [entry.baseline] if entry.baseline else list(lines)
        try:
            place = _by_number(entry, names, lines)[0]
        except _NowhereError:
            shapes.append(None)
            continue
        line = lines[place["baseline"]]
        row = int(np.flatnonzero(line.segments.segment_id == place["segment_id"])[0])
        shapes.append(drawn(line, row, place["from_m"], place["to_m"]))
    crs = next(iter(lines.values())).segments.crs
    return gpd.GeoSeries(shapes, index=entries.index, crs=crs)
