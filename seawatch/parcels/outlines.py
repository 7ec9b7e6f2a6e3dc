"""The outlines that a notice's points make: rings a table names, or the points in their order.

Where there is no table of rings, a ring ends where its first point comes again, or where
the numbers begin anew. Nothing is mended: an outline that crosses itself, or names a point
that is not there, is a fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .corners import nested
from .notices import Notice, PointTable, RingRow
from .positions import DEGREE_M, Given, Position, positions
from .remarks import Remark, assumed, fault, notice

_SAME_DEGREES = 1e-10  # a hundredth of a millimetre: the same written point


@dataclass(frozen=True)
class Ring:
    """One outline before it is measured.

    Attributes
    ----------
    notice : 1, 2 …
    published, unit_ha : area as it is written, and one unit of it in hectares.
    steps : what the last digit of its corners is worth, north and east, m.
    """

    notice: int
    name: str
    use: str
    text: str
    published: str
    unit_ha: float
    shape: shapely.Geometry
    points: int
    steps: tuple[float, float]


def drawn(number: int, one: Notice, given: Given) -> tuple[list[Ring], list[Remark]]:
    """Every ring of a notice, and what there is to say of it."""
    tables, said = [], []
    for table in _continued(one.tables):
        placed, remarks = positions(table, given) if table.points else ([], [])
        tables.append((table, placed))
        said += remarks
    if one.rings:
        rings, remarks = _named_rings(number, one.rings, [p for _, ps in tables for p in ps])
    else:
        rings, remarks = _ordered_rings(number, tables)
    return rings, said + remarks


def _continued(tables: Sequence[PointTable]) -> list[PointTable]:
    """Tables whose numbers go on where the last one's ended put together: a page ended there."""
    joined: list[PointTable] = []
    for table in tables:
        last = joined[-1].points[-1].label if joined and joined[-1].points else ""
        first = table.points[0].label if table.points else ""
        if last.isdigit() and first.isdigit() and int(first) == int(last) + 1:
            joined[-1].points += table.points
        elif table.points:
            joined.append(table)
    return joined


# rings that a table names


def _key(label: str) -> str:
    """J1, 界址点1 and 1 are one point."""
    return label.lstrip("界址拐角点J#-_") or label


def _named_rings(
    number: int, rows: list[RingRow], placed: list[Position]
) -> tuple[list[Ring], list[Remark]]:
    known: dict[str, Position] = {}
    said: list[Remark] = []
    for place in placed:
        key = _key(place.point.label)
        if key not in known:
            known[key] = place
        elif not _same(known[key], place):
            other = known[key].point.row
            values = {"label": place.point.label, "other": other}
            said.append(fault("label_twice", row=place.point.row, **values))
    rings, used = [], set()
    for row in rows:
        ring, remarks = _named_ring(number, row, known)
        said += remarks
        used |= {_key(label) for labels in row.rings for label in labels}
        rings += [ring] if ring else []
    unused = [p.point.label for key, p in known.items() if key not in used]
    if unused and all(".." not in labels for row in rows for labels in row.rings):
        said.append(notice("unused_points", labels=", ".join(unused)))
    return rings, said


def _named_ring(
    number: int, row: RingRow, known: dict[str, Position]
) -> tuple[Ring | None, list[Remark]]:
    said: list[Remark] = []
    outlines = []
    for labels in row.rings:
        full, remarks = _filled(labels, row.name)
        said += remarks
        missing = [label for label in dict.fromkeys(full) if _key(label) not in known]
        if missing:
            said.append(
                fault("no_such_point", row=row.row, name=row.name, labels=", ".join(missing))
            )
            continue
        if _key(full[0]) != _key(full[-1]):
            said.append(assumed("closed", name=row.name))
        outlines.append([known[_key(label)] for label in full])
    if len(outlines) < len(row.rings):
        return None, said
    return _outlined(
        number, row.name, row.use, row.text, row.published, row.unit_ha, outlines, said
    )


def _filled(labels: list[str], name: str) -> tuple[list[str], list[Remark]]:
    """A ring's labels with `1-2-…-10` written out."""
    full: list[str] = []
    said: list[Remark] = []
    for place, label in enumerate(labels):
        if label != "..":
            full.append(label)
            continue
        ends = [*labels[place - 1 : place], *labels[place + 1 : place + 2]]
        keys = [_key(end) for end in ends]
        if len(ends) == 2 and all(key.isdigit() for key in keys):
            start, end = map(int, keys)
            step = 1 if end > start else -1
            full += [str(n) for n in range(start + step, end, step)]
            said.append(assumed("ellipsis", name=name, start=ends[0], end=ends[1]))
        else:
            full.append(label)  # no point is called so: it will be missed
    return full, said


# rings by the order of points


def _ordered_rings(
    number: int, tables: list[tuple[PointTable, list[Position]]]
) -> tuple[list[Ring], list[Remark]]:
    rings: list[Ring] = []
    said: list[Remark] = []
    for table, placed in tables:
        for name, outlines in _grouped(table, placed):
            called = name or table.name or f"{len(rings) + 1}"
            published = table.said[1] if table.said and not name else ""
            text = "; ".join(_spelt(outline) for outline in outlines)
            ring, remarks = _outlined(number, called, "", text, published, 1.0, outlines, [])
            said += [*remarks, assumed("one_ring", name=called), *_skipped(outlines)]
            rings += [ring] if ring else []
            count = sum(len(outline) for outline in outlines)
            if table.said and table.said[0] not in (0, count):
                said.append(fault("count_off", name=called, said=table.said[0], found=count))
    return rings, said


