"""Ground that one pair of a scene leaves unseen, for another pair of it to tell of."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from .. import overlay


@dataclass(frozen=True)
class Gap:
    """Ground that no pair of a later scene has told of yet, metres, in one CRS.

    known : (change,) outlines that they found; as unseen ground is counted in cells, one may reach
        a little into it.
    """

    ground: shapely.Geometry
    known: np.ndarray

    def cut(self, changes: gpd.GeoDataFrame, pixel_m: float, least_m2: float) -> gpd.GeoDataFrame:
        """The parts of changes in the gap and a pixel off what is known, from `least_m2` on.

        Where the ground was seen that pair has spoken: what it did not find is none, and what it
        did find is not told of twice.
        """
        shapes, parts = changes.geometry.to_numpy(), shapely.get_parts(self.ground)
        row, part = overlay.pairs(shapes, parts)
        inside = overlay.spread(shapely.intersection, shapes[row], parts[part])
        inside = overlay.areas_only(inside)
        one, other = overlay.pairs(inside, self.known, pixel_m)
        left = overlay.uncovered(inside, one, self.known[other], pixel_m)
        pieces, of = shapely.get_parts(left, return_index=True)
        kept = shapely.area(pieces) >= least_m2
        told = changes.iloc[row[of[kept]]].reset_index(drop=True)
        return told.set_geometry(gpd.GeoSeries(pieces[kept], crs=changes.crs))

    def part_of(self, shapes: gpd.GeoSeries) -> gpd.GeoSeries:
        """What of areas lies in the gap."""
        inside = shapely.intersection(shapes.to_numpy(), self.ground)
        return gpd.GeoSeries(overlay.areas_only(inside), shapes.index, crs=shapes.crs)

    def holds(self, shapes: gpd.GeoSeries) -> np.ndarray:
        """Which shapes meet the gap, (shape,) of bool."""
        met = np.zeros(len(shapes), bool)
        met[overlay.pairs(shapes.to_numpy(), shapely.get_parts(self.ground))[0]] = True
        return met
