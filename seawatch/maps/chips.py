"""Before and after of a flag, as small pictures on the web map's projection."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]

MERCATOR = "EPSG:3857"
_CONTEXT = 3.0  # times the flag's own size
_LEAST_CONTEXT = 1.5  # where more would not fit at the sensor's own resolution
_LEAST_PIXELS = 48  # of the sensor, so that there is something to recognise around the flag
_MOST_FINE = 448  # of the picture, while each of the sensor's is drawn two by two
_MOST_PIXELS = 896  # of the picture, one for one; beyond, it is coarser and says so
SMALL = (96, 96)
"""Rows and columns of a picture in the series of looks."""
_GREY = 150  # what was not seen
INDEX_RANGE = 0.6
"""The water index that is drawn in the full colour of water; its negative in that of land."""
_TONES = ((140, 81, 10), (245, 245, 245), (1, 80, 150))
_INDICES = {("green", "swir16"): "MNDWI", ("green", "nir"): "NDWI"}
_QUALITY = 82
_LEAST_RANGE = 4.0  # times the darkest tone, up to what is drawn white


@dataclass(frozen=True)
class Seen:
    """What should be known of a picture's scene: when, by what, at which tide, how exact.

    taken : local date and time. sigma_m : position error, one standard deviation.
    shows : what stands for colour where it is not red, green and blue.
    """

    taken: str
    sensor: str = ""
    tide_m: float | None = None
    sigma_m: float | None = None
    resolution_m: float | None = None
    shows: str = ""

    def fields(self) -> dict[str, Any]:
        """As the page has it."""
        return {
            "taken": self.taken,
            "sensor": " · ".join(filter(None, (self.sensor, self.shows))),
            "tide": None if self.tide_m is None else f"{self.tide_m:+.2f} m",
            "sigma": None if self.sigma_m is None else f"± {self.sigma_m:.3g} m",
            "pixel": None if self.resolution_m is None else f"{self.resolution_m:.3g} m",
        }


@dataclass(frozen=True)
class Look:
    """A small picture of the same place on another day."""

    picture: bytes
    said: str


@dataclass(frozen=True)
class Index:
    """Before and after as a water index sees them. said : which index it is."""

    before: bytes
    after: bytes
    said: str


@dataclass(frozen=True)
class Chip:
    """Two JPEG pictures of one place.

    bounds : west, south, east, north in degrees (EPSG:4326) of a rectangle on the web
        map's projection. before_seen, after_seen : what should be known of each.
    pixel_m : size of a picture's pixel on the ground, where it is coarser than the sensor's.
    series : the place through time, small. index : where the change was seen in it.
    """

    before: bytes
    after: bytes
    bounds: Bounds
    before_seen: Seen
    after_seen: Seen
    pixel_m: float | None = None
    series: tuple[Look, ...] = ()
    index: Index | None = None

    @property
    def before_taken(self) -> str:
        """Local date and time of the earlier picture."""
        return self.before_seen.taken

    @property
    def after_taken(self) -> str:
        """Local date and time of the later picture."""
        return self.after_seen.taken

    @property
    def size(self) -> int:
        """Bytes of all its pictures."""
        pictures = [self.before, self.after, *(look.picture for look in self.series)]
        if self.index:
            pictures += [self.index.before, self.index.after]
        return sum(map(len, pictures))

    def sides(self) -> list[dict[str, Any]]:
        """What stands under each side."""
        return [self.before_seen.fields(), self.after_seen.fields()]


def frame(shape: BaseGeometry, crs: object, pixel_m: float) -> tuple[Bounds, tuple[int, int]]:
    """The square to show around a flag: bounds in EPSG:3857 metres, and (rows, columns).

    Three times the flag's size, and at least 48 of the sensor's pixels; less around a large
    flag, so that it is shown at the sensor's own resolution; never finer than half a pixel.
    """
    west, south, east, north = gpd.GeoSeries([shape], crs=crs).to_crs(MERCATOR).total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    pixel = pixel_m * _stretch_at(y)
    extent = max(east - west, north - south)
    whole = min(_CONTEXT * extent, max(_MOST_PIXELS * pixel, _LEAST_CONTEXT * extent))
    side = max(whole, _LEAST_PIXELS * pixel)
    fine = min(2 * side / pixel, max(_MOST_FINE, side / pixel))
    size = int(np.clip(np.ceil(fine), _LEAST_PIXELS, _MOST_PIXELS))
    half = side / 2
    return (x - half, y - half, x + half, y + half), (size, size)


def coarse_frame(
    shape: BaseGeometry, crs: object, pixel_m: float, step: float
) -> tuple[Bounds, tuple[int, int], Bounds]:
    """What to show of a flag to the public: bounds in EPSG:3857, (rows, columns), and where.

    No pixel is smaller than `pixel_m` on the ground. Where the picture is put, in degrees, is
    on the grid of `step`, up to half a step beside the place: it tells of the place no more
    than the outlines do.
    """
    square = frame(shape, crs, pixel_m)[0]
    to_degrees = Transformer.from_crs(MERCATOR, "EPSG:4326", always_xy=True)
    (west, east), (south, north) = to_degrees.transform(square[::2], square[1::2])
    cells = np.ceil([(east - west) / step, (north - south) / step])
    corner = np.array([west + east, south + north]) / 2 - cells * step / 2
    xs, ys = to_degrees.transform(
        [corner[0], corner[0] + cells[0] * step],
        [corner[1], corner[1] + cells[1] * step],
        direction="INVERSE",
    )
    ground = np.array([xs[1] - xs[0], ys[1] - ys[0]]) / _stretch_at((ys[0] + ys[1]) / 2)
    columns, rows = np.clip(np.floor(ground / pixel_m), 1, _MOST_PIXELS).astype(int).tolist()
    put = np.round(corner / step) * step
    placed = np.round([*put, *(put + cells * step)], 7).tolist()
    return (xs[0], ys[0], xs[1], ys[1]), (rows, columns), tuple(placed)


def coarser(bounds: Bounds, size: tuple[int, int], pixel_m: float) -> float | None:
    """Ground size of a picture's pixel in metres, where it is coarser than the sensor's."""
    middle = (bounds[1] + bounds[3]) / 2
    ground = (bounds[2] - bounds[0]) / size[1] / _stretch_at(middle)
    return round(ground, 3) if ground > 1.01 * pixel_m else None


def _stretch_at(y: float) -> float:
    """The projection's metres per metre on the ground."""
    return float(np.cosh(y / 6378137.0))


