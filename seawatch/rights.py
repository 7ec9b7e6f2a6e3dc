"""Rights to use the sea: the strata each holds, what may lawfully show there, and when it holds.

Rights overlap lawfully where they lie in different strata (surface, water, seabed, subsoil)
or follow each other in time: a place is held, or fought over, in polygon × stratum × time.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import overlay
from .geo import ellipsoidal_area_m2, tolerance_m
from .tables import STRATA

FILL = ("11", "12", "13")
"""Modes that make land."""

WHOLE_COLUMN = (*FILL, "21", "31", "32", "33")
"""Modes that take the sea from surface to subsoil: fill, solid structures, enclosures."""

NARROW_M = {"22": 60.0, "23": 60.0, "52": 60.0, "55": 60.0, "31": 30.0, "32": 30.0, "33": 30.0}
"""Modes under which a dry body may stand if it is no wider than this, m: decks and dikes."""

LAWFUL = {
    "land_gained": (*FILL, "21", "51"),
    "enclosed": (*FILL, "21", "31", "32", "33"),
    "structure": (*FILL, "21", "22", "23", "31", "32", "33", "51", "52", "55"),
    "raft": ("33", "41"),
    "cage": ("33", "41"),
}
"""Modes under which imagery may show each kind of change; any mode for a kind not named."""

OCCUPIED = dict.fromkeys(LAWFUL, ("surface", "water"))
"""Strata in which a change shows; the surface alone for a kind not named.

A fill reaches the seabed too, but whoever holds surface and water there has a use that was
changed, not a place without any right.
"""

_DRAWN_M = 0.02  # error of corners written in thousandths of a second, where none is stated


def in_force(permits: gpd.GeoDataFrame, on: date, right: str = "sea_use") -> gpd.GeoDataFrame:
    """Rights of one sort valid on the day `on`, first and last day included."""
    day = pd.Timestamp(on)
    return permits[
        (permits.right == right) & (permits.valid_from <= day) & (permits.valid_to >= day)
    ]


def ended(permits: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Sea-use rights whose last day lies before `on`."""
    return permits[(permits.right == "sea_use") & (permits.valid_to < pd.Timestamp(on))]


def held(permits: gpd.GeoDataFrame) -> np.ndarray:
    """(permit, stratum) of bool: what each right reaches."""
    codes, texts = pd.factorize(permits.strata)
    named = np.array([[s in text.split(",") for s in STRATA] for text in texts], bool)
    return named.reshape(-1, 4)[codes] | permits.use_mode.isin(WHOLE_COLUMN).to_numpy()[:, None]


def needed(changes: gpd.GeoDataFrame) -> np.ndarray:
    """(change, stratum) of bool: the strata each change occupies."""
    codes, kinds = pd.factorize(changes.kind)
    rows = [[s in OCCUPIED.get(kind, ("surface",)) for s in STRATA] for kind in kinds]
    return np.array(rows, bool).reshape(-1, 4)[codes]


def lawful(
    changes: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, change: np.ndarray, permit: np.ndarray
) -> np.ndarray:
    """Whether the mode of each pair's permit allows what its change shows.

    change, permit : positions of the pairs.
    """
    kinds, modes = changes.kind.to_numpy()[change], permits.use_mode.to_numpy()[permit]
    allowed = ~np.isin(kinds, list(LAWFUL))
    for kind, may in LAWFUL.items():
        allowed |= (kinds == kind) & np.isin(modes, may)
    narrow = np.flatnonzero((kinds == "land_gained") & np.isin(modes, list(NARROW_M)))
    widest = np.array([NARROW_M[mode] for mode in modes[narrow]])
    shapes = changes.geometry.to_numpy()[change[narrow]]
    allowed[narrow] |= thin(shapes, widest)
    return allowed


def thin(shapes: np.ndarray, width_m: np.ndarray) -> np.ndarray:
    """Whether no circle wider than `width_m` fits into each shape."""
    # A <= r L, where r is the largest circle's radius (Bonnesen 1929): most need no more than that
    could = shapely.area(shapes) <= shapely.length(shapes) * width_m / 2
    result = np.zeros(len(shapes), bool)
    inner = overlay.widened(shapes[could], -width_m[could] / 2)
    result[could] = shapely.is_empty(inner)
    return result


def conflicts(
    permits: gpd.GeoDataFrame, on: date | None = None, *, min_area_m2: float = 1.0
) -> gpd.GeoDataFrame:
    """Sea-use rights that hold one place in one stratum at one time.

    An overlap no wider than the error of the two outlines is a sliver of transcription, not a
    conflict (tolerance of both surveys, k = 2).

    Parameters
    ----------
    permits : projected CRS.
    on : the day that counts; without it, any day that both are in force.

    Returns
    -------
    One row a pair, by number: `permit_a`, `permit_b`, `strata` that meet, `valid_from` and
    `valid_to` of the time both hold, `same_holder`, `area_m2` (ellipsoidal), and the overlap.
    """
    rights = permits[permits.right == "sea_use"] if on is None else in_force(permits, on)
    rights = rights.sort_values("permit_id", ignore_index=True)
    shapes = rights.geometry.to_numpy()
    a, b = overlay.pairs(shapes, shapes)
    strata = held(rights)
    first, last = rights.valid_from.to_numpy(), rights.valid_to.to_numpy()
    begins, ends = np.maximum(first[a], first[b]), np.minimum(last[a], last[b])
    meet = strata[a] & strata[b]
    keep = (a < b) & meet.any(axis=1) & (begins <= ends)
    a, b, meet, begins, ends = a[keep], b[keep], meet[keep], begins[keep], ends[keep]
    common = overlay.areas_only(overlay.spread(shapely.intersection, shapes[a], shapes[b]))
    sigma = rights.sigma_m.fillna(_DRAWN_M).to_numpy()
    slack = np.asarray(tolerance_m(sigma[a], sigma[b]))
    core = overlay.widened(common, -slack / 2)
    names, holders = rights.permit_id.to_numpy(), rights.holder.to_numpy()
    table = gpd.GeoDataFrame(
        {
            "permit_a": names[a],
            "permit_b": names[b],
            "strata": [",".join(np.array(STRATA)[row]) for row in meet],
            "valid_from": begins,
            "valid_to": ends,
            "same_holder": (holders[a] == holders[b]) & (holders[a] != None),  # noqa: E711 - by element
        },
        geometry=common,
        crs=permits.crs,
    )
    table = table[~shapely.is_empty(core)]
    table = table.assign(area_m2=ellipsoidal_area_m2(table.geometry))
    return table[table.area_m2 >= min_area_m2].reset_index(drop=True)
