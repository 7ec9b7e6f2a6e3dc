"""Enclosed: sea that a new dike has closed off.

Water of the later scene that was joined to the open sea in the earlier one and is not any
more. A barrier is what turned to land or stands out of the sea (``sea``): at ten metres a
dike of ten does not fill its pixels. Water joins along its pixels' sides only, so a dike
that runs aslant closes too. The dike is part of what was enclosed. A wet flat is as much
water as land, and noise alone makes ponds of it: what was enclosed is surely water, both times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, Score, Wet, untold
from ._distance import Part
from ._objects import Bodies, Labels, thickness

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
        water = (waters.after.water & ~built) | hidden
        ponds = list(_ponds(water, beside, [a / context.pixel_m**2 for a in self.area_m2]))
        if not ponds:
            return waters.sparse([], [])
        earlier = Bodies(waters.before.water | hidden)
        shut, touched = np.zeros(hidden.shape, bool), np.zeros(hidden.shape, bool)
        for at, mask in ponds:
            if not all(_surely(wet, at, mask) for wet in (waters.before, waters.after)):
                continue
            edge = (cv2.dilate(mask.view(np.uint8), _AROUND) > 0) & ~mask
            if beside[at][edge].mean() < self.new or hidden[at][mask].any():
                continue
            # it was joined to more water than its own
            joined = np.bincount(earlier.at(_flat(at, mask, hidden.shape[1])) + 1).argmax() - 1
            if joined >= 0 and earlier.area[joined] >= 2 * np.count_nonzero(mask):
                shut[at] |= mask
                touched[at] |= edge & built[at]
        if touched.any():
            widest = max(3.0, self.wide_m / context.pixel_m)
            shut |= touched | _barrier(waters.standing, touched, widest)
        places = np.flatnonzero(shut)
        return waters.sparse([places], [np.full(len(places), 0.9, np.float32)])


def _surely(wet: Wet, at: Part, mask: np.ndarray) -> bool:
    """Whether most of a pond's pixels are surely water in one scene."""
    return bool(np.median(wet.odds[at][mask]) >= wet.sea)


def _ponds(
    water: np.ndarray, beside: np.ndarray, pixels: Sequence[float]
) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """Bodies of so many pixels that touch `beside` and lie whole in the window.

    Yields the part of the window each lies in, with a margin of one pixel, and its mask.
    """
    bodies = Bodies(water)
    top, left, bottom, right = bodies.box.T
    chosen = (top > 0) & (left > 0) & (bottom < water.shape[0]) & (right < water.shape[1])
    chosen &= (bodies.area >= pixels[0]) & (bodies.area <= pixels[1])
    touching = np.zeros(len(bodies.area) + 1, bool)  # the last for what is no water
    touching[bodies.at(np.flatnonzero(beside))] = True
    return bodies.masks(np.flatnonzero(chosen & touching[:-1]), margin=1)


def _flat(at: tuple[slice, slice], mask: np.ndarray, width: int) -> np.ndarray:
    """Flat indexes in a map so wide of the pixels of a mask of a part of it."""
    rows, columns = np.nonzero(mask)
    return (rows + at[0].start) * width + columns + at[1].start


def _barrier(standing: Labels, touched: np.ndarray, widest: float) -> np.ndarray:
    """The objects up to so thick that hold a touched pixel, (row, column) of bool."""
    thin = np.zeros(standing.shape, bool)
    chosen = np.unique(standing.label[touched.ravel()[standing.at]])
    for _, window, mask in standing.windows(chosen):
        thin[window] |= mask & (thickness(mask) <= widest)
    return thin
