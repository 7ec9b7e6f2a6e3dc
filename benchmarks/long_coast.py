"""A coast as long as a country's: permits, segments, islands, zones, and changes held against them.

Forty coasts of 100 km lie beside each other. Before each, parcels stand in five rows, two in
five of them wall to wall; islands and zones lie among them. Changes have outlines of 12 to 40
points, as detectors draw them; four in five lie in or at a parcel.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from seawatch.layers import Layers
from seawatch.tables import CHANGES, COASTLINE, DUTY, ISLANDS, KNOWN, PERMITS, ZONES

CRS = "EPSG:4549"
X, Y = 600_000.0, 4_000_000.0
_MEANT = {"41": "raft", "33": "enclosed", "31": "structure", "11": "land_gained", "21": "structure"}
LINES, LONG_M, APART_M = 40, 100_000.0, 2_500.0  # coasts beside each other, and how far apart


def build(permits: int, changes: int, seed: int = 7) -> tuple[Layers, gpd.GeoDataFrame]:
    """Layers of a long coast, and changes as detectors draw them."""
    rng = np.random.default_rng(seed)
    parcels = _permits(rng, permits)
    layers = Layers(
        parcels,
        _coastline(rng),
        _islands(rng, 1_000),
        _zones(rng, 400),
        DUTY.empty(CRS),
        KNOWN.empty(CRS),
        absent=frozenset({"duty", "known"}),
    )
    return layers, _changes(rng, changes, parcels)


def _frame(rows: dict[str, object], shapes: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def _shore_y(x: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Northing of a coast at an easting: bays of 9 and 1.3 km."""
    return Y + line * APART_M + 150 * np.sin(x / 1_430) + 40 * np.sin(x / 207 + line)


