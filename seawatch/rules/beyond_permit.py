"""Use beyond the limits of its permit.

At least a third of what was seen is lawful under a right in force, and it reaches past
the parcel by more than the position tolerance. Only the excess is judged. An outline
that wanders across the limit within the tolerance is left alone; so is an excess that
another right in force covers.
"""

import pandas as pd

from ..rights import in_force
from ._near import main_right
from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """What reaches beyond a lawful use, at least `min_area_m2` of it."""
    acts = acts_of(changes, layers, on, "beyond_permit", min_area_m2)
    whole = acts.set_geometry(changes.geometry.loc[acts.index])
    permits = in_force(layers.permits, on)
    numbers = pd.DataFrame(
        {
            "permit_id": permits.permit_id.to_numpy()[main_right(whole, permits)],
            "outside_share": 1 - acts.lawful_m2 / whole.area,
        },
        index=acts.index,
    )
    return findings(acts, "beyond_permit", subject=numbers.permit_id, numbers=numbers)


RULE = Rule("beyond_permit", check, priority=1)
