"""What a detector is, and what it is told besides the two images."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

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


def logistic(values: np.ndarray, middle: float, scale: float) -> np.ndarray:
    """0.5 at `middle`, 0.95 a `scale` above it."""
    return expit(2.94 * (values - middle) / scale).astype(np.float32)
