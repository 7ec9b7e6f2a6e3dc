"""What a file claims about its place: its CRS named, assumed or asked, and whether it is true.

Chinese offices write Gauss-Krüger coordinates with and without the zone's number in front
of the easting, X for north, and name the CRS in a dozen spellings, or not at all.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

MARGIN_DEGREES = 4.0
"""How far outside its CRS's area of use a layer may reach: zones are used beyond their edge."""
FAR_M = 100_000.0
"""A row farther than this from the rest of its layer is in another zone, or mistyped."""
_CGCS2000 = ("China 2000", "China_2000", "D_China_2000", "China Geodetic Coordinate System 2000")
_OLD = ("Beijing 1954", "Xian 1980", "New Beijing")
_WGS84 = ("World Geodetic System 1984", "WGS 84", "WGS_1984")


@dataclass(frozen=True)
class Claim:
    """The CRS a layer is taken to be in.

    how : told, named or assumed, and by what.
    note : what is not known of the way from it to the project's CRS; empty where all is.
    """

    crs: pyproj.CRS
    how: str
    note: str = ""


class Asked(Exception):
    """The CRS cannot be told; the message says what the numbers could be."""


def settle(spelt: str | None, by: str, told: str | None, points: np.ndarray) -> Claim:
    """The CRS of a layer whose rows lie at `points` (n, 2), finite.

    Parameters
    ----------
    spelt : what the file says, `by` what.
    told : what the operator says; it goes first.

    Raises
    ------
    Asked
        If nothing says, and the numbers do not tell.
    """
    if told is not None:
        return Claim(_parsed(told, "--crs"), "told")
    if spelt is not None:
        return Claim(_parsed(spelt, by), f"named by {by}")
    return _assumed(points)


def _parsed(text: str, by: str) -> pyproj.CRS:
    """By the authority's own entry where it is one: that knows its area of use."""
    try:
        crs = pyproj.CRS.from_user_input(text)
        authority = crs.to_authority(min_confidence=60)
        entry = pyproj.CRS.from_authority(*authority) if authority else crs
    except CRSError:
        raise Asked(
            f"{by} names a CRS that is none known ('{text[:60]}'); name it, e.g. --crs EPSG:4549"
        ) from None
    if not (entry.is_geographic or entry.is_projected):
        raise Asked(f"{by} names {entry.name}, which is no CRS of a map; name it with --crs")
    return entry


def _assumed(points: np.ndarray) -> Claim:
    if not len(points):
        raise Asked("no CRS, and no row whose coordinates could tell; name it with --crs")
    x, y = np.median(points, axis=0).tolist()
    if 70 < x < 140 and 0 < y < 56:
        return Claim(pyproj.CRS("EPSG:4490"), "assumed: its numbers are degrees, taken as CGCS2000")
    zone = _prefixed(x)
    if zone and 1.5e6 < y < 6.5e6:
        how = f"assumed: its eastings carry the zone number {int(x // 1e6)}, taken as CGCS2000"
        return Claim(pyproj.CRS(zone), how)
    raise Asked(f"no CRS; {_could_be(x, y)}")


def _could_be(x: float, y: float) -> str:
    at = f"its rows lie about ({x:.6g}, {y:.6g})"
    if _swapped_degrees(x, y) or (1.5e6 < x < 6.5e6 and not 1.5e6 < y < 6.5e6):
        return f"{at}: x and y look swapped; put east first and name the CRS, e.g. --crs EPSG:4490"
    if 1e5 < x < 9e5 and 1.5e6 < y < 6.5e6:
        return (
            f"{at}: metres of a zone that is not said; name it with --crs, e.g. EPSG:4549 "
            "(CGCS2000, 120°E), EPSG:4550 (123°E), or the old datum it is in"
        )
    return f"{at}: name the CRS they are in with --crs"


def _swapped_degrees(x: float, y: float) -> bool:
    return 0 < x < 56 and 70 < y < 140


