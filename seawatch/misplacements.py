"""Where a parcel ends up when its coordinates are read in the wrong datum, plane or digit.

Each kind is a mistake that registers are known for, with the shift it makes at a place:

- ``beijing54``: degrees of Beijing 1954 taken for CGCS2000. The transformation is PROJ's best
  for the place (EPSG, 10 to 15 m off shore); ``beijing54_plane``: the same, of plane
  coordinates, where the other ellipsoid (Krassovsky 1940) moves northings too.
- ``gcj02``: coordinates from a web map. The offset is as published for GCJ-02: a polynomial
  and sines of the distance from 35° N 105° E, in degrees of the Krassovsky ellipsoid.
- ``meridian``: plane coordinates read on another central meridian than they were computed on,
  half a degree to six away: the parcel moves by that many degrees of longitude, exactly.
- ``digit``: one digit of degrees, minutes or seconds written one too high or too low, or two
  neighbouring digits (of minutes or seconds) swapped, alike in every corner.

Xi'an 1980 is not among them: no parameters to WGS 84 are published for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from .geo import LONLAT, meridian

KINDS = ("beijing54", "beijing54_plane", "gcj02", "meridian", "digit")

_MERIDIANS = (0.5, 1.0, 1.5, 2.0, 3.0, 6.0)  # degrees between two planes that are mixed up
_PLAIN = {
    "degree": 1.0,
    "10 minutes": 1 / 6,
    "minute": 1 / 60,
    "10 seconds": 1 / 360,
    "second": 1 / 3600,
}
# 12 for 21: swapped neighbours differ by nine times the lower place's unit
_SWAPS = {
    **{f"swapped minutes ({9 * n})": 9 * n / 60 for n in range(1, 6)},
    **{f"swapped seconds ({9 * n})": 9 * n / 3600 for n in range(1, 6)},
}
_KRASSOVSKY_M, _KRASSOVSKY_E2 = 6_378_245.0, 0.006693421622965943


@dataclass(frozen=True)
class Misplacement:
    """One mistake, and where it puts what stands at each of several places.

    detail : which digit, how many degrees. dx_m, dy_m : by place, on the plane of the project.
    slack_m : how well the shift itself is known, one standard deviation.
    """

    kind: str
    detail: str
    dx_m: np.ndarray
    dy_m: np.ndarray
    slack_m: float


def misplacements(x: np.ndarray, y: np.ndarray, crs: Any) -> Iterator[Misplacement]:
    """Every mistake, at places given on a projected CRS, metres."""
    to_plane, to_degrees = _transformers(CRS(crs).to_wkt())
    lon, lat = to_degrees.transform(x, y)

    def shifted(kind: str, detail: str, lon2: Any, lat2: Any, slack_m: float) -> Misplacement:
        x2, y2 = to_plane.transform(lon2, lat2)
        return Misplacement(kind, detail, np.asarray(x2) - x, np.asarray(y2) - y, slack_m)

    old = _beijing54(float(np.median(lon)), float(np.median(lat)))
    old_lon, old_lat = old.transform(lon, lat)
    yield shifted("beijing54", "degrees", old_lon, old_lat, 10.0)
    yield shifted("beijing54_plane", "plane", *_on_krassovsky(old_lon, old_lat), 10.0)
    east, north = gcj02_offset(lon, lat)
    yield shifted("gcj02", "", lon + east, lat + north, 1.0)
    for size in _MERIDIANS:
        for sign in (1, -1):
            yield shifted("meridian", f"{sign * size:+g}°", lon + sign * size, lat, 0.1)
    for detail, size in {**_PLAIN, **_SWAPS}.items():
        for sign, mark in ((1, "+"), (-1, "-")):
            yield shifted("digit", f"N {mark}{detail}", lon, lat + sign * size, 0.1)
            yield shifted("digit", f"E {mark}{detail}", lon + sign * size, lat, 0.1)


@lru_cache(maxsize=4)
def _transformers(crs: str) -> tuple[Transformer, Transformer]:
    own = CRS(crs)
    degrees = own.geodetic_crs
    return (
        Transformer.from_crs(degrees, own, always_xy=True),
        Transformer.from_crs(own, degrees, always_xy=True),
    )


@lru_cache(maxsize=4)
def _beijing54(lon: float, lat: float) -> Transformer:
    """From WGS 84 to Beijing 1954 by the transformation that is best near a place."""
    near = AreaOfInterest(lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5)
    group = TransformerGroup(LONLAT, "EPSG:4214", always_xy=True, area_of_interest=near)  # type: ignore[arg-type]  # the class is its own alias
    known = [t for t in group.transformers if "Ballpark" not in t.description]
    return known[0] if known else group.transformers[0]


def _on_krassovsky(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees that plane coordinates of Beijing 1954 have when they are read as CGCS2000's."""
    centre = meridian(float(np.median(lon)))
    plane = f"+proj=tmerc +lon_0={centre} +x_0=500000 +k=1 +units=m +type=crs"
    old = Transformer.from_crs(
        "+proj=longlat +ellps=krass +type=crs", f"{plane} +ellps=krass", always_xy=True
    )
    new = Transformer.from_crs(
        f"{plane} +ellps=GRS80", "+proj=longlat +ellps=GRS80 +type=crs", always_xy=True
    )
    return new.transform(*old.transform(lon, lat))


def gcj02_offset(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far web maps of China are off, degrees east and north.

    >>> east, north = gcj02_offset(np.array([122.1]), np.array([37.5]))
    >>> round(east.item() * 88_400), round(north.item() * 111_000)
    (447, 115)
    """
    u, v = lon - 105.0, lat - 35.0
    ripple = 20 * np.sin(6 * u * np.pi) + 20 * np.sin(2 * u * np.pi)
    north = -100 + 2 * u + 3 * v + 0.2 * v**2 + 0.1 * u * v + 0.2 * np.sqrt(np.abs(u))
    north += 2 / 3 * (ripple + 20 * np.sin(v * np.pi) + 40 * np.sin(v * np.pi / 3))
    north += 2 / 3 * (160 * np.sin(v * np.pi / 12) + 320 * np.sin(v * np.pi / 30))
    east = 300 + u + 2 * v + 0.1 * u**2 + 0.1 * u * v + 0.1 * np.sqrt(np.abs(u))
    east += 2 / 3 * (ripple + 20 * np.sin(u * np.pi) + 40 * np.sin(u * np.pi / 3))
    east += 2 / 3 * (150 * np.sin(u * np.pi / 12) + 300 * np.sin(u * np.pi / 30))
    phi = np.radians(lat)
    root = np.sqrt(1 - _KRASSOVSKY_E2 * np.sin(phi) ** 2)
    along = _KRASSOVSKY_M * (1 - _KRASSOVSKY_E2) / root**3
    across = _KRASSOVSKY_M / root * np.cos(phi)
    return np.degrees(east / across), np.degrees(north / along)
