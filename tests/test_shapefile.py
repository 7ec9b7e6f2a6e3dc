"""Flags as a shapefile: what it can hold is held, what it cannot is said."""

from pathlib import Path

import pyogrio
import pytest
import shapely
from test_reports import some_flags

from seawatch.io.gateway import as_it_stands
from seawatch.io.shapefile import SHORT, short, write_shapefile
from seawatch.tables import FLAGS

REASONS = ["疑似未批填海", "䶮石村 𠮷 €", "很长的理由" * 60, "a\nb\0c 799 m²"]


@pytest.fixture
def written(tmp_path):
    flags = some_flags(REASONS).assign(owner=["王伟", None, "", "李"])
    path = write_shapefile(tmp_path / "shapefile", flags, "zh")
    return flags, path, path.with_suffix(".txt").read_bytes().decode("utf-8-sig")


def test_what_it_holds_comes_back(written):
    flags, path, _ = written
    assert path.with_suffix(".cpg").read_text() == "GBK"
    back = pyogrio.read_dataframe(path)
    assert back.crs == flags.crs
    assert list(back.flag_id) == list(flags.flag_id)
    assert back.reason[0] == REASONS[0]
    assert back.owner[0] == "王伟"
    assert back.owner.isna()[1]
    assert list(back.area_m2) == list(flags.area_m2)
    assert str(back.first_seen.dtype).startswith("datetime64")
    assert back.before[0] == "2026-11-14 02:30 UTC"
    drawn = zip(back.geometry, flags.geometry, strict=True)
    assert all(shapely.equals(one, other) for one, other in drawn)
    assert "疑似未批填海".encode("gbk") in path.with_suffix(".dbf").read_bytes()
    # our own door reads it without being told the encoding
    assert as_it_stands(path).reason[0] == REASONS[0]


def test_what_gbk_lacks_or_is_too_long_is_changed_and_said(written):
    _, path, said = written
    back = pyogrio.read_dataframe(path)
    assert back.reason[1] == "〓石村 〓 〓"
    assert "000000000001, reason: 𠮷 (U+20BB7)" in said
    assert "000000000001, reason: 䶮 (U+4DAE)" in said
    assert back.reason[2] == ("很长的理由" * 60)[:127]  # two bytes each, none cut in two
    assert "000000000002, reason: 600" in said
    assert back.reason[3] == "a b c 799 ㎡"
    assert "U+00B2" not in said


def test_every_column_is_explained_and_named_in_ten_letters(written):
    _, path, said = written
    names = [short(c) for c in FLAGS.columns]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 10 and name.isascii() for name in names)
    fields = pyogrio.read_info(path)["fields"]
    rows = {line.split("\t")[0]: line.split("\t") for line in said.splitlines() if "\t" in line}
    assert set(fields) <= set(rows)
    for column in FLAGS.columns:
        row = rows[column.name if column.type == "json" else short(column)]
        assert {column.name, column.zh} <= set(row)
    assert set(SHORT) <= {c.name for c in FLAGS.columns}


def test_the_same_flags_give_the_same_bytes(written, tmp_path):
    flags, path, _ = written
    other = write_shapefile(tmp_path / "again", flags, "zh")
    for file in path.parent.iterdir():
        assert file.read_bytes() == (other.parent / file.name).read_bytes(), file.name


def test_a_week_without_flags_has_an_empty_one(tmp_path):
    path = write_shapefile(tmp_path / "none", FLAGS.empty("EPSG:4549"), "en")
    assert len(pyogrio.read_dataframe(path)) == 0


def test_the_command_writes_it(bureau, seawatch):
    code, out, _ = seawatch("map", bureau.project.folder, "--shapefile")
    assert code == 0
    folder = bureau.project.folder / "maps" / "2026-W47" / "shapefile"
    assert {p.suffix for p in folder.iterdir()} >= {".shp", ".shx", ".dbf", ".prj", ".cpg", ".txt"}
    page, shapefile = out.split()
    assert page.endswith("/maps/2026-W47/index.html")
    assert Path(shapefile) == (folder / "flags.shp").resolve()
