"""Polygons made of cells: how outlines of pixels are drawn, and what of them is thin.

Their edges are walked corner by corner, with the body on the right, each edge once. GDAL's
polygonize does the same, but no other thread can go on beside it, and its areas come out one
by one; and on a map a shape is made thinner many times as fast as its outline is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import shapely

from .compiled import compiled
from .geo import vertices

MOST_CELLS = 2**21
"""Of one map: a shape's box that holds more is none for `opened`."""

_LATTICE_M = 1e-3  # corners that lie so near a place lie there


def squares_m(shapes: np.ndarray) -> np.ndarray:
    """Side of the squares that each polygon is made of, side by side along both axes, m; else 0.

    Such is what pixels are outlined to, and it is nowhere thinner than a square. Shapes are in
    a plane, metres.
    """
    points, ring, _, shape = vertices(shapes)
    of = shape[ring]
    steps = np.abs(np.diff(points, axis=0))[ring[1:] == ring[:-1]]
    edge_of = of[1:][ring[1:] == ring[:-1]]
    side = np.full(len(shapes), np.inf)
    np.minimum.at(side, edge_of, steps.max(axis=1))
    first = np.searchsorted(of, np.arange(len(shapes))).clip(max=max(len(of) - 1, 0))
    cells = (points - points[first][of]) / side[of][:, None]
    off = np.abs(cells - np.rint(cells)).max(axis=1) * side[of]
    made = np.isfinite(side) & (side > 4 * _LATTICE_M)  # smaller ones could be anything
    made[of[~(off <= _LATTICE_M)]] = False
    made[edge_of[steps.min(axis=1) > _LATTICE_M]] = False
    return np.where(made, side, 0.0)


