"""Use beyond the limits of its permit.

At least a third of what was seen is lawful under a right in force, and it reaches past
the parcel by more than the position tolerance. Only the excess is judged. An outline
that wanders across the limit within the tolerance is left alone; so is an excess that
another right in force covers.
"""

import pandas as pd

from ._rule import Rule, covered, findings, in_force, pairs_within, standing

KINDS = ("land_gained", "enclosed", "structure", "raft", "cage")


def check(changes, layers, on, *, min_area_m2=400.0):
    """What reaches beyond a lawful use, at least `min_area_m2` of it."""
    here = changes[changes.kind.isin(KINDS)]
    rest, grown, _ = standing(here, layers, on)
    rest = rest[grown & (rest.area >= min_area_m2)]
    whole = here.loc[rest.index]
    permits = in_force(layers.permits, on)
    numbers = pd.DataFrame(
        {
            "permit_id": _own_permit(whole, permits),
            "outside_share": 1 - covered(whole, permits, lawful=True).area / whole.area,
        },
        index=rest.index,
    )
    return findings(rest, "beyond_permit", subject=numbers.permit_id, numbers=numbers)


def _own_permit(changes, permits):
    """The permit that holds most of each change."""
    change, permit, _ = pairs_within(changes, permits)
    shared = changes.geometry.iloc[change].intersection(permits.geometry.iloc[permit], align=False)
    table = pd.DataFrame(
        {"change": change, "area": shared.area.to_numpy(), "id": permits.permit_id.iloc[permit]}
    )
    best = table.sort_values(["area", "id"]).drop_duplicates("change", keep="last")
    return best.set_index(changes.index[best.change])["id"]


RULE = Rule("beyond_permit", check, priority=1)
