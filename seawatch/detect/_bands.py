"""What is made of the bands of scenes."""

import numpy as np

from ..compiled import compiled


def weighed(
    before: np.ndarray, after: np.ndarray, weights: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The sum over the bands, by their weights, of after − before, and of after alone.

    before, after : (band, row, column). where : (row, column) of bool, pixels that it is asked
    of; elsewhere it may be 0 instead. Returns (row, column) float32; the second of every second
    row and column only.
    """
    rows, columns = after.shape[1:]
    added = np.empty((rows, columns), np.float32)
    later = np.empty((-(-rows // 2), -(-columns // 2)), np.float32)
    _weighed(before, after, weights.astype(np.float32), where, added, later)
    return added, later


@compiled
def _weighed(
    before: np.ndarray,
    after: np.ndarray,
    weights: np.ndarray,
    where: np.ndarray,
    added: np.ndarray,
    later: np.ndarray,
) -> None:
    bands, columns = len(weights), added.shape[1]
    few = 256  # pixels at once, an even number
    alone = np.empty(few, np.float32)
    for row in range(len(added)):
        for start in range(0, columns, few):
            stop = min(start + few, columns)
            found, whole = added[row, start:stop], alone[: stop - start]
            found[:] = 0
            whole[:] = 0
            if where[row, start:stop].any():
                for band in range(bands):
                    one, two = before[band, row, start:stop], after[band, row, start:stop]
                    weight = weights[band]
                    for at in range(len(found)):
                        found[at] += weight * (two[at] - one[at])
                if row % 2 == 0:
                    for band in range(bands):
                        two, weight = after[band, row, start:stop], weights[band]
                        for at in range(len(whole)):
                            whole[at] += weight * two[at]
            if row % 2 == 0:
                thin = later[row // 2, start // 2 : (stop + 1) // 2]
                for at in range(len(thin)):
                    thin[at] = whole[2 * at]
