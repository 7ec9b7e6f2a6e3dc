"""Tables of corner points: every usual spelling, what is told, what is asked, and the way back."""

import json

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from conftest import CRS, at, permit, write_layers
from seawatch import geo
from seawatch.errors import InputRefused
from seawatch.io.parcels import looks_like_parcels, read_parcels, write_parcels
from seawatch.parcels import parcels_of
from seawatch.parcels.coordinates import readings, tidy, written
from seawatch.parcels.corners import corner_table
from seawatch.parcels.notices import sort_rows
from seawatch.tables import PERMITS

CM = "坐标系 CGCS2000 中央经线 122°30′"
SQUARE = [(37.5, 122.4), (37.5, 122.41), (37.51, 122.41), (37.51, 122.4)]
"""North, east of the corners that every spelling below writes."""


def read(path, text, **more):
    path = path / "notice.txt"
    path.write_text(text, "utf-8")
    return read_parcels(path, strict=False, **more)


def keys(table, kind):
    return [remark.key for remark in table.remarks if remark.kind == kind]


def lines(spell, head="点号 北纬 东经", corners=SQUARE):
    rows = [f"{n} {spell(north)} {spell(east)}" for n, (north, east) in enumerate(corners, 1)]
    return "\n".join([CM, head, *rows])


def dms(mark):
    """A spelling with `mark` as a pattern of degrees, minutes and seconds."""

    def spell(degrees):
        units = round(degrees * 3600 * 1000)
        minutes, milli = divmod(units, 60000)
        d, m = divmod(minutes, 60)
        return mark.format(d=d, m=m, s=f"{milli / 1000:06.3f}")

    return spell


