"""Use goes on after the right has ended.

At least half of what no right covers lies in a parcel whose last day is past, under a
mode that would allow it. The last day itself is still in force and left alone. A use
mostly outside the ended parcel never had the right: that is ``no_permit``; so is one
whose mode the ended right never allowed.
"""

import pandas as pd

from ._rule import Rule, ended, findings, pairs_within, standing

KINDS = ("land_gained", "enclosed", "structure", "raft", "cage", "sea_change")


def check(changes, layers, on, *, min_area_m2=400.0):
    """What stands where a lawful right has ended, at least `min_area_m2` of it."""
    here = changes[changes.kind.isin(KINDS)]
    rest, _, late = standing(here, layers, on)
    rest = rest[late & (rest.area >= min_area_m2)]
    last = _last_right(rest, ended(layers.permits, on))
    numbers = pd.DataFrame(
        {
            "permit_id": last.permit_id,
            "valid_to": last.valid_to.dt.strftime("%Y-%m-%d"),
            "days": (pd.Timestamp(on) - last.valid_to).dt.days,
        }
    ).reindex(rest.index)
    return findings(rest, "expired", subject=numbers.permit_id, numbers=numbers)


def _last_right(changes, permits):
    """Of the ended rights over each change, the one that ended last."""
    change, permit, _ = pairs_within(changes, permits)
    hits = permits.iloc[permit][["permit_id", "valid_to"]]
    hits = hits.set_index(changes.index[change]).sort_values(["valid_to", "permit_id"])
    return hits[~hits.index.duplicated(keep="last")]


RULE = Rule("expired", check, priority=2)
