"""Vegetation lost on land: clearing, quarrying or building on an island.

NDVI = (nir − red) / (nir + red) (Rouse et al. 1974). The season moves the whole land at
once, so a drop is held against the middle drop of the window's land and its robust
spread, and must be a general change too. Bare ground is brighter in red than what grew
there: a cloud's shadow is not, and cloud itself is too white for ground.
"""

from dataclasses import dataclass

import numpy as np

from ..scenes import Image
from ._detector import Context, Score, score_of, untold
from .water import whiter


@dataclass(frozen=True)
class VegetationLost:
    """Green → bare.

    drop : of NDVI beyond the season's that counts; z : the same in robust spreads of the
    land around; green : NDVI that is vegetation at all.
    """

    drop: float = 0.2
    z: float = 4.0
    green: float = 0.3
    brighter: float = 1.15
    kind: str = "vegetation_lost"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """NDVI drop beyond the season's, 0-1, on ground that was green and land twice."""
        waters = context.waters
        if waters is None or not {"red", "nir"} <= set(after.bands):
            return untold(after)
        # only what is a general change can be one of these: the rest is not looked at
        at, general = context.changed_land
        if not len(at):
            return waters.sparse([], [])
        bands = ["red", "nir", *({"blue"} & set(after.bands))]
        some = waters.some_land
        drop, red, green = _of(*(image.values(some, bands[:2]) for image in (before, after)))
        green = green > self.green
        if np.count_nonzero(green) < 100:
            return waters.sparse([], [])
        season, brighter = np.median(drop[green]), np.median(red[green])
        limit = max(self.drop, self.z * 1.4826 * float(np.median(np.abs(drop[green] - season))))
        one, two = before.values(at, bands), after.values(at, bands)
        drop, red, green = _of(one, two)
        odds = (drop - np.float32(season + limit)) / np.float32(limit)
        told = score_of(np.minimum(odds, general))
        told[(green <= self.green) | (red <= brighter + np.log(self.brighter))] = 0
        told[whiter(two, bands, waters.palest)] = 0
        return waters.sparse([at], [told])


def _of(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, ...]:
    """Drop of NDVI, brightening in red (log), and NDVI before, of (band, pixel) pixels.

    The first band is red, the second infrared.
    """
    one, two = (np.maximum(pixels, 1e-6) for pixels in (before, after))
    green, left = ((p[1] - p[0]) / (p[1] + p[0]) for p in (one, two))
    return green - left, np.log(two[0] / one[0]), green
