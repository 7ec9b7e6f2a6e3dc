"""Water or land: an index, a threshold found in the scene itself, and a share of water.

MNDWI = (green − swir) / (green + swir) (Xu 2006) where there is a short-wave infrared
band, else NDWI = (green − nir) / (green + nir) (McFeeters 1996); where there is no green,
red or blue stands in for it. The threshold is Otsu's (1979), taken over those blocks of
the scene that hold both water and land (the split of Bazi, Bruzzone & Melgani 2007): in a
scene that is nearly all sea or all land the two classes would otherwise not be told apart.
Bare and green fields split an index too; so a block counts only if its watery class is at
most half as bright in the infrared as the other, and water must be dark there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..scenes import Image
from ._detector import logistic

_PAIRS = (
    ("green", "swir16"),
    ("green", "nir"),
    ("blue", "swir16"),
    ("red", "nir"),
    ("blue", "nir"),
)
_BLOCK = 32  # pixels a side: shore and sea meet in it, and it still fills a histogram
_BINS = np.linspace(-1, 1, 401)
_CENTRES = (_BINS[:-1] + _BINS[1:]) / 2
_LEAST_SEPARATION = 0.6  # share of a block's variance that lies between its two classes
_LEAST_SHARE = 0.1  # of a block's pixels in the smaller class
_LEAST_GAP = 0.15  # of the index, between the two classes: less is one class with texture
_CONCRETE = -0.15  # log(blue ÷ near infrared) of pale concrete; cloud and foam are near 0
_DARKEST = 0.25  # of the land's infrared brightness: what is darker can always be water
_PALER = 0.3  # of the brightest shores' infrared: less is no land
_DARKER = 0.5  # water's infrared brightness over the land's beside it, at most


@dataclass(frozen=True)
class Waterline:
    """Where land ends and water begins, on the scale of one index.

    land, water : the index's mean over each class; threshold lies between.
    dark : infrared brightness up to which a pixel can be water, on the image's own scale.
    """

    bands: tuple[str, str]
    threshold: float
    land: float
    water: float
    dark: float = np.inf

    def share(self, image: Image) -> np.ndarray:
        """How surely each pixel is water, 0-1; 0.5 at the threshold, NaN where not seen."""
        distance = index(image, self.bands) - np.float32(self.threshold)
        # a class's own mean is 0.95 sure
        above = np.float32(1 / max(self.water - self.threshold, 1e-3))
        below = np.float32(1 / max(self.threshold - self.land, 1e-3))
        distance *= np.where(distance > 0, above, below)
        if np.isfinite(self.dark):
            # the less sure of two logistics is that of the smaller argument
            bright = image.band(self.bands[1]) * np.float32(-1 / self.dark)
            bright += 1
            np.minimum(distance, bright, out=distance)
        return logistic(distance, 0.0, 1.0)


def paleness(pixels: np.ndarray, bands: Sequence[str]) -> np.ndarray | None:
    """log(blue ÷ near infrared): ground is redder than cloud and foam; None without the bands.

    pixels : (band, ...).
    """
    if not {"blue", "nir"} <= set(bands):
        return None
    blue, nir = (np.maximum(pixels[bands.index(name)], 1e-6) for name in ("blue", "nir"))
    return np.log(blue / nir)


def whiter(pixels: np.ndarray, bands: Sequence[str], palest: float | None) -> np.ndarray:
    """Where (band, ...) pixels are whiter than the scene's land ever is, (...) of bool."""
    pale = None if palest is None else paleness(pixels, bands)
    return np.zeros(pixels.shape[1:], bool) if pale is None else pale > palest


def palest_land(images: Iterable[tuple[Image, np.ndarray]]) -> float | None:
    """The paleness that one in a hundred pixels of a scene's land passes.

    Never under concrete's, which a scene of green land alone would not show.

    images : windows with their share of water, 0-1.
    """
    values = []
    for image, share in images:
        if (pale := paleness(image.pixels[:, ::3, ::3], image.bands)) is not None:
            values.append(pale[share[::3, ::3] < 0.2])
    land = np.concatenate(values) if values else np.empty(0)
    if land.size < 100:
        return None
    return max(float(np.quantile(land, 0.99)), _CONCRETE)


