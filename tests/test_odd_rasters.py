"""Rasters, masks and names that cannot be compared: each refused by name, before it costs time."""

import json
import os
import shutil

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

import seawatch as sw
from conftest import CRS, X, Y, paint, save_mask, save_scene, shore
from seawatch.detect import general

BANDS = ["blue", "green", "red", "nir"]
HERE = Affine(5, 0, X, 0, -5, Y + 1000)


def raster(path, *, transform=HERE, crs=CRS, dtype="uint16", extra=(), seed=0, **tags):
    """A scene of the bay as one likes it; `tags` are set on the open file."""
    pixels = paint(np.random.default_rng(seed), shore(extra))[:4]
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 4}
    colours = tags.pop("colours", None)
    pixels = pixels[:1] if colours else pixels
    profile |= {"count": len(pixels), "dtype": dtype, "crs": crs, "transform": transform}
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels.clip(0, 255).astype(dtype) if dtype == "uint8" else pixels.astype(dtype))
        if colours:
            file.write_colormap(1, colours)
        for name, value in tags.items():
            setattr(file, name, value)
    return path


@pytest.fixture
def pair(tmp_path):
    fill = [(500, 300, 580, 380)]
    return raster(tmp_path / "a.tif"), raster(tmp_path / "b.tif", seed=1, extra=fill)


