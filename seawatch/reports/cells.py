"""Tables in words as CSV for spreadsheets, in which no cell is alive."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..io.sheets import inert
from ..tables import Column


def write_csv(
    path: Path,
    rows: gpd.GeoDataFrame,
    columns: list[Column],
    language: str,
    spoken: Mapping[str, Callable[..., str]],
) -> None:
    """Write some columns, headings in `language`, as UTF-8 with a byte order mark.

    spoken : how a value is said, by column; the others as they are.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write = csv.writer(file)
        write.writerow([column.label(language) for column in columns])
        for row in rows.itertuples():
            values = {c.name: getattr(row, c.name) for c in columns}
            texts = [
                "" if pd.isna(value) else spoken.get(name, str)(value)
                for name, value in values.items()
            ]
            write.writerow([inert(text) for text in texts])
