"""Legacy reclamation: what the register says of each, and what imagery says has come since.

The register is the zones of kind ``legacy_reclamation``. How much of one lies vacant is what
was filled less what the register has in use, less what imagery shows was built on it since:
a detector sees what comes, not what has stood there all along, so the register has the first
word. Growth is judged by the rule ``legacy_growing``, which no entry here ever clears.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from . import overlay
from .geo import ellipsoidal_area_m2

BUILT = ("built", "structure")
GROWN = ("land_gained", "enclosed")


def legacies(zones: gpd.GeoDataFrame, changes: gpd.GeoDataFrame, on: date) -> pd.DataFrame:
    """Every legacy reclamation on the register, by number.

    Parameters
    ----------
    zones, changes : checked tables, one projected CRS; vetoed changes do not count.

    Returns
    -------
    One row a zone: `zone_id`, `name`, `legacy_class`, `filled_ha` (of the outline where the
    register does not say), `used_ha`, `built_ha` and `grown_ha` (seen in this run),
    `vacancy` (0-1; none where the register does not say what is in use), `assessment`,
    `plan`, `deadline`, and `overdue` (its deadline lies before `on`).
    """
    mine = zones[zones.kind == "legacy_reclamation"].sort_values("zone_id", ignore_index=True)
    seen = changes[changes.veto.isna()]
    filled = mine.filled_ha.fillna(ellipsoidal_area_m2(mine.geometry) / 1e4)
    built, grown = (_shared_ha(mine, seen[seen.kind.isin(kinds)]) for kinds in (BUILT, GROWN))
    vacancy = (filled - mine.used_ha - built).clip(lower=0) / filled.where(filled > 0)
    told = mine[["zone_id", "name", "legacy_class", "used_ha", "assessment", "plan", "deadline"]]
    return pd.DataFrame(told).assign(
        filled_ha=filled,
        built_ha=built,
        grown_ha=grown,
        vacancy=vacancy,
        overdue=(mine.deadline < pd.Timestamp(on)).to_numpy(),
    )


def _shared_ha(zones: gpd.GeoDataFrame, changes: gpd.GeoDataFrame) -> np.ndarray:
    """Area of each zone that changes take, ha."""
    shapes, others = zones.geometry.to_numpy(), changes.geometry.to_numpy()
    change, zone = overlay.pairs(others, shapes)
    shared = overlay.shared_m2(others[change], shapes[zone])
    return np.bincount(zone, shared, minlength=len(zones)) / 1e4
