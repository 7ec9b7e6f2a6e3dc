"""What tide and position explain, and what they do not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from conftest import CRS, at, changes_of
from seawatch.errors import InputRefused
from seawatch.tables import COASTLINE
from seawatch.tides import Gauge, explain

STRIP = at(0, 300, 1000, 320)  # along a shore at y = 300
BULGE = at(400, 300, 500, 400)


def changes(shape, reach, *, before=None, after=None, kind="land_gained"):
    more = {"tide_before_m": before, "tide_after_m": after}
    return changes_of((kind, shape), reach_m=float(reach), match_m=1.0, **more)


def test_a_strip_the_tide_laid_bare_is_vetoed_and_kept():
    told = explain(changes(STRIP, 20, before=1.0, after=0.0))
    assert list(told.veto) == ["tide"]
    assert told.area_m2.sum() == pytest.approx(20_000, rel=0.01)


def test_the_same_strip_at_equal_tide_is_a_change():
    assert explain(changes(STRIP, 20, before=1.0, after=1.0)).veto.isna().all()


def test_a_sliver_within_the_misfit_is_position():
    assert list(explain(changes(at(0, 300, 1000, 302), 2)).veto) == ["position"]


def test_a_fill_beyond_the_strip_is_cut_out_of_it():
    both = changes(STRIP.union(BULGE), 100, before=1.0, after=0.0)
    told = explain(both)
    body, strip = told[told.veto.isna()], told[told.veto == "tide"]
    # the strip before the fill's foot cannot be told from the fill
    assert body.area_m2.item() == pytest.approx(100 * 100, rel=0.1)
    assert strip.area_m2.sum() == pytest.approx(20 * 900, rel=0.1)


def test_a_square_fill_has_no_strip_to_lose():
    rows = [("land_gained", BULGE), ("land_gained", STRIP.union(at(700, 300, 800, 450)))]
    several = changes_of(*rows, reach_m=100.0, match_m=1.0, tide_before_m=1.0, tide_after_m=0.0)
    told = explain(several)
    assert list(told.veto.notna()) == [False, False, True]
    assert told.area_m2[0] == pytest.approx(10_000, rel=0.001)


def test_a_thin_pier_stays_whole():
    told = explain(changes(at(500, 300, 508, 400), 100, before=1.0, after=0.0))
    assert told.veto.isna().all()
    assert told.area_m2.item() == pytest.approx(800, rel=0.01)


def test_the_kind_of_coast_tells_its_slope():
    line = LineString([STRIP.exterior.coords[0], STRIP.exterior.coords[3]])
    for kind, vetoed in (("muddy", True), ("bedrock", False)):
        rows = {"segment_id": "S", "kind": kind, "baseline": "b", "surveyed": "2020-01-01"}
        coast = COASTLINE.check(pd_frame(rows, line))
        told = explain(changes(STRIP, 20, before=0.5, after=0.0), coast)
        assert told.veto.notna().all() == vetoed


@pytest.mark.parametrize(("slope", "vetoed"), [(0.01, True), (0.2, False), (None, False)])
def test_a_surveyed_slope_beats_the_kind(slope, vetoed):
    line = LineString([STRIP.exterior.coords[0], STRIP.exterior.coords[3]])
    rows = {"segment_id": "S", "kind": "bedrock", "baseline": "b", "surveyed": "2020-01-01"}
    coast = COASTLINE.check(pd_frame({**rows, "slope": slope}, line))
    told = explain(changes(STRIP, 20, before=0.5, after=0.0), coast)
    assert told.veto.notna().all() == vetoed


@pytest.mark.parametrize("slope", [0, -0.1, 11, "steep", float("inf")])
def test_a_slope_that_is_none_stays_outside(slope):
    rows = {"segment_id": "S", "kind": "sandy", "baseline": "b", "surveyed": "2020-01-01"}
    with pytest.raises(InputRefused, match=r"'slope' is not a number .* in row 1"):
        COASTLINE.check(pd_frame({**rows, "slope": slope}, STRIP.exterior))


def pd_frame(rows, shape):
    import geopandas as gpd

    return gpd.GeoDataFrame([rows], geometry=[shape], crs=CRS)


def test_what_is_not_the_shore_is_not_the_tides():
    raft = changes(at(0, 300, 50, 310), 5, before=2.0, after=0.0, kind="raft")
    assert explain(raft).veto.isna().all()


def test_the_gauge_is_read_between_its_hours():
    times = np.array(["2026-11-20T00", "2026-11-20T01", "2026-11-20T09"], "datetime64[ms]")
    gauge = Gauge(times, np.array([0.0, 1.0, 2.0]))
    at_time = lambda text: gauge.height_at(pd.Timestamp(text))  # noqa: E731
    assert at_time("2026-11-20T00:30Z") == pytest.approx(0.5)
    assert at_time("2026-11-20T08:30+08:00") == pytest.approx(0.5)
    assert at_time("2026-11-20T01:00Z") == 1.0
    assert at_time("2026-11-20T04:00Z") is None
    assert at_time("2026-11-19T23:00Z") is None
    assert at_time("2026-11-21T00:00Z") is None


@settings(max_examples=40, deadline=None)
@given(
    st.integers(5, 80),
    st.integers(20, 300),
    st.integers(5, 120),
    st.floats(-2, 2),
)
def test_nothing_is_silently_dropped(strip, width, length, tide):
    shape = at(0, 300, 1000, 300 + strip).union(at(300, 300, 300 + width, 300 + strip + length))
    whole = changes(shape, strip + length, before=tide, after=0.0)
    told = explain(whole)
    assert told.geometry.union_all().area == pytest.approx(shape.area, rel=1e-6)
    assert told.area_m2.sum() == pytest.approx(whole.area_m2.sum(), rel=0.01)
    assert told.change_id.is_unique
