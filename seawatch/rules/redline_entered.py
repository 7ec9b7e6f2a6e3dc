"""A change inside a marine ecological red line.

Any kind of change, whatever permits say, that reaches into a red line in force by more
than the position tolerance. A change beside the line, or touching it within the
tolerance, is left alone; so is a line that is not in force on the day.
"""

import pandas as pd

from ._rule import Rule, findings, inside


def check(changes, layers, on, *, min_area_m2=400.0):
    """What of each change lies in a red line, at least `min_area_m2` of it."""
    day = pd.Timestamp(on)
    zones = layers.zones
    begun = zones.valid_from.isna() | (zones.valid_from <= day)
    lasting = zones.valid_to.isna() | (zones.valid_to >= day)
    lines = zones[(zones.kind == "redline") & begun & lasting]
    hits = inside(changes, lines).reset_index(drop=True)
    hits = hits[hits.area >= min_area_m2]
    zone = lines.iloc[hits.other].set_index(hits.index)
    numbers = pd.DataFrame({"zone_id": zone.zone_id, "zone_name": zone.name})
    return findings(hits, "redline_entered", subject=numbers.zone_id, numbers=numbers)


RULE = Rule("redline_entered", check, needs=("zones",), priority=2)
