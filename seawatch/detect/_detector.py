"""What a detector is, and what it is told besides the two images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from ..scenes import NOT_SEEN, SCORE_STEPS, Image
from ._distance import Distance, Part
from ._objects import Labels, labelled

WHOLE: Part = (slice(None), slice(None))

SEA = 0.5
"""Share of the odds of a scene's usual water from which it is surely the sea, halfway from the
threshold: wet flats, and on a day with wind a radar's fields and sand that dried, lie by it."""

_HARDLY = 1 / 8  # a score that is told as none where maps are kept: it is noise, and packs ill
_HARDLY_ODDS = np.float32(-0.7)  # a little less than what that is in odds (see `Waters`)


@dataclass(frozen=True)
class Score:
    """What a detector makes of a window, 0-1, 0.5 and more is changed; maps are (row, column).

    Little of a window changes, so what did is told pixel by pixel, and maps only on demand.

    at : flat index of every pixel that may have changed; values : the score of each, float32.
    unseen : where nothing is told, of bool; what else is not named scores 0. Instead of it
    odds : makes a map of odds (see `Waters`) that tells of all pixels; NaN where nothing is told.
    """

    at: np.ndarray
    values: np.ndarray
    unseen: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    odds: Callable[[], np.ndarray] | None = None

    def part(self, window: Part = WHOLE, without: np.ndarray | None = None) -> np.ndarray:
        """The map of a part of the window, float32, NaN where nothing is told.

        without : flat indexes of the whole window that are not to count, but be 0.
        """
        if self.odds is None:
            score = np.where(self.unseen, np.float32(np.nan), np.float32(0))
            score.ravel()[self.at] = self.values
        else:
            score = score_of(self.odds())
        if without is not None:
            score.ravel()[without] = 0
        return score[window]

    def steps(self, window: Part, without: np.ndarray) -> np.ndarray:
        """The same in steps (`scenes.SCORE_STEPS`), rounded down: none is rounded up to a change.

        What is less likely than an eighth is told as 0.
        """
        at, values, unseen = self.at, self.values, self.unseen
        if self.odds is not None:
            odds = self.odds()
            at, unseen = np.flatnonzero(odds >= _HARDLY_ODDS), np.isnan(odds)
            values = score_of(odds.ravel()[at])
        steps = np.multiply(unseen, np.uint8(NOT_SEEN), dtype=np.uint8)
        told = values >= _HARDLY
        steps.ravel()[at[told]] = values[told] * np.float32(SCORE_STEPS)
        steps.ravel()[without] = 0
        return np.ascontiguousarray(steps[window])


@dataclass(frozen=True)
class Wet:
    """Where one scene is water, by the odds (see `Waters`) of it; (row, column), NaN not seen.

    sea : odds from which it is surely the sea.
    """

    odds: np.ndarray
    sea: float = SEA

    @cached_property
    def water(self) -> np.ndarray:
        """What is sooner water than not, of bool."""
        return self.odds > 0

    @cached_property
    def land(self) -> np.ndarray:
        """What is not, of bool."""
        return self.odds <= 0


