"""What the permits make of each change: one act, one flag.

Each change at sea is cut into parts that have nothing in common, by place, stratum and day,
every right widened by the position tolerance:

    lawful    a right in force covers it, and its mode allows what imagery shows
    void      only a right to fill that could not be given after the stop of 2018
    misused   rights in force cover it, none of which allows what imagery shows
    late      no right in force; one that has ended would have allowed it
    bare      none of these

**Which rule wins is stated here, and only here.** Each part belongs to one rule:

    void                   reclaim_new
    misused                use_changed
    late and bare          beyond_permit, where a third and more of the whole is lawful
    late, otherwise        expired
    bare, otherwise        fill_no_permit (land), enclosed_no_permit, no_permit (the rest)

The rule with the largest part has the flag, and its part is what is flagged; of parts that
are equal, the one named first above. Every other rule with a part of `NAMED_M2` and more is
named on that flag, with its area (`also`), and new land without a right of the nation is
``reclaim_new`` besides. Whether an act is large enough for a flag is asked of all its
unlawful parts together: an act is no smaller for breaking two rules.

Two things are no act of use after a right's end. Works (`WORKS`) that certainly stood before
the last day of a right that allowed them are ``not_dismantled``, a reminder. And a change
that does not tell what it is grows out of nothing: it is never beyond a permit.

When something came to be is known as an interval, from the last clear look without it to the
first with it. A right whose first or last day lies inside that interval may or may not have
covered the beginning: it is named (`meanwhile`), and `built` says what is certain.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..layers import Layers
from ..rights import needed
from ..tables import STRATA
from ._near import STOPPED, Near, came, near_rights, sigma_m

KINDS = ("land_gained", "enclosed", "structure", "raft", "cage", "sea_change")
"""Kinds of change that use the sea."""

WORKS = ("land_gained", "enclosed", "structure")
"""Kinds that stand when nobody uses them any more."""

GROUP = (
    "reclaim_new",
    "use_changed",
    "beyond_permit",
    "expired",
    "fill_no_permit",
    "enclosed_no_permit",
    "no_permit",
)
"""Rules of which one act can have only one, the first named first where parts are equal."""

_NO_PERMIT = {"land_gained": "fill_no_permit", "enclosed": "enclosed_no_permit"}
NAMED_M2 = 100.0
"""A smaller part is the outline's own roughness: a pixel of ten metres."""


def standing(changes: gpd.GeoDataFrame, layers: Layers, on: date) -> gpd.GeoDataFrame:
    """`changes` with what the permits make of each; as they are where that has been done.

    New columns, empty where no rule of the group is broken:

    act : the rule that has the flag, of `GROUP`.
    part : the part of it that breaks that rule.
    unlawful : all that is not lawful; the whole of a change that is no use of the sea.
    unlawful_m2, lawful_m2 : areas, m².
    also : list of the other rules and the area of each.
    meanwhile : list of rights that began or ended while it may have come to be.
    built : before, after or unknown: whether a right that has ended was still in force.
    ended : position of that right among the permits, -1 for none.
    position_m : error of the outline against the rights beside it, one standard deviation.
    """
    if "act" in changes.columns:
        return changes
    at = np.flatnonzero(changes.kind.isin(KINDS))
    sea = changes.iloc[at].reset_index(drop=True)
    near = near_rights(sea, layers.permits, on)
    parts, shapes = _parts(sea, near)
    told = _told(sea, layers.permits, near, parts)
    blank = pd.DataFrame(
        {
            "act": None,
            "unlawful_m2": 0.0,
            "lawful_m2": 0.0,
            "also": None,
            "meanwhile": None,
            "built": None,
            "ended": -1,
            "position_m": sigma_m(changes),
        },
        index=changes.index,
    ).astype(dict.fromkeys(("act", "also", "meanwhile", "built"), object))
    for name in told.columns:
        values = blank[name].to_numpy().copy()
        values[at] = told[name].to_numpy()
        blank[name] = values
    whole = changes.geometry.to_numpy()
    unlawful, part = whole.copy(), np.full(len(whole), shapely.Polygon())
    unlawful[at], part[at] = shapes["lawful"], _chosen(told.act.to_numpy(), shapes)
    crs = changes.crs
    return changes.assign(
        **{name: blank[name] for name in blank},
        part=gpd.GeoSeries(part, index=changes.index, crs=crs),
        unlawful=gpd.GeoSeries(unlawful, index=changes.index, crs=crs),
    )


