"""The window: land, shore slope and ground height, from the bundled sample layers."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from ..scenes import Grid
from ..tables import COASTLINE, ISLANDS
from .shore import distances, land_left_of, shore_points

HIGH_WATER_M = 0.8
"""Mean high-water springs above mean sea level, m: the height the coastline traces.

A coast with a tide so many times as large has it so many times as high.
"""

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
    high_water_m : the height the coastline traces.
    """

    grid: Grid
    land: BaseGeometry
    coastline: gpd.GeoDataFrame
    islands: gpd.GeoDataFrame
    offshore_m: np.ndarray
    slope: np.ndarray
    kind: np.ndarray
    floor_m: np.ndarray
    high_water_m: float = HIGH_WATER_M

    def water_share(self, tide_m: float) -> np.ndarray:
        """Share of each pixel under water at a tide height above mean sea level, 0-1.

        The waterline lies (high water - tide) / slope seaward of the coastline, and a
        straight edge at distance d from a pixel's centre covers d / size + 1/2 of it.
        """
        edge_m = (self.high_water_m - tide_m) / self.slope
        share = 0.5 + (self.offshore_m - edge_m) / self.grid.pixel_size
        return np.clip(share, 0, 1).astype(np.float32)


def sample_folder() -> Path:
    """Where the sample layers lie: beside the package in a checkout, else inside it."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "layers"
    return checkout if (checkout / "coastline.geojson").exists() else package / "sample_layers"


@lru_cache(maxsize=4)
def sample_layers(crs: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Bundled coastline and islands, checked, in `crs`."""
    frames = []
    for table in (COASTLINE, ISLANDS):
        path = sample_folder() / f"{table.name}.geojson"
        frames.append(table.check(gpd.read_file(path), path).to_crs(crs))
    return frames[0], frames[1]


def window_grid(centre: tuple[float, float], size_m: float, pixel_m: float, crs: str) -> Grid:
    """Square north-up grid around `centre` (x, y in `crs`), on whole metres."""
    width = round(size_m / pixel_m)
    west = round(centre[0] - size_m / 2)
    north = round(centre[1] + size_m / 2)
    return Grid(crs, (pixel_m, 0.0, float(west), 0.0, -pixel_m, float(north)), width, width)


def build_coast(grid: Grid, *, slope_factor: float = 1.0, tide_factor: float = 1.0) -> Coast:
    """Coast on a grid: land, distances, slopes and heights.

    slope_factor, tide_factor : how much steeper the foreshore, how much larger the tide.

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
    lines, kinds, slopes = shore_points(near, shores)
    offshore_m, nearest = distances(grid, land, lines)
    slope = slopes[nearest] * slope_factor
    high_water_m = HIGH_WATER_M * tide_factor
    return Coast(
        grid,
        land.intersection(window),
        coastline.clip(window, sort=True).reset_index(drop=True),
        islands[islands.within(window)].reset_index(drop=True),
        offshore_m.astype(np.float32),
        slope.astype(np.float32),
        kinds[nearest],
        _floor(offshore_m, slope, high_water_m).astype(np.float32),
        high_water_m,
    )


def _floor(offshore_m: np.ndarray, slope: np.ndarray, high_water_m: float) -> np.ndarray:
    """Height of the ground above mean sea level: the foreshore, then a gentle sea floor."""
    fore = high_water_m - slope * offshore_m
    return np.maximum(np.maximum(fore, -_SHELF_M - _SHELF_SLOPE * offshore_m), _FLOOR_M)
