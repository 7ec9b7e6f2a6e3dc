"""Land lost: land in the earlier scene, water in the later.

The score is min(land before, water after), each from the scene's own waterline
(`water`): erosion, dredging, a basin dug, a pond flooded.
"""

from dataclasses import dataclass

import numpy as np

from ..scenes import Image
from ._detector import Context, Score, score_of, untold


@dataclass(frozen=True)
class LandLost:
    """Land → water."""

    kind: str = "land_lost"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """min(land before, water after), 0-1."""
        waters = context.waters
        if waters is None:
            return untold(after)
        was, now = waters.before, waters.after
        at = np.flatnonzero(was.land & now.water)
        surer = np.minimum(-was.odds.ravel()[at], now.odds.ravel()[at])
        return Score(at, score_of(surer), odds=lambda: np.minimum(-was.odds, now.odds))
