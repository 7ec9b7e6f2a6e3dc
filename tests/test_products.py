"""Products as their providers pack them: what is read from them, and what is refused."""

import io
import json
import os
import shutil
import stat
import struct
import sys
import tarfile
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
import rasterio

from conftest import CRS
from seawatch.cli import main
from seawatch.errors import InputRefused, UsageError
from seawatch.io import bundle, products, stac, stacks
from seawatch.io.rasters import open_scene
from seawatch.lab.products import write_landsat, write_radar, write_safe
from seawatch.scenes import Grid

TAKEN = datetime(2026, 11, 20, 2, 50, 1, tzinfo=UTC)
UTM = "EPSG:32651"
N = 240
GRID = Grid(UTM, (10, 0, 400_000, 0, -10, 4_150_000), N, N)
CLEAR = np.full((N, N), 6, "uint8")


def ramps(count):
    """Reflectance that rises to the east and south, another in each band."""
    row, column = np.mgrid[0:N, 0:N]
    return np.stack([0.02 + 0.01 * k + (row + column * (k + 1)) * 1e-4 for k in range(count)])


@pytest.fixture
def scenes(tmp_path):
    folder = tmp_path / "scenes"
    folder.mkdir()
    return folder


@pytest.fixture
def safe(tmp_path):
    return write_safe(tmp_path, ramps(7), GRID, TAKEN, CLEAR)


@pytest.fixture
def landsat(tmp_path):
    return write_landsat(tmp_path, ramps(6), GRID, TAKEN, np.full((N, N), 21824))


def read(item):
    """The scene of an item, and its whole image."""
    scene = stac.read_item(item, CRS)
    with rasterio.open(scene.bands[0].path) as file:
        grid = Grid(str(file.crs), tuple(file.transform)[:6], file.width, file.height)
    with open_scene(scene, grid, [b.name for b in scene.bands]) as reader:
        return scene, reader.read(0, 0, grid.height, grid.width)


def add(path, scenes, **more):
    return products.add([path], scenes_folder=scenes, **more)


def zipped(safe):
    return shutil.make_archive(str(safe), "zip", safe.parent, safe.name)


@pytest.mark.parametrize("baseline_offset", [True, False])
def test_a_safe_comes_back_as_reflectance(tmp_path, scenes, baseline_offset):
    pixels = ramps(7)
    safe = write_safe(tmp_path, pixels, GRID, TAKEN, CLEAR, baseline_offset=baseline_offset)
    edit(safe, "MTD_MSIL2A.xml", "02:50:01.024Z", "02:47:00Z")  # of the strip, not the tile
    scene, image = read(add(safe, scenes))
    assert image.bands == ("blue", "green", "red", "rededge", "nir", "swir16", "swir22")
    assert image.grid == GRID
    # bilinear gives a slope back as it was, rounded twice, but at the edge
    assert np.abs(image.pixels - pixels)[:, 1:-1, 1:-1].max() < 1.001e-4
    assert np.abs(image.pixels - pixels)[[0, 1, 2, 4]].max() <= 0.51e-4
    assert scene.scene_id == safe.stem
    assert scene.sensor == "sentinel-2-l2a"
    assert scene.taken == TAKEN.replace(microsecond=24_000)
    assert (scene.clear, scene.resolution_m) == (1.0, pytest.approx(10, abs=0.02))
    assert stac.fault_of(scene) is None


def test_decoded_once_tiled_and_nothing_else_is_left(scenes, safe):
    item = add(safe, scenes)
    names = {f"{safe.stem}.json", f"{safe.stem}.tif", f"{safe.stem}_mask.tif"}
    assert {path.name for path in scenes.iterdir()} == names
    with rasterio.open(item.with_suffix(".tif")) as file:
        assert (file.compression.name, file.nodata, file.dtypes[0]) == ("zstd", 0, "uint16")
        assert file.profile["tiled"]
    with pytest.raises(UsageError, match=r"\.json: a scene of this name is there already"):
        add(safe, scenes)


def test_what_the_classification_hides_is_not_seen(tmp_path, scenes):
    scl = CLEAR.copy()
    scl[:40] = 9  # cloud
    scl[200:] = 3  # shadow
    scene, image = read(add(write_safe(tmp_path, ramps(7), GRID, TAKEN, scl), scenes))
    assert scene.mask_code == "scl"
    assert not image.seen[:40].any()
    assert not image.seen[200:].any()
    assert image.seen[40:200].all()
    assert scene.clear == pytest.approx(160 / 240, abs=1e-3)


