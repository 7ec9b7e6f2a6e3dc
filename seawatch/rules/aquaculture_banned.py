"""Aquaculture where it is banned.

Rafts, cages or a pond that reach into a ban zone by more than the position tolerance,
whatever permits say: the ban stands above them. Other kinds of change, and aquaculture
beside the zone or before the ban began, are left alone.
"""

from ._rule import Rule, findings, in_zones, zone_numbers

KINDS = ("raft", "cage", "enclosed")


def check(changes, layers, on, *, min_area_m2=400.0):
    """What of each raft, cage or pond lies in a ban zone, at least `min_area_m2` of it."""
    here = changes[changes.kind.isin(KINDS)]
    hits = in_zones(here, layers.zones, "aquaculture_ban")
    hits = hits[hits.area >= min_area_m2]
    return findings(hits, "aquaculture_banned", subject=hits.zone_id, numbers=zone_numbers(hits))


RULE = Rule("aquaculture_banned", check, needs=("zones",), priority=2)
