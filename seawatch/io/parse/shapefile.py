"""ESRI Shapefile: outlines by GDAL, attributes from the .dbf as their bytes stand."""

import os
from pathlib import Path

from .. import encodings
from . import _dbf
from ._ogr import features
from ._parsed import Job, Parsed, Refused


def read(job: Job) -> Parsed:
    """The one layer of a Shapefile."""
    parts = siblings(job.path)
    missing = [f".{kind}" for kind in ("shx", "dbf") if kind not in parts]
    if missing:
        raise Refused(f"{' and '.join(missing)} missing; copy all parts of the Shapefile")
    rows = _dbf.read(parts["dbf"])
    shapes = (os.path.getsize(parts["shx"]) - 100) // 8
    if shapes != len(rows.deleted):
        raise Refused(
            f"its .shp has {shapes} shapes, its .dbf {len(rows.deleted)} rows; copy all parts again"
        )
    choice = _encoding(job, parts, rows)
    parsed = Parsed("Shapefile", encoding=choice.label, encoding_why=choice.why)
    parsed.crs, parsed.crs_from = _crs(parts), "its .prj"
    outlines = {}
    for feature, shape in features(job.path, "ESRI Shapefile", None, parsed, first=0):
        outlines[int(feature.id) + 1] = shape
    kept = [number for number, gone in enumerate(rows.deleted, 1) if not gone]
    parsed.dropped = len(rows.deleted) - len(kept)
    parsed.rows = kept
    parsed.shapes = [outlines.get(number) for number in kept]
    parsed.columns = rows.columns(kept, choice.codec, parsed)
    return parsed


def siblings(path: str) -> dict[str, str]:
    """The parts of the Shapefile, by suffix in lower case."""
    home = Path(path)
    kinds = ("shp", "shx", "dbf", "prj", "cpg")
    found = {}
    for kind in kinds:
        for suffix in (kind, kind.upper(), kind.capitalize()):
            part = home.with_suffix(f".{suffix}")
            if part.is_file():
                found[kind] = str(part)
                break
    return found


def _encoding(job: Job, parts: dict[str, str], rows: _dbf.Rows) -> encodings.Choice:
    """By the .cpg, else the language driver in the .dbf, else what the bytes are."""
    claimed, by = None, ""
    if "cpg" in parts:
        claimed, by = Path(parts["cpg"]).read_text("ascii", "replace").strip()[:40], "its .cpg"
    elif rows.language in encodings.LANGUAGE_DRIVERS:
        claimed, by = encodings.LANGUAGE_DRIVERS[rows.language], "the .dbf's language driver"
    return encodings.choose(rows.texts(), told=job.encoding, claimed=claimed or None, by=by)


def _crs(parts: dict[str, str]) -> str | None:
    if "prj" not in parts:
        return None
    raw = Path(parts["prj"]).read_bytes()[:100_000].removeprefix(b"\xef\xbb\xbf")
    return raw.decode("utf-8", "replace").strip() or None
