"""What a planned use would meet: before an application is filed (重大项目用海要素保障).

Every permit, zone, segment of coast, island and base point the parcel meets, in m² or m;
who may approve it, and whether that hangs on the way its area is counted; and whether it
makes one use of several approvals. It is what the layers say: no permission and no ban.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from . import areas, geo, law, overlay
from .approvals import levels, splits
from .layers import Layers
from .tables import NATURAL, STRATA

NEAR_M = 500.0
"""Islands, zones and coast up to so far away are named with their distance."""

COLUMN_MODES = ("11", "12", "13", "21", "31", "32", "33", "51")
"""Modes that take the sea from surface to subsoil: fill, solid structures, enclosures."""
_STRATA = {
    "41": "surface,water",
    "42": "surface,water",
    "43": "surface,water",
    "53": "seabed,subsoil",
}

_ZONE_RULES = {
    "redline": "redline_entered",
    "aquaculture_ban": "aquaculture_banned",
    "legacy_reclamation": "legacy_growing",
    "basepoint": "basepoint_entered",
}
_FARMING = ("33", "41")
_PROTECTION_RULES = {"strict": "strict_coast", "limited": "limited_coast"}

_MEETS = {
    "unit": "object",
    "layer": "object",
    "id": "object",
    "name": "object",
    "kind": "object",
    "how": "object",
    "area_m2": "float64",
    "area_sigma_m2": "float64",
    "length_m": "float64",
    "distance_m": "float64",
    "rule": "object",
    "facts": "object",
}


@dataclass(frozen=True)
class Assessment:
    """What a planned use meets.

    Attributes
    ----------
    units : the parcel's units: `name`, `use_mode`, `strata`, `sigma_m`, and the columns of
        `areas.measure`; project CRS.
    meets : one row a unit and thing it meets: `layer`, `id`, `name`, `kind`, `how` (conflict,
        other_strata, ended, sliver, adjacent; overlaps, ended, near; occupies, touches, near),
        `area_m2` and `area_sigma_m2`, `length_m`, `distance_m`, `rule` whose law applies
        (several by commas), `facts`; the shared place is its geometry.
    levels : one row a sort of use and way to count its area: `use`, `measure` (plane, zone,
        ellipsoid), `meridian`, `area_ha`, `level`, `threshold`; `differs` and `close`.
    splits : one row a sort of use: permits that with this one pass a threshold.
    cautions : rules that the use itself brings up, wherever it lies.
    where : the regions whose own law holds.
    not_judged : layers that were said to be absent.
    """

    on: date
    units: gpd.GeoDataFrame
    meets: gpd.GeoDataFrame
    levels: pd.DataFrame
    splits: pd.DataFrame
    cautions: tuple[str, ...]
    where: tuple[str, ...]
    not_judged: tuple[str, ...]


def assess(
    units: gpd.GeoDataFrame,
    layers: Layers,
    on: date,
    *,
    where: Collection[str] = (),
    holder: str | None = None,
) -> Assessment:
    """What the units of a planned use meet on the day `on`.

    Parameters
    ----------
    units : polygons in the layers' CRS with `name`, `use_mode`, `strata` (or None: by the
        mode), `sigma_m`, `meridian`.
    where : the regions whose own law holds (`law.regions`).
    holder : who applies; only permits of the same holder are then parts of one use.
    """
    held = units.strata.where(units.strata.notna(), units.use_mode.map(strata_of))
    units = units.assign(strata=held).reset_index(drop=True)
    units = units.assign(**areas.measure(units.geometry, units.meridian, units.sigma_m))
    parts = [
        _permits(units, layers.permits, on),
        _coast(units, layers.coastline),
        _islands(units, layers.islands),
        _zones(units, layers.zones, on),
    ]
    filled = [part for part in parts if len(part)]
    nothing = gpd.GeoDataFrame(
        {c: pd.Series([], dtype=t) for c, t in _MEETS.items()}, geometry=[], crs=units.crs
    )
    meets = pd.concat(filled, ignore_index=True) if filled else nothing
    texts = {c: meets[c].astype(object).where(meets[c].notna(), None) for c in ("name", "rule")}
    meets = meets.assign(**texts)  # joining tables makes numbers of what is missing
    # no law is broken by lying near or by touching, nor by a zone that is not in force
    meets["rule"] = meets.rule.where(~meets.how.isin(["near", "ended", "touches"]), None)
    asked = ("permits", "coastline", "islands", "zones")
    return Assessment(
        on,
        units,
        meets,
        levels(units, on, where),
        splits(units, layers.permits, on, where, holder),
        ("reclaim_new",) if units.use_mode.map(law.use_of).eq("fill").any() else (),
        tuple(where),
        tuple(name for name in asked if name in layers.absent),
    )


def strata_of(mode: str) -> str:
    """The strata a mode takes where none are named: all of them unless it leaves some free."""
    return _STRATA.get(mode, ",".join(STRATA))


def _pairs(
    units: gpd.GeoDataFrame, others: gpd.GeoDataFrame, beyond_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of units and others no farther apart than tolerance and `beyond_m`; tolerance."""
    sigma = others.sigma_m.fillna(0).to_numpy() if "sigma_m" in others else np.zeros(len(others))
    most = float(np.max(geo.tolerance_m(units.sigma_m, float(sigma.max(initial=0)))))
    unit, other = others.sindex.query(units.geometry, predicate="dwithin", distance=most + beyond_m)
    tolerance = np.asarray(geo.tolerance_m(units.sigma_m.to_numpy()[unit], sigma[other]))
    return unit, other, tolerance


