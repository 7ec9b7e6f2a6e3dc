"""How stable flags' numbers are: simulated coasts of twelve weeks, run by run.

    uv run python benchmarks/identity.py --seeds 1 2 --weeks 12 --size-km 6

An event-week is an event that a flag of some claim stood for in the run before. It is stable
where that flag still stands for it and no flag is raised anew for it. Numbers that parted from
a flag (`parent`) are counted beside.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from seawatch.identity import ONE_ACT
from seawatch.lab.demo import simulated_days
from seawatch.lab.score import flags_of_runs, meets, standing
from seawatch.workspace import open as open_workspace


def stability(runs: Mapping[date, gpd.GeoDataFrame], events: gpd.GeoDataFrame) -> dict[str, int]:
    """Event-weeks, stable ones, claims on events, numbers that parted from another."""
    told = {"event_weeks": 0, "stable": 0, "claims": 0, "parted": 0}
    ever: dict[tuple[int, str], set[str]] = {}
    for _, table in sorted(runs.items()):
        flags = standing(table, events.crs)
        claim = flags.rule.where(~flags.rule.isin(ONE_ACT), "use")
        now: dict[tuple[int, str], list[int]] = {}
        for flag, event in zip(*np.nonzero(meets(flags, events)), strict=True):
            now.setdefault((int(event), claim[flag]), []).append(int(flag))
        for key, rows in now.items():
            here = flags.iloc[rows]
            if key in ever:
                told["event_weeks"] += 1
                kept = bool(ever[key] & set(here.flag_id))
                told["stable"] += kept and not (here.status == "new").any()
            fresh = here[~here.flag_id.isin(ever.get(key, set()))]
            told["parted"] += sum("parent" in json.loads(text or "{}") for text in fresh.record)
            ever.setdefault(key, set()).update(here.flag_id)
    return {**told, "claims": len(ever)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--size-km", type=float, default=6.0)
    parser.add_argument("--scenario", default="ordinary")
    given = parser.parse_args(arguments)
    rows = {}
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / "lab"
            days = simulated_days(
                folder,
                seed=seed,
                weeks=given.weeks,
                scenario=given.scenario,
                size_km=given.size_km,
                progress=lambda step: None,
            )
            space = open_workspace(folder)
            for day in days:
                space.run(day)
            events = gpd.read_file(folder / "truth.gpkg", layer="events")
            rows[seed] = stability(flags_of_runs(folder), events)
            print(seed, rows[seed], flush=True)
    table = pd.DataFrame(rows).T
    print(table.sum().to_string())
    print(f"stable {table.stable.sum() / max(table.event_weeks.sum(), 1):.4f}")


if __name__ == "__main__":
    main()
