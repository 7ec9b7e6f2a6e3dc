"""Radar pairs painted in code: dark sea, bright land, speckle."""

from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

import seawatch as sw
from conftest import CRS, at, save_scene, shore
from seawatch.detect import DETECTORS, detect_changes
from seawatch.errors import InputRefused
from seawatch.io import rasters
from seawatch.io.scenes import scene_of
from seawatch.scenes import ScenePair
from seawatch.tides import explain

FILL = (400, 300, 520, 420)
SEA, LAND, LOOKS = 0.01, 0.15, 4.4
FIELD = 0.045  # a bare field, darker than the middle between land and a sea with wind on it


def backscatter(rng, land, *, wind=1.0, bright=(), field=None):
    """(vv, vh) linear gamma nought: land and sea under gamma speckle of `LOOKS` looks."""
    vv = np.where(land, LAND, SEA * wind)
    for tone, boxes in ((1.5, bright), (FIELD, [field] if field else [])):
        for x0, y0, x1, y1 in boxes:
            vv[200 - y1 // 5 : 200 - y0 // 5, x0 // 5 : x1 // 5] = tone
    both = np.stack([vv, vv / 5])
    return (both * rng.gamma(LOOKS, 1 / LOOKS, both.shape)).astype("float32")


def found(tmp_path, before, after, look=None, spoil=lambda: None):
    """What neither tide nor position explains of a pair of November; `look` is of October.

    spoil : called once all are let in.
    """
    scenes = []
    for date, pixels in (("2025-11", before), ("2026-10", look), ("2026-11", after)):
        if pixels is not None:
            path = save_scene(tmp_path / f"{date}.tif", pixels, bands=["vv", "vh"])
            taken = datetime.fromisoformat(f"{date}-20").replace(hour=9, minute=50, tzinfo=UTC)
            scenes.append(scene_of([path], sensor="sentinel-1-rtc", taken=taken, crs=CRS))
    spoil()
    first, *looks, last = scenes
    pair = ScenePair(first, last, first.footprint, {}, tuple(looks))
    changes, *_ = detect_changes([pair], partial(rasters.open_pair, crs=CRS), DETECTORS, CRS)
    told = explain(changes)  # a mean over 5 x 5 pixels moves the shore a little
    return told[told.veto.isna()]


def test_a_fill_shows_through_the_speckle(tmp_path):
    rng = np.random.default_rng(1)
    after = backscatter(rng, shore([FILL]))
    changes = found(tmp_path, backscatter(rng, shore()), after)
    gained = changes[changes.kind == "land_gained"]
    assert len(gained) == 1
    assert gained.geometry.item().intersection(at(*FILL)).area > 0.7 * at(*FILL).area
    assert gained.geometry.item().difference(at(*FILL).buffer(15)).area < 500


@pytest.mark.parametrize(("sound", "dates"), [(True, 2), (False, 1)])
def test_a_look_that_nothing_can_be_learnt_from_says_nothing(tmp_path, sound, dates):
    rng = np.random.default_rng(1)
    before, look, after = (backscatter(rng, shore(fills)) for fills in ([], [FILL], [FILL]))

    def in_decibels():
        if not sound:
            save_scene(tmp_path / "2026-10.tif", 10 * np.log10(look), bands=["vv", "vh"])

    changes = found(tmp_path, before, after, look, in_decibels)
    (dated,) = changes.dates[changes.kind == "land_gained"]
    assert dated == dates


def test_a_look_that_cannot_be_read_is_named_and_not_left_out_in_silence(tmp_path):
    rng = np.random.default_rng(1)
    before, look, after = (backscatter(rng, shore(fills)) for fills in ([], [FILL], [FILL]))
    path = tmp_path / "2026-10.tif"

    def cut_short():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])

    with pytest.raises(InputRefused, match=r"2026-10: pixels cannot be read"):
        found(tmp_path, before, after, look, cut_short)


def test_speckle_alone_is_no_change(tmp_path):
    rng = np.random.default_rng(2)
    changes = found(tmp_path, backscatter(rng, shore()), backscatter(rng, shore()))
    assert changes.empty


def test_wind_on_the_whole_sea_is_no_change(tmp_path):
    rng = np.random.default_rng(3)
    rows = np.linspace(1, 3, 200)[:, None]  # rougher towards the shore, by 5 dB
    changes = found(tmp_path, backscatter(rng, shore()), backscatter(rng, shore(), wind=rows))
    assert changes.empty


