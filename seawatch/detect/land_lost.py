"""Land lost: land in the earlier scene, water in the later.

The score is min(land before, water after), each from the scene's own waterline
(`water`): erosion, dredging, a basin dug, a pond flooded.
"""

from dataclasses import dataclass

import numpy as np

from ..scenes import Image
from ._detector import Context, Score, dense, untold


@dataclass(frozen=True)
class LandLost:
    """Land → water."""

    kind: str = "land_lost"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """min(land before, water after), 0-1."""
        if context.waters is None:
            return untold(after)
        dry = np.negative(context.waters.before)
        return dense(np.minimum(dry, context.waters.after, out=dry))
