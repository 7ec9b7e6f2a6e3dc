"""GeoPackage (OGC 12-128), read as the SQLite file it is: cells as they stand, nothing run.

A view or a trigger is a program that comes with the file. The triggers that the standard
and its usual writers keep are known by name; they fire on writing only, and here nothing
is written.
"""

import re
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from ._parsed import Job, Parsed, Refused, one_of
from ._wkb import NotUnderstood, checked

_KNOWN = re.compile(r"(rtree_|gpkg_|trigger_(insert|delete)_feature_count_|GPKG_|qgis_)", re.I)
_ENVELOPES = (0, 32, 48, 48, 64)
_LONGEST_S = 60.0


def read(job: Job) -> Parsed:
    """One feature table."""
    with Path(job.path).open("rb") as file:
        start = file.read(16)
    if start != b"SQLite format 3\0":
        raise Refused("no GeoPackage; copy the file again, or give it its right suffix")
    try:
        base = sqlite3.connect(f"file:{quote(job.path)}?mode=ro&immutable=1", uri=True)
        base.execute("PRAGMA trusted_schema = OFF")
        end = time.monotonic() + _LONGEST_S
        base.set_progress_handler(lambda: time.monotonic() > end, 100_000)
        return _read(base, job)
    except sqlite3.Error as error:
        raise Refused(f"cannot be read as GPKG: {error}; copy the file again") from None
    except UnicodeDecodeError as error:
        raise Refused(f"a text in it is not UTF-8 ({error}); export it again") from None


def _read(base: sqlite3.Connection, job: Job) -> Parsed:
    _refuse_programs(base)
    (found,) = base.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise Refused(f"is damaged: {found}; copy the file again")
    layers = base.execute(
        "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c "
        "JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
        "WHERE c.data_type = 'features' ORDER BY c.table_name"
    ).fetchall()
    name = one_of([row[0] for row in layers], job.layer)
    _, geometry, srs = next(row for row in layers if row[0] == name)
    parsed = Parsed("GeoPackage", layer=name, crs=_crs(base, srs), crs_from="the file")
    fields = base.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    names = [field[1] for field in fields]
    # the row's own number is the file's, not a column of the register
    key = next((f[1] for f in fields if f[5] and f[2].upper() == "INTEGER"), None)
    if geometry not in names:
        raise Refused(f"layer '{name}' has no column '{geometry}'; copy the file again")
    order = f" ORDER BY {_quoted(key)}" if key else ""
    rows = base.execute(f"SELECT * FROM {_quoted(name)}{order}").fetchall()
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    parsed.rows = list(range(1, len(rows) + 1))
    for number, blob in enumerate(columns.get(geometry, ()), 1):
        parsed.shapes.append(_shape(blob, number, parsed))
    kept = [n for n in names if n not in (geometry, key)]
    parsed.columns = {n: list(columns.get(n, ())) for n in kept}
    return parsed


def _refuse_programs(base: sqlite3.Connection) -> None:
    shown = {row[0] for row in base.execute("SELECT table_name FROM gpkg_contents")}
    odd = [
        f"{kind} '{name}'"
        for kind, name, table, sql in base.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master"
        )
        if (kind == "view" and name in shown)
        or (kind == "trigger" and not _KNOWN.match(name))
        or (kind == "table" and name in shown and str(sql).upper().startswith("CREATE VIRTUAL"))
    ]
    if odd:
        raise Refused(
            f"carries programs ({', '.join(odd[:5])}); export its rows into a new GeoPackage"
        )


def _crs(base: sqlite3.Connection, srs: int) -> str | None:
    """'EPSG:4549', or the definition; None for the two numbers that mean unknown."""
    row = base.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if srs in (-1, 0) or row is None:
        return None
    named = str(row[0]).upper() == "EPSG"
    return f"EPSG:{row[1]}" if named else str(row[2])


def _shape(blob: object, number: int, parsed: Parsed) -> bytes | None:
    """The WKB behind the header of a GeoPackage geometry."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        parsed.faults[number] = "its geometry cannot be understood: no GeoPackage geometry"
        return None
    flags = blob[3]
    size = (flags >> 1) & 7
    if size > 4 or flags & 0x20:
        parsed.faults[number] = "its geometry cannot be understood: an unknown header"
        return None
    if flags & 0x10:
        return None
    try:
        return checked(blob[8 + _ENVELOPES[size] :])
    except NotUnderstood as fault:
        parsed.faults[number] = f"its geometry cannot be understood: {fault}"
        return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
