"""What is known of a simulated coast: written beside the workspace, read again to score it.

``truth.gpkg`` holds the layers ``events``, ``scenes``, ``ships`` (hulls, by scene) and
``clouds`` (where a scene does not show the ground, by scene); ``truth-ground.tif`` the
height of the ground and what covers it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
from rasterio import Affine
from rasterio.features import shapes
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ..io.rasters import write_geotiff
from ..io.vectors import write_table
from ..scenes import Grid
from .coast import Coast
from .ground import Ground
from .sky import Sky

CLOUD_CELL_PX = 4
THIN_CLOUD = 0.05
"""A cell counts as clouded from this mean share of cloud or shadow on."""
LAYERS = ("events", "scenes", "ships", "clouds")


@dataclass(frozen=True)
class Shot:
    """One scene's truth: its row, the hulls it shows, and where the ground is hidden."""

    row: dict[str, Any]
    ships: Sequence[BaseGeometry] = field(default=())
    clouds: Sequence[BaseGeometry] = field(default=())


@dataclass(frozen=True)
class Truth:
    """All that is known, project CRS.

    height_m, cover : height of the ground above mean sea level and the number of its
        cover (``COVERS``), (row, column) on `grid`.
    """

    events: gpd.GeoDataFrame
    scenes: gpd.GeoDataFrame
    ships: gpd.GeoDataFrame
    clouds: gpd.GeoDataFrame
    grid: Grid
    height_m: np.ndarray
    cover: np.ndarray


def clouded(sky: Sky, grid: Grid) -> list[BaseGeometry]:
    """Polygons of the cells of some pixels with cloud, shadow or no data in them."""
    hidden = np.maximum(sky.cloud, sky.shadow)
    hidden = np.where(sky.mask == 255, 1.0, hidden)
    rows, columns = -(-grid.height // CLOUD_CELL_PX), -(-grid.width // CLOUD_CELL_PX)
    spare = ((0, rows * CLOUD_CELL_PX - grid.height), (0, columns * CLOUD_CELL_PX - grid.width))
    whole = np.pad(hidden, spare, mode="edge")
    mean = whole.reshape(rows, CLOUD_CELL_PX, columns, CLOUD_CELL_PX).mean(axis=(1, 3))
    found = mean > THIN_CLOUD
    transform = Affine(*grid.transform) * Affine.scale(CLOUD_CELL_PX)
    drawn = shapes(found.astype(np.uint8), mask=found, transform=transform)
    return [shape(outline) for outline, _ in drawn]


def write_truth(
    directory: Path, events: gpd.GeoDataFrame, shots: Sequence[Shot], coast: Coast, ground: Ground
) -> None:
    """Write ``truth.gpkg`` and ``truth-ground.tif`` into a workspace."""
    crs, path = coast.grid.crs, directory / "truth.gpkg"
    rows = [shot.row for shot in shots]
    write_table(path, "events", events.drop(columns="built"))
    write_table(path, "scenes", gpd.GeoDataFrame(rows, geometry="geometry", crs=crs))
    for layer in ("ships", "clouds"):
        found = [(shot.row["scene_id"], drawn) for shot in shots for drawn in getattr(shot, layer)]
        names = {"scene_id": [name for name, _ in found]}
        write_table(path, layer, gpd.GeoDataFrame(names, geometry=[g for _, g in found], crs=crs))
    still = np.stack([coast.floor_m, ground.cover.astype(np.float32)])
    write_geotiff(
        directory / "truth-ground.tif", still, coast.grid, bands=("height_m", "cover"), nodata=None
    )


def read_truth(path: Path) -> Truth:
    """The truth whose ``truth.gpkg`` lies at `path`."""
    tables = {layer: gpd.read_file(path, layer=layer) for layer in LAYERS}
    with rasterio.open(path.with_name("truth-ground.tif")) as file:
        height_m, cover = file.read()
        grid = Grid(str(file.crs), tuple(file.transform)[:6], file.width, file.height)
    return Truth(**tables, grid=grid, height_m=height_m, cover=cover.astype(np.uint8))
