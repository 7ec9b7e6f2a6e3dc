"""Change between two SAR scenes, under simulated speckle and on a labelled pair."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from seawatch.detect import speckle

SIZE = 256


def kappa(changed, truth):
    """Cohen's kappa of two arrays of bool."""
    agreed = (changed == truth).mean()
    chance = changed.mean() * truth.mean() + (1 - changed.mean()) * (1 - truth.mean())
    return (agreed - chance) / (1 - chance)


def look(backscatter, looks, rng):
    """Amplitude of `backscatter`, (band, row, column), under fully developed speckle."""
    return np.sqrt(backscatter * rng.gamma(looks, 1 / looks, backscatter.shape)).astype("float32")


def texture(sigma, spread, rng):
    """A smooth random factor; `spread` of its logarithm."""
    field = gaussian_filter(rng.normal(size=(SIZE, SIZE)), sigma, mode="wrap")
    return np.exp(field / field.std() * spread)


def coast(rng, bands=1):
    """Textured land left of a dark sea, (band, row, column)."""
    ground = texture(3, 0.3, rng)
    ground[:, SIZE // 2 :] = 0.05
    return np.stack([ground, 0.2 * ground])[:bands]


def targets(rng, share=0.01):
    """Rectangles of 5 to 40 pixels over `share` of the scene."""
    truth = np.zeros((SIZE, SIZE), bool)
    while truth.mean() < share:
        height, width = rng.integers(5, 41, 2)
        row, column = rng.integers(0, SIZE - 40, 2)
        truth[row : row + height, column : column + width] = True
    return truth


def found(before, after, looks=None):
    model = speckle.fit([(before, after)], looks)
    score = model.score(before, after)
    assert score.dtype == np.float32
    return score >= 0.5


@pytest.mark.parametrize("bands", [1, 2])
@pytest.mark.parametrize("looks", [1, 4, 10])
def test_nothing_changed_and_nothing_is_found(looks, bands):
    rng = np.random.default_rng(looks)
    scene = coast(rng, bands)
    # another gain is no change
    before, after = look(scene, looks, rng), 1.3 * look(scene, looks, rng)
    assert found(before, after).mean() < 0.001
    assert found(before, after, looks).mean() < 0.001


@pytest.mark.parametrize("looks", [1, 4, 10])
def test_bright_targets_on_the_sea(looks):
    rng = np.random.default_rng(looks)
    sea = np.full((1, SIZE, SIZE), 0.05)
    truth = targets(rng)
    before, after = look(sea, looks, rng), look(np.where(truth, 20 * sea, sea), looks, rng)
    changed = found(before, after)
    assert kappa(changed, truth) > 0.7
    assert changed[~truth].mean() < 0.001


@pytest.mark.parametrize("gain", [0.15, 7])
def test_half_of_the_scene_changed(gain):
    rng = np.random.default_rng(4)
    scene = coast(rng)
    truth = np.zeros((SIZE, SIZE), bool)
    truth[SIZE // 2 :] = True
    before, after = look(scene, 4, rng), look(np.where(truth, gain * scene, scene), 4, rng)
    assert kappa(found(before, after), truth) > 0.95


@pytest.mark.parametrize("looks", [1, 4, 10])
def test_wind_on_the_sea_is_no_change(looks):
    rng = np.random.default_rng(looks)
    sea = np.full((1, SIZE, SIZE), 0.05)
    before = look(sea * texture(40, 0.25, rng), looks, rng)
    after = look(sea * texture(40, 0.25, rng), looks, rng)
    assert found(before, after).mean() < 0.001


def pair():
    rng = np.random.default_rng(2)
    scene = coast(rng)
    there = np.where(targets(rng, 0.05), 15 * scene, scene)
    return look(scene, 4, rng), look(there, 4, rng)


def test_the_scale_does_not_matter():
    before, after = pair()
    one = speckle.fit([(before, after)]).score(before, after)
    two = speckle.fit([(700 * before, 700 * after)]).score(700 * before, 700 * after)
    np.testing.assert_allclose(one, two, atol=2e-3)


def test_both_directions_are_changes():
    before, after = pair()
    forth, back = found(before, after), found(after, before)
    assert (forth == back).mean() > 0.999


def test_the_score_does_not_depend_on_the_tile():
    before, after = pair()
    model = speckle.fit([(before, after)])
    whole = model.score(before, after)
    core, halo = np.s_[100:140, 90:130], np.s_[:, 100 - speckle.HALO : 140 + speckle.HALO]
    halo += (slice(90 - speckle.HALO, 130 + speckle.HALO),)
    tile = model.score(before[halo], after[halo])
    inner = tile[speckle.HALO : -speckle.HALO, speckle.HALO : -speckle.HALO]
    np.testing.assert_allclose(inner, whole[core], atol=1e-5)
    assert speckle.HALO <= 48


def test_unseen_pixels_stay_unseen_and_change_nothing_beside_them():
    before, after = pair()
    after[:, 40:80, 60:90] = np.nan
    model = speckle.fit([(before, after)])
    score = model.score(before, after)
    assert (np.isnan(score) == np.isnan(after[0])).all()
    quiet = look(coast(np.random.default_rng(2)), 4, np.random.default_rng(9))
    quiet[:, 40:80, 60:90] = np.nan
    assert np.nanmean(model.score(before, quiet) >= 0.5) < 0.001


def test_nothing_to_learn_from():
    empty = np.full((1, 64, 64), np.nan, "float32")
    assert speckle.fit([]) is None
    assert speckle.fit([(empty, empty)]) is None
    assert speckle.fit([(empty + 1, np.ones((1, 64, 64)))]) is None
    same = np.ones((1, 64, 64), "float32")
    assert speckle.fit([(same, same)]) is None


@pytest.mark.parametrize(("name", "least"), [("A", 0.83), ("D", 0.83)])
def test_the_yellow_river_pairs(shared, name, least):
    folder = shared / "yellow_river_sar"
    before, after, truth = (
        cv2.imread(str(folder / f"yellow_{name}_{part}.bmp"), cv2.IMREAD_GRAYSCALE)
        for part in ("1", "2", "gt")
    )
    changed = found(before[None].astype("float32"), after[None].astype("float32"))
    value = kappa(changed, truth >= 128)
    print(f"kappa {value:.4f}")
    assert value >= least
