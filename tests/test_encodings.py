"""GBK, GB18030, UTF-8 and Big5, with, without and with a wrong .cpg: right, or asked."""

import random
from pathlib import Path

import fiona
import pytest

from conftest import CRS, at
from seawatch.errors import InputRefused
from seawatch.io.encodings import Unclear, choose, decode, garbled
from seawatch.io.gateway import Reading, bring_in
from seawatch.tables import ZONES

# names that registers hold, some of rare characters, some of two only
SIMPLIFIED = [
    "威海市荣成市俚岛镇海带养殖有限公司",
    "张三",
    "李伟",
    "开放式养殖",
    "海驴岛保护区",
    "乳山市海阳所镇人民政府",
    "靖海湾",
    "荣成市自然资源和规划局",
    "刘公岛管委",
    "褚岛村委会",
    "王彧",
    "崂山",
    "苏山岛领海基点",
    "鞠翀",
    "北海新区蔄山镇",
    "逄氏水产",
    "黄家庄",
    "环翠区孙家疃",
    "桑沟湾筏式养殖",
    "成山头",
    "好运角",
    "天鹅湖",
    "龙须岛",
    "那香海",
    "石岛渔港改扩建工程",
    "南海新区污水深海排放管线",
]
TRADITIONAL = [
    "威海市榮成市俚島鎮海帶養殖有限公司",
    "張三",
    "李偉",
    "開放式養殖",
    "海驢島保護區",
    "乳山市海陽所鎮人民政府",
    "劉公島管委",
    "靖海灣",
    "國土資源局",
    "褚島村",
    "王彧",
    "林家莊",
    "臺灣水產試驗所",
    "澎湖縣馬公市",
    "箱網養殖區",
    "漁業權執照",
    "東港鎮",
    "蘇澳港",
    "基隆嶼",
    "龜山島",
]
RARE = ["㐂氏渔业", "𠮷田水产", "䶮海养殖"]
TEXTS = {
    "gbk": SIMPLIFIED,
    "gb18030": SIMPLIFIED + RARE,
    "utf-8": SIMPLIFIED + TRADITIONAL + RARE,
    "big5": TRADITIONAL,
}
CLAIMS = [None, "GBK", "GB18030", "UTF-8", "Big5", "936", "950", "ISO-8859-1", "ANSI 1252", "hello"]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("encoding", TEXTS)
def test_text_is_read_right_or_asked(encoding, claim):
    rng = random.Random(f"{encoding}{claim}")
    asked = {}
    for count in (1, 2, 4, 12):
        for _ in range(25):
            texts = rng.sample(TEXTS[encoding], count)
            raw = [text.encode(encoding) for text in texts]
            try:
                choice = choose(raw, claimed=claim, by="its .cpg")
            except Unclear:
                asked[count] = asked.get(count, 0) + 1
                continue
            assert [decode(text, choice.codec) for text in raw] == texts, choice
    # a whole register is never asked about, nor is what the file says rightly
    assert 12 not in asked
    assert not asked or claim is None or claim.lower() != encoding


@pytest.mark.parametrize("claim", [None, "UTF-8", "GB18030"])
@pytest.mark.parametrize("encoding", TEXTS)
def test_a_shapefile_is_read_right_whatever_its_cpg(tmp_path, encoding, claim):
    names = TEXTS[encoding][:12]
    brought = bring_in(write(tmp_path / "z.shp", names, encoding, claim), ZONES, CRS)
    assert list(brought.frame.name) == names
    why = brought.record["encoding"]["why"]
    assert why
    if claim and claim.lower() != encoding and not (claim == "GB18030" and encoding == "gbk"):
        assert f"its .cpg says {claim}" in why
        assert "it reads best so" in why


