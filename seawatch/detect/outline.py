"""From score maps to footprints: objects, their polygons, and polygons across tiles."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import shapes
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import shape

from ..geo import placeless
from ..scenes import Grid
from ._objects import Labels, labelled

CHANGED = 0.5
_SURE = 0.7  # an object needs at least one pixel as sure as this
_COLUMNS = ["kind", "pixels", "total", "peak", "reach", "near", "edge", "geometry"]


def footprints(
    found: np.ndarray,
    kinds: Sequence[str],
    scores: Mapping[str, np.ndarray],
    reach: Mapping[str, np.ndarray],
    offshore: np.ndarray | None,
    grid: Grid,
    least_pixels: int,
) -> pd.DataFrame:
    """The changed objects of a window, of all kinds.

    Parameters
    ----------
    found : (row, column), what each pixel changed to: a number of `kinds`, from 1; else 0.
    scores : by kind, (row, column), 0-1.
    reach : by kind, (row, column) pixels from the earlier scene's shore, where it is known.
    offshore : (row, column) pixels from the earlier scene's land, or None.
    least_pixels : smaller objects are noise, unless they touch the window's edge, where
        the rest may lie in the next window.

    Returns
    -------
    DataFrame: kind, pixels, total (of the scores), peak (the surest), reach (the
    farthest), near (the nearest to land), edge (whether it touches the window's edge),
    geometry in the grid's CRS.
    """
    objects = labelled(found)
    if not objects.number:
        return pd.DataFrame(columns=_COLUMNS)
    label, number = objects.label, objects.number
    rows, columns = np.divmod(objects.at, found.shape[1])
    code = found[rows, columns]
    sure, far = np.zeros(len(label)), np.full(len(label), np.nan)
    for name in np.unique(code):
        kind, these = kinds[name - 1], code == name
        sure[these] = scores[kind][rows[these], columns[these]]
        if kind in reach:
            far[these] = reach[kind][rows[these], columns[these]]
    peak, farthest, nearest = np.zeros(number), np.full(number, np.nan), np.full(number, np.nan)
    np.maximum.at(peak, label, sure)
    np.fmax.at(farthest, label, far)
    if offshore is not None:
        np.fmin.at(nearest, label, offshore[rows, columns])
    last = (found.shape[0] - 1, found.shape[1] - 1)
    edge = np.zeros(number, bool)
    edge[label[(rows == 0) | (columns == 0) | (rows == last[0]) | (columns == last[1])]] = True
    kind_of = np.zeros(number, int)
    kind_of[label] = code
    table = pd.DataFrame(
        {
            "kind": np.array(kinds, object)[kind_of - 1],
            "pixels": objects.pixels,
            "total": np.bincount(label, sure, minlength=number),
            "peak": peak,
            "reach": farthest,
            "near": nearest,
            "edge": edge,
        }
    )
    kept = ((objects.pixels >= least_pixels) & (peak >= _SURE)) | edge
    return table[kept].assign(geometry=_outlines(objects, kept, grid))


def _outlines(objects: Labels, kept: np.ndarray, grid: Grid) -> np.ndarray:
    """The outlines of the `kept` ones, (object,) of geometries in the grid's CRS."""
    name = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    painted = np.zeros(objects.shape, np.int32)
    painted.ravel()[objects.at] = name[objects.label]
    parts: list[list[shapely.Geometry]] = [[] for _ in range(int(kept.sum()))]
    for outline, number in _outlined(painted, grid):
        parts[number - 1].append(outline)
    outlines = np.empty(len(parts), object)
    # parts of one object touch at corners only
    outlines[:] = [one[0] if len(one) == 1 else shapely.union_all(one) for one in parts]
    return outlines


def _outlined(painted: np.ndarray, grid: Grid) -> list[tuple[shapely.Geometry, int]]:
    """The patches of equal numbers other than 0, each with its number."""
    rows, columns = (np.flatnonzero(painted.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return []
    top, left = int(rows[0]), int(columns[0])
    part = painted[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    with placeless():
        found = [(shape(one), int(number)) for one, number in shapes(part, part > 0, 4)]
    outlines, numbers = zip(*found, strict=True)

    def placed(corners: np.ndarray) -> np.ndarray:
        return np.column_stack(grid.ground(corners[:, 0] + left, corners[:, 1] + top))

    return list(zip(shapely.transform(outlines, placed), numbers, strict=True))


def joined(tiles: list[pd.DataFrame], grid: Grid, least_pixels: int) -> gpd.GeoDataFrame:
    """The objects of a scene from those of its windows: what touches is one object.

    Returns
    -------
    GeoDataFrame in the grid's CRS: kind, pixels, score (the mean), reach, near, geometry.
    """
    found = [tile for tile in tiles if len(tile)]
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)
    # what lies within a window is whole already
    at_edge = np.flatnonzero(whole.edge.to_numpy(bool))
    shapes_there, kinds = whole.geometry.to_numpy()[at_edge], whole.kind.to_numpy()[at_edge]
    one, other = shapely.STRtree(shapes_there).query(shapes_there, predicate="intersects")
    alike = kinds[one] == kinds[other]
    one, other = at_edge[one[alike]], at_edge[other[alike]]
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(whole), len(whole)))
    group = connected_components(links, directed=False)[1] if len(whole) else np.empty(0, int)
    parts = np.bincount(group)[group] > 1
    rows = whole[parts].groupby(group[parts])
    merged = rows.agg(
        {"kind": "first", "pixels": "sum", "total": "sum", "peak": "max", "reach": "max"}
        | {"near": "min", "geometry": lambda shapes: shapely.union_all(list(shapes))}
    )
    merged = pd.concat([part for part in (whole[~parts], merged) if len(part)] or [whole])
    merged = merged[(merged.pixels >= least_pixels) & (merged.peak >= _SURE)]
    shown = merged.assign(score=merged.total / merged.pixels).reset_index(drop=True)
    columns = ["kind", "pixels", "score", "reach", "near"]
    return gpd.GeoDataFrame(
        shown[columns].astype(dict.fromkeys(columns[1:], "float64")),
        geometry=gpd.GeoSeries(list(shown.geometry), crs=grid.crs),
    )


def patches(mask: np.ndarray, grid: Grid) -> shapely.Geometry:
    """Where `mask` is true, as one geometry in the grid's CRS."""
    return shapely.union_all([outline for outline, _ in _outlined(mask.astype(np.uint8), grid)])
