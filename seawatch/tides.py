"""The tide at an instant, and the changes that tide or position explain.

A waterline moves by Δh ÷ slope when the tide differs by Δh. What lies no farther from
the earlier scene's shore than that, and than the two scenes' misfit, is no change of the
coast; it keeps its place in the table, with the reason it was vetoed.

Heights come from a gauge's record, or from harmonic constituents: a sum of cosines whose
amplitudes and Greenwich phases an analysis of some port's record has given.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import overlay
from .cells import MOST_CELLS, in_squares, of_squares, opened, squares_m
from .geo import REACH, ellipsoidal_area_m2, tolerance_m
from .tables import AFLOAT, CHANGES

DEFAULT_SLOPE = 0.05
"""Rise over run of a shore nobody has measured: between sand (1:50) and rock (1:5)."""

SLOPES = {
    "bedrock": 1 / 5,
    "sandy": 1 / 50,
    "restored": 1 / 50,
    "muddy": 1 / 500,
    "biological": 1 / 200,
    "estuary": 1 / 200,
    "artificial": 1 / 2,
}
"""Rise over run by kind of segment: the usual foreshore, where no survey gives a `slope`."""

_UNSURVEYED = 2.0
"""A shore may be so many times flatter than its kind usually is, where nobody surveyed it."""

_THREADS = 2
_ROUNDING_M = 1e-6
_NEAR_M = 150.0  # a change this close to a segment is on its foreshore

HARMONIC_SIGMA_M = 0.05
"""What constituents leave of a difference of two heights, even where the season is theirs."""

SEASON_M = 0.20
"""Half of the swing of the mean sea level over the year, where constituents lack Sa."""

_HIGH_DAY = 213  # of the year: 1 August; the lowest level is then at the end of January

Source = Literal["gauge", "harmonics", "seasonless"]
"""Where a height came from; seasonless: constituents without Sa."""

_SHORE_KINDS = ("land_gained", "land_lost")
_SHALLOW_M = 3.0  # of depth: the bottom may be seen there, and bars fall dry
_LOWER_M = 0.2  # of water between two dates that shows more of the bottom
_MIXED_M = 0.5  # of a pixel-wide edge error: both images mix land and water in one pixel


@dataclass(frozen=True)
class Gauge:
    """A tide gauge's record: UTC instants (increasing) and heights, metres."""

    times: np.ndarray
    heights_m: np.ndarray

    def height_at(self, moment: pd.Timestamp, gap_hours: float = 3.0) -> float | None:
        """Height at an instant, interpolated; None outside the record or in a longer gap."""
        at = _utc(moment)
        later = int(np.searchsorted(self.times, at))
        if later < len(self.times) and self.times[later] == at:
            return float(self.heights_m[later])
        if later == 0 or later == len(self.times):
            return None
        hours = (self.times[later] - self.times[later - 1]) / np.timedelta64(1, "h")
        if hours > gap_hours:
            return None
        seconds = self.times.astype("int64")
        return float(np.interp(at.astype("int64"), seconds, self.heights_m))


_ALIASES = {
    "EP2": "EPS2",
    "EPSILON2": "EPS2",
    "LA2": "LDA2",
    "LAM2": "LDA2",
    "LAMBDA2": "LDA2",
    "RHO": "RHO1",
    "SGM": "SIG1",
    "SIGMA1": "SIG1",
}

# degrees added to a phase: published tables count Sa from the equinox (the sun's longitude h),
# utide from the sun's perigee, 283 degrees
_TURNED = {"SA": -283.0}

# a constant is no tide; of S1 utide has another amplitude and phase than the tables;
# those of H1 and H2 (MA2, MB2) no two tables count alike
_NOT_SUMMED = frozenset({"Z0", "S1", "H1", "H2"})


def constituent_name(name: str) -> str:
    """A constituent's name as utide writes it, where it is one that utide knows."""
    upper = name.strip().upper()
    return _ALIASES.get(upper, upper)


@dataclass(frozen=True)
class Constituent:
    """One cosine of a port's tide: amplitude, metres, and Greenwich phase lag, degrees."""

    name: str
    amplitude_m: float
    phase_deg: float


