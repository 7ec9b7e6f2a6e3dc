"""What is odd in a register, though its rows can be judged by what they say.

A *fault* makes a row useless for judging, and the row is refused at the door: a code that is
none, an end before the beginning. A *notice* leaves the row as it is: a term longer than the
law allows, or an area that its outline does not have, is the authority's to settle, and the
outline and the dates still say where and when the right holds.
"""

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Proj

from . import geo
from .law import longest_term_years
from .repair import SIGMA_M

_NARROW_M = 0.15
"""Wider overlaps of neighbours are no slip of transcription: 0.001″ is 0.03 m."""


@dataclass(frozen=True)
class Notice:
    """Something worth knowing of some rows (places from 0), with the numbers of each."""

    what: str
    rows: list[int]
    numbers: list[dict[str, Any]] = field(default_factory=list)


def notices(permits: gpd.GeoDataFrame) -> list[Notice]:
    """What is odd in a checked permits table, CRS projected, metres."""
    if permits.empty:
        return []
    found = [_terms(permits), _areas(permits), *_neighbours(permits)]
    return [notice for notice in found if notice.rows]


def _terms(permits: gpd.GeoDataFrame) -> Notice:
    pairs = zip(permits.use_type, permits.scheme, strict=True)
    years = pd.Series([longest_term_years(t, s) for t, s in pairs], index=permits.index)
    last = permits.valid_to.copy()  # of a type that no term is known of, any will do
    for number in sorted(set(years.dropna())):
        rows = years == number
        last[rows] = permits.valid_from[rows] + pd.DateOffset(years=int(number))
    rows = np.flatnonzero((permits.valid_to > last).to_numpy()).tolist()
    numbers = [
        {
            "from": str(permits.valid_from.iloc[row].date()),
            "to": str(permits.valid_to.iloc[row].date()),
            "years": int(years.iloc[row]),
        }
        for row in rows
    ]
    return Notice("term", rows, numbers)


def _areas(permits: gpd.GeoDataFrame) -> Notice:
    """Areas on certificates that no usual way of reckoning gives, within the corners' error.

    The ellipsoid, the declared or nearest half-degree meridian, and the three-degree zone's
    are all in use. Areas come from the plane by its areal scale at the middle (Snyder 1987,
    by PROJ): exact to 1e-6 over a parcel.
    """
    given = permits[permits.area_ha.notna()]
    if given.empty:
        return Notice("area", [])
    crs = CRS(given.crs)
    middle = given.geometry.centroid.to_crs(crs.geodetic_crs)
    lon, lat = middle.x.to_numpy(), middle.y.to_numpy()
    true = given.area.to_numpy() / _areal_scale(crs.to_wkt(), lon, lat)
    half = given.meridian.fillna(pd.Series(np.round(lon * 2) / 2, index=given.index)).to_numpy()
    ways = [np.ones(len(given)), _on_meridians(half, lon, lat)]
    ways += [_on_meridians(np.round(lon / 3) * 3, lon, lat)]
    stated = given.area_ha.to_numpy() * 1e4
    off = np.min([np.abs(stated - true * way) for way in ways], axis=0)
    sigma = geo.area_sigma_m2(given.geometry, given.sigma_m.fillna(SIGMA_M)).to_numpy()
    tolerance = 2 * sigma + 0.5  # certificates round to 0.0001 ha
    wrong = np.flatnonzero(off > tolerance)
    places = np.flatnonzero(permits.area_ha.notna().to_numpy())[wrong]
    numbers = [
        {
            "stated_ha": round(float(stated[i]) / 1e4, 4),
            "drawn_ha": round(float(true[i]) / 1e4, 4),
            "off_m2": round(float(off[i]), 1),
            "tolerance_m2": round(float(tolerance[i]), 1),
            "unit": _unit(stated[i] / true[i]),
        }
        for i in wrong.tolist()
    ]
    return Notice("area", places.tolist(), numbers)


def _areal_scale(crs: str, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return np.asarray(Proj(crs).get_factors(lon, lat).areal_scale)


def _on_meridians(meridians: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Areal scale of Gauss-Krüger on each row's own central meridian."""
    scale = np.ones(len(lon))
    for meridian in np.unique(meridians):
        rows = meridians == meridian
        plane = f"+proj=tmerc +lon_0={meridian} +ellps=GRS80"
        scale[rows] = _areal_scale(plane, lon[rows], lat[rows])
    return scale


def _unit(ratio: float) -> str:
    """The unit a wrong area may be in: m² (10,000 times), mu (15 times); '' for neither."""
    for unit, times in (("m2", 1e4), ("mu", 15.0)):
        if abs(ratio / times - 1) < 0.02:
            return unit
    return ""


def _neighbours(permits: gpd.GeoDataFrame) -> list[Notice]:
    """Two permits on the very same ground, and overlaps as thin as a slip of transcription."""
    shapes = permits.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    shared = shapely.intersection(shapes[one], shapes[two])
    area, length = shapely.area(shared), shapely.length(shared)
    same = area > 0.999 * np.maximum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    same &= _meet(permits, one, two)
    width = np.where(length > 0, 2 * area / np.where(length > 0, length, 1), 0)
    thin = (width > 0.001) & (width < _NARROW_M) & (area > 0.01) & ~same
    return [_pairs("same_ground", one, two, area, same), _pairs("sliver", one, two, area, thin)]


def _meet(permits: gpd.GeoDataFrame, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Whether two permits hold in one stratum on one day: only then is one too many."""
    strata = permits.strata.map(lambda text: frozenset(text.split(","))).to_numpy()
    both = np.array(
        [bool(a & b) for a, b in zip(strata[one], strata[two], strict=True)], dtype=bool
    )
    begin, end = permits.valid_from.to_numpy(), permits.valid_to.to_numpy()
    return both & (begin[one] <= end[two]) & (begin[two] <= end[one])


def _pairs(
    what: str, one: np.ndarray, two: np.ndarray, area: np.ndarray, which: np.ndarray
) -> Notice:
    rows = np.flatnonzero(which)
    rows = rows[np.lexsort((two[rows], one[rows]))]
    numbers = [{"other": int(two[i]), "area_m2": round(float(area[i]), 2)} for i in rows]
    return Notice(what, one[rows].tolist(), numbers)
