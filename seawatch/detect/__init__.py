"""Changes between two scenes: detectors, and the walk over windows that feeds them."""

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import geopandas as gpd
import pandas as pd

from ..errors import PairRefused
from ..scenes import ScenePair
from ..tables import CHANGES, COVERAGE, FLAGS, Table
from ._detector import Context, Detector
from .built import Built
from .cage import Cage
from .compare import Comparison, compare
from .enclosed import Enclosed
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
    refuse: Callable[[ScenePair, str], object] | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """What changed in every pair, what of it was seen, and what became of flags.

    Parameters
    ----------
    open_pair : gives a pair's windows (io.rasters.open_pair).
    crs : of the tables that come out, metres.
    jobs : pairs compared at once.
    each : called when a pair is done.
    watched : flags that stand, in `crs`; none by default.
    refuse : called with a pair that cannot be compared, and why; it is passed over then.

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

    def compared(pair: ScenePair) -> tuple[Comparison, pd.DataFrame] | None:
        try:
            with open_pair(pair) as reader, laid_on(reader) as laid:
                found = compare(laid, detectors, crs)
                changes, sightings = weigh(found, laid, open_pair, detectors, flags)
        except PairRefused as fault:
            if refuse is None:
                raise
            refuse(pair, str(fault))
            return None
        finally:
            each()
        return replace(found, changes=changes), sightings

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        found = [one for one in pool.map(compared, pairs) if one is not None]
    changes = [CHANGES.empty(crs), *(one.changes for one, _ in found)]
    coverage = [COVERAGE.empty(crs), *(one.coverage for one, _ in found)]
    sightings = [SIGHTINGS, *(table for _, table in found)]
    shown = pd.concat([part for part in sightings if len(part)] or sightings[:1])
    return _stacked(changes, CHANGES), _stacked(coverage, COVERAGE), shown


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
