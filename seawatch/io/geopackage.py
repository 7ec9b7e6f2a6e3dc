"""What makes a GeoPackage open already drawn: QGIS's styles, and headings of its columns.

QGIS keeps styles in a table ``layer_styles`` of the file, created as its OGR provider creates
it (`qgsogrprovidermetadata.cpp`, saveStyle). Headings stand in ``gpkg_data_columns``, which
the standard has for them (OGC 12-128r18, F.9 Schema): GDAL reads them as alternative names,
QGIS as aliases.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from ..tables import Table

LAYER_STYLES = (
    'CREATE TABLE "layer_styles" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, '
    '"f_table_catalog" TEXT(256), "f_table_schema" TEXT(256), "f_table_name" TEXT(256), '
    '"f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT, '
    '"useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30), '
    "\"update_time\" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
)
_COLUMNS = (
    "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
    "name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, "
    "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), "
    "CONSTRAINT gdc_tn UNIQUE (table_name, name))"
)
_CONSTRAINTS = (
    "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, "
    "constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, "
    "max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, "
    "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
)
_SCHEMA = "http://www.geopackage.org/spec121/#extension_schema"
# no clock: the same run gives the same bytes
_THEN = "2000-01-01T00:00:00.000Z"


def dress(
    path: Path, tables: Mapping[str, Table], styles: Mapping[str, str], language: str
) -> None:
    """Put styles and headings into a GeoPackage that has the layers already.

    tables : what each layer holds. styles : QML by layer.
    """
    with closing(sqlite3.connect(path)) as file, file:
        for text in (LAYER_STYLES, _COLUMNS, _CONSTRAINTS):
            file.execute(text)
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', ?, 0)",
            (_THEN,),
        )
        file.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', ?)",
            list(_styled(file, styles)),
        )
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) "
            "VALUES (?, ?, ?, ?, ?)",
            [
                (name, c.name, c.label(language), c.label(language), c.meaning)
                for name, table in tables.items()
                for c in table.columns
            ],
        )
        file.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
            [(n, _SCHEMA) for n in ("gpkg_data_columns", "gpkg_data_column_constraints")],
        )


def _styled(file: sqlite3.Connection, styles: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The styles of the layers there are, beside the name of each one's geometry."""
    drawn = dict(file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    return ((n, drawn[n], n, qml, _THEN) for n, qml in styles.items() if n in drawn)
