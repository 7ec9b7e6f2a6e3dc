"""What a simulated coast is like: one question each, as a set of knobs with a name."""

from dataclasses import dataclass
from datetime import date

from ..errors import UsageError
from .recipes import LAWFUL, MIX, RECIPES, WIDE
from .sky import MISSED


@dataclass(frozen=True)
class Scenario:
    """The knobs of a simulation; a factor of 1 is the ordinary coast.

    Attributes
    ----------
    start : day of the first run.
    recipes : kinds of events, names out of ``RECIPES``, planted in turn.
    happens : whether the events come about; if not, only permits and zones are there.
    cloud : mean cloud cover of the weekly scenes, 0-1.
    reference_cloud : most cloud the two references may have, 0-1.
    missed : share of the ground where the mask is blind to cloud and shadow, 0-1.
    slope_factor : how much steeper the foreshore is.
    tide_factor : how much larger the tide is; the gauge follows.
    tide_span_m : scenes are taken at hours that spread the tide this far from the
        references', which are taken at low water; None for the satellite's own hour.
    ship_factor, sediment_factor, noise_factor : how many times as much.
    gain_sigma : error of brightness in all bands together, one standard deviation.
    shift_px : longest error of position, pixels.
    """

    name: str
    says: str
    start: date = date(2026, 11, 9)
    recipes: tuple[str, ...] = MIX
    happens: bool = True
    cloud: float = 0.15
    reference_cloud: float = 0.02
    missed: float = MISSED
    slope_factor: float = 1.0
    tide_factor: float = 1.0
    tide_span_m: float | None = None
    ship_factor: float = 1.0
    sediment_factor: float = 1.0
    noise_factor: float = 1.0
    gain_sigma: float = 0.03
    shift_px: float = 1.2

    def __post_init__(self) -> None:
        unknown = [name for name in self.recipes if name not in RECIPES]
        if unknown or not self.recipes:
            raise UsageError(f"no event '{', '.join(unknown)}'; use {', '.join(RECIPES)}")


_ALL = (
    Scenario("ordinary", "a coast in November, all kinds of events"),
    Scenario("varied", "the same, with ponds, cages and thin jetties", recipes=WIDE),
    Scenario("quiet", "nothing is built", recipes=LAWFUL, happens=False),
    Scenario(
        "tide_only",
        "nothing but the tide, 0 to 3 m above the references",
        recipes=LAWFUL,
        happens=False,
        cloud=0.0,
        reference_cloud=0.0,
        tide_factor=2.4,
        tide_span_m=3.0,
        ship_factor=0.0,
    ),
    Scenario(
        "ships_only",
        "nothing is built, the sky is clear, ships are six times as many",
        recipes=LAWFUL,
        happens=False,
        cloud=0.0,
        reference_cloud=0.0,
        ship_factor=6.0,
    ),
    Scenario("cloudy", "two fifths under cloud", cloud=0.4, recipes=WIDE),
    Scenario("steep", "foreshores three times as steep", slope_factor=3.0, recipes=WIDE),
    Scenario("flat", "foreshores less than half as steep", slope_factor=0.4, recipes=WIDE),
    Scenario(
        "noisy",
        "more noise, and brightness that wanders",
        noise_factor=2.5,
        gain_sigma=0.06,
        recipes=WIDE,
    ),
    Scenario("turbid", "plumes three times as thick", sediment_factor=3.0, recipes=WIDE),
    Scenario(
        "summer", "begins in June, with crops and leaves", start=date(2026, 6, 8), recipes=WIDE
    ),
)

SCENARIOS = {scenario.name: scenario for scenario in _ALL}
"""The scenarios with a name."""


def scenario_called(name: str) -> Scenario:
    """The scenario of a name.

    Raises
    ------
    UsageError
        If there is none, naming those there are.
    """
    if name not in SCENARIOS:
        raise UsageError(f"no scenario '{name}'; use one of {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
