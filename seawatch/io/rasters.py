"""Pixels: windows of two scenes on one grid, and rasters written whole.

Nothing here holds a scene in memory; a window is read when it is asked for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rasterio
import rasterio.errors
import shapely
from pyproj import CRS, Transformer
from rasterio._err import CPLE_BaseError  # what GDAL says where rasterio has no word of its own
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from ..errors import InputRefused, PairRefused
from ..geo import LONLAT, placeless
from ..scenes import Band, Grid, Image, Scene, ScenePair, Walk
from ..sensors import RADAR_BANDS
from . import between
from .files import aside, plain_file, plain_name, plain_text, room_left

_SIGNATURES = {
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",
    b"MM\0+": "GTiff",
    b"\0\0\0\x0cjP  ": "JP2OpenJPEG",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"EHFA": "HFA",
}
"""What may be opened, told by content: no virtual rasters, no services, whatever the name."""

# what a warped raster's added alpha band holds where there is data, by its type
_OPAQUE = {"uint16": 65535, "int16": 32767}

LEAST_PIXEL_M, MOST_PIXEL_M = 1e-3, 1e4
"""Sides of a pixel that a scene can have."""

SCORE_SIDE = 256
"""Pixels a side of a score map's blocks."""

_CACHE = 224 * 2**20  # bytes of decoded blocks: a row of windows over half of a Sentinel-2 scene
_OVERHEAD = 1.02  # of the block cache itself
_STRIP = 0.5  # share of a row that one block holds: more is no tile
_NO_DATA = 255  # of a mask
_MOST_VALUE = np.float32(1e30)  # larger ones stand for no data, declared or not
_MARGIN = 64  # pixels read around a window, at most
_HELD = 250  # bytes at least for each pixel of a window, in all of those that are thought about

_ROUNDED_DEG = 1e-6  # of a place that is computed
_SAME_GRID = 1e-3  # pixels: grids that differ by less are one

# what a product's own mask says was not ground seen well: no data, saturated, shadow, cloud,
# cirrus, snow (Sentinel-2 scene classification)
_SCL_UNSEEN = (0, 1, 3, 8, 9, 10, 11)
# fill, dilated cloud, cirrus, cloud, shadow, snow (Landsat Collection 2 QA_PIXEL bits)
_QA_UNSEEN = sum(1 << bit for bit in (0, 1, 2, 3, 4, 5))


def unseen(values: np.ndarray, code: str) -> np.ndarray:
    """Where a mask says the ground was not seen; `code` is one of sensors.MASK_CODES."""
    if code == "scl":
        return np.isin(values, _SCL_UNSEEN)
    if code == "qa_pixel":
        return (values & _QA_UNSEEN) != 0
    return values != 0


def open_raster(path: Path, threads: str = "ALL_CPUS") -> rasterio.DatasetReader:
    """A raster file, open for reading; so many threads decode what is read at once.

    Raises
    ------
    InputRefused
        If it is no raster that seawatch opens.
    """
    plain_file(path)
    if not plain_name(path):
        raise InputRefused(f"{plain_text(str(path))}: its name is no UTF-8; rename it")
    with path.open("rb") as file:
        start = file.read(16)
    driver = next((name for mark, name in _SIGNATURES.items() if start.startswith(mark)), None)
    if driver is None and header_of(path):
        driver = "ENVI"
    if driver is None:
        raise InputRefused(f"{path}: not a raster seawatch knows; convert it to GeoTIFF")
    try:
        with placeless():  # whoever needs a place asks for it, and says it better
            options = {"NUM_THREADS": threads} if driver == "GTiff" else {}
            return rasterio.open(path, driver=driver, **options)
    except rasterio.errors.RasterioIOError as error:
        raise InputRefused(
            f"{path}: not a raster seawatch can open ({error}); convert it to GeoTIFF"
        ) from None


def header_of(path: Path) -> Path | None:
    """The ENVI header beside a raster of bare numbers, if there is one."""
    names = [path.with_suffix(s) for s in (".hdr", ".HDR")] + [Path(f"{path}.hdr")]
    return next((name for name in names if name != path and name.is_file()), None)