SPELLINGS = {
    "primes": dms("{d}°{m:02d}′{s}″"),
    "typewriter": dms("{d}°{m:02d}'{s}\""),
    "two quotes": dms("{d}°{m:02d}'{s}''"),
    "curly": dms("{d}º{m:02d}’{s}”"),
    "Chinese": dms("{d}度{m}分{s}秒"),
    "hyphens": dms("{d}-{m}-{s}"),
    "colons": dms("{d}:{m:02d}:{s}"),
    "letters": dms("{d}d{m:02d}m{s}s"),
    "spaces": dms("{d} {m:02d} {s}"),
    "minutes": lambda v: f"{int(v)}°{(v - int(v)) * 60:.6f}′",
    "degrees": lambda v: f"{v:.8f}°",
    "full width": lambda v: dms("{d}°{m:02d}′{s}″")(v).translate(
        {**{48 + n: 0xFF10 + n for n in range(10)}, 46: 0xFF0E}
    ),
    "comma": lambda v: dms("{d}°{m:02d}′{s}″")(v).replace(".", ","),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_usual_spelling_is_the_same_square(tmp_path, name):
    table = read(tmp_path, lines(SPELLINGS[name]))
    assert not keys(table, "fault")
    (shape,) = table.rings.geometry
    expected = Polygon([(east, north) for north, east in SQUARE])
    assert shape.hausdorff_distance(expected) < 2e-9


@pytest.mark.parametrize(
    "row",
    [
        "{n}\t{north}N\t{east}E",
        "{n}\tN{north}\tE{east}",
        "{n} {north} N {east} E",
        "{n} N {north} E {east}",
        "{n}\t北纬{north}\t东经{east}",
        "{n}、北纬{north}，东经{east}",
        "{n}: {east}E, {north}N",
        "J{n} {north}N{east}E",
        "（{n}）东经{east}；北纬{north}",
        "{north}N {east}E",
    ],
)
def test_letters_tell_the_columns_in_any_order(tmp_path, row):
    spell = SPELLINGS["primes"]
    rows = [row.format(n=n, north=spell(a), east=spell(b)) for n, (a, b) in enumerate(SQUARE, 1)]
    table = read(tmp_path, "\n".join([CM, *rows]))
    assert not keys(table, "fault")
    assert "order_by_values" not in keys(table, "assumed")
    expected = Polygon([(east, north) for north, east in SQUARE])
    assert table.rings.geometry[0].hausdorff_distance(expected) < 2e-9


SENTENCE = "（{n}）{north}N，{east}E"


@pytest.mark.parametrize("end", ["；", "。\n", "；\n"])
def test_points_in_a_sentence(tmp_path, end):
    spell = SPELLINGS["primes"]
    parts = [
        SENTENCE.format(n=n, north=spell(a), east=spell(b)) for n, (a, b) in enumerate(SQUARE, 1)
    ]
    where = "本项目位于北纬37°30′00″、东经122°24′00″附近，界址点为：\n"
    table = read(tmp_path, where + end.join(parts) + "。")
    assert not keys(table, "fault")
    assert "text_ignored" in keys(table, "notice")
    expected = Polygon([(east, north) for north, east in SQUARE])
    assert table.rings.geometry[0].hausdorff_distance(expected) < 2e-9


def test_a_points_name_is_no_letter_of_its_column(tmp_path):
    near = [(10.0, 20.0), (10.0, 20.1), (10.1, 20.1), (10.1, 20.0)]
    spell = SPELLINGS["hyphens"]
    rows = [f"{name} {spell(a)} {spell(b)}" for name, (a, b) in zip("DEFG", near, strict=True)]
    table = read(tmp_path, "\n".join(["点号 纬度 经度", *rows]))
    assert not keys(table, "fault")
    assert table.rings.total_bounds == pytest.approx([20, 10, 20.1, 10.1])


def test_a_row_without_its_coordinates_is_a_fault(tmp_path):
    spell = SPELLINGS["typewriter"]
    path = tmp_path / "t.csv"
    rows = [
        f'{n},"{spell(a)}","{spell(b)}"'.replace('""', '"""') for n, (a, b) in enumerate(SQUARE, 1)
    ]
    path.write_text("\n".join(["点号,北纬,东经", *rows[:2], "3,,", *rows[3:]]), "utf-8")
    table = read_parcels(path, strict=False)
    assert keys(table, "fault") == ["unreadable"]
    assert table.said("fault")[0].startswith("row 4:")


def test_columns_are_told_by_heading_or_value_else_asked(tmp_path):
    spell = SPELLINGS["primes"]
    turned = [(east, north) for north, east in SQUARE]
    table = read(tmp_path, lines(spell, "点号 东经 北纬", turned))
    assert not keys(table, "fault")
    assert table.rings.total_bounds[0] == pytest.approx(122.4)
    table = read(tmp_path, lines(spell, "点号 东经(CGCS2000) 北纬(CGCS2000)", turned))
    assert "order_by_values" not in keys(table, "assumed")
    table = read(tmp_path, lines(spell, "", turned))
    assert "order_by_values" in keys(table, "assumed")
    assert table.rings.total_bounds[0] == pytest.approx(122.4)
    table = read(tmp_path, lines(spell, "点号 北纬 东经", turned))
    assert "headings_wrong" in keys(table, "assumed")
    assert table.rings.total_bounds[0] == pytest.approx(122.4)
    equator = [(10.0, 20.0), (10.0, 20.1), (10.1, 20.1), (10.1, 20.0)]
    assert keys(read(tmp_path, lines(spell, "", equator)), "fault") == ["order"]
    assert not keys(read(tmp_path, lines(spell, corners=equator), meridian=20), "fault")


PACKED = "{:.7f}".format


def packed(degrees):
    units = round(degrees * 3600 * 1000)
    minutes, milli = divmod(units, 60000)
    d, m = divmod(minutes, 60)
    return f"{d}.{m:02d}{milli:05d}"


def test_packed_degrees_are_asked_where_they_cannot_be_told(tmp_path):
    small = [(37.5042, 122.4042), (37.5042, 122.4050), (37.5050, 122.4050), (37.5050, 122.4042)]
    table = read(tmp_path, lines(packed, corners=small))
    assert keys(table, "fault") == ["notation"]
    assert "37°30′15.120″" in table.said("fault")[0]  # packed
    assert "37°18′" in table.said("fault")[0]  # decimal
    table = read(tmp_path, lines(packed, corners=small), notation="packed")
    assert not keys(table, "fault")
    assert table.rings.total_bounds == pytest.approx([122.4042, 37.5042, 122.4050, 37.5050])
    table = read(tmp_path, lines(packed, corners=small), notation="decimal")
    assert table.rings.total_bounds[1] == pytest.approx(37.301512)
    assert not keys(read(tmp_path, lines(packed, "点号 北纬(ddd.mmss) 东经", small)), "fault")


def test_sixty_minutes_or_seconds_are_decimal_degrees(tmp_path):
    sixty = [(37.5071, 122.4), (37.5, 122.41), (37.51, 122.41), (37.51, 122.4)]  # .5071: 71 seconds
    table = read(tmp_path, lines("{:.6f}".format, corners=sixty))
    assert not keys(table, "fault")
    assert "decimal" in keys(table, "assumed")
    assert table.rings.total_bounds[1] == pytest.approx(37.5)


def test_a_wide_parcel_whose_seconds_never_reach_sixty_is_packed(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 31)[:-1]
    corners = list(zip(37.5 + 0.04 * np.sin(angle), 122.4 + 0.05 * np.cos(angle), strict=True))
    table = read(tmp_path, lines(packed, corners=corners))
    assert "packed" in keys(table, "assumed")
    assert table.rings.total_bounds[1] == pytest.approx(37.46, abs=3e-4)


def test_the_published_area_tells_packed_from_decimal(tmp_path):
    small = [(37.5042, 122.4042), (37.5042, 122.4050), (37.5050, 122.4050), (37.5050, 122.4042)]
    text = lines(packed, corners=small)
    shape = gpd.GeoSeries([Polygon([(e, n) for n, e in small])], crs="EPSG:4490")
    area = geo.plane_area_m2(shape, 122.5)[0] / 1e4
    table = read(
        tmp_path, f"{text}\n\n单元\t用海方式\t界址线\t面积(公顷)\nA\t\t1-2-3-4-1\t{area:.4f}"
    )
    assert not keys(table, "fault")
    assert table.rings.total_bounds == pytest.approx([122.4042, 37.5042, 122.4050, 37.5050])
    assert any("published area" in text for text in table.said("assumed"))


def plane(north_first=True, zone=0, meridian=120.0, decimals=3):
    """The square in metres of a plane, as rows of text."""
    shape = gpd.GeoSeries.from_xy([e for _, e in SQUARE], [n for n, _ in SQUARE], crs="EPSG:4490")
    points = shape.to_crs(geo.gauss_kruger("EPSG:4490", meridian))
    rows = []
    for n, point in enumerate(points, 1):
        pair = [f"{point.y:.{decimals}f}", f"{point.x + zone * 1e6:.{decimals}f}"]
        rows.append(",".join([f"J{n}", *(pair if north_first else pair[::-1])]))
    return rows


@pytest.mark.parametrize("north_first", [True, False])
def test_plane_coordinates_with_a_zone(tmp_path, north_first):
    text = "\n".join(["点号,X,Y", *plane(north_first, zone=41, meridian=123)])
    table = read(tmp_path, text)
    assert not keys(table, "fault")
    assert "zone" in keys(table, "assumed")
    expected = Polygon([(east, north) for north, east in SQUARE])
    assert table.rings.geometry[0].hausdorff_distance(expected) < 2e-8
    assert keys(read(tmp_path, "中央经线 120°\n" + text), "fault") == ["zone_contradicts"]
    asked = read(tmp_path, text, meridian=122.5)  # of the areas alone: the zone tells the place
    assert not keys(asked, "fault")
    assert asked.rings.geometry[0].equals(table.rings.geometry[0])
    assert set(asked.rings.meridian) == {122.5}


def test_plane_coordinates_without_a_zone_need_a_meridian(tmp_path):
    rows = plane(meridian=122.5)
    text = "\n".join(["点号,X,Y", *rows])
    assert keys(read(tmp_path, text), "fault") == ["no_zone"]
    for table in (read(tmp_path, text, meridian=122.5), read(tmp_path, f"{CM}\n{text}")):
        assert not keys(table, "fault")
        assert table.rings.total_bounds[0] == pytest.approx(122.4, abs=1e-8)
        assert set(table.rings.meridian) == {122.5}


def test_the_exchange_format_of_surveys(tmp_path):
    rows = plane(zone=41, meridian=123)
    outer = [row.replace(",", ",1,", 1) for row in [*rows, rows[0]]]
    x = [float(row.split(",")[1]) for row in rows]
    y = [float(row.split(",")[2]) for row in rows]
    mid = (min(x) + max(x)) / 2, (min(y) + max(y)) / 2
    hole = [(mid[0], mid[1]), (mid[0] + 50, mid[1]), (mid[0], mid[1] + 50), (mid[0], mid[1])]
    inner = [f"J{5 + n % 3},2,{a:.3f},{b:.3f}" for n, (a, b) in enumerate(hole)]
    head = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n带号=41\n[地块坐标]\n"
    whole = (max(x) - min(x)) * 1000
    text = f"{head}9,{whole / 1e4:.4f},1,一区,面,,,,@\n" + "\n".join([*outer, *inner])
    table = read(tmp_path, f"{text}\n5,0,2,二区,面,,,,@\n" + "\n".join(outer))
    assert not keys(table, "fault")
    assert list(table.rings["name"]) == ["一区", "二区"]
    one, other = table.rings.ellipsoidal_area_m2
    assert other - one == pytest.approx(1250, abs=2)
    assert len(table.rings.geometry[0].interiors) == 1
    assert set(table.rings.meridian) == {123}
    lost = text.replace(inner[1] + "\n", "")
    assert "count_off" in keys(read(tmp_path, lost), "fault")


def test_rings_share_points_and_leave_holes(tmp_path):
    corners = [*SQUARE, (37.503, 122.403), (37.503, 122.407), (37.507, 122.405)]
    text = lines(SPELLINGS["primes"], corners=corners)
    rings = "单元\t用海方式\t界址线\t面积(公顷)\n外圈\t透水构筑物\t1-2-3-4-1；5-6-7-5\t\n内圈\t港池、蓄水\t5-6-7-5\t"
    table = read(tmp_path, f"{text}\n\n{rings}")
    assert not keys(table, "fault")
    assert "hole" in keys(table, "assumed")
    outer, inner = table.rings.geometry
    assert outer.intersection(inner).area == 0
    assert outer.area + inner.area == pytest.approx(1e-4)
    assert list(table.rings.use) == ["透水构筑物", "港池、蓄水"]


def test_dots_in_a_ring_are_filled_in_and_said(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 13)[:-1]
    corners = list(zip(37.5 + 0.004 * np.sin(angle), 122.4 + 0.005 * np.cos(angle), strict=True))
    text = lines(SPELLINGS["primes"], corners=corners)
    table = read(tmp_path, f"{text}\n\n单元\t界址线\nA\t2-3-4-…-12-2\nB\t1-2-12-1")
    assert not keys(table, "fault")
    assert "ellipsis" in keys(table, "assumed")
    assert list(table.rings.points) == [11, 3]


def test_several_parcels_and_several_notices_in_one_text(tmp_path):
    east = [(n, e + 0.02) for n, e in SQUARE]
    spell = SPELLINGS["primes"]
    one = lines(spell) + "\n\n单元\t界址线\n甲\t1-2-3-4-1"
    other = (
        lines(spell, corners=east).replace("122°30′", "122°", 1) + "\n\n单元\t界址线\n乙\t1-2-3-4-1"
    )
    table = read(tmp_path, f"一号\n{one}\n\n二号\n{other}")
    assert not keys(table, "fault")
    assert list(table.rings["name"]) == ["甲", "乙"]
    assert list(table.rings.notice) == [1, 2]
    assert list(table.rings.meridian) == [122.5, 122.0]
    # without a table of rings: the numbers begin anew, or the first point comes again
    closed = [*SQUARE, SQUARE[0]]
    rows = [f"{spell(n)} {spell(e)}" for n, e in [*closed, *[(n, e + 0.02) for n, e in closed]]]
    table = read(tmp_path, "\n".join([CM, "北纬 东经", *rows]))
    assert len(table.rings) == 2
    assert not keys(table, "fault")


def test_sets_of_columns_side_by_side(tmp_path):
    spell = SPELLINGS["primes"]
    (a, b), (c, d), (e, f), (g, h) = [(spell(n), spell(m)) for n, m in SQUARE]
    head = "点号\t北纬\t东经\t点号\t北纬\t东经"
    down = f"{CM}\n{head}\n1\t{a}\t{b}\t3\t{e}\t{f}\n2\t{c}\t{d}\t4\t{g}\t{h}"
    across = f"{CM}\n{head}\n1\t{a}\t{b}\t2\t{c}\t{d}\n3\t{e}\t{f}\t4\t{g}\t{h}"
    odd = f"{CM}\n{head}\n1\t{a}\t{b}\t3\t{e}\t{f}\n2\t{c}\t{d}\t\t\t"
    for text in (down, across):
        table = read(tmp_path, text)
        assert not keys(table, "fault")
        expected = Polygon([(m, n) for n, m in SQUARE])
        assert table.rings.geometry[0].hausdorff_distance(expected) < 1e-9
    assert list(read(tmp_path, odd).rings.points) == [3]


def test_degrees_minutes_and_seconds_in_columns_of_their_own(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["某项目宗海界址点"])
    sheet.append(["点号", "北纬", None, None, "东经", None, None])
    sheet.append([None, "度", "分", "秒", "度", "分", "秒"])
    for n, (north, east) in enumerate(SQUARE, 1):
        parts = [x for v in (north, east) for x in SPELLINGS["spaces"](v).split()]
        sheet.append([n, *(float(p) if "." in p else int(p) for p in parts)])
    book.save(tmp_path / "t.xlsx")
    table = read_parcels(tmp_path / "t.xlsx")
    expected = Polygon([(east, north) for north, east in SQUARE])
    assert table.rings.geometry[0].hausdorff_distance(expected) < 2e-9
    assert looks_like_parcels(tmp_path / "t.xlsx")


def test_a_workbook_of_long_rows_groups_by_its_parcel_column(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["宗海名称", "点号", "X", "Y"])
    for name, shift in (("甲", 0), ("乙", 2000)):
        for row in plane(zone=41, meridian=123):
            label, x, y = row.split(",")
            sheet.append([name, label, float(x), float(y) + shift])
    book.save(tmp_path / "t.xlsx")
    table = read_parcels(tmp_path / "t.xlsx")
    assert list(table.rings["name"]) == ["甲", "乙"]
    assert table.rings.ellipsoidal_area_m2.round().nunique() <= 2


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("37°30′36.000″", "37°61′36.000″"), "sixty"),
        (("3 37°30′36.000″", "3 37。30x"), "unreadable"),
        (("3 37°30′36.000″ 122°24′36.000″", "3 37°30′36.000″"), "unreadable"),
        (("37°30′36.000″ 122°24′36.000″", "37.51 122.41"), "mixed"),
        (("1-2-3-4-1", "1-2-3-9-1"), "no_such_point"),
        (("1-2-3-4-1", "1-3-2-4-1"), "crosses"),
        (("1-2-3-4-1", "1-3-2-4-1；1-2-3-1"), "crosses"),
        (("1-2-3-4-1", "1-2-3-1；2-3-4-2"), "crosses"),
        (("1-2-3-4-1", "1-2-1"), "few_points"),
        (("1-2-3-4-1", "2003-02-01T00:00:00"), "ring_unreadable"),
        (("4 37°30′36", "3 37°30′37"), "label_twice"),
        (("坐标系 CGCS2000", "坐标系 CGCS2000 中央经线 120°"), None),
        (("122°24′36.000″", "222°24′36.000″"), "out_of_range"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_fault_with_its_row(tmp_path, change, key):
    text = lines(SPELLINGS["primes"]) + "\n\n单元\t用海方式\t界址线\t面积\nA\t\t1-2-3-4-1\t"
    assert change[0] in text
    table = read(tmp_path, text.replace(*change))
    if key is None:
        return
    assert key in keys(table, "fault")
    (tmp_path / "notice.txt").write_text(text.replace(*change), "utf-8")
    with pytest.raises(InputRefused) as refused:
        read_parcels(tmp_path / "notice.txt")
    assert len(refused.value.problems) == len(table.said("fault"))


def test_what_is_odd_is_noticed(tmp_path):
    far = [*SQUARE[:3], (37.51, 121.4)]
    assert "far_point" in keys(
        read(tmp_path, lines(SPELLINGS["primes"], corners=[*SQUARE, *far[3:]])), "notice"
    )
    text = lines(SPELLINGS["primes"])
    lost = text.replace("\n2 ", "\n7 ").replace("\n3 ", "\n8 ").replace("\n4 ", "\n9 ")
    assert "missing_labels" in keys(
        read(
            tmp_path, lost.replace("\n7 ", "\n2 ").replace("\n8 ", "\n3 ").replace("\n9 ", "\n5 ")
        ),
        "notice",
    )
    assert "other_datum" in keys(read(tmp_path, text.replace("CGCS2000", "西安80")), "notice")
    assert str(read(tmp_path, text.replace("CGCS2000", "西安80")).rings.crs) == "EPSG:4610"
    two = text + "\n坐标系 北京54"
    assert "datums" in keys(read(tmp_path, two), "fault")
    wrong = text + "\n\n单元\t界址线\t面积(公顷)\nA\t1-2-3-4-1\t90.0000"
    assert "published_off" in keys(read(tmp_path, wrong), "notice")
    sides = "\n\n单元\t界址线\nA\t1-2-3-4-1\nB\t1-2-3-1"
    assert "overlap" not in keys(read(tmp_path, text + sides), "notice")  # B lies in A


def test_a_parcel_across_180_degrees_is_refused(tmp_path):
    corners = [(37.5, 179.9), (37.5, -179.9), (37.6, -179.9), (37.6, 179.9)]
    rows = [f"{n} {a:.4f}° {b:.4f}°" for n, (a, b) in enumerate(corners, 1)]
    table = read(tmp_path, "\n".join(["点号 北纬 东经", *rows]))
    assert keys(table, "fault") == ["antimeridian"]
    across = gpd.GeoSeries([box(-179.9, 37.5, 179.9, 37.6)], crs="EPSG:4490")
    with pytest.raises(ValueError, match="180"):
        geo.plane_area_m2(across, 180)


def test_encodings_and_files_that_are_no_table(tmp_path):
    text = lines(SPELLINGS["primes"])
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (tmp_path / "t.txt").write_text(text, encoding)
        assert not keys(read_parcels(tmp_path / "t.txt"), "fault")
    assert looks_like_parcels(tmp_path / "t.txt")
    (tmp_path / "b.txt").write_bytes(b"\xff\x00\xff")
    with pytest.raises(InputRefused, match="neither UTF-8"):
        read_parcels(tmp_path / "b.txt")
    (tmp_path / "b.xlsx").write_bytes(b"PK\3\4 no workbook")
    with pytest.raises(InputRefused, match=r"b\.xlsx: broken or cut short .*; copy the file again"):
        read_parcels(tmp_path / "b.xlsx")
    assert not looks_like_parcels(tmp_path / "b.xlsx")
    (tmp_path / "w.csv").write_text('WKT,id\n"POLYGON ((0 0,1 0,1 1,0 0))",1\n')
    assert not looks_like_parcels(tmp_path / "w.csv")
    (tmp_path / "e.txt").write_text("nothing here")
    with pytest.raises(InputRefused, match="no corner points"):
        read_parcels(tmp_path / "e.txt")


# the two real notices


@pytest.mark.parametrize("name", ["wharf_notice", "tide_station_notice"])
def test_real_notices_come_out_as_their_corners_say(shared, name):
    table = read_parcels(shared / "sea_parcels" / f"{name}.txt")
    truth = gpd.read_file(shared / "sea_parcels" / "sea_parcels_real.geojson").set_index("ring")
    for row in table.rings.itertuples():
        real = truth.loc[row.ring]
        assert row.meridian == real.cm
        assert row.plane_area_m2 / 1e4 == pytest.approx(real.gk_area_ha, abs=0.0001)
        assert round(row.plane_area_m2 / 1e4, 4) == real.gk_area_ha
        assert row.published_ha == real.published_ha
        assert shapely.equals_exact(row.geometry, real.geometry, 1e-9, normalize=True)
    disagree = [text for text in table.said("notice") if "last digit" in text]
    assert len(disagree) == (name == "wharf_notice")
    assert all("0.0147" in text and "0.0148" in text for text in disagree)


# and back


def rings_around(centre, radius, count, wobble):
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = radius * (1 - 0.5 * np.asarray(wobble[:count]))
    return np.column_stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle)])


