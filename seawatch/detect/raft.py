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
from ._detector import Context, Score, untold
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

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """How far it stands out, over wide straight-edged objects on water; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        if not waters.standing.number:
            return waters.sparse([], [])
        rafts, scores = [], []
        least = max(12, int(self.area_m2 / context.pixel_m**2))
        # lines that are told apart are one block with the water between them
        half = round(self.gap_m / context.pixel_m / 2)
        gap = np.ones((2 * half + 1,) * 2, np.uint8)
        blocks = cv2.morphologyEx(waters.stood.view(np.uint8), cv2.MORPH_CLOSE, gap)
        for one in objects(labelled(blocks), least):
            told = waters.stands(one.at)
            dry = waters.emerged.ravel()[one.at] >= 0
            if np.count_nonzero(dry) >= np.count_nonzero(told >= 0.5) / 2:
                continue  # land, not something afloat
            if one.width * context.pixel_m >= self.wide_m and one.fill >= self.fill:
                rafts.append(one.at)
                scores.append(np.full(len(one.at), told[told >= 0.5].mean(), np.float32))
        return waters.sparse(rafts, scores)