def _parts(sea: gpd.GeoDataFrame, near: Near) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Area of each part of each change, m², and the shapes that are left after each step."""
    shapes, need = sea.geometry.to_numpy(), needed(sea)
    steps = {
        "lawful": near.current & near.allowed,
        "void": near.current & near.void,
        "misused": near.current & ~near.allowed & ~near.void,
        "late": near.past & near.allowed,
    }
    rest, left, area = shapes, {}, {"whole": shapely.area(shapes)}
    before = area["whole"]
    taken = np.zeros(len(near.change), bool)
    for name, chosen in steps.items():
        # a right to one stratum covers together with another's right to the next
        taken = taken | chosen if name != "late" else chosen
        rest = _less(rest, need, near[taken], chosen[taken])
        now = shapely.area(rest)
        left[name], area[name] = rest, np.maximum(before - now, 0)
        before = now
    return pd.DataFrame({**area, "bare": before}), {"whole": shapes, **left}


def _less(rest: np.ndarray, need: np.ndarray, near: Near, new: np.ndarray) -> np.ndarray:
    """What of each shape is open in at least one stratum that it needs.

    new : pairs that no earlier step has cut out yet; of the others only those matter that hold
        some of the strata and not all.
    """
    open_ = ~shapely.is_empty(rest)[near.change]
    full = (near.holds | ~need[near.change]).all(axis=1)
    whole, some = near[open_ & full & new], near[open_ & ~full]
    rest = overlay.uncovered(rest, whole.change, whole.shape, whole.tolerance_m)
    rows = np.unique(some.change)
    if not len(rows):
        return rest
    layers = []
    for stratum in range(len(STRATA)):
        here = some[some.holds[:, stratum]]
        cut = overlay.uncovered(rest, here.change, here.shape, here.tolerance_m)[rows]
        layers.append(np.where(need[rows, stratum], cut, shapely.Polygon()))
    rest = rest.copy()
    rest[rows] = overlay.areas_only(shapely.union_all(np.array(layers), axis=0))
    return rest


def _told(
    sea: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, near: Near, parts: pd.DataFrame
) -> pd.DataFrame:
    """The rule that has each change, the others named on it, and what is certain of its time."""
    ended, built = _ended(sea, permits, near)
    claims = _claims(sea.kind.to_numpy(), parts, built)
    values = claims.to_numpy().round(2)  # what is equal to the eye is equal
    total = values.sum(axis=1)
    act = np.where(total > 0, np.array(GROUP, object)[values.argmax(axis=1)], None)
    named = values >= NAMED_M2
    named[np.arange(len(sea)), values.argmax(axis=1)] = False
    also: list[list[dict[str, object]] | None] = [None] * len(sea)
    for row in np.flatnonzero(named.any(axis=1)):
        also[row] = [
            {"rule": GROUP[n], "area_m2": round(float(values[row, n]), 4)}
            for n in np.flatnonzero(named[row])
        ]
    stopped = (sea.kind == "land_gained").to_numpy() & (came(sea)[1] >= STOPPED.to_datetime64())
    for row in np.flatnonzero(stopped & (total > 0) & (act != "reclaim_new")):
        others = [o for o in also[row] or [] if o["rule"] != "reclaim_new"]
        also[row] = [*others, {"rule": "reclaim_new", "area_m2": round(float(total[row]), 4)}]
    sigma = permits.sigma_m.fillna(0).to_numpy()[near.permit]
    widest = np.zeros(len(sea))
    np.maximum.at(widest, near.change, sigma)
    return pd.DataFrame(
        {
            "act": act,
            "unlawful_m2": total,
            "lawful_m2": parts.lawful.to_numpy(),
            "also": pd.Series(also, dtype=object),
            "meanwhile": _meanwhile(sea, permits, near),
            "built": built,
            "ended": ended,
            "position_m": np.hypot(sigma_m(sea), widest),
        }
    )


def _claims(kinds: np.ndarray, parts: pd.DataFrame, built: np.ndarray) -> pd.DataFrame:
    """Area of each change that each rule claims, m², one column a rule of `GROUP`."""
    told = kinds != "sea_change"
    grown = told & (parts.lawful >= parts.whole / 3).to_numpy()
    # works that stood while the right lasted are a matter of dismantling, not of use
    left = np.isin(kinds, WORKS) & (built == "before")
    own = np.array([_NO_PERMIT.get(kind, "no_permit") for kind in kinds])
    late, bare = parts.late.where(~left, 0.0), parts.bare
    claims = {
        "reclaim_new": parts.void,
        "use_changed": parts.misused.where(told, 0.0),
        "beyond_permit": (late + bare).where(grown, 0.0),
        "expired": late.where(~grown, 0.0),
        **{rule: bare.where(~grown & (own == rule), 0.0) for rule in GROUP[-3:]},
    }
    # an overlay leaves crumbs; a sea_change that grew belongs to no rule
    return pd.DataFrame(claims).where(lambda area: area > 0.01, 0.0)


def _ended(
    sea: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, near: Near
) -> tuple[np.ndarray, np.ndarray]:
    """Of the ended rights that allowed each change, the one that ended last; and `built`.

    A day is left at either end: an instant's day depends on the clock it is read by.
    """
    past = near[near.past & near.allowed]
    last = permits.valid_to.to_numpy()[past.permit]
    order = np.lexsort((permits.permit_id.to_numpy()[past.permit].astype(str), last, past.change))
    ended = np.full(len(sea), -1)
    ended[past.change[order]] = past.permit[order]  # the last of each change stays
    end = permits.valid_to.to_numpy()[ended] if len(permits) else np.zeros(len(sea), "M8[ms]")
    first, seen = came(sea)
    day = np.timedelta64(1, "D")
    built = np.select([seen < end, first > end + 2 * day], ["before", "after"], "unknown")
    told = built.astype(object)
    told[ended < 0] = None
    return ended, told


def _meanwhile(sea: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, near: Near) -> pd.Series:
    """Rights near each change that began or ended while it may have come to be."""
    first, seen = came(sea)
    begin, end = (permits[c].to_numpy()[near.permit] for c in ("valid_from", "valid_to"))
    low, high = first[near.change], seen[near.change]
    crossed = ((begin > low) & (begin <= high)) | ((end >= low) & (end < high))
    result: list[list[dict[str, str]] | None] = [None] * len(sea)
    names = permits.permit_id.to_numpy()
    for pair in np.flatnonzero(crossed & near.allowed):
        row = near.change[pair]
        result[row] = (result[row] or []) + [
            {
                "permit_id": names[near.permit[pair]],
                "valid_from": str(begin[pair])[:10],
                "valid_to": str(end[pair])[:10],
            }
        ]
    return pd.Series(result, dtype=object)


def _chosen(act: np.ndarray, left: dict[str, np.ndarray]) -> np.ndarray:
    """The part of each change that breaks its rule."""
    between = {
        "reclaim_new": ("lawful", "void"),
        "use_changed": ("void", "misused"),
        "beyond_permit": ("misused", None),
        "expired": ("misused", "late"),
        **dict.fromkeys(GROUP[-3:], ("late", None)),
    }
    part = np.full(len(act), shapely.Polygon())
    for rule, (more, fewer) in between.items():
        rows = np.flatnonzero(act == rule)
        part[rows] = left[more][rows]
        if fewer is not None:
            cuts = left[fewer][rows]
            cut = rows[~shapely.is_empty(cuts)]
            part[cut] = overlay.areas_only(
                overlay.spread(shapely.difference, left[more][cut], left[fewer][cut])
            )
    return part


def acts_of(
    changes: gpd.GeoDataFrame, layers: Layers, on: date, rule: str, min_area_m2: float
) -> gpd.GeoDataFrame:
    """The acts that one rule of the group has, with the part that breaks it as geometry."""
    told = standing(changes, layers, on)
    mine = told[(told.act == rule) & (told.unlawful_m2 >= min_area_m2)]
    return (
        mine.set_geometry("part", crs=changes.crs)
        .drop(columns="geometry")
        .rename_geometry("geometry")
    )
