"""Every kind of file a layer comes in, how its columns are found, and where it says it lies."""

import json
import zipfile

import dirty
import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from conftest import CRS, X, Y, at
from seawatch.errors import InputRefused
from seawatch.io.gateway import Reading, as_it_stands, bring_in
from seawatch.tables import COASTLINE, PERMITS, ZONES

ZONE = {"zone_id": ["Z1", "Z2"], "kind": ["redline", "protected"], "name": ["北", "南"]}
SHAPES = [at(0, 0, 50, 50), at(60, 0, 90, 50)]


def zones(**more):
    return gpd.GeoDataFrame({**ZONE, **more}, geometry=SHAPES, crs=CRS)


def brought(path, table=ZONES, **how):
    return bring_in(path, table, CRS, Reading(repair=True, **how))


def near(frame, metres):
    """Whether the zones lie where they should, whichever way their outlines run."""
    return bool((frame.geometry.hausdorff_distance(zones().geometry) <= metres).all())


def kml(path, text):
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(f"{head}{text}</Document></kml>", "utf-8")
    return path


def mark(name, coordinates, data=""):
    ring = f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
    outline = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
    return f"<Placemark><name>{name}</name><ExtendedData>{data}</ExtendedData>{outline}</Placemark>"


RING = "121.3,37.4,0 121.4,37.4,0 121.4,37.5,0 121.3,37.4,0"


def test_kml_with_folders_and_data(tmp_path):
    data = '<Data name="类型"><value>redline</value></Data>'
    data += '<SchemaData><SimpleData name="zone_id">Z7</SimpleData></SchemaData>'
    one = f"<Folder><name>北</name>{mark('a', RING, data)}</Folder>"
    two = f"<Folder><name>南</name>{mark('b', RING.replace(',0', ''), data.replace('Z7', 'Z8'))}</Folder>"
    path = kml(tmp_path / "z.kml", one + two)
    got = brought(path, rename={"Folder": "source"})
    assert list(got.frame.zone_id) == ["Z7", "Z8"]
    assert list(got.frame.source) == ["北", "南"]
    assert got.record["repairs"][0]["what"] == "heights"
    assert "WGS 84 taken as CGCS2000" in got.record["crs"]["note"]
    assert list(brought(path, layer="南").frame.zone_id) == ["Z8"]
    with zipfile.ZipFile(tmp_path / "z.kmz", "w") as packed:
        packed.write(path, "doc.kml")
        packed.writestr("files/icon.png", b"")
    assert len(brought(tmp_path / "z.kmz").frame) == 2


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ("121.3,37.4 121.4,x 121.4,37.5 121.3,37.4", "a coordinate is no number"),
        ("121.3 121.4 121.4 121.3", "no two coordinates"),
        ("", "no geometry"),
        ("37.4,121.3 37.4,121.4 37.5,121.4 37.4,121.3", "x and y look swapped"),
    ],
)
def test_kml_that_other_readers_take_for_zero(tmp_path, ring, said):
    data = '<Data name="kind"><value>redline</value></Data>'
    path = kml(tmp_path / "z.kml", mark("Z1", ring, data))
    with pytest.raises(InputRefused, match=said):
        brought(path, rename={"Name": "zone_id"})


def drawing(path, *entities):
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for layer, points, closed in entities:
        lines += ["0", "LWPOLYLINE", "8", layer, "90", str(len(points)), "70", str(int(closed))]
        for x, y in points:
            lines += ["10", repr(x), "20", repr(y)]
    path.write_text("\n".join([*lines, "0", "ENDSEC", "0", "EOF", ""]))
    return path


SQUARE = [(X, Y), (X + 50.0, Y), (X + 50.0, Y + 50.0), (X, Y + 50.0)]


