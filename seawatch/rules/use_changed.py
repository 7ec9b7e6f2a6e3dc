"""The sea is used otherwise than its permit allows.

A right in force covers the place, but none of those there allows what imagery shows:
dry land in open aquaculture, a broad fill where a dike or a deck was granted, a raft in
a shipping lane. A narrow dike in a pond parcel and a deck on piles are left alone, and
so is a kind of change that does not tell what it is.
"""

import pandas as pd

from ..rights import in_force
from ._near import main_right
from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """What lies under rights in force of which none allows it, at least `min_area_m2`."""
    acts = acts_of(changes, layers, on, "use_changed", min_area_m2)
    permits = in_force(layers.permits, on)
    main = permits.iloc[main_right(acts, permits)]
    numbers = pd.DataFrame(
        {"permit_id": main.permit_id.to_numpy(), "use_mode": main.use_mode.to_numpy()},
        index=acts.index,
    )
    return findings(acts, "use_changed", subject=numbers.permit_id, numbers=numbers)


RULE = Rule("use_changed", check, priority=1)
