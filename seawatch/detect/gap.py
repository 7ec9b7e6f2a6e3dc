"""Ground that one pair of a scene leaves unseen, for another pair of it to tell of."""

from dataclasses import dataclass

import geopandas as gpd
import shapely

from .. import overlay


@dataclass(frozen=True)
class Gap:
    """Ground that no pair of the later scene has shown yet, metres, in one CRS.

    known : what they found changed elsewhere.
    """

    ground: shapely.Geometry
    known: shapely.Geometry

    def cut(self, changes: gpd.GeoDataFrame, least_m2: float) -> gpd.GeoDataFrame:
        """The part of changes in the gap; smaller ones are left out.

        Where the ground was seen, that pair has spoken: what it did not find is none. What it
        did find is kept, so that an object on the gap's edge is one in both.
        """
        touched = changes[changes.intersects(self.ground)]
        told = shapely.union(self.ground, self.known)
        shapes = overlay.areas_only(shapely.intersection(touched.geometry.to_numpy(), told))
        parts = touched.set_geometry(shapes).explode(ignore_index=True)
        new = shapely.intersection(parts.geometry.to_numpy(), self.ground)
        return parts[shapely.area(new) >= least_m2].reset_index(drop=True)

    def part_of(self, shapes: gpd.GeoSeries) -> gpd.GeoSeries:
        """What of areas lies in the gap."""
        inside = shapely.intersection(shapes.to_numpy(), self.ground)
        return gpd.GeoSeries(overlay.areas_only(inside), shapes.index, crs=shapes.crs)
