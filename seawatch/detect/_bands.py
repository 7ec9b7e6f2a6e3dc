"""What is made of the bands of scenes, a cacheful of pixels at a time."""

from collections.abc import Iterator

import numpy as np

_PIXELS = 16384  # of a scene's bands and their sums, so many stay in a core's cache


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """The rows of a (row, column) map, as many at once as stay in a core's cache."""
    rows = max(1, 4 * _PIXELS // shape[1])
    for start in range(0, shape[0], rows):
        yield slice(start, start + rows)


def weighed(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of (band, row, column) bands by their weights, (row, column) float32."""
    flat = pixels.reshape(len(pixels), -1)
    return (weights.astype(np.float32) @ flat).reshape(pixels.shape[1:])


def differences(
    before: np.ndarray, after: np.ndarray, one: np.ndarray, two: np.ndarray, constant: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """`one` · before − `two` · after − `constant`, part by part.

    before, after : (band, pixel) float32. one, two : (sum, band); constant : (sum,).
    Yields which pixels, and (sum, pixel) of them.
    """
    one, two = (np.ascontiguousarray(weights, np.float32) for weights in (one, two))
    taken = constant.astype(np.float32)[:, None]
    for start in range(0, before.shape[1], _PIXELS):
        at = slice(start, start + _PIXELS)
        found = one @ before[:, at]
        found -= two @ after[:, at]
        found -= taken
        yield at, found