def index(image: Image, bands: tuple[str, str]) -> np.ndarray:
    """(a − b) / (a + b) of two bands, (row, column), within −1 to 1."""
    a, b = (np.maximum(image.band(name), 0) for name in bands)
    total = a + b
    np.maximum(total, np.float32(1e-6), out=total)
    a -= b
    a /= total
    return a


def index_bands(names: Iterable[str]) -> tuple[str, str] | None:
    """The two bands that tell water from land best, or None if no such pair is there."""
    have = set(names)
    return next((pair for pair in _PAIRS if have.issuperset(pair)), None)


def find_waterline(images: Iterable[Image], bands: tuple[str, str]) -> Waterline | None:
    """The waterline of one scene from windows of it; None where no window holds both classes."""
    shores, tones = [], []
    for image in images:
        for block, infrared in blocks(index(image, bands), image.band(bands[1])):
            counts = histogram(block)
            split = otsu(counts)
            if split is None or not split.clear:
                continue
            wet = block > split.threshold
            tone = (infrared[wet].mean(), infrared[~wet].mean())
            if tone[0] <= _DARKER * tone[1]:
                shores.append(counts / counts.sum())
                tones.append(tone)
    if not shores:
        return None
    # the noise of dark water splits in two as well: real land is far brighter than that
    brightness = np.array(tones)[:, 1]
    real = brightness >= _PALER * np.quantile(brightness, 0.95)
    split = otsu(np.sum(np.array(shores)[real], axis=0))
    if split is None:
        return None
    water, land = np.maximum(np.median(np.array(tones)[real], axis=0), 1e-6)
    # nearer the land's tone than the middle: turbid water is brighter than most; and where an
    # atmosphere taken off too far leaves water nothing at all, a quarter of the land's
    dark = max(float(water ** (1 / 3) * land ** (2 / 3)), _DARKEST * float(land))
    return Waterline(bands, split.threshold, split.low, split.high, dark)


def standard_waterline(bands: tuple[str, str]) -> Waterline:
    """McFeeters' own threshold, zero: for a scene that shows no shore to learn from."""
    return Waterline(bands, 0.0, -0.3, 0.3)


def blocks(*maps: np.ndarray) -> Iterable[tuple[np.ndarray, ...]]:
    """The seen pixels of each block, of every map."""
    for row in range(0, maps[0].shape[0], _BLOCK):
        for column in range(0, maps[0].shape[1], _BLOCK):
            at = np.s_[row : row + _BLOCK, column : column + _BLOCK]
            seen = np.isfinite(maps[0][at])
            if seen.sum() >= _BLOCK * _BLOCK // 2:
                yield tuple(values[at][seen] for values in maps)


@dataclass(frozen=True)
class _Split:
    threshold: float
    low: float
    high: float
    separation: float
    smaller: float

    @property
    def clear(self) -> bool:
        """Two real classes, neither of them a mere fringe."""
        return (
            self.separation >= _LEAST_SEPARATION
            and self.smaller >= _LEAST_SHARE
            and self.high - self.low >= _LEAST_GAP
        )


def histogram(values: np.ndarray) -> np.ndarray:
    """How many values within −1 to 1 lie in each of the bins `otsu` asks for."""
    return np.histogram(values, _BINS)[0]


def otsu(counts: np.ndarray) -> _Split | None:
    """The two classes of a `histogram` that differ most (Otsu 1979)."""
    total = counts.sum()
    if total <= 0:
        return None
    share = np.cumsum(counts)[:-1] / total
    mean = np.cumsum(counts * _CENTRES)[:-1] / total
    whole = (counts * _CENTRES).sum() / total
    inside = (share > 0) & (share < 1)
    between = np.zeros_like(share)
    weight = share[inside] * (1 - share[inside])
    between[inside] = (whole * share[inside] - mean[inside]) ** 2 / weight
    # a gap between the classes makes a plateau: its middle is the fairest cut
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    cut = int(best[len(best) // 2])
    variance = (counts * (_CENTRES - whole) ** 2).sum() / total
    if variance <= 0 or not inside[cut]:
        return None
    return _Split(
        threshold=float(_BINS[cut + 1]),
        low=float(mean[cut] / share[cut]),
        high=float((whole - mean[cut]) / (1 - share[cut])),
        separation=float(between[cut] / variance),
        smaller=float(min(share[cut], 1 - share[cut])),
    )
