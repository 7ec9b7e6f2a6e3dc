"""Vegetation lost on land: clearing, quarrying or building on an island.

NDVI = (nir − red) / (nir + red) (Rouse et al. 1974). The season moves the whole land at
once, so a drop is held against the middle drop of the window's land and its robust
spread, and must be a general change too. Bare ground is brighter in red than what grew
there: a cloud's shadow is not, and cloud itself is too white for ground.
"""

from dataclasses import dataclass

import numpy as np

from ..scenes import Image
from ._detector import Context, logistic, middle, untold
from .water import index, whiter


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

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """NDVI drop beyond the season's, 0-1, on ground that was green and land twice."""
        waters = context.waters
        if waters is None or not {"red", "nir"} <= set(after.bands):
            return untold(after)
        green = index(before, ("nir", "red"))
        drop = green - index(after, ("nir", "red"))
        land = (waters.before <= 0.5) & (waters.after <= 0.5) & (green > self.green)
        if land.sum() < 100:
            return np.where(np.isfinite(drop), 0, np.nan).astype(np.float32)
        season = middle(drop, land)
        spread = 1.4826 * middle(np.abs(drop - np.float32(season)), land)
        limit = max(self.drop, self.z * spread)
        score = np.minimum(logistic(drop, season + limit, limit), context.change)
        red = np.log(np.maximum(after.band("red"), 1e-6) / np.maximum(before.band("red"), 1e-6))
        brighter = red > np.float32(middle(red, land) + np.log(self.brighter))
        score[~(land & brighter) | whiter(after, waters.palest)] = 0
        score[~np.isfinite(drop)] = np.nan
        return score.astype(np.float32)
