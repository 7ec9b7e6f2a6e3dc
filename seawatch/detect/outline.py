"""From score maps to footprints: objects, their polygons, and polygons across tiles."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from rasterio.features import shapes
from rasterio.transform import Affine
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import shape

from ..scenes import Grid

CHANGED = 0.5
_SURE = 0.7  # an object needs at least one pixel as sure as this
_EIGHT = np.ones((3, 3), int)


def footprints(
    score: np.ndarray, reach: np.ndarray | None, grid: Grid, least_pixels: int
) -> gpd.GeoDataFrame:
    """The changed objects of a window: pixels, score, reach and outline.

    Parameters
    ----------
    score : (row, column), 0-1, NaN where not seen.
    reach : (row, column) pixels from the earlier scene's shore, or None.
    least_pixels : smaller objects are noise, unless they touch the window's edge, where
        the rest may lie in the next window.

    Returns
    -------
    GeoDataFrame in the grid's CRS: pixels, score, reach, geometry.
    """
    labels, number = ndimage.label(np.nan_to_num(score) >= CHANGED, _EIGHT)
    numbers = np.arange(1, number + 1)
    if number == 0:
        return _frame([], [], [], [], grid)
    pixels = ndimage.sum_labels(np.ones_like(labels), labels, numbers)
    peak = ndimage.maximum(np.nan_to_num(score), labels, numbers)
    edge = np.zeros(number + 1, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        edge[side] = True
    kept = ((pixels >= least_pixels) & (peak >= _SURE)) | edge[1:]
    labels[~np.concatenate([[False], kept])[labels]] = 0
    total = ndimage.sum_labels(np.nan_to_num(score), labels, numbers)
    mean = total / pixels
    far = ndimage.maximum(reach, labels, numbers) if reach is not None else np.full(number, np.nan)
    parts: dict[int, list[shapely.Geometry]] = {}
    outlines = shapes(labels.astype(np.int32), labels > 0, 4, Affine(*grid.transform))
    for geometry, label in outlines:
        parts.setdefault(int(label), []).append(shape(geometry))
    names = sorted(parts)
    geometries = [shapely.union_all(parts[n]) for n in names]
    at = np.array(names, int) - 1
    return _frame(pixels[at], mean[at], far[at], geometries, grid)


def _frame(
    pixels: ArrayLike,
    score: ArrayLike,
    reach: ArrayLike,
    geometries: Iterable[shapely.Geometry],
    grid: Grid,
) -> gpd.GeoDataFrame:
    columns = {"pixels": pixels, "score": score, "reach": reach}
    frame = pd.DataFrame(columns, dtype="float64")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(list(geometries), crs=grid.crs))


def joined(tiles: list[gpd.GeoDataFrame], grid: Grid, least_pixels: int) -> gpd.GeoDataFrame:
    """The objects of a scene from those of its windows: what touches is one object."""
    whole = pd.concat(tiles, ignore_index=True) if tiles else _frame([], [], [], [], grid)
    if whole.empty:
        return _frame([], [], [], [], grid)
    one, other = whole.sindex.query(whole.geometry, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(whole), len(whole)))
    group = connected_components(links, directed=False)[1]
    weighted = whole.assign(score=whole.score * whole.pixels)
    sums = weighted.groupby(group)[["pixels", "score"]].sum()
    reach = whole.groupby(group)["reach"].max()
    geometry = gpd.GeoSeries(whole.geometry.to_numpy()).groupby(group).agg(shapely.union_all)
    frame = gpd.GeoDataFrame(
        {"pixels": sums.pixels, "score": sums.score / sums.pixels, "reach": reach},
        geometry=gpd.GeoSeries(geometry.to_numpy(), index=sums.index),
        crs=grid.crs,
    )
    return frame[frame.pixels >= least_pixels].reset_index(drop=True)


def patches(mask: np.ndarray, grid: Grid) -> shapely.Geometry:
    """Where `mask` is true, as one geometry in the grid's CRS."""
    outlines = shapes(mask.astype(np.uint8), mask, 4, Affine(*grid.transform))
    return shapely.union_all([shape(geometry) for geometry, _ in outlines])
