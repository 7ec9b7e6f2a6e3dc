"""The objects of a map: which pixels belong together, and how long and wide they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from seawatch.detect._objects import Bodies, labelled, objects

EIGHT = np.ones((3, 3), int)
ONE_OF = st.sampled_from([0, 1, 2])
MAPS = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def painted(labels):
    """Labels as a map of them, from 1; 0 for none."""
    drawn = np.zeros(labels.shape, int)
    drawn.ravel()[labels.at] = labels.label + 1
    return drawn


@settings(max_examples=150, deadline=None)
@given(MAPS)
def test_objects_are_those_of_eight_neighbours_in_reading_order(changed):
    labels = labelled(changed)
    known, number = ndimage.label(changed, EIGHT)
    assert labels.number == number
    assert (painted(labels) == known).all()
    assert (labels.pixels == np.bincount(known.ravel(), minlength=number + 1)[1:]).all()


@settings(max_examples=100, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=ONE_OF))
def test_side_by_side_unlike_numbers_are_objects_of_their_own(numbers):
    labels, drawn = labelled(numbers), painted(labelled(numbers))
    parts = [ndimage.label(numbers == value, EIGHT) for value in (1, 2)]
    assert labels.number == sum(number for _, number in parts)
    for known, number in parts:
        for part in range(1, number + 1):
            (name,) = set(drawn[known == part])
            assert ((drawn == name) == (known == part)).all()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_objects_of_a_large_map_are_those_of_eight_neighbours(share):
    changed = np.random.default_rng(3).random((200, 300)) < share
    assert (painted(labelled(changed)) == ndimage.label(changed, EIGHT)[0]).all()


def test_no_object_goes_on_from_the_end_of_a_row_to_the_start_of_another():
    changed = np.zeros((4, 5), bool)
    changed[0, 4] = changed[1, 0] = changed[2, 4] = changed[3, 0] = True
    assert labelled(changed).number == 4
    changed = np.zeros((3, 5), bool)
    changed[0, 4] = changed[2, 0] = True  # and none two rows on
    assert labelled(changed).number == 2


@pytest.mark.parametrize("shape", [(0, 0), (3, 4)])
def test_a_map_of_nothing_has_no_objects(shape):
    labels = labelled(np.zeros(shape, bool))
    assert labels.number == 0
    assert list(labels.windows(np.arange(0))) == []
    assert list(objects(labels, 1)) == []


@settings(max_examples=50, deadline=None)
@given(MAPS)
def test_the_windows_of_all_objects_paint_the_map_again(changed):
    labels = labelled(changed)
    known, _ = ndimage.label(changed, EIGHT)
    boxes = ndimage.find_objects(known)
    for number, window, mask in labels.windows(np.arange(labels.number)):
        assert window == boxes[number]
        assert (mask == (known[window] == number + 1)).all()


def test_windows_are_of_the_chosen_objects_alone():
    changed = np.zeros((9, 9), bool)
    changed[0, 0] = changed[4, 3:6] = changed[8, 8] = True
    ((number, window, mask),) = labelled(changed).windows(np.array([1]))
    assert number == 1
    assert window == np.s_[4:5, 3:6]
    assert mask.all()


def test_small_objects_are_left_out():
    changed = np.zeros((9, 9), bool)
    changed[0, :3] = changed[5, :4] = True
    assert [one.mask.sum() for one in objects(labelled(changed), 4)] == [4]


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90])
def test_a_turned_rectangle_is_as_long_and_wide_as_it_is(degrees):
    rows, columns = np.mgrid[-60:61, -60:61]
    turn = np.radians(degrees)
    along = columns * np.cos(turn) + rows * np.sin(turn)
    across = rows * np.cos(turn) - columns * np.sin(turn)
    (one,) = objects(labelled((abs(along) <= 30.4) & (abs(across) <= 8.4)), 5)
    assert one.length == pytest.approx(61, abs=1)
    assert one.width == pytest.approx(17, abs=1)
    assert one.thickness == pytest.approx(16.8, abs=1)
    assert one.fill == pytest.approx(1, abs=0.1)


def test_an_angled_mole_is_thin_however_wide_the_rectangle_about_it():
    changed = np.zeros((60, 60), bool)
    changed[5:50, 10:14] = changed[46:50, 10:50] = True
    (one,) = objects(labelled(changed), 5)
    assert one.width > 20
    assert one.thickness < 6
    assert one.fill < 0.4


@settings(max_examples=150, deadline=None)
@given(MAPS)
def test_bodies_are_joined_along_sides_alone(where):
    bodies = Bodies(where)
    known, number = ndimage.label(where)
    of = bodies.at(np.arange(where.size)).reshape(where.shape)
    assert (of == known - 1).all()
    assert (bodies.area == np.bincount(known.ravel(), minlength=number + 1)[1:]).all()
    meant = [(r.start, c.start, r.stop, c.stop) for r, c in ndimage.find_objects(known)]
    assert bodies.box.tolist() == [list(box) for box in meant]


@pytest.mark.parametrize("margin", [0, 1, 3])
def test_bodies_masks_lie_in_their_windows_with_a_margin(margin):
    where = np.zeros((90, 120), bool)
    where[5:-5, 5:-5] = np.random.default_rng(4).random((80, 110)) < 0.5
    bodies, known = Bodies(where), ndimage.label(where)[0]
    chosen = np.flatnonzero(bodies.area >= 3)
    assert len(chosen) > 20
    for number, (at, mask) in zip(chosen, bodies.masks(chosen, margin), strict=True):
        assert (mask == (known[at] == number + 1)).all()
        assert mask.sum() == bodies.area[number]
        top, left, bottom, right = bodies.box[number]
        assert (at[0].start, at[1].stop) == (top - margin, right + margin)
        assert (at[0].stop, at[1].start) == (bottom + margin, left - margin)


def test_no_bodies_are_in_a_map_of_nothing():
    bodies = Bodies(np.zeros((4, 5), bool))
    assert len(bodies.area) == 0
    assert (bodies.at(np.arange(20)) == -1).all()
    assert list(bodies.masks(np.empty(0, int), 1)) == []


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=ONE_OF))
def test_objects_know_their_number_and_the_box_they_lie_in(numbers):
    labels, drawn = labelled(numbers), painted(labelled(numbers))
    meant = [(r.start, c.start, r.stop, c.stop) for r, c in ndimage.find_objects(drawn)]
    assert labels.box.tolist() == [list(box) for box in meant]
    assert all((numbers[drawn == n] == value).all() for n, value in enumerate(labels.value, 1))


def test_what_is_surely_shorter_is_left_out():
    changed = np.zeros((20, 20), bool)
    changed[2, 2:12] = changed[8:10, 3:6] = True
    assert [one.mask.sum() for one in objects(labelled(changed), 1, 8)] == [10]
