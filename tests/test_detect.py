"""Detection on pairs painted in code."""

from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from scipy.ndimage import shift as displaced

import seawatch as sw
from conftest import CRS, at, paint, save_scene, shore
from seawatch.detect import DETECTORS, detect_changes, general, registration, water
from seawatch.detect._detector import Score, dense, score_of
from seawatch.detect.compare import _in_steps, _seen_cells
from seawatch.detect.laid import _learn, _learning_windows
from seawatch.io import rasters
from seawatch.io.scenes import scene_of
from seawatch.scenes import NOT_SEEN, SCORE_STEPS, Grid, Image, ScenePair, Walk

FILL = (400, 300, 500, 400)
INDEX = ("green", "swir16")


def pair(tmp_path, before, after, *, mask=None, sensor="sentinel-2-l2a", name="", bands=None):
    scenes = []
    for number, pixels in enumerate((before, after)):
        path = save_scene(tmp_path / f"{name}{number}.tif", pixels, bands=bands)
        taken = datetime(2025 + number, 11, 20, 3, tzinfo=UTC)
        scenes.append(scene_of([path], sensor=sensor, taken=taken, crs=CRS, mask=mask))
    return ScenePair(*scenes, scenes[0].footprint.intersection(scenes[1].footprint), {})


def found(one):
    return detect_changes([one], partial(rasters.open_pair, crs=CRS), DETECTORS, CRS)[:2]


def scenes(seed=1, extra=(), **more):
    rng = np.random.default_rng(seed)
    return paint(rng, shore()), paint(rng, shore(extra), **more)


def test_a_fill_is_found_with_its_area(tmp_path):
    changes, seen = found(pair(tmp_path, *scenes(extra=[FILL])))
    gained = changes[changes.kind == "land_gained"]
    assert len(gained) == 1
    assert gained.area_m2.item() == pytest.approx(10_000, rel=0.1)
    assert gained.geometry.item().intersection(at(*FILL)).area > 9_000
    assert gained.reach_m.item() == pytest.approx(100, abs=10)
    assert gained.pixel_m.item() == pytest.approx(5, rel=0.001)
    assert gained.score.item() > 0.8
    assert set(seen.why) == {"clear"}


def test_no_change_stays_none_through_haze_and_gain(tmp_path):
    before, after = scenes(gain=1.15)
    changes, _ = found(pair(tmp_path, before, after + 200))
    assert changes.empty


def test_land_lost_is_the_other_way_round(tmp_path):
    before, after = scenes(extra=[FILL])
    changes, _ = found(pair(tmp_path, after, before))
    assert "land_lost" in set(changes.kind)
    assert "land_gained" not in set(changes.kind)


def test_rows_of_floats_are_one_block_of_rafts(tmp_path):
    before, after = scenes()
    # floats and kelp: somewhat brighter than water, in rows
    after[1:5, 40:60:3, 60:100] += 300
    changes, _ = found(pair(tmp_path, before, after))
    assert list(changes.kind) == ["raft"]
    assert changes.geometry.item().intersection(at(300, 700, 500, 800)).area > 15_000


def test_a_smooth_plume_is_no_change(tmp_path):
    before, after = scenes()
    rows, columns = np.mgrid[:200, :200]
    plume = 400 * np.exp(-(((rows - 60) / 40) ** 2 + ((columns - 90) / 40) ** 2))
    changes, _ = found(pair(tmp_path, before, after + plume.astype("uint16")))
    assert changes.empty


def test_a_cloud_hides_and_makes_nothing(tmp_path):
    cloud = np.zeros((200, 200), bool)
    cloud[100:170, 80:150] = True
    before, after = scenes(extra=[FILL], cloud=cloud)
    mask = save_scene(tmp_path / "mask.tif", cloud[None].astype("uint8"), bands=["mask"])
    changes, seen = found(pair(tmp_path, before, after, mask=mask))
    hidden = at(400, 150, 750, 500)
    assert not changes.intersects(hidden).any()
    masked = seen[seen.why == "masked"].geometry.item()
    assert masked.contains(hidden)


def test_white_wisps_are_not_land(tmp_path):
    before, after = scenes()
    after[:, 50:56, 50:56] = 4000
    changes, _ = found(pair(tmp_path, before, after))
    assert changes.empty


def test_colour_images_go_by_the_general_score(tmp_path):
    before, after = scenes(extra=[FILL])
    colour = [p[[2, 1, 0]] for p in (before, after)]
    one = pair(tmp_path, *colour, sensor="drone-rgb", bands=["red", "green", "blue"])
    changes, _ = found(one)
    assert set(changes.kind) == {"sea_change"}
    assert changes.geometry.union_all().intersection(at(*FILL)).area > 8_000


