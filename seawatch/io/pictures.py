"""Scenes for looking at, on the web map's projection: their colours, and their water index."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
import rasterio

from ..detect.water import index, index_bands
from ..scenes import Grid, Image, Scene
from .rasters import SceneReader, grid_of, open_scene

MERCATOR = "EPSG:3857"
_COLOURS = (("red", "green", "blue"), ("nir", "red", "green"), ("swir16", "nir", "red"))
_CACHE = 128 * 2**20  # bytes of decoded blocks
_READERS = 24  # scenes open at once, each of some files: a system lets a process have so many
_POLARISATIONS = ("vv", "vh")

Bounds = tuple[float, float, float, float]


def shown_bands(names: Sequence[str]) -> tuple[str, str, str]:
    """The bands that stand for red, green and blue; one thrice where there are no colours."""
    held = set(names)
    return next((c for c in _COLOURS if set(c) <= held), (names[0],) * 3)


class Viewer:
    """Scenes for looking at; the last files stay open, so that neighbours are decoded once.

    To be used as a context manager, by one thread.
    """

    def __init__(self) -> None:
        self._whole = ExitStack()
        self._open: dict[tuple[str, frozenset[Path]], tuple[SceneReader, ExitStack]] = {}

    def __enter__(self) -> Self:
        self._whole.enter_context(rasterio.Env(GDAL_CACHEMAX=_CACHE))
        return self

    def __exit__(self, *fault: object) -> None:
        while self._open:
            self._leave_first()
        self._whole.close()

    def picture(self, scene: Scene, bounds: Bounds, size: tuple[int, int]) -> np.ndarray:
        """A scene's colours for looking at.

        bounds : west, south, east, north in EPSG:3857 metres. size : rows, columns.
        Returns (3, row, column) float32 of `shown_bands`, NaN where not seen; of radar the
        amplitude, the root of the power that its bands hold: power alone shows its brightest few.

        Raises
        ------
        InputRefused
            If a file of the scene cannot be read.
        """
        bands = shown_bands([band.name for band in scene.bands])
        image = self._read(scene, bounds, size, tuple(dict.fromkeys(bands)))
        colours = np.stack([image.band(name) for name in bands])
        return np.sqrt(np.maximum(colours, 0)) if bands[0] in _POLARISATIONS else colours

    def index(
        self, scene: Scene, bounds: Bounds, size: tuple[int, int], bands: tuple[str, str]
    ) -> np.ndarray:
        """The water index of two bands, (row, column) float32 within -1 to 1, NaN where not seen.

        bounds, size, Raises : see `picture`.
        """
        return index(self._read(scene, bounds, size, bands), bands)

    def _read(
        self, scene: Scene, bounds: Bounds, size: tuple[int, int], bands: tuple[str, ...]
    ) -> Image:
        rows, columns = size
        west, south, east, north = bounds
        step = ((east - west) / columns, (south - north) / rows)
        grid = Grid(MERCATOR, (step[0], 0, west, 0, step[1], north), columns, rows)
        # another file of the scene may be broken: it is not asked for
        paths = frozenset(band.path for band in scene.bands if band.name in bands)
        if (scene.scene_id, paths) not in self._open:
            if len(self._open) == _READERS:
                self._leave_first()
            with ExitStack() as files:
                names = [band.name for band in scene.bands if band.path in paths]
                own = grid_of(scene, names)
                reader = files.enter_context(open_scene(scene, own, names))
                self._open[scene.scene_id, paths] = (reader, files.pop_all())
        reader, _ = self._open[scene.scene_id, paths]
        return reader.read_on(grid, bands)

    def _leave_first(self) -> None:
        """Close the files that have been open for longest."""
        _, files = self._open.pop(next(iter(self._open)))
        files.close()


def water_bands(scenes: Sequence[Scene]) -> tuple[str, str] | None:
    """The bands of the water index that the detectors use, of those that all scenes have."""
    held = [{band.name for band in scene.bands} for scene in scenes]
    return index_bands(set.intersection(*held))
