"""Something on the sea that was not there: water in both scenes, and yet changed.

Moorings, ships, floats, piles: something that stands out from the water around it, as
``sea`` measures it. What was added and is whiter than any ground of the scene is a wisp
of cloud, foam or a ship; close to a cloud nothing is told. Where the bands cannot tell
water from land (colour images), the general change score stands in.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context


@dataclass(frozen=True)
class SeaChange:
    """Water → water with something on it.

    cloud : pixels beside what was not seen of which nothing is told.
    """

    cloud: int = 10
    kind: str = "sea_change"

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """How far the change stands out of the sea; the general score where none is told."""
        waters = context.waters
        if waters is None:
            return context.change
        if not waters.unseen.any():
            return waters.afloat
        near = cv2.distanceTransform((~waters.unseen).view(np.uint8), cv2.DIST_L2, 5)
        return np.where(near <= self.cloud, np.float32(np.nan), waters.afloat)
