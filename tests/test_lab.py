"""The lab: what it plants is what it says, and the score counts it right."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from shapely.geometry import box

from seawatch import tables
from seawatch.errors import UsageError
from seawatch.lab import run_days, score, score_workspace, simulate
from seawatch.lab.coast import HIGH_WATER_M, Coast, build_coast, sample_folder, window_grid
from seawatch.lab.events import Plan, plant
from seawatch.lab.ground import build_ground
from seawatch.lab.render import MATERIAL, covered, present, reflectance, through_lens
from seawatch.lab.sea import tide_m
from seawatch.lab.shore import SLOPES, land_left_of
from seawatch.scenes import Grid
from seawatch.tables import NATURAL

CRS = "EPSG:4549"
RUNS = run_days(date(2026, 11, 9), 3)
SMALL = {"weeks": 2, "size_m": 3000, "centre": (122.13, 37.5), "events": 6, "drone": False}


@pytest.fixture(scope="module")
def coast() -> Coast:
    return build_coast(window_grid((691010, 4154200), 12_000, 20, CRS))


@pytest.fixture(scope="module")
def plan(coast) -> Plan:
    return plant(coast, np.random.default_rng(1), count=24, runs=RUNS)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    return simulate(tmp_path_factory.mktemp("lab") / "one", seed=1, cloud=0.3, **SMALL)


def in_force(permits: gpd.GeoDataFrame, on: pd.Timestamp) -> gpd.GeoDataFrame:
    return permits[(permits.valid_from <= on) & (permits.valid_to >= on)]


# -- sample layers ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["coastline", "islands", "permits", "zones"])
def test_sample_layers_pass_their_table(name):
    path = sample_folder() / f"{name}.geojson"
    checked = tables.TABLES[name].check(gpd.read_file(path), path)
    assert len(checked)
    assert checked.crs == "EPSG:4326"


def test_land_lies_on_the_left():
    west_to_east = gpd.GeoSeries([shapely.LineString([(-5, 4), (15, 4)])])
    assert land_left_of(west_to_east, box(0, 0, 10, 10)).equals(box(0, 4, 10, 10))
    assert land_left_of(west_to_east.reverse(), box(0, 0, 10, 10)).equals(box(0, 0, 10, 4))


# -- rendering -------------------------------------------------------------------------------


def test_tide_moves_the_waterline_by_height_over_slope(coast):
    sandy = np.isclose(coast.slope, SLOPES["sandy"], rtol=1e-3)
    straight = sandy & (np.abs(coast.offshore_m) < 150)
    low, high = coast.water_share(-0.4), coast.water_share(0.4)
    moved_m2 = (high - low)[straight].sum() * coast.grid.pixel_area
    # the length of that shore: the area between two distances from it, over their difference
    band = straight & (coast.offshore_m > 0) & (coast.offshore_m < 100)
    length_m = band.sum() * coast.grid.pixel_area / 100
    assert moved_m2 / length_m == pytest.approx(0.8 / SLOPES["sandy"], rel=0.05)


def test_high_water_reaches_the_coastline(coast):
    dry_m2 = (1 - coast.water_share(HIGH_WATER_M)).sum() * coast.grid.pixel_area
    assert dry_m2 == pytest.approx(coast.land.area, rel=1e-3)


def test_fills_are_rendered_with_their_area(coast, plan):
    for shape in plan.events.geometry:
        share = covered(shape, coast.grid).share
        assert share.sum() * coast.grid.pixel_area == pytest.approx(shape.area, rel=0.02)


def test_a_fill_is_seen_with_its_area(coast, plan):
    ground = build_ground(coast, np.random.default_rng(2))
    fill = plan.events[plan.events.rules == "use_changed"].assign(happened=pd.Timestamp(RUNS[0]))
    looks = [
        reflectance(coast, ground, events, on=RUNS[0], tide_m=0.2, rng=np.random.default_rng(3))[4]
        for events in (fill.iloc[:0], fill)
    ]
    cover = covered(fill.geometry.iloc[0], coast.grid)
    here = (cover.rows, cover.columns)
    grain = 1 + 0.5 * (ground.leaf[here] - 1)
    colour = MATERIAL["land_gained"][4] * fill.tone.iloc[0] * grain
    share = (looks[1][here] - looks[0][here]) / (colour - looks[0][here])
    area = share.sum() * coast.grid.pixel_area
    assert area == pytest.approx(fill.geometry.iloc[0].area, rel=0.02)


def test_the_lens_shifts_and_keeps_the_light():
    image = np.zeros((1, 41, 41), np.float32)
    image[0, 20, 20] = 1
    seen = through_lens(image, (0.7, -0.4), [0.5])[0]
    rows, columns = np.indices(seen.shape)
    assert seen.sum() == pytest.approx(1)
    assert (seen * columns).sum() == pytest.approx(20.7, abs=0.01)
    assert (seen * rows).sum() == pytest.approx(19.6, abs=0.01)


def test_seasonal_rafts_come_and_go(plan):
    seasonal = set(plan.events.event_id[plan.events.seasonal == "yes"])
    assert seasonal
    assert not seasonal & set(present(plan.events, date(2026, 8, 22)).event_id)
    assert seasonal <= set(present(plan.events, date(2025, 11, 10)).event_id)
    assert seasonal <= set(present(plan.events, RUNS[-1]).event_id)


# -- what is planted -------------------------------------------------------------------------


def test_every_rule_is_broken_and_half_are_large(plan):
    unlawful = plan.events[plan.events.lawful == "no"]
    assert set(",".join(unlawful.rules).split(",")) == {
        "fill_no_permit",
        "beyond_permit",
        "expired",
        "use_changed",
        "natural_coast_occupied",
        "island_changed",
        "redline_entered",
        "no_permit",
    }
    assert (unlawful.area_m2 >= 3000).mean() >= 0.5
    assert unlawful.area_m2.between(500, 31_000).all()
    assert ((plan.events.rules == "") == (plan.events.lawful == "yes")).all()


def test_lawful_fills_and_jetties_are_covered_by_a_permit(plan):
    for event in plan.events[plan.events.lawful == "yes"].itertuples():
        old = event.happened < pd.Timestamp(2025, 6, 1)
        rights = in_force(plan.permits, event.happened)
        rights = rights[rights.covers(event.geometry)]
        modes = {"land_gained": "11", "structure": "21", "raft": "41", "built": "21"}
        assert old or modes[event.kind] in set(rights.use_mode), event.event_id
        if event.kind == "built":
            assert set(rights.right) == {"island_use"}


@pytest.mark.parametrize("event_index", range(24))
def test_unlawful_events_break_exactly_their_rules(coast, plan, event_index):
    event = plan.events.iloc[event_index]
    shape, rules = event.geometry, set(filter(None, event.rules.split(",")))
    valid = in_force(plan.permits, event.happened)
    touched = plan.permits[plan.permits.intersects(shape)]
    covering = valid[valid.covers(shape)]
    natural = coast.coastline[coast.coastline.kind.isin(NATURAL)]
    natural_m = natural.intersection(shape.buffer(1)).length.sum()
    assert ("natural_coast_occupied" in rules) == (natural_m >= 25)
    assert natural_m >= 25 or natural.distance(shape).min() > 2
    assert ("redline_entered" in rules) == plan.zones.intersects(shape).any()
    assert ("island_changed" in rules) == (coast.islands.intersects(shape).any() and covering.empty)
    if rules & {"fill_no_permit", "no_permit"}:
        assert touched.empty
    if "beyond_permit" in rules:
        right = valid[valid.intersects(shape)]
        beyond = shape.difference(right.union_all())
        assert list(right.use_mode) == ["11"]
        assert 0.3 < beyond.area / shape.area < 0.8
        assert not beyond.buffer(-10).is_empty  # more than any tolerance would forgive
    if "expired" in rules:
        assert len(touched) == 1
        assert touched.covers(shape).all()
        assert valid.intersects(shape).sum() == 0
        assert (touched.valid_to < event.happened).all()
    if "use_changed" in rules:
        assert list(covering.use_mode) == ["41"]
        assert event.kind == "land_gained"


def test_no_shore_is_touched_but_where_it_is_said(coast):
    natural = coast.coastline[coast.coastline.kind.isin(NATURAL)].union_all()
    for seed in range(2, 8):
        events = plant(coast, np.random.default_rng(seed), count=24, runs=RUNS).events
        said = events.rules.str.contains("natural_coast_occupied")
        made = events[(events.kind == "land_gained") & ~said & ~events.rules.eq("use_changed")]
        assert (made.distance(natural) > 50).all()
        assert (events[said].buffer(1).intersection(natural).length >= 25).all()


def test_events_stand_apart(plan):
    shapes = plan.events.geometry
    for at, shape in enumerate(shapes):
        assert shapes.drop(index=at).distance(shape).min() > 100


# -- the workspace ---------------------------------------------------------------------------


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_same_bytes(workspace, tmp_path):
    again = simulate(tmp_path / "two", seed=1, cloud=0.3, **SMALL)
    assert digests(again) == digests(workspace)


def test_other_seed_other_pixels(workspace, tmp_path):
    other = digests(simulate(tmp_path / "three", seed=2, cloud=0.3, **SMALL))
    mine = digests(workspace)
    assert not {v for k, v in mine.items() if k.endswith(".tif")} & set(other.values())
    assert mine["truth.gpkg"] != other["truth.gpkg"]


def test_masks_are_coded_and_no_data_is_zero(workspace):
    values = set()
    for path in (workspace / "scenes").glob("*-mask.tif"):
        with rasterio.open(path) as file, rasterio.open(str(path).replace("-mask", "")) as image:
            mask, pixels = file.read(1), image.read()
        assert mask.dtype == np.uint8
        assert pixels.dtype == np.uint16
        assert ((mask == 255) == (pixels == 0).all(axis=0)).all()
        values |= set(np.unique(mask))
    assert values == {0, 1, 255}


def test_water_and_land_part_by_index(workspace):
    clearest = sorted((workspace / "scenes").glob("S2-????????.tif"))[0]
    with rasterio.open(clearest) as file:
        green, nir = file.read([2, 4]).astype(float)
        coast = build_coast(Grid(CRS, tuple(file.transform)[:6], file.width, file.height))
    ndwi = (green - nir) / (green + nir)
    assert (ndwi[coast.offshore_m > 60] > 0.1).mean() > 0.97
    assert (ndwi[coast.offshore_m < -60] < 0.0).mean() > 0.97


def test_the_truth_knows_each_scene(workspace):
    scenes = gpd.read_file(workspace / "truth.gpkg", layer="scenes")
    assert len(scenes) == 5 == len(list((workspace / "scenes").glob("*.json")))
    assert (np.hypot(scenes.shift_east_m, scenes.shift_north_m) <= 12).all()
    gauge = pd.read_csv(workspace / "tide.csv", parse_dates=["time"]).set_index("time").height_m
    hour = scenes.taken.dt.floor("h")
    assert (abs(gauge[hour].to_numpy() - scenes.tide_m) < 0.5).all()


def test_gauge_has_a_season():
    hours = np.arange(np.datetime64("2026-01-01T00", "h"), np.datetime64("2027-01-01T00", "h"))
    by_month = pd.Series(tide_m(hours)).groupby(hours.astype("datetime64[M]")).mean()
    assert by_month.idxmax().month in (7, 8, 9)
    assert by_month.max() - by_month.min() > 0.35


def test_an_old_folder_is_left_alone(workspace):
    with pytest.raises(UsageError, match="not empty"):
        simulate(workspace)


# -- the score -------------------------------------------------------------------------------


def truth() -> gpd.GeoDataFrame:
    rows = [
        # event  rules                                     happened      outline
        ("A", "fill_no_permit,natural_coast_occupied", "2026-11-01", box(0, 0, 100, 100)),
        ("B", "no_permit", "2026-11-01", box(1000, 0, 1020, 20)),
        ("C", "expired", "2026-11-12", box(2000, 0, 2050, 40)),
        ("L", "", "2026-11-01", box(3000, 0, 3100, 100)),
    ]
    frame = gpd.GeoDataFrame(
        {
            "event_id": [row[0] for row in rows],
            "rules": [row[1] for row in rows],
            "lawful": ["no" if row[1] else "yes" for row in rows],
            "happened": pd.to_datetime([row[2] for row in rows]),
        },
        geometry=[row[3] for row in rows],
        crs=CRS,
    )
    return frame.assign(area_m2=frame.area)


def flags(*rows: tuple[str, str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    columns = {"rule": [r[0] for r in rows], "status": [r[1] for r in rows]}
    return gpd.GeoDataFrame(columns, geometry=[box(*r[2]) for r in rows], crs=CRS)


CASES = [
    # flags                                                   measure, rule, size      hits of
    ([("fill_no_permit", "new", (0, 0, 90, 90))], ("recall", "any", "all"), 1, 2),
    ([("fill_no_permit", "new", (0, 0, 90, 90))], ("recall", "any", ">=0.3"), 1, 1),
    ([("fill_no_permit", "new", (0, 0, 90, 90))], ("recall", "any", "<0.1"), 0, 1),
    ([("fill_no_permit", "new", (0, 0, 90, 90))], ("recall", "fill_no_permit", "all"), 1, 1),
    ([("fill_no_permit", "new", (0, 0, 90, 90))], ("recall", "natural_coast_occupied", "all"), 0, 1),
    ([("no_permit", "new", (0, 0, 90, 90))], ("recall", "fill_no_permit", "all"), 0, 1),
    ([("fill_no_permit", "cleared", (0, 0, 90, 90))], ("recall", "any", "all"), 0, 2),
    ([("fill_no_permit", "new", (80, 0, 180, 100))], ("recall", "any", "all"), 0, 2),
    ([("fill_no_permit", "new", (80, 0, 180, 100))], ("false_flags", "any", "all"), 0, 1),
    ([("no_permit", "new", (960, 0, 1060, 99))], ("recall", "any", "<0.1"), 1, 1),
    ([("no_permit", "open", (500, 0, 600, 99))], ("false_flags", "any", "all"), 1, 1),
    ([("no_permit", "open", (500, 0, 600, 99))], ("false_flags", "no_permit", "all"), 1, 1),
    ([("beyond_permit", "new", (3000, 0, 3100, 50))], ("lawful_flagged", "any", "all"), 1, 1),
    ([("beyond_permit", "new", (3000, 0, 3100, 50))], ("false_flags", "any", "all"), 0, 1),
    ([], ("recall", "any", "all"), 0, 2),
    ([], ("lawful_flagged", "any", "all"), 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("found", "asked", "hits", "of"), CASES)
def test_score(found, asked, hits, of):
    result = score({date(2026, 11, 9): flags(*found)}, truth())
    row = result.set_index(["measure", "rule", "size"]).loc[asked]
    assert (row.hits, row.events) == (hits, of)


def test_an_event_counts_from_its_day():
    here = flags(("expired", "new", (2000, 0, 2050, 40)))
    result = score(dict.fromkeys(RUNS, here), truth(), coast_km=50.0)
    expired = result[(result.rule == "expired") & (result["size"] == "all")]
    recall = expired[expired.measure == "recall"]
    assert list(recall.run) == RUNS[1:]
    assert (recall.share == 1).all()
    # known before it happened is no false flag: the event is in the truth
    false = result[result.measure == "false_per_100km"]
    assert (false.share == 0).all()
    assert len(false) == 3


def test_score_workspace_reads_the_last_revision(tmp_path):
    truth().to_file(tmp_path / "truth.gpkg", layer="events", engine="pyogrio")
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (0, 50_000)])], crs=CRS)
    line.to_file(tmp_path / "coastline.gpkg", engine="pyogrio")
    (tmp_path / "seawatch.toml").write_text('[layers]\ncoastline = "coastline.gpkg"\n')
    far = ("no_permit", "new", (500, 500, 600, 600))
    for name, rows in {"2026-W46": [far, far], "2026-W46.r2": [far]}.items():
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text('{"issue": "2026-W46", "on": "2026-11-09"}')
        flags(*rows).to_file(folder / "flags.gpkg", layer="flags", engine="pyogrio")
    result = score_workspace(tmp_path, tmp_path / "truth.gpkg")
    row = result.set_index("measure").loc["false_per_100km"]
    assert row.hits == 1
    assert row.share == pytest.approx(2.0)
