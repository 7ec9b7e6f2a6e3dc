"""What each audience may see: the whole policy.

**internal**, the office and its officers: everything.

**public**: the columns named in `SHOWN` and those that the office adds out of `MAY_SHOW`;
whatever is not named is not shown, so that a new column is withheld until somebody decides
otherwise. No column of free text is among them. Of the flags only those that `decided` lets
through. No flag, permit, island, zone or picture on a withheld place (base points, military, what
the office names); the coastline and the ground that was looked at run on through it, without a
name. Where zones or permits are absent nobody knows the places: `untold`. No place is written
more finely than a grid of `Limits.position_m`. The tables that `for_public` returns never
had what is withheld: the page cannot leak what it was not given.
"""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .geo import LONLAT
from .layers import Layers

SHOWN: dict[str, tuple[str, ...]] = {
    "flags": (
        "flag_id",
        "rule",
        "kind",
        "status",
        "priority",
        "first_seen",
        "last_seen",
        "before",
        "after",
        "sensor",
        "excess_m2",
        "excess_sigma_m2",
        "basis",
    ),
    "permits": ("right", "use_mode", "valid_from", "valid_to"),
    "coastline": ("kind", "protection"),
    "islands": ("inhabited",),
    "zones": ("kind",),
    "coverage": ("seen", "why"),
}
"""Columns of each table that the public may see; a table that is not named here it never sees."""

MAY_SHOW = ("islands.name", "zones.name", "permits.permit_id")
"""Free text that the office may decide to show: names and numbers that a register publishes."""

WITHHELD_ZONES = ("basepoint",)
"""Kinds of zone on which nothing is shown, whatever the office says."""

MILITARY = {"hy/t-123-2009": ("82",), "tdys-2023": ("22", "2201")}
"""Use types of permits on which nothing is shown (军事用海), by scheme."""

NO_BREACH = ("lawful", "false_change", "register_mismatch")
"""Verdicts of a visit after which the public is told of no suspicion."""

METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Limits:
    """How much of what is shown the public may see.

    approval : the map's approval number (审图号), without which there is no public map.
    position_m, image_m : how finely a place, and the ground in a picture, may be shown, m.
    embargo : flags first seen after this day are not shown.
    undecided : whether flags are shown before their case is decided.
    kinds, zones : kinds of zone, and numbers of zones, on which nothing is shown besides.
    more : columns of `MAY_SHOW` that are shown besides.
    stated : whether the office has stated the limits itself; else they are our defaults.
    """

    approval: str | None = None
    position_m: float = 100.0
    image_m: float = 10.0
    embargo: date | None = None
    undecided: bool = False
    kinds: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    stated: bool = False


@dataclass(frozen=True)
class View:
    """The tables that the public's page is drawn from, in degrees on the grid of `step`.

    flags, tables : with the columns of `SHOWN` alone; `flags` has its point in `at`.
    step : side of the grid's cells, degrees. absent : layers that were said to be missing.
    """

    flags: gpd.GeoDataFrame
    tables: dict[str, gpd.GeoDataFrame]
    step: float
    absent: frozenset[str]


def empty(view: View) -> View:
    """The same with nothing in it."""
    tables = {name: table.iloc[:0] for name, table in view.tables.items()}
    return replace(view, flags=view.flags.iloc[:0], tables=tables)


def columns(limits: Limits) -> dict[str, tuple[str, ...]]:
    """The columns that the public may see, by table."""
    more = [text.split(".") for text in limits.more]
    return {
        table: (*names, *(column for of, column in more if of == table))
        for table, names in SHOWN.items()
    }


def withheld_places(layers: Layers, limits: Limits) -> gpd.GeoSeries:
    """The outlines on which nothing is shown, project CRS."""
    zones, permits = layers.zones, layers.permits
    secret = zones.kind.isin([*WITHHELD_ZONES, *limits.kinds]) | zones.zone_id.isin(limits.zones)
    military = pd.Series(False, permits.index)
    for scheme, types in MILITARY.items():
        military |= (permits.scheme == scheme) & permits.use_type.isin(types)
    shapes = pd.concat([zones.geometry[secret], permits.geometry[military]], ignore_index=True)
    return gpd.GeoSeries(shapes, crs=layers.crs)


def ground_of(bounds: Sequence[float], step: float) -> shapely.Polygon:
    """The ground that a picture may show which is put at `bounds`: half a step more each way."""
    west, south, east, north = bounds
    return shapely.box(west - step / 2, south - step / 2, east + step / 2, north + step / 2)


def faults(zones: gpd.GeoDataFrame, limits: Limits) -> list[str]:
    """What the limits withhold that is not there: a slip that would withhold nothing."""
    known = sorted(zones.zone_id)
    found = []
    for number in sorted(set(limits.zones) - set(known)):
        close = get_close_matches(number, known, 1, 0.5)
        meant = f"did you mean '{close[0]}'? Write" if close else "write"
        found.append(
            f"public.withhold_zones: no zone '{number}', so that nothing would be withheld; "
            f"{meant} a zone_id of the zones' layer, or take it away"
        )
    return found


def untold(absent: Collection[str]) -> list[str]:
    """What cannot be withheld as the layer that would tell of it is absent, a notice each."""
    tells = {"zones": "base points and other zones", "permits": "military permits"}
    return [
        f"public: {name} are absent, so that nothing is withheld for {what}; name their file "
        f"under [layers]"
        for name, what in tells.items()
        if name in absent
    ]