def test_zero_is_no_data_in_every_band(tmp_path, scenes):
    pixels = ramps(7)
    pixels[1, 100:110, 100:110] = np.nan
    pixels[:, :, 220:] = np.nan
    _, image = read(add(write_safe(tmp_path, pixels, GRID, TAKEN, CLEAR), scenes))
    assert not image.seen[100:110, 100:110].any()
    assert not image.seen[:, 220:].any()
    assert image.seen[:, :219].sum() == 219 * N - 100
    # nothing is mixed in where a coarse band ends
    assert np.abs(image.pixels - pixels)[:, 1:100, 218:220].max() < 0.002


def test_zip_and_folder_are_the_same(tmp_path, scenes, safe):
    one = add(safe, scenes)
    other = tmp_path / "other"
    other.mkdir()
    archive = zipped(safe)
    shutil.rmtree(safe)
    two = add(tmp_path / f"{safe.name}.zip", other)
    assert archive.endswith(".SAFE.zip")
    assert one.read_bytes() == two.read_bytes()
    for name in (f"{safe.stem}.tif", f"{safe.stem}_mask.tif"):
        assert (scenes / name).read_bytes() == (other / name).read_bytes()
    assert len(list(other.iterdir())) == 3


def test_ten_metres_are_taken_where_there_are_some(scenes, safe):
    fine = next(safe.rglob("*_B02_10m.jp2"))
    coarse = next(safe.rglob("*_B05_20m.jp2"))
    shutil.copy(coarse, coarse.with_name(coarse.name.replace("B05", "B02")))
    _, image = read(add(safe, scenes))
    with rasterio.open(fine) as file:
        assert np.allclose(image.band("blue"), (file.read(1) - 1000.0) / 10_000)


def edit(safe, name, old, new):
    path = next(safe.rglob(name))
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_offset_and_quantum_are_read_and_not_assumed(scenes, safe):
    edit(safe, "MTD_MSIL2A.xml", '"2">-1000<', '"2">-900<')
    edit(safe, "MTD_MSIL2A.xml", ">10000<", ">5000<")
    scene, _ = read(add(safe, scenes))
    told = {b.name: (b.scale, b.offset) for b in scene.bands}
    assert told["green"] == (1 / 5000, -900 / 5000)
    assert told["blue"] == (1 / 5000, -1000 / 5000)


def test_the_strips_time_does_where_the_tile_has_none(scenes, safe):
    next(safe.rglob("MTD_TL.xml")).unlink()
    edit(safe, "MTD_MSIL2A.xml", "02:50:01.024Z", "02:48:00Z")
    assert read(add(safe, scenes))[0].taken == TAKEN.replace(minute=48, second=0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BOA_QUANTIFICATION_VALUE", "X", "no BOA_QUANTIFICATION_VALUE or QUANTIFICATION_VALUE"),
        (">10000<", ">0<", "not above 0"),
        (">10000<", ">many<", "'many' is no number"),
        ('band_id="11"', 'band_id="99"', "no BOA_ADD_OFFSET for B11"),
        ("BOA_ADD_OFFSET ", "X ", "not XML"),
        ("<PROCESSING_BASELINE>", "<!-- --><PROCESSING_BASELINE>", None),
        ("<n1:Level", '<!DOCTYPE a [<!ENTITY b "c">]><n1:Level', "defines things of its own"),
        ("n1:General_Info>", "General_Info>", None),
    ],
)
def test_metadata_that_lacks_something_says_what(scenes, safe, old, new, said):
    edit(safe, "MTD_MSIL2A.xml", old, new)
    if said is None:
        add(safe, scenes)
        return
    with pytest.raises(InputRefused, match=said) as fault:
        add(safe, scenes)
    assert "MTD_MSIL2A.xml" in str(fault.value)
    assert not list(scenes.iterdir())


def test_a_new_baseline_without_offsets_is_refused(tmp_path, scenes):
    safe = write_safe(tmp_path, ramps(7), GRID, TAKEN, CLEAR, baseline_offset=False)
    edit(safe, "MTD_MSIL2A.xml", "03.01", "04.00")
    with pytest.raises(InputRefused, match="no BOA_ADD_OFFSET for B02"):
        add(safe, scenes)


