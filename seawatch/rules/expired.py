"""Use goes on after the right has ended.

Most of what no right covers lies in a parcel whose last day is past, under a mode that
would allow it. The last day itself is still in force and left alone. A use mostly outside
the ended parcel never had the right: that is ``no_permit``; so is one whose mode the ended
right never allowed. Works that certainly stood before the last day are left alone too:
they are to be dismantled (``not_dismantled``), and standing is no use.
"""

import numpy as np
import pandas as pd

from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """What stands where a lawful right has ended, at least `min_area_m2` of it."""
    acts = acts_of(changes, layers, on, "expired", min_area_m2)
    last = layers.permits.iloc[acts.ended.to_numpy(int)].set_index(acts.index)
    numbers = pd.DataFrame(
        {
            "permit_id": last.permit_id,
            "valid_to": last.valid_to.dt.strftime("%Y-%m-%d"),
            "days": ((np.datetime64(on) - last.valid_to) // np.timedelta64(1, "D")).astype(int),
            "built": acts.built,
        }
    )
    return findings(acts, "expired", subject=numbers.permit_id, numbers=numbers)


RULE = Rule("expired", check, priority=2)
