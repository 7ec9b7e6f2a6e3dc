"""One act told in pieces, as one change.

The edge of the reference's clouds parts an act: its own reference tells of the one piece, another
of the rest. And what the tide explains may be cut out of its middle. Both would raise a flag for
each piece, and another one whenever the pieces lie otherwise.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from .. import overlay
from ..geo import ellipsoidal_area_m2
from ..tables import CHANGES

_APART = 1.5  # pixels between two pieces: unseen ground is counted in cells, a pixel off the known


def joined(changes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`changes` with the pieces of each act as one: one that need not wait, or the largest.

    That takes in the others. Pieces are of one kind and one later scene, no farther apart than a
    pixel and a half, and either of unlike earlier scenes or cut from one change. What was vetoed
    stays as it is, and what was seen on one day alone is no piece of what lasts: it may be gone
    tomorrow.
    """
    alive = changes[changes.veto.isna()].reset_index(drop=True)
    shapes = alive.geometry.to_numpy()
    reach = _APART * alive.pixel_m.fillna(0).to_numpy()
    one, other = overlay.pairs(shapes, shapes, reach)
    alike = (one != other) & _same(alive, one, other)
    if not alike.any():
        return changes
    edges = (one[alike], other[alike])
    graph = scipy.sparse.coo_array((np.ones(len(edges[0])), edges), (len(alive), len(alive)))
    _, act = scipy.sparse.csgraph.connected_components(graph, directed=False)
    # what need not wait for another day (`looks.hold`) has the act, then what is largest
    waits = alive.dates.notna().to_numpy()
    order = np.lexsort((alive.change_id.to_numpy(str), -alive.area_m2.to_numpy(), waits, act))
    first = order[np.unique(act[order], return_index=True)[1]]
    several = np.flatnonzero(np.bincount(act) > 1)
    whole = alive.iloc[first[several]]
    parts = [np.flatnonzero(act == number) for number in several]
    whole = whole.set_geometry(
        gpd.GeoSeries(
            [_whole(shapes[rows], reach[rows].max()) for rows in parts], whole.index, alive.crs
        )
    )
    whole = whole.assign(
        area_m2=ellipsoidal_area_m2(whole.geometry),
        score=[alive.score.iloc[rows].max() for rows in parts],
        near_m=[alive.near_m.iloc[rows].min() for rows in parts],
        reach_m=[alive.reach_m.iloc[rows].max(skipna=False) for rows in parts],
    )
    taken = alive.change_id.iloc[np.concatenate(parts)]
    table = pd.concat([changes[~changes.change_id.isin(taken)], whole], ignore_index=True)
    return CHANGES.check(table.sort_values("change_id", ignore_index=True))


def _same(changes: gpd.GeoDataFrame, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether two can be pieces of one act, wherever they lie."""
    told = pd.DataFrame(
        {
            "kind": changes.kind,
            "scene": changes.after_scene,
            "lasting": (changes.dates.fillna(1) > 1).astype(bool),
            "reference": changes.before_scene,
            # `C-2XQ-R1-A2` was cut from `C-2XQ`
            "origin": changes.change_id.str.split("-").str[:2].str.join("-"),
        }
    )
    same = {
        name: values.to_numpy()[one] == values.to_numpy()[other] for name, values in told.items()
    }
    act = same["kind"] & same["scene"] & same["lasting"]
    return act & (~same["reference"] | same["origin"])


def _whole(parts: np.ndarray, reach: float) -> shapely.Geometry:
    """The parts together, and the ground between any two of them."""
    near = shapely.buffer(parts, reach, join_style="mitre")
    both = [
        shapely.intersection(near[n], shapely.union_all(np.delete(near, n)))
        for n in range(len(parts))
    ]
    together = shapely.union_all(parts)
    closed = shapely.buffer(together, reach / 2, join_style="mitre")
    closed = shapely.buffer(closed, -reach / 2, join_style="mitre")
    between = shapely.intersection(closed, shapely.union_all(both))
    return overlay.areas_only(np.array([shapely.union(together, between)]))[0]
