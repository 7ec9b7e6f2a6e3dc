"""Scenes, pairs of scenes, and the choice of which two to compare.

Instants are in UTC; footprints are in the project's CRS; pixels come later, from
``io.rasters``, through an argument.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, exp, pi
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from .sensors import SENSORS

SCORE_STEPS = 64  # of 0-1, in which maps of scores are told: exact in binary, and they pack well
NOT_SEEN = 255  # in such a map


@dataclass(frozen=True)
class Band:
    """One band of a scene: where its numbers are and how they become reflectance."""

    name: str
    path: Path
    index: int = 1  # 1-based, within the file
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Scene:
    """One acquisition.

    Attributes
    ----------
    taken : timezone-aware, UTC.
    footprint : where the file has data, project CRS.
    clear : share of the footprint's pixels that are neither masked nor empty, 0-1.
    sigma_m : position error of this image, one standard deviation a coordinate.
    item : the STAC Item it was read from; None for a raster named on the command line.
    tide_m : height of the tide when it was taken, metres; None where it is not known.
    digests : sha256 its files must have, by path; empty where the item names none.
    """

    scene_id: str
    sensor: str
    taken: datetime
    bands: tuple[Band, ...]
    footprint: BaseGeometry
    sigma_m: float
    resolution_m: float
    clear: float = 1.0
    mask: Path | None = None
    mask_code: str = "seawatch"
    item: Path | None = None
    tide_m: float | None = None
    digests: tuple[tuple[Path, str], ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every raster of the scene, once each."""
        paths = [band.path for band in self.bands] + ([self.mask] if self.mask else [])
        return tuple(dict.fromkeys(paths))


@dataclass(frozen=True)
class ScenePair:
    """Two scenes to compare, the ground both show, and the terms they were chosen by.

    looks : other scenes of the place, which tell what lasts there and what is usual.
    others : the next best references, for ground that `before` does not show.
    """

    before: Scene
    after: Scene
    overlap: BaseGeometry
    why: dict[str, float]
    looks: tuple[Scene, ...] = ()
    others: tuple[Scene, ...] = ()

    @property
    def ground(self) -> Scene:
        """The one of the two on whose pixels they are compared: the later, if not far finer."""
        unlike = self.before.resolution_m > LOOK_COARSER * self.after.resolution_m
        return self.before if unlike else self.after

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """All of them."""
        return tuple(dict.fromkeys((self.before, self.after, *self.looks, *self.others)))


NEEDED_CLEAR = 0.05  # share of a scene that must be clear for it to be worth comparing
ENOUGH_CLEAR = 0.7  # a scene as clear as this makes older ones of its window needless
NEW_GROUND = 0.05  # share of a scene that must add to newer ones
LEAST_OVERLAP = 0.1
COARSER = 400.0  # times: a drone's five centimetres in Landsat's thirty metres are lost
LOOK_COARSER = 4.0  # times: coarser looks do not show what the pair does
RIPE_DAYS = 90  # a reference younger than this may already show what is being built
LATEST_LOOKS = 5  # scenes before the later one that tell what lasts
SEASON_LOOKS = 3  # and as many more of its season that tell what is usual
CLEAR_LOOK = 0.3  # share of it that must be clear
OTHERS = 2  # references that may tell of what the best one does not show
SMALL = 0.01  # share of a scene that is not worth another reference


def pair_scenes(
    scenes: Iterable[Scene], start: datetime, end: datetime
) -> tuple[list[ScenePair], dict[str, str]]:
    """The newest clear scenes taken in (start, end], each with its best earlier reference.

    Returns
    -------
    pairs : newest first, each with the terms its reference was chosen by.
    left_out : for each scene of the window that is in no pair, why.
    """
    known = sorted(scenes, key=lambda s: (s.taken, s.scene_id), reverse=True)
    pairs: list[ScenePair] = []
    left_out: dict[str, str] = {}
    covered: dict[str, list[BaseGeometry]] = {}
    for after in (s for s in known if start < s.taken <= end):
        newer = shapely.union_all(covered.get(after.sensor, []))
        added = after.footprint.difference(newer).area / after.footprint.area
        if after.clear < NEEDED_CLEAR:
            left_out[after.scene_id] = f"only {after.clear:.0%} of it is clear"
        elif added < NEW_GROUND:
            left_out[after.scene_id] = "newer clear scenes show the same ground"
        elif (pair := _best_pair(after, known)) is None:
            left_out[after.scene_id] = "no earlier scene of like sensor overlaps it"
        else:
            pairs.append(replace(pair, looks=_looks(pair, known)))
            if after.clear >= ENOUGH_CLEAR:
                covered.setdefault(after.sensor, []).append(after.footprint)
    return pairs, left_out


