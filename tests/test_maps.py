"""The offline map, also in a browser that has no network."""

import hashlib
import json
import re

import numpy as np
import pages
import pandas as pd
import pytest
import shapely
from pages import HOSTILE, ON, block, cards, column, notices, picture
from shapely.geometry import MultiPolygon, Polygon, box

from conftest import at, changes_of
from seawatch.errors import UsageError
from seawatch.liability import Jurisdiction, with_liability
from seawatch.maps import budget, chips, offline, pack, page, words
from seawatch.rules import RULES, judge
from seawatch.tables import CHANGE_KINDS, LEVELS, SEGMENT_KINDS, STATUSES, VERDICTS


def draw(flags, seen, bay, **more):
    return pages.draw(flags, seen, bay, ON, **more)


# ---- words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_value_has_its_word(language):
    for prefix, values in (
        ("kind", CHANGE_KINDS),
        ("how", CHANGE_KINDS),
        ("status", STATUSES),
        ("level", LEVELS),
        ("verdict", VERDICTS),
        ("segment", SEGMENT_KINDS),
    ):
        for value in values:
            assert words.word(f"{prefix}_{value}", language)
    assert set(words.RULE_WORDS) == set(RULES)


def test_sentences_say_suspected_and_the_number(bay):
    where = [("land_gained", at(150, 220, 320, 340)), ("raft", at(650, 650, 700, 700))]
    for language, said in (("zh", "疑似"), ("en", "uspected")):
        found = words.with_words(judge(changes_of(*where), bay, ON), language)
        assert len(found) == 2
        assert found.reason.str.contains(said).all()
        assert found.reason.str.contains("±").all()
        assert found.basis.notna().all()


def test_a_card_shows_both_laws_and_what_it_may_cost(flags, seen, bay):
    over = flags.assign(
        rule="natural_coast_occupied",
        coast_m=80.0,
        before=pd.Timestamp("2023-12-20", tz="UTC"),
        after=pd.Timestamp("2024-01-10", tz="UTC"),
    )
    over = over[over.numbers.str.contains("land_gained")]
    numbers = {"segment_kind": "sandy", "segment_id": "S1"}
    over = over.assign(numbers=[json.dumps({**json.loads(n), **numbers}) for n in over.numbers])
    over = with_liability(over, Jurisdiction(), ON)
    for language, laws, costs in (
        (
            "zh",
            ("依据", "2024-01-01 前：", "2024-01-01 起："),
            ("责任估算", "每米岸线", "2023-12-31"),
        ),
        ("en", ("Basis", "before 2024-01-01:", "from 2024-01-01:"), ("Liability", "a metre")),
    ):
        text = page.html(draw(over, seen, bay, language=language))
        (rows,) = cards(text).values()
        assert all(part in rows[laws[0]] for part in laws[1:])
        assert all(part in rows[costs[0]] for part in costs[1:])
        areas = [key for key in rows if "±" in key]
        assert len(areas) == 2
        assert all("±" in rows[key] for key in areas)


def test_a_card_says_since_when_and_who_drew_it_in_the_readers_words(flags, seen, bay):
    outline = {"on": "2026-11-16", "by": "drone-rgb", "m2": 2101.0, "was_m2": 2600.0}
    looks = [{"at": "2026-11-15", "by": by, "says": says} for by, says in (("wh-01", 1), ("P", -1))]
    record = json.dumps(
        {"outline": outline, "conflict": [*looks, {**looks[0], "by": "generic-sar"}]}
    )
    one = flags.iloc[:1].assign(record=record)
    for language, since, by, plane in (
        (
            "zh",
            ("末次未见 2025-11-20", "首次可见 2026-11-20"),
            "无人机正射影像（彩色）",
            "（中央经线 ",
        ),
        (
            "en",
            ("last seen without it", "first seen with it"),
            "Drone orthomosaic, colour",
            " (central",
        ),
    ):
        (rows,) = cards(page.html(draw(one, seen, bay, language=language))).values()
        lines = rows[words.word("since", language)].split("\n")
        assert [line.startswith(start) for line, start in zip(lines, since, strict=True)] == [
            True,
            True,
        ]
        told = rows[words.word("record", language)]
        assert by in told
        assert "drone-rgb" not in told
        assert "generic-sar" not in told
        assert "wh-01" in told
        assert plane in rows[words.word("plane", language)]