@dataclass(frozen=True)
class Waters:
    """Where a window is sea, in both scenes; every map is (row, column).

    Odds are log odds to the base of 19: 0 is even, 1 is 19 to 1 (95 %), see `score_of`.

    before, after : where each scene is water.
    stands_out : times the limit that a pixel of the earlier sea stands out by (`sea`).
    emerged : odds that a pixel turned from water to land, and not into something whiter than
        land.
    palest : log(blue ÷ near infrared) that no land of the later scene passes: what does is
        whiter than ground (cloud the mask missed, foam, ships); None where it is not known.
    """

    before: Wet
    after: Wet
    stands_out: np.ndarray
    emerged: np.ndarray
    palest: float | None = None

    @cached_property
    def unseen(self) -> np.ndarray:
        """Where the ground was not seen, of bool."""
        return np.isnan(self.emerged)

    @cached_property
    def gained(self) -> np.ndarray:
        """Flat indexes of what emerged."""
        return np.flatnonzero(self.emerged >= 0)

    @cached_property
    def stood(self) -> np.ndarray:
        """Where something stands that was water, emerged or not, of bool."""
        stood = self.stands_out >= 1
        stood.ravel()[self.gained] = True
        return stood

    @cached_property
    def standing(self) -> Labels:
        """The objects of what stands."""
        return labelled(self.stood)

    def stands(self, at: np.ndarray | slice = slice(None)) -> np.ndarray:
        """How surely something stands where water was, 0-1; of pixels by flat index, or all."""
        return score_of(np.maximum(self.stands_out.ravel()[at] - 1, self.emerged.ravel()[at]))

    @cached_property
    def offshore(self) -> Distance:
        """Pixels from the earlier scene's land."""
        return Distance(self.before.water)

    @cached_property
    def inland(self) -> Distance:
        """Pixels from the earlier scene's water."""
        return Distance(~self.before.water)

    @cached_property
    def land(self) -> np.ndarray:
        """Land in both scenes, of bool."""
        return self.before.land & self.after.land

    @cached_property
    def some_land(self) -> np.ndarray:
        """Flat indexes of some ten thousand pixels of that, evenly spread."""
        rows, columns = thinned(self.land)
        down, right = np.nonzero(self.land[rows, columns])
        return down * rows.step * self.land.shape[1] + right * columns.step

    @cached_property
    def dry(self) -> np.ndarray:
        """Of each pixel of the standing objects, whether its object is land, of bool."""
        objects = self.standing
        emerged = self.emerged.ravel()[objects.at] >= 0
        land = np.bincount(objects.label[emerged], minlength=objects.number)
        return (land >= objects.pixels / 2)[objects.label]

    def sparse(self, at: Sequence[np.ndarray], values: Sequence[np.ndarray]) -> Score:
        """A score of some pixels, part by part; 0 where nothing is told but the ground was seen."""
        places = np.concatenate([np.empty(0, np.intp), *at])
        told = np.concatenate([np.empty(0, np.float32), *values])
        return Score(places, told, self.unseen)


Change = Callable[[np.ndarray | None], np.ndarray]
"""Odds (see `Waters`) of a general change, (row, column), NaN where not seen; worked out of the
pixels that are asked for by a map of bool, or of all: of others it may be NaN too."""


@dataclass(frozen=True)
class Context:
    """What else is known of a window of a pair.

    change : the general one.
    core : the part of the window that is asked about; what surrounds it only tells of it.
    pixel_m : side of a pixel, metres.
    waters : None where the bands cannot tell water from land.
    """

    change: Change
    pixel_m: float = 10.0
    waters: Waters | None = None
    core: Part = WHOLE

    @cached_property
    def changed_land(self) -> tuple[np.ndarray, np.ndarray]:
        """Flat index of each pixel of land in both scenes that changed at all, and the odds."""
        if self.waters is None:
            raise RuntimeError("no land is told from water here")
        land = np.zeros(self.waters.land.shape, bool)
        land[self.core] = self.waters.land[self.core]
        odds = self.change(land)
        at = np.flatnonzero((odds >= 0) & land)
        return at, odds.ravel()[at]


class Detector(Protocol):
    """Anything that can be called with two images on one grid."""

    @property
    def kind(self) -> str:
        """The kind of change it finds, one of tables.CHANGE_KINDS."""

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """The score of change over the window."""


def untold(image: Image) -> Score:
    """A score that says nothing anywhere: the bands this detector needs are not there."""
    nowhere = np.broadcast_to(np.True_, image.pixels.shape[1:])
    return Score(np.empty(0, np.intp), np.empty(0, np.float32), nowhere)


def dense(odds: np.ndarray) -> Score:
    """The score of (row, column) odds."""
    at = np.flatnonzero(odds >= 0)
    return Score(at, score_of(odds.ravel()[at]), odds=lambda: odds)


def score_of(odds: np.ndarray) -> np.ndarray:
    """0-1 of log odds to the base of 19 (ln 19 = 2.94), the logistic; float32, NaN stays NaN."""
    power = odds * np.float32(-2.94)
    with np.errstate(over="ignore"):  # what is as unlikely as that is 0
        np.exp(power, out=power)
    power += 1
    return np.reciprocal(power, out=power)


def thinned(where: np.ndarray) -> tuple[slice, slice]:
    """Every so many rows and columns, so that some ten thousand pixels of `where` are left."""
    step = max(1, int((np.count_nonzero(where) / 10_000) ** 0.5))
    return slice(None, None, step), slice(None, None, step)