def _prefixed(x: float) -> str | None:
    """The CGCS2000 zone whose number stands in front of the easting `x`, m."""
    number = int(x // 1e6) if np.isfinite(x) and x > 0 else 0
    if 25 <= number <= 45:
        return f"EPSG:{4513 + number - 25}"
    if 13 <= number <= 23:
        return f"EPSG:{4491 + number - 13}"
    return None


def _unprefixed(crs: pyproj.CRS) -> str | None:
    """The CGCS2000 zone of the same meridian whose eastings carry no number."""
    meridian = _parameter(crs, "Longitude of natural origin")
    if meridian is None or meridian % 3:
        return None
    three = abs(_parameter(crs, "False easting") or 0) // 1e6 >= 25
    if three:
        return f"EPSG:{4534 + int(meridian - 75) // 3}" if 75 <= meridian <= 135 else None
    return f"EPSG:{4502 + int(meridian - 75) // 6}" if 75 <= meridian <= 135 else None


def _parameter(crs: pyproj.CRS, name: str) -> float | None:
    if crs.coordinate_operation is None:
        return None
    values = (p.value for p in crs.coordinate_operation.params if p.name == name)
    return next((float(value) for value in values), None)


def outside(points: np.ndarray, crs: pyproj.CRS, project: pyproj.CRS) -> np.ndarray:
    """Which of the `points` cannot be where `crs` says, or nowhere near the project."""
    x, y = _degrees(points, crs)
    wrong = ~(np.isfinite(x) & np.isfinite(y))
    for area in (crs.area_of_use, project.area_of_use):
        if area is not None and area.west <= area.east:
            wrong |= (x < area.west - MARGIN_DEGREES) | (x > area.east + MARGIN_DEGREES)
            wrong |= (y < area.south - MARGIN_DEGREES) | (y > area.north + MARGIN_DEGREES)
    if crs.is_projected:  # a Gauss-Krüger easting of a degree pair lies on the equator
        wrong |= (np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 180)
    return wrong


@cache
def _to_degrees(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS(wkt)
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _degrees(points: np.ndarray, crs: pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    if crs.is_geographic:
        x, y = points[:, 0].copy(), points[:, 1].copy()
        wild = (np.abs(x) > 180) | (np.abs(y) > 90)
        x[wild] = np.inf
        return x, y
    return _to_degrees(crs.to_wkt()).transform(points[:, 0], points[:, 1])


def cure(point: np.ndarray, crs: pyproj.CRS, project: pyproj.CRS) -> str:
    """The likeliest mistake behind a point (x, y) that cannot be in `crs`."""
    x, y = point.tolist()

    def fits(x: float, y: float, other: object) -> bool:
        return not outside(np.array([[x, y]], dtype="float64"), pyproj.CRS(other), project)[0]

    if fits(y, x, crs):
        return "x and y look swapped (latitude before longitude, or X for north)"
    if crs.is_projected and fits(x, y, "EPSG:4490"):
        return "these are degrees: --crs EPSG:4490"
    if crs.is_projected and fits(y, x, "EPSG:4490"):
        return "these are degrees, latitude first"
    number = int(x // 1e6) if x > 1e6 else 0
    zone = _prefixed(x)
    if zone and fits(x, y, zone):
        return f"the easting carries the zone number {number}: --crs {zone}"
    turned = _prefixed(y)
    if turned and fits(y, x, turned):
        return f"x and y look swapped, and the easting carries the zone number {int(y // 1e6)}"
    plain = _unprefixed(crs) if crs.is_projected else None
    if plain and fits(x, y, plain):
        return f"the easting carries no zone number: --crs {plain}"
    if crs.is_geographic and 1e5 < x < 9e5 and 1.5e6 < y < 6.5e6:
        return "these are metres: name the zone, e.g. --crs EPSG:4549"
    return "name the CRS it is really in"


def strays(points: np.ndarray) -> np.ndarray:
    """Which rows lie farther than `FAR_M` from where the layer's rows are (metres).

    Far is also five times as far as nine in ten rows lie from their middle.
    """
    if len(points) < 5:
        return np.zeros(len(points), dtype=bool)
    distance = np.hypot(*(points - np.median(points, axis=0)).T)
    return distance > max(FAR_M, 5 * float(np.quantile(distance, 0.9)))


def way(crs: pyproj.CRS, project: pyproj.CRS) -> str:
    """What is not known of the way from `crs` to the project's; empty where all is.

    Raises
    ------
    Asked
        If they differ by a hundred metres and no transformation is known.
    """
    source, target = _datum(crs), _datum(project)
    if source == target:
        return ""
    best = TransformerGroup(crs, project, always_xy=True).transformers
    accuracy = best[0].accuracy if best else -1
    if accuracy >= 0:
        return f"from {source} to {target} by {best[0].description}, good to {accuracy:g} m"
    if source in _OLD or target in _OLD:
        raise Asked(
            f"its datum is {source}, and no transformation to {target} is known here (they lie "
            "about 100 m apart); convert it with the province's parameters first"
        )
    if {source, target} <= {"CGCS2000", "WGS 84"}:
        return f"{source} taken as {target}: PROJ knows no difference, no centimetres are claimed"
    return f"from {source} to {target} no transformation is known: taken as the same"


def _datum(crs: pyproj.CRS) -> str:
    name = crs.datum.name if crs.datum is not None else crs.name
    for plain, spellings in (("CGCS2000", _CGCS2000), ("WGS 84", _WGS84)):
        if any(spelling in name for spelling in spellings):
            return plain
    return next((old for old in _OLD if old in name.replace("_", " ")), name)


def middle(shapes: np.ndarray) -> np.ndarray:
    """A point of each shape, (n, 2): the middle of its extent."""
    west, south, east, north = shapely.bounds(shapes).T
    return np.column_stack([(west + east) / 2, (south + north) / 2])
