"""Maps drawn for tests, and what is in their data."""

import json
import re
from datetime import date

import numpy as np
import pandas as pd

from conftest import at, changes_of
from seawatch.flags import follow
from seawatch.maps import chips, page, words
from seawatch.maps.pack import LETTERS
from seawatch.rules import judge
from seawatch.tables import COVERAGE, FLAGS

ON = date(2026, 11, 23)
HOSTILE = "{{7*7}}{% raw %}{# </script><img src=x onerror=alert(1)>`${1}\u2028'\"&<b>"
SIZES = {
    "desk": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
    "tablet": {"width": 820, "height": 1180},
}


def coverage(crs):
    import geopandas as gpd

    return COVERAGE.check(
        gpd.GeoDataFrame(
            {
                "seen": ["yes", "no"],
                "why": ["clear", "masked"],
                "before": pd.Timestamp("2025-11-20", tz="UTC"),
                "after": pd.Timestamp("2026-11-20", tz="UTC"),
                "area_m2": 1.0,
            },
            geometry=[at(0, 0, 1000, 900), at(0, 900, 1000, 1000)],
            crs=crs,
        )
    )


def suspected(bay, seen):
    """Three flags of two weeks."""
    changes = changes_of(
        ("land_gained", at(300, 450, 360, 510)),
        ("raft", at(450, 250, 620, 340)),
        ("vegetation_lost", at(250, 650, 290, 700)),
    )
    found = words.with_words(judge(changes, bay, ON), "zh")
    return follow(follow(FLAGS.empty(bay.crs), found, seen, ON), found, seen, ON)


def picture(flags, looks=0):
    """Noise before and after, the first ten columns of before unseen."""
    rng = np.random.default_rng(0)
    made = {}
    seen = (
        chips.Seen("2025-11-20 10:50", "Sentinel-2", 0.6, 4.0, 10.0),
        chips.Seen("2026-11-20 10:50", "Sentinel-2", None, 4.0, 10.0),
    )
    for flag in flags.itertuples():
        bounds, size = chips.frame(flag.geometry, flags.crs, 10.0)
        one, two = (rng.uniform(0, 0.2, (3, *size)).astype("float32") for _ in range(2))
        one[:, :10] = np.nan
        series = tuple(
            chips.look(rng.uniform(0, 0.2, (3, *chips.SMALL)).astype("float32"), f"look {n}")
            for n in range(looks)
        )
        wet, dry = np.full((60, 60), 0.5), np.full((60, 60), -0.5)
        index = chips.index_pictures(wet, dry, ("green", "swir16"))
        made[flag.flag_id] = chips.chip(one, two, bounds, *seen, series, index)
    return made


def draw(flags, seen, bay, on, **more):
    options = {"title": "Bay", "issue": "2026-W48", "on": on, "language": "zh", **more}
    shown = options.pop("chips", None)
    return page.draw(flags, seen, bay, picture(flags) if shown is None else shown, **options)


def block(text, name):
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', text, re.DOTALL)[1])


def column(packed, count):
    """The texts of a packed column, read as the page's script reads them."""
    at_ = packed["at"]
    which = (
        [0] * count
        if at_ == 0
        else [LETTERS.index(c) for c in at_]
        if isinstance(at_, str)
        else at_
    )
    numbers = packed["with"].split(" ") if "with" in packed else [""] * count
    rows = []
    for n, said in zip(which, numbers, strict=True):
        parts = packed["of"][n]
        between = [*said.split(",")[: len(parts) - 1], ""]
        rows.append("".join(a + b for a, b in zip(parts, between, strict=True)))
    return rows


def cards(text):
    """Every flag's card as {heading: text}, by flag_id."""
    data = block(text, "sw-data-flags")
    count = data["count"]
    lines = [(heading, column(packed, count)) for heading, packed in data["lines"]]
    ids = column(data["id"], count)
    return {f: {h: c[n] for h, c in lines if c[n]} for n, f in enumerate(ids)}


def notices(text):
    return [n["text"] for n in block(text, "sw-data-page")["notices"]]
