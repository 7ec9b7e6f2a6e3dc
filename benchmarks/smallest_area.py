"""How small a fill one clear pair shows: the curve behind `confidence.smallest_m2`.

Plants fills of 150 to 3,000 m² along simulated coasts without cloud, runs one week, and
fits the chance that a change meets the fill as a logistic curve over its area in pixels.
With `--radar` the same of a pair of radar scenes, and of fills five times as large.

    uv run python benchmarks/smallest_area.py 4
    uv run python benchmarks/smallest_area.py 4 --radar
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_expit

import seawatch
from seawatch.lab import events, simulate
from seawatch.lab.scenario import SCENARIOS

DAY = date(2026, 11, 9)
SIZES_M2 = (150.0, 250.0, 350.0, 500.0, 700.0, 900.0, 1200.0, 1600.0, 2200.0)
PIXEL_M2 = 100.0
FILLS = replace(SCENARIOS["ordinary"], recipes=("fill", "fill_natural"))


def fills_found(seed: int, folder: Path, radar: bool) -> pd.DataFrame:
    """Area of every fill made between the two scenes of one coast, and whether it was found."""
    workspace = simulate(
        folder / str(seed),
        seed=seed,
        weeks=1,
        size_m=14_000,
        start=DAY,
        events=50,
        cloud=0.0,
        drone=False,
        radar=radar,
        scenario=FILLS,
    )
    bound = seawatch.open(workspace)
    run = bound.run(on=DAY, write=False)
    sensor = "sentinel-1-rtc" if radar else "sentinel-2-l2a"
    pairs = run.pairs[run.pairs.sensor == sensor]
    changes = run.changes[run.changes.sensor_after == sensor]
    before, after = pairs.before.min(), pairs.after.max()
    truth = gpd.read_file(workspace / "truth.gpkg", layer="events")
    happened = truth.happened.dt.tz_localize("UTC")
    fills = truth[(truth.kind == "land_gained") & (happened > before) & (happened < after)]
    found = []
    for shape in fills.geometry:
        near = changes[changes.intersects(shape)]
        smaller = np.minimum(near.area, shape.area)
        found.append(bool((near.intersection(shape).area >= 0.3 * smaller).any()))
    return pd.DataFrame({"area_m2": fills.area_m2, "found": found})


def curve(fills: pd.DataFrame) -> tuple[float, float]:
    """Pixels that are found with a chance of 50 % and of 95 %, by maximum likelihood."""
    size, found = np.log(fills.area_m2 / PIXEL_M2), fills.found.to_numpy(bool)

    def unlikely(line: np.ndarray) -> float:
        chance = line[0] + line[1] * size
        return float(-log_expit(np.where(found, chance, -chance)).sum())

    offset, rise = minimize(unlikely, (-3.0, 2.0)).x
    return float(np.exp(-offset / rise)), float(np.exp((np.log(19) - offset) / rise))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, simulate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="?", default=4, help="how many coasts")
    parser.add_argument("--first", type=int, default=301, help="seed of the first")
    parser.add_argument("--radar", action="store_true", help="a radar pair instead")
    given = parser.parse_args(arguments)
    events.SIZES_M2 = tuple(5 * size for size in SIZES_M2) if given.radar else SIZES_M2
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(given.first, given.first + given.seeds)
        fills = pd.concat([fills_found(seed, Path(folder), given.radar) for seed in seeds])
    bins = pd.cut(fills.area_m2, [0, 200, 300, 420, 600, 800, 1050, 1400, 1900, 3000])
    print(fills.groupby(bins, observed=True).found.agg(["size", "mean"]).round(2).to_string())
    half, most = curve(fills)
    print(f"{len(fills)} fills: 50 % at {half:.1f} pixels, 95 % at {most:.1f} pixels")


if __name__ == "__main__":
    main()
