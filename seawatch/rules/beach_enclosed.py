"""A beach or a reef is fenced off.

An enclosure, or a structure that runs along the shore, shuts off at least `min_length_m` of
sandy, restored or rocky coast: people are kept from it, whatever permits say. A jetty,
which touches the shore at its foot alone, is left alone, and so are mud, artificial coast
and what stands farther out than the foreshore.
"""

from ._coast import coast_findings
from ._rule import Rule

KINDS = ("enclosed", "structure")
BEACHES = ("sandy", "restored", "bedrock")


def check(changes, layers, on, *, min_length_m=50.0, foreshore_m=30.0, min_area_m2=200.0):
    """At least `min_length_m` of beach or reef in an enclosure or behind a structure."""
    rest = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    return coast_findings(
        rest,
        layers,
        layers.coastline.kind.isin(BEACHES),
        "beach_enclosed",
        min_length_m=min_length_m,
        foreshore_m=foreshore_m,
    )


RULE = Rule("beach_enclosed", check, needs=("coastline",), priority=2)
