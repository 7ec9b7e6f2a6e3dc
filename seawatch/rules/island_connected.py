"""An island is joined to land or to another island, or fill alters its shore.

New land or a dike that no right to the sea allows touches an island within the position
tolerance, and either touches the coast or another island too, or lies along at least
`min_length_m` of the island's own shore. What a right in force allows is left alone, and so
is what touches the island at a mere point, or stands off it.
"""

import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..geo import tolerance_m
from ._near import sigma_m
from ._rule import Rule, findings
from ._standing import standing

KINDS = ("land_gained", "enclosed")
OWN_SHORE_M = 100.0
"""A segment that stays so near to an island is the island's own shore."""


def check(changes, layers, on, *, min_length_m=30.0, min_area_m2=400.0):
    """Fill of at least `min_area_m2` that joins an island, or lies along its shore."""
    told = standing(changes, layers, on)
    rest = told[told.kind.isin(KINDS)]
    rest = rest.set_geometry("unlawful").drop(columns="geometry").rename_geometry("geometry")
    rest = rest[rest.area >= min_area_m2]
    near = np.asarray(tolerance_m(sigma_m(rest)))
    shapes, islands = rest.geometry.to_numpy(), layers.islands.geometry.to_numpy()
    row, island = overlay.pairs(shapes, islands, near)
    lands = np.bincount(row, minlength=len(rest))[row]
    mainland = _touches_other_coast(shapes, near, layers.coastline, row, islands[island])
    wide = overlay.widened(shapes[row], near[row])
    along = shapely.length(shapely.intersection(shapely.boundary(islands[island]), wide))
    hits = pd.DataFrame(
        {
            "island_id": layers.islands.island_id.to_numpy()[island],
            "island_name": layers.islands.name.to_numpy()[island],
            "inhabited": layers.islands.inhabited.fillna("unknown").to_numpy()[island],
            # nearness touches that much of the shore on either side
            "shore_m": np.maximum(along - 2 * near[row], 0),
            "joined": mainland | (lands > 1),
        },
        index=rest.index[row],
    )
    hits = hits[hits.joined | (hits.shore_m >= min_length_m)]
    hits = hits.sort_values(["shore_m", "island_id"])
    hits = hits[~hits.index.duplicated(keep="last")]
    found = rest[rest.index.isin(hits.index)]
    numbers = hits.reindex(found.index)
    return findings(found, "island_connected", subject=numbers.island_id, numbers=numbers)


def _touches_other_coast(shapes, near, coastline, row, islands):
    """Whether each shape that touches an island touches coast that is not that island's own."""
    lines = coastline.geometry.to_numpy()
    shape, line = overlay.pairs(shapes, lines, near)
    hits = pd.DataFrame({"row": row, "hit": np.arange(len(row))}).merge(
        pd.DataFrame({"row": shape, "line": line}), on="row"
    )
    own = shapely.covers(
        overlay.widened(islands[hits.hit.to_numpy()], OWN_SHORE_M), lines[hits.line.to_numpy()]
    )
    other = np.zeros(len(row), bool)
    other[hits.hit.to_numpy()[~own]] = True
    return other


RULE = Rule("island_connected", check, needs=("permits", "coastline", "islands"), priority=1)
