"""Layers and result tables in vector files.

Foreign files come in through fiona, feature by feature, with the drivers named here
and no others; our own tables are written, and read back, through pyogrio.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fiona
import fiona.errors
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from fiona.model import to_dict
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry import shape

from ..errors import InputRefused
from ..tables import Table
from .files import aside, plain_file

DRIVERS = {
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".kml": "KML",
}

# KML is off in fiona until asked for by name
fiona.drvsupport.supported_drivers["KML"] = "r"
# the GeoPackage driver writes the time of day into the file; the same run must give the same bytes
pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})

MARGIN_DEGREES = 4.0
"""How far outside its CRS's area of use a layer may reach: zones are used beyond their edge."""


def read_layer(
    path: Path,
    table: Table,
    crs: object,
    *,
    rename: Mapping[str, str] | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    values: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """One layer, checked against `table` and converted to `crs`.

    Parameters
    ----------
    rename : the table's column for each of the file's own column names.
    encoding : of the attributes of a Shapefile, where its .cpg does not tell.
    layer : its name in a file of several.
    values : columns the file lacks, one value for every row.

    Raises
    ------
    InputRefused
        Naming the file, the rows and the cure.
    """
    frame = read_vector(path, encoding=encoding, layer=layer).rename(columns=dict(rename or {}))
    frame = frame.assign(**(values or {}))
    if frame.empty:
        raise InputRefused(
            f"{path} ({table.name}): no rows; if the layer is deliberately missing, "
            f"name '{table.name}' in `absent` under [layers]"
        )
    checked = table.check(frame, path)
    _check_place(checked, path)
    return checked.to_crs(crs)


def read_vector(
    path: Path, *, encoding: str | None = None, layer: str | None = None
) -> gpd.GeoDataFrame:
    """Every feature of a vector file as it stands, its CRS as the file names it (or None)."""
    plain_file(path)
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise InputRefused(
            f"{path}: unknown kind of vector file; use one of {', '.join(sorted(DRIVERS))}"
        )
    if driver == "GeoJSON":
        _refuse_linked_crs(path)
    if driver == "ESRI Shapefile":
        encoding = encoding or _dbf_encoding(path)
    try:
        with fiona.open(path, enabled_drivers=[driver], encoding=encoding, layer=layer) as source:
            rows = [to_dict(feature) for feature in source]
            crs = _named_crs(source.crs_wkt)
    except (fiona.errors.FionaError, ValueError, UnicodeDecodeError) as error:
        raise InputRefused(f"{path}: cannot be read as {driver}: {error}") from None
    columns = pd.DataFrame([row["properties"] or {} for row in rows]).astype(object)
    shapes = [_flat(row["geometry"]) for row in rows]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _named_crs(wkt: str) -> pyproj.CRS | None:
    """The CRS a file spells out, by its authority's own entry where it is one.

    The entry knows its area of use; the spelling does not.
    """
    if not wkt:
        return None
    spelt = pyproj.CRS.from_wkt(wkt)
    authority = spelt.to_authority()
    return pyproj.CRS.from_authority(*authority) if authority else spelt


def _flat(geometry: dict | None) -> shapely.Geometry | None:
    return None if geometry is None else shapely.force_2d(shape(geometry))


def _refuse_linked_crs(path: Path) -> None:
    """GDAL follows a GeoJSON's linked CRS over the network; nothing here may."""
    try:
        named = json.loads(path.read_text("utf-8-sig")).get("crs")
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputRefused(f"{path}: not GeoJSON: {error}") from None
    if isinstance(named, dict) and named.get("type") != "name":
        raise InputRefused(f"{path}: its CRS is a link; write the CRS's name instead")


def _dbf_encoding(path: Path) -> str | None:
    """The encoding of a Shapefile's attributes: its .cpg, else UTF-8 if it is, else GB18030."""
    if path.with_suffix(".cpg").exists() or not path.with_suffix(".dbf").exists():
        return None
    try:
        path.with_suffix(".dbf").read_bytes()[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _check_place(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse coordinates that cannot be in the CRS they claim."""
    crs = pyproj.CRS(frame.crs)
    area = crs.area_of_use
    degrees = frame.geometry.to_crs(crs.geodetic_crs).bounds
    outside = ~np.isfinite(degrees).all(axis=1)
    if area is not None and area.west <= area.east:
        outside |= (degrees.minx < area.west - MARGIN_DEGREES) | (
            degrees.maxx > area.east + MARGIN_DEGREES
        )
        outside |= (degrees.miny < area.south - MARGIN_DEGREES) | (
            degrees.maxy > area.north + MARGIN_DEGREES
        )
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        x, y = frame.geometry.iloc[row].representative_point().coords[0]
        raise InputRefused(
            f"{path}: row {row + 1} lies at ({x:.6g}, {y:.6g}), outside {crs.name} "
            f"({int(outside.sum())} of {len(frame)} rows); name the CRS it is really in"
        )


def write_table(
    path: Path, layer: str, frame: gpd.GeoDataFrame, table: Table | None = None
) -> None:
    """Write `frame` as one layer of `path`, adding to a GeoPackage that exists.

    The driver goes by the suffix; GeoJSON comes out in longitude and latitude
    (RFC 7946). Dates are written as dates, instants in UTC.
    """
    driver = DRIVERS[path.suffix.lower()]
    if driver == "GeoJSON":
        frame = frame.to_crs("EPSG:4326")
    names = [name for name in frame.columns if name != frame.geometry.name]
    types = {c.name: c.type for c in table.columns} if table else {}
    values, masks = zip(*(_field(frame[n], types.get(n)) for n in names), strict=True)
    multi = bool(frame.geom_type.str.startswith("Multi").any())
    shapes = frame.geometry
    if multi:
        shapes = gpd.GeoSeries([_multi(g) for g in shapes], index=frame.index, crs=frame.crs)
    kind = shapes.geom_type.iloc[0] if len(frame) else (table.geometry if table else "Unknown")
    # 100 is OGR's number for UTC, in quarters of an hour
    zones = {n: np.full(len(frame), 100) for n in names if _is_instant(frame[n])}
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": "7"} if driver == "GeoJSON" else {}
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.asarray(shapes)),
        field_data=list(values),
        field_mask=list(masks),
        fields=np.array(names, dtype=object),
        layer=layer,
        driver=driver,
        geometry_type=kind,
        crs=_crs_text(frame.crs),
        gdal_tz_offsets=zones,
        encoding="UTF-8",
        **options,
    )


def _crs_text(crs: object) -> str | None:
    if crs is None:
        return None
    authority = pyproj.CRS(crs).to_authority()
    return ":".join(authority) if authority else pyproj.CRS(crs).to_wkt()


def _multi(geometry: shapely.Geometry) -> shapely.Geometry:
    if geometry.geom_type.startswith("Multi"):
        return geometry
    return getattr(shapely, "Multi" + geometry.geom_type)([geometry])


def _is_instant(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.DatetimeTZDtype)


def _field(values: pd.Series, kind: str | None) -> tuple[np.ndarray, np.ndarray]:
    """A column as GDAL writes it, and where it is empty."""
    empty = values.isna().to_numpy(dtype=bool)
    if _is_instant(values):
        utc = values.dt.tz_convert("UTC").dt.tz_localize(None)
        return utc.to_numpy("datetime64[ms]"), empty
    if values.dtype.kind == "M":
        return values.to_numpy("datetime64[D]" if kind != "instant" else "datetime64[ms]"), empty
    if kind == "integer" or values.dtype.kind in "iu":
        return values.fillna(0).to_numpy("int64"), empty
    if values.dtype.kind == "f":
        return values.to_numpy("float64"), empty
    text = np.array([None if gone else str(v) for v, gone in zip(values, empty, strict=True)])
    return text.astype(object), empty


def layers_of(path: Path) -> list[str]:
    """Names of the layers of a vector file."""
    plain_file(path)
    return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def read_table(path: Path, layer: str, table: Table) -> gpd.GeoDataFrame:
    """A table that seawatch wrote, checked again."""
    plain_file(path)
    try:
        frame = pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError) as error:
        raise InputRefused(f"{path}: layer '{layer}' cannot be read: {error}") from None
    if frame.crs is None:
        raise InputRefused(f"{path}: layer '{layer}' has no CRS")
    for column in table.columns:
        if column.type == "instant" and column.name in frame:
            instants = pd.to_datetime(frame[column.name], utc=True)
            frame[column.name] = instants.astype("datetime64[ms, UTC]")
    return table.check(frame, path)


def write_file(
    path: Path,
    layers: Mapping[str, tuple[gpd.GeoDataFrame, Table]],
    styles: Mapping[str, str] | None = None,
) -> None:
    """A vector file of several layers, whole or not at all.

    styles : QGIS styles (QML) by layer, for a GeoPackage.
    """
    with aside(path) as hidden:
        for name, (frame, table) in layers.items():
            write_table(hidden, name, frame, table)
        if styles:
            _write_styles(hidden, styles)


def _write_styles(path: Path, styles: Mapping[str, str]) -> None:
    """The table in which QGIS looks for styles."""
    rows = len(styles)
    columns: dict[str, list[Any]] = {
        "f_table_catalog": [""] * rows,
        "f_table_schema": [""] * rows,
        "f_table_name": list(styles),
        "f_geometry_column": ["geom"] * rows,
        "styleName": list(styles),
        "styleQML": list(styles.values()),
        "styleSLD": [""] * rows,
        "useAsDefault": [True] * rows,
        "description": [""] * rows,
        "owner": [""] * rows,
        "ui": [""] * rows,
        "update_time": ["2000-01-01T00:00:00.000Z"] * rows,
    }
    pyogrio.raw.write(
        path,
        geometry=None,
        field_data=[np.array(v, dtype=bool if v[0] is True else object) for v in columns.values()],
        fields=np.array(list(columns), dtype=object),
        layer="layer_styles",
        driver="GPKG",
        geometry_type=None,
        crs=None,
    )
