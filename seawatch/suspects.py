"""Suspect zones found by others (疑点疑区): a list from above, another detector.

They enter one run as changes, are judged and followed like our own, and keep their source
and number to the flag, the workbook and the reply list. Each stays a flag of its own: it is
never merged with ours, nor with another of theirs.
"""

import hashlib
from collections.abc import Collection, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from .geo import ellipsoidal_area_m2
from .tables import CHANGES, REPLIES

SIGMA_M = 10.0
"""Position error where the list does not tell: outlines drawn on images of 2 to 16 m."""

NEUTRAL = 0.5
"""Score of what somebody else saw: it speaks neither for nor against."""

Number = tuple[str, str]
"""A source and the number there."""


def numbers(suspects: gpd.GeoDataFrame) -> list[Number]:
    """Source and number of each row."""
    return list(zip(suspects.source, suspects.external_id, strict=True))


def fresh(suspects: gpd.GeoDataFrame, entered: Collection[Number]) -> gpd.GeoDataFrame:
    """Suspects that no run has taken in yet."""
    known = set(entered)
    return suspects[np.array([number not in known for number in numbers(suspects)], bool)]


def as_changes(suspects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The changes table of suspects; neither tide nor scenes are known of them."""
    if suspects.empty:
        return CHANGES.empty(suspects.crs)
    digests = [
        hashlib.sha256("|".join(number).encode()).hexdigest() for number in numbers(suspects)
    ]
    return CHANGES.check(
        gpd.GeoDataFrame(
            {
                "change_id": [f"X-{digest[:12].upper()}" for digest in digests],
                "kind": suspects.kind,
                "score": NEUTRAL,
                "sigma_m": suspects.sigma_m.fillna(SIGMA_M),
                "before": suspects.before,
                "after": suspects.after,
                "before_scene": suspects.source,
                "after_scene": suspects.source,
                "sensor_before": suspects.source,
                "sensor_after": suspects.source,
                "area_m2": ellipsoidal_area_m2(suspects.geometry),
                "source": suspects.source,
                "external_id": suspects.external_id,
            },
            geometry=suspects.geometry,
            crs=suspects.crs,
        )
    )


def with_suspects(
    changes: gpd.GeoDataFrame, suspects: gpd.GeoDataFrame, entered: Collection[Sequence[str]]
) -> tuple[gpd.GeoDataFrame, list[list[str]]]:
    """`changes` and the suspects no earlier run took in; then the numbers of all taken in so far.

    entered : source and number of those that earlier runs took in.
    """
    known = {(source, number) for source, number in entered}
    new = fresh(suspects, known)
    taken = sorted([list(number) for number in {*known, *numbers(new)}])
    if new.empty:
        return changes, taken
    parts = [part for part in (changes, as_changes(new)) if len(part)]
    return CHANGES.check(pd.concat(parts, ignore_index=True)), taken


def replies(suspects: gpd.GeoDataFrame, flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What came of each suspect, for those who sent it: their number, our flags and verdict.

    A suspect with several flags (one a broken rule) has a row for each; one that broke no
    rule when it was judged has one row, without a flag.
    """
    asked = suspects[["source", "external_id", "received", "geometry"]]
    own = pd.DataFrame(flags.drop(columns="geometry"))
    told = ["flag_id", "rule", "reason", "level", "status", "verdict", "owner", "excess_m2"]
    own = own[["source", "external_id", *told]]
    table = asked.merge(own, on=["source", "external_id"], how="left")
    table["outcome"] = np.where(table.flag_id.isna(), "no_rule_broken", "flagged")
    return REPLIES.check(table.sort_values(["source", "external_id", "flag_id"], ignore_index=True))
