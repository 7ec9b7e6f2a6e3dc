"""Works still stand where their right has ended.

A structure, an enclosure or land that certainly stood before the last day of a right that
allowed it, and is seen now, after that day, with no right in force. Land under a right to
fill is left alone: it is land. What came after the right had ended, or may have, is a
suspicion (``expired``), and so is gear that floats: it stands only where it is used.
"""

import pandas as pd
import shapely

from .. import overlay
from ..rights import FILL
from ._reminder import days_until, reminders
from ._rule import Rule
from ._standing import WORKS


def check(changes, layers, on, seen, where, *, min_area_m2=100.0):
    """Ended rights with at least `min_area_m2` of works that they once allowed."""
    old = changes[changes.veto.isna() & changes.kind.isin(WORKS) & (changes.built == "before")]
    right = layers.permits.iloc[old.ended.to_numpy(int)]
    land = (old.kind == "land_gained").to_numpy() & right.use_mode.isin(FILL).to_numpy()
    old, right = old[~land], right[~land]
    standing = overlay.spread(
        shapely.intersection, old.unlawful.to_numpy(), right.geometry.to_numpy()
    )
    table = pd.DataFrame(
        {
            "row": old.ended.to_numpy(int),
            "standing_m2": shapely.area(standing),
            "kind": old.kind.to_numpy(),
        }
    )
    table = table.sort_values(["row", "standing_m2", "kind"])
    total = table.groupby("row").standing_m2.sum()
    total = total[total >= min_area_m2]
    ended = layers.permits.iloc[total.index.to_numpy(int)]
    numbers = pd.DataFrame(
        {
            "standing_m2": total.to_numpy().round(1),
            "kind": table.groupby("row").kind.last()[total.index].to_numpy(),
            "valid_to": ended.valid_to.dt.strftime("%Y-%m-%d"),
            "days": -days_until(ended.valid_to, on),
        },
        index=ended.index,
    )
    return reminders(ended, "not_dismantled", numbers)


RULE = Rule("not_dismantled", check, reminder=True)
