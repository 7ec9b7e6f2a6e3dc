"""The numbers of a file as reflectance, at its pixels or a part of a pixel beside them.

Between pixels a windowed sinc of six pixels (Lanczos 1956) is taken, which keeps fine
texture as it is where a cubic would blur it, and so make a change of it.
"""

from collections.abc import Sequence

import numpy as np

from ..compiled import compiled

REACH = 3
"""Pixels to either side that a value between pixels is made of."""

# numbers of another type are made float32 first
_COMPILED_FOR = ("uint8", "uint16", "int16", "float32")


def fill(
    raw: np.ndarray,
    fraction: tuple[float, float],
    out: np.ndarray,
    bands: Sequence[int],
    scales: Sequence[float],
    offsets: Sequence[float],
) -> None:
    """Write each band of `raw`, times its scale and plus its offset, into its map of `out`.

    Parameters
    ----------
    raw : (band, row, column) of the file's own numbers, wider than `out` by ``REACH`` on every
        side where `fraction` is not (0, 0).
    fraction : how far to the right and down of a pixel the values lie, 0-1.
    out : (map, row, column) float32; bands : which map each band of `raw` becomes.
    """
    if raw.dtype.name not in _COMPILED_FOR:
        with np.errstate(over="ignore"):  # what float32 does not hold is infinite
            raw = raw.astype(np.float32)
    line = [np.array(numbers, np.float32) for numbers in (scales, offsets)]
    maps = np.array(bands, np.intp)
    if fraction == (0.0, 0.0):
        _scaled(raw, out, maps, *line)
        return
    x, y = (_taps(part) for part in fraction)
    _between(raw, out, maps, x, y, *line)


def _taps(part: float) -> np.ndarray:
    """What each of six pixels counts for so far right of the third, float32."""
    steps = np.arange(1 - REACH, REACH + 1) - part
    taps = np.sinc(steps) * np.sinc(steps / REACH)
    return (taps / taps.sum()).astype(np.float32)


@compiled
def _scaled(
    raw: np.ndarray, out: np.ndarray, maps: np.ndarray, scales: np.ndarray, offsets: np.ndarray
) -> None:
    for band in range(len(raw)):
        scale, offset = scales[band], offsets[band]
        for row in range(out.shape[1]):
            line, found = raw[band, row], out[maps[band], row]
            for column in range(len(found)):
                found[column] = np.float32(line[column]) * scale + offset


@compiled
def _between(
    raw: np.ndarray,
    out: np.ndarray,
    maps: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    scales: np.ndarray,
    offsets: np.ndarray,
) -> None:
    width = out.shape[2]
    lines = np.empty((6, width), np.float32)  # the last six rows, each between its own pixels
    for band in range(len(raw)):
        scale, offset = scales[band], offsets[band]
        for row in range(out.shape[1] + 5):
            # a value's six pixels begin with the third to its left, in a map three wider
            line, found = raw[band, row + 1, 1:], lines[row % 6]
            for column in range(width):
                found[column] = scale * (
                    x[0] * np.float32(line[column])
                    + x[1] * np.float32(line[column + 1])
                    + x[2] * np.float32(line[column + 2])
                    + x[3] * np.float32(line[column + 3])
                    + x[4] * np.float32(line[column + 4])
                    + x[5] * np.float32(line[column + 5])
                )
            if row < 5:
                continue
            place = out[maps[band], row - 5]
            a, b, c = lines[(row - 5) % 6], lines[(row - 4) % 6], lines[(row - 3) % 6]
            d, e, f = lines[(row - 2) % 6], lines[(row - 1) % 6], lines[row % 6]
            for column in range(width):
                place[column] = offset + (
                    y[0] * a[column]
                    + y[1] * b[column]
                    + y[2] * c[column]
                    + y[3] * d[column]
                    + y[4] * e[column]
                    + y[5] * f[column]
                )
