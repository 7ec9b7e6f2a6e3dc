"""The ledger as a workbook, and the GeoPackage that opens already drawn."""

import sqlite3
from datetime import datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pyogrio
import pytest
from test_reports import HOSTILE, some_flags

from seawatch.io.vectors import write_file
from seawatch.maps import qgis
from seawatch.maps.words import rule_word, word
from seawatch.reports.workbook import write_workbook
from seawatch.tables import FLAGS, RESULTS

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def rows(tmp_path):
    flags = some_flags().assign(status="new", chance=float("nan"))
    links = {flags.flag_id[0]: "sheets/a b.pdf", flags.flag_id[1]: "index.html#b"}
    path = tmp_path / "flags.xlsx"
    write_workbook(path, flags, "t", "zh", zone=SHANGHAI, links=links)
    sheet = openpyxl.load_workbook(path)["疑点台账"]
    names = {cell.value: cell.column for cell in sheet[1]}
    return flags, sheet, lambda row, name: sheet.cell(row + 2, names[name])


def test_every_cell_has_its_own_type(rows):
    _, sheet, cell = rows
    assert cell(0, "面积（平方米）").value == 1234.5
    assert cell(0, "首次发现").value == datetime(2026, 11, 16)
    assert cell(0, "首次发现").number_format == "yyyy-mm-dd"
    # on the clock of the place, which the heading names
    assert cell(0, "变化前时间 (Asia/Shanghai)").value == datetime(2026, 11, 14, 10, 30)
    assert cell(0, "综合可信度").value is None
    assert cell(0, "规则").value == rule_word("fill_no_permit", "title", "zh")
    assert cell(0, "状态").value == word("status_new", "zh")
    assert [cell(n, "理由").value for n in (0, 1, 2)] == HOSTILE[:3]
    assert all(c.data_type != "f" for row in sheet for c in row)


def test_rows_can_be_filtered_and_the_heading_stays(rows):
    flags, sheet, _ = rows
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.max_row == len(flags) + 1


def test_a_flag_leads_to_its_sheet_or_to_the_map(rows):
    _, _, cell = rows
    led = [cell(n, "图斑编号").hyperlink for n in range(3)]
    assert [link and link.target for link in led] == ["sheets/a b.pdf", "index.html#b", None]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_layer_of_a_geopackage_is_drawn_as_qgis_reads_it(tmp_path, language):
    tables = {t.name: (t.empty("EPSG:4549"), t) for t in RESULTS}
    path = tmp_path / "flags.gpkg"
    write_file(path, tables | {"flags": (some_flags(), FLAGS)}, qgis.styles(language), language)
    file = sqlite3.connect(path)
    # as QGIS's OGR provider makes it: each field with its type, width and default
    told = [row[1:5] for row in file.execute("PRAGMA table_info(layer_styles)")]
    assert told == [
        ("id", "INTEGER", 1, None),
        ("f_table_catalog", "TEXT(256)", 0, None),
        ("f_table_schema", "TEXT(256)", 0, None),
        ("f_table_name", "TEXT(256)", 0, None),
        ("f_geometry_column", "TEXT(256)", 0, None),
        ("styleName", "TEXT(30)", 0, None),
        ("styleQML", "TEXT", 0, None),
        ("styleSLD", "TEXT", 0, None),
        ("useAsDefault", "BOOLEAN", 0, None),
        ("description", "TEXT", 0, None),
        ("owner", "TEXT(30)", 0, None),
        ("ui", "TEXT(30)", 0, None),
        ("update_time", "DATETIME", 0, "strftime('%Y-%m-%dT%H:%M:%fZ','now')"),
    ]
    drawn = dict(file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert set(drawn) == {t.name for t in RESULTS}
    for table in RESULTS:
        # the query by which QGIS looks for a layer's style
        (qml,) = file.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_schema='' AND f_table_name=? AND "
            "f_geometry_column=? AND useAsDefault ORDER BY update_time DESC LIMIT 1",
            (table.name, drawn[table.name]),
        ).fetchone()
        root = ET.fromstring(qml.split("\n", 1)[1])
        renderer = root.find("renderer-v2")
        by_name = {c.name: c for c in table.columns}
        decides = by_name[renderer.get("attr")]
        values = [c.get("value") for c in renderer.iter("category")]
        if decides.one_of:
            assert set(values) - {""} <= set(decides.one_of)
            assert "" in values or set(values) == set(decides.one_of)
        symbols = {s.get("name") for s in renderer.iter("symbol")}
        assert {c.get("symbol") for c in renderer.iter("category")} == symbols
        aliases = {a.get("field"): a.get("name") for a in root.iter("alias")}
        assert aliases == {c.name: c.label(language) for c in table.columns}


def test_columns_bear_their_headings_as_the_standard_has_it(tmp_path):
    path = tmp_path / "flags.gpkg"
    write_file(path, {"flags": (some_flags(), FLAGS)}, qgis.styles("zh"))
    file = sqlite3.connect(path)
    told = dict(file.execute("SELECT column_name, name FROM gpkg_data_columns"))
    fields = {row[1] for row in file.execute("PRAGMA table_info(flags)")}
    assert set(told) == {c.name for c in FLAGS.columns} <= fields
    assert told["flag_id"] == "图斑编号"
    extended = set(file.execute("SELECT table_name, extension_name, scope FROM gpkg_extensions"))
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        assert (name, "gpkg_schema", "read-write") in extended
        assert file.execute(f"SELECT count(*) FROM {name}").fetchone()
    # every program that reads GeoPackage still does, and the check of SQLite finds nothing
    assert len(pyogrio.read_dataframe(path, layer="flags")) == len(some_flags())
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_no_two_columns_of_a_table_have_one_heading():
    for table in RESULTS:
        for language in ("zh", "en"):
            labels = pd.Series([c.label(language) for c in table.columns])
            assert labels.is_unique, (table.name, labels[labels.duplicated()].tolist())


def test_the_workbook_of_a_run_leads_to_files_beside_it(bureau):
    (run,) = bureau.runs()
    book = openpyxl.load_workbook(run.folder / "flags.xlsx")
    target = book.worksheets[0]["A2"].hyperlink.target
    assert (run.folder / target.split("#")[0]).is_file()
    assert target.endswith(f"#{run.flags.flag_id[0]}")
