"""How sure the machine is of a finding, 0-1, and all the evidence of a flag together.

One formula for a finding:

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

A flag has more: other sensors, drone flights, visits. Each is a piece of evidence with a
log-likelihood ratio, and what is independent adds up (Good 1950, Probability and the
Weighing of Evidence):

    odds = ln(c ÷ (1 − c)) of the surest sensor + Σ min(further, ln(cᵢ ÷ (1 − cᵢ)) − base) of others
           + drone·[a drone too] + clear·[a sensor saw the ground clear] ± visit·[latest visit]
           + doubt(cause)

Where they contradict each other nothing is averaged: the most trusted mode alone speaks
(visit, then drone, then satellite), and the contradiction is kept beside it. `WEIGHTS` says
what each is worth and why. `confidence` is the machine's own, without visits; `chance` has
them in it.

It is a chance where as much is built as on the coasts it was fitted to. Where next to
nothing ever happens, fewer are real than it says: look at the order, not the number.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from .tables import LEVELS

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
scenarios (varied, steep, summer, ordinary), each scenario with the same weight. On 1,957
changes of nine coasts of scenarios held out of the fit (noisy, flat, cloudy, turbid) the expected
calibration error is 0.03 (0.06 on the cloudy ones alone, 0.03 on the others), the Brier score 0.06;
what it gives 0.3 to 0.6 comes true three times in four. Where nothing is built at all it says 0.1
to 0.2 too much. `benchmarks/calibration.py` measures it."""

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
    return scipy.special.expit(evidence(changes)) * excess_probability(excess_m2, sigma_m2)


def excess_probability(excess_m2: pd.Series, sigma_m2: pd.Series) -> pd.Series:
    """The chance that each excess is more than nothing, given the error of its area, 0-1.

    The excess is what is left beyond the position tolerance, so the rights' own error is in
    `sigma_m2` and not in the excess again.
    """
    return scipy.special.ndtr(excess_m2 / sigma_m2.clip(lower=1e-6))


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
            "score": scipy.special.logit(changes.score.clip(0.02, 0.98)),
            "afloat": once["afloat"],
            "loose": once["loose"] & off_shore,
            **{name: changes.kind == kind for name, kind in _ANY.items()},
        },
        index=changes.index,
    )
    return told.astype(float)


_FOUND = {"optical": (3.9, 13.9), "sar": (19.7, 55.3)}
"""Pixels of new land that one clear pair shows with a chance of 50 % and of 95 %.

A logistic curve over the logarithm of the area, of Sentinel-2-like pairs without cloud fitted to
186 fills of 150 to 3,000 m² on four simulated coasts, of Sentinel-1-like pairs to 143 fills of
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


WEIGHTS = {"visit": 3.9, "clear": -2.9, "drone": 2.9, "further": 2.9}
"""Log-likelihood ratios of what no lab can calibrate: assumptions, not measurements.

visit : an officer on the spot errs once in 50 on whether anything stands there, ln(.98 ÷ .02).
clear : a pair that can tell misses 1 in 20 of what it would show; the smallest area given as
    found in 95 % (`smallest_m2`), ln(.05 ÷ .95).
drone : a flight that shows it beside another sensor is wrong once in 20; its own score is that
    of the satellites' formula, which was never fitted to drones.
further : no further satellite counts for more than 19 to 1, ln(.95 ÷ .05): they share causes of
    error (the tide, a season), so that they are not wholly independent.
"""
DOUBT = {
    "tide": -2.0,
    "season": -1.5,
    "registration": -1.5,
    "drift": -1.0,
    "ship": -1.0,
    "cloud": -0.5,
    "other": -0.5,
}
"""What a false change there before takes off the odds of the next one, by its cause: assumptions.

