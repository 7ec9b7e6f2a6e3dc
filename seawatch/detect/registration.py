"""How far the earlier scene lies beside the later one.

Phase correlation (Kuglin & Hines 1975) of small chips, its peak found to a hundredth of a
pixel with an upsampled transform (Guizar-Sicairos et al. 2008). Chips without texture, such
as open sea, say nothing and are left out; the median of the others is the shift, their
spread its error. Too few good chips, and no shift is invented.
"""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from ..scenes import Grid, Image

CHIP = 128
_LEAST_CHIPS = 4
_ENOUGH_CHIPS = 240  # those with most texture are taken, as many of each window
_LEAST_EACH = 12
_LEAST_PEAK = 0.08  # of the phase correlation: chips of unlike content stay below
_MOST_SPREAD = 0.7  # pixels: chips that agree no better have found noise
_MANY = 50  # chips: peaks that chance put within the reach of six pixels spread by four
_LEAST_SEEN = 0.5  # of a chip's weight
_FEATHER = 3.0  # pixels over which unseen ground is blended out
_FARTHEST = 6.0  # pixels: georeferenced products do not differ by more
_LOCAL = 0.15  # pixels a window must differ from the whole by to be laid on its own way
_THREADS = 2  # windows measured at once
_LEAST_SIGMA = 0.05  # pixels: overlapping chips agree better than they know


@dataclass(frozen=True)
class Local:
    """The shift of one window whose middle lies at (`x`, `y`), CRS of the pair's grid."""

    x: float
    y: float
    columns: float
    rows: float