def test_entities_are_not_hidden_by_another_encoding(scenes, safe):
    path = safe / "MTD_MSIL2A.xml"
    path.write_bytes(path.read_text("utf-8").replace("UTF-8", "UTF-16").encode("utf-16"))
    with pytest.raises(InputRefused, match="not XML in UTF-8"):
        add(safe, scenes)


def test_a_missing_band_is_named(scenes, safe):
    next(safe.rglob("*_B03_10m.jp2")).unlink()
    next(safe.rglob("*_SCL_20m.jp2")).unlink()
    with pytest.raises(InputRefused, match=r"no .*\*_B03_\*m.jp2, .*\*_SCL_\*m.jp2; get the whole"):
        add(safe, scenes)


def test_a_broken_band_leaves_nothing_behind(scenes, safe):
    path = next(safe.rglob("*_B11_20m.jp2"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputRefused, match=r"B11_20m\.jp2"):
        add(safe, scenes)
    assert not list(scenes.iterdir())
    zipped(safe)
    with pytest.raises(InputRefused, match=r"B11_20m\.jp2"):
        add(safe.with_name(f"{safe.name}.zip"), scenes)
    assert not list(scenes.iterdir())


def test_a_broken_classification_leaves_nothing_behind(scenes, safe):
    path = next(safe.rglob("*_SCL_20m.jp2"))
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(InputRefused, match=r"SCL_20m\.jp2"):
        add(safe, scenes)
    assert not list(scenes.iterdir())


def test_what_is_too_large_or_has_no_name_is_refused(tmp_path, scenes, safe, monkeypatch):
    nameless = tmp_path / ".SAFE"
    shutil.copytree(safe, nameless)
    with pytest.raises(InputRefused, match="'' is no name for a scene"):
        add(nameless, scenes)
    with pytest.raises(InputRefused, match="is no name for a scene; rename it"):
        add(nameless.rename(tmp_path / "two\nlines.SAFE"), scenes)
    monkeypatch.setattr(stacks, "_MOST_PIXELS", N * N - 1)
    with pytest.raises(InputRefused, match="240 x 240 pixels"):
        add(safe, scenes)
    assert not list(scenes.iterdir())


def test_a_band_from_elsewhere_is_refused(tmp_path, scenes, safe):
    away = Grid(UTM, (10, 0, 500_000, 0, -10, 4_150_000), N, N)
    other = write_safe(tmp_path / "away", ramps(7), away, TAKEN, CLEAR)
    for name in ("*_B05_20m.jp2", "*_B03_10m.jp2"):
        path = next(safe.rglob(name))
        kept = path.read_bytes()
        shutil.copy(next(other.rglob(name)), path)
        with pytest.raises(InputRefused, match=r"not on the g"):
            add(safe, scenes)
        path.write_bytes(kept)


def test_what_was_said_must_be_what_it_says(scenes, safe):
    with pytest.raises(UsageError, match="is sentinel-2-l2a, not landsat-c2-l2; leave --sensor"):
        add(safe, scenes, sensor="landsat-c2-l2")
    with pytest.raises(UsageError, match="was taken 2026-11-20T02:50:01"):
        add(safe, scenes, taken=TAKEN.replace(day=21))
    with pytest.raises(UsageError, match="leave --bands and --mask out"):
        add(safe, scenes, bands=["red"])
    assert not list(scenes.iterdir())
    assert add(safe, scenes, sensor="sentinel-2-l2a", taken=TAKEN.replace(minute=49))


def test_a_level_1_product_is_refused(scenes, tmp_path):
    (tmp_path / "X.SAFE").mkdir()
    with pytest.raises(InputRefused, match=r"no MTD_MSIL2A\.xml"):
        add(tmp_path / "X.SAFE", scenes)
    (tmp_path / "X.SAFE" / "MTD_MSIL1C.xml").write_text("<a/>")
    with pytest.raises(InputRefused, match="get its Level-2A"):
        add(tmp_path / "X.SAFE", scenes)


def test_two_products_in_one_folder_are_refused(tmp_path, scenes, safe, landsat):
    both = tmp_path / "both"
    shutil.copytree(safe, both / safe.name)
    shutil.copytree(safe, both / "B.SAFE")
    with pytest.raises(InputRefused, match="holds 2 products"):
        add(both, scenes)
    (landsat / "LC08_X_MTL.txt").write_text("")
    with pytest.raises(InputRefused, match="holds 2 products"):
        add(landsat, scenes)


# --- what is hostile --------------------------------------------------------------------------


def member(name, mode=0, content=b"x"):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info, content


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (member("../out.txt"), "leads out of the archive"),
        (member("a/../../out.txt"), "leads out of the archive"),
        (member("/tmp/out.txt"), "leads out of the archive"),
        (member("C:/out.txt"), "leads out of the archive"),
        (member("..\\out.txt"), "leads out of the archive"),
        (member("link", stat.S_IFLNK | 0o777, b"/etc/passwd"), "no ordinary file"),
        (member("pipe", stat.S_IFIFO | 0o644, b""), "no ordinary file"),
        (member("./MTD_MSIL2A.xml"), "two members have one name"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0].filename,
)
def test_a_hostile_zip_is_refused_whole(tmp_path, scenes, safe, odd, said):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in safe.rglob("*"):
            out.write(path, path.relative_to(safe))
        out.writestr(*odd)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputRefused, match=said):
        add(archive, scenes)
    assert sorted(tmp_path.rglob("*")) == before


