"""A pair whose scenes lie on each other, and what was learnt of it.

The shift is measured and undone where the scenes are read, window by window where parts of
them lie otherwise; the change model and the waterlines are the pair's own.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from ..errors import PairRefused
from ..scenes import Grid, Image, ScenePair, Walk
from ..sensors import SENSORS
from . import backscatter, general, registration, sea, speckle, water

_SAMPLES = 200_000  # pixels a change model is learnt from
_LEARN_WINDOWS = 16
_LEARN_SIDE = 512  # pixels
_LEARN_LEAST = 128  # pixels of a side, where a window has to be low
_THREADS = 2
_INSET = 12  # pixels: the farthest shift, and what a value between pixels is made of
_RAGGED = 3  # pixels beside a cloud: masks miss its thin edge
_FIVE = np.ones((5, 5), np.uint8)
_AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RAGGED + 1,) * 2)

Window = tuple[int, int, int, int]
"""Row, column, height, width."""


class Reader(Protocol):
    """Windows of two scenes on one grid."""

    @property
    def pair(self) -> ScenePair:
        """The two scenes."""

    @property
    def grid(self) -> Grid:
        """Where the windows lie."""

    @property
    def walk(self) -> Walk:
        """How its windows are best walked."""

    def read(self, row: int, column: int, height: int, width: int) -> tuple[Image, Image]:
        """The same window of both scenes."""

    def fetch(
        self, row: int, column: int, height: int, width: int
    ) -> Callable[[], tuple[Image, Image]]:
        """The same in two steps: the files are read now, the images are made by calling it once."""

    def placed(self, before: Grid, after: Grid) -> AbstractContextManager["Reader"]:
        """The same, each scene read as if it lay on a grid of its own, of one size."""


@dataclass(frozen=True)
class Learnt:
    """The pair's own change model and waterlines; None where it shows none.

    palest : see `water.palest_land`; weights : of the bands, see `sea.weights`.
    """

    pixel_m: float
    change: general.ChangeModel | speckle.SpeckleModel | None
    before: water.Waterline | backscatter.Waterline | None
    after: water.Waterline | backscatter.Waterline | None
    palest: float | None = None
    weights: np.ndarray | None = None

    @property
    def blind(self) -> bool:
        """Whether nothing of the pair could be learnt, so that nothing can be told of it."""
        return self.change is None and self.before is None


@dataclass(frozen=True)
class Frame:
    """Where a pair's windows are counted: the later scene's grid, and how the earlier lies on it.

    Other scenes can be read in it too: then every pixel is the same ground in all of them.
    """

    grid: Grid
    shift: registration.Shift


class Laid:
    """A pair whose scenes lie on each other in a frame, and what was learnt of it there.

    What is to be learnt of it is learnt in `pool`, while the first windows are read.
    """

    def __init__(self, reader: Reader, shift: registration.Shift, frame: Frame, pool: Executor):
        self._reader, self.shift, self.frame = reader, shift, frame
        self.pair, self.own_grid, self.walk = reader.pair, reader.grid, reader.walk
        self._files = ExitStack()
        self._placed: tuple[object, Reader] | None = None
        shown = _shown(self.fetch, frame.grid, reader.walk)
        self._learning = pool.submit(_learn, reader.pair, shown)

    @property
    def learnt(self) -> Learnt:
        """The pair's change model and waterlines, as soon as they are known."""
        return self._learning.result()

    def read(self, window: Window) -> tuple[Image, Image]:
        """A window of both scenes, laid on each other as that place needs it."""
        return self.fetch(window)()

    def fetch(self, window: Window) -> Callable[[], tuple[Image, Image]]:
        """The same in two steps: the files are read now, the images are made by calling it once."""
        row, column, height, width = window
        steps = self._steps(*self.frame.grid.ground(column + width / 2, row + height / 2))
        if self._placed is None or self._placed[0] != steps:
            self.close()
            grids = (self.frame.grid.moved(*step) for step in steps)
            self._placed = (steps, self._files.enter_context(self._reader.placed(*grids)))
        return self._placed[1].fetch(*window)

    def close(self) -> None:
        """Leave the files to their owner."""
        self._placed = None
        self._files.close()

    def _steps(self, x: float, y: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """How far from the frame the earlier and the later scene have a place, pixels."""
        if self.shift.sigma is None:
            return (0.0, 0.0), (0.0, 0.0)
        # where the frame's own was not measured, the earlier scene stays where it is in it
        early = self.frame.shift.at(x, y)
        columns, rows = self.frame.grid.steps(*self.shift.ground(self.own_grid, x, y))
        return early, (round(early[0] - columns, 6), round(early[1] - rows, 6))


@contextmanager
def laid_on(reader: Reader, frame: Frame | None = None) -> Iterator[Laid]:
    """Measure the pair's shift, undo it, and learn its change model and waterlines.

    frame : that of a pair of the same earlier scene, to look at this one in; else its own.
    """
    # what it is measured on is let go before the same windows are read again, undone
    shift = registration.measure(
        _shown(lambda window: reader.fetch(*window), reader.grid, reader.walk)
    )
    with ThreadPoolExecutor(1) as pool:
        laid = Laid(reader, shift, frame or Frame(reader.grid, shift), pool)
        try:
            yield laid
        finally:
            laid.close()


def _learning_windows(grid: Grid, walk: Walk) -> list[Window]:
    """Windows spread over a grid, enough to learn from whatever its size; in few rows of them.

    Where the walk's are low, these are low and wide: strips that several of them share are still
    at hand for the last of a row.
    """
    high = max(min(_LEARN_SIDE, walk.height), _LEARN_LEAST)
    wide = _LEARN_SIDE**2 // high
    rows, columns = -(-grid.height // high), -(-grid.width // wide)
    if rows * columns <= _LEARN_WINDOWS:
        return Walk(high, wide, 1, high, wide).windows(grid)
    down = min(rows, max(4, -(-_LEARN_WINDOWS // columns)))
    across = min(columns, _LEARN_WINDOWS // down)
    return [
        (row, column, height, width)
        for row, height in _spread(grid.height, high, down)
        for column, width in _spread(grid.width, wide, across)
    ]


def _spread(whole: int, side: int, chosen: int) -> list[tuple[int, int]]:
    """Start and length of so many parts of a length, evenly apart; a short one is taken whole."""
    number = whole // side
    if not number:
        return [(0, whole)]
    # off the edges of a file's blocks, so that the shifted scene needs no more of them
    starts = sorted({int((n + 0.5) * number / chosen) for n in range(chosen)})
    return [(n * side + _INSET, side - 2 * _INSET) for n in starts]


def _shown(
    fetch: Callable[[Window], Callable[[], tuple[Image, Image]]], grid: Grid, walk: Walk
) -> list[tuple[Image, Image]]:
    """The windows to learn from that both scenes show something of, blank where either does not.

    Images are made beside, while the files are read for the next ones.
    """

    def made(images: Callable[[], tuple[Image, Image]]) -> tuple[Image, Image] | None:
        before, after, seen = both_seen(*images())
        return (before, after) if seen.any() else None

    with ThreadPoolExecutor(_THREADS) as pool:
        making = [pool.submit(made, fetch(window)) for window in _learning_windows(grid, walk)]
        return [images for one in making if (images := one.result()) is not None]


def both_seen(before: Image, after: Image) -> tuple[Image, Image, np.ndarray]:
    """Both images with everything blank that was not seen, or only half seen, in either."""
    seen = seen_whole(before.seen & after.seen)
    if not seen.all():
        for values in (*before.pixels, *after.pixels):
            np.putmask(values, ~seen, np.nan)
    return before, after, seen


def seen_whole(seen: np.ndarray) -> np.ndarray:
    """What was seen, (row, column) of bool, without what was half seen beside a cloud."""
    if seen.all():
        return seen
    # single masked pixels are bright roofs, not clouds: nothing around them is hidden
    clouds = cv2.morphologyEx((~seen).view(np.uint8), cv2.MORPH_OPEN, _FIVE)
    whole: np.ndarray = seen & (cv2.dilate(clouds, _AROUND) == 0)
    return whole


def _learn(pair: ScenePair, shown: list[tuple[Image, Image]]) -> Learnt:
    """What windows of a pair, laid on each other, say of it.

    `shown` of an optical pair is emptied, window by window: all of them are a fifth of what a
    comparison holds.
    """
    pixel_m = pair.ground.resolution_m
    if not shown:
        return Learnt(pixel_m, None, None, None)
    if SENSORS[pair.after.sensor].family == "sar":
        return _learn_radar(pair, shown)
    total = sum(before.pixels[0].size for before, _ in shown)
    step = max(1, int((total / _SAMPLES) ** 0.5))
    bands = water.index_bands(shown[0][1].bands)
    with ThreadPoolExecutor(_THREADS) as pool:
        tasks = [pool.submit(_lesson, *shown.pop(0), step, bands) for _ in range(len(shown))]
        told = [task.result() for task in tasks]
        samples = (np.hstack([one.samples[n] for one in told]) for n in (0, 1))
        fitted = pool.submit(general.fit, *samples)
        if bands is None:
            return Learnt(pixel_m, fitted.result(), None, None)
        lines = [water.find_waterline([one.shores[n] for one in told], bands) for n in (0, 1)]
        # one scene of a pair may lack a shore in the clear; the other's is the best guess
        known = lines[0] or lines[1] or water.standard_waterline(bands)
        both = (lines[0] or known, lines[1] or known)
        # cloud the mask missed makes land look paler: the clearer scene of the two is right
        thin = list(zip(*(one.thin for one in told), strict=True))
        wet = [[line.odds(i) for i in images] for images, line in zip(thin, both, strict=True)]
        pale = [water.palest_land(zip(*each, strict=True)) for each in zip(thin, wet, strict=True)]
        palest = min((value for value in pale if value is not None), default=None)
        return Learnt(pixel_m, fitted.result(), *both, palest, _weights(thin, wet))


@dataclass(frozen=True)
class _Lesson:
    """What is kept of a window of both scenes, the earlier first.

    samples : (band, pixel) of what was seen; shores : see `water.shores`, none without bands
    that tell water from land; thin : the images, thinned.
    """

    samples: list[np.ndarray]
    shores: list[tuple[np.ndarray, np.ndarray]]
    thin: list[Image]


def _lesson(before: Image, after: Image, step: int, bands: tuple[str, str] | None) -> _Lesson:
    """Of both images every so many rows and columns (neighbours tell the same), and the shores."""
    pixels = [
        image.pixels[:, ::step, ::step].reshape(len(image.bands), -1) for image in (before, after)
    ]
    seen = np.isfinite(pixels[0]).all(axis=0)
    samples = [values[:, seen] for values in pixels]
    if bands is None:
        return _Lesson(samples, [], [])
    shores = [water.shores(image, bands) for image in (before, after)]
    return _Lesson(samples, shores, [image.thinned(3) for image in (before, after)])


def _weights(images: Sequence[Sequence[Image]], wet: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Weights of the bands on water, of earlier and later windows and their odds of water."""
    waters = [(one > 0) & (two > 0) for one, two in zip(*wet, strict=True)]
    shown = (
        (before.pixels[:, water], after.pixels[:, water])
        for before, after, water in zip(*images, waters, strict=True)
    )
    return sea.weights(shown, len(images[0][0].bands))


def _learn_radar(pair: ScenePair, pairs: Sequence[tuple[Image, Image]]) -> Learnt:
    """The speckle of a radar pair, and how dark its water is."""
    pixel_m = pair.ground.resolution_m
    for scene, images in zip((pair.before, pair.after), zip(*pairs, strict=True), strict=True):
        if np.nanmedian(np.concatenate([image.pixels[0].ravel() for image in images])) < 0:
            raise PairRefused(
                f"{scene.scene_id}: most of its radar pixels are negative, as in decibels; "
                "give linear power or amplitude"
            )
    amplitude = backscatter.amplitude
    model = speckle.fit([(amplitude(before), amplitude(after)) for before, after in pairs])
    calm = [[backscatter.calmed(image) for image in images] for images in zip(*pairs, strict=True)]
    lines = [backscatter.find_waterline(images) for images in calm]
    known = lines[0] or lines[1]
    if known is None:
        return Learnt(pixel_m, model, None, None)
    both = (lines[0] or known, lines[1] or known)
    wet = [[line.odds(image) for image in images] for images, line in zip(calm, both, strict=True)]
    return Learnt(pixel_m, model, *both, None, _weights(calm, wet))
