"""Radar scenes: terrain-corrected gamma nought of a coast, vertical sent, both received.

Backscatter is the share-weighted sum of what lies in a pixel, in linear units, times
speckle of 4.4 looks, as a Sentinel-1 ground-range image has. Levels are rounded from
what C band shows at some 40 degrees of incidence.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from ..io.rasters import write_geotiff
from ..io.stac import add_scene
from ..tables import SEGMENT_KINDS
from .coast import Coast
from .events import Plan
from .ground import FIELD, SEA, STRIP, TOWN, WOOD, Ground
from .looks import Look, scene_row, shift_of
from .render import covered, draw_ships, present, stands_of, through_lens
from .scenario import Scenario
from .sea import tide_at
from .texture import Generator, texture
from .truth import Shot

SENSOR = "sentinel-1-rtc"
LOOKS = 4.4
BANDS = ("vv", "vh")
_BLUR_PX = (0.6, 0.6)

# decibel in VV and VH
_LAND = {
    SEA: (-16.0, -24.0),  # what low water bares; by kind of shore below
    TOWN: (-5.0, -12.0),
    WOOD: (-8.5, -14.0),
    FIELD: (-11.0, -18.0),
    STRIP: (-12.0, -20.0),
}
_SHORE = {"bedrock": (-10.0, -18.0), "artificial": (-8.0, -16.0), "biological": (-13.0, -20.0)}
_BUILT = {
    "land_gained": (-8.0, -15.0),
    "enclosed": (-8.0, -15.0),
    "structure": (0.0, -8.0),
    "cage": (2.0, -7.0),
    "raft": (-10.5, -18.0),
    "cleared": (-10.0, -17.0),
    "built": (-2.0, -9.0),
}
_HULL = (8.0, -1.0)


def radar_schedule(rng: Generator, runs: list[date]) -> list[Look]:
    """One pass a week, three days before its run at dusk, and two references earlier."""
    days = [runs[0] - timedelta(days=weeks * 7 + 3) for weeks in (51, 11)]
    days += [run - timedelta(days=3) for run in runs]
    looks = []
    for day in days:
        taken = datetime.combine(day, time(9, 50), UTC)
        taken += timedelta(seconds=int(rng.integers(0, 60)))
        looks.append(Look(f"S1-{day:%Y%m%d}", taken, 0.0))
    return looks


def radar_scene(
    directory: Path,
    coast: Coast,
    ground: Ground,
    plan: Plan,
    look: Look,
    rng: Generator,
    scenario: Scenario,
) -> Shot:
    """Render and write one Sentinel-1-like scene; its truth."""
    tide = tide_at(look.taken, scenario.tide_factor)
    ships = draw_ships(coast, tide, rng, scenario.ship_factor)
    on = look.taken.date()
    surface = backscatter(coast, ground, plan.events, on=on, tide_m=tide, rng=rng, ships=ships)
    shift = shift_of(rng, scenario.shift_px)
    pixels = speckled(through_lens(surface, shift, _BLUR_PX), rng)
    image = directory / "scenes" / f"{look.scene_id}.tif"
    write_geotiff(image, pixels, coast.grid, bands=BANDS, nodata=None)
    add_scene(
        [image],
        sensor=SENSOR,
        taken=look.taken,
        scenes_folder=image.parent,
        bands=BANDS,
        scene_id=look.scene_id,
    )
    return Shot(scene_row(look.scene_id, SENSOR, look.taken, tide, shift, coast, 0.0), ships)


def backscatter(
    coast: Coast,
    ground: Ground,
    events: gpd.GeoDataFrame,
    *,
    on: date,
    tide_m: float,
    rng: Generator,
    ships: Sequence[BaseGeometry] = (),
) -> np.ndarray:
    """Gamma nought of ``BANDS`` before lens and speckle, linear, (band, row, column)."""
    water = coast.water_share(tide_m)
    bare = _bare(coast, ground, rng)
    sea = _sea(coast, rng)
    surface = bare + (sea - bare) * water
    rough = np.exp(0.35 * texture(rng, water.shape, coast.grid.pixel_size, longest_m=60))
    for event in present(events, on).itertuples():
        if event.kind == "enclosed":
            # sheltered water is smoother than the open sea
            pond = covered(event.geometry, coast.grid)
            here = (slice(None), pond.rows, pond.columns)
            surface[here] += (0.4 * sea[here] - surface[here]) * pond.share
        stands = covered(*stands_of(event, coast.grid))
        here = (slice(None), stands.rows, stands.columns)
        echo = _linear(_BUILT[event.kind]) * event.tone * rough[here[1:]]
        surface[here] += (echo - surface[here]) * stands.share
    for ship in ships:
        hull = covered(ship, coast.grid)
        here = (slice(None), hull.rows, hull.columns)
        echo = _linear(_HULL) * rng.lognormal(0, 0.5)
        surface[here] += (echo - surface[here]) * hull.share
    return surface.astype(np.float32)


def speckled(surface: np.ndarray, rng: Generator) -> np.ndarray:
    """The surface times speckle of mean 1 and variance 1 / ``LOOKS``, float32."""
    grain = rng.standard_gamma(LOOKS, surface.shape, dtype=np.float32) / np.float32(LOOKS)
    return (surface * grain).astype(np.float32)


def _linear(decibel: tuple[float, float]) -> np.ndarray:
    return (10 ** (np.array(decibel, np.float32) / 10))[:, None, None]


def _bare(coast: Coast, ground: Ground, rng: Generator) -> np.ndarray:
    """Land and bared shore: a level for each cover, and its texture."""
    shape, pixel_m = coast.offshore_m.shape, coast.grid.pixel_size
    level = np.empty((2, *shape), np.float32)
    for cover, decibel in _LAND.items():
        level[:, ground.cover == cover] = _linear(decibel)[:, 0]
    for kind, decibel in _SHORE.items():
        here = (ground.cover == SEA) & (coast.kind == SEGMENT_KINDS.index(kind))
        level[:, here] = _linear(decibel)[:, 0]
    grain = 0.3 * texture(rng, shape, pixel_m, longest_m=200)
    # walls that face the radar return many times as much as a street beside them
    houses = texture(rng, shape, pixel_m, longest_m=30, falloff=0.8)
    grain += np.where(ground.cover == TOWN, 0.8 * houses, 0)
    return level * np.exp(grain)


def _sea(coast: Coast, rng: Generator) -> np.ndarray:
    """Open sea: dark by the day's wind, with stretches of more and of less of it."""
    wind = texture(rng, coast.offshore_m.shape, coast.grid.pixel_size, longest_m=4000, falloff=1.9)
    vv = rng.uniform(-21, -15.5) + 1.2 * wind
    # the cross-polarised echo changes half as much with the wind
    vh = -26.0 + 0.5 * (vv + 18)
    return (10 ** (np.stack([vv, vh]) / 10)).astype(np.float32)
