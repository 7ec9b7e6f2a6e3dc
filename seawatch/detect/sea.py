"""How far something stands out from the sea around it, in both scenes' difference.

The difference is held against its own surroundings, so that what is wide and smooth (a
plume, glint, haze, another tide's colour) drops out: d = mean over the bands of
(after − before), each over its own robust spread on water; z = (d − mean of d around) over
the robust spread of that. One pixel must stand out by ``Z`` spreads; where 5 × 5 pixels
do together, fewer are enough, which is how thin stuff such as rafts shows (a box filter
is the matched filter of a blob that size).
"""

import cv2
import numpy as np

from ..scenes import Image
from ._detector import thinned
from .water import whiter

Z, Z_WIDE = 8.0, 6.0
_WIDE = 5  # pixels a side
_PART = 1.5  # spreads that a pixel of a wide object must stand out by itself
_AROUND = 31  # side of the surroundings, pixels
SHORE = 2  # pixels beside land that are left out, as they mix both
_LEAST_SEA = 100  # pixels of open water to know its spread by


def stands_out(
    before: Image, after: Image, open_sea: np.ndarray, was_sea: np.ndarray, palest: float | None
) -> np.ndarray:
    """Times the limit that each pixel stands out by, (row, column); 0 off `was_sea`.

    open_sea : water in both scenes, away from land: what the surroundings are known from.
    was_sea : where something can have come to stand on water.
    """
    ratio = np.zeros(open_sea.shape, np.float32)
    if np.count_nonzero(open_sea) < _LEAST_SEA:
        return ratio
    around = _Surroundings(open_sea)
    local = _standardised(before, after, open_sea)
    for _ in range(2):  # twice, so that the top of a small plume does not stand out either
        local -= around.mean(local)
    local /= np.float32(Z * _spread(local, open_sea))
    wide: np.ndarray = cv2.blur(np.where(was_sea, local, np.float32(0)), (_WIDE, _WIDE))
    wide /= np.float32(Z_WIDE * _spread(wide, open_sea))
    wide[local < _PART / Z] = 0
    np.maximum(local, wide, out=ratio, where=was_sea)
    out = ratio >= 1
    names = ("blue", "nir")
    if out.any() and palest is not None and set(names) <= set(after.bands):
        # what was added, less what was added all around, and is whiter than ground
        added = [after.band(name) - before.band(name) for name in names]
        added = [(band - around.mean(band))[out] for band in added]
        ratio[out] = np.where(whiter(np.stack(added), names, palest), 0, ratio[out])
    return ratio


def _standardised(before: Image, after: Image, sea: np.ndarray) -> np.ndarray:
    """Mean over the bands' differences, each over its spread on water, so that none drowns."""
    count = len(after.bands)
    step = thinned(sea)
    chosen = sea[step]
    centres, weights = np.zeros(count), np.zeros(count)
    for number, (one, two) in enumerate(zip(before.pixels, after.pixels, strict=True)):
        values = (two[step] - one[step])[chosen]
        centres[number] = np.median(values)
        spread = 1.4826 * np.median(np.abs(values - centres[number]))
        weights[number] = 1 / (count * max(spread, 1e-9))
    x, y = (image.pixels.reshape(count, -1) for image in (before, after))
    vector = weights.astype(np.float32)
    total = vector @ y
    total -= vector @ x
    total -= np.float32(weights @ centres)
    return total.reshape(sea.shape)


def _spread(values: np.ndarray, where: np.ndarray) -> float:
    """Robust spread about zero of `values` over `where`; 1.4826: as of normal errors."""
    step = thinned(where)
    return max(1.4826 * float(np.median(np.abs(values[step][where[step]]))), 1e-9)


class _Surroundings:
    """The mean over the `where` pixels around each pixel.

    It is taken of every second row and column: it is smooth, and it costs a quarter.
    """

    def __init__(self, where: np.ndarray):
        self._known = where[::2, ::2]
        share = self._blurred(self._known.astype(np.float32))
        self._share = np.maximum(share, np.float32(0.01))
        self._size = (where.shape[1], where.shape[0])

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Of (row, column) `values`, the same shape."""
        mean = self._blurred(np.where(self._known, values[::2, ::2], np.float32(0)))
        mean /= self._share
        return cv2.resize(mean, self._size, interpolation=cv2.INTER_LINEAR)

    @staticmethod
    def _blurred(thin: np.ndarray) -> np.ndarray:
        size = (_AROUND // 2, _AROUND // 2)
        return cv2.blur(thin, size, borderType=cv2.BORDER_REFLECT)
