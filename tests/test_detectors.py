"""Every detector: what it tells, and the nearest innocent thing beside it.

Land lies below y = 300 of a bay of 1,000 m (below y = 120 of 400 m where pixels are 2 m).
"""

from datetime import UTC, datetime

import numpy as np
import pytest
from test_detect import found

from conftest import CRS, at, paint, save_scene, shore
from seawatch.detect import DETECTORS, general
from seawatch.detect._detector import Context, Waters, Wet
from seawatch.detect._objects import labelled
from seawatch.detect.cage import Cage
from seawatch.detect.enclosed import Enclosed
from seawatch.detect.examine import examine
from seawatch.detect.laid import Learnt
from seawatch.detect.vegetation_lost import VegetationLost
from seawatch.detect.water import Waterline
from seawatch.io.scenes import scene_of
from seawatch.pair import compared
from seawatch.scenes import Grid, Image, ScenePair

POND = [(400, 300, 415, 500), (400, 485, 600, 500), (585, 300, 600, 500)]
INSIDE = (420, 310, 580, 480)
GROUND = np.array([1000, 1300, 1600, 2000, 2400, 2200])[:, None, None]  # bare
FLOATS = np.array([200, 300, 400, 500, 500, 400], "uint16")[:, None, None]
FIELD = np.s_[:, 160:185, 30:70]
YARD = np.s_[:, 165:177, 40:56]
YARD_M = (200, 115, 280, 175)


def told(tmp_path, before, after, step=5.0):
    """The changes between two paintings, pixels of `step` metres."""
    scenes = []
    for year, pixels in ((2025, before), (2026, after)):
        path = save_scene(tmp_path / f"{year}.tif", pixels, step=step)
        taken = datetime(year, 11, 20, 3, tzinfo=UTC)
        scenes.append(scene_of([path], sensor="sentinel-2-l2a", taken=taken, crs=CRS))
    changes, _ = found(ScenePair(*scenes, scenes[0].footprint, {}))
    return changes


def bay(seed, extra=()):
    return paint(np.random.default_rng(seed), shore(extra))


def bare(pixels, place, brighter=1.0):
    """`pixels` with bare ground in a place."""
    pixels = pixels.copy()
    grain = np.random.default_rng(4).normal(1, 0.03, pixels[place].shape)
    pixels[place] = (GROUND * brighter * grain).astype("uint16")
    return pixels


def floats(rows, columns, side=3):
    """The bay with a float at every crossing of rows and columns."""
    pixels = bay(2)
    for row in rows:
        for column in columns:
            pixels[:, row : row + side, column : column + side] += FLOATS
    return pixels


# enclosed


def test_water_that_a_dike_closes_off_is_one_object_with_its_dike(tmp_path):
    changes = told(tmp_path, bay(1), bay(2, POND))
    assert list(changes.kind) == ["enclosed"]
    assert changes.geometry.item().contains(at(*INSIDE))
    dike = at(400, 310, 600, 500).difference(at(415, 310, 585, 485))
    assert changes.geometry.item().intersection(dike).area > 0.95 * dike.area


def test_a_dike_of_one_pixel_is_one_object_with_its_water(tmp_path):
    thin = [(400, 300, 405, 500), (400, 495, 600, 500), (595, 300, 600, 500)]
    assert list(told(tmp_path, bay(1), bay(2, thin)).kind) == ["enclosed"]


def test_wide_land_that_closes_water_off_is_land_gained_beside_it(tmp_path):
    changes = told(tmp_path, bay(1), bay(2, [*POND, (600, 300, 700, 420)]))
    assert sorted(changes.kind) == ["enclosed", "land_gained"]
    fill = changes[changes.kind == "land_gained"].geometry.item()
    assert fill.contains(at(610, 310, 690, 410))


def test_water_behind_a_dike_with_a_gap_is_not_enclosed(tmp_path):
    gap = [POND[0], (400, 485, 480, 500), (520, 485, 600, 500), POND[2]]
    changes = told(tmp_path, bay(1), bay(2, gap))
    assert set(changes.kind) == {"structure"}
    assert not changes.intersects(at(*INSIDE).buffer(-20)).any()