outline = st.tuples(
    st.floats(-2, 2),
    st.floats(-80, 80),
    st.floats(1e-5, 0.2),
    st.integers(3, 12),
    st.lists(st.floats(0, 1), min_size=12, max_size=12),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(outline, min_size=1, max_size=3), st.sampled_from([-177.5, -70.0, 0.0, 122.5]))
def test_written_and_read_again_no_corner_moves_by_more_than_half_a_unit(
    tmp_path_factory, given, meridian
):
    shapes = []
    for away, north, radius, count, wobble, hollow, twin in given:
        east = meridian + away
        shell = rings_around((east, north), radius, count, wobble)
        hole = rings_around((east, north), radius / 5, 4, [0] * 4)
        shape = Polygon(shell, [hole] if hollow else [])
        if twin:
            beside = rings_around((east, north + 3 * radius), radius, count, wobble)
            shape = MultiPolygon([shape, Polygon(beside)])
        if shape.is_valid:
            shapes.append(shape)
    frame = gpd.GeoSeries(shapes, crs="EPSG:4490")
    folder = tmp_path_factory.mktemp("corners")
    for path in (folder / "t.txt", folder / "t.csv"):
        try:
            write_parcels(path, corner_table(frame, meridian=meridian))
        except InputRefused as refused:
            # only what a thousandth of a second cannot hold
            if min(g.bounds[2] - g.bounds[0] for g in shapes) < 1e-4:
                return
            raise refused from None
        back = read_parcels(path, strict=False)
        assert not [r for r in back.remarks if r.kind == "fault"], back.said("fault")
        assert "published_off" not in {r.key for r in back.remarks}
        for before, after in zip(frame, back.rings.geometry, strict=True):
            assert_same_corners(before, after)


