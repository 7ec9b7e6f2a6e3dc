"""Changes between two scenes: detectors, and the walk over windows that feeds them."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from ..errors import PairRefused
from ..process import one_thread_a_task
from ..scenes import SMALL, ScenePair, stand_in
from ..tables import CHANGES, COVERAGE, FLAGS, Table
from ._detector import Context, Detector
from .built import Built
from .cage import Cage
from .compare import Comparison, compare
from .enclosed import Enclosed
from .gap import Gap
from .joined import joined
from .laid import Reader, laid_on
from .land_gained import LandGained
from .land_lost import LandLost
from .looks import SIGHTINGS, hold, weigh
from .raft import Raft
from .sea_change import SeaChange
from .structure import Structure
from .vegetation_lost import VegetationLost

__all__ = [
    "DETECTORS",
    "Comparison",
    "Context",
    "Detector",
    "Reader",
    "compare",
    "detect_changes",
    "hold",
    "joined",
    "laid_on",
]

DETECTORS: tuple[Detector, ...] = (
    # what knows most of an object comes first, and has it
    Enclosed(),
    Cage(),
    Raft(),
    Structure(),
    SeaChange(),
    LandGained(),
    LandLost(),
    VegetationLost(),
    Built(),
)


def detect_changes(
    pairs: Iterable[ScenePair],
    open_pair: Callable[[ScenePair], AbstractContextManager[Reader]],
    detectors: Sequence[Detector],
    crs: object,
    jobs: int = 1,
    each: Callable[[], object] = lambda: None,
    watched: gpd.GeoDataFrame | None = None,
    refuse: Callable[[str, str], object] | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """What changed in every pair, what of it was seen, and what became of flags.

    Parameters
    ----------
    open_pair : gives a pair's windows (io.rasters.open_pair).
    crs : of the tables that come out, metres.
    jobs : pairs compared at once.
    each : called when a pair is done.
    watched : flags that stand, in `crs`; none by default.
    refuse : called with the scene_id of what could not be compared, and why: of the reference
        where another tells of the ground, else of the later scene, which is passed over.

    Returns
    -------
    changes, coverage : checked tables in `crs`.
    sightings : what each pair shows of each flag, for `flags.follow`; see `looks.weigh`.

    Raises
    ------
    PairRefused
        If a pair cannot be compared, and `refuse` is not to be told.
    """
    flags = FLAGS.empty(crs) if watched is None else watched
    see = _Pairs(open_pair, detectors, crs, flags, refuse)

    def compared(pair: ScenePair) -> list[tuple[Comparison, pd.DataFrame]]:
        try:
            return list(see.whole(pair))
        finally:
            each()

    with one_thread_a_task(), ThreadPoolExecutor(max(1, jobs)) as pool:
        found = [one for some in pool.map(compared, pairs) for one in some]
    changes = [CHANGES.empty(crs), *(one.changes for one, _ in found)]
    coverage = [COVERAGE.empty(crs), *(one.coverage for one, _ in found)]
    sightings = [SIGHTINGS, *(table for _, table in found)]
    shown = pd.concat([part for part in sightings if len(part)] or sightings[:1])
    return _stacked(changes, CHANGES), _stacked(coverage, COVERAGE), shown


@dataclass(frozen=True)
class _Pairs:
    """What comparing pairs takes; see `detect_changes`."""

    open_pair: Callable[[ScenePair], AbstractContextManager[Reader]]
    detectors: Sequence[Detector]
    crs: object
    flags: gpd.GeoDataFrame
    refuse: Callable[[str, str], object] | None

    def whole(self, pair: ScenePair) -> Iterator[tuple[Comparison, pd.DataFrame]]:
        """What a pair shows, and what other references do of ground that its own does not show.

        Else a bay under the reference's cloud could be filled for as long as it is the best.
        """
        try:
            found, told, sightings = self._one(pair, self.flags)
        except PairRefused as fault:
            if self.refuse is None:
                raise
            nothing = np.array([], object)
            instead = list(self._others(pair, pair.after.footprint, nothing, self.flags))
            named, other = (pair.before, pair.after) if instead else (pair.after, pair.before)
            self.refuse(named.scene_id, f"{other.scene_id}: {fault}")
            yield from instead
            return
        yield told, sightings
        if pair.others:
            beyond = pair.after.footprint.difference(pair.overlap)
            ground = found.hidden().union(beyond.difference(found.clear()))
            asked = self.flags[~self.flags.flag_id.isin(sightings.flag_id[sightings.shown != 0])]
            yield from self._others(pair, ground, found.changes.geometry.to_numpy(), asked)

    def _others(
        self, pair: ScenePair, ground: BaseGeometry, known: np.ndarray, asked: gpd.GeoDataFrame
    ) -> Iterator[tuple[Comparison, pd.DataFrame]]:
        """What the pair's other references show of some ground.

        known : (change,) outlines that were found already. asked : flags.
        """
        used: set[str] = set()
        while ground.area > SMALL * pair.after.footprint.area:
            if (other := stand_in(pair, ground, used)) is None:
                return
            used.add(other.before.scene_id)
            gap = Gap(ground, known)
            try:
                found, told, sightings = self._one(other, asked[gap.holds(asked.geometry)], gap)
            except PairRefused:
                continue  # it says nothing, as a look would
            # what a lesser reference may have shown itself, under another tide or season, it can
            # bear out and not clear; and what is seen on one day there waits for another (`hold`)
            sightings = sightings.assign(shown=sightings.shown.clip(lower=0))
            changes = told.changes.assign(dates=told.changes.dates.fillna(1))
            yield replace(told, changes=changes), sightings
            known = np.concatenate([known, found.changes.geometry.to_numpy()])
            ground = ground.difference(found.clear())

    def _one(
        self, pair: ScenePair, flags: gpd.GeoDataFrame, gap: Gap | None = None
    ) -> tuple[Comparison, Comparison, pd.DataFrame]:
        """What a pair shows of all its ground or of a gap, the same weighed, and of `flags`."""
        with self.open_pair(pair) as reader, laid_on(reader) as laid:
            found = compare(laid, self.detectors, self.crs, gap=gap)
            changes, sightings = weigh(found, laid, self.open_pair, self.detectors, flags)
        return found, replace(found, changes=changes), sightings


class _Callable(ModuleType):
    """Lets `seawatch.detect(before, after)` be what a notebook writes.

    The folder and the public function share the name, and an import of the folder
    would hide the function.
    """

    def __call__(self, *rasters: Any, **options: Any) -> gpd.GeoDataFrame:
        """The changes of `seawatch.pair.compared`."""
        changes: gpd.GeoDataFrame = (
            import_module("seawatch.pair").compared(*rasters, **options).changes
        )
        return changes


sys.modules[__name__].__class__ = _Callable


def _stacked(tables: list[gpd.GeoDataFrame], table: Table) -> gpd.GeoDataFrame:
    filled = [part for part in tables if len(part)] or tables[:1]
    whole = pd.concat(filled, ignore_index=True)
    if table is CHANGES:
        whole = whole.drop_duplicates("change_id").sort_values("change_id")
    return table.check(whole)
