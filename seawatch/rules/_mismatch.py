"""Whether the register, and not the sea, may be wrong: a permit whose own works lie beside it.

Works that no right covers may be those of a permit that was put down in the wrong place. Each
known mistake (`misplacements`) says where the permit would then stand; where one in force
stands there, allows the works, is empty, and lies on them once it is moved back, the finding
says so: kind and detail of the mistake, the shift, and how much of both is common before and
after (intersection over union). It stays a finding: the shift explains, it does not settle.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from .. import overlay
from ..geo import tolerance_m
from ..layers import Layers
from ..misplacements import misplacements
from ..rights import FILL, in_force, lawful
from ._corner import corners, iou
from ._standing import WORKS

RULES = ("fill_no_permit", "enclosed_no_permit", "no_permit", "beyond_permit", "use_changed")
MODES = (*FILL, "21", "22", "23", "31", "32", "33", "51", "52")
ALIKE = (0.67, 1.5)
"""Least and most area of the works over that of the permit."""
FITS, BETTER = 0.75, 0.3
"""Least of both that is common after the shift, and how much more than before it."""
_EMPTY = 0.1  # share of the permit that other changes may take
_NEAREST = 3  # permits looked at where one should stand


def mismatches(
    found: gpd.GeoDataFrame, changes: gpd.GeoDataFrame, layers: Layers, on: date
) -> pd.Series:
    """What would explain each finding by the register, as a dict; None for most."""
    result = pd.Series([None] * len(found), index=found.index, dtype=object)
    asked = found.rule.isin(RULES) & found.kind.isin(WORKS)
    permits = in_force(layers.permits, on)
    permits = permits[permits.use_mode.isin(MODES)]
    if not asked.any() or permits.empty:
        return result
    rows = pd.Index(changes.change_id).get_indexer(found.change_id[asked])
    works = changes.iloc[rows].reset_index(drop=True)
    hits = _moved(works, permits, changes)
    hits = pd.concat([hits, corners(works, permits)], ignore_index=True)
    hits = hits.sort_values(["iou_after", "order"], ascending=[False, True])
    hits = hits.drop_duplicates("work").set_index("work").drop(columns="order")
    at = np.flatnonzero(asked)
    for work, told in zip(hits.index, hits.to_dict("records"), strict=True):
        result.iat[at[work]] = told
    return result


def _moved(
    works: gpd.GeoDataFrame, permits: gpd.GeoDataFrame, changes: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Works that lie on a permit once it is moved back by a known mistake."""
    shapes, parcels = works.geometry.to_numpy(), permits.geometry.to_numpy()
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    stands = shapely.get_coordinates(shapely.centroid(parcels))
    size, parcel = shapely.area(shapes), shapely.area(parcels)
    tree = scipy.spatial.cKDTree(stands)
    near = np.asarray(tolerance_m(works.position_m.to_numpy())) + 0.1 * size**0.5
    tables = []
    mistakes = misplacements(centre[:, 0], centre[:, 1], works.crs)
    for order, mistake in enumerate(mistakes):
        shift = np.column_stack([mistake.dx_m, mistake.dy_m])
        radius = near + 3 * mistake.slack_m
        farthest = float(radius.max())
        away, permit = tree.query(centre + shift, k=_NEAREST, distance_upper_bound=farthest)
        work, rank = np.nonzero((away <= radius[:, None]) & (permit < len(parcels)))
        permit = permit[work, rank]
        ratio = size[work] / parcel[permit]
        alike = (ratio >= ALIKE[0]) & (ratio <= ALIKE[1])
        work, permit = work[alike], permit[alike]
        seen = stands[permit] - centre[work]
        by = seen if mistake.slack_m > 1 else shift[work]
        tables.append(
            pd.DataFrame(
                {
                    "work": work,
                    "permit": permit,
                    "kind": mistake.kind,
                    "detail": mistake.detail,
                    "dx_m": by[:, 0],
                    "dy_m": by[:, 1],
                    "order": order,
                }
            )
        )
    return _fitting(pd.concat(tables, ignore_index=True), works, permits, changes)


def _fitting(
    table: pd.DataFrame,
    works: gpd.GeoDataFrame,
    permits: gpd.GeoDataFrame,
    changes: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Of works and permits, those that fit once moved and that nothing speaks against."""
    work, permit = table.work.to_numpy(), table.permit.to_numpy()
    may = lawful(works, permits, work, permit)
    table, work, permit = table[may], work[may], permit[may]
    shapes, parcels = works.geometry.to_numpy()[work], permits.geometry.to_numpy()[permit]
    by = table[["dx_m", "dy_m"]].to_numpy()
    table = table.assign(
        permit_id=permits.permit_id.to_numpy()[permit],
        iou_before=iou(shapes, parcels),
        iou_after=iou(shapes, _translated(parcels, -by)),
    )
    keep = (table.iou_after >= FITS) & (table.iou_after - table.iou_before >= BETTER)
    table = table[keep]
    empty = _empty(parcels[keep], works.change_id.to_numpy()[table.work], changes)
    names = ["dx_m", "dy_m", "iou_before", "iou_after"]
    return table[empty].drop(columns="permit").round(dict.fromkeys(names, 2))


def _empty(parcels: np.ndarray, own: np.ndarray, changes: gpd.GeoDataFrame) -> np.ndarray:
    """Whether no change but the works themselves stands in each parcel."""
    parcel, change = overlay.pairs(parcels, changes.geometry.to_numpy())
    other = changes.change_id.to_numpy()[change] != own[parcel]
    parcel, change = parcel[other], change[other]
    shared = overlay.shared_m2(changes.geometry.to_numpy()[change], parcels[parcel])
    taken = np.bincount(parcel, shared, minlength=len(parcels))
    return taken < _EMPTY * shapely.area(parcels)


def _translated(shapes: np.ndarray, by: np.ndarray) -> np.ndarray:
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), points + by[shape])