def assert_same_corners(before, after):
    """The same rings, each corner within half a thousandth of a second."""
    assert len(shapely.get_parts(before)) == len(shapely.get_parts(after))
    assert len(shapely.get_rings(before)) == len(shapely.get_rings(after))
    half = 0.0005 / 3600 + 1e-12
    tree = shapely.STRtree(shapely.points(shapely.get_coordinates(after)))
    for corner in shapely.get_coordinates(before):
        near = tree.query(box(*(corner - half), *(corner + half)))
        assert len(near), corner


def test_any_layer_is_written_on_its_meridian(tmp_path):
    shapes = gpd.GeoSeries([box(620000, 4150000, 620300, 4150200)], crs="EPSG:4549")
    table = corner_table(shapes, names=["=1+1"])
    write_parcels(tmp_path / "t.csv", table)
    text = (tmp_path / "t.csv").read_text("utf-8-sig")
    assert "'=1+1" in text
    assert "中央经线 121°30′" in text
    back = read_parcels(tmp_path / "t.csv")
    assert back.rings.plane_area_m2[0] == pytest.approx(60000, rel=5e-4)
    assert f"{back.rings.plane_area_m2[0] / 1e4:.4f}" == table.rings.area_ha[0]
    assert not keys(back, "notice")


def test_a_shape_finer_than_the_table_is_refused():
    thin = gpd.GeoSeries([box(122, 37, 122 + 1e-8, 37.1)], crs="EPSG:4490")
    with pytest.raises(InputRefused, match=r"0\.001″"):
        corner_table(thin)


