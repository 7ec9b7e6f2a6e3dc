"""How sure the machine is of a finding, 0-1: one formula.

    confidence = score × Φ(excess ÷ σ_excess)

`score` is the detector's, Φ the normal distribution function: the chance that the
excess is more than nothing, given the error of its outline. It is not yet calibrated on
a labelled coast: it ranks findings, it is no probability.
"""

import pandas as pd
from scipy.special import ndtr


def confidence(score: pd.Series, excess_m2: pd.Series, sigma_m2: pd.Series) -> pd.Series:
    """Score × Φ(excess ÷ sigma), 0-1."""
    return score * ndtr(excess_m2 / sigma_m2.clip(lower=1e-6))
