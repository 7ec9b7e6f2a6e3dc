"""Patrol orders: what no scene shows, by drone; flags nobody has confirmed, by boat or on foot.

A drone flies over the cells of a square grid, as wide as its camera sees, along a Hilbert
curve (neighbours on the curve are neighbours on the ground), cut where a battery ends.
A route of visits starts at its westernmost stop, goes on to the nearest, and is then
untangled: two legs that cross are swapped (2-opt, Croes 1958). Ways are straight lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import overlay, record
from .duty import owned
from .geo import ellipsoidal_area_m2
from .tables import PATROLS

CONFIRMED = ("lawful", "suspected", "false_change", "legacy", "already_handled")
"""Verdicts after which a flag needs no visit to confirm it, until it is opened again."""


@dataclass(frozen=True)
class Craft:
    """The drone that patrols, and what of it a plan depends on.

    swath_m : width of the strip its camera sees; the side of a cell.
    battery_m : how far it flies on one battery, back to its start included.
    """

    swath_m: float = 200.0
    battery_m: float = 12_000.0


def orders(
    ground: gpd.GeoDataFrame,
    flags: gpd.GeoDataFrame,
    duty: gpd.GeoDataFrame,
    on: date,
    issue: str,
    craft: Craft = Craft(),
) -> gpd.GeoDataFrame:
    """The PATROLS table of a run: every ordered square metre in a flight, every flag on a route.

    ground : this run's; flags : this run's, with owners. All in one CRS in metres.
    """
    cells = _cells(ground[ground.state == "ordered"], craft.swath_m)
    cells = owned(cells, duty, on)
    parts = [_flights(cells, craft), _visits(flags)]
    filled = [part for part in parts if len(part)]
    if not filled:
        return PATROLS.empty(ground.crs)
    table = pd.concat(filled, ignore_index=True)
    table["order_id"] = [
        f"{issue}-{'D' if mode == 'drone' else 'V'}{number:03d}"
        for mode, number in zip(table["mode"], table.groupby("mode").cumcount() + 1, strict=True)
    ]
    table["area_m2"] = ellipsoidal_area_m2(table.geometry)
    return PATROLS.check(table)


def _cells(unseen: gpd.GeoDataFrame, side_m: float) -> gpd.GeoDataFrame:
    """Cells of a grid that starts at the CRS's origin, as far as the ordered ground fills them.

    `days` is that of the ground longest unseen; ground never seen counts as longest of all.
    """
    rows = []
    for piece in unseen.itertuples():
        boxes, parts = _boxes(piece.geometry, side_m)
        rows += [(piece.days, part, box.centroid) for box, part in zip(boxes, parts, strict=True)]
    return gpd.GeoDataFrame(rows, columns=["days", "geometry", "centre"], crs=unseen.crs)


def waypoints(flights: gpd.GeoDataFrame, craft: Craft) -> list[np.ndarray]:
    """Of each flight, (number, 2) of x, y: the centres of its cells in the order flown.

    flights : every drone order of a run; the curve runs over all their ground.
    """
    plans = []
    for ground in flights.geometry:
        centres = shapely.centroid(_boxes(ground, craft.swath_m)[0])
        order = _along_curve(centres, flights.total_bounds, craft)
        plans.append(shapely.get_coordinates(centres[order]))
    return plans


def _along_curve(centres: np.ndarray, bounds: np.ndarray, craft: Craft) -> np.ndarray:
    """Order of points along the Hilbert curve over `bounds`, whose cells' centres may lie outside.

    Both the cutting into flights and their waypoints follow it: the lengths agree.
    """
    margin = craft.swath_m * np.array([-1, -1, 1, 1])
    distance = gpd.GeoSeries(centres).hilbert_distance(bounds + margin, level=16)
    return np.argsort(distance, kind="stable")


def _boxes(shape: shapely.Geometry, side_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells of the grid in which some of `shape` lies, and what of it lies in each."""
    west, south, east, north = np.floor(np.array(shape.bounds) / side_m).astype(int)
    column, row = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    x, y = column.ravel() * side_m, row.ravel() * side_m
    boxes = shapely.box(x, y, x + side_m, y + side_m)
    boxes = boxes[shapely.intersects(shape, boxes)]
    parts = overlay.areas_only(shapely.intersection(shape, boxes))
    filled = shapely.area(parts) > 0
    return boxes[filled], parts[filled]


