"""How sure the machine is of a finding, 0-1: one formula.

    confidence = 1 ÷ (1 + e^−evidence) × Φ(excess ÷ σ_excess)

    evidence = base + second·[2 dates] + third·[3 dates] + size·log10(area ÷ 1,000 m²)
               + score·ln(score ÷ (1 − score)) + loose·[structure, sea_change]
               + block·[raft, cage] + ground·[built, vegetation_lost, enclosed]

The first factor is the chance that the change is real, a logistic regression on simulated
coasts (`EVIDENCE`); what the tide, position or habit explains is out before it is asked. Φ
is the normal distribution function: the chance that the excess is more than nothing, given
the error of its outline. The weights speak plainly: a second date counts most, a larger
object and a stronger score for it, and something loose on the sea (a ship) against it.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr

EVIDENCE = {
    "base": -1.98,
    "second": 3.51,
    "third": 1.34,
    "size": 2.37,
    "score": 0.43,
    "loose": -5.88,
    "block": -2.47,
    "ground": -1.38,
}
"""Weights of the evidence: maximum likelihood over 912 changes of 20 weekly runs on four
simulated coasts. On 306 changes of scenarios held out of the fit (noisy, flat, cloudy,
turbid) the expected calibration error was 0.08 and the Brier score 0.10; real changes were
commoner than said. `benchmarks/calibration.py` measures it."""

_SORTS = {
    "loose": ("structure", "sea_change"),
    "block": ("raft", "cage"),
    "ground": ("built", "vegetation_lost", "enclosed"),
}


def confidence(changes: pd.DataFrame, excess_m2: pd.Series, sigma_m2: pd.Series) -> pd.Series:
    """How sure the machine is that each change is real and its excess more than nothing, 0-1.

    changes : rows with kind, score, dates and area_m2; `excess_m2` and its error beside them.
    """
    return expit(evidence(changes)) * ndtr(excess_m2 / sigma_m2.clip(lower=1e-6))


def evidence(changes: pd.DataFrame) -> pd.Series:
    """Log-odds that each change is real: the weighted sum of `terms`."""
    return terms(changes) @ pd.Series(EVIDENCE)


def terms(changes: pd.DataFrame) -> pd.DataFrame:
    """What speaks for and against each change, one column a weight."""
    dates = changes.dates.fillna(1).astype(float)
    return pd.DataFrame(
        {
            "base": 1.0,
            "second": (dates >= 2).astype(float),
            "third": (dates >= 3).astype(float),
            "size": np.log10(changes.area_m2.clip(100, 100_000) / 1000),
            "score": logit(changes.score.clip(0.02, 0.98)),
            **{name: changes.kind.isin(kinds).astype(float) for name, kinds in _SORTS.items()},
        },
        index=changes.index,
    )


_FOUND = {"optical": (4.1, 11.5), "sar": (25.0, 49.0)}
"""Pixels of new land that one clear pair shows with a chance of 50 % and of 95 %.

Optical: a logistic curve over the logarithm of the area, fitted to 86 fills of 150 to
3,000 m² on four simulated coasts at ten metres without cloud (`benchmarks/smallest_area.py`).
Radar: the half and the whole of the patch of 7 × 7 pixels that its speckle is averaged
over; it has not been measured.
"""


def smallest_m2(pixel_m: float, misfit_m: float, family: str) -> tuple[float, float]:
    """Area of new land that a pair shows with a chance of 50 % and of 95 %, m².

    pixel_m : of the coarser scene. misfit_m : how well the two lie on each other, one
    standard deviation: a square must be larger by twice that on each side.
    """
    sides = (pixels**0.5 * pixel_m + 4 * misfit_m for pixels in _FOUND[family])
    half, most = (side**2 for side in sides)
    return half, most
