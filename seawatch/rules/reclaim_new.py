"""New land since reclamation was stopped, under a right that could not be given.

Since the State Council's notice of 2018 only the nation can allow a fill. New land under a
right to fill that a named local authority gave after the notice is flagged here. Land
under a right of the nation's is left alone, and land under a right from before the notice
or whose authority the register does not name (say it in `authority`). New land without
any right is one act with one flag, ``fill_no_permit`` or its like, which names this rule.
"""

import pandas as pd

from ..rights import in_force
from ._near import main_right
from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """New land, at least `min_area_m2`, most of it under a fill right no local office can give."""
    acts = acts_of(changes, layers, on, "reclaim_new", min_area_m2)
    permits = in_force(layers.permits, on)
    main = permits.iloc[main_right(acts, permits)]
    numbers = pd.DataFrame(
        {"permit_id": main.permit_id.to_numpy(), "authority": main.authority.to_numpy()},
        index=acts.index,
    )
    return findings(acts, "reclaim_new", subject=numbers.permit_id, numbers=numbers)


RULE = Rule("reclaim_new", check, priority=1)
