"""The land as it lies all year: woods, fields, towns, beaches, and what low water bares."""

from dataclasses import dataclass

import numpy as np
from rasterio import Affine
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter

from ..tables import SEGMENT_KINDS
from .coast import Coast
from .spectra import FORESHORE, SPECTRA, greenness
from .texture import Generator, patchwork, texture

PLANTS = ("pine", "oak", "wheat")
SEA, TOWN, WOOD, FIELD, STRIP = range(5)
"""What covers a pixel; the strip is beach, cliff or quay."""


@dataclass(frozen=True)
class Ground:
    """Reflectance of the still surfaces.

    soil, foreshore : (band, row, column) reflectance of bare land, and of the sea's
        floor near the shore.
    plants : share of each pixel under each of ``PLANTS``, (plant, row, column).
    leaf : brightness of leaves against the typical spectrum, (row, column).
    soft : how much of the nearby shore gives off sediment, 0-1, (row, column).
    cover : what covers each pixel, ``SEA`` to ``STRIP``, uint8, (row, column).
    """

    soil: np.ndarray
    foreshore: np.ndarray
    plants: np.ndarray
    leaf: np.ndarray
    soft: np.ndarray
    cover: np.ndarray

    def land(self, day_of_year: int) -> np.ndarray:
        """Reflectance of the dry land on a day of the year, (band, row, column)."""
        now = np.array([greenness(p, day_of_year) for p in PLANTS], np.float32)
        green = np.tensordot(now, self.plants, axes=1)
        leaf = SPECTRA["leaf"][:, None, None] * self.leaf
        return self.soil * (1 - green) + leaf * green


def build_ground(coast: Coast, rng: Generator) -> Ground:
    """Land cover over a window: towns by the artificial shore, woods on hills, fields between."""
    shape, pixel_m = coast.offshore_m.shape, coast.grid.pixel_size
    hills = texture(rng, shape, pixel_m, longest_m=5000, shortest_m=100, falloff=1.7)
    town = texture(rng, shape, pixel_m, longest_m=5000, shortest_m=100, falloff=1.7)
    made = coast.kind == SEGMENT_KINDS.index("artificial")
    town = town + 1.0 * made * np.exp(coast.offshore_m.clip(max=0) / 1500) + 0.2
    on_island = _island_pixels(coast)
    is_town = (town > 0.5) & ~on_island
    is_wood = ((hills > 0.3) & ~is_town) | (on_island & (hills > -0.8))
    is_field = ~is_town & ~is_wood

    soil = np.empty((6, *shape), np.float32)
    plants = np.zeros((3, *shape), np.float32)
    fine = texture(rng, shape, pixel_m, longest_m=60, shortest_m=3, falloff=0.8)
    soil[:] = SPECTRA["litter"][:, None, None] * (1 + 0.15 * fine)
    pines = 1 / (1 + np.exp(-3 * texture(rng, shape, pixel_m, longest_m=900, falloff=1.3)))
    canopy = np.clip(0.85 + 0.1 * fine, 0, 1) * is_wood
    plants[0], plants[1] = canopy * pines, canopy * (1 - pines)
    _fields(rng, pixel_m, is_field, soil, plants)
    _town(rng, pixel_m, is_town, soil, plants)
    cover = np.select([is_town, is_wood], [TOWN, WOOD], FIELD)
    cover[_shore_strip(coast, fine, soil, plants)] = STRIP
    cover[coast.offshore_m > 0] = SEA
    leaf = 1 + 0.15 * texture(rng, shape, pixel_m, longest_m=300, falloff=0.9)
    leaf *= np.where(is_wood, 0.72, 1.0)  # crowns shade one another
    relief = 1 + 0.12 * texture(rng, shape, pixel_m, longest_m=1500, shortest_m=60) * is_wood
    soil *= relief
    leaf = (leaf * relief).clip(0.2).astype(np.float32)
    return Ground(soil, _foreshore(coast, fine), plants, leaf, _soft(coast), cover.astype(np.uint8))


def _island_pixels(coast: Coast) -> np.ndarray:
    shape = coast.offshore_m.shape
    if coast.islands.empty:
        return np.zeros(shape, bool)
    mask = rasterize(coast.islands.geometry, shape, transform=Affine(*coast.grid.transform))
    return mask.astype(bool)


