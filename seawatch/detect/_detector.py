"""What a detector is, and what it is told besides the two images."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..scenes import Image


@dataclass(frozen=True)
class Context:
    """What else is known of a window of a pair; every map is (row, column).

    change : the general change score, 0-1.
    water_before, water_after : how surely each pixel is water, 0-1; None where the bands
        cannot tell water from land.
    palest : log(blue ÷ near infrared) that no land of the later scene passes: what does is
        whiter than ground (cloud the mask missed, foam, ships); None where it is not known.
    """

    change: np.ndarray
    water_before: np.ndarray | None = None
    water_after: np.ndarray | None = None
    palest: float | None = None


class Detector(Protocol):
    """Anything that can be called with two images on one grid."""

    @property
    def kind(self) -> str:
        """The kind of change it finds, one of tables.CHANGE_KINDS."""

    def __call__(self, before: Image, after: Image, context: Context) -> np.ndarray:
        """Score of change, (row, column), float32 in 0-1; NaN where not seen or not told.

        0.5 and more counts as changed.
        """


def untold(image: Image) -> np.ndarray:
    """A score that says nothing anywhere: the bands this detector needs are not there."""
    return np.full(image.pixels.shape[1:], np.nan, np.float32)


def logistic(values: np.ndarray, middle: float, scale: float | np.ndarray) -> np.ndarray:
    """0.5 at `middle`, 0.95 a `scale` above it (ln 19 = 2.94); float32, NaN stays NaN."""
    power = (values - np.float32(middle)) * (np.float32(-2.94) / np.float32(scale))
    np.clip(power, -60, 60, out=power)
    np.exp(power, out=power)
    power += 1
    return np.reciprocal(power, out=power)


def middle(values: np.ndarray, where: np.ndarray) -> float:
    """The median of (row, column) `values` over `where`, from some ten thousand pixels."""
    step = max(1, int((np.count_nonzero(where) / 10_000) ** 0.5))
    chosen = values[::step, ::step][where[::step, ::step]]
    return float(np.median(chosen)) if chosen.size else 0.0
