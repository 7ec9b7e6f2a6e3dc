"""Single acquisitions: when they are taken, and their files written."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from ..io.rasters import write_geotiff
from ..io.stac import add_scene
from .coast import Coast
from .events import Plan
from .ground import Ground
from .render import draw_ships, reflectance, through_lens, to_uint16
from .scenario import Scenario
from .sea import tide_at, tide_m
from .sky import Sky, draw_sky, through_air
from .spectra import BANDS
from .texture import Generator
from .truth import Shot, clouded

S2_PIXEL_M = 10.0
_S2_BLUR_PX = (0.45, 0.45, 0.45, 0.45, 0.9, 0.9)  # the short-wave bands have 20 m pixels


@dataclass(frozen=True)
class Look:
    """One acquisition to be simulated."""

    scene_id: str
    taken: datetime
    cover: float
    no_data: bool = False


def schedule(rng: Generator, runs: list[date], scenario: Scenario) -> list[Look]:
    """When the satellite looks: two clear references, then one and two scenes a week in turn."""
    cloud = scenario.cloud

    def look(day: date, cover: float, no_data: bool = False) -> Look:
        seconds = int(rng.integers(0, 600))  # a sun-synchronous orbit passes at the same hour
        taken = datetime.combine(day, time(2, 45), UTC) + timedelta(seconds=seconds)
        return Look(f"S2-{day:%Y%m%d}", taken, cover, no_data)

    looks = []
    for days in (365, 75):
        day = runs[0] - timedelta(days=days + int(rng.integers(-5, 6)))
        looks.append(look(day, float(rng.uniform(0, scenario.reference_cloud))))
    for week, run in enumerate(runs):
        early = [run - timedelta(days=4 - int(rng.integers(2)))] if week % 2 else []
        for day in [*early, run - timedelta(days=int(rng.integers(2)))]:
            # skies are mostly clear or mostly covered
            share = rng.beta(0.5, 0.5 * (1 - cloud) / cloud) if cloud > 0 else 0.0
            looks.append(look(day, min(float(share), 0.8), no_data=week == 1 and day in early))
    if scenario.tide_span_m is None:
        return looks
    return _at_tides(rng, looks, scenario.tide_span_m, scenario.tide_factor)


def _at_tides(rng: Generator, looks: list[Look], span_m: float, factor: float) -> list[Look]:
    """The looks at daylight hours of their days that spread the tide over `span_m`.

    The two references are taken at half of it below mean sea level, or at low water
    where that is higher; a later look is moved by a day or two where that comes closer.
    """
    wanted = rng.permutation(np.linspace(0, span_m, len(looks) - 2))
    heights = np.concatenate([[0.0, 0.0], wanted]) - span_m / 2
    return [
        _at_tide(look, float(height), range(-5, 6) if number < 2 else range(-1, 1), factor)
        for number, (look, height) in enumerate(zip(looks, heights, strict=True))
    ]


def _at_tide(look: Look, height_m: float, days: range, factor: float) -> Look:
    """The look at the daylight hour, so many days off, when the tide is closest to a height."""
    midnight = np.datetime64(look.taken.date(), "m")
    minutes = np.concatenate([midnight + np.arange(0, 510, 10) + 1440 * day for day in days])
    closest = minutes[np.argmin(abs(tide_m(minutes, factor) - height_m))]
    taken = closest.item().replace(tzinfo=UTC)
    return replace(look, scene_id=f"S2-{taken:%Y%m%d}", taken=taken)


def satellite_scene(
    directory: Path,
    coast: Coast,
    ground: Ground,
    plan: Plan,
    look: Look,
    rng: Generator,
    scenario: Scenario,
    sky: Sky | None = None,
) -> Shot:
    """Render and write one Sentinel-2-like scene; its truth.

    sky : what hides the ground; drawn to the look's cover by default.
    """
    tide = tide_at(look.taken, scenario.tide_factor)
    ships = draw_ships(coast, tide, rng, scenario.ship_factor)
    surface = reflectance(
        coast,
        ground,
        plan.events,
        on=look.taken.date(),
        tide_m=tide,
        rng=rng,
        ships=ships,
        sediment=scenario.sediment_factor,
    )
    shift = shift_of(rng, scenario.shift_px)
    sky = sky or draw_sky(
        rng, surface.shape[1:], S2_PIXEL_M, look.cover, look.no_data, scenario.missed
    )
    lit = through_lens(surface, shift, _S2_BLUR_PX)
    seen = through_air(lit, sky, rng, scenario.gain_sigma)
    numbers = to_uint16(seen, rng, scenario.noise_factor)
    numbers[:, sky.mask == 255] = 0
    folder = directory / "scenes"
    image, mask = folder / f"{look.scene_id}.tif", folder / f"{look.scene_id}-mask.tif"
    write_geotiff(image, numbers, coast.grid, bands=BANDS, nodata=0)
    write_geotiff(mask, sky.mask[None], coast.grid, bands=("mask",), nodata=None)
    add_scene(
        [image],
        sensor="sentinel-2-l2a",
        taken=look.taken,
        scenes_folder=folder,
        bands=BANDS,
        mask=mask,
        scene_id=look.scene_id,
    )
    cover = float((sky.cloud > 0.25).mean())
    row = scene_row(look.scene_id, "sentinel-2-l2a", look.taken, tide, shift, coast, cover)
    return Shot(row, ships, clouded(sky, coast.grid))


def shift_of(rng: Generator, most_px: float) -> tuple[float, float]:
    """Shift in any direction, columns right and rows down, up to `most_px` long."""
    length, angle = rng.uniform(0, most_px), rng.uniform(0, 2 * np.pi)
    return float(length * np.cos(angle)), float(length * np.sin(angle))


def scene_row(
    scene_id: str,
    sensor: str,
    taken: datetime,
    tide: float,
    shift_px: tuple[float, float],
    coast: Coast,
    cover: float,
) -> dict[str, object]:
    """A scene's row of the truth; `cover` is its share of cloud, 0-1."""
    return {
        "scene_id": scene_id,
        "sensor": sensor,
        "taken": pd.Timestamp(taken).as_unit("ms"),
        "tide_m": round(tide, 3),
        "shift_east_m": shift_px[0] * coast.grid.pixel_size,
        "shift_north_m": -shift_px[1] * coast.grid.pixel_size,
        "cloud": cover,
        "geometry": coast.grid.outline(),
    }
