"""Something on the sea that was not there: water in both scenes, and yet changed.

Rafts, cages, piles, moorings: something brighter than the water was. The difference is
held against its own surroundings, so that what is wide and smooth (a plume, glint, haze,
another tide's colour) drops out: z = (d − mean of d around) / robust spread of that on
water, with d the mean over the bands of after − before, each over its own spread. What
was added and is whiter than any ground of the scene is a wisp of cloud, foam or a ship;
close to a cloud nothing is told. Where the bands cannot tell water from land (colour
images), the general change score stands in.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, logistic, middle
from .water import whiter

_LEAST_SEA = 100  # pixels of open water to know its spread by


@dataclass(frozen=True)
class SeaChange:
    """Water → water with something on it.

    around : side of the surroundings, pixels; z : robust spreads that count as change;
    shore : pixels beside land that are left out, as they mix both; cloud : pixels beside
    what was not seen of which nothing is told.
    """

    around: int = 31
    z: float = 8.0
    shore: int = 2
    cloud: int = 10
    kind: str = "sea_change"

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """Local contrast of the change over water; the general score where water is not told."""
        if context.water_before is None or context.water_after is None:
            return context.change.astype(np.float32)
        sea = (context.water_before > 0.5) & (context.water_after > 0.5)
        land = (context.water_before <= 0.5) | (context.water_after <= 0.5)
        hidden = ~(sea | land)
        box = np.ones((2 * self.shore + 1,) * 2, np.uint8)
        open_sea = sea & (cv2.dilate(land.astype(np.uint8), box) == 0)
        score = np.zeros(sea.shape, np.float32)
        if np.count_nonzero(open_sea) >= _LEAST_SEA:
            difference = after.pixels - before.pixels
            local = _less_around(_standardised(difference, open_sea), open_sea, self.around)
            spread = 1.4826 * middle(np.abs(local), open_sea)
            score = logistic(local / np.float32(max(spread, 1e-9)), self.z, self.z)
            score[~open_sea] = 0
            if (score >= 0.5).any():
                added = Image(difference, after.bands, after.grid)
                score[self._white(added, open_sea, context.palest)] = 0
        if hidden.any():
            near = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 5)
            score[near <= self.cloud] = np.nan
        return score

    def _white(self, added: Image, sea: np.ndarray, palest: float | None) -> np.ndarray:
        """Where what was added, less what was added all around, is whiter than ground."""
        names = [name for name in ("blue", "nir") if name in added.bands]
        local = [_less_around(added.band(name), sea, self.around) for name in names]
        return whiter(Image(np.stack(local or [sea]), tuple(names), added.grid), palest)


def _standardised(difference: np.ndarray, sea: np.ndarray) -> np.ndarray:
    """Mean over the bands, each over its spread on water, so that no band drowns the others."""
    total = np.zeros(sea.shape, np.float32)
    for band in difference:
        centre = middle(band, sea)
        spread = 1.4826 * middle(np.abs(band - np.float32(centre)), sea)
        total += (band - np.float32(centre)) * np.float32(1 / max(spread, 1e-9))
    return total / len(difference)


def _less_around(values: np.ndarray, where: np.ndarray, size: int) -> np.ndarray:
    """`values` less their mean over the `where` pixels around each pixel."""
    weight = where.astype(np.float32)
    share = cv2.blur(weight, (size, size), borderType=cv2.BORDER_REFLECT)
    total = cv2.blur(np.where(where, values, 0), (size, size), borderType=cv2.BORDER_REFLECT)
    return values - total / np.maximum(share, np.float32(0.01))
