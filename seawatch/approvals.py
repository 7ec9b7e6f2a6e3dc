"""Who may approve a planned use: by every way its area is counted, and with what lies beside it."""

from collections.abc import Collection
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from . import geo, law, overlay

NEIGHBOUR_M = 50.0
"""Permits no farther apart than this may be parts of one use."""
RECENT_YEARS = 2.0
"""Rights that began so long ago, or less, count as given at the same time."""
LEVELS = ("county", "city", "province", "nation")
"""Who approves, from the lowest."""


def levels(units: gpd.GeoDataFrame, on: date, where: Collection[str] = ()) -> pd.DataFrame:
    """Who may approve each sort of use, by every way its area is counted.

    The plane of the parcel's own meridian, that of its 3-degree zone, and the ellipsoid;
    `differs` where they do not agree, `close` where twice the area's error would change it.
    """
    rows = []
    for use, group in units.groupby(units.use_mode.map(law.use_of), sort=True):
        own = float(group.meridian.iloc[0])
        zone = round(own / 3) * 3.0
        sigma = float(np.sqrt((group.area_sigma_m2**2).sum()))
        counted = {
            ("plane", own): group.plane_area_m2.sum(),
            ("zone", zone): geo.plane_area_m2(group.geometry, zone).sum(),
            ("ellipsoid", np.nan): group.ellipsoidal_area_m2.sum(),
        }
        told = {k: law.approving_level(str(use), m2 / 1e4, on, where) for k, m2 in counted.items()}
        either = [
            law.approving_level(str(use), max(m2 + sign * 2 * sigma, 0) / 1e4, on, where)
            for m2 in counted.values()
            for sign in (-1, 1)
        ]
        for (measure, meridian), m2 in counted.items():
            answer = told[measure, meridian]
            rows.append(
                {
                    "use": use,
                    "measure": measure,
                    "meridian": meridian,
                    "area_ha": m2 / 1e4,
                    "sigma_ha": sigma / 1e4,
                    "level": answer and answer[0],
                    "threshold": answer and answer[1],
                    "differs": len({a and a[0] for a in told.values()}) > 1,
                    "close": len({a and a[0] for a in either}) > 1,
                }
            )
    return pd.DataFrame(rows)


def splits(
    units: gpd.GeoDataFrame,
    permits: gpd.GeoDataFrame,
    on: date,
    where: Collection[str],
    holder: str | None,
) -> pd.DataFrame:
    """Recent permits beside the parcel, of one sort of use, that with it need a higher approval.

    Permits count that began up to `RECENT_YEARS` before the day or after it, and lie no
    farther apart than `NEIGHBOUR_M`, one beside the other up to the parcel.
    """
    day = pd.Timestamp(on)
    recent = permits[
        (permits.right == "sea_use")
        & (permits.valid_from >= day - pd.Timedelta(days=365.25 * RECENT_YEARS))
        & (permits.valid_to >= day)
    ]
    if holder is not None:
        recent = recent[recent.holder == holder]
    rows = []
    for use, group in units.groupby(units.use_mode.map(law.use_of), sort=True):
        alike = recent[recent.use_mode.map(law.use_of) == use]
        near = alike[_beside(group, alike)]
        if near.empty:
            continue
        own = near.area_ha.fillna(geo.ellipsoidal_area_m2(near.geometry) / 1e4)
        mine = group.plane_area_m2.sum() / 1e4
        alone = [_rank(str(use), ha, on, where) for ha in (mine, *own)]
        answer = law.approving_level(str(use), mine + own.sum(), on, where)
        if answer and LEVELS.index(answer[0]) > max(alone):
            rows.append(
                {
                    "use": use,
                    "permits": ", ".join(sorted(near.permit_id)),
                    "count": len(near),
                    "own_ha": mine,
                    "together_ha": mine + own.sum(),
                    "level": answer[0],
                    "alone": LEVELS[max(alone)] if max(alone) >= 0 else None,
                    "threshold": answer[1],
                    "same_holder": holder is not None,
                }
            )
    return pd.DataFrame(rows)


def _rank(use: str, hectares: float, on: date, where: Collection[str]) -> int:
    """How high the approving level is, from 0; -1 where no threshold is known."""
    answer = law.approving_level(use, hectares, on, where)
    return LEVELS.index(answer[0]) if answer else -1


def _beside(group: gpd.GeoDataFrame, permits: gpd.GeoDataFrame) -> np.ndarray:
    """Which permits hang together with the parcel, one beside the other."""
    shapes = np.append(permits.geometry.to_numpy(), group.geometry.union_all())
    cluster = overlay.linked(*overlay.pairs(shapes, shapes, NEIGHBOUR_M), len(shapes))
    return cluster[:-1] == cluster[-1]
