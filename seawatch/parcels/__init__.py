"""Parcels from tables of corner points (界址点): rings, their areas, and what was assumed.

Rings are those a table of rings names; where there is none, the points in their order, a
ring ending where its first point comes again. Nothing is mended: an outline that crosses
itself, or a point that is missing, is a fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import areas, geo
from .headings import DATUMS
from .notices import Notice
from .outlines import Ring, drawn
from .positions import Given, with_notation
from .remarks import Remark, assumed, fault, notice

SURVEY_SIGMA_M = 0.1
"""Survey error of a corner where nothing is said, one standard deviation, m (assumed)."""


@dataclass(frozen=True)
class ParcelTable:
    """What a table of corner points describes.

    Attributes
    ----------
    rings : one row a ring of the table (a unit, with its holes): ``notice`` (1, 2 …),
        ``name``, ``use``, ``ring``, ``points``, ``published_ha``, ``meridian`` and
        ``meridian_by`` (given, declared, nearest), ``sigma_m`` of a corner, the columns of
        `areas.measure`; longitude and latitude of the table's datum.
    remarks : what was assumed, what should be known, what is wrong.
    """

    rings: gpd.GeoDataFrame
    remarks: tuple[Remark, ...]

    def said(self, kind: str, language: str = "en") -> list[str]:
        """Sentences of one kind: assumed, notice or fault."""
        return list(dict.fromkeys(r.text(language) for r in self.remarks if r.kind == kind))


def parcels_of(
    notices: Sequence[Notice],
    remarks: Sequence[Remark] = (),
    *,
    meridian: float | None = None,
    notation: str | None = None,
    sigma_m: float | None = None,
) -> ParcelTable:
    """The parcels of a file's notices.

    Parameters
    ----------
    meridian : of the areas, and of plane coordinates without a zone; degrees east.
    notation : packed or decimal, where bare degrees could be either.
    sigma_m : survey error of a corner, one standard deviation.
    """
    said = list(remarks)
    crs, by_datum = _datum(notices)
    said += by_datum
    frames = []
    for number, one in enumerate(notices, 1):
        declared, wrong = _declared_meridian(one, notices)
        given = Given(crs, meridian if meridian is not None else declared, notation)
        rings, remarks_here = _rings(number, one, given)
        said += [*wrong, *remarks_here]
        if rings:
            by = (
                "given"
                if meridian is not None
                else "declared"
                if declared is not None
                else "nearest"
            )
            frame, remarks_here = _measured(rings, given, by, sigma_m)
            frames += [frame] if frame is not None else []
            said += remarks_here
            said += _totals(one, frame) if frame is not None else []
    if not any(table.points for one in notices for table in one.tables):
        said.append(fault("no_points"))
    table = pd.concat(frames, ignore_index=True) if frames else _no_rings(crs)
    return ParcelTable(table, tuple(said))


def _datum(notices: Sequence[Notice]) -> tuple[str, list[Remark]]:
    named = {str(f["datum"]) for one in notices for f in one.facts if "datum" in f}
    if len(named) > 1:
        return DATUMS["CGCS2000"], [fault("datums", datums=", ".join(sorted(named)))]
    if not named:
        return DATUMS["CGCS2000"], [assumed("datum")]
    datum = named.pop()
    other = [] if datum == "CGCS2000" else [notice("other_datum", datum=datum)]
    return DATUMS[datum], other


def _declared_meridian(one: Notice, notices: Sequence[Notice]) -> tuple[float | None, list[Remark]]:
    """The central meridian a notice's lines name; another notice's where it is the only one."""
    for facts in ([one.facts], [n.facts for n in notices]):
        rows = [row for group in facts for row in group]
        width = next((row["width"] for row in rows if "width" in row), 3)
        named = {float(row["meridian"]) for row in rows if "meridian" in row}
        named |= {
            row["zone"] * 6.0 - 3 if width == 6 else row["zone"] * 3.0
            for row in rows
            if "zone" in row
        }
        if len(named) == 1:
            return named.pop(), []
        if named and len(facts) == 1:
            text = ", ".join(f"{m:g}°" for m in sorted(named))
            return None, [fault("meridians", meridians=text)]
    return None, []


def _rings(number: int, one: Notice, given: Given) -> tuple[list[Ring], list[Remark]]:
    """A notice's rings; bare degrees that could be two things by the areas it publishes."""
    rings, said = drawn(number, one, given)
    if not any(r.key == "notation" for r in said):
        return rings, said
    fitting = []
    for notation in ("decimal", "packed"):
        tried, tried_said = drawn(number, one, with_notation(given, notation))
        if tried and all(r.kind != "fault" for r in tried_said) and _as_published(tried, given):
            why = "published area"
            fitting.append((tried, [_because(r, why) for r in tried_said]))
    return fitting[0] if len(fitting) == 1 else (rings, said)


