"""One pair, window by window: lay the scenes on each other, learn, detect, outline."""

import hashlib
from base64 import b32encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..compiled import compiled
from ..confidence import smallest_m2
from ..geo import REACH, ellipsoidal_area_m2
from ..overlay import spread, united
from ..scenes import NOT_SEEN, SCORE_STEPS, Grid, Image, ScenePair, Walk
from ..sensors import SENSORS
from ..tables import AFLOAT, CHANGES, COVERAGE
from . import outline
from ._detector import Detector
from ._distance import Part
from ._objects import Labels, labelled, thick
from .examine import Examined, examine
from .gap import Gap
from .laid import Laid, Window, seen_whole

Scores = dict[str, np.ndarray]
"""Maps by the kind of change, and ``change`` of any kind: uint8, steps of 1 / `SCORE_STEPS`,
`NOT_SEEN` where nothing was seen."""

_HALO = REACH  # pixels around a tile: the widest surroundings a detector looks at, and the reach
_LEAST_PIXELS = 3
_READY = 3  # tiles read, the one that is thought about among them: more are no use yet
_DONE = 4  # tiles that wait for one before them
_BLOCK = 8  # pixels a side of the coverage map's cells
_EDGE_PIXELS = 0.3  # how well an outline follows the object, one standard deviation


@dataclass(frozen=True)
class Comparison:
    """What one pair showed, in the asked CRS.

    hidden : makes the ground that only the later scene shows clear, but for single cells.
    """

    changes: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    hidden: Callable[[], shapely.Geometry]

    def clear(self) -> shapely.Geometry:
        """The ground that was seen clear in both scenes."""
        return united(self.coverage.geometry[self.coverage.seen == "yes"].to_numpy())

    @property
    def seen(self) -> float:
        """The share of what both scenes cover that was seen clear in both, 0-1."""
        clear = self.coverage.area_m2[self.coverage.seen == "yes"].sum()
        return float(clear / max(self.coverage.area_m2.sum(), 1e-9))


