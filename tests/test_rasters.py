"""Pixels: windows on one grid, masks, pictures, broken files."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Timer

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from conftest import CRS, X, Y, at, paint, save_scene, shore
from seawatch.detect import DETECTORS
from seawatch.errors import CannotFinish, InputRefused, UsageError
from seawatch.io import pictures, rasters, scores
from seawatch.io.scenes import scene_of
from seawatch.maps import chips
from seawatch.scenes import NOT_SEEN, Grid, ScenePair, Walk

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def scene(path, **more):
    options = {"sensor": "sentinel-2-l2a", "taken": NOW, "crs": CRS, **more}
    return scene_of([path], **options)


@pytest.fixture
def picture(tmp_path):
    return save_scene(tmp_path / "one.tif", paint(np.random.default_rng(0), shore()))


def pair_of(one, two):
    return ScenePair(one, two, one.footprint.intersection(two.footprint), {})


def test_aligned_windows_are_the_files_own_pixels(picture):
    with rasters.open_pair(pair_of(scene(picture), scene(picture)), CRS) as reader:
        before, after = reader.read(20, 30, 50, 60)
    with rasterio.open(picture) as file:
        raw = file.read(window=((20, 70), (30, 90)))
    assert np.allclose(after.pixels, raw * 1e-4)
    assert np.array_equal(before.pixels, after.pixels)
    assert before.bands == ("blue", "green", "red", "nir", "swir16", "swir22")


def test_other_extents_are_cut_to_the_overlap(tmp_path, picture):
    pixels = paint(np.random.default_rng(0), shore())
    other = save_scene(tmp_path / "two.tif", pixels[:, 40:, 60:], origin=(X + 300, Y + 800))
    with rasters.open_pair(pair_of(scene(other), scene(picture)), CRS) as reader:
        assert (reader.grid.height, reader.grid.width) == (160, 140)
        before, after = reader.read(0, 0, 160, 140)
    assert np.allclose(before.pixels, after.pixels, atol=1e-6)
    assert before.seen.all()


def test_a_whole_pixel_moved_is_the_array_moved(picture):
    with rasters.open_pair(pair_of(scene(picture), scene(picture)), CRS) as reader:
        still, _ = reader.read(50, 50, 60, 60)
        with reader.placed(reader.grid.moved(1, 2), reader.grid) as moved:
            shifted, _ = moved.read(50, 50, 60, 60)
        with reader.placed(reader.grid.moved(0.5, 0.0), reader.grid) as moved:
            half, _ = moved.read(50, 50, 60, 60)
    assert np.allclose(shifted.pixels[:, :-2, :-1], still.pixels[:, 2:, 1:], atol=1e-6)
    between = (still.pixels[:, :, :-1] + still.pixels[:, :, 1:]) / 2
    assert np.abs(half.pixels[:, :, :-1] - between).mean() < 0.005
    assert half.seen.all()


def test_one_band_of_nodata_is_dark_water_all_bands_are_no_data(tmp_path):
    pixels = np.full((4, 64, 64), 40, "uint8")
    pixels[3, :32] = 0
    pixels[:, 40:, 40:] = 0
    path = save_scene(tmp_path / "u8.tif", pixels, bands=["red", "green", "blue", "nir"])
    one = scene(path, sensor="generic-optical")
    for columns in (0.0, 0.25):
        with (
            rasters.open_pair(pair_of(one, one), CRS) as reader,
            reader.placed(reader.grid.moved(columns, 0), reader.grid) as moved,
        ):
            before, _ = moved.read(0, 0, 64, 60)
        assert before.seen[:32].all()
        assert not before.seen[44:, 44:].any()
    assert one.clear == pytest.approx(1 - 24 * 24 / 64**2, abs=0.001)


def test_transparency_is_no_data_and_no_band(tmp_path):
    pixels = np.full((4, 64, 64), 90, "uint8")
    pixels[3] = 255
    pixels[:, :, 50:] = 0
    path = tmp_path / "ortho.tif"
    place = rasterio.transform.from_origin(X, Y, 0.1, 0.1)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=64,
        height=64,
        count=4,
        dtype="uint8",
        crs=CRS,
        transform=place,
        photometric="RGB",
        alpha="YES",
    ) as file:
        file.write(pixels)
    one = scene(path, sensor="drone-rgb")
    assert [b.name for b in one.bands] == ["red", "green", "blue"]
    for columns in (0, 0.5):
        with (
            rasters.open_pair(pair_of(one, one), CRS) as reader,
            reader.placed(reader.grid.moved(columns, 0), reader.grid) as moved,
        ):
            before, after = moved.read(0, 0, 64, 64)
        assert before.seen[:, 2:47].all()
        assert not before.seen[:, 51:].any()
        assert np.array_equal(after.seen[0], np.arange(64) < 50)
    with pytest.raises(UsageError, match=r"band 4 \('nir'\) is marked as transparency"):
        scene(path, sensor="generic-optical", bands=["red", "green", "blue", "nir"])


@pytest.mark.parametrize(
    ("values", "sensor", "hidden"),
    [
        ([0, 1, 255], "sentinel-2-l2a", [False, True, True]),
        ([4, 6, 3, 9, 0, 11], "sentinel-2-l2a", [False, False, True, True, True, True]),
        ([21824, 22280, 1, 21952], "landsat-c2-l2", [False, True, True, False]),
    ],
    ids=["seawatch", "scl", "qa_pixel"],
)
def test_masks_in_each_coding(tmp_path, picture, values, sensor, hidden):
    mask = np.full((1, 200, 200), values[0], "uint16")
    for number, value in enumerate(values):
        mask[0, :, number * 10 : number * 10 + 10] = value
    path = save_scene(tmp_path / "mask.tif", mask, bands=["mask"])
    one = scene(picture, sensor=sensor, mask=path)
    with rasters.open_pair(pair_of(one, one), CRS) as reader:
        before, _ = reader.read(0, 0, 10, 10 * len(values))
    assert [not before.seen[0, n * 10 + 5] for n in range(len(values))] == hidden


@pytest.mark.parametrize("step", [5.0, 5.1], ids=["its grid", "another grid"])
def test_a_masks_zero_is_clear_whatever_its_file_calls_no_data(tmp_path, picture, step):
    mask = np.zeros((1, 200, 200), "uint8")
    mask[0, 80:120, 80:120] = 1
    path = save_scene(tmp_path / "mask.tif", mask, bands=["mask"], step=step, nodata=0)
    one = scene(picture, mask=path)
    with rasters.open_pair(pair_of(one, one), CRS) as reader:
        before, _ = reader.read(0, 0, 200, 200)
    assert not before.seen[86:118, 86:118].any()
    assert before.seen[20:70, 20:180].all()


def test_a_mask_that_means_nothing_is_refused(tmp_path, picture):
    mask = save_scene(tmp_path / "mask.tif", np.full((1, 200, 200), 7, "uint8"), bands=["mask"])
    with pytest.raises(InputRefused, match="values 7 in the mask; use 0 clear"):
        scene(
            picture, sensor="gaofen-pms", bands=["blue", "green", "red", "nir", "-", "-"], mask=mask
        )


def test_a_picture_lies_where_its_bounds_say(tmp_path):
    pixels = paint(np.random.default_rng(0), shore() & False)
    pixels[:, 60:64, 120:124] = 4000  # at x 600-620, y 680-700
    one = scene(save_scene(tmp_path / "ship.tif", pixels))
    place = at(600, 680, 620, 700)
    bounds, size = chips.frame(place, CRS, 5.0)
    with pictures.Viewer() as viewer:
        colours = viewer.picture(one, bounds, size)
    row, column = np.unravel_index(np.nanargmax(colours[0]), colours[0].shape)
    grid = Grid(
        "EPSG:3857",
        (
            (bounds[2] - bounds[0]) / size[1],
            0,
            bounds[0],
            0,
            (bounds[1] - bounds[3]) / size[0],
            bounds[3],
        ),
        size[1],
        size[0],
    )
    spot = grid.window(int(row), int(column), 1, 1).outline()
    there = gpd.GeoSeries([spot], crs="EPSG:3857").to_crs(CRS).iloc[0]
    assert there.intersects(place)


def test_a_file_cut_short_is_found_before_it_is_used(picture):
    whole = picture.read_bytes()
    picture.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputRefused, match=r"one\.tif.*copy the file again"):
        scene(picture)


def test_what_is_no_raster_is_refused(tmp_path):
    for name, content in (("a.tif", b"hello"), ("b.tif", b""), ("c.vrt", b"<VRTDataset/>")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputRefused, match=name):
            rasters.open_raster(tmp_path / name)
    for name in ("/vsicurl/http://x/y.tif", "http://x/y.tif", tmp_path, tmp_path / "none.tif"):
        with pytest.raises(InputRefused):
            rasters.open_raster(Path(name))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(InputRefused, match="not an ordinary file"):
        rasters.open_raster(tmp_path / "pipe.tif")


def test_scores_lie_on_the_whole_later_grid(tmp_path, picture):
    import seawatch as sw

    pixels = paint(np.random.default_rng(2), shore([(400, 300, 500, 400)]))
    later = save_scene(tmp_path / "two.tif", pixels)
    earlier = paint(np.random.default_rng(0), shore())[:, 40:]
    earlier[:, 40:70, 150:180] = 0
    part = save_scene(tmp_path / "part.tif", earlier, origin=(X, Y + 800))
    sw.detect(part, later, sensor="sentinel-2-l2a", score=tmp_path / "score.tif")
    with rasterio.open(tmp_path / "score.tif") as file:
        names = file.descriptions
        assert names == ("change", *(detector.kind for detector in DETECTORS))
        assert (file.height, file.width) == (200, 200)
        scores = file.read()
    assert np.isnan(scores[:, :39]).all()
    assert np.isnan(scores[:, 82:108, 152:178]).all()
    assert np.nanmin(scores) >= 0
    assert np.nanmax(scores) <= 1
    assert scores[names.index("land_gained"), 125:135, 85:95].min() > 0.5
    kinds, seen = scores[1:], ~np.isnan(scores[1:])
    # of a kind that is hardly likely, none is told; how much changed at all is
    assert kinds[seen & (kinds > 0)].min() >= 0.125
    assert (scores[0] < 0.125)[~np.isnan(scores[0])].any()
    assert len(np.unique(scores[0])) > 10
    assert not (64 * scores[~np.isnan(scores)] % 1).any()


def wide_raster(path, **layout):
    """A raster of 2,400 columns and few rows, blank but for its place."""
    profile = {"driver": "GTiff", "width": 2400, "height": 96, "count": 4, "dtype": "uint16"}
    place = {"crs": CRS, "transform": rasterio.Affine(10, 0, X, 0, -10, Y)}
    with rasterio.open(path, "w", **profile, **place, **layout) as file:
        file.write(np.ones((4, 96, 2400), "uint16"))
        file.descriptions = ("blue", "green", "red", "nir")
    return scene(path)


def test_strips_are_walked_along_their_rows_and_tiles_down_their_columns(tmp_path):
    strips = wide_raster(tmp_path / "strips.tif", blockysize=1)
    tiles = wide_raster(tmp_path / "tiles.tif", tiled=True, blockxsize=512, blockysize=512)
    with rasters.open_pair(pair_of(strips, strips), CRS) as reader:
        along = reader.walk
        assert along.width * along.abreast >= 2400
        # what a row of windows needs is kept, or each window would decode the whole rows again
        row_bytes = 2 * 4 * 2 * 2400
        assert reader.cache_bytes >= row_bytes * (along.height + 96)
    with rasters.open_pair(pair_of(tiles, tiles), CRS) as reader:
        down = reader.walk
    # their edges run through the middles of the file's tiles
    assert (down.first_row, down.first_column) == (256, 256)


@pytest.mark.parametrize(("cache_mb", "groups"), [(192, 1), (26, 2), (18, 4)])
def test_as_many_windows_go_abreast_as_leave_their_tiles_at_hand(
    tmp_path, monkeypatch, cache_mb, groups
):
    monkeypatch.setattr(rasters, "_CACHE", cache_mb * 2**20)
    tiles = wide_raster(tmp_path / "tiles.tif", tiled=True, blockxsize=256, blockysize=256)
    with rasters.open_pair(pair_of(tiles, tiles), CRS) as reader:
        walk, width = reader.walk, reader.grid.width
    windows = walk.windows(Grid(CRS, (1, 0, 0, 0, -1, 0), width, 96))
    assert -(-len(windows) // walk.abreast) == groups


def test_files_are_not_left_while_one_is_still_read(tmp_path):
    one, two = (
        scene(save_scene(tmp_path / f"{n}.tif", paint(np.random.default_rng(n), shore())))
        for n in (1, 2)
    )
    window = (10, 20, 50, 60)
    with rasters.open_pair(pair_of(one, two), CRS) as reader:
        meant = reader.read(*window)
        waited = Event()
        reader.beside.submit(waited.wait)
        Timer(0.2, waited.set).start()
        with reader.placed(reader.grid, reader.grid) as placed:
            images = placed.fetch(*window)
            assert not waited.is_set()
        assert waited.is_set()
        for image, same in zip(images(), meant, strict=True):
            assert (image.pixels == same.pixels).all()


@pytest.fixture
def very_wide(tmp_path):
    """A pair of one raster of 44,000 columns in strips, of which nothing was ever written."""
    path = tmp_path / "wide.tif"
    profile = {"driver": "GTiff", "width": 44_000, "height": 700, "count": 6, "dtype": "uint16"}
    place = {"crs": CRS, "transform": rasterio.Affine(10, 0, X, 0, -10, Y)}
    with rasterio.open(path, "w", **profile, **place, blockysize=1, sparse_ok=True) as file:
        file.descriptions = ("blue", "green", "red", "nir", "swir16", "swir22")
    return pair_of(scene(path), scene(path))


def test_strips_take_no_more_memory_for_being_wide(very_wide):
    usual = (Walk.height + 128) * (Walk.width + 128) * rasters._HELD + rasters._CACHE
    with rasters.open_pair(very_wide, CRS) as reader:
        walk = reader.walk
        assert walk.height < 256
        window = (walk.height + 128) * (walk.width + 128) * rasters._HELD
        assert window + reader.cache_bytes <= 1.02 * usual


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("part", [False, True])
def test_a_score_map_is_0_where_nothing_was_found(tmp_path, part, told):
    """Also in rows of blocks that need not be written, and beyond the pair it is no data."""
    rng = np.random.default_rng(1)
    later = save_scene(tmp_path / "late.tif", rng.random((6, 700, 300), np.float32))
    early = later
    if part:
        early = save_scene(tmp_path / "early.tif", rng.random((6, 700, 280), np.float32))
    steps = np.zeros((700, 280 if part else 300), np.uint8)
    steps[400:420, 30:90] = 32
    steps[600:, 200:] = NOT_SEEN
    with (
        rasters.open_pair(pair_of(scene(early), scene(later)), CRS) as reader,
        scores.score_file(
            tmp_path / "score.tif", reader, ["some", "none", "untold"], told
        ) as write,
    ):
        for first, last in ((0, 300), (300, 700)):
            maps = {"some": steps[first:last], "none": 0 * steps[first:last]}
            write(first, 0, maps | {"untold": np.full_like(maps["none"], NOT_SEEN)})
    meant = np.full((700, 300), np.nan, np.float32)
    meant[:, : steps.shape[1]] = np.where(steps == NOT_SEEN, np.nan, steps / np.float32(64))
    with rasterio.open(tmp_path / "score.tif") as file:
        assert np.isnan(file.nodatavals).all()
        assert np.array_equal(file.read(1), meant, equal_nan=True)
        none = file.read(2)
        assert np.isnan(file.read(3)).all()
    assert (none[:, : steps.shape[1]] == 0).all()
    assert np.isnan(none[:, steps.shape[1] :]).all()


def test_a_disk_that_is_full_as_a_raster_is_closed_is_said(tmp_path, monkeypatch):
    """GDAL says nothing then, and leaves a file that nobody can read."""
    left = shutil.disk_usage(tmp_path)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    path = tmp_path / "new.tif"
    with pytest.raises(CannotFinish, match="cannot write: no space left"):
        rasters.write_geotiff(
            path, np.zeros((1, 8, 8)), Grid(CRS, (10, 0, X, 0, -10, Y), 8, 8), bands=["a"], nodata=0
        )
    assert not list(tmp_path.iterdir())


def test_no_block_of_a_score_map_is_written_twice(very_wide, tmp_path):
    with rasters.open_pair(very_wide, CRS) as reader:
        with scores.score_file(tmp_path / "score.tif", reader, ["change"]):
            pass
        walk = reader.walk
    with rasterio.open(tmp_path / "score.tif") as file:
        high, wide = file.block_shapes[0]
    assert walk.height % high == walk.width % wide == 0


@pytest.mark.parametrize("size", [(1, 1), (1024, 1024), (1025, 3000), (2600, 1300)])
def test_the_windows_of_a_walk_cover_a_grid_once(size):
    height, width = size
    grid = Grid(CRS, (10, 0, X, 0, -10, Y), width, height)
    covered = np.zeros(size, int)
    for row, column, high, wide in Walk(first_row=256, first_column=512).windows(grid):
        covered[row : row + high, column : column + wide] += 1
    assert (covered == 1).all()


def test_a_far_finer_scene_is_averaged_over_the_coarser_ones_pixels(tmp_path):
    """Each of its pixels counts where it lies: none is smeared into the pixels beside."""
    fine = np.full((4, 400, 400), 1000, "uint16")
    fine[:, 200:210, 200:205] = 9000  # half of one coarse pixel
    one = scene(
        save_scene(tmp_path / "coarse.tif", np.full((4, 40, 40), 1000, "uint16"), step=50.0)
    )
    two = scene(save_scene(tmp_path / "fine.tif", fine, step=5.0))
    with rasters.open_pair(pair_of(one, two), CRS) as reader:
        _, after = reader.read(18, 18, 5, 5)
    expected = np.full((5, 5), 0.1)
    expected[2, 2] = 0.5
    assert after.band("nir") == pytest.approx(expected, abs=1e-3)


@pytest.fixture
def one_and_several(tmp_path):
    """A scene of one file, and the same of a file a band."""
    pixels = paint(np.random.default_rng(3), shore())[:4]
    names = ("blue", "green", "red", "nir")
    files = [
        save_scene(tmp_path / f"{name}.tif", band[None], bands=[name])
        for name, band in zip(names, pixels, strict=True)
    ]
    whole = save_scene(tmp_path / "whole.tif", pixels, bands=names)
    options = {"sensor": "generic-optical", "taken": NOW, "crs": CRS, "bands": names}
    return scene_of([whole], **options), scene_of(files, scene_id="several", **options)


@pytest.mark.parametrize("readers", [1, 24])
def test_a_viewer_shows_any_scene_again_and_again(one_and_several, monkeypatch, readers):
    monkeypatch.setattr(pictures, "_READERS", readers)
    bounds, size = chips.frame(at(200, 200, 700, 700), CRS, 5.0)
    with pictures.Viewer() as viewer:
        for _ in range(2):
            colours = [viewer.picture(each, bounds, size) for each in one_and_several]
            told = [viewer.index(each, bounds, size, ("green", "nir")) for each in one_and_several]
            assert np.array_equal(*colours, equal_nan=True)
            assert np.array_equal(*told, equal_nan=True)
            assert len(viewer._open) == min(readers, 3)  # of the one file both are read
        elsewhere, size_there = chips.frame(at(50, 50, 150, 150), CRS, 5.0)
        there = viewer.picture(one_and_several[0], elsewhere, size_there)
        files = [file for reader, _ in viewer._open.values() for file in reader.files]
    with pictures.Viewer() as viewer:
        alone = viewer.picture(one_and_several[0], elsewhere, size_there)
    assert np.array_equal(there, alone, equal_nan=True)
    assert all(file.closed for file in files)
    grid = Grid("EPSG:3857", rasterio.transform.from_bounds(*bounds, *size[::-1])[:6], *size[::-1])
    with rasters.open_scene(one_and_several[0], grid, ("blue", "green", "nir")) as reader:
        image = reader.read_on(grid, ("green", "nir"))
    assert image.bands == ("green", "nir")
    green, nir = image.band("green"), image.band("nir")
    assert np.allclose(told[0], (green - nir) / (green + nir), atol=1e-5, equal_nan=True)


def test_a_picture_of_a_file_that_lost_its_place_is_refused(one_and_several):
    bounds, size = chips.frame(at(200, 200, 700, 700), CRS, 5.0)
    one, _ = one_and_several
    path = one.bands[0].path
    with rasterio.open(path) as file:
        pixels, profile = file.read(), file.profile
    with rasterio.open(path, "w", **(profile | {"crs": None})) as file:
        file.write(pixels)
    with pictures.Viewer() as viewer, pytest.raises(InputRefused, match=r"whole\.tif.*no CRS"):
        viewer.picture(one, bounds, size)


def test_a_picture_needs_no_file_but_its_own(one_and_several, tmp_path):
    bounds, size = chips.frame(at(200, 200, 700, 700), CRS, 5.0)
    (tmp_path / "nir.tif").write_bytes(b"broken")
    _, several = one_and_several
    with pictures.Viewer() as viewer:
        assert np.isfinite(viewer.picture(several, bounds, size)).any()
        for _ in range(2):
            with pytest.raises(InputRefused, match=r"nir\.tif"):
                viewer.index(several, bounds, size, ("green", "nir"))
        assert np.isfinite(viewer.picture(several, bounds, size)).any()