def test_areas_carry_their_error():
    assert words.area(4200, "zh", 600) == "0.4200 ± 0.0600 公顷"
    assert words.area(512.3, "en", 40) == "512 ± 40 m²"


def test_a_rule_without_words_is_still_said():
    numbers = {"kind": "raft", "excess_m2": 500, "excess_sigma_m2": 10, "tolerance_m": 3}
    assert words.reason("a_new_rule", numbers, "en") == "suspected a_new_rule: rafts 500 ± 10 m²"


def test_values_never_become_templates():
    numbers = {
        "kind": "raft",
        "excess_m2": 500,
        "excess_sigma_m2": 10,
        "tolerance_m": 3,
        "permit_id": "{0.__class__}{kind}",
        "outside_share": 0.4,
    }
    assert "{0.__class__}{kind}" in words.reason("beyond_permit", numbers, "zh")


# ---- the page as text


def test_same_flags_same_page(flags, seen, bay):
    one, other = (page.html(draw(flags, seen, bay)) for _ in range(2))
    assert one == other


def test_vendored_assets_are_unaltered():
    for name, digest in offline.VENDORED.items():
        assert hashlib.sha256((offline.ASSETS / name).read_bytes()).hexdigest() == digest


def test_an_altered_asset_is_refused(monkeypatch):
    monkeypatch.setitem(offline.VENDORED, "leaflet.js", "0" * 64)
    with pytest.raises(RuntimeError, match=r"leaflet\.js"):
        offline.asset("leaflet.js")


def test_the_page_names_no_other_file(flags, seen, bay):
    text = page.html(draw(flags, seen, bay))
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", text)
    assert "url(images" not in text
    assert "unsafe" not in re.search(r'Content-Security-Policy" content="([^"]*)', text)[1]


def test_hostile_text_stays_text(flags, seen, bay):
    hostile = flags.assign(subject=HOSTILE, external_id=HOSTILE, before_scene=HOSTILE)
    text = page.html(draw(hostile, seen, bay, title=HOSTILE, skipped=[HOSTILE]))
    assert "<img" not in text
    assert "{{7*7}}" not in text
    for card in cards(text).values():
        assert any(HOSTILE in value for value in card.values())
    assert block(text, "sw-data-page")["title"] == HOSTILE


# ---- columns


@pytest.mark.parametrize(
    "rows",
    [
        ["raft"] * 3,
        ["12 m", "7.50 m", "", "1,5 m"],
        [f"{n}.{n} ± {n} m" for n in range(200)],
        [HOSTILE, "007", "x 1 y 2", "\x01 1", "１２"] * 9,
        [f"text {n} of its own {n * 'x'}" for n in range(90)],
        [],
    ],
)
def test_texts_come_back_as_they_were(rows):
    assert column(pack.texts(rows), len(rows)) == rows


def test_numbers_make_no_new_texts():
    packed = pack.texts([f"{n / 7:.4f} ± {n / 90:.4f} 公顷" for n in range(5000)])
    assert len(packed["of"]) == 1
    assert len(json.dumps(packed)) < 5000 * 18


def test_outlines_are_light_and_take_a_ring_a_hole_and_a_piece():
    hole = Polygon(
        [(122, 37), (123, 37), (123, 38)], [[(122.5, 37.2), (122.6, 37.2), (122.6, 37.3)]]
    )
    shapes = [hole, MultiPolygon([box(1, 1, 2, 2), box(3, 3, 4, 4)]), shapely.Point(122, 36)]
    packed = pack.outlines(shapes, 7)
    one, two, three = packed["of"].split(" ")
    assert (one.count("."), two.count(","), three.count(".")) == (1, 1, 0)
    many = shapely.points(np.linspace(122, 122.5, 1000), 37.0)
    assert len(pack.outlines(many, 7)["of"]) < 12 * 1000
    assert pack.outlines([], 6)["of"] == ""


# ---- pictures