def _met(
    units: gpd.GeoDataFrame, others: gpd.GeoDataFrame, layer: str, beyond_m: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, np.ndarray]:
    """Pairs with what they share and how far apart they lie; the others' rows beside them.

    `how` is overlaps, sliver (an overlap no wider than the tolerance), adjacent or near.
    """
    unit, other, tolerance = _pairs(units, others, beyond_m)
    mine, theirs = units.geometry.to_numpy()[unit], others.geometry.to_numpy()[other]
    shared = shapely.intersection(mine, theirs)
    apart = shapely.distance(mine, theirs)
    core = shapely.buffer(shared, -tolerance / 2)
    overlaps = shapely.area(shared) > 0
    how = np.where(apart <= tolerance, "adjacent", "near").astype(object)
    how[overlaps] = np.where(shapely.is_empty(core), "sliver", "overlaps")[overlaps]
    place = gpd.GeoSeries(np.where(overlaps, shared, mine), crs=units.crs)
    flat = place.where(overlaps, shapely.Polygon())
    met = gpd.GeoDataFrame(
        {
            "unit": units["name"].to_numpy()[unit],
            "layer": layer,
            "name": None,
            "how": how,
            "area_m2": geo.ellipsoidal_area_m2(_areas_only(flat)),
            "area_sigma_m2": geo.area_sigma_m2(_areas_only(flat), pd.Series(tolerance / 2)),
            "length_m": 0.0,
            "distance_m": np.where(how == "near", apart, 0.0),
            "rule": None,
        },
        geometry=place,
        crs=units.crs,
    )
    return met, others.iloc[other].reset_index(drop=True), unit


