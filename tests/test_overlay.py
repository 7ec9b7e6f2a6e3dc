"""Overlays of arrays agree with one shape at a time."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from seawatch import overlay


def boxes(*rows):
    return np.array([box(*row) for row in rows])


def squares(most=8):
    side = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9))
    return st.lists(side, min_size=1, max_size=most).map(
        lambda rows: boxes(*((x, y, x + w, y + h) for x, y, w, h in rows))
    )


@given(squares(), squares(), st.sampled_from([0.0, 0.5]))
@settings(max_examples=60, deadline=None)
def test_what_is_uncovered_is_the_shape_less_the_union_of_its_covers(shapes, covers, widen):
    row, cover = overlay.pairs(shapes, covers, widen)
    rest = overlay.uncovered(shapes, row, covers[cover], widen)
    for shape, left in zip(shapes, rest, strict=True):
        wide = [c.buffer(widen, quad_segs=8) if widen else c for c in covers]
        assert left.area == pytest.approx(shape.difference(shapely.union_all(wide)).area, abs=1e-6)


@given(squares(), squares())
@settings(max_examples=60, deadline=None)
def test_what_is_shared_is_the_area_in_common(shapes, others):
    one, other = overlay.pairs(shapes, others)
    shared = overlay.shared_m2(shapes[one], others[other])
    table = np.zeros((len(shapes), len(others)))
    table[one, other] = shared
    expected = shapely.area(shapely.intersection(shapes[:, None], others[None, :]))
    assert table == pytest.approx(expected, abs=1e-9)


@given(
    squares(4),
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=14, unique=True
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=60, deadline=None)
def test_the_nearest_line_is_as_near_as_any(shapes, lines):
    lines = np.array([LineString(points) for points in lines])
    line, away = overlay.nearest(shapes, lines)
    distances = shapely.distance(shapes[:, None], lines[None, :])
    assert away == pytest.approx(distances.min(axis=1))
    assert distances[np.arange(len(shapes)), line] == pytest.approx(away)


def test_threads_change_nothing():
    rng = np.random.default_rng(1)
    shapes = shapely.buffer(shapely.points(rng.uniform(0, 100, (500, 2))), 3.0)
    others = shapely.buffer(shapely.points(rng.uniform(0, 100, (500, 2))), 3.0)
    alone = overlay.spread(shapely.difference, shapes, others, few=10**9)
    assert shapely.equals_identical(
        alone, overlay.spread(shapely.difference, shapes, others, few=1)
    ).all()


def test_crumbs_of_an_overlay_are_no_areas():
    corner = shapely.GeometryCollection([box(0, 0, 1, 1), LineString([(1, 1), (2, 2)])])
    clean = overlay.areas_only(np.array([corner, LineString([(0, 0), (1, 1)]), shapely.Polygon()]))
    assert shapely.area(clean).tolist() == [1, 0, 0]
    assert set(shapely.get_type_id(clean)) <= {3, 6}


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_what_meets_in_lines_and_points_alone_leaves_nothing_wherever_it_stands(order):
    crumbs = shapely.GeometryCollection([shapely.Point(0, 0), LineString([(1, 1), (2, 2)])])
    square, pair = (
        shapely.GeometryCollection([*areas, shapely.Point(9, 9)])
        for areas in (
            [box(0, 0, 1, 1)],
            [shapely.MultiPolygon([box(0, 0, 1, 1), box(1, 0, 2, 1)]), box(5, 0, 6, 1)],
        )
    )
    clean = overlay.areas_only(np.array([crumbs, square, pair])[list(order)])
    assert shapely.area(clean).tolist() == [(0, 1, 3)[which] for which in order]


def test_equal_shapes_are_widened_by_their_own_distances():
    one = box(0, 0, 10, 10)
    wide = overlay.widened(np.array([one, one, one]), np.array([0.0, 1.0, -2.0]))
    assert wide[0] is one
    assert wide[1].bounds == (-1, -1, 11, 11)
    assert wide[2].bounds == (2, 2, 8, 8)


def test_nothing_meets_nothing():
    none = np.zeros(0, object)
    assert [len(side) for side in overlay.pairs(none, boxes((0, 0, 1, 1)))] == [0, 0]
    assert [len(side) for side in overlay.pairs(boxes((0, 0, 1, 1)), none)] == [0, 0]
    assert len(overlay.uncovered(none, np.zeros(0, int), none)) == 0


@given(squares(), squares())
@settings(max_examples=40, deadline=None)
def test_one_cut_gives_what_is_shared_and_what_is_left(shapes, covers):
    row, cover = overlay.pairs(shapes, covers)
    shared, rest = overlay.shared_and_rest(shapes, row, covers[cover])
    assert shared == pytest.approx(overlay.shared_m2(shapes[row], covers[cover]), abs=1e-9)
    left = overlay.uncovered(shapes, row, covers[cover])
    assert shapely.area(rest) == pytest.approx(shapely.area(left))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_united_is_the_union(number):
    shapes = [shapely.box(n, 0, n + 1.5, 1) for n in range(number)]
    assert overlay.united(np.array(shapes, object)).equals(shapely.union_all(shapes))
    assert overlay.united(np.array(shapes, object)).is_empty == (number == 0)


def test_links_hold_together_what_a_chain_of_them_joins():
    group = overlay.linked(np.array([0, 4, 2]), np.array([2, 5, 3]), 7)
    assert [set(np.flatnonzero(group == n)) for n in np.unique(group)] == [
        {0, 2, 3},
        {1},
        {4, 5},
        {6},
    ]
    assert len(overlay.linked(np.zeros(0, int), np.zeros(0, int), 0)) == 0