@given(st.floats(-180, 180, allow_nan=False), st.sampled_from([0, 1, 2, 3, 5]))
def test_written_degrees_are_read_again(degrees, decimals):
    (reading,) = readings(written(degrees, decimals))
    assert abs(reading.value - degrees) <= 0.5 * 10**-decimals / 3600 + 1e-11
    assert reading.fault is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    assert tidy(tidy(text)) == tidy(text)
    assert all(np.isfinite(reading.value) for reading in readings(text) or ())
    parcels_of(*sort_rows([(1, text.split(" ")), (2, [text]), (3, text.split("\t"))]))


# the commands


UNITS = "\n\n单元\t用海方式\t界址线\t面积(公顷)\n甲\t\t1-2-3-1\t49.0001\n乙\t\t1-3-4-1\t"


def test_parcel_says_what_a_table_describes(seawatch, tmp_path):
    path, out = tmp_path / "t.txt", tmp_path / "t.gpkg"
    path.write_text(lines(SPELLINGS["primes"]) + UNITS, "utf-8")
    code, said, _ = seawatch("parcel", path, "-o", out)
    assert code == 0
    assert "中央经线 122.5°，文件所写" in said
    assert "公布面积 49.0001 公顷" in said
    back = gpd.read_file(out)
    assert list(back["name"]) == ["甲", "乙"]
    code, said, _ = seawatch("parcel", path, "--json", "--lang", "en")
    fields = json.loads(said)
    assert fields["rings"][0]["points"] == 3
    assert fields["rings"][0]["corners"][0][0][2:] == ["37°30′00.000″", "122°24′00.000″"]
    assert fields["assumed"] == [
        "the corners' survey error is taken as 0.1 m, one standard deviation"
    ]
    code, said, _ = seawatch("parcel", out, "-o", tmp_path / "back.csv", "--lang", "en")
    assert code == 0
    again = read_parcels(tmp_path / "back.csv").rings
    assert again.plane_area_m2.tolist() == pytest.approx(back.plane_area_m2.tolist())
    path.write_text(lines(packed, corners=[(37.5, 122.4), (37.5, 122.4003), (37.5003, 122.4)]))
    out.unlink()
    code, said, _ = seawatch("parcel", path, "-o", out)
    assert code == 3
    assert "--notation" in said
    assert not out.exists()
    assert seawatch("parcel", path, "--notation", "octal")[0] == 2
    assert seawatch("parcel", path, "--notation", "packed")[0] == 0
    assert seawatch("parcel", path, "--notation", "packed", "--meridian", "20")[0] == 3
    assert seawatch("parcel", tmp_path / "none.txt")[0] == 3
    assert seawatch("parcel", path, "--notation", "packed", "-o", tmp_path / "t.dwg")[0] == 2


