"""The sea in one scene: its height, its colour and its surface."""

from datetime import UTC, datetime

import numpy as np

from .coast import Coast
from .ground import Ground
from .spectra import SPECTRA
from .texture import Generator, texture

_CONSTITUENTS = (
    # name, amplitude m, period h, phase rad: of the size they have at Weihai, not its own
    ("M2", 0.60, 12.4206012, 1.1),
    ("S2", 0.18, 12.0, 2.3),
    ("K1", 0.20, 23.93447213, 0.4),
    ("O1", 0.14, 25.81933871, 5.0),
)
_ATTENUATION = np.array([0.30, 0.24, 0.45, 2.5, 30.0, 50.0], np.float32)  # 1/m, downwelling


def tide_m(times: np.ndarray, factor: float = 1.0) -> np.ndarray:
    """Height above mean sea level, m, at UTC instants (``datetime64``), times `factor`.

    Two semidiurnal and two diurnal constituents, and a seasonal mean level of 0.2 m
    amplitude, highest in August.
    """
    hours = (times - np.datetime64("2020-01-01T00:00")) / np.timedelta64(1, "h")
    height = 0.20 * np.cos(2 * np.pi * (hours / 24 - 225) / 365.25)
    for _, amplitude, period_h, phase in _CONSTITUENTS:
        height = height + amplitude * np.cos(2 * np.pi * hours / period_h - phase)
    return factor * height


def tide_at(taken: datetime, factor: float = 1.0) -> float:
    """Height above mean sea level at one instant, m."""
    instant = np.array(taken.astimezone(UTC).replace(tzinfo=None), "datetime64[s]")
    return float(tide_m(instant, factor))


def sea_surface(
    coast: Coast, ground: Ground, height_m: float, rng: Generator, sediment: float = 1.0
) -> np.ndarray:
    """Reflectance of the water, (band, row, column).

    Deep water, sediment stirred up in the shallows and carried off in plumes, the
    bottom seen through clear water (two-way exponential), and glint on wind-roughened
    stretches. `sediment` is how many times the usual load is stirred up.
    """
    shape, pixel_m = coast.offshore_m.shape, coast.grid.pixel_size
    depth_m = np.maximum(height_m - coast.floor_m, 0.05)
    load = _sediment(coast, ground, depth_m, rng, sediment)
    share = (load / (load + 1.0))[None]
    deep = SPECTRA["water"] * rng.uniform(0.8, 1.2)
    colour = deep[:, None, None] * (1 - share) + SPECTRA["sediment"][:, None, None] * share
    bottom = SPECTRA["wet_sand"][:, None, None] * ground.leaf
    for band, k in enumerate(_ATTENUATION):
        clear = np.exp(-2 * (k + 0.6 * load) * depth_m)
        colour[band] += (bottom[band] - colour[band]) * clear * 0.8
    wind = texture(rng, shape, pixel_m, longest_m=2500, falloff=1.4, stretch=(1.0, 3.0))
    ripple = texture(rng, shape, pixel_m, longest_m=60, falloff=0.7)
    if pixel_m < 2:  # single waves are seen
        ripple = texture(
            rng, shape, pixel_m, longest_m=9, shortest_m=0.9, falloff=1.0, stretch=(1.0, 2.5)
        )
    glint = rng.gamma(1.5, 0.003) * np.clip(1 + 0.5 * wind + 0.3 * ripple, 0, None)
    return (colour * (1 + 0.02 * ripple) + glint).astype(np.float32)


def _sediment(
    coast: Coast, ground: Ground, depth_m: np.ndarray, rng: Generator, factor: float
) -> np.ndarray:
    """Suspended sediment against the load that turns water half brown, (row, column)."""
    shape, pixel_m = coast.offshore_m.shape, coast.grid.pixel_size
    calm = rng.gamma(2.0, 0.12) * factor
    drift = texture(rng, shape, pixel_m, longest_m=3000, falloff=1.7, stretch=(2.0, 1.0))
    shallow = np.exp(-depth_m / 2.5) + 0.15 * np.exp(-depth_m / 12)
    reach_m = rng.uniform(500, 1500)
    plume = ground.soft * np.exp(-coast.offshore_m.clip(0) / reach_m) * np.clip(drift - 0.6, 0, 2)
    return (0.05 + calm * shallow * np.exp(0.5 * drift) + calm * 2.5 * plume).astype(np.float32)
