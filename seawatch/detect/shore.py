"""What of a change of the shore is no work of the tide, pixel by pixel, from all looks at it.

Ground that stays dry at higher water than it was wet at before has risen, and ground that
stays wet at lower water than it was dry at has sunk, whatever its slope and however far the
waterline runs. So a fill is told from the strip beside it that the tide left dry, although
the two are one object on the day.
"""

from collections.abc import Sequence

import cv2
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..geo import ellipsoidal_area_m2
from ..scenes import Grid, Scene, ScenePair
from . import outline
from ._detector import Waters, score_of
from ._objects import labelled, thick
from .laid import Window

SIGN = {"land_gained": 1, "land_lost": -1}
"""Kinds of change of the shore, and which way the tide that hides one goes."""

_SAME_TIDE_M = 0.1  # heights that differ by less are one
_TELLS, _SURE = 0.2, 0.5  # land less water, or water less land, that tells which a pixel is
_LEAST_PIXELS = 3
_WHOLE = 0.9  # share of a change that has risen for all of it to have


class Shore:
    """One change of the shore: its pixels, and what each look shows of them."""

    def __init__(self, kind: str, window: Window, mask: np.ndarray):
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        self._at = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        self._mask = mask[self._at]
        self._place = (window[0] + int(rows[0]), window[1] + int(columns[0]), *self._mask.shape)
        self._sign = SIGN[kind]
        self._turned: dict[int, np.ndarray] = {}  # how surely each pixel is as it is now
        self._reach = np.full(self._mask.shape, np.nan, np.float32)
        self._offshore = self._reach.copy()

    def add(self, look: int, waters: Waters) -> None:
        """What one look shows of the change's pixels."""
        wet = score_of(waters.after.odds[self._at])
        self._turned[look] = 1 - wet if self._sign > 0 else wet
        far = waters.offshore if self._sign > 0 else waters.inland
        # a cloud passes for a shore: of all looks the farthest is right
        self._reach = np.fmax(self._reach, far.within(self._at))
        self._offshore = np.fmax(self._offshore, waters.offshore.within(self._at))

    def parted(
        self, row: gpd.GeoDataFrame, pair: ScenePair, scenes: Sequence[Scene], grid: Grid
    ) -> gpd.GeoDataFrame:
        """The change in one row, or what of it has risen (or sunk) and what has not in rows."""
        with_it, without = self._extremes(pair, scenes)
        risen = thick(self._mask & (with_it - without >= _SAME_TIDE_M))
        # its rim mixes land and water, and tells neither
        rim = cv2.dilate(risen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        risen = rim & self._mask
        # ground that was bared lies as high as the earlier scene's own tide, no lower
        rest = row.assign(
            tide_with_m=self._sign * _middle(with_it[self._mask & ~risen]), tide_without_m=np.nan
        )
        if np.count_nonzero(risen) < _LEAST_PIXELS:
            return rest

        def told(where: np.ndarray) -> dict[str, float]:
            heights = (_middle(heights[where]) for heights in (with_it, without))
            return dict(
                zip(
                    ("tide_with_m", "tide_without_m"),
                    (self._sign * h for h in heights),
                    strict=True,
                )
            )

        if risen.sum() >= _WHOLE * self._mask.sum():
            return row.assign(**told(risen))
        objects, size = labelled(risen), pair.ground.resolution_m
        rows, there = [], []
        for number, at, mask in objects.windows(np.flatnonzero(objects.pixels >= _LEAST_PIXELS)):
            where = np.zeros(risen.shape, bool)
            where[at] = mask
            there.append(outline.patches(where, grid.window(*self._place)))
            shape = gpd.GeoSeries([there[-1]], row.index, crs=grid.crs).to_crs(row.crs)
            rows.append(
                row.set_geometry(shape).assign(
                    change_id=row.change_id + f"-R{number + 1}",
                    area_m2=ellipsoidal_area_m2(shape),
                    reach_m=(float(np.nanmax(self._reach[where])) - 0.5) * size,
                    near_m=max((float(np.nanmin(self._offshore[where])) - 0.5) * size, 0.0),
                    **told(where),
                )
            )
        taken = gpd.GeoSeries([shapely.union_all(there)], row.index, crs=grid.crs).to_crs(row.crs)
        left = row.geometry.difference(taken)
        rest = rest.set_geometry(left).assign(area_m2=ellipsoidal_area_m2(left))
        return pd.concat([*rows, rest[~left.is_empty]])

    def _extremes(self, pair: ScenePair, scenes: Sequence[Scene]) -> tuple[np.ndarray, np.ndarray]:
        """(row, column) heights with the change and without it, times the sign of the change.

        Of the looks since the last that shows a pixel as it was, the highest tide; of those
        that show it as it was, the lowest; what sank is turned over. A look that is not quite
        sure of a pixel counts only beside two others, and then the second of them.
        """
        shape, sign = self._mask.shape, self._sign
        tides = [*(scene.tide_m for scene in scenes), pair.after.tide_m]
        sure = np.zeros((len(tides), *shape), np.float32)  # 1 as it is now, -1 as it was
        sure[-1] = 1
        for look, turned in self._turned.items():
            sure[look] = np.nan_to_num(2 * turned - 1)
        heights = np.array([np.nan if t is None else sign * t for t in tides])[:, None, None]
        own = np.nan if pair.before.tide_m is None else sign * pair.before.tide_m
        # shown as it was, then or later, as the pair's earlier scene shows it
        was = np.cumsum((sure <= -_TELLS)[::-1], axis=0)[::-1] > 0
        was[: sum(scene.taken <= pair.before.taken for scene in scenes)] = True
        with_it = _highest(np.where(was, 0, sure), heights)
        first = np.full((1, *shape), -1, np.float32)
        without = _highest(-np.concatenate([sure, first]), -np.append(heights, own)[:, None, None])
        return with_it, -without


def _middle(heights: np.ndarray) -> float:
    """The median of those that are known; NaN of none."""
    known = heights[np.isfinite(heights)]
    return float(np.median(known)) if known.size else float("nan")


def _highest(sure: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The largest height along the first axis that is told, NaN where none is.

    Of those that tell it surely the largest, of all three and more that tell it the second.
    """
    ranked = np.sort(np.where((sure >= _TELLS) & np.isfinite(heights), heights, -np.inf), axis=0)
    many = np.isfinite(ranked).sum(axis=0) >= 3
    top = np.where((sure >= _SURE) & np.isfinite(heights), heights, -np.inf).max(axis=0)
    found = np.maximum(top, np.where(many, ranked[-2], -np.inf))
    return np.where(np.isfinite(found), found, np.nan)
