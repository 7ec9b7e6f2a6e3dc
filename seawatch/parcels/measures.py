"""Rings measured: areas on their meridian, against what was published, against each other."""

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from .. import areas, geo
from .notices import Notice
from .outlines import Ring
from .positions import Given
from .remarks import Remark, assumed, fault, notice

SURVEY_SIGMA_M = 0.1
"""Survey error of a corner where nothing is said, one standard deviation, m (assumed)."""


def number(text: str) -> float | None:
    """A published area as a number, None where there is none."""
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:
        return None


def measured(
    rings: list[Ring], given: Given, by: str, sigma_m: float | None
) -> tuple[gpd.GeoDataFrame | None, list[Remark]]:
    """A notice's rings with their areas on one meridian."""
    shapes = gpd.GeoSeries([r.shape for r in rings], crs=given.crs)
    published = [None if (n := number(r.published)) is None else n * r.unit_ha for r in rings]
    columns = {
        "notice": [r.notice for r in rings],
        "name": [r.name for r in rings],
        "use": [r.use for r in rings],
        "ring": [r.text for r in rings],
        "points": [r.points for r in rings],
        "published_ha": pd.Series(published, dtype="float64"),
    }
    written = np.array([areas.quantisation_m(*r.steps) for r in rings])
    frame, said = _on_meridian(columns, shapes, given.meridian, by, sigma_m, written)
    return frame, said + (list(_against_published(rings, frame)) if frame is not None else [])


def _on_meridian(
    columns: dict[str, Any],
    shapes: gpd.GeoSeries,
    meridian: float | None,
    by: str,
    sigma_m: float | None,
    written_m: np.ndarray,
) -> tuple[gpd.GeoDataFrame | None, list[Remark]]:
    """Shapes with their measures on one meridian, the nearest where none is named."""
    said: list[Remark] = []
    if meridian is None:
        meridian, by = areas.nearest_meridian(shapes), "nearest"
        said.append(assumed("nearest_meridian", meridian=meridian))
    if (away := areas.off_meridian(shapes, meridian)) > areas.FARTHEST_DEGREES:
        return None, [fault("far_meridian", meridian=meridian, degrees=away)]
    if sigma_m is None:
        said.append(assumed("survey_sigma", sigma=SURVEY_SIGMA_M))
    sigma = np.hypot(SURVEY_SIGMA_M if sigma_m is None else sigma_m, written_m)
    measured = areas.measure(shapes, meridian, sigma)
    frame = gpd.GeoDataFrame(
        {**columns, "meridian_by": by, "sigma_m": sigma, **measured}, geometry=shapes
    )
    return frame, [*said, *_overlaps(frame)]


def _against_published(rings: list[Ring], frame: gpd.GeoDataFrame) -> Iterator[Remark]:
    """Where the published area is not that of the published corners."""
    for ring, row in zip(rings, frame.itertuples(), strict=True):
        if not np.isfinite(row.published_ha) or row.published_ha <= 0:
            continue
        computed, sigma = row.plane_area_m2 / 1e4, row.area_sigma_m2 / 1e4
        decimals = len(ring.published.partition(".")[2]) if ring.unit_ha == 1 else 4
        digit = 10.0**-decimals
        digits = round((round(computed, decimals) - row.published_ha) / digit)
        if digits == 0:
            continue
        values = {
            "name": ring.name,
            "published": ring.published if ring.unit_ha == 1 else f"{row.published_ha:.4f}",
            "computed": computed,
            "sigma": sigma,
        }
        if abs(row.published_ha - computed) <= digit / 2 + 2 * sigma:
            yield notice("published_last_digit", exact=computed, digits=digits, **values)
        else:
            difference = row.published_ha - computed
            yield notice("published_off", difference=difference, **values | {"sigma": 2 * sigma})


