"""Works inside the protection range of a base point of the territorial sea.

Any change but of plants alone, whatever permits say, that reaches into such a range in
force by more than the position tolerance: raise the alarm first. Lost vegetation, which the
season takes too, is left alone, and so is what lies beside the range.
"""

from ._rule import Rule, findings, in_zones, zone_numbers


def check(changes, layers, on, *, min_area_m2=100.0):
    """What of each change lies in a base point's range, at least `min_area_m2` of it."""
    works = changes[changes.kind != "vegetation_lost"]
    hits = in_zones(works, layers.zones, "basepoint")
    hits = hits[hits.area >= min_area_m2]
    return findings(hits, "basepoint_entered", subject=hits.zone_id, numbers=zone_numbers(hits))


RULE = Rule("basepoint_entered", check, needs=("zones",), priority=1)
