"""Well-known binary from coordinates as they stand: nothing is closed, cut or put right."""

import struct
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

_CODES = {
    "Point": 1,
    "LineString": 2,
    "Polygon": 3,
    "MultiPoint": 4,
    "MultiLineString": 5,
    "MultiPolygon": 6,
    "GeometryCollection": 7,
}
_PARTS = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_Z = 0x80000000


class NotUnderstood(ValueError):
    """A geometry that is none."""


def wkb(geometry: Any) -> bytes | None:
    """A GeoJSON-like geometry as WKB; None where there is none or it is empty.

    Raises
    ------
    NotUnderstood
        If it is not built as its type says.
    """
    if geometry is None:
        return None
    try:
        kind = geometry["type"]
        if kind == "GeometryCollection":
            parts = [part for g in geometry["geometries"] if (part := wkb(g)) is not None]
            return struct.pack("<BII", 1, 7, len(parts)) + b"".join(parts) if parts else None
        if kind not in _CODES:
            raise NotUnderstood(f"'{kind}' is no kind of geometry")
        coordinates = geometry["coordinates"]
        if not isinstance(coordinates, Sequence) or isinstance(coordinates, str):
            raise NotUnderstood(f"the coordinates of a {kind} are no list")
        return _simple(kind, coordinates) if coordinates else None
    except (TypeError, KeyError, ValueError, RecursionError, OverflowError, struct.error) as error:
        if isinstance(error, NotUnderstood):
            raise
        raise NotUnderstood("its coordinates are not built as its type says") from None


def _simple(kind: str, coordinates: Sequence[Any]) -> bytes:
    if kind in _PARTS:
        parts = [_simple(_PARTS[kind], part) for part in coordinates]
        return struct.pack("<BII", 1, _CODES[kind], len(parts)) + b"".join(parts)
    if kind == "Point":
        width, body = _points([coordinates])
    elif kind == "LineString":
        width, body = _points(coordinates)
        body = struct.pack("<I", len(coordinates)) + body
    else:
        rings = [_points(ring) for ring in coordinates]
        width = min((w for w, _ in rings), default=2)
        if any(w != width for w, _ in rings):
            rings = [_points([point[:2] for point in ring]) for ring in coordinates]
            width = 2
        counts = (struct.pack("<I", len(ring)) for ring in coordinates)
        pieces = zip(counts, (body for _, body in rings), strict=True)
        body = struct.pack("<I", len(rings)) + b"".join(chain.from_iterable(pieces))
    return struct.pack("<BI", 1, _CODES[kind] | (_Z if width == 3 else 0)) + body


def _points(points: Sequence[Sequence[float]]) -> tuple[int, bytes]:
    """2 or 3, and the numbers; a third number that only some have is left out."""
    widths = {len(point) for point in points}
    if min(widths, default=2) < 2 or max(widths, default=2) > 4:
        raise NotUnderstood("a vertex has no two coordinates")
    width = 3 if widths and min(widths) >= 3 else 2
    flat: Iterable[float] = chain.from_iterable(points)
    if widths - {width}:
        flat = chain.from_iterable(point[:width] for point in points)
    numbers = list(flat)
    if any(type(n) is bool for n in numbers):
        raise NotUnderstood("a coordinate is no number")
    return width, array("d", numbers).tobytes()


_DEEPEST = 8


def checked(shape: object) -> bytes | None:
    """`shape`, if it is well-known binary of points, lines and areas, whole and no more.

    Raises
    ------
    NotUnderstood
        If it is cut short, claims more than it holds, or is a curve.
    """
    if shape is None:
        return None
    if not isinstance(shape, bytes):
        raise NotUnderstood("it is no well-known binary")
    try:
        end = _walk(shape, 0, 0)
    except (struct.error, IndexError):
        raise NotUnderstood("it is cut short") from None
    if end != len(shape):
        raise NotUnderstood("it is longer than it says")
    return shape


def _walk(shape: bytes, at: int, depth: int) -> int:
    """Where the geometry that begins `at` ends."""
    order = {0: ">", 1: "<"}.get(shape[at])
    if order is None or depth > _DEEPEST:
        raise NotUnderstood("it is no well-known binary")
    (code,) = struct.unpack_from(f"{order}I", shape, at + 1)
    at += 5
    if code & 0x20000000:
        at += 4
    kind, more = code & 0x0FFFFFFF, bool(code & 0x80000000) + bool(code & 0x40000000)
    kind, iso = kind % 1000, kind // 1000
    if not 1 <= kind <= 7 or iso > 3:
        raise NotUnderstood("it is a curve, or of a kind unknown here; draw it with straight edges")
    width = 8 * (2 + more + (0, 1, 1, 2)[iso])
    if kind == 1:
        return _within(shape, at + width)
    (count,) = struct.unpack_from(f"{order}I", shape, at)
    at += 4
    if kind == 2:
        return _within(shape, at + count * width)
    _within(shape, at + 4 * count)
    for _ in range(count):
        if kind == 3:
            (points,) = struct.unpack_from(f"{order}I", shape, at)
            at = _within(shape, at + 4 + points * width)
        else:
            at = _walk(shape, at, depth + 1)
    return at


def _within(shape: bytes, at: int) -> int:
    if at > len(shape):
        raise NotUnderstood("it is cut short")
    return at
