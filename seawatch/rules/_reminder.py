"""How a reminder is written: one row a permit, with what it is about and by when."""

import geopandas as gpd
import numpy as np
import pandas as pd

from ..geo import ellipsoidal_area_m2
from ._rule import as_json, records


def reminders(
    permits: gpd.GeoDataFrame,
    rule: str,
    numbers: pd.DataFrame,
    *,
    state: pd.Series | str = "open",
    due: pd.Series | None = None,
) -> gpd.GeoDataFrame:
    """Rows for the reminders table, one for each of `permits`.

    numbers : one column a number of the rule's sentence, by row of `permits`.
    """
    area = ellipsoidal_area_m2(permits.geometry)
    texts = [
        as_json({"permit_id": name, "area_m2": m2, **own})
        for name, m2, own in zip(permits.permit_id, area, records(numbers), strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "reminder_id": rule + "-" + permits.permit_id,
            "rule": rule,
            "subject": permits.permit_id,
            "state": state,
            "due": pd.Series(pd.NaT, permits.index, dtype="datetime64[ms]") if due is None else due,
            "area_m2": area,
            "numbers": pd.Series(texts, index=permits.index, dtype=object),
        },
        geometry=permits.geometry,
        crs=permits.crs,
    )


def days_until(day: pd.Series, on: object) -> pd.Series:
    """Days from `on` to each day, below zero where it has passed."""
    return ((day - np.datetime64(str(on))) // np.timedelta64(1, "D")).astype(int)
