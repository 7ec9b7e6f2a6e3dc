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
from ._detector import Context, Score, score_of, untold
from .water import whiter

_BRIGHT = ("green", "red")


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

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """Brightening beyond that of the land around, 0-1, on land that is not green."""
        waters = context.waters
        if waters is None or not {"green", "red", "nir"} <= set(after.bands):
            return untold(after)
        # only what is a general change can be built: the rest is not looked at
        at, general = context.changed_land
        if not len(at):
            return waters.sparse([], [])
        some = waters.some_land
        if len(some) < 100:
            return waters.sparse([], [])
        rise = _rise(*(image.values(some, _BRIGHT) for image in (before, after)))
        around = float(np.median(rise))
        spread = 1.4826 * float(np.median(np.abs(rise - around)))
        limit = max(float(np.log(self.brighter)), self.z * spread)
        # sand that the tide left to dry brightens too
        wet = (waters.before.water | waters.after.water).view(np.uint8)
        beach = cv2.dilate(wet, np.ones((2 * self.beach + 1,) * 2, np.uint8)).ravel()[at] > 0
        at, general = at[~beach], general[~beach]
        bands = [*_BRIGHT, "nir", *({"blue"} & set(after.bands))]
        one, two = before.values(at, bands), after.values(at, bands)
        odds = (_rise(one, two) - np.float32(around + limit)) / np.float32(limit)
        told = score_of(np.minimum(odds, general))
        grows = (_ndvi(one) > self.green) | (_ndvi(two) > self.green)
        told[grows | whiter(two, bands, waters.palest)] = 0
        return waters.sparse([at], [told])


def _rise(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Brightening (log) of (band, pixel) pixels, green and red first."""
    one, two = (np.maximum(p[0] + p[1], 1e-6) for p in (before, after))
    return np.log(two / one)


def _ndvi(pixels: np.ndarray) -> np.ndarray:
    """Of (band, pixel) pixels, the second red and the third infrared."""
    red, nir = (np.maximum(p, 1e-6) for p in pixels[1:3])
    return (nir - red) / (nir + red)
