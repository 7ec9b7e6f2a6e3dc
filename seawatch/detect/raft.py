"""Rafts and longlines: a block on the water that stands out, wide and straight-edged.

At ten metres single lines (some five to thirty metres apart) are not resolved; a block of
them is a rectangle, brighter and greener than the sea around it, of 0.15 hectares and more.
A ship is narrower, a plume has no straight edges, and cages stand in a grid (see ``cage``).
The closing of gaps is mathematical morphology's (Serra 1982).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, untold
from ._objects import labelled, objects


@dataclass(frozen=True)
class Raft:
    """Water → a block of rafts.

    area_m2, wide_m : at least; gap_m : between lines of one block, at most; fill : share of
    the rectangle about it that the block fills.
    """

    area_m2: float = 1500.0
    wide_m: float = 25.0
    gap_m: float = 30.0
    fill: float = 0.6
    kind: str = "raft"

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """How far it stands out, over wide straight-edged objects on water; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        if not waters.standing.number:
            return waters.nothing
        score, evidence = waters.nothing.copy(), waters.stands
        least = max(12, int(self.area_m2 / context.pixel_m**2))
        # lines that are told apart are one block with the water between them
        half = round(self.gap_m / context.pixel_m / 2)
        gap = np.ones((2 * half + 1,) * 2, np.uint8)
        lines = (evidence >= 0.5).astype(np.uint8)
        blocks = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, gap) > 0
        for one in objects(labelled(blocks), least):
            told = evidence[one.window][one.mask]
            dry = waters.emerged[one.window][one.mask] >= 0.5
            if np.count_nonzero(dry) >= np.count_nonzero(told >= 0.5) / 2:
                continue  # land, not something afloat
            if one.width * context.pixel_m >= self.wide_m and one.fill >= self.fill:
                score[one.window][one.mask] = told[told >= 0.5].mean()
        return score
