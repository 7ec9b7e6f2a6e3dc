"""Free places on a coast: where an event of a given size and kind of shore fits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from ..tables import NATURAL
from .coast import Coast
from .texture import Generator

GAP_M = 200.0
"""Events, their parcels and zones lie at least this far apart."""
TRIES = 3000


class NoRoom(Exception):
    """Nothing free of that kind is left on this coast."""


@dataclass(frozen=True)
class Frame:
    """A point and the direction away from it: x along, y ahead (seaward), metres."""

    x: float
    y: float
    ahead: tuple[float, float]

    def box(self, left: float, right: float, near: float, far: float) -> Polygon:
        """Rectangle in this frame, as a polygon of the map."""
        return self.ring([(left, near), (right, near), (right, far), (left, far)])

    def ring(self, corners: list[tuple[float, float]]) -> Polygon:
        """Polygon through `corners` (along, ahead) of this frame."""
        ux, uy = self.ahead
        return Polygon([(self.x + a * uy + b * ux, self.y - a * ux + b * uy) for a, b in corners])

    @property
    def bearing_deg(self) -> float:
        """Direction ahead, degrees clockwise from the grid's north."""
        return float(np.degrees(np.arctan2(*self.ahead)) % 360)


@dataclass
class Places:
    """A coast and what is taken on it already."""

    coast: Coast
    rng: Generator
    taken: list[BaseGeometry] = field(default_factory=list)

    def free(self, shape: BaseGeometry) -> bool:
        """Whether `shape` keeps its distance from everything planted and from the edge."""
        inner = self.coast.grid.outline().buffer(-250, join_style="mitre")
        return inner.contains(shape) and all(shape.distance(t) > GAP_M for t in self.taken)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        coastline = self.coast.coastline
        return shapely.STRtree(coastline.geometry[coastline.kind.isin(NATURAL)].to_numpy())

    @cached_property
    def _shores(self) -> dict[bool, tuple[np.ndarray, np.ndarray]]:
        """Lines long enough to build on, and their lengths, by whether they are natural."""
        coastline, found = self.coast.coastline, {}
        for natural in (True, False):
            lines = shapely.get_parts(coastline[coastline.kind.isin(NATURAL) == natural].geometry)
            lines = lines[shapely.length(lines) > 150]
            found[natural] = (lines, shapely.length(lines))
        return found

    def take(self, *shapes: BaseGeometry) -> None:
        """Keep later events away from `shapes`."""
        self.taken.append(shapely.union_all(shapes))

    def natural_contact_m(self, shape: BaseGeometry, reach_m: float = 1.0) -> float:
        """Length of natural coastline within `reach_m` of `shape`, m."""
        reach = shape.buffer(reach_m)
        near = self._tree.query(reach, predicate="intersects")
        return float(shapely.length(shapely.intersection(self._tree.geometries[near], reach)).sum())

    def fill(
        self, area_m2: float, *, natural: bool, around: Callable[[Frame, float], Polygon]
    ) -> tuple[Frame, Polygon, float]:
        """Place to fill `area_m2` of sea from the shore out: frame, outline, depth seaward.

        natural : whether the shore there is natural; else no natural shore is within 60 m.
        around : the parcel or zone drawn about it, of the frame and the depth; kept free too.
        """
        for _ in range(TRIES):
            frame = self._shore(natural)
            width = (area_m2 * self.rng.uniform(0.8, 1.8)) ** 0.5
            skew = self.rng.uniform(-0.12, 0.12, 4) * width
            fitted = _fit(frame, self.coast.land, width, area_m2, skew)
            if fitted is None:
                continue
            shape, depth = fitted
            reach = self.natural_contact_m(shape, 1.0 if natural else 60.0)
            wrong_shore = reach < 25 if natural else reach > 0
            ahead = frame.box(-width / 2, width / 2, depth, depth + 80)
            if wrong_shore or self.coast.land.intersects(ahead):
                continue
            if self.free(shapely.union(shape, around(frame, depth))):
                return frame, shape, depth
        raise NoRoom(f"no {'natural' if natural else 'artificial'} shore for {area_m2:.0f} m2")

    def open_water(
        self, long_m: float, wide_m: float, *, margin_m: float = 0.0, least_m: float = 250.0
    ) -> tuple[Frame, Polygon]:
        """Rectangle of open water, `least_m` to 2.5 km from any shore.

        margin_m : kept free around it, for its parcel or zone.
        """
        at = np.argwhere((self.coast.offshore_m > least_m) & (self.coast.offshore_m < 2500))
        a, _, c, _, e, f = self.coast.grid.transform
        for _ in range(TRIES if len(at) else 0):
            row, column = at[self.rng.integers(len(at))]
            angle = self.rng.uniform(0, 2 * np.pi)
            frame = Frame(
                c + a * (column + 0.5), f + e * (row + 0.5), (np.sin(angle), np.cos(angle))
            )
            shape = frame.box(-long_m / 2, long_m / 2, -wide_m / 2, wide_m / 2)
            clear = shape.distance(self.coast.land) > max(least_m * 0.6, margin_m)
            if clear and self.free(shape.buffer(margin_m, join_style="mitre")):
                return frame, shape
        raise NoRoom(f"no open water for {long_m:.0f} x {wide_m:.0f} m")

    def on_island(self, area_m2: float, *, margin_m: float = 0.0) -> tuple[str, Polygon]:
        """Rectangle inside an island thrice as large: the island's id, and the rectangle.

        margin_m : kept free around it, for its parcel.
        """
        islands = self.coast.islands[self.coast.islands.area > 3 * area_m2]
        for _ in range(TRIES if len(islands) else 0):
            row = islands.iloc[self.rng.integers(len(islands))]
            angle = self.rng.uniform(0, 2 * np.pi)
            west, south, east, north = row.geometry.bounds
            x, y = self.rng.uniform(west, east), self.rng.uniform(south, north)
            frame = Frame(x, y, (np.sin(angle), np.cos(angle)))
            width = (area_m2 * self.rng.uniform(1, 1.8)) ** 0.5
            depth = area_m2 / width
            shape = frame.box(-width / 2, width / 2, -depth / 2, depth / 2)
            about = shape.buffer(margin_m, join_style="mitre")
            if row.geometry.buffer(-20).contains(shape) and self.free(about):
                return row.island_id, shape
        raise NoRoom(f"no island for {area_m2:.0f} m2")

    def _shore(self, natural: bool) -> Frame:
        """Point of the mainland's shore, looking out to sea (the land is on the line's left)."""
        lines, length = self._shores[natural]
        if not len(lines):
            raise NoRoom(f"no {'natural' if natural else 'artificial'} shore")
        line = lines[self.rng.choice(len(lines), p=length / length.sum())]
        at = self.rng.uniform(50, line.length - 50)
        (x0, y0), (x1, y1) = shapely.get_coordinates(
            shapely.line_interpolate_point(line, [at - 50, at + 50])
        )
        step = np.hypot(x1 - x0, y1 - y0) or 1.0
        point = line.interpolate(at)
        return Frame(point.x, point.y, (float((y1 - y0) / step), float((x0 - x1) / step)))


def _fit(
    frame: Frame, land: BaseGeometry, width: float, area_m2: float, skew: np.ndarray
) -> tuple[Polygon, float] | None:
    """Four-sided fill of the sea, pushed out until it has the area; None if it cannot."""
    depth = area_m2 / width
    for _ in range(8):
        corners = [
            (-width / 2, -60.0),
            (width / 2, -60.0),
            (width / 2 + skew[0], depth + skew[1]),
            (-width / 2 + skew[2], depth + skew[3]),
        ]
        parts = shapely.get_parts(frame.ring(corners).difference(land))
        if not len(parts):
            return None
        shape = parts[np.argmax(shapely.area(parts))]
        if abs(shape.area / area_m2 - 1) < 0.01:
            break
        depth += (area_m2 - shape.area) / width
        if depth <= 10 or depth > 4 * area_m2 / width:
            return None
    whole = shape.area > 0.97 * shapely.area(parts).sum() and shape.geom_type == "Polygon"
    fits = abs(shape.area / area_m2 - 1) < 0.02 and not shape.interiors
    return (shape, float(depth)) if whole and fits else None
