"""A change inside a marine ecological red line.

Any kind of change, whatever permits say, that reaches into a red line by more than the
position tolerance. The line counts if it was in force at any time when the change can have
come about; where it was not all that time, the finding says so. A change beside the line,
or touching it within the tolerance, is left alone; so is a line that ended before or
began after.
"""

from ._rule import Rule, findings, in_zones, zone_numbers


def check(changes, layers, on, *, min_area_m2=400.0):
    """What of each change lies in a red line, at least `min_area_m2` of it."""
    hits = in_zones(changes, layers.zones, "redline")
    hits = hits[hits.area >= min_area_m2]
    return findings(hits, "redline_entered", subject=hits.zone_id, numbers=zone_numbers(hits))


RULE = Rule("redline_entered", check, needs=("zones",), priority=2)
