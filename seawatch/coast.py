"""The coast in metres: what a change occupies of it, and how much of it is natural still.

Everything is measured on the official line (`baseline`); a satellite waterline only tells
where the line is cut.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .baseline import Baseline, around, baseline_of, locate, merged, stretches
from .geo import tolerance_m
from .tables import NATURAL

CLOSING = ("land_gained", "enclosed")
"""Kinds that shut the sea out: between two places where one meets the shore, all is cut off."""

_STEP_M = 5.0  # at least, between points that tell how far along the line a change reaches
_COLUMNS = {
    "row": "int64",
    "segment": "int64",
    "from_m": "float64",
    "to_m": "float64",
    "coast_m": "float64",
    "sigma_m": "float64",
}


def retention(coastline: gpd.GeoDataFrame) -> pd.DataFrame:
    """How much of each survey's coast is natural, restored coast with it.

    Returns
    -------
    One row a `baseline`, by its name: `segments`, `all_m`, `natural_m`, `restored_m` (part of
        the natural), geodesic, and `retention` = natural ÷ all, 0-1.
    """
    rows = []
    for name, segments in coastline.groupby("baseline", sort=True):
        length = baseline_of(segments).lengths_m
        natural = length[segments.kind.isin(NATURAL)].sum()
        rows.append(
            {
                "baseline": name,
                "segments": len(segments),
                "all_m": length.sum(),
                "natural_m": natural,
                "restored_m": length[segments.kind == "restored"].sum(),
                "retention": natural / length.sum(),
            }
        )
    return pd.DataFrame(
        rows, columns=["baseline", "segments", "all_m", "natural_m", "restored_m", "retention"]
    )


def occupied(
    changes: gpd.GeoDataFrame,
    coastline: gpd.GeoDataFrame,
    foreshore_m: pd.Series,
    lines: Mapping[str, Baseline] | None = None,
) -> pd.DataFrame:
    """The stretches of official coast that lie in a change, or are cut off by it from the sea.

    A change meets the coast where it crosses the line, and where it lies as near as its nearest
    part, give or take its position error: an outline from an image wavers about the line it
    follows. It may stand as far out as the foreshore: a dry beach between the line and the
    water of the image is no sea. What shuts the sea out (`CLOSING`) takes all between the
    first and the last place where it meets the shore; anything else takes each place by
    itself. Of an island's shore the longest stretch that is not met is the one left open.

    Parameters
    ----------
    changes : `kind`, `sigma_m`; projected CRS, as the coastline.
    foreshore_m : by segment, how far the water of an image may lie off the line.
    lines : the coastline measured, by survey, where that has been done (`Layers.lines`).

    Returns
    -------
    One row a stretch: `row` and `segment` (labels of changes and coastline), `from_m`,
        `to_m` along the segment, `coast_m`, and `sigma_m`: each end that the change's outline
        sets errs by the change's own error, alone; official ends do not.
    """
    found = []
    for name, segments in coastline.groupby("baseline", sort=True):
        line = None if lines is None else lines[str(name)]
        found.append(_on_one(changes, segments, foreshore_m.reindex(segments.index), line))
    filled = [part for part in found if len(part)]
    if not filled:
        return _nothing()
    return pd.concat(filled, ignore_index=True)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_COLUMNS)).astype(_COLUMNS)


def _on_one(
    changes: gpd.GeoDataFrame,
    segments: gpd.GeoDataFrame,
    foreshore_m: pd.Series,
    line: Baseline | None = None,
) -> pd.DataFrame:
    """`occupied` on the line of one survey."""
    beyond = foreshore_m.max() + tolerance_m(changes.sigma_m)
    near = segments.sindex.query(changes.geometry, predicate="dwithin", distance=beyond)[0]
    if not len(near):
        return _nothing()
    near = np.unique(near)
    line = baseline_of(segments) if line is None else line
    parts, part_row = shapely.get_parts(changes.geometry.to_numpy()[near], return_index=True)
    row = near[part_row]
    sigma = changes.sigma_m.to_numpy()[row]
    closing = changes.kind.isin(CLOSING).to_numpy()[row]
    enclosed = (changes.kind == "enclosed").to_numpy()[row]
    part, edge, depth = _reached(parts, line, foreshore_m.to_numpy(), sigma, closing, enclosed)
    met = _met(parts, line, part, edge, depth)
    if met.empty:
        return _nothing()
    met["place"] = np.where(closing[met.part], -1, met.place)
    spans = _spans(line, met)
    held = stretches(line, spans.start_m.to_numpy(), spans.stop_m.to_numpy())
    held["row"] = row[spans.part.to_numpy()[held.stretch]]
    held = merged(held)
    length = line.lengths_m.to_numpy()[held.segment]
    # an end on an official end was set by nobody's outline
    ends = (held.from_m > 1e-6).astype(int) + (held.to_m < length - 1e-6).astype(int)
    position = changes.sigma_m.to_numpy()[held.row]
    return held.assign(
        coast_m=held.to_m - held.from_m,
        sigma_m=np.sqrt(ends) * position,
        row=changes.index[held.row],
        segment=segments.index[held.segment],
    )[list(_COLUMNS)]


def _reached(
    parts: np.ndarray,
    line: Baseline,
    foreshore_m: np.ndarray,
    sigma: np.ndarray,
    closing: np.ndarray,
    enclosed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parts of changes and the edges each meets, and how deep it does, m, by part.

    New land wavers about the shore that it follows by twice its error; of what only leans on
    the shore, as a pier, once is enough. Water that a detector saw shut off lies behind its
    barrier wherever the shore is: all of it counts that the foreshore reaches.
    """
    tolerance = np.asarray(tolerance_m(sigma))
    reach = tolerance + foreshore_m.max(initial=0)
    part, edge = line.tree.query(parts, predicate="dwithin", distance=reach)
    away = shapely.distance(parts[part], line.edges[edge])
    ashore = away <= tolerance[part] + foreshore_m[line.segment[edge]]
    part, edge, away = part[ashore], edge[ashore], away[ashore]
    nearest = np.full(len(parts), np.inf)
    np.minimum.at(nearest, part, away)
    # an error of zero would leave no width to look in
    waver = np.maximum(np.where(closing, tolerance, sigma), 0.01)
    depth = np.where(enclosed, reach, nearest + waver)
    met = away <= depth[part]
    return part[met], edge[met], depth


