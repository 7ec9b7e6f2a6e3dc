"""Random fields: power-law texture and patchwork, on any pixel size."""

import numpy as np
from scipy import fft
from scipy.spatial import cKDTree

Generator = np.random.Generator


def texture(
    rng: Generator,
    shape: tuple[int, int],
    pixel_m: float,
    *,
    longest_m: float,
    shortest_m: float = 0.0,
    falloff: float = 1.5,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> np.ndarray:
    """Random field of mean 0 and standard deviation 1, (row, column) float32.

    White noise with amplitudes falling as wavelength^falloff, between `shortest_m`
    and `longest_m`; `stretch` lengthens the pattern along rows and columns (wind).
    """
    # a little larger than asked, as the transform is periodic and lengths must be fast ones
    size = [fft.next_fast_len(n + 16, real=True) for n in shape]
    white = rng.standard_normal(size, dtype=np.float32)
    fy = fft.fftfreq(size[0], pixel_m).astype(np.float32)[:, None] * stretch[0]
    fx = fft.rfftfreq(size[1], pixel_m).astype(np.float32)[None, :] * stretch[1]
    f = np.hypot(fy, fx)
    amplitude = (f + 1 / longest_m) ** -falloff
    if shortest_m:
        amplitude *= np.exp(-((f * shortest_m) ** 2))
    amplitude[0, 0] = 0
    field = fft.irfft2(fft.rfft2(white, workers=1) * amplitude, s=size, workers=1)
    field = field[: shape[0], : shape[1]]
    return ((field - field.mean()) / (field.std() + 1e-12)).astype(np.float32)


def patchwork(
    rng: Generator, shape: tuple[int, int], pixel_m: float, patch_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Parcels of land: the number of the parcel each pixel is in, and its distance to the edge, m.

    Cells of a jittered, turned lattice, longer than wide, as fields and blocks are.
    """
    height, width = shape[0] * pixel_m, shape[1] * pixel_m
    reach = np.hypot(height, width) / 2 + 2 * patch_m
    u, v = np.meshgrid(np.arange(-reach, reach, patch_m), np.arange(-reach, reach, 0.6 * patch_m))
    u = u + rng.uniform(-0.3, 0.3, u.shape) * patch_m
    v = v + rng.uniform(-0.25, 0.25, v.shape) * patch_m * 0.6
    turn = rng.uniform(0, np.pi)
    cosine, sine = np.cos(turn), np.sin(turn)
    seeds = np.column_stack([(u * cosine - v * sine).ravel(), (u * sine + v * cosine).ravel()])
    y = (np.arange(shape[0]) + 0.5) * pixel_m - height / 2
    x = (np.arange(shape[1]) + 0.5) * pixel_m - width / 2
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    distance, nearest = cKDTree(seeds).query(points, k=2)
    edge = (distance[:, 1] - distance[:, 0]) / 2
    return nearest[:, 0].reshape(shape), edge.reshape(shape).astype(np.float32)