def _areas_only(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    return gpd.GeoSeries(overlay.areas_only(shapes.to_numpy()), shapes.index, crs=shapes.crs)


def _permits(units: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Rights over the same place: in conflict only where the strata meet and time does."""
    met, right, unit = _met(units, permits, "permits", 0.0)
    met = met[met.how != "near"]
    right, unit = right.loc[met.index], unit[met.index]
    wanted = units.strata.to_numpy()[unit]
    held = [
        STRATA if mode in COLUMN_MODES else tuple(text.split(","))
        for mode, text in zip(right.use_mode, right.strata, strict=True)
    ]
    common = [
        ",".join(s for s in STRATA if s in mine.split(",") and s in theirs)
        for mine, theirs in zip(wanted, held, strict=True)
    ]
    over = met.how == "overlaps"
    past = (right.valid_to < pd.Timestamp(on)).to_numpy()
    how = met.how.where(~over, np.where(common, "conflict", "other_strata"))
    how = how.where(~(over & past), "ended")
    facts = [
        {
            "use_mode": row.use_mode,
            "strata": shared,
            "right": row.right,
            "valid_from": f"{row.valid_from:%Y-%m-%d}",
            "valid_to": f"{row.valid_to:%Y-%m-%d}",
        }
        for row, shared in zip(right.itertuples(), common, strict=True)
    ]
    rule = how.map({"conflict": "strata"}).astype(object).where(how == "conflict", None)
    kind = right.use_mode.to_numpy()
    return _row(met, id=right.permit_id, kind=kind, how=how, rule=rule, facts=facts)


def _row(met: gpd.GeoDataFrame, **columns: Any) -> gpd.GeoDataFrame:
    whole = met.assign(**columns)
    return whole[[*_MEETS, "geometry"]]


def _coast(units: gpd.GeoDataFrame, coastline: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Official coast in the parcel or along its edge, geodesic, or how far away it is."""
    unit, other, tolerance = _pairs(units, coastline, NEAR_M)
    mine, lines = units.geometry.to_numpy()[unit], coastline.geometry.to_numpy()[other]
    touched = _along(lines, mine, tolerance)
    length = geodesic_m(gpd.GeoSeries(touched, crs=units.crs))
    segment = coastline.iloc[other].reset_index(drop=True)
    apart = shapely.distance(mine, lines)
    how = np.where(length > 0, "occupies", np.where(apart <= tolerance, "touches", "near"))
    place = np.where(length > 0, touched, lines)
    met = gpd.GeoDataFrame(
        {
            "unit": units["name"].to_numpy()[unit],
            "layer": "coastline",
            "id": segment.segment_id,
            "name": None,
            "kind": segment.kind,
            "how": how,
            "area_m2": 0.0,
            "area_sigma_m2": 0.0,
            "length_m": length,
            "distance_m": np.where(how == "near", apart, 0.0),
        },
        geometry=place,
        crs=units.crs,
    )
    natural = segment.kind.isin(NATURAL)
    rules = pd.DataFrame(
        {
            "natural": natural.map({True: "natural_coast_occupied"}),
            "protection": segment.protection.map(_PROTECTION_RULES),
        }
    )
    rule = [",".join(r for r in row if isinstance(r, str)) or None for row in rules.to_numpy()]
    facts = [
        {
            "protection": protection,
            "baseline": baseline,
            "natural": bool(is_natural),
            "error_m": float(2**0.5 * error / 2),
        }
        for protection, baseline, is_natural, error in zip(
            segment.protection, segment.baseline, natural, tolerance, strict=True
        )
    ]
    return _row(met, rule=rule, facts=facts)


def _along(lines: np.ndarray, shapes: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """What of each line lies in its shape, or along its edge within the tolerance.

    A line that leaves the shape runs through the tolerance too, and a line that only ends
    there: pieces no longer than twice the tolerance are of that sort.
    """
    inside = shapely.intersection(lines, shapes)
    beside = shapely.difference(
        shapely.intersection(lines, shapely.buffer(shapes, tolerance)), shapes
    )
    pieces, row = shapely.get_parts(beside, return_index=True)
    long = shapely.length(pieces) > 2 * tolerance[row]
    kept = np.full(len(lines), shapely.MultiLineString(), dtype=object)
    kept[np.unique(row[long])] = shapely.multilinestrings(
        pieces[long], indices=np.unique(row[long], return_inverse=True)[1]
    )
    return shapely.union(inside, kept)


def geodesic_m(lines: gpd.GeoSeries) -> np.ndarray:
    """Geodesic length of each line, m, on its CRS's ellipsoid."""
    degrees = lines.to_crs(CRS(lines.crs).geodetic_crs)
    geod = CRS(lines.crs).get_geod()
    return np.array([0.0 if g.is_empty else geod.geometry_length(g) for g in degrees])  # type: ignore[union-attr]


def _islands(units: gpd.GeoDataFrame, islands: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    met, island, unit = _met(units, islands, "islands", NEAR_M)
    fill = units.use_mode.map(law.use_of).eq("fill").to_numpy()[unit]
    facts = [{"inhabited": value or "unknown"} for value in island.inhabited]
    return _row(
        met,
        id=island.island_id,
        name=island["name"],
        kind="island",
        rule=np.where(fill, "island_connected", "island_changed"),
        facts=facts,
    )


def _zones(units: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    met, zone, unit = _met(units, zones, "zones", NEAR_M)
    day = pd.Timestamp(on)
    past = (zone.valid_to < day) | (zone.valid_from > day)
    how = met.how.where(~past, "ended")
    facts = [
        {
            "valid_from": None if pd.isna(row.valid_from) else f"{row.valid_from:%Y-%m-%d}",
            "valid_to": None if pd.isna(row.valid_to) else f"{row.valid_to:%Y-%m-%d}",
            "source": row.source,
        }
        for row in zone.itertuples()
    ]
    rule = zone.kind.map(_ZONE_RULES).astype(object)
    farming = units.use_mode.isin(_FARMING).to_numpy()[unit]
    bans = (zone.kind == "aquaculture_ban") & ~farming
    rule = rule.where(rule.notna() & ~bans, None)
    return _row(
        met, id=zone.zone_id, name=zone["name"], kind=zone.kind, how=how, rule=rule, facts=facts
    )
