"""Sea closed off without a permit.

A new dike shut water off from the open sea, and no right in force covers the place. Only
the uncovered rest is judged, beyond the position tolerance. A pond that grew out of a
lawful one is left to ``beyond_permit``, one where a right to enclose has ended to
``expired``, one under a permit for open use to ``use_changed``.
"""

from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """Enclosures of which at least `min_area_m2` is not lawful and most lies in no right at all."""
    acts = acts_of(changes, layers, on, "enclosed_no_permit", min_area_m2)
    return findings(acts, "enclosed_no_permit")


RULE = Rule("enclosed_no_permit", check, priority=1)
