"""The flags as files that other tools and handhelds open: KML, GPX and CSV.

Coordinates are degrees of EPSG:4326, longitude first in KML as its standard has it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from ..geo import LONLAT, dms
from ..maps.words import rule_word, word
from ..tables import FLAGS, Column
from .cells import codes, write_csv
from .markup import GPX, KML, add, save

_COLOURS = {1: "ff1c1ae3", 2: "ff007fff", 3: "ff00d7ff"}
"""Outline by priority, as KML writes colours: opacity, blue, green, red."""
_LEFT_OUT = ("numbers", "record")
_LATITUDE = Column("latitude", "text", "latitude", "纬度")
_LONGITUDE = Column("longitude", "text", "longitude", "经度")


def write_exports(folder: Path, flags: gpd.GeoDataFrame, title: str, language: str) -> None:
    """Write flags.kml, flags.gpx and flags.csv: every flag, its number the name of its place."""
    save(folder / "flags.kml", _kml(flags, title, language))
    save(folder / "flags.gpx", _gpx(flags, title, language))
    _csv(folder / "flags.csv", flags, language)


def _csv(path: Path, flags: gpd.GeoDataFrame, language: str) -> None:
    points = flags.geometry.to_crs(LONLAT).representative_point()
    placed = flags.assign(
        latitude=[dms(y) for y in points.y], longitude=[dms(x, "EW") for x in points.x]
    )
    columns = [c for c in FLAGS.columns if c.name not in _LEFT_OUT] + [_LATITUDE, _LONGITUDE]
    spoken = {
        **codes(language),
        **{c.name: lambda v: f"{v:.10g}" for c in columns if c.type == "number"},
        **{c.name: lambda v: f"{v:%Y-%m-%d}" for c in columns if c.type == "date"},
        **{c.name: lambda v: f"{v:%Y-%m-%d %H:%M} UTC" for c in columns if c.type == "instant"},
    }
    write_csv(path, placed, columns, language, spoken)


def _said(flag: Any, language: str) -> str:
    """What a flag's balloon says."""
    status = word(f"status_{flag.status}", language)
    title = rule_word(flag.rule, "title", language)
    return "\n".join([f"{title} · {status}", str(flag.reason or ""), str(flag.basis or "")])


def _kml(flags: gpd.GeoDataFrame, title: str, language: str) -> ET.Element:
    """Each flag as its outline and a point within it."""
    root = ET.Element("kml", xmlns=KML)
    document = add(root, "Document")
    add(document, "name", title)
    for priority, colour in _COLOURS.items():
        style = add(document, "Style", id=f"priority-{priority}")
        line = add(style, "LineStyle")
        add(line, "color", colour)
        add(line, "width", "2")
        add(add(style, "PolyStyle"), "fill", "0")
    shapes = flags.geometry.to_crs(LONLAT)
    for flag, shape in zip(flags.itertuples(), shapes, strict=True):
        mark = add(document, "Placemark")
        add(mark, "name", flag.flag_id)
        add(mark, "description", _said(flag, language))
        add(mark, "styleUrl", f"#priority-{flag.priority}")
        both = add(mark, "MultiGeometry")
        place = shape.representative_point()
        add(add(both, "Point"), "coordinates", f"{place.x:.7f},{place.y:.7f}")
        for polygon in shapely.get_parts(shape):
            _polygon(both, polygon)
    return root


def _polygon(parent: ET.Element, polygon: shapely.Polygon) -> None:
    # KML wants outer rings counter-clockwise, holes the other way
    turned = shapely.geometry.polygon.orient(polygon)
    outline = add(parent, "Polygon")
    for number, ring in enumerate([turned.exterior, *turned.interiors]):
        side = add(outline, "innerBoundaryIs" if number else "outerBoundaryIs")
        add(add(side, "LinearRing"), "coordinates", " ".join(_corners(ring)))


def _corners(ring: shapely.LinearRing) -> Iterator[str]:
    return (f"{x:.7f},{y:.7f}" for x, y in shapely.get_coordinates(ring))


def _gpx(flags: gpd.GeoDataFrame, title: str, language: str) -> ET.Element:
    """Each flag as a waypoint inside it."""
    root = ET.Element("gpx", xmlns=GPX, version="1.1", creator="seawatch")
    add(add(root, "metadata"), "name", title)
    points = flags.geometry.to_crs(LONLAT).representative_point()
    for flag, point in zip(flags.itertuples(), points, strict=True):
        place = add(root, "wpt", lat=f"{point.y:.7f}", lon=f"{point.x:.7f}")
        add(place, "name", flag.flag_id)
        add(place, "desc", _said(flag, language))
        add(place, "type", word(f"status_{flag.status}", language))
    return root
