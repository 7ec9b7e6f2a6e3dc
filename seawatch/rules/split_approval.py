"""One use stands in several approvals, each small enough for a lower office.

Rights of one named holder, for uses of one sort (fill, enclosure, structure, open), that lie no
farther apart than `next_m` and began within `days` of each other, and that together need a
higher office than any of them alone. Neighbours of other holders are left alone, as are rights
that began at other times, and groups whose sum needs no more than their largest. It is a
doubt about papers, no suspicion; the reminder stands on the largest of them.
"""

import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..authorities import LEVELS
from ..geo import ellipsoidal_area_m2
from ..law import approving_level, use_of
from ..rights import in_force
from ._reminder import reminders
from ._rule import Rule


def check(changes, layers, on, seen, where, *, next_m=50.0, days=365.0):
    """Groups of rights in force that together need a higher office than each alone."""
    permits = in_force(layers.permits, on)
    permits = permits[permits.holder.notna()]
    use = permits.use_mode.map(use_of)
    group = _groups(permits, use, next_m, days)
    size = np.bincount(group)[group] if len(group) else group
    permits, use, group = permits[size > 1], use[size > 1], group[size > 1]
    size_ha = permits.area_ha.fillna(ellipsoidal_area_m2(permits.geometry) / 1e4)
    rows = []
    for _, mine in permits.assign(use=use, size_ha=size_ha).groupby(group):
        level, required = _levels(mine, where)
        if required is not None and LEVELS.index(required) > LEVELS.index(level):
            main = mine.sort_values(["size_ha", "permit_id"]).iloc[-1]
            rows.append((main.name, sorted(mine.permit_id), mine, level, required))
    main = permits.loc[[row[0] for row in rows]]
    shapes = [shapely.union_all(row[2].geometry.to_numpy()) for row in rows]
    numbers = pd.DataFrame(
        {
            "permits": [row[1] for row in rows],
            "total_ha": [round(float(row[2].size_ha.sum()), 4) for row in rows],
            "level": [row[3] for row in rows],
            "required": [row[4] for row in rows],
        },
        index=main.index,
    )
    return reminders(main.set_geometry(shapes, crs=permits.crs), "split_approval", numbers)


def _groups(permits, use, next_m, days):
    """Which group each right belongs to: neighbours of one holder, use and time, in chains."""
    shapes = permits.geometry.to_numpy()
    one, other = overlay.pairs(shapes, shapes, next_m)
    holders = pd.factorize(permits.holder)[0]
    uses = pd.factorize(use)[0]
    begun = permits.valid_from.to_numpy()
    apart = np.abs(begun[one] - begun[other]) / np.timedelta64(1, "D")
    alike = (holders[one] == holders[other]) & (uses[one] == uses[other]) & (apart <= days)
    one, other = one[alike], other[alike]
    return overlay.linked(one, other, len(permits))


def _levels(mine, where):
    """The highest level that any right of a group needs alone, and what they need together."""
    day, use = mine.valid_from.max().date(), mine.use.iloc[0]
    alone = [approving_level(use, area, day, where) for area in mine.size_ha]
    together = approving_level(use, float(mine.size_ha.sum()), day, where)
    known = [LEVELS.index(level[0]) for level in alone if level]
    return LEVELS[max(known, default=0)], together and together[0]


RULE = Rule("split_approval", check, reminder=True)
