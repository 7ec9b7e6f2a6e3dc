"""Where a sheet of rows says where things are: a column of WKT, or two of coordinates."""

import re
import struct
from typing import Any

from ._parsed import Parsed, Refused

_WKT = ("wkt", "geometry", "geom", "the_geom", "shape", "几何", "图形", "wkt_geom")
_LON = ("lon", "lng", "longitude", "经度", "东经")
_LAT = ("lat", "latitude", "纬度", "北纬")
_XY = (("x", "y"), ("x坐标", "y坐标"), ("x_m", "y_m"))
_EAST = ("east", "easting", "东坐标", "横坐标")
_NORTH = ("north", "northing", "北坐标", "纵坐标")
_SRID = re.compile(r"^\s*SRID\s*=\s*(\d+)\s*;", re.I)


def place(parsed: Parsed) -> None:
    """Take the geometry out of the columns of `parsed`.

    Raises
    ------
    Refused
        If there is none.
    """
    names = {name.strip().lower(): name for name in parsed.columns}
    wkt = _first(names, _WKT)
    if wkt is not None:
        _from_wkt(parsed, wkt)
        return
    lon, lat = _first(names, _LON), _first(names, _LAT)
    if lon and lat:
        parsed.crs_from = "its columns of longitude and latitude"
        _points(parsed, lon, lat, swap=False)
        return
    east, north = _first(names, _EAST), _first(names, _NORTH)
    if east and north:
        _points(parsed, east, north, swap=False)
        return
    for first, second in _XY:
        if first in names and second in names:
            _points(parsed, names[first], names[second], swap=None)
            return
    raise Refused(
        "no geometry: give it a column 'wkt', or 'lon' and 'lat'; a table of numbered corner "
        "points (界址点) is read by `seawatch parcel`"
    )


def _first(names: dict[str, str], known: tuple[str, ...]) -> str | None:
    return next((names[name] for name in known if name in names), None)


def _from_wkt(parsed: Parsed, name: str) -> None:
    import shapely

    texts = [None if v is None else str(v) for v in parsed.columns.pop(name)]
    marks = {m[1] for text in texts if text and (m := _SRID.match(text))}
    if len(marks) > 1:
        raise Refused(f"its WKT names several CRSs (SRID {', '.join(sorted(marks))}); split it")
    if marks:
        parsed.crs, parsed.crs_from = f"EPSG:{marks.pop()}", "its WKT's SRID"
    texts = [text and _SRID.sub("", text) for text in texts]
    for number, text in zip(parsed.rows, texts, strict=True):
        shape = shapely.from_wkt(text, on_invalid="ignore") if text and text.strip() else None
        if shape is None and text and text.strip():
            parsed.faults[number] = f"'{name}' is no WKT ({text.strip()[:30]!r})"
        empty = shape is None or shape.is_empty
        parsed.shapes.append(None if empty else shapely.to_wkb(shape))


def _points(parsed: Parsed, first: str, second: str, *, swap: bool | None) -> None:
    """Points of two columns; X is north in a surveyor's table, and numbers tell which it is."""
    xs, ys = parsed.columns.pop(first), parsed.columns.pop(second)
    pairs = [(_number(x), _number(y)) for x, y in zip(xs, ys, strict=True)]
    if swap is None:
        known = [(x, y) for x, y in pairs if x is not None and y is not None]
        swap = bool(known) and all(_northing(x) and not _northing(y) for x, y in known)
        if swap:
            parsed.notes.append(
                f"'{first}' holds northings and '{second}' eastings, as surveyors do"
            )
    for x, y in pairs:
        if x is None or y is None:
            parsed.shapes.append(None)
            continue
        parsed.shapes.append(struct.pack("<BIdd", 1, 1, *((y, x) if swap else (x, y))))


def _northing(metres: float) -> bool:
    return 1_500_000 < metres < 6_500_000


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
