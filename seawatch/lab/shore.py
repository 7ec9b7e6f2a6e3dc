"""The shore as geometry: which side is land, how far a pixel is, how steep it is there."""

import geopandas as gpd
import numpy as np
import shapely
from rasterio import Affine
from rasterio.features import rasterize
from scipy.ndimage import map_coordinates, uniform_filter1d
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ..scenes import Grid
from ..tables import SEGMENT_KINDS

SLOPES = {
    "bedrock": 0.2,
    "sandy": 0.025,
    "muddy": 0.004,
    "biological": 0.006,
    "restored": 0.05,
    "estuary": 0.008,
    "artificial": 2.0,
}
"""Rise over run of the foreshore by segment kind (slopes of 1:5 rock to 1:250 mud)."""

_SPACING_M = 5.0


def land_left_of(lines: gpd.GeoSeries, window: BaseGeometry) -> BaseGeometry:
    """Part of `window` on the left of `lines`, where the sample coastline has its land."""
    inside = shapely.get_parts(shapely.intersection(lines.to_numpy(), window))
    inside = inside[shapely.length(inside) > 1.0]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*inside, window.boundary])]))
    faces = shapely.get_parts(faces)
    starts = shapely.get_coordinates(shapely.line_interpolate_point(inside, 0.499, normalized=True))
    ends = shapely.get_coordinates(shapely.line_interpolate_point(inside, 0.501, normalized=True))
    along = (ends - starts) / np.linalg.norm(ends - starts, axis=1, keepdims=True)
    left = (starts + ends) / 2 + 0.05 * np.column_stack([-along[:, 1], along[:, 0]])
    hits = shapely.STRtree(faces).query(shapely.points(left), predicate="within")[1]
    return shapely.union_all(faces[np.unique(hits)])


def shore_points(
    coastline: gpd.GeoDataFrame, islands: gpd.GeoDataFrame
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Points every few metres along the shores, their kind, and their smoothed slope."""
    rock = SEGMENT_KINDS.index("bedrock")
    lines = [*coastline.geometry, *islands.boundary]
    kinds = [SEGMENT_KINDS.index(kind) for kind in coastline.kind] + [rock] * len(islands)
    chains, kind_of, slope_of = [], [], []
    for line, kind in zip(lines, kinds, strict=True):
        for part in shapely.get_parts(line):
            points = shapely.get_coordinates(shapely.segmentize(part, _SPACING_M))
            chains.append(points)
            kind_of.append(np.full(len(points), kind))
            slope_of.append(np.full(len(points), SLOPES[SEGMENT_KINDS[kind]]))
    slopes = np.concatenate(slope_of)
    # neighbouring segments meet end to end, so a beach runs out into rock over some 100 m
    smooth = np.exp(uniform_filter1d(np.log(slopes), 21, mode="nearest"))
    return chains, np.concatenate(kind_of), smooth


def distances(
    grid: Grid, land: BaseGeometry, chains: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Signed distance of each pixel's centre to the shore, m, and its nearest shore point."""
    # finer than 2 m the shore is straight over four pixels: measure every fourth, and interpolate
    step = 4 if grid.pixel_size < 2 else 1
    a, _, c, _, e, f = grid.transform
    rows = -(-grid.height // step) + (step > 1)
    columns = -(-grid.width // step) + (step > 1)
    x = c + a * (np.arange(columns) * step + 0.5)
    y = f + e * (np.arange(rows) * step + 0.5)
    centres = np.stack(np.meshgrid(x, y), axis=-1)
    points = np.concatenate(chains)
    distance, nearest = cKDTree(points).query(centres.reshape(-1, 2))
    distance, nearest = distance.reshape(centres.shape[:2]), nearest.reshape(centres.shape[:2])

    # beside the shore the nearest point is not near enough: take the edges that meet in it
    starts = np.concatenate([np.vstack([chain[:1], chain[:-1]]) for chain in chains])
    ends = np.concatenate([np.vstack([chain[1:], chain[-1:]]) for chain in chains])
    close = distance < 100
    here, at = centres[close], nearest[close]
    exact = np.minimum(_to_edge(here, starts[at], points[at]), _to_edge(here, points[at], ends[at]))
    distance[close] = np.minimum(distance[close], exact)
    measured = Affine(a * step, 0, c + a * (1 - step) / 2, 0, e * step, f + e * (1 - step) / 2)
    dry = rasterize([land], out_shape=distance.shape, transform=measured).astype(bool)
    signed = np.where(dry, -distance, distance)
    if step == 1:
        return signed, nearest
    at = np.meshgrid(np.arange(grid.height) / step, np.arange(grid.width) / step, indexing="ij")
    picked = nearest[np.ix_(np.arange(grid.height) // step, np.arange(grid.width) // step)]
    return map_coordinates(signed, at, order=1), picked


def _to_edge(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    edge = end - start
    length = np.maximum((edge**2).sum(axis=1), 1e-12)
    along = np.clip(((points - start) * edge).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(points - start - along[:, None] * edge, axis=1)
