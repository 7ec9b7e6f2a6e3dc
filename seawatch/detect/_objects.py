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
    value : of each object, what its pixels are on the map.
    """

    shape: tuple[int, int]
    at: np.ndarray
    label: np.ndarray
    value: np.ndarray

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.value)

    @cached_property
    def pixels(self) -> np.ndarray:
        """How many each has."""
        return np.bincount(self.label, minlength=self.number)

    @cached_property
    def box(self) -> np.ndarray:
        """(object, 4) first row and column, and the last plus one."""
        row, column = np.divmod(self.at, self.shape[1])
        box = np.full((self.number, 4), -1)
        _measured(self.label, row, column, column + 1, box, np.zeros(self.number, np.intp))
        return box

    @cached_property
    def _grouped(self) -> tuple[np.ndarray, np.ndarray]:
        """The flat indexes object by object, and where each one's begin, with their end."""
        order = np.argsort(self.label, kind="stable")
        return self.at[order], np.append(0, np.cumsum(self.pixels))

    def parts(self, chosen: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Number of each chosen object, and the flat index of its pixels, ascending."""
        at, starts = self._grouped
        for number in chosen:
            yield int(number), at[starts[number] : starts[number + 1]]

    def windows(self, chosen: np.ndarray) -> Iterator[tuple[int, tuple[slice, slice], np.ndarray]]:
        """Number, window and mask of each chosen object, (row, column) of bool."""
        for number, at in self.parts(chosen):
            yield number, *_window(at, self.shape[1], self.box[number])


def _window(at: np.ndarray, width: int, box: np.ndarray) -> tuple[tuple[slice, slice], np.ndarray]:
    """Where a box lies, and which of its pixels some flat indexes of a map so wide are."""
    top, left, bottom, right = box.tolist()
    mask = np.zeros((bottom - top, right - left), bool)
    rows, columns = np.divmod(at, width)
    mask[rows - top, columns - left] = True
    return (slice(top, bottom), slice(left, right)), mask


def labelled(changed: np.ndarray) -> Labels:
    """The objects of a map of bool, or of a map of numbers those of equal ones other than 0.

    Cheap where little of it is anything.
    """
    some = changed if changed.dtype == bool else changed != 0  # of bool it is by far the quickest
    at = np.flatnonzero(some)
    values = changed.ravel()[at]
    one, other = _neighbours(at, values, changed.shape[1])
    label, number = connected(one, other, len(at))
    value = np.empty(number, changed.dtype)
    value[label] = values
    return Labels(changed.shape, at, label, value)


def connected(one: np.ndarray, other: np.ndarray, things: int) -> tuple[np.ndarray, int]:
    """Which group each of so many things is in, numbered by their first, and how many there are.

    one, other : (link,), two things each that are in one group.
    """
    label = np.arange(things)
    return label, int(_connect(one, other, label))


class Bodies:
    """The bodies of a map of bool, joined along their pixels' sides only, numbered from 0.

    They are held as runs, the unbroken lines of their rows (Rosenfeld & Pfaltz 1966): a body is
    large, and its lines are few.

    box : (body, 4) first row and column, and the last plus one; area : of each, in pixels.
    """

    def __init__(self, where: np.ndarray):
        self._width = where.shape[1]
        self._first, self._stop = _runs(where)
        row = self._first // self._width
        one, other = _beside(self._first, self._stop, self._width)
        self._body, number = connected(one, other, len(row))
        left, right = self._first - row * self._width, self._stop - row * self._width
        self.box = np.full((number, 4), -1)
        self.area = np.zeros(number, np.intp)
        _measured(self._body, row, left, right, self.box, self.area)

    def at(self, places: np.ndarray) -> np.ndarray:
        """Which body each pixel is of, by flat index; -1 for none."""
        run = np.searchsorted(self._first, places, "right") - 1
        inside = run >= 0
        inside[inside] = places[inside] < self._stop[run[inside]]
        return np.where(inside, self._body[run] if len(self._body) else -1, -1)

    def masks(
        self, chosen: np.ndarray, margin: int
    ) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
        """Window and mask of each chosen one, which lies as far from the map's edge."""
        order = np.argsort(self._body, kind="stable")
        starts = np.searchsorted(self._body[order], np.arange(len(self.box) + 1))
        for number in chosen:
            runs = order[starts[number] : starts[number + 1]]
            top, left, bottom, right = self.box[number] + [-margin, -margin, margin, margin]
            row, first = np.divmod(self._first[runs], self._width)
            turns = np.zeros((bottom - top, right - left + 1), np.int8)
            turns[row - top, first - left] = 1
            turns[row - top, self._stop[runs] - row * self._width - left] = -1
            inside = np.cumsum(turns[:, :-1], axis=1, dtype=np.int8)
            yield (slice(top, bottom), slice(left, right)), inside.view(bool)


@compiled
def _runs(where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flat index of the first pixel of each run, and that after its last."""
    rows, columns = where.shape
    most = rows * ((columns + 1) // 2)
    first, stop = np.empty(most, np.intp), np.empty(most, np.intp)
    run = 0
    for row in range(rows):
        line = where[row]
        inside = False
        for column in range(columns):
            if line[column] != inside:
                inside = not inside
                if inside:
                    first[run] = row * columns + column
                else:
                    stop[run] = row * columns + column
                    run += 1
        if inside:
            stop[run] = (row + 1) * columns
            run += 1
    return first[:run].copy(), stop[:run].copy()


@compiled
def _beside(first: np.ndarray, stop: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of runs of neighbouring rows that touch along a side."""
    one, other = np.empty(2 * len(first), np.intp), np.empty(2 * len(first), np.intp)
    found = above = 0  # above: the first run that does not end before this one begins, a row up
    for run in range(len(first)):
        while stop[above] <= first[run] - width:
            above += 1
        upper = above
        while first[upper] < stop[run] - width:
            one[found], other[found] = run, upper
            found += 1
            upper += 1
    return one[:found], other[:found]


@compiled
def _measured(
    body: np.ndarray,
    row: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    box: np.ndarray,
    area: np.ndarray,
) -> None:
    for run in range(len(body)):
        number = body[run]
        if not area[number]:
            box[number, 0], box[number, 1], box[number, 3] = row[run], left[run], right[run]
        box[number, 1] = min(box[number, 1], left[run])
        box[number, 2] = row[run] + 1  # runs come in the order of their rows
        box[number, 3] = max(box[number, 3], right[run])
        area[number] += right[run] - left[run]


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

    def __init__(self, at: np.ndarray, width: int, box: np.ndarray):
        self.at = at
        self.window, self.mask = _window(at, width, box)

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


def objects(labels: Labels, least_pixels: int, least_long: float = 0) -> Iterator[Object]:
    """The objects of at least so many pixels, and not surely shorter than that."""
    longest = np.hypot(*(labels.box[:, 2:] - labels.box[:, :2]).T)
    chosen = (labels.pixels >= least_pixels) & (longest >= least_long)
    for number, at in labels.parts(np.flatnonzero(chosen)):
        yield Object(at, labels.shape[1], labels.box[number])


def thickness(mask: np.ndarray) -> float:
    """Diameter of the largest circle in an object, pixels."""
    padded = np.zeros([side + 2 for side in mask.shape], np.uint8)
    padded[1:-1, 1:-1] = mask
    inside = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return 2 * float(inside.max()) - 1


def thick(mask: np.ndarray) -> np.ndarray:
    """What of a map of bool is two pixels wide both ways: rows of one are mostly noise."""
    whole = mask[1:, 1:] & mask[:-1, 1:] & mask[1:, :-1] & mask[:-1, :-1]
    thick = np.zeros_like(mask)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            thick[rows, columns] |= whole
    return thick
