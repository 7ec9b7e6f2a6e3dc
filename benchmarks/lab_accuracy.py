"""How much of a coast with known truth a run finds, and what it flags wrongly.

Simulates as many coasts as asked, runs every week of each, and prints recall by rule
and size, the share of lawful look-alikes flagged, and false flags for 100 km of coast,
as they stand after the last run.

    uv run python benchmarks/lab_accuracy.py 5
"""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

import seawatch
from seawatch.lab import run_days, score_workspace, simulate

START = date(2026, 11, 9)


def one_coast(seed: int, weeks: int, cloud: float, folder: Path) -> pd.DataFrame:
    """Score of each run over one simulated coast."""
    workspace = simulate(folder / f"seed-{seed}", seed=seed, weeks=weeks, start=START, cloud=cloud)
    bound = seawatch.open(workspace)
    for day in run_days(START, weeks):
        bound.run(on=day)
    return score_workspace(workspace, workspace / "truth.gpkg").assign(seed=seed)


def summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Total the counts over the coasts, after the last run of each."""
    last = scores[scores.run == scores.run.max()]
    keys = ["measure", "rule", "size"]
    table = last.groupby(keys, sort=False)[["hits", "events"]].sum()
    per_km = last.groupby(keys, sort=False).share.mean()
    share = table.hits / table.events
    rate = table.index.get_level_values("measure") == "false_per_100km"
    return table.assign(share=share.where(~rate, per_km).round(3))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, simulate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="?", default=3, help="how many coasts")
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--weeks", type=int, default=3)
    parser.add_argument("--cloud", type=float, default=0.15, help="mean cover, 0-1")
    given = parser.parse_args(arguments)
    seeds = range(given.first, given.first + given.seeds)
    with tempfile.TemporaryDirectory() as folder:
        scores = [one_coast(seed, given.weeks, given.cloud, Path(folder)) for seed in seeds]
    with pd.option_context("display.max_rows", None):
        print(summary(pd.concat(scores)).to_string())


if __name__ == "__main__":
    main()
