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

import geopandas as gpd
import numpy as np
import pandas as pd

from ..coast import occupied
from ..geo import tolerance_m
from ..tables import NATURAL
from ..tides import SLOPES
from ._rule import Rule, findings

KINDS = ("land_gained", "enclosed", "structure", "built")


def check(
    changes, layers, on, *, min_length_m=20.0, foreshore_m=30.0, rise_m=1.6, min_area_m2=400.0
):
    """At least `min_length_m` of natural coast in a change, or shut off behind it.

    The water of an image may lie as far off the line as a shore `rise_m` high is wide, the
    line standing at high water of springs, but no farther than `foreshore_m`.
    """
    rest = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    coast = layers.coastline
    slope = coast.slope.fillna(coast.kind.map(SLOPES)).astype(float)
    held = occupied(rest, coast, (rise_m / slope).clip(upper=foreshore_m))
    own = coast[["segment_id", "kind", "baseline", "surveyed"]]
    numbers = _by_change(held.join(own, "segment"))
    least = np.maximum(tolerance_m(numbers.coast_sigma_m), min_length_m)
    numbers = numbers[numbers.coast_m >= least]
    found = gpd.GeoDataFrame(rest.loc[rest.index.isin(numbers.index)])
    numbers = numbers.reindex(found.index)
    return findings(
        found,
        "natural_coast_occupied",
        subject=numbers.segment_id,
        numbers=numbers,
        coast_m=numbers.coast_m,
    )


def _by_change(held):
    """The numbers of each change: natural coast of the newest survey it meets, in metres."""
    newest = held.groupby("row").surveyed.transform("max")
    held = held[(held.surveyed == newest) & held.kind.isin(NATURAL)]
    held = held.sort_values(["row", "coast_m", "segment_id", "from_m"], ignore_index=True)
    main = held.drop_duplicates("row", keep="last").set_index("row")
    by = held.assign(variance_m2=held.sigma_m**2).groupby("row")
    return pd.DataFrame(
        {
            "segment_id": main.segment_id,
            "segment_kind": main.kind,
            "baseline": main.baseline,
            "coast_m": by.coast_m.sum(),
            "coast_sigma_m": by.variance_m2.sum() ** 0.5,
            "segments": by.segment_id.nunique(),
            "stretches": _written(held),
        }
    )


def _written(held):
    """The stretches of each change by segment and metres along it, as the ledger takes them."""
    held = held.sort_values(["row", "segment_id", "from_m"])
    columns = {
        "segment_id": held.segment_id,
        "from_m": held.from_m.round(2),
        "to_m": held.to_m.round(2),
    }
    each = pd.Series(pd.DataFrame(columns).to_dict("records"), held.row, dtype=object)
    return each.groupby(level=0).agg(list)


RULE = Rule("natural_coast_occupied", check, needs=("coastline",), priority=2)
