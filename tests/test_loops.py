"""Compiled loops beside the formula that each of them is."""

import cv2
import numpy as np
import pytest

from seawatch.detect import general, sea
from seawatch.detect._bands import weighed
from seawatch.detect.examine import _compared
from seawatch.detect.water import Waterline
from seawatch.scenes import Grid, Image

ROWS, COLUMNS = 23, 31


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(0.2, 0.1, shape).astype(np.float32)


def image(pixels, names):
    return Image(pixels, names, Grid("EPSG:32651", (10, 0, 0, 0, -10, 0), COLUMNS, ROWS))


@pytest.mark.parametrize("bands", [1, 3, 4, 8, 13])
@pytest.mark.parametrize("pixels", [5, 2048, 5000])
def test_odds_of_a_change_are_the_length_of_its_variates(bands, pixels):
    rng = np.random.default_rng(bands)
    model = general.ChangeModel(
        before=rng.normal(size=(bands, bands)),
        after=rng.normal(size=(bands, bands)),
        before_mean=rng.normal(size=bands),
        after_mean=rng.normal(size=bands),
        spread=rng.uniform(0.5, 2, bands),
        correlations=rng.uniform(size=bands),
        threshold=2.5,
    )
    before, after = drawn(1, bands, pixels), drawn(2, bands, pixels)
    before[0, 3] = np.nan
    odds = model.odds(before, after)
    variates = model.before.T @ (before - model.before_mean[:, None])
    variates -= model.after.T @ (after - model.after_mean[:, None])
    length = np.sqrt(((variates / model.spread[:, None]) ** 2).sum(axis=0))
    assert np.allclose(odds, length / model.threshold - 1, atol=1e-4, equal_nan=True)
    assert np.isnan(odds[3])
    asked = np.arange(pixels) % 2500 == 4
    some = model.odds(before, after, asked)
    assert (some[asked] == odds[asked]).all()
    # of others nothing is told, or what is true
    assert (np.isnan(some) | (some == odds)).all()
    assert np.isnan(some).any()


@pytest.mark.parametrize("dark", [0.3, np.inf])
def test_odds_of_water_are_two_lines_that_meet_at_the_threshold_and_end_where_it_is_bright(dark):
    line = Waterline(("green", "nir"), threshold=0.1, land=-0.1, water=0.5, dark=dark)
    pixels = drawn(3, 2, ROWS, COLUMNS)
    pixels[:, 0, 0], pixels[:, 0, 1] = np.nan, 0
    green, nir = np.maximum(pixels, 0)
    away = (green - nir) / np.maximum(green + nir, 1e-6) - line.threshold
    meant = np.where(away > 0, away / 0.4, away / 0.2)
    if dark < np.inf:
        meant = np.minimum(meant, 1 - pixels[1] / dark)
    odds = line.odds(image(pixels, ("green", "nir")))
    assert np.isnan(odds[0, 0])
    assert (meant > 1).any()
    assert np.allclose(odds, meant, atol=1e-5, equal_nan=True)