def _fields(
    rng: Generator, pixel_m: float, where: np.ndarray, soil: np.ndarray, plants: np.ndarray
) -> None:
    """Fields of wheat and maize, orchards, fallow and greenhouses, with paths between."""
    parcel, edge_m = patchwork(rng, where.shape, pixel_m, 95)
    count = parcel.max() + 1
    crop = rng.choice(4, count, p=(0.56, 0.25, 0.15, 0.04))  # wheat, orchard, fallow, greenhouse
    tone = rng.normal(1, 0.18, count).clip(0.5).astype(np.float32)
    path = np.clip((3.0 - edge_m) / max(pixel_m, 1) + 0.5, 0, 0.7)
    ground = np.where(
        (crop == 3)[parcel], SPECTRA["plastic"][:, None, None], SPECTRA["soil"][:, None, None]
    )
    soil[:, where] = (ground * tone[parcel])[:, where]
    cover = rng.uniform(0.5, 0.95, count).astype(np.float32)[parcel] * (1 - path)
    plants[2] = np.where(where & (crop == 0)[parcel], cover, plants[2])
    plants[1] = np.where(where & (crop == 1)[parcel], 0.7 * cover, plants[1])


def _town(
    rng: Generator, pixel_m: float, where: np.ndarray, soil: np.ndarray, plants: np.ndarray
) -> None:
    """Blocks of roofs between streets, with yards and street trees."""
    _, street_m = patchwork(rng, where.shape, pixel_m, 160)
    house, yard_m = patchwork(rng, where.shape, pixel_m, 38)
    count = house.max() + 1
    tone = rng.lognormal(-0.1, 0.35, count).astype(np.float32)
    hue = np.ones((6, count), np.float32)
    red, blue = rng.random(count) < 0.25, rng.random(count) < 0.12
    hue[:, red] = np.array([0.7, 0.8, 1.25, 1.2, 1.2, 1.2], np.float32)[:, None]
    hue[:, blue] = np.array([1.6, 1.25, 0.85, 1.1, 1.1, 1.0], np.float32)[:, None]
    roof = SPECTRA["roof"][:, None, None] * (hue * tone)[:, house]
    asphalt = SPECTRA["asphalt"][:, None, None]
    street = np.clip((9.0 - street_m) / max(pixel_m, 1) + 0.5, 0, 1)
    yard = np.clip((4.0 - yard_m) / max(pixel_m, 1) + 0.5, 0, 1) * (1 - street)
    built = roof * (1 - street - yard) + asphalt * (street + yard)
    soil[:, where] = built[:, where]
    trees = (rng.random(count) < 0.2)[house] * 0.6 * (1 - street) + 0.35 * yard
    plants[1] = np.where(where, trees, plants[1])


def _shore_strip(
    coast: Coast, fine: np.ndarray, soil: np.ndarray, plants: np.ndarray
) -> np.ndarray:
    """Beaches, cliffs and quays: the last metres of land before the coastline; where they are."""
    strip = np.zeros(coast.offshore_m.shape, bool)
    widths = {"sandy": 45.0, "restored": 30.0, "bedrock": 10.0, "artificial": 30.0}
    names = {"sandy": "dry_sand", "restored": "dry_sand", "bedrock": "rock"}
    for kind, width in widths.items():
        near = (coast.kind == SEGMENT_KINDS.index(kind)) & (coast.offshore_m > -3 * width - 20)
        # the back of a beach wanders, a quay's does not
        wander = 0.0 if kind == "artificial" else 0.3
        depth_m = -coast.offshore_m[near] * (1 + wander * fine[near].clip(-2, 2))
        share = np.clip((width - depth_m) / max(coast.grid.pixel_size, 1) + 0.5, 0, 1)
        surface = SPECTRA[names.get(kind, "concrete")][:, None] * (1 + 0.06 * fine[near])
        soil[:, near] = soil[:, near] * (1 - share) + surface * share
        plants[:, near] *= 1 - share
        strip[near] = share > 0.5
    return strip


def _soft(coast: Coast) -> np.ndarray:
    kinds = [SEGMENT_KINDS.index(kind) for kind in ("muddy", "estuary", "sandy")]
    spread = min(300 / coast.grid.pixel_size, 60)
    return gaussian_filter(np.isin(coast.kind, kinds).astype(np.float32), spread, truncate=2)


def _foreshore(coast: Coast, fine: np.ndarray) -> np.ndarray:
    table = np.stack([SPECTRA[FORESHORE[kind]] for kind in SEGMENT_KINDS], axis=1)
    return table[:, coast.kind] * (1 + 0.1 * fine).clip(0.5)
