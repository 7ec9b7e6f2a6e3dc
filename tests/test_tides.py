"""What tide and position explain, and what they do not."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from shapely.affinity import rotate
from shapely.geometry import LineString, MultiPolygon

from conftest import CRS, at, changes_of
from seawatch import tides
from seawatch.errors import InputRefused
from seawatch.io.harmonics import MOST_BYTES, read_harmonics
from seawatch.tables import COASTLINE
from seawatch.tides import Constituent, Gauge, Harmonics, Tides, explain, level_sigma_m

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


@pytest.mark.parametrize("seed", range(3))
def test_of_pixels_whole_ones_are_cut_off(seed):
    cells = ndimage.zoom(np.random.default_rng(seed).random((8, 8)), 6, order=1) > 0.5
    parts, number = ndimage.label(cells)
    outlines = [
        shapely.union_all([at(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for y, x in pixels])
        for pixels in (np.argwhere(parts == part) for part in range(1, number + 1))
    ]
    rows = [("land_gained", outline) for outline in outlines]
    # 20 m by the tide and 2 m by misfit: two pixels, not three
    several = changes_of(*rows, reach_m=400.0, match_m=1.0, tide_before_m=0.5, tide_after_m=0.0)
    told = explain(several)
    wide = ndimage.binary_opening(cells, np.ones((3, 3)))
    stays = np.isin(parts, np.setdiff1d(np.unique(parts), np.unique(parts[wide]))) & cells
    body = told[told.veto.isna()].geometry.union_all()
    middles = [
        [body.intersects(at(10 * x + 4, 10 * y + 4, 10 * x + 6, 10 * y + 6)) for x in range(48)]
        for y in range(48)
    ]
    assert (np.array(middles) == (wide | stays)).all()
    assert told.geometry.is_valid.all()
    assert told.geometry.union_all().area == pytest.approx(100 * cells.sum())
    assert told.geometry.area.sum() == pytest.approx(100 * cells.sum())


def test_a_square_fill_has_no_strip_to_lose():
    rows = [("land_gained", BULGE), ("land_gained", STRIP.union(at(700, 300, 800, 450)))]
    several = changes_of(*rows, reach_m=100.0, match_m=1.0, tide_before_m=1.0, tide_after_m=0.0)
    told = explain(several)
    assert list(told.veto.notna()) == [False, False, True]
    assert told.area_m2[0] == pytest.approx(10_000, rel=0.001)


@pytest.mark.parametrize(
    "shape", [BULGE, BULGE.union(at(440, 400, 500, 460)).difference(at(430, 330, 460, 360))]
)
def test_what_is_nowhere_thin_comes_back_corner_by_corner(shape):
    shape = rotate(shape, 29)
    told = explain(changes(shape, 100, before=0.1, after=0.0))
    assert told.veto.isna().all()
    assert told.geometry.item().normalize() == shape.normalize()


def test_parts_that_touch_at_a_corner_have_an_area_each():
    two = MultiPolygon([at(400, 300, 500, 400), at(500, 400, 550, 450)])
    told = explain(changes(two, 150, before=0.1, after=0.0))
    assert sorted(told.area_m2) == pytest.approx([50 * 50, 100 * 100], rel=0.001)


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


@pytest.mark.parametrize(("wide_m", "vetoed"), [(600, False), (300, True)])
def test_what_reaches_farther_than_anybody_looked_is_told_by_its_width(wide_m, vetoed):
    flat = at(0, 300, 1000, 300 + wide_m)
    told = changes(flat, 475, before=1.0, after=0.0).assign(pixel_m=10.0)
    assert explain(told, slope=0.004).veto.notna().all() == vetoed  # 500 m, twice as flat


def test_outlines_of_pixels_are_half_of_one_wider_than_they_reach():
    both = changes(STRIP.union(BULGE), 100, before=0.4, after=0.0)
    assert list(explain(both).veto.notna()) == [False]
    told = explain(both.assign(pixel_m=10.0))
    assert told.area_m2[told.veto.notna()].sum() == pytest.approx(20 * 900, rel=0.1)


@pytest.mark.parametrize("slope", [0, -0.1, 11, "steep", float("inf")])
def test_a_slope_that_is_none_stays_outside(slope):
    rows = {"segment_id": "S", "kind": "sandy", "baseline": "b", "surveyed": "2020-01-01"}
    with pytest.raises(InputRefused, match=r"'slope' is not a number .* in row 1"):
        COASTLINE.check(pd_frame({**rows, "slope": slope}, STRIP.exterior))


def test_what_is_not_sure_of_the_level_counts_as_tide():
    strip = changes(STRIP, 20, before=0.25, after=0.0)  # at 1:40 the tide explains 10 m
    assert explain(strip).veto.isna().any()
    seen = []
    told = explain(strip, doubt_m=lambda before, after: seen.append((before, after)) or 0.5)
    assert list(told.veto) == ["tide"]
    assert seen == [(strip.before[0], strip.after[0])]
    unknown = changes(STRIP, 20)  # where no height is known there is no difference to doubt
    assert explain(unknown, doubt_m=lambda *_: 5.0).veto.isna().any()


def test_the_waterline_errs_by_the_error_of_the_tide_over_the_slope():
    bulge = changes(BULGE, 100, before=0.5, after=0.5)
    assert explain(bulge).tide_sigma_m.tolist() == [0.0]
    told = explain(bulge, slope=0.1, doubt_m=lambda *_: 0.05)  # nobody surveyed it: 1:20
    assert told.tide_sigma_m.max() == pytest.approx(1.0)
    # a height nobody knows may be anywhere in the place's range
    unknown = explain(changes(BULGE, 100), slope=0.1, range_m=1.6)
    assert unknown.tide_sigma_m.max() == pytest.approx(32.0)
    # what stands in the sea has no waterline of its own
    pier = changes(BULGE, 100, before=0.5, after=0.5, kind="structure")
    assert explain(pier, doubt_m=lambda *_: 0.05).tide_sigma_m.tolist() == [0.0]


def test_a_gauges_record_has_a_range():
    times = np.array(["2026-01-01", "2026-01-02"], "M8[ms]")
    assert Tides(Gauge(times, np.array([-0.7, 0.9]))).range_m == pytest.approx(1.6)
    assert Tides().range_m == 0.0


def pd_frame(rows, shape):
    import geopandas as gpd

    return gpd.GeoDataFrame([rows], geometry=[shape], crs=CRS)


@pytest.mark.parametrize(
    ("reach_m", "before", "vetoed"),
    [(25, 0.15, False), (5, 0.15, True), (5, 0.0, False), (5, -0.1, False)],
)
def test_what_lies_whole_where_the_bottom_fell_dry_is_the_bottom(reach_m, before, vetoed):
    # 1:40 where nobody surveyed: 0.15 m of water less lay 6 m bare
    raft = changes(at(0, 300, 50, 330), reach_m, before=before, after=0.0, kind="raft")
    raft = raft.assign(near_m=2.0)
    assert explain(raft).veto.notna().tolist() == [vetoed]
    assert explain(raft.assign(reach_m=np.nan)).veto.isna().all()  # nobody knows where it lies
    assert explain(raft.assign(pixel_m=0.05)).veto.isna().all()  # it may reach farther


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


def port(*rows, latitude=37.5):
    """Harmonics from (name, amplitude, phase) rows."""
    return Harmonics(latitude, tuple(Constituent(*row) for row in rows))


def year(of, step="h"):
    return np.arange(f"{of}-01-01", f"{of + 1}-01-01", dtype=f"datetime64[{step}]")


def by_month(times, heights):
    return pd.Series(heights).groupby(times.astype("datetime64[M]")).mean().to_numpy()


def angles(times):
    """Degrees: the mean sun's hour angle, longitudes of moon and sun, the moon's node."""
    days = (times - np.datetime64("1899-12-31T12:00")) / np.timedelta64(1, "D")
    hour = (times - times.astype("datetime64[D]")) / np.timedelta64(1, "h")
    moon, sun = 270.434 + 13.17639653 * days, 279.697 + 0.98564734 * days
    return 15 * hour + 180, moon, sun, 259.183 - 0.05295392 * days


def test_m2_is_what_a_sum_by_hand_gives():
    for of in (2016, 2025):  # of the 18.6 years of the moon's node, a weak and a strong one
        times = year(of)
        hour, moon, sun, node = map(np.deg2rad, angles(times))
        # Schureman 1958: f = 1 - 0.037 cos N, u = -2.1 degrees sin N
        argument = 2 * hour - 2 * moon + 2 * sun - np.deg2rad(2.1) * np.sin(node)
        by_hand = (1 - 0.037 * np.cos(node)) * np.cos(argument - np.deg2rad(50))
        assert port(("M2", 1.0, 50.0)).heights_at(times) == pytest.approx(by_hand, abs=0.01)


@pytest.mark.parametrize(("name", "times_a_year"), [("SA", 1), ("SSA", 2), ("Sa", 1)])
def test_the_season_is_counted_as_tables_count_it(name, times_a_year):
    times = year(2026)
    by_hand = np.cos(np.deg2rad(times_a_year * angles(times)[2] - 130))
    assert port((name, 1.0, 130.0)).heights_at(times) == pytest.approx(by_hand, abs=0.02)


def test_heights_are_about_the_mean_sea_level():
    some = port(("M2", 0.6, 50.0), ("S2", 0.2, 90.0), ("K1", 0.2, 240.0), ("Z0", 2.0, 0.0))
    heights = some.heights_at(year(2026))
    assert heights.mean() == pytest.approx(0, abs=0.01)
    assert 0.8 < heights.max() < 1.1
    assert [c.name for c in some.left_out] == ["Z0"]


def test_an_instant_is_an_instant_in_any_zone():
    some = port(("M2", 0.6, 50.0), ("O1", 0.2, 240.0))
    here, there = pd.Timestamp("2026-11-20T10:50+08:00"), pd.Timestamp("2026-11-20T02:50Z")
    assert some.height_at(here) == some.height_at(there)
    assert some.height_at(here) == some.heights_at(np.array(["2026-11-20T02:50"], "M8[ms]"))[0]
    on_the_equator = replace(some, latitude=0.0)
    assert np.isfinite(on_the_equator.height_at(here))


def test_names_are_utides_or_their_usual_others():
    some = port(("Lambda2", 0.1, 10.0), ("EP2", 0.1, 20.0), ("SGM", 0.1, 30.0))
    assert some.left_out == ()
    same = port(("LDA2", 0.1, 10.0), ("EPS2", 0.1, 20.0), ("SIG1", 0.1, 30.0))
    assert some.heights_at(year(2026)) == pytest.approx(same.heights_at(year(2026)))


def test_what_cannot_be_summed_is_said():
    some = port(("M2", 0.6, 50.0), ("MA2", 0.02, 50.0), ("R3", 0.01, 1.0), ("SA", 0.2, 130.0))
    assert [c.name for c in some.left_out] == ["MA2", "R3"]
    assert "MA2, R3 (amplitudes 0.030 m in all)" in Tides(None, some).notices[0]
    assert some.seasonal
    assert len(Tides(None, some).notices) == 1
    assert not port(("M2", 0.6, 50.0), ("SSA", 0.1, 1.0)).seasonal
    assert "no Sa" in Tides(None, port(("M2", 0.6, 50.0))).notices[0]
    assert Tides().notices == []


HARMONICS = port(("M2", 0.6, 50.0), ("SA", 0.2, 130.0))


def test_the_gauge_comes_first_and_gives_its_zero():
    times = year(2025)
    gauge = Gauge(times.astype("datetime64[ms]"), HARMONICS.heights_at(times) + 2.15)
    gauge.heights_m[12] = 9.0  # a surge
    both = Tides(gauge, HARMONICS)
    inside, outside = pd.Timestamp("2025-01-01T12:00Z"), pd.Timestamp("2026-06-01T12:00Z")
    assert both.height_at(inside) == 9.0
    assert both.height_at(outside) == pytest.approx(HARMONICS.height_at(outside) + 2.15, abs=0.01)
    assert (both.source_at(inside), both.source_at(outside)) == ("gauge", "harmonics")
    assert Tides(gauge).height_at(outside) is None
    assert Tides(gauge).source_at(outside) is None
    assert Tides(None, HARMONICS).height_at(inside) == HARMONICS.height_at(inside)
    assert Tides().height_at(inside) is None
    empty = Gauge(times[:0].astype("datetime64[ms]"), np.array([]))
    assert Tides(empty, HARMONICS).height_at(inside) == HARMONICS.height_at(inside)


def test_without_sa_the_season_is_not_known():
    winter, summer = pd.Timestamp("2026-01-30T03:00Z"), pd.Timestamp("2026-08-01T03:00Z")
    assert level_sigma_m(winter, summer, "gauge") == 0
    assert level_sigma_m(winter, summer, "harmonics") == 0.05
    assert level_sigma_m(winter, summer, "seasonless") == pytest.approx(0.45, abs=0.01)
    assert level_sigma_m(summer, winter, "seasonless") == pytest.approx(0.45, abs=0.01)
    again = summer - pd.Timedelta(days=365)
    assert level_sigma_m(again, summer, "seasonless") == pytest.approx(0.05, abs=0.01)
    spring, autumn = pd.Timestamp("2026-05-01T03:00Z"), pd.Timestamp("2026-11-01T03:00Z")
    assert level_sigma_m(spring, autumn, "seasonless") < 0.1


def test_the_worse_source_of_a_pair_counts():
    times = year(2025).astype("datetime64[ms]")
    gauge = Gauge(times, np.zeros(len(times)))
    measured, not_measured = pd.Timestamp("2025-06-01T03:00Z"), pd.Timestamp("2026-06-01T03:00Z")
    without = port(("M2", 0.6, 50.0))
    assert Tides(gauge, HARMONICS).level_sigma_m(measured, measured) == 0
    assert Tides(gauge, HARMONICS).level_sigma_m(measured, not_measured) == 0.05
    # the season is in the gauge's height and not in the other, whatever the days
    assert Tides(gauge, without).level_sigma_m(measured, not_measured) == pytest.approx(0.45)
    assert Tides(None, without).level_sigma_m(measured, not_measured) == pytest.approx(
        0.05, abs=0.01
    )
    assert Tides(gauge).level_sigma_m(measured, not_measured) == 0
    assert Tides().level_sigma_m(measured, not_measured) == 0


def write_port(tmp_path, rows=(("M2", 0.6, 50.0),), latitude=38.9, **more):
    path = tmp_path / "port.json"
    named = [dict(zip(("name", "amplitude", "phase"), row, strict=True)) for row in rows]
    path.write_text(json.dumps({"latitude": latitude, "harmonic_constituents": named, **more}))
    return path


def test_a_ports_file_is_read(tmp_path):
    path = write_port(tmp_path, [("M2", 1, 50), (" Sa ", 0.2, -10.5)], datums={"MSL": 2.15})
    assert read_harmonics(path) == port(("M2", 1.0, 50.0), ("Sa", 0.2, -10.5), latitude=38.9)


ROWS = [
    # a row                        what is said of it
    (("M2", -0.1, 50), "row 1: amplitude: -0.1 is not 0 to 20; give it in metres"),
    (("M2", 97.0, 50), "row 1: amplitude: 97.0 is not 0 to 20"),
    (("M2", float("nan"), 50), "not JSON: NaN is no number"),
    (("M2", 0.1, float("inf")), "not JSON: Infinity is no number"),
    (("M2", 10**400, 50), "row 1: amplitude: 1000"),
    (("M2", "0.1", 50), "row 1: amplitude: '0.1' is not"),
    (("M2", True, 50), "row 1: amplitude: True is not"),
    (("M2", None, 50), "row 1: amplitude: nothing is not"),
    (("M2", 0.1, 720), "row 1: phase: 720 is not -360 to 360; give it in degrees"),
    (("", 0.1, 50), "row 1: name: '' is no constituent's name"),
    ((2, 0.1, 50), "row 1: name: 2 is no constituent's name"),
    (("\ud800", 0.1, 50), r"row 1: name: '\ud800' is no constituent's name"),
    (("MA2", 0.1, 50), "none of its names is a known constituent"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "said"), ROWS)
def test_a_row_that_cannot_be_trusted_is_named(tmp_path, row, said):
    path = write_port(tmp_path, [row])
    with pytest.raises(InputRefused) as refused:
        read_harmonics(path)
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1
    str(refused.value).encode("utf-8")  # any terminal can print it
    assert str(refused.value).startswith(f"{path}: ")


FILES = [
    ('{"latitude": 1e999, "harmonic_constituents": [{}]}', "latitude: inf is not degrees north"),
    ('{"latitude": 91, "harmonic_constituents": []}', "no list of constituents"),
    ('{"latitude": 9}', "no list of constituents"),
    ('{"latitude": 9, "harmonic_constituents": [3]}', "row 1: 3 is no object"),
    ('[{"latitude": 9}]', "not one JSON object"),
    ("time,height_m", "not JSON"),
    ("", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ('{"latitude": ' + "9" * 5000 + "}", "not JSON"),
    (b"\xff\xfe\x00", "not JSON"),
    (" " * (MOST_BYTES + 1), "give the file of one port"),
]


@pytest.mark.parametrize(("text", "said"), FILES, ids=range(len(FILES)))
def test_a_file_that_is_no_ports_is_refused(tmp_path, text, said):
    path = tmp_path / "port.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputRefused, match=said):
        read_harmonics(path)
    with pytest.raises(InputRefused, match="no such file"):
        read_harmonics(tmp_path / "none.json")


def test_a_constituent_stands_there_once_under_whatever_name(tmp_path):
    path = write_port(tmp_path, [("LAMBDA2", 0.1, 1), ("M2", 1, 1), ("lda2", 0.1, 1)])
    with pytest.raises(InputRefused, match="row 3: name: LDA2 is in row 1 too; delete one"):
        read_harmonics(path)


def test_a_file_full_of_faults_says_a_few(tmp_path):
    rows = [(f"X{number}", -1, 999) for number in range(1000)]
    with pytest.raises(InputRefused) as refused:
        read_harmonics(write_port(tmp_path, rows))
    assert len(refused.value.problems) == 6
    assert "1995 more faults" in refused.value.problems[-1]


@pytest.mark.parametrize("name", ["dalian", "laohutan", "lianyungang", "shijiusuo"])
def test_real_ports_have_their_range_and_season(shared, name):
    """TICON-4's constituents of four ports of the Yellow Sea against the port's own datums."""
    path = next((shared / "tides").glob(f"{name}*.json"))
    here = read_harmonics(path)
    datums = json.loads(path.read_text("utf-8"))["datums"]
    assert here.seasonal
    assert sum(c.amplitude_m for c in here.left_out) < 0.12
    times = np.concatenate([year(of) for of in range(2016, 2026)])
    heights = here.heights_at(times)
    assert heights.mean() == pytest.approx(0, abs=0.01)
    assert heights.max() == pytest.approx(datums["HAT"] - datums["MSL"], abs=0.25)
    assert heights.min() == pytest.approx(datums["LAT"] - datums["MSL"], abs=0.25)
    months = by_month(year(2026), here.heights_at(year(2026)))
    assert months.argmax() in (6, 7, 8)
    assert months.argmin() in (11, 0, 1)
    assert 0.35 < np.ptp(months) < 0.6


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


def test_a_shape_too_large_for_a_map_is_cut_as_a_small_one(monkeypatch):
    # a strip as wide as what is explained but for rounding: all hangs on how it is counted
    parts = [(0, 0, 400, 100), (0, 100, 30, 300), (100, 100, 120.0004, 300), (200, 100, 210, 110)]
    shape = shapely.union_all([at(*part) for part in parts])
    shapes, half = gpd.GeoSeries([shape], crs=CRS), pd.Series([10.0])
    cut = []
    for most in (tides.MOST_CELLS, 10):
        monkeypatch.setattr(tides, "MOST_CELLS", most)
        cut.append([part.area.item() for part in tides._cut(shapes, half)])
    assert cut[0] == pytest.approx([400 * 100 + 30 * 200, 20 * 200 + 100], abs=1)
    assert cut[1] == pytest.approx(cut[0], abs=1)
