"""A whole workspace of simulated scenes, and the truth beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from ..errors import UsageError
from ..geo import LONLAT
from ..io.rasters import write_geotiff
from ..io.stac import add_scene
from ..io.vectors import write_table
from ..scenes import Grid
from ..tables import COASTLINE, ISLANDS, PERMITS, ZONES
from .coast import Coast, build_coast, window_grid
from .events import Plan, plant
from .ground import Ground, build_ground
from .render import draw_ships, reflectance, through_lens, to_rgb, to_uint16
from .sea import tide_at, tide_m
from .sky import draw_sky, through_air
from .spectra import BANDS
from .texture import Generator

CRS = "EPSG:4549"
WEIHAI_BAY = (122.16, 37.50)  # degrees east, north
S2_PIXEL_M, DRONE_PIXEL_M, DRONE_SIZE_M = 10.0, 0.3, 450.0
_S2_BLUR_PX = (0.45, 0.45, 0.45, 0.45, 0.9, 0.9)  # the short-wave bands have 20 m pixels
_MAX_SHIFT_PX = 1.2

_SETTINGS = """\
# A simulated coast: the shore is real (GSHHG), everything else is invented.
[project]
name = "威海湾（模拟）"
crs = "{crs}"
cycle = "weekly"
language = "zh"
timezone = "Asia/Shanghai"

[layers]
permits = "layers/permits.gpkg"
coastline = "layers/coastline.gpkg"
{islands}{zones}absent = [{absent}]

[scenes]
folders = ["scenes"]

[tide]
gauge = "tide.csv"
"""


@dataclass(frozen=True)
class Look:
    """One acquisition to be simulated."""

    scene_id: str
    taken: datetime
    cover: float
    no_data: bool = False


def run_days(start: date, weeks: int) -> list[date]:
    """The day of each weekly run, the first on `start`."""
    return [start + timedelta(days=7 * week) for week in range(weeks)]


def simulate(
    directory: Path,
    *,
    seed: int = 1,
    weeks: int = 3,
    start: date = date(2026, 11, 9),
    size_m: float = 12_000,
    centre: tuple[float, float] = WEIHAI_BAY,
    events: int = 24,
    cloud: float = 0.15,
    drone: bool = True,
    crs: str = CRS,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a workspace of simulated scenes into `directory`, and return its path.

    Two reference scenes, a year and some ten weeks before `start`; one or two scenes in
    each week; where asked, a drone pair over the first event. The same arguments give
    the same bytes. ``truth.gpkg`` holds the layers ``events`` and ``scenes`` (with each
    scene's tide and its shift east and north of the truth).

    Parameters
    ----------
    start : day of the first run.
    size_m : side of the square window; `centre` is its longitude and latitude.
    events : how many to plant, lawful look-alikes included; fewer where there is no room.
    cloud : mean cloud cover of the weekly scenes, 0-1.
    progress : told the name of each scene when it is written.

    Raises
    ------
    UsageError
        If `directory` is there and not empty.
    """
    directory = Path(directory)
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory}: is not empty; give a folder that is new")
    (directory / "layers").mkdir(parents=True)
    (directory / "scenes").mkdir()
    for_ground, for_plan, for_looks, for_drone = np.random.default_rng(seed).spawn(4)
    runs = run_days(start, weeks)
    coast = build_coast(_grid(centre, size_m, crs))
    plan = plant(coast, for_plan, count=events, runs=runs)
    ground = build_ground(coast, for_ground)

    looks = schedule(for_looks, runs, cloud)
    rows = []
    for look, rng in zip(looks, for_looks.spawn(len(looks)), strict=True):
        rows.append(_satellite_scene(directory, coast, ground, plan, look, rng))
        if progress:
            progress(look.scene_id)
    first = plan.events[plan.events.event_id == "DEMO-E-01"]
    if drone and len(first):
        for row in _drone_pair(directory, first, plan, runs, for_drone, crs):
            rows.append(row)
            if progress:
                progress(str(row["scene_id"]))
    _write_layers(directory, coast, plan, crs)
    _write_gauge(directory / "tide.csv", min(look.taken for look in looks), runs[-1])
    scenes = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)
    write_table(directory / "truth.gpkg", "events", plan.events)
    write_table(directory / "truth.gpkg", "scenes", scenes)
    return directory


def _grid(centre: tuple[float, float], size_m: float, crs: str) -> Grid:
    x, y = Transformer.from_crs(LONLAT, crs, always_xy=True).transform(*centre)
    return window_grid((round(x, -1), round(y, -1)), size_m, S2_PIXEL_M, crs)


