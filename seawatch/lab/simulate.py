"""A whole workspace of simulated scenes, and the truth beside it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from pyproj import Transformer

from ..errors import UsageError
from ..geo import LONLAT
from ..io.vectors import write_table
from ..scenes import Grid
from ..tables import COASTLINE, ISLANDS, PERMITS, ZONES
from .coast import Coast, build_coast, window_grid
from .drone import Drone, drone_pair
from .events import Plan, plant
from .ground import build_ground
from .looks import S2_PIXEL_M, Look, satellite_scene, schedule
from .radar import radar_scene, radar_schedule
from .scenario import Scenario, scenario_called
from .sea import tide_m
from .texture import Generator
from .truth import Shot, write_truth

CRS = "EPSG:4549"
WEIHAI_BAY = (122.16, 37.50)  # degrees east, north

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

[law]
province = "山东省"
city = "威海市"
sea_grade = 3
"""


def run_days(start: date, weeks: int) -> list[date]:
    """Day of each weekly run, the first on `start`."""
    return [start + timedelta(days=7 * week) for week in range(weeks)]


def simulate(
    directory: Path,
    *,
    seed: int = 1,
    weeks: int = 3,
    start: date | None = None,
    size_m: float = 12_000,
    centre: tuple[float, float] = WEIHAI_BAY,
    events: int = 24,
    cloud: float | None = None,
    scenario: Scenario | str = "ordinary",
    drone: Drone | bool = True,
    radar: bool = False,
    crs: str = CRS,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a workspace of simulated scenes into `directory`, and return its path.

    Two reference scenes, a year and some ten weeks before `start`; one or two scenes in
    each week; where asked, a radar scene a week with two references, and a drone pair over
    the first event. The same arguments give the same bytes. What is true is written beside
    it: see ``truth``.

    Parameters
    ----------
    start : day of the first run; the scenario's own by default.
    size_m : side of the square window; `centre` is its longitude and latitude.
    events : how many to plant, lawful look-alikes included; fewer where there is no room.
    cloud : mean cloud cover of the weekly scenes, 0-1; the scenario's own by default.
    scenario : what the coast is like, or a name out of ``SCENARIOS``.
    drone : the camera of the pair; True for the usual one, False for no pair.
    progress : told the name of each scene when it is written.

    Raises
    ------
    UsageError
        If `directory` is there and not empty, or no scenario has that name.
    """
    directory = Path(directory)
    scenario = _settled(scenario, start, cloud)
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory}: is not empty; give a folder that is new")
    (directory / "layers").mkdir(parents=True)
    (directory / "scenes").mkdir()
    for_ground, for_plan, for_looks, for_drone, for_radar = np.random.default_rng(seed).spawn(5)
    runs = run_days(scenario.start, weeks)
    coast = build_coast(
        _grid(centre, size_m, crs),
        slope_factor=scenario.slope_factor,
        tide_factor=scenario.tide_factor,
    )
    plan = plant(coast, for_plan, count=events, runs=runs, recipes=scenario.recipes)
    plan = plan if scenario.happens else plan.at_rest()
    ground = build_ground(coast, for_ground)

    passes: list[tuple[Callable[..., Shot], Generator, list[Look]]] = [
        (satellite_scene, for_looks, schedule(for_looks, runs, scenario))
    ]
    if radar:
        passes.append((radar_scene, for_radar, radar_schedule(for_radar, runs)))
    shots = []
    for take, source, looks in passes:
        for look, rng in zip(looks, source.spawn(len(looks)), strict=True):
            shots.append(take(directory, coast, ground, plan, look, rng, scenario))
            if progress:
                progress(look.scene_id)
    first = plan.events[plan.events.event_id == "DEMO-E-01"]
    if drone and len(first):
        camera = drone if isinstance(drone, Drone) else Drone()
        for shot in drone_pair(directory, first, plan, runs, for_drone, scenario, camera):
            shots.append(shot)
            if progress:
                progress(str(shot.row["scene_id"]))
    _write_layers(directory, coast, plan, crs)
    earliest = min(look.taken for _, _, looks in passes for look in looks)
    _write_gauge(directory / "tide.csv", earliest, runs[-1], scenario.tide_factor)
    write_truth(directory, plan.events, shots, coast, ground)
    return directory


def _settled(scenario: Scenario | str, start: date | None, cloud: float | None) -> Scenario:
    """The scenario meant, with what was given beside it."""
    settled = scenario_called(scenario) if isinstance(scenario, str) else scenario
    start = settled.start if start is None else start
    return replace(settled, start=start, cloud=settled.cloud if cloud is None else cloud)


def _grid(centre: tuple[float, float], size_m: float, crs: str) -> Grid:
    x, y = Transformer.from_crs(LONLAT, crs, always_xy=True).transform(*centre)
    return window_grid((round(x, -1), round(y, -1)), size_m, S2_PIXEL_M, crs)


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


def _write_gauge(path: Path, first: datetime, last: date, factor: float) -> None:
    """Tide gauge's hourly series, UTC, to the millimetre."""
    begin = np.datetime64(first.date() - timedelta(days=1), "h")
    hours = np.arange(begin, np.datetime64(last + timedelta(days=2), "h"))
    heights = tide_m(hours, factor)
    lines = [f"{hour}:00Z,{h:.3f}" for hour, h in zip(hours, heights, strict=True)]
    path.write_text("\n".join(["time,height_m", *lines, ""]), "utf-8")
