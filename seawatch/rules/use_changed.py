"""The sea is used otherwise than its permit allows.

A right in force covers the place, but none of those there allows what imagery shows:
dry land in open aquaculture, a broad fill where a dike or a deck was granted, a raft in
a shipping lane. A narrow dike in a pond parcel and a deck on piles are left alone, and
so is a kind of change that does not tell what it is.
"""

import pandas as pd

from ._rule import Rule, covered, findings, in_force, pairs_within, without

KINDS = ("land_gained", "enclosed", "structure", "raft", "cage")


def check(changes, layers, on, *, min_area_m2=400.0):
    """What lies under rights in force of which none allows it, at least `min_area_m2`."""
    here = changes[changes.kind.isin(KINDS)]
    permits = in_force(layers.permits, on)
    held = covered(here, permits)
    misused = here.set_geometry(held)[held.area > 0]
    allowed = covered(here.loc[misused.index], permits, lawful=True)
    rest = without(misused, allowed)
    rest = rest[rest.area >= min_area_m2]
    numbers = _holding_permit(rest, permits)
    return findings(rest, "use_changed", subject=numbers.permit_id, numbers=numbers)


def _holding_permit(changes, permits):
    """Number and mode of the permit that holds most of each change."""
    change, permit, _ = pairs_within(changes, permits)
    shared = changes.geometry.iloc[change].intersection(permits.geometry.iloc[permit], align=False)
    hits = permits.iloc[permit][["permit_id", "use_mode"]].set_index(changes.index[change])
    hits = hits.assign(area=shared.area.to_numpy()).sort_values(["area", "permit_id"])
    hits = hits[~hits.index.duplicated(keep="last")]
    return pd.DataFrame(hits[["permit_id", "use_mode"]]).reindex(changes.index)


RULE = Rule("use_changed", check, priority=1)
