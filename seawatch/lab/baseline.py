"""The plainest detectors there are, to be measured against: a water index, cut and compared.

NDWI = (green - nir) / (green + nir) (McFeeters 1996), cut at the threshold of Otsu (1979).
"""

from pathlib import Path

import cv2
import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import shapes
from shapely.geometry import shape

MIN_AREA_M2 = 400.0


def index_difference(scenes: Path, before: str, after: str) -> gpd.GeoDataFrame:
    """Objects of 400 m2 or more where the index of two simulated scenes differs by more than cut.

    Only ground that both scenes show clearly, by their masks, is compared.
    """
    first, transform, crs = _index(scenes, before)
    size = np.abs(_index(scenes, after)[0] - first)
    return _objects(size > _otsu(size), transform, crs)


def water_masks(scenes: Path, before: str, after: str) -> gpd.GeoDataFrame:
    """Objects of 400 m2 or more that are water in one simulated scene only, each cut by itself."""
    first, transform, crs = _index(scenes, before)
    second = _index(scenes, after)[0]
    changed = (first > _otsu(first)) != (second > _otsu(second))
    return _objects(changed & np.isfinite(first - second), transform, crs)


def _index(scenes: Path, scene: str) -> tuple[np.ndarray, rasterio.Affine, object]:
    """NDWI of a scene, NaN where its mask is not clear."""
    with rasterio.open(scenes / f"{scene}.tif") as file:
        band = {name: number for number, name in enumerate(file.descriptions, 1)}
        green, nir = file.read([band["green"], band["nir"]]).astype(np.float32)
        transform, crs = file.transform, file.crs
    with rasterio.open(scenes / f"{scene}-mask.tif") as file:
        clear = file.read(1) == 0
    return np.where(clear, (green - nir) / np.maximum(green + nir, 1), np.nan), transform, crs


def _otsu(values: np.ndarray) -> float:
    """Threshold that parts the finite values best, from 256 steps between their ends."""
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    steps = ((known - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    at, _ = cv2.threshold(steps[None], 0, 255, cv2.THRESH_OTSU)
    return low + (at + 1) / 255 * (high - low)


def _objects(changed: np.ndarray, transform: rasterio.Affine, crs: object) -> gpd.GeoDataFrame:
    drawn = shapes(changed.astype(np.uint8), mask=changed, transform=transform)
    outlines = [shape(outline) for outline, _ in drawn]
    objects = gpd.GeoDataFrame(geometry=outlines, crs=crs)
    return objects[objects.area >= MIN_AREA_M2].reset_index(drop=True)
