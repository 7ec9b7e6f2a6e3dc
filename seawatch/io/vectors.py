"""Our own tables in vector files, written and read back; others come in by the `gateway`."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ..errors import CannotFinish, InputRefused
from ..tables import Table
from . import geopackage
from .files import aside, output, plain_file

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}
"""What our own tables are written as."""

# the GeoPackage driver writes the time of day into the file; the same run must give the same bytes
pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})


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
        shapes = gpd.GeoSeries(_multi(shapes.to_numpy()), index=frame.index, crs=frame.crs)
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


_MULTI = {
    shapely.GeometryType.POINT: shapely.multipoints,
    shapely.GeometryType.LINESTRING: shapely.multilinestrings,
    shapely.GeometryType.POLYGON: shapely.multipolygons,
}


def _multi(shapes: np.ndarray) -> np.ndarray:
    """The same, each single one as a collection of one."""
    kinds, found = shapely.get_type_id(shapes), shapes.copy()
    for kind, collected in _MULTI.items():
        found[kinds == kind] = collected(shapes[kinds == kind][:, None])
    return found


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
    """Names of the layers of a vector file.

    Raises
    ------
    InputRefused
        If it cannot be read.
    """
    plain_file(path)
    try:
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except DataSourceError as error:
        raise InputRefused(f"{path}: cannot be read: {error}") from None


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
    language: str = "zh",
) -> None:
    """A vector file of several layers, whole or not at all.

    styles : QGIS styles (QML) by layer, for a GeoPackage; its columns then bear their
        headings in `language` too.

    Raises
    ------
    UsageError, CannotFinish
        If its name is none for such a file, or it cannot be written.
    """
    with aside(output(path, DRIVERS)) as hidden:
        try:
            for name, (frame, table) in layers.items():
                write_table(hidden, name, frame, table)
        except (DataSourceError, DataLayerError, FeatureError) as error:
            raise CannotFinish(f"{path}: cannot write: {error}") from None
        if styles:
            tables = {name: table for name, (_, table) in layers.items()}
            geopackage.dress(hidden, tables, styles, language)
