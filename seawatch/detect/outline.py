"""From score maps to footprints: objects, their polygons, and polygons across tiles."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import cells
from ..scenes import Grid
from ._objects import Labels, connected

CHANGED = 0.5
_STRAIGHT = 1e-6  # of a pixel: a corner that is no farther off a line is none
_SURE = 0.7  # an object needs at least one pixel as sure as this

Footprints = dict[str, np.ndarray]
"""A table's columns by their names: a frame a window would take longer to make than to fill."""


def footprints(
    objects: Labels,
    surest: np.ndarray,
    kinds: Sequence[str],
    reach: np.ndarray,
    near: np.ndarray,
    grid: Grid,
    least_pixels: int,
) -> Footprints:
    """The changed objects of a window, of all kinds.

    Parameters
    ----------
    objects : of what each pixel changed to: a number of `kinds`, from 1.
    surest : (row, column), the score by which, 0-1.
    reach, near : of each pixel of the objects, pixels that it lies from the earlier scene's
        shore, and from its land; NaN where it is not known.
    least_pixels : smaller objects are noise, unless they touch the window's edge, where
        the rest may lie in the next window.

    Returns
    -------
    kind, pixels, total (of the scores), peak (the surest), reach (the farthest), near (the
    nearest to land), edge (whether it touches the window's edge), geometry in the grid's CRS.
    """
    label, number = objects.label, objects.number
    rows, columns = np.divmod(objects.at, objects.shape[1])
    sure = surest[rows, columns].astype(float)
    peak, farthest, nearest = np.zeros(number), np.full(number, np.nan), np.full(number, np.nan)
    np.maximum.at(peak, label, sure)
    np.fmax.at(farthest, label, reach.astype(float))
    np.fmin.at(nearest, label, near.astype(float))
    edge = (objects.box[:, :2] == 0).any(axis=1) | (objects.box[:, 2:] == objects.shape).any(axis=1)
    kept = np.flatnonzero(((objects.pixels >= least_pixels) & (peak >= _SURE)) | edge)
    return {
        "kind": np.array(kinds, object)[objects.value[kept] - 1],
        "pixels": objects.pixels[kept],
        "total": np.bincount(label, sure, minlength=number)[kept],
        "peak": peak[kept],
        "reach": farthest[kept],
        "near": nearest[kept],
        "edge": edge[kept],
        "geometry": _outlines(objects, kept, grid),
    }


def _outlines(objects: Labels, chosen: np.ndarray, grid: Grid) -> np.ndarray:
    """The outlines of the chosen ones, (object,) of geometries in the grid's CRS.

    They are laid side by side on a small map: outlining costs something for the empty ground
    between.
    """
    if not len(chosen):
        return np.empty(0, object)
    steps, size = cells.packed(objects.box[chosen])
    place = np.full(objects.number, -1)  # on that map
    place[chosen] = np.arange(len(chosen))
    number = place[objects.label]
    rows, columns = np.divmod(objects.at[number >= 0], objects.shape[1])
    number = number[number >= 0]
    numbers = np.zeros(size, np.int32)
    numbers[rows - steps[number, 1], columns - steps[number, 0]] = number + 1
    return cells.outlines(numbers, steps, grid.ground)


def joined(tiles: Sequence[Footprints], grid: Grid, least_pixels: int) -> gpd.GeoDataFrame:
    """The objects of a scene from those of its windows, one at least: what touches is one object.

    Returns
    -------
    GeoDataFrame in the grid's CRS: kind, pixels, score (the mean), reach, near, geometry.
    """
    whole = pd.DataFrame({name: np.concatenate([t[name] for t in tiles]) for name in tiles[0]})
    # what lies within a window is whole already
    at_edge = np.flatnonzero(whole.edge.to_numpy())
    shapes_there, kinds = whole.geometry.to_numpy()[at_edge], whole.kind.to_numpy()[at_edge]
    one, other = shapely.STRtree(shapes_there).query(shapes_there, predicate="intersects")
    alike = kinds[one] == kinds[other]
    one, other = at_edge[one[alike]], at_edge[other[alike]]
    group, _ = connected(one, other, len(whole))
    parts = np.bincount(group)[group] > 1
    rows = whole[parts].groupby(group[parts])
    merged = rows.agg(
        {"kind": "first", "pixels": "sum", "total": "sum", "peak": "max", "reach": "max"}
        | {"near": "min", "geometry": lambda shapes: shapely.union_all(shapes.to_numpy())}
    )
    # without the corners that stood where windows met
    straight = shapely.simplify(merged.geometry.to_numpy(), _STRAIGHT * grid.pixel_size)
    merged = merged.assign(geometry=straight)
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
    (shape,) = cells.outlines(mask.view(np.uint8), np.zeros((1, 2)), grid.ground)
    return shape
