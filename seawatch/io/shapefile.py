"""Flags as a shapefile in GBK, for programs that read nothing newer.

A shapefile's columns have ten letters, its texts 254 bytes, and GBK lacks rare characters.
What each column means, what was cut and which characters were lost stands in a text beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from ..tables import FLAGS, Column
from .files import folder_aside

SHORT = {
    "area_sigma_m2": "area_sigma",
    "plane_area_m2": "plane_m2",
    "before_scene": "scene_bef",
    "after_scene": "scene_aft",
    "external_id": "ext_id",
}
"""Names of columns that are longer than a shapefile's ten letters."""

ENCODING = "GBK"
NAME = "flags"
_LONGEST = 254  # bytes of a text
_LOST = "〓"  # the sign that printers set for a character they lack; GBK has it
_KEY = "flag_id"
_WORDS = {
    "columns": ("列名对照", "Columns"),
    "left": ("未导出（见 flags.gpkg）", "Left out (see flags.gpkg)"),
    "lost": (f"GBK 没有的字以 {_LOST} 代替", f"Characters that GBK lacks, replaced by {_LOST}"),
    "cut": (f"超过 {_LONGEST} 字节而截短", f"Cut to {_LONGEST} bytes"),
    "none": ("无", "none"),
}


@dataclass
class _Changed:
    """Cells that differ from the flag's own, as lines of text."""

    lost: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


def write_shapefile(folder: Path, flags: gpd.GeoDataFrame, language: str) -> Path:
    """Write flags.shp with all that belongs to it into `folder`, in place of what it held.

    Coordinates are the project's. Beside it flags.txt (UTF-8) explains columns and changes.
    """
    columns = [c for c in FLAGS.columns if c.type != "json"]
    changed = _Changed()
    values = [_values(flags, c, changed) for c in columns]
    with folder_aside(folder) as hidden:
        pyogrio.raw.write(
            hidden / f"{NAME}.shp",
            geometry=shapely.to_wkb(np.asarray(flags.geometry)),
            field_data=values,
            field_mask=[flags[c.name].isna().to_numpy(bool) for c in columns],
            fields=np.array([short(c) for c in columns], dtype=object),
            geometry_type="Polygon",
            crs=flags.crs.to_wkt(),
            driver="ESRI Shapefile",
            encoding=ENCODING,
            DBF_DATE_LAST_UPDATE="2000-01-01",  # no clock: the same flags give the same bytes
        )
        text = "\r\n".join(_explained(columns, changed, language)) + "\r\n"
        (hidden / f"{NAME}.txt").write_bytes(text.encode("utf-8-sig"))
    return folder / f"{NAME}.shp"


def short(column: Column) -> str:
    """A column's name in the shapefile."""
    return SHORT.get(column.name, column.name)


def _values(flags: gpd.GeoDataFrame, column: Column, changed: _Changed) -> np.ndarray:
    given = flags[column.name]
    if column.type == "date":
        return given.to_numpy("datetime64[D]")
    if column.type == "integer":
        return given.fillna(0).to_numpy("int64")
    if column.type == "number":
        return given.to_numpy("float64")
    if column.type == "instant":
        given = given.dt.strftime("%Y-%m-%d %H:%M UTC")
    cells = zip(flags[_KEY], given, strict=True)
    fitted = [_fitted(text, f"{flag}, {short(column)}", changed) for flag, text in cells]
    return np.array(fitted, dtype=object)


def _fitted(text: object, where: str, changed: _Changed) -> str | None:
    """A text as GBK and 254 bytes hold it; what that changes is noted."""
    if pd.isna(text):
        return None
    plain = " ".join(str(text).replace("\0", " ").splitlines()).replace("m²", "㎡")  # GBK has this
    lost = sorted({letter for letter in plain if not _held(letter)})
    for letter in lost:
        plain = plain.replace(letter, _LOST)
        changed.lost.append(f"{where}: {letter} (U+{ord(letter):04X})")
    whole = plain.encode(ENCODING)
    if len(whole) <= _LONGEST:
        return plain
    changed.cut.append(f"{where}: {len(whole)}")
    return whole[:_LONGEST].decode(ENCODING, "ignore")  # never half a character


def _held(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _explained(columns: Sequence[Column], changed: _Changed, language: str) -> list[str]:
    """What each column is, what was left out, and every cell that was changed."""

    def part(key: str, lines: Sequence[str]) -> list[str]:
        return [f"[{_WORDS[key][language == 'en']}]", *(lines or [said_none]), ""]

    said_none = _WORDS["none"][language == "en"]
    left = [c for c in FLAGS.columns if c not in columns]
    return [
        *part("columns", [f"{short(c)}\t{c.name}\t{c.zh}\t{c.meaning}" for c in columns]),
        *part("left", [f"{c.name}\t{c.zh}\t{c.meaning}" for c in left]),
        *part("lost", changed.lost),
        *part("cut", changed.cut),
    ]
