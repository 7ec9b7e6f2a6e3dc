"""Radar and drone scenes of the lab: registered as what they are, and plausible."""

from datetime import date
from hashlib import sha256

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import box

from seawatch.errors import UsageError
from seawatch.io.stac import read_scenes
from seawatch.lab import Drone, run_days, simulate
from seawatch.lab.coast import build_coast, window_grid
from seawatch.lab.ground import SEA, TOWN, build_ground
from seawatch.lab.radar import LOOKS, backscatter, radar_schedule, speckled
from seawatch.lab.truth import read_truth

CRS = "EPSG:4549"
ON = date(2026, 11, 9)
SMALL = {"weeks": 2, "size_m": 3000, "centre": (122.13, 37.5), "events": 1, "cloud": 0.0}


def rng(seed=5) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    camera = Drone("drone-multispectral", 0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seawatch.lab.drone.MOST_PX", 300)
        return simulate(tmp_path_factory.mktemp("lab") / "one", radar=True, drone=camera, **SMALL)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("lab") / "two", drone=False, **SMALL)


# -- radar ------------------------------------------------------------------------------------


def test_radar_passes_once_a_week_at_dusk_and_twice_before():
    runs = run_days(ON, 4)
    looks = radar_schedule(rng(), runs)
    assert len({look.scene_id for look in looks}) == len(looks) == 6
    assert {look.taken.hour for look in looks} == {9}
    assert [(run - look.taken.date()).days for run, look in zip(runs, looks[2:], strict=True)] == [
        3
    ] * 4
    assert (runs[0] - looks[1].taken.date()).days > 28


def test_speckle_has_its_mean_and_looks():
    grain = speckled(np.full((1, 400, 400), 0.01, np.float32), rng()) / 0.01
    assert grain.mean() == pytest.approx(1, abs=0.01)
    assert grain.var() == pytest.approx(1 / LOOKS, rel=0.03)
    assert grain.dtype == np.float32


@pytest.fixture(scope="module")
def echoes():
    """Decibels of each band with one event of each kind in a row at sea, and without."""
    grid = window_grid((691010, 4154200), 6000, 10, CRS)
    coast = build_coast(grid)
    ground = build_ground(coast, rng())
    afloat = coast.offshore_m > 700
    row, column = np.argwhere(afloat[100:500, :400] & afloat[100:500, 100:500])[0] + (100, 0)
    x, y = grid.ground(column, row)
    kinds = ["land_gained", "structure", "cage", "raft"]
    shapes = [box(x + 150 * n, y, x + 150 * n + 80, y + 80) for n in range(4)]
    events = gpd.GeoDataFrame(
        {"kind": kinds, "seasonal": "no", "bearing_deg": 0.0, "tone": 1.0, "built": None},
        geometry=shapes,
        crs=CRS,
    ).assign(happened=pd.Timestamp(ON))
    ship = box(x + 700, y, x + 780, y + 15)
    levels = [
        10 * np.log10(backscatter(coast, ground, e, on=ON, tide_m=0.0, rng=rng(), ships=ships))
        for e, ships in ((events, [ship]), (events.iloc[:0], []))
    ]

    def level(shape, band=0, image=0):
        west, south, east, north = shape.buffer(-10 if shape is not ship else 0).bounds
        left, top = (int(v) for v in grid.pixel(west, north))
        right, bottom = (int(v) for v in grid.pixel(east, south))
        return levels[image][band, top : bottom + 1, left : right + 1].mean()

    return dict(zip([*kinds, "ship"], [*shapes, ship], strict=True)), level, levels, ground, coast


def test_what_stands_in_the_sea_is_as_bright_as_it_should_be(echoes):
    shapes, level, *_ = echoes
    sea = level(shapes["ship"], image=1)
    assert -24 < sea < -12
    assert level(shapes["land_gained"]) == pytest.approx(-8, abs=2)
    assert level(shapes["structure"]) > -3
    assert level(shapes["cage"]) > -3
    assert level(shapes["ship"]) > sea + 8
    assert sea + 1 < level(shapes["raft"]) < sea + 9
    for shape in shapes.values():
        assert level(shape, band=1) < level(shape) - 3


def test_the_sea_is_darker_than_the_land_and_towns_are_brightest(echoes):
    _, _, levels, ground, coast = echoes
    vv = levels[1][0]
    sea = np.median(vv[coast.offshore_m > 200])
    land = np.median(vv[(ground.cover != SEA) & (ground.cover != TOWN)])
    town = np.median(vv[ground.cover == TOWN])
    assert sea + 4 < land < town


def test_radar_is_registered_and_changes_nothing_else(workspace, plain):
    scenes, faults = read_scenes([workspace / "scenes"], CRS)
    assert not faults
    radar = [scene for scene in scenes if scene.sensor == "sentinel-1-rtc"]
    assert len(radar) == 4
    assert [band.name for band in radar[0].bands] == ["vv", "vh"]
    assert radar[0].mask is None
    with rasterio.open(radar[0].bands[0].path) as file:
        pixels = file.read()
    assert pixels.dtype == np.float32
    assert (pixels > 0).all()
    assert set(read_truth(workspace / "truth.gpkg").scenes.sensor) == {
        *("sentinel-1-rtc", "sentinel-2-l2a", "drone-multispectral")
    }
    for path in (plain / "scenes").glob("S2-*.tif"):
        other = workspace / "scenes" / path.name
        assert sha256(path.read_bytes()).digest() == sha256(other.read_bytes()).digest()


# -- drone ------------------------------------------------------------------------------------


def test_a_drone_may_have_four_bands_and_a_finer_pixel(workspace):
    scenes, _ = read_scenes([workspace / "scenes"], CRS)
    drone = [scene for scene in scenes if scene.sensor == "drone-multispectral"]
    assert len(drone) == 2
    assert [band.name for band in drone[0].bands] == ["blue", "green", "red", "nir"]
    assert drone[0].resolution_m == pytest.approx(0.5, rel=0.01)
    assert {band.scale for band in drone[0].bands} == {1.0}
    with rasterio.open(drone[1].bands[0].path) as file:
        assert file.shape == (300, 300)  # 150 m: no more pixels than that
        after = file.read()
    with rasterio.open(drone[0].bands[0].path) as file:
        before = file.read()
    assert after.dtype == np.float32
    assert 0 < after.min() < after.max() <= 1.5
    assert ((after - before)[3] > 0.1).mean() > 0.02  # a fill stands there now


@pytest.mark.parametrize(
    ("sensor", "pixel_m", "says"),
    [("drone-x", 0.3, "use one of drone-rgb"), ("drone-rgb", 10.0, "use 0.02 to 2")],
)
def test_a_camera_that_is_none(sensor, pixel_m, says):
    with pytest.raises(UsageError, match=says):
        Drone(sensor, pixel_m)