def write(path, names, encoding, claim):
    properties = {"zone_id": "str", "kind": "str", "name": "str:60"}
    schema = {"geometry": "Polygon", "properties": properties}
    with fiona.open(
        path, "w", driver="ESRI Shapefile", crs=CRS, schema=schema, encoding="UTF-8"
    ) as file:
        for row in range(len(names)):
            plain = {"zone_id": f"Z{row}", "kind": "redline", "name": ""}
            shape = at(50 * row, 0, 50 * row + 40, 50).__geo_interface__
            file.write({"type": "Feature", "geometry": shape, "properties": plain})
    rewrite(path.with_suffix(".dbf"), names, encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if claim:
        path.with_suffix(".cpg").write_text(claim)
    return path


def rewrite(dbf, names, encoding):
    """The bytes of the names into the last column: no library in between."""
    raw = bytearray(dbf.read_bytes())
    header, width = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little")
    for row, name in enumerate(names):
        end = header + (row + 1) * width
        raw[end - 60 : end] = name.encode(encoding)[:60].ljust(60)
    dbf.write_bytes(bytes(raw))


def test_what_cannot_be_told_is_asked_and_told(tmp_path):
    path = write(tmp_path / "z.shp", ["王彧"], "gbk", "Big5")
    with pytest.raises(InputRefused) as refused:
        bring_in(path, ZONES, CRS)
    said = str(refused.value)
    assert "GB18030 «王彧»" in said
    assert "Big5-HKSCS «" in said
    told = bring_in(path, ZONES, CRS, Reading(encoding="GBK"))
    assert list(told.frame.name) == ["王彧"]
    assert told.record["encoding"] == {"name": "GB18030", "why": "as told"}
    with pytest.raises(InputRefused, match="not in UTF-8, as was said"):
        bring_in(path, ZONES, CRS, Reading(encoding="UTF-8"))
    with pytest.raises(InputRefused, match="no encoding 'klingon'"):
        bring_in(path, ZONES, CRS, Reading(encoding="klingon"))


def test_a_character_cut_by_the_field_is_told(tmp_path):
    names = ["海" * 20, "a" + "海" * 20]  # 60 bytes and 61 in a field of 60
    path = write(tmp_path / "z.shp", names, "utf-8", "UTF-8")
    brought = bring_in(path, ZONES, CRS)
    assert brought.record["notes"] == [
        "'name' was cut by the file's width in the middle of a character, row 2"
    ]
    assert list(brought.frame.name) == ["海" * 20, "a" + "海" * 19]


def test_geojson_and_csv_in_gbk(tmp_path):
    name = "荣成市俚岛镇海带养殖有限公司"
    wkt = at(0, 0, 40, 40).wkt
    (tmp_path / "z.csv").write_bytes(
        f'编号,类型,名称,wkt\nZ1,redline,{name},"{wkt}"\n'.encode("gbk")
    )
    brought = bring_in(tmp_path / "z.csv", ZONES, CRS, Reading(crs=CRS))
    assert list(brought.frame.name) == [name]
    assert brought.record["encoding"]["name"] == "GB18030"
    ring = "[[[122,37.4],[122.1,37.4],[122.1,37.5],[122,37.4]]]"
    text = (
        '{"type":"Feature","properties":{"zone_id":"Z","kind":"redline","name":"NAME"},'
        '"geometry":{"type":"Polygon","coordinates":RING}}'
    )
    text = text.replace("NAME", name).replace("RING", ring)
    (tmp_path / "z.geojson").write_bytes(text.encode("gbk"))
    brought = bring_in(tmp_path / "z.geojson", ZONES, CRS)
    assert list(brought.frame.name) == [name]
    assert "says UTF-8, its bytes are not" in brought.record["encoding"]["why"]


def test_what_was_garbled_before_is_known():
    for name in SIMPLIFIED + TRADITIONAL + RARE:
        assert garbled(name) is None
    for name in [name for name in SIMPLIFIED if len(name) > 2]:
        for wrong in ("gb18030", "cp1252"):
            try:
                saved = name.encode("utf-8").decode(wrong)
            except UnicodeDecodeError:
                continue
            assert garbled(saved) == name


def test_the_language_driver_of_a_dbf_speaks_where_no_cpg_does(tmp_path):
    path = write(tmp_path / "z.shp", ["王彧", "李伟"], "gbk", None)
    dbf = path.with_suffix(".dbf")
    raw = bytearray(dbf.read_bytes())
    raw[29] = 0x4D
    dbf.write_bytes(bytes(raw))
    brought = bring_in(path, ZONES, CRS)
    assert list(brought.frame.name) == ["王彧", "李伟"]
    assert brought.record["encoding"]["why"].startswith("the .dbf's language driver says")
    assert Path(path).exists()
