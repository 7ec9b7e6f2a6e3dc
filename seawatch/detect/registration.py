"""How far the earlier scene lies beside the later one.

Phase correlation (Kuglin & Hines 1975) of small chips, its peak found to a hundredth of a
pixel with an upsampled transform (Guizar-Sicairos et al. 2008). Chips without texture, such
as open sea, say nothing and are left out; the median of the others is the shift, their
spread its error. Too few good chips, and no shift is invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from ..scenes import Image

CHIP = 128
_LEAST_CHIPS = 4
_LEAST_PEAK = 0.08  # of the phase correlation: chips of unlike content stay below
_MOST_SPREAD = 0.7  # pixels: chips that agree no better have found noise
_LEAST_SEEN = 0.5  # of a chip's weight
_FEATHER = 3.0  # pixels over which unseen ground is blended out
_FARTHEST = 6.0  # pixels: georeferenced products do not differ by more
_LEAST_SIGMA = 0.05  # pixels: overlapping chips agree better than they know
_UPSAMPLE = 100


@dataclass(frozen=True)
class Shift:
    """Where the earlier scene has what the later has at a pixel: `columns` right, `rows` down.

    sigma : its error, one standard deviation, pixels; None where it was not measured.
    """

    columns: float = 0.0
    rows: float = 0.0
    sigma: float | None = None
    chips: int = 0


def measure(windows: Iterable[tuple[Image, Image]]) -> Shift:
    """The shift of a pair from windows of both its scenes."""
    found = []
    for before, after in windows:
        for one, two in _chips(before, after):
            shift = _chip_shift(one, two)
            if shift is not None:
                found.append(shift)
    if len(found) < _LEAST_CHIPS:
        return Shift(chips=len(found))
    shifts = np.array(found)
    middle = np.median(shifts, axis=0)
    spread = 1.4826 * np.median(np.abs(shifts - middle), axis=0)
    if spread.max() > _MOST_SPREAD:
        return Shift(chips=len(found))
    good = (np.abs(shifts - middle) <= np.maximum(3 * spread, 0.05)).all(axis=1)
    rows, columns = np.median(shifts[good], axis=0)
    # 1.2533: a median errs so much more than a mean (normal errors)
    sigma = float(np.hypot(*spread) / np.sqrt(2) * 1.2533 / np.sqrt(good.sum()))
    return Shift(float(columns), float(rows), max(sigma, _LEAST_SIGMA), int(good.sum()))


def _chips(before: Image, after: Image) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """Chips of both scenes, mostly seen, blended into nothing where they were not."""
    one, two = (_edges(image) for image in (before, after))
    seen = np.isfinite(one) & np.isfinite(two)
    # a hard edge of a cloud mask lies at one place in both, and would say "no shift"
    weight = np.clip(2 * gaussian_filter(seen.astype(np.float32), _FEATHER) - 1, 0, 1)
    weight[~seen] = 0
    # a small scene is cut into small chips, or there would be too few to agree
    size = CHIP if min(one.shape) >= 4 * CHIP else CHIP // 2
    for row in range(0, one.shape[0] - size + 1, size // 2):
        for column in range(0, one.shape[1] - size + 1, size // 2):
            at = np.s_[row : row + size, column : column + size]
            if weight[at].mean() >= _LEAST_SEEN:
                yield _blended(one[at], weight[at]), _blended(two[at], weight[at])


def _blended(chip: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """A chip around zero, weighted and tapered to its edge."""
    filled = np.where(weight > 0, chip, 0)
    middle = (filled * weight).sum() / weight.sum()
    taper = np.outer(np.hanning(len(chip)), np.hanning(len(chip)))
    return (filled - middle) * weight * taper


def _edges(image: Image) -> np.ndarray:
    """Size of the brightness gradient: it looks alike in both seasons, tones do not."""
    tone = np.log1p(np.maximum(image.pixels, 0).mean(axis=0) * _brightening(image))
    down, right = np.gradient(tone)
    return np.hypot(down, right)


def _brightening(image: Image) -> float:
    """Brings any numeric scale to about 1, where the logarithm bends."""
    middle = np.nanmedian(image.pixels) if np.isfinite(image.pixels).any() else 1.0
    return 1 / max(float(middle), 1e-6)


def _chip_shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float] | None:
    length = len(before)
    one, two = np.fft.fft2(before), np.fft.fft2(after)
    cross = one * np.conj(two)
    size = np.abs(cross)
    # high frequencies are mostly noise and aliasing: they get less say
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(length), np.fft.fftfreq(length)))
    cross = cross / np.maximum(size, 1e-12) * np.exp(-((frequency / 0.25) ** 2))
    surface = np.fft.ifft2(cross).real
    surface /= np.exp(-((frequency / 0.25) ** 2)).mean()
    peak = np.unravel_index(np.argmax(surface), surface.shape)
    if surface[peak] < _LEAST_PEAK:
        return None
    coarse = [int(p) - length if p > length // 2 else int(p) for p in peak]
    if max(abs(c) for c in coarse) > _FARTHEST:
        return None
    return _refine(cross, coarse)


def _refine(cross: np.ndarray, coarse: list[int]) -> tuple[float, float]:
    """The peak within 1.5 pixels of `coarse`, by a transform sampled a hundred times finer."""
    steps = np.arange(-1.5, 1.5, 1 / _UPSAMPLE)
    frequency = np.fft.fftfreq(len(cross))
    rows = np.exp(2j * np.pi * np.outer(coarse[0] + steps, frequency))
    columns = np.exp(2j * np.pi * np.outer(frequency, coarse[1] + steps))
    surface = (rows @ cross @ columns).real
    row, column = np.unravel_index(np.argmax(surface), surface.shape)
    return coarse[0] + steps[row], coarse[1] + steps[column]