def in_squares(shapes: np.ndarray, side_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polygons made of squares (`squares_m`), counted in those from a first corner of each.

    Returns them, of whole numbers, and the first corners, (shape, 2), metres.
    """
    points, of = shapely.get_coordinates(shapes, return_index=True)
    first = points[np.searchsorted(of, np.arange(len(shapes)))]
    cells = np.rint((points - first[of]) / side_m[of, None])
    return shapely.set_coordinates(shapes.copy(), cells), first


def of_squares(cells: np.ndarray, first: np.ndarray, side_m: np.ndarray) -> np.ndarray:
    """Back from that to a plane, metres."""
    points, of = shapely.get_coordinates(cells, return_index=True)
    placed: np.ndarray = shapely.set_coordinates(cells, first[of] + points * side_m[of, None])
    return placed


def packed(box: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Boxes laid side by side on one map, a cell apart, the highest first.

    box : (box, 4) first row and column, and the last plus one. Returns (box, 2) columns and
    rows from there back to each one's place, and the map's rows and columns.
    """
    high, across = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    wide = max(int(((high + 1) * (across + 1)).sum() ** 0.5), int(across.max()))
    places = np.empty((len(box), 2), np.intp)
    column, row, below, reached = 0, 0, 0, 0
    for number in np.argsort(-high, kind="stable").tolist():
        broad = int(across[number])
        if column + broad > wide:
            column, row = 0, below
        places[number] = column, row
        reached, below = max(reached, column + broad), max(below, row + int(high[number]) + 1)
        column += broad + 1
    return box[:, 1::-1] - places, (below, reached)


def outlines(
    numbers: np.ndarray, steps: np.ndarray, ground: Callable[[Any, Any], tuple[Any, Any]]
) -> np.ndarray:
    """What a map holds of each number, moved by its step of columns and rows.

    numbers : (row, column), from 1, no two side by side, 0 for nothing. steps : (number, 2).
    ground : x and y of columns and rows. Returns (number,) of polygons, empty where it holds
    nothing; parts of one touch at corners only.
    """
    rings = rings_of(numbers > 0)
    number = numbers[tuple(rings.pixel.T)].astype(np.intp) - 1
    columns, rows = (rings.corners + steps[number[rings.body[rings.ring]]]).T
    edges = shapely.linearrings(np.column_stack(ground(columns, rows)), indices=rings.ring)
    order = np.argsort(number, kind="stable")
    parts, number = shapely.polygons(edges, indices=rings.body)[order], number[order]
    whole = np.full(len(steps), shapely.Polygon(), object)
    several = np.bincount(number, minlength=len(steps))[number] > 1
    whole[number[~several]] = parts[~several]
    if several.any():
        there, of = np.unique(number[several], return_inverse=True)
        whole[there] = shapely.multipolygons(parts[several], indices=of)
    return whole


def opened(shapes: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What of polygons is wider than so many cells along both axes, and the rest.

    shapes : (shape,) of cells of 1 (`in_squares`), none with a box of more than `MOST_CELLS`.
    most : (shape,), whole numbers.
    """
    core, rest = np.full(len(shapes), shapely.Polygon(), object), shapes.copy()
    left, bottom, right, top = shapely.bounds(shapes).T
    high, across = top - bottom, right - left
    wide = np.flatnonzero(np.minimum(high, across) > most)  # the others are thin as a whole
    # of like heights, so that they lie close on a map
    kinds, kind = np.unique(
        np.column_stack([most[wide], np.frexp(high[wide])[1]]), axis=0, return_inverse=True
    )
    for number, (width, _) in enumerate(kinds):
        alike = wide[kind.ravel() == number]
        turn = np.cumsum((high + 1)[alike] * (across + 1)[alike]) // MOST_CELLS
        for some in np.split(alike, np.flatnonzero(np.diff(turn)) + 1):
            core[some], rest[some] = _opened(shapes[some], int(width) + 1)
    return core, rest


def _opened(shapes: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """What of polygons of cells squares of that side fit into, and the rest."""
    box = shapely.bounds(shapes).astype(np.intp)[:, [1, 0, 3, 2]]
    steps, (high, across) = packed(box)
    points, ring, _, shape = vertices(shapes)
    inside = np.zeros((high, across + 1), np.uint8)  # their right edges lie in the next cell
    columns, rows = (points.astype(np.intp) - steps[shape[ring]]).T
    _fill(columns, rows, ring, inside)
    numbers = np.zeros(inside.shape, np.int32)
    corners = (box - steps[:, [1, 0, 1, 0]]).tolist()
    for number, (top, left, bottom, right) in enumerate(corners, 1):
        numbers[top:bottom, left:right] = number
    square = np.ones((side, side), np.uint8)
    nothing = cv2.BORDER_CONSTANT  # lies beyond the map
    fits = cv2.erode(inside, square, anchor=(0, 0), borderType=nothing, borderValue=0)
    wide = cv2.dilate(fits, square, anchor=(side - 1, side - 1), borderType=nothing, borderValue=0)
    core, rest = (
        outlines(numbers * part, steps, lambda x, y: (x, y)) for part in (wide, inside - wide)
    )
    return core, rest


@compiled
def _fill(columns: np.ndarray, rows: np.ndarray, ring: np.ndarray, inside: np.ndarray) -> None:
    """Make 1 what closed rings hold, whose corners follow each other along the axes."""
    for at in range(len(ring) - 1):
        if ring[at] == ring[at + 1] and columns[at] == columns[at + 1]:
            first, last = rows[at], rows[at + 1]
            for row in range(min(first, last), max(first, last)):
                inside[row, columns[at]] ^= 1
    for row in range(len(inside)):
        within = 0
        for column in range(inside.shape[1]):
            within ^= inside[row, column]
            inside[row, column] = within


@dataclass(frozen=True)
class Rings:
    """Closed outlines, those of one body together, its outer one first.

    corners : (corner, 2) column and row, 0 where the first pixel begins, ring after ring.
    ring : (corner,), which ring each is of; body : (ring,), which body each is of; from 0 both.
    pixel : (body, 2) row and column of one of its pixels.
    """

    corners: np.ndarray
    ring: np.ndarray
    body: np.ndarray
    pixel: np.ndarray


def rings_of(mask: np.ndarray) -> Rings:
    """The outlines of what a (row, column) map of bool holds, its bodies joined along sides."""
    walked = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.uint8)  # nothing lies beyond it
    walked[1:-1, 1:-1] = mask
    _, bodies = cv2.connectedComponents(walked, connectivity=4, ltype=cv2.CV_32S)
    # every other corner ends an edge that runs up or down
    most = 2 * np.count_nonzero(walked[:, 1:] != walked[:, :-1])
    corners, pixel = np.empty((2, most, 2), np.int32)
    body, starts = np.empty(most, np.int32), np.zeros(most + 1, np.intp)
    walked[:] = 0
    number = _walk(bodies, walked, corners, starts, body, pixel)
    order = np.argsort(body[:number], kind="stable")  # an outer one is met before its holes
    length = np.diff(starts[: number + 1])[order]
    ring = np.repeat(np.arange(number), length)
    at = np.arange(len(ring)) + (starts[:number][order] - np.cumsum(length) + length)[ring]
    body = body[order] - 1
    outer = np.flatnonzero(np.diff(body, prepend=-1))
    return Rings(corners[at], ring, body, pixel[order[outer]])


@compiled
def _walk(
    bodies: np.ndarray,
    walked: np.ndarray,
    corners: np.ndarray,
    starts: np.ndarray,
    body: np.ndarray,
    pixel: np.ndarray,
) -> int:
    """Fill in every ring's corners, where they start, its body and a pixel of that.

    Returns how many rings there are.

    bodies : (row, column) of their numbers, with a blank pixel around. walked : of the same
        shape, 1 is added for a pixel's upper edge and 2 for its lower.
    """
    rings, corner = 0, 0
    for row in range(1, len(bodies) - 1):
        for column in range(1, bodies.shape[1] - 1):
            own = bodies[row, column]
            if own == 0:
                continue
            for lower in range(2):  # a body's outer ring is met by its top, before all its holes
                beside = bodies[row + 1, column] if lower else bodies[row - 1, column]
                if beside == own or walked[row, column] & (1 + lower):
                    continue
                # east along the upper edge, west along the lower
                y, x, way = row + lower, column + lower, 2 * lower
                while True:
                    if way == 0:
                        walked[y, x] |= 1
                        x += 1
                        left, right = bodies[y - 1, x] == own, bodies[y, x] == own
                    elif way == 1:
                        y += 1
                        left, right = bodies[y, x] == own, bodies[y, x - 1] == own
                    elif way == 2:
                        x -= 1
                        walked[y - 1, x] |= 2
                        left, right = bodies[y, x - 1] == own, bodies[y - 1, x - 1] == own
                    else:
                        y -= 1
                        left, right = bodies[y - 1, x - 1] == own, bodies[y - 1, x] == own
                    if left or not right:
                        # where only corners meet, so that no ring crosses itself
                        way = (way + 3) % 4 if left else (way + 1) % 4
                        corners[corner, 0], corners[corner, 1] = x - 1, y - 1
                        corner += 1
                    if y == row + lower and x == column + lower and way == 2 * lower:
                        break
                body[rings] = own
                pixel[rings, 0], pixel[rings, 1] = row - 1, column - 1
                rings += 1
                starts[rings] = corner
    return rings