def _best_pair(after: Scene, scenes: Iterable[Scene]) -> ScenePair | None:
    pairs = [_weigh(before, after) for before in scenes if before.taken < after.taken]
    fit = [pair for pair in pairs if pair is not None]
    fit.sort(key=lambda pair: (pair.why["fitness"], pair.before.scene_id), reverse=True)
    if not fit:
        return None
    best, rest = fit[0], fit[1:]
    # clouds lie anywhere, so the next best will do; what lies beyond the edge they must show
    beyond = after.footprint.difference(best.overlap)
    if rest and beyond.area > SMALL * after.footprint.area:
        most = max(rest, key=lambda pair: _told(pair, beyond))
        rest = [most, *(pair for pair in rest if pair is not most)]
    return replace(best, others=tuple(pair.before for pair in rest[:OTHERS]))


def stand_in(pair: ScenePair, ground: BaseGeometry, used: Collection[str]) -> ScenePair | None:
    """The pair of the same later scene with another reference that tells most of some ground.

    ground : what the pair's own reference does not show, within the later scene's footprint.
    used : scene_id of references that have told of it already.
    """
    left = (_weigh(one, pair.after) for one in pair.others if one.scene_id not in used)
    fit = [other for other in left if other and _told(other, ground) > 0]
    if not fit:
        return None
    best = max(fit, key=lambda other: (_told(other, ground), other.before.scene_id))
    looks = [scene for scene in pair.looks if scene != best.before]
    if _alike(pair.before, pair.after, LOOK_COARSER):
        looks.append(pair.before)
    return replace(best, looks=tuple(looks))


def _told(pair: ScenePair, ground: BaseGeometry) -> float:
    """How much a pair is likely to tell of some ground: its area there, by its fitness."""
    return pair.why["fitness"] / pair.why["overlap"] * float(pair.overlap.intersection(ground).area)


def _weigh(before: Scene, after: Scene) -> ScenePair | None:
    """The pair with its fitness, a product of terms within 0-1, or None where it is no pair."""
    if not _alike(before, after):
        return None
    overlap = before.footprint.intersection(after.footprint)
    share = overlap.area / after.footprint.area
    if share < LEAST_OVERLAP or before.clear < NEEDED_CLEAR:
        return None
    days = (after.taken - before.taken).total_seconds() / 86400
    ratio = before.resolution_m / after.resolution_m
    terms = {
        "overlap": share,
        "clear": before.clear,
        # the coarser of two scenes hides what the finer shows
        "detail": min(ratio, 1 / ratio) ** 0.5,
        "sensor": 1.0 if before.sensor == after.sensor else 0.5,
        "season": _season_term(before, after),
        "ripe": min(1.0, days / RIPE_DAYS) ** 2,
        "recent": 1 / (1 + days / 3652.5),
        "tide": _tide_term(before, after),
    }
    fitness = float(np.prod(list(terms.values())))
    return ScenePair(before, after, overlap, {"fitness": fitness, "days": days, **terms})


def _looks(pair: ScenePair, scenes: Iterable[Scene]) -> tuple[Scene, ...]:
    """The latest clear scenes before the pair's later one, and others of its season."""
    rest = [
        scene
        for scene in scenes
        if scene.taken < pair.after.taken
        and scene.scene_id != pair.before.scene_id
        and scene.clear >= CLEAR_LOOK
        and _alike(scene, pair.after, LOOK_COARSER)
        and scene.footprint.intersects(pair.overlap)
    ]
    latest, others = rest[:LATEST_LOOKS], rest[LATEST_LOOKS:]
    others.sort(key=lambda scene: (-_season_term(scene, pair.after), scene.scene_id))
    return (*latest, *others[:SEASON_LOOKS])


def _alike(one: Scene, other: Scene, coarser: float = COARSER) -> bool:
    """Whether two scenes show enough of the same to be compared."""
    ratio = one.resolution_m / other.resolution_m
    shared = {band.name for band in one.bands} & {band.name for band in other.bands}
    family = SENSORS[one.sensor].family == SENSORS[other.sensor].family
    return family and bool(shared) and 1 / coarser <= ratio <= coarser


def _season_term(before: Scene, after: Scene) -> float:
    """1 in the same season, 0.3 half a year apart."""
    days = (after.taken - before.taken).total_seconds() / 86400
    return 0.65 + 0.35 * cos(2 * pi * days / 365.25)


