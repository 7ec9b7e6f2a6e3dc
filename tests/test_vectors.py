"""Vector files: what comes in right, what is refused, and the same bytes twice."""

import json
import time
from pathlib import Path

import fiona
import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, box

from conftest import CRS, X, Y, at, changes_of, permit
from seawatch.errors import InputRefused
from seawatch.io import gateway, vectors
from seawatch.tables import CHANGES, FLAGS, PERMITS, ZONES

HOSTILE = "{{7*7}} </script> '; DROP TABLE x; -- \u2028 张三 =1+1"


def read_layer(path, table, crs, **how):
    return gateway.bring_in(path, table, crs, gateway.Reading(**how)).frame


def permits(**more):
    rows = [permit("A", "11", "surface,water"), permit("B", "41", "water")]
    frame = gpd.GeoDataFrame(rows, geometry=[at(0, 0, 50, 50), at(60, 0, 90, 50)], crs=CRS)
    return PERMITS.check(frame.assign(**more))


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_a_table_comes_back_as_it_went(tmp_path, suffix):
    given = permits(holder=HOSTILE)
    path = tmp_path / f"permits{suffix}"
    vectors.write_file(path, {"permits": (given, PERMITS)})
    back = read_layer(path, PERMITS, CRS)
    assert back.drop(columns="geometry").equals(given.drop(columns="geometry"))
    assert back.geometry.geom_equals_exact(given.geometry, 0.02).all()


def test_instants_keep_their_zone(tmp_path):
    given = changes_of(("raft", at(0, 0, 50, 50)))
    vectors.write_file(tmp_path / "c.gpkg", {"changes": (given, CHANGES)})
    outside = gpd.read_file(tmp_path / "c.gpkg")
    assert str(outside.before[0]) == "2025-11-20 00:00:00+00:00"
    back = vectors.read_table(tmp_path / "c.gpkg", "changes", CHANGES)
    assert back.before.equals(given.before)


def test_the_same_table_gives_the_same_bytes(tmp_path):
    paths = [tmp_path / "one.gpkg", tmp_path / "two.gpkg"]
    for path in paths:
        vectors.write_file(path, {"p": (permits(), PERMITS), "f": (FLAGS.empty(CRS), FLAGS)})
        time.sleep(1.1)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def shapefile(path, encoding, cpg):
    schema = {"geometry": "Polygon", "properties": {"zone_id": "str", "kind": "str", "name": "str"}}
    with fiona.open(
        path, "w", driver="ESRI Shapefile", crs=CRS, schema=schema, encoding=encoding
    ) as f:
        f.write(
            {
                "type": "Feature",
                "geometry": at(0, 0, 50, 50).__geo_interface__,
                "properties": {"zone_id": "Z", "kind": "redline", "name": "海驴岛保护区"},
            }
        )
    Path(path).with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        Path(path).with_suffix(".cpg").write_text(cpg)


@pytest.mark.parametrize(
    ("encoding", "cpg", "told"),
    [
        ("UTF-8", "UTF-8", None),
        ("UTF-8", None, None),
        ("GB18030", "GB18030", None),
        ("GB18030", None, None),
        ("GB18030", None, "GB18030"),
        ("GB18030", "UTF-8", "GB18030"),
    ],
)
def test_chinese_shapefiles(tmp_path, encoding, cpg, told):
    path = tmp_path / "zones.shp"
    shapefile(path, encoding, cpg)
    layer = read_layer(path, ZONES, CRS, encoding=told)
    assert layer.name[0] == "海驴岛保护区"


def test_kml_is_read(tmp_path):
    path = tmp_path / "zones.kml"
    ring = "121.3,37.4 121.4,37.4 121.4,37.5 121.3,37.4"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Z1</name>'
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark></Document></kml>"
    )
    layer = read_layer(path, ZONES, CRS, rename={"Name": "zone_id"}, values={"kind": "redline"})
    assert layer.zone_id[0] == "Z1"
    assert layer.geometry[0].area > 1e7


def geojson(path, text=None, **members):
    content = {"type": "FeatureCollection", "features": [], **members}
    path.write_text(text if text is not None else json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("none.gpkg", lambda p: p, "no such file"),
        ("what.xyz", lambda p: p.write_text("x"), "unknown kind"),
        ("empty.geojson", geojson, "no rows"),
        ("half.geojson", lambda p: geojson(p, '{"type": "Feat'), "not GeoJSON"),
        (
            "linked.geojson",
            lambda p: geojson(p, crs={"type": "link", "properties": {"href": "http://x/"}}),
            "its CRS is a link",
        ),
        (
            "trick.geojson",
            lambda p: p.write_text("<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
            "names other files",
        ),
        ("text.gpkg", lambda p: p.write_text("hello"), "no GeoPackage"),
    ],
)
def test_what_is_refused_says_why(tmp_path, name, make, said):
    make(tmp_path / name)
    with pytest.raises(InputRefused, match=said) as refused:
        read_layer(tmp_path / name, ZONES, CRS)
    assert name in str(refused.value)


def test_degrees_claimed_as_metres(tmp_path):
    frame = permits().to_crs("EPSG:4326").set_crs(CRS, allow_override=True)
    vectors.write_file(tmp_path / "p.gpkg", {"p": (frame, PERMITS)})
    with pytest.raises(InputRefused, match=r"rows 1, 2 at .* outside CGCS2000.*these are degrees"):
        read_layer(tmp_path / "p.gpkg", PERMITS, CRS)


def test_another_zone_is_converted_at_the_door(tmp_path):
    frame = permits().to_crs("EPSG:4550")
    vectors.write_file(tmp_path / "p.gpkg", {"p": (frame, PERMITS)})
    back = read_layer(tmp_path / "p.gpkg", PERMITS, CRS)
    assert back.total_bounds == pytest.approx([X, Y, X + 90, Y + 50], abs=0.01)


def test_single_shapes_among_collections_become_collections_of_one():
    single = [Point(1, 2), LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1)]
    many = MultiPolygon([box(2, 2, 3, 3), box(5, 5, 6, 6)])
    told = vectors._multi(np.array([*single, many], object))
    kinds = ["MultiPoint", "MultiLineString", "MultiPolygon", "MultiPolygon"]
    assert [shape.geom_type for shape in told] == kinds
    assert [shape.geoms[0] for shape in told[:3]] == single
    assert told[3] == many


def test_a_database_that_is_none_names_itself(tmp_path):
    path = tmp_path / "flags.gpkg"
    path.write_bytes(b"no database")
    with pytest.raises(InputRefused, match=f"{path}: cannot be read"):
        vectors.layers_of(path)
