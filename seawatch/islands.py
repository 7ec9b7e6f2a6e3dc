"""How often each island is to be looked at, and which ones are overdue.

The larger and the nearer, the oftener: monthly, bimonthly, quarterly. A look is whole when
nearly all of the island was seen clear, be it piece by piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_WHOLE = 0.95  # share of the island that makes a look at it


@dataclass(frozen=True)
class Cycle:
    """Islands of at least `least_ha` within `within_km` of the coast are seen every `days`."""

    least_ha: float
    within_km: float
    days: int


CYCLES = (
    Cycle(least_ha=10.0, within_km=10.0, days=31),
    Cycle(least_ha=1.0, within_km=20.0, days=62),
    Cycle(least_ha=0.0, within_km=float("inf"), days=92),
)
"""Classes in order; the first that fits counts. That there are three classes by area and
distance is known (grade M); their bounds are not: configuration, unverified."""


def looks(
    islands: gpd.GeoDataFrame,
    coastline: gpd.GeoDataFrame,
    ground: gpd.GeoDataFrame,
    on: date,
    cycles: Sequence[Cycle] = CYCLES,
) -> list[dict[str, Any]]:
    """When each island was last seen whole, and whether it is due again.

    Parameters
    ----------
    ground : this run's GROUND table; all tables in one CRS in metres.
    on : day of the run.

    Returns
    -------
    A row an island, the longest unseen first: island_id, name, cycle_days, last_seen (None
    where nobody has seen it whole), days, overdue.
    """
    shore = shapely.union_all(coastline.geometry.to_numpy())
    rows: list[dict[str, Any]] = []
    for island in islands.itertuples():
        cycle = _cycle(island.geometry, shore, cycles)
        seen = _last_whole(island.geometry, ground)
        days = None if seen is None else (pd.Timestamp(on) - seen).days
        rows.append(
            {
                "island_id": island.island_id,
                "name": island.name,
                "cycle_days": cycle,
                "last_seen": None if seen is None else seen.date().isoformat(),
                "days": days,
                "overdue": days is None or days > cycle,
            }
        )
    rows.sort(key=lambda row: (row["days"] is not None, -(row["days"] or 0), row["island_id"]))
    return rows


def _cycle(island: shapely.Geometry, shore: shapely.Geometry, cycles: Sequence[Cycle]) -> int:
    km = 0.0 if shore.is_empty else island.distance(shore) / 1000
    hectares = island.area / 1e4
    fits = [c.days for c in cycles if hectares >= c.least_ha and km <= c.within_km]
    return fits[0] if fits else cycles[-1].days


def _last_whole(island: shapely.Geometry, ground: gpd.GeoDataFrame) -> pd.Timestamp | None:
    """The latest day since which nearly all of the island has been seen."""
    known = ground[ground.last_seen.notna() & ground.intersects(island)]
    known = known.sort_values("last_seen", ascending=False)
    shares = known.geometry.intersection(island).area.cumsum().to_numpy() / island.area
    whole = np.flatnonzero(shares >= _WHOLE)
    return known.last_seen.iloc[whole[0]] if len(whole) else None
