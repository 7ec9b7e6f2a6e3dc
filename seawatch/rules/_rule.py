"""What a rule is, and the questions most rules ask of permits."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..geo import tolerance_m
from ..layers import Layers
from ..tables import STRATA


@dataclass(frozen=True)
class Rule:
    """One rule: its name (the file's), its check, and the layers it cannot do without.

    priority : 1 fill; 2 other building on sea, coast, island, red line; 3 the rest.
    """

    name: str
    check: Callable[..., gpd.GeoDataFrame]
    needs: tuple[str, ...] = ("permits",)
    priority: int = 3


FILL = ("11", "12", "13")
"""Modes that make land."""

_WHOLE_COLUMN = (*FILL, "21", "31", "32", "33")
"""Modes that take the sea from surface to subsoil: fill, solid structures, enclosures."""

_NARROW = {"22": 60.0, "23": 60.0, "52": 60.0, "55": 60.0, "31": 30.0, "32": 30.0, "33": 30.0}
"""Modes under which a dry body may stand if it is no wider than this, m: decks and dikes."""

_LAWFUL = {
    "land_gained": (*FILL, "21", "51"),
    "enclosed": (*FILL, "21", "31", "32", "33"),
    "structure": (*FILL, "21", "22", "23", "31", "32", "33", "51", "52", "55"),
    "raft": ("33", "41"),
    "cage": ("33", "41"),
}
"""Modes under which imagery may show each kind; any mode for a kind not named."""

_OCCUPIED = {
    "land_gained": ("surface", "water"),
    "enclosed": ("surface", "water"),
    "structure": ("surface", "water"),
    "raft": ("surface", "water"),
    "cage": ("surface", "water"),
}
"""Strata in which a change shows; the surface alone for a kind not named.

A fill reaches the seabed too, but whoever holds surface and water there has a use that was
changed, not a place without any right.
"""


def in_force(permits: gpd.GeoDataFrame, on: date, right: str = "sea_use") -> gpd.GeoDataFrame:
    """Rights of one sort valid on the day `on`, first and last day included."""
    day = pd.Timestamp(on)
    return permits[
        (permits.right == right) & (permits.valid_from <= day) & (permits.valid_to >= day)
    ]


def ended(permits: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Sea-use rights whose last day lies before `on`."""
    return permits[(permits.right == "sea_use") & (permits.valid_to < pd.Timestamp(on))]


def width_m(shapes: gpd.GeoSeries) -> pd.Series:
    """Width of each shape at its widest, m: the diameter of the largest circle in it."""
    radius = [shapely.maximum_inscribed_circle(g).length if g.area else 0.0 for g in shapes]
    return 2 * pd.Series(radius, index=shapes.index, dtype="float64")


def pairs_within(
    changes: gpd.GeoDataFrame, others: gpd.GeoDataFrame, beyond_m: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of changes and others within tolerance of each other, and that tolerance, m.

    beyond_m : how much farther apart than the tolerance they may lie.
    """
    sigma = others.sigma_m.fillna(0).to_numpy() if "sigma_m" in others else np.zeros(len(others))
    reach = tolerance_m(changes.sigma_m, float(sigma.max(initial=0)))
    near = changes.geometry.buffer(reach + beyond_m)
    change, other = others.sindex.query(near, predicate="intersects")
    tolerance = tolerance_m(changes.sigma_m.to_numpy()[change], sigma[other])
    return change, other, np.asarray(tolerance)


def lawful_here(changes: gpd.GeoDataFrame, permits: gpd.GeoDataFrame) -> np.ndarray:
    """(change, permit) of bool: whether the permit's mode allows what the change shows."""
    width = width_m(changes.geometry).to_numpy()
    allowed = np.zeros((len(changes), len(permits)), bool)
    kinds, modes = changes.kind.to_numpy(), permits.use_mode.to_numpy()
    for kind in set(kinds):
        of_kind = kinds == kind
        allowed[of_kind] = np.isin(modes, _LAWFUL[kind]) if kind in _LAWFUL else True
        if kind == "land_gained":
            widest = np.array([_NARROW.get(mode, -1.0) for mode in modes])
            allowed[of_kind] |= width[of_kind, None] <= widest[None, :]
    return allowed


def covered(
    changes: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, *, lawful: bool = False
) -> gpd.GeoSeries:
    """Where each change lies in permits widened by the tolerance, in every stratum it occupies.

    lawful : count only permits whose mode allows what the change shows.
    """
    change, permit, tolerance = pairs_within(changes, permits)
    if lawful:
        keep = _allowed_pairs(changes, permits, change, permit)
        change, permit, tolerance = change[keep], permit[keep], tolerance[keep]
    widened = shapely.buffer(permits.geometry.to_numpy()[permit], tolerance, quad_segs=8)
    held = _strata(permits)[permit]
    needed = _needed(changes)
    result = []
    order = np.argsort(change, kind="stable")
    starts = np.searchsorted(change[order], np.arange(len(changes) + 1))
    shapes = changes.geometry.to_numpy()
    for row in range(len(changes)):
        mine = order[starts[row] : starts[row + 1]]
        cover = shapes[row] if len(mine) else shapely.Polygon()
        for stratum in np.flatnonzero(needed[row]) if len(mine) else ():
            union = shapely.union_all(widened[mine[held[mine, stratum]]])
            cover = shapely.intersection(cover, union)
        result.append(cover)
    return gpd.GeoSeries(result, index=changes.index, crs=changes.crs)


def _allowed_pairs(changes, permits, change, permit) -> np.ndarray:
    if len(change) == 0:
        return np.zeros(0, bool)
    rows, row = np.unique(change, return_inverse=True)
    columns, column = np.unique(permit, return_inverse=True)
    return lawful_here(changes.iloc[rows], permits.iloc[columns])[row, column]


def _strata(permits: gpd.GeoDataFrame) -> np.ndarray:
    """(permit, stratum) of bool: what each right reaches."""
    whole = permits.use_mode.isin(_WHOLE_COLUMN)
    texts = permits.strata.where(~whole, ",".join(STRATA))
    return np.array([[s in text.split(",") for s in STRATA] for text in texts]).reshape(-1, 4)


def _needed(changes: gpd.GeoDataFrame) -> np.ndarray:
    return np.array(
        [[s in _OCCUPIED.get(kind, ("surface",)) for s in STRATA] for kind in changes.kind]
    ).reshape(-1, 4)


def uncovered(
    changes: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, on: date, *, lawful: bool = False
) -> gpd.GeoDataFrame:
    """What of each change no right in force covers, beyond the tolerance.

    Place, stratum and day count. The footprint's own area stays in `area_m2`.
    """
    return without(changes, covered(changes, in_force(permits, on), lawful=lawful))


def without(changes: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Each change less the shape beside it, if any; changes of which nothing is left are gone."""
    cut = shapes.where(~shapes.isna(), shapely.Polygon())
    rest = areas_only(changes.geometry.difference(cut))
    return changes.set_geometry(rest)[~rest.is_empty]


def areas_only(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes without the points and lines an overlay leaves where outlines touch."""
    flat = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    mixed = [shapely.union_all([p for p in shapely.get_parts(g) if p.area]) for g in shapes[~flat]]
    clean = shapes.copy()
    clean[~flat] = gpd.GeoSeries(mixed, index=shapes.index[~flat], crs=shapes.crs)
    empty = gpd.GeoSeries([shapely.Polygon()] * len(clean), index=clean.index, crs=shapes.crs)
    return clean.where(clean.area > 0, empty)


def inside(changes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each change with each area it reaches into beyond the tolerance; `other` is its row."""
    change, other, tolerance = pairs_within(changes, areas)
    shrunk = shapely.buffer(areas.geometry.to_numpy()[other], -tolerance)
    hits = changes.iloc[change].assign(other=other)
    within = areas_only(hits.geometry.intersection(gpd.GeoSeries(shrunk, hits.index, hits.crs)))
    return hits.set_geometry(within)[~within.is_empty.to_numpy()]


def standing(
    changes: gpd.GeoDataFrame, layers: Layers, on: date
) -> tuple[gpd.GeoDataFrame, pd.Series, pd.Series]:
    """The uncovered rest of each change, and which rule it belongs to.

    One act is one flag. A rest belongs to ``beyond_permit`` where at least a third of the
    whole footprint is lawful under a right in force: it grew out of that; to ``expired``
    where at least half of the rest lies in lawful rights that have ended; else to
    ``no_permit`` and ``fill_no_permit``.

    Returns
    -------
    rest : changes with what is uncovered as geometry.
    grown, late : bool by row of `rest`.
    """
    rest = uncovered(changes, layers.permits, on)
    whole = changes.loc[rest.index]
    own = covered(whole, in_force(layers.permits, on), lawful=True)
    past = covered(whole, ended(layers.permits, on), lawful=True)
    grown = own.area >= whole.area / 3
    late = ~grown & (rest.intersection(past).area >= rest.area / 2)
    return rest, grown, late


def findings(
    rest: gpd.GeoDataFrame,
    rule: str,
    *,
    subject: pd.Series | None = None,
    numbers: pd.DataFrame | None = None,
    coast_m: pd.Series | float = 0.0,
) -> gpd.GeoDataFrame:
    """Rows for the findings table: what broke the rule, where, and the numbers that say so.

    rest : changes with the part that breaks the rule as geometry.
    numbers : one column a number of the rule's sentence, by row of `rest`.
    """
    extra = numbers if numbers is not None else pd.DataFrame(index=rest.index)
    records = extra.astype(object).where(extra.notna(), None).to_dict("records")
    return rest.assign(
        rule=rule,
        subject=subject if subject is not None else None,
        coast_m=coast_m,
        numbers=records if len(rest) else pd.Series([], dtype=object),
    )


def as_json(numbers: dict[str, Any]) -> str:
    """Numbers as they stand in the table: sorted, rounded to what the sentence needs."""
    tidy = {k: round(v, 4) if isinstance(v, float) else v for k, v in numbers.items()}
    return json.dumps(tidy, ensure_ascii=False, sort_keys=True)
