"""A structure: something thin and long that stands out of what was sea.

Jetties, piers, dikes, causeways. Pixels count that turned from water to land (NDWI, see
``water``) or stand out from the sea around (``sea``), for at ten metres a pier of eight
never fills a pixel. Their objects must be thin, long, and stand out from the shore rather
than run along it, as the strips do that tide and misfit leave. A ship looks the same on
one day; later dates tell them apart (Wong et al. 2019 take what persists for offshore
platforms).
"""

from dataclasses import dataclass

from ..scenes import Image
from ._detector import Context, Score, untold
from ._objects import objects


@dataclass(frozen=True)
class Structure:
    """Water → a thin body.

    wide_m, long_m : at most so wide (three pixels where they are larger), at least so long
    (seven pixels); slender : length over thickness, at least; beside : share of it that may
    lie close to the earlier shore.
    """

    wide_m: float = 25.0
    long_m: float = 60.0
    slender: float = 3.0
    beside: float = 0.4
    kind: str = "structure"

    def __call__(self, before: Image, after: Image, context: Context) -> Score:
        """The surer of emerged and standing out, over thin long objects; else 0."""
        waters = context.waters
        if waters is None:
            return untold(after)
        thin = []
        widest = max(3.0, self.wide_m / context.pixel_m)
        shortest = max(7.0, self.long_m / context.pixel_m)
        for one in objects(waters.standing, 5, shortest):
            if one.length < shortest or one.thickness > widest:
                continue
            close = (waters.offshore.at(one.at) <= 3).mean()
            if one.length / max(one.thickness, 1) >= self.slender and close <= self.beside:
                thin.append(one.at)
        return waters.sparse(thin, [waters.stands(at) for at in thin])
