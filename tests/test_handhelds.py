"""What handhelds are given is what the standards of KML 2.2 and GPX 1.1 allow.

Both are sequences: a reader that checks refuses an element out of its order. The orders below
are those of OGC 07-147r2 (ogckml22.xsd) and of topografix' gpx.xsd, for the elements used here
and their neighbours.
"""

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely
from test_reports import some_flags

from conftest import CRS
from seawatch.patrol import Craft
from seawatch.reports.exports import write_exports
from seawatch.reports.routes import write_routes
from seawatch.tables import PATROLS
from stories import at

KML, GPX = "http://www.opengis.net/kml/2.2", "http://www.topografix.com/GPX/1/1"

_FEATURE = (
    *("name", "visibility", "open", "address", "phoneNumber", "Snippet", "description"),
    *("LookAt", "TimeSpan", "styleUrl", "Style", "StyleMap", "Region", "ExtendedData"),
)
_GEOMETRY = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_DRAWN = ("extrude", "tessellate", "altitudeMode")
_WPT = (
    *("ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym"),
    *("type", "fix", "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "extensions"),
)
ORDERS = {
    KML: {
        "kml": [("NetworkLinkControl",), ("Document", "Folder", "Placemark")],
        "Document": [*((n,) for n in _FEATURE), ("Schema",), ("Folder", "Placemark", "Document")],
        "Folder": [*((n,) for n in _FEATURE), ("Folder", "Placemark", "Document")],
        "Placemark": [*((n,) for n in _FEATURE), _GEOMETRY],
        "Style": [(n,) for n in ("IconStyle", "LabelStyle", "LineStyle", "PolyStyle")],
        "LineStyle": [("color",), ("colorMode",), ("width",)],
        "PolyStyle": [("color",), ("colorMode",), ("fill",), ("outline",)],
        "MultiGeometry": [_GEOMETRY],
        "Point": [*((n,) for n in _DRAWN), ("coordinates",)],
        "LineString": [*((n,) for n in _DRAWN), ("coordinates",)],
        "LinearRing": [*((n,) for n in _DRAWN), ("coordinates",)],
        "Polygon": [*((n,) for n in _DRAWN), ("outerBoundaryIs",), ("innerBoundaryIs",)],
        "outerBoundaryIs": [("LinearRing",)],
        "innerBoundaryIs": [("LinearRing",)],
    },
    GPX: {
        "gpx": [(n,) for n in ("metadata", "wpt", "rte", "trk", "extensions")],
        "metadata": [(n,) for n in ("name", "desc", "author", "copyright", "link", "time")],
        "wpt": [(n,) for n in _WPT],
        "rtept": [(n,) for n in _WPT],
        "rte": [
            (n,) for n in ("name", "cmt", "desc", "src", "link", "number", "type", "extensions")
        ]
        + [("rtept",)],
    },
}
_LEAVES = {"name", "description", "styleUrl", "color", "width", "fill", "coordinates", "desc"}
_MANY = {
    *("Document", "Folder", "Placemark", "Style", *_GEOMETRY),
    *("innerBoundaryIs", "wpt", "rte", "rtept", "trk"),
}


def faults(root):
    """Everything that the schema of the root's namespace would refuse."""
    space, found = root.tag[1:].split("}")[0], []
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    if len(set(ids)) < len(ids):
        found.append("an id stands twice")
    for node in root.iter():
        name = node.tag.removeprefix(f"{{{space}}}")
        children = [child.tag.removeprefix(f"{{{space}}}") for child in node]
        order = ORDERS[space].get(name)
        if order is None:
            if children or name not in _LEAVES | {"type"}:
                found.append(f"{name} is not known")
            continue
        places = [next((n for n, g in enumerate(order) if c in g), None) for c in children]
        if None in places:
            found.append(f"{name} may not hold {children[places.index(None)]}")
        elif places != sorted(places):
            found.append(f"{name} holds {children} out of order")
        found += [f"{name} holds two {c}" for c in set(children) - _MANY if children.count(c) > 1]
        found += FORMS.get(name, lambda node, ids: [])(node, ids)
    return found


def _ring(node, _ids):
    text = node.find(f"{{{KML}}}coordinates").text.split()
    closed = len(text) >= 4 and text[0] == text[-1]
    return [] if closed else ["a ring is not closed"]


def _place(node, _ids):
    lat, lon = float(node.get("lat")), float(node.get("lon"))
    return [] if -90 <= lat <= 90 and -180 <= lon < 180 else ["a place is none"]


def _mark(node, ids):
    style = node.findtext(f"{{{KML}}}styleUrl")
    fault = style is not None and style[:1] == "#" and style[1:] not in ids
    return ["a style is not there"] if fault else []


def _line(node, _ids):
    colour = node.findtext(f"{{{KML}}}color")
    return [] if re.fullmatch("[0-9a-f]{8}", colour) else ["a colour is none"]


def _gpx(node, _ids):
    there = node.get("version") == "1.1" and node.get("creator")
    return [] if there else ["gpx lacks version or creator"]


FORMS = {
    "LinearRing": _ring,
    "wpt": _place,
    "rtept": _place,
    "Placemark": _mark,
    "LineStyle": _line,
    "gpx": _gpx,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    home = tmp_path_factory.mktemp("handhelds")
    write_exports(home, some_flags(), "<试点> & 2026-W47", "zh")
    row = {"why": "unseen", "owner": ["王伟", "王伟", None], "length_m": 10.0, "area_m2": 1.0}
    orders = {
        "order_id": ["a", "b", "c"],
        "mode": ["drone", "visit", "visit"],
        "flag_id": [None, "F-1", "F-2"],
        "sequence": [1, 2, 1],
        "days": [None, 3, 4],
    }
    shapes = [at(0, 0, 900, 700), at(0, 0, 9, 9), at(5, 5, 9, 9)]
    table = PATROLS.check(gpd.GeoDataFrame({**row, **orders}, geometry=shapes, crs=CRS))
    write_routes(home / "patrols", table, Craft(200.0, 12_000.0), "zh")
    return sorted(p for p in home.rglob("*") if p.suffix in (".kml", ".gpx"))


def test_every_file_is_as_its_standard_says(files):
    assert [p.name for p in files] == [
        *("flags.gpx", "flags.kml"),
        *("patrol-01.gpx", "patrol-02.gpx", "patrol-02.kml"),
    ]
    for path in files:
        assert faults(ET.parse(path).getroot()) == [], path


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("flags.kml", r"(<name>\w+</name>)(\s*)(<description>[^<]*</description>)", r"\3\2\1", "out of order"),
        ("flags.kml", r"<styleUrl>#priority-1", "<styleUrl>#priority-9", "a style is not there"),
        ("flags.kml", r"<color>ff1c1ae3", "<color>#1c1ae3", "a colour is none"),
        ("flags.kml", r" [0-9.,]+</coordinates>", "</coordinates>", "a ring is not closed"),
        ("flags.gpx", r"<desc>", "<desc>x</desc><desc>", "two desc"),
        ("flags.gpx", r"(<name>0\w+</name>)", r"<type>x</type>\1", "out of order"),
        ("patrol-02.gpx", r'lat="', 'lat="1', "a place is none"),
        ("patrol-01.gpx", r'version="1.1"', 'version="1.0"', "lacks version"),
    ],
)  # fmt: skip
def test_what_is_wrong_would_be_noticed(files, name, old, new, said):
    (path,) = [p for p in files if p.name == name]
    text, changed = re.subn(old, new, path.read_text("utf-8"), count=1)
    assert changed
    assert any(said in fault for fault in faults(ET.fromstring(text)))


def test_a_flight_follows_its_waypoints(files):
    (path,) = [p for p in files if p.name == "patrol-02.kml"]
    root = ET.parse(path).getroot()
    lines = [n.findtext(f"{{{KML}}}coordinates") for n in root.iter(f"{{{KML}}}LineString")]
    points = [n.findtext(f"{{{KML}}}coordinates") for n in root.iter(f"{{{KML}}}Point")]
    assert [*points, points[0]] == lines[0].split()
    assert shapely.LineString([tuple(map(float, p.split(","))) for p in points]).is_valid
