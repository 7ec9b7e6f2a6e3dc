"""Something is built without leave on coast where building is limited.

New land, an enclosure, a structure or a building lies on a segment whose protection is
limited, or just in front of it, and no sea-use right in force allows it. What a right
allows is left alone here, beyond the position tolerance; so are coast of any other class,
what touches less than `min_length_m` of the line, and what stands farther out than the
foreshore.
"""

from ._coast import coast_findings
from ._rule import Rule
from ._standing import standing

KINDS = ("land_gained", "enclosed", "structure", "built")


def check(changes, layers, on, *, min_length_m=20.0, foreshore_m=30.0, min_area_m2=400.0):
    """At least `min_length_m` of limited coast under what no right allows, or just behind it."""
    told = standing(changes, layers, on)
    rest = told[told.kind.isin(KINDS)]
    rest = rest.set_geometry("unlawful").drop(columns="geometry").rename_geometry("geometry")
    rest = rest[rest.area >= min_area_m2]
    return coast_findings(
        rest,
        layers,
        layers.coastline.protection == "limited",
        "limited_coast",
        min_length_m=min_length_m,
        foreshore_m=foreshore_m,
    )


RULE = Rule("limited_coast", check, needs=("permits", "coastline"), priority=2)
