"""The reply list: what came of each suspect zone that others sent, as CSV for a spreadsheet."""

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..maps.words import rule_word, word
from ..tables import REPLIES
from .words import say

_LIVE = ("=", "+", "-", "@", "\t", "\r")


def write_replies(path: Path, replies: gpd.GeoDataFrame, language: str) -> None:
    """Write the reply list, headings and values in `language`, UTF-8 with a byte order mark.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    spoken = {
        "rule": lambda v: rule_word(v, "title", language),
        "level": lambda v: word(f"level_{v}", language),
        "status": lambda v: word(f"status_{v}", language),
        "verdict": lambda v: word(f"verdict_{v}", language),
        "outcome": lambda v: say(f"outcome_{v}", language),
        "received": lambda v: f"{v:%Y-%m-%d}",
        "excess_m2": lambda v: f"{v:.0f}",
    }
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write = csv.writer(file)
        write.writerow([column.label(language) for column in REPLIES.columns])
        for row in replies.itertuples():
            values = {c.name: getattr(row, c.name) for c in REPLIES.columns}
            texts = [
                "" if pd.isna(value) else spoken.get(name, str)(value)
                for name, value in values.items()
            ]
            write.writerow([f"'{text}" if text.startswith(_LIVE) else text for text in texts])
