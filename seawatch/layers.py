"""The layers a change is held against: one checked table a field."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd

from .baseline import Baseline, baseline_of
from .tables import LAYERS


@dataclass(frozen=True)
class Layers:
    """What is permitted and what is protected, project CRS (metres).

    A layer named in `absent` was said to be missing; it is an empty table here, and
    whoever depends on it says "not judged".
    """

    permits: gpd.GeoDataFrame
    coastline: gpd.GeoDataFrame
    islands: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    duty: gpd.GeoDataFrame
    known: gpd.GeoDataFrame
    absent: frozenset[str] = frozenset()

    @cached_property
    def lines(self) -> dict[str, Baseline]:
        """The coastline measured along itself, by survey: once, for every rule that asks."""
        return {
            str(name): baseline_of(rows)
            for name, rows in self.coastline.groupby("baseline", sort=True)
        }

    @property
    def crs(self) -> object:
        """The one CRS of all layers."""
        return self.permits.crs


def empty_layers(crs: object) -> Layers:
    """Every layer absent."""
    names = [table.name for table in LAYERS]
    tables = {table.name: table.empty(crs) for table in LAYERS}
    return Layers(**tables, absent=frozenset(names))