def declared(archive, name, size):
    """The archive with a member that says it is `size` bytes unpacked."""
    content = bytearray(archive.read_bytes())
    at = content.rfind(name.encode()) - 46  # the central directory's record of it
    assert content[at : at + 4] == b"PK\1\2"
    content[at + 24 : at + 28] = struct.pack("<I", size)
    archive.write_bytes(content)


def test_a_zip_that_would_swell_is_refused(tmp_path, scenes, monkeypatch):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.bin", bytes(10_000_000))
    with pytest.raises(InputRefused, match=r"no MTD_MSIL2A\.xml"):
        add(archive, scenes)
    declared(archive, "a.bin", 2**31)
    with pytest.raises(InputRefused, match="would swell 200 times"):
        add(archive, scenes)
    monkeypatch.setattr(bundle, "LARGEST", 2**30)
    with pytest.raises(InputRefused, match="over 1 GiB when unpacked"):
        add(archive, scenes)
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.SAFE/MTD_MSIL2A.xml", b"x" * (9 << 20))
        for code in ("B02", "B03", "B04", "B05", "B08", "B11", "B12", "SCL"):
            out.writestr(f"a.SAFE/GRANULE/T/IMG_DATA/R10m/T_{code}_10m.jp2", b"x")
    with pytest.raises(InputRefused, match="8 MiB of metadata"):
        add(archive, scenes)
    monkeypatch.setattr(bundle, "_MEMBERS", 5)
    with pytest.raises(InputRefused, match="over 5 members"):
        add(archive, scenes)


def test_a_zip_packed_in_other_ways_is_refused(tmp_path, scenes):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("a.SAFE/MTD_MSIL2A.xml", "<a/>")
    with pytest.raises(InputRefused, match="packed in a way that products are not"):
        add(archive, scenes)
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.SAFE/MTD_MSIL2A.xml", "<a/>")
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(InputRefused, match="is encrypted"):
        add(archive, scenes)


def test_an_archive_cut_short_is_refused_without_a_trace(tmp_path, scenes, safe, landsat):
    zipped(safe)
    # a tar ends in up to 10 kB of nothing, which it can do without
    ends = {f"{safe.name}.zip": 1, tar(tmp_path / "x.tar", landsat).name: 10_240}
    for name, end in ends.items():
        content = (tmp_path / name).read_bytes()
        for share in (0.05, 0.1, 0.5, 0.9, 1.0):
            (tmp_path / name).write_bytes(content[: int((len(content) - end) * share)])
            with pytest.raises(InputRefused):
                add(tmp_path / name, scenes)
            assert not list(scenes.iterdir())


