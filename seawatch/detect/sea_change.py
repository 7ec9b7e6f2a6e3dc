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
from ._detector import Context, Score, dense, score_of


@dataclass(frozen=True)
class SeaChange:
    """Water → water with something on it.

    cloud : pixels beside what was not seen of which nothing is told.
    """

    cloud: int = 10
    kind: str = "sea_change"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """How far the change stands out of the sea; the general score where none is told."""
        waters = context.waters
        if waters is None:
            return dense(context.change(None))
        # what emerged is no more afloat; nor is it told what lies in a cloud's fringe
        at, dry = waters.standing.at, waters.dry
        near = waters.unseen
        if near.any():
            away = cv2.distanceTransform((~near).view(np.uint8), cv2.DIST_L2, 5)
            near = away <= self.cloud
        out = waters.stands_out.ravel()
        told = at[(out[at] >= 1) & ~dry & ~near.ravel()[at]]

        def odds() -> np.ndarray:
            odds = waters.stands_out - 1
            odds.ravel()[at[dry]] = -np.inf
            odds[near] = np.nan
            return odds

        return Score(told, score_of(out[told] - 1), odds=odds)
