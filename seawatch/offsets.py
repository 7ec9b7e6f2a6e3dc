"""What the shoreline accounts are held to: the least natural coast, and metres owed a metre taken.

Data, not code: a place, the days it holds on, where it was read and how well (H the text
itself or a source quoting it, M second hand, L weak). A bureau's own rows, under
``[[ledger.ratios]]`` in seawatch.toml, go before these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .tables import NATURAL

NATION = "全国"


@dataclass(frozen=True)
class Floor:
    """The least share of natural coast, 0-1, that a place must keep."""

    place: str
    share: float
    source: str
    grade: str


@dataclass(frozen=True)
class Ratio:
    """Metres of coast to restore for a metre occupied.

    coast : a kind of segment, or natural, other (than natural) or any.
    status : above or below (or at) the floor that day, or any.
    first, last : days it holds on; None where the text's own day is not kept here.
    """

    place: str
    coast: str
    status: str
    ratio: float
    first: date | None
    last: date | None
    source: str
    grade: str

    def holds(self, kind: str, status: str, day: date) -> bool:
        """Whether it covers a segment of this kind, at this status, on this day."""
        group = "natural" if kind in NATURAL else "other"
        return (
            self.coast in (kind, group, "any")
            and self.status in (status, "any")
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


FLOORS = (
    Floor("威海市", 0.45, "《威海市海岸带保护条例》第十八条", "H"),
    Floor(NATION, 0.35, "《海岸线保护与利用管理办法》（2017）", "H"),
)
RATIOS = (
    Ratio("威海市", "natural", "any", 1.0, None, None, "《威海市海岸带保护条例》第三十五条", "H"),
)


@dataclass(frozen=True)
class Terms:
    """What holds in one workspace.

    floor : the least retention; ratios : those that can apply, the bureau's own first.
    """

    floor: Floor
    ratios: tuple[Ratio, ...]

    def ratio(self, kind: str, status: str, day: date) -> Ratio | None:
        """The ratio for a segment's kind; the most particular of the first place that has one."""
        held = [r for r in self.ratios if r.holds(kind, status, day)]
        mine = [r for r in held if r.place == held[0].place]
        exact = [((r.coast == kind) + (r.coast != "any"), r.status == status) for r in mine]
        return max(zip(exact, mine, strict=True), key=lambda pair: pair[0])[1] if mine else None


def terms_of(
    places: Sequence[str] = (), floor: float | None = None, ratios: Sequence[Ratio] = ()
) -> Terms:
    """The terms of a workspace.

    places : its city and its province, nearest first; the nation's rows come last.
    floor : its own, before any place's.
    """
    order = [*places, NATION]
    floors = [row for place in order for row in FLOORS if row.place == place]
    known = [row for place in order for row in RATIOS if row.place == place]
    own = floors[0] if floor is None else Floor("seawatch.toml", floor, "[ledger] floor", "")
    return Terms(own, (*ratios, *known))
