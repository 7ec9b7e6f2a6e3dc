"""Areas and their errors: what is summed at once is what is measured one by one."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS as Crs
from shapely.geometry import box

from conftest import CRS, at
from seawatch.geo import (
    SHORT_M,
    area_sigma_m2,
    ellipsoidal_area_m2,
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