def _met(
    parts: np.ndarray,
    line: Baseline,
    part: np.ndarray,
    edge: np.ndarray,
    depth: np.ndarray,
) -> pd.DataFrame:
    """Points of the axis where each part of a change meets the line: `part`, `place`, `axis_m`.

    A place is one piece of the change along the line, as deep as it is looked at; its outline
    is carried over to the line.
    """
    order = np.lexsort((edge, part))
    part, edge = part[order], edge[order]
    mine, group = np.unique(part, return_inverse=True)
    if not len(mine):
        return pd.DataFrame({"part": [], "place": [], "chain": [], "axis_m": []})
    local = shapely.multilinestrings(line.edges[edge], indices=group)
    strip = shapely.buffer(local, depth[mine], quad_segs=4)
    pieces, owner = shapely.get_parts(shapely.intersection(parts[mine], strip), return_index=True)
    flat = shapely.area(pieces) > 0
    pieces, owner = pieces[flat], owner[flat]
    # no finer than the outline is known; along a bend the nearest place lies between corners
    step = np.maximum(depth[mine[owner]], _STEP_M)
    outline = shapely.segmentize(shapely.boundary(pieces), step)
    points, place = shapely.get_coordinates(outline, return_index=True)
    at = locate(line, points)
    place = place[at.point]
    return at.assign(place=place, part=mine[owner[place]])[["part", "place", "chain", "axis_m"]]


def _spans(line: Baseline, met: pd.DataFrame) -> pd.DataFrame:
    """From the first to the last point of each place: `part`, `start_m`, `stop_m` on the axis."""
    keys = ["part", "place", "chain"]
    ends = met.groupby(keys, as_index=False).axis_m.agg(start_m="min", stop_m="max")
    ring = line.rings[ends.chain.to_numpy()]
    looped = [
        around(group.axis_m.to_numpy(), *line.chain_span(chain)).assign(part=part)
        for (part, _, chain), group in met[line.rings[met.chain.to_numpy()]].groupby(keys)
    ]
    spans = pd.concat([ends[~ring], *looped], ignore_index=True)
    return spans[spans.stop_m > spans.start_m][["part", "start_m", "stop_m"]]
