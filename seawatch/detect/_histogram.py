"""Where a histogram falls into two classes."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Splits:
    """Two classes of each of some histograms, (histogram,) each; places are counted in bins.

    cut : last bin of the lower class; low, high : mean of either.
    separation : share of the variance that lies between them; smaller : of the two, its share.
    """

    cut: np.ndarray
    low: np.ndarray
    high: np.ndarray
    separation: np.ndarray
    smaller: np.ndarray


def otsu(counts: np.ndarray) -> Splits:
    """The two classes of each of (histogram, bin) counts that differ most (Otsu 1979).

    A histogram of nothing, or of one value, has no two classes: its separation is 0.
    """
    centres = np.arange(counts.shape[1])
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    share = np.cumsum(counts, axis=1)[:, :-1] / total
    mean = np.cumsum(counts * centres, axis=1)[:, :-1] / total
    whole = (counts * centres).sum(axis=1, keepdims=True) / total
    weight = share * (1 - share)
    inside = weight > 1e-12
    between = np.where(inside, (whole * share - mean) ** 2 / np.where(inside, weight, 1), 0)
    # a gap between the classes makes a plateau: its middle is the fairest cut
    best = between >= between.max(axis=1, keepdims=True) * (1 - 1e-9)
    rank = np.cumsum(best, axis=1)
    cut = (rank > best.sum(axis=1, keepdims=True) // 2).argmax(axis=1)
    at = (np.arange(len(counts)), cut)
    variance = (counts * (centres - whole) ** 2).sum(axis=1) / total[:, 0]
    told = inside[at] & (variance > 0)
    lower = np.where(told, share[at], 0.5)
    return Splits(
        cut,
        np.where(told, mean[at] / lower, 0.0),
        np.where(told, (whole[:, 0] - mean[at]) / (1 - lower), 0.0),
        np.where(told, between[at] / np.where(told, variance, 1), 0.0),
        np.minimum(lower, 1 - lower),
    )


def split_of(distance: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Otsu's cut of distances from 0, and their histogram: counts and edges of 256 bins.

    The farthest thousandth stands in the last bin.
    """
    top = np.quantile(distance, 0.999)
    counts, edges = np.histogram(np.minimum(distance, top), 256)
    return float(edges[otsu(counts[None]).cut[0] + 1]), counts, edges
