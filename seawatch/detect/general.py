"""General change: iteratively reweighted multivariate alteration detection (IR-MAD).

Nielsen (2007): canonical variates of the two images are subtracted; the sum of squares
of the differences, each over its no-change variance, follows χ² where nothing changed.
Pixels are weighted by that probability and the variates found again, until they settle.
It does not care about linear differences in brightness, so haze, gain and offset drop out.

The χ² law is far too strict on real pairs, whose no-change pixels spread wider than it
says, so the cut is found in the pair: Otsu's on √χ², never within the spread of the
no-change pixels.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from ..compiled import compiled
from ._detector import score_of
from ._histogram import split_of

_ROUNDS = 50
_SETTLED = 1e-3  # largest step of a canonical correlation that counts as settled (Nielsen 2007)
_RIDGE = 1e-9  # share of the mean variance: keeps nearly equal bands from blowing up
_SPREADS = 6.0  # standard deviations above the commonest distance that chance does not reach
_NOTHING = 1e-30  # spread of a band that shows as good as one number
_LEAST = 1.0  # standard deviations of no change: what differs by less is rounded otherwise


@dataclass(frozen=True)
class ChangeModel:
    """A fitted IR-MAD: how much two spectra differ beyond what the pair's scenes do anyway.

    before, after : (band, variate) canonical vectors; means and no-change spread beside
        them; threshold is the value of √χ² that counts as change.
    """

    before: np.ndarray
    after: np.ndarray
    before_mean: np.ndarray
    after_mean: np.ndarray
    spread: np.ndarray
    correlations: np.ndarray
    threshold: float

    def odds(
        self, before: np.ndarray, after: np.ndarray, where: np.ndarray | None = None
    ) -> np.ndarray:
        """Odds (see `_detector.Waters`) of a change: 0 where √χ² is the threshold, 1 at twice it.

        before, after : (band, ...), NaN stays NaN. where : (...) of bool, pixels to tell of;
            of others nothing need be told, and is NaN then; all by default.
        """
        shape = before.shape[1:]
        # (Aᵀx − Bᵀy − (Aᵀmx − Bᵀmy)) ÷ spread ÷ threshold, the divisions folded into the vectors
        unit = self.spread * self.threshold
        one, two = ((vectors / unit).T for vectors in (self.before, self.after))
        middle = one @ self.before_mean - two @ self.after_mean
        x, y = (
            pixels.reshape(len(pixels), -1).astype(np.float32, copy=False)
            for pixels in (before, after)
        )
        odds = np.empty(x.shape[1], np.float32)
        asked = np.ones(odds.shape, bool) if where is None else np.ravel(where)
        sums = [np.ascontiguousarray(part, np.float32) for part in (one, two, middle)]
        _odds(x, y, asked, *sums, odds)
        return odds.reshape(shape)

    def score(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """0-1, 0.5 at the threshold, 0.95 at twice it."""
        return score_of(self.odds(before, after))


@compiled
def _odds(
    before: np.ndarray,
    after: np.ndarray,
    asked: np.ndarray,
    one: np.ndarray,
    two: np.ndarray,
    constant: np.ndarray,
    odds: np.ndarray,
) -> None:
    """Of `one` · before − `two` · after − `constant` the length less 1.

    before, after : (band, pixel). asked : (pixel,) of bool, see `ChangeModel.odds`.
    one, two : (variate, band); constant : (variate,). odds : (pixel,) to be filled.
    """
    bands = len(before)
    few = 128  # pixels at once, so that their sums stay in a core's nearest cache
    sums = np.empty((2, few), np.float32)
    for start in range(0, before.shape[1], few):
        stop = min(start + few, before.shape[1])
        squares = odds[start:stop]
        if not asked[start:stop].any():
            squares[:] = np.nan
            continue
        squares[:] = 0
        for number in range(0, len(one), 2):  # two variates and two bands at a reading
            other = min(number + 1, len(one) - 1)
            found, second = sums[0, : stop - start], sums[1, : stop - start]
            found[:] = -constant[number]
            second[:] = -constant[other]
            for band in range(0, bands, 2):
                last = min(band + 1, bands - 1)
                more = np.float32(last > band)
                a, b = one[number, band], one[number, last] * more
                c, d = two[number, band], two[number, last] * more
                e, f = one[other, band], one[other, last] * more
                g, h = two[other, band], two[other, last] * more
                u, v = before[band, start:stop], before[last, start:stop]
                x, y = after[band, start:stop], after[last, start:stop]
                for at in range(len(found)):
                    found[at] += (a * u[at] + b * v[at]) - (c * x[at] + d * y[at])
                    second[at] += (e * u[at] + f * v[at]) - (g * x[at] + h * y[at])
            more = np.float32(other > number)
            for at in range(len(squares)):
                squares[at] += found[at] * found[at] + more * (second[at] * second[at])
        for at in range(len(squares)):
            squares[at] = np.sqrt(squares[at]) - np.float32(1)


def fit(before: np.ndarray, after: np.ndarray) -> ChangeModel | None:
    """The change model of a pair from samples of both scenes, each (band, pixel), no NaN.

    None where there are too few pixels, a band without any variation, or bands that are one.
    """
    x, y = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if x.shape[1] < 20 * len(x) or min(x.std(axis=1).min(), y.std(axis=1).min()) <= _NOTHING:
        return None
    both = np.vstack([x - x.mean(axis=1)[:, None], y - y.mean(axis=1)[:, None]])
    weights = np.ones(x.shape[1])
    correlations = np.zeros(len(x))
    for _ in range(_ROUNDS):
        try:
            a, b, mean, found = _variates(both, weights)
        except (np.linalg.LinAlgError, ValueError):  # singular, or not finite any more
            return None
        spread = np.sqrt(2 * np.maximum(1 - found, 1e-9))
        vectors = np.vstack([a, -b]) / spread
        variates = vectors.T @ both
        variates -= (vectors.T @ mean)[:, None]
        squares = np.einsum("ij,ij->j", variates, variates)
        weights = _chi2_tail(len(x), squares) + 1e-12
        settled = np.abs(found - correlations).max() < _SETTLED
        correlations = found
        if settled:
            break
    threshold = _threshold(np.sqrt(squares), len(x))
    mean_x, mean_y = x.mean(axis=1) + mean[: len(x)], y.mean(axis=1) + mean[len(x) :]
    return ChangeModel(a, b, mean_x, mean_y, spread, correlations, threshold)


def _chi2_tail(freedom: int, squares: np.ndarray) -> np.ndarray:
    """1 − the χ² distribution, in its closed form (Abramowitz & Stegun 1964, 26.4.4-5)."""
    half = squares / 2
    odd = freedom % 2
    term = np.exp(-half)
    tail = scipy.special.erfc(np.sqrt(half)) if odd else term.copy()
    if odd:
        term *= np.sqrt(half) / scipy.special.gamma(1.5)
        tail += term if freedom > 1 else 0.0
    for step in range(1, (freedom - odd) // 2):
        term *= half / (step + odd / 2)
        tail += term
    return tail


def _variates(both: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Canonical vectors of both images with unit variance, least correlated first.

    both : (band of either image, pixel). Returns the earlier's vectors, the later's, each
    (band, variate), the weighted means, and the correlations.
    """
    total, n = weights.sum(), len(both) // 2
    mean = both @ weights / total
    covariance = (both * weights) @ both.T / total - np.outer(mean, mean)
    covariance += _RIDGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    xx, xy, yy = covariance[:n, :n], covariance[:n, n:], covariance[n:, n:]
    # the eigenvectors of xy · yy⁻¹ · yx in the measure of xx, by the root of that
    root = np.linalg.cholesky(xx)
    half = np.linalg.solve(root, xy)
    values, a = np.linalg.eigh(half @ np.linalg.solve(yy, half.T))
    a = np.linalg.solve(root.T, a)
    correlations = np.sqrt(np.clip(values, 0, 1))
    b = np.linalg.solve(yy, xy.T @ a)
    b /= np.sqrt(np.einsum("ij,ik,kj->j", b, yy, b))
    return a, b, mean, correlations


def _threshold(distance: np.ndarray, variates: int) -> float:
    """Otsu's cut of √χ², but never within what the unchanged pixels reach by chance."""
    otsu, counts, edges = split_of(distance)
    if variates == 1:  # half a normal law: nothing is commoner than none, and below it lies nothing
        return float(max(otsu, _SPREADS * np.median(distance) / 0.6745, _LEAST))
    centres = (edges[:-1] + edges[1:]) / 2
    # change only ever adds distance: the side below the commonest one is chance alone
    common = centres[np.argmax(np.convolve(counts, np.ones(5), "same"))]
    below = distance[distance < common]
    spread = np.sqrt(np.mean((below - common) ** 2)) if below.size else 0.0
    return float(max(otsu, common + _SPREADS * spread, _LEAST))
