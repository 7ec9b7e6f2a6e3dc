"""How much of a coast with known truth the runs find, and what they flag wrongly, and why.

Simulates as many coasts as asked in each scenario, runs every week of each, and prints

- recall by size, kind and rule once an event has been seen on three clear dates (a date
  is clear where nine tenths of the event are free of cloud and shadow); events with
  fewer are left out and counted;
- the lawful look-alikes flagged at the end;
- false flags for 100 km of coast and run: new ones that lie by no event, by sensor and
  cause;
- beside it, where only the tide changes, the objects at sea that plain comparisons of a
  water index find in the same pairs: its difference, and its water masks.

    uv run python benchmarks/lab_accuracy.py 2 --scenarios ordinary tide_only
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import seawatch
from seawatch.lab import SCENARIOS, run_days, score, simulate
from seawatch.lab.baseline import index_difference, water_masks
from seawatch.lab.causes import at_sea, false_flags
from seawatch.lab.patience import found_in_time, recall
from seawatch.lab.score import coast_km, flags_of_runs
from seawatch.lab.truth import Truth, read_truth

PLAIN = ("tide_only",)
"""Scenarios that the plain comparisons are measured in too."""


@dataclass(frozen=True)
class Coast:
    """What one simulated coast came to."""

    found: pd.DataFrame
    lawful: pd.DataFrame
    false: pd.DataFrame
    plain: pd.DataFrame
    km_runs: float


def one_coast(name: str, seed: int, given: argparse.Namespace, folder: Path) -> Coast:
    """Simulate one coast, run its weeks and hold them against the truth."""
    workspace = simulate(
        folder / f"{name}-{seed}",
        seed=seed,
        weeks=given.weeks,
        size_m=1000 * given.size_km,
        events=given.events,
        cloud=given.cloud,
        scenario=name,
        radar=given.radar,
    )
    bound, pairs = seawatch.open(workspace), {}
    for day in run_days(SCENARIOS[name].start, given.weeks):
        pairs[day] = bound.run(on=day).pairs
    flags, truth = flags_of_runs(workspace), read_truth(workspace / "truth.gpkg")
    km = coast_km(workspace, truth.events.crs) or 0.0
    scores = score({day: flags[day] for day in sorted(flags)[-1:]}, truth.events)
    return Coast(
        found_in_time(flags, truth),
        scores[scores.measure == "lawful_flagged"],
        false_flags(flags, truth),
        plain_objects(workspace, pairs, truth) if name in PLAIN else pd.DataFrame(),
        km * given.weeks,
    )


def plain_objects(workspace: Path, pairs: dict, truth: Truth) -> pd.DataFrame:
    """What the plain comparisons find at sea in the satellite pairs of each run."""
    rows = []
    for day, table in pairs.items():
        for pair in table[table.sensor == "sentinel-2-l2a"].itertuples():
            for find in (index_difference, water_masks):
                found = find(workspace / "scenes", pair.before_scene, pair.after_scene)
                rows += [(day, find.__name__, "all")] * int(at_sea(found, truth).sum())
    return pd.DataFrame(rows, columns=["run", "sensor", "cause"])


def rates(found: pd.DataFrame, km_runs: float) -> pd.DataFrame:
    """Counts by sensor and cause, and for each 100 km of coast and run."""
    counts = found.groupby(["sensor", "cause"]).size().rename("count").reset_index()
    total = pd.DataFrame({"sensor": ["all"], "cause": ["all"], "count": [len(found)]})
    table = pd.concat([counts, total], ignore_index=True)
    return table.assign(per_100km_run=(100 * table["count"] / km_runs).round(2))


def summary(coasts: Sequence[Coast]) -> dict[str, pd.DataFrame]:
    """The tables of one scenario, over all its coasts."""
    km_runs = sum(coast.km_runs for coast in coasts)
    lawful = pd.concat([coast.lawful for coast in coasts])[["hits", "events"]].sum()
    tables = {
        "recall": recall(pd.concat([coast.found for coast in coasts], ignore_index=True)),
        "lawful": lawful.rename({"hits": "flagged", "events": "of"}).to_frame().T,
        "false": rates(pd.concat([coast.false for coast in coasts]), km_runs),
    }
    plain = pd.concat([coast.plain for coast in coasts])
    if len(plain):
        tables["plain"] = rates(plain, km_runs).iloc[:-1]  # two methods have no sum
    return tables


def arguments_of(text: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="?", default=2, help="how many coasts")
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--size-km", type=float, default=20, help="side of the window")
    parser.add_argument("--events", type=int, default=48, help="how many are planted on each")
    parser.add_argument("--cloud", type=float, help="mean cover, 0-1; else the scenario's")
    parser.add_argument("--radar", action="store_true", help="radar scenes too")
    parser.add_argument(
        "--scenarios", nargs="+", default=["ordinary"], choices=SCENARIOS, metavar="NAME"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables there too")
    return parser.parse_args(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, simulate, run, print."""
    given, results = arguments_of(arguments), {}
    for name in given.scenarios:
        began = time.monotonic()
        seeds = range(given.first, given.first + given.seeds)
        with tempfile.TemporaryDirectory() as folder:
            tables = summary([one_coast(name, seed, given, Path(folder)) for seed in seeds])
        spent_s = time.monotonic() - began
        print(f"\n# {name}: {given.seeds} coasts, {given.weeks} weeks, {spent_s:.0f} s")
        for title, table in tables.items():
            print(f"\n{title}\n{table.round(3).to_string(index=False)}", flush=True)
        results[name] = {"seconds": round(spent_s), **_plain_rows(tables)}
    if given.json:
        given.json.write_text(json.dumps(results, indent=2), "utf-8")


def _plain_rows(tables: dict[str, pd.DataFrame]) -> dict[str, list[dict]]:
    return {title: json.loads(table.to_json(orient="records")) for title, table in tables.items()}


if __name__ == "__main__":
    main()
