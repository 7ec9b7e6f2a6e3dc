"""Findings completed: areas on every plane, their errors, confidence, and all that was counted."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from .. import geo
from ..confidence import confidence, excess_probability
from ..tables import FINDINGS
from ._near import sigma_m
from ._rule import as_json, records
from ._standing import GROUP


def completed(
    found: gpd.GeoDataFrame, changes: gpd.GeoDataFrame, mismatch: pd.Series
) -> gpd.GeoDataFrame:
    """Findings with their areas, errors, confidence and numbers."""
    change = changes.set_index("change_id").loc[found.change_id].reset_index()
    shapes = found.geometry
    degrees = shapes.to_crs(CRS(changes.crs).geodetic_crs)  # once for all that asks for them
    excess = geo.ellipsoidal_area_m2(degrees)
    own = change.set_axis(found.index)
    # of the rights' own error only the rules that asked them know
    position = found.position_m.where(found.rule.isin(GROUP), sigma_m(own))
    sigma = geo.area_sigma_m2(shapes, position)
    whole = gpd.GeoSeries(changes.geometry.to_numpy(), index=changes.change_id, crs=changes.crs)
    error = pd.Series(sigma_m(changes), index=changes.change_id)
    meridian = degrees.representative_point().x.map(geo.meridian)
    shared = pd.DataFrame(
        {
            "kind": found.kind,
            "area_m2": change.area_m2,
            "excess_m2": excess,
            "excess_sigma_m2": sigma,
            "excess_plane_m2": geo.plane_area_m2(degrees, meridian),
            "excess_probability": excess_probability(excess, sigma),
            "tolerance_m": geo.tolerance_m(position),
            "tide_before_m": change.tide_before_m,
            "tide_after_m": change.tide_after_m,
            "dates": change.dates.fillna(1).astype(int),
            "tide_known": change.tide_before_m.notna() & change.tide_after_m.notna(),
        }
    )
    also = _on_ellipsoid(found.also, excess / shapes.area)
    named = {"also": also, "meanwhile": found.meanwhile, "mismatch": mismatch}
    table = found.assign(
        confidence=confidence(own, excess, sigma).clip(0, 1),
        area_m2=change.area_m2,
        area_sigma_m2=geo.area_sigma_m2(whole, error).loc[found.change_id].to_numpy(),
        meridian=meridian,
        plane_area_m2=_plane_m2(whole, found.change_id, meridian),
        excess_m2=excess,
        numbers=_numbers(found, records(shared), named),
        sensor=found.sensor_after,
        # when it can have happened: between the last look without it and the first with it
        before=change.last_without.fillna(change.before).to_numpy(),
        after=change.first_with.fillna(change.after).to_numpy(),
        coast_m=found.coast_m.astype(float),
    )
    return FINDINGS.check(table.sort_values(["rule", "change_id"], ignore_index=True))


def _on_ellipsoid(also: pd.Series, scale: pd.Series) -> pd.Series:
    """The other rules' areas as the act's own is told; scale : of its place, m² by m² of the map.

    On the map of another meridian the same ground is larger, by a thousandth at 2° from it.
    """
    told = [
        [{**other, "area_m2": round(other["area_m2"] * by, 4)} for other in others]
        if isinstance(others, list)
        else None
        for others, by in zip(also, scale, strict=True)
    ]
    return pd.Series(told, also.index, dtype=object)


def _plane_m2(whole: gpd.GeoSeries, names: pd.Series, meridian: pd.Series) -> np.ndarray:
    """Plane area of each finding's whole change on its meridian, each measured once."""
    keys = pd.DataFrame({"name": names.to_numpy(), "meridian": meridian.to_numpy()})
    once = keys.drop_duplicates(ignore_index=True)
    shapes = whole.loc[once.name].reset_index(drop=True)
    once = once.assign(plane_m2=geo.plane_area_m2(shapes, once.meridian))
    return keys.merge(once, how="left").plane_m2.to_numpy()


def _numbers(
    found: gpd.GeoDataFrame, shared: list[dict[str, Any]], named: dict[str, pd.Series]
) -> list[str]:
    """The numbers of each finding: those of all rules, its own rule's, and what is named on it.

    `also` and `meanwhile` speak of the permits: they stand on the rules that have asked them.
    """
    of_group = found.rule.isin(GROUP)
    more = [
        values.where(values.notna() & (of_group | (name == "mismatch")), None).tolist()
        for name, values in named.items()
    ]
    texts = []
    for common, own, *said in zip(shared, found.numbers.tolist(), *more, strict=True):
        told = {name: value for name, value in zip(named, said, strict=True) if value is not None}
        texts.append(as_json({**common, **own, **told}))
    return texts