@pytest.mark.parametrize(("columns", "rows"), [(0.0, 0.0), (0.3, -0.7), (-1.2, 0.45), (1.9, 1.6)])
def test_shifts_are_measured(columns, rows):
    rng = np.random.default_rng(5)
    big = paint(rng, np.kron(rng.random((20, 20)) > 0.5, np.ones((20, 20))) > 0).astype("float32")
    moved = np.stack([displaced(b, (rows, columns), order=3) for b in big])
    grid = Grid(CRS, (10, 0, 0, 0, -10, 0), 360, 360)
    names = ("blue", "green", "red", "nir", "swir16", "swir22")
    cut = np.s_[:, 20:380, 20:380]
    noise = rng.normal(0, 20, moved[cut].shape)
    one, two = Image(moved[cut] + noise, names, grid), Image(big[cut], names, grid)
    shift = registration.measure([(one, two)])
    assert shift.columns == pytest.approx(columns, abs=0.1)
    assert shift.rows == pytest.approx(rows, abs=0.1)
    assert shift.sigma is not None


def test_open_sea_gives_no_shift():
    rng = np.random.default_rng(5)
    grid = Grid(CRS, (10, 0, 0, 0, -10, 0), 300, 300)
    one, two = (Image(rng.normal(0.05, 0.002, (2, 300, 300)), ("green", "nir"), grid) for _ in "ab")
    assert registration.measure([(one, two)]).sigma is None


def test_without_a_measured_shift_the_error_is_wider(tmp_path, monkeypatch):
    one = pair(tmp_path, *scenes(extra=[FILL]))
    measured, _ = found(one)
    monkeypatch.setattr(registration, "_LEAST_CHIPS", 10_000)
    blind, _ = found(one)
    # the later scene's four metres, and three tenths of a pixel of five; the earlier one's four
    assert measured.sigma_m.max() == pytest.approx(np.hypot(4, 1.5), abs=0.1)
    assert blind.sigma_m.max() == pytest.approx(np.hypot(np.hypot(4, 4), 1.5), abs=0.01)
    assert blind.match_m.min() > np.hypot(one.before.sigma_m, one.after.sigma_m)


def test_objects_across_tiles_are_one(tmp_path, monkeypatch):
    one = pair(tmp_path, *scenes(extra=[FILL]))
    whole, _ = found(one)
    monkeypatch.setattr(rasters.PairReader, "walk", Walk(64, 64, 3, 32, 64))
    tiled, _ = found(one)
    assert len(tiled[tiled.kind == "land_gained"]) == 1
    overlap = tiled.geometry.union_all().intersection(whole.geometry.union_all()).area
    assert overlap > 0.97 * whole.area.sum()


def test_pairs_in_any_order_give_the_same_table(tmp_path):
    one = pair(tmp_path, *scenes(1, extra=[FILL]), name="a")
    other = pair(tmp_path, *scenes(2, extra=[(100, 300, 200, 360)]), name="b")
    open_pair = partial(rasters.open_pair, crs=CRS)
    forward, *_ = detect_changes([one, other], open_pair, DETECTORS, CRS)
    backward, *_ = detect_changes([other, one], open_pair, DETECTORS, CRS, jobs=2)
    assert len(forward) == 2
    assert forward.drop(columns="geometry").equals(backward.drop(columns="geometry"))


def test_before_and_after_on_unlike_grids(tmp_path):
    before, after = scenes(extra=[FILL])
    coarse = np.stack([b.reshape(100, 2, 100, 2).mean(axis=(1, 3)) for b in before])
    path = save_scene(tmp_path / "old.tif", coarse.astype("uint16"), step=10.0)
    with rasterio.open(path) as file:
        dst, width, height = rasterio.warp.calculate_default_transform(
            file.crs, "EPSG:32651", 100, 100, *file.bounds
        )
        there = np.zeros((6, height, width), "uint16")
        rasterio.warp.reproject(
            file.read(),
            there,
            src_transform=file.transform,
            src_crs=file.crs,
            dst_transform=dst,
            dst_crs="EPSG:32651",
            src_nodata=0,
            dst_nodata=0,
        )
    grid = Grid("EPSG:32651", tuple(dst)[:6], width, height)
    names = ["blue", "green", "red", "nir", "swir16", "swir22"]
    rasters.write_geotiff(tmp_path / "utm.tif", there, grid, bands=names, nodata=0)
    new = save_scene(tmp_path / "new.tif", after)
    made = [
        scene_of([p], sensor="generic-optical", taken=datetime(y, 11, 20, tzinfo=UTC), crs=CRS)
        for p, y in ((tmp_path / "utm.tif", 2025), (new, 2026))
    ]
    one = ScenePair(*made, made[0].footprint.intersection(made[1].footprint), {})
    changes, _ = found(one)
    gained = changes[(changes.kind == "land_gained") & (changes.area_m2 > 2000)]
    assert gained.area_m2.sum() == pytest.approx(10_000, rel=0.15)