@dataclass(frozen=True)
class Harmonics:
    """A port's tide as a sum of constituents: heights above the mean sea level.

    Phases are counted as TICON, IHO and NOAA do (Schureman 1958); lunar nodes are
    corrected for at each instant (utide: Codiga 2011).

    latitude : of the port, degrees north.
    """

    latitude: float
    constituents: tuple[Constituent, ...]

    @property
    def seasonal(self) -> bool:
        """Whether the yearly swing of the mean sea level (Sa) is among them."""
        return any(constituent_name(c.name) == "SA" for c in self.constituents)

    @cached_property
    def left_out(self) -> tuple[Constituent, ...]:
        """The constituents that no formula is known for: they are not summed."""
        used = set(self._used)
        return tuple(c for c in self.constituents if c not in used)

    def height_at(self, moment: pd.Timestamp) -> float:
        """Height at an instant, metres above the mean sea level."""
        return float(self.heights_at(np.array([_utc(moment)]))[0])

    def heights_at(self, times: np.ndarray) -> np.ndarray:
        """Heights at UTC instants (datetime64), metres above the mean sea level."""
        from utide import reconstruct  # slow to import

        return np.asarray(reconstruct(times, self._coefficients, verbose=False).h)

    @cached_property
    def _used(self) -> tuple[Constituent, ...]:
        from utide import constit_index_dict

        known = constit_index_dict.keys() - _NOT_SUMMED
        return tuple(c for c in self.constituents if constituent_name(c.name) in known)

    @cached_property
    def _coefficients(self) -> dict[str, Any]:
        """What utide takes for the outcome of an analysis."""
        from utide import constit_index_dict, ut_constants

        names = [constituent_name(c.name) for c in self._used]
        index = np.array([constit_index_dict[name] for name in names], dtype=int)
        turned = [c.phase_deg + _TURNED.get(n, 0.0) for c, n in zip(self._used, names, strict=True)]
        exact = dict.fromkeys(("nodsatlint", "nodsatnone", "gwchlint", "gwchnone"), False)
        return {
            "name": np.array(names),
            "A": np.array([c.amplitude_m for c in self._used]),
            "g": np.array(turned),
            "mean": 0.0,
            "aux": {
                "reftime": 0.0,  # of a linearised prediction, which this is not
                "frq": ut_constants.const.freq[index],
                "lind": index,
                "lat": self.latitude or 1e-6,  # utide divides by its sine
                "opt": {"twodim": False, "nodiagn": True, "notrend": True, "prefilt": [], **exact},
            },
        }


@dataclass(frozen=True)
class Tides:
    """What is known of the tide: the gauge where it has the instant, constituents elsewhere."""

    gauge: Gauge | None = None
    harmonics: Harmonics | None = None

    def height_at(self, moment: pd.Timestamp) -> float | None:
        """Height at an instant, on the gauge's zero where there is a gauge; None if unknown."""
        measured = self.gauge.height_at(moment) if self.gauge else None
        if measured is not None or self.harmonics is None:
            return measured
        return self.harmonics.height_at(moment) + self._gauge_zero_m

    def source_at(self, moment: pd.Timestamp) -> Source | None:
        """Where the height at an instant comes from; None if it is unknown."""
        if self.gauge and self.gauge.height_at(moment) is not None:
            return "gauge"
        if self.harmonics is None:
            return None
        return "harmonics" if self.harmonics.seasonal else "seasonless"

    def level_sigma_m(self, before: pd.Timestamp, after: pd.Timestamp) -> float:
        """By how much the difference of the two heights may be wrong, metres."""
        sources = {self.source_at(before), self.source_at(after)}
        if sources == {"gauge", "seasonless"}:
            return HARMONIC_SIGMA_M + 2 * SEASON_M  # the season is in one of the two only
        return max((level_sigma_m(before, after, s) for s in sources if s), default=0.0)

    @cached_property
    def range_m(self) -> float:
        """How far the gauge's record goes up and down, m; 0 where there is none to tell."""
        if self.gauge is None or not len(self.gauge.heights_m):
            return 0.0
        return float(np.ptp(self.gauge.heights_m))

    @property
    def notices(self) -> list[str]:
        """What whoever reads the heights should know of the constituents."""
        if self.harmonics is None:
            return []
        said = []
        if left_out := self.harmonics.left_out:
            total = sum(c.amplitude_m for c in left_out)
            names = ", ".join(c.name for c in left_out)
            said.append(f"tide: constituents not summed: {names} (amplitudes {total:.3f} m in all)")
        if not self.harmonics.seasonal:
            said.append(
                "tide: no Sa among the constituents: between seasons the level may differ by "
                f"{2 * SEASON_M:.2f} m more, and what that explains is vetoed"
            )
        return said

    @cached_property
    def _gauge_zero_m(self) -> float:
        """The mean sea level on the gauge's zero, from at most 2,000 instants of its record."""
        if self.gauge is None or self.harmonics is None or not len(self.gauge.times):
            return 0.0
        rows = np.unique(np.linspace(0, len(self.gauge.times) - 1, 2000).astype(int))
        predicted = self.harmonics.heights_at(self.gauge.times[rows])
        return float((self.gauge.heights_m[rows] - predicted).mean())


