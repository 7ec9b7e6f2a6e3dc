"""Areas, lengths and tolerances: the geometry we repeat, without any file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from shapely.geometry.base import BaseGeometry

from .compiled import FILTERS

LONLAT = "EPSG:4326"

REACH = 48
"""Pixels beyond which nothing is looked for around a place."""


def ellipsoidal_area_m2(shapes: gpd.GeoSeries) -> pd.Series:
    """Area of each shape on its CRS's own ellipsoid, m².

    Edges are geodesics between the vertices. Shapes with an edge longer than `SHORT_M` are
    measured as Karney (2013) does, in PROJ's geod; of the others the same area is summed at
    once over the authalic sphere, where a geodesic so short is a great circle to within
    0.001 m² (f L³ ÷ 12 R an edge).
    """
    crs = CRS(shapes.crs)
    geod: Geod = crs.get_geod()  # type: ignore[assignment]  # only None for engineering CRSs
    degrees = shapes.to_crs(crs.geodetic_crs).to_numpy()
    areas, longest = _short_area_m2(degrees, geod)
    for row in np.flatnonzero(longest > SHORT_M):
        shape = shapely.orient_polygons(degrees[row])
        areas[row] = abs(geod.geometry_area_perimeter(shape)[0])
    return pd.Series(areas, index=shapes.index, dtype="float64")


SHORT_M = 250.0
"""Edges up to so long are great circles of the authalic sphere for every purpose here."""


def _short_area_m2(degrees: np.ndarray, geod: Geod) -> tuple[np.ndarray, np.ndarray]:
    """Area of each shape over the authalic sphere, m², and about how long its longest edge is, m.

    sin β = q(φ) ÷ q(90°), R² = a² q(90°) ÷ 2 (Snyder 1987, 3-11 to 3-13); the area between an
    edge and the equator is 2 R² atan(tan(Δλ÷2) (t₁ + t₂) ÷ (1 + t₁ t₂)), t = tan(β÷2).
    """
    points, ring, outer, shape = vertices(degrees)
    lam, phi = np.radians(points).T
    e = geod.es**0.5
    sine = np.sin(phi)

    def q(sine: np.ndarray) -> np.ndarray:
        if e == 0:
            return 2 * sine
        return (1 - e**2) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)

    pole = float(q(np.array([1.0]))[0])
    t = np.tan(np.arcsin(np.clip(q(sine) / pole, -1, 1)) / 2)
    same = ring[1:] == ring[:-1]
    turn = np.diff(lam)
    strip = 2 * np.arctan(np.tan(turn / 2) * (t[:-1] + t[1:]) / (1 + t[:-1] * t[1:]))
    of = ring[:-1][same]
    area = np.abs(np.bincount(of, strip[same], minlength=len(outer))) * geod.a**2 * pole / 2
    length = np.hypot(turn * np.cos(phi[:-1]), np.diff(phi)) * geod.a
    longest = np.zeros(len(degrees))
    np.maximum.at(longest, shape[of], length[same])
    return np.bincount(shape, np.where(outer, area, -area), minlength=len(degrees)), longest


def vertices(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every vertex, the ring of each; of each ring, whether it is an outer one, and its shape."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    outer = np.ones(len(rings), bool)
    outer[1:] = part[1:] != part[:-1]
    return points, ring, outer, shape[part]


def gauss_kruger(crs: object, meridian: float) -> CRS:
    """The plane of parcel maps on one central meridian, over the datum of `crs`, metres.

    Scale 1 on the meridian, false easting 500 km, no zone number (GB/T 17278-2009). Staying
    on the datum keeps the change of plane exact.
    """
    plane = TransverseMercatorConversion(
        longitude_natural_origin=meridian, false_easting=500_000.0, scale_factor_natural_origin=1.0
    )
    return ProjectedCRS(plane, geodetic_crs=CRS(crs).geodetic_crs)


def on_meridian(shapes: gpd.GeoSeries, meridian: float | pd.Series) -> np.ndarray:
    """Each shape on the plane of its own central meridian, edges straight between vertices.

    Raises
    ------
    ValueError
        If a shape lies across 180°: it is no one outline there.
    """
    degrees = shapes.to_crs(CRS(shapes.crs).geodetic_crs)
    if (degrees.bounds.maxx - degrees.bounds.minx > 180).any():
        raise ValueError("a shape lies across 180°; cut it into two there")
    wanted = np.broadcast_to(np.asarray(meridian, dtype=float), len(shapes))
    placed = degrees.to_numpy().copy()
    for one in np.unique(wanted):
        rows = wanted == one
        placed[rows] = degrees[rows].to_crs(gauss_kruger(shapes.crs, float(one))).to_numpy()
    return placed


def plane_area_m2(shapes: gpd.GeoSeries, meridian: float | pd.Series) -> pd.Series:
    """Area on the Gauss-Krüger plane of a central meridian, m², as a certificate states it.

    Edges are straight on that plane between the vertices (HY/T 251-2018, Gauss's formula).

    Parameters
    ----------
    meridian : degrees east, one for all or one for each.
    """
    areas = shapely.area(on_meridian(shapes, meridian))
    return pd.Series(areas, index=shapes.index, dtype="float64")


def area_sigma_m2(shapes: gpd.GeoSeries, sigma_m: pd.Series) -> pd.Series:
    """Standard deviation of each area, m², when every vertex errs by `sigma_m` on its own.

    From A = ½ Σ xᵢ(yᵢ₊₁ − yᵢ₋₁): σ_A = ½ σ √Σ |pᵢ₊₁ − pᵢ₋₁|² (Chrisman & Yandell 1988).
    """
    points, ring, _, shape = vertices(shapes.to_numpy())
    # a ring ends on its first vertex: what follows the last but one is the second
    last = np.flatnonzero(np.append(ring[1:] != ring[:-1], True)) if len(ring) else ring
    first = np.append(0, last[:-1] + 1) if len(ring) else ring
    after = np.arange(1, len(points) + 1)
    after[last] = first + 1
    before = np.arange(-1, len(points) - 1)
    before[first] = last - 1
    chord = ((points[after] - points[before]) ** 2).sum(axis=1) if len(points) else points[:, 0]
    chord[last] = 0.0  # the same vertex as the first
    total = np.bincount(shape[ring], chord, minlength=len(shapes))
    return pd.Series(0.5 * total**0.5, index=shapes.index) * sigma_m


def meridian(longitude: float) -> float:
    """The central meridian a parcel map uses: the multiple of 0.5° nearest its centre.

    HY/T 251-2018.
    """
    return round(longitude * 2) / 2


def tolerance_m(*sigmas_m: float | pd.Series, k: float = 2.0) -> float | pd.Series:
    """How far two outlines may differ by error alone: k √Σσ², metres."""
    return k * sum(sigma**2 for sigma in sigmas_m) ** 0.5


def geodesic_m(point: shapely.Point, shape: BaseGeometry) -> float:
    """How far a point lies from a shape, both in degrees, m; 0 inside it.

    To the nearest vertex or foot in degrees scaled by the cosine of the latitude: right to a
    percent within some tens of kilometres, and never too little by more.
    """
    scale = np.array([max(np.cos(np.radians(point.y)), 0.01), 1.0])
    flat = shapely.transform([point, shape], lambda xy: xy * scale)
    near = shapely.transform(shapely.shortest_line(*flat), lambda xy: xy / scale)
    (x0, y0), (x1, y1) = near.coords
    return float(Geod(ellps="GRS80").inv(x0, y0, x1, y1)[2])


def dms(degrees: float, letters: str = "NS") -> str:
    """Degrees, minutes and seconds to a hundredth: 37°30′15.00″N.

    `letters` is the hemisphere of positive and negative values: "NS" or "EW".

    >>> dms(37.504166666), dms(-121.99999999, "EW")
    ('37°30′15.00″N', '122°00′00.00″W')
    """
    hundredths = round(abs(degrees) * 360000)
    seconds, hundredth = divmod(hundredths, 100)
    minutes, second = divmod(seconds, 60)
    degree, minute = divmod(minutes, 60)
    return f"{degree}°{minute:02d}′{second:02d}.{hundredth:02d}″{letters[degrees < 0]}"


@contextmanager
def placeless() -> Iterator[None]:
    """Rasters without a place on earth may be met in here without a warning."""
    with FILTERS, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Dataset has no geotransform")
        yield
