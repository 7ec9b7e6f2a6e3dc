"""Areas and their errors: what is summed at once is what is measured one by one."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS as Crs
from shapely.affinity import rotate
from shapely.geometry import box

from conftest import CRS, at
from seawatch.geo import (
    SHORT_M,
    area_sigma_m2,
    ellipsoidal_area_m2,
    in_squares,
    of_squares,
    squares_m,
)


def stars(edge_m, number=60):
    """Rings of 24 vertices with a hole, all over China's seas, edges up to `edge_m` long."""
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    shapes = []
    for x, y in zip(rng.uniform(3e5, 7e5, number), rng.uniform(2.2e6, 4.5e6, number), strict=True):
        far = edge_m * 24 / 9 * rng.uniform(0.7, 1, 24)
        ring = np.column_stack([far * np.cos(angle), far * np.sin(angle)])
        place = np.array([x, y])
        shapes.append(shapely.Polygon(ring + place, [ring / 3 + place]))
    return gpd.GeoSeries(shapes, crs=CRS)


@pytest.mark.parametrize("edge_m", [10, 60, 2000])
def test_areas_are_karneys(edge_m):
    shapes = stars(edge_m)
    geod = Crs(CRS).get_geod()
    degrees = shapes.to_crs(Crs(CRS).geodetic_crs)
    expected = [abs(geod.geometry_area_perimeter(shapely.orient_polygons(g))[0]) for g in degrees]
    assert ellipsoidal_area_m2(shapes).to_numpy() == pytest.approx(np.array(expected), abs=0.001)


def test_parts_add_up_and_order_does_not_matter():
    one, other = at(0, 0, 100, 100), at(300, 0, 350, 80).difference(at(310, 10, 330, 30))
    both = shapely.MultiPolygon([one, other])
    areas = ellipsoidal_area_m2(gpd.GeoSeries([one, other, both, both.reverse()], crs=CRS))
    assert areas[2] == pytest.approx(areas[0] + areas[1], abs=1e-6)
    assert areas[3] == pytest.approx(areas[2], abs=1e-6)
    long = gpd.GeoSeries([box(*at(0, 0, 10 * SHORT_M, 10).bounds)], crs=CRS)
    assert ellipsoidal_area_m2(long).item() == pytest.approx(long.area.item(), rel=0.002)


def test_the_error_of_an_area_is_the_sum_over_its_chords():
    # a square of 100 m: each vertex sees a diagonal; half of sigma times the root of 4 x 2 x 100²
    square = gpd.GeoSeries([at(0, 0, 100, 100)], crs=CRS, index=[7])
    error = area_sigma_m2(square, pd.Series(5.0, index=[7]))
    assert error[7] == pytest.approx(0.5 * 5 * (4 * 2 * 100**2) ** 0.5)
    ring = gpd.GeoSeries([at(0, 0, 100, 100).difference(at(40, 40, 60, 60))], crs=CRS)
    more = area_sigma_m2(ring, pd.Series(5.0, index=[0]))
    assert more[0] == pytest.approx(0.5 * 5 * (8 * 100**2 + 8 * 20**2) ** 0.5)


def test_no_shapes_have_no_areas():
    none = gpd.GeoSeries([], crs=CRS)
    assert ellipsoidal_area_m2(none).empty
    assert area_sigma_m2(none, pd.Series([], dtype=float)).empty


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
