"""What the detectors make of one window of a pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..scenes import Image
from . import backscatter, sea, water
from ._detector import Context, Detector, Waters
from .laid import Learnt, both_seen
from .outline import CHANGED

Scores = dict[str, np.ndarray]
"""Maps by the kind of change, 0-1, and ``change`` of any kind."""


@dataclass(frozen=True)
class Examined:
    """What one window showed; every map is (row, column).

    scores : ``change`` and one map a detector, by its kind.
    found : number of the detector that found each pixel changed, from 1; else 0.
    context : what they were told; seen : where the ground was seen in both scenes.
    """

    scores: Scores
    found: np.ndarray
    context: Context
    seen: np.ndarray


def examine(images: tuple[Image, Image], learnt: Learnt, detectors: Sequence[Detector]) -> Examined:
    """What the detectors make of one window of both scenes."""
    before, after, seen = both_seen(*images)
    if learnt.change is not None and learnt.radar:
        change = learnt.change.score(backscatter.amplitude(before), backscatter.amplitude(after))
    elif learnt.change is not None:
        change = learnt.change.score(before.pixels, after.pixels)
    else:
        change = np.where(seen, np.float32(0), np.float32(np.nan))
    if learnt.radar:
        before, after = backscatter.calmed(before), backscatter.calmed(after)
    context = _context(before, after, change, learnt)
    scores = {"change": change}
    found = np.zeros(seen.shape, np.uint8)
    for number, detector in enumerate(detectors, 1):
        # one act is one object: the first that knows what it is has it
        score = detector(before, after, context)
        changed = np.flatnonzero(score >= CHANGED)
        taken = found.ravel()[changed] > 0
        if taken.any():
            score = score.copy()
            score.ravel()[changed[taken]] = 0
        found.ravel()[changed[~taken]] = number
        scores[detector.kind] = score
    return Examined(scores, found, context, seen)


def _context(before: Image, after: Image, change: np.ndarray, learnt: Learnt) -> Context:
    """What the detectors are told of a window."""
    if learnt.before is None or learnt.after is None:
        return Context(change, learnt.pixel_m)
    wet = [line.share(image) for line, image in ((learnt.before, before), (learnt.after, after))]
    box = np.ones((2 * sea.SHORE + 1,) * 2, np.uint8)
    near = [cv2.dilate((share <= 0.5).astype(np.uint8), box) > 0 for share in wet]
    was_sea = (wet[0] > 0.5) & ~near[0] & np.isfinite(wet[1])
    open_sea = was_sea & (wet[1] > 0.5) & ~near[1]
    emerged = np.minimum(wet[0], 1 - wet[1])
    out = emerged >= CHANGED
    if out.any():
        # what was added and is whiter than the scene's land is cloud, foam or a white ship
        added = after.values(out) - before.values(out)
        emerged[out] = np.where(water.whiter(added, after.bands, learnt.palest), 0, emerged[out])
    waters = Waters(
        before=wet[0],
        after=wet[1],
        stands_out=sea.stands_out(before, after, open_sea, was_sea, learnt.palest),
        emerged=emerged,
        palest=learnt.palest,
    )
    if learnt.radar:
        # speckle that was averaged still makes ghosts: what changed beyond it alone counts
        waters.stands_out[~(change >= CHANGED)] = 0
        np.minimum(emerged, change, out=emerged)
    return Context(change, learnt.pixel_m, waters)
