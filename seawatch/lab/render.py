"""One scene as numbers: ground, sea, events and ships, then lens, air and sensor. Pure arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from rasterio import Affine
from rasterio.features import rasterize
from scipy.ndimage import convolve1d
from scipy.special import ndtr
from shapely.geometry.base import BaseGeometry

from ..scenes import Grid
from .coast import Coast
from .ground import Ground
from .places import Frame
from .sea import sea_surface
from .spectra import BANDS, SPECTRA
from .texture import Generator

ROW_PERIOD_M, ROW_WIDTH_M = 24.0, 9.0
"""Rafts: longlines in bundles this wide, one every so many metres."""
MATERIAL = {
    "land_gained": SPECTRA["rubble"],
    "structure": SPECTRA["concrete"],
    "raft": 0.65 * SPECTRA["kelp"] + 0.35 * SPECTRA["plastic"],
    "enclosed": SPECTRA["rubble"],
    "cage": 0.6 * SPECTRA["plastic"] + 0.4 * SPECTRA["hull"],
    "cleared": SPECTRA["soil"],
    "built": SPECTRA["roof"] * 1.2,
}

POND_WATER = 0.7 * SPECTRA["water"] + 0.3 * SPECTRA["sediment"]


@dataclass(frozen=True)
class Cover:
    """How much of each pixel of a window something covers, 0-1."""

    rows: slice
    columns: slice
    share: np.ndarray


def covered(shape: BaseGeometry, grid: Grid, rows_along_deg: float | None = None) -> Cover:
    """Share of each pixel `shape` covers, from samples half a metre (or a pixel) apart.

    rows_along_deg : for rafts, the bearing of the longlines; only they cover.
    """
    a, _, c, _, e, f = grid.transform
    west, south, east, north = shape.bounds
    left, right = int((west - c) // a), int((east - c) // a) + 1
    top, bottom = int((north - f) // e), int((south - f) // e) + 1
    left, right = np.clip([left, right], 0, grid.width)
    top, bottom = np.clip([top, bottom], 0, grid.height)
    rows, columns = slice(int(top), int(bottom)), slice(int(left), int(right))
    size = (bottom - top, right - left)
    if min(size) <= 0:
        return Cover(rows, columns, np.zeros((max(size[0], 0), max(size[1], 0)), np.float32))
    fine = max(1, round(2 * a))
    step = a / fine
    transform = Affine(step, 0, c + left * a, 0, -step, f + top * e)
    inside = rasterize([shape], (size[0] * fine, size[1] * fine), transform=transform)
    inside = inside.astype(np.float32)
    if rows_along_deg is not None:
        inside *= _longlines(inside.shape, transform, rows_along_deg)
    share = inside.reshape(size[0], fine, size[1], fine).mean(axis=(1, 3))
    return Cover(rows, columns, share)


def _longlines(shape: tuple[int, int], transform: Affine, bearing_deg: float) -> np.ndarray:
    """Where the longlines are; lanes for boats cross them every 90 m."""
    x = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
    y = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
    sine, cosine = np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))
    across = x[None, :] * cosine - y[:, None] * sine
    along = x[None, :] * sine + y[:, None] * cosine
    return (across % ROW_PERIOD_M < ROW_WIDTH_M) & (along % 90.0 < 76.0)


def present(events: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Events that stand on a day; seasonal rafts are out from 25 October to June."""
    stands = events.happened.dt.date <= on
    out = (on.month, on.day) >= (10, 25) or on.month <= 6
    seasonal = events.seasonal == "yes"
    return events[(stands & ~seasonal) | (seasonal & out)]


def reflectance(
    coast: Coast,
    ground: Ground,
    events: gpd.GeoDataFrame,
    *,
    on: date,
    tide_m: float,
    rng: Generator,
    ships: Sequence[BaseGeometry] = (),
    sediment: float = 1.0,
) -> np.ndarray:
    """Surface reflectance of the six ``BANDS`` before lens and air, (band, row, column)."""
    water = coast.water_share(tide_m)
    dry = np.clip(0.5 - coast.offshore_m / coast.grid.pixel_size, 0, 1).astype(np.float32)
    bare = ground.land(on.timetuple().tm_yday) * dry + ground.foreshore * (1 - dry)
    sea = sea_surface(coast, ground, tide_m, rng, sediment)
    surface = bare + (sea - bare) * water
    for event in present(events, on).itertuples():
        cover = covered(*stands_of(event, coast.grid))
        here = (slice(None), cover.rows, cover.columns)
        wet = water[here[1:]]
        if event.kind == "enclosed":
            # no tide leaves the pond
            pond = covered(event.geometry, coast.grid)
            _paint(surface, pond, pond.share, POND_WATER, np.ones_like(pond.share))
        if event.kind in ("land_gained", "structure"):
            # it stands in the water: in a pixel of the shore it takes the water's share first
            left = (wet - cover.share).clip(0) / (1 - cover.share).clip(1e-6)
            surface[here] = bare[here] + (sea[here] - bare[here]) * left.clip(0, 1)
        grain = 1 + 0.5 * (ground.leaf[here[1:]] - 1)
        colour = MATERIAL[event.kind] * event.tone
        afloat = event.kind in ("raft", "cage")
        _paint(surface, cover, cover.share * wet if afloat else cover.share, colour, grain)
    for ship in ships:
        cover = covered(ship, coast.grid)
        tone = rng.lognormal(0, 0.3)
        _paint(surface, cover, cover.share, SPECTRA["hull"] * tone, np.ones_like(cover.share))
    return surface


