"""Areas, lengths and tolerances: the geometry we repeat, without any file."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from shapely.geometry.base import BaseGeometry

LONLAT = "EPSG:4326"


def ellipsoidal_area_m2(shapes: gpd.GeoSeries) -> pd.Series:
    """Area of each shape on its CRS's own ellipsoid, m².

    Edges are geodesics between the vertices (Karney 2013, as in PROJ's geod).
    """
    crs = CRS(shapes.crs)
    geod: Geod = crs.get_geod()  # type: ignore[assignment]  # only None for engineering CRSs
    degrees = shapely.orient_polygons(shapes.to_crs(crs.geodetic_crs).to_numpy())
    # holes turn the other way, so that their area is negative
    parts, part_of = shapely.get_parts(degrees, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    corners = np.split(
        shapely.get_coordinates(rings), np.cumsum(shapely.get_num_coordinates(rings))[:-1]
    )
    areas = [geod.polygon_area_perimeter(*ring.T)[0] for ring in corners if len(ring)]
    whole = np.bincount(part_of[ring_of], areas, minlength=len(shapes))
    return pd.Series(np.abs(whole), index=shapes.index, dtype="float64")


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

    def chords(shape: BaseGeometry) -> float:
        total = 0.0
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                points = shapely.get_coordinates(ring)[:-1]
                step = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
                total += float((step**2).sum())
        return total

    return pd.Series([0.5 * chords(g) ** 0.5 for g in shapes], index=shapes.index) * sigma_m


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


_ONE_AT_A_TIME = Lock()


@contextmanager
def placeless() -> Iterator[None]:
    """Rasters without a place on earth may be met in here without a warning.

    Python keeps one list of warning filters for all threads: a lock, or two of these
    that overlap would put back each other's.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Dataset has no geotransform")
        yield
