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

from ..compiled import compiled
from ..scenes import Image
from ._histogram import otsu

_PAIRS = (
    ("green", "swir16"),
    ("green", "nir"),
    ("blue", "swir16"),
    ("red", "nir"),
    ("blue", "nir"),
)
_BLOCK = 32  # pixels a side: shore and sea meet in it, and it still fills a histogram
_BINS = 400  # of a histogram from −1 to 1
_LEAST_SEPARATION = 0.6  # share of a block's variance that lies between its two classes
_LEAST_SHARE = 0.1  # of a block's pixels in the smaller class
_LEAST_GAP = 0.15  # of the index, between the two classes: less is one class with texture
_LAND = -0.47  # odds of water, base 19: four to one that it is none
_CONCRETE = -0.15  # log(blue ÷ near infrared) of pale concrete; cloud and foam are near 0
_DARKEST = 0.25  # of the land's infrared brightness: what is darker can always be water
_PALER = 0.3  # of the brightest shores' infrared: less is no land
_DARKER = 0.5  # water's infrared brightness over the land's beside it, at most


@dataclass(frozen=True)
class Waterline:
    """Where land ends and water begins, on the scale of one index.

    land, water : the index's mean over each class; threshold lies between.
    dark : infrared brightness up to which a pixel can be water, on the image's own scale; tone :
        that of its water.
    """

    bands: tuple[str, str]
    threshold: float
    land: float
    water: float
    dark: float = np.inf
    tone: float = 0.0

    @property
    def usual(self) -> float:
        """Odds (see `_detector.Waters`) of the scene's own water: 1, or less where it is bright."""
        return min(1.0, 1 - self.tone / self.dark)

    def odds(self, image: Image) -> np.ndarray:
        """Odds (see `_detector.Waters`) that each pixel is water; NaN where not seen."""
        a, b = (image.band(name) for name in self.bands)
        odds = np.empty(a.shape, np.float32)
        # a class's own mean is 0.95 sure
        above = 1 / max(self.water - self.threshold, 1e-3)
        below = 1 / max(self.threshold - self.land, 1e-3)
        top = 1 if np.isfinite(self.dark) else np.inf
        numbers = np.array([self.threshold, above, below, top, -1 / self.dark], np.float32)
        _odds(a, b, *numbers, odds)
        return odds


@compiled
def _odds(
    a: np.ndarray,
    b: np.ndarray,
    threshold: float,
    above: float,
    below: float,
    top: float,
    bright: float,
    odds: np.ndarray,
) -> None:
    nothing = np.float32(0)
    for row in range(len(odds)):
        first, second, found = a[row], b[row], odds[row]
        for column in range(len(found)):
            light = second[column]
            u = nothing if first[column] < 0 else first[column]
            v = nothing if light < 0 else light
            away = (u - v) / max(u + v, np.float32(1e-6)) - threshold
            # two lines that cross at the threshold: of both the one that holds on either side
            away *= above if away > 0 else below
            dark = top + bright * light
            found[column] = dark if dark < away else away


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

    images : windows with the odds that their pixels are water.
    """
    values = []
    for image, odds in images:
        if (pale := paleness(image.pixels, image.bands)) is not None:
            values.append(pale[odds < _LAND])
    land = np.concatenate(values) if values else np.empty(0)
    if land.size < 100:
        return None
    return max(float(np.quantile(land, 0.99)), _CONCRETE)


def index(image: Image, bands: tuple[str, str]) -> np.ndarray:
    """(a − b) / (a + b) of two bands, (row, column), within −1 to 1."""
    return _index(*(image.band(name) for name in bands))


def _index(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = np.maximum(a, 0), np.maximum(b, 0)
    total = a + b
    np.maximum(total, np.float32(1e-6), out=total)
    a -= b
    a /= total
    return a


def index_bands(names: Iterable[str]) -> tuple[str, str] | None:
    """The two bands that tell water from land best, or None if no such pair is there."""
    have = set(names)
    return next((pair for pair in _PAIRS if have.issuperset(pair)), None)


def shores(image: Image, bands: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """What a window's shores say of a scene's waterline, for `find_waterline`.

    Of each block where water and land meet: (block, bin) the shares of its index, and
    (block, 2) the mean infrared brightness of its water and of its land.
    """
    found = shore_blocks(index(image, bands))
    infrared = _in_blocks(image.band(bands[1]))[found.number]
    wet, dry = found.values > found.threshold, found.values <= found.threshold
    tone = [np.where(w, infrared, 0).sum(axis=1) / w.sum(axis=1) for w in (wet, dry)]
    real = tone[0] <= _DARKER * tone[1]
    return found.shares[real], np.column_stack(tone)[real]


def find_waterline(
    told: Iterable[tuple[np.ndarray, np.ndarray]], bands: tuple[str, str]
) -> Waterline | None:
    """The waterline of one scene from windows' `shores`; None where none holds both classes."""
    shares, tones = zip(*told, strict=True)
    share, tone = np.concatenate(shares), np.concatenate(tones)
    if not len(tone):
        return None
    # the noise of dark water splits in two as well: real land is far brighter than that
    real = tone[:, 1] >= _PALER * np.quantile(tone[:, 1], 0.95)
    water, land = np.maximum(np.median(tone[real], axis=0), 1e-6)
    # nearer the land's tone than the middle: turbid water is brighter than most; and where an
    # atmosphere taken off too far leaves water nothing at all, a quarter of the land's
    dark = max(float(water ** (1 / 3) * land ** (2 / 3)), _DARKEST * float(land))
    return Waterline(bands, *two_classes(share[real]), dark, float(water))


