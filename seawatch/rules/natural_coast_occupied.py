"""Natural coast is occupied.

A segment of natural (or qualified restored) coast lies in new land, an enclosure or a
building, or behind it, cut off from the sea. A permit for the sea is no leave for the
coast: occupied natural coast is accounted for by itself, so permits are not asked. The
length is measured on the official line, less what nearness alone would touch at either
end. Artificial coast and what lies farther out than the foreshore are left alone.
"""

import geopandas as gpd
import pandas as pd
import shapely

from ..tables import NATURAL
from ._rule import Rule, findings, pairs_within

KINDS = ("land_gained", "enclosed", "structure", "built")


def check(changes, layers, on, *, min_length_m=20.0, foreshore_m=30.0, min_area_m2=400.0):
    """At least `min_length_m` of natural coast under a change, or `foreshore_m` behind it."""
    rest = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    coast = layers.coastline[layers.coastline.kind.isin(NATURAL)]
    change, segment, tolerance = pairs_within(rest, coast, foreshore_m)
    near = tolerance + foreshore_m
    lines = shapely.intersection(
        coast.geometry.to_numpy()[segment],
        shapely.buffer(rest.geometry.to_numpy()[change], near),
    )
    # nearness touches that much of the line on either side of what crosses it
    length = pd.Series(shapely.length(lines) - 2 * near)
    hits = pd.DataFrame(
        {
            "row": rest.index[change],
            "segment_id": coast.segment_id.to_numpy()[segment],
            "segment_kind": coast.kind.to_numpy()[segment],
            "coast_m": length.clip(lower=0),
        }
    )
    total = hits.groupby("row").coast_m.sum()
    main = hits.sort_values(["coast_m", "segment_id"]).drop_duplicates("row", keep="last")
    numbers = main.set_index("row").assign(coast_m=total)
    numbers = numbers[numbers.coast_m >= min_length_m]
    found = gpd.GeoDataFrame(rest.loc[rest.index.isin(numbers.index)])
    numbers = numbers.reindex(found.index)
    return findings(
        found,
        "natural_coast_occupied",
        subject=numbers.segment_id,
        numbers=numbers,
        coast_m=numbers.coast_m,
    )


RULE = Rule("natural_coast_occupied", check, needs=("coastline",), priority=2)
