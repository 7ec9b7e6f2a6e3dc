"""Change between two SAR scenes: the ratio of their backscatter, its speckle filtered away.

Speckle multiplies, so what differs is looked for in the log-ratio of the two scenes. Non-local
means (Buades, Coll & Morel 2005) averages a pixel of it with those around it whose surroundings
look alike: homogeneous ground becomes smooth, edges and thin dikes stay. What varies smoothly
over tens of pixels (wind on the sea, moisture of the soil) is taken off as a background that
pixels far from the commonest ratio have no say in. Brighter and darker both count.

No automatic cut can be trusted where little or nothing changed, so it is never laid within
what speckle and texture do to the mean of a patch where nothing changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import scipy

from ._detector import score_of
from ._histogram import split_of

_PATCH = 7  # pixels: side of the surroundings that are compared (Buades et al. 2005)
_SEARCH = 21  # pixels: side of the window in which alike ones are looked for
_BACKGROUND = 15  # pixels: radius of the box run twice over the background
HALO = 1 + _PATCH // 2 + _SEARCH // 2 + 2 * _BACKGROUND + 1  # pixels a score depends on

_BINOMIAL = np.array([0.25, 0.5, 0.25])
_LEVELS = 2048.0  # 16-bit steps in one spread of the noise: cv2's filter takes integers
_MIDDLE = 32768.0
_SMOOTH = 0.2  # log-ratio: spread of a background, 1.7 dB of amplitude
_FARTHEST = 0.8  # log-ratio: no background reaches as far, 7 dB of amplitude
_LEAST = 0.35  # log-ratio: 3 dB of amplitude; less is moisture or wind, whatever the looks
_PRIOR = 0.1  # weight of the commonest ratio in the background
_FALSE_ALARM = 1e-3  # chance that the mean of one unchanged patch passes the threshold
_SURE = 3.0  # times what chance reaches: no need for more, however bright the ships that came
_DARKEST = 0.01  # share of the pixels below which darkness is the sensor's noise
_LEAST_PIXELS = 2000


@dataclass(frozen=True)
class SpeckleModel:
    """How much two SAR scenes differ beyond their speckle.

    floors : (date, band) least backscatter that is not the sensor's noise.
    noise : (band,) spread of the log-ratio from a pixel to the next, where nothing changed.
    common : (band,) commonest log-ratio: the gain between the scenes.
    spread : (band,) spread of the mean of a patch where nothing changed.
    threshold : distance, in these spreads, that counts as change.
    """

    floors: np.ndarray
    noise: np.ndarray
    common: np.ndarray
    spread: np.ndarray
    threshold: float

    def distance(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Spreads between the two dates, √Σ(r/s)² over the bands r; NaN where not seen."""
        ratio, seen = _log_ratio(before, after, self.floors)
        return _distance(_filtered(ratio, seen, self.noise, self.common), seen, self)

    def odds(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Odds (see `_detector.Waters`) of a change: 0 at the threshold, 1 at twice it."""
        return self.distance(before, after) / np.float32(self.threshold) - 1

    def score(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """0-1, 0.5 at the threshold, 0.95 at twice it; `before`, `after` (band, row, column)."""
        return score_of(self.odds(before, after))


def fit(
    windows: Iterable[tuple[np.ndarray, np.ndarray]], looks: float | None = None
) -> SpeckleModel | None:
    """The model of a pair from windows of both its scenes, each (band, row, column).

    None where too little is seen, or a band has no speckle at all.

    Parameters
    ----------
    windows
        Backscatter before and after, amplitude or intensity on any scale; NaN: not seen.
        Amplitude is better: bright targets smear less into the pixels beside them.
    looks
        Number of looks, where it is known: the threshold is then never below the cut of the
        likelihood ratio test.
    """
    pairs = [(np.asarray(b, np.float32), np.asarray(a, np.float32)) for b, a in windows]
    if not pairs:
        return None
    seen = sum(int(_seen(*pair).sum()) for pair in pairs)
    if seen < _LEAST_PIXELS:
        return None
    floors = np.array([_darkest([pair[date] for pair in pairs]) for date in (0, 1)])
    ratios = [_log_ratio(*pair, floors) for pair in pairs]
    noise = _roughness(ratios, 1)
    if not noise.min() > 0:
        return None
    spread = _roughness(ratios, _PATCH)
    if looks is not None:
        spread = np.maximum(spread, _least_spread(looks, noise))
    bands = len(noise)
    spread = np.maximum(spread, _LEAST / np.sqrt(scipy.special.chdtri(bands, _FALSE_ALARM)))
    middle = np.array([np.median(values) for values in _gathered(ratios)])
    filtered = [(_filtered(r, seen, noise, middle), seen) for r, seen in ratios]
    common = np.array([_commonest(values) for values in _gathered(filtered)])
    model = SpeckleModel(floors, noise, common, spread, np.inf)
    distances = np.concatenate([_distance(r, seen, model)[seen] for r, seen in filtered])
    threshold = _threshold(distances, bands)
    return SpeckleModel(floors, noise, common, spread, threshold)


def _seen(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.isfinite(before).all(axis=0) & np.isfinite(after).all(axis=0)


def _gathered(images: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """(band, pixel): what was seen of all the windows."""
    return np.hstack([values[:, seen] for values, seen in images])


def _darkest(images: list[np.ndarray]) -> np.ndarray:
    """Half of what 1 % of the pixels stay below, by band: the logarithm needs an end."""
    floors = []
    for band in range(len(images[0])):
        values = np.concatenate([image[band].ravel() for image in images])
        values = values[values > 0]
        floors.append(0.5 * np.quantile(values, _DARKEST) if values.size else 1.0)
    return np.array(floors)


def _smooth(band: np.ndarray, seen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Binomial 3 × 3 mean of what was seen."""
    total = cv2.sepFilter2D(np.where(seen, band, np.float32(0)), -1, _BINOMIAL, _BINOMIAL)
    return total / share


def _log_ratio(
    before: np.ndarray, after: np.ndarray, floors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """ln(after ÷ before) of the 3 × 3 means, (band, row, column), and where it was seen."""
    seen = _seen(before, after)
    share = cv2.sepFilter2D(seen.astype(np.float32), -1, _BINOMIAL, _BINOMIAL)
    share = np.maximum(share, np.float32(1e-6))
    logs = [
        np.stack(
            [
                np.log(np.maximum(_smooth(band, seen, share), np.float32(floor)))
                for band, floor in zip(image, least, strict=True)
            ]
        )
        for image, least in zip((before, after), floors, strict=True)
    ]
    return logs[1] - logs[0], seen


def _roughness(ratios: list[tuple[np.ndarray, np.ndarray]], side: int) -> np.ndarray:
    """Spread of the mean of side × side pixels where nothing changed, by band.

    From the differences of means that lie next to one another: their median is not moved
    by the few that straddle an edge. 1.4826: median to standard deviation, normal errors.
    """
    steps: list[list[np.ndarray]] = [[] for _ in ratios[0][0]]
    # means share no pixel, nor what the 3 × 3 mean before them mixed
    lag = side + 2
    for ratio, seen in ratios:
        whole = cv2.erode(seen.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
        for kept, band in zip(steps, ratio, strict=True):
            mean = cv2.blur(np.where(seen, band, np.float32(0)), (side, side))
            for one, two in ((np.s_[:, lag:], np.s_[:, :-lag]), (np.s_[lag:], np.s_[:-lag])):
                both = whole[one] & whole[two]
                kept.append(np.abs(mean[one] - mean[two])[both])
    found = [np.concatenate(kept) for kept in steps]
    return np.array([1.4826 / np.sqrt(2) * np.median(k) if k.size else 0.0 for k in found])


def _least_spread(looks: float, noise: np.ndarray) -> np.ndarray:
    """Spread of a patch's mean log-ratio that fully developed speckle alone has, by band.

    Of two L-look intensities x, y the likelihood ratio test (Conradsen et al. 2003, two
    dates, one band) ln Q = L (2 ln 2 + ln x + ln y − 2 ln(x + y)) depends on x ÷ y alone,
    which follows F(2L, 2L) where nothing changed. The log-ratio of amplitudes is half that
    of intensities, √(2 ψ′(L)): the measured noise says which of them was given.
    """
    many = looks * _PATCH**2
    cut = np.log(
        scipy.special.fdtri(2 * many, 2 * many, 1 - _FALSE_ALARM / 2)
    ) / -scipy.special.ndtri(_FALSE_ALARM / 2)
    # the 3 × 3 mean leaves 9/64 of the variance of a pixel
    expected = np.sqrt(2 * scipy.special.polygamma(1, looks * 64 / 9))
    # amplitude has half of it; speckle that is alike from pixel to pixel has up to half more
    return np.where(noise < 0.85 * expected, cut / 2, cut)


def _filtered(
    ratio: np.ndarray, seen: np.ndarray, noise: np.ndarray, fill: np.ndarray
) -> np.ndarray:
    """Non-local means of the log-ratio, all bands together; a noise's width apart is alike."""
    scale = (noise / _LEVELS).astype(np.float32)[:, None, None]
    middle = fill.astype(np.float32)[:, None, None]
    bands = np.where(seen, ratio - middle, np.float32(0)) / scale
    levels = np.clip(bands + np.float32(_MIDDLE), 0, 65535).astype(np.uint16)
    h = float(np.sqrt(len(noise)) * _LEVELS)
    image = np.ascontiguousarray(np.moveaxis(levels, 0, -1))
    found = cv2.fastNlMeansDenoising(image, [h], None, _PATCH, _SEARCH, cv2.NORM_L1)
    back = np.moveaxis(found.reshape(image.shape), -1, 0).astype(np.float32)
    return (back - np.float32(_MIDDLE)) * scale + middle


def _background(band: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """What varies smoothly around 0, the commonest log-ratio.

    The local mean, weighted by Tukey's biweight: a large change has no say in it. As in the
    filter of Lee (1980) it counts as far as its surroundings vary no more than a background
    does, V/(V + v), v their variance: beside the edges of a change it does not.
    """
    square = band * band
    weight = np.clip(1 - square / np.float32(_FARTHEST**2), 0, 1) ** 2 * seen
    share = _wide_mean(seen.astype(np.float32)) + np.float32(1e-6)
    top, total = _wide_mean(weight * band), _wide_mean(weight)
    # beyond the farthest all jumps are alike, or one bright ship would empty its surroundings
    limited = np.clip(band, -_FARTHEST, _FARTHEST) * seen
    variance = _wide_mean(limited * limited) / share - (_wide_mean(limited) / share) ** 2
    smooth = np.float32(_SMOOTH**2)
    counts = smooth / (smooth + np.maximum(variance, 0))
    return counts * top / (total + np.float32(_PRIOR) * share)


def _wide_mean(values: np.ndarray) -> np.ndarray:
    """A box run twice: a tent."""
    side = (2 * _BACKGROUND + 1,) * 2
    return cv2.blur(cv2.blur(values, side), side)


def _distance(filtered: np.ndarray, seen: np.ndarray, model: SpeckleModel) -> np.ndarray:
    squares = np.zeros(seen.shape, np.float32)
    for band, common, spread in zip(filtered, model.common, model.spread, strict=True):
        off = np.where(seen, band - np.float32(common), np.float32(0))
        # single pixels that were like no other came through the filter as they were
        left = cv2.medianBlur(off - _background(off, seen), 3)
        squares += (left / np.float32(spread)) ** 2
    return np.where(seen, np.sqrt(squares), np.float32(np.nan))


def _commonest(values: np.ndarray) -> float:
    """The commonest log-ratio of one band: the gain between scenes where nothing changed.

    Of values nearly as common the one nearest 0 is taken: scenes of one sensor differ
    little in gain.
    """
    low, high = values.min() - 4 * _SMOOTH, values.max() + 4 * _SMOOTH
    step = _SMOOTH / 16
    counts, edges = np.histogram(values, np.arange(low, high + step, step))
    smooth = scipy.ndimage.gaussian_filter1d(counts.astype(float), _SMOOTH / step, mode="constant")
    centres = (edges[:-1] + edges[1:]) / 2
    peaks = 1 + np.flatnonzero((smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:]))
    often = peaks[smooth[peaks] >= 0.5 * smooth[peaks].max()]
    return float(min(centres[often], key=abs))


def _threshold(distance: np.ndarray, bands: int) -> float:
    """Otsu's cut of the distance, but never within what unchanged patches reach by chance."""
    otsu, _, _ = split_of(distance)
    chance = np.sqrt(scipy.special.chdtri(bands, _FALSE_ALARM))
    return float(np.clip(otsu, chance, _SURE * chance))
