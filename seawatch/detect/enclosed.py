"""Enclosed: sea that a new dike has closed off.

Water of the later scene that was joined to the open sea in the earlier one and is not any
more. A barrier is what turned to land or stands out of the sea (``sea``): at ten metres a
dike of ten does not fill its pixels. Water joins along its pixels' sides only, so a dike
that runs aslant closes too. The dike is part of what was enclosed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, untold
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

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """0.9 over closed-off water and the new barrier about it; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        if waters.standing.pixels.max(initial=0) < self.dike:
            return waters.nothing
        hidden, built = waters.unseen, waters.stands >= 0.5
        beside = cv2.dilate(built.astype(np.uint8), _AROUND) > 0
        body = _bodies((waters.before > 0.5) | hidden)
        score, touched = waters.nothing.copy(), np.zeros(hidden.shape, bool)
        least, most = (a / context.pixel_m**2 for a in self.area_m2)
        for at, mask in _ponds(((waters.after > 0.5) & ~built) | hidden, beside, (least, most)):
            edge = (cv2.dilate(mask.astype(np.uint8), _AROUND) > 0) & ~mask
            if beside[at][edge].mean() < self.new or hidden[at][mask].any():
                continue
            # it was joined to more water than its own
            joined = np.bincount(body.label[at][mask]).argmax()
            if joined > 0 and body.pixels[joined] >= 2 * np.count_nonzero(mask):
                score[at][mask] = 0.9
                touched[at] |= edge & built[at]
        if touched.any():
            widest = max(3.0, self.wide_m / context.pixel_m)
            score[touched | _barrier(waters.standing, touched, widest)] = 0.9
        return score


def _ponds(
    water: np.ndarray, beside: np.ndarray, pixels: tuple[float, float]
) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """Bodies of so many pixels that touch `beside` and lie whole in the window.

    Yields the part of the window each lies in, with a margin of one pixel, and its mask.
    """
    body = _bodies(water)
    chosen = (body.pixels >= pixels[0]) & (body.pixels <= pixels[1])
    touching = np.zeros(len(chosen), bool)
    touching[body.label[beside]] = True
    chosen &= touching
    chosen[0] = False  # what is no water
    for rim in (body.label[0], body.label[-1], body.label[:, 0], body.label[:, -1]):
        chosen[rim] = False
    places = np.flatnonzero(chosen[body.label]) if chosen.any() else np.empty(0, int)
    number = np.cumsum(chosen) - 1
    ponds = Labels(water.shape, places, number[body.label.ravel()[places]], int(chosen.sum()))
    for _, (rows, columns), mask in ponds.windows(np.arange(ponds.number)):
        yield (
            (slice(rows.start - 1, rows.stop + 1), slice(columns.start - 1, columns.stop + 1)),
            np.pad(mask, 1),
        )


def _barrier(standing: Labels, touched: np.ndarray, widest: float) -> np.ndarray:
    """The objects up to so thick that hold a touched pixel, (row, column) of bool."""
    thin = np.zeros(standing.shape, bool)
    chosen = np.unique(standing.label[touched.ravel()[standing.at]])
    for _, window, mask in standing.windows(chosen):
        thin[window] |= mask & (thickness(mask) <= widest)
    return thin


@dataclass(frozen=True)
class _Bodies:
    """Water bodies: the number of each pixel's, 0 where there is none, and pixels by number."""

    label: np.ndarray
    pixels: np.ndarray


def _bodies(water: np.ndarray) -> _Bodies:
    """The bodies of a map of bool, joined along their pixels' sides only."""
    _, label = cv2.connectedComponents(water.astype(np.uint8), connectivity=4)
    return _Bodies(label, np.bincount(label.ravel()))
