"""Values between a file's pixels, as reflectance."""

import numpy as np
import pytest

from seawatch.io.between import REACH, fill

SIDE = 40


def waves(right, down, size=SIDE, margin=REACH):
    """Two bands of smooth waves, as a file's numbers, seen from so far beside its pixels."""
    row, column = np.mgrid[-margin : size + margin, -margin : size + margin]
    row, column = row + down, column + right
    return np.stack(
        [1000 + 300 * np.sin(row / 2) * np.cos(column / 3), 500 + 200 * np.sin(column / 2.5)]
    )


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("fraction", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.75), (0.5, 0.2)])
def test_values_are_those_of_the_wave_between_its_pixels(kind, fraction):
    still = fraction == (0.0, 0.0)
    few = 8 if kind == "uint8" else 1  # what such a number holds
    raw = (waves(0, 0, margin=0 if still else REACH) / few).astype(kind)
    out = np.full((3, SIDE, SIDE), -1, np.float32)
    fill(raw, fraction, out, [2, 0], [0.001 * few, 0.002 * few], [0.1, -0.2])
    meant = waves(*fraction, margin=0)
    rounding = 0 if kind.startswith("float") else 0.003 * few
    assert np.abs(out[2] - (meant[0] * 0.001 + 0.1)).max() <= 0.006 + rounding
    assert np.abs(out[0] - (meant[1] * 0.002 - 0.2)).max() <= 0.006 + rounding
    assert (out[1] == -1).all()


def test_even_ground_stays_even_between_its_pixels():
    out = np.empty((1, 5, 6), np.float32)
    fill(np.full((1, 5 + 2 * REACH, 6 + 2 * REACH), 700, np.uint16), (0.4, 0.6), out, [0], [1], [0])
    assert np.allclose(out, 700, rtol=1e-5)


def test_texture_as_fine_as_four_pixels_keeps_its_height():
    line = 100 * np.cos(np.arange(-REACH, SIDE + REACH) * np.pi / 2)
    raw = np.tile(line, (SIDE + 2 * REACH, 1))[None].astype(np.float32)
    out = np.empty((1, SIDE, SIDE), np.float32)
    fill(raw, (0.5, 0.0), out, [0], [1.0], [0.0])
    # a cubic leaves 88 % of it
    assert np.abs(out).max() >= 0.96 * 100 * np.cos(np.pi / 4)
