"""Polygons made of cells: outlined, counted in squares, and made thinner."""

import numpy as np
import pytest
import rasterio.features
import shapely
from shapely.affinity import rotate
from shapely.geometry import box

from seawatch import cells
from seawatch.cells import in_squares, of_squares, opened, rings_of, squares_m


def of_pixels(cells, side=10.0, x=400_003.7, y=4_100_001.2):
    """The outlines of the pixels that are true, joined along their sides."""
    rows, columns = np.nonzero(cells)
    squares = shapely.box(
        x + columns * side, y + rows * side, x + (columns + 1) * side, y + (rows + 1) * side
    )
    whole = shapely.union_all(squares)
    return np.array([shapely.simplify(part, 1e-6) for part in shapely.get_parts(whole)])


def test_what_is_made_of_squares_is_nowhere_thinner():
    rng = np.random.default_rng(8)
    for side in (0.05, 10.0, 30.0):
        shapes = of_pixels(rng.random((30, 30)) < 0.6, side)
        assert squares_m(shapes) == pytest.approx(side, rel=0.02)
        half = 0.49 * side
        core = shapely.buffer(
            shapely.buffer(shapes, -half, join_style="mitre"), half, join_style="mitre"
        )
        same = shapely.normalize(core), shapely.normalize(shapes)
        assert shapely.equals_exact(*same, tolerance=1e-3 * side).all()


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        (box(3, 3, 33, 13), 10),
        (box(3, 3, 28, 13), 0),  # two squares and a half
        (box(3, 3, 33, 13).union(box(33, 3, 36, 13)), 0),
        (rotate(box(3, 3, 33, 13), 1), 0),
        (shapely.Polygon([(0, 0), (20, 0), (20, 10), (10, 20), (0, 20)]), 0),  # a corner cut off
        (box(0, 0, 40, 40).difference(box(10, 10, 30, 20)), 10),
        (box(0, 0, 40, 40).difference(box(10, 10, 28, 20)), 0),
        (shapely.MultiPolygon([box(0, 0, 10, 10), box(10, 10, 20, 30)]), 10),
        (shapely.MultiPolygon([box(0, 0, 10, 10), box(15, 10, 25, 20)]), 0),
    ],
)
def test_squares_lie_on_one_lattice_along_its_axes(shape, side):
    assert squares_m(np.array([box(0, 0, 7, 7), shape])) == pytest.approx([7, side])


def test_squares_are_counted_and_laid_back_where_they_were():
    rng = np.random.default_rng(9)
    for side in (0.05, 10.0, 30.0):
        shapes = of_pixels(rng.random((30, 30)) < 0.6, side)
        cells, first = in_squares(shapes, squares_m(shapes))
        counted = shapely.get_coordinates(cells)
        assert (counted == np.rint(counted)).all()
        assert shapely.area(cells) == pytest.approx(shapely.area(shapes) / side**2, rel=1e-6)
        back = of_squares(cells, first, squares_m(shapes))
        assert shapely.equals_exact(back, shapes, tolerance=1e-5).all()


@pytest.mark.parametrize("share", [0.1, 0.4, 0.6, 0.9])
def test_bodies_are_outlined_as_gdal_does(share):
    mask = np.random.default_rng(2).random((40, 60)) < share
    mask[15:25, 20:45] = True
    mask[18:22, 30:40] = False
    rings = rings_of(mask)
    edges = shapely.linearrings(rings.corners, indices=rings.ring)
    shapes = shapely.normalize(shapely.polygons(edges, indices=rings.body))
    known = [
        shapely.normalize(shapely.geometry.shape(area))
        for area, _ in rasterio.features.shapes(mask.astype(np.uint8), mask, 4)
    ]
    # the same corners, none more
    assert sorted(one.wkt for one in shapes) == sorted(one.wkt for one in known)
    assert mask[tuple(rings.pixel.T)].all()
    middles = shapely.points(rings.pixel[:, ::-1] + 0.5)
    assert shapely.contains(shapes, middles).all()


@pytest.mark.parametrize("most_cells", [cells.MOST_CELLS, 400])
def test_what_is_thin_is_cut_off_as_geometry_does_it(monkeypatch, most_cells):
    monkeypatch.setattr(cells, "MOST_CELLS", most_cells)
    rng = np.random.default_rng(4)
    shapes = [of_pixels(rng.random((20, 20)) < share, 1, 0, 0) for share in (0.3, 0.6, 0.8, 0.9)]
    shapes = np.concatenate([*shapes, [box(0, 0, 20, 20).difference(box(3, 3, 17, 18))]])
    most = rng.integers(0, 5, len(shapes))
    core, rest = opened(shapes, most)
    half = (most + 0.5) / 2
    inset = shapely.buffer(shapes, -half, join_style="mitre")
    known = shapely.buffer(inset, half, join_style="mitre")
    assert shapely.is_valid(core).all()
    assert shapely.is_valid(rest).all()
    assert (shapely.area(shapely.symmetric_difference(core, known)) == 0).all()
    assert (
        shapely.area(shapely.symmetric_difference(rest, shapely.difference(shapes, known))) == 0
    ).all()
    assert 5 < shapely.is_empty(core).sum() < len(shapes) - 5
    assert 5 < shapely.is_empty(rest).sum() < len(shapes) - 5


def test_however_much_is_thin_the_maps_stay_small(monkeypatch):
    maps = []
    whole = cells.rings_of
    monkeypatch.setattr(cells, "rings_of", lambda mask: maps.append(mask.size) or whole(mask))
    high = [box(0, 0, 3, 9000), box(0, 0, 9000, 3)] * 8 + [box(0, 0, 2, 2)] * 99
    shapes = np.array([*high, *[box(0, 0, 1400, 1400)] * 4])
    most = np.where(np.arange(len(shapes)) % 2, 1, 10**6)
    core, rest = opened(shapes, most)
    assert (shapely.area(core) == np.where(most == 1, shapely.area(shapes), 0)).all()
    assert (shapely.area(rest) == np.where(most == 1, 0, shapely.area(shapes))).all()
    assert max(maps) < 2 * cells.MOST_CELLS
    assert sum(maps) < 4 * shapely.area(shapes).sum()


def test_what_is_smaller_than_its_error_is_made_of_no_squares():
    sliver = shapely.Polygon([(0, 0), (0.0015, 0.0009), (0.0015, 0.9), (0, 0.9)])
    assert squares_m(np.array([sliver])) == [0]
