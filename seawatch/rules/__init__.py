"""The rules, in report order, and the judgement of changes by all of them.

A rule is one file of this folder; the list below is written by hand.
"""

from collections.abc import Collection, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from .. import geo
from ..layers import Layers
from ..overlay import pairs, uncovered
from ..tables import COVERAGE, FINDINGS, REMINDERS
from ._finding import completed
from ._mismatch import mismatches
from ._near import sigma_m
from ._rule import Rule
from ._standing import standing
from .approval_level import RULE as approval_level
from .aquaculture_banned import RULE as aquaculture_banned
from .basepoint_entered import RULE as basepoint_entered
from .beach_enclosed import RULE as beach_enclosed
from .beyond_permit import RULE as beyond_permit
from .enclosed_no_permit import RULE as enclosed_no_permit
from .expired import RULE as expired
from .fill_no_permit import RULE as fill_no_permit
from .idle import RULE as idle
from .island_changed import RULE as island_changed
from .island_connected import RULE as island_connected
from .legacy_growing import RULE as legacy_growing
from .limited_coast import RULE as limited_coast
from .natural_coast_occupied import RULE as natural_coast_occupied
from .no_permit import RULE as no_permit
from .not_dismantled import RULE as not_dismantled
from .reclaim_new import RULE as reclaim_new
from .redline_entered import RULE as redline_entered
from .renewal_due import RULE as renewal_due
from .split_approval import RULE as split_approval
from .strict_coast import RULE as strict_coast
from .use_changed import RULE as use_changed

__all__ = ["RULES", "Rule", "judge", "not_judged", "remind"]

_ALL: tuple[Rule, ...] = (
    fill_no_permit,
    enclosed_no_permit,
    reclaim_new,
    legacy_growing,
    basepoint_entered,
    island_connected,
    beyond_permit,
    use_changed,
    expired,
    no_permit,
    natural_coast_occupied,
    strict_coast,
    limited_coast,
    beach_enclosed,
    island_changed,
    redline_entered,
    aquaculture_banned,
    renewal_due,
    not_dismantled,
    idle,
    split_approval,
    approval_level,
)

RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}

Limits = Mapping[str, Mapping[str, float]]


def not_judged(layers: Layers) -> dict[str, list[str]]:
    """Rules that could not be judged, and the absent layers each would need."""
    missing = {r.name: sorted(layers.absent.intersection(r.needs)) for r in _ALL}
    return {name: names for name, names in missing.items() if names}


def judge(
    changes: gpd.GeoDataFrame, layers: Layers, on: date, limits: Limits | None = None
) -> gpd.GeoDataFrame:
    """Every rule broken by every change on the day `on`, beyond the position tolerance.

    Parameters
    ----------
    changes : checked changes table; vetoed changes are not judged.
    layers : in the changes' CRS. A rule whose layer is absent is left out (`not_judged`).
    limits : keyword arguments of the rules' checks, by rule.

    Returns
    -------
    The findings table. `reason` and `basis` are empty: words come with `maps.words`.
    """
    skipped = not_judged(layers)
    judged = _less_known(changes[changes.veto.isna()], layers.known).reset_index(drop=True)
    judged = standing(judged, layers, on)  # once for all rules
    parts = [
        rule.check(judged, layers, on, **(limits or {}).get(rule.name, {}))
        for rule in _ALL
        if rule.name not in skipped and not rule.reminder
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return FINDINGS.empty(changes.crs)
    found = pd.concat(filled, ignore_index=True)
    found = found.assign(priority=_priority(found))
    return completed(found, changes, mismatches(found, judged, layers, on))


def remind(
    changes: gpd.GeoDataFrame,
    layers: Layers,
    on: date,
    seen: gpd.GeoDataFrame | None = None,
    limits: Limits | None = None,
    where: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """What the permits' dates and sizes give reason to ask on the day `on`.

    Parameters
    ----------
    changes : all of the run, vetoed ones too: what may stand there is not nothing.
    seen : the run's coverage; without it nothing is said that rests on ground seen clear.
    where : the regions whose own law holds (`law.regions`).

    Returns
    -------
    The reminders table, by rule and permit. `reason` and `basis` are empty.
    """
    skipped = not_judged(layers)
    told = standing(changes.reset_index(drop=True), layers, on)
    ground = COVERAGE.empty(changes.crs) if seen is None else seen
    parts = [
        rule.check(told, layers, on, ground, where, **(limits or {}).get(rule.name, {}))
        for rule in _ALL
        if rule.reminder and rule.name not in skipped
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return REMINDERS.empty(changes.crs)
    whole = pd.concat(filled, ignore_index=True)
    return REMINDERS.check(whole.sort_values("reminder_id", ignore_index=True))


def _priority(found: gpd.GeoDataFrame) -> pd.Series:
    """The rule's own priority; 3 for what does not tell what it is (it may be a ship)."""
    return found.rule.map({r.name: r.priority for r in _ALL}).where(found.kind != "sea_change", 3)


def _less_known(changes: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Changes less what is dealt with already; growth of it beyond the tolerance stays."""
    shapes, others = changes.geometry.to_numpy(), known.geometry.to_numpy()
    tolerance = np.asarray(geo.tolerance_m(sigma_m(changes)))
    change, other = pairs(shapes, others, tolerance)
    rest = uncovered(shapes, change, others[other], tolerance[change])
    left = changes.set_geometry(gpd.GeoSeries(rest, index=changes.index, crs=changes.crs))
    return left[~left.geometry.is_empty]
