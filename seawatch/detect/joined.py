"""One act told in pieces, as one change.

The edge of the reference's clouds parts an act: its own reference tells of the one piece, another
of the rest. And what the tide explains may be cut out of its middle. Both would raise a flag for
each piece, and another one whenever the pieces lie otherwise.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import overlay
from ..geo import ellipsoidal_area_m2
from ..tables import CHANGES

_APART = 1.5  # pixels between two pieces: unseen ground is counted in cells, a pixel off the known
_LARGEST = ("score", "reach_m", "sigma_m", "match_m", "pixel_m", "tide_sigma_m")


def joined(changes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`changes` with the pieces of each act as one change, that of the largest.

    Pieces are of one kind and one later scene, no farther apart than a pixel and a half, can have
    come at one time, and are either of unlike earlier scenes or cut from one change. What was
    vetoed stays as it is, and what waits for another day (`looks.hold`) is no piece of what does
    not. The act errs as its least certain piece does, and it came when any of them can have come.
    Between pieces of unlike earlier scenes the rim of cells that neither told of is filled in.
    """
    alive = changes[changes.veto.isna()].reset_index(drop=True)
    shapes = alive.geometry.to_numpy()
    reach = _APART * alive.pixel_m.fillna(0).to_numpy()
    one, other = overlay.pairs(shapes, shapes, reach)
    since = alive.last_without.fillna(alive.before), alive.first_with.fillna(alive.after)
    alike, across = _pieces(alive, one, other, since)
    if not alike.any():
        return changes
    one, other, across = one[alike], other[alike], across[alike]
    act = overlay.linked(one, other, len(alive))
    several = np.bincount(act)[act] > 1
    pieces = alive.assign(last_without=since[0], first_with=since[1], act=act)[several]
    # the largest of each act has it; of equals the first by number
    order = pieces.sort_values(["area_m2", "change_id"], ascending=[False, True])
    whole = order.drop_duplicates("act").set_index("act").sort_index()
    told = pieces.groupby("act")
    whole = whole.assign(
        near_m=told.near_m.min(),
        last_without=told.last_without.min(),
        first_with=told.first_with.max(),
        **{name: told[name].max(skipna=name != "reach_m") for name in _LARGEST},
    )
    rims = _rims(changes, shapes, reach, one[across], other[across])
    parts = np.concatenate([shapes[several], rims])
    of = np.concatenate([act[several], act[one[across]]])
    union = [shapely.union_all(parts[of == number]) for number in whole.index]
    whole = whole.set_geometry(
        gpd.GeoSeries(overlay.areas_only(np.array(union)), whole.index, changes.crs)
    )
    whole = whole.assign(area_m2=ellipsoidal_area_m2(whole.geometry))
    rest = changes[~changes.change_id.isin(pieces.change_id)]
    table = pd.concat([rest, whole.reset_index(drop=True)], ignore_index=True)
    return CHANGES.check(table.sort_values("change_id", ignore_index=True))


def _pieces(
    changes: gpd.GeoDataFrame,
    one: np.ndarray,
    other: np.ndarray,
    since: tuple[pd.Series, pd.Series],
) -> tuple[np.ndarray, np.ndarray]:
    """Whether two that lie so near are pieces of one act, and of unlike earlier scenes.

    since : the last look without each, and the first with it.
    """

    def same(values: pd.Series) -> np.ndarray:
        told = values.to_numpy()
        return told[one] == told[other]

    last, first = (values.to_numpy() for values in since)
    # `C-2XQ-R1-A2` was cut from `C-2XQ`
    origin = changes.change_id.str.split("-").str[:2].str.join("-")
    across = ~same(changes.before_scene)
    alike = (
        (one < other)
        & same(changes.kind)
        & same(changes.after_scene)
        & same(changes.dates.fillna(0).clip(upper=2).astype(int))
        & (np.maximum(last[one], last[other]) < np.minimum(first[one], first[other]))
        & (across | same(origin))
    )
    return alike, across


def _rims(
    changes: gpd.GeoDataFrame,
    shapes: np.ndarray,
    reach: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
) -> np.ndarray:
    """The ground between pieces of unlike earlier scenes, without what was vetoed there."""
    near = [shapely.buffer(shapes[n], reach[n], join_style="mitre") for n in (one, other)]
    pair, half = shapely.union(shapes[one], shapes[other]), np.maximum(reach[one], reach[other]) / 2
    closed = shapely.buffer(
        shapely.buffer(pair, half, join_style="mitre"), -half, join_style="mitre"
    )
    rims = overlay.areas_only(shapely.intersection(closed, shapely.intersection(*near)))
    vetoed = changes.geometry[changes.veto.notna()].to_numpy()
    rim, cut = overlay.pairs(rims, vetoed)
    return overlay.less(rims, rim, vetoed[cut])
