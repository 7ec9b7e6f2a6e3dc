"""How far something stands out from the sea around it, in both scenes' difference.

The difference is held against its own surroundings, so that what is wide and smooth (a
plume, glint, haze, another tide's colour) drops out: d = mean over the bands of
(after − before), each over its own robust spread on the pair's water; z = (d − mean of d
around) over the robust spread of that. One pixel must stand out by ``Z`` spreads; where
5 × 5 pixels do together, fewer are enough, which is how thin stuff such as rafts shows (a
box filter is the matched filter of a blob that size). Half of it the later scene must show
by itself: else it is the earlier one that stood out.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from ..compiled import compiled
from ..scenes import Image
from ._bands import weighed
from ._detector import thinned
from .water import whiter

Z, Z_WIDE = 8.0, 6.0
_WIDE = 5  # pixels a side
_PART = 1.5  # spreads that a pixel of a wide object must stand out by itself
_AROUND = 31  # side of the surroundings, pixels
_OWN = 0.5  # share of its difference that something must stand out by in the later scene alone
SHORE = 2  # pixels beside land that are left out, as they mix both
_LEAST_SEA = 100  # pixels of open water to know its spread by
_NOTHING = 1e-30  # spread of numbers that are as good as one, and too small to divide by


def weights(pairs: Iterable[tuple[np.ndarray, np.ndarray]], bands: int) -> np.ndarray:
    """A weight of each band that lets none drown the others; alike where too little is known.

    pairs : (band, pixel) of water, before and after.
    """
    change = np.hstack([np.empty((bands, 0)), *(after - before for before, after in pairs)])
    if change.shape[1] < _LEAST_SEA:
        return np.full(bands, 1 / bands, np.float32)
    change -= np.median(change, axis=1)[:, None]
    # of a band that takes few values on water the middle one says nothing
    spread = np.maximum(1.4826 * np.median(np.abs(change), axis=1), change.std(axis=1) / 3)
    told = spread > _NOTHING
    if not told.any():
        return np.full(bands, 1 / bands, np.float32)
    return np.where(told, 1 / (bands * np.where(told, spread, 1)), 0).astype(np.float32)


def stands_out(
    before: Image,
    after: Image,
    weights: np.ndarray,
    seas: tuple[np.ndarray, np.ndarray],
    land: np.ndarray,
    palest: float | None,
) -> np.ndarray:
    """Times the limit that each pixel stands out by, (row, column); 0 off what was sea.

    weights : of the bands (`weights`). land : of the earlier scene.
    seas : water in both scenes, away from land, from which the surroundings are known; and
        where something can have come to stand on water.
    """
    open_sea, was_sea = seas
    if np.count_nonzero(open_sea) < _LEAST_SEA:
        return np.zeros(open_sea.shape, np.float32)
    around = _Surroundings(open_sea)
    local, later = weighed(before.pixels, after.pixels, weights, ~land)
    local -= around.whole(around.mean(local[::2, ::2]))
    spread = np.float32(Z * _spread(local, open_sea))
    ratio = np.empty(local.shape, np.float32)
    _at_sea(local, was_sea, spread, ratio)
    wide: np.ndarray = cv2.blur(ratio, (_WIDE, _WIDE))
    wide /= np.float32(Z_WIDE * _spread(wide, open_sea))
    _widened(ratio, wide, np.float32(_PART / Z))
    # only few pixels are left: the rest is asked of them alone
    out = np.flatnonzero(ratio >= 1)
    if len(out):
        # what was darker before than its surroundings, and is like them now, is nothing new
        usual = around.of(around.mean(later), out)
        own, own_wide = _own(after.pixels, weights, local, np.float32(_OWN), out, _WIDE // 2)
        lies_wide = (wide.ravel()[out] >= 1) & (own_wide >= usual)
        nothing_new = (own < usual) & ~lies_wide
        ratio.ravel()[out[nothing_new]] = 0
        out = out[~nothing_new]
    names = ("blue", "nir")
    if len(out) and palest is not None and set(names) <= set(after.bands):
        # what was added, less what was added all around, and is whiter than ground
        added = [
            two.ravel()[out] - one.ravel()[out] - around.of(around.mean_change(one, two), out)
            for one, two in ((before.band(name), after.band(name)) for name in names)
        ]
        ratio.ravel()[out[whiter(np.stack(added), names, palest)]] = 0
    return ratio


def _spread(values: np.ndarray, where: np.ndarray) -> float:
    """Robust spread about zero of `values` over `where`; 1.4826: as of normal errors."""
    step = thinned(where)
    return max(1.4826 * float(np.median(np.abs(values[step][where[step]]))), 1e-9)


@compiled
def _at_sea(local: np.ndarray, sea: np.ndarray, spread: float, ratio: np.ndarray) -> None:
    """`local` in spreads where it was sea, else 0."""
    for row in range(len(local)):
        for column in range(local.shape[1]):
            found = local[row, column] / spread
            ratio[row, column] = found if sea[row, column] else np.float32(0)


@compiled
def _widened(ratio: np.ndarray, wide: np.ndarray, least: float) -> None:
    """The larger of both, `wide` only where `ratio` is so large by itself; else that is 0."""
    for row in range(len(ratio)):
        for column in range(ratio.shape[1]):
            one, other = ratio[row, column], wide[row, column]
            other = other if one >= least else np.float32(0)
            wide[row, column] = other
            ratio[row, column] = one if one > other else other


@compiled
def _own(
    pixels: np.ndarray,
    weights: np.ndarray,
    local: np.ndarray,
    share: float,
    places: np.ndarray,
    half: int,
) -> tuple[np.ndarray, np.ndarray]:
    """The later scene alone, the bands by their weights, less a share of the difference.

    places : flat indexes. Returns it at each, and its mean over so many pixels to every side,
    mirrored at the window's edge.
    """
    bands, rows, columns = pixels.shape
    own, around = np.empty((2, len(places)), np.float32)
    for number, place in enumerate(places):
        total = np.float32(0)
        for down in range(-half, half + 1):
            row = abs(place // columns + down)
            row = min(abs(min(row, 2 * (rows - 1) - row)), rows - 1)
            for right in range(-half, half + 1):
                column = abs(place % columns + right)
                column = min(abs(min(column, 2 * (columns - 1) - column)), columns - 1)
                here = -share * local[row, column]
                for band in range(bands):
                    here += weights[band] * pixels[band, row, column]
                total += here
                if down == 0 and right == 0:
                    own[number] = here
        around[number] = total / (2 * half + 1) ** 2
    return own, around


@compiled
def _less(values: np.ndarray, others: np.ndarray, where: np.ndarray, left: np.ndarray) -> None:
    """`values` less `others` where `where` is true, else 0."""
    for row in range(len(left)):
        one, other, here, found = values[row], others[row], where[row], left[row]
        for column in range(len(found)):
            less = one[column] - other[column]
            found[column] = less if here[column] else np.float32(0)


@compiled
def _add_share(blurred: np.ndarray, share: np.ndarray, mean: np.ndarray) -> None:
    """Add what is known, `blurred`, by its share of what is around."""
    for row in range(len(mean)):
        known, part, found = blurred[row], share[row], mean[row]
        for column in range(len(found)):
            found[column] += known[column] / part[column]


class _Surroundings:
    """The mean over the `where` pixels around each pixel.

    It is taken of every second row and column: it is smooth, and it costs a quarter. What
    is made of these alone is called thin.
    """

    def __init__(self, where: np.ndarray):
        self._known = np.ascontiguousarray(where[::2, ::2])
        share = self._blurred(self._known.astype(np.float32))
        self._share = np.maximum(share, np.float32(0.01))
        self._size = (where.shape[1], where.shape[0])

    def mean(self, thin: np.ndarray) -> np.ndarray:
        """Of thin values, thin; taken twice, or a plume's top is left."""
        # where little is known, their middle stands for them
        thin, step = np.ascontiguousarray(thin), thinned(self._known)
        if not self._known.any():
            return np.zeros(thin.shape, np.float32)
        middle = np.median(thin[step][self._known[step]])
        mean = np.full(thin.shape, middle, np.float32)
        for _ in range(2):
            left = np.empty(thin.shape, np.float32)
            _less(thin, mean, self._known, left)
            _add_share(self._blurred(left), self._share, mean)
        return mean

    def mean_change(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Of what was added to a band, (row, column) both, thin."""
        added, mean = np.empty(self._share.shape, np.float32), np.zeros_like(self._share)
        after, before = (np.ascontiguousarray(band[::2, ::2]) for band in (after, before))
        _less(after, before, self._known, added)
        _add_share(self._blurred(added), self._share, mean)
        return mean

    def whole(self, thin: np.ndarray) -> np.ndarray:
        """(row, column) of a thin mean, between its pixels by straight lines."""
        return cv2.resize(thin, self._size, interpolation=cv2.INTER_LINEAR)

    def of(self, thin: np.ndarray, at: np.ndarray) -> np.ndarray:
        """The same of the pixels at flat indexes `at` alone."""
        places = np.divmod(at, self._size[0])
        corner, part = [], []
        for place, size, few in zip(places, self._size[::-1], thin.shape, strict=True):
            # as cv2.resize has it: pixels' middles are laid on each other
            there = ((place + 0.5) * (few / size) - 0.5).clip(0, few - 1)
            first = np.minimum(there.astype(np.intp), max(few - 2, 0))
            corner.append((first, np.minimum(first + 1, few - 1)))
            part.append((there - first).astype(np.float32))
        (top, bottom), (left, right) = corner
        upper, lower = (
            thin[row, left] + (thin[row, right] - thin[row, left]) * part[1]
            for row in (top, bottom)
        )
        return upper + (lower - upper) * part[0]

    @staticmethod
    def _blurred(thin: np.ndarray) -> np.ndarray:
        size = (_AROUND // 2, _AROUND // 2)
        return cv2.blur(thin, size, borderType=cv2.BORDER_REFLECT)
