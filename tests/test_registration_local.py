"""Parts of a scene that lie otherwise than the rest, as in mosaics."""

import numpy as np
import pytest

from conftest import CRS, X, Y
from seawatch.detect import registration
from seawatch.scenes import Grid, Image

NAMES = ("green", "nir")
SIZE = 256


def scene(left, right, *, open_sea=()):
    """Two windows side by side; the earlier scene's content lies so many columns right."""
    fields = np.kron(np.random.default_rng(5).random((16, 40)) > 0.5, np.ones((20, 20)))
    noise = np.random.default_rng(6)
    windows = []
    for number, columns in enumerate((left, right)):
        images = []
        for moved in (columns, 0):
            tone = 0.05 + 0.15 * np.roll(fields, moved, axis=1)
            tone = tone[20 : 20 + SIZE, 20 + number * SIZE : 20 + (number + 1) * SIZE]
            if number in open_sea:
                tone = np.full_like(tone, 0.05)
            pixels = tone + noise.normal(0, 0.002, (len(NAMES), SIZE, SIZE))
            grid = Grid(CRS, (10, 0, X + number * SIZE * 10, 0, -10, Y), SIZE, SIZE)
            images.append(Image(pixels.astype("float32"), NAMES, grid))
        windows.append((images[0], images[1]))
    return windows


def middle(number):
    return X + (number + 0.5) * SIZE * 10, Y - SIZE * 5


@pytest.mark.parametrize(("left", "right"), [(1, 0), (0, 1), (-1, 0)])
def test_halves_that_lie_otherwise_are_each_laid_on_their_own_way(left, right):
    shift = registration.measure(scene(left, right))
    assert shift.sigma is not None
    assert len(shift.local) == 2
    assert shift.at(*middle(0)) == pytest.approx((left, 0), abs=0.1)
    assert shift.at(*middle(1)) == pytest.approx((right, 0), abs=0.1)


def test_a_scene_that_lies_one_way_has_one_shift():
    shift = registration.measure(scene(1, 1))
    assert shift.local == ()
    assert shift.at(*middle(0)) == shift.at(*middle(1)) == (shift.columns, shift.rows)
    assert shift.columns == pytest.approx(1, abs=0.1)


def test_open_sea_is_laid_on_as_the_rest_is():
    shift = registration.measure(scene(1, 0, open_sea=[1]))
    assert shift.sigma is not None
    assert shift.at(*middle(1)) == pytest.approx((1, 0), abs=0.1)
