"""What other dates say of a change: whether it lasts, since when, and whether it is usual there.

Each other scene (a look) is held against the pair's earlier scene by the same detectors,
over the footprints of the changes only, and read in the pair's frame: every scene lies a
little elsewhere, and a strip of two pixels would be lost between them. A look shows the
change where most of the footprint scores as changed, and shows its absence where next to
nothing does; between the two, or under cloud, it says nothing.

- What the latest looks in a row show is lasting: a structure stays, a ship and a wisp of
  cloud do not (two clear dates that agree: Reiche et al. 2018, for forest alerts).
- What looks *before* the change show too is usual there: a berth, a bank that comes and
  goes. A bank that dried at lower water than now is the tide's affair, not a habit.
- Ground that stays dry at higher water than it was wet at before has risen, whatever its
  slope (`shore`). What has not is left to ``tides``, which knows of slopes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..errors import InputRefused, PairRefused
from ..geo import REACH, placeless
from ..scenes import Grid, Scene, ScenePair
from ..tables import AFLOAT
from ._detector import Detector
from .compare import Comparison
from .examine import examine
from .laid import Frame, Laid, Reader, Window, laid_on
from .shore import SIGN, Shore

_SHOWS, _SHOWS_NOT = 0.4, 0.2  # mean score of a footprint that is there, and that is not
_SEEN = 0.7  # share of a footprint that must be clear for a look to say anything
_WINDOW = 512  # pixels: footprints this near each other are read together
_WIDEST = 1536  # pixels of a window; of a larger footprint its middle stands for it
_LEAST_EARLIER = 2  # earlier looks, of any that tell, to know a habit by
_HABIT = 1 / 3  # share of the earlier looks that must show it too
_SAME_TIDE_M = 0.1
_SHIP_M2 = 15_000.0  # the largest ships, with their wakes
_QUAY_M = 25.0  # from land: farther out nothing is joined to it
_SPECK_M2 = 8_000.0  # boats at the quay, a wisp of cloud, a cloud's shadow

SIGHTINGS = pd.DataFrame({"flag_id": [], "shown": [], "before": [], "after": []})
"""What pairs show of flags: none yet; see `weigh`."""

_Open = Callable[[ScenePair], AbstractContextManager[Reader]]


def weigh(
    found: Comparison,
    laid: Laid,
    open_pair: _Open,
    detectors: Sequence[Detector],
    watched: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The changes of a pair with what its other looks say of each, and what became of flags.

    Columns filled: dates, first_with, last_without, tide_with_m, tide_without_m, and veto
    (``varies``) where it is usual. Changes of the shore are parted into what has risen (or
    sunk) beyond doubt and what has not. All are taken to where the scenes have them on the
    mean: the later scene's own error of position is one of many then.

    Parameters
    ----------
    laid : the pair, in whose frame its looks are read.
    watched : flags, with their flag_id, in the changes' CRS.

    Returns
    -------
    changes; sightings : flag_id, before, after (the pair's instants), shown (1 it is there,
    -1 it is not, 0 cannot be told) of each flag the pair looks upon.
    """
    changes, pair, grid = found.changes, laid.pair, laid.frame.grid
    scenes = sorted(pair.looks, key=lambda scene: (scene.taken, scene.scene_id))
    asked = _Asked(changes.geometry.to_crs(grid.crs).to_numpy(), changes.kind.to_numpy(), grid)
    with ExitStack() as stack:
        # without a change there is nothing to ask them
        looks = [_opened(pair, s, open_pair, laid.frame, stack) for s in scenes if len(changes)]
        states = np.vstack([asked.states(looks, detectors), np.ones(len(changes), int)])
        step = _to_the_mean([look for look in looks if look is not None], laid.frame)
    sightings = _sightings(laid, watched, step, detectors)
    if changes.empty or not scenes:
        return changes, sightings
    series = [_Series(pair, scenes, kind, states[:, n]) for n, kind in enumerate(changes.kind)]
    told = changes.assign(
        dates=pd.array([one.dates for one in series], "Int64"),
        first_with=_instants([one.first_with for one in series]),
        last_without=_instants([one.last_without for one in series]),
        tide_with_m=np.array([one.tide_with for one in series], float),
        tide_without_m=np.array([one.tide_without for one in series], float),
        veto=changes.veto.where(~pd.Series([s.usual for s in series], changes.index), "varies"),
    )
    parts = [told.drop(index=told.index[list(asked.shores)])]
    for n, shore in asked.shores.items():
        parts.append(shore.parted(told.iloc[[n]], pair, scenes, grid))
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    moved = whole.geometry.to_crs(grid.crs).translate(*step).to_crs(whole.crs)
    return whole.set_geometry(moved), sightings