@pytest.mark.parametrize("winds", [(4, 1), (1, 4)])
def test_a_field_that_passes_for_water_on_a_day_with_wind_is_neither_gained_nor_lost(
    tmp_path, winds
):
    rng = np.random.default_rng(6)
    pair = [backscatter(rng, shore(), wind=wind, field=(400, 60, 600, 220)) for wind in winds]
    assert found(tmp_path, *pair).empty


def test_a_fill_shows_although_there_was_wind_before(tmp_path):
    rng = np.random.default_rng(7)
    after = backscatter(rng, shore([FILL]))
    changes = found(tmp_path, backscatter(rng, shore(), wind=3), after)
    assert changes[changes.kind == "land_gained"].intersects(at(*FILL)).sum() == 1


def test_a_fill_duller_than_the_land_is_land_all_the_same(tmp_path):
    """Of bare wet soil little passes for land by itself, and the rest has as much to say."""
    rng = np.random.default_rng(9)
    fill = (400, 300, 480, 380)
    changes = found(tmp_path, backscatter(rng, shore()), backscatter(rng, shore(), field=fill))
    (gained,) = changes[changes.kind == "land_gained"].geometry
    assert gained.intersection(at(*fill)).area > 0.6 * at(*fill).area
    assert gained.difference(at(*fill).buffer(15)).area < 500


@pytest.mark.parametrize("row", [60, 140])
def test_a_gust_on_calm_sea_is_no_land_though_it_is_as_bright_as_a_dull_fill(tmp_path, row):
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:200, :200]
    gust = np.where(np.hypot(rows - row, columns - 100) < 70, 3.5, 1.0)
    changes = found(tmp_path, backscatter(rng, shore()), backscatter(rng, shore(), wind=gust))
    assert "land_gained" not in set(changes.kind)


def test_decibels_are_refused_at_the_door_and_where_a_pair_is_compared_without_one(tmp_path):
    rng = np.random.default_rng(8)
    pair = [10 * np.log10(backscatter(rng, shore())) for _ in range(2)]
    with pytest.raises(InputRefused, match=r"2025-11\.tif: .*decibels; give linear power"):
        found(tmp_path, *pair)
    files = [tmp_path / "2025-11.tif", save_scene(tmp_path / "b.tif", pair[1], bands=["vv", "vh"])]
    with pytest.raises(InputRefused, match=r"2025-11: .*decibels; give linear power"):
        sw.detect(*files, sensor="sentinel-1-rtc")


def test_a_platform_on_the_sea_is_seen(tmp_path):
    rng = np.random.default_rng(4)
    after = backscatter(rng, shore(), bright=[(600, 700, 640, 740)])
    changes = found(tmp_path, backscatter(rng, shore()), after)
    assert changes.intersects(at(600, 700, 640, 740)).all()
    assert len(changes) == 1


@pytest.mark.parametrize("kind", ["amplitude", "intensity"])
def test_any_radar_raster_without_a_workspace(tmp_path, kind):
    rng = np.random.default_rng(5)
    pair = [backscatter(rng, shore())[:1], backscatter(rng, shore([FILL]))[:1]]
    if kind == "amplitude":
        pair = [(np.sqrt(p) * 300).clip(0, 255).astype("uint8") for p in pair]
    files = [
        save_scene(tmp_path / f"{n}.tif", pixels, bands=["amplitude"])
        for n, pixels in enumerate(pair)
    ]
    changes = sw.detect(*files, sensor="generic-sar", score=tmp_path / "score.tif")
    assert changes.intersects(at(*FILL)).any()
    assert changes.geometry.difference(at(*FILL).buffer(15)).area.sum() < 500


def test_a_pair_that_cannot_be_compared_does_not_stop_the_week(week, seawatch, tmp_path):
    """Half of a scene is in decibels, and its reference shows that half alone."""
    rng = np.random.default_rng(3)
    decibels = backscatter(rng, shore())
    decibels[:, :, :90] = -12.0
    for name, taken, pixels in (
        ("R-2025", "2025-11-14T09:50:00Z", backscatter(rng, shore())[:1, :, :90]),
        ("R-2026", "2026-11-14T09:50:00Z", decibels[:1]),
    ):
        path = save_scene(tmp_path / f"{name}.tif", pixels, bands=["amplitude"])
        week.add_scenes([path], sensor="generic-sar", taken=taken)
    folder = week.project.folder
    for _ in range(2):
        code, out, err = seawatch("run", folder, "--on", "2026-11-16")
        assert code == 4
        assert "1 new" in out
        assert "quarantined: R-2025: R-2026: most of its radar pixels are negative" in err
    assert "nothing to do" in out
