"""What the detectors make of one window of a pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from ..compiled import compiled
from ..scenes import Image
from . import backscatter, sea, water
from ._detector import SEA, WHOLE, Change, Context, Detector, Part, Score, Waters, Wet, score_of
from ._objects import labelled
from .general import ChangeModel
from .laid import Learnt, both_seen
from .outline import CHANGED
from .speckle import SpeckleModel

_NOT = np.float32(-20)  # odds of what is ruled out
_SELF = 0.25  # least share of new land on radar that is as bright as land
_BOX = np.ones((2 * sea.SHORE + 1,) * 2, np.uint8)


@dataclass(frozen=True)
class Examined:
    """What one window showed; every map is (row, column).

    found : number of the detector that found each pixel changed, from 1; else 0; surest : its
    score there, 0-1, else 0.
    context : what they were told; seen : where the ground was seen in both scenes.
    """

    found: np.ndarray
    surest: np.ndarray
    context: Context
    seen: np.ndarray
    _scores: Mapping[str, tuple[Score, np.ndarray]]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change that were asked for."""
        return tuple(self._scores)

    def score(self, kind: str, part: Part = WHOLE) -> np.ndarray:
        """The map of one kind's score, 0-1, or of ``change`` of any; not to be written to."""
        if kind == "change":
            return score_of(self.context.change(None)[part])
        score, taken = self._scores[kind]
        return score.part(part, taken)

    def steps(self, kind: str, part: Part = WHOLE) -> np.ndarray:
        """The map of one kind's score in steps, uint8, see `Score.steps`."""
        score, taken = self._scores[kind]
        return score.steps(part, taken)


def examine(
    images: tuple[Image, Image],
    learnt: Learnt,
    detectors: Sequence[Detector],
    core: Part = WHOLE,
    all_change: bool = False,
) -> Examined:
    """What the detectors make of one window of both scenes, or of a part of it.

    all_change : whether the score of any change will be asked for, of that part.
    """
    before, after, seen = both_seen(*images)
    change = _change(before, after, seen, learnt)
    if all_change:
        change = _known(change, seen.shape, core)
    if isinstance(learnt.before, backscatter.Waterline):
        before, after = backscatter.calmed(before), backscatter.calmed(after)
    context = _context(before, after, change, learnt, core)
    found, surest = np.zeros(seen.shape, np.uint8), np.zeros(seen.shape, np.float32)
    scores = {}
    for number, detector in enumerate(detectors, 1):
        score = detector(before, after, context)
        changed = score.values >= CHANGED
        at, values = score.at[changed], score.values[changed]
        # one act is one object: the first that knows what it is has it
        free = found.ravel()[at] == 0
        found.ravel()[at[free]] = number
        surest.ravel()[at[free]] = values[free]
        scores[detector.kind] = (score, at[~free])
    return Examined(found, surest, context, seen, scores)


def _change(before: Image, after: Image, seen: np.ndarray, learnt: Learnt) -> Change:
    """The odds of a general change of a window."""
    model = learnt.change
    if model is None:
        return lambda _: np.where(seen, _NOT, np.float32(np.nan))
    if isinstance(model, SpeckleModel):
        odds = model.odds(backscatter.amplitude(before), backscatter.amplitude(after))
        return lambda _: odds
    return partial(model.odds, before.pixels, after.pixels)


def _known(change: Change, shape: tuple[int, ...], part: Part) -> Change:
    """The odds of a change once for all that ask for them, in a part of a window of that shape."""
    asked = np.zeros(shape, bool)
    asked[part] = True
    odds = change(asked)
    return lambda _: odds