def test_pictures_that_do_not_fit_lie_beside_the_map_by_officer_or_sheet(flags, seen, bay):
    shown = picture(flags)
    owners = [None, "wh-01", "wh-02"][: len(flags)]
    owned = flags.sort_values("flag_id").assign(owner=owners)
    bare = len(page.html(draw(owned, seen, bay, chips={})).encode())
    everything, parts = budget.split(owned, shown, 25, bare)
    assert (len(everything), parts) == (len(flags), [])
    most = max(chip.size for chip in shown.values()) * 4 / 3 + 2000
    inside, parts = budget.split(owned, shown, (bare + most) / 1e6, bare)
    assert inside == everything[: len(inside)]
    assert sorted(inside + [f for part in parts for f in part.flag_ids]) == sorted(everything)
    names = {part.name for part in parts}
    assert names <= {"wh-01", "wh-02", "J51E016006"}
    away = {f: part.file for part in parts for f in part.flag_ids}
    held = {f: shown[f] for f in inside}
    text = page.html(draw(owned, seen, bay, chips=held, elsewhere=away, max_mb=1.5))
    assert len(text.encode()) <= bare + most + 1000
    assert str(len(away)) in notices(text)[-1]
    assert block(text, "sw-data-page")["elsewhere"] == away
    assert len(re.findall(r'id="sw-chip-', text)) == len(inside)


def test_a_large_flag_is_shown_at_the_sensors_own_resolution():
    for side, pixel in ((50, 10.0), (900, 10.0), (4000, 10.0), (30, 0.05), (12_000, 10.0)):
        bounds, size = chips.frame(at(0, 0, side, side), "EPSG:4549", pixel)
        wide = (bounds[2] - bounds[0]) / chips._stretch_at(bounds[1])
        assert wide > 1.2 * side
        coarser = chips.coarser(bounds, size, pixel)
        fits = 1.5 * side / pixel < 896
        assert (coarser is None) == fits, (side, pixel)
        if coarser:
            assert coarser == pytest.approx(wide / size[0], rel=0.01)


def test_corners_of_a_chip_lie_within_a_pixel(tmp_path):
    """A bright square of known corners is warped, and found where the map will look for it."""
    from rasterio.io import MemoryFile

    import seawatch as sw
    from conftest import CRS, X, Y, save_scene, write_layers
    from seawatch.geo import placeless
    from seawatch.io import pictures

    pixels = np.full((6, 200, 200), 200, "uint16")
    pixels[:, 80:100, 90:120] = 5000  # rows from the top, ten metres each
    write_layers(tmp_path, CRS, {})
    space = sw.open(tmp_path)
    raster = save_scene(tmp_path / "one.tif", pixels, origin=(X - 500, Y + 1500), step=10.0)
    space.add_scenes([raster], sensor="sentinel-2-l2a", taken="2026-11-14T02:50:00Z")
    (scene,) = space.scenes()
    square = box(X + 400, Y + 500, X + 700, Y + 700)
    bounds, size = chips.frame(square, CRS, 10.0)
    seen_ = chips.Seen("", resolution_m=10.0)
    with pictures.Viewer() as viewer:
        colours = viewer.picture(scene, bounds, size)
    chip = chips.chip(colours, colours, bounds, seen_, seen_)
    with placeless(), MemoryFile(chip.after) as memory, memory.open() as file:
        bright = file.read(1) > 128
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    west, south, east, north = chip.bounds
    to_y = lambda lat: np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))  # noqa: E731
    import geopandas as gpd

    w, s, e, n = gpd.GeoSeries([square], crs=CRS).to_crs("EPSG:4326").total_bounds
    high, wide = bright.shape
    found = [columns[0], columns[-1] + 1, rows[0], rows[-1] + 1]
    due = [
        (w - west) / (east - west) * wide,
        (e - west) / (east - west) * wide,
        (to_y(north) - to_y(n)) / (to_y(north) - to_y(south)) * high,
        (to_y(north) - to_y(s)) / (to_y(north) - to_y(south)) * high,
    ]
    # the square is turned a little against the meridian: its box is wider by the convergence
    assert np.abs(np.subtract(found, due)).max() <= 1.0, (found, due)


# ---- tiles


