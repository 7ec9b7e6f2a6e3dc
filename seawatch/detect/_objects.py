"""The objects of a map of bool: how large, how wide and how long each is."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Object:
    """One connected object (eight neighbours); lengths in pixels.

    window : where it lies; mask : its pixels in there.
    length, width : sides of the narrowest rectangle about it, the longer first.
    thickness : diameter of the largest circle in it.
    """

    window: tuple[slice, slice]
    mask: np.ndarray
    pixels: int
    length: float
    width: float
    thickness: float

    @property
    def fill(self) -> float:
        """Share of the rectangle about it that it fills, 0-1."""
        return self.pixels / (self.length * self.width)


def objects(changed: np.ndarray, least_pixels: int) -> list[Object]:
    """The objects of at least so many pixels, in reading order."""
    if np.count_nonzero(changed) < least_pixels:
        return []
    number, labels, boxes, _ = cv2.connectedComponentsWithStats(changed.astype(np.uint8))
    found = []
    for name in range(1, number):
        left, top, width, height, pixels = (int(value) for value in boxes[name])
        if pixels < least_pixels:
            continue
        window = (slice(top, top + height), slice(left, left + width))
        mask = labels[window] == name
        places = np.argwhere(mask)[:, ::-1].astype(np.float32)
        sides = sorted(cv2.minAreaRect(places)[1])
        inside = cv2.distanceTransform(
            np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
        )
        # a rectangle about pixel centres is half a pixel short on each side
        sizes = (sides[1] + 1, sides[0] + 1, 2 * float(inside.max()) - 1)
        found.append(Object(window, mask, pixels, *sizes))
    return found
