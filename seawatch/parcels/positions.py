"""Where the points of a table lie.

Which column is north, how its numbers are written, in which zone: what the table does not
say is told by its values where they leave no doubt, and asked where they do.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj

from ..geo import gauss_kruger
from .coordinates import Axis, Reading, unpacked, written
from .notices import Point, PointTable
from .remarks import Remark, assumed, fault, notice

DEGREE_M = 111_320.0
"""One degree of latitude, or of longitude on the equator, m; for the worth of a digit."""

_CHANCE = 14  # distinct seconds below 60: of decimal degrees 0.6^14, less than one in a thousand


@dataclass(frozen=True)
class Given:
    """What a notice, or the person who asks, says of its points.

    Attributes
    ----------
    crs : the datum's geographic CRS.
    meridian : degrees east, of plane coordinates without a zone and of the areas.
    notation : packed or decimal.
    declared : whether the meridian stands in the file: then a zone must agree with it.
    """

    crs: str
    meridian: float | None = None
    notation: str | None = None
    declared: bool = False


@dataclass(frozen=True)
class Position:
    """A point on earth: degrees, and what its last digit is worth north and east, m."""

    point: Point
    north: float
    east: float
    step_north_m: float
    step_east_m: float


def positions(table: PointTable, given: Given) -> tuple[list[Position], list[Remark]]:
    """Every point of a table in degrees of the given datum, and what there is to say of it.

    With a fault among the remarks there are no positions.
    """
    faults = [
        fault("sixty", row=p.row, text=r.text)
        for p in table.points
        for r in (p.first, p.second)
        if r.fault
    ]
    faults += _mixed(table)
    if faults:
        return [], faults
    pairs, remarks = _in_degrees(table, given)
    if pairs is None:
        return [], remarks
    first, second = (np.array([r.value for r in side]) for side in pairs)
    turned, said = _north_second(table, first, second)
    remarks += said
    if turned is None:
        return [], remarks
    north, east = pairs[::-1] if turned else pairs
    if not north[0].angle and abs(north[0].value) >= 1000:
        return _off_plane(table, north, east, given, remarks)
    return _checked(table, north, east, remarks)


def _kind(reading: Reading) -> str:
    if reading.angle:
        return "angle"
    return "plane" if abs(reading.value) >= 1000 else "degrees"


def _mixed(table: PointTable) -> list[Remark]:
    """Rows spelt otherwise than most of their table."""
    kinds = [{_kind(p.first), _kind(p.second)} for p in table.points]
    usual = Counter(kind for both in kinds for kind in both).most_common(1)[0][0]
    return [
        fault("mixed", row=p.row, text=f"{p.first.text} {p.second.text}")
        for p, both in zip(table.points, kinds, strict=True)
        if both != {usual}
    ]


def _in_degrees(
    table: PointTable, given: Given
) -> tuple[tuple[list[Reading], list[Reading]] | None, list[Remark]]:
    """Both columns, bare numbers read as packed or decimal degrees."""
    pair = [p.first for p in table.points], [p.second for p in table.points]
    if _kind(pair[0][0]) != "degrees":
        return pair, []
    packed = [[unpacked(r) for r in side] for side in pair]
    notation, why = _notation(table, packed, given.notation)
    if notation is None:
        one = pair[0][0]
        readings = {
            "decimal": written(one.value),
            "packed": written(packed[0][0].value if packed[0][0] else 0),
        }
        return None, [fault("notation", row=table.points[0].row, text=one.text, **readings)]
    said = [assumed(notation, row=table.points[0].row, why=why)]
    if notation == "decimal":
        return pair, said
    if any(r is None for side in packed for r in side):
        bad = next(r for side in pair for r in side if unpacked(r) is None)
        return None, [fault("sixty", row=table.points[0].row, text=bad.text)]
    first, second = ([r for r in side if r] for side in packed)
    return (first, second), said


def _notation(
    table: PointTable, packed: list[list[Reading | None]], given: str | None
) -> tuple[str | None, str]:
    if given:
        return given, "--notation"
    if any(r is None for side in packed for r in side):
        return "decimal", "≥ 60"
    if table.hint:
        return table.hint, "heading"
    for values in ([p.first.value for p in table.points], [p.second.value for p in table.points]):
        seconds = {int(abs(v) * 1e4 + 1e-6) % 100 for v in values}
        # three whole turns of the seconds, and never one of sixty or more
        if np.ptp(values) >= 0.03 and len(seconds) >= _CHANCE:
            return "packed", "< 60"
    return None, ""


def _north_second(
    table: PointTable, first: np.ndarray, second: np.ndarray
) -> tuple[bool | None, list[Remark]]:
    """Whether the second column is north; None where it cannot be told."""
    row = table.points[0].row
    said = _said(table)
    turns = {"north": (False, True), "east": (True, False)}
    votes = {turns[axis][side] for side, axis in enumerate(said) if axis in turns}
    told = votes.pop() if len(votes) == 1 else None
    by_values = _by_values(first, second)
    if told is not None and by_values in (None, told):
        return told, []
    if told is not None:
        return by_values, [assumed("headings_wrong", row=row)]
    if by_values is None:
        return None, [fault("order", row=row)]
    if said == ("x", "y") and not by_values and abs(first[0]) >= 1000:
        return False, []  # X is north on every Chinese plane
    first_is = "东经/Y (east)" if by_values else "北纬/X (north)"
    return by_values, [assumed("order_by_values", row=row, first=first_is)]


def _said(table: PointTable) -> tuple[Axis | None, Axis | None]:
    """What letters, or else the heading, say of either column.

    A letter counts where every row has it, or where it turns the sign (S, W): one row's
    letter may be the point's name.
    """

    def told(column: list[Reading], by_heading: Axis | None) -> Axis | None:
        letters = {
            r.axis for r in column if r.axis and (r.value < 0 or all(c.axis for c in column))
        }
        return letters.pop() if len(letters) == 1 else None if letters else by_heading

    first, second = table.axes
    return (
        told([p.first for p in table.points], first),
        told([p.second for p in table.points], second),
    )


def _by_values(first: np.ndarray, second: np.ndarray) -> bool | None:
    """The same from the values alone, where they leave no doubt.

    China's coasts lie at 3-55° north and 73-136° east; its northings have seven digits, its
    eastings six, or eight with a zone.
    """

    def fits(north: np.ndarray, east: np.ndarray) -> bool:
        if np.abs(north).max() < 1000:
            by_place = (north >= 3) & (north <= 55) & (east >= 73) & (east <= 136)
            return bool(by_place.all()) or bool((np.abs(east) > 90).all())
        zoned = (east >= 13e6) & (east < 46e6)
        return bool(((north >= 1e6) & (north < 1e7) & ((east < 1e6) | zoned)).all())

    straight, turned = fits(first, second), fits(second, first)
    return None if straight == turned else turned


def _checked(
    table: PointTable, north: list[Reading], east: list[Reading], remarks: list[Remark]
) -> tuple[list[Position], list[Remark]]:
    bad = [
        fault("out_of_range", row=p.row, north=n.value, east=e.value)
        for p, n, e in zip(table.points, north, east, strict=True)
        if abs(n.value) > 90 or abs(e.value) > 180
    ]
    if bad:
        return [], remarks + bad
    # a spreadsheet drops noughts at the end: the finest digit of the column is its step
    steps = [min(r.step for r in side) * DEGREE_M for side in (north, east)]
    found = [
        Position(p, n.value, e.value, steps[0], steps[1] * float(np.cos(np.radians(n.value))))
        for p, n, e in zip(table.points, north, east, strict=True)
    ]
    return found, remarks


def _off_plane(
    table: PointTable,
    north: list[Reading],
    east: list[Reading],
    given: Given,
    remarks: list[Remark],
) -> tuple[list[Position], list[Remark]]:
    """Metres of a Gauss-Krüger plane turned into degrees."""
    x, y = (np.array([r.value for r in side]) for side in (north, east))
    zones = np.where(y >= 13e6, y // 1e6, 0).astype(int)
    meridians, said = _meridians(table.points[0].row, zones, given)
    remarks += said
    if meridians is None:
        return [], remarks
    places = []
    for one in np.unique(meridians):
        rows = meridians == one
        plane = pyproj.Transformer.from_crs(
            gauss_kruger(given.crs, float(one)), given.crs, always_xy=True
        )
        degrees = np.column_stack(plane.transform(y[rows] - zones[rows] * 1e6, x[rows]))
        places += list(zip(np.flatnonzero(rows), degrees, strict=True))
    step = min(r.step for r in (*north, *east))
    found = [
        Position(table.points[row], float(place[1]), float(place[0]), step, step)
        for row, place in sorted(places, key=lambda pair: pair[0])
    ]
    return found, remarks


def _meridians(row: int, zones: np.ndarray, given: Given) -> tuple[np.ndarray | None, list[Remark]]:
    """The central meridian of each easting, degrees."""
    if not zones.all():
        if zones.any() or given.meridian is None:
            return None, [fault("no_zone", row=row)]
        said = assumed("false_easting", meridian=given.meridian)
        return np.full(len(zones), given.meridian), [said]
    remarks: list[Remark] = []
    by_zone: dict[int, float] = {}
    for zone in map(int, np.unique(zones)):
        width = 6 if zone < 24 else 3  # of China's zones 13-23 are six degrees wide, 24-45 three
        by_zone[zone] = 6.0 * zone - 3 if width == 6 else 3.0 * zone
        remarks.append(assumed("zone", zone=zone, width=width, meridian=by_zone[zone]))
    if given.declared and given.meridian is not None and len(by_zone) == 1:
        zone, meridian = next(iter(by_zone.items()))
        if meridian != given.meridian:
            values: dict[str, Any] = {"by_zone": meridian, "meridian": given.meridian}
            return None, [fault("zone_contradicts", zone=zone, **values)]
    if len(by_zone) > 1:
        remarks.append(notice("two_zones", zones=", ".join(map(str, by_zone))))
    return np.array([by_zone[int(zone)] for zone in zones]), remarks


def with_notation(given: Given, notation: str) -> Given:
    """The same, its bare degrees read one way."""
    return replace(given, notation=notation)
