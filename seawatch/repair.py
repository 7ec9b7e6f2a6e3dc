"""Geometry put right where that is safe, and told; the rest refused row by row.

Safe is what leaves the ground as it was: a ring closed, turned, rid of vertices that stand
twice or of a loop smaller than its own survey error. What would decide for the surveyor
(two lobes of a figure of eight, a hole outside its shell) is not touched but refused.
Shapes are in a projected CRS, metres.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Geometry

SIGMA_M = 0.1
"""Error of a corner where the register gives none, one standard deviation, metres."""
SLIVER_M = 0.1
"""A part narrower than this, on the mean, is what is left between two transcriptions."""


@dataclass(frozen=True)
class Repair:
    """What was put right in one row.

    row : its place among the shapes, from 0.
    what : closed, heights, vertices, turned, crossing, parts, outline, sliver.
    before_m2, after_m2 : the area as the vertices give it; NaN for a line.
    """

    row: int
    what: str
    before_m2: float
    after_m2: float


@dataclass
class Mended:
    """Shapes after repair; `faults` says why a row could not be repaired."""

    shapes: np.ndarray
    repairs: list[Repair] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def _put(self, rows: np.ndarray, what: str, shapes: np.ndarray) -> None:
        before, after = planar_m2(self.shapes[rows]), planar_m2(shapes)
        told = zip(rows.tolist(), before.tolist(), after.tolist(), strict=True)
        self.repairs += [Repair(row, what, b, a) for row, b, a in told]
        self.shapes[rows] = shapes


def mend(
    shapes: np.ndarray,
    kind: str,
    *,
    sigma_m: np.ndarray | float = SIGMA_M,
    turn: bool = True,
) -> Mended:
    """`shapes` (2D, finite, none empty) repaired as far as is safe.

    Parameters
    ----------
    kind : Polygon or LineString: what they should be.
    sigma_m : error of their corners, one standard deviation, metres.
    turn : whether a shell that runs clockwise is told; in some formats it should.
    """
    mended = Mended(np.array(shapes, dtype=object))
    if not len(mended.shapes):
        return mended
    sigmas = np.broadcast_to(np.asarray(sigma_m, dtype="float64"), mended.shapes.shape)
    _repeated(mended)
    if kind == "Polygon":
        _outlines(mended)
        _crossings(mended, sigmas)
        _slivers(mended)
        if turn:
            _turned(mended)
    return mended


def planar_m2(shapes: np.ndarray) -> np.ndarray:
    """Area within the vertices as they are drawn, crossings and all; NaN where there is none."""
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    return np.where(areal, shapely.area(shapes), np.nan)


def _repeated(mended: Mended) -> None:
    slim = shapely.remove_repeated_points(mended.shapes, 0)
    fewer = shapely.get_num_coordinates(slim) < shapely.get_num_coordinates(mended.shapes)
    rows = np.flatnonzero(fewer & ~shapely.is_empty(slim))
    mended._put(rows, "vertices", slim[rows])


def _outlines(mended: Mended) -> None:
    """Areas out of closed lines, and out of collections that hold areas and nothing else."""
    kinds = shapely.get_type_id(mended.shapes)
    for row in np.flatnonzero(np.isin(kinds, (1, 5, 7))).tolist():
        shape = mended.shapes[row]
        parts = shapely.get_parts(shape)
        if all(part.geom_type == "LineString" and part.is_ring for part in parts):
            if len(parts) == 1:
                mended._put(np.array([row]), "outline", np.array([shapely.Polygon(parts[0])]))
            continue
        areas = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
        if areas and len(areas) == sum(len(shapely.get_parts(part)) for part in parts):
            whole = areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
            mended._put(np.array([row]), "parts", np.array([whole]))


def _crossings(mended: Mended, sigmas: np.ndarray) -> None:
    """Rings that cross or touch themselves: kept where the ground they enclose is not in doubt."""
    areal = np.isin(shapely.get_type_id(mended.shapes), (3, 6))
    for row in np.flatnonzero(areal & ~shapely.is_valid(mended.shapes)).tolist():
        shape = mended.shapes[row]
        why = shapely.is_valid_reason(shape)
        valid = _areas_of(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        drawn = float(planar_m2(mended.shapes[[row]])[0])
        doubt = 2 * sigmas[row] * _chords_m(shape) / 2
        if valid is None or shapely.area(valid) <= 0:
            mended.faults[row] = f"its outline encloses nothing ({why})"
        elif abs(shapely.area(valid) - drawn) > doubt:
            parts = ", ".join(
                f"{a:.1f}" for a in sorted(shapely.area(shapely.get_parts(valid)))[:4]
            )
            mended.faults[row] = (
                f"its outline crosses itself ({why}): drawn it has {drawn:.1f} m², its parts "
                f"{parts} m²; draw it again"
            )
        else:
            mended._put(np.array([row]), "crossing", np.array([shapely.orient_polygons(valid)]))


def _areas_of(shape: Geometry) -> Geometry | None:
    parts = shapely.get_parts(shape)
    areas = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    if len(areas) < 2:
        return areas[0] if areas else None
    return shapely.MultiPolygon(areas)


def _chords_m(shape: Geometry) -> float:
    """√Σ|pᵢ₊₁ − pᵢ₋₁|², by which an error of the corners becomes one of the area (see `geo`)."""
    total = 0.0
    for ring in _rings(shape):
        points = shapely.get_coordinates(ring)[:-1]
        step = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
        total += float((step**2).sum())
    return total**0.5


def _rings(shape: Geometry) -> Iterator[Geometry]:
    for part in shapely.get_parts(shape):
        yield from (part.exterior, *part.interiors)


def _width_m(shapes: np.ndarray) -> np.ndarray:
    """How wide each is on the mean: twice its area by its outline's length."""
    lengths = shapely.length(shapes)
    return np.where(lengths > 0, 2 * shapely.area(shapes) / np.where(lengths > 0, lengths, 1), 0)