def test_the_general_score_ignores_gain_and_offset():
    rng = np.random.default_rng(0)
    before = rng.normal(100, 20, (4, 5000))
    after = before * [[1.2], [0.9], [1.0], [1.4]] + 7 + rng.normal(0, 1, before.shape)
    after[:, :200] += rng.normal(60, 10, (4, 200))
    model = general.fit(before, after)
    changed = model.score(before, after) >= 0.5
    assert changed[:200].mean() > 0.9
    assert changed[200:].mean() < 0.01


def test_a_band_without_variation_fits_no_model():
    flat = np.ones((3, 1000))
    assert general.fit(flat, flat) is None


@pytest.mark.parametrize("above", [0.0, 0.2])
def test_bands_that_show_nothing_on_water_do_not_hide_a_raft(tmp_path, above):
    """Short-wave infrared cut off at its darkest value, here and there one above it."""
    rng = np.random.default_rng(4)
    both = scenes()
    for pixels in both:
        sea = ~shore()
        pixels[4:, sea] = rng.choice([1, 2], (2, sea.sum()), p=[1 - above, above])
    assert found(pair(tmp_path, *both, name="same"))[0].empty
    both[1][:4, 60:80, 60:100] += 400
    changes, _ = found(pair(tmp_path, *both))
    assert changes.intersects(at(300, 600, 500, 700)).any()
    assert changes.geometry.difference(at(290, 590, 510, 710)).area.sum() < 1000


@pytest.mark.parametrize(
    ("walk", "size"), [(Walk(), (10_980, 10_980)), (Walk(128, 4096, 11), (44_000, 4_000))]
)
def test_what_is_learnt_from_is_no_higher_than_the_walks_windows(walk, size):
    grid = Grid(CRS, (10, 0, 0, 0, -10, 0), *size)
    windows = _learning_windows(grid, walk)
    assert len(windows) == 16
    assert sum(height * width for *_, height, width in windows) > 16 * 200_000
    for row, column, height, width in windows:
        assert height <= walk.height
        assert 0 <= row <= grid.height - height
        assert 0 <= column <= grid.width - width
    assert len({row for row, *_ in windows}) == 4  # each row of them is decoded once


@pytest.mark.parametrize("turned", [False, True])
def test_a_long_strip_is_learnt_from_too(tmp_path, turned):
    before, after = (np.tile(pixels, (1, 1, 42)) for pixels in scenes(extra=[FILL]))
    if turned:
        before, after = (np.ascontiguousarray(p.swapaxes(1, 2)) for p in (before, after))
    changes, _ = found(pair(tmp_path, before, after))
    assert 40 <= (changes.area_m2 > 9000).sum() <= 43


def test_what_nothing_could_be_learnt_of_is_not_clear(tmp_path):
    flat = np.full((3, 200, 200), 1000, "uint16")
    changes, seen = found(pair(tmp_path, flat, flat, bands=["red", "green", "blue"]))
    assert changes.empty
    assert list(seen.seen) == ["no"]


def test_an_overlap_of_one_row_is_compared_without_a_shift(tmp_path):
    before, after = (pixels[:, :1] for pixels in scenes())
    changes, _ = found(pair(tmp_path, before, after))
    assert changes.empty


def test_the_waterline_is_found_in_a_scene_nearly_all_sea():
    pixels = paint(np.random.default_rng(0), shore() & False | shore([(0, 0, 60, 60)])) / 1e4
    pixels[:, 145:] = pixels[:, :55]
    grid = Grid(CRS, (5, 0, 0, 0, -5, 0), 200, 200)
    image = Image(
        pixels.astype("float32"), ("blue", "green", "red", "nir", "swir16", "swir22"), grid
    )
    line = water.find_waterline([water.shores(image, INDEX)], INDEX)
    assert line is not None
    assert line.land < line.threshold < line.water


def test_a_drone_and_a_satellite_are_compared_on_the_satellites_pixels(tmp_path):
    rng = np.random.default_rng(1)
    ground = np.kron(shore([(400, 300, 560, 460)]), np.ones((5, 5))) > 0
    fine = save_scene(tmp_path / "fine.tif", paint(rng, ground), step=1.0)
    coarse = paint(rng, shore()).reshape(6, 100, 2, 100, 2).mean((2, 4)).astype("uint16")
    old = save_scene(tmp_path / "coarse.tif", coarse, step=10.0)
    changes = sw.detect(old, fine, sensor="generic-optical", score=tmp_path / "score.tif")
    assert list(changes.kind) == ["land_gained"]
    assert changes.area_m2.item() == pytest.approx(160 * 160, rel=0.1)
    with rasterio.open(tmp_path / "score.tif") as file:
        assert file.shape == ground.shape
        score = file.read(file.descriptions.index("land_gained") + 1)
    assert score[560:680, 420:540].min() > 0.5


