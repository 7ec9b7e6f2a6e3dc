"""A bay small enough to draw on paper, in metres.

   y
1000 ┌───────────────────────────────────────┐
     │ open sea        ┌────┐  red line      │
     │                 │ZONE│  (800-950)     │
 750 │        ┌──────┐ └────┘                │
     │        │ISLE  │          ┌─────┐      │
     │        └──────┘          │ENDED│ 600-750
 600 │                          └─────┘      │
     │  ┌─────┐     ┌─────┐     ┌─────┐      │
     │  │FILL │     │RAFT │     │CABLE│ 200-350
 200 │  └─────┘     └─────┘     └─────┘      │
   0 ├═══════ coast: sandy | artificial ═════┤ y = 0
"""

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from seawatch.layers import Layers
from seawatch.tables import CHANGES, COASTLINE, DUTY, ISLANDS, KNOWN, PERMITS, ZONES

CRS = "EPSG:4549"
# the bay's corner on the map: off Weihai
X, Y = 620_000.0, 4_150_000.0


def at(x0, y0, x1, y1):
    """A rectangle of the bay, given in the bay's own metres."""
    return box(X + x0, Y + y0, X + x1, Y + y1)


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def permit(
    permit_id, mode, strata, valid_from="2020-01-01", valid_to="2030-12-31", right="sea_use"
):
    return {
        "permit_id": permit_id,
        "right": right,
        "scheme": "hy/t-123-2009",
        "use_type": "13",
        "use_mode": mode,
        "strata": strata,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "holder": "Zhang San",
    }


@pytest.fixture
def bay():
    """The bay's layers."""
    permits = [
        (permit("FILL", "11", "surface,water,seabed,subsoil"), at(100, 200, 250, 350)),
        (permit("RAFT", "41", "surface,water"), at(400, 200, 550, 350)),
        (permit("CABLE", "53", "seabed,subsoil"), at(700, 200, 850, 350)),
        (permit("ENDED", "41", "surface,water", valid_to="2025-12-31"), at(600, 600, 750, 750)),
        (permit("POND", "33", "surface,water,seabed"), at(850, 600, 990, 740)),
        (permit("ISLE", "11", "surface", right="island_use"), at(200, 640, 240, 740)),
    ]
    zones = [
        ({"zone_id": "Z1", "kind": "redline", "name": "north"}, at(450, 800, 600, 950)),
        (
            {"zone_id": "Z2", "kind": "redline", "name": "past", "valid_to": "2020-12-31"},
            at(100, 800, 250, 950),
        ),
    ]
    coast = [
        (
            {"segment_id": "S1", "kind": "sandy", "baseline": "b1", "surveyed": "2020-01-01"},
            LineString([(X, Y), (X + 500, Y)]),
        ),
        (
            {"segment_id": "S2", "kind": "artificial", "baseline": "b1", "surveyed": "2020-01-01"},
            LineString([(X + 500, Y), (X + 1000, Y)]),
        ),
    ]
    islands = [
        ({"island_id": "I1", "name": "Isle", "surveyed": "2020-01-01"}, at(150, 600, 300, 760))
    ]
    return Layers(
        PERMITS.check(frame(*map(list, zip(*permits, strict=True)))),
        COASTLINE.check(frame(*map(list, zip(*coast, strict=True)))),
        ISLANDS.check(frame(*map(list, zip(*islands, strict=True)))),
        ZONES.check(frame(*map(list, zip(*zones, strict=True)))),
        DUTY.empty(CRS),
        KNOWN.empty(CRS),
        absent=frozenset({"duty", "known"}),
    )


def changes_of(*rows, sigma_m=1.0, score=0.9, before="2025-11-20", after="2026-11-20", **more):
    """A changes table from (kind, shape) rows."""
    return CHANGES.check(
        frame(
            {
                "change_id": [f"C{number}" for number in range(len(rows))],
                "kind": [kind for kind, _ in rows],
                "score": score,
                "sigma_m": sigma_m,
                "before": pd.Timestamp(before, tz="UTC"),
                "after": pd.Timestamp(after, tz="UTC"),
                "before_scene": f"S{before}",
                "after_scene": f"S{after}",
                "sensor_before": "sentinel-2-l2a",
                "sensor_after": "sentinel-2-l2a",
                "area_m2": [shape.area for _, shape in rows],
                "source": "seawatch",
                **more,
            },
            [shape for _, shape in rows],
        )
    )


@pytest.fixture(scope="session")
def shared():
    """The folder of real imagery; tests that need it are skipped where it is not named."""
    folder = os.environ.get("SEAWATCH_SHARED")
    if not folder:
        pytest.skip("SEAWATCH_SHARED is not set: the real imagery is not here")
    return Path(folder) / "data"


def write_layers(folder, crs, layers, *, timezone="Asia/Shanghai", extra=""):
    """A workspace in `folder` with the tables given as (row, shape) lists, the others absent."""
    from seawatch.io.vectors import write_file
    from seawatch.tables import LAYERS

    (folder / "scenes").mkdir(exist_ok=True)
    lines = []
    for table, rows in layers.items():
        records, shapes = map(list, zip(*rows, strict=True))
        checked = table.check(gpd.GeoDataFrame(records, geometry=shapes, crs=crs))
        write_file(folder / "layers" / f"{table.name}.gpkg", {table.name: (checked, table)})
        lines.append(f'{table.name} = "layers/{table.name}.gpkg"')
    absent = [t.name for t in LAYERS if t not in layers]
    settings = [
        "[project]",
        'name = "test"',
        f'crs = "{crs}"',
        f'timezone = "{timezone}"',
        "[layers]",
        *lines,
        f"absent = {absent}",
        extra,
    ]
    (folder / "seawatch.toml").write_text("\n".join(settings), "utf-8")
    return folder
