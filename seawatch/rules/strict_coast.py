"""Something is built on strictly protected coast.

New land, an enclosure, a structure or a building lies on a segment whose protection is
strict, or just in front of it. A permit for the sea is no leave to build there, so permits
are not asked. Coast of any other class, coast that the register gives no class, what
touches less than `min_length_m` of the line, and what stands farther out than the
foreshore are left alone.
"""

from ._coast import coast_findings
from ._rule import Rule

KINDS = ("land_gained", "enclosed", "structure", "built")


def check(changes, layers, on, *, min_length_m=20.0, foreshore_m=30.0, min_area_m2=400.0):
    """At least `min_length_m` of strictly protected coast under a change, or just behind it."""
    rest = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    return coast_findings(
        rest,
        layers,
        layers.coastline.protection == "strict",
        "strict_coast",
        min_length_m=min_length_m,
        foreshore_m=foreshore_m,
    )


RULE = Rule("strict_coast", check, needs=("coastline",), priority=2)