def _sightings(
    laid: Laid,
    watched: gpd.GeoDataFrame,
    step: tuple[float, float],
    detectors: Sequence[Detector],
) -> pd.DataFrame:
    """What the pair's later scene shows where flags stand; see `weigh`."""
    here = watched[watched.intersects(laid.pair.overlap)]
    shapes = here.geometry.to_crs(laid.frame.grid.crs).translate(-step[0], -step[1]).to_numpy()
    shown = np.zeros(len(here), int)
    for window, chosen in _windows(shapes, laid.frame.grid):
        examined = examine(laid.read(window), laid.learnt, detectors)
        waters = examined.context.waters
        # whatever it was taken for
        scores = [examined.score(kind) for kind in examined.kinds]
        if waters is None:
            scores.append(examined.score("change"))
        else:  # the general change cares for colour alone, and the sea has many
            scores.append(waters.stands().reshape(waters.emerged.shape))
        surest = np.fmax.reduce(scores)
        surest[~examined.seen] = np.nan
        labels = _labels(shapes[chosen], laid.frame.grid.window(*window))
        for label, n in enumerate(chosen, 1):
            shown[n] = _state(surest[labels == label])
    pair = laid.pair
    rows = {"flag_id": here.flag_id.to_numpy(), "shown": shown}
    return pd.DataFrame(rows).assign(before=pair.before.taken, after=pair.after.taken)


