"""The window: land, shore slope and ground height, from the bundled sample layers."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from rasterio import Affine
from rasterio.features import rasterize
from scipy.ndimage import map_coordinates, uniform_filter1d
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ..scenes import Grid
from ..tables import COASTLINE, ISLANDS, SEGMENT_KINDS

HIGH_WATER_M = 0.8
"""Mean high-water springs above mean sea level, m: the height the coastline traces."""

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
_SHELF_M, _SHELF_SLOPE = 2.0, 0.012  # the sea floor that every foreshore runs out on
_FLOOR_M = -25.0


@dataclass(frozen=True)
class Coast:
    """The still part of a window, on one grid.

    Attributes
    ----------
    land : everything above the coastline, islands included; CRS of the grid.
    coastline, islands : the sample layers clipped to the window.
    offshore_m : distance of each pixel's centre to the coastline, positive at sea.
    slope : rise over run of the nearest foreshore.
    kind : index into ``SEGMENT_KINDS`` of the nearest foreshore.
    floor_m : height of the ground above mean sea level (at sea only).
    """

    grid: Grid
    land: BaseGeometry
    coastline: gpd.GeoDataFrame
    islands: gpd.GeoDataFrame
    offshore_m: np.ndarray
    slope: np.ndarray
    kind: np.ndarray
    floor_m: np.ndarray

    def water_share(self, tide_m: float) -> np.ndarray:
        """Share of each pixel under water at a tide height above mean sea level, 0-1.

        The waterline lies (high water - tide) / slope seaward of the coastline, and a
        straight edge at distance d from a pixel's centre covers d / size + 1/2 of it.
        """
        edge_m = (HIGH_WATER_M - tide_m) / self.slope
        share = 0.5 + (self.offshore_m - edge_m) / self.grid.pixel_size
        return np.clip(share, 0, 1).astype(np.float32)


def sample_folder() -> Path:
    """Where the sample layers lie: beside the package in a checkout, else inside it."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "layers"
    return checkout if (checkout / "coastline.geojson").exists() else package / "sample_layers"


@lru_cache(maxsize=4)
def sample_layers(crs: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The bundled coastline and islands, checked, in `crs`."""
    frames = []
    for table in (COASTLINE, ISLANDS):
        path = sample_folder() / f"{table.name}.geojson"
        frames.append(table.check(gpd.read_file(path), path).to_crs(crs))
    return frames[0], frames[1]


def window_grid(centre: tuple[float, float], size_m: float, pixel_m: float, crs: str) -> Grid:
    """A square north-up grid around `centre` (x, y in `crs`), on whole metres."""
    width = round(size_m / pixel_m)
    west = round(centre[0] - size_m / 2)
    north = round(centre[1] + size_m / 2)
    return Grid(crs, (pixel_m, 0.0, float(west), 0.0, -pixel_m, float(north)), width, width)


def build_coast(grid: Grid) -> Coast:
    """The coast on a grid: land, distances, slopes and heights.

    Raises
    ------
    ValueError
        If no coastline lies in the window.
    """
    coastline, islands = sample_layers(grid.crs)
    window = grid.outline()
    # a margin, so that distances near the window's edge know the shore beyond it
    wide = window.buffer(2000, join_style="mitre")
    near = coastline[coastline.intersects(wide)]
    if near.empty:
        raise ValueError(f"no coastline in {window.bounds} ({grid.crs})")
    shores = islands[islands.intersects(wide)]
    land = land_left_of(near.geometry, wide).union(shores.union_all())
    lines, kinds, slopes = _shore_points(near, shores)
    offshore_m, nearest = _distances(grid, land, lines)
    slope = slopes[nearest]
    return Coast(
        grid,
        land.intersection(window),
        coastline.clip(window, sort=True).reset_index(drop=True),
        islands[islands.within(window)].reset_index(drop=True),
        offshore_m.astype(np.float32),
        slope.astype(np.float32),
        kinds[nearest],
        _floor(offshore_m, slope).astype(np.float32),
    )


def land_left_of(lines: gpd.GeoSeries, window: BaseGeometry) -> BaseGeometry:
    """The part of `window` on the left of `lines`: the sample coastline is drawn with land there."""
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


def _shore_points(
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


def _distances(
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


def _floor(offshore_m: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Height of the ground above mean sea level: the foreshore, then a gentle sea floor."""
    fore = HIGH_WATER_M - slope * offshore_m
    return np.maximum(np.maximum(fore, -_SHELF_M - _SHELF_SLOPE * offshore_m), _FLOOR_M)