@pytest.mark.parametrize("columns", [1, 31, 256, 300, 777])
def test_weighed_sums_are_those_of_what_was_added_and_of_the_later_scene_thinned(columns):
    one, two = (drawn(seed, 5, ROWS, columns) for seed in (3, 4))
    weights, everywhere = np.array([0.1, -2, 3, 0, 1]), np.ones((ROWS, columns), bool)
    two[2, 4, columns // 2] = np.nan
    added, later = weighed(one, two, weights, everywhere)
    assert np.allclose(added, np.tensordot(weights, two - one, 1), atol=1e-5, equal_nan=True)
    meant = np.tensordot(weights, two[:, ::2, ::2], 1)
    assert np.allclose(later, meant, atol=1e-5, equal_nan=True)
    where = np.zeros((ROWS, columns), bool)
    where[6, 0] = where[7, -1] = True
    few, thin = weighed(one, two, weights, where)
    assert (few[where] == added[where]).all()
    assert thin[3, 0] == later[3, 0]


def test_what_emerged_was_water_and_is_land_and_sea_lies_off_the_shore():
    before, after = 5 * drawn(5, ROWS, COLUMNS) - 1, 5 * drawn(6, ROWS, COLUMNS) - 1
    before[2, 2] = after[3, 3] = np.nan
    beside = [drawn(seed, ROWS, COLUMNS) > 0.3 for seed in (7, 8)]
    was_sea, open_sea = np.empty((2, ROWS, COLUMNS), bool)
    emerged = np.empty((ROWS, COLUMNS), np.float32)
    _compared(before, after, *beside, np.float32(0.4), was_sea, open_sea, emerged)
    assert (was_sea == ((before >= np.float32(0.4)) & ~beside[0])).all()
    assert (open_sea == (was_sea & (after > 0) & ~beside[1])).all()
    assert np.allclose(emerged, np.minimum(before, -after), equal_nan=True)
    assert np.isnan([emerged[2, 2], emerged[3, 3]]).all()


@pytest.mark.parametrize("shape", [(ROWS, COLUMNS), (2, 9), (1, 9), (9, 1), (1, 1)])
def test_what_the_later_scene_shows_alone_is_asked_of_single_pixels_up_to_the_edge(shape):
    pixels, weights = drawn(9, 3, *shape), np.array([1, 2, -1], np.float32)
    local = drawn(10, *shape)
    whole = np.tensordot(weights, pixels, 1) - np.float32(0.5) * local
    around = cv2.blur(whole, (5, 5), borderType=cv2.BORDER_REFLECT_101)
    everywhere = np.arange(whole.size)
    own, own_wide = sea._own(pixels, weights, local, np.float32(0.5), everywhere, 2)
    assert np.allclose(own, whole.ravel(), atol=1e-5)
    assert np.allclose(own_wide, around.ravel(), atol=1e-5)


def test_what_stands_out_is_counted_in_spreads_and_only_where_it_was_sea():
    local, was_sea = drawn(11, ROWS, COLUMNS), drawn(12, ROWS, COLUMNS) > 0.2
    ratio = np.full((ROWS, COLUMNS), np.nan, np.float32)
    sea._at_sea(local, was_sea, np.float32(0.05), ratio)
    assert np.allclose(ratio, np.where(was_sea, local / 0.05, 0), rtol=1e-5)


def test_a_wide_object_counts_only_where_its_pixel_stands_out_a_little_too():
    ratio, wide = drawn(13, ROWS, COLUMNS), drawn(14, ROWS, COLUMNS)
    meant_wide = np.where(ratio >= 0.19, wide, 0)
    meant = np.maximum(ratio, meant_wide)
    sea._widened(ratio, wide, np.float32(0.19))
    assert np.allclose(wide, meant_wide)
    assert np.allclose(ratio, meant)


def test_the_surroundings_are_the_mean_of_what_is_known_around():
    known = drawn(15, 90, 110) > 0.1
    values = drawn(16, 90, 110)
    around = sea._Surroundings(known)
    thin, where = values[::2, ::2], known[::2, ::2]
    share = cv2.blur(where.astype(np.float32), (15, 15), borderType=cv2.BORDER_REFLECT)

    def mean(part):
        blurred = cv2.blur(
            np.where(where, part, 0).astype(np.float32), (15, 15), borderType=cv2.BORDER_REFLECT
        )
        return blurred / np.maximum(share, 0.01)

    middle = np.median(thin[where])
    first = mean(thin - middle)
    twice = middle + first + mean(thin - middle - first)
    assert np.allclose(around.mean(thin), twice, atol=1e-5)
    assert np.allclose(around.mean_change(values, 3 * values), mean(2 * thin), atol=1e-5)


def test_canonical_variates_are_of_one_spread_and_correlate_in_pairs_alone():
    rng = np.random.default_rng(17)
    one = rng.normal(size=(4, 4)) @ rng.normal(size=(4, 900))
    both = np.vstack([one, rng.normal(size=(4, 4)) @ one + rng.normal(size=(4, 900))])
    weights = rng.uniform(size=900)
    a, b, mean, correlations = general._variates(both, weights)
    centred = both - mean[:, None]
    covariance = (centred * weights) @ centred.T / weights.sum()
    xx, xy, yy = covariance[:4, :4], covariance[:4, 4:], covariance[4:, 4:]
    assert np.allclose(a.T @ xx @ a, np.eye(4), atol=1e-6)
    assert np.allclose(b.T @ yy @ b, np.eye(4), atol=1e-6)
    assert np.allclose(a.T @ xy @ b, np.diag(correlations), atol=1e-6)
    assert (np.diff(correlations) > 0).all()