def level_sigma_m(before: pd.Timestamp, after: pd.Timestamp, source: Source) -> float:
    """By how much the difference of two heights of one source may be wrong, metres.

    Constituents without Sa know nothing of the season: the mean sea level swings by 0.4 m
    over the year, high in August, low in January.
    """
    if source == "gauge":
        return 0.0
    if source == "harmonics":
        return HARMONIC_SIGMA_M
    return HARMONIC_SIGMA_M + SEASON_M * abs(_season(after) - _season(before))


def _season(moment: pd.Timestamp) -> float:
    """The seasonal level of a day, -1 to 1."""
    return float(np.cos(2 * np.pi * (moment.day_of_year - _HIGH_DAY) / 365.25))


def _utc(moment: pd.Timestamp) -> np.datetime64:
    return np.datetime64(moment.tz_convert("UTC").tz_localize(None), "ms")


Doubt = Callable[[pd.Timestamp, pd.Timestamp], float]


def explain(
    changes: gpd.GeoDataFrame,
    coastline: gpd.GeoDataFrame | None = None,
    slope: float = DEFAULT_SLOPE,
    doubt_m: Doubt | None = None,
    range_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """`changes` with what tide and position explain vetoed.

    `tide_sigma_m` is filled: how far the waterline of new or lost land may stand elsewhere, the
    error of the tide over the slope; the rules add it to the position tolerance.

    The tide explains ground that fell dry where the water went down, and ground that was
    flooded where it came up. A change of the shore that reaches no farther than both explain
    gets a veto. From one that reaches farther, the strip along the shore, half a pixel wider, is
    cut off and kept as a vetoed change of its own; thin bodies that stand out into the sea stay
    whole. What stands or floats there and was seen at lower water only is the bottom.

    Parameters
    ----------
    coastline : its segments' slopes, or else their kinds, tell the slope of the shore there.
    slope : rise over run where no segment is near.
    doubt_m : by how much the difference of the tides at two instants may be wrong, metres;
        it is added to the difference.
    range_m : how far the place's tide goes up and down: the error of a height nobody knows.
    """
    doubts, slopes = _doubts(changes, doubt_m), _slopes(changes, coastline, slope)
    # the strip along the old shore is cut off below; against a permit the waterline errs too
    wet = changes.kind.isin(_SHORE_KINDS)
    known = changes.tide_before_m.notna() & changes.tide_after_m.notna()
    error_m = doubts.where(known, range_m)
    changes = changes.assign(tide_sigma_m=(error_m / slopes).where(wet, 0.0))
    changes = _bared(changes, doubts, slopes)
    shore = changes[changes.kind.isin(_SHORE_KINDS) & changes.veto.isna()]
    if shore.empty:
        return changes
    difference = (_tide_gap(shore) + doubts[shore.index]).fillna(0).clip(lower=0)
    misfit = _misfit_m(shore)
    run_out = difference / slopes[shore.index]
    explained = misfit + run_out
    reason = pd.Series(np.where(run_out > misfit, "tide", "position"), shore.index)
    within = shore.reach_m.fillna(np.inf) <= explained
    near = within & ~_farther(shore)
    far = shore[~near]
    # the old shore runs through its first pixels: outlines are half of one wider than they reach
    wide = explained[far.index] + far.pixel_m.fillna(0) / 2
    core, strip = _cut(far.geometry, wide / 2)
    cut = ~core.is_empty & far.reach_m.notna()
    # what may reach farther than anybody looked is explained if it is nowhere wider
    near |= within & core.is_empty.reindex(shore.index, fill_value=False)
    vetoed = shore[near].assign(veto=reason[near])
    bodies, strips = _split(far[cut], core[cut], strip[cut], reason[far.index][cut].to_numpy())
    rest = changes.drop(index=shore.index)
    parts = [rest, vetoed, far[~cut & ~near[far.index]], bodies, strips]
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return CHANGES.check(whole.sort_values("change_id", ignore_index=True))


def _tide_gap(changes: gpd.GeoDataFrame) -> pd.Series:
    """How far the tide went the way of each change, m; negative where it went the other way.

    Ground that was wet at lower water than it is dry at now has risen, whatever its slope:
    the best of all looks at the place speaks, not only the pair's own two.
    """
    without = changes.tide_without_m.fillna(changes.tide_before_m)
    with_it = changes.tide_with_m.fillna(changes.tide_after_m)
    return (without - with_it).where(changes.kind == "land_gained", with_it - without)


def _bared(changes: gpd.GeoDataFrame, doubts: pd.Series, slopes: pd.Series) -> gpd.GeoDataFrame:
    """What shows off the shore only when the water is lower than it was is the bottom: vetoed.

    It lies on shallow water that is a good deal lower, or whole where the bottom fell dry.
    """
    lower = changes.tide_without_m.fillna(changes.tide_before_m) - changes.tide_with_m.fillna(
        changes.tide_after_m
    )
    lower = (lower + doubts).fillna(0)
    shown = (changes.near_m.fillna(np.inf) * slopes <= _SHALLOW_M) & (lower > _LOWER_M)
    dried = (changes.reach_m <= lower / slopes) & ~_farther(changes)
    bared = changes.kind.isin(AFLOAT) & (shown | dried) & changes.veto.isna()
    return changes.assign(veto=changes.veto.where(~bared, "tide"))


def _farther(changes: gpd.GeoDataFrame) -> pd.Series:
    """Which may reach farther from the old shore than detectors look."""
    return changes.reach_m >= (REACH - 1) * changes.pixel_m


def _misfit_m(changes: gpd.GeoDataFrame) -> pd.Series:
    """How far a waterline may lie from the earlier scene's by error alone, m."""
    matched = changes.match_m.fillna(changes.sigma_m)
    return tolerance_m(matched, _MIXED_M * changes.sigma_m)


def _doubts(changes: gpd.GeoDataFrame, doubt_m: Doubt | None) -> pd.Series:
    if doubt_m is None:
        return pd.Series(0.0, changes.index)
    pairs = list(zip(changes.before, changes.after, strict=True))
    known = {pair: doubt_m(*pair) for pair in set(pairs)}
    return pd.Series([known[pair] for pair in pairs], index=changes.index)


def _slopes(
    changes: gpd.GeoDataFrame, coastline: gpd.GeoDataFrame | None, default: float
) -> pd.Series:
    """The flattest shore near each change, rise over run."""
    slopes = pd.Series(np.inf, index=changes.index)
    if coastline is not None and len(coastline):
        change, segment = coastline.sindex.query(
            changes.geometry, predicate="dwithin", distance=_NEAR_M
        )
        surveyed = coastline.slope.fillna(coastline.kind.map(SLOPES) / _UNSURVEYED)
        found = surveyed.to_numpy()[segment]
        flattest = pd.Series(found, index=changes.index[change]).groupby(level=0).min()
        slopes.update(flattest)
    return slopes.where(np.isfinite(slopes), default / _UNSURVEYED)


def _cut(shapes: gpd.GeoSeries, half: pd.Series) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """What of shapes is wider than twice `half`, and the rest."""
    whole, inset = shapes.to_numpy(), half.to_numpy()
    core, rest = whole.copy(), np.full(len(whole), shapely.Polygon(), object)
    side = squares_m(whole)
    cut = side <= 2 * inset
    # so many squares and less are cut off: half a square more, so that nothing hangs on rounding
    number = np.floor(np.divide(2 * inset, side, out=np.zeros(len(side)), where=side > 0))
    inset = np.where(side > 0, (number + 0.5) / 2 * side, inset)
    small = (side > 0) & (shapely.area(shapely.envelope(whole)) <= MOST_CELLS * side**2)
    some = np.flatnonzero(cut & small)
    core[some], rest[some] = _opened_squares(whole[some], inset[some], side[some])
    other = np.flatnonzero(cut & ~small)
    # geometry goes on in all threads at once; dealt in turn, as neighbours are alike
    hands = [other[start::_THREADS] for start in range(_THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        cuts = pool.map(lambda some: _opened_any(whole[some], inset[some]), hands)
        for some, (wider, thinner) in zip(hands, cuts, strict=True):
            core[some], rest[some] = wider, thinner
    core, rest = (gpd.GeoSeries(some, shapes.index, crs=shapes.crs) for some in (core, rest))
    return core, rest


def _opened_any(whole: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What of polygons is wider than twice `half`, and the rest."""
    # mitred both ways, so that the corners of a wharf stay corners
    core = shapely.buffer(whole, -half, join_style="mitre")
    core = shapely.buffer(core, half, join_style="mitre")
    # what is nowhere so thin comes back as it went, and needs no cutting
    same = shapely.normalize(core), shapely.normalize(whole)
    cut = ~shapely.equals_exact(*same, tolerance=_ROUNDING_M)
    rest = np.full(len(whole), shapely.Polygon(), object)
    core[~cut] = whole[~cut]
    core[cut] = shapely.intersection(core[cut], whole[cut])
    rest[cut] = shapely.difference(whole[cut], core[cut])
    return core, rest


def _opened_squares(
    whole: np.ndarray, half: np.ndarray, side: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same of those that are made of whole squares, counted in them."""
    cells, first = in_squares(whole, side)
    core, rest = opened(cells, np.minimum(2 * half / side, MOST_CELLS).astype(np.intp))
    cut = ~shapely.is_empty(rest)
    core[cut] = of_squares(core[cut], first[cut], side[cut])
    rest[cut] = of_squares(rest[cut], first[cut], side[cut])
    core[~cut] = whole[~cut]
    return core, rest


def _split(
    changes: gpd.GeoDataFrame, core: gpd.GeoSeries, strip: gpd.GeoSeries, reason: np.ndarray
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The bodies of changes without their strips along the shore, and the strips."""
    bodies = changes.set_geometry(core).explode(index_parts=False)
    number = bodies.groupby(level=0).cumcount() + 1
    # what nothing was cut off, and is one, is as large as it was
    less = ~strip.is_empty[bodies.index].to_numpy() | bodies.index.duplicated(keep=False)
    bodies = bodies.set_geometry(_areas(bodies.geometry))
    area = bodies.area_m2.to_numpy(copy=True)
    area[less] = ellipsoidal_area_m2(bodies.geometry[less])
    bodies = bodies.assign(change_id=bodies.change_id + "-A" + number.astype(str), area_m2=area)[
        ~bodies.geometry.is_empty
    ]
    strips = changes.assign(veto=reason, change_id=changes.change_id + "-S")
    strips = strips.set_geometry(_areas(strip))
    kept = bodies.area_m2.groupby(bodies.index).sum().reindex(changes.index).fillna(0)
    strips = strips.assign(area_m2=(changes.area_m2 - kept).clip(lower=0))
    return bodies, strips[~strips.geometry.is_empty & (strips.area_m2 > 0)]


def _areas(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    return gpd.GeoSeries(overlay.areas_only(shapes.to_numpy()), shapes.index, crs=shapes.crs)
