"""What was seen of the area of interest, and what was not, and why."""

import geopandas as gpd
import pandas as pd
import shapely

from .geo import ellipsoidal_area_m2
from .layers import Layers
from .overlay import areas_only, united
from .scenes import Scene
from .tables import COVERAGE, LAYERS

_SPECK_M2 = 1_000.0  # gaps smaller than this are the cells' edges, no ground of their own


_BESIDE_M = 1_000.0  # a scene farther than this from everything to supervise shows none of it


def strays(scenes: list[Scene], layers: Layers, area: shapely.Geometry | None) -> dict[str, str]:
    """Scenes that show nothing of what is supervised, and what may be wrong with them."""
    place = area if area is not None else _span(layers)
    if place.is_empty:
        return {}
    near = place.buffer(_BESIDE_M)
    return {
        scene.scene_id: f"{scene.item or scene.scene_id}: does not overlap the area of interest "
        "nor any layer; check its CRS and position"
        for scene in scenes
        if not scene.footprint.intersects(near)
    }


def _span(layers: Layers) -> shapely.Geometry:
    """What the layers span together."""
    shapes = [getattr(layers, table.name).geometry for table in LAYERS]
    boxes = [shapely.box(*s.total_bounds) for s in shapes if len(s)]
    return shapely.union_all(boxes).convex_hull


def hull(scenes: list[Scene], layers: Layers) -> shapely.Geometry:
    """The area of interest where none is named: what the scenes show of what the layers span."""
    span = _span(layers)
    imaged = shapely.union_all([scene.footprint for scene in scenes])
    if span.is_empty or imaged.is_empty:
        return imaged if span.is_empty else span
    return imaged.intersection(span)


def complete(coverage: gpd.GeoDataFrame, area: shapely.Geometry) -> gpd.GeoDataFrame:
    """`coverage` with a row for what no pair of the run shows at all.

    What one pair hides and another shows is seen.
    """
    coverage = _unseen_by_all(coverage)
    shown = united(coverage.geometry.to_numpy())
    missing = area.difference(shown.buffer(1.0))
    if missing.area < _SPECK_M2:
        return coverage
    shapes = gpd.GeoSeries([missing], crs=coverage.crs)
    row = gpd.GeoDataFrame(
        {"seen": ["no"], "why": ["not_imaged"], "area_m2": ellipsoidal_area_m2(shapes)},
        geometry=shapes,
    )
    filled = [part for part in (coverage, COVERAGE.check(row)) if len(part)]
    return COVERAGE.check(pd.concat(filled, ignore_index=True))


def _unseen_by_all(coverage: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`coverage` whose rows of what is not seen hold no ground that any pair shows."""
    hidden = (coverage.seen == "no").to_numpy()
    pairs = coverage[["before_scene", "after_scene"]].drop_duplicates()
    if len(pairs) < 2 or not hidden.any():
        return coverage  # a pair's own two rows share nothing
    left = coverage.geometry.to_numpy(copy=True)
    seen = united(left[~hidden])
    left[hidden] = areas_only(shapely.difference(left[hidden], seen))
    shapes = gpd.GeoSeries(left, coverage.index, crs=coverage.crs)
    area = coverage.area_m2.where(~hidden, ellipsoidal_area_m2(shapes))
    return (
        coverage.set_geometry(shapes).assign(area_m2=area)[~shapes.is_empty].reset_index(drop=True)
    )


def summary(coverage: gpd.GeoDataFrame, area: shapely.Geometry) -> dict[str, float]:
    """Shares of the area, 0-1: seen, masked, not imaged."""
    seen = united(coverage.geometry[coverage.seen == "yes"].to_numpy())
    masked = united(coverage.geometry[coverage.why == "masked"].to_numpy())
    whole = max(area.area, 1e-9)
    shares = {
        "seen": seen.intersection(area).area / whole,
        "masked": masked.difference(seen).intersection(area).area / whole,
    }
    shares["not_imaged"] = max(0.0, 1 - sum(shares.values()))
    return {name: round(share, 4) for name, share in shares.items()}


def sight(coverage: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """The smallest new land that could have been seen, by sensor: everywhere, and in each zone.

    Of several pairs that show a place, the sharpest speaks. A zone that no pair shows is
    there with nothing: not seen is not clear.
    """
    clear = coverage[coverage.seen == "yes"]
    rows: list[dict[str, object]] = []
    for sensor, seen in clear.groupby("sensor"):
        rows.append({"sensor": sensor, "zone": None, **_sharpest(seen)})
    for zone in zones.itertuples():
        here = clear[clear.intersects(zone.geometry)]
        if here.empty:
            rows.append({"sensor": None, "zone": zone.zone_id, **_sharpest(here)})
        for sensor, seen in here.groupby("sensor"):
            rows.append({"sensor": sensor, "zone": zone.zone_id, **_sharpest(seen)})
    return rows


def _sharpest(seen: gpd.GeoDataFrame) -> dict[str, float | None]:
    least = seen[["least50_m2", "least95_m2"]].min()
    return {name: None if pd.isna(value) else round(value) for name, value in least.items()}
