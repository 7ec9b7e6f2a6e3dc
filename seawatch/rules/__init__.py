"""The rules, in report order, and the judgement of changes by all of them.

A rule is one file of this folder; the list below is written by hand.
"""

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import pandas as pd

from .. import geo
from ..confidence import confidence
from ..layers import Layers
from ..tables import FINDINGS
from ._rule import Rule, areas_only, as_json, pairs_within, without
from .beyond_permit import RULE as beyond_permit
from .expired import RULE as expired
from .fill_no_permit import RULE as fill_no_permit
from .island_changed import RULE as island_changed
from .natural_coast_occupied import RULE as natural_coast_occupied
from .no_permit import RULE as no_permit
from .redline_entered import RULE as redline_entered
from .use_changed import RULE as use_changed

__all__ = ["RULES", "Rule", "judge", "not_judged"]

_ALL: tuple[Rule, ...] = (
    fill_no_permit,
    beyond_permit,
    use_changed,
    expired,
    no_permit,
    natural_coast_occupied,
    island_changed,
    redline_entered,
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
    judged = _less_known(changes[changes.veto.isna()], layers.known)
    parts = [
        rule.check(judged, layers, on, **(limits or {}).get(rule.name, {}))
        for rule in _ALL
        if rule.name not in skipped
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return FINDINGS.empty(changes.crs)
    return _completed(pd.concat(filled, ignore_index=True), changes)


def _priority(found: gpd.GeoDataFrame) -> pd.Series:
    """The rule's own priority; 3 for what does not tell what it is (it may be a ship)."""
    return found.rule.map({r.name: r.priority for r in _ALL}).where(found.kind != "sea_change", 3)


def _less_known(changes: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Changes less what is dealt with already; growth of it beyond the tolerance stays."""
    change, other, tolerance = pairs_within(changes, known)
    if len(change) == 0:
        return changes
    widened = known.geometry.iloc[other].buffer(tolerance).set_axis(changes.index[change])
    joined = widened.groupby(level=0).agg(lambda group: group.union_all())
    return without(changes, joined.reindex(changes.index).set_crs(changes.crs))


def _completed(found: gpd.GeoDataFrame, changes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Findings with their areas, errors, confidence and numbers."""
    change = changes.set_index("change_id").loc[found.change_id].reset_index()
    shapes = areas_only(found.geometry)
    excess = geo.ellipsoidal_area_m2(shapes)
    sigma = geo.area_sigma_m2(shapes, found.sigma_m)
    whole = gpd.GeoSeries(change.geometry.to_numpy(), crs=changes.crs)
    longitude = shapes.to_crs(geo.LONLAT).representative_point().x
    meridian = longitude.map(geo.meridian)
    tolerance = geo.tolerance_m(found.sigma_m)
    shared = pd.DataFrame(
        {
            "kind": found.kind,
            "area_m2": change.area_m2,
            "excess_m2": excess,
            "excess_sigma_m2": sigma,
            "excess_plane_m2": geo.plane_area_m2(shapes, meridian),
            "tolerance_m": tolerance,
            "tide_before_m": change.tide_before_m,
            "tide_after_m": change.tide_after_m,
            "dates": change.dates.fillna(1).astype(int),
            "tide_known": change.tide_before_m.notna() & change.tide_after_m.notna(),
        }
    )
    shared = shared.astype(object).where(shared.notna(), None).to_dict("records")
    texts = [as_json({**s, **own}) for s, own in zip(shared, found.numbers, strict=True)]
    table = found.set_geometry(shapes).assign(
        confidence=confidence(change.set_axis(found.index), excess, sigma).clip(0, 1),
        area_m2=change.area_m2,
        area_sigma_m2=geo.area_sigma_m2(whole, change.sigma_m),
        meridian=meridian,
        plane_area_m2=geo.plane_area_m2(whole, meridian.to_numpy()).to_numpy(),
        excess_m2=excess,
        numbers=texts,
        priority=_priority(found),
        sensor=found.sensor_after,
        # when it can have happened: between the last look without it and the first with it
        before=change.last_without.fillna(change.before).to_numpy(),
        after=change.first_with.fillna(change.after).to_numpy(),
        coast_m=found.coast_m.astype(float),
    )
    return FINDINGS.check(table.sort_values(["rule", "change_id"], ignore_index=True))