def test_windows_to_learn_from_are_let_go_as_they_are_learnt_from(tmp_path):
    one = pair(tmp_path, *scenes())
    with rasters.open_pair(one, CRS) as reader:
        shown = [reader.read(0, 0, 200, 200), reader.read(0, 0, 100, 200)]
        learnt = _learn(one, shown)
    assert learnt.before.land < learnt.before.threshold < learnt.before.water
    assert learnt.change is not None
    assert shown == []


def test_tiles_come_in_their_order_two_at_once_and_few_wait(monkeypatch):
    now, most, done = [], [], []

    def tile(images, core, *_):
        (core,) = core
        now.append(core)
        most.append(len(now))
        sleep(0.3 if core == 3 else 0.002)
        now.remove(core)
        done.append(core)
        return core

    module = import_module("seawatch.detect.compare")
    monkeypatch.setattr(module, "_tile", tile)
    grid = SimpleNamespace(window=lambda *_: None)
    laid = SimpleNamespace(fetch=lambda halo: None, frame=SimpleNamespace(grid=grid))
    came = []
    windows = (((n,), (n,)) for n in range(40))
    for core in module._looked_at(laid, (), False, windows):
        came.append(core)
        assert len(done) <= len(came) + 6
    assert came == list(range(40))
    assert max(most) == 2


def test_the_noise_of_dark_water_is_no_shore():
    pixels = paint(np.random.default_rng(0), shore()) / 1e4
    pixels[3:, :140] = np.random.default_rng(1).normal(2e-3, 4e-3, (3, 140, 200)).clip(1e-4)
    grid = Grid(CRS, (10, 0, 0, 0, -10, 0), 200, 200)
    names = ("blue", "green", "red", "nir", "swir16", "swir22")
    image = Image(pixels.astype("float32"), names, grid)
    line = water.find_waterline([water.shores(image, INDEX)], INDEX)
    assert (line.odds(image)[:138] > 0).mean() > 0.99


def test_scores_are_told_in_steps_and_nothing_is_rounded_up_to_a_change():
    score = np.random.default_rng(3).random((40, 50)).astype("float32")
    score[0, :5] = np.nan, np.nextafter(np.float32(0.5), np.float32(0)), 0.5, 1, 0
    steps = _in_steps(score)
    assert steps[0, :5].tolist() == [NOT_SEEN, 31, 32, 64, 0]
    assert ((steps == NOT_SEEN) == np.isnan(score)).all()
    told = steps / 64
    seen = ~np.isnan(score)
    assert ((told <= score) & (score < told + 1 / 64))[seen].all()


@pytest.mark.parametrize("sparse", [True, False])
def test_a_kind_is_told_in_the_same_steps_and_what_hardly_is_as_none(sparse):
    rng = np.random.default_rng(3)
    odds = rng.normal(-0.5, 1, (40, 50)).astype("float32")
    odds[rng.random(odds.shape) < 0.1] = np.nan
    at = np.flatnonzero(odds > -2)
    few = Score(at, score_of(odds.ravel()[at]), np.isnan(odds))
    score, without = few if sparse else dense(odds), at[::7]
    part = (slice(3, 30), slice(5, 50))
    steps, whole = score.steps(part, without), _in_steps(score.part(part, without))
    hardly = (whole < SCORE_STEPS / 8) & (whole != NOT_SEEN)
    assert all(some.any() for some in (hardly, whole >= SCORE_STEPS / 2, whole == NOT_SEEN))
    assert (steps == np.where(hardly, 0, whole)).all()
    assert (score.part() == 0).sum() < (score.part(without=without) == 0).sum()


@pytest.mark.parametrize("size", [(8, 8), (20, 17), (64, 72)])
def test_a_cell_of_the_coverage_map_was_seen_where_all_its_pixels_were(size):
    seen = np.random.default_rng(2).random(size) < 0.97
    rows, columns = (-(-n // 8) for n in size)
    meant = [
        [seen[r * 8 : r * 8 + 8, c * 8 : c * 8 + 8].all() for c in range(columns)]
        for r in range(rows)
    ]
    assert _seen_cells(seen).tolist() == meant
    assert _seen_cells(np.ones(size, bool)).all()
