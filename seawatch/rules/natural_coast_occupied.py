"""Natural coast is occupied.

A segment of natural (or qualified restored) coast lies in new land, an enclosure or a
building, or behind it, cut off from the sea: new land or an enclosure that meets the shore
in two places takes all between them. A permit for the sea is no leave for the coast:
occupied natural coast is accounted for by itself, so permits are not asked. The length is
measured along the official line of the newest survey there, with its error: where a change
crosses the line or wavers about it, and before it where it stands on the beach. Left alone:
artificial coast, what stands off the coast (farther out than the beach that an ordinary tide
lays bare, by the segment's slope), and lengths that a jetty's foot or the position error
would make.
"""

from ..tables import NATURAL
from ._coast import RISE_M, coast_findings
from ._rule import Rule

KINDS = ("land_gained", "enclosed", "structure", "built")


def check(
    changes, layers, on, *, min_length_m=20.0, foreshore_m=30.0, rise_m=RISE_M, min_area_m2=400.0
):
    """At least `min_length_m` of natural coast in a change, or shut off behind it.

    The water of an image may lie as far off the line as a shore `rise_m` high is wide, the
    line standing at high water of springs, but no farther than `foreshore_m`.
    """
    rest = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    return coast_findings(
        rest,
        layers,
        layers.coastline.kind.isin(NATURAL),
        "natural_coast_occupied",
        min_length_m=min_length_m,
        foreshore_m=foreshore_m,
        rise_m=rise_m,
    )


RULE = Rule("natural_coast_occupied", check, needs=("coastline",), priority=2)
