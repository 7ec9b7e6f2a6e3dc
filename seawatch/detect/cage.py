"""Cages: bright rings or squares that stand in a grid, the same way apart along and across.

The autocorrelation of what stands out has a peak one spacing away in two directions across
each other (rows of a raft have it in one). It takes pixels of at most a third of the
spacing, so it is told by drones and two-metre satellites, not at ten metres, where cages
are rafts or a change on the sea.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from ._detector import Context, Score, untold
from ._objects import labelled, objects


@dataclass(frozen=True)
class Cage:
    """Water → a grid of cages.

    spacing_m : between neighbours, least and most; peak : of the autocorrelation, 0-1;
    line : of the same, all the way to the next neighbour: rows, not a grid.
    """

    spacing_m: tuple[float, float] = (6.0, 60.0)
    peak: float = 0.3
    line: float = 0.6
    kind: str = "cage"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """What stands out, over blocks of objects that repeat along and across; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        least, most = (round(m / context.pixel_m) for m in self.spacing_m)
        if least < 3 or not waters.standing.number:
            return waters.sparse([], [])
        cages, scores = [], []
        # cages that stand within a spacing of each other are one block
        near = cv2.dilate(waters.stood.view(np.uint8), np.ones((most // 2,) * 2, np.uint8))
        for block in objects(labelled(near), 9 * least * least):
            pattern = np.zeros(block.mask.shape, np.float32)
            pattern[block.mask] = np.nan_to_num(waters.stands(block.at))
            if self._repeats(pattern, least, most):
                cages.append(block.at)
                scores.append(np.full(len(block.at), 0.9, np.float32))
        return waters.sparse(cages, scores)

    def _repeats(self, pattern: np.ndarray, least: int, most: int) -> bool:
        """Whether a pattern is like itself a spacing away in two directions across each other."""
        if min(pattern.shape) < 3 * least:
            return False
        centred = pattern - pattern.mean()
        size = [2 * n for n in pattern.shape]
        power = np.abs(np.fft.rfft2(centred, size)) ** 2
        alike = np.fft.fftshift(np.fft.irfft2(power, size))
        # fewer pixels overlap the farther it is moved
        ones = np.abs(np.fft.rfft2(np.ones(pattern.shape), size)) ** 2
        alike /= np.maximum(np.fft.fftshift(np.fft.irfft2(ones, size)), pattern.size / 8)
        middle = (pattern.shape[0], pattern.shape[1])
        alike /= max(float(alike[middle]), 1e-12)
        reach = np.arange(least, min(most, min(pattern.shape) - 1) + 1)
        best, lines = [], []
        nearest = len(reach)
        for angle in np.radians(np.arange(0, 180, 5)):
            rows = middle[0] + np.rint(reach * np.sin(angle)).astype(int)
            columns = middle[1] + np.rint(reach * np.cos(angle)).astype(int)
            line = alike[rows, columns]
            rise = line - np.minimum.accumulate(line)
            peaks = rise > self.peak / 2
            best.append(float(np.where(peaks, line, 0).max(initial=0)))
            lines.append(line)
            if peaks.any():
                nearest = min(nearest, int(np.argmax(peaks)))
        # rows repeat aslant too, two ways across each other; but along them nothing falls
        if max(float(line[: nearest + 1].min()) for line in lines) >= self.line:
            return False
        across = [min(best[n], best[(n + 18) % 36]) for n in range(18)]
        return max(across) >= self.peak
