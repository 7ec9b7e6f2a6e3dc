"""The reply list: what came of each suspect zone that others sent, as CSV for a spreadsheet."""

from pathlib import Path

import geopandas as gpd

from ..tables import REPLIES
from .cells import codes, write_csv
from .words import say


def write_replies(path: Path, replies: gpd.GeoDataFrame, language: str) -> None:
    """Write the reply list, headings and values in `language`, UTF-8 with a byte order mark.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    spoken = {
        **codes(language),
        "outcome": lambda v: say(f"outcome_{v}", language),
        "received": lambda v: f"{v:%Y-%m-%d}",
        "excess_m2": lambda v: f"{v:.0f}",
    }
    write_csv(path, replies, list(REPLIES.columns), language, spoken)
