"""Every square metre of the area of interest, per run: seen, to be patrolled, or out of scope.

What no pair of the run shows clear is ordered to be looked at by drone, boat or on foot,
where it lies near anything that is permitted, protected or drawn; open water far from all
of it is out of scope, and said to be. Nothing is in two states, nothing in none.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import overlay
from .geo import ellipsoidal_area_m2
from .layers import Layers
from .tables import GROUND

STATES = GROUND.column("state").one_of

VALID_COVER = 0.7
"""Share of the ground in scope that a run's scenes must show clear; DOMAIN: valid coverage of a
half-month issue. Below it the run says so."""

_SPECK_M2 = 1.0  # what an overlay leaves along its lines


def scope(layers: Layers, area: shapely.Geometry, within_m: float) -> shapely.Geometry:
    """What of `area` lies within `within_m` of a segment, island, permit or zone; metres."""
    tables = (layers.coastline, layers.islands, layers.permits, layers.zones)
    shapes = [g for table in tables for g in table.geometry]
    if not shapes:
        return area
    near = shapely.buffer(shapes, within_m, quad_segs=4)
    return shapely.union_all(near).intersection(area)


def partition(
    coverage: gpd.GeoDataFrame,
    area: shapely.Geometry,
    inside: shapely.Geometry,
    previous: gpd.GeoDataFrame,
    on: date,
) -> gpd.GeoDataFrame:
    """The GROUND table of a run: a row for each state and day of last sight; no two overlap.

    Parameters
    ----------
    coverage : this run's.
    area, inside : the area of interest, and what of it is in scope (`scope`).
    previous : the ground table of the run before; empty for the first.
    on : day of the run; `days` are counted to it.
    """
    rows: list[tuple[str, pd.Timestamp | None, shapely.Geometry]] = []
    left = area
    clear = coverage[coverage.seen == "yes"]
    days = clear.after.dt.tz_convert(None).dt.normalize()
    for day in sorted(days.unique(), reverse=True):
        shown = overlay.united(clear.geometry[days == day].to_numpy())
        rows.append(("seen", day, left.intersection(shown)))
        left = left.difference(shown)
    ordered = left.intersection(inside)
    known = previous[previous.last_seen.notna()]
    for day in sorted(known.last_seen.unique(), reverse=True):
        then = overlay.united(known.geometry[known.last_seen == day].to_numpy())
        rows.append(("ordered", day, ordered.intersection(then)))
        ordered = ordered.difference(then)
    rows += [("ordered", None, ordered), ("out_of_scope", None, left.difference(inside))]
    return _table(rows, coverage.crs, on)


def _table(rows: list, crs: object, on: date) -> gpd.GeoDataFrame:
    shapes = overlay.areas_only(np.array([shape for *_, shape in rows], object))
    kept = [(*row[:2], shape) for row, shape in zip(rows, shapes, strict=True)]
    kept = [row for row in kept if row[2].area >= _SPECK_M2]
    if not kept:
        return GROUND.empty(crs)
    states, days, areas = zip(*kept, strict=True)
    seen = pd.Series(days, dtype="datetime64[ms]")
    frame = gpd.GeoDataFrame(
        {
            "state": states,
            "last_seen": seen,
            "days": (pd.Timestamp(on) - seen).dt.days.astype("Int64"),
            "area_m2": ellipsoidal_area_m2(gpd.GeoSeries(list(areas), crs=crs)),
        },
        geometry=list(areas),
        crs=crs,
    )
    return GROUND.check(frame)


def cover(ground: gpd.GeoDataFrame, inside: shapely.Geometry) -> dict[str, float | bool | None]:
    """Shares of the ground in scope: seen, and whether that is valid cover; the longest unseen.

    Returns
    -------
    seen_m2, ordered_m2, out_of_scope_m2 : areas on the ellipsoid; together the whole area.
    share : seen of what is in scope (`inside`), 0-1; None where nothing is in scope.
    valid : whether `share` reaches `VALID_COVER`.
    longest_days : days since the ground longest unseen was last seen; None where none is known.
    never_m2 : ground in scope that no run has seen yet.
    """
    by_state = ground.groupby("state").area_m2.sum()
    seen = overlay.united(ground.geometry[ground.state == "seen"].to_numpy())
    share = seen.intersection(inside).area / inside.area if inside.area > 0 else None
    waiting = ground[ground.state == "ordered"]
    longest = waiting.days.max()
    return {
        **{f"{name}_m2": round(float(by_state.get(name, 0.0))) for name in STATES},
        "share": None if share is None else round(share, 4),
        "valid": share is not None and share >= VALID_COVER,
        "longest_days": None if pd.isna(longest) else int(longest),
        "never_m2": round(float(waiting.area_m2[waiting.last_seen.isna()].sum())),
    }