@dataclass(frozen=True)
class _Part:
    """What a window needs of one file.

    raw : (band, row, column) of the file's own numbers; where the window lies `between` its
        pixels, wider by what a value between them is made of.
    valid : (row, column) of the window, of bool: where there is data.
    """

    raw: np.ndarray
    valid: np.ndarray
    between: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class _Source:
    """One open file of a scene, seen on a grid.

    column, row : of the grid's corner in the file, where its pixels are the file's own;
    between : and how far to the right and down of a pixel the grid's pixels lie, 0-1.
    """

    dataset: Any
    resampling: Resampling
    shifted: Any = None  # a WarpedVRT where the file lies on another grid
    column: int = 0
    row: int = 0
    between: tuple[float, float] = (0.0, 0.0)

    def on(self, grid: Grid, stack: ExitStack) -> "_Source":
        """The same file as it lies on another grid."""
        return _laid(stack, self.dataset, grid, self.resampling)

    def fetch(
        self, indexes: Sequence[int], row: int, column: int, height: int, width: int
    ) -> "_Part":
        """What a window needs of the file, read now."""
        if self.shifted is not None:
            window = Window(column, row, width, height)
            values = self.shifted.read([*indexes, alpha_of(self.shifted)], window=window)
            opaque = _OPAQUE.get(values.dtype.name, 255)
            return _Part(values[:-1], values[-1] == opaque)
        row, column = row + self.row, column + self.column
        if self.between == (0.0, 0.0) or self.resampling is Resampling.nearest:
            right, down = np.rint(self.between).astype(int)
            return _Part(*self._read_direct(indexes, row + down, column + right, height, width))
        reach = between.REACH
        wide = (row - reach, column - reach, height + 2 * reach, width + 2 * reach)
        raw, valid = self._read_direct(indexes, *wide, edge=True)
        if not valid.all():
            box = np.ones((2 * reach, 2 * reach), np.uint8)
            at = (reach - 1, reach - 1)
            valid = cv2.erode(valid.astype(np.uint8), box, anchor=at, borderValue=1) > 0
        # past the file's edge its last pixels stand in, half a pixel at most
        rows = np.arange(row, row + height) + self.between[1]
        columns = np.arange(column, column + width) + self.between[0]
        inside = np.outer(
            (rows >= -0.5) & (rows < self.dataset.height - 0.5),
            (columns >= -0.5) & (columns < self.dataset.width - 0.5),
        )
        return _Part(raw, valid[reach:-reach, reach:-reach] & inside, self.between)

    def _read_direct(
        self,
        indexes: Sequence[int],
        row: int,
        column: int,
        height: int,
        width: int,
        edge: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The file's own pixels; past its edge no data, or with `edge` its last pixels again."""
        top, left = max(row, 0), max(column, 0)
        bottom = min(row + height, self.dataset.height)
        right = min(column + width, self.dataset.width)
        if (top, left, bottom, right) == (row, column, row + height, column + width):
            window = Window(left, top, width, height)
            whole = self.dataset.read(list(indexes), window=window)
            return whole, self._has_data(window, whole)
        if bottom <= top or right <= left:
            nothing = np.zeros((len(indexes), height, width), self.dataset.dtypes[0])
            return nothing, np.zeros((height, width), bool)
        window = Window(left, top, right - left, bottom - top)
        values = self.dataset.read(list(indexes), window=window)
        valid = self._has_data(window, values)
        beyond = ((top - row, row + height - bottom), (left - column, column + width - right))
        if edge:
            return np.pad(values, ((0, 0), *beyond), "edge"), np.pad(valid, beyond, "edge")
        return np.pad(values, ((0, 0), *beyond)), np.pad(valid, beyond)

    def _has_data(self, window: Window, values: np.ndarray) -> np.ndarray:
        # a mask's own values say what they mean: its 0 is clear, though the file call it no data
        if self.resampling is Resampling.nearest:
            return np.ones(values.shape[1:], bool)
        return _has_data(self.dataset, window, values)


@cache
def _between_crs(one: str, other: str) -> Transformer:
    """From one CRS to another; slow to make, and asked for again and again."""
    return Transformer.from_crs(CRS(one), CRS(other), always_xy=True)


@cache
def _same_crs(one: str, other: str) -> bool:
    return bool(CRS(one) == CRS(other))


def alpha_of(dataset: rasterio.DatasetReader) -> int | None:
    """The band that holds transparency, if there is one."""
    kinds = dataset.colorinterp
    return kinds.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in kinds else None


def _has_data(dataset: rasterio.DatasetReader, window: Window, values: np.ndarray) -> np.ndarray:
    """Where a window holds data: by its transparency, else where not every band is no data.

    values : (band, row, column) of the window, read already.
    """
    alpha = alpha_of(dataset)
    if alpha:
        return dataset.read(alpha, window=window) > 0
    if MaskFlags.per_dataset in dataset.mask_flag_enums[0]:
        return dataset.read_masks(1, window=window) > 0
    nodata = dataset.nodata
    if nodata is None:
        return np.ones(values.shape[1:], bool)
    if np.isnan(nodata):
        return ~np.isnan(values).all(axis=0)
    if values.dtype.kind in "iu" and float(nodata).is_integer():
        nodata = int(nodata)  # or all numbers would be made decimals to be compared
    # a band at a time and only where it is needed: the first band settles most pixels
    valid = values[0] != nodata
    if not valid.all():
        valid |= (values[1:] != nodata).any(axis=0)
    return valid


def _source(
    stack: ExitStack, path: Path, grid: Grid, resampling: Resampling, threads: str = "ALL_CPUS"
) -> _Source:
    dataset = stack.enter_context(open_raster(path, threads))
    checked_grid([dataset])
    return _laid(stack, dataset, grid, resampling)


def _laid(
    stack: ExitStack, dataset: rasterio.DatasetReader, grid: Grid, resampling: Resampling
) -> _Source:
    """An open file as it lies on a grid."""
    offset = _offset(dataset, grid)
    if offset is not None:
        whole = np.floor(offset + _SAME_GRID)
        between = np.maximum(offset - whole, 0)
        between[between < 2 * _SAME_GRID] = 0
        column, row = (int(number) for number in whole)
        return _Source(dataset, resampling, None, column, row, (between[0], between[1]))
    averaged = resampling is Resampling.cubic and _finer(dataset, grid)
    # see `_Source._has_data`
    nodata = {"src_nodata": _NO_DATA} if resampling is Resampling.nearest else {}
    try:
        warped = WarpedVRT(
            dataset,
            crs=grid.crs,
            transform=Affine(*grid.transform),
            width=grid.width,
            height=grid.height,
            resampling=Resampling.average if averaged else resampling,
            # a file's own transparency is kept, else a band of it is added last
            add_alpha=alpha_of(dataset) is None,
            **nodata,
        )
    except (rasterio.errors.RasterioError, CPLE_BaseError) as error:
        raise PairRefused(
            f"{dataset.name}: cannot be laid on {grid.crs} ({error}); reproject it"
        ) from None
    return _Source(dataset, resampling, stack.enter_context(warped))


def _finer(dataset: rasterio.DatasetReader, grid: Grid) -> bool:
    """Whether a file's pixels are so much smaller than the grid's that single ones say little."""
    middle = _grid(dataset)
    x, y = grid.ground(grid.width / 2, grid.height / 2)
    a, b = grid.ground(grid.width / 2 + 1, grid.height / 2 + 1)
    there = _between_crs(grid.crs, middle.crs)
    (x0, x1), (y0, y1) = there.transform([x, a], [y, b])
    columns, rows = middle.pixel(np.array([x0, x1]), np.array([y0, y1]))
    return bool(abs(columns[1] - columns[0]) * abs(rows[1] - rows[0]) > 4)


def _offset(dataset: rasterio.DatasetReader, grid: Grid) -> np.ndarray | None:
    """Column and row of the grid's corner in the file, if its pixels are as large and straight."""
    own = _grid(dataset)
    if not _same_crs(own.crs, grid.crs):
        return None
    edges = np.array([(0, 0), (grid.width, grid.height), (0, grid.height)])
    places = np.column_stack(own.pixel(*grid.ground(*edges.T)))
    if np.abs(places - edges - places[0]).max() > _SAME_GRID:
        return None
    return places[0]


_Box = tuple[int, int, int, int]
"""Row, column, height and width of a window."""


@dataclass(frozen=True)
class SceneReader:
    """Windows of one scene on a grid, as reflectance."""

    scene: Scene
    bands: tuple[str, ...]
    grid: Grid
    _sources: dict[Path, _Source] = field(repr=False)
    _mask: _Source | None = field(repr=False)

    @property
    def files(self) -> list[Any]:
        """The open rasters."""
        return [source.dataset for source in self._sources.values()]

    def read(self, row: int, column: int, height: int, width: int) -> Image:
        """The window whose first pixel is (`row`, `column`); NaN where not seen."""
        return self.fetch(row, column, height, width)()

    def fetch(self, row: int, column: int, height: int, width: int) -> Callable[[], Image]:
        """The same, in two steps: the files are read now, the image is made when it is called once.

        Reading takes one thread at a time; making can go on in others.
        """
        window = (row, column, height, width)
        with self._readable():
            parts = [self._part(path, source, window) for path, source in self._sources.items()]
            mask = None if self._mask is None else self._mask.fetch([1], *window)
        return partial(self._made, parts, mask, self.grid.window(*window))

    def read_on(self, grid: Grid, bands: Sequence[str]) -> Image:
        """Some bands of the scene on the whole of another grid, its files open already.

        One file after the other is laid on it: GDAL keeps one way from a CRS to another at hand,
        and looks for it again, a twentieth of a second long, while that is in use.
        """
        there = SceneReader(self.scene, tuple(bands), grid, {}, None)
        whole = (0, 0, grid.height, grid.width)
        parts, mask = [], None
        with self._readable():
            for path, source in self._sources.items():
                with ExitStack() as stack:
                    parts.append(there._part(path, source.on(grid, stack), whole))
            if self._mask is not None:
                with ExitStack() as stack:
                    mask = self._mask.on(grid, stack).fetch([1], *whole)
        return there._made(parts, mask, grid)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except rasterio.errors.RasterioIOError as error:
            raise InputRefused(
                f"{self.scene.scene_id}: pixels cannot be read ({error}); copy the file again"
            ) from None

    def _part(self, path: Path, source: _Source, window: _Box) -> tuple[list[Band], _Part]:
        """What a window needs of one file: its bands, and their numbers."""
        here = [b for b in self.scene.bands if b.path == path and b.name in self.bands]
        return here, source.fetch([band.index for band in here], *window)

    def _made(
        self,
        parts: list[tuple[list[Band], _Part]],
        mask: _Part | None,
        grid: Grid,
    ) -> Image:
        pixels = np.empty((len(self.bands), grid.height, grid.width), np.float32)
        seen, decimals = np.ones((grid.height, grid.width), bool), False
        if not parts:
            raise RuntimeError("an image is made once: its file's numbers are gone")
        while parts:  # the file's own numbers are let go one by one
            here, part = parts.pop()
            seen &= part.valid
            decimals |= part.raw.dtype.kind == "f"
            maps = [self.bands.index(band.name) for band in here]
            scales, offsets = ([getattr(b, name) for b in here] for name in ("scale", "offset"))
            between.fill(part.raw, part.between, pixels, maps, scales, offsets)
        if mask is not None:
            seen &= mask.valid & ~unseen(mask.raw[0], self.scene.mask_code)
        if decimals:
            for values in pixels:  # what is no number is no more than what is beyond all measure
                seen &= np.abs(values) <= _MOST_VALUE
        if not seen.all():
            hidden = ~seen
            for values in pixels:
                np.putmask(values, hidden, np.nan)
        return Image(pixels, self.bands, grid)

    @contextmanager
    def on(self, grid: Grid) -> Iterator["SceneReader"]:
        """The same scene, its files open already, on another grid."""
        with ExitStack() as stack:
            sources = {path: source.on(grid, stack) for path, source in self._sources.items()}
            mask = self._mask and self._mask.on(grid, stack)
            yield SceneReader(self.scene, self.bands, grid, sources, mask)


@contextmanager
def open_scene(
    scene: Scene, grid: Grid, bands: Sequence[str], threads: str = "ALL_CPUS"
) -> Iterator[SceneReader]:
    """`bands` of a scene on `grid`, warped where its own grid is another."""
    with ExitStack() as stack:
        files = dict.fromkeys(band.path for band in scene.bands if band.name in bands)
        sources = {path: _source(stack, path, grid, Resampling.cubic, threads) for path in files}
        mask = None
        if scene.mask:
            mask = _source(stack, scene.mask, grid, Resampling.nearest, threads)
        yield SceneReader(scene, tuple(bands), grid, sources, mask)


@dataclass(frozen=True)
class PairReader:
    """Windows of two scenes on the later one's grid; the earlier is read in `beside`."""

    pair: ScenePair
    before: SceneReader
    after: SceneReader
    beside: Executor

    @property
    def grid(self) -> Grid:
        """Where the windows lie."""
        return self.after.grid

    @property
    def walk(self) -> Walk:
        """How its windows are best walked.

        Their edges run through the middles of a file's tiles, so that a margin needs no more
        of them, and as many go abreast as leave what two rows of them share at hand; along the
        strips of a file that has no tiles.
        """
        if self._tiled:
            rows, columns = (max(n // 2 // 8 * 8, 128) for n in self._files[-1].block_shapes[0])
            return Walk(abreast=self._abreast, first_row=rows, first_column=columns)
        rows = _CACHE // self._row_bytes - 2 * _MARGIN
        height = int(np.clip(rows // 64 * 64, 128, Walk.height))
        # with its margins as many pixels as another window, fewer by what the strips take up
        high = height + 2 * _MARGIN
        whole = (Walk.height + 2 * _MARGIN) * (Walk.width + 2 * _MARGIN)
        whole -= max(self._strips(high) - _CACHE, 0) // _HELD
        width = max(whole // high // SCORE_SIDE * SCORE_SIDE, 2 * SCORE_SIDE)
        return Walk(height, width, -(-self.grid.width // width), height, width)

    @property
    def cache_bytes(self) -> int:
        """Decoded blocks to keep while the windows are walked."""
        if self._tiled:
            return _CACHE
        return max(_CACHE, self._strips(self.walk.height + 2 * _MARGIN))

    @property
    def _tiled(self) -> bool:
        """Whether no block is a good part of a row, or the rows are short."""
        whole = (self.grid.width - 1) * _STRIP
        return whole < Walk.width or all(f.block_shapes[0][1] <= whole for f in self._files)

    @property
    def _abreast(self) -> int:
        """Windows side by side before the next row, where a file has tiles.

        The tiles on the edge of a group of columns are decoded with either: the fewer groups
        the better, as long as a row of their tiles is still there for the next.
        """
        high, wide = (max(f.block_shapes[0][side] for f in self._files) for side in (0, 1))
        column = (-(-Walk.height // high) + 1) * high * wide * self._row_bytes / self.grid.width
        fit = max(int(_CACHE / _OVERHEAD / column), 2)
        groups = -(-max(-(-self.grid.width // wide) - 1, 1) // (fit - 1))
        return -(-(-(-self.grid.width // Walk.width) + 1) // groups)

    def _strips(self, rows: int) -> int:
        """Bytes that so many rows of both scenes take up, with all of the strips at both ends."""
        high = max(file.block_shapes[0][0] for file in self._files)
        return int(_OVERHEAD * (rows + 2 * high) * self._row_bytes)

    @property
    def _files(self) -> list[Any]:
        return [f for scene in (self.before, self.after) for f in scene.files]

    @property
    def _row_bytes(self) -> int:
        """What a row of both scenes takes, decoded."""
        sizes = [f.count * np.dtype(f.dtypes[0]).itemsize * f.width for f in self._files]
        return int(sum(sizes))

    def read(self, row: int, column: int, height: int, width: int) -> tuple[Image, Image]:
        """The same window of both scenes."""
        return self.fetch(row, column, height, width)()

    def fetch(
        self, row: int, column: int, height: int, width: int
    ) -> Callable[[], tuple[Image, Image]]:
        """The same in two steps, the second once: see `SceneReader.fetch`.

        The earlier scene's file may still be read when this comes back; making the images waits.
        """
        window = (row, column, height, width)
        reading = self.beside.submit(self.before.fetch, *window)
        late = self.after.fetch(*window)
        return lambda: (reading.result()(), late())

    @contextmanager
    def placed(self, before: Grid, after: Grid) -> Iterator["PairReader"]:
        """The same pair, each scene read as if it lay on a grid of its own, of one size."""
        with self.before.on(before) as early, self.after.on(after) as late:
            try:
                yield PairReader(self.pair, early, late, self.beside)
            finally:
                self.beside.submit(int).result()  # what is read of these files still


@contextmanager
def open_pair(pair: ScenePair, crs: object) -> Iterator[PairReader]:
    """Both scenes of a pair on one's grid, cut to their overlap.

    The grid is the later's, or the earlier's where that is far coarser; a finer scene is
    averaged over its pixels. `crs` is that of the pair's overlap. Only bands both scenes
    have are read.

    Raises
    ------
    InputRefused
        If they share no band or no ground.
    """
    bands = [b.name for b in pair.after.bands if b.name in {c.name for c in pair.before.bands}]
    if not bands:
        raise InputRefused(
            f"{pair.before.scene_id} and {pair.after.scene_id}: no band in common; "
            "name their bands with --bands"
        )
    scene = pair.ground
    shared = next(band for band in scene.bands if band.name in bands)
    with open_raster(shared.path) as dataset:
        grid = _cut(_grid(dataset), pair, crs)
    with (
        # a thread each: more would stand in the way of those that think about the pair
        open_scene(pair.before, grid, bands, threads="1") as before,
        open_scene(pair.after, grid, bands, threads="1") as after,
        ThreadPoolExecutor(1) as beside,
    ):
        reader = PairReader(pair, before, after, beside)
        with rasterio.Env(GDAL_CACHEMAX=reader.cache_bytes):
            yield reader


def grid_of(scene: Scene, names: Collection[str] = ()) -> Grid:
    """The grid of a scene's own pixels, as a file of any of the named bands has it.

    Raises
    ------
    InputRefused
        If that is no raster, or lies nowhere.
    """
    first = next(band for band in scene.bands if not names or band.name in names)
    with open_raster(first.path) as dataset:
        return checked_grid([dataset])


def degrees_of(path: Path) -> CRS:
    """Longitude and latitude as a raster's own CRS has them, on its own datum.

    Raises
    ------
    InputRefused
        If it is no raster, or has no CRS or position.
    """
    with open_raster(path) as dataset:
        return CRS(checked_grid([dataset]).crs).geodetic_crs or CRS(LONLAT)


def write_windows(
    path: Path,
    grid: Grid,
    bands: Sequence[str],
    windows: Iterable[tuple[tuple[int, int, int, int], np.ndarray]],
) -> None:
    """A float32 GeoTIFF of windows (row, column, height, width) and their (band, ...) maps."""
    with aside(path) as hidden, open_output(hidden, grid, bands, np.float32, np.nan) as file:
        for (row, column, height, width), maps in windows:
            file.write(maps.astype(np.float32), window=Window(column, row, width, height))


def _grid(dataset: rasterio.DatasetReader) -> Grid:
    crs = ":".join(dataset.crs.to_authority() or ()) or dataset.crs.to_wkt()
    return Grid(crs, tuple(dataset.transform)[:6], dataset.width, dataset.height)


def _meets(scene: Grid, mask: Grid) -> bool:
    """Whether a scene has ground in common with a mask, which may be of far more."""
    outline = scene.outline()
    corners = shapely.get_coordinates(shapely.segmentize(outline, outline.length / 40))
    x, y = _between_crs(scene.crs, mask.crs).transform(*corners.T)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return False
    return bool(shapely.Polygon(np.column_stack([x, y])).intersection(mask.outline()).area > 0)


def _cut(grid: Grid, pair: ScenePair, crs: object) -> Grid:
    """The part of `grid` that covers the pair's overlap, whole pixels."""
    transformer = _between_crs(CRS(crs).to_wkt(), grid.crs)
    edge = shapely.segmentize(pair.overlap.boundary, max(pair.overlap.length / 200, 1e-9))
    x, y = transformer.transform(*shapely.get_coordinates(edge).T)
    columns, rows = grid.pixel(np.asarray(x), np.asarray(y))
    # an edge that is a pixel's edge but for rounding takes no further pixel
    left = max(int(np.floor(columns.min() + _SAME_GRID)), 0)
    top = max(int(np.floor(rows.min() + _SAME_GRID)), 0)
    right = min(int(np.ceil(columns.max() - _SAME_GRID)), grid.width)
    bottom = min(int(np.ceil(rows.max() - _SAME_GRID)), grid.height)
    if right <= left or bottom <= top:
        raise PairRefused(
            f"{pair.before.scene_id} and {pair.after.scene_id} do not overlap; "
            "check their CRS and position"
        )
    return grid.window(top, left, bottom - top, right - left)


def inspect(
    bands: Sequence[Band], mask: Path | None, mask_code: str, decode: bool = True
) -> tuple[Grid, float]:
    """The grid of a scene's files and the share of it that was seen, 0-1.

    Every block is decoded, so that a file cut short is found here and not at sea; not so
    without `decode`, where whoever reads the pixels next finds it, and the share is 1.

    Raises
    ------
    InputRefused
        Without a CRS or position, with files on unlike grids, with broken pixels, or with radar
        in decibels.
    """
    with ExitStack() as stack:
        paths = list(dict.fromkeys(band.path for band in bands))
        files = [stack.enter_context(open_raster(path)) for path in paths]
        count = {path: file.count for path, file in zip(paths, files, strict=True)}
        for band in bands:
            if band.index > count[band.path]:
                raise InputRefused(
                    f"{band.path}: has {count[band.path]} bands, none of number {band.index} for "
                    f"{band.name}; name its own"
                )
        grid = checked_grid(files)
        source = _source(stack, mask, grid, Resampling.nearest) if mask else None
        if source and not _meets(grid, _grid(source.dataset)):
            raise InputRefused(f"{mask}: lies nowhere on {paths[0]}; give the mask of this raster")
        if not decode:
            return grid, 1.0
        seen = negative = 0
        for _, window in files[0].block_windows(1):
            box = (window.row_off, window.col_off, window.height, window.width)
            good = np.ones((window.height, window.width), bool)
            for file in files:
                values, whole = _decode(file, window)
                good &= whole
                negative += int(np.count_nonzero(values[0] < 0))
            if source is not None:
                with whole_file(source.dataset):
                    part = source.fetch([1], *box)
                good &= part.valid & ~unseen(part.raw[0], mask_code)
            seen += int(good.sum())
    radar = any(band.name in RADAR_BANDS for band in bands)
    if radar and negative > len(files) * grid.width * grid.height / 2:
        raise InputRefused(
            f"{paths[0]}: most pixels are negative, as in decibels; give linear power or amplitude"
        )
    return grid, seen / (grid.width * grid.height)


def checked_grid(files: Sequence[rasterio.DatasetReader]) -> Grid:
    """The one grid that open files share.

    Raises
    ------
    InputRefused
        Without a CRS or a position on the Earth, or with files on unlike grids.
    """
    for file in files:
        if file.crs is None or file.transform.is_identity:
            raise InputRefused(
                f"{file.name}: no CRS or no position; georeference it, "
                "e.g. with QGIS or gdal_translate -a_srs"
            )
        if fault := _misplaced(_grid(file)):
            raise InputRefused(f"{file.name}: {fault}; georeference it anew")
    grid = _grid(files[0])
    for file in files[1:]:
        if _grid(file) != grid:
            raise InputRefused(f"{file.name}: not on the grid of {files[0].name}; resample it")
    return grid


@cache
def _misplaced(grid: Grid) -> str | None:
    """Why a grid can lie nowhere on the Earth, or None."""
    a, b, _, d, e, _ = grid.transform
    if not (np.isfinite(grid.transform).all() and np.isfinite(a * e - b * d) and a * e != b * d):
        return f"its geotransform {grid.transform} is no position"
    crs = CRS(grid.crs)
    if not (crs.is_geographic or crs.is_projected) or crs.ellipsoid is None:
        return f"its CRS ({crs.name}) is of no map of the Earth"
    radius_m = crs.ellipsoid.semi_major_metre
    if not 6.3e6 < radius_m < 6.4e6 or crs.geodetic_crs is None:
        return f"its CRS ({crs.name}) is of another body than the Earth"
    metre = crs.axis_info[0].unit_conversion_factor  # in radians for degrees
    unit_m = metre * radius_m if crs.is_geographic else metre
    side_m = float(abs(a * e - b * d) ** 0.5 * unit_m)
    if not LEAST_PIXEL_M <= side_m <= MOST_PIXEL_M:
        return f"its pixels are {side_m:g} m wide: its CRS is not that of its coordinates"
    columns, rows = np.meshgrid([0.0, 0.5, 1.0], [0.0, 0.5, 1.0])
    x, y = grid.ground(columns.ravel() * grid.width, rows.ravel() * grid.height)
    degrees = _between_crs(grid.crs, crs.geodetic_crs.to_wkt())
    lon, lat = degrees.transform(x, y)
    beyond = max(np.abs(lon).max() - 180, np.abs(lat).max() - 90)
    if not beyond <= _ROUNDED_DEG:  # nor where it is infinite
        return (
            f"its corners lie at longitudes {min(lon):g} to {max(lon):g} and latitudes "
            f"{min(lat):g} to {max(lat):g}, beyond -180 to 180 and -90 to 90"
        )
    return None


def _decode(file: rasterio.DatasetReader, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """A window's bands, and where they hold data."""
    with whole_file(file):
        values = file.read(window=window)
        good = _has_data(file, window, values)
    if values.dtype.kind == "f":
        good = good & np.isfinite(values).all(axis=0)
    return values, good


@contextmanager
def whole_file(file: rasterio.DatasetReader) -> Iterator[None]:
    """What cannot be read of a file, said as `InputRefused`."""
    try:
        yield
    except rasterio.errors.RasterioIOError as error:
        raise InputRefused(
            f"{file.name}: broken or cut short ({error}); copy the file again"
        ) from None


def write_geotiff(
    path: Path, pixels: np.ndarray, grid: Grid, *, bands: Sequence[str], nodata: float | None
) -> None:
    """(band, row, column) `pixels` as a tiled, compressed GeoTIFF with its bands named."""
    with aside(path) as hidden, open_output(hidden, grid, bands, pixels.dtype, nodata) as file:
        file.write(pixels)


@contextmanager
def open_output(
    path: Path, grid: Grid, bands: Sequence[str], dtype: Any, nodata: float | None, **options: Any
) -> Iterator[Any]:
    """A GeoTIFF to write window by window; `options` are the driver's own."""
    profile = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": len(bands),
        "dtype": np.dtype(dtype).name,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "nodata": nodata,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        # four bytes a pixel are four bands, not colours and their transparency
        "photometric": "MINISBLACK",
        "predictor": 3 if np.dtype(dtype).kind == "f" else 2,
    }
    with rasterio.open(path, "w", **(profile | options)) as file:
        file.descriptions = tuple(bands)
        yield file
    room_left(path)
