"""What is handed out of a run: files for spreadsheets and handhelds."""

import csv
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from seawatch.reports.exports import write_exports
from seawatch.tables import FLAGS

HOSTILE = [
    '=HYPERLINK("http://evil")',
    "＝1+1",
    "<script>alert(1)</script>",
    "]]></description><x>\x00\x08",
    "+86 139",
]
KML = "{http://www.opengis.net/kml/2.2}"
GPX = "{http://www.topografix.com/GPX/1/1}"


def some_flags(texts=HOSTILE):
    """Flags of every kind of column, with a hole and with two parts."""
    hole = shapely.box(500000, 4100000, 500100, 4100100) - shapely.box(
        500030, 4100030, 500050, 4100050
    )
    two = shapely.union(
        shapely.box(5e5, 4.2e6, 5e5 + 9, 4.2e6 + 9),
        shapely.box(5e5 + 50, 4.2e6, 5e5 + 60, 4.2e6 + 9),
    )
    shapes = [two if i % 2 else hole for i in range(len(texts))]
    kinds = {"number": 1234.5, "integer": 1, "json": "{}"}
    day, instant = pd.Timestamp("2026-11-16"), pd.Timestamp("2026-11-14T02:30Z")
    columns = {}
    for c in FLAGS.columns:
        value = {"date": day, "instant": instant, **kinds}.get(c.type, "")
        columns[c.name] = [c.one_of[0] if c.one_of else value] * len(texts)
    columns |= {
        "flag_id": [f"{i:012x}" for i in range(len(texts))],
        "rule": ["fill_no_permit"] * len(texts),
        "reason": texts,
        "owner": texts,
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4549")


@pytest.fixture
def exports(tmp_path):
    flags = some_flags()
    write_exports(tmp_path, flags, "<试点> & 2026-W47", "zh")
    return flags, tmp_path


def test_kml_parses_and_holds_every_outline(exports):
    flags, folder = exports
    root = ET.parse(folder / "flags.kml").getroot()
    marks = root.findall(f".//{KML}Placemark")
    assert [m.find(f"{KML}name").text for m in marks] == list(flags.flag_id)
    degrees = flags.geometry.to_crs("EPSG:4326")
    for mark, shape in zip(marks, degrees, strict=True):
        polygons = []
        for outline in mark.iter(f"{KML}Polygon"):
            rings = [
                [tuple(map(float, corner.split(","))) for corner in ring.text.split()]
                for ring in outline.iter(f"{KML}coordinates")
            ]
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
            assert shapely.is_ccw(shapely.LinearRing(rings[0]))
        read = shapely.MultiPolygon(polygons)
        # 7 decimals: a centimetre
        assert shapely.hausdorff_distance(read.boundary, shape.boundary) < 1e-7
        assert shapely.get_num_interior_rings(read.geoms[0]) == len(
            shapely.get_parts(shape)[0].interiors
        )
    said = marks[2].find(f"{KML}description").text
    assert HOSTILE[2] in said


def test_gpx_parses_and_each_waypoint_is_inside_its_flag(exports):
    flags, folder = exports
    root = ET.parse(folder / "flags.gpx").getroot()
    points = root.findall(f"{GPX}wpt")
    assert [p.find(f"{GPX}name").text for p in points] == list(flags.flag_id)
    places = [shapely.Point(float(p.get("lon")), float(p.get("lat"))) for p in points]
    assert shapely.contains(np.array(flags.geometry.to_crs("EPSG:4326")), places).all()


def test_csv_has_its_mark_and_no_cell_is_alive(exports):
    flags, folder = exports
    raw = (folder / "flags.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(raw.decode("utf-8-sig").splitlines())
    assert len(rows) == len(flags)
    assert head[0] == "图斑编号"
    assert head[-2:] == ["纬度", "经度"]
    for cell in [cell for row in rows for cell in row]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))
    reasons = [row[head.index("理由")] for row in rows]
    assert reasons[0] == "'" + HOSTILE[0]
    assert rows[0][head.index("变化前时间")] == "2026-11-14 02:30 UTC"


def test_the_same_flags_give_the_same_files(exports, tmp_path):
    folder = exports[1]
    (tmp_path / "again").mkdir()
    write_exports(tmp_path / "again", some_flags(), "<试点> & 2026-W47", "zh")
    for name in ("flags.kml", "flags.gpx", "flags.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
