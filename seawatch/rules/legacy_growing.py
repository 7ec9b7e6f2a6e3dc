"""Legacy reclamation grows.

New land, or sea closed off, in a zone of legacy reclamation or within `next_m` of one,
whatever permits say: what was left over from before the stop must not grow. That a place
is on the register of legacies clears nothing, here or under any other rule. Building on
land that was filled long ago, and land farther off, are left alone.
"""

import numpy as np
import pandas as pd

from .. import overlay
from ..geo import tolerance_m
from ._near import sigma_m
from ._rule import Rule, findings

KINDS = ("land_gained", "enclosed")


def check(changes, layers, on, *, next_m=50.0, min_area_m2=400.0):
    """New land of at least `min_area_m2` in a legacy zone or no farther than `next_m` from it."""
    grown = changes[changes.kind.isin(KINDS) & (changes.area >= min_area_m2)]
    zones = layers.zones[layers.zones.kind == "legacy_reclamation"]
    shapes, legacies = grown.geometry.to_numpy(), zones.geometry.to_numpy()
    reach = next_m + np.asarray(tolerance_m(sigma_m(grown)))
    row, zone = overlay.pairs(shapes, legacies, reach)
    shared = overlay.shared_m2(shapes[row], legacies[zone])
    hits = pd.DataFrame(
        {
            "zone_id": zones.zone_id.to_numpy()[zone],
            "zone_name": zones.name.to_numpy()[zone],
            "legacy_class": zones.legacy_class.to_numpy()[zone],
            "inside_m2": shared,
        },
        index=grown.index[row],
    ).sort_values(["inside_m2", "zone_id"])
    hits = hits[~hits.index.duplicated(keep="last")]
    found = grown[grown.index.isin(hits.index)]
    numbers = hits.reindex(found.index)
    return findings(found, "legacy_growing", subject=numbers.zone_id, numbers=numbers)


RULE = Rule("legacy_growing", check, needs=("zones",), priority=1)
