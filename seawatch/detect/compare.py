"""One pair, window by window: lay the scenes on each other, learn, detect, outline."""

import hashlib
from base64 import b32encode
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import cv2
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..confidence import smallest_m2
from ..geo import ellipsoidal_area_m2
from ..scenes import Grid, Image, ScenePair
from ..sensors import SENSORS
from ..tables import CHANGES, COVERAGE
from . import backscatter, general, outline, registration, sea, speckle, water
from ._detector import REACH, Context, Detector, Waters, inside_by

TILE = 1024
_HALO = REACH  # pixels around a tile: the widest surroundings a detector looks at, and the reach
_SAMPLES = 200_000  # pixels a change model is learnt from
_LEARN_WINDOWS = 16
_RAGGED = 3  # pixels beside a cloud: masks miss its thin edge
_LEAST_PIXELS = 3
_FIVE = np.ones((5, 5), np.uint8)
_AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RAGGED + 1,) * 2)
_ABREAST = 4  # tiles side by side, see _tiles
_AHEAD = 2  # tiles thought about while the next is read
_BLOCK = 8  # pixels a side of the coverage map's cells
_EDGE_PIXELS = 0.3  # how well an outline follows the object, one standard deviation

Scores = dict[str, np.ndarray]
_Window = tuple[int, int, int, int]  # row, column, height, width


class Reader(Protocol):
    """Windows of two scenes on one grid."""

    @property
    def pair(self) -> ScenePair:
        """The two scenes."""

    @property
    def grid(self) -> Grid:
        """Where the windows lie."""

    def read(self, row: int, column: int, height: int, width: int) -> tuple[Image, Image]:
        """The same window of both scenes."""

    def moved(self, columns: float, rows: float) -> AbstractContextManager["Reader"]:
        """The same, the earlier scene taken so far right and down, in pixels."""


@dataclass(frozen=True)
class Comparison:
    """What one pair showed: changes and coverage in the asked CRS.

    shift : how the earlier scene lies beside the later, on whose `grid` they were compared.
    """

    changes: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    shift: registration.Shift
    grid: Grid


