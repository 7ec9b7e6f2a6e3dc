"""Score maps of a pair: a band for any change and one a kind, written window by window."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from math import gcd
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from ..scenes import NOT_SEEN, SCORE_STEPS, Grid
from .files import room_left
from .rasters import SCORE_SIDE, PairReader, grid_of, open_output

_OPTIONS = {
    "interleave": "band",
    "compress": "zstd",
    "zstd_level": 1,
    "predictor": 1,
    "bigtiff": "if_safer",
}


@contextmanager
def score_file(
    path: Path, reader: PairReader, names: Sequence[str], told: bool = True
) -> Iterator[Any]:
    """A function (row, column, scores) that writes score maps, on the later scene's whole grid.

    scores : maps by their name, see `scenes.SCORE_STEPS`.
    told : whether most maps tell something, so that they are 0 nearly everywhere; else they are
        taken to tell nothing. The file is the same, and only the sooner written.

    The file's are float32, one band a name; NaN where nothing was seen, or the pair does not
    reach. Where the earlier scene is the coarser, its pixels are repeated.
    """
    whole = grid_of(reader.pair.after)
    # where windows are low, no block goes on below one, to be packed anew with the next
    options = _OPTIONS | {"blockysize": gcd(reader.walk.height, SCORE_SIDE)}
    if reader.pair.ground is not reader.pair.after:
        with TemporaryDirectory(dir=path.parent, prefix=".scores-") as folder:
            coarse = Path(folder) / "coarse.tif"
            with _windows_of(coarse, reader.grid, reader.grid, names, told, options) as write:
                yield write
            _repeat(coarse, path, whole, names)
        return
    with _windows_of(path, whole, reader.grid, names, told, options) as write:
        yield write


@contextmanager
def _windows_of(
    path: Path,
    whole: Grid,
    grid: Grid,
    names: Sequence[str],
    told: bool,
    options: dict[str, Any],
) -> Iterator[Any]:
    """A function as `score_file`'s, for windows of a grid that is a part of the whole one."""
    column, row = whole.pixel(*grid.ground(0, 0))
    left, top = round(column), round(row)
    if not told or (grid.height, grid.width) != (whole.height, whole.width):
        # what is never written, beyond the pair too, is no data
        with open_output(path, whole, names, np.float32, np.nan, sparse_ok=True, **options) as file:
            yield partial(_write, file, names, top, left, NOT_SEEN)
        return
    # in a file without a value for no data, what is never written is 0
    with open_output(path, whole, names, np.float32, None, **options) as file:
        yield partial(_write, file, names, top, left, 0)
    with rasterio.open(path, "r+") as file:
        file.nodata = np.nan
    room_left(path)


def _write(
    file: Any,
    names: Sequence[str],
    top: int,
    left: int,
    usual: int,
    row: int,
    column: int,
    scores: dict[str, np.ndarray],
) -> None:
    """Write the maps of one window, save rows of blocks where all is as the file has it anyway."""
    side = file.block_shapes[0][0]
    for band, name in enumerate(names, 1):
        height, width = scores[name].shape
        edges = [0, *range(side - (top + row) % side, height, side), height]
        for first, last in pairwise(edges):
            steps = scores[name][first:last]
            if (steps == usual).all():
                continue
            score = steps * np.float32(1 / SCORE_STEPS)
            score[steps == NOT_SEEN] = np.nan
            window = Window(left + column, top + row + first, width, last - first)
            file.write(score, band, window=window)


def _repeat(coarse: Path, path: Path, grid: Grid, names: Sequence[str]) -> None:
    """A raster again on a finer grid, each pixel taken from the one it lies in."""
    with (
        rasterio.open(coarse) as file,
        WarpedVRT(
            file,
            crs=grid.crs,
            transform=Affine(*grid.transform),
            width=grid.width,
            height=grid.height,
            resampling=Resampling.nearest,
        ) as fine,
        open_output(path, grid, names, np.float32, np.nan, **_OPTIONS) as out,
    ):
        for _, window in out.block_windows(1):
            out.write(fine.read(window=window), window=window)