def _because(remark: Remark, why: str) -> Remark:
    if remark.key not in ("decimal", "packed"):
        return remark
    return Remark(remark.kind, remark.key, (*remark.values, ("why", why)))


def _as_published(rings: list[Ring], given: Given) -> bool:
    """Whether areas are published and all come out within a hundredth."""
    told = [r for r in rings if _number(r.published) is not None]
    if not told:
        return False
    shapes = gpd.GeoSeries([r.shape for r in told], crs=given.crs)
    published = np.array([(_number(r.published) or 0) * r.unit_ha * 1e4 for r in told])
    return bool(np.allclose(geo.ellipsoidal_area_m2(shapes), published, rtol=0.01))


# measures


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:
        return None


def _measured(
    rings: list[Ring], given: Given, by: str, sigma_m: float | None
) -> tuple[gpd.GeoDataFrame | None, list[Remark]]:
    """A notice's rings with their areas on one meridian."""
    said: list[Remark] = []
    shapes = gpd.GeoSeries([r.shape for r in rings], crs=given.crs)
    meridian = given.meridian
    if meridian is None:
        meridian = areas.nearest_meridian(shapes)
        said.append(assumed("nearest_meridian", meridian=meridian))
    away = areas.off_meridian(shapes, meridian)
    if away > areas.FARTHEST_DEGREES:
        return None, [fault("far_meridian", meridian=meridian, degrees=away)]
    if sigma_m is None:
        said.append(assumed("survey_sigma", sigma=SURVEY_SIGMA_M))
    survey = SURVEY_SIGMA_M if sigma_m is None else sigma_m
    written = [areas.quantisation_m(*r.steps) for r in rings]
    sigma = pd.Series(np.hypot(survey, written))
    published = [None if (n := _number(r.published)) is None else n * r.unit_ha for r in rings]
    frame = gpd.GeoDataFrame(
        {
            "notice": [r.notice for r in rings],
            "name": [r.name for r in rings],
            "use": [r.use for r in rings],
            "ring": [r.text for r in rings],
            "points": [r.points for r in rings],
            "published_ha": pd.Series(published, dtype="float64"),
            "meridian_by": by,
            "sigma_m": sigma,
            **areas.measure(shapes, meridian, sigma),
        },
        geometry=shapes,
        crs=given.crs,
    )
    return frame, [*said, *_against_published(rings, frame), *_overlaps(frame)]


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


def _totals(one: Notice, frame: gpd.GeoDataFrame) -> Iterator[Remark]:
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


def _no_rings(crs: str) -> gpd.GeoDataFrame:
    columns = ["notice", "name", "use", "ring", "points", "published_ha", "meridian_by", "sigma_m"]
    columns += ["meridian", "plane_area_m2", "ellipsoidal_area_m2", "difference_m2"]
    columns += ["area_sigma_m2", "plane_length_m", "geodesic_length_m"]
    return gpd.GeoDataFrame({c: [] for c in columns}, geometry=gpd.GeoSeries([], crs=crs))