def test_a_drawing_is_asked_for_its_crs_and_layer(tmp_path):
    path = drawing(tmp_path / "z.dxf", ("ZONE", SQUARE, True), ("TEXT", SQUARE[:3], False))
    with pytest.raises(InputRefused, match="holds 2 CAD layers: 'TEXT', 'ZONE'; name one"):
        brought(path)
    how = {"layer": "ZONE", "rename": {"EntityHandle": "zone_id"}, "values": {"kind": "redline"}}
    values = {**how["values"], "zone_id": "Z1"}
    with pytest.raises(InputRefused, match="metres of a zone that is not said"):
        brought(path, **{**how, "values": values})
    got = brought(path, **{**how, "values": values}, crs=CRS)
    assert got.frame.geometry[0].equals(box(X, Y, X + 50, Y + 50))
    assert got.record["repairs"][0]["what"] == "outline"
    assert got.record["crs"]["how"] == "told"


def test_zips_of_every_kind(tmp_path):
    zones().to_file(tmp_path / "z.shp", encoding="utf-8")
    zones().to_file(tmp_path / "z.gdb", driver="OpenFileGDB", engine="pyogrio")
    packed = {"shp.zip": sorted(tmp_path.glob("z.*")), "gdb.zip": sorted(tmp_path.glob("z.gdb/*"))}
    for name, files in packed.items():
        with zipfile.ZipFile(tmp_path / name, "w") as out:
            for file in files:
                if file.is_file():
                    out.write(file, f"深/{file.relative_to(tmp_path)}")
        got = brought(tmp_path / name)
        assert list(got.frame.name) == ["北", "南"], name
        assert got.record["source"] == name
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as out:
        for file in packed["shp.zip"]:
            if file.is_file():
                out.write(file, file.name)
                out.write(file, file.name.replace("z.", "y."))
    with pytest.raises(InputRefused, match=r"holds 2 layers: 'y.shp', 'z.shp'; name one"):
        brought(tmp_path / "two.zip")
    assert len(brought(tmp_path / "two.zip", layer="y.shp").frame) == 2
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as out:
        out.writestr("readme.md", "x")
    with pytest.raises(InputRefused, match="holds no layer"):
        brought(tmp_path / "none.zip")


def test_one_of_several_layers_is_named(tmp_path):
    path = tmp_path / "many.gpkg"
    for name in ("north", "south"):
        zones().to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    with pytest.raises(InputRefused, match="holds 2 layers: 'north', 'south'; name one"):
        brought(path)
    with pytest.raises(InputRefused, match="no layer 'west'; there are 'north', 'south'"):
        brought(path, layer="west")
    assert brought(path, layer="south").record["layer"] == "south"


def test_sheets_of_a_workbook(tmp_path):
    plain = zones().drop(columns="geometry").assign(WKT=[shape.wkt for shape in SHAPES])
    import pandas as pd

    with pd.ExcelWriter(tmp_path / "z.xlsx") as book:
        plain.to_excel(book, sheet_name="红线", index=False)
        plain.to_excel(book, sheet_name="其他", index=False)
        pd.DataFrame().to_excel(book, sheet_name="空")
    with pytest.raises(InputRefused, match="holds 2 sheets: '红线', '其他'"):
        brought(tmp_path / "z.xlsx", crs=CRS)
    assert len(brought(tmp_path / "z.xlsx", layer="红线", crs=CRS).frame) == 2


def test_csv_says_where_or_is_asked(tmp_path):
    path = tmp_path / "z.csv"
    path.write_text(f'zone_id;kind;wkt\nZ1;redline;"SRID=4549;{SHAPES[0].wkt}"\n', "utf-8-sig")
    got = brought(path)
    assert got.record["crs"]["how"] == "named by its WKT's SRID"
    path.write_text("zone_id,kind\nZ1,redline\n")
    with pytest.raises(InputRefused, match="no geometry: give it a column 'wkt'"):
        brought(path)
    path.write_text("zone_id,kind,lon,lat\nZ1,redline,122.1,37.4\n")
    with pytest.raises(InputRefused, match="Point instead of Polygon in row 1"):
        brought(path)
    path.write_text(f'zone_id,kind,wkt\nZ1,redline,"{SHAPES[0].wkt}",more\nZ2,redline,POLYGON((x\n')
    with pytest.raises(InputRefused) as refused:
        brought(path, crs=CRS)
    assert "row 1: it has 4 cells under 3 names" in str(refused.value)
    assert "row 2: 'wkt' is no WKT" in str(refused.value)