def compare(
    reader: Reader,
    detectors: Sequence[Detector],
    crs: object,
    keep: Callable[[int, int, Scores], None] | None = None,
) -> Comparison:
    """Changes of one pair.

    Parameters
    ----------
    crs : of the tables that come out, metres.
    keep : called with (row, column, scores) of every tile, to write the score maps;
        scores holds ``change`` and one map a detector, by its kind.
    """
    with laid_on(reader) as laid:
        tiles = []
        blocks = np.zeros([-(-n // _BLOCK) for n in (reader.grid.height, reader.grid.width)], bool)
        for tile in _looked_at(laid, detectors, keep is not None):
            tiles.append(tile.footprints)
            _mark(blocks, tile.core, tile.seen)
            if keep:
                keep(tile.core[0], tile.core[1], tile.scores)
    changes = _changes(reader, laid.shift, tiles, crs)
    coverage = _coverage(reader, laid.shift, blocks, crs)
    return Comparison(changes, coverage, laid.shift, reader.grid)


@dataclass(frozen=True)
class Laid:
    """A pair whose scenes lie on each other, and what was learnt of it.

    reader : of the pair as it is; aligned : of the earlier scene moved onto the later.
    """

    reader: Reader
    aligned: Reader
    shift: registration.Shift
    learnt: "_Learnt"

    def read(self, window: _Window) -> tuple[Image, Image]:
        """A window of both scenes, laid on each other as that place needs it."""
        row, column, height, width = window
        x, y = self.reader.grid.ground(column + width / 2, row + height / 2)
        here = self.shift.at(x, y)
        if here == (self.shift.columns, self.shift.rows):
            return self.aligned.read(*window)
        with self.reader.moved(*here) as moved:
            return moved.read(*window)


@contextmanager
def laid_on(reader: Reader) -> Iterator[Laid]:
    """Measure the pair's shift, undo it, and learn its change model and waterlines."""
    shift = registration.measure(list(_learning_windows(reader)))
    with reader.moved(shift.columns, shift.rows) as aligned:
        yield Laid(reader, aligned, shift, _learn(aligned))


@dataclass(frozen=True)
class _Tile:
    """What one tile showed; maps are of its core."""

    core: _Window
    seen: np.ndarray
    scores: Scores
    footprints: pd.DataFrame


def _looked_at(laid: Laid, detectors: Sequence[Detector], keep_scores: bool) -> Iterator[_Tile]:
    """Every tile in turn: windows are read here, and thought about beside, a few at a time."""
    waiting: deque[Future[_Tile]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for core, halo in _tiles(laid.aligned.grid):
            images = laid.read(halo)
            place = laid.aligned.grid.window(*core)
            if len(waiting) == _AHEAD:
                yield waiting.popleft().result()
            task = (images, core, halo, place, laid.learnt, detectors, keep_scores)
            waiting.append(pool.submit(_tile, *task))
            del images, task  # two bands of a wide tile at once are enough
        while waiting:
            yield waiting.popleft().result()


def _tile(
    images: tuple[Image, Image],
    core: _Window,
    halo: _Window,
    place: Grid,
    learnt: "_Learnt",
    detectors: Sequence[Detector],
    keep_scores: bool,
) -> _Tile:
    looked, inner = look(images, learnt, detectors), _inner(core, halo)
    scores = {kind: score[inner] for kind, score in looked.scores.items()}
    reach, offshore = _reach(looked.context, inner) if looked.found.any() else ({}, None)
    kinds = [detector.kind for detector in detectors]
    footprints = outline.footprints(
        looked.found[inner], kinds, scores, reach, offshore, place, _LEAST_PIXELS
    )
    return _Tile(core, looked.seen[inner], scores if keep_scores else {}, footprints)


@dataclass(frozen=True)
class _Learnt:
    pixel_m: float
    change: general.ChangeModel | speckle.SpeckleModel | None
    before: water.Waterline | backscatter.Waterline | None
    after: water.Waterline | backscatter.Waterline | None
    palest: float | None = None
    radar: bool = False


def _windows(grid: Grid, size: int) -> list[tuple[int, int, int, int]]:
    return [
        (row, column, min(size, grid.height - row), min(size, grid.width - column))
        for row in range(0, grid.height, size)
        for column in range(0, grid.width, size)
    ]


def _learning_windows(reader: Reader) -> Iterator[tuple[Image, Image]]:
    """Windows spread over the pair, enough to learn from whatever its size."""
    windows = _windows(reader.grid, TILE // 2)
    step = max(1, round(len(windows) / _LEARN_WINDOWS))
    for window in windows[:: step if step % 2 or step == 1 else step + 1]:
        before, after, seen = _both_seen(*reader.read(*window))
        if seen.any():
            yield before, after


def _both_seen(before: Image, after: Image) -> tuple[Image, Image, np.ndarray]:
    """Both images with everything blank that was not seen, or only half seen, in either."""
    hidden = ~(before.seen & after.seen)
    if hidden.any():
        # single masked pixels are bright roofs, not clouds: nothing around them is hidden
        clouds = cv2.morphologyEx(hidden.astype(np.uint8), cv2.MORPH_OPEN, _FIVE)
        hidden |= cv2.dilate(clouds, _AROUND) > 0
        for image in (before, after):
            image.pixels[:, hidden] = np.nan
    return before, after, ~hidden


def _learn(reader: Reader) -> _Learnt:
    """The pair's own change model and waterlines."""
    pixel_m = reader.pair.ground.resolution_m
    pairs = list(_learning_windows(reader))
    if not pairs:
        return _Learnt(pixel_m, None, None, None)
    if SENSORS[reader.pair.after.sensor].family == "sar":
        return _learn_radar(pairs, pixel_m)
    total = sum(before.pixels[0].size for before, _ in pairs)
    step = max(1, int((total / _SAMPLES) ** 0.5))
    samples: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for images in pairs:
        # every so many rows and columns: neighbours tell the same
        thinned = [
            image.pixels[:, ::step, ::step].reshape(len(image.bands), -1) for image in images
        ]
        seen = np.isfinite(thinned[0]).all(axis=0)
        for pixels, kept in zip(thinned, samples, strict=True):
            kept.append(pixels[:, seen])
    model = general.fit(np.hstack(samples[0]), np.hstack(samples[1]))
    bands = water.index_bands(pairs[0][1].bands)
    if bands is None:
        return _Learnt(pixel_m, model, None, None)
    before = water.find_waterline((pair[0] for pair in pairs), bands)
    after = water.find_waterline((pair[1] for pair in pairs), bands)
    # one scene of a pair may lack a shore in the clear; the other's waterline is the best guess
    known = before or after or water.standard_waterline(bands)
    lines = (before or known, after or known)
    # cloud the mask missed makes land look paler: the clearer scene of the two is right
    pale = [
        water.palest_land((pair[n], line.share(pair[n])) for pair in pairs)
        for n, line in enumerate(lines)
    ]
    told = [value for value in pale if value is not None]
    return _Learnt(pixel_m, model, *lines, min(told) if told else None)


def _learn_radar(pairs: list[tuple[Image, Image]], pixel_m: float) -> _Learnt:
    """The speckle of a radar pair, and how dark its water is."""
    amplitude = backscatter.amplitude
    model = speckle.fit([(amplitude(before), amplitude(after)) for before, after in pairs])
    calm = [[backscatter.calmed(image) for image in images] for images in zip(*pairs, strict=True)]
    lines = [backscatter.find_waterline(images) for images in calm]
    known = lines[0] or lines[1]
    if known is None:
        return _Learnt(pixel_m, model, None, None, radar=True)
    return _Learnt(pixel_m, model, lines[0] or known, lines[1] or known, radar=True)


def _tiles(grid: Grid) -> Iterator[tuple[_Window, _Window]]:
    """Each tile's core and the same with its halo, as (row, column, height, width).

    Down one column of few tiles after another, so that the file's blocks that two tiles
    share are still at hand when the second is read, however wide the scene is.
    """
    cores = sorted(_windows(grid, TILE), key=lambda w: (w[1] // (TILE * _ABREAST), w[0], w[1]))
    for core in cores:
        row, column, height, width = core
        top, left = max(row - _HALO, 0), max(column - _HALO, 0)
        bottom = min(row + height + _HALO, grid.height)
        right = min(column + width + _HALO, grid.width)
        yield core, (top, left, bottom - top, right - left)


def _inner(core: _Window, halo: _Window) -> tuple[slice, slice]:
    row, column = core[0] - halo[0], core[1] - halo[1]
    return slice(row, row + core[2]), slice(column, column + core[3])


@dataclass(frozen=True)
class Looked:
    """What one window showed; every map is (row, column).

    scores : ``change`` and one map a detector, by its kind.
    found : number of the detector that found each pixel changed, from 1; else 0.
    context : what they were told; seen : where the ground was seen in both scenes.
    """

    scores: Scores
    found: np.ndarray
    context: Context
    seen: np.ndarray


def look(images: tuple[Image, Image], learnt: "_Learnt", detectors: Sequence[Detector]) -> Looked:
    """What the detectors make of one window of both scenes."""
    before, after, seen = _both_seen(*images)
    if learnt.change is not None and learnt.radar:
        change = learnt.change.score(backscatter.amplitude(before), backscatter.amplitude(after))
    elif learnt.change is not None:
        change = learnt.change.score(before.pixels, after.pixels)
    else:
        change = np.where(seen, np.float32(0), np.float32(np.nan))
    if learnt.radar:
        before, after = backscatter.calmed(before), backscatter.calmed(after)
    context = _context(before, after, change, learnt)
    scores = {"change": change}
    found = np.zeros(seen.shape, np.uint8)
    for number, detector in enumerate(detectors, 1):
        # one act is one object: the first that knows what it is has it
        score = detector(before, after, context)
        changed = score >= outline.CHANGED
        if (taken := changed & (found > 0)).any():
            score = np.where(taken, np.float32(0), score)
            changed &= ~taken
        found[changed] = number
        scores[detector.kind] = score
    return Looked(scores, found, context, seen)


def _context(before: Image, after: Image, change: np.ndarray, learnt: "_Learnt") -> Context:
    """What the detectors are told of a window."""
    if learnt.before is None or learnt.after is None:
        return Context(change, learnt.pixel_m)
    wet = [line.share(image) for line, image in ((learnt.before, before), (learnt.after, after))]
    box = np.ones((2 * sea.SHORE + 1,) * 2, np.uint8)
    near = [cv2.dilate((share <= 0.5).astype(np.uint8), box) > 0 for share in wet]
    was_sea = (wet[0] > 0.5) & ~near[0] & np.isfinite(wet[1])
    open_sea = was_sea & (wet[1] > 0.5) & ~near[1]
    emerged = np.minimum(wet[0], 1 - wet[1])
    out = emerged >= outline.CHANGED
    if out.any():
        # what was added and is whiter than the scene's land is cloud, foam or a white ship
        added = after.values(out) - before.values(out)
        emerged[out] = np.where(water.whiter(added, after.bands, learnt.palest), 0, emerged[out])
    waters = Waters(
        before=wet[0],
        after=wet[1],
        stands_out=sea.stands_out(before, after, open_sea, was_sea, learnt.palest),
        emerged=emerged,
        palest=learnt.palest,
    )
    if learnt.radar:
        # speckle that was averaged still makes ghosts: what changed beyond it alone counts
        waters.stands_out[~(change >= outline.CHANGED)] = 0
        np.minimum(emerged, change, out=emerged)
    return Context(change, learnt.pixel_m, waters)


def _reach(context: Context, inner: tuple[slice, slice]) -> tuple[Scores, np.ndarray | None]:
    """Pixels from the earlier scene's shore, out to sea and inland, for the shore's kinds."""
    waters = context.waters
    if waters is None:
        return {}, None
    offshore, inland = waters.offshore[inner], inside_by(~(waters.before > 0.5))[inner]
    return {"land_gained": offshore, "land_lost": inland}, offshore


def _mark(blocks: np.ndarray, core: _Window, seen: np.ndarray) -> None:
    """Note which coverage cells of a tile were seen whole."""
    rows, columns = (-(-n // _BLOCK) for n in seen.shape)
    padded = np.ones((rows * _BLOCK, columns * _BLOCK), bool)
    padded[: seen.shape[0], : seen.shape[1]] = seen
    cells = padded.reshape(rows, _BLOCK, columns, _BLOCK).all(axis=(1, 3))
    row, column = core[0] // _BLOCK, core[1] // _BLOCK
    blocks[row : row + rows, column : column + columns] = cells


def _changes(
    reader: Reader,
    shift: registration.Shift,
    tiles: list[pd.DataFrame],
    crs: object,
) -> gpd.GeoDataFrame:
    grid, pair = reader.grid, reader.pair
    frame = outline.joined(tiles, grid, _LEAST_PIXELS)
    if frame.empty:
        return CHANGES.empty(crs)
    size = pair.ground.resolution_m
    unmatched = pair.before.sigma_m
    matched = shift.sigma * size if shift.sigma is not None else unmatched
    shapes = frame.geometry.to_crs(crs)
    shapes = shapes.map(lambda g: g if g.is_valid else shapely.make_valid(g, method="structure"))
    return CHANGES.check(
        gpd.GeoDataFrame(
            {
                "change_id": _change_ids(pair, frame.kind, shapes),
                "kind": frame.kind,
                "score": frame.score.clip(0, 1),
                "sigma_m": np.sqrt(pair.after.sigma_m**2 + matched**2 + (_EDGE_PIXELS * size) ** 2),
                # each scene's own waterline errs by its part of a pixel too
                "match_m": np.hypot(matched, 2**0.5 * _EDGE_PIXELS * size),
                "before": pair.before.taken,
                "after": pair.after.taken,
                "before_scene": pair.before.scene_id,
                "after_scene": pair.after.scene_id,
                "sensor_before": pair.before.sensor,
                "sensor_after": pair.after.sensor,
                "tide_before_m": pair.before.tide_m,
                "tide_after_m": pair.after.tide_m,
                "area_m2": ellipsoidal_area_m2(shapes),
                # the old shore ran half a pixel from the middle of its first pixel
                "reach_m": (frame.reach - 0.5) * size,
                "near_m": ((frame.near - 0.5) * size).clip(lower=0),
                "source": "seawatch",
            },
            geometry=shapes,
            crs=crs,
        )
    )


def _change_ids(pair: ScenePair, kinds: pd.Series, shapes: gpd.GeoSeries) -> list[str]:
    """Names that depend on what was found, to the centimetre, and in which scenes alone."""
    scenes = f"{pair.before.scene_id}|{pair.after.scene_id}|"
    names = []
    for kind, shape in zip(kinds, shapely.normalize(shapes.to_numpy()), strict=True):
        place = np.rint(100 * shapely.get_coordinates(shape)).astype("<i8").tobytes()
        digest = hashlib.sha256(f"{kind}|{scenes}".encode() + place).digest()
        names.append("C-" + b32encode(digest)[:12].decode())
    return names


def _coverage(
    reader: Reader, shift: registration.Shift, blocks: np.ndarray, crs: object
) -> gpd.GeoDataFrame:
    a, b, c, d, e, f = reader.grid.transform
    cells = Grid(
        reader.grid.crs,
        (a * _BLOCK, b * _BLOCK, c, d * _BLOCK, e * _BLOCK, f),
        blocks.shape[1],
        blocks.shape[0],
    )
    rows = [("yes", "clear", blocks), ("no", "masked", ~blocks)]
    rows = [row for row in rows if row[2].any()]
    outlines = [outline.patches(mask, cells) for _, _, mask in rows]
    shapes = gpd.GeoSeries(outlines, crs=cells.crs).to_crs(crs).make_valid()
    pair = reader.pair
    pixel_m = pair.ground.resolution_m
    misfit_m = shift.sigma * pixel_m if shift.sigma is not None else pair.before.sigma_m
    least = smallest_m2(pixel_m, misfit_m, SENSORS[pair.after.sensor].family)
    clear = np.array([row[0] == "yes" for row in rows])
    return COVERAGE.check(
        gpd.GeoDataFrame(
            {
                "seen": [row[0] for row in rows],
                "why": [row[1] for row in rows],
                "before": pair.before.taken,
                "after": pair.after.taken,
                "before_scene": pair.before.scene_id,
                "after_scene": pair.after.scene_id,
                "sensor": pair.after.sensor,
                "least50_m2": np.where(clear, least[0], np.nan),
                "least95_m2": np.where(clear, least[1], np.nan),
                "area_m2": ellipsoidal_area_m2(shapes),
            },
            geometry=shapes,
            crs=crs,
        )
    )
