"""Who answers for a place on a day (定人定岗定责).

Every point of coast and sea has exactly one owner on each date. Where the roster leaves
nobody, or names two, `roster_faults` says so; a flag is given to one officer all the same:
to the cell that holds most of it, or else to the nearest.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_SLIVER_M2 = 1_000.0  # cells drawn along one line do not meet to the metre
_DAY = pd.Timedelta(days=1)
_AHEAD = pd.Timedelta(days=31)  # in time to mend the roster


def owned(flags: gpd.GeoDataFrame, duty: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """`flags` with the officer of the grid cell each lies in, in office on the day `on`.

    Of several cells the one with most of the flag counts, then the first by number. Where
    no cell in office reaches it, the nearest does. Without any the owner stays empty.
    """
    cells = serving(duty, on)
    owners = pd.Series(None, index=flags.index, dtype=object)
    if len(cells) and len(flags):
        owners[:] = cells.officer.to_numpy()[_cell_of(flags.geometry, cells)]
    return flags.assign(owner=owners)


def serving(duty: gpd.GeoDataFrame, on: date) -> gpd.GeoDataFrame:
    """Cells in office on the day `on`, by number."""
    day = pd.Timestamp(on)
    valid = (duty.valid_from <= day) & (duty.valid_to.isna() | (duty.valid_to >= day))
    return duty[valid].sort_values("grid_id", ignore_index=True)


def _cell_of(shapes: gpd.GeoSeries, cells: gpd.GeoDataFrame) -> np.ndarray:
    """Position of each shape's cell: most shared area, else least distance, else first."""
    geometry = shapes.to_numpy()
    row, cell = cells.sindex.query(geometry, predicate="intersects")
    shared = shapely.area(shapely.intersection(geometry[row], cells.geometry.to_numpy()[cell]))
    order = np.lexsort((cell, -np.round(shared, 1), row))
    chosen = np.full(len(geometry), -1)
    rows, first = np.unique(row[order], return_index=True)
    chosen[rows] = cell[order][first]
    for lone in np.flatnonzero(chosen < 0):
        chosen[lone] = np.argmin(np.round(shapely.distance(geometry[lone], cells.geometry), 1))
    return chosen


def loads(flags: gpd.GeoDataFrame, duty: gpd.GeoDataFrame, on: date) -> dict[str, int]:
    """Flags that wait for each officer in office on the day `on`; idle officers count too."""
    waiting = flags[flags.status.isin(["new", "open", "unseen"])].owner.value_counts()
    officers = sorted({*serving(duty, on).officer, *waiting.index})
    return {officer: int(waiting.get(officer, 0)) for officer in officers}


def handovers(previous: gpd.GeoDataFrame, flags: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Flags that changed hands since the run before: who had them, who has them now."""
    before = previous.set_index("flag_id").owner.reindex(flags.flag_id).to_numpy()
    moved = pd.notna(before) & flags.owner.notna().to_numpy() & (before != flags.owner.to_numpy())
    return [
        {"flag_id": flag_id, "from": old, "to": new}
        for flag_id, old, new in zip(
            flags.flag_id[moved], before[moved], flags.owner[moved], strict=True
        )
    ]


def roster_faults(duty: gpd.GeoDataFrame, area: shapely.Geometry, on: date) -> list[str]:
    """Places and days on which nobody answers, or two do.

    area : what is supervised, in the roster's CRS (metres).
    on : days from the roster's first to a month after this one are looked at.
    """
    said: list[str] = []
    horizon = pd.Timestamp(on) + _AHEAD
    for first, last in _periods(duty):
        if first > horizon:
            break
        cells = serving(duty, first.date())
        shapes = cells.geometry.to_numpy()
        days = f"from {first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last is not None else " on")
        gap = area.difference(shapely.union_all(shapes))
        if gap.area > _SLIVER_M2:
            point = gap.representative_point()
            said.append(
                f"duty: nobody answers for {gap.area / 1e6:.2f} km² {days}, e.g. at "
                f"({point.x:.0f}, {point.y:.0f}); draw a cell there, or lengthen one's dates"
            )
        one, other = cells.sindex.query(shapes, predicate="intersects")
        one, other = one[one < other], other[one < other]
        shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
        names = cells.grid_id.to_numpy()
        said += [
            f"duty: cells {names[a]} and {names[b]} share {m2 / 1e6:.2f} km² {days}; one place "
            "has one officer: cut one of them, or end it earlier"
            for a, b, m2 in zip(one, other, shared, strict=True)
            if m2 > _SLIVER_M2
        ]
    return said


def _periods(duty: gpd.GeoDataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp | None]]:
    """First and last days between which the roster does not change; the last one is open."""
    starts = sorted({*duty.valid_from, *(duty.valid_to.dropna() + _DAY)})
    lasts = [*(day - _DAY for day in starts[1:]), None]
    return list(zip(starts, lasts, strict=True))