def test_bytes_changed_at_random_never_end_in_a_traceback(tmp_path, scenes, safe, landsat):
    rng = np.random.default_rng(0)
    shutil.make_archive(str(landsat), "tar", landsat)
    zipped(safe)
    for name in (f"{safe.name}.zip", f"{landsat.name}.tar"):
        content = np.frombuffer((tmp_path / name).read_bytes(), "uint8")
        edge = slice(-3000, None) if name.endswith("zip") else slice(0, 3000)
        for _ in range(60):
            broken = content.copy()
            part = broken[edge]
            part[rng.integers(0, len(part), 4)] = rng.integers(0, 256, 4)
            (tmp_path / f"broken-{name}").write_bytes(broken.tobytes())
            try:
                add(tmp_path / f"broken-{name}", scenes).unlink()
            except (InputRefused, UsageError):
                assert not list(scenes.iterdir())
            for left in scenes.iterdir():
                left.unlink()


def test_a_folders_links_and_pipes_are_refused(tmp_path, scenes, safe):
    path = next(safe.rglob("*_B02_10m.jp2"))
    elsewhere = shutil.move(path, tmp_path / "elsewhere.jp2")
    path.symlink_to(elsewhere)
    with pytest.raises(InputRefused, match="a link to elsewhere"):
        add(safe, scenes)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputRefused, match="not an ordinary file"):
        add(safe, scenes)
    assert not list(scenes.iterdir())


# --- Landsat ----------------------------------------------------------------------------------


@pytest.mark.parametrize("spacecraft", ["LANDSAT_9", "LANDSAT_7"])
def test_a_landsat_folder(tmp_path, scenes, spacecraft):
    qa = np.full((N, N), 21824)
    qa[:60] = 22280  # cloud
    pixels = ramps(6)
    pixels[:, :, 200:] = np.nan
    folder = write_landsat(tmp_path, pixels, GRID, TAKEN, qa, spacecraft=spacecraft)
    scene, image = read(add(folder, scenes))
    assert image.bands == ("blue", "green", "red", "nir", "swir16", "swir22")
    assert np.nanmax(np.abs(image.pixels - pixels)) < 1e-4
    assert np.array_equal(image.seen, (np.arange(N)[:, None] >= 60) & (np.arange(N) < 200))
    assert (scene.sensor, scene.taken) == ("landsat-c2-l2", TAKEN)
    assert (scene.scene_id, scene.mask_code) == (folder.name, "qa_pixel")
    assert stac.fault_of(scene) is None


def test_a_landsat_folder_in_the_scenes_stays_in_place(tmp_path, scenes, landsat):
    home = scenes / "landsat" / landsat.name
    shutil.move(landsat, home)
    fields = {"LANDSAT_METADATA_FILE": {"A": {"SPACECRAFT_ID": "LANDSAT_8"}, "B": {}}}
    fields["LANDSAT_METADATA_FILE"]["B"] |= {
        "DATE_ACQUIRED": "2026-11-20",
        "SCENE_CENTER_TIME": "02:50:01.0000000Z",
        "SPACECRAFT_ID": "LANDSAT_1",
    }
    next(home.glob("*_MTL.txt")).unlink()
    (home / f"{home.name}_MTL.json").write_text(json.dumps(fields))
    (home / f"{home.name}_SR_stac.json").write_text("{}")
    scene, _ = read(add(home, scenes))
    assert scene.bands[0].path == home / f"{home.name}_SR_B2.TIF"
    assert [path.name for path in scenes.iterdir() if path.is_file()] == [f"{home.name}.json"]
    found, faults = stac.read_scenes([scenes], CRS)
    assert (len(found), faults) == (1, {})
    assert found[0].taken == TAKEN


def tar(path, folder, *odd):
    with tarfile.open(path, "w") as out:
        for file in sorted(folder.iterdir()):
            out.add(file, file.name)
        for info, content in odd:
            out.addfile(info, io.BytesIO(content))
    return path


def test_a_landsat_tar_is_the_folder(tmp_path, scenes, landsat):
    odd = tarfile.TarInfo("README.md"), b""
    scene, image = read(add(tar(tmp_path / "x.tar", landsat, odd), scenes))
    assert np.abs(image.pixels - ramps(6)).max() < 1e-4
    assert {p.suffix for p in scenes.iterdir()} == {".TIF", ".json"}
    assert len(list(scenes.iterdir())) == 8
    assert scene.taken == TAKEN