def standard_waterline(bands: tuple[str, str]) -> Waterline:
    """McFeeters' own threshold, zero: for a scene that shows no shore to learn from."""
    return Waterline(bands, 0.0, -0.3, 0.3)


@dataclass(frozen=True)
class Shores:
    """The blocks of a map within −1 to 1 that hold two real classes, in reading order.

    number : which block; values : (block, pixel), NaN not seen; threshold : (block, 1)
    between its classes; shares : (block, bin) of its pixels.
    """

    number: np.ndarray
    values: np.ndarray
    threshold: np.ndarray
    shares: np.ndarray


def shore_blocks(values: np.ndarray) -> Shores:
    """The blocks of a (row, column) map within −1 to 1 where shore and sea meet."""
    blocks = _in_blocks(values)
    seen = np.isfinite(blocks)
    number = np.flatnonzero(seen.sum(axis=1) >= _BLOCK * _BLOCK // 2)
    blocks, seen = blocks[number], seen[number]
    bins = np.where(seen, (blocks + 1) * (_BINS / 2), 0).clip(0, _BINS - 1).astype(np.intp)
    bins += np.arange(len(number))[:, None] * _BINS
    counts = np.bincount(bins[seen], minlength=len(number) * _BINS).reshape(-1, _BINS)
    split = otsu(counts)
    clear = (
        (split.separation >= _LEAST_SEPARATION)
        & (split.smaller >= _LEAST_SHARE)
        & (split.high - split.low >= _LEAST_GAP * _BINS / 2)
    )
    shares = counts[clear] / counts[clear].sum(axis=1, keepdims=True)
    threshold = (split.cut[clear, None] + 1) * (2 / _BINS) - 1
    return Shores(number[clear], blocks[clear], threshold, shares)


def two_classes(shares: np.ndarray) -> tuple[float, float, float]:
    """Threshold, mean of the lower and of the higher class of some blocks' pixels together."""
    split = otsu(shares.sum(axis=0)[None])
    cut, low, high = (float(v[0]) for v in (split.cut + 0.5, split.low, split.high))
    threshold, low, high = ((bin + 0.5) * (2 / _BINS) - 1 for bin in (cut, low, high))
    return threshold, low, high


def _in_blocks(values: np.ndarray) -> np.ndarray:
    """(block, pixel) of a (row, column) map; what its last blocks have beyond it is NaN."""
    rows, columns = (-(-n // _BLOCK) for n in values.shape)
    padded = np.full((rows * _BLOCK, columns * _BLOCK), np.nan, np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    cut = padded.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2)
    return cut.reshape(rows * columns, _BLOCK * _BLOCK)
