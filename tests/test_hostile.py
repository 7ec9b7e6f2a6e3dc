"""Broken and hostile files: refused with a reason, within ten seconds, nothing else touched."""

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import struct
import threading
import time
import zipfile

import dirty
import geopandas as gpd
import pytest

from conftest import CRS, to_parquet
from seawatch.errors import InputRefused
from seawatch.io import foreign
from seawatch.io.gateway import Reading, bring_in
from seawatch.tables import PERMITS

SECONDS = 10.0


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A small register, whole, in every format."""
    folder = tmp_path_factory.mktemp("good")
    frame = gpd.GeoDataFrame.from_features(dirty.clean(40), crs=CRS)
    frame = frame.drop(columns="project_name")  # too long for a Shapefile
    for suffix, driver in (("gpkg", "GPKG"), ("shp", "ESRI Shapefile"), ("fgb", "FlatGeobuf")):
        frame.to_file(folder / f"p.{suffix}", driver=driver, engine="pyogrio")
    frame.to_file(folder / "p.gdb", driver="OpenFileGDB", engine="pyogrio")
    to_parquet(frame, folder / "p.parquet")
    dirty.save(folder / "p.geojson", dirty.clean(40))
    plain = frame.drop(columns="geometry").assign(wkt=frame.geometry.to_wkt())
    plain.to_csv(folder / "p.csv", index=False)
    plain.to_excel(folder / "p.xlsx", index=False)
    (folder / "p.kml").write_text(KML.format(rings=RING), "utf-8")
    return folder


RING = "121.3,37.4 121.4,37.4 121.4,37.5 121.3,37.4"
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Z1</name><Polygon>'
    "<outerBoundaryIs><LinearRing><coordinates>{rings}</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon></Placemark></Document></kml>"
)


def refused(path, how=None):
    """What is said of `path`; the time it may take is part of the promise."""
    begin = time.monotonic()
    with pytest.raises(InputRefused) as fault:
        bring_in(path, PERMITS, CRS, how or Reading(repair=True))
    assert time.monotonic() - begin < SECONDS
    assert path.name in str(fault.value)
    assert "Traceback" not in str(fault.value)
    return str(fault.value)


FORMATS = ["gpkg", "shp", "dbf", "shx", "fgb", "parquet", "geojson", "csv", "xlsx", "kml"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.97])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_short_is_refused(good, tmp_path, suffix, share):
    for part in good.glob("p.*"):
        if part.is_file():
            shutil.copy(part, tmp_path)
    path = tmp_path / f"p.{suffix}"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    path = path.with_suffix(".shp") if suffix in ("dbf", "shx") else path
    assert refused(path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_flipped_bytes_are_refused_or_read_as_they_stand(good, tmp_path, suffix):
    for seed in range(3):
        for part in good.glob("p.*"):
            if part.is_file():
                shutil.copy(part, tmp_path)
        path = tmp_path / f"p.{suffix}"
        raw = bytearray(path.read_bytes())
        step = len(raw) // 40 + 1
        for at in range(seed * 7 % step, len(raw), step):
            raw[at] ^= 0x41 << (seed % 2)
        path.write_bytes(bytes(raw))
        path = path.with_suffix(".shp") if suffix in ("dbf", "shx") else path
        begin = time.monotonic()
        with contextlib.suppress(InputRefused):  # anything else is a traceback
            bring_in(path, PERMITS, CRS, Reading(repair=True, keep_good=True, crs=CRS))
        assert time.monotonic() - begin < SECONDS


VRT = "<OGRVRTDataSource><OGRVRTLayer name='p'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb", "dxf", "geojson", "kml", "csv", "xlsx"])
def test_a_disguised_vrt_is_refused(good, tmp_path, suffix):
    path = tmp_path / f"p.{suffix}"
    for lead in ("", "<?xml version='1.0'?>\n", "<!--" + "x" * 5000 + "-->"):
        path.write_text(lead + VRT.format(good / "p.geojson"))
        assert refused(path)


def test_nothing_that_is_no_file_is_opened(tmp_path, good):
    pipe = tmp_path / "pipe.geojson"
    os.mkfifo(pipe)
    assert "not an ordinary file" in refused(pipe)
    loop = tmp_path / "loop.gpkg"
    loop.symlink_to(loop)
    refused(loop)
    folder = tmp_path / "folder.gpkg"
    folder.mkdir()
    assert "not an ordinary file" in refused(folder)
    for part in good.glob("p.s*"):
        shutil.copy(part, tmp_path)
    os.mkfifo(tmp_path / "p.dbf")
    with pytest.raises(InputRefused, match=r"p.dbf: not an ordinary file"):
        bring_in(tmp_path / "p.shp", PERMITS, CRS)
    for name in ("/vsizip/a.zip/p.shp", "http://127.0.0.1/p.geojson", "/dev/zero"):
        with pytest.raises(InputRefused):
            bring_in(type(tmp_path)(name), PERMITS, CRS)


def test_a_file_geodatabase_with_a_link_is_refused(good, tmp_path):
    folder = tmp_path / "p.gdb"
    shutil.copytree(good / "p.gdb", folder)
    (folder / "a9.gdbtable").symlink_to("/etc/passwd")
    assert "no ordinary file" in refused(folder)


def spoilt(good, tmp_path, *statements):
    path = tmp_path / "p.gpkg"
    shutil.copy(good / "p.gpkg", path)
    base = sqlite3.connect(path)
    base.create_function("ST_IsEmpty", 1, lambda g: 0)
    for kind in ("MinX", "MaxX", "MinY", "MaxY"):
        base.create_function(f"ST_{kind}", 1, lambda g: 0)
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()
    return path


def test_programs_in_a_geopackage_are_refused(good, tmp_path):
    endless = (
        "CREATE VIEW p AS WITH RECURSIVE n(permit_id) AS (SELECT 1 UNION ALL SELECT permit_id + 1 "
        "FROM n) SELECT permit_id, NULL AS geom FROM n"
    )
    path = spoilt(good, tmp_path, "ALTER TABLE p RENAME TO q", endless)
    assert "carries programs (view 'p')" in refused(path)
    trap = "CREATE TRIGGER trap AFTER INSERT ON p BEGIN DELETE FROM p; END"
    assert "carries programs (trigger 'trap')" in refused(spoilt(good, tmp_path, trap))


def test_a_geometry_that_claims_more_than_it_holds_is_refused_alone(good, tmp_path):
    huge = b"GP\0\1" + struct.pack("<i", 4549) + struct.pack("<BII", 1, 3, 0x7FFFFFFF)
    deep = b"GP\0\1" + struct.pack("<i", 4549) + struct.pack("<BII", 1, 7, 1) * 100_000
    curve = b"GP\0\1" + struct.pack("<i", 4549) + struct.pack("<BII", 1, 10, 1) + bytes(40)
    path = spoilt(good, tmp_path)
    base = sqlite3.connect(path)
    drops = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in drops:
        base.execute(f'DROP TRIGGER "{name}"')
    for row, blob in enumerate((huge, deep, curve, b"junk"), 3):
        base.execute("UPDATE p SET geom = ? WHERE fid = ?", (blob, row))
    base.commit()
    base.close()
    brought = bring_in(path, PERMITS, CRS, Reading(repair=True, keep_good=True))
    assert [one["row"] for one in brought.record["refused"]] == [3, 4, 5, 6]
    assert "curve" in brought.record["refused"][2]["why"][0]


class Listener:
    """A server that should never hear anything."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.2)
        self.heard = 0
        self.open = True
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()
        return self

    def listen(self):
        while self.open:
            try:
                self.server.accept()[0].close()
                self.heard += 1
            except TimeoutError:
                continue

    def __exit__(self, *error):
        self.open = False
        self.thread.join()
        self.server.close()


