"""Enclosed: sea that a new dike has closed off.

Water of the later scene that was joined to the open sea in the earlier one and is not any
more. A barrier is what turned to land or stands out of the sea (``sea``): at ten metres a
dike of ten does not fill its pixels. Water joins along its pixels' sides only, so a dike
that runs aslant closes too. The dike is part of what was enclosed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, Score, untold
from ._objects import Labels, thickness

_AROUND = np.ones((3, 3), np.uint8)


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

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """0.9 over closed-off water and the new barrier about it; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        if waters.standing.pixels.max(initial=0) < self.dike:
            return waters.sparse([], [])
        hidden, built = waters.unseen, waters.stood
        beside = cv2.dilate(built.view(np.uint8), _AROUND).view(bool)
        water = ((waters.after > 0) & ~built) | hidden
        ponds = list(_ponds(water, beside, [a / context.pixel_m**2 for a in self.area_m2]))
        if not ponds:
            return waters.sparse([], [])
        body, size = _bodies((waters.before > 0) | hidden)
        shut, touched = np.zeros(hidden.shape, bool), np.zeros(hidden.shape, bool)
        for at, mask in ponds:
            edge = (cv2.dilate(mask.astype(np.uint8), _AROUND) > 0) & ~mask
            if beside[at][edge].mean() < self.new or hidden[at][mask].any():
                continue
            # it was joined to more water than its own
            joined = np.bincount(body[at][mask]).argmax()
            if joined > 0 and size[joined, cv2.CC_STAT_AREA] >= 2 * np.count_nonzero(mask):
                shut[at] |= mask
                touched[at] |= edge & built[at]
        if touched.any():
            widest = max(3.0, self.wide_m / context.pixel_m)
            shut |= touched | _barrier(waters.standing, touched, widest)
        places = np.flatnonzero(shut)
        return waters.sparse([places], [np.full(len(places), 0.9, np.float32)])


def _ponds(
    water: np.ndarray, beside: np.ndarray, pixels: Sequence[float]
) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """Bodies of so many pixels that touch `beside` and lie whole in the window.

    Yields the part of the window each lies in, with a margin of one pixel, and its mask.
    """
    body, size = _bodies(water)
    left, top, wide, high, area = size.T
    whole = (left > 0) & (top > 0)
    whole &= (left + wide < water.shape[1]) & (top + high < water.shape[0])
    touching = np.zeros(len(size), bool)
    touching[body.ravel()[np.flatnonzero(beside)]] = True
    touching[0] = False  # no water
    for number in np.flatnonzero(touching & whole & (area >= pixels[0]) & (area <= pixels[1])):
        row, column = top[number] - 1, left[number] - 1
        at = (slice(row, row + high[number] + 2), slice(column, column + wide[number] + 2))
        yield at, body[at] == number


def _barrier(standing: Labels, touched: np.ndarray, widest: float) -> np.ndarray:
    """The objects up to so thick that hold a touched pixel, (row, column) of bool."""
    thin = np.zeros(standing.shape, bool)
    chosen = np.unique(standing.label[touched.ravel()[standing.at]])
    for _, window, mask in standing.windows(chosen):
        thin[window] |= mask & (thickness(mask) <= widest)
    return thin


def _bodies(water: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which body each pixel of a map of bool belongs to, joined along sides only; 0 for none.

    With (body, 5) of left, top, width, height and area in pixels.
    """
    return cv2.connectedComponentsWithStats(water.view(np.uint8), connectivity=4)[1:3]
