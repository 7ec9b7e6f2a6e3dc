"""An island is cleared, quarried or built on without a right to use it.

The change lies on the island by more than the position tolerance, and no island-use
right in force covers it. Where the register does not say whether people live there, the
island is judged as uninhabited, and the finding says so. The shore itself, which the
tide moves, is left alone.
"""

import pandas as pd

from ._rule import Rule, findings, in_force, inside, pairs_within, without

KINDS = ("vegetation_lost", "cleared", "built", "structure", "sea_change", "land_lost")


def check(changes, layers, on, *, min_area_m2=200.0):
    """Change on an island that no island-use right covers, at least `min_area_m2`."""
    here = changes[changes.kind.isin(KINDS)]
    hits = inside(here, layers.islands).reset_index(drop=True)
    rights = in_force(layers.permits, on, right="island_use")
    rest = without(hits, _under(hits, rights))
    rest = rest[rest.area >= min_area_m2]
    islands = layers.islands.iloc[rest.other].set_index(rest.index)
    numbers = pd.DataFrame(
        {
            "island_id": islands.island_id,
            "island_name": islands.name,
            "inhabited": islands.inhabited.fillna("unknown"),
        }
    )
    return findings(rest, "island_changed", subject=numbers.island_id, numbers=numbers)


def _under(changes, rights):
    """The rights over each change, widened by the tolerance, as one shape."""
    change, right, tolerance = pairs_within(changes, rights)
    shapes = rights.geometry.iloc[right].buffer(tolerance).set_axis(changes.index[change])
    joined = shapes.groupby(level=0).agg(lambda group: group.union_all())
    return joined.reindex(changes.index).set_crs(changes.crs)


RULE = Rule("island_changed", check, needs=("permits", "islands"), priority=2)
