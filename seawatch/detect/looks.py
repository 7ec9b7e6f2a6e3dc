"""What other dates say of a change: whether it lasts, since when, and whether it is usual there.

Each other scene (a look) is held against the pair's earlier scene by the same detectors,
over the footprints of the changes only, taken to where that look has them: every scene lies
a little elsewhere than the others. A look shows the change where most of the
footprint scores as changed, and shows its absence where next to nothing does; between the
two, or under cloud, it says nothing.

- What the latest looks in a row show is lasting: a structure stays, a ship and a wisp of
  cloud do not (two clear dates that agree: Reiche et al. 2018, for forest alerts).
- What looks *before* the change show too is usual there: a berth, a bank that comes and
  goes. A bank that dried at lower water than now is the tide's affair, not a habit, and is
  left to ``tides``, which is told the lowest and highest water of either state.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..errors import InputRefused
from ..geo import placeless
from ..scenes import Grid, Scene, ScenePair
from ..tables import AFLOAT
from ._detector import REACH, Detector
from .compare import Comparison, Laid, Reader, laid_on, look

_SHOWS, _SHOWS_NOT = 0.4, 0.2  # mean score of a footprint that is there, and that is not
_SEEN = 0.7  # share of a footprint that must be clear for a look to say anything
_WINDOW = 512  # pixels: footprints this near each other are read together
_WIDEST = 1536  # pixels of a window; of a larger footprint its middle stands for it
_HABIT = 1 / 3  # share of the earlier looks that must show it too
_SAME_TIDE_M = 0.1
_SHIP_M2 = 15_000.0  # the largest ships, with their wakes
_QUAY_M = 25.0  # from land: farther out nothing is joined to it
_SPECK_M2 = 5_000.0  # a boat at the quay, a wisp of cloud, a cloud's shadow

_Open = Callable[[ScenePair], AbstractContextManager[Reader]]


def weigh(
    found: Comparison, pair: ScenePair, open_pair: _Open, detectors: Sequence[Detector]
) -> gpd.GeoDataFrame:
    """The changes of a pair with what its other looks say of each.

    Columns filled: dates, first_with, last_without, tide_with_m, tide_without_m, and veto
    (``varies``) where it is usual. They are taken to where the scenes have them on the mean:
    the later scene's own error of position is one of many then.
    """
    changes = found.changes
    if changes.empty or not pair.looks:
        return changes
    looks = sorted(pair.looks, key=lambda scene: (scene.taken, scene.scene_id))
    frame = _Frame(found)
    shown = [_shown(changes, pair, scene, open_pair, detectors, frame) for scene in looks]
    states = np.array([*shown, np.ones(len(changes), int)]).reshape(-1, len(changes))
    series = [_Series(pair, looks, kind, states[:, n]) for n, kind in enumerate(changes.kind)]
    return frame.settled().assign(
        dates=pd.array([one.dates for one in series], "Int64"),
        first_with=_instants([one.first_with for one in series]),
        last_without=_instants([one.last_without for one in series]),
        tide_with_m=np.array([one.tide_with for one in series], float),
        tide_without_m=np.array([one.tide_without for one in series], float),
        veto=changes.veto.where(~pd.Series([s.usual for s in series], changes.index), "varies"),
    )


def hold(changes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`changes` with what may be gone tomorrow vetoed as ``once``: a ship, a cloud, a shadow.

    It was seen on one day only, and is small, or stands loose on the sea. It is looked at
    again with the next clear scene. Where two scenes are all there is, nothing is held.
    """
    detached = changes.near_m > _QUAY_M
    small = changes.area_m2 < _SHIP_M2
    afloat = changes.kind.isin(AFLOAT)
    loose = changes.kind.isin(["sea_change", "structure"]) | ((detached | afloat) & small)
    speck = changes.area_m2 < _SPECK_M2
    single = changes.dates.eq(1).fillna(False).astype(bool)
    held = single & changes.veto.isna() & (loose | speck)
    return changes.assign(veto=changes.veto.where(~held, "once"))


def _instants(moments: list[pd.Timestamp]) -> pd.Series:
    return pd.to_datetime(pd.Series(moments), utc=True).astype("datetime64[ms, UTC]").to_numpy()


class _Frame:
    """Where the scenes that show the changes of a pair lie, held against its earlier one."""

    def __init__(self, found: Comparison):
        self._changes, self._grid = found.changes, found.grid
        self._shapes = found.changes.geometry.to_crs(found.grid.crs)
        middles = shapely.centroid(self._shapes.to_numpy())
        self._places = np.column_stack([shapely.get_x(middles), shapely.get_y(middles)])
        self._known = found.shift.sigma is not None
        self._own = found.shift.on_ground(found.grid, self._places)
        self._all = [np.zeros_like(self._own), self._own]

    def shapes_in(self, laid: Laid) -> np.ndarray:
        """The changes where another scene has them, (change,), in the CRS of its grid."""
        shapes = self._shapes.to_crs(laid.reader.grid.crs).to_numpy()
        if not self._known or laid.shift.sigma is None:
            return shapes
        there = laid.shift.on_ground(laid.reader.grid, self._places)
        self._all.append(there)
        return _moved(shapes, self._own - there)

    def settled(self) -> gpd.GeoDataFrame:
        """The changes where the scenes have them on the mean."""
        if not self._known:
            return self._changes
        shapes = _moved(self._shapes.to_numpy(), self._own - np.mean(self._all, axis=0))
        moved = gpd.GeoSeries(shapes, self._changes.index, crs=self._grid.crs)
        return self._changes.set_geometry(moved.to_crs(self._changes.crs))