def test_water_that_may_go_on_beyond_the_scene_is_not_enclosed(tmp_path):
    dike = [(0, 485, 200, 500), (185, 300, 200, 500)]
    changes = told(tmp_path, bay(1), bay(2, dike))
    assert set(changes.kind) == {"structure"}
    assert not changes.intersects(at(0, 310, 170, 470)).any()


@pytest.mark.parametrize(
    "built", [[], [(600, 300, 615, 450)], [(400, 470, 600, 485)]], ids=["as_was", "jetty", "wider"]
)
def test_a_pond_that_was_closed_before_is_not_enclosed(tmp_path, built):
    changes = told(tmp_path, bay(1, POND), bay(2, [*POND, *built]))
    assert "enclosed" not in set(changes.kind)
    assert len(changes) == len(built)


def test_a_wet_flat_that_is_as_much_water_as_land_is_not_enclosed():
    # sea, a flat whose index lies at the waterline's own, land
    odds = np.repeat(np.array([1, 0, -1], np.float32), [30, 60, 30])[:, None].repeat(200, axis=1)
    noise = np.random.default_rng(7)
    was, now = (odds + noise.normal(0, 0.1, odds.shape).astype("float32") for _ in range(2))
    waters = Waters(Wet(was), Wet(now), np.zeros_like(odds), np.minimum(was, -now))
    grid = Grid(CRS, (10, 0, 0, 0, -10, 0), 200, 120)
    image = Image(np.zeros((1, *odds.shape), "float32"), ("green",), grid)
    assert not Enclosed()(image, image, Context(lambda _: odds, 10.0, waters)).at.size


# what stands on the sea


def test_floats_stand_on_turbid_water_that_only_the_near_infrared_tells(tmp_path):
    water, ground = np.array([900, 1100, 1200, 800]), np.array([600, 900, 1000, 2000])
    names = ["blue", "green", "red", "nir"]
    paths = [tmp_path / "before.tif", tmp_path / "after.tif"]
    for seed, path in enumerate(paths):
        noise = np.random.default_rng(seed).normal(1, 0.03, (4, 200, 200))
        pixels = np.where(shore(), ground[:, None, None], water[:, None, None]) * noise
        pixels[:, 80:83, 60:120] += seed * np.array([200, 300, 350, 400])[:, None, None]
        save_scene(path, pixels.astype("uint16"), bands=names)
    found = compared(*paths, bands=names).changes
    assert list(found.kind) == ["structure"]
    assert found.geometry.item().intersection(at(300, 585, 600, 600)).area > 0.9 * 15 * 300


# green and short-wave infrared of sea, of a flat whose index lies by the waterline's, of land
TONES = np.repeat(np.array([[0.05, 0.07, 0.08], [0.01, 0.036, 0.25]]), [50, 40, 30], axis=1)


def flat(place, times):
    """What is made of a flat between sea and land, a place of which is so many times as bright."""
    noise = np.random.default_rng(8)
    scenes = [
        (TONES[..., None] * noise.normal(1, 0.03, (2, 120, 200))).astype("float32") for _ in "ab"
    ]
    scenes[1][(slice(None), *place)] *= np.array(times, "float32")[:, None, None]
    grid, bands = Grid(CRS, (10, 0, 0, 0, -10, 0), 200, 120), ("green", "swir16")
    line = Waterline(bands, threshold=0.2, land=-0.5, water=0.67)
    change = general.fit(*(scene.reshape(2, -1) for scene in scenes))
    learnt = Learnt(10.0, change, line, line, weights=np.ones(2, np.float32))
    return examine(tuple(Image(scene, bands, grid) for scene in scenes), learnt, DETECTORS)


@pytest.mark.parametrize(
    ("top", "stands"), [(20, True), (48, False), (62, False)], ids=["sea", "edge", "flat"]
)
def test_what_turns_brighter_stands_on_the_sea_but_not_on_a_wet_flat(top, stands):
    place = np.s_[top : top + 6, 40:60]
    there = flat(place, (1.5, 1.5)).context.waters.stands_out[place]
    assert (there >= 1).all() == (there >= 1).any() == stands