def test_nothing_calls_out(tmp_path):
    with Listener() as ear:
        url = f"http://127.0.0.1:{ear.server.getsockname()[1]}/x"
        linked = {"type": "link", "properties": {"href": url, "type": "proj4"}}
        collection = {"type": "FeatureCollection", "crs": linked, "features": []}
        (tmp_path / "a.geojson").write_text(json.dumps(collection))
        assert "its CRS is a link" in refused(tmp_path / "a.geojson")
        link = f"<kml xmlns='http://www.opengis.net/kml/2.2'><NetworkLink><Link><href>{url}</href></Link></NetworkLink></kml>"
        (tmp_path / "b.kml").write_text(link)
        assert "no rows" in refused(tmp_path / "b.kml")
        entity = f"<!DOCTYPE kml [<!ENTITY x SYSTEM '{url}'>]><kml>&x;</kml>"
        (tmp_path / "c.kml").write_text(entity)
        assert "entities" in refused(tmp_path / "c.kml")
        named = dirty.collection(dirty.clean(5), url)
        (tmp_path / "d.geojson").write_text(json.dumps(named))
        refused(tmp_path / "d.geojson")
        for name in ("e.gpkg", "f.shp", "g.fgb", "h.dxf"):
            (tmp_path / name).write_text(VRT.format(f"/vsicurl/{url}"))
            refused(tmp_path / name)
        time.sleep(0.3)
        assert ear.heard == 0


