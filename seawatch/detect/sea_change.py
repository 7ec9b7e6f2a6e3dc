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

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt, uniform_filter

from ..scenes import Image
from ._detector import Context, logistic
from .water import whiter


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
        open_sea = sea & ~binary_dilation(land, iterations=self.shore)
        difference = _standardised(after.pixels - before.pixels, sea)
        local = difference - _mean_around(difference, open_sea, self.around)
        if open_sea.sum() < 100:
            return np.where(np.isfinite(difference), 0, np.nan).astype(np.float32)
        spread = 1.4826 * np.median(np.abs(local[open_sea]))
        score = logistic(local / max(float(spread), 1e-9), self.z, self.z)
        around = [_mean_around(d, open_sea, self.around) for d in after.pixels - before.pixels]
        added = Image(after.pixels - before.pixels - np.stack(around), after.bands, after.grid)
        score[~open_sea | whiter(added, context.palest)] = 0
        hidden = ~np.isfinite(difference)
        if hidden.any():
            hidden = distance_transform_edt(~hidden) <= self.cloud
        score[hidden] = np.nan
        return score


def _standardised(difference: np.ndarray, sea: np.ndarray) -> np.ndarray:
    """Mean over the bands, each over its spread on water, so that no band drowns the others."""
    if not sea.any():
        return difference.mean(axis=0)
    middle = np.median(difference[:, sea], axis=1)
    spread = 1.4826 * np.median(np.abs(difference[:, sea] - middle[:, None]), axis=1)
    scaled = (difference - middle[:, None, None]) / np.maximum(spread, 1e-9)[:, None, None]
    return scaled.mean(axis=0)


def _mean_around(values: np.ndarray, where: np.ndarray, size: int) -> np.ndarray:
    """Mean of `values` over the `where` pixels around each pixel; 0 where there are none."""
    share = uniform_filter(where.astype(np.float32), size)
    total = uniform_filter(np.where(where, values, 0).astype(np.float32), size)
    return np.where(share > 0.01, total / np.maximum(share, 0.01), 0)