def hold(changes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`changes` with what may be gone tomorrow vetoed as ``once``: a ship, a cloud, a shadow.

    It was seen on one day only, and is small, or no land. It is looked at again with the
    next clear scene. Where no scene lies between a pair's two, nothing is held; what one of the
    other references tells of counts as seen on one day then.
    """
    detached = (changes.near_m > _QUAY_M) & (changes.area_m2 < _SHIP_M2)
    # plumes, glint and bars pass for what floats or closes off the sea, however large
    loose = changes.kind.isin([*AFLOAT, "enclosed"]) | detached
    speck = changes.area_m2 < _SPECK_M2
    single = changes.dates.eq(1).fillna(False).astype(bool)
    held = single & changes.veto.isna() & (loose | speck)
    return changes.assign(veto=changes.veto.where(~held, "once"))


def _instants(moments: list[pd.Timestamp]) -> pd.Series:
    return pd.to_datetime(pd.Series(moments), utc=True).astype("datetime64[ms, UTC]").to_numpy()


class _Series:
    """One change through time. states : of each look and, last, of the pair's later scene."""

    def __init__(self, pair: ScenePair, looks: list[Scene], kind: str, states: np.ndarray):
        scenes = [*looks, pair.after]
        absent = [n for n, state in enumerate(states) if state < 0]
        # the run of looks that does not contradict it; the pair's earlier scene is without it
        older = sum(scene.taken <= pair.before.taken for scene in looks)
        start = max(older, max(absent, default=-1) + 1)
        with_it = [n for n in range(start, len(scenes)) if states[n] > 0]
        # without a look since the pair's earlier scene, there is nothing to count
        days = {scenes[n].taken.date() for n in with_it}
        self.dates = len(days) if older < len(looks) else None
        self.first_with = scenes[with_it[0]].taken
        before = [s for n, s in enumerate(scenes) if states[n] < 0] + [pair.before]
        self.last_without = max(s.taken for s in before)
        # the water's height that hides least of the change, on either side of it
        sign = -1 if kind == "land_lost" else 1
        self.tide_with = _extreme([scenes[n].tide_m for n in with_it], sign)
        self.tide_without = _extreme([s.tide_m for s in before], -sign)
        earlier = [(scenes[n], states[n]) for n in range(start) if states[n]]
        habit = [s for s, state in earlier if state > 0 and self._telling(s, kind, sign)]
        # one look that shows it and then not is no habit: it may have been taken off and put back
        told = len(earlier) >= _LEAST_EARLIER
        self.usual = told and len(habit) > 0 and len(habit) >= _HABIT * (len(earlier) + 1)

    def _telling(self, scene: Scene, kind: str, sign: int) -> bool:
        """Whether a look that shows the change earlier does so at no easier a tide."""
        if kind not in ("land_gained", "land_lost"):
            return True
        if scene.tide_m is None or np.isnan(self.tide_with):
            return True
        return sign * (scene.tide_m - self.tide_with) >= -_SAME_TIDE_M


def _extreme(tides: list[float | None], sign: int) -> float:
    """The highest of some tides, or with a negative sign the lowest; NaN if one is unknown."""
    if any(tide is None for tide in tides):
        return float("nan")
    return sign * max(sign * tide for tide in tides if tide is not None)


class _Asked:
    """The footprints that looks are asked about, in the pair's frame.

    shores : of those that are changes of the shore, what each look shows, by number.
    """

    def __init__(self, shapes: np.ndarray, kinds: np.ndarray, grid: Grid):
        self._shapes, self._kinds, self._grid = shapes, kinds, grid
        self.shores: dict[int, Shore] = {}

    def states(self, looks: Sequence[Laid | None], detectors: Sequence[Detector]) -> np.ndarray:
        """(look, change): whether a look shows it: 1 yes, -1 no, 0 cannot be told."""
        states = np.zeros((len(looks), len(self._shapes)), int)
        told_by = {number: look for number, look in enumerate(looks) if look is not None}
        for window, chosen in _windows(self._shapes, self._grid):
            labels = _labels(self._shapes[chosen], self._grid.window(*window))
            masks = {n: labels == label for label, n in enumerate(chosen, 1)}
            for n, mask in masks.items():
                if self._kinds[n] in SIGN and mask.any():
                    self.shores[n] = Shore(self._kinds[n], window, mask)
            wanted = set(self._kinds[chosen])
            told = [detector for detector in detectors if detector.kind in wanted]
            for number, look in list(told_by.items()):
                try:
                    self._ask(look, window, told, masks, states[number], number)
                except PairRefused:  # nothing can be learnt from it
                    del told_by[number]
                    states[number] = 0
        return states

    def _ask(
        self,
        look: Laid,
        window: Window,
        detectors: Sequence[Detector],
        masks: dict[int, np.ndarray],
        states: np.ndarray,
        number: int,
    ) -> None:
        """Fill in what one look says of the changes in one window."""
        examined = examine(look.read(window), look.learnt, detectors)
        waters = examined.context.waters
        # a later look need not know what it is, only that it is there
        afloat = () if waters is None else AFLOAT
        wanted = {self._kinds[n] for n in masks}
        scores = {kind: examined.score(kind) for kind in wanted.difference(afloat)}
        if waters is not None:
            scores |= dict.fromkeys(AFLOAT, waters.stands().reshape(waters.emerged.shape))
        for n, mask in masks.items():
            states[n] = _state(scores[self._kinds[n]][mask])
            if waters is not None and n in self.shores:
                self.shores[n].add(number, waters)


def _opened(
    pair: ScenePair, scene: Scene, open_pair: _Open, frame: Frame, stack: ExitStack
) -> Laid | None:
    """A look, to be read in the pair's frame; None where it can say nothing."""
    overlap = pair.before.footprint.intersection(scene.footprint)
    if overlap.area == 0:
        return None
    try:
        reader = stack.enter_context(open_pair(ScenePair(pair.before, scene, overlap, {})))
    except InputRefused:
        return None  # no band in common, or less than a pixel
    try:
        return stack.enter_context(laid_on(reader, frame))
    except PairRefused:
        return None  # it cannot be laid there


def _to_the_mean(looks: Sequence[Laid], frame: Frame) -> tuple[float, float]:
    """From where the pair's later scene has a place to where all have it on the mean: x, y."""
    middle = frame.grid.ground(frame.grid.width / 2, frame.grid.height / 2)
    if frame.shift.sigma is None:
        return 0.0, 0.0
    own = np.array(frame.shift.ground(frame.grid, *middle))
    # each lies its own shift before the earlier scene, and that one none
    known = [look.shift.ground(look.own_grid, *middle) for look in looks if look.shift.sigma]
    east, north = own - np.array([(0.0, 0.0), own, *known]).mean(axis=0)
    return float(east), float(north)


def _windows(shapes: np.ndarray, grid: Grid) -> Iterator[tuple[Window, np.ndarray]]:
    """Windows about footprints that lie near each other, each with the numbers of those."""
    west, south, east, north = shapely.bounds(shapes).T
    columns, rows = grid.pixel(np.stack([west, east, west, east]), np.stack([south, north] * 2))
    box = np.stack([rows.min(0), columns.min(0), rows.max(0), columns.max(0)], axis=1)
    box = box.clip(0, [grid.height, grid.width] * 2)
    middle = (box[:, :2] + box[:, 2:]) / 2
    box[:, :2] = np.maximum(box[:, :2], middle - _WIDEST / 2)
    box[:, 2:] = np.minimum(box[:, 2:], middle + _WIDEST / 2)
    places, number = np.unique((middle // _WINDOW).astype(int), axis=0, return_inverse=True)
    for place in range(len(places)):
        chosen = np.flatnonzero(number.ravel() == place)
        top, left = np.floor(box[chosen, :2].min(axis=0)).astype(int) - REACH
        bottom, right = np.ceil(box[chosen, 2:].max(axis=0)).astype(int) + REACH
        top, left = max(int(top), 0), max(int(left), 0)
        bottom, right = min(int(bottom), grid.height), min(int(right), grid.width)
        yield (top, left, bottom - top, right - left), chosen


def _labels(shapes: np.ndarray, grid: Grid) -> np.ndarray:
    """Which footprint each pixel lies in, from 1; 0 for none."""
    numbered = [(shape, number) for number, shape in enumerate(shapes, 1)]
    with placeless():
        return rasterize(
            numbered, (grid.height, grid.width), transform=Affine(*grid.transform), dtype="int32"
        )


def _state(scores: np.ndarray) -> int:
    seen = np.isfinite(scores)
    if not seen.any() or seen.mean() < _SEEN:
        return 0
    mean = scores[seen].mean()
    return 1 if mean >= _SHOWS else -1 if mean <= _SHOWS_NOT else 0
