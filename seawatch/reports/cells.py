"""Tables in words as CSV for spreadsheets, in which no cell is alive."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..io.sheets import inert
from ..maps.words import rule_word, word
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


def codes(language: str) -> dict[str, Callable[..., str]]:
    """How the codes of flags are said, by column."""
    return {
        "rule": lambda v: rule_word(v, "title", language),
        "level": lambda v: word(f"level_{v}", language),
        "status": lambda v: word(f"status_{v}", language),
        "verdict": lambda v: word(f"verdict_{v}", language),
    }