def test_tiles_that_would_lie_beside_the_data_are_refused(flags, seen, bay):
    for name in ("amap", "https://webrd01.is.autonavi.com/", "https://www.google.cn/maps", "qq"):
        with pytest.raises(UsageError, match="GCJ-02"):
            draw(flags, seen, bay, tiles=name)
    with pytest.raises(UsageError, match="tianditu"):
        draw(flags, seen, bay, tiles="mine")


def policy(text):
    return re.search(r'Content-Security-Policy" content="([^"]*)', text)[1]


def test_a_host_is_opened_only_where_the_map_was_made_with_its_tiles(flags, seen, bay):
    assert "http" not in policy(page.html(draw(flags, seen, bay)))
    opened = re.findall(
        r"https?://[^ ;]+", policy(page.html(draw(flags, seen, bay, tiles="tianditu")))
    )
    assert opened == [f"https://t{n}.tianditu.gov.cn" for n in range(8)]


# ---- notices


def test_four_weeks_that_look_unlike_all_clear(flags, seen, bay):
    none = flags.iloc[:0]
    quiet = notices(page.html(draw(none, seen, bay, seen_share=1.0)))
    cloudy = notices(page.html(draw(none, seen, bay, seen_share=0.3)))
    unflown = notices(page.html(draw(none, seen.iloc[1:], bay, seen_share=0.0)))
    missing = notices(page.html(draw(none, seen, bay, seen_share=1.0, not_judged=["zones"])))
    assert quiet == [words.word("quiet", "zh")]
    assert "30%" in cloudy[0]
    assert unflown == [words.word("nothing_seen", "zh")]
    assert "管控区" in missing[1]
    assert len({str(n) for n in (quiet, cloudy, unflown, missing)}) == 4


def test_an_index_is_blue_on_water_and_brown_on_land_whatever_else_is_there():
    from rasterio.io import MemoryFile

    from seawatch.geo import placeless

    values = np.full((64, 96), -0.5)
    values[:, 32:64], values[:, 64:] = 0.9, np.nan
    index = chips.index_pictures(values, -values, ("green", "nir"))
    assert index.said == "NDWI = (green − nir) / (green + nir)"
    with placeless(), MemoryFile(index.before) as memory, memory.open() as file:
        land, water, unseen = (file.read()[:, 8:56, at + 8 : at + 24] for at in (0, 32, 64))
    assert land[0].mean() > land[2].mean() + 80
    assert water[2].mean() > water[0].mean() + 80
    assert abs(unseen[0].mean() - unseen[2].mean()) < 5
    assert chips.index_pictures(values, values, ("red", "nir")).said == "(red − nir) / (red + nir)"


def test_radar_is_shown_as_amplitude_and_says_its_band(tmp_path):
    import seawatch as sw
    from conftest import CRS, save_scene, write_layers
    from seawatch.io import pictures

    write_layers(tmp_path, CRS, {})
    space = sw.open(tmp_path)
    raster = save_scene(tmp_path / "s1.tif", np.full((1, 200, 200), 9.0, "float32"), bands=["vv"])
    space.add_scenes([raster], sensor="sentinel-1-rtc", taken="2026-11-14T02:50:00Z", bands=["vv"])
    (scene,) = space.scenes()
    bounds, size = chips.frame(at(400, 400, 450, 450), CRS, 10.0)
    with pictures.Viewer() as viewer:
        assert np.allclose(viewer.picture(scene, bounds, size), 3.0)
    assert pictures.water_bands([scene, scene]) is None
    assert chips.Seen("", "Sentinel-1", shows="vv").fields()["sensor"] == "Sentinel-1 · vv"


def test_chips_show_the_ground_and_hatch_the_unseen(flags):
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    chip = next(iter(picture(flags).values()))
    # a JPEG carries no place on the ground, and rasterio says so
    with (
        pytest.warns(NotGeoreferencedWarning),
        MemoryFile(chip.before) as memory,
        memory.open() as file,
    ):
        pixels = file.read().astype(float)
    assert pixels[:, 20:].std() > 20
    assert 130 < pixels[:, :8].mean() < 200
    west, south, east, north = chip.bounds
    assert 121 < west < east < 122
    assert 37 < south < north < 38