def test_the_child_is_shut_in(tmp_path):
    """What the kernel can hold back, it does; a machine that cannot is said so here."""
    walls = foreign.walls()
    assert "limits" in walls
    if not {"network", "files"} <= set(walls):
        pytest.skip(f"this kernel gives a process no such walls: {walls}")
    secret = tmp_path / "secret.geojson"
    dirty.save(secret, dirty.clean(5))
    path = tmp_path / "mine.geojson"
    dirty.save(path, dirty.clean(5))
    job = foreign.Job(str(secret), "geojson")
    answers, _ = foreign._child([(job, (str(path),))])
    assert "ermission denied" in foreign._understood(answers[0])


def test_bombs_and_slips_are_refused(tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("p.geojson", b" " * 200_000_000)
    assert "would swell" in refused(bomb)
    slip = tmp_path / "slip.zip"
    with zipfile.ZipFile(slip, "w") as packed:
        packed.writestr("../../evil.geojson", "{}")
    assert "leads out of the archive" in refused(slip)
    assert not (tmp_path.parent.parent / "evil.geojson").exists()
    link = tmp_path / "link.zip"
    with zipfile.ZipFile(link, "w") as packed:
        member = zipfile.ZipInfo("p.geojson")
        member.external_attr = 0o120777 << 16
        packed.writestr(member, "/etc/passwd")
    assert "no ordinary file" in refused(link)
    assert "lie on each other" in refused(overlapping(tmp_path / "overlap.zip"))
    sheet = tmp_path / "bomb.xlsx"
    shutil.copy(bomb, sheet)
    assert "would swell" in refused(sheet)


def overlapping(path):
    """Two names for one run of bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.geojson", b"x" * 1000)
        packed.writestr("b.geojson", b"x" * 1000)
        packed.filelist[1].header_offset = packed.filelist[0].header_offset
    return path


def test_json_made_to_break_readers(tmp_path):
    path = tmp_path / "p.geojson"
    for text, said in (
        ("[" * 200_000, ""),
        ('{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}", ""),
        ('{"type": "FeatureCollection", "features": [' + "9" * 5000 + "]}", "digits"),
        ('{"type": "FeatureCollection", "type": "x", "features": []}', "stands twice"),
        ('{"type": "FeatureCollection", "features": {}}', "no list"),
        ('"FeatureCollection"', "no 'type'"),
        ("", "not GeoJSON"),
    ):
        path.write_text(text)
        assert said in refused(path)


def test_memory_and_time_are_limited(tmp_path, monkeypatch):
    path = tmp_path / "big.geojson"
    path.write_text("[" + "[0]," * 3_000_000 + "0]")
    monkeypatch.setattr(foreign, "MEMORY", 300 * 2**20)
    assert "memory" in refused(path) or "needs more than" in refused(path)
    monkeypatch.setattr(foreign, "_SECONDS", 0)
    monkeypatch.setattr(foreign, "MEMORY", 2 * 2**30)
    monkeypatch.setattr(foreign, "_BYTES_A_SECOND", 2**40)
    assert "more than 0 s" in refused(path)


def test_a_child_that_dies_takes_only_its_own_file_along(tmp_path, monkeypatch):
    from seawatch.io.gateway import bring_all_in

    paths = [dirty.save(tmp_path / f"{n}.geojson", dirty.clean(5 + n)) for n in range(3)]
    paths[1].write_text("[" + "[0]," * 3_000_000 + "0]")
    monkeypatch.setattr(foreign, "MEMORY", 300 * 2**20)
    found = bring_all_in([(path, PERMITS, Reading()) for path in paths], CRS)
    assert isinstance(found[1], InputRefused)
    assert [len(found[0].frame), len(found[2].frame)] == [5, 7]


def test_a_shapefile_lacks_no_part(good, tmp_path):
    for part in ("shp", "shx", "dbf"):
        shutil.copy(good / f"p.{part}", tmp_path)
    (tmp_path / "p.dbf").unlink()
    assert ".dbf missing; copy all parts" in refused(tmp_path / "p.shp")
    shutil.copy(good / "p.dbf", tmp_path)
    (tmp_path / "p.shx").unlink()
    assert ".shx missing" in refused(tmp_path / "p.shp")
    raw = (good / "p.shx").read_bytes()
    (tmp_path / "p.shx").write_bytes(raw[:-8])
    assert "39 shapes, its .dbf 40 rows" in refused(tmp_path / "p.shp")


def test_a_number_wider_than_its_column_is_refused(good, tmp_path):
    for part in ("shp", "shx", "dbf", "prj"):
        shutil.copy(good / f"p.{part}", tmp_path)
    dbf = tmp_path / "p.dbf"
    raw = dbf.read_bytes()
    at = raw.index(b"121.5")
    begin = raw.rindex(b" ", 0, at)
    dbf.write_bytes(raw[: begin + 1] + b"*****" + raw[begin + 6 :])
    assert "wider than its column" in refused(tmp_path / "p.shp")
