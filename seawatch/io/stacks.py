"""Bands of many files on unlike grids, decoded once into one GeoTIFF on the finest.

A window is read, cleaned and written at a time; no band is ever whole in memory.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.errors
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from ..errors import InputRefused
from ..scenes import Grid
from .files import aside
from .rasters import checked_grid, open_output, open_raster

_SIDE = 1024  # pixels: the tile of a Sentinel-2 JPEG 2000, so that each is decoded once
_MOST_PIXELS = 2**30  # of one band; the largest product has 6e8
_MOST_NEGATIVE = 0.5  # share of a window: noise taken away may leave some, not most

_SAME_CORNER = 1e-3  # pixels

Clean = Callable[[np.ndarray], np.ndarray]


def write_stack(
    home: Path,
    sources: Sequence[tuple[Path, int]],
    names: Sequence[str],
    *,
    nodata: float,
    resampling: Resampling = Resampling.bilinear,
    clean: Clean = lambda pixels: pixels,
    grid: Grid | None = None,
    progress: Callable[[str], object] = lambda step: None,
) -> Grid:
    """One GeoTIFF of `sources` (file, 1-based band), on `grid` or else that of the finest.

    Coarser ones are resampled. Where a source has no data, `nodata` is written; `clean`
    has the last word on each window, (band, row, column); `progress` is told each. Returns
    the grid.

    Raises
    ------
    InputRefused
        If a file is broken, has no place, or lies elsewhere than the finest.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(open_raster(path)) for path, _ in sources]
        finest = min(files, key=lambda file: file.res[0])
        grid = grid or checked_grid([finest])
        if grid.width * grid.height > _MOST_PIXELS:
            raise InputRefused(f"{finest.name}: {grid.width} x {grid.height} pixels; cut it up")
        views = [_on(grid, file, nodata, resampling, stack) for file in files]
        dtype = np.result_type(*(file.dtypes[0] for file in files))
        options = {"compress": "zstd", "interleave": "band", "bigtiff": "if_safer"}
        with (
            aside(home) as hidden,
            open_output(hidden, grid, names, dtype, nodata, **options) as out,
        ):
            windows = list(_windows(grid))
            for number, window in enumerate(windows, 1):
                progress(f"{home.name} {number}/{len(windows)}")
                pixels = np.empty((len(views), window.height, window.width), dtype)
                for at, (view, (_, index)) in enumerate(zip(views, sources, strict=True)):
                    pixels[at] = _read(view, index, window, nodata)
                try:
                    out.write(clean(pixels), window=window)
                except InputRefused as fault:
                    raise InputRefused(f"{sources[0][0]}: {fault}") from None
    return grid


def _on(grid: Grid, file: Any, nodata: float, resampling: Resampling, stack: ExitStack) -> Any:
    """An open file as it looks on the grid."""
    own = checked_grid([file])
    edges = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    there = [np.column_stack(g.ground(*(edges * (g.width, g.height)).T)) for g in (own, grid)]
    if own.crs != grid.crs or np.abs(there[0] - there[1]).max() > _SAME_CORNER * grid.pixel_size:
        raise InputRefused(f"{file.name}: not on the ground of the finer bands; copy it again")
    if file.shape == (grid.height, grid.width):
        return file
    vrt = WarpedVRT(
        file,
        crs=grid.crs,
        transform=Affine(*grid.transform),
        width=grid.width,
        height=grid.height,
        resampling=resampling,
        src_nodata=nodata,
        nodata=nodata,
    )
    return stack.enter_context(vrt)


def _windows(grid: Grid) -> Iterator[Window]:
    for row in range(0, grid.height, _SIDE):
        for column in range(0, grid.width, _SIDE):
            height, width = min(_SIDE, grid.height - row), min(_SIDE, grid.width - column)
            yield Window(column, row, width, height)


def _read(view: Any, index: int, window: Window, nodata: float) -> np.ndarray:
    try:
        return view.read(index, window=window, masked=True).filled(nodata)
    except rasterio.errors.RasterioError as error:
        raise InputRefused(
            f"{view.name}: broken or cut short ({error}); copy the file again"
        ) from None


def blank_any(pixels: np.ndarray) -> np.ndarray:
    """A window where what one band did not see, none did; 0 is no data."""
    pixels[:, (pixels == 0).any(axis=0)] = 0
    return pixels


def power(pixels: np.ndarray) -> np.ndarray:
    """A window of radar power, NaN where there is none.

    Raises
    ------
    InputRefused
        If the numbers are decibels.
    """
    known = np.isfinite(pixels)
    if (pixels[known] < 0).sum() > _MOST_NEGATIVE * known.sum():
        raise InputRefused("numbers below 0: decibels? give gamma nought as linear power")
    pixels[~(pixels > 0)] = np.nan
    return pixels