def test_points_of_a_surveyor_are_turned(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("name,x,y\na,4150000.5,620000.25\nb,4150100,620100\n")
    frame = as_it_stands(path)
    assert frame.crs is None
    assert frame.geometry[0].coords[0] == (620000.25, 4150000.5)


CHINESE = {
    "证书编号": ["C1", "C2"],
    "用海项目名称": ["养殖一", "养殖二"],
    "海域使用权人": ["张三", "李伟"],
    "用海类型": ["13", "开放式养殖用海"],
    "用海方式": ["开放式养殖", "41"],
    "起始日期": ["2020-01-01", "2020/1/1"],
    "终止时间": ["2030-12-31", "20301231"],
    "审批机关": ["市政府", "市政府"],
    "宗海面积（公顷）": [0.25, 0.15],
}


def chinese(**changed):
    columns = {**CHINESE, **changed}
    return gpd.GeoDataFrame(
        {name: values for name, values in columns.items() if values}, geometry=SHAPES, crs=CRS
    )


SET = {"scheme": "hy/t-123-2009", "strata": "surface,water"}


def test_chinese_columns_are_found(tmp_path):
    chinese().to_file(tmp_path / "p.gpkg", engine="pyogrio")
    got = brought(tmp_path / "p.gpkg", PERMITS, values=SET)
    first = got.frame.iloc[0]
    assert (first.permit_id, first.project_name, first.holder) == ("C1", "养殖一", "张三")
    assert (first.use_type, first.use_mode, first.authority) == ("13", "41", "市政府")
    assert str(got.frame.valid_to[1].date()) == "2030-12-31"
    assert got.record["set"] == {"scheme": 2, "strata": 2}
    assert got.record["columns"]["宗海面积（公顷）"] == {"as": "area_ha", "by": "alias"}


def cut_names(path, encoding):
    """A Shapefile whose .dbf has the first ten bytes of the Chinese names."""
    letters = "abcdefghi"
    frame = chinese().rename(columns=dict(zip(CHINESE, letters, strict=True)))
    frame.to_file(path, encoding="utf-8", engine="pyogrio")
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    for number, name in enumerate(CHINESE):
        at = 32 + 32 * number
        raw[at : at + 11] = name.encode(encoding)[:10].ljust(11, b"\0")
    for text in ("养殖一", "养殖二", "张三", "李伟", "开放式养殖用海", "开放式养殖", "市政府"):
        held, wanted = text.encode("utf-8"), text.encode(encoding)
        raw = bytearray(bytes(raw).replace(held, wanted.ljust(len(held))))
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    path.with_suffix(".cpg").unlink()
    return path


def test_columns_cut_to_ten_bytes(tmp_path):
    utf8 = cut_names(tmp_path / "u.shp", "utf-8")
    with pytest.raises(InputRefused) as refused:
        brought(utf8, PERMITS, values=SET)
    # 证书编, 用海项, 审批机, 宗海面 can be one thing only; 用海类, 起始日 too; 海域使 cannot
    assert "column '海域使' may be 'permit_id' or 'holder' or 'use_type' or 'use_mode'" in str(
        refused.value
    )
    got = brought(utf8, PERMITS, values=SET, rename={"海域使": "holder"})
    assert list(got.frame.permit_id) == ["C1", "C2"]
    assert list(got.frame.holder) == ["张三", "李伟"]
    assert got.record["columns"]["用海项"] == {"as": "project_name", "by": "alias cut to ten bytes"}
    gbk = cut_names(tmp_path / "g.shp", "gb18030")
    with pytest.raises(InputRefused, match="column '海域使用权' may be 'permit_id' or 'holder'"):
        brought(gbk, PERMITS, values=SET)
    got = brought(gbk, PERMITS, values=SET, rename={"海域使用权": "holder"})
    assert list(got.frame.project_name) == ["养殖一", "养殖二"]
    assert list(got.frame.use_mode) == ["41", "41"]


def test_ambiguous_columns_are_asked(tmp_path):
    both = chinese(终止时间=None, 终止日期=["2030-12-31"] * 2, 有效期至=["2031-12-31"] * 2)
    both.to_file(tmp_path / "p.gpkg", engine="pyogrio")
    with pytest.raises(InputRefused, match="columns '有效期至', '终止日期' may each be 'valid_to'"):
        brought(tmp_path / "p.gpkg", PERMITS, values=SET)
    got = brought(tmp_path / "p.gpkg", PERMITS, values=SET, rename={"有效期至": "valid_to"})
    assert str(got.frame.valid_to[0].date()) == "2031-12-31"
    assert got.record["unused"] == ["终止日期"]
    same = chinese(终止时间=None, 终止日期=["2030-12-31"] * 2, 有效期至=["2030-12-31"] * 2)
    same.to_file(tmp_path / "q.gpkg", engine="pyogrio")
    assert len(brought(tmp_path / "q.gpkg", PERMITS, values=SET).frame) == 2
    with pytest.raises(InputRefused, match="no column '编号', which `rename` names"):
        brought(tmp_path / "q.gpkg", PERMITS, values=SET, rename={"编号": "permit_id"})


def test_what_is_set_fills_blanks_and_nothing_else(tmp_path):
    zones(name=["北", None]).to_file(tmp_path / "z.gpkg", engine="pyogrio")
    got = brought(tmp_path / "z.gpkg", values={"name": "无名"})
    assert list(got.frame.name) == ["北", "无名"]
    assert got.record["set"] == {"name": 1}
    with pytest.raises(InputRefused, match="no column 'colour' to set"):
        brought(tmp_path / "z.gpkg", values={"colour": "red"})


ESRI = (
    'PROJCS["{name}",GEOGCS["{gcs}",DATUM["{datum}",SPHEROID["{sphere}",{axis}]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",{east}],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
NEW = {
    "gcs": "GCS_China_Geodetic_Coordinate_System_2000",
    "datum": "D_China_2000",
    "sphere": "CGCS2000",
    "axis": "6378137.0,298.257222101",
}
XIAN = {
    "gcs": "GCS_Xian_1980",
    "datum": "D_Xian_1980",
    "sphere": "Xian_1980",
    "axis": "6378140.0,298.257",
}
BEIJING = {
    "gcs": "GCS_Beijing_1954",
    "datum": "D_Beijing_1954",
    "sphere": "Krasovsky_1940",
    "axis": "6378245.0,298.3",
}


def with_prj(tmp_path, prj, move=0.0):
    frame = zones().set_geometry(zones().geometry.translate(move))
    frame.to_file(tmp_path / "z.shp", encoding="utf-8", engine="pyogrio")
    (tmp_path / "z.prj").unlink()
    if prj:
        (tmp_path / "z.prj").write_text(prj)
    return tmp_path / "z.shp"


def test_a_prj_as_esri_spells_it(tmp_path):
    cm = ESRI.format(name="CGCS2000_3_Degree_GK_CM_120E", east=500000.0, meridian=120.0, **NEW)
    got = brought(with_prj(tmp_path, cm))
    assert got.record["crs"]["name"].startswith("EPSG:4549")
    assert got.record["crs"]["note"] == ""
    assert near(got.frame, 0)
    zone = ESRI.format(name="CGCS2000_3_Degree_GK_Zone_40", east=40500000.0, meridian=120.0, **NEW)
    got = brought(with_prj(tmp_path, zone, move=4e7))
    assert near(got.frame, 0.001)
    own = ESRI.format(name="Weihai_121_5", east=500000.0, meridian=121.5, **NEW)
    path = with_prj(tmp_path, own)
    zones().to_crs("+proj=tmerc +lon_0=121.5 +x_0=500000 +ellps=GRS80").set_crs(
        CRS, allow_override=True
    ).to_file(path, encoding="utf-8", engine="pyogrio")
    path.with_suffix(".prj").write_text(own)
    got = brought(path)
    assert near(got.frame, 0.001)


@pytest.mark.parametrize(("datum", "said"), [(XIAN, "Xian 1980"), (BEIJING, "Beijing 1954")])
def test_an_old_datum_is_not_passed_off_as_the_new(tmp_path, datum, said):
    name = f"{said.replace(' ', '_')}_3_Degree_GK_CM_120E"
    prj = ESRI.format(name=name, east=500000.0, meridian=120.0, **datum)
    with pytest.raises(InputRefused, match=f"its datum is {said}, and no transformation"):
        brought(with_prj(tmp_path, prj))


def test_no_prj_is_asked_or_assumed_and_said(tmp_path):
    path = with_prj(tmp_path, None)
    with pytest.raises(InputRefused, match="metres of a zone that is not said; name it with --crs"):
        brought(path)
    assert brought(path, crs=CRS).record["crs"]["how"] == "told"
    got = brought(with_prj(tmp_path, None, move=4e7))
    assert "carry the zone number 40" in got.record["crs"]["how"]
    assert near(got.frame, 0.001)
    with pytest.raises(InputRefused, match="names a CRS that is none known"):
        brought(with_prj(tmp_path, "LOCAL_CS[nothing"))
    degrees = zones().to_crs("EPSG:4490")
    degrees.to_file(path, encoding="utf-8", engine="pyogrio")
    path.with_suffix(".prj").unlink()
    got = brought(path)
    assert got.record["crs"]["how"] == "assumed: its numbers are degrees, taken as CGCS2000"
    assert near(got.frame, 0.001)


def test_one_row_in_a_wrong_place_is_named_alone(tmp_path):
    features = dirty.clean(12)
    ring = features[4]["geometry"]["coordinates"][0]
    features[4]["geometry"]["coordinates"][0] = [[y, x] for x, y in ring]
    path = dirty.save(tmp_path / "p.geojson", features)
    with pytest.raises(InputRefused, match=r"row 5 at \(415.*\), outside CGCS2000.*swapped"):
        brought(path, PERMITS)
    got = brought(path, PERMITS, keep_good=True)
    assert [one["row"] for one in got.record["refused"]] == [5]
    assert len(got.frame) == 11


def test_the_record_is_the_same_for_the_same_file(tmp_path):
    features, _, _ = dirty.planted()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        dirty.save(tmp_path / folder / "p.geojson", features)
    said = [
        json.dumps(brought(tmp_path / folder / "p.geojson", PERMITS, keep_good=True).record)
        for folder in ("one", "two")
    ]
    assert said[0] == said[1]
    assert str(tmp_path) not in said[0]


def test_lines_are_lines(tmp_path):
    coast = {
        "segment_id": ["S1", "S2"],
        "kind": ["砂质岸线", "bedrock"],
        "baseline": "2019",
        "surveyed": "2019-06-01",
    }
    lines = [LineString([(X, Y), (X + 9, Y), (X + 9, Y)]), LineString([(X, Y), (X, Y)])]
    frame = gpd.GeoDataFrame(coast, geometry=lines, crs=CRS)
    frame.to_file(tmp_path / "c.gpkg", engine="pyogrio")
    with pytest.raises(InputRefused, match="invalid geometry in row 2"):
        brought(tmp_path / "c.gpkg", COASTLINE)
    got = brought(tmp_path / "c.gpkg", COASTLINE, keep_good=True)
    assert list(got.frame.kind) == ["sandy"]
    assert got.record["repairs"][0]["what"] == "vertices"
