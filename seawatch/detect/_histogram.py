"""Where a histogram falls into two classes."""

import numpy as np


def distance_histogram(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of 256 bins; the farthest thousandth stands in the last."""
    top = np.quantile(distance, 0.999)
    return np.histogram(np.minimum(distance, top), 256)


def best_split(counts: np.ndarray) -> int:
    """The last bin of the lower of the two classes that differ most (Otsu 1979)."""
    centres = np.arange(len(counts))
    total = counts.sum()
    share = np.cumsum(counts)[:-1] / total
    mean = np.cumsum(counts * centres)[:-1] / total
    whole = (counts * centres).sum() / total
    return int(np.argmax((whole * share - mean) ** 2 / np.maximum(share * (1 - share), 1e-12)))
