"""Built on land: ground that was bare became brighter, and is not green.

Roofs, paving, concrete: brightness over the visible bands rises beyond what the season and
the air did to the land around (its middle, in robust spreads), it is a general change, and
the later NDVI = (nir − red) / (nir + red) (Rouse et al. 1974) is low. Green that became bare
is told by ``vegetation_lost``; what is whiter than any land is cloud.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, logistic, middle, untold
from .water import index, whiter


@dataclass(frozen=True)
class Built:
    """Bare → built.

    brighter : times the land around; z : the same in robust spreads of the land around;
    green : NDVI that is vegetation; beach : pixels beside water of which nothing is told.
    """

    brighter: float = 1.4
    z: float = 5.0
    green: float = 0.3
    beach: int = 3
    kind: str = "built"

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """Brightening beyond that of the land around, 0-1, on land that is not green."""
        waters = context.waters
        if waters is None or not {"green", "red", "nir"} <= set(after.bands):
            return untold(after)
        land = (waters.before <= 0.5) & (waters.after <= 0.5)
        score = waters.nothing()
        if np.count_nonzero(land) < 100:
            return score
        bright = [np.maximum(i.band("green") + i.band("red"), 1e-6) for i in (before, after)]
        rise = np.log(bright[1] / bright[0])
        around = middle(rise, land)
        spread = 1.4826 * middle(np.abs(rise - np.float32(around)), land)
        limit = max(float(np.log(self.brighter)), self.z * spread)
        told = np.minimum(logistic(rise, around + limit, limit), context.change)
        wet = ((waters.before > 0.5) | (waters.after > 0.5)).astype(np.uint8)
        # sand that the tide left to dry brightens too
        beach = cv2.dilate(wet, np.ones((2 * self.beach + 1,) * 2, np.uint8)) > 0
        bare = land & ~beach & (index(before, ("nir", "red")) <= self.green)
        bare &= (index(after, ("nir", "red")) <= self.green) & ~whiter(after, waters.palest)
        score[bare] = told[bare]
        return score
