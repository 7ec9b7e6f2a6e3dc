"""What is handed out of a run: files for spreadsheets and handhelds."""

import csv
import json
import re
import shutil
import subprocess
import time
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import seawatch
from seawatch.errors import CannotFinish, UsageError
from seawatch.geo import dms
from seawatch.layers import empty_layers
from seawatch.maps.words import rule_word, word
from seawatch.reports import fonts
from seawatch.reports.exports import write_exports
from seawatch.reports.paper import Paper
from seawatch.reports.sheet import sheets
from seawatch.tables import FLAGS, VERDICTS

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


FACE = fonts.find()
needs_font = pytest.mark.skipif(FACE is None, reason="no Chinese font on this machine")


def poppler(tool, path, *more):
    """What one of poppler's tools says of a file."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} (poppler-utils) is not on this machine")
    done = subprocess.run([tool, str(path), *more], capture_output=True, check=True)
    return done.stdout.decode()


def asking_for_sheets(week):
    with (week.project.folder / "seawatch.toml").open("a", encoding="utf-8") as file:
        file.write("\n[reports]\nsheets = true\n")
    return seawatch.open(week.project.folder)


@pytest.fixture(scope="module")
def sheet(first_week, tmp_path_factory):
    """The flag of a run, the sheet it has, and the workspace."""
    if FACE is None:
        pytest.skip("no Chinese font on this machine")
    week = seawatch.open(shutil.copytree(first_week, tmp_path_factory.mktemp("sheets") / "week"))
    page = week.redraw(sheets=True)
    flag = week.runs()[0].flags.iloc[0]
    return flag, page.parent / "sheets" / f"{flag.flag_id}.pdf", week


def test_every_font_of_a_sheet_is_embedded(sheet):
    rows = poppler("pdffonts", sheet[1]).splitlines()[2:]
    assert rows
    for row in rows:
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row  # embedded, subset, to Unicode


def test_a_sheet_can_be_searched_and_copied(sheet):
    flag, path, _ = sheet
    text = poppler("pdftotext", path, "-")
    point = sheet_point(flag)
    for wanted in (flag.flag_id, "fill_no_permit", "疑似未批填海", flag.basis[:8], dms(point.y)):
        assert wanted in text
    assert "位置（CGCS2000）" in text
    plain = "".join(text.split())
    assert rule_word("fill_no_permit", "check", "zh") in plain
    assert all(f"□{word(f'verdict_{v}', 'zh')}" in plain for v in VERDICTS)
    assert "2025-11-12 10:50 – 2026-11-14 10:50" in text  # on the clock of the place


def test_a_sheet_is_in_one_language_whatever_the_run_was_in(sheet, tmp_path):
    _, path, week = sheet
    again = seawatch.open(shutil.copytree(week.project.folder, tmp_path / "week"))
    page = again.redraw(language="en", sheets=True)
    text = poppler("pdftotext", page.parent / "sheets" / path.name, "-")
    assert "Suspected fill without a permit: " in " ".join(text.split())
    assert not re.findall("[\u3400-\u9fff]+", text)


def sheet_point(flag):
    shape = gpd.GeoSeries([flag.geometry], crs="EPSG:4549").to_crs("EPSG:4326")
    return shape.representative_point().iloc[0]


def test_a_sheet_asks_nothing_of_its_reader_and_holds_its_pictures(sheet):
    content = sheet[1].read_bytes()
    assert content.count(b"/DCTDecode") == 2
    assert b"/FontFile" in content
    for live in (b"/JavaScript", b"/URI", b"/Launch", b"/EmbeddedFile", b"http"):
        assert live not in content


def test_the_same_sheet_is_the_same_bytes(sheet):
    _, path, week = sheet
    first = path.read_bytes()
    time.sleep(1.1)  # a PDF's clock has whole seconds
    week.redraw(sheets=True)
    assert path.read_bytes() == first


@needs_font
@pytest.mark.parametrize("name", ["", "崂", "围填海 Ωж 🌊"])
def test_a_face_cut_down_gives_the_bytes_of_the_whole_one(tmp_path, name):
    letters = fonts.Letters(FACE, tmp_path)
    letters.hold("核查单0123456789 " + name)

    def drawn(face):
        paper = Paper(face, "t", "zh")
        paper.begin("核查单")
        paper.multi_cell(100, 5, "核 " + name)
        return paper

    cut = drawn(letters.face)
    assert not letters.lacks(cut.letters)
    assert letters.lacks("单位")
    assert bytes(cut.output()) == bytes(drawn(FACE).output())


@needs_font
def test_what_only_one_sheet_says_is_printed(tmp_path):
    flags = some_flags(["崂山", "鲅鱼圈"])
    layers = empty_layers("EPSG:4549")
    made = dict(sheets(flags, layers, {}, "曲阜", "zh", FACE, ZoneInfo("UTC")))
    for (name, content), said in zip(made.items(), ("崂山", "鲅鱼圈"), strict=True):
        (tmp_path / name).write_bytes(content)
        told = poppler("pdftotext", tmp_path / name, "-")
        assert said in told
        assert "曲阜" in told


@needs_font
def test_hostile_and_long_texts_fit_on_a_sheet():
    flags = some_flags(["".join(HOSTILE), "很长的理由" * 900])
    made = dict(
        sheets(flags, empty_layers("EPSG:4549"), {}, "<b>**__", "zh", FACE, ZoneInfo("UTC"))
    )
    assert list(made) == [f"{flag_id}.pdf" for flag_id in flags.flag_id]
    assert all(content.startswith(b"%PDF-") for content in made.values())


@needs_font
def test_only_what_is_to_be_visited_has_a_sheet():
    flags = some_flags(["x"] * 5).assign(status=["new", "open", "unseen", "cleared", "settled"])
    made = dict(sheets(flags, empty_layers("EPSG:4549"), {}, "", "en", FACE, ZoneInfo("UTC")))
    assert list(made) == [f"{flag_id}.pdf" for flag_id in flags.flag_id[:2]]


@needs_font
def test_a_run_that_is_told_so_writes_sheets(week):
    run = asking_for_sheets(week).run("2026-11-16")
    name = f"sheets/{run.flags.flag_id.iloc[0]}.pdf"
    assert (run.folder / name).exists()
    manifest = json.loads((run.folder / "run.json").read_text("utf-8"))
    assert name in {row["path"] for row in manifest["outputs"]}
    assert manifest["sheets"]["font"] == FACE.path.name


def test_without_a_font_a_run_goes_on_and_says_so(week, monkeypatch, capsys):
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    week = asking_for_sheets(week)
    run = week.run("2026-11-16")
    assert (run.folder / "index.html").exists()
    assert not (run.folder / "sheets").exists()
    manifest = json.loads((run.folder / "run.json").read_text("utf-8"))
    assert "no Chinese font" in manifest["sheets"]["left_out"]
    assert "no Chinese font" in capsys.readouterr().err
    with pytest.raises(CannotFinish, match="Noto Sans CJK"):
        week.redraw(sheets=True)


def test_a_font_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.ttf").write_bytes(b"no font")
    (tmp_path / "a.ttc").write_bytes(b"no font")
    for name in ("a.ttf", "a.ttc", "missing.otf"):
        with pytest.raises(UsageError, match=r"\[reports\] font"):
            fonts.find(tmp_path / name)