def _moved(shapes: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Each shape taken its own step east and north."""
    places, number = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), places + steps[number])


class _Series:
    """One change through time. states : of each look and, last, of the pair's later scene."""

    def __init__(self, pair: ScenePair, looks: list[Scene], kind: str, states: np.ndarray):
        scenes = [*looks, pair.after]
        absent = [n for n, state in enumerate(states) if state < 0]
        start = max(absent, default=-1) + 1  # the run of looks that does not contradict it
        with_it = [n for n in range(start, len(scenes)) if states[n] > 0]
        self.dates = len({scenes[n].taken.date() for n in with_it})
        self.first_with = scenes[with_it[0]].taken
        before = [s for n, s in enumerate(scenes) if states[n] < 0] + [pair.before]
        self.last_without = max(s.taken for s in before)
        # the water's height that hides least of the change, on either side of it
        sign = -1 if kind == "land_lost" else 1
        self.tide_with = _extreme([scenes[n].tide_m for n in with_it], sign)
        self.tide_without = _extreme([s.tide_m for s in before], -sign)
        earlier = [(scenes[n], states[n]) for n in range(start) if states[n]]
        habit = [s for s, state in earlier if state > 0 and self._telling(s, kind, sign)]
        self.usual = len(habit) > 0 and len(habit) >= _HABIT * (len(earlier) + 1)

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


def _shown(
    changes: gpd.GeoDataFrame,
    pair: ScenePair,
    scene: Scene,
    open_pair: _Open,
    detectors: Sequence[Detector],
    frame: _Frame,
) -> np.ndarray:
    """Of each change, whether a look shows it: 1 yes, -1 no, 0 cannot be told."""
    states = np.zeros(len(changes), int)
    overlap = pair.before.footprint.intersection(scene.footprint)
    near = changes.geometry.intersects(overlap).to_numpy()
    if not near.any():
        return states
    with ExitStack() as stack:
        try:
            reader = stack.enter_context(open_pair(ScenePair(pair.before, scene, overlap, {})))
        except InputRefused:
            return states  # no band in common, or less than a pixel: this look says nothing
        laid = stack.enter_context(laid_on(reader))
        states[near] = _states(laid, frame.shapes_in(laid)[near], changes.kind[near], detectors)
    return states


def _states(
    laid: Laid, shapes: np.ndarray, kind: pd.Series, detectors: Sequence[Detector]
) -> np.ndarray:
    grid = laid.aligned.grid
    west, south, east, north = shapely.bounds(shapes).T
    columns, rows = grid.pixel(np.stack([west, east, west, east]), np.stack([south, north] * 2))
    box = np.stack([rows.min(0), columns.min(0), rows.max(0), columns.max(0)], axis=1)
    middle = (box[:, :2] + box[:, 2:]) / 2
    box[:, :2] = np.maximum(box[:, :2], middle - _WIDEST / 2)
    box[:, 2:] = np.minimum(box[:, 2:], middle + _WIDEST / 2)
    states = np.zeros(len(shapes), int)
    places = [tuple(place) for place in (middle // _WINDOW).astype(int)]
    kinds = kind.to_numpy()
    for place in sorted(set(places)):
        chosen = np.array([n for n, other in enumerate(places) if other == place])
        window = _window(box[chosen], grid)
        if window is None:
            continue
        asked = [detector for detector in detectors if detector.kind in set(kinds[chosen])]
        looked = look(laid.read(window), laid.learnt, asked)
        scores, context = looked.scores, looked.context
        if context.waters is not None:
            # a later look need not know what it is, only that it is there
            scores |= dict.fromkeys(AFLOAT, context.waters.stands)
        labels = _labels(shapes[chosen], grid.window(*window))
        for number, n in enumerate(chosen, 1):
            states[n] = _state(scores[kinds[n]][labels == number])
    return states


def _window(boxes: np.ndarray, grid: Grid) -> tuple[int, int, int, int] | None:
    """Row, column, height and width around some footprints, with room for their surroundings."""
    top, left = np.floor(boxes[:, :2].min(axis=0)).astype(int) - REACH
    bottom, right = np.ceil(boxes[:, 2:].max(axis=0)).astype(int) + REACH
    top, left = max(top, 0), max(left, 0)
    bottom, right = min(bottom, grid.height), min(right, grid.width)
    if bottom <= top or right <= left:
        return None
    return int(top), int(left), int(bottom - top), int(right - left)


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
