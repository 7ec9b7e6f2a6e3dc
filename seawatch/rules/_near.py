"""The rights near each change: which stand there, on which day, for what, in which strata."""

from dataclasses import dataclass, fields
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from .. import overlay
from ..authorities import level_of
from ..geo import tolerance_m
from ..law.acts import FILL_STOP
from ..rights import FILL, held, lawful, needed

STOPPED = pd.Timestamp(FILL_STOP.effective_from)
"""The day of the notice that stopped new reclamation."""


@dataclass(frozen=True)
class Near:
    """Rights near each change: positions of both, how wide the tolerance is, and what each is."""

    change: np.ndarray
    permit: np.ndarray
    tolerance_m: np.ndarray
    current: np.ndarray
    past: np.ndarray
    allowed: np.ndarray
    void: np.ndarray
    holds: np.ndarray  # (pair, stratum), of the strata the change occupies
    shape: np.ndarray

    def __getitem__(self, keep: np.ndarray) -> "Near":
        return Near(*(getattr(self, name)[keep] for name in (f.name for f in fields(self))))


def sigma_m(changes: gpd.GeoDataFrame) -> np.ndarray:
    """Error of each outline by itself, m: both images, their fit, and the tide at its waterline."""
    return np.hypot(changes.sigma_m.to_numpy(), changes.tide_sigma_m.fillna(0).to_numpy())


def came(changes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The last look without each change and the first with it, UTC without a zone."""
    first = changes.last_without.fillna(changes.before)
    last = changes.first_with.fillna(changes.after)
    return tuple(t.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy() for t in (first, last))


def near_rights(sea: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, on: date) -> Near:
    """The sea-use rights within tolerance of each change that hold a stratum it occupies."""
    own, sigma = sigma_m(sea), permits.sigma_m.fillna(0).to_numpy()
    reach = tolerance_m(own, float(sigma.max(initial=0)))
    change, permit = overlay.pairs(sea.geometry.to_numpy(), permits.sindex._tree, reach)
    strata = needed(sea)[change] & held(permits.iloc[permit])
    keep = strata.any(axis=1) & (permits.right.to_numpy()[permit] == "sea_use")
    change, permit, strata = change[keep], permit[keep], strata[keep]
    day = np.datetime64(on)
    begun = permits.valid_from.to_numpy()[permit] <= day
    over = permits.valid_to.to_numpy()[permit] < day
    allowed = lawful(sea, permits, change, permit)
    fill = np.isin(permits.use_mode.to_numpy()[permit], FILL)
    local = _local_fill(permits.iloc[permit]) & fill & allowed
    after_stop = came(sea)[1][change] >= STOPPED.to_datetime64()
    land = (sea.kind == "land_gained").to_numpy()[change]
    void = local & after_stop & land
    tolerance = np.asarray(tolerance_m(own[change], sigma[permit]))
    return Near(
        change,
        permit,
        tolerance,
        begun & ~over,
        over,
        allowed & ~void,
        void,
        strata,
        permits.geometry.to_numpy()[permit],
    )


def _local_fill(rights: gpd.GeoDataFrame) -> np.ndarray:
    """Rights given after the stop by somebody named who is not the nation."""
    level = level_of(rights.authority)
    local = level.notna() & (level != "nation")
    return (local & (rights.valid_from >= STOPPED)).to_numpy()


def main_right(acts: gpd.GeoDataFrame, rights: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the right that holds most of each act; -1 where none is near.

    Of rights that hold as much, the last by number.
    """
    reach = tolerance_m(sigma_m(acts), float(rights.sigma_m.max() or 0) if len(rights) else 0.0)
    shapes, others = acts.geometry.to_numpy(), rights.geometry.to_numpy()
    act, right = overlay.pairs(shapes, others, np.nan_to_num(reach))
    shared = np.zeros(len(act))
    rival = np.bincount(act, minlength=len(acts))[act] > 1
    shared[rival] = overlay.shared_m2(shapes[act[rival]], others[right[rival]])
    names = rights.permit_id.to_numpy().astype(str)[right]
    order = np.lexsort((names, shared, act))
    best = np.full(len(acts), -1)
    best[act[order]] = right[order]
    return best
