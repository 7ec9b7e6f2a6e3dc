"""From score maps to footprints: objects, their polygons, and polygons across tiles."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from rasterio.features import shapes
from rasterio.transform import Affine
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import shape

from ..geo import placeless
from ..scenes import Grid
from ._objects import labelled

CHANGED = 0.5
_SURE = 0.7  # an object needs at least one pixel as sure as this


def footprints(
    score: np.ndarray,
    reach: np.ndarray | None,
    offshore: np.ndarray | None,
    grid: Grid,
    least_pixels: int,
) -> gpd.GeoDataFrame:
    """The changed objects of a window: pixels, score, reach and outline.

    Parameters
    ----------
    score : (row, column), 0-1, NaN where not seen.
    reach : (row, column) pixels from the earlier scene's shore, or None.
    offshore : (row, column) pixels from the earlier scene's land, or None.
    least_pixels : smaller objects are noise, unless they touch the window's edge, where
        the rest may lie in the next window.

    Returns
    -------
    GeoDataFrame in the grid's CRS: pixels, score, reach (the farthest), near (the nearest
        to land), geometry.
    """
    changed = score >= CHANGED
    if not changed.any():
        return _frame([], [], [], [], [], grid)
    objects = labelled(changed)
    label, number = objects.label, objects.number
    sure, pixels = score.ravel()[objects.at], objects.pixels.astype(float)
    total = np.bincount(label, sure, minlength=number)
    peak, far, near = np.zeros(number), np.full(number, np.nan), np.full(number, np.nan)
    np.maximum.at(peak, label, sure)
    if reach is not None:
        np.fmax.at(far, label, reach.ravel()[objects.at])
    if offshore is not None:
        np.fmin.at(near, label, offshore.ravel()[objects.at])
    rows, columns = np.divmod(objects.at, score.shape[1])
    last = (score.shape[0] - 1, score.shape[1] - 1)
    edge = np.zeros(number, bool)
    edge[label[(rows == 0) | (columns == 0) | (rows == last[0]) | (columns == last[1])]] = True
    kept = np.flatnonzero(((pixels >= least_pixels) & (peak >= _SURE)) | edge)
    with placeless():
        outlines = [
            _outline(mask, grid.window(at[0].start, at[1].start, *mask.shape))
            for _, at, mask in objects.windows(kept)
        ]
    return _frame(pixels[kept], total[kept] / pixels[kept], far[kept], near[kept], outlines, grid)


def _frame(
    pixels: ArrayLike,
    score: ArrayLike,
    reach: ArrayLike,
    near: ArrayLike,
    geometries: Iterable[shapely.Geometry],
    grid: Grid,
) -> gpd.GeoDataFrame:
    columns = {"pixels": pixels, "score": score, "reach": reach, "near": near}
    frame = pd.DataFrame(columns, dtype="float64")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(list(geometries), crs=grid.crs))


def joined(tiles: list[gpd.GeoDataFrame], grid: Grid, least_pixels: int) -> gpd.GeoDataFrame:
    """The objects of a scene from those of its windows: what touches is one object."""
    whole = pd.concat(tiles, ignore_index=True) if tiles else _frame([], [], [], [], [], grid)
    if whole.empty:
        return _frame([], [], [], [], [], grid)
    one, other = whole.sindex.query(whole.geometry, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(whole), len(whole)))
    group = connected_components(links, directed=False)[1]
    weighted = whole.assign(score=whole.score * whole.pixels)
    sums = weighted.groupby(group)[["pixels", "score"]].sum()
    reach = whole.groupby(group)["reach"].max()
    near = whole.groupby(group)["near"].min()
    geometry = gpd.GeoSeries(whole.geometry.to_numpy()).groupby(group).agg(shapely.union_all)
    frame = gpd.GeoDataFrame(
        {"pixels": sums.pixels, "score": sums.score / sums.pixels, "reach": reach, "near": near},
        geometry=gpd.GeoSeries(geometry.to_numpy(), index=sums.index),
        crs=grid.crs,
    )
    return frame[frame.pixels >= least_pixels].reset_index(drop=True)


def patches(mask: np.ndarray, grid: Grid) -> shapely.Geometry:
    """Where `mask` is true, as one geometry in the grid's CRS."""
    with placeless():
        return _outline(mask, grid)


def _outline(mask: np.ndarray, grid: Grid) -> shapely.Geometry:
    outlines = shapes(mask.astype(np.uint8), mask, 4, Affine(*grid.transform))
    parts = [shape(geometry) for geometry, _ in outlines]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)