def _slivers(mended: Mended) -> None:
    areal = np.isin(shapely.get_type_id(mended.shapes), (3, 6))
    valid = areal & shapely.is_valid(mended.shapes)
    thin = valid & (_width_m(mended.shapes) < SLIVER_M)
    for row in np.flatnonzero(thin).tolist():
        width = float(_width_m(mended.shapes[[row]])[0])
        mended.faults[row] = f"a sliver {width:.3f} m wide; delete the row or draw it again"
    several = shapely.get_num_geometries(mended.shapes) > 1
    holes = shapely.get_num_interior_rings(shapely.get_geometry(mended.shapes, 0)) > 0
    for row in np.flatnonzero(valid & ~thin & (several | holes)).tolist():
        kept = _without_slivers(mended.shapes[row])
        if kept is not None:
            mended._put(np.array([row]), "sliver", np.array([kept]))


def _without_slivers(shape: Geometry) -> Geometry | None:
    """The shape without the parts and holes that are slivers; None where it has none."""
    parts = shapely.get_parts(shape)
    kept, lost = [], 0
    for part in parts[_width_m(parts) >= SLIVER_M]:
        holes = np.array([shapely.Polygon(ring) for ring in part.interiors], dtype=object)
        wide = holes[_width_m(holes) >= SLIVER_M] if len(holes) else holes
        lost += len(holes) - len(wide)
        kept.append(shapely.Polygon(part.exterior, [h.exterior for h in wide]) if lost else part)
    if lost + len(parts) - len(kept) == 0:
        return None
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _turned(mended: Mended) -> None:
    areal = np.isin(shapely.get_type_id(mended.shapes), (3, 6))
    rows = np.flatnonzero(areal)
    oriented = shapely.orient_polygons(mended.shapes[rows])
    other = ~shapely.equals_exact(oriented, mended.shapes[rows], 0)
    mended._put(rows[other], "turned", oriented[other])
