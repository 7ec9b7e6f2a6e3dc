"""Weeks told as findings, and visits: a flag's story without an image."""

import json
from datetime import date, timedelta

import geopandas as gpd
import pandas as pd

from conftest import CRS, at
from seawatch.flags import follow
from seawatch.tables import COVERAGE, FINDINGS, FLAGS, VISITS

START = date(2026, 11, 9)


def found(
    *acts,
    week=0,
    sensor="sentinel-2-l2a",
    tolerance_m=10.0,
    confidence=0.8,
    kind="land_gained",
    **more,
):
    """Findings from (rule, shape) or (rule, shape, subject)."""
    if not acts:
        return FINDINGS.empty(CRS)
    day = START + timedelta(days=7 * week - 1)
    rows = [
        {
            "rule": act[0],
            "change_id": f"{week}-{n}-{sensor}",
            "subject": act[2] if len(act) > 2 else None,
            "confidence": confidence,
            "area_m2": act[1].area,
            "area_sigma_m2": 100.0,
            "meridian": 122.0,
            "plane_area_m2": act[1].area,
            "excess_m2": act[1].area,
            "coast_m": 0.0,
            "numbers": json.dumps(
                {
                    "kind": kind,
                    "tide_known": True,
                    "dates": 1,
                    "tolerance_m": tolerance_m,
                    "excess_m2": act[1].area,
                    "excess_sigma_m2": 50.0,
                    "excess_plane_m2": act[1].area,
                    "also": [{"rule": "reclaim_new", "area_m2": act[1].area / 2}],
                }
            ),
            "priority": 1,
            "before": pd.Timestamp("2025-11-10", tz="UTC"),
            "after": pd.Timestamp(day, tz="UTC"),
            "before_scene": "A",
            "after_scene": f"B{week}",
            "sensor": sensor,
            "source": "seawatch",
            **more,
        }
        for n, act in enumerate(acts)
    ]
    return FINDINGS.check(gpd.GeoDataFrame(rows, geometry=[act[1] for act in acts], crs=CRS))


def seen(week, shape=None, sensor="sentinel-2-l2a"):
    """Ground that was seen clear."""
    day = START + timedelta(days=7 * week - 1)
    row = {
        "seen": ["yes"],
        "why": ["clear"],
        "before": pd.Timestamp("2025-11-10", tz="UTC"),
        "after": pd.Timestamp(day, tz="UTC"),
        "sensor": [sensor],
        "area_m2": 1.0,
    }
    shape = at(0, 0, 1000, 1000) if shape is None else shape
    return COVERAGE.check(gpd.GeoDataFrame(row, geometry=[shape], crs=CRS))


NOTHING_SEEN = COVERAGE.empty(CRS)


def weeks(*told, coverage=NOTHING_SEEN):
    """Flags after each week's findings, in turn."""
    flags, history = FLAGS.empty(CRS), []
    for week, findings in enumerate(told):
        on = START + timedelta(days=7 * week)
        flags = follow(flags, findings, coverage, on, f"2026-W{46 + week}")
        history.append(flags)
    return history


def record(flags, row=0):
    return json.loads(flags.record.iloc[row])


FIELD = at(100, 100, 200, 160)


def visits(*rows):
    """A visits table from (flag, day, verdict) and more."""
    if not rows:
        return VISITS.empty(CRS)
    table = [
        {
            "flag_id": flag,
            "visited_at": pd.Timestamp(day, tz="UTC"),
            "verdict": verdict,
            "by": more.get("by", "wh-01"),
            "cause": more.get("cause"),
        }
        for flag, day, verdict, more in (row if len(row) == 4 else (*row, {}) for row in rows)
    ]
    points = gpd.GeoSeries([None] * len(table), crs=CRS)
    return VISITS.check(gpd.GeoDataFrame(table, geometry=points))