def odd_tar(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (odd_tar("../out"), "leads out"),
        (odd_tar("/tmp/out"), "leads out"),
        (odd_tar("link", tarfile.SYMTYPE, "/etc/passwd"), "no ordinary file"),
        (odd_tar("hard", tarfile.LNKTYPE, "/etc/passwd"), "no ordinary file"),
        (odd_tar("pipe", tarfile.FIFOTYPE), "no ordinary file"),
        (odd_tar("device", tarfile.CHRTYPE), "no ordinary file"),
        (odd_tar("sparse", tarfile.GNUTYPE_SPARSE), "no ordinary file"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0].name,
)
def test_a_hostile_tar_is_refused_whole(tmp_path, scenes, landsat, odd, said):
    archive = tar(tmp_path / "x.tar", landsat, odd)
    with pytest.raises(InputRefused, match=said):
        add(archive, scenes)
    assert not list(scenes.iterdir())


def test_a_tar_does_not_replace_a_file(tmp_path, scenes, landsat):
    mine = scenes / f"{landsat.name}_SR_B4.TIF"
    mine.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        add(tar(tmp_path / "x.tar", landsat), scenes)
    assert [p.name for p in scenes.iterdir()] == [mine.name]
    assert mine.read_text() == "mine"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_landsat_mask_must_be_whole_and_have_a_place(scenes, landsat):
    path = next(landsat.glob("*_QA_PIXEL.TIF"))
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    with pytest.raises(InputRefused, match=r"QA_PIXEL\.TIF: broken or cut short"):
        add(landsat, scenes)
    with rasterio.open(
        path, "w", driver="GTiff", width=9, height=9, count=1, dtype="uint8"
    ) as file:
        file.write(np.zeros((1, 9, 9), "uint8"))
    with pytest.raises(InputRefused, match=r"QA_PIXEL\.TIF: no CRS or no position"):
        add(landsat, scenes)
    assert not list(scenes.iterdir())


def test_a_scene_is_not_called_what_is_never_read(tmp_path, scenes, landsat):
    path = shutil.copy(next(landsat.glob("*_SR_B2.TIF")), tmp_path / "mine_MTL.tif")
    with pytest.raises(UsageError, match="a name for Landsat metadata"):
        stac.add_scene([path], sensor="generic-optical", taken=TAKEN, scenes_folder=scenes)


def test_what_a_landsat_lacks_is_named(tmp_path, scenes, landsat):
    metadata = next(landsat.glob("*_MTL.txt"))
    text = metadata.read_text()
    metadata.write_text(text.replace("SCENE_CENTER_TIME", "X"))
    with pytest.raises(InputRefused, match="no SCENE_CENTER_TIME"):
        add(landsat, scenes)
    metadata.write_text(text.replace("LANDSAT_8", "LANDSAT_3"))
    with pytest.raises(InputRefused, match="use one of LANDSAT_4"):
        add(landsat, scenes)
    metadata.write_text(text.replace("2026-11-20", "2026-11-40"))
    with pytest.raises(InputRefused, match="no instant"):
        add(landsat, scenes)
    metadata.write_text(text)
    next(landsat.glob("*_SR_B4.TIF")).unlink()
    with pytest.raises(InputRefused, match=r"no \S+_SR_B4\.TIF; get the whole product"):
        add(landsat, scenes)
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"\x1f\x8b\x08rest")
    with pytest.raises(InputRefused, match="compressed; unpack it"):
        add(path, scenes)


# --- Sentinel-1 -------------------------------------------------------------------------------


def gamma(seed=0):
    pixels = np.random.default_rng(seed).gamma(4.0, 0.02, (2, N, N))
    pixels[:, :30] = np.nan
    pixels[0, 200:] = 0
    return pixels


def grouped(files, bands=()):
    return products.grouped(files, sensor="sentinel-1-rtc", bands=bands)


def test_a_pair_of_radar_files_is_one_scene(tmp_path, scenes):
    pixels = gamma()
    vv, vh = write_radar(tmp_path, pixels, GRID, TAKEN)
    (files,) = grouped([vh, vv])
    item = products.add(files, scenes_folder=scenes, sensor="sentinel-1-rtc", taken=TAKEN)
    scene, image = read(item)
    assert image.bands == ("vv", "vh")
    assert scene.scene_id == vv.stem.removesuffix("_VV")
    assert np.allclose(image.pixels[:, 30:200], pixels[:, 30:200].astype("float32"))
    assert not image.seen[:30].any()
    assert not image.seen[200:].any()
    assert image.seen[30:200].all()
    assert scene.clear == pytest.approx(170 / 240, abs=1e-3)


