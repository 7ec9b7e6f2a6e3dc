"""Land gained: water in the earlier scene, land in the later.

The score is the less sure of both statements, min(water before, land after), each from
the scene's own waterline (`water`). A wet flat is hardly water, and yet filled: that it
changed (`general`) is as good as that it was water. On radar what is duller than land, but far
brighter than it was, is of the new land it joins. Where what was added is whiter than the
scene's land ever is, it is cloud that the mask missed, foam or a white ship, and does not
count. A deck on piles or a grey ship looks the same on one date; rules and later dates tell
them apart.
"""

from dataclasses import dataclass

from ..scenes import Image
from ._detector import Context, Score, score_of, untold


@dataclass(frozen=True)
class LandGained:
    """Water → land."""

    kind: str = "land_gained"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """min(water before or changed, land after), 0-1."""
        waters = context.waters
        if waters is None:
            return untold(after)
        surer = score_of(waters.emerged.ravel()[waters.gained])
        return Score(waters.gained, surer, odds=lambda: waters.emerged)
