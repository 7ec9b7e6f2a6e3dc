"""A drone's two orthomosaics over the first event, before it and after."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np

from ..errors import UsageError
from ..io.rasters import write_geotiff
from ..io.stac import add_scene
from ..scenes import Grid
from .coast import Coast, build_coast, window_grid
from .events import Plan
from .ground import Ground, build_ground
from .looks import scene_row, shift_of
from .render import reflectance, through_lens, to_four, to_rgb
from .scenario import Scenario
from .sea import tide_at
from .spectra import BANDS
from .texture import Generator
from .truth import Shot

SIZE_M, MOST_PX = 450.0, 2000
_BANDS = {
    "drone-rgb": ("red", "green", "blue"),
    "drone-multispectral": ("blue", "green", "red", "nir"),
}


@dataclass(frozen=True)
class Drone:
    """The camera: its sensor and the pixel of its mosaics.

    A mosaic is 450 m wide, or as much as 2000 pixels show.
    """

    sensor: str = "drone-rgb"
    pixel_m: float = 0.3

    def __post_init__(self) -> None:
        if self.sensor not in _BANDS:
            raise UsageError(f"no drone '{self.sensor}'; use one of {', '.join(_BANDS)}")
        if not 0.02 <= self.pixel_m <= 2:
            raise UsageError(f"a drone's pixel of {self.pixel_m} m; use 0.02 to 2")


def drone_pair(
    directory: Path,
    first: gpd.GeoDataFrame,
    plan: Plan,
    runs: list[date],
    rng: Generator,
    scenario: Scenario,
    drone: Drone,
) -> list[Shot]:
    """Two orthomosaics about the first event, before it and after; their truth."""
    centre = first.geometry.iloc[0].centroid
    size_m = min(SIZE_M, MOST_PX * drone.pixel_m)
    grid = window_grid((centre.x, centre.y), size_m, drone.pixel_m, str(first.crs))
    coast = build_coast(grid, slope_factor=scenario.slope_factor, tide_factor=scenario.tide_factor)
    ground = build_ground(coast, rng)
    week = min(1, len(runs) - 1)
    days = (runs[0] - timedelta(days=30), runs[week] - timedelta(days=1))
    return [drone_scene(directory, coast, ground, plan, day, rng, scenario, drone) for day in days]


def drone_scene(
    directory: Path,
    coast: Coast,
    ground: Ground,
    plan: Plan,
    day: date,
    rng: Generator,
    scenario: Scenario,
    drone: Drone,
) -> Shot:
    """Render and write one orthomosaic on the coast's grid; its truth."""
    taken = datetime.combine(day, time(6, int(rng.integers(60))), UTC)
    tide = tide_at(taken, scenario.tide_factor)
    surface = reflectance(
        coast,
        ground,
        plan.events,
        on=day,
        tide_m=tide,
        rng=rng,
        sediment=scenario.sediment_factor,
    )
    shift = shift_of(rng, 0.5)
    to_numbers = to_rgb if drone.sensor == "drone-rgb" else to_four
    numbers = to_numbers(through_lens(surface, shift, [0.5] * len(BANDS)), rng)
    scene_id = f"DRONE-{day:%Y%m%d}"
    path = directory / "scenes" / f"{scene_id}.tif"
    _write(path, numbers, drone.sensor, taken, coast.grid)
    return Shot(scene_row(scene_id, drone.sensor, taken, tide, shift, coast, 0.0))


def _write(path: Path, numbers: np.ndarray, sensor: str, taken: datetime, grid: Grid) -> None:
    bands = _BANDS[sensor]
    write_geotiff(path, numbers, grid, bands=bands, nodata=None)
    add_scene(
        [path],
        sensor=sensor,
        taken=taken,
        scenes_folder=path.parent,
        bands=bands,
        scene_id=path.stem,
    )