def _stars(
    rng: np.random.Generator, x: np.ndarray, y: np.ndarray, radius: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """Outlines about centres: so many points, at 0.6 to 1 of the radius."""
    of = np.repeat(np.arange(len(x)), points)
    turn = np.arange(len(of)) - np.repeat(np.cumsum(points) - points, points)
    angle = 2 * np.pi * turn / points[of]
    far = radius[of] * rng.uniform(0.6, 1.0, len(of))
    at = np.column_stack([x[of] + far * np.cos(angle), y[of] + far * np.sin(angle)])
    return shapely.polygons(shapely.linearrings(at, indices=of))


def _permits(rng: np.random.Generator, number: int) -> gpd.GeoDataFrame:
    """Blocks of parcels in five rows off every coast; one in twenty is a cable's."""
    each = -(-number // (LINES * 5))
    cell = LONG_M / each
    at = np.arange(number)
    line, row, column = at % LINES, at // LINES % 5, at // (LINES * 5)
    x = X + (column + 0.5) * cell
    y = _shore_y(x, line) + 250 + 320 * row
    wide = cell / 2 * np.where(rng.random(number) < 0.4, 1.0, rng.uniform(0.6, 0.97, number))
    high = 160 * rng.uniform(0.6, 0.98, number)
    corners = rng.integers(1, 4, number) * 4
    shapes = _blocks(rng, x, y, wide, high, corners)
    below = rng.random(number) < 0.05
    mode = rng.choice(
        ["41", "33", "31", "11", "21", "23", "44"],
        number,
        p=[0.6, 0.14, 0.08, 0.07, 0.04, 0.04, 0.03],
    )
    mode = np.where(below, "53", mode)
    ends = rng.choice(["2030-12-31", "2035-06-30", "2024-12-31"], number, p=[0.5, 0.38, 0.12])
    return PERMITS.check(
        _frame(
            {
                "permit_id": [f"P{n}" for n in range(number)],
                "scheme": "hy/t-123-2009",
                "use_type": "13",
                "use_mode": mode,
                "strata": np.where(below, "seabed,subsoil", "surface,water"),
                "valid_from": "2015-01-01",
                "valid_to": ends,
                "holder": [f"H{n % 900}" for n in range(number)],
                "area_ha": (shapely.area(shapes) / 1e4).round(4),
                "sigma_m": rng.choice([0.1, 1.0], number),
            },
            shapes,
        )
    )


def _blocks(
    rng: np.random.Generator,
    x: np.ndarray,
    y: np.ndarray,
    wide: np.ndarray,
    high: np.ndarray,
    corners: np.ndarray,
) -> np.ndarray:
    """Nearly rectangular outlines of 4, 8 or 12 corners."""
    of = np.repeat(np.arange(len(x)), corners)
    turn = np.arange(len(of)) - np.repeat(np.cumsum(corners) - corners, corners)
    step = 4 * turn / corners[of]
    side, along = step.astype(int), 2 * (step % 1) - 1
    u = np.select([side == 0, side == 1, side == 2], [along, 1.0, -along], -1.0)
    v = np.select([side == 0, side == 1, side == 2], [-1.0, along, 1.0], -along)
    jitter = rng.uniform(-2, 2, (2, len(of)))
    at = np.column_stack([x[of] + wide[of] * u + jitter[0], y[of] + high[of] * v + jitter[1]])
    return shapely.polygons(shapely.linearrings(at, indices=of))


def _coastline(rng: np.random.Generator) -> gpd.GeoDataFrame:
    each, points = 50, 41
    line, part = np.divmod(np.arange(LINES * each), each)
    step = np.linspace(0, LONG_M / each, points)
    x = X + part[:, None] * LONG_M / each + step
    at = np.stack([x, _shore_y(x, line[:, None])], axis=-1)
    number = len(line)
    return COASTLINE.check(
        _frame(
            {
                "segment_id": [f"S{n}" for n in range(number)],
                "kind": rng.choice(["bedrock", "sandy", "muddy", "artificial"], number),
                "protection": rng.choice(["strict", "limited", "optimised"], number),
                "baseline": "b",
                "surveyed": "2020-01-01",
            },
            shapely.linestrings(at),
        )
    )


def _places(rng: np.random.Generator, number: int, least: float, most: float) -> tuple:
    line = rng.integers(0, LINES, number)
    x = X + rng.uniform(0, LONG_M, number)
    return x, _shore_y(x, line) + rng.uniform(least, most, number)


def _islands(rng: np.random.Generator, number: int) -> gpd.GeoDataFrame:
    x, y = _places(rng, number, 1_900, 2_000)
    shapes = _stars(rng, x, y, rng.uniform(50, 200, number), np.full(number, 60))
    rows = {"island_id": [f"I{n}" for n in range(number)], "surveyed": "2020-01-01"}
    return ISLANDS.check(_frame(rows, shapes))


def _zones(rng: np.random.Generator, number: int) -> gpd.GeoDataFrame:
    x, y = _places(rng, number, 0, 2_000)
    shapes = _stars(rng, x, y, rng.uniform(500, 1_500, number), np.full(number, 200))
    kinds = ["redline", "aquaculture_ban", "legacy_reclamation", "basepoint", "protected"]
    rows = {"zone_id": [f"Z{n}" for n in range(number)], "kind": rng.choice(kinds, number)}
    return ZONES.check(_frame(rows, shapes))


def _changes(rng: np.random.Generator, number: int, permits: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Four in five near a parcel, the rest on shores, islands and open water."""
    own = rng.integers(0, len(permits), number)
    box = permits.bounds.to_numpy()[own]
    x = rng.uniform(box[:, 0] - 10, box[:, 2] + 10)
    y = rng.uniform(box[:, 1] - 10, box[:, 3] + 10)
    loose = rng.random(number) < 0.2
    far_x, far_y = _places(rng, number, -20, 2_000)
    x, y = np.where(loose, far_x, x), np.where(loose, far_y, y)
    radius = rng.uniform(15, 60, number)
    shapes = _stars(rng, x, y, radius, rng.integers(12, 40, number))
    kinds = ["raft", "land_gained", "structure", "enclosed", "cage", "sea_change", "built"]
    chances = [0.4, 0.2, 0.12, 0.08, 0.08, 0.07, 0.05]
    kind = rng.choice(kinds, number, p=chances)
    # two in three of those at a parcel are what the parcel is for
    meant = permits.use_mode.map(_MEANT).fillna("sea_change").to_numpy()[own]
    kind = np.where(~loose & (rng.random(number) < 2 / 3), meant, kind)
    return CHANGES.check(
        _frame(
            {
                "change_id": [f"C{n}" for n in range(number)],
                "kind": kind,
                "score": 0.9,
                "sigma_m": rng.choice([4.2, 5.0, 6.3], number),
                "before": pd.Timestamp("2025-11-20", tz="UTC"),
                "after": pd.Timestamp("2026-11-20", tz="UTC"),
                "before_scene": "S1",
                "after_scene": "S2",
                "sensor_before": "sentinel-2-l2a",
                "sensor_after": "sentinel-2-l2a",
                "area_m2": shapely.area(shapes),
                "source": "seawatch",
            },
            shapes,
        )
    )