def _spelt(outline: list[Position]) -> str:
    labels = [p.point.label or str(n) for n, p in enumerate(outline, 1)]
    return "-".join(labels if _same(outline[0], outline[-1]) else [*labels, labels[0]])


def _skipped(outlines: list[list[Position]]) -> Iterator[Remark]:
    """Numbers that the table leaves out: a row may have been lost."""
    for outline in outlines:
        keys = [_key(p.point.label) for p in outline]
        numbers = {int(key) for key in keys if key.isdigit()}
        lost = set(range(min(numbers), max(numbers))) - numbers if numbers else set()
        if 0 < len(lost) <= len(numbers):
            yield notice("missing_labels", labels=", ".join(map(str, sorted(lost))))


def _grouped(
    table: PointTable, placed: list[Position]
) -> Iterator[tuple[str, list[list[Position]]]]:
    """Parcels of a table, each with its outlines, in the order of points."""
    groups: dict[str, dict[str, list[Position]]] = {}
    for place in _in_order(placed):
        name, ring = place.point.group
        groups.setdefault(name, {}).setdefault(ring, []).append(place)
    for name, rings in groups.items():
        outlines = [o for ring in rings.values() for o in _closed_parts(ring)]
        numbered = len(rings) > 1 or any(rings)
        for parcel in [outlines] if numbered else _with_holes(outlines):
            yield name, parcel


def _in_order(placed: list[Position]) -> list[Position]:
    """Points of sets of columns side by side: down each set, unless numbers run across."""
    if not any(p.point.set for p in placed):
        return placed
    numbers = [int(k) for p in placed if (k := _key(p.point.label)).isdigit()]
    if len(numbers) == len(placed) and numbers == sorted(numbers):
        return placed
    return sorted(placed, key=lambda p: (p.point.set, p.point.row))


def _closed_parts(placed: list[Position]) -> Iterator[list[Position]]:
    """Outlines that follow each other: each ends where its first point comes again."""
    start = 0
    for end in range(1, len(placed)):
        restart = placed[end].point.label and placed[end].point.label == placed[start].point.label
        if end - start >= 3 and _same(placed[start], placed[end]):
            yield placed[start : end + 1]
            start = end + 1
        elif restart and end > start and not _same(placed[start], placed[end]):
            yield placed[start:end]
            start = end
    if start < len(placed):
        yield placed[start:]


def _with_holes(outlines: list[list[Position]]) -> list[list[list[Position]]]:
    """Outlines put together where one lies in another; each else its own parcel."""
    parcels: list[list[list[Position]]] = []
    for outline in outlines:
        inside = parcels and len(outline) >= 3 and len(parcels[-1][0]) >= 3
        if inside and _polygon(parcels[-1][0]).contains(_polygon(outline)):
            parcels[-1].append(outline)
        else:
            parcels.append([outline])
    return parcels


# outlines


def _same(one: Position, other: Position) -> bool:
    return abs(one.north - other.north) + abs(one.east - other.east) <= _SAME_DEGREES


def _polygon(outline: list[Position]) -> shapely.Polygon:
    return shapely.Polygon([(p.east, p.north) for p in outline])


def _outlined(
    number: int,
    name: str,
    use: str,
    text: str,
    published: str,
    unit: float,
    outlines: list[list[Position]],
    said: list[Remark],
) -> tuple[Ring | None, list[Remark]]:
    """One ring of the table as a polygon, or what is wrong with it."""
    cleaned = []
    for outline in outlines:
        kept = [p for n, p in enumerate(outline) if n == 0 or not _same(p, outline[n - 1])]
        repeated = [p.point.label for n, p in enumerate(outline) if n and _same(p, outline[n - 1])]
        if repeated:
            said.append(notice("repeated_points", name=name, labels=", ".join(repeated)))
        kept = kept[:-1] if len(kept) > 1 and _same(kept[0], kept[-1]) else kept
        if len(kept) < 3:
            return None, [*said, fault("few_points", name=name, points=len(kept))]
        cleaned.append(kept)
    said += _far(cleaned)
    shape, remarks = _assembled(name, [_polygon(outline) for outline in cleaned])
    said += remarks
    if shape is None:
        return None, said
    points = [p for outline in cleaned for p in outline]
    steps = points[0].step_north_m, points[0].step_east_m
    ring = Ring(number, name, use, text, published, unit, shape, len(points), steps)
    return ring, said


def _far(outlines: list[list[Position]]) -> Iterator[Remark]:
    """Points that lie far from all others: one digit wrong moves a point by a kilometre."""
    points = [p for outline in outlines for p in outline]
    place = np.array([(p.east * np.cos(np.radians(p.north)), p.north) for p in points]) * DEGREE_M
    away = np.hypot(*(place - np.median(place, axis=0)).T)
    for row in np.flatnonzero((away > 20 * np.median(away)) & (away > 1000)):
        one = points[row].point
        yield notice("far_point", row=one.row, label=one.label, km=away[row] / 1000)


def _assembled(
    name: str, outlines: list[shapely.Polygon]
) -> tuple[shapely.Geometry | None, list[Remark]]:
    """Outlines as one shape: one inside another is its hole, one beside it a part."""
    for outline in outlines:
        west, _, east, _ = outline.bounds
        if east - west > 180:
            return None, [fault("antimeridian", name=name)]
        if not outline.is_valid:
            where = shapely.is_valid_reason(outline)
            return None, [fault("crosses", name=name, where=where)]
    shape = nested(outlines)
    holes = any(part.interiors for part in shapely.get_parts(shape))
    if not shape.is_valid:
        return None, [fault("crosses", name=name, where=shapely.is_valid_reason(shape))]
    return shape, [assumed("hole", name=name)] if holes else []
