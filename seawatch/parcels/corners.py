"""Polygons written as a table of corner points (界址点), which `parcels` reads back.

Corners are rounded to a thousandth of a second and numbered from 1; one that several
outlines share has one number. Areas are those of the rounded corners: the table agrees
with itself.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from .. import areas, geo
from ..errors import InputRefused
from .coordinates import written
from .headings import DATUMS

DECIMALS = 3
_SCALE = 3600 * 10**DECIMALS


@dataclass(frozen=True)
class CornerTable:
    """The table in words.

    Attributes
    ----------
    points : label, north and east as text, by number.
    rings : name, use, ring and area_ha (text, four decimals) of each shape.
    datum, meridian : which the areas are on, degrees east.
    """

    points: pd.DataFrame
    rings: pd.DataFrame
    datum: str
    meridian: float


def corner_table(
    shapes: gpd.GeoSeries,
    *,
    names: pd.Series | None = None,
    uses: pd.Series | None = None,
    meridian: float | None = None,
) -> CornerTable:
    """Any polygons as a table of corner points with three decimals of a second.

    Parameters
    ----------
    shapes : polygons of one datum; holes and several parts are welcome.
    meridian : of the areas; by default the multiple of 0.5° nearest the centre.

    Raises
    ------
    InputRefused
        Naming every shape that a thousandth of a second is too coarse for, or that lies
        across 180°.
    """
    crs = CRS(CRS(shapes.crs).geodetic_crs)
    degrees = shapes.to_crs(crs).reset_index(drop=True)
    called = _texts(names, len(degrees), "")
    named = [text or f"{row + 1}" for row, text in enumerate(called)]
    units = [_units(shape) for shape in degrees]
    rounded = gpd.GeoSeries([_drawn(rings) for rings in units], crs=crs)
    problems = [
        f"'{name}': {fault}"
        for name, shape in zip(named, rounded, strict=True)
        if (fault := _fault(shape))
    ]
    if problems:
        raise InputRefused(problems)
    numbers: dict[tuple[int, int], int] = {}
    texts = [";".join(_ring_text(ring, numbers) for ring in rings) for rings in units]
    meridian = areas.nearest_meridian(rounded) if meridian is None else meridian
    if (away := areas.off_meridian(rounded, meridian)) > areas.FARTHEST_DEGREES:
        raise InputRefused(
            f"central meridian {meridian:g}°: {away:.0f}° from some of the shapes; "
            "write those near one meridian into a table of their own"
        )
    hectares = geo.plane_area_m2(rounded, meridian) / 1e4
    points = pd.DataFrame(
        {
            "label": [str(number) for number in numbers.values()],
            "north": [_text(north, "S") for _, north in numbers],
            "east": [_text(east, "W") for east, _ in numbers],
        }
    )
    rings = pd.DataFrame(
        {
            "name": named,
            "use": _texts(uses, len(degrees), ""),
            "ring": texts,
            "area_ha": [f"{ha:.4f}" for ha in hectares],
        }
    )
    return CornerTable(points, rings, _datum_name(crs), meridian)


def _texts(values: pd.Series | None, count: int, blank: str) -> list[str]:
    if values is None:
        return [blank] * count
    return [blank if pd.isna(value) else " ".join(str(value).split()) for value in values]


def _units(shape: shapely.Geometry) -> list[np.ndarray]:
    """Each ring's corners in thousandths of a second, (corner, east and north), closed."""
    rings = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            units = np.rint(shapely.get_coordinates(ring) * _SCALE).astype(np.int64)
            fresh = np.append(True, (np.diff(units, axis=0) != 0).any(axis=1))
            rings.append(units[fresh])
    return rings


def _drawn(rings: list[np.ndarray]) -> shapely.Geometry | None:
    """The shape of rounded rings as a reader sees it: what lies in another is a hole of it."""
    if any(len(ring) < 4 for ring in rings):
        return None
    shells = [shapely.Polygon(ring / _SCALE) for ring in rings]
    return nested(shells) if all(shell.is_valid for shell in shells) else None


def nested(outlines: list[shapely.Polygon]) -> shapely.Geometry:
    """Outlines as one shape: one inside another is its hole, one inside that a part again."""
    around = [
        [m for m, other in enumerate(outlines) if m != n and other.contains(one)]
        for n, one in enumerate(outlines)
    ]
    parts = []
    for n, one in enumerate(outlines):
        if len(around[n]) % 2 == 0:
            inner = [
                outlines[h].exterior
                for h, others in enumerate(around)
                if n in others and len(others) == len(around[n]) + 1
            ]
            parts.append(shapely.Polygon(one.exterior, inner))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _fault(shape: shapely.Geometry | None) -> str | None:
    if shape is None or not shape.is_valid:
        return "too fine for corners of 0.001″; it would cross itself or vanish"
    west, _, east, _ = shape.bounds
    return "lies across 180°; cut it into two there" if east - west > 180 else None


def _ring_text(ring: np.ndarray, numbers: dict[tuple[int, int], int]) -> str:
    keys = [(int(east), int(north)) for east, north in ring]
    return "-".join(str(numbers.setdefault(key, len(numbers) + 1)) for key in keys)


def _text(units: int, negative: str) -> str:
    return written(abs(units) / _SCALE, DECIMALS) + (negative if units < 0 else "")


def _datum_name(crs: CRS) -> str:
    known = {CRS(code): name for name, code in DATUMS.items()}
    return next((name for one, name in known.items() if one == crs), crs.name)
