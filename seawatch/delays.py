"""How long it took from an act to its detection, its stop and its settlement.

The act itself was seen by nobody: it lies between the last clear look without it and the
first with it, and what has not been stopped yet will be some day. Such times are interval
censored; their distribution is Turnbull's non-parametric maximum-likelihood estimate
(Turnbull 1976, J. R. Statist. Soc. B 38, 290-295), found by self-consistency. Its median is
known to an interval only, and is given as one.
"""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

DELAYS = {"detection": "detected", "stop": "stopped", "settlement": "closed"}
"""What ends each delay; all begin with the act: early detection, early stop, early settlement."""

_CLOSE = 1e-9
_ROUNDS = 10_000
_REACHED = 1e-3  # mass that self-consistency moves only slowly from where none belongs


def spans(timelines: pd.DataFrame, on: date) -> pd.DataFrame:
    """Least and most days each delay can have taken: flag_id, delay, low, high.

    timelines : see `case.timelines`. `high` is infinite where the end has not come by `on`.
    """
    parts = []
    # what was seen, gone and seen again may have begun at either: the bounds keep their order
    bounds = timelines[["last_clear", "first_clear"]]
    last_clear, first_clear = bounds.min(axis=1), bounds.max(axis=1)
    for delay, end in DELAYS.items():
        done = timelines[end].notna()
        until = timelines[end].fillna(pd.Timestamp(on))
        low = (until - first_clear).dt.days.clip(lower=0).astype(float)
        low += ~done  # not by the end of that day: a day more at the least
        high = (until - last_clear).dt.days.clip(lower=0).where(done, np.inf)
        columns = {"flag_id": timelines.flag_id, "delay": delay, "low": low, "high": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def medians(timelines: pd.DataFrame, on: date, by: str) -> pd.DataFrame:
    """Median delay of each group of flags: the group, delay, flags, ended, low, high (days).

    by : a column of `timelines`, e.g. owner or district; flags without one are left out, and
        what a visit found lawful or no change at all.
        `high` is infinite where fewer than half have ended for certain.
    """
    real = timelines[~timelines.verdict.isin(["lawful", "false_change"])]
    told = spans(real, on).merge(real[["flag_id", by]], on="flag_id")
    rows = []
    for (group, delay), mine in told.groupby([by, "delay"], sort=True):
        low, high = median(mine.low.to_numpy(), mine.high.to_numpy())
        ended = int(np.isfinite(mine.high).sum())
        rows.append((group, delay, len(mine), ended, low, high))
    return pd.DataFrame(rows, columns=[by, "delay", "flags", "ended", "low", "high"])


def median(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Least and most the median can be, of times known to lie in [low, high].

    >>> median(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    (2.0, 2.0)
    """
    left, right, mass = turnbull(low, high)
    reached = np.cumsum(mass)
    first = int(np.searchsorted(reached, 0.5 - _REACHED))
    return float(left[first]), float(right[first])


def turnbull(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The intervals on which the estimate has its mass, and the mass of each (they sum to 1).

    An innermost interval begins with some `low` and ends with the next `high`: nothing
    between can carry mass. Within one the estimate says nothing of where.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    ends = [(value, 0) for value in np.unique(low)] + [(value, 1) for value in np.unique(high)]
    ends.sort()  # of equal values the beginning comes first: the intervals are closed
    pairs = [(a[0], b[0]) for a, b in pairwise(ends) if (a[1], b[1]) == (0, 1)]
    left, right = np.array(pairs).T
    inside = (low[:, None] <= left) & (right <= high[:, None])
    mass = np.full(len(left), 1 / len(left))
    for _ in range(_ROUNDS):
        share = inside * mass
        new = (share / share.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(new - mass).max() < _CLOSE:
            break
        mass = new
    return left, right, mass
