"""Why a false flag was raised: the first cause that the truth of its two scenes bears out.

- ``ship``: a hull of either scene lies within 30 m of it.
- ``cloud``: a tenth of it lies under cloud or shadow, thin ones too, in either scene.
- ``tide``: most of it lies between the waterlines of the two scenes, a pixel either side.
- ``registration``: most of it lies within a pixel and a half of the shore or of another
  edge between two covers of the land.
- ``season``: most of it lies on land.
- ``other``: none of these.
"""

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio import Affine
from rasterio.features import rasterize
from scipy.ndimage import binary_dilation, distance_transform_edt
from shapely.geometry.base import BaseGeometry

from .ground import SEA
from .score import false
from .truth import Truth

CAUSES = ("ship", "cloud", "tide", "registration", "season", "other")
SHIP_REACH_M = 30.0
CLOUD_SHARE = 0.1
EDGE_PX = 1.5
_SPARE_PX = 4  # so that an edge beside a footprint is seen too


def false_flags(flags_by_run: Mapping[date, gpd.GeoDataFrame], truth: Truth) -> pd.DataFrame:
    """Each false flag of each run, in the run that raised it: run, sensor, rule, cause, area_m2."""
    rows = []
    for run, flags in sorted(flags_by_run.items()):
        new = flags[flags.status == "new"].to_crs(truth.events.crs)
        for flag in new[false(new, truth.events)].itertuples():
            cause = cause_of(flag.geometry, (flag.before_scene, flag.after_scene), truth)
            rows.append((run, flag.sensor, flag.rule, cause, flag.geometry.area))
    return pd.DataFrame(rows, columns=["run", "sensor", "rule", "cause", "area_m2"])


def cause_of(footprint: BaseGeometry, pair: tuple[str, str], truth: Truth) -> str:
    """The cause of one false flag, one of ``CAUSES``; `pair` are the ids of its scenes."""
    ships = truth.ships[truth.ships.scene_id.isin(pair)]
    if ships.intersects(footprint.buffer(SHIP_REACH_M)).any():
        return "ship"
    clouds = truth.clouds[truth.clouds.scene_id.isin(pair)]
    for _, hidden in clouds[clouds.intersects(footprint)].groupby("scene_id"):
        if hidden.intersection(footprint).area.sum() >= CLOUD_SHARE * footprint.area:
            return "cloud"
    inside, height_m, cover = _window(footprint, truth)
    tides = truth.scenes.tide_m[truth.scenes.scene_id.isin(pair)]
    if not inside.any() or tides.empty:
        return "other"
    low, high = tides.min(), tides.max()
    bared = binary_dilation((height_m >= low) & (height_m <= high), iterations=1)
    if bared[inside].mean() >= 0.5:
        return "tide"
    if (_to_edge(height_m, cover, low) <= EDGE_PX)[inside].mean() >= 0.5:
        return "registration"
    return "season" if (cover != SEA)[inside].mean() >= 0.5 else "other"


def at_sea(objects: gpd.GeoDataFrame, truth: Truth) -> np.ndarray:
    """Which objects lie seaward of the coastline with a point inside them, of bool."""
    points = objects.representative_point()
    columns, rows = truth.grid.pixel(points.x.to_numpy(), points.y.to_numpy())
    return truth.cover[rows.astype(int), columns.astype(int)] == SEA


def _window(footprint: BaseGeometry, truth: Truth) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """About a footprint: which pixels it touches, their height and their cover."""
    west, south, east, north = footprint.bounds
    left, top = truth.grid.pixel(west, north)
    right, bottom = truth.grid.pixel(east, south)
    row, column = max(int(top) - _SPARE_PX, 0), max(int(left) - _SPARE_PX, 0)
    here = (
        slice(row, max(int(bottom) + 1 + _SPARE_PX, 0)),
        slice(column, max(int(right) + 1 + _SPARE_PX, 0)),
    )
    height_m, cover = truth.height_m[here], truth.cover[here]
    if not height_m.size:
        return np.zeros((0, 0), bool), height_m, cover
    part = truth.grid.window(row, column, *height_m.shape)
    transform = Affine(*part.transform)
    drawn = rasterize([footprint], height_m.shape, transform=transform, all_touched=True)
    return drawn.astype(bool), height_m, cover


def _to_edge(height_m: np.ndarray, cover: np.ndarray, tide_m: float) -> np.ndarray:
    """Distance of each pixel to the nearest one that borders another cover, pixels."""
    dry = np.where((cover == SEA) & (height_m > tide_m), 255, cover)
    edge = np.zeros(dry.shape, bool)
    across, down = dry[:, 1:] != dry[:, :-1], dry[1:] != dry[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    return distance_transform_edt(~edge) if edge.any() else np.full(edge.shape, np.inf)
