"""Sea filled without a permit.

Water became land, and no right in force covers the place. Only the uncovered rest is
judged, beyond the position tolerance. What the tide or the fit of the two scenes
explains has been vetoed before; land that grew out of a lawful use is left to
``beyond_permit``, land where a fill permit has ended to ``expired``, land under a permit
for something else to ``use_changed``.
"""

from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """New land of which at least `min_area_m2` is not lawful and most lies in no right at all."""
    return findings(acts_of(changes, layers, on, "fill_no_permit", min_area_m2), "fill_no_permit")


RULE = Rule("fill_no_permit", check, priority=1)
