"""Who answers for a place on a day."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd


def owned(flags: gpd.GeoDataFrame, duty: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """`flags` with the officer of the grid cell each lies in, in office on the day `on`.

    A flag lies where a point inside it lies; of cells that overlap, the first by number
    counts. Where nobody answers, the owner stays empty.
    """
    day = pd.Timestamp(on)
    serving = (duty.valid_from <= day) & (duty.valid_to.isna() | (duty.valid_to >= day))
    cells = duty[serving].sort_values("grid_id")
    point, cell = cells.sindex.query(flags.representative_point(), predicate="within")
    owners = np.full(len(flags), None, dtype=object)
    for row, officer in zip(point[::-1], cells.officer.to_numpy()[cell[::-1]], strict=True):
        owners[row] = officer
    return flags.assign(owner=pd.Series(owners, index=flags.index, dtype=object))
