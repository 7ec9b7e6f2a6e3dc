"""Areas and lengths that hold in court: on the meridian a certificate names and on the ellipsoid.

A certificate's hectares are those of a plane, and the plane is bent: they depend on its
central meridian. So both are given, their difference, and how far the corners' own error
reaches.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from . import geo


def nearest_meridian(shapes: gpd.GeoSeries) -> float:
    """The central meridian for shapes on one map: the multiple of 0.5° nearest their centre."""
    west, _, east, _ = shapes.to_crs(CRS(shapes.crs).geodetic_crs).total_bounds
    return geo.meridian((west + east) / 2)


FARTHEST_DEGREES = 6.0
"""No parcel lies farther from the central meridian of its map: half a zone is 3° at most."""


def off_meridian(shapes: gpd.GeoSeries, meridian: float) -> float:
    """How far the farthest corner lies from a central meridian, degrees."""
    west, _, east, _ = shapes.to_crs(CRS(shapes.crs).geodetic_crs).total_bounds
    return float(max(abs(west - meridian), abs(east - meridian)))


def measure(
    shapes: gpd.GeoSeries, meridian: float | pd.Series, sigma_m: float | pd.Series
) -> pd.DataFrame:
    """Area and outline of each shape, by the book and on the ellipsoid.

    Parameters
    ----------
    meridian : degrees east, one for all or one for each shape.
    sigma_m : error of a corner, north and east alike, one standard deviation, m.

    Returns
    -------
    plane_area_m2, ellipsoidal_area_m2, difference_m2 (plane less ellipsoid), area_sigma_m2;
        plane_length_m and geodesic_length_m, of the whole outline with its holes.
    """
    plane = gpd.GeoSeries(geo.on_meridian(shapes, meridian), index=shapes.index)
    sigma = pd.Series(np.broadcast_to(np.asarray(sigma_m, float), len(shapes)), shapes.index)
    ellipsoidal = geo.ellipsoidal_area_m2(shapes)
    return pd.DataFrame(
        {
            "meridian": np.broadcast_to(np.asarray(meridian, float), len(shapes)),
            "plane_area_m2": plane.area,
            "ellipsoidal_area_m2": ellipsoidal,
            "difference_m2": plane.area - ellipsoidal,
            "area_sigma_m2": geo.area_sigma_m2(plane, sigma),
            "plane_length_m": plane.length,
            "geodesic_length_m": outline_m(shapes),
        },
        index=shapes.index,
    )


def outline_m(shapes: gpd.GeoSeries) -> pd.Series:
    """Geodesic length of each outline, its holes' too, m."""
    crs = CRS(shapes.crs)
    geod = crs.get_geod()
    lines = shapely.boundary(shapes.to_crs(crs.geodetic_crs).to_numpy())
    return pd.Series([geod.geometry_length(line) for line in lines], index=shapes.index)  # type: ignore[union-attr]


def quantisation_m(step_north_m: float, step_east_m: float) -> float:
    """Error of a corner by its last written digit alone, one standard deviation, m.

    A coordinate rounded to a step is off by anything up to half of it: step/√12 (uniform).
    North and east are taken together, as their mean square.
    """
    return float(np.sqrt((step_north_m**2 + step_east_m**2) / 24))
