"""GeoParquet 1.x with geometries in well-known binary, read by Arrow."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ._parsed import Job, Parsed, Refused
from ._wkb import NotUnderstood, checked


def read(job: Job) -> Parsed:
    """The primary geometry column and every other column of plain cells."""
    try:
        source = pq.ParquetFile(job.path, memory_map=False)
        notes = _notes(source)
        columns = source.read(use_threads=False).to_pydict()
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refused(f"cannot be read as GeoParquet: {said}; copy the file again") from None
    name = notes["primary_column"]
    about = notes["columns"][name]
    if str(about.get("encoding")).upper() != "WKB" or name not in columns:
        raise Refused("its geometries are not in well-known binary; write it with encoding WKB")
    parsed = Parsed("GeoParquet", layer=None, crs_from="the file")
    parsed.crs = _crs(about, parsed)
    for number, shape in enumerate(columns.pop(name), 1):
        parsed.rows.append(number)
        parsed.shapes.append(_shape(shape, number, parsed))
    parsed.columns = {n: values for n, values in columns.items() if n not in notes["columns"]}
    return parsed


def _shape(shape: object, number: int, parsed: Parsed) -> bytes | None:
    try:
        return checked(shape)
    except NotUnderstood as fault:
        parsed.faults[number] = f"its geometry cannot be understood: {fault}"
        return None


def _notes(source: pq.ParquetFile) -> dict[str, Any]:
    try:
        notes = json.loads(source.schema_arrow.metadata[b"geo"])
        notes["columns"][notes["primary_column"]]
    except (TypeError, KeyError, ValueError):
        raise Refused("plain Parquet without geometry; write it as GeoParquet") from None
    return notes


def _crs(about: dict[str, Any], parsed: Parsed) -> str | None:
    if "crs" not in about:
        parsed.crs_from = "the format"
        return "OGC:CRS84"
    crs = about["crs"]
    return json.dumps(crs) if isinstance(crs, dict) else crs
