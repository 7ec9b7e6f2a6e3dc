"""What is made of the bands of scenes."""

import numpy as np

from ..compiled import compiled


def weighed(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of (band, row, column) bands by their weights, (row, column) float32."""
    total = np.zeros(pixels.shape[1:], np.float32)
    _weighed(pixels, weights.astype(np.float32), total)
    return total


@compiled
def _weighed(pixels: np.ndarray, weights: np.ndarray, total: np.ndarray) -> None:
    for row in range(len(total)):
        found = total[row]
        for band in range(len(weights)):
            line, weight = pixels[band, row], weights[band]
            for column in range(len(found)):
                found[column] += weight * line[column]