def test_a_radar_file_of_both_bands(tmp_path, scenes):
    path = tmp_path / "rtc.tif"
    files = write_radar(tmp_path, gamma(), GRID, TAKEN)
    with rasterio.open(files[0]) as file:
        profile = file.profile | {"count": 2}
    with rasterio.open(path, "w", **profile) as file:
        file.write(gamma().astype("float32"))
    item = products.add([path], scenes_folder=scenes, sensor="sentinel-1-rtc", taken=TAKEN)
    scene, image = read(item)
    assert (scene.scene_id, image.bands) == ("rtc", ("vv", "vh"))
    assert np.array_equal(image.seen[:, 0], (np.arange(N) >= 30) & (np.arange(N) < 200))


def test_radar_files_are_grouped_by_their_names(tmp_path):
    names = ["a_VV.tif", "b-vh.tif", "a_VH.tif", "b-vv.tif", "c.tif", "d_vv.tif", "d.tif"]
    groups = [[path.name for path in group] for group in grouped([tmp_path / n for n in names])]
    assert sorted(groups) == [
        ["a_VV.tif", "a_VH.tif"],
        ["b-vv.tif", "b-vh.tif"],
        ["c.tif"],
        ["d.tif"],
        ["d_vv.tif"],
    ]
    others = products.grouped([tmp_path / n for n in names], sensor="generic-sar", bands=())
    assert len(others) == len(names)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: 10 * np.log10(p), "decibels"),
        (lambda p: p * np.nan, None),
    ],
)
def test_decibels_are_no_power(tmp_path, scenes, change, said):
    with np.errstate(divide="ignore"):
        files = write_radar(tmp_path, change(gamma()), GRID, TAKEN)
    options = {"scenes_folder": scenes, "sensor": "sentinel-1-rtc", "taken": TAKEN}
    if said is None:
        assert read(products.add(files, **options))[0].clear == 0
        return
    with pytest.raises(InputRefused, match=said) as fault:
        products.add(files, **options)
    assert "VV.tif" in str(fault.value)
    assert not list(scenes.iterdir())


def test_what_is_no_pair_of_radar_files_is_refused(tmp_path, scenes):
    vv, vh = write_radar(tmp_path, gamma(), GRID, TAKEN)
    options = {"scenes_folder": scenes, "sensor": "sentinel-1-rtc", "taken": TAKEN}
    with pytest.raises(UsageError, match=r"give \*_VV\.tif, and"):
        products.add([vh], **options)
    both = tmp_path / "both_VV.tif"
    with rasterio.open(vv) as file:
        profile = file.profile
    with rasterio.open(both, "w", **(profile | {"count": 2})) as file:
        file.write(gamma().astype("float32"))
    with pytest.raises(InputRefused, match="several bands, named for one"):
        products.add([both], **options)
    with rasterio.open(tmp_path / "whole.tif", "w", **(profile | {"dtype": "uint16"})) as file:
        file.write(np.ones((1, N, N), "uint16"))
    with pytest.raises(InputRefused, match="uint16; give gamma nought"):
        products.add([tmp_path / "whole.tif"], **options)
    small = Grid(UTM, (10, 0, 400_000, 0, -10, 4_150_000), N // 2, N // 2)
    _, other = write_radar(tmp_path / "small", gamma()[:, :120, :120], small, TAKEN)
    with pytest.raises(InputRefused, match="not on the ground"):
        products.add([vv, other], **options)
    assert not list(scenes.iterdir())


def test_from_the_command_line(week, safe, capsys, monkeypatch):
    scenes = week.project.folder / "scenes"

    def call(path):
        line = ["seawatch", "scenes", "add", str(path), "--into", str(scenes.parent)]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as leave:
            main()
        said = capsys.readouterr()
        return leave.value.code, said.out.strip(), said.err

    assert call(safe) == (0, str(scenes / f"{safe.stem}.json"), "")
    assert safe.stem in {scene.scene_id for scene in week.scenes()}
    code, _, err = call(scenes / f"{safe.stem}.tif")
    assert code == 2
    assert "give --sensor and --taken" in err
    code, _, err = call(scenes / "none.SAFE")
    assert code == 3
    assert "none.SAFE: no such file or directory" in err