@pytest.mark.parametrize(
    ("times", "filled"), [((1.15, 6), True), ((0.9, 1.5), False)], ids=["fill", "dried"]
)
def test_a_wet_flat_is_filled_but_not_where_it_only_dried(times, filled):
    place = np.s_[60:70, 40:60]
    assert (flat(place, times).score("land_gained")[place].mean() > 0.8) == filled


# structure


@pytest.mark.parametrize(
    "pier", [(500, 300, 515, 450), (400, 600, 600, 615)], ids=["jetty", "breakwater"]
)
def test_something_thin_that_stands_out_to_sea_is_a_structure(tmp_path, pier):
    changes = told(tmp_path, bay(1), bay(2, [pier]))
    assert list(changes.kind) == ["structure"]
    assert changes.geometry.item().intersection(at(*pier)).area > 0.9 * at(*pier).area


@pytest.mark.parametrize(
    "land", [(300, 300, 500, 315), (500, 500, 545, 545)], ids=["along_the_shore", "round"]
)
def test_a_strip_along_the_shore_or_a_round_blob_is_no_structure(tmp_path, land):
    assert list(told(tmp_path, bay(1), bay(2, [land])).kind) == ["land_gained"]


# raft


def test_a_block_of_lines_afloat_is_one_raft(tmp_path):
    after = bay(2)
    after[1:5, 40:60:3, 60:100] += 300
    assert list(told(tmp_path, bay(1), after).kind) == ["raft"]


def test_a_narrow_line_afloat_is_no_raft(tmp_path):
    after = bay(2)
    after[1:5, 110:113, 60:100] += 300
    changes = told(tmp_path, bay(1), after)
    assert len(changes) == 1
    assert changes.kind.item() in ("structure", "sea_change")
    # the shore lies at row 140
    assert changes.near_m.item() == pytest.approx(5 * 27, abs=8)
    assert changes.reach_m.item() == pytest.approx(5 * 30, abs=8)


def test_a_smooth_plume_is_no_raft(tmp_path):
    rows, columns = np.mgrid[:200, :200]
    plume = 400 * np.exp(-(((rows - 60) / 40) ** 2 + ((columns - 90) / 40) ** 2))
    assert told(tmp_path, bay(1), bay(2) + plume.astype("uint16")).empty


# cage, at pixels of two metres


def test_squares_in_a_grid_are_one_block_of_cages(tmp_path):
    after = floats(range(30, 72, 7), range(40, 96, 7))
    assert list(told(tmp_path, bay(1), after, 2.0).kind) == ["cage"]


def test_a_single_row_of_squares_is_no_cage(tmp_path):
    changes = told(tmp_path, bay(1), floats([50], range(40, 110, 7)), 2.0)
    assert len(changes)
    assert "cage" not in set(changes.kind)


def test_lines_side_by_side_are_a_raft_and_no_cages(tmp_path):
    after = bay(2)
    for row in range(30, 72, 7):
        after[:, row : row + 3, 40:96] += FLOATS
    assert list(told(tmp_path, bay(1), after, 2.0).kind) == ["raft"]


@pytest.mark.parametrize("seed", [9, 10, 11])
def test_floats_that_lie_anyhow_are_no_cages(tmp_path, seed):
    rng = np.random.default_rng(seed)
    afloat = np.zeros((200, 200), bool)
    for row, column in zip(rng.integers(30, 72, 40), rng.integers(40, 96, 40), strict=True):
        afloat[row : row + 3, column : column + 3] = True
    after = bay(2)
    after[:, afloat] += FLOATS[:, :, 0]
    changes = told(tmp_path, bay(1), after, 2.0)
    assert len(changes)
    assert "cage" not in set(changes.kind)


@pytest.mark.parametrize("degrees", [0, 20, 45, 70])
@pytest.mark.parametrize(("side", "apart"), [(3, 7), (5, 7), (4, 10), (8, 10)])
def test_a_grid_is_told_from_lines_whichever_way_it_lies(degrees, side, apart):
    rows, columns = np.mgrid[-65:65, -65:65]
    turn = np.radians(degrees)
    along = columns * np.cos(turn) + rows * np.sin(turn)
    across = rows * np.cos(turn) - columns * np.sin(turn)
    lines = (across % apart < side) & (abs(along) < 4 * apart) & (abs(across) < 4 * apart)
    grid = lines & (along % apart < side)
    assert len(cages(grid)) == 1
    assert len(cages(lines)) == 0


