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
from ._detector import middle
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
    difference = after.pixels - before.pixels
    # twice, so that the top of a small plume does not stand out either
    local = _less_around(_less_around(_standardised(difference, open_sea), open_sea), open_sea)
    local /= np.float32(max(1.4826 * middle(np.abs(local), open_sea), 1e-9))
    np.multiply(local, np.float32(1 / Z), out=ratio)
    wide = cv2.blur(np.where(was_sea, local, 0), (_WIDE, _WIDE))
    spread = max(1.4826 * middle(np.abs(wide), open_sea), 1e-9)
    np.multiply(wide, np.float32(1 / (Z_WIDE * spread)), out=wide)
    wide[local < _PART] = 0
    np.maximum(ratio, wide, out=ratio)
    ratio[~was_sea] = 0
    out = ratio >= 1
    names = ("blue", "nir")
    if out.any() and palest is not None and set(names) <= set(after.bands):
        # what was added, less what was added all around, and is whiter than ground
        added = [_less_around(difference[after.bands.index(n)], open_sea)[out] for n in names]
        ratio[out] = np.where(whiter(np.stack(added), names, palest), 0, ratio[out])
    return ratio


def _standardised(difference: np.ndarray, sea: np.ndarray) -> np.ndarray:
    """Mean over the bands, each over its spread on water, so that no band drowns the others."""
    total = np.zeros(sea.shape, np.float32)
    for band in difference:
        centre = middle(band, sea)
        spread = 1.4826 * middle(np.abs(band - np.float32(centre)), sea)
        total += (band - np.float32(centre)) * np.float32(1 / max(spread, 1e-9))
    return total / np.float32(len(difference))


def _less_around(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """`values` less their mean over the `where` pixels around each pixel.

    The mean is taken of every second row and column: it is smooth, and it costs a quarter.
    """
    size = (_AROUND // 2, _AROUND // 2)
    thin, known = values[::2, ::2], where[::2, ::2]
    share = cv2.blur(known.astype(np.float32), size, borderType=cv2.BORDER_REFLECT)
    total = cv2.blur(np.where(known, thin, 0), size, borderType=cv2.BORDER_REFLECT)
    mean = total / np.maximum(share, np.float32(0.01))
    height, width = values.shape
    return values - cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