def totals(one: Notice, frame: gpd.GeoDataFrame) -> Iterator[Remark]:
    """Where a total that a line names is not the sum of the units."""
    for fact in one.facts:
        if "total" in fact:
            text, unit = fact["total"]
            computed = frame.plane_area_m2.sum() / 1e4
            if abs(float(text) * unit - computed) > 0.00015 + 2e-4 * frame.area_sigma_m2.max():
                said = f"{float(text) * unit:.4f}"
                yield notice("total_off", published=said, computed=computed)


def _overlaps(frame: gpd.GeoDataFrame) -> Iterator[Remark]:
    """Units that overlap: slivers of transcription are told, not hidden."""
    plane = gpd.GeoSeries(geo.on_meridian(frame.geometry, frame.meridian), index=frame.index)
    one, other = plane.sindex.query(plane, predicate="overlaps")
    for a, b in zip(one[one < other], other[one < other], strict=True):
        shared = plane.iloc[a].intersection(plane.iloc[b])
        width = 2 * shapely.maximum_inscribed_circle(shared).length if shared.area else 0.0
        if shared.area < 1e-4:
            continue
        error = geo.tolerance_m(float(frame.sigma_m.iloc[a]), float(frame.sigma_m.iloc[b]))
        verdict = "≤" if width <= error else ">"
        text = f"{verdict} {error:.2f} m (k = 2)"
        names = {"one": frame["name"].iloc[a], "other": frame["name"].iloc[b]}
        yield notice("overlap", area=shared.area, width=width, verdict=text, **names)


def of_shapes(
    frame: gpd.GeoDataFrame, meridian: float | None, sigma_m: float | None
) -> tuple[gpd.GeoDataFrame | None, list[Remark]]:
    """Polygons that come from elsewhere, measured; None where they cannot be."""
    shapes = frame.geometry.to_crs(CRS(frame.crs).geodetic_crs).reset_index(drop=True)
    wide = shapes.bounds.maxx - shapes.bounds.minx > 180
    flat = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    wrong = [fault("antimeridian", name=f"{row + 1}") for row in np.flatnonzero(wide)]
    wrong += [fault("no_area", name=f"{row + 1}") for row in np.flatnonzero(~flat)]
    if wrong or shapes.empty:
        return None, wrong or [fault("no_area", name="")]
    columns = {
        "notice": 1,
        "name": _column(frame, "name", "permit_id"),
        "use": _column(frame, "use", "use_mode"),
        "ring": "",
        "points": _corners(shapes),
        "published_ha": np.nan,
    }
    return _on_meridian(columns, shapes, meridian, "given", sigma_m, np.zeros(len(shapes)))


def _column(frame: gpd.GeoDataFrame, *names: str) -> list[str]:
    """The first of the columns that is there, as text; rows are numbered where it is empty."""
    found = next((frame[name] for name in names if name in frame), None)
    texts = [""] * len(frame) if found is None else ["" if pd.isna(v) else str(v) for v in found]
    return [text or (f"{row + 1}" if "name" in names else "") for row, text in enumerate(texts)]


def _corners(shapes: gpd.GeoSeries) -> np.ndarray:
    """How many corners each shape has: each ring repeats its first."""
    _, of = shapely.get_rings(shapely.get_parts(shapes.to_numpy()), return_index=True)
    _, part_of = shapely.get_parts(shapes.to_numpy(), return_index=True)
    rings = np.bincount(part_of[of], minlength=len(shapes))
    return shapely.get_num_coordinates(shapes.to_numpy()) - rings


def no_rings(crs: str) -> gpd.GeoDataFrame:
    """A table of nothing, with its columns."""
    columns = ["notice", "name", "use", "ring", "points", "published_ha", "meridian_by", "sigma_m"]
    columns += ["meridian", "plane_area_m2", "ellipsoidal_area_m2", "difference_m2"]
    columns += ["area_sigma_m2", "plane_length_m", "geodesic_length_m"]
    return gpd.GeoDataFrame({c: [] for c in columns}, geometry=gpd.GeoSeries([], crs=crs))