def stands_of(event: Any, grid: Grid) -> tuple[BaseGeometry, Grid, float | None]:
    """What `covered` asks of one event: the outline of what stands, and a raft's bearing."""
    stands = event.geometry if event.built is None else event.built
    return stands, grid, event.bearing_deg if event.kind == "raft" else None


def _paint(
    surface: np.ndarray, cover: Cover, share: np.ndarray, colour: np.ndarray, grain: np.ndarray
) -> None:
    here = surface[:, cover.rows, cover.columns]
    here += (colour[:, None, None].astype(np.float32) * grain - here) * share


def draw_ships(
    coast: Coast, tide_m: float, rng: Generator, factor: float = 1.0
) -> list[BaseGeometry]:
    """Ships under way and moored boats, anew in every scene; hulls as map polygons.

    `factor` is how many times as many as usual.
    """
    afloat = coast.water_share(tide_m) == 1
    a, _, c, _, e, f = coast.grid.transform
    ships = []
    km2 = afloat.sum() * coast.grid.pixel_area / 1e6
    for least, most, density, length in ((300, 1e5, 0.12, (18, 130)), (15, 120, 1.0, (8, 22))):
        at = np.argwhere(afloat & (coast.offshore_m > least) & (coast.offshore_m < most))
        count = rng.poisson(factor * density * (km2 if least == 300 else len(at) * a * a / 1e6))
        for row, column in at[rng.integers(len(at), size=count)] if len(at) else ():
            angle = rng.uniform(0, 2 * np.pi)
            x, y = c + a * (column + rng.random()), f + e * (row + rng.random())
            frame = Frame(float(x), float(y), (float(np.sin(angle)), float(np.cos(angle))))
            half = rng.uniform(*length) / 2
            beam = half * rng.uniform(0.13, 0.2)
            bow = [(beam, 0.6 * half), (0.0, half), (-beam, 0.6 * half)]
            hull = [(-beam, -half), (beam, -half), *bow]
            ships.append(shapely.difference(frame.ring(hull), coast.land))
    return [ship for ship in ships if not ship.is_empty]


def through_lens(
    surface: np.ndarray, shift_px: tuple[float, float], blur_px: Sequence[float]
) -> np.ndarray:
    """Gaussian point spread and a shift (columns right, rows down) in one pass a band.

    Each weight is the Gaussian's integral over a pixel, so sums of light are kept.
    """
    out = np.empty_like(surface)
    for band, blur in enumerate(blur_px):
        lit = surface[band]
        for axis, shift in ((0, shift_px[1]), (1, shift_px[0])):
            reach = int(np.ceil(abs(shift) + 3 * blur + 1))
            taps = np.arange(-reach, reach + 1)
            weights = ndtr((taps + 0.5 - shift) / blur) - ndtr((taps - 0.5 - shift) / blur)
            lit = convolve1d(lit, weights / weights.sum(), axis=axis, mode="nearest")
        out[band] = lit
    return out


def to_uint16(reflected: np.ndarray, rng: Generator, noise_factor: float = 1.0) -> np.ndarray:
    """Sentinel-2 numbers, reflectance * 10000, with noise of 0.0012 and 0.6 % of the signal."""
    noise = rng.standard_normal(reflected.shape, dtype=np.float32)
    noisy = reflected + noise * (0.0012 + 0.006 * reflected) * np.float32(noise_factor)
    return np.clip(np.rint(noisy * 1e4), 1, 65535).astype(np.uint16)


def to_rgb(reflected: np.ndarray, rng: Generator) -> np.ndarray:
    """Drone's red, green, blue, uint8: gamma, exposure and white balance of the day, noise."""
    order = [BANDS.index(name) for name in ("red", "green", "blue")]
    exposure = rng.normal(1, 0.06) * rng.normal(1, 0.02, 3)
    tone = np.clip(reflected[order] * exposure[:, None, None] / 0.45, 0, 1) ** 0.6
    noise = rng.standard_normal(tone.shape, dtype=np.float32) * 2
    return np.clip(np.rint(tone * 255 + noise), 0, 255).astype(np.uint8)


def to_four(reflected: np.ndarray, rng: Generator) -> np.ndarray:
    """Drone's blue, green, red and near infrared, float32 reflectance: panel error and noise."""
    order = [BANDS.index(name) for name in ("blue", "green", "red", "nir")]
    panel = rng.normal(1, 0.03) * rng.normal(1, 0.015, 4)
    noise = rng.standard_normal((4, *reflected.shape[1:]), dtype=np.float32)
    noisy = reflected[order] * panel[:, None, None] + 0.004 * noise
    return np.clip(noisy, 0.0005, 1.5).astype(np.float32)
