"""Sea used without a permit.

Something stands or floats on the sea, and no right covers the place in the strata it
occupies. Only the uncovered rest is judged, beyond the position tolerance, whatever it
touches: lying mostly inside a neighbour's parcel is no permit. Land gained is left to
``fill_no_permit`` and sea closed off to ``enclosed_no_permit``, which weigh more; what
grew out of a lawful use to ``beyond_permit``; what lies mostly where a right has ended to
``expired``.
"""

from ._rule import Rule, findings
from ._standing import acts_of


def check(changes, layers, on, *, min_area_m2=400.0):
    """Acts of which at least `min_area_m2` is not lawful and most lies in no right at all."""
    return findings(acts_of(changes, layers, on, "no_permit", min_area_m2), "no_permit")


RULE = Rule("no_permit", check, priority=2)