def cages(afloat):
    """Pixels of each block of cages where things are afloat on nothing but sea."""
    sea = np.ones(afloat.shape, np.float32)
    out = np.where(afloat, np.float32(3), np.float32(0))
    waters = Waters(Wet(sea), Wet(sea), out, -sea)
    score = Cage()(None, None, Context(lambda _: np.zeros_like(sea), 2.0, waters))
    return labelled(score.part() >= 0.5).pixels


# built and vegetation_lost


def test_bare_ground_that_turns_pale_is_built(tmp_path):
    after = bare(bare(bay(2), FIELD), YARD, 1.9)
    changes = told(tmp_path, bare(bay(1), FIELD), after)
    assert list(changes.kind) == ["built"]
    assert changes.geometry.item().symmetric_difference(at(*YARD_M)).area < 500


def test_bare_ground_that_stays_is_not_built(tmp_path):
    assert told(tmp_path, bare(bay(1), FIELD), bare(bay(2), FIELD)).empty


@pytest.mark.parametrize("brighter", [1.0, 1.5])
def test_green_that_turns_bare_is_vegetation_lost_and_not_built(tmp_path, brighter):
    changes = told(tmp_path, bay(1), bare(bay(2), YARD, brighter))
    assert list(changes.kind) == ["vegetation_lost"]
    assert changes.geometry.item().symmetric_difference(at(*YARD_M)).area < 500


@pytest.mark.parametrize(("top", "kinds"), [(140, []), (150, ["built"])])
def test_a_beach_that_dries_is_not_built_but_the_same_inland_is(tmp_path, top, kinds):
    strip = np.s_[:, top : top + 3, 30:170]
    changes = told(tmp_path, bare(bay(1), strip), bare(bay(2), strip, 1.9))
    assert list(changes.kind) == kinds


def test_a_shadow_on_green_is_no_vegetation_lost(tmp_path):
    after = bay(2)
    # blue sky light alone: the infrared falls by more than the red
    dimmer = np.array([0.7, 0.6, 0.5, 0.25, 0.2, 0.2])[:, None, None]
    after[YARD] = (after[YARD] * dimmer).astype("uint16")
    assert told(tmp_path, bay(1), after).empty


def test_the_season_on_all_green_is_no_vegetation_lost():
    noise = np.random.default_rng(3)
    one, two = (noise.normal(1, 0.02, (2, 60, 60)) * tone for tone in (0.1, 0.1))
    one[1], two[1] = 3 * one[1], 1.5 * two[1]
    two[0, 20:26, 20:26] *= 2  # and a clearing
    grid = Grid(CRS, (5, 0, 0, 0, -5, 0), 60, 60)
    before, after = (Image(p.astype("float32"), ("red", "nir"), grid) for p in (one, two))
    dry = np.full((60, 60), -1, np.float32)
    waters = Waters(Wet(dry), Wet(dry), dry, dry)
    score = VegetationLost()(before, after, Context(lambda _: -dry, 5.0, waters)).part()
    assert (np.argwhere(score >= 0.5).min(0) == 20).all()
    assert np.count_nonzero(score >= 0.5) == 36


@pytest.mark.parametrize(("blue", "bare"), [(0.4, False), (0.2, True)])
def test_green_under_cloud_that_the_mask_missed_is_not_lost(blue, bare):
    noise = np.random.default_rng(5)
    tones = [0.04, 0.05, 0.4]
    one, two = (
        np.stack([noise.normal(1, 0.02, (60, 60)) * tone for tone in tones]) for _ in range(2)
    )
    two[:, 20:26, 20:26] = np.array([blue, 0.4, 0.4])[:, None, None]
    grid = Grid(CRS, (5, 0, 0, 0, -5, 0), 60, 60)
    names = ("blue", "red", "nir")
    before, after = (Image(p.astype("float32"), names, grid) for p in (one, two))
    dry = np.full((60, 60), -1, np.float32)
    waters = Waters(Wet(dry), Wet(dry), dry, dry, palest=-0.15)
    score = VegetationLost()(before, after, Context(lambda _: -dry, 5.0, waters)).part()
    assert np.count_nonzero(score >= 0.5) == 36 * bare
