"""A layer's outlines on their way in: understood, put in the project's CRS, mended.

Each step names the rows it blames; what happens to a row that passes is told as a repair.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ..repair import SIGMA_M, Repair, mend, planar_m2
from ..tables import Fault
from . import claims
from .parse._parsed import Parsed

_CLOCKWISE = ("Shapefile", "File Geodatabase")
"""Formats whose shells run clockwise by rule."""


@dataclass
class Outlines:
    """The shapes of a layer's rows, what was done to them, and which rows are to blame.

    Attributes
    ----------
    shapes : None where there is none, or none that can be used.
    twins : rows that say again, word for word, what another says.
    """

    shapes: np.ndarray
    repairs: list[Repair] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    twins: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def there(self) -> np.ndarray:
        """Which rows have an outline."""
        return ~(shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes))

    @property
    def blamed(self) -> np.ndarray:
        """Which rows are at fault for their outline."""
        return any_of(self.faults, len(self.shapes))

    def blame(
        self, rows: Iterable[int], cure: str, what: str = "", shown: Sequence[str] = ()
    ) -> None:
        """Refuse some rows for one reason."""
        self.faults.append(Fault(what, mask(rows, len(self.shapes)), cure, shown))

    def blame_each(self, whys: Mapping[int, str]) -> None:
        """Refuse rows for a reason each; those of one reason together."""
        alike: dict[str, list[int]] = {}
        for row, why in whys.items():
            alike.setdefault(why, []).append(row)
        for why, rows in alike.items():
            self.blame(rows, f": {why}")


def mask(rows: Iterable[int], length: int) -> np.ndarray:
    """Which of `length` rows are among `rows`."""
    among = np.zeros(length, dtype=bool)
    among[list(rows)] = True
    return among


def any_of(faults: Iterable[Fault], length: int) -> np.ndarray:
    """Which of `length` rows have a fault."""
    bad = np.zeros(length, dtype=bool)
    for fault in faults:
        if fault.rows is not None:
            bad |= fault.rows
    return bad


@np.errstate(invalid="ignore")  # coordinates that are no numbers are met here, and blamed
def understood(parsed: Parsed) -> Outlines:
    """The shapes in the plane, as the file has them.

    A ring left open is closed, heights are left out; both are told.
    """
    blobs = np.array(parsed.shapes, dtype=object)
    outlines = Outlines(np.array(shapely.from_wkb(blobs, on_invalid="ignore"), dtype=object))
    outlines.twins = np.zeros(len(blobs), dtype=bool)
    at = {number: row for row, number in enumerate(parsed.rows)}
    outlines.blame_each({at[n]: why for n, why in parsed.faults.items() if n in at})
    there = np.array([blob is not None for blob in blobs], dtype=bool)
    odd = there & shapely.is_missing(outlines.shapes)
    if odd.any():
        outlines.shapes[odd] = shapely.from_wkb(blobs[odd], on_invalid="fix")
    none = odd & shapely.is_missing(outlines.shapes)
    if none.any():
        outlines.blame(np.flatnonzero(none), ": a ring of fewer than four points encloses nothing")
    solid = shapely.has_z(outlines.shapes) | shapely.has_m(outlines.shapes)
    outlines.shapes = shapely.force_2d(outlines.shapes)
    wild = ~_finite(outlines.shapes)
    if wild.any():
        outlines.blame(np.flatnonzero(wild), ": a coordinate is no number (NaN or infinite)")
        outlines.shapes[wild] = None
    for what, rows in (("closed", odd & ~none), ("heights", solid)):
        told = np.flatnonzero(rows & ~wild).tolist()
        outlines.repairs += [Repair(row, what, np.nan, np.nan) for row in told]
    return outlines


def _finite(shapes: np.ndarray) -> np.ndarray:
    points, of = shapely.get_coordinates(shapes, return_index=True)
    return ~mask(of[~np.isfinite(points).all(axis=1)], len(shapes))


def place(outlines: Outlines, parsed: Parsed, told: str | None, crs: pyproj.CRS) -> claims.Claim:
    """Put the shapes into the project's CRS; the claim they came with.

    Raises
    ------
    claims.Asked
        If it cannot be told what CRS they are in, or how that lies to the project's.
    """
    there = outlines.there
    points = claims.middle(outlines.shapes[there])
    claim = claims.settle(parsed.crs, parsed.crs_from, told, points)
    claim = claims.Claim(claim.crs, claim.how, claims.way(claim.crs, crs))
    _blame_outside(outlines, points, claim.crs, crs)
    there = outlines.there
    series = gpd.GeoSeries(outlines.shapes[there], crs=claim.crs)
    outlines.shapes[there] = series.to_crs(crs).to_numpy()
    far = np.flatnonzero(there)[claims.strays(claims.middle(outlines.shapes[there]))]
    if len(far):
        cure = f": more than {claims.FAR_M / 1000:.0f} km from the other rows; is its zone another?"
        outlines.blame(far, cure)
    outlines.repairs = [_measured(r, outlines.shapes) for r in outlines.repairs]
    return claim


def _measured(repair: Repair, shapes: np.ndarray) -> Repair:
    area = float(planar_m2(shapes[[repair.row]])[0])
    return Repair(repair.row, repair.what, area, area)


def _blame_outside(
    outlines: Outlines, points: np.ndarray, own: pyproj.CRS, project: pyproj.CRS
) -> None:
    """Rows that their CRS cannot put there, by their likeliest mistake; they lose their shapes."""
    places = np.flatnonzero(outlines.there)
    cures: dict[str, list[int]] = {}
    for row in np.flatnonzero(claims.outside(points, own, project)).tolist():
        cures.setdefault(claims.cure(points[row], own, project), []).append(row)
    shown = [""] * len(outlines.shapes)
    for row, (x, y) in zip(places.tolist(), points.tolist(), strict=True):
        shown[row] = f" at ({x:.9g}, {y:.9g}), outside {own.name}"
    for cure, rows in cures.items():
        outlines.blame(places[rows], f": {cure}", shown=shown)
        outlines.shapes[places[rows]] = None


def mended(outlines: Outlines, kind: str, parsed: Parsed, sigma_m: pd.Series | None) -> None:
    """Repair what is safe (see `repair`), in the project's CRS."""
    there = outlines.there
    places = np.flatnonzero(there)
    sigmas = np.full(len(there), SIGMA_M)
    if sigma_m is not None:
        sigmas = np.where(sigma_m > 0, sigma_m, SIGMA_M)
    turn = parsed.format not in _CLOCKWISE
    done = mend(outlines.shapes[there], kind, sigma_m=sigmas[there], turn=turn)
    outlines.shapes[there] = done.shapes
    for repair in done.repairs:
        row = int(places[repair.row])
        outlines.repairs.append(Repair(row, repair.what, repair.before_m2, repair.after_m2))
    outlines.blame_each({int(places[row]): why for row, why in done.faults.items()})


def drop_twins(outlines: Outlines, columns: Mapping[str, list[Any]]) -> None:
    """Mark the rows that repeat another, cell for cell and point for point."""
    seen = set()
    shapes = shapely.to_wkb(shapely.normalize(outlines.shapes))
    for row, cells in enumerate(zip(shapes, *columns.values(), strict=True)):
        if cells[0] is not None and cells in seen:
            outlines.twins[row] = True
            outlines.repairs.append(Repair(row, "twin", np.nan, np.nan))
        seen.add(cells)
