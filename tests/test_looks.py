"""What other dates say of a change: whether it lasts, since when, whether the tide did it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pandas as pd
import pytest
from test_detect import found

from conftest import CRS, X, Y, at, paint, save_scene, shore
from seawatch.detect import DETECTORS, detect_changes, hold
from seawatch.io import rasters
from seawatch.io.scenes import scene_of
from seawatch.scenes import ScenePair
from seawatch.tables import FLAGS
from seawatch.tides import explain

FILL = (400, 300, 500, 400)
STRIP = (300, 300, 600, 330)
GREY = np.array([1000, 1300, 1500, 1900, 1900, 1600], "uint16")[:, None, None]
FIRST, LAST = "2025-11-20", "2026-11-20"


def day(text):
    return pd.Timestamp(f"{text}T03:00:00Z")


def bay(seed, extra=()):
    return paint(np.random.default_rng(seed), shore(extra))


def with_ship(seed):
    pixels = bay(seed)
    pixels[:, 50:53, 60:68] += GREY
    return pixels


def with_bar(seed):
    """Something on shallow water, 80 m from land."""
    pixels = bay(seed)
    pixels[1:5, 120:124, 60:100] += 300
    return pixels


def changes_of(tmp_path, *scenes, before=None):
    """Changes to the last of (day, tide, pixels) from the first or a named one, and other looks."""
    made = []
    for date, tide_m, pixels in scenes:
        path = save_scene(tmp_path / f"{date}.tif", pixels)
        taken = datetime.fromisoformat(date).replace(hour=3, tzinfo=UTC)
        scene = scene_of([path], sensor="sentinel-2-l2a", taken=taken, crs=CRS)
        made.append(replace(scene, tide_m=tide_m))
    *looks, after = made
    first = looks.pop([date for date, *_ in scenes].index(before) if before else 0)
    changes, _ = found(ScenePair(first, after, first.footprint, {}, tuple(looks)))
    return changes


def test_a_fill_seen_on_two_later_dates_is_there_since_the_first(tmp_path):
    scenes = [(FIRST, 0.0, bay(1)), ("2026-08-01", 0.0, bay(2))]
    scenes += [("2026-09-01", 0.0, bay(3, [FILL])), (LAST, 0.0, bay(4, [FILL]))]
    changes = changes_of(tmp_path, *scenes)
    assert list(changes.kind) == ["land_gained"]
    assert list(changes.dates) == [2]
    assert changes.first_with.item() == day("2026-09-01")
    assert changes.last_without.item() == day("2026-08-01")
    assert hold(changes).veto.isna().all()


def test_scenes_that_lie_apart_are_looked_at_where_each_has_the_change(tmp_path):
    """Each has its own error of position: a strip of three pixels would be lost between them."""

    def scene(seed, right, down, filled):
        land = np.zeros((420, 420), bool)
        land[210:] = True
        land[207:210, 110:210] = filled
        whole = np.roll(paint(np.random.default_rng(seed), land), (down, right), axis=(1, 2))
        return whole[:, 10:410, 10:410]

    scenes = [(FIRST, 0.0, scene(1, 0, 0, False)), ("2026-08-01", 0.0, scene(2, 2, 1, False))]
    scenes += [("2026-09-01", 0.0, scene(3, -2, 3, True)), (LAST, 0.0, scene(4, 2, -2, True))]
    changes = changes_of(tmp_path, *scenes)
    assert list(changes.dates) == [2]
    # the mean of the four lies half a pixel of 5 m right and half a pixel down
    place = changes.geometry.item().centroid
    assert place.x - X == pytest.approx(5 * (150 + 0.5), abs=1.5)
    assert Y + 1000 - place.y == pytest.approx(5 * (198.5 + 0.5), abs=1.5)


def test_looks_do_not_bear_out_a_shift_that_clouds_hid(tmp_path):
    """The first scene lies three pixels off; too little of the last is clear to tell."""

    def scene(seed, down):
        land = np.zeros((420, 420), bool)
        land[210:] = True
        return np.roll(paint(np.random.default_rng(seed), land), down, axis=1)[:, 10:410, 10:410]

    last = scene(4, 0)
    hidden = np.ones(last.shape[1:], bool)
    hidden[150:230, 100:180] = False
    last[:, hidden] = 0
    scenes = [(FIRST, 0.0, scene(1, 3)), ("2026-08-01", 0.0, scene(2, 0))]
    changes = changes_of(tmp_path, *scenes, ("2026-09-01", 0.0, scene(3, 0)), (LAST, 0.0, last))
    assert list(changes.kind) == ["land_gained"]
    assert list(changes.dates) == [1]


def test_a_ship_seen_on_one_day_is_held(tmp_path):
    scenes = [(FIRST, 0.0, bay(1)), ("2026-09-01", 0.0, bay(2)), (LAST, 0.0, with_ship(3))]
    changes = changes_of(tmp_path, *scenes)
    assert list(changes.dates) == [1]
    assert changes.last_without.item() == day("2026-09-01")
    assert list(hold(changes).veto) == ["once"]


def test_a_large_fill_seen_on_one_day_is_not_held(tmp_path):
    scenes = [(FIRST, 0.0, bay(1)), ("2026-09-01", 0.0, bay(2)), (LAST, 0.0, bay(3, [FILL]))]
    changes = changes_of(tmp_path, *scenes)
    assert list(changes.dates) == [1]
    assert hold(changes).veto.isna().all()


@pytest.mark.parametrize("older", [[], ["2025-03-01"]])
def test_where_no_scene_lies_between_nothing_is_held(tmp_path, older):
    scenes = [(date, 0.0, bay(4)) for date in older]
    scenes += [(FIRST, 0.0, bay(1)), (LAST, 0.0, with_ship(3))]
    changes = changes_of(tmp_path, *scenes, before=FIRST)
    assert len(changes) == 1
    assert changes.dates.isna().all()
    assert hold(changes).veto.isna().all()


@pytest.mark.parametrize(
    ("earlier_m", "usual"), [(0.6, True), (0.5, True), (0.45, True), (0.3, False), (-1.0, False)]
)
def test_land_seen_before_varies_unless_lower_water_bared_it(tmp_path, earlier_m, usual):
    scenes = [(FIRST, 1.0, bay(1)), ("2026-03-01", earlier_m, bay(3, [FILL]))]
    scenes += [("2026-08-01", 1.0, bay(2)), (LAST, 0.5, bay(4, [FILL]))]
    changes = changes_of(tmp_path, *scenes)
    assert list(changes.dates) == [1]
    assert list(changes.veto.eq("varies").fillna(False)) == [usual]


@pytest.mark.parametrize("older", [["2025-03-01"], ["2024-11-01", "2025-03-01"]])
def test_what_was_there_before_the_pairs_earlier_scene_dates_nothing(tmp_path, older):
    made = [(date, 1.0, bay(n, [FILL])) for n, date in enumerate(older, 6)]
    made += [(FIRST, 1.0, bay(1))]
    made += [("2026-08-01", 1.0, bay(5, [FILL])), (LAST, 0.5, bay(4, [FILL]))]
    changes = changes_of(tmp_path, *made, before=FIRST)
    assert changes.first_with.item() == day("2026-08-01")
    assert changes.last_without.item() == day(FIRST)
    assert list(changes.dates) == [2]
    # once is no habit, twice is
    assert list(changes.veto.eq("varies").fillna(False)) == [len(older) > 1]


def test_a_foreshore_strip_that_was_wet_at_higher_water_only_is_the_tide(tmp_path):
    scenes = [(FIRST, 1.0, bay(1)), ("2026-08-01", 1.0, bay(2)), (LAST, -0.5, bay(4, [STRIP]))]
    changes = changes_of(tmp_path, *scenes)
    assert changes.tide_with_m.item() == pytest.approx(-0.5)
    assert changes.tide_without_m.isna().all()  # the earlier scene's own speaks
    assert list(explain(changes).veto) == ["tide"]


def test_ground_wet_at_lower_water_than_it_is_dry_at_now_has_risen(tmp_path):
    # the pair's own two scenes alone would put it down to the tide
    scenes = [(FIRST, 1.0, bay(1)), ("2026-08-01", -0.7, bay(2)), (LAST, -0.5, bay(4, [STRIP]))]
    changes = changes_of(tmp_path, *scenes)
    assert changes.tide_without_m.min() == pytest.approx(-0.7)
    told = explain(changes)
    kept = told[told.veto.isna()].geometry.union_all()
    assert kept.intersection(at(*STRIP)).area > 0.9 * at(*STRIP).area


def test_the_highest_water_that_ground_stays_dry_at_speaks_for_it(tmp_path):
    scenes = [(FIRST, 1.0, bay(1)), ("2026-08-01", 0.9, bay(2, [STRIP]))]
    changes = changes_of(tmp_path, *scenes, (LAST, -0.5, bay(4, [STRIP])))
    assert changes.tide_with_m.item() == pytest.approx(0.9)
    assert explain(changes).veto.isna().any()


def test_a_fill_is_told_from_the_strip_beside_it_that_the_tide_left_dry(tmp_path):
    fill, strip = (400, 300, 460, 330), (300, 300, 600, 330)
    bared = [(300, 300, 400, 330), (460, 300, 600, 330)]
    scenes = [(FIRST, 1.0, bay(1)), ("2026-06-01", -0.7, bay(2, bared))]
    scenes += [("2026-09-01", 0.9, bay(3, [fill])), (LAST, 0.2, bay(4, [strip]))]
    changes = changes_of(tmp_path, *scenes)
    told = explain(changes)
    kept = told[told.veto.isna()].geometry.union_all()
    assert kept.intersection(at(*fill)).area > 0.7 * at(*fill).area
    assert kept.difference(at(*fill).buffer(5)).is_empty
    assert told.veto.eq("tide").any()


@pytest.mark.parametrize(("without_m", "reason"), [(0.9, ["tide"]), (0.25, [])])
def test_what_shows_on_shallow_water_at_lower_tide_alone_is_the_bottom(tmp_path, without_m, reason):
    scenes = [(FIRST, 1.0, bay(1)), ("2026-08-01", without_m, bay(2)), (LAST, 0.2, with_bar(4))]
    changes = changes_of(tmp_path, *scenes)
    assert len(changes) == 1
    assert list(explain(changes).veto.dropna()) == reason


def test_a_look_without_a_tide_leaves_the_pairs_own_to_speak(tmp_path):
    scenes = [(FIRST, 1.0, bay(1)), ("2026-08-01", None, bay(2)), (LAST, -0.5, bay(4, [STRIP]))]
    changes = changes_of(tmp_path, *scenes)
    assert changes.tide_without_m.isna().all()
    assert list(explain(changes).veto) == ["tide"]


def test_a_flag_is_told_whether_what_it_names_still_stands(tmp_path):
    raft = at(400, 500, 600, 600)

    def scene(seed, brighter):
        pixels = bay(seed)
        pixels[1:5, 80:100, 80:120] += brighter
        return pixels

    def sightings(name, brighter):
        scenes = []
        for year, pixels in ((2025, bay(1)), (2026, scene(2, brighter))):
            path = save_scene(tmp_path / f"{name}-{year}.tif", pixels)
            taken = datetime(year, 11, 20, 3, tzinfo=UTC)
            scenes.append(scene_of([path], sensor="sentinel-2-l2a", taken=taken, crs=CRS))
        pair = ScenePair(*scenes, scenes[0].footprint, {})
        flags = FLAGS.empty(CRS).reindex([0]).assign(flag_id="F").set_geometry([raft], crs=CRS)
        open_pair = partial(rasters.open_pair, crs=CRS)
        return detect_changes([pair], open_pair, DETECTORS, CRS, watched=flags)

    changes, _, strong = sightings("strong", 300)
    assert len(changes)
    assert list(strong.shown) == [1]
    changes, _, gone = sightings("gone", 0)
    assert changes.empty
    assert list(gone.shown) == [-1]


def test_a_wide_flag_whose_middle_lies_off_the_pair_is_looked_at_where_it_is_on_it(tmp_path):
    scenes = []
    for year in (2025, 2026):
        path = save_scene(tmp_path / f"{year}.tif", bay(year))
        taken = datetime(year, 11, 20, 3, tzinfo=UTC)
        scenes.append(scene_of([path], sensor="sentinel-2-l2a", taken=taken, crs=CRS))
    pair = ScenePair(*scenes, scenes[0].footprint, {})
    wide = at(-20_000, -20_000, 100, 100)  # wider than a window is read
    flags = FLAGS.empty(CRS).reindex([0]).assign(flag_id="F").set_geometry([wide], crs=CRS)
    open_pair = partial(rasters.open_pair, crs=CRS)
    _, _, sightings = detect_changes([pair], open_pair, DETECTORS, CRS, watched=flags)
    assert list(sightings.flag_id) == ["F"]
