"""Which events a run could have seen often enough, and whether it had found them by then."""

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from ..sensors import SENSORS
from .score import SIZES_HA, meets, standing
from .truth import Truth

CLEAR_SHARE = 0.9
"""A date is clear at an event where this much of it is free of cloud and shadow."""
DATES = 3
_COARSEST_DRONE_M = 1.0


def clear_dates(events: gpd.GeoDataFrame, truth: Truth) -> dict[str, list[date]]:
    """Days on which a satellite showed an event clearly since it came, by event id, in order."""
    days: dict[str, list[date]] = {event_id: [] for event_id in events.event_id}
    area_m2 = events.geometry.area.to_numpy()
    for scene in _satellite(truth.scenes).sort_values("taken").itertuples():
        clouds = truth.clouds[truth.clouds.scene_id == scene.scene_id]
        hidden_m2 = np.zeros(len(events))
        at_event, at_cloud = clouds.sindex.query(events.geometry, predicate="intersects")
        here = events.geometry.iloc[at_event].reset_index(drop=True)
        there = clouds.geometry.iloc[at_cloud].reset_index(drop=True)
        np.add.at(hidden_m2, at_event, here.intersection(there).area.to_numpy())
        day = scene.taken.date()
        clear = (hidden_m2 <= (1 - CLEAR_SHARE) * area_m2) & (events.happened.dt.date <= day)
        clear &= events.geometry.within(scene.geometry).to_numpy()
        for event_id in events.event_id[clear]:
            if day not in days[event_id]:
                days[event_id].append(day)
    return days


def _satellite(scenes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    optical = [
        sensor.name
        for sensor in SENSORS.values()
        if sensor.family == "optical" and (sensor.resolution_m or 0) > _COARSEST_DRONE_M
    ]
    return scenes[scenes.sensor.isin(optical)]


def found_in_time(
    flags_by_run: Mapping[date, gpd.GeoDataFrame], truth: Truth, *, dates: int = DATES
) -> pd.DataFrame:
    """Each unlawful event, judged in the first run by which it had been seen clearly `dates` times.

    Returns
    -------
    DataFrame with columns event_id, kind, rules, area_m2, judged (the run; None where
    there were fewer clear dates), found (whether a standing flag met it in that run),
    right (the rules of those flags that it does break, separated by commas).
    """
    events = truth.events[truth.events.lawful == "no"].reset_index(drop=True)
    days, runs = clear_dates(events, truth), sorted(flags_by_run)
    rows = []
    for at, event in enumerate(events.itertuples()):
        ripe = days[event.event_id][dates - 1 : dates]
        judged = next((run for run in runs if ripe and run >= ripe[0]), None)
        rules = set() if judged is None else _met_by(flags_by_run[judged], events.iloc[[at]])
        right = sorted(rules & set(event.rules.split(",")))
        row = (event.event_id, event.kind, event.rules, event.area_m2, judged)
        rows.append((*row, bool(rules), ",".join(right)))
    columns = ["event_id", "kind", "rules", "area_m2", "judged", "found", "right"]
    return pd.DataFrame(rows, columns=columns)


def _met_by(flags: gpd.GeoDataFrame, event: gpd.GeoDataFrame) -> set[str]:
    """Rules of the standing flags that meet one event."""
    flags = standing(flags, event.crs)
    return set(flags.rule[meets(flags, event.reset_index(drop=True))[:, 0]])


def recall(found: pd.DataFrame) -> pd.DataFrame:
    """Recall by size (fills also by themselves), kind and rule of the events judged in time.

    A rule is found where a flag of that very rule met the event. Columns by, name,
    events, hits, share; the last row counts the events that were ``left_out``.
    """
    judged = found[found.judged.notna()]
    area_ha = judged.area_m2 / 1e4
    rows = [_share("all", "all", judged.found)]
    for size, least, most in SIZES_HA:
        rows.append(_share("size", size, judged.found[(area_ha >= least) & (area_ha < most)]))
    fills = judged.kind == "land_gained"
    for size, least, most in SIZES_HA:
        these = fills & (area_ha >= least) & (area_ha < most)
        rows.append(_share("fill", size, judged.found[these]))
    kinds = sorted(set(judged.kind))
    rows += [_share("kind", kind, judged.found[judged.kind == kind]) for kind in kinds]
    rules, right = judged.rules.str.split(","), judged.right.str.split(",")
    for rule in sorted(set(rules.explode().dropna())):
        asked = rules.map(lambda names, rule=rule: rule in names).astype(bool)
        hit = right.map(lambda names, rule=rule: rule in names).astype(bool)
        rows.append(_share("rule", rule, hit[asked]))
    rows.append(("left_out", "fewer clear dates", int(found.judged.isna().sum()), 0, np.nan))
    return pd.DataFrame(rows, columns=["by", "name", "events", "hits", "share"])


def _share(by: str, name: str, hit: pd.Series) -> tuple[str, str, int, int, float]:
    events, hits = len(hit), int(hit.sum())
    return by, name, events, hits, hits / events if events else np.nan
