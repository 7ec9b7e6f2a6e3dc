"""A right was given by an office below the level that may give so much.

The area on the certificate (or of the outline, where none is stated) is held against the
thresholds of the day it was given, the nation's and the region's own. Named offices alone are
judged, and a city whose rank its name does not say as the higher one. An area nobody has set
a threshold for here is left alone, and so is one that is over a threshold by less than its own
error. It is a doubt about papers, no suspicion.
"""

import pandas as pd

from ..authorities import LEVELS, level_of
from ..geo import area_sigma_m2, ellipsoidal_area_m2
from ..law import approving_level, use_of
from ..rights import in_force
from ._reminder import reminders
from ._rule import Rule

_DRAWN_M = 0.02  # error of a corner where none is stated


def check(changes, layers, on, seen, where, *, sigmas=2.0):
    """Rights in force whose office may not give that much.

    sigmas : how many errors of the area are left in the holder's favour.
    """
    permits = in_force(layers.permits, on)
    level = level_of(permits.authority)
    permits, level = permits[level.notna()], level[level.notna()]
    drawn_m2 = ellipsoidal_area_m2(permits.geometry)
    error_m2 = area_sigma_m2(permits.geometry, permits.sigma_m.fillna(_DRAWN_M))
    size_ha = permits.area_ha.fillna(drawn_m2 / 1e4)
    least_ha = size_ha - sigmas * error_m2 / 1e4
    needed = [
        approving_level(use_of(mode), max(area, 0.0), day.date(), where)
        for mode, area, day in zip(permits.use_mode, least_ha, permits.valid_from, strict=True)
    ]
    required = pd.Series([n and n[0] for n in needed], index=permits.index, dtype=object)
    rank = {name: number for number, name in enumerate(LEVELS)}
    low = required.map(rank).fillna(-1) > level.map(rank)
    numbers = pd.DataFrame(
        {
            "authority": permits.authority,
            "level": level,
            "required": required,
            "size_ha": size_ha.round(4),
        }
    )
    return reminders(permits[low], "approval_level", numbers[low])


RULE = Rule("approval_level", check, reminder=True)
