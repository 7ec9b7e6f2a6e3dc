"""Ground that the reference hides, told by other earlier scenes."""

from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from conftest import CRS, at, paint, save_scene, shore
from seawatch.detect import DETECTORS, detect_changes, hold
from seawatch.detect.gap import Gap
from seawatch.errors import PairRefused
from seawatch.io import rasters
from seawatch.io.scenes import scene_of
from seawatch.scenes import ScenePair
from seawatch.tables import FLAGS

FILL, OTHER = (400, 300, 500, 400), (800, 300, 900, 400)
CLOUD = (300, 150, 700, 600)
FIRST, SPRING, AUTUMN, NOW = "2025-11-20", "2026-04-01", "2025-10-01", "2026-11-20"


def bay(seed, extra=(), cloud=None):
    """Pixels of 5 m of 1 km of shore; under a cloud there are none."""
    pixels = paint(np.random.default_rng(seed), shore(extra))
    if cloud is not None:
        x0, y0, x1, y1 = cloud
        pixels[:, 200 - y1 // 5 : 200 - y0 // 5, x0 // 5 : x1 // 5] = 0
    return pixels


def pair_of(folder, *scenes):
    """The pair of the first and the last of (day, pixels); the others stand by."""
    made = []
    for date, pixels in scenes:
        path = save_scene(folder / f"{date}.tif", pixels)
        taken = datetime.fromisoformat(date).replace(hour=3, tzinfo=UTC)
        made.append(scene_of([path], sensor="sentinel-2-l2a", taken=taken, crs=CRS))
    first, *others, after = made
    return ScenePair(first, after, first.footprint, {}, tuple(others), tuple(others))


def found(pair, flags=None, without=(), refuse=None):
    """What the pair shows; `without` are references that cannot be compared with the later scene."""

    def open_pair(asked):
        if asked.before in without:
            raise PairRefused(f"{asked.before.scene_id}: cannot be compared")
        return rasters.open_pair(asked, crs=CRS)

    return detect_changes([pair], open_pair, DETECTORS, CRS, watched=flags, refuse=refuse)


def on(changes, box):
    return changes[changes.intersects(at(*box))]


def day(text):
    return pd.Timestamp(f"{text}T03:00:00Z")


def test_what_was_filled_under_the_references_cloud_is_found_in_another(tmp_path):
    scenes = [(FIRST, bay(1, cloud=CLOUD)), (AUTUMN, bay(2)), (SPRING, bay(4))]
    changes, coverage, _ = found(pair_of(tmp_path, *scenes, (NOW, bay(3, [FILL, OTHER]))))
    here, there = on(changes, FILL), on(changes, OTHER)
    assert list(here.kind) == list(there.kind) == ["land_gained"]
    assert here.before.item() == day(AUTUMN)
    assert there.before.item() == day(FIRST)  # the pair's own reference shows it
    assert here.geometry.item().intersection(at(*FILL)).area > 0.8 * at(*FILL).area
    assert len(changes) == 2
    assert set(coverage.before) == {day(FIRST), day(AUTUMN)}  # no more is left to tell
    clear = coverage[coverage.seen == "yes"]
    assert clear.geometry.union_all().covers(at(*CLOUD).buffer(-50))
    # no ground is told of twice
    assert clear.geometry.iloc[0].intersection(clear.geometry.iloc[1]).area < 1


def test_a_reference_that_shows_nothing_of_what_the_later_scene_does_is_stood_in_for(tmp_path):
    north, south = (0, 600, 1000, 1000), (0, 0, 1000, 600)
    now = bay(3, [FILL], cloud=north)
    scenes = [(FIRST, bay(1, cloud=south)), (AUTUMN, bay(2)), (NOW, now)]
    changes, _, _ = found(pair_of(tmp_path, *scenes))
    assert on(changes, FILL).before.item() == day(AUTUMN)


@pytest.mark.parametrize(
    ("cloud", "other", "veto"), [(CLOUD, SPRING, ["once"]), (None, AUTUMN, [])]
)
def test_a_ship_where_the_reference_saw_nothing_waits_for_another_day(tmp_path, cloud, other, veto):
    """Though no scene lies between the two that show it."""
    now = bay(3)
    now[:, 100:103, 80:88] += np.array([1000, 1300, 1500, 1900, 1900, 1600], "uint16")[
        :, None, None
    ]
    changes, _, _ = found(
        pair_of(tmp_path, (FIRST, bay(1, cloud=cloud)), (other, bay(2)), (NOW, now))
    )
    assert len(changes) == 1
    assert list(hold(changes).veto.dropna()) == veto


def test_without_another_the_ground_stays_unseen(tmp_path):
    scenes = [(FIRST, bay(1, cloud=CLOUD)), (NOW, bay(3, [FILL]))]
    changes, coverage, _ = found(pair_of(tmp_path, *scenes))
    assert on(changes, FILL).empty
    assert on(coverage[coverage.seen == "yes"], FILL).empty


def test_ground_that_the_later_scene_hides_is_asked_of_nobody(tmp_path):
    scenes = [(FIRST, bay(1)), (AUTUMN, bay(2)), (NOW, bay(3, cloud=CLOUD))]
    _, coverage, _ = found(pair_of(tmp_path, *scenes))
    assert set(coverage.before) == {day(FIRST)}


def test_what_the_reference_shows_unchanged_is_none_in_another(tmp_path):
    """Land that came and went between the other scene and the reference is no change since."""
    early = bay(2, [OTHER])
    scenes = [(FIRST, bay(1, cloud=CLOUD)), (AUTUMN, early), (NOW, bay(3))]
    changes, _, _ = found(pair_of(tmp_path, *scenes))
    assert changes.empty


def test_a_fill_on_a_clouds_edge_is_told_of_once_by_each(tmp_path):
    cloud = (450, 150, 700, 600)
    scenes = [(FIRST, bay(1, cloud=cloud)), (AUTUMN, bay(2)), (NOW, bay(3, [FILL]))]
    changes, _, _ = found(pair_of(tmp_path, *scenes))
    own, other = (changes[changes.before == day(d)].geometry.union_all() for d in (FIRST, AUTUMN))
    assert own.intersection(other).area == 0
    assert own.union(other).intersection(at(*FILL)).area > 0.8 * at(*FILL).area
    assert other.bounds[0] > own.bounds[0]


def test_of_ground_beyond_the_references_edge_another_tells(tmp_path):
    fill = (700, 300, 800, 400)
    pair = pair_of(tmp_path, (FIRST, bay(1)), (AUTUMN, bay(2)), (NOW, bay(3, [fill])))
    path = save_scene(tmp_path / "half.tif", bay(1)[:, :, :85])
    first = scene_of([path], sensor="sentinel-2-l2a", taken=pair.before.taken, crs=CRS)
    changes, coverage, _ = found(replace(pair, before=first, overlap=at(0, 0, 425, 1000)))
    assert on(changes, fill).before.item() == day(AUTUMN)
    one, other = coverage[coverage.seen == "yes"].geometry
    assert one.intersection(other).area < 1
    assert one.union(other).covers(at(0, 0, 1000, 1000).buffer(-1))


def test_two_others_tell_of_one_fill_once(tmp_path):
    scenes = [(FIRST, bay(1, cloud=CLOUD)), (AUTUMN, bay(2, cloud=(450, 150, 700, 600)))]
    pair = pair_of(tmp_path, *scenes, (SPRING, bay(4)), (NOW, bay(3, [FILL])))
    changes, _, _ = found(pair)
    one, other = (changes[changes.before == day(d)].geometry.union_all() for d in (AUTUMN, SPRING))
    assert one.intersection(other).area == 0
    assert one.union(other).intersection(at(*FILL)).area > 0.8 * at(*FILL).area


def test_a_reference_with_no_more_to_show_gives_way_to_the_next(tmp_path):
    scenes = [(FIRST, bay(1, cloud=CLOUD)), (AUTUMN, bay(2, cloud=CLOUD)), (SPRING, bay(4))]
    changes, coverage, _ = found(pair_of(tmp_path, *scenes, (NOW, bay(3, [FILL]))))
    assert on(changes, FILL).before.item() == day(SPRING)
    assert day(SPRING) in set(coverage.before[coverage.seen == "yes"])


def test_another_that_cannot_be_compared_is_as_one_that_says_nothing(tmp_path):
    pair = pair_of(tmp_path, (FIRST, bay(1, cloud=CLOUD)), (AUTUMN, bay(2)), (NOW, bay(3, [FILL])))
    told = []
    changes, coverage, _ = found(pair, None, pair.others, lambda *what: told.append(what))
    assert on(changes, FILL).empty
    assert set(coverage.before) == {day(FIRST)}
    assert told == []  # the later scene is not left out


def test_a_fill_on_a_clouds_edge_is_one_flag(week, tmp_path):
    fill = at(500, 300, 580, 380)
    for path in (week.project.folder / "scenes").glob("S2-2025-11-12*"):
        path.unlink()
    references = {"2025-11-12": bay(1, cloud=(540, 200, 760, 500)), "2025-06-10": bay(2)}
    for date, pixels in references.items():
        raster = save_scene(tmp_path / f"S2-{date}.tif", pixels)
        week.add_scenes([raster], sensor="sentinel-2-l2a", taken=f"{date}T02:50:00Z")
    first, second = week.run("2026-11-16"), week.run("2026-11-23")
    assert len(set(first.coverage.before[first.coverage.seen == "yes"])) == 2
    # what the other reference told of was seen on one day, and waits; then both were on two
    flags = [run.flags[run.flags.rule == "fill_no_permit"] for run in (first, second)]
    assert [list(table.flag_id) for table in flags] == 2 * [list(flags[0].flag_id)]
    shares = [table.geometry.item().intersection(fill).area / fill.area for table in flags]
    assert shares[0] < 0.4
    assert shares[1] > 0.9


def test_where_its_own_reference_cannot_be_compared_another_tells_of_all(tmp_path):
    pair = pair_of(tmp_path, (FIRST, bay(1)), (AUTUMN, bay(2)), (NOW, bay(3, [FILL])))
    stands = flag(at(*FILL), at(*OTHER))
    told = []
    changes, coverage, sightings = found(
        pair, stands, [pair.before], lambda *what: told.append(what)
    )
    (row,) = on(changes, FILL).itertuples()
    assert (row.kind, row.before, row.dates) == ("land_gained", day(AUTUMN), 1)
    assert set(coverage.before) == {day(AUTUMN)}
    assert coverage.area_m2[coverage.seen == "yes"].sum() == pytest.approx(1e6, rel=0.02)
    # it bears out a flag, and clears none
    assert sightings.set_index("flag_id").shown.to_dict() == {"F0": 1, "F1": 0}
    # it is the reference that was left out
    assert told == [(FIRST, f"{NOW}: {FIRST}: cannot be compared")]


def test_a_pair_that_no_reference_can_be_compared_with_is_passed_over(tmp_path):
    pair = pair_of(tmp_path, (FIRST, bay(1)), (AUTUMN, bay(2)), (NOW, bay(3, [FILL])))
    told = []
    without = (pair.before, *pair.others)
    changes, coverage, sightings = found(pair, None, without, lambda *what: told.append(what))
    assert changes.empty
    assert coverage.empty
    assert sightings.empty
    assert told == [(NOW, f"{FIRST}: {FIRST}: cannot be compared")]


def flag(*shapes):
    rows = FLAGS.empty(CRS).reindex(range(len(shapes)))
    return rows.assign(flag_id=[f"F{n}" for n in range(len(shapes))]).set_geometry(
        [*shapes], crs=CRS
    )


@pytest.mark.parametrize(("stands", "shown"), [(True, 1), (False, 0)])
def test_another_bears_out_a_flag_under_the_references_cloud_and_clears_none(
    tmp_path, stands, shown
):
    edge, hidden = (690, 300, 790, 400), (50, 700, 150, 800)
    now = bay(3, [FILL, OTHER, edge] if stands else [], cloud=(0, 650, 250, 1000))
    pair = pair_of(tmp_path, (FIRST, bay(1, cloud=CLOUD)), (AUTUMN, bay(2)), (NOW, now))
    flags = flag(*(at(*box) for box in (FILL, OTHER, edge, hidden)))
    _, _, sightings = found(pair, flags)
    own, other = (sightings[sightings.before == day(d)] for d in (FIRST, AUTUMN))
    assert list(own.shown) == [0, *[1 if stands else -1] * 2, 0]
    # of what the pair's own reference shows, or the later scene hides, the other is not asked
    assert list(other.flag_id) == ["F0"]
    assert list(other.shown) == [shown]


def frame(*shapes):
    return gpd.GeoDataFrame(
        {"kind": "built"}, index=range(len(shapes)), geometry=[*shapes], crs=CRS
    )


GROUND = shapely.box(0, 0, 100, 100)


def gap(*known, ground=GROUND):
    return Gap(ground, np.array(known, object))


def test_a_gap_keeps_what_lies_in_it():
    inside = gap().cut(frame(shapely.box(50, 10, 150, 40), shapely.box(110, 0, 200, 40)), 1, 30)
    assert [shape.bounds for shape in inside.geometry] == [(50, 10, 100, 40)]
    assert inside.crs == CRS


@pytest.mark.parametrize(("wide", "number"), [(2.9, 0), (3, 1)])
def test_what_reaches_into_a_gap_by_a_speck_is_left_out(wide, number):
    assert len(gap().cut(frame(shapely.box(100 - wide, 0, 150, 10)), 1, 30)) == number


def test_what_was_found_already_is_not_told_of_again():
    """Nor the pixel beside it: two scenes do not draw one edge alike."""
    known = shapely.box(60, 0, 140, 100)
    (left,) = gap(known).cut(frame(shapely.box(20, 10, 90, 20)), 5, 30).geometry
    assert left.bounds == pytest.approx((20, 10, 55, 20))
    assert gap(known).cut(frame(shapely.box(56, 10, 90, 20)), 5, 30).empty


def test_a_change_that_meets_a_gap_twice_is_two():
    ground = shapely.union(GROUND, shapely.box(200, 0, 300, 100))
    told = gap(ground=ground).cut(frame(shapely.box(50, 10, 250, 20)), 1, 30)
    assert sorted(shape.bounds for shape in told.geometry) == [
        (50, 10, 100, 20),
        (200, 10, 250, 20),
    ]
    assert list(gap(ground=ground).holds(frame(shapely.box(150, 0, 190, 9), GROUND).geometry)) == [
        False,
        True,
    ]


def test_single_cells_are_no_gap(tmp_path):
    """A bright roof that passes for cloud hides one in every scene."""
    first = bay(1)
    first[:, 20:200:32, 20:200:32] = 0
    pair = pair_of(tmp_path, (FIRST, first), (AUTUMN, bay(2)), (NOW, bay(3)))
    _, coverage, _ = found(pair)
    assert set(coverage.before) == {day(FIRST)}
