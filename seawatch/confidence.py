"""How sure the machine is of a finding, 0-1: one formula.

    confidence = 1 ÷ (1 + e^−evidence) × Φ(excess ÷ σ_excess)

    evidence = base + again·[2 dates and more] + size·log10(area ÷ 1,000 m²)
               + score·ln(score ÷ (1 − score)) + afloat·[1 date; structure, raft, cage, sea_change]
               + loose·[1 date; land_gained off the shore] + unknown·[sea_change]
               + built·[built] + green·[vegetation_lost]

The first factor is the chance that the change is real, a logistic regression on simulated
coasts (`EVIDENCE`); what the tide, position or habit explains is out before it is asked. Φ
is the normal distribution function: the chance that the excess is more than nothing, given
the error of its outline. The weights speak plainly: a second day and a larger area count
most; on one day what floats or lies off the shore may be a ship or a cloud, and those are
also what stands out most, so a strong score speaks a little against it.

It is a chance where as much is built as on the coasts it was fitted to. Where next to
nothing ever happens, fewer are real than it says: look at the order, not the number.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr

EVIDENCE = {
    "base": 0.90,
    "again": 3.06,
    "size": 2.77,
    "score": -0.61,
    "afloat": -1.84,
    "loose": -2.29,
    "unknown": -1.81,
    "built": -3.83,
    "green": -2.14,
}
"""Weights of the evidence: maximum likelihood over 6,700 changes of 14 simulated coasts of four
scenarios (varied, steep, summer, ordinary), each scenario with the same weight. On 2,300
changes of scenarios held out of the fit (noisy, flat, cloudy, turbid) the expected calibration
error is 0.02 (0.03 to 0.04 in each alone), the Brier score 0.06; where nothing is built at all
it says 0.1 to 0.2 too much. `benchmarks/calibration.py` measures it."""

_SINGLE = {
    "afloat": ("structure", "raft", "cage", "sea_change"),
    "loose": ("land_gained",),
}
_ANY = {"unknown": "sea_change", "built": "built", "green": "vegetation_lost"}
_LOOSE_M = 10.0  # from land: nearer it is joined to it


def confidence(changes: pd.DataFrame, excess_m2: pd.Series, sigma_m2: pd.Series) -> pd.Series:
    """How sure the machine is that each change is real and its excess more than nothing, 0-1.

    changes : rows with kind, score, dates, near_m and area_m2; `excess_m2` and its error beside.
    """
    return expit(evidence(changes)) * ndtr(excess_m2 / sigma_m2.clip(lower=1e-6))


def evidence(changes: pd.DataFrame) -> pd.Series:
    """Log-odds that each change is real: the weighted sum of `terms`."""
    return terms(changes) @ pd.Series(EVIDENCE)


def terms(changes: pd.DataFrame) -> pd.DataFrame:
    """What speaks for and against each change, one column a weight."""
    single = changes.dates.fillna(1).astype(float) < 2
    off_shore = changes.near_m.fillna(np.inf) > _LOOSE_M
    once = {name: single & changes.kind.isin(kinds) for name, kinds in _SINGLE.items()}
    told = pd.DataFrame(
        {
            "base": 1.0,
            "again": ~single,
            "size": np.log10(changes.area_m2.clip(100, 100_000) / 1000),
            "score": logit(changes.score.clip(0.02, 0.98)),
            "afloat": once["afloat"],
            "loose": once["loose"] & off_shore,
            **{name: changes.kind == kind for name, kind in _ANY.items()},
        },
        index=changes.index,
    )
    return told.astype(float)


_FOUND = {"optical": (4.2, 14.1), "sar": (12.2, 42.3)}
"""Pixels of new land that one clear pair shows with a chance of 50 % and of 95 %.

A logistic curve over the logarithm of the area, of Sentinel-2-like pairs without cloud fitted to
194 fills of 150 to 3,000 m² on four simulated coasts, of Sentinel-1-like pairs to 143 fills of
750 to 15,000 m² on three (`benchmarks/smallest_area.py`). Other sensors are taken to be like them.
"""


def smallest_m2(pixel_m: float, misfit_m: float, family: str) -> tuple[float, float]:
    """Area of new land that a pair shows with a chance of 50 % and of 95 %, m².

    pixel_m : of the coarser scene. misfit_m : how well the two lie on each other, one
    standard deviation: a square must be larger by twice that on each side.
    """
    sides = (pixels**0.5 * pixel_m + 4 * misfit_m for pixels in _FOUND[family])
    half, most = (side**2 for side in sides)
    return half, most
