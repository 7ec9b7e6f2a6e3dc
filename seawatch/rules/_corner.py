"""A permit of which one corner was written down wrong: a digit too high, too low, or swapped.

The corner is looked for in permits that the works fill but for it. Moving it back by each
mistake a digit can be (`misplacements`) must make the permit fit the works as it did not
before. Where certified and drawn area agree no corner is wrong.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..geo import tolerance_m
from ..misplacements import misplacements
from ..rights import lawful

FITS, BETTER = 0.85, 0.15
"""Least of both that is common with the corner put right, and how much more than before it."""
_PARTLY = (0.2, 0.8)  # common before: less is another place, more needs no explanation
_MOST_CORNERS = 40
_ALIKE = 0.02  # certified and drawn area that differ by less agree


def corners(works: gpd.GeoDataFrame, permits: gpd.GeoDataFrame) -> pd.DataFrame:
    """Works that fill a permit once one of its corners is put right.

    Columns work, kind, detail, dx_m, dy_m (from the right place to the one on the register),
    order, permit_id, corner (from 1), iou_before, iou_after.
    """
    work, permit, before = _candidates(works, permits)
    parcels = permits.geometry.to_numpy()[permit]
    points, pair = shapely.get_coordinates(shapely.get_exterior_ring(parcels), return_index=True)
    place = np.arange(len(pair)) - np.searchsorted(pair, pair)
    closing = np.append(pair[1:] != pair[:-1], True) if len(pair) else np.zeros(0, bool)
    points, pair, place = points[~closing], pair[~closing], place[~closing]
    shapes = works.geometry.to_numpy()[work]
    if not len(pair):
        return pd.DataFrame()
    near = np.asarray(tolerance_m(works.position_m.to_numpy()[work]))
    outline = shapely.boundary(shapes)
    tables = []
    for order, mistake in enumerate(misplacements(points[:, 0], points[:, 1], works.crs)):
        if mistake.kind != "digit":
            continue
        by = np.column_stack([mistake.dx_m, mistake.dy_m])
        right = points - by
        close = np.flatnonzero(
            shapely.dwithin(shapely.points(right), outline[pair], near[pair] + 5.0)
        )
        at = pair[close]
        mended = _with_corner(parcels[at], place[close], right[close])
        tables.append(
            pd.DataFrame(
                {
                    "work": work[at],
                    "kind": "corner",
                    "detail": mistake.detail,
                    "dx_m": by[close, 0].round(2),
                    "dy_m": by[close, 1].round(2),
                    "order": order,
                    "permit_id": permits.permit_id.to_numpy()[permit[at]],
                    "corner": place[close] + 1,
                    "iou_before": before[at].round(2),
                    "iou_after": iou(shapes[at], mended).round(2),
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    fits = (table.iou_after >= FITS) & (table.iou_after >= table.iou_before + BETTER)
    return table[fits]


def _candidates(
    works: gpd.GeoDataFrame, permits: gpd.GeoDataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Works, permits they partly fill and that may have a wrong corner, and what is common."""
    shapes, parcels = works.geometry.to_numpy(), permits.geometry.to_numpy()
    drawn = shapely.area(parcels)
    certified = permits.area_ha.to_numpy(float) * 1e4
    doubtful = ~(np.abs(certified - drawn) <= _ALIKE * drawn)
    single = (shapely.get_type_id(parcels) == 3) & (
        shapely.get_num_coordinates(parcels) <= _MOST_CORNERS
    )
    asked = np.flatnonzero(doubtful & single)
    work, permit = overlay.pairs(shapes, parcels[asked])
    permit = asked[permit]
    ratio = shapely.area(shapes)[work] / drawn[permit]
    keep = (ratio > 0.2) & (ratio < 5) & lawful(works, permits, work, permit)
    work, permit = work[keep], permit[keep]
    common = iou(shapes[work], parcels[permit])
    partly = (common >= _PARTLY[0]) & (common <= _PARTLY[1])
    return work[partly], permit[partly], common[partly]


def _with_corner(parcels: np.ndarray, place: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Each parcel with the corner at `place` moved to its point."""
    result = np.full(len(parcels), shapely.Polygon())
    for row, (parcel, corner) in enumerate(zip(parcels, place, strict=True)):
        ring = shapely.get_coordinates(shapely.get_exterior_ring(parcel))[:-1]
        ring[corner] = points[row]
        holes = shapely.get_rings(parcel)[1:]
        result[row] = shapely.polygons(shapely.linearrings(ring), holes=holes)
    broken = ~shapely.is_valid(result)
    result[broken] = shapely.make_valid(result[broken], method="structure", keep_collapsed=False)
    return result


def iou(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Area common to each two shapes over the area of both, 0-1."""
    common = shapely.area(overlay.spread(shapely.intersection, ones, others))
    return common / np.maximum(shapely.area(ones) + shapely.area(others) - common, 1e-9)
