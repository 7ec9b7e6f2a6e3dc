"""Clouds, their shadows, the mask a product would give, and the air between."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.special import ndtri

from .spectra import SPECTRA
from .texture import Generator, texture

MISSED = 0.0139034475134985
"""Share of the ground where a good mask misses cloud and shadow: beyond 2.2 deviations."""


@dataclass(frozen=True)
class Sky:
    """What stands between ground and sensor: shares 0-1, (row, column).

    mask : uint8 as delivered: 0 clear, 1 cloud or shadow, 255 no data. Not perfect:
        thin edges are missed and some bright ground is taken for cloud.
    """

    cloud: np.ndarray
    shadow: np.ndarray
    tone: np.ndarray
    mask: np.ndarray


def draw_sky(
    rng: Generator,
    shape: tuple[int, int],
    pixel_m: float,
    cover: float,
    no_data: bool,
    missed: float = MISSED,
) -> Sky:
    """Broken cloud over about `cover` (0-1) of the window, and its mask.

    no_data : whether the edge of the swath cuts a corner off.
    missed : share of the ground where the mask is blind to cloud and shadow, 0-1.
    """
    # the sun stands in the south-south-east when Sentinel-2 passes, some 30 to 50 degrees high:
    # a cloud south and east of here shades it
    throw_px = rng.uniform(700, 1800) / pixel_m
    south, east = round(throw_px * np.cos(0.35)), round(throw_px * np.sin(0.35))
    wide = (shape[0] + south, shape[1] + east)
    field = texture(rng, wide, pixel_m, longest_m=4000, shortest_m=40, falloff=1.8)
    puffs = texture(rng, wide, pixel_m, longest_m=300, shortest_m=40, falloff=1.2)
    field = field + 0.12 * puffs
    edge = np.quantile(field, 1 - cover) if cover > 0 else np.inf
    clouds = np.clip((field - edge) / 0.45 + 0.1, 0, 1).astype(np.float32)
    cloud, puffs = clouds[: shape[0], : shape[1]], puffs[: shape[0], : shape[1]]
    shadow = clouds[south:, east:] * (1 - cloud)
    blind = texture(rng, shape, pixel_m, longest_m=500, falloff=1.5) > float(ndtri(1 - missed))
    found = binary_dilation((cloud > 0.25) & ~blind, iterations=2)
    found |= binary_dilation((shadow > 0.4) & ~blind, iterations=1)
    mistaken = texture(rng, shape, pixel_m, longest_m=150, falloff=1.3) > 3.9
    mask = (found | mistaken).astype(np.uint8)
    if no_data:
        mask[_corner(rng, shape)] = 255
    return Sky(cloud, shadow, (1 + 0.12 * puffs).astype(np.float32), mask)


def _corner(rng: Generator, shape: tuple[int, int]) -> np.ndarray:
    row = np.arange(shape[0])[:, None] / shape[0]
    column = np.arange(shape[1])[None, :] / shape[1]
    return row * 0.25 + column > rng.uniform(0.95, 1.1)


def through_air(
    surface: np.ndarray, sky: Sky, rng: Generator, gain_sigma: float = 0.03
) -> np.ndarray:
    """Light that reaches the sensor: past shadow and cloud, with this scene's haze and gain.

    Haze adds most in blue; gain errs by `gain_sigma` in all bands together and a third of it each.
    """
    bands = len(surface)
    lit = surface * (1 - 0.6 * sky.shadow)
    white = SPECTRA["cloud"][:bands, None, None] * sky.tone
    seen = lit * (1 - sky.cloud) + white * sky.cloud
    haze = rng.gamma(2.0, 0.004) * np.array([1.0, 0.75, 0.5, 0.25, 0.06, 0.03], np.float32)
    gain = rng.normal(1, gain_sigma) * rng.normal(1, gain_sigma / 3, bands)
    return (seen * gain[:, None, None] + haze[:bands, None, None]).astype(np.float32)