def _flights(cells: gpd.GeoDataFrame, craft: Craft) -> gpd.GeoDataFrame:
    """Flights by officer, the longest unseen ground first, each within one battery."""
    rows = []
    for owner, mine in cells.groupby(cells.owner.fillna(""), sort=True):
        mine = mine.iloc[_along_curve(mine.centre.to_numpy(), cells.total_bounds, craft)]
        for group in _batteries(shapely.get_coordinates(mine.centre.to_numpy()), craft.battery_m):
            flown = mine.iloc[group]
            way = shapely.get_coordinates(flown.centre.to_numpy())
            never = flown.days.isna().any()
            rows.append(
                {
                    "owner": owner or None,
                    "days": None if never else flown.days.max(),
                    "length_m": _length(np.vstack([way, way[:1]])),
                    "geometry": shapely.union_all(flown.geometry.to_numpy()),
                }
            )
    table = gpd.GeoDataFrame(rows, columns=["owner", "days", "length_m", "geometry"])
    waited = table.days.astype("float64").fillna(np.inf)
    table = table.iloc[np.argsort(-waited.to_numpy(), kind="stable")].reset_index(drop=True)
    table["sequence"] = table.groupby(table.owner.fillna("")).cumcount() + 1
    return table.assign(mode="drone", why="unseen", flag_id=None).set_crs(cells.crs)


def _batteries(way: np.ndarray, battery_m: float) -> Iterator[slice]:
    """Runs of points whose way, there and back to the first, a battery lasts for."""
    start, flown = 0, 0.0
    for number in range(1, len(way)):
        step = float(np.hypot(*(way[number] - way[number - 1])))
        home = float(np.hypot(*(way[number] - way[start])))
        if flown + step + home > battery_m:
            yield slice(start, number)
            start, flown = number, 0.0
        else:
            flown += step
    if len(way):
        yield slice(start, len(way))


def _length(way: np.ndarray) -> float:
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def _visits(flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Stops at the flags that nobody has confirmed, by officer, in the order of a short way."""
    known = flags.verdict.isin(CONFIRMED) & flags.record.map(_still_true).astype(bool)
    stands = flags.status.isin(["new", "open", "unseen"])
    waiting = flags[stands & ~known].sort_values("flag_id")
    parts = []
    for _, mine in waiting.groupby(waiting.owner.fillna(""), sort=True):
        points = shapely.get_coordinates(mine.representative_point().to_numpy())
        order = short_way(points)
        stops = mine.iloc[order][["flag_id", "owner", "geometry"]]
        steps = np.hypot(*np.diff(points[order], axis=0, prepend=points[order][:1]).T)
        parts.append(stops.assign(sequence=np.arange(1, len(stops) + 1), length_m=steps))
    if not parts:
        return flags.iloc[:0]
    return pd.concat(parts, ignore_index=True).assign(mode="visit", why="unconfirmed", days=None)


def _still_true(text: object) -> bool:
    """Whether somebody has looked since the flag was last opened again."""
    own = record.read(text)
    visits = [item for item in own.get("evidence", []) if item["mode"] == "visit" and item["says"]]
    return bool(max((visit["at"] for visit in visits), default="") >= own.get("reopened", ""))


def short_way(points: np.ndarray) -> list[int]:
    """An order of points that makes a short open way from the westernmost one.

    points : (number, 2), metres.
    """
    left = set(range(len(points)))
    order = [int(np.lexsort((points[:, 1], points[:, 0]))[0])] if left else []
    left.difference_update(order)
    while left:
        rest = sorted(left)
        far = np.hypot(*(points[rest] - points[order[-1]]).T)
        order.append(rest[int(np.argmin(far))])
        left.remove(order[-1])
    return _untangled(order, points)


def _untangled(order: list[int], points: np.ndarray) -> list[int]:
    """`order` with stretches turned round for as long as that makes the way shorter."""
    way = np.array(order, np.intp)
    shorter = True
    while shorter:
        shorter = False
        for first in range(1, len(way) - 1):
            place = points[way]
            # what turning the stretch from here to each later stop round gains
            joined = np.hypot(*np.diff(place[first:], axis=0).T)
            entered = np.hypot(*(place[first:] - place[first - 1]).T)
            left = np.hypot(*(place[first + 1 :] - place[first]).T)
            gain = entered[0] - entered[1:]
            gain[:-1] += joined[1:] - left[1:]  # after the last stop no leg follows
            best = int(np.argmax(gain))
            if gain[best] > 1e-6:
                stop = first + best + 2
                way[first:stop] = way[first:stop][::-1].copy()
                shorter = True
    return way.tolist()