@dataclass(frozen=True)
class Shift:
    """Where the earlier scene has what the later has at a pixel: `columns` right, `rows` down.

    sigma : its error, one standard deviation, pixels; None where it was not measured.
    chips : how many agree on it.
    local : windows that are shifted otherwise, as mosaics and unlike terrain corrections are.
    """

    columns: float = 0.0
    rows: float = 0.0
    sigma: float | None = None
    chips: int = 0
    local: tuple[Local, ...] = ()

    def ground(self, grid: Grid, x: float, y: float) -> tuple[float, float]:
        """The shift about a place on the pair's grid: east and north, units of its CRS."""
        a, b, _, d, e, _ = grid.transform
        columns, rows = self.at(x, y)
        return a * columns + b * rows, d * columns + e * rows

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The shift about a place: columns, rows."""
        if not self.local:
            return self.columns, self.rows
        near = min(self.local, key=lambda one: (one.x - x) ** 2 + (one.y - y) ** 2)
        return near.columns, near.rows


def measure(windows: Collection[tuple[Image, Image]]) -> Shift:
    """The shift of a pair from windows of both its scenes."""
    grids = [before.grid for before, _ in windows]
    places = [grid.ground(grid.width / 2, grid.height / 2) for grid in grids]

    def shifts(images: tuple[Image, Image]) -> np.ndarray:
        chips = _chips(*images, max(_LEAST_EACH, _ENOUGH_CHIPS // len(windows)))
        found = [_chip_shift(one, two) for one, two in chips]
        return np.array([shift for shift in found if shift is not None]).reshape(-1, 2)

    with ThreadPoolExecutor(_THREADS) as pool:
        groups = list(pool.map(shifts, windows))
    whole = _agreed(np.concatenate(groups)) if groups else None
    if whole is None:
        return Shift(chips=sum(len(group) for group in groups))
    rows, columns, sigma, number = whole
    local = []
    for (x, y), group in zip(places, groups, strict=True):
        own = _agreed(group)
        if own is None:
            local.append(Local(x, y, columns, rows))
            continue
        # a window moves on its own only where it says so beyond its error
        away = np.hypot(own[0] - rows, own[1] - columns) > max(_LOCAL, 3 * own[2])
        local.append(Local(x, y, own[1], own[0]) if away else Local(x, y, columns, rows))
    moved = any((one.columns, one.rows) != (columns, rows) for one in local)
    return Shift(columns, rows, sigma, number, tuple(local) if moved else ())


def _agreed(shifts: np.ndarray) -> tuple[float, float, float, int] | None:
    """Rows, columns, error and number of the chips that agree; None where too few do."""
    if len(shifts) < _LEAST_CHIPS:
        return None
    middle = np.median(shifts, axis=0)
    spread = 1.4826 * np.median(np.abs(shifts - middle), axis=0)
    if spread.max() > (_MOST_SPREAD if len(shifts) < _MANY else 2 * _MOST_SPREAD):
        return None
    good = (np.abs(shifts - middle) <= np.maximum(3 * spread, 0.05)).all(axis=1)
    rows, columns = np.median(shifts[good], axis=0)
    # 1.2533: a median errs so much more than a mean (normal errors)
    sigma = float(np.hypot(*spread) / np.sqrt(2) * 1.2533 / np.sqrt(good.sum()))
    return float(rows), float(columns), max(sigma, _LEAST_SIGMA), int(good.sum())


def _chips(before: Image, after: Image, most: int) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """The chips with most texture in both scenes, blended into nothing where not seen."""
    one, two = (_edges(image) for image in (before, after))
    seen = np.isfinite(one) & np.isfinite(two)
    weight = seen.astype(np.float32)
    if not seen.all():
        # a hard edge of a cloud mask lies at one place in both, and would say "no shift"
        weight = np.clip(2 * cv2.GaussianBlur(weight, (0, 0), _FEATHER) - 1, 0, 1)
        weight[~seen] = 0
    # a small scene is cut into small chips, or there would be too few to agree
    size = CHIP if min(one.shape) >= 4 * CHIP else CHIP // 2
    texture = np.minimum(*(np.where(seen, edges, 0) for edges in (one, two))) * weight
    known, rough = (_means(values, size) for values in (weight, texture))
    enough = np.argwhere(known >= _LEAST_SEEN)
    order = np.argsort(-rough[tuple(enough.T)], kind="stable")
    for row, column in (enough[order][:most] * (size // 2)).tolist():
        at = np.s_[row : row + size, column : column + size]
        yield _blended(one[at], weight[at]), _blended(two[at], weight[at])


def _means(values: np.ndarray, size: int) -> np.ndarray:
    """The mean of every chip of that size, one beginning every half a chip."""
    half = size // 2
    rows, columns = (side // half for side in values.shape)
    whole = values[: rows * half, : columns * half].reshape(rows, half, columns, half)
    parts = whole.sum(axis=(1, 3), dtype=np.float64)
    four = parts[:-1, :-1] + parts[:-1, 1:] + parts[1:, :-1] + parts[1:, 1:]
    return four / size**2


def _blended(chip: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """A chip around zero, weighted and tapered to its edge."""
    filled = np.where(weight > 0, chip, 0)
    middle = (filled * weight).sum() / weight.sum()
    taper = np.outer(np.hanning(len(chip)), np.hanning(len(chip)))
    return (filled - middle) * weight * taper


def _edges(image: Image) -> np.ndarray:
    """Size of the brightness gradient: it looks alike in both seasons, tones do not."""
    tone = image.pixels.mean(axis=0)
    if min(tone.shape) < 2:
        return np.zeros(tone.shape)
    thin = tone[::4, ::4]
    known = thin[np.isfinite(thin)]
    middle = np.median(known) if known.size else 1.0
    # any numeric scale is brought to about 1, where the logarithm bends
    tone = np.log1p(np.maximum(tone, 0) / max(float(middle), 1e-6))
    down, right = np.gradient(tone)
    return np.hypot(down, right)


def _chip_shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float] | None:
    length = len(before)
    one, two = np.fft.fft2(before), np.fft.fft2(after)
    cross = one * np.conj(two)
    size = np.abs(cross)
    say = _say(length)
    cross = cross / np.maximum(size, 1e-12) * say
    surface = np.fft.ifft2(cross).real
    surface /= say.mean()
    peak = np.unravel_index(np.argmax(surface), surface.shape)
    if surface[peak] < _LEAST_PEAK:
        return None
    coarse = [int(p) - length if p > length // 2 else int(p) for p in peak]
    if max(abs(c) for c in coarse) > _FARTHEST:
        return None
    return _refine(cross, coarse)


@cache
def _say(length: int) -> np.ndarray:
    """What each frequency of a chip counts for: the high ones are mostly noise and aliasing."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(length), np.fft.fftfreq(length)))
    say: np.ndarray = np.exp(-((frequency / 0.25) ** 2))
    return say


def _refine(cross: np.ndarray, coarse: list[int]) -> tuple[float, float]:
    """The peak within 1.5 pixels of `coarse`: to a tenth of a pixel, then to a hundredth."""
    row, column = _finest(cross, (coarse[0], coarse[1]), np.arange(-15, 16) / 10)
    return _finest(cross, (row, column), np.arange(-10, 11) / 100)


def _finest(
    cross: np.ndarray, about: tuple[float, float], steps: np.ndarray
) -> tuple[float, float]:
    frequency = np.fft.fftfreq(len(cross))
    rows = np.exp(2j * np.pi * np.outer(about[0] + steps, frequency))
    columns = np.exp(2j * np.pi * np.outer(frequency, about[1] + steps))
    surface = (rows @ cross @ columns).real
    row, column = np.unravel_index(np.argmax(surface), surface.shape)
    return float(about[0] + steps[row]), float(about[1] + steps[column])
