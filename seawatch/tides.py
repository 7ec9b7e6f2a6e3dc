"""The tide at an instant, and the changes that tide or position explain.

A waterline moves by Δh ÷ slope when the tide differs by Δh. What lies no farther from
the earlier scene's shore than that, and than the two scenes' misfit, is no change of the
coast; it keeps its place in the table, with the reason it was vetoed.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .geo import ellipsoidal_area_m2, tolerance_m
from .tables import CHANGES

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

_NEAR_M = 150.0  # a change this close to a segment is on its foreshore

_SHORE_KINDS = ("land_gained", "land_lost")
_MIXED_M = 0.5  # of a pixel-wide edge error: both images mix land and water in one pixel


@dataclass(frozen=True)
class Gauge:
    """A tide gauge's record: UTC instants (increasing) and heights, metres."""

    times: np.ndarray
    heights_m: np.ndarray

    def height_at(self, moment: pd.Timestamp, gap_hours: float = 3.0) -> float | None:
        """Height at an instant, interpolated; None outside the record or in a longer gap."""
        at = np.datetime64(moment.tz_convert("UTC").tz_localize(None), "ms")
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


def explain(
    changes: gpd.GeoDataFrame,
    coastline: gpd.GeoDataFrame | None = None,
    slope: float = DEFAULT_SLOPE,
) -> gpd.GeoDataFrame:
    """`changes` with what tide and position explain vetoed.

    A change of the shore that reaches no farther than both explain gets a veto. From one
    that reaches farther, the strip along the shore is cut off and kept as a vetoed change
    of its own; thin bodies that stand out into the sea stay whole.

    Parameters
    ----------
    coastline : its segments' slopes, or else their kinds, tell the slope of the shore there.
    slope : rise over run where no segment is near.
    """
    shore = changes[changes.kind.isin(_SHORE_KINDS) & changes.veto.isna()]
    if shore.empty:
        return changes
    difference = (shore.tide_after_m - shore.tide_before_m).abs().fillna(0)
    matched = shore.match_m.fillna(shore.sigma_m)
    misfit = tolerance_m(matched, _MIXED_M * shore.sigma_m)
    run_out = difference / _slopes(shore, coastline, slope)
    explained = misfit + run_out
    near = shore.reach_m.notna() & (shore.reach_m <= explained)
    reason = np.where(run_out > misfit, "tide", "position")
    vetoed = shore[near].assign(veto=reason[near.to_numpy()])
    far = shore[~near]
    # mitred both ways, so that the corners of a wharf stay corners
    half = explained[~near] / 2
    core = far.geometry.buffer(-half, join_style="mitre").buffer(half, join_style="mitre")
    core = core.intersection(far.geometry)
    cut = ~core.is_empty & far.reach_m.notna()
    bodies, strips = _split(far[cut], core[cut], reason[~near.to_numpy()][cut.to_numpy()])
    rest = changes.drop(index=shore.index)
    parts = [rest, vetoed, far[~cut], bodies, strips]
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return CHANGES.check(whole.sort_values("change_id", ignore_index=True))


def _slopes(
    changes: gpd.GeoDataFrame, coastline: gpd.GeoDataFrame | None, default: float
) -> pd.Series:
    """The flattest shore near each change, rise over run."""
    slopes = pd.Series(np.inf, index=changes.index)
    if coastline is not None:
        near = changes.geometry.buffer(_NEAR_M)
        change, segment = coastline.sindex.query(near, predicate="intersects")
        surveyed = coastline.slope.fillna(coastline.kind.map(SLOPES))
        found = surveyed.to_numpy()[segment]
        flattest = pd.Series(found, index=changes.index[change]).groupby(level=0).min()
        slopes.update(flattest)
    return slopes.where(np.isfinite(slopes), default)


def _split(
    changes: gpd.GeoDataFrame, core: gpd.GeoSeries, reason: np.ndarray
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The bodies of changes without their strips along the shore, and the strips."""
    strip = changes.geometry.difference(core)
    bodies = _with_shape(changes, core, "-A").explode(index_parts=False, ignore_index=True)
    number = bodies.groupby("change_id").cumcount() + 1
    bodies = _with_shape(bodies.assign(change_id=bodies.change_id + number.astype(str)))
    strips = _with_shape(changes.assign(veto=reason), strip, "-S")
    return bodies, strips[strips.area_m2 > 0]


def _with_shape(
    changes: gpd.GeoDataFrame, shapes: gpd.GeoSeries | None = None, suffix: str = ""
) -> gpd.GeoDataFrame:
    shapes = changes.geometry if shapes is None else shapes
    polygons = shapes.map(_polygons)
    named = changes.assign(change_id=changes.change_id + suffix).set_geometry(polygons)
    return named.assign(area_m2=ellipsoidal_area_m2(polygons))[~polygons.is_empty]


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas of a shape, without the lines and points an overlay leaves."""
    areas = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.union_all(areas) if areas else shapely.Polygon()
