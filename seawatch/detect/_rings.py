"""Outlines of bodies of pixels: their edges are walked, corner by corner.

With the body on the right, each edge once. GDAL's polygonize does the same, but no other
thread can go on beside it, and its areas come out one by one.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..compiled import compiled


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
