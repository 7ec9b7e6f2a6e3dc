"""Sea used without a permit.

Something stands or floats on the sea or closes it off, and no right covers the place in the
strata it occupies. Only the uncovered rest is judged, beyond the position tolerance,
whatever it touches: lying mostly inside a neighbour's parcel is no permit. Land gained
is left to ``fill_no_permit``, which weighs more; what grew out of a lawful use to
``beyond_permit``; what lies mostly where a right has ended to ``expired``.
"""

from ._rule import Rule, findings, standing

KINDS = ("enclosed", "structure", "raft", "cage", "sea_change")


def check(changes, layers, on, *, min_area_m2=400.0):
    """What of each change no right in force covers, at least `min_area_m2` of it."""
    here = changes[changes.kind.isin(KINDS)]
    rest, grown, late = standing(here, layers, on)
    rest = rest[~grown & ~late & (rest.area >= min_area_m2)]
    return findings(rest, "no_permit")


RULE = Rule("no_permit", check, priority=2)
