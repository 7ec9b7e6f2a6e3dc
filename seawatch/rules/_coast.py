"""How much of a coast a change lies on, or shuts off from the sea, as several rules ask it."""

import geopandas as gpd
import numpy as np
import pandas as pd

from ..coast import occupied
from ..geo import tolerance_m
from ..layers import Layers
from ..overlay import pairs
from ..tides import SLOPES
from ._rule import findings

RISE_M = 1.6
"""How high above the water of an image the official line may stand: high water of springs."""


def coast_findings(
    rest: gpd.GeoDataFrame,
    layers: Layers,
    counted: pd.Series,
    rule: str,
    *,
    min_length_m: float,
    foreshore_m: float,
    rise_m: float = RISE_M,
) -> gpd.GeoDataFrame:
    """Findings of a rule for changes on at least `min_length_m` of coast, and more than its error.

    counted : of each segment, whether it is coast the rule is about.
    """
    coast = layers.coastline
    slope = coast.slope.fillna(coast.kind.map(SLOPES)).astype(float)
    foreshore = (rise_m / slope).clip(upper=foreshore_m)
    near = _near(rest, coast[counted], foreshore_m)
    if near.empty:
        return findings(near, rule)
    held = occupied(near, coast, foreshore, layers.lines)
    own = coast[["segment_id", "kind", "baseline", "surveyed"]]
    numbers = _by_change(held.join(own, "segment"), counted)
    least = np.maximum(tolerance_m(numbers.coast_sigma_m), min_length_m)
    numbers = numbers[numbers.coast_m >= least]
    found = gpd.GeoDataFrame(rest.loc[rest.index.isin(numbers.index)])
    numbers = numbers.reindex(found.index)
    return findings(
        found, rule, subject=numbers.segment_id, numbers=numbers, coast_m=numbers.coast_m
    )


def _near(rest: gpd.GeoDataFrame, coast: gpd.GeoDataFrame, foreshore_m: float) -> gpd.GeoDataFrame:
    """Changes that can meet any of this coast: measuring along the line is left to them."""
    reach = foreshore_m + np.asarray(tolerance_m(rest.sigma_m.to_numpy()))
    met = pairs(rest.geometry.to_numpy(), coast.geometry.to_numpy(), reach)[0]
    return gpd.GeoDataFrame(rest.iloc[np.unique(met)])


def _by_change(held: pd.DataFrame, counted: pd.Series) -> pd.DataFrame:
    """The numbers of each change: coast that counts of the newest survey it meets, in metres."""
    newest = held.groupby("row").surveyed.transform("max")
    held = held[(held.surveyed == newest) & counted.loc[held.segment].to_numpy()]
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


def _written(held: pd.DataFrame) -> pd.Series:
    """The stretches of each change by segment and metres along it, as the ledger takes them."""
    held = held.sort_values(["row", "segment_id", "from_m"])
    columns = {
        "segment_id": held.segment_id,
        "from_m": held.from_m.round(2),
        "to_m": held.to_m.round(2),
    }
    each = pd.Series(pd.DataFrame(columns).to_dict("records"), held.row, dtype=object)
    return each.groupby(level=0).agg(list)
