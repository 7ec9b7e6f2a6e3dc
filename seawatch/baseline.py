"""The official coastline measured along itself: where a point lies on it, what a stretch holds.

Lengths are geodesic, between the official vertices, which are never simplified. Segments of
one survey that share an end are one chain; every chain has its place on one long axis, so
that a stretch is two numbers whatever segments it runs through.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely
from pyproj import CRS, Geod

from . import overlay

JOIN_M = 0.5
"""Ends of segments this near each other are one place: surveys are joined by hand."""

_APART_M = 1000.0  # between chains on the axis: no stretch reaches over it


@dataclass(frozen=True)
class Baseline:
    """The segments of one survey on one axis, metres.

    segments : the coastline's rows, in the project's CRS.
    edges : the straight lines between official vertices, in order.
    segment, part, chain : of each edge, by position.
    along : (edge, 2) how far each end lies from the first vertex of its segment, m.
    axis : (edge, 2) the same ends on the axis, m.
    rings : by chain, whether it closes on itself, as an island's shore does.
    """

    segments: gpd.GeoDataFrame
    edges: np.ndarray
    segment: np.ndarray
    part: np.ndarray
    chain: np.ndarray
    along: np.ndarray
    axis: np.ndarray
    rings: np.ndarray
    tree: shapely.STRtree

    @cached_property
    def lengths_m(self) -> pd.Series:
        """Geodesic length of each segment, m."""
        edge_m = np.diff(self.along)[:, 0]
        total = np.bincount(self.segment, edge_m, minlength=len(self.segments))
        return pd.Series(total, index=self.segments.index)

    def chain_span(self, chain: int) -> tuple[float, float]:
        """Both ends of a chain on the axis, m."""
        own = self.axis[self.chain == chain]
        return float(own.min()), float(own.max())


def baseline_of(segments: gpd.GeoDataFrame) -> Baseline:
    """The segments of one survey, measured; see `Baseline`.

    segments : coastline rows, projected CRS; a segment of several parts is measured over
        them in order, the gaps left out.
    """
    parts, segment_of_part = shapely.get_parts(segments.geometry.to_numpy(), return_index=True)
    points, part_of_point = shapely.get_coordinates(parts, return_index=True)
    same, moved = part_of_point[:-1] == part_of_point[1:], (points[:-1] != points[1:]).any(axis=1)
    first = np.flatnonzero(same & moved)
    edges = shapely.linestrings(np.stack([points[first], points[first + 1]], axis=1))
    part = part_of_point[first]
    segment = segment_of_part[part]
    edge_m = _geodesic_m(points, first, segments.crs)
    along = _running(edge_m, segment)
    ends = np.searchsorted(part, np.arange(len(parts) + 1))
    within = _running(edge_m, part)
    part_m = np.array([within[stop - 1, 1] for stop in ends[1:]])
    tips = np.stack([points[first[ends[:-1]]], points[first[ends[1:] - 1] + 1]], axis=1)
    start, sign, chain, rings = _chains(tips, part_m)
    axis = start[part][:, None] + np.where(
        sign[part][:, None] > 0, within, part_m[part][:, None] - within
    )
    return Baseline(
        segments, edges, segment, part, chain[part], along, axis, rings, shapely.STRtree(edges)
    )


def _geodesic_m(points: np.ndarray, first: np.ndarray, crs: object) -> np.ndarray:
    """Length of each edge on the CRS's own ellipsoid (Karney 2013, as in PROJ's geod)."""
    own = CRS(crs)
    geod: Geod = own.get_geod()  # type: ignore[assignment]  # only None for engineering CRSs
    degrees = gpd.GeoSeries(shapely.points(points), crs=own).to_crs(own.geodetic_crs)
    east, north = degrees.x.to_numpy(), degrees.y.to_numpy()
    return geod.inv(east[first], north[first], east[first + 1], north[first + 1])[2]


def _running(edge_m: np.ndarray, group: np.ndarray) -> np.ndarray:
    """(edge, 2) where each edge begins and ends within its group, m."""
    stop = pd.Series(edge_m).groupby(group).cumsum().to_numpy()
    return np.stack([stop - edge_m, stop], axis=1)


def _chains(
    tips: np.ndarray, part_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parts strung together where exactly two of them meet.

    tips : (part, 2, 2) first and last point of each.

    Returns
    -------
    start, sign, chain : by part, its place on the axis, m, whether it runs along the chain
        (1) or against it (-1), and its chain.
    rings : by chain, of bool.
    """
    other = _meeting(tips.reshape(-1, 2))
    start, sign = np.zeros(len(part_m)), np.ones(len(part_m), int)
    chain = np.full(len(part_m), -1)
    rings: list[bool] = []
    at = 0.0
    loose = [tip for tip in range(len(other)) if other[tip] < 0]
    # open chains first, from a loose end; what is left then are rings
    for tip in [*loose, *range(0, len(other), 2)]:
        if chain[tip // 2] >= 0:
            continue
        rings.append(other[tip] >= 0)
        while tip >= 0 and chain[tip // 2] < 0:
            part = tip // 2
            start[part], sign[part], chain[part] = at, 1 - 2 * (tip % 2), len(rings) - 1
            at += part_m[part]
            tip = int(other[tip ^ 1])
        at += _APART_M
    return start, sign, chain, np.array(rings, bool)


def _meeting(tips: np.ndarray) -> np.ndarray:
    """For each end the one it meets; -1 where it meets none, or more than one."""
    pairs = scipy.spatial.cKDTree(tips).query_pairs(JOIN_M, output_type="ndarray")
    place = overlay.linked(pairs[:, 0], pairs[:, 1], len(tips))
    order = np.argsort(place, kind="stable")
    two = np.flatnonzero(np.bincount(place)[place[order]] == 2)
    other = np.full(len(tips), -1)
    one, two_ = order[two[::2]], order[two[1::2]]
    other[one], other[two_] = two_, one
    return other


def locate(line: Baseline, points: np.ndarray) -> pd.DataFrame:
    """Where points lie on the nearest official edge.

    points : (point, 2) in the baseline's CRS.

    Returns
    -------
    One row a point and edge (a point at a vertex lies on two): `point`, `edge`, `chain`,
        `axis_m`, `distance_m`.
    """
    shapes = shapely.points(points)
    (point, edge), away = line.tree.query_nearest(shapes, return_distance=True)
    share = shapely.line_locate_point(line.edges[edge], shapes[point], normalized=True)
    low, high = line.axis[edge].T
    return pd.DataFrame(
        {
            "point": point,
            "edge": edge,
            "chain": line.chain[edge],
            "axis_m": low + share * (high - low),
            "distance_m": away,
        }
    )


def stretches(line: Baseline, start_m: np.ndarray, stop_m: np.ndarray) -> pd.DataFrame:
    """What stretches of the axis hold of each segment.

    Returns
    -------
    One row a stretch and segment part: `stretch` and `segment` (positions), `from_m`,
        `to_m` from the segment's first vertex.
    """
    ends = np.searchsorted(line.part, np.arange(line.part.max() + 2))
    first, last = ends[:-1], ends[1:] - 1
    both = np.stack([line.axis[first, 0], line.axis[last, 1]])
    low, high = both.min(axis=0), both.max(axis=0)
    order = np.argsort(low)
    one = np.searchsorted(high[order], start_m, side="right")
    end = np.searchsorted(low[order], stop_m, side="left")
    count = np.maximum(end - one, 0)
    stretch = np.repeat(np.arange(len(count)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    part = order[np.repeat(one, count) + offset]
    a = np.maximum(np.asarray(start_m)[stretch], low[part]) - low[part]
    b = np.minimum(np.asarray(stop_m)[stretch], high[part]) - low[part]
    forward = both[0][part] <= both[1][part]
    length, base = (high - low)[part], line.along[first[part], 0]
    return pd.DataFrame(
        {
            "stretch": stretch,
            "segment": line.segment[first[part]],
            "from_m": base + np.where(forward, a, length - b),
            "to_m": base + np.where(forward, b, length - a),
        }
    )


def drawn(line: Baseline, segment: int, from_m: float, to_m: float) -> shapely.Geometry:
    """A stretch of one segment with its official vertices; new ones only at its ends.

    segment : by position.
    """
    mine = np.flatnonzero(line.segment == segment)
    low, high = line.along[mine].T
    held = (high > from_m) & (low < to_m)
    mine, low, high = mine[held], low[held], high[held]
    length = high - low
    points = shapely.get_coordinates(line.edges[mine]).reshape(-1, 2, 2)
    ends = np.stack([np.maximum(from_m - low, 0), np.minimum(to_m - low, length)], axis=1)
    share = ends / np.where(length > 0, length, 1)[:, None]
    cut = points[:, :1] + share[..., None] * (points[:, 1:] - points[:, :1])
    return shapely.line_merge(shapely.multilinestrings(cut)) if len(cut) else shapely.LineString()


def around(points_m: np.ndarray, low_m: float, high_m: float) -> pd.DataFrame:
    """What points span on a ring, `start_m` to `stop_m`: all but the longest stretch with none."""
    points = np.unique(points_m)
    gaps = np.diff(np.append(points, points[0] + high_m - low_m))
    widest = int(gaps.argmax())
    stop, start = points[widest], points[(widest + 1) % len(points)]
    spans = [(start, stop)] if start <= stop else [(low_m, stop), (start, high_m)]
    return pd.DataFrame(spans, columns=["start_m", "stop_m"])


def merged(held: pd.DataFrame) -> pd.DataFrame:
    """Stretches of one `row` on one `segment` joined where they overlap: no metre twice.

    held : `row`, `segment`, `from_m`, `to_m`.
    """
    held = held[held.to_m > held.from_m].sort_values(["row", "segment", "from_m"])
    group = [held.row, held.segment]
    reached = held.groupby(group).to_m.cummax().groupby(group).shift(fill_value=-1.0)
    run = (held.from_m > reached + 1e-6).cumsum()
    return (
        held.groupby(run)
        .agg(
            row=("row", "first"),
            segment=("segment", "first"),
            from_m=("from_m", "min"),
            to_m=("to_m", "max"),
        )
        .reset_index(drop=True)
    )
