"""Areas on a meridian and on the ellipsoid: the ones that hold in court, and how far they differ."""

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import Point, Polygon, box

from conftest import at, changes_of
from seawatch import areas, geo
from seawatch.maps import cards
from seawatch.rules import judge

CGCS2000 = "EPSG:4490"


def square(longitude, hectares, latitude=37.0, side=16):
    """A parcel of so many hectares on its own meridian, with corners all along its edges."""
    plane = geo.gauss_kruger(CGCS2000, longitude)
    middle = gpd.GeoSeries([Point(longitude, latitude)], crs=CGCS2000).to_crs(plane)[0]
    half = (hectares * 1e4) ** 0.5 / 2
    edge = np.linspace(-half, half, side)
    corners = [*((-half, y) for y in edge), *((x, half) for x in edge)]
    corners += [*((half, -y) for y in edge), *((-x, -half) for x in edge)]
    shape = Polygon([(middle.x + x, middle.y + y) for x, y in corners])
    return gpd.GeoSeries([shape], crs=plane).to_crs(CGCS2000)


def test_the_parcel_of_888_hectares():
    """1.08 ha more on the zone's meridian, 0.04 on the next one's, nothing on its own."""
    shape = square(122.5, 888)
    ellipsoidal = geo.ellipsoidal_area_m2(shape)[0] / 1e4
    assert ellipsoidal == pytest.approx(888, abs=0.001)
    for meridian, more in ((120, 1.08), (123, 0.04), (122.5, 0.00)):
        plane = geo.plane_area_m2(shape, meridian)[0] / 1e4
        assert round(plane - ellipsoidal, 2) == more


def test_the_plane_is_that_of_the_national_zones():
    """EPSG:4549 and the plane made for 120° are one, to a hundredth of a millimetre."""
    point = gpd.GeoSeries([Point(122.4, 37.4)], crs=CGCS2000)
    assert (
        point.to_crs("EPSG:4549")[0].distance(point.to_crs(geo.gauss_kruger(CGCS2000, 120))[0])
        < 1e-5
    )
    shape = gpd.GeoSeries([box(620000, 4150000, 620300, 4150200)], crs="EPSG:4549")
    assert geo.plane_area_m2(shape, 120)[0] == pytest.approx(60000, abs=1e-5)


def test_each_shape_is_laid_on_its_own_meridian():
    shapes = gpd.GeoSeries([*square(121, 50), *square(122.5, 50), *square(122.5, 50)], crs=CGCS2000)
    frame = areas.measure(shapes, [121.0, 122.5, 120.0], 0.1)
    assert frame.plane_area_m2[0] == pytest.approx(5e5, abs=0.01)
    assert frame.plane_area_m2[1] == pytest.approx(5e5, abs=0.01)
    assert frame.difference_m2[2] == pytest.approx(5e5 * (1.08 / 888), rel=0.01)
    assert frame.geodesic_length_m[1] == pytest.approx(4 * 5e5**0.5, abs=0.01)
    assert frame.plane_length_m[2] / frame.geodesic_length_m[2] == pytest.approx(1.0006, abs=1e-4)
    assert list(areas.measure(shapes[:0], 122.5, 0.1)) == list(frame)


def test_an_area_errs_as_its_corners_do():
    """σ of a thousand parcels with corners moved at random is the σ that is stated."""
    rng = np.random.default_rng(1)
    corners = np.array([(0, 0), (300, 0), (320, 150), (200, 210), (0, 200)], float) + 5e5
    moved = [Polygon(corners + rng.normal(0, 0.5, corners.shape)) for _ in range(4000)]
    spread = gpd.GeoSeries(moved).area.std()
    one = gpd.GeoSeries([Polygon(corners)], crs="EPSG:4549")
    assert areas.measure(one, 120, 0.5).area_sigma_m2[0] == pytest.approx(spread, rel=0.05)


def test_a_rounded_corner_errs_as_its_step_says():
    rng = np.random.default_rng(1)
    errors = rng.uniform(-0.5, 0.5, (100_000, 2)) * (0.031, 0.025)
    assert areas.quantisation_m(0.031, 0.025) == pytest.approx((errors**2).mean() ** 0.5, rel=0.01)


@settings(max_examples=50, deadline=None)
@given(st.floats(-3, 3), st.floats(18, 41), st.floats(0.5, 800))
def test_the_plane_swells_with_the_square_of_the_distance(away, latitude, hectares):
    """Plane over ellipsoid is k² with k = 1 + (Δλ cos φ)²/2 to first order, never less than 1."""
    shape = square(122.5, hectares, latitude)
    swell = geo.plane_area_m2(shape, 122.5 - away)[0] / geo.ellipsoidal_area_m2(shape)[0] - 1
    expected = (np.radians(away) * np.cos(np.radians(latitude))) ** 2
    assert swell == pytest.approx(expected, rel=0.05, abs=2e-6)


def test_the_datum_of_the_shapes_is_kept():
    assert CRS(geo.gauss_kruger("EPSG:4610", 120)).geodetic_crs == CRS("EPSG:4610")
    assert areas.nearest_meridian(square(121.26, 10)) == 121.5


def test_a_flag_shows_both_areas(bay):
    changes = changes_of(("raft", at(400, 400, 500, 450)))
    found = judge(changes, bay, date(2026, 11, 23)).iloc[0]
    assert found.meridian == 121.5
    assert found.plane_area_m2 == pytest.approx(geo.plane_area_m2(changes.geometry, 121.5)[0])
    assert found.plane_area_m2 == pytest.approx(found.area_m2, rel=2e-3)
    assert found.plane_area_m2 != found.area_m2
    said = cards._plane(found, json.loads(found.numbers), "en")
    assert said.count("ha") == 2
    assert "121.5°" in said
    found["plane_area_m2"] = None  # a flag of an older run
    assert cards._plane(found, json.loads(found.numbers), "en") == "central meridian 121.5°"
