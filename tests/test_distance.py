"""How far inside something pixels lie: true distances, as far as anybody looks."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seawatch.detect._distance import Distance
from seawatch.geo import REACH

MAPS = arrays.arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14)))


def true(inside):
    """The same by OpenCV, which has no cap, and a number of its own where nothing is outside."""
    if inside.all():
        return np.full(inside.shape, REACH, np.float32)
    exact = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.minimum(exact, REACH)


@settings(max_examples=150, deadline=None)
@given(MAPS)
def test_distances_are_true_ones(inside):
    everywhere = Distance(inside).at(np.arange(inside.size)).reshape(inside.shape)
    assert np.allclose(everywhere, true(inside), atol=1e-4)


@pytest.mark.parametrize("share", [0.0002, 0.01])
def test_nothing_is_farther_than_anybody_looks(share):
    inside = np.random.default_rng(5).random((210, 190)) >= share
    found = Distance(inside).within((slice(None), slice(None)))
    assert found.max() == REACH or share > 0.001
    assert np.allclose(found, true(inside), atol=1e-4)


def test_a_part_is_the_same_part_of_the_whole():
    inside = np.random.default_rng(6).random((60, 70)) > 0.02
    part = (slice(10, 31), slice(25, 70))
    assert (Distance(inside).within(part) == Distance(inside).within(np.s_[:, :])[part]).all()