DEGREES = Affine(1e-4, 0, 122, 0, -1e-4, 37.5)
MOON = "+proj=stere +lat_0=-90 +R=1737400 +units=m +no_defs"
ODD = {
    "degrees as metres": ({"transform": DEGREES}, "pixels are 0.0001 m wide"),
    "metres as degrees": ({"crs": "EPSG:4326"}, "pixels are 556597 m wide"),
    "0 to 360": (
        {"crs": "EPSG:4326", "transform": Affine(1e-4, 0, 237, 0, -1e-4, 37.5)},
        "longitudes 237 to 237.02",
    ),
    "over the pole": (
        {"crs": "EPSG:4326", "transform": Affine(1e-4, 0, 122, 0, -1e-4, 90.01)},
        "latitudes",
    ),
    "beside a pole": (
        {"crs": "EPSG:4326", "transform": Affine(1e-4, 0, 122, 0, -1e-4, -89.9)},
        "too near a pole",
    ),
    "very wide pixels": ({"transform": Affine(1e5, 0, X, 0, -1e5, Y)}, "pixels are 100000 m wide"),
    "nowhere": ({"transform": Affine(5, 0, 1e300, 0, -5, Y)}, "beyond -180 to 180"),
    "no number": ({"transform": Affine(5, 0, np.nan, 0, -5, Y)}, "is no position"),
    "flat": ({"transform": Affine(5, 0, X, 0, 0, Y)}, "is no position"),
    "no map": ({"crs": 'LOCAL_CS["x",UNIT["metre",1]]'}, "of no map of the Earth"),
    "from the Earth's middle": ({"crs": "EPSG:4978"}, "of no map of the Earth"),
    "the Moon": ({"crs": MOON, "transform": Affine(5, 0, 0, 0, -5, 0)}, "another body"),
    "complex": ({"dtype": "complex64"}, "complex numbers"),
    "colours": (
        {"dtype": "uint8", "colours": {n: (n, n, n, 255) for n in range(256)}},
        "table of colours",
    ),
    "scale 0": ({"scales": (0.0,) * 4}, "band 1 has scale 0"),
    "no scale": ({"scales": (1e-4, np.nan, 1e-4, 1e-4)}, "band 2 has scale nan"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_cannot_be_compared_is_refused_by_name(seawatch, tmp_path, what):
    tags, said = ODD[what]
    path = raster(tmp_path / "odd.tif", **tags)
    bands = [] if "colours" in tags else ["--bands", ",".join(BANDS)]
    code, _, err = seawatch("detect", path, path, "-o", tmp_path / "o.gpkg", *bands)
    assert (code, str(path) in err) == (3, True)
    assert said in err
    assert not (tmp_path / "o.gpkg").exists()


@pytest.mark.parametrize(
    ("sensor", "bands", "said"),
    [
        ("sentinel-1-rtc", "blue,green,red,nir", "has no band blue"),
        ("generic-optical", "vv,vh,-,-", "has no band vv"),
    ],
)
def test_radar_and_optical_bands_are_not_each_others(seawatch, tmp_path, pair, sensor, bands, said):
    words = ["-o", tmp_path / "o.gpkg", "--sensor", sensor, "--bands", bands]
    code, _, err = seawatch("detect", *pair, *words)
    assert (code, said in err) == (2, True)


@pytest.mark.parametrize("value", [-3.4028234663852886e38, 1e300, np.inf])
@pytest.mark.parametrize("declared", [True, False])
def test_what_is_beyond_all_measure_was_not_seen(tmp_path, pair, value, declared, recwarn):
    with rasterio.open(pair[0]) as file:
        pixels = file.read().astype("float64") / 1e4
    pixels[:, :40, :40] = value
    nodata = {"nodata": value} if declared else {}
    odd = tmp_path / "odd.tif"
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 4, "crs": CRS}
    kind = "float64" if value == 1e300 else "float32"
    with rasterio.open(odd, "w", dtype=kind, transform=HERE, **profile, **nodata) as file:
        file.write(pixels.astype(kind))
    late = raster(tmp_path / "c.tif", seed=1, extra=[(500, 300, 580, 380)])
    changes = sw.detect(odd, late, bands=BANDS)
    assert list(changes.kind) == ["land_gained"]
    assert not recwarn.list


def test_the_share_that_was_seen_is_told(seawatch, tmp_path, pair):
    hidden = np.zeros((200, 200), bool)
    clear = save_mask(tmp_path / "clear.tif", hidden)
    hidden[:100] = True
    masks = [save_mask(tmp_path / "half.tif", hidden), clear]
    words = ["-o", tmp_path / "o.gpkg", "--bands", ",".join(BANDS), "--json"]
    told = json.loads(seawatch("detect", *pair, *words, "--mask", *masks)[1])
    # windows of 8 x 8 pixels that were seen whole count
    assert told["seen"] == pytest.approx(0.5, abs=0.03)
    assert json.loads(seawatch("detect", *pair, *words)[1])["seen"] == 1


def test_nothing_seen_is_no_all_clear(seawatch, tmp_path, pair):
    words = ["-o", tmp_path / "o.gpkg", "--bands", ",".join(BANDS)]
    clear = save_mask(tmp_path / "clear.tif", np.zeros((200, 200), bool))
    all_hidden = save_mask(tmp_path / "hidden.tif", np.ones((200, 200), bool))
    code, out, err = seawatch("detect", *pair, *words, "--mask", all_hidden, clear)
    assert (code, out) == (3, "")
    assert "nothing was seen" in err
    far = save_scene(tmp_path / "far.tif", np.zeros((1, 200, 200), "uint8"), origin=(X + 9e4, Y))
    code, _, err = seawatch("detect", *pair, *words, "--mask", clear, far)
    assert (code, f"{far}: lies nowhere on {pair[1]}" in err) == (3, True)


def test_a_mask_may_be_of_half_the_world(tmp_path, pair):
    world = tmp_path / "world.tif"
    # the scene's plane has no place for most of it
    place = Affine(0.08, 0, 0, 0, -0.08, 90)
    profile = {"driver": "GTiff", "width": 2250, "height": 2250, "count": 1, "dtype": "uint8"}
    with rasterio.open(world, "w", crs="EPSG:4326", transform=place, **profile) as file:
        file.write(np.zeros((1, 2250, 2250), "uint8"))
    changes = sw.detect(*pair, bands=BANDS, masks=(world, world))
    assert set(changes.kind) == {"land_gained"}


def test_a_scene_may_end_where_the_degrees_do(tmp_path):
    place = Affine(1e-4, 0, 180 - 200e-4 + 1e-10, 0, -1e-4, 37.5)
    path = raster(tmp_path / "a.tif", crs="EPSG:4326", transform=place)
    assert sw.detect(path, path, bands=BANDS).empty


@pytest.mark.parametrize(
    ("dtype", "value", "said"),
    [("float32", np.nan, "a mask of float32"), ("int16", -5, "values -5")],
)
def test_a_mask_is_whole_numbers(seawatch, tmp_path, pair, dtype, value, said):
    mask = save_scene(tmp_path / "m.tif", np.full((1, 200, 200), value, dtype), nodata=None)
    words = ["-o", tmp_path / "o.gpkg", "--sensor", "landsat-c2-l2", "--bands", ",".join(BANDS)]
    code, _, err = seawatch("detect", *pair, *words, "--mask", mask, mask)
    assert (code, str(mask) in err, said in err) == (3, True, True)


def test_a_mask_that_was_cut_short(seawatch, tmp_path, pair):
    noise = np.random.default_rng(0).integers(0, 2, (1, 200, 200)).astype("uint8")
    mask = save_scene(tmp_path / "m.tif", noise, nodata=None)
    mask.write_bytes(mask.read_bytes()[:2000])
    words = ["-o", tmp_path / "o.gpkg", "--bands", ",".join(BANDS), "--mask", mask, mask]
    code, _, err = seawatch("detect", *pair, *words)
    assert (code, str(mask) in err) == (3, True)


OUTPUTS = {
    "o": ".gpkg or .geojson",
    "o.shp": ".gpkg or .geojson",
    "": ".gpkg or .geojson",
    "folder.gpkg": "a folder",
    os.fsdecode(b"\xff.gpkg"): "no UTF-8",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_where_it_goes_is_looked_at_first(seawatch, tmp_path, name):
    (tmp_path / "folder.gpkg").mkdir()
    # neither raster is there: it did not come to that
    out = tmp_path / name if name else ""
    code, _, err = seawatch("detect", tmp_path / "a.tif", tmp_path / "b.tif", "-o", out)
    assert (code, OUTPUTS[name] in err) == (2, True)


def test_findings_have_a_name_too_before_anything_is_judged(seawatch, tmp_path):
    changes = tmp_path / "changes.gpkg"  # is not there: it did not come to that
    for out, said in (("o.shp", ".gpkg or .geojson"), ("changes.gpkg", "is read or written")):
        words = ["--layers", tmp_path, "-o", tmp_path / out]
        code, _, err = seawatch("judge", changes, *words)
        assert (code, said in err) == (2, True)


def test_what_is_read_is_never_written_over(seawatch, tmp_path, pair):
    whole = pair[0].read_bytes()
    words = ["detect", *pair, "-o", tmp_path / "o.gpkg"]
    for score in (pair[0], tmp_path / "x" / ".." / "a.tif"):
        code, _, err = seawatch(*words, "--score", score)
        assert (code, "is read or written already" in err) == (2, True)
    assert seawatch(*words, "--score", tmp_path / "o.gpkg")[0] == 2
    assert seawatch(*words, "--score", tmp_path / "score.png")[0] == 2
    assert pair[0].read_bytes() == whole


def test_a_disk_that_takes_no_database_is_said(seawatch, tmp_path, pair):
    code, _, err = seawatch("detect", *pair, "-o", f"/proc/{os.getpid()}/o.gpkg")
    assert (code, "cannot write" in err) == (1, True)


def test_a_name_of_another_encoding(seawatch, tmp_path, pair):
    odd = tmp_path / os.fsdecode(b"\xff.tif")
    shutil.copy(pair[0], odd)
    code, _, err = seawatch("detect", odd, pair[1], "-o", tmp_path / "o.gpkg")
    assert (code, r"\xff.tif: its name is no UTF-8" in err) == (3, True)


@pytest.mark.parametrize("both", [True, False])
def test_numbers_too_small_to_tell_are_said_nothing_of(tmp_path, pair, both, recwarn):
    tiny = tmp_path / "tiny.tif"
    with rasterio.open(pair[0]) as file:
        profile, pixels = file.profile, file.read()
    with rasterio.open(tiny, "w", **{**profile, "dtype": "float32"}) as file:
        file.write((pixels * 1e-44).astype("float32"))
    assert sw.detect(tiny, tiny if both else pair[1], bands=BANDS).empty
    assert not recwarn.list


@pytest.mark.parametrize("bands", ["red,green,blue,-", "nir,-,-,-", "nir,red,-,-"])
def test_the_same_scene_twice_shows_no_change(tmp_path, pair, bands):
    changes = sw.detect(pair[0], pair[0], sensor="drone-rgb", bands=bands.split(","))
    assert changes.empty


def test_one_band_tells_a_change_from_noise():
    rng = np.random.default_rng(0)
    ground = rng.normal(1000, 300, (1, 20_000))
    before, after = (ground + rng.normal(0, 20, ground.shape) for _ in range(2))
    model = general.fit(before, after)
    assert (model.score(before, after) >= 0.5).mean() < 1e-3
    after[:, :800] += 2000
    changed = general.fit(before, after).score(before, after) >= 0.5
    assert changed[:800].mean() > 0.99
    assert changed[800:].mean() < 1e-3