def test_a_table_becomes_permits(seawatch, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(lines(SPELLINGS["primes"]) + UNITS, "utf-8")
    rows = [(permit("A", "11", "surface"), at(0, 0, 10, 10))]
    folder = tmp_path / "bureau"
    folder.mkdir()
    write_layers(folder, CRS, {PERMITS: rows})
    (folder / "layers" / "permits.gpkg").unlink()
    into = ("layers", "import", path, "--as", "permits", "--into", folder)
    sets = {
        "permit_id": "2026-7",
        "scheme": "hy/t-123-2009",
        "use_type": "13",
        "use_mode": "41",
        "strata": "surface,water",
        "valid_from": "2026-01-01",
        "valid_to": "2030-12-31",
    }
    code, _, err = seawatch(*into, *(f"--set={k}={v}" for k, v in sets.items() if k != "valid_to"))
    assert code == 3
    assert "no column 'valid_to'" in err
    code, said, err = seawatch(*into, *(f"--set={k}={v}" for k, v in sets.items()))
    assert code == 0, err
    permits = PERMITS.check(gpd.read_file(said.strip()))
    assert list(permits.permit_id) == ["2026-7/1", "2026-7/2"]
    assert permits.area_ha[0] == 49.0001
    assert set(permits.meridian) == {122.5}
    assert permits.sigma_m[0] == pytest.approx(0.1, abs=0.001)
    assert permits.crs == CRS
    (folder / "layers" / "permits.gpkg").unlink()
    path.write_text(path.read_text("utf-8").replace("1-3-4-1", "1-3-5-1"), "utf-8")
    code, _, err = seawatch(*into, *(f"--set={k}={v}" for k, v in sets.items()))
    assert code == 3
    assert "names points 5" in err
