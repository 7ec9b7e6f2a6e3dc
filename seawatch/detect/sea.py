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
    told = spread > 0
    if not told.any():
        return np.full(bands, 1 / bands, np.float32)
    return np.where(told, 1 / (bands * np.where(told, spread, 1)), 0).astype(np.float32)


def stands_out(
    before: Image,
    after: Image,
    difference: np.ndarray,
    weights: np.ndarray,
    seas: tuple[np.ndarray, np.ndarray],
    palest: float | None,
) -> np.ndarray:
    """Times the limit that each pixel stands out by, (row, column); 0 off what was sea.

    difference : (row, column), after less before, the bands by their `weights`; it is used up.
    seas : water in both scenes, away from land, from which the surroundings are known; and
        where something can have come to stand on water.
    """
    open_sea, was_sea = seas
    if np.count_nonzero(open_sea) < _LEAST_SEA:
        return np.zeros(open_sea.shape, np.float32)
    around = _Surroundings(open_sea)
    local = difference
    local -= around.whole(around.mean(local))
    spread = Z * _spread(local, open_sea)
    local /= np.float32(spread)
    at_sea = _only(local, was_sea)
    wide: np.ndarray = cv2.blur(at_sea, (_WIDE, _WIDE))
    wide /= np.float32(Z_WIDE * _spread(wide, open_sea))
    wide = _only(wide, at_sea >= _PART / Z)
    ratio = np.maximum(at_sea, wide, out=at_sea)
    # only few pixels are left: the rest is asked of them alone
    out = np.flatnonzero(ratio >= 1)
    if len(out):
        # what was darker before than its surroundings, and is like them now, is nothing new
        local *= np.float32(_OWN * spread)
        own = weighed(after.pixels, weights)
        usual = around.of(around.mean(own), out)
        own -= local
        lies_wide = wide.ravel()[out] >= 1
        lies_wide &= cv2.blur(own, (_WIDE, _WIDE)).ravel()[out] >= usual
        nothing_new = (own.ravel()[out] < usual) & ~lies_wide
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


def _only(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(row, column) float32 `values` where `where` is true, else 0; quicker than NumPy's own."""
    return cv2.copyTo(values, where.view(np.uint8), np.zeros(values.shape, np.float32))


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

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Of (row, column) `values`, thin; taken twice, or a plume's top is left."""
        # where little is known, their middle stands for them
        thin, step = values[::2, ::2], thinned(self._known)
        if not self._known.any():
            return np.zeros(thin.shape, np.float32)
        middle = np.median(thin[step][self._known[step]])
        thin = _only(thin - middle, self._known)
        first = self._mean(thin)
        thin -= first
        first += self._mean(_only(thin, self._known))
        first += middle
        return first

    def mean_change(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Of what was added to a band, (row, column) both, thin."""
        return self._mean(_only(after[::2, ::2] - before[::2, ::2], self._known))

    def _mean(self, thin: np.ndarray) -> np.ndarray:
        mean = self._blurred(thin)
        mean /= self._share
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
