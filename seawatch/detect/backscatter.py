"""Water in a radar image: calm water sends little back, land and what stands on water more.

The logarithm of the backscatter, averaged over 5 × 5 pixels so that speckle is halved twice
over, splits in two where shore and sea meet: the cut is Otsu's over those blocks of the
scene that hold both (`water` says how). Wind roughens the sea until it is as bright as
land; what changed only so is not a change beyond its speckle's background (`speckle`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from ..scenes import Image
from .water import shore_blocks, two_classes

_MEAN = 5  # pixels a side
_BRIGHTER = 0.25  # log of amplitude, 2 dB
_TAILS = (0.5, 99.5)  # per cent of the pixels that the scale leaves out at each end


@dataclass(frozen=True)
class Waterline:
    """Where land ends and water begins, in log backscatter of one band.

    low, high : ends of the scale; threshold, land, water : on it, −1 bright to 1 dark.
    usual : odds (see `_detector.Waters`) of the scene's own water.
    """

    usual: ClassVar[float] = 1.0
    band: str
    low: float
    high: float
    threshold: float
    land: float
    water: float

    def odds(self, image: Image) -> np.ndarray:
        """Odds (see `_detector.Waters`) that each pixel is water, of an image that is `calmed`."""
        dark = _darkness(image.band(self.band), self.low, self.high) - np.float32(self.threshold)
        above = np.float32(1 / max(self.water - self.threshold, 1e-3))
        below = np.float32(1 / max(self.threshold - self.land, 1e-3))
        return dark * np.where(dark > 0, above, below)


def amplitude(image: Image) -> np.ndarray:
    """(band, row, column) amplitude, the root of intensity; NaN where not seen.

    Bands called ``amplitude`` are that already, vv and vh are intensity (γ⁰, linear power).
    """
    rooted = np.sqrt(np.maximum(image.pixels, 0))
    for number, name in enumerate(image.bands):
        if name == "amplitude":
            rooted[number] = image.pixels[number]
    return rooted


def calmed(image: Image) -> Image:
    """The logarithm of the mean of 5 × 5 pixels; NaN where not seen."""
    seen = image.seen
    weight = cv2.blur(seen.astype(np.float32), (_MEAN, _MEAN))
    pixels = np.empty(image.pixels.shape, np.float32)
    for band, out in zip(image.pixels, pixels, strict=True):
        mean = cv2.blur(np.where(seen, np.maximum(band, 0), 0), (_MEAN, _MEAN))
        least = np.float32(max(float(mean.max(initial=0)) * 1e-6, 1e-12))
        np.log(np.maximum(mean / np.maximum(weight, np.float32(0.01)), least), out=out)
    pixels[:, ~seen] = np.nan
    return Image(pixels, image.bands, image.grid)


def brighter(before: Image, after: Image, band: str) -> np.ndarray:
    """Odds (see `_detector.Waters`) that a pixel of `calmed` images turned brighter.

    In absolute terms, 0 at 2 dB, as soil can with its moisture: wind on the sea moves the
    waterline of a scene, so that low land passes for water, but makes that land no brighter.
    """
    rise = after.band(band) - before.band(band)
    if band != "amplitude":
        rise *= np.float32(0.5)  # of the logarithm of intensity
    rise /= np.float32(_BRIGHTER)
    return rise - 1


def find_waterline(images: Sequence[Image]) -> Waterline | None:
    """The waterline of one scene from `calmed` windows of it; None where none shows a shore."""
    name = images[0].bands[0]
    values = [image.band(name)[::4, ::4] for image in images]
    known = np.concatenate([part[np.isfinite(part)] for part in values])
    if known.size == 0:
        return None
    low, high = (float(end) for end in np.percentile(known, _TAILS))
    shares = [shore_blocks(_darkness(image.band(name), low, high)).shares for image in images]
    pooled = np.concatenate(shares)
    if not len(pooled):
        return None
    return Waterline(name, low, high, *two_classes(pooled))


def _darkness(band: np.ndarray, low: float, high: float) -> np.ndarray:
    """Log backscatter turned over and brought to −1 (bright) to 1 (dark)."""
    return np.clip((high + low - 2 * band) / np.float32(max(high - low, 1e-6)), -1, 1)
