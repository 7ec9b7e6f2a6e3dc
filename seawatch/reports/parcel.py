"""What a table of corner points describes, for a terminal and for machines."""

from typing import Any

import pandas as pd
import shapely

from ..parcels import ParcelTable
from ..parcels.coordinates import written

_WORDS = {
    "points": ("界址点 {n} 个", "{n} points"),
    "plane": (
        "平面面积 {ha:.4f} ± {sigma:.4f} 公顷（中央经线 {meridian:g}°，{by}）",
        "plane {ha:.4f} ± {sigma:.4f} ha (central meridian {meridian:g}°, {by})",
    ),
    "ellipsoid": (
        "椭球面积 {ha:.4f} 公顷（平面减椭球 {difference:+.1f} m²）",
        "ellipsoid {ha:.4f} ha (plane less ellipsoid {difference:+.1f} m²)",
    ),
    "outline": (
        "周长 {plane:.1f} m（平面），{geodesic:.1f} m（大地线）",
        "outline {plane:.1f} m on the plane, {geodesic:.1f} m geodesic",
    ),
    "sigma": (
        "界址点中误差 {sigma:.3f} m（书写末位与测量）",
        "corners err by {sigma:.3f} m (last digit and survey)",
    ),
    "published": ("公布面积 {ha:.4f} 公顷", "published {ha:.4f} ha"),
    "total": ("合计 {ha:.4f} 公顷（平面）", "together {ha:.4f} ha on the plane"),
    "given": ("按指定", "as told"),
    "declared": ("文件所写", "as the file says"),
    "nearest": ("距中心最近的 0.5° 倍数", "the multiple of 0.5° nearest the centre"),
    "assumed": ("假定：", "assumed: "),
    "notice": ("注意：", "note: "),
    "fault": ("错误：", "fault: "),
}


def _word(key: str, language: str, **values: Any) -> str:
    return _WORDS[key][language == "en"].format(**values)


def lines(table: ParcelTable, language: str) -> list[str]:
    """The table in sentences: each ring, the sum, what was assumed, what is wrong."""
    said = []
    for row in table.rings.itertuples():
        said += [_title(row), *(f"  {text}" for text in _ring(row, language))]
    if len(table.rings) > 1:
        said.append(_word("total", language, ha=table.rings.plane_area_m2.sum() / 1e4))
    for kind in ("assumed", "notice", "fault"):
        said += [_word(kind, language) + text for text in table.said(kind, language)]
    # names come from the file: none of them may steer the terminal
    return ["".join(c if c.isprintable() else "�" for c in line) for line in said]


def _title(row: Any) -> str:
    return "  ".join(part for part in (row.name, row.use, row.ring) if part)


def _ring(row: Any, language: str) -> list[str]:
    by = _word(row.meridian_by, language)
    said = [
        _word("points", language, n=row.points),
        _word(
            "plane",
            language,
            ha=row.plane_area_m2 / 1e4,
            sigma=row.area_sigma_m2 / 1e4,
            meridian=row.meridian,
            by=by,
        ),
        _word(
            "ellipsoid",
            language,
            ha=row.ellipsoidal_area_m2 / 1e4,
            difference=row.difference_m2,
        ),
        _word("outline", language, plane=row.plane_length_m, geodesic=row.geodesic_length_m),
        _word("sigma", language, sigma=row.sigma_m),
    ]
    if not pd.isna(row.published_ha):
        said.append(_word("published", language, ha=row.published_ha))
    return said


def fields(table: ParcelTable, language: str) -> dict[str, Any]:
    """The same for machines; corners as longitude, latitude and as they are written."""
    rows = []
    for row in table.rings.itertuples():
        own = row._asdict()
        own.pop("Index")
        shape = own.pop("geometry")
        numbers = {k: None if v != v else v for k, v in own.items()}
        rows.append({**numbers, "corners": _corners(shape)})
    said = {kind: table.said(kind, language) for kind in ("assumed", "notice", "fault")}
    return {"crs": str(table.rings.crs), "rings": rows, **said}


def _corners(shape: shapely.Geometry) -> list[list[list[Any]]]:
    """Each ring's corners: longitude, latitude, and both in degrees, minutes and seconds."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    return [
        [[x, y, written(y), written(x)] for x, y in shapely.get_coordinates(ring)] for ring in rings
    ]
