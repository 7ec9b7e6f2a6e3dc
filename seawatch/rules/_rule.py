"""What a rule is, how its findings are written, and where changes reach into areas."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..geo import tolerance_m
from ._near import came, sigma_m


@dataclass(frozen=True)
class Rule:
    """One rule: its name (the file's), its check, and the layers it cannot do without.

    priority : 1 fill, island joined, base point, legacy growth; 2 other building on sea,
        coast, island, red line; 3 the rest.
    reminder : it reminds of a date or a doubt about a permit, and suspects nobody.
    """

    name: str
    check: Callable[..., gpd.GeoDataFrame]
    needs: tuple[str, ...] = ("permits",)
    priority: int = 3
    reminder: bool = False


def inside(changes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each change with each area it reaches into beyond the tolerance; `other` is its row."""
    shapes, others = changes.geometry.to_numpy(), areas.geometry.to_numpy()
    change, other = overlay.pairs(shapes, others)
    tolerance = np.asarray(tolerance_m(sigma_m(changes)[change]))
    shrunk = overlay.widened(others[other], -tolerance)
    within = overlay.areas_only(overlay.spread(shapely.intersection, shapes[change], shrunk))
    hits = changes.iloc[change].assign(other=other)
    hits = hits.set_geometry(gpd.GeoSeries(within, index=hits.index, crs=changes.crs))
    return hits[~shapely.is_empty(within)].reset_index(drop=True)


def in_zones(changes: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Each change with each zone of a kind it reaches into, in force when it can have happened.

    `certain` : whether the zone was in force all of that time, from the last look without it.
    """
    some = zones[zones.kind == kind].reset_index(drop=True)
    hits = inside(changes, some)
    zone = some.iloc[hits.other].set_index(hits.index)
    first, last = came(hits)
    day = np.timedelta64(1, "D")
    always, ever = zone.valid_from.isna().to_numpy(), zone.valid_to.isna().to_numpy()
    begin, end = zone.valid_from.to_numpy(), zone.valid_to.to_numpy() + day  # its last day whole
    meets = (always | (begin <= last)) & (ever | (end > first))
    certain = (always | (begin <= first)) & (ever | (end > last))
    told = hits.assign(zone_id=zone.zone_id, zone_name=zone.name, certain=certain)
    return told[meets]


def zone_numbers(hits: gpd.GeoDataFrame) -> pd.DataFrame:
    """What a finding in a zone says of it."""
    return pd.DataFrame(
        {"zone_id": hits.zone_id, "zone_name": hits.zone_name, "zone_certain": hits.certain}
    )


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
    return rest.assign(
        rule=rule,
        subject=subject if subject is not None else None,
        coast_m=coast_m,
        numbers=pd.Series(records(extra), index=rest.index, dtype=object),
    )


def records(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict of plain values a row, rounded to what a sentence needs; None for no value."""
    columns = []
    for name in numbers.columns:
        values = numbers[name]
        tidy = values.round(4) if values.dtype == float else values
        columns.append(tidy.astype(object).where(values.notna(), None).tolist())
    names = list(numbers.columns)
    if not columns:
        return [{} for _ in range(len(numbers))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def as_json(numbers: dict[str, Any]) -> str:
    """Numbers as they stand in the table: sorted."""
    return _ENCODER.encode(numbers)
