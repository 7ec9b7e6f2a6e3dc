"""An island is cleared, quarried or built on without a right to use it.

The change lies on the island by more than the position tolerance, and no island-use right
in force covers it. Where people live the least area is twice as large: building is part of
their lives. Where the register does not say whether people live there, the island is
judged as uninhabited, and the finding says so. The shore itself, which the tide moves, is
left alone.
"""

import pandas as pd

from .. import overlay
from ..geo import tolerance_m
from ..rights import in_force
from ._near import sigma_m
from ._rule import Rule, findings, inside

KINDS = ("vegetation_lost", "cleared", "built", "structure", "sea_change", "land_lost")


def check(changes, layers, on, *, min_area_m2=200.0, inhabited_factor=2.0):
    """Change on an island that no island-use right covers, at least `min_area_m2`.

    inhabited_factor : how many times as much where people are known to live.
    """
    here = changes[changes.kind.isin(KINDS)]
    hits = inside(here, layers.islands)
    rest = hits.set_geometry(_without(hits, in_force(layers.permits, on, right="island_use")))
    islands = layers.islands.iloc[rest.other].set_index(rest.index)
    least = min_area_m2 * (islands.inhabited == "yes").map({True: inhabited_factor, False: 1.0})
    rest = rest[rest.area >= least]
    islands = islands.loc[rest.index]
    numbers = pd.DataFrame(
        {
            "island_id": islands.island_id,
            "island_name": islands.name,
            "inhabited": islands.inhabited.fillna("unknown"),
        }
    )
    return findings(rest, "island_changed", subject=numbers.island_id, numbers=numbers)


def _without(hits, rights):
    """What of each hit no right, widened by the tolerance, covers."""
    shapes, others = hits.geometry.to_numpy(), rights.geometry.to_numpy()
    error = rights.sigma_m.fillna(0).to_numpy()
    own = sigma_m(hits)
    row, right = overlay.pairs(shapes, others, tolerance_m(own, float(error.max(initial=0))))
    tolerance = tolerance_m(own[row], error[right])
    return overlay.uncovered(shapes, row, others[right], tolerance) if len(row) else shapes


RULE = Rule("island_changed", check, needs=("permits", "islands"), priority=2)