def look(colours: np.ndarray, said: str) -> Look:
    """A small picture of a (3, row, column) array on EPSG:3857, NaN where not seen."""
    return Look(_jpeg(colours, _stretch(colours)), said)


def chip(
    before: np.ndarray,
    after: np.ndarray,
    bounds: Bounds,
    before_seen: Seen,
    after_seen: Seen,
    series: tuple[Look, ...] = (),
    index: Index | None = None,
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
    finest = after_seen.resolution_m
    pixel_m = coarser(bounds, after.shape[1:], finest) if finest else None
    return Chip(pictures[0], pictures[1], degrees, before_seen, after_seen, pixel_m, series, index)


def index_size(bounds: Bounds, resolution_m: float) -> tuple[int, int]:
    """Rows and columns of an index's picture: a pixel for one of the sensor's, and no more."""
    middle = (bounds[1] + bounds[3]) / 2
    across = (bounds[2] - bounds[0]) / _stretch_at(middle) / resolution_m
    size = int(np.clip(np.ceil(across), _LEAST_PIXELS, _MOST_FINE))
    return size, size


def index_pictures(before: np.ndarray, after: np.ndarray, bands: tuple[str, str]) -> Index:
    """Two (row, column) water indices in the same colours: land brown, water blue."""
    a, b = bands
    name = _INDICES.get(bands, "")
    said = f"{name} = ({a} − {b}) / ({a} + {b})".removeprefix(" = ")
    pictures = [_jpeg(_coloured(values), (0.0, 1.0)) for values in (before, after)]
    return Index(pictures[0], pictures[1], said)


def _coloured(values: np.ndarray) -> np.ndarray:
    """(3, row, column) of 0-1 for an index; NaN stays so."""
    at = np.array([-INDEX_RANGE, 0.0, INDEX_RANGE])
    colours = [np.interp(values, at, np.array(tones) / 255) for tones in zip(*_TONES, strict=True)]
    return np.where(np.isfinite(values), np.stack(colours), np.nan)


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
