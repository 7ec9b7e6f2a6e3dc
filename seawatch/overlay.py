"""Overlays of many shapes at once: which meet, what they share, what is left, what is nearest.

Arrays of shapes and of positions only, no tables: each step is one call for all pairs. Every
core takes its part of a long array (GEOS works without Python's lock), which changes no result.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import reduce

import numpy as np
import scipy
import shapely

_FEW = 1000  # shapes that are not worth a second thread
_EDGES = 4  # of a line in one box: fewer make more boxes, more make them loose
_NODE = 4  # boxes in one node: a search for the nearest opens few nodes
_NOTHING = shapely.Polygon()


def pairs(
    ones: np.ndarray, others: shapely.STRtree | np.ndarray, within_m: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of ones and others no farther apart than `within_m`, by one, then by other."""
    tree = others if isinstance(others, shapely.STRtree) else shapely.STRtree(others)
    if not len(ones) or not len(tree.geometries):
        return np.zeros(0, int), np.zeros(0, int)
    if np.any(within_m):
        one, other = tree.query(ones, predicate="dwithin", distance=within_m)
    else:
        one, other = tree.query(ones, predicate="intersects")
    order = np.lexsort((other, one))
    return one[order], other[order]


def linked(one: np.ndarray, other: np.ndarray, number: int) -> np.ndarray:
    """Which group each of `number` things is in that links between two of them hold together."""
    links = scipy.sparse.coo_array((np.ones(len(one)), (one, other)), shape=(number, number))
    group: np.ndarray = scipy.sparse.csgraph.connected_components(links, directed=False)[1]
    return group


def shared_m2(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Area that each shape shares with the one beside it, m²; what is whole inside is not cut."""
    inside = shapely.covers(other, one)
    area = shapely.area(one)
    cut = spread(shapely.intersection, one[~inside], other[~inside])
    area[~inside] = shapely.area(cut)
    return area


def less(shapes: np.ndarray, row: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Each shape less all cuts of its row, one after another, all rows at once.

    row : which shape each cut belongs to, ascending.
    """
    rest = shapes.copy()
    turn = np.arange(len(row)) - np.searchsorted(row, row)
    for now in range(int(turn.max(initial=-1)) + 1):
        at = np.flatnonzero(turn == now)
        at = at[~shapely.is_empty(rest[row[at]])]
        rest[row[at]] = spread(shapely.difference, rest[row[at]], cuts[at])
    return areas_only(rest)


def uncovered(
    shapes: np.ndarray, row: np.ndarray, covers: np.ndarray, widen_m: np.ndarray | float = 0.0
) -> np.ndarray:
    """What of each shape no cover of its row, widened, holds.

    A cover that holds a shape whole is not widened, and nothing is cut.
    """
    whole = shapely.covers(covers, shapes[row])
    rest = shapes.copy()
    rest[row[whole]] = _NOTHING
    open_ = ~shapely.is_empty(rest)[row]
    widths = np.broadcast_to(widen_m, len(row))[open_]
    return less(rest, row[open_], widened(covers[open_], widths))


def shared_and_rest(
    shapes: np.ndarray, row: np.ndarray, covers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Area each cover shares with its shape, m², and what of each shape no cover holds.

    A shape with one cover is cut once: what is not left is shared.
    """
    rest = uncovered(shapes, row, covers)
    shared = shapely.area(shapes)[row] - shapely.area(rest)[row]
    several = np.bincount(row, minlength=len(shapes))[row] > 1
    shared[several] = shared_m2(shapes[row[several]], covers[several])
    return shared, rest


def united(shapes: np.ndarray) -> shapely.Geometry:
    """The union of a few shapes of many parts, as ground seen through specked masks is.

    One after the other: all parts at once take five times as long, even those of one shape.
    """
    return reduce(shapely.union, shapes) if len(shapes) else _NOTHING


def widened(shapes: np.ndarray, by_m: np.ndarray | float) -> np.ndarray:
    """Each shape widened (or narrowed, below zero) by its own distance; nothing for zero."""
    widths = np.broadcast_to(np.asarray(by_m, dtype=float), len(shapes))
    result = shapes.copy()
    moved = np.flatnonzero(widths)
    # equal shapes at equal distances, as under one permit in one pair, are widened once
    ids = np.array([id(shape) for shape in shapes[moved]], dtype=np.int64)
    keys = np.stack([ids, widths[moved].view(np.int64)], axis=1)
    _, first, same = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    once = moved[first]
    wide = spread(lambda s, w: shapely.buffer(s, w, quad_segs=8), shapes[once], widths[once])
    result[moved] = wide[same.ravel()]
    return result


def areas_only(shapes: np.ndarray) -> np.ndarray:
    """Shapes without the points and lines an overlay leaves where outlines touch."""
    kinds = shapely.get_type_id(shapes)
    clean = shapes.copy()
    clean[~np.isin(kinds, (3, 6, 7))] = _NOTHING
    mixed = np.flatnonzero(kinds == 7)
    parts, of = shapely.get_parts(shapes[mixed], return_index=True)
    parts, part = shapely.get_parts(parts, return_index=True)  # of many areas each
    of = of[part]
    flat = shapely.area(parts) > 0
    clean[mixed] = _NOTHING
    if flat.any():
        # some may be lines and points alone: those with areas are numbered anew
        there, number = np.unique(of[flat], return_inverse=True)
        clean[mixed[there]] = shapely.multipolygons(parts[flat], indices=number)
    return np.where(shapely.area(clean) > 0, clean, _NOTHING)


def nearest(shapes: np.ndarray, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of the line nearest to each shape, and how far it is, m.

    A long line is a large box, and boxes are all that a tree can tell apart: it is searched
    in short pieces.
    """
    pieces, line = _pieces(lines)
    at = shapely.STRtree(pieces, node_capacity=_NODE).nearest(shapes)
    return line[at], shapely.distance(shapes, pieces[at])


def _pieces(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every line cut into runs of a few edges, and the line of each."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    place = np.arange(len(line)) - np.searchsorted(line, line)
    last = np.append(line[1:] != line[:-1], True)
    starts = np.flatnonzero((place % _EDGES == 0) & ~last)
    ends = np.append(starts[1:], len(line) - 1)
    ends = np.minimum(ends, np.flatnonzero(last)[line[starts]])
    length = ends - starts + 1
    of = np.repeat(np.arange(len(starts)), length)
    at = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + starts[of]
    return shapely.linestrings(points[at], indices=of), line[starts]


def spread(function: Callable[..., np.ndarray], *arrays: np.ndarray, few: int = _FEW) -> np.ndarray:
    """An elementwise function over equally long arrays, every core with its own part."""
    cores = os.cpu_count() or 1
    if len(arrays[0]) < few or cores == 1:
        return np.asarray(function(*arrays))
    parts = [np.array_split(array, 4 * cores) for array in arrays]
    with ThreadPoolExecutor(cores) as pool:
        return np.concatenate(list(pool.map(function, *parts)))
