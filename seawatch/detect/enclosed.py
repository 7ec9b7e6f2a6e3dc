"""Enclosed: sea that a new dike has closed off.

Water of the later scene that was joined to the open sea in the earlier one and is not any
more. A barrier is what turned to land or stands out of the sea (``sea``): at ten metres a
dike of ten does not fill its pixels. Water joins along its pixels' sides only, so a dike
that runs aslant closes too. The dike is part of what was enclosed.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, untold
from ._objects import Labels, thickness


@dataclass(frozen=True)
class Enclosed:
    """Open sea → closed-off water.

    area_m2 : least and most, of the water; new : share of its edge that is new;
    dike : pixels that the new barrier has at least; wide_m : at most so wide (three pixels
    where they are larger) it is of what was enclosed, and else other land, but for its edge.
    """

    area_m2: tuple[float, float] = (1000.0, 1e6)
    new: float = 0.3
    dike: int = 8
    wide_m: float = 25.0
    kind: str = "enclosed"

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """0.9 over closed-off water and the new barrier about it; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        score, hidden = waters.nothing(), np.isnan(waters.emerged)
        built = waters.stands >= 0.5
        if waters.standing.pixels.max(initial=0) < self.dike:
            return score
        open_before = (waters.before > 0.5) | hidden
        open_after = ((waters.after > 0.5) & ~built) | hidden
        number, labels, boxes, _ = _bodies(open_after)
        least, most = (a / context.pixel_m**2 for a in self.area_m2)
        _, joined, whole, _ = _bodies(open_before)
        beside = cv2.dilate(built.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        touched = np.zeros(hidden.shape, bool)
        rows, columns = hidden.shape
        for name in range(1, number):
            left, top, width, height, pixels = (int(value) for value in boxes[name])
            cut_by_window = left == 0 or top == 0 or left + width == columns or top + height == rows
            if not least <= pixels <= most or cut_by_window:
                continue
            # a margin, for the barrier about it
            at = np.s_[top - 1 : top + height + 1, left - 1 : left + width + 1]
            mask = labels[at] == name
            body = np.bincount(joined[at][mask]).argmax()
            if body == 0 or whole[body][4] < 2 * pixels or hidden[at][mask].any():
                continue  # it was not joined to more water than its own
            edge = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            edge &= ~mask
            if beside[at][edge].mean() >= self.new:
                score[at][mask] = 0.9
                touched[at] |= edge & built[at]
        if touched.any():
            widest = max(3.0, self.wide_m / context.pixel_m)
            score[touched | _barrier(waters.standing, touched, widest)] = 0.9
        return score


def _barrier(standing: Labels, touched: np.ndarray, widest: float) -> np.ndarray:
    """The objects up to so thick that hold a touched pixel, (row, column) of bool."""
    thin = np.zeros(standing.shape, bool)
    chosen = np.unique(standing.label[touched.ravel()[standing.at]])
    for _, window, mask in standing.windows(chosen):
        thin[window] |= mask & (thickness(mask) <= widest)
    return thin


def _bodies(water: np.ndarray) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Number of water bodies, their labels, their boxes with areas, their middles."""
    return cv2.connectedComponentsWithStats(water.astype(np.uint8), connectivity=4)
