"""Flags held against the truth: what was found, what was wrongly flagged."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

LEAST_OVERLAP = 0.3
"""A flag means an event where they share this much of the smaller of the two."""
NEAR_M = 30.0
"""A flag within this of an event is not counted as false: three pixels."""
SIZES_HA = (("<0.1", 0.0, 0.1), ("0.1-0.3", 0.1, 0.3), (">=0.3", 0.3, np.inf))
STANDING = ("new", "open", "unseen")
COLUMNS = ["run", "measure", "rule", "size", "events", "hits", "share"]


def score(
    flags_by_run: Mapping[date, gpd.GeoDataFrame],
    truth: gpd.GeoDataFrame,
    *,
    coast_km: float | None = None,
) -> pd.DataFrame:
    """How well each run's flags tell the truth.

    Only flags that stand (new, open, unseen) count, and only events that had happened
    by the day of the run. A flag meets an event where they share at least
    ``LEAST_OVERLAP`` of the smaller area.

    Returns
    -------
    DataFrame with columns run, measure, rule, size, events, hits, share:

    - ``recall``: unlawful events found, by rule and size; ``rule`` "any" asks for a flag
      of any rule, any other for a flag of that very rule; ``size`` "all" takes all.
    - ``lawful_flagged``: lawful events that a flag meets, of all lawful events.
    - ``false_flags``: flags further than ``NEAR_M`` from every event (`hits`), of all
      flags (`events`).
    - ``false_per_100km``: the same for each 100 km of coast (`share`), with `coast_km`.
    """
    rows = []
    for run, flags in sorted(flags_by_run.items()):
        flags = standing(flags, truth.crs)
        happened = truth[truth.happened.dt.date <= run].reset_index(drop=True)
        met = meets(flags, happened)
        rows += [{"run": run, **row} for row in _recall(met, flags, happened)]
        rows += [{"run": run, **row} for row in _wrong(met, flags, happened, truth, coast_km)]
    return pd.DataFrame(rows, columns=COLUMNS)


def standing(flags: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """The flags that stand (new, open, unseen), in `crs`."""
    if "status" in flags:
        flags = flags[flags.status.isin(STANDING)]
    return flags.to_crs(crs).reset_index(drop=True)


def false(flags: gpd.GeoDataFrame, truth: gpd.GeoDataFrame) -> np.ndarray:
    """Which flags lie further than ``NEAR_M`` from every event of any day, of bool."""
    near = truth.geometry.buffer(NEAR_M).union_all()
    return ~flags.intersects(near).to_numpy(bool)


def meets(flags: gpd.GeoDataFrame, events: gpd.GeoDataFrame) -> np.ndarray:
    """Which flag meets which event, (flag, event) of bool."""
    met = np.zeros((len(flags), len(events)), bool)
    at_event, at_flag = flags.sindex.query(events.geometry, predicate="intersects")
    here = flags.geometry.iloc[at_flag].reset_index(drop=True)
    there = events.geometry.iloc[at_event].reset_index(drop=True)
    smaller = np.minimum(here.area, there.area)
    met[at_flag, at_event] = here.intersection(there).area >= LEAST_OVERLAP * smaller
    return met


def _recall(
    met: np.ndarray, flags: gpd.GeoDataFrame, events: gpd.GeoDataFrame
) -> list[dict[str, object]]:
    unlawful = (events.lawful == "no").to_numpy()
    broken = [set(rules.split(",")) if rules else set() for rules in events.rules.fillna("")]
    area_ha = events.area_m2.to_numpy() / 1e4
    rows = []
    for rule in ("any", *sorted(set().union(*broken))):
        if rule == "any":
            asked, found = unlawful, met.any(axis=0)
        else:
            asked = unlawful & np.array([rule in rules for rules in broken], bool)
            found = met[(flags.rule == rule).to_numpy()].any(axis=0)
        for size, least, most in (("all", 0.0, np.inf), *SIZES_HA):
            these = asked & (area_ha >= least) & (area_ha < most)
            rows.append(_row("recall", rule, size, these.sum(), (found & these).sum()))
    return rows


def _wrong(
    met: np.ndarray,
    flags: gpd.GeoDataFrame,
    happened: gpd.GeoDataFrame,
    truth: gpd.GeoDataFrame,
    coast_km: float | None,
) -> list[dict[str, object]]:
    lawful = (happened.lawful == "yes").to_numpy()
    rows = [_row("lawful_flagged", "any", "all", lawful.sum(), met[:, lawful].any(axis=0).sum())]
    wrong = false(flags, truth)
    for rule in ("any", *sorted(set(flags.rule))):
        of = np.ones(len(flags), bool) if rule == "any" else (flags.rule == rule).to_numpy()
        rows.append(_row("false_flags", rule, "all", of.sum(), (wrong & of).sum()))
    if coast_km:
        row = _row("false_per_100km", "any", "all", len(flags), wrong.sum())
        rows.append({**row, "share": wrong.sum() / coast_km * 100})
    return rows


def _row(measure: str, rule: str, size: str, events: int, hits: int) -> dict[str, object]:
    share = hits / events if events else np.nan
    return {
        "measure": measure,
        "rule": rule,
        "size": size,
        "events": int(events),
        "hits": int(hits),
        "share": share,
    }


def score_workspace(workspace: Path, truth_path: Path) -> pd.DataFrame:
    """Score of every run in a workspace: see `score`.

    Of several revisions of a run the last one counts.
    """
    workspace = Path(workspace)
    truth = gpd.read_file(truth_path, layer="events")
    return score(flags_of_runs(workspace), truth, coast_km=coast_km(workspace, truth.crs))


def flags_of_runs(workspace: Path) -> dict[date, gpd.GeoDataFrame]:
    """The flags of each run of a workspace, by its day; of several revisions the last."""
    flags_by_run = {}
    for folder in sorted((workspace / "runs").glob("*/run.json"), key=_revision):
        run = json.loads(folder.read_text("utf-8"))
        flags = gpd.read_file(folder.with_name("flags.gpkg"), layer="flags")
        flags_by_run[date.fromisoformat(run["on"])] = flags
    return flags_by_run


def _revision(manifest: Path) -> tuple[str, int]:
    issue, _, revision = manifest.parent.name.partition(".r")
    return issue, int(revision or 1)


def coast_km(workspace: Path, crs: object) -> float | None:
    """Length of the workspace's coastline, km."""
    layers = tomllib.loads((workspace / "seawatch.toml").read_text("utf-8")).get("layers", {})
    place = layers.get("coastline")
    path = place.get("path") if isinstance(place, dict) else place
    if path is None:
        return None
    return float(gpd.read_file(workspace / path).to_crs(crs).length.sum() / 1e3)
