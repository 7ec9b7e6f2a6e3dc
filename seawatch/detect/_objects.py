"""The objects of a map of bool: which pixels each has, how wide and how long it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ..compiled import compiled


@dataclass(frozen=True)
class Labels:
    """Connected objects (eight neighbours) of a map, numbered from 0 in reading order.

    at : flat index of every changed pixel, ascending; label : the object of each.
    """

    shape: tuple[int, int]
    at: np.ndarray
    label: np.ndarray
    number: int

    @property
    def pixels(self) -> np.ndarray:
        """How many each has."""
        return np.bincount(self.label, minlength=self.number)

    def parts(self, chosen: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Number of each chosen object, and the flat index of its pixels, ascending."""
        order = np.argsort(self.label, kind="stable")
        starts = np.searchsorted(self.label[order], np.arange(self.number + 1))
        for number in chosen:
            yield int(number), self.at[order[starts[number] : starts[number + 1]]]

    def windows(self, chosen: np.ndarray) -> Iterator[tuple[int, tuple[slice, slice], np.ndarray]]:
        """Number, window and mask of each chosen object, (row, column) of bool."""
        for number, at in self.parts(chosen):
            yield number, *_window(at, self.shape[1])


def _window(at: np.ndarray, width: int) -> tuple[tuple[slice, slice], np.ndarray]:
    """Where the pixels at some flat indexes of a map so wide lie, and their mask in there."""
    rows, columns = np.divmod(at, width)
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), bool)
    mask[rows - top, columns - left] = True
    return (slice(top, top + mask.shape[0]), slice(left, left + mask.shape[1])), mask


def labelled(changed: np.ndarray) -> Labels:
    """The objects of a map of bool, or of a map of numbers those of equal ones other than 0.

    Cheap where little of it is anything.
    """
    at = np.flatnonzero(changed != 0)  # of bool it is by far the quickest
    one, other = _neighbours(at, changed.ravel()[at], changed.shape[1])
    label, number = connected(one, other, len(at))
    return Labels(changed.shape, at, label, number)


def connected(one: np.ndarray, other: np.ndarray, things: int) -> tuple[np.ndarray, int]:
    """Which group each of so many things is in, numbered by their first, and how many there are.

    one, other : (link,), two things each that are in one group.
    """
    label = np.arange(things)
    return label, int(_connect(one, other, label))


@compiled
def _connect(one: np.ndarray, other: np.ndarray, label: np.ndarray) -> int:
    """Union by the lower number; the paths to it are halved on the way (Tarjan 1975)."""
    for link in range(len(one)):
        a, b = one[link], other[link]
        while a != label[a]:
            label[a] = label[label[a]]
            a = label[a]
        while b != label[b]:
            label[b] = label[label[b]]
            b = label[b]
        label[max(a, b)] = min(a, b)
    number = 0
    for thing in range(len(label)):
        first = label[thing]
        if first == thing:
            label[thing] = number
            number += 1
        else:  # a lower one, numbered already
            label[thing] = label[first]
    return number


@compiled
def _neighbours(at: np.ndarray, value: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of equal pixels side by side or corner to corner, as their numbers in `at`."""
    one, other = np.empty(4 * len(at), np.intp), np.empty(4 * len(at), np.intp)
    found = above = 0  # above: the first pixel that is not before this one's upper left
    for pixel in range(len(at)):
        place = at[pixel]
        column = place % width
        left = column > 0 and pixel > 0 and at[pixel - 1] == place - 1
        if left and value[pixel - 1] == value[pixel]:
            one[found], other[found] = pixel, pixel - 1
            found += 1
        while at[above] < place - width - 1:
            above += 1
        least = place - width - (1 if column > 0 else 0)
        most = place - width + (1 if column < width - 1 else 0)
        upper = above
        while at[upper] <= most:
            if at[upper] >= least and value[upper] == value[pixel]:
                one[found], other[found] = pixel, upper
                found += 1
            upper += 1
    return one[:found], other[:found]


class Object:
    """One object; lengths in pixels.

    at : flat index of its pixels; window : where it lies; mask : its pixels in there.
    """

    def __init__(self, at: np.ndarray, width: int):
        self.at = at
        self.window, self.mask = _window(at, width)

    @property
    def longest(self) -> float:
        """What its length cannot exceed: the diagonal of its window."""
        return float(np.hypot(*self.mask.shape))

    @property
    def length(self) -> float:
        """The longer side of the narrowest rectangle about it."""
        return self._sides[1]

    @property
    def width(self) -> float:
        """The shorter side of the narrowest rectangle about it."""
        return self._sides[0]

    @cached_property
    def thickness(self) -> float:
        """Diameter of the largest circle in it."""
        return thickness(self.mask)

    @property
    def fill(self) -> float:
        """Share of the rectangle about it that it fills, 0-1."""
        return np.count_nonzero(self.mask) / (self.length * self.width)

    @cached_property
    def _sides(self) -> tuple[float, float]:
        places = np.argwhere(self.mask)[:, ::-1].astype(np.float32)
        short, long = sorted(cv2.minAreaRect(places)[1])
        # a rectangle about pixel centres is half a pixel short on each side
        return short + 1, long + 1


def objects(labels: Labels, least_pixels: int) -> Iterator[Object]:
    """The objects of at least so many pixels."""
    for _, at in labels.parts(np.flatnonzero(labels.pixels >= least_pixels)):
        yield Object(at, labels.shape[1])


def thickness(mask: np.ndarray) -> float:
    """Diameter of the largest circle in an object, pixels."""
    inside = cv2.distanceTransform(
        np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return 2 * float(inside.max()) - 1
