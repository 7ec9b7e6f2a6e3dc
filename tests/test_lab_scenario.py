"""Scenarios: each knob turns what it says, and the ordinary coast stays as it was."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from seawatch.errors import UsageError
from seawatch.lab import SCENARIOS, Scenario, run_days, simulate
from seawatch.lab.coast import build_coast, window_grid
from seawatch.lab.events import plant
from seawatch.lab.ground import build_ground
from seawatch.lab.looks import schedule
from seawatch.lab.recipes import LAWFUL, MIX
from seawatch.lab.render import draw_ships, to_uint16
from seawatch.lab.sea import sea_surface, tide_at
from seawatch.lab.sky import draw_sky, through_air

CRS = "EPSG:4549"
TINY = {"weeks": 2, "size_m": 2000, "centre": (122.13, 37.5), "drone": False}
GRID = window_grid((691010, 4154200), 4_000, 20, CRS)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def coast():
    return build_coast(GRID)


def test_every_preset_is_one_thing_named():
    assert set(SCENARIOS) >= {
        *("ordinary", "varied", "quiet", "tide_only", "ships_only", "cloudy"),
        *("steep", "flat", "noisy", "turbid", "summer"),
    }
    assert all(name == scenario.name for name, scenario in SCENARIOS.items())
    assert SCENARIOS["ordinary"] == Scenario("ordinary", SCENARIOS["ordinary"].says)


def test_the_command_line_names_every_scenario(monkeypatch, capsys):
    from seawatch.cli import main

    monkeypatch.setattr("sys.argv", ["seawatch", "lab", "simulate", "--help"])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().out
    assert all(name in said for name in SCENARIOS)


def test_an_unknown_name_is_told_the_known_ones(tmp_path):
    with pytest.raises(UsageError, match=r"no scenario 'storm'; use one of ordinary, varied"):
        simulate(tmp_path / "one", scenario="storm")
    assert not (tmp_path / "one").exists()
    with pytest.raises(UsageError, match="no event 'volcano'"):
        Scenario("own", "mine", recipes=("fill", "volcano"))


# -- one knob at a time -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tide_only_spreads_the_tide_over_metres(seed):
    scenario = SCENARIOS["tide_only"]
    runs = run_days(scenario.start, 8)
    looks = schedule(np.random.default_rng(seed), runs, scenario)
    heights = [tide_at(look.taken, scenario.tide_factor) for look in looks]
    above = np.array(heights[2:]) - min(heights[:2])
    assert above.min() < 0.7
    assert above.max() > 2.5
    assert np.diff(np.sort(above)).max() < 0.8
    assert len({look.scene_id for look in looks}) == len(looks)
    assert all(0 <= look.taken.hour < 9 for look in looks)
    assert all((runs[0] - look.taken.date()).days < 7 for look in looks[2:])


def test_other_scenarios_keep_the_satellites_hour():
    ordinary, steep = (
        schedule(rng(), run_days(SCENARIOS[name].start, 3), SCENARIOS[name])
        for name in ("ordinary", "steep")
    )
    assert ordinary == steep
    assert {look.taken.hour for look in ordinary} == {2}


def test_a_steep_shore_bares_a_narrow_strip():
    strips = []
    for factor in (3.0, 1.0, 0.4):
        coast = build_coast(GRID, slope_factor=factor)
        strips.append((coast.water_share(0.8) - coast.water_share(-0.8)).sum())
    assert 1.5 * strips[0] < strips[1] < strips[2] / 1.5


def test_a_larger_tide_has_a_higher_high_water():
    coast = build_coast(GRID, tide_factor=2.0)
    dry_m2 = (1 - coast.water_share(1.6)).sum() * coast.grid.pixel_area
    assert dry_m2 == pytest.approx(coast.land.area, rel=2e-3)


def test_more_ships_or_none(coast):
    counts = [len(draw_ships(coast, 0.0, rng(), factor)) for factor in (0.0, 1.0, 40.0)]
    assert counts[0] == 0
    assert 10 * counts[1] < counts[2]


def test_more_sediment_is_redder(coast):
    ground = build_ground(coast, rng())
    afloat = (coast.offshore_m > 20) & (coast.floor_m > -4)
    red = [sea_surface(coast, ground, 0.0, rng(), f)[2][afloat].mean() for f in (1.0, 3.0)]
    assert red[1] > 1.2 * red[0]


def test_more_noise_and_wandering_gains():
    flat = np.full((6, 50, 50), 0.1, np.float32)
    spread = [to_uint16(flat, rng(), factor).std() for factor in (1.0, 2.5)]
    assert spread[1] == pytest.approx(2.5 * spread[0], rel=0.02)
    sky = draw_sky(rng(), (50, 50), 10.0, 0.0, False)
    means = [
        [through_air(flat, sky, np.random.default_rng(n), sigma)[4].mean() for n in range(40)]
        for sigma in (0.03, 0.06)
    ]
    assert np.std(means[1]) > 1.6 * np.std(means[0])


def test_a_worse_mask_misses_more_cloud():
    missed = []
    for share in (0.01, 0.2):
        sky = draw_sky(rng(), (400, 400), 10.0, 0.4, False, share)
        missed.append((sky.cloud[sky.mask == 0] > 0.5).sum())
    assert missed[1] > 3 * missed[0] + 100


def test_a_scenario_plants_its_own_kinds():
    coast = build_coast(window_grid((691010, 4154200), 12_000, 20, CRS))
    runs = run_days(SCENARIOS["ordinary"].start, 3)
    own = plant(coast, rng(), count=6, runs=runs, recipes=("rafts", "pier"))
    assert set(own.events.kind) == {"raft", "structure"}
    rest = plant(coast, rng(), count=6, runs=runs, recipes=LAWFUL)
    assert set(rest.events.lawful) == {"yes"}
    by_default = plant(coast, rng(), count=24, runs=runs)
    assert plant(coast, rng(), count=24, runs=runs, recipes=MIX).events.equals(by_default.events)


# -- whole workspaces -------------------------------------------------------------------------


def test_a_quiet_coast_has_permits_and_nothing_built(tmp_path):
    folder = simulate(tmp_path / "one", scenario="quiet", events=3, **(TINY | {"size_m": 3000}))
    assert len(gpd.read_file(folder / "layers" / "permits.gpkg"))
    assert len(gpd.read_file(folder / "truth.gpkg", layer="events")) == 0
    assert 'absent = ["duty", "known"' in (folder / "seawatch.toml").read_text("utf-8")


def test_the_gauge_follows_the_scenarios_tide(tmp_path):
    folder = simulate(tmp_path / "one", scenario="tide_only", events=0, **TINY)
    gauge = pd.read_csv(folder / "tide.csv", parse_dates=["time"]).set_index("time").height_m
    scenes = gpd.read_file(folder / "truth.gpkg", layer="scenes")
    hour = scenes.taken.dt.floor("h")
    assert (abs(gauge[hour].to_numpy() - scenes.tide_m) < 1.2).all()
    assert (scenes.cloud == 0).all()
    assert gauge.max() - gauge.min() > 4


def test_summer_starts_in_june_unless_told(tmp_path):
    scenario = replace(SCENARIOS["summer"], cloud=0.0)
    folder = simulate(tmp_path / "one", scenario=scenario, events=0, **TINY)
    names = sorted(path.stem for path in Path(folder / "scenes").glob("S2-2026????.json"))
    assert names[-1].startswith("S2-202606")
    mine = simulate(
        tmp_path / "two", scenario=scenario, start=run_days(scenario.start, 6)[5], events=0, **TINY
    )
    assert sorted((mine / "scenes").glob("*.json"))[-1].stem.startswith("S2-202607")
