"""One formula for how sure the machine is, and what could have been seen at all."""

import numpy as np
import pandas as pd
import pytest

from conftest import at, changes_of
from seawatch.confidence import EVIDENCE, confidence, smallest_m2, terms

SURE = pd.Series([1e6])
NOTHING = pd.Series([1.0])


def sure_of(kind="land_gained", shape=None, **more):
    changes = changes_of((kind, shape or at(0, 0, 50, 60)), **more)
    return confidence(changes, SURE, NOTHING).item()


def test_a_second_date_counts():
    one, two = (sure_of(dates=n) for n in (1, 2))
    assert one < 0.9 < two
    assert sure_of(dates=4) == two


def test_where_only_two_scenes_are_known_it_is_one_date():
    assert sure_of() == sure_of(dates=1)


def test_what_is_afloat_may_be_a_ship():
    ship, raft = (sure_of(kind, dates=1) for kind in ("sea_change", "raft"))
    land = sure_of("land_gained", dates=1, near_m=5.0)
    assert ship < raft < land
    assert sure_of("land_gained", dates=1, near_m=80.0) < land
    assert sure_of("land_gained", dates=2, near_m=80.0) == sure_of(dates=2, near_m=5.0)


def test_larger_is_surer():
    assert sure_of(shape=at(0, 0, 20, 20)) < sure_of(shape=at(0, 0, 200, 200))


def test_an_excess_no_larger_than_its_error_is_held_in_doubt():
    changes = changes_of(("land_gained", at(0, 0, 50, 60)), dates=3)
    whole = confidence(changes, SURE, NOTHING).item()
    half = confidence(changes, pd.Series([0.0]), pd.Series([100.0])).item()
    assert half == pytest.approx(whole / 2)


def test_the_formula_is_the_sum_that_its_docstring_gives():
    changes = changes_of(("raft", at(0, 0, 100, 100)), dates=1, score=0.8)
    told = terms(changes).iloc[0]
    by_hand = 0.90 - 1.84 + 2.77 * np.log10(10_000 / 1000) - 0.61 * np.log(0.8 / 0.2)
    assert list(told.index) == list(EVIDENCE)
    assert confidence(changes, SURE, NOTHING).item() == pytest.approx(1 / (1 + np.exp(-by_hand)))


def test_coarser_pixels_and_a_worse_fit_hide_more():
    half, most = smallest_m2(10.0, 0.5, "optical")
    assert 100 < half < most < 3000
    assert smallest_m2(30.0, 0.5, "optical")[1] > 5 * most
    assert smallest_m2(10.0, 4.0, "optical")[0] > 2 * half
    assert smallest_m2(10.0, 0.5, "sar")[1] > most