def compare(
    laid: Laid,
    detectors: Sequence[Detector],
    crs: object,
    keep: Callable[[int, int, Scores], None] | None = None,
    gap: Gap | None = None,
) -> Comparison:
    """Changes of one pair.

    Parameters
    ----------
    laid : the pair, laid on each other (`laid_on`).
    crs : of the tables that come out, metres.
    keep : called with (row, column, scores) of every tile in turn, to write the score maps;
        scores holds ``change`` and one map a detector, by its kind. It has a thread of its own.
    gap : the only ground to be told of, in `crs`; all of the scenes' else.
    """
    grid, tiles = laid.frame.grid, []
    blocks = np.zeros((2, *(-(-n // _BLOCK) for n in (grid.height, grid.width))), bool)
    windows = _tiles(grid, laid.walk)
    if gap is not None:
        asked = gpd.GeoSeries([gap.ground], crs=crs).to_crs(grid.crs).iloc[0]
        shapely.prepare(asked)
        windows = (each for each in windows if asked.intersects(grid.window(*each[0]).outline()))
    with ThreadPoolExecutor(1) as beside:
        kept: Future[None] | None = None
        for tile in _looked_at(laid, detectors, keep is not None, windows):
            tiles.append(tile.footprints)
            row, column = tile.core[0] // _BLOCK, tile.core[1] // _BLOCK
            high, wide = tile.seen.shape[1:]
            blocks[:, row : row + high, column : column + wide] = tile.seen
            if kept:
                kept.result()  # one at a time: they take memory
            kept = keep and beside.submit(keep, tile.core[0], tile.core[1], tile.scores)
        if kept:
            kept.result()
    seen, late = blocks
    seen &= not laid.learnt.blind
    return Comparison(
        _changes(laid, tiles, crs, gap),
        _coverage(laid, seen, crs, gap),
        partial(_hidden, late & ~seen, grid, crs),
    )


@dataclass(frozen=True)
class _Tile:
    """What one tile showed; maps are of its core, scores by kind and ``change`` of any.

    seen : (2, row, column), of each cell of the coverage map, whether all of it was seen in both
        scenes, and in the later one.
    """

    core: Window
    seen: np.ndarray
    scores: Scores
    footprints: outline.Footprints


def _looked_at(
    laid: Laid,
    detectors: Sequence[Detector],
    keep_scores: bool,
    windows: Iterable[tuple[Window, Window]],
) -> Iterator[_Tile]:
    """Every tile in turn: files are read here, and tiles thought about beside.

    One thread thinks, as two read: more would fight over two cores. Whoever reads thinks too
    where what was read already is enough.
    """
    waiting: deque[Future[_Tile]] = deque()
    ready = _READY - keep_scores  # score maps take the room of one
    with ThreadPoolExecutor(1) as pool:
        for core, halo in windows:
            images = laid.fetch(halo)
            place = laid.frame.grid.window(*core)
            task = (images, core, halo, place, laid, detectors, keep_scores)
            if sum(not one.done() for one in waiting) < ready:
                waiting.append(pool.submit(_tile, *task))
            else:
                waiting.append(Future())
                waiting[-1].set_result(_tile(*task))
            del images, task  # what is thought about is enough to hold
            while waiting and (waiting[0].done() or len(waiting) > _DONE):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _tile(
    images: Callable[[], tuple[Image, Image]],
    core: Window,
    halo: Window,
    place: Grid,
    laid: Laid,
    detectors: Sequence[Detector],
    keep_scores: bool,
) -> _Tile:
    inner = _inner(core, halo)
    made = images()
    late = seen_whole(made[1].seen)
    examined = examine(made, laid.learnt, detectors, inner, keep_scores)
    del made
    kinds, objects = examined.kinds, labelled(np.ascontiguousarray(examined.found[inner]))
    reach, near = _reach(examined, inner, objects)
    surest = examined.surest[inner]
    footprints = outline.footprints(objects, surest, kinds, reach, near, place, _LEAST_PIXELS)
    scores = {}
    if keep_scores:
        scores = {kind: examined.steps(kind, inner) for kind in kinds}
        scores["change"] = _in_steps(examined.score("change", inner))
    seen = np.stack([_seen_cells(one[inner]) for one in (examined.seen, late)])
    return _Tile(core, seen, scores, footprints)


def _in_steps(score: np.ndarray) -> np.ndarray:
    """A map of 0-1 in steps, rounded down: what is not changed is not rounded up to it."""
    steps = np.empty(score.shape, np.uint8)
    _stepped(score, np.float32(SCORE_STEPS), np.uint8(NOT_SEEN), steps)
    return steps


@compiled
def _stepped(score: np.ndarray, number: float, unseen: int, steps: np.ndarray) -> None:
    for row in range(len(score)):
        for column in range(score.shape[1]):
            value = score[row, column]
            steps[row, column] = unseen if np.isnan(value) else np.uint8(value * number)


def _tiles(grid: Grid, walk: Walk) -> Iterator[tuple[Window, Window]]:
    """Each tile's core and the same with its halo, as (row, column, height, width).

    Down one column of few tiles after another, so that the file's blocks that two tiles
    share are still at hand when the second is read, however wide the scene is.
    """
    for core in walk.windows(grid):
        row, column, height, width = core
        top, left = max(row - _HALO, 0), max(column - _HALO, 0)
        bottom = min(row + height + _HALO, grid.height)
        right = min(column + width + _HALO, grid.width)
        yield core, (top, left, bottom - top, right - left)


def _inner(core: Window, halo: Window) -> Part:
    row, column = core[0] - halo[0], core[1] - halo[1]
    return slice(row, row + core[2]), slice(column, column + core[3])


def _reach(examined: Examined, inner: Part, objects: Labels) -> tuple[np.ndarray, np.ndarray]:
    """How far the objects' pixels of a part lie from the earlier scene's shore.

    Returns pixels out to sea or inland, as the kind of change reaches, and pixels from land;
    (pixel,) each, NaN where it is not known.
    """
    waters = examined.context.waters
    reach, near = np.full((2, len(objects.at)), np.nan, np.float32)
    if waters is None:
        return reach, near
    rows, columns = np.divmod(objects.at, objects.shape[1])
    whole = (rows + inner[0].start) * examined.found.shape[1] + columns + inner[1].start
    near = waters.offshore.at(whole)
    for number, kind in enumerate(examined.kinds, 1):
        these = objects.value[objects.label] == number
        if kind == "land_gained" or kind in AFLOAT:
            reach[these] = near[these]
        elif kind == "land_lost":
            reach[these] = waters.inland.at(whole[these])
    return reach, near


def _seen_cells(seen: np.ndarray) -> np.ndarray:
    """Which coverage cells of a tile were seen whole."""
    rows, columns = (-(-n // _BLOCK) for n in seen.shape)
    if seen.all():
        return np.ones((rows, columns), bool)
    padded = np.ones((rows * _BLOCK, columns * _BLOCK), bool)
    padded[: seen.shape[0], : seen.shape[1]] = seen
    # whole lines first: many at once
    lines = np.logical_and.reduce(padded.reshape(rows, _BLOCK, -1), axis=1)
    cells: np.ndarray = np.logical_and.reduce(lines.reshape(rows, columns, _BLOCK), axis=2)
    return cells


def _changes(
    laid: Laid, tiles: Sequence[outline.Footprints], crs: object, gap: Gap | None
) -> gpd.GeoDataFrame:
    grid, pair = laid.frame.grid, laid.pair
    if not tiles:
        return CHANGES.empty(crs)
    frame = outline.joined(tiles, grid, _LEAST_PIXELS).to_crs(crs)
    frame = frame.set_geometry(_mended(frame.geometry))
    size = pair.ground.resolution_m
    if gap is not None:
        frame = gap.cut(frame, size, _LEAST_PIXELS * size**2)
    if frame.empty:
        return CHANGES.empty(crs)
    misfit_m = _misfit_m(laid)
    own_m = 0.0 if laid.shift.sigma is None else pair.after.sigma_m
    shapes = frame.geometry
    return CHANGES.check(
        gpd.GeoDataFrame(
            {
                "change_id": _change_ids(pair, frame.kind, shapes),
                "kind": frame.kind,
                "score": frame.score.clip(0, 1),
                # the later scene's own error is in the misfit where that was not measured
                "sigma_m": np.hypot(np.hypot(own_m, misfit_m), _EDGE_PIXELS * size),
                # each scene's own waterline errs by its part of a pixel too
                "match_m": np.hypot(misfit_m, 2**0.5 * _EDGE_PIXELS * size),
                "pixel_m": size,
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


def _misfit_m(laid: Laid) -> float:
    """How far the two scenes may lie beside each other, one standard deviation, m."""
    pair, sigma = laid.pair, laid.shift.sigma
    if sigma is None:
        return float(np.hypot(pair.before.sigma_m, pair.after.sigma_m))
    return sigma * pair.ground.resolution_m


def _change_ids(pair: ScenePair, kinds: pd.Series, shapes: gpd.GeoSeries) -> list[str]:
    """Names that depend on what was found, to the centimetre, and in which scenes alone."""
    scenes = f"{pair.before.scene_id}|{pair.after.scene_id}|"
    outlines = shapely.normalize(shapes.to_numpy())
    corners = np.rint(100 * shapely.get_coordinates(outlines)).astype("<i8")
    ends = np.cumsum(shapely.get_num_coordinates(outlines))
    digests = []
    for kind, stop, number in zip(kinds, ends, np.diff(ends, prepend=0), strict=True):
        place = corners[stop - number : stop].tobytes()
        digests.append(hashlib.sha256(f"{kind}|{scenes}".encode() + place).digest()[:10])
    # ten bytes are 16 letters, so all can be spelt at once
    letters = b32encode(b"".join(digests)).decode()
    return [f"C-{letters[at : at + 12]}" for at in range(0, len(letters), 16)]


def _on_ground(masks: Sequence[np.ndarray], grid: Grid, crs: object) -> gpd.GeoSeries:
    """Masks of the coverage map's cells, each as one geometry in a CRS."""
    a, b, c, d, e, f = grid.transform
    high, wide = masks[0].shape
    transform = (a * _BLOCK, b * _BLOCK, c, d * _BLOCK, e * _BLOCK, f)
    cells = Grid(grid.crs, transform, wide, high)
    outlines = [outline.patches(mask, cells) for mask in masks]
    return _mended(gpd.GeoSeries(outlines, crs=grid.crs).to_crs(crs))


def _mended(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes with those made valid that another CRS has crossed."""
    broken = ~spread(shapely.is_valid, shapes.to_numpy())
    shapes[broken] = shapes[broken].make_valid(method="structure")
    return shapes


def _hidden(cells: np.ndarray, grid: Grid, crs: object) -> shapely.Geometry:
    # bright roofs that pass for clouds hide a cell each, in every scene
    (shape,) = _on_ground([thick(cells)], grid, crs)
    return shape


def _coverage(laid: Laid, blocks: np.ndarray, crs: object, gap: Gap | None) -> gpd.GeoDataFrame:
    pair = laid.pair
    rows = [("yes", "clear"), ("no", "masked")]
    shapes = _on_ground([blocks, ~blocks], laid.frame.grid, crs)
    if gap is not None:
        shapes = gap.part_of(shapes)
    there = ~shapes.is_empty
    rows, shapes = [row for row, t in zip(rows, there, strict=True) if t], shapes[there]
    least = smallest_m2(
        pair.ground.resolution_m, _misfit_m(laid), SENSORS[pair.after.sensor].family
    )
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