def schedule(rng: Generator, runs: list[date], cloud: float) -> list[Look]:
    """When the satellite looks: two clear references, then one and two scenes a week in turn."""

    def look(day: date, cover: float, no_data: bool = False) -> Look:
        seconds = int(rng.integers(0, 600))  # a sun-synchronous orbit passes at the same hour
        taken = datetime.combine(day, time(2, 45), UTC) + timedelta(seconds=seconds)
        return Look(f"S2-{day:%Y%m%d}", taken, cover, no_data)

    looks = []
    for days in (365, 75):
        day = runs[0] - timedelta(days=days + int(rng.integers(-5, 6)))
        looks.append(look(day, float(rng.uniform(0, 0.02))))
    for week, run in enumerate(runs):
        early = [run - timedelta(days=4 - int(rng.integers(2)))] if week % 2 else []
        for day in [*early, run - timedelta(days=int(rng.integers(2)))]:
            # skies are mostly clear or mostly covered
            share = rng.beta(0.5, 0.5 * (1 - cloud) / cloud) if cloud > 0 else 0.0
            looks.append(look(day, min(float(share), 0.8), no_data=week == 1 and day in early))
    return looks


def _satellite_scene(
    directory: Path, coast: Coast, ground: Ground, plan: Plan, look: Look, rng: Generator
) -> dict[str, object]:
    """Render and write one Sentinel-2-like scene; its row of the truth."""
    tide = tide_at(look.taken)
    surface = reflectance(
        coast,
        ground,
        plan.events,
        on=look.taken.date(),
        tide_m=tide,
        rng=rng,
        ships=draw_ships(coast, tide, rng),
    )
    shift = _shift(rng, _MAX_SHIFT_PX)
    sky = draw_sky(rng, surface.shape[1:], S2_PIXEL_M, look.cover, look.no_data)
    seen = through_air(through_lens(surface, shift, _S2_BLUR_PX), sky, rng)
    numbers = to_uint16(seen, rng)
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
    return _scene_row(look.scene_id, "sentinel-2-l2a", look.taken, tide, shift, coast, cover)


def _drone_pair(
    directory: Path,
    first: gpd.GeoDataFrame,
    plan: Plan,
    runs: list[date],
    rng: Generator,
    crs: str,
) -> list[dict[str, object]]:
    """Two orthomosaics about the first event, before it and after; their rows of the truth."""
    centre = first.geometry.iloc[0].centroid
    grid = window_grid((centre.x, centre.y), DRONE_SIZE_M, DRONE_PIXEL_M, crs)
    coast = build_coast(grid)
    ground = build_ground(coast, rng)
    week = min(1, len(runs) - 1)
    rows = []
    for day in (runs[0] - timedelta(days=30), runs[week] - timedelta(days=1)):
        taken = datetime.combine(day, time(6, int(rng.integers(60))), UTC)
        tide = tide_at(taken)
        surface = reflectance(coast, ground, plan.events, on=day, tide_m=tide, rng=rng)
        shift = _shift(rng, 0.5)
        numbers = to_rgb(through_lens(surface, shift, [0.5] * len(BANDS)), rng)
        scene_id = f"DRONE-{day:%Y%m%d}"
        path = directory / "scenes" / f"{scene_id}.tif"
        bands = ("red", "green", "blue")
        write_geotiff(path, numbers, grid, bands=bands, nodata=None)
        add_scene(
            [path],
            sensor="drone-rgb",
            taken=taken,
            scenes_folder=path.parent,
            bands=bands,
            scene_id=scene_id,
        )
        rows.append(_scene_row(scene_id, "drone-rgb", taken, tide, shift, coast, 0.0))
    return rows


def _shift(rng: Generator, most_px: float) -> tuple[float, float]:
    """A shift in any direction, columns right and rows down, up to `most_px` long."""
    length, angle = rng.uniform(0, most_px), rng.uniform(0, 2 * np.pi)
    return float(length * np.cos(angle)), float(length * np.sin(angle))


def _scene_row(
    scene_id: str,
    sensor: str,
    taken: datetime,
    tide: float,
    shift_px: tuple[float, float],
    coast: Coast,
    cover: float,
) -> dict[str, object]:
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


def _write_layers(directory: Path, coast: Coast, plan: Plan, crs: str) -> None:
    frames = (
        (PERMITS, plan.permits),
        (COASTLINE, coast.coastline),
        (ISLANDS, coast.islands),
        (ZONES, plan.zones),
    )
    absent = ["duty", "known"]
    lines = {}
    for table, frame in frames:
        # a window may have no island or no zone; permits and coastline are always named
        if frame.empty:
            absent.append(table.name)
        else:
            path = directory / "layers" / f"{table.name}.gpkg"
            write_table(path, table.name, table.check(frame), table)
            lines[table.name] = f'{table.name} = "layers/{table.name}.gpkg"\n'
    settings = _SETTINGS.format(
        crs=crs,
        islands=lines.get("islands", ""),
        zones=lines.get("zones", ""),
        absent=", ".join(f'"{name}"' for name in absent),
    )
    if plan.permits.empty:
        settings = settings.replace('permits = "layers/permits.gpkg"\n', "")
    (directory / "seawatch.toml").write_text(settings, "utf-8")


def _write_gauge(path: Path, first: datetime, last: date) -> None:
    """The tide gauge's hourly series, UTC, to the millimetre."""
    begin = np.datetime64(first.date() - timedelta(days=1), "h")
    hours = np.arange(begin, np.datetime64(last + timedelta(days=2), "h"))
    lines = [f"{hour}:00Z,{h:.3f}" for hour, h in zip(hours, tide_m(hours), strict=True)]
    path.write_text("\n".join(["time,height_m", *lines, ""]), "utf-8")
