"""Scenes, pairs of scenes, and the choice of which two to compare.

Instants are in UTC; footprints are in the project's CRS; pixels come later, from
``io.rasters``, through an argument.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Band:
    """One band of a scene: where its numbers are and how they become reflectance."""

    name: str
    path: Path
    index: int = 1  # 1-based, within the file
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Scene:
    """One acquisition.

    Attributes
    ----------
    taken : timezone-aware, UTC.
    footprint : where the file has data, project CRS.
    clear : share of the footprint's pixels that are neither masked nor empty, 0-1.
    sigma_m : position error of this image, one standard deviation a coordinate.
    item : the STAC Item it was read from; None for a raster named on the command line.
    digests : sha256 its files must have, by path; empty where the item names none.
    """

    scene_id: str
    sensor: str
    taken: datetime
    bands: tuple[Band, ...]
    footprint: BaseGeometry
    sigma_m: float
    resolution_m: float
    clear: float = 1.0
    mask: Path | None = None
    mask_code: str = "seawatch"
    item: Path | None = None
    digests: tuple[tuple[Path, str], ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every raster of the scene, once each."""
        paths = [band.path for band in self.bands] + ([self.mask] if self.mask else [])
        return tuple(dict.fromkeys(paths))


@dataclass(frozen=True)
class ScenePair:
    """Two scenes to compare, and why these two (a reason's name and its numbers)."""

    before: Scene
    after: Scene
    overlap: BaseGeometry
    why: dict[str, float | str]


@dataclass(frozen=True)
class Grid:
    """Where pixels lie: x = a*column + b*row + c, y = d*column + e*row + f (pixel corners).

    `crs` is anything pyproj reads; `transform` is (a, b, c, d, e, f).
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @property
    def pixel_area(self) -> float:
        """Area of a pixel in square units of the CRS."""
        a, b, _, d, e, _ = self.transform
        return abs(a * e - b * d)

    @property
    def pixel_size(self) -> float:
        """Side of a square as large as a pixel, units of the CRS."""
        return self.pixel_area**0.5

    def window(self, row: int, column: int, height: int, width: int) -> "Grid":
        """The grid of the window whose first pixel is (`row`, `column`)."""
        a, b, c, d, e, f = self.transform
        corner = (a, b, c + a * column + b * row, d, e, f + d * column + e * row)
        return Grid(self.crs, corner, width, height)

    def outline(self) -> Polygon:
        """The grid's edge, in its own CRS."""
        a, b, c, d, e, f = self.transform
        corners = ((0, 0), (self.width, 0), (self.width, self.height), (0, self.height))
        return Polygon([(a * x + b * y + c, d * x + e * y + f) for x, y in corners])


@dataclass(frozen=True)
class Image:
    """Pixels with their meaning.

    pixels : (band, row, column), float32 reflectance (or the file's own numbers for
        generic sensors); NaN in every band where the ground was not seen.
    bands : common name of each band.
    """

    pixels: np.ndarray
    bands: tuple[str, ...]
    grid: Grid

    def band(self, name: str) -> np.ndarray:
        """One band, (row, column)."""
        return self.pixels[self.bands.index(name)]

    @property
    def seen(self) -> np.ndarray:
        """Where the ground was seen, (row, column) of bool."""
        return np.isfinite(self.pixels).all(axis=0)