def _tide_term(before: Scene, after: Scene) -> float:
    """1 at equal tide, less the more it differs; in between where it is not known.

    Lower water before is the worse: a flat that lay dry then cannot be seen to have been filled.
    """
    if before.tide_m is None or after.tide_m is None:
        return 0.7
    risen = after.tide_m - before.tide_m
    return exp(-risen / 1.0) if risen > 0 else exp(risen / 4.0)


@dataclass(frozen=True)
class Grid:
    """Where pixels lie: x = a*column + b*row + c, y = d*column + e*row + f (pixel corners).

    `crs` is anything pyproj reads; `transform` is (a, b, c, d, e, f).
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @property
    def pixel_area(self) -> float:
        """Area of a pixel in square units of the CRS."""
        a, b, _, d, e, _ = self.transform
        return abs(a * e - b * d)

    @property
    def pixel_size(self) -> float:
        """Side of a square as large as a pixel, units of the CRS."""
        return self.pixel_area**0.5

    def ground(self, column: Any, row: Any) -> tuple[Any, Any]:
        """X and y of places given in columns and rows (numbers or arrays)."""
        a, b, c, d, e, f = self.transform
        return a * column + b * row + c, d * column + e * row + f

    def pixel(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Columns and rows, with fractions, of places given in x and y."""
        a, b, c, d, e, f = self.transform
        size = a * e - b * d
        return (e * (x - c) - b * (y - f)) / size, (a * (y - f) - d * (x - c)) / size

    def steps(self, east: float, north: float) -> tuple[float, float]:
        """A step on the ground in columns and rows."""
        a, b, _, d, e, _ = self.transform
        size = a * e - b * d
        return (e * east - b * north) / size, (a * north - d * east) / size

    def moved(self, columns: float, rows: float) -> "Grid":
        """The same grid so far right and down, in pixels."""
        a, b, _, d, e, _ = self.transform
        x, y = self.ground(columns, rows)
        return Grid(self.crs, (a, b, x, d, e, y), self.width, self.height)

    def window(self, row: int, column: int, height: int, width: int) -> "Grid":
        """The grid of the window whose first pixel is (`row`, `column`)."""
        a, b, _, d, e, _ = self.transform
        x, y = self.ground(column, row)
        return Grid(self.crs, (a, b, x, d, e, y), width, height)

    def outline(self) -> Polygon:
        """The grid's edge, in its own CRS."""
        corners = ((0, 0), (self.width, 0), (self.width, self.height), (0, self.height))
        return Polygon([self.ground(column, row) for column, row in corners])


@dataclass(frozen=True)
class Walk:
    """How the windows of a pair are walked, so that no part of its files is decoded twice.

    height, width : of a window, pixels; abreast : so many side by side before the next row.
    first_row, first_column : where the second window begins.
    """

    height: int = 1024
    width: int = 1024
    abreast: int = 4
    first_row: int = 1024
    first_column: int = 1024

    def windows(self, grid: Grid) -> list[tuple[int, int, int, int]]:
        """Row, column, height and width of each window of a grid, in the order of the walk."""
        rows = _parts(grid.height, self.first_row, self.height)
        columns = _parts(grid.width, self.first_column, self.width)
        return [
            (row, column, high, wide)
            for start in range(0, len(columns), self.abreast)
            for row, high in rows
            for column, wide in columns[start : start + self.abreast]
        ]


def _parts(whole: int, first: int, size: int) -> list[tuple[int, int]]:
    """Start and length of the parts of a length, the first shorter or longer than the rest."""
    starts = [0, *range(first, whole, size)]
    return [(a, b - a) for a, b in zip(starts, [*starts[1:], whole], strict=True)]


@dataclass(frozen=True)
class Image:
    """Pixels with their meaning.

    pixels : (band, row, column), float32 reflectance (or the file's own numbers for
        generic sensors); NaN in every band where the ground was not seen.
    bands : common name of each band.
    """

    pixels: np.ndarray
    bands: tuple[str, ...]
    grid: Grid

    def band(self, name: str) -> np.ndarray:
        """One band, (row, column)."""
        return self.pixels[self.bands.index(name)]

    def values(self, at: np.ndarray, bands: Sequence[str] = ()) -> np.ndarray:
        """(band, pixel) of the pixels at some flat indexes; of all bands, or of those named."""
        if bands:
            return np.stack([self.band(name).ravel().take(at) for name in bands])
        return self.pixels.reshape(len(self.bands), -1).take(at, axis=1)

    def thinned(self, step: int) -> "Image":
        """Every so many of its rows and columns, a copy; the grid stays the whole's."""
        return Image(self.pixels[:, ::step, ::step].copy(), self.bands, self.grid)

    @property
    def seen(self) -> np.ndarray:
        """Where the ground was seen, (row, column) of bool."""
        return np.isfinite(self.pixels[0])
