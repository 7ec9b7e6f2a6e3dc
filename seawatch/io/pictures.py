"""Scenes for looking at, on the web map's projection: their colours, and their water index."""

from collections.abc import Sequence

import numpy as np

from ..detect.water import index, index_bands
from ..scenes import Grid, Image, Scene
from .rasters import open_scene

MERCATOR = "EPSG:3857"
_COLOURS = (("red", "green", "blue"), ("nir", "red", "green"), ("swir16", "nir", "red"))
_POLARISATIONS = ("vv", "vh")

Bounds = tuple[float, float, float, float]


def shown_bands(names: Sequence[str]) -> tuple[str, str, str]:
    """The bands that stand for red, green and blue; one thrice where there are no colours."""
    held = set(names)
    return next((c for c in _COLOURS if set(c) <= held), (names[0],) * 3)


def read_picture(scene: Scene, bounds: Bounds, size: tuple[int, int]) -> np.ndarray:
    """A scene's colours for looking at.

    bounds : west, south, east, north in EPSG:3857 metres. size : rows, columns.
    Returns (3, row, column) float32 of `shown_bands`, NaN where not seen; of radar the
    amplitude, the root of the power that its bands hold: power alone shows its brightest few.
    """
    bands = shown_bands([band.name for band in scene.bands])
    image = _read(scene, bounds, size, tuple(dict.fromkeys(bands)))
    colours = np.stack([image.band(name) for name in bands])
    return np.sqrt(np.maximum(colours, 0)) if bands[0] in _POLARISATIONS else colours


def read_index(
    scene: Scene, bounds: Bounds, size: tuple[int, int], bands: tuple[str, str]
) -> np.ndarray:
    """The water index of two bands, (row, column) float32 within -1 to 1, NaN where not seen.

    bounds, size : see `read_picture`.
    """
    return index(_read(scene, bounds, size, bands), bands)


def water_bands(scenes: Sequence[Scene]) -> tuple[str, str] | None:
    """The bands of the water index that the detectors use, of those that all scenes have."""
    held = [{band.name for band in scene.bands} for scene in scenes]
    return index_bands(set.intersection(*held))


def _read(scene: Scene, bounds: Bounds, size: tuple[int, int], bands: tuple[str, ...]) -> Image:
    rows, columns = size
    west, south, east, north = bounds
    step = ((east - west) / columns, (south - north) / rows)
    grid = Grid(MERCATOR, (step[0], 0, west, 0, step[1], north), columns, rows)
    with open_scene(scene, grid, bands) as reader:
        return reader.read(0, 0, rows, columns)
