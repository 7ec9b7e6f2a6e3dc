"""The demo: a simulated workspace and its weeks, run one after the other."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from ..run import Run
from ..workspace import open as open_workspace
from .drone import Drone
from .scenario import scenario_called
from .simulate import run_days, simulate

START = date(2026, 11, 9)
WEEKS = 3
CLOUD = 0.06  # little enough for the story to be seen


def run_demo(
    folder: Path,
    *,
    seed: int = 1,
    language: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Run:
    """Build the sample workspace in `folder`, run its weeks; the last run.

    Raises
    ------
    UsageError
        If the folder holds something already.
    """
    simulate(folder, seed=seed, weeks=WEEKS, start=START, cloud=CLOUD, progress=progress)
    workspace = open_workspace(folder)
    for day in run_days(START, WEEKS):
        last = workspace.run(day, language=language, progress=progress)
    return last


def simulated_days(
    folder: Path,
    *,
    seed: int,
    weeks: int,
    scenario: str,
    size_km: float,
    radar: bool = False,
    drone: Drone | bool = True,
    progress: Callable[[str], None],
) -> list[date]:
    """Build a workspace over the sample coast; the days its runs are to be made on."""
    simulate(
        folder,
        seed=seed,
        weeks=weeks,
        scenario=scenario,
        size_m=1000 * size_km,
        radar=radar,
        drone=drone,
        progress=progress,
    )
    return run_days(scenario_called(scenario).start, weeks)
