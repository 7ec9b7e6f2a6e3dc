"""Parcels from tables of corner points (界址点): rings, their areas, and what was assumed.

Rings are those a table of rings names; where there is none, the points in their order, a
ring ending where its first point comes again. Nothing is mended: an outline that crosses
itself, or a point that is missing, is a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from .. import geo
from . import measures
from .headings import DATUMS
from .notices import Notice
from .outlines import Ring, drawn
from .positions import Given, with_notation
from .remarks import Remark, assumed, fault, notice


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
        told = meridian if meridian is not None else declared
        given = Given(crs, told, notation, declared=meridian is None)
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
            frame, remarks_here = measures.measured(rings, given, by, sigma_m)
            frames += [frame] if frame is not None else []
            said += remarks_here
            said += measures.totals(one, frame) if frame is not None else []
    if not any(table.points for one in notices for table in one.tables):
        said.append(fault("no_points"))
    table = pd.concat(frames, ignore_index=True) if frames else measures.no_rings(crs)
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
    told = [r for r in rings if measures.number(r.published) is not None]
    if not told:
        return False
    shapes = gpd.GeoSeries([r.shape for r in told], crs=given.crs)
    published = np.array([(measures.number(r.published) or 0) * r.unit_ha * 1e4 for r in told])
    return bool(np.allclose(geo.ellipsoidal_area_m2(shapes), published, rtol=0.01))


def measured_shapes(
    frame: gpd.GeoDataFrame, *, meridian: float | None = None, sigma_m: float | None = None
) -> ParcelTable:
    """The same facts of polygons that come from elsewhere; their corners err by `sigma_m`.

    Names are taken from a column ``name`` or ``permit_id``, uses from ``use`` or ``use_mode``.
    """
    rings, remarks = measures.of_shapes(frame, meridian, sigma_m)
    return ParcelTable(
        measures.no_rings(str(frame.crs)) if rings is None else rings, tuple(remarks)
    )