def _context(before: Image, after: Image, change: Change, learnt: Learnt, core: Part) -> Context:
    """What the detectors are told of a window."""
    if learnt.before is None or learnt.after is None or learnt.weights is None:
        return Context(change, learnt.pixel_m, core=core)
    wet = [line.odds(image) for line, image in ((learnt.before, before), (learnt.after, after))]
    if isinstance(learnt.before, backscatter.Waterline):
        # land that turned no darker is land still
        darker = backscatter.brighter(after, before, learnt.before.band)
        wet[1] = np.where(wet[0] < 0, np.minimum(wet[1], darker), wet[1])
    lines = (learnt.before, learnt.after)
    was, now = (Wet(odds, SEA * line.usual) for odds, line in zip(wet, lines, strict=True))
    unsure = was.odds < was.sea
    near = [cv2.dilate(land.view(np.uint8), _BOX).view(bool) for land in (unsure, now.land)]
    was_sea, open_sea = np.empty((2, *wet[0].shape), bool)
    emerged = np.empty(wet[0].shape, np.float32)
    _compared(*wet, *near, np.float32(was.sea), was_sea, open_sea, emerged)
    out = np.flatnonzero(emerged >= 0)
    if len(out):
        one, two = before.values(out), after.values(out)
        if isinstance(learnt.change, ChangeModel):
            # of a wet flat nobody can say that it is water, but that it was not the land it is now
            changed = np.minimum(learnt.change.odds(one, two), -wet[1].ravel()[out])
            emerged.ravel()[out] = np.fmax(emerged.ravel()[out], changed)
        # what was added and is whiter than the scene's land is cloud, foam or a white ship
        emerged.ravel()[out[water.whiter(two - one, after.bands, learnt.palest)]] = _NOT
    waters = Waters(
        before=was,
        after=now,
        stands_out=sea.stands_out(
            before, after, learnt.weights, (open_sea, was_sea), was.land, learnt.palest
        ),
        emerged=emerged,
        palest=learnt.palest,
    )
    if isinstance(learnt.before, backscatter.Waterline):
        # speckle that was averaged still makes ghosts: what changed beyond it alone counts; nor
        # is what passed for water on a day with wind all sea
        brighter = backscatter.brighter(before, after, learnt.before.band)
        changed, surely = change(None), wet[0] - was.sea
        for odds in (changed, brighter, surely):
            waters.stands_out[~(odds >= 0)] = 0
        # a small fill is averaged with the land beside it: where it turned twice as much brighter
        # as soil can, it need not have been surely sea
        much = brighter - 1
        wet_before = np.maximum(surely, np.minimum(wet[0], much))
        emerged[:] = np.minimum.reduce([changed, brighter, -wet[1], wet_before])
        # nor need all of it be surely land
        _grow(emerged, np.minimum.reduce([changed, surely, now.sea - wet[1], much]))
    return Context(change, learnt.pixel_m, waters, core)


def _grow(emerged: np.ndarray, duller: np.ndarray) -> None:
    """Let what emerged take in what is duller and joins it; a gust on the sea joins no new land.

    emerged, duller : odds, (row, column). `_SELF` of each object of both emerged by itself.
    """
    both = labelled((emerged >= 0) | (duller >= 0))
    new = emerged.ravel()[both.at] >= 0
    share = np.bincount(both.label[new], minlength=both.number) / np.maximum(both.pixels, 1)
    at = both.at[(share >= _SELF)[both.label] & ~new]
    emerged.ravel()[at] = duller.ravel()[at]


@compiled
def _compared(
    before: np.ndarray,
    after: np.ndarray,
    near_before: np.ndarray,
    near_after: np.ndarray,
    sea: float,
    was_sea: np.ndarray,
    open_sea: np.ndarray,
    emerged: np.ndarray,
) -> None:
    """Where it was sea, where it is sea in both, and the odds that water turned to land.

    before, after : odds of water; near_before, near_after : beside land; (row, column) all.
    sea : odds from which the earlier scene is surely sea.
    """
    for row in range(len(before)):
        for column in range(before.shape[1]):
            one, two = before[row, column], after[row, column]
            was_sea[row, column] = (one >= sea) & (not near_before[row, column])
            open_sea[row, column] = was_sea[row, column] & (two > 0) & (not near_after[row, column])
            least = -two if -two < one else one
            emerged[row, column] = two if np.isnan(two) else least