def decided(flags: gpd.GeoDataFrame, told: pd.DataFrame, limits: Limits) -> gpd.GeoDataFrame:
    """The flags whose time has come: decided, not under embargo, and not found to be no breach.

    told : what became of each flag (`case.timelines`). What was cleared and has come back is
    another act: a decision about the one before is none about it, and it was seen anew.
    """
    steps = told.set_index("flag_id").reindex(flags.flag_id).set_axis(flags.index)
    due = steps.decided.notna() | limits.undecided
    if limits.embargo is not None:
        due &= steps.detected <= pd.Timestamp(limits.embargo)
    return flags[due & ~flags.verdict.isin(NO_BREACH)]


def for_public(
    flags: gpd.GeoDataFrame,
    layers: Layers,
    coverage: gpd.GeoDataFrame,
    told: pd.DataFrame,
    limits: Limits,
) -> View:
    """What of a run's tables the public may see; project CRS in, degrees out.

    told : what became of each flag (`case.timelines`).
    """
    step = grid_step(layers, coverage, flags, limits.position_m)
    places = withheld_places(layers, limits)
    # a place that is moved onto the grid must not come to lie on a withheld one
    margin_m = 2 * step * METRES_A_DEGREE
    allowed = columns(limits)
    numbers = [json.loads(text) for text in flags.numbers]
    whole = flags.assign(
        kind=[n["kind"] for n in numbers],
        excess_sigma_m2=[float(n["excess_sigma_m2"]) for n in numbers],
    )
    given = {
        "flags": decided(whole, told, limits),
        "permits": layers.permits,
        "islands": layers.islands,
        "zones": layers.zones,
        "coastline": layers.coastline,
        "coverage": coverage,
    }
    kept = given | {
        name: _clear_of(given[name], places, margin_m)
        for name in ("flags", "permits", "islands", "zones")
    }
    shown = {
        name: _on_grid(table[[*allowed[name], "geometry"]].to_crs(LONLAT), step)
        for name, table in kept.items()
    }
    return View(shown.pop("flags"), shown, step, layers.absent)


def _clear_of(table: gpd.GeoDataFrame, places: gpd.GeoSeries, margin_m: float) -> gpd.GeoDataFrame:
    """The rows that stay farther than a margin from every withheld place."""
    touched = table.sindex.query(places.geometry, predicate="dwithin", distance=margin_m)[1]
    return table.drop(index=table.index[np.unique(touched)])


def grid_step(
    layers: Layers, coverage: gpd.GeoDataFrame, flags: gpd.GeoDataFrame, position_m: float
) -> float:
    """The side of the grid, degrees: 1, 2 or 5 of a power of ten, `position_m` or more each way."""
    tables = (coverage, flags, layers.coastline, layers.permits, layers.islands, layers.zones)
    bounds = [t.to_crs(LONLAT).total_bounds for t in tables if len(t)]
    farthest = max((max(abs(b[1]), abs(b[3])) for b in bounds), default=0.0)
    least = position_m / (METRES_A_DEGREE * math.cos(math.radians(min(farthest, 85.0))))
    power = 10.0 ** math.floor(math.log10(least))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))
    return round(step, 9)


def _on_grid(table: gpd.GeoDataFrame, step: float) -> gpd.GeoDataFrame:
    """Outlines with their vertices on the grid, and a point `at` on it for each.

    What is smaller than a cell becomes the four cells around its nearest corner.
    """
    shapes = table.geometry.to_numpy()
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    nearest = np.round(points / step) * step
    coarse = shapely.set_precision(shapes, step)
    dimensions = shapely.get_dimensions(shapes)
    lost = shapely.is_empty(coarse) | (shapely.get_dimensions(coarse) < dimensions)
    around = shapely.box(*(nearest - step).T, *(nearest + step).T)
    coarse = np.where(lost & (dimensions == 2), around, coarse)
    kept = ~shapely.is_empty(coarse)  # a line shorter than a cell has nothing left
    told = table.assign(at=gpd.GeoSeries(shapely.points(nearest), table.index, crs=table.crs))
    return told.set_geometry(gpd.GeoSeries(coarse, table.index, crs=table.crs))[kept]


def withheld_texts(tables: Mapping[str, pd.DataFrame], limits: Limits) -> dict[str, str]:
    """Every text that the public must not see, and where it stands: table, column and row.

    tables : whole tables by name; their columns in `columns` are not looked at, nor what is a
    number, a day or an outline.
    """
    allowed = columns(limits)
    found: dict[str, str] = {}
    for table, frame in tables.items():
        hidden = [n for n in frame.columns if n not in (*allowed.get(table, ()), "geometry")]
        for name in hidden:
            for row, value in enumerate(frame[name], 1):
                for text in _leaves(value):
                    found.setdefault(text, f"{table}.{name}, row {row}")
    return found


def _leaves(value: object) -> Collection[str]:
    """The texts in a cell: those of a JSON text each for itself."""
    if not isinstance(value, str):
        return ()
    if not value.startswith(("{", "[")):
        return (value.strip(),)
    try:
        return _strings(json.loads(value))
    except ValueError:
        return (value.strip(),)


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return [value.strip()] if isinstance(value, str) else []
