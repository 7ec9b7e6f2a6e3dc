"""How far inside something a pixel lies."""

from functools import cached_property

import numpy as np

from ..compiled import compiled
from ..geo import REACH

Part = tuple[slice, slice]


class Distance:
    """Pixels that those inside something lie from its outside, never more than ``REACH``.

    True distances between pixels' middles, 0 outside, found as Saito & Toriwaki (1994) have
    it: down the columns of the whole map, and across only for pixels that somebody asks of.

    inside : (row, column) of bool.
    """

    def __init__(self, inside: np.ndarray):
        self._inside = inside

    @cached_property
    def _down(self) -> np.ndarray:
        """The same along columns alone, (row, column) of uint8."""
        down = np.empty(self._inside.shape, np.uint8)
        _down(self._inside, np.uint8(REACH), down)
        return down

    def at(self, places: np.ndarray) -> np.ndarray:
        """Of pixels by their flat indexes, float32."""
        return _across(self._down, places, REACH)

    def within(self, part: Part) -> np.ndarray:
        """Of some rows and columns, (row, column)."""
        rows, columns = (
            np.arange(n)[some] for n, some in zip(self._inside.shape, part, strict=True)
        )
        places = np.add.outer(rows * self._inside.shape[1], columns)
        return self.at(places.ravel()).reshape(places.shape)


@compiled
def _down(inside: np.ndarray, most: np.uint8, down: np.ndarray) -> None:
    one, none = np.uint8(1), np.uint8(0)  # of one type, and many are taken at once
    for column in range(down.shape[1]):
        down[0, column] = most if inside[0, column] else none
    for row in range(1, len(down)):
        here, above, within = down[row], down[row - 1], inside[row]
        for column in range(len(here)):
            far = min(np.uint8(above[column] + one), most)
            here[column] = far if within[column] else none
    for row in range(len(down) - 2, -1, -1):
        here, below = down[row], down[row + 1]
        for column in range(len(here)):
            here[column] = min(np.uint8(below[column] + one), here[column])


@compiled
def _across(down: np.ndarray, places: np.ndarray, reach: int) -> np.ndarray:
    columns = down.shape[1]
    found = np.empty(len(places), np.float32)
    for number, place in enumerate(places):
        row, column = place // columns, place % columns
        nearest = np.int64(down[row, column]) ** 2
        for step in range(1, reach):
            if step * step >= nearest:
                break
            for other in (column - step, column + step):
                if 0 <= other < columns:
                    nearest = min(nearest, step * step + np.int64(down[row, other]) ** 2)
        found[number] = np.sqrt(nearest)
    return found
