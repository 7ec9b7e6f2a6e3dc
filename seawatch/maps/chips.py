"""Before and after of a flag, as small pictures on the web map's projection."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]

MERCATOR = "EPSG:3857"
_CONTEXT = 3.0  # times the flag's own size
_LEAST_PIXELS = 48  # of the sensor, so that there is something to recognise around the flag
_MOST_PIXELS = 448  # of the picture
_GREY = 150  # what was not seen
_QUALITY = 82
_LEAST_RANGE = 4.0  # times the darkest tone, up to what is drawn white


@dataclass(frozen=True)
class Chip:
    """Two JPEG pictures of one place.

    bounds : west, south, east, north in degrees (EPSG:4326) of a rectangle on the web
        map's projection. before_taken, after_taken : local date and time.
    """

    before: bytes
    after: bytes
    bounds: Bounds
    before_taken: str
    after_taken: str


def frame(shape: BaseGeometry, crs: object, pixel_m: float) -> tuple[Bounds, tuple[int, int]]:
    """The square to show around a flag: bounds in EPSG:3857 metres, and (rows, columns).

    Three times the flag's size, and at least 48 of the sensor's pixels; never finer than
    half a pixel.
    """
    west, south, east, north = gpd.GeoSeries([shape], crs=crs).to_crs(MERCATOR).total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    latitude = np.arctan(np.sinh(y / 6378137.0))
    stretch = 1 / np.cos(latitude)  # the projection's metres per metre on the ground
    side = max(_CONTEXT * max(east - west, north - south), _LEAST_PIXELS * pixel_m * stretch)
    size = int(np.clip(2 * side / (pixel_m * stretch), _LEAST_PIXELS, _MOST_PIXELS))
    half = side / 2
    return (x - half, y - half, x + half, y + half), (size, size)


def chip(
    before: np.ndarray, after: np.ndarray, bounds: Bounds, before_taken: str, after_taken: str
) -> Chip:
    """A chip from two (3, row, column) arrays on EPSG:3857, NaN where not seen.

    bounds : EPSG:3857 metres.
    """
    to_degrees = Transformer.from_crs(MERCATOR, "EPSG:4326", always_xy=True)
    (west, east), (south, north) = to_degrees.transform(
        [bounds[0], bounds[2]], [bounds[1], bounds[3]]
    )
    degrees = (round(west, 7), round(south, 7), round(east, 7), round(north, 7))
    pictures = [_jpeg(colours, _stretch(colours)) for colours in (before, after)]
    return Chip(pictures[0], pictures[1], degrees, before_taken, after_taken)


def _stretch(colours: np.ndarray) -> tuple[float, float]:
    """What is drawn black and white: one pair for all bands, so that water keeps its hue.

    Open water alone is not stretched until its noise shows.
    """
    seen = colours[:, np.isfinite(colours).all(axis=0)]
    if seen.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(seen, (1, 99.5))
    return float(low), float(max(high, low + (_LEAST_RANGE - 1) * abs(low), low + 1e-9))


def _jpeg(colours: np.ndarray, stretch: tuple[float, float]) -> bytes:
    """(3, row, column) drawn between two values, as JPEG."""
    seen = np.isfinite(colours).all(axis=0)
    picture = np.full(colours.shape, _GREY, np.uint8)
    scaled = (colours[:, seen] - stretch[0]) / (stretch[1] - stretch[0])
    picture[:, seen] = np.clip(scaled * 255, 0, 255).astype(np.uint8)
    rows, columns = seen.shape
    # unseen ground is hatched, so that it is not taken for grey water
    stripes = (np.add.outer(np.arange(rows), np.arange(columns)) // 6) % 2 == 0
    picture[:, ~seen & stripes] = _GREY + 40
    # rasterio warns of rasters without a place; where this one lies stands in the chip
    place = Affine(1, 0, 1, 0, -1, 1)
    profile = {
        "driver": "JPEG",
        "transform": place,
        "width": columns,
        "height": rows,
        "count": 3,
        "dtype": "uint8",
    }
    with MemoryFile() as memory:
        with memory.open(**profile, photometric="YCBCR", QUALITY=_QUALITY) as file:
            file.write(picture)
        return bytes(memory.read())