The tide, a season and a steep shore come back to the same place, a cloud does not. −2 leaves an
odds of a seventh."""
RETURNS = ("tide", "season", "registration")
"""Causes that come back: there, a second day of the same sensor proves nothing."""
TRUST = ("visit", "drone", "satellite")
"""Modes of observation, the most trusted first."""
_TOGETHER = pd.Timedelta(days=31)  # sensors this far apart may both be right: it was built, or gone

Item = Mapping[str, Any]
"""One observation: at (day), by (sensor or officer), mode, says (1 there, -1 clear, 0 cannot
tell); of sensors also odds (log-odds, of what says 1), sigma_m and m2."""


def mode_of(sensor: str) -> str:
    """The mode of observation a sensor belongs to."""
    return "drone" if sensor.startswith("drone") else "satellite"


def fused(evidence: Sequence[Item], doubt: float = 0.0) -> tuple[float, list[Item]]:
    """How likely a flag is real by all its evidence, 0-1, and the observations in conflict.

    evidence : at least one that says 1 or -1. doubt : log-odds off what sensors say.
    """
    words = _last_words(evidence)
    conflict = list(words) if len({item["says"] for item in words}) > 1 else []
    if conflict:
        best = min(TRUST.index(item["mode"]) for item in words)
        words = [item for item in words if item["mode"] == TRUST[best]]
    shown = sorted((i for i in words if i["mode"] != "visit" and i["says"] > 0), key=_odds)
    odds = _odds(shown.pop()) if shown else EVIDENCE["base"]
    odds += sum(_further(item) for item in shown)
    odds += WEIGHTS["clear"] * sum(i["mode"] != "visit" and i["says"] < 0 for i in words)
    odds += sum(WEIGHTS["visit"] * i["says"] for i in words if i["mode"] == "visit")
    seen = any(item["mode"] != "visit" for item in words)
    return float(scipy.special.expit(odds + (doubt if seen else 0.0))), conflict


def _odds(item: Item) -> float:
    return float(item["odds"])


def _further(item: Item) -> float:
    """What a further sensor adds: that it shows the thing never speaks against it."""
    beyond = float(np.clip(_odds(item) - EVIDENCE["base"], 0.0, WEIGHTS["further"]))
    return WEIGHTS["drone"] if item["mode"] == "drone" else beyond


def _last_words(evidence: Sequence[Item]) -> list[Item]:
    """The latest of every sensor, of about one time, and the latest visit: what tells anything."""
    last: dict[str, Item] = {}
    for item in sorted(evidence, key=lambda item: (item["at"], item["by"])):
        if item["says"]:
            last["visit" if item["mode"] == "visit" else item["by"]] = item
    days = [pd.Timestamp(item["at"]) for key, item in last.items() if key != "visit"]
    since = max(days, default=pd.Timestamp(0)) - _TOGETHER
    return [i for key, i in last.items() if key == "visit" or pd.Timestamp(i["at"]) >= since]


def weighed(flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`flags` with confidence, chance and level from their evidence; contradictions beside it."""
    rows = [
        _weighed(json.loads(record or "{}"), json.loads(numbers), confidence, level)
        for record, numbers, confidence, level in zip(
            flags.record, flags.numbers, flags.confidence, flags.level, strict=True
        )
    ]
    if not rows:
        return flags
    records, confidences, chances, levels = zip(*rows, strict=True)
    return flags.assign(
        record=pd.Series(records, flags.index, dtype=object),
        confidence=list(confidences),
        chance=list(chances),
        level=pd.Series(levels, flags.index, dtype=object),
    )


def _weighed(
    record: dict[str, Any], numbers: Item, confidence: float, level: str
) -> tuple[str | None, float, float, str]:
    evidence = record.get("evidence", [])
    doubt = record.get("doubt", {})
    machine = [item for item in evidence if item["mode"] != "visit"]
    chance = confidence
    if any(item["says"] for item in machine):
        confidence, _ = fused(machine, doubt.get("odds", 0.0))
        chance = confidence
    if any(item["says"] for item in evidence):
        chance, record["conflict"] = fused(evidence, doubt.get("odds", 0.0))
    rank = max(LEVELS.index(level), _rank(evidence, numbers, doubt.get("cause")))
    return packed(record), round(confidence, 6), round(chance, 6), LEVELS[rank]


def _rank(evidence: Sequence[Item], numbers: Item, doubt: str | None) -> int:
    """Two days make a flag high, a second sensor or a visit highest; unknown tides low."""
    there = [item for item in evidence if item["says"] > 0]
    if any(item["mode"] == "visit" for item in there):
        return 2
    if not numbers.get("tide_known", False):
        return 0  # it may be the tide's
    if len({item["by"] for item in there}) > 1:
        return 2
    lasting = len({item["at"] for item in there}) > 1 or numbers.get("dates", 1) > 1
    return int(lasting and doubt not in RETURNS)


def packed(record: Mapping[str, Any]) -> str | None:
    """A flag's record as it stands in the table; nothing where nothing is known."""
    kept = {key: value for key, value in record.items() if value}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None
