"""How far the machine's confidence can be taken at its word, on coasts it was not fitted to.

Runs simulated coasts, holds every change that neither tide, position nor habit explains
against the truth, and prints for the fitted scenario and for others (slopes, noise, cloud,
water) the expected calibration error over ten bins, the Brier score, and the reliability
of each bin. With `--fit`, also the weights that these coasts would give
`confidence.EVIDENCE`.

    uv run python benchmarks/calibration.py --seeds 201 202 --scenarios varied noisy flat cloudy
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, log_expit

import seawatch
from seawatch.confidence import EVIDENCE, evidence, terms
from seawatch.lab import SCENARIOS, run_days, simulate

_JUDGED = ("once",)  # what waits for a second look has a chance too


def changes_of(seed: int, scenario: str, weeks: int, size_km: float, folder: Path) -> pd.DataFrame:
    """Every change of every week of one coast, and whether an event is what it shows."""
    workspace = simulate(
        folder / f"{scenario}-{seed}",
        seed=seed,
        weeks=weeks,
        size_m=size_km * 1000,
        events=36,
        drone=False,
        scenario=scenario,
    )
    truth = gpd.read_file(workspace / "truth.gpkg", layer="events")
    bound = seawatch.open(workspace)
    parts = []
    for day in run_days(SCENARIOS[scenario].start, weeks):
        changes = bound.run(on=day).changes
        asked = changes.veto.isna() | changes.veto.isin(_JUDGED)
        changes = changes[asked & (changes.kind != "land_lost")]
        happened = truth[truth.happened.dt.date <= day]
        columns = changes[["kind", "score", "dates", "near_m", "area_m2"]]
        parts.append(columns.assign(real=_real(changes, happened)))
    return pd.concat(parts, ignore_index=True).assign(scenario=scenario)


def _real(changes: gpd.GeoDataFrame, events: gpd.GeoDataFrame) -> np.ndarray:
    real = np.zeros(len(changes), bool)
    change, event = events.sindex.query(changes.geometry, predicate="intersects")
    shapes, others = changes.geometry.to_numpy()[change], events.geometry.to_numpy()[event]
    shared = gpd.GeoSeries(shapes).intersection(gpd.GeoSeries(others)).area
    smaller = np.minimum(gpd.GeoSeries(shapes).area, gpd.GeoSeries(others).area)
    real[change[(shared >= 0.3 * smaller).to_numpy()]] = True
    return real


def reliability(chance: pd.Series, real: pd.Series) -> pd.DataFrame:
    """Mean chance and share that is real of each tenth."""
    tenth = (chance * 10).clip(upper=9).astype(int)
    frame = pd.DataFrame({"chance": chance, "real": real.astype(float)})
    return frame.groupby(tenth.rename("tenth")).agg(
        changes=("real", "size"), chance=("chance", "mean"), real=("real", "mean")
    )


def summary(changes: pd.DataFrame) -> dict[str, float]:
    """Expected calibration error and Brier score, both 0-1."""
    chance = expit(evidence(changes))
    bins = reliability(chance, changes.real)
    gap = (bins.chance - bins.real).abs() * bins.changes / bins.changes.sum()
    return {
        "changes": len(changes),
        "real": changes.real.mean(),
        "ECE": gap.sum(),
        "Brier": ((chance - changes.real) ** 2).mean(),
    }


def fitted(changes: pd.DataFrame) -> dict[str, float]:
    """The weights that are likeliest for these changes, held back a little from extremes.

    Each scenario has the same say, however many changes it shows.
    """
    known, real = terms(changes).to_numpy(), changes.real.to_numpy(bool)
    say = (500 / changes.groupby("scenario").scenario.transform("size")).to_numpy(float)

    def unlikely(weights: np.ndarray) -> float:
        odds = known @ weights
        told = say * log_expit(np.where(real, odds, -odds))
        return float(-told.sum() + 0.05 * (weights**2).sum())

    weights = minimize(unlikely, np.zeros(known.shape[1])).x
    return dict(zip(EVIDENCE, weights.round(2).tolist(), strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, simulate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202])
    parser.add_argument("--scenarios", nargs="+", default=["noisy", "flat", "cloudy", "turbid"])
    parser.add_argument("--weeks", type=int, default=5)
    parser.add_argument("--size-km", type=float, default=10.0)
    parser.add_argument("--fit", action="store_true", help="print the weights these would give")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        parts = [
            changes_of(seed, scenario, given.weeks, given.size_km, Path(folder))
            for scenario in given.scenarios
            for seed in given.seeds
        ]
    whole = pd.concat(parts, ignore_index=True)
    rows = {name: summary(group) for name, group in whole.groupby("scenario")}
    print(pd.DataFrame({**rows, "all": summary(whole)}).T.round(4).to_string())
    print(reliability(expit(evidence(whole)), whole.real).round(2).to_string())
    if given.fit:
        print(fitted(whole))


if __name__ == "__main__":
    main()
