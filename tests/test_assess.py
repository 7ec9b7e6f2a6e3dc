"""What a planned use meets: every layer, the approving level, splits; and the page that says so."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import box

from conftest import CRS, at, frame, permit, write_layers
from seawatch import geo
from seawatch.approvals import levels, splits
from seawatch.assess import assess
from seawatch.law import regions
from seawatch.maps import assessment, assessment_page
from seawatch.tables import COASTLINE, ISLANDS, PERMITS, ZONES

ON = date(2026, 11, 23)
SHANDONG = regions("山东省")
WEIHAI = regions("山东省", "威海市")


def planned(*shapes, mode="41", strata=None, sigma_m=0.1, meridian=121.5, name=None):
    rows = {
        "name": [name or f"U{n}" for n in range(len(shapes))],
        "use_mode": mode,
        "strata": strata,
        "sigma_m": sigma_m,
        "meridian": meridian,
    }
    return frame(rows, list(shapes))


CASES = [
    # a planned use          where                      mode   what it meets, and how
    ("over rafts",           at(450, 250, 600, 300),    "41", {("RAFT", "conflict")}),
    ("beside rafts",         at(550, 200, 600, 350),    "41", {("RAFT", "adjacent")}),
    ("a metre off",          at(551, 200, 600, 350),    "41", set()),
    ("a sliver of rafts",    at(549.9, 200, 600, 350),  "41", {("RAFT", "sliver")}),
    ("rafts over a cable",   at(750, 250, 800, 300),    "41", {("CABLE", "other_strata")}),
    ("a fill over a cable",  at(750, 250, 800, 300),    "11", {("CABLE", "conflict")}),
    ("a cable under rafts",  at(450, 250, 500, 300),    "53", {("RAFT", "other_strata")}),
    ("a cable under a pond", at(900, 650, 950, 700),    "53", {("POND", "conflict")}),
    ("where a right ended",  at(650, 650, 700, 700),    "41", {("ENDED", "ended")}),
    ("in open water",        at(300, 420, 350, 470),    "41", set()),
]  # fmt: skip


@pytest.mark.parametrize(("what", "where", "mode", "met"), CASES, ids=[c[0] for c in CASES])
def test_permits_are_met_in_place_stratum_and_time(bay, what, where, mode, met):
    found = assess(planned(where, mode=mode), bay, ON).meets
    mine = found[found.layer == "permits"]
    assert set(zip(mine.id, mine.how, strict=True)) == met
    if "conflict" in {how for _, how in met}:
        shared = bay.permits.set_index("permit_id").geometry[mine.id.iloc[0]].intersection(where)
        area = geo.ellipsoidal_area_m2(gpd.GeoSeries([shared], crs=CRS))[0]
        assert mine.area_m2.iloc[0] == pytest.approx(area)
        assert mine.area_sigma_m2.iloc[0] > 0


def test_a_stratum_that_is_named_beats_the_modes(bay):
    found = assess(planned(at(750, 250, 800, 300), strata="seabed"), bay, ON).meets
    assert list(found.how[found.layer == "permits"]) == ["conflict"]


def test_zones_islands_and_coast_are_met_in_metres(bay):
    found = assess(planned(at(500, 850, 650, 900)), bay, ON).meets.set_index("id")
    assert found.how["Z1"] == "overlaps"
    assert found.area_m2["Z1"] == pytest.approx(5000, rel=2e-3)
    assert found.rule["Z1"] == "redline_entered"
    assert (found.how["Z2"], found.rule["Z2"]) == ("ended", None)
    assert found.how["I1"] == "near"
    apart = at(500, 850, 650, 900).distance(at(150, 600, 300, 760))
    assert found.distance_m["I1"] == pytest.approx(apart)
    assert found.rule["I1"] is None
    on_island = assess(planned(at(280, 700, 320, 720), mode="11"), bay, ON).meets.set_index("id")
    assert on_island.how["I1"] == "overlaps"
    assert on_island.area_m2["I1"] == pytest.approx(400, rel=2e-3)
    assert on_island.rule["I1"] == "island_connected"
    dry = assess(planned(at(280, 700, 320, 720), mode="23"), bay, ON).meets.set_index("id")
    assert dry.rule["I1"] == "island_changed"


def test_coast_in_the_parcel_and_along_its_edge(bay):
    found = assess(planned(at(400, 0, 550, 100), mode="11"), bay, ON).meets.set_index("id")
    assert list(found.how[["S1", "S2"]]) == ["occupies", "occupies"]
    assert found.length_m["S1"] == pytest.approx(100, abs=0.1)
    assert found.length_m["S2"] == pytest.approx(50, abs=0.1)
    assert found.rule["S1"] == "natural_coast_occupied"
    assert found.rule["S2"] is None
    drawn_off = assess(planned(at(400, 0.15, 550, 100), mode="11"), bay, ON).meets
    assert drawn_off.set_index("id").length_m["S1"] == pytest.approx(100, abs=0.3)
    off = assess(planned(at(400, 2, 550, 100), mode="11"), bay, ON).meets.set_index("id")
    assert list(off.how[["S1", "S2"]]) == ["near", "near"]
    assert off.distance_m["S1"] == pytest.approx(2)
    corner = assess(planned(at(-100, 0, 0, 100), mode="11"), bay, ON).meets.set_index("id")
    assert corner.how["S1"] == "touches"
    sand = bay.coastline.segment_id == "S1"
    strict = bay.coastline.assign(protection=sand.map({True: "strict", False: None}))
    both = assess(planned(at(400, 0, 550, 100)), replace(bay, coastline=strict), ON).meets
    assert both.set_index("id").rule["S1"] == "natural_coast_occupied,strict_coast"


def test_an_aquaculture_ban_concerns_aquaculture(bay):
    zones = bay.zones.assign(kind="aquaculture_ban")
    for mode, rule in (("41", "aquaculture_banned"), ("33", "aquaculture_banned"), ("31", None)):
        found = assess(planned(at(500, 850, 590, 900), mode=mode), replace(bay, zones=zones), ON)
        assert found.meets.set_index("id").rule["Z1"] == rule


def test_an_absent_layer_is_not_judged(bay):
    found = assess(planned(at(500, 850, 650, 900)), bay, ON)
    assert found.not_judged == ()
    bare = replace(
        bay,
        zones=ZONES.empty(CRS),
        coastline=COASTLINE.empty(CRS),
        absent=frozenset({"zones", "coastline"}),
    )
    found = assess(planned(at(500, 850, 650, 900)), bare, ON)
    assert found.not_judged == ("coastline", "zones")
    page = assessment_page.html(found, "t", "zh")
    assert page.count("未判定：缺少图层") == 2
    assert not set(found.meets.layer) & {"zones", "coastline"}


def hectares(size, meridian=121.5, away=0.0):
    """A parcel of so many hectares on the ellipsoid, `away` degrees east of its meridian."""
    plane = geo.gauss_kruger("EPSG:4490", meridian + away)
    side = (size * 1e4) ** 0.5
    shape = gpd.GeoSeries([box(5e5 - side / 2, 4.1e6, 5e5 + side / 2, 4.1e6 + side)], crs=plane)
    return shape.to_crs(CRS)[0]


def measured(*shapes, mode="41", **more):
    from seawatch import areas

    units = planned(*shapes, mode=mode, **more)
    return units.assign(**areas.measure(units.geometry, units.meridian, units.sigma_m))


@pytest.mark.parametrize(
    ("mode", "ha", "where", "level"),
    [
        ("41", 888, (), "nation"),
        ("41", 300, (), None),
        ("41", 300, SHANDONG, "city"),
        ("41", 150, SHANDONG, "county"),
        ("31", 120, SHANDONG, "nation"),
        ("31", 80, SHANDONG, "province"),
        ("21", 80, SHANDONG, "province"),
        ("11", 1, (), "nation"),
    ],
)
def test_who_may_approve(mode, ha, where, level):
    table = levels(measured(hectares(ha), mode=mode), ON, where)
    assert set(table.level) == {level}
    assert not table.differs.any()


def test_an_area_near_a_threshold_depends_on_how_it_is_counted():
    """700 ha on the ellipsoid but for a little: more than 700 on the zone's meridian."""
    table = levels(measured(hectares(699.7), meridian=121.5), ON, SHANDONG).set_index("measure")
    assert table.differs.all()
    assert table.level["ellipsoid"] == table.level["plane"] == "city"
    assert table.level["zone"] == "nation"
    assert table.meridian["zone"] == 120 or table.meridian["zone"] == 123
    assert not levels(measured(hectares(690)), ON, SHANDONG).differs.any()
    at_home = hectares(199.9, meridian=120.0)
    near = levels(measured(at_home, sigma_m=1.0, meridian=120.0), ON, SHANDONG)
    assert near.close.all()
    assert not near.differs.any()
    assert not levels(measured(at_home, sigma_m=0.1, meridian=120.0), ON, SHANDONG).close.any()
    assert not levels(measured(hectares(198), sigma_m=0.01), ON, SHANDONG).close.any()


def neighbours(*rights):
    """Permits of 150 ha side by side, east of the parcel of the same size: (holder, from, gap)."""
    side = (150 * 1e4) ** 0.5
    rows, shapes, east = [], [], 0.0
    for number, (holder, begun, gap) in enumerate(rights):
        east += side + gap
        rows.append(
            {**permit(f"N{number}", "41", "surface,water", begun, "2039-12-31"), "holder": holder}
        )
        shapes.append(translate(hectares(150), east, 0))
    return PERMITS.check(frame(rows, shapes))


SPLITS = [
    # neighbours of the parcel                                     holder   found
    ([("A", "2026-01-01", 0)],                                     None,    "N0"),
    ([("A", "2026-01-01", 0)],                                     "A",     "N0"),
    ([("A", "2026-01-01", 0)],                                     "B",     None),
    ([("A", "2023-01-01", 0)],                                     None,    None),
    ([("A", "2026-01-01", 500)],                                   None,    None),
    ([("A", "2026-01-01", 10), ("A", "2026-02-01", 10)],           "A",     "N0, N1"),
    ([("B", "2026-01-01", 10), ("A", "2026-02-01", 10)],           "A",     None),
]  # fmt: skip


@pytest.mark.parametrize(("rights", "holder", "found"), SPLITS)
def test_one_use_split_into_several_approvals_is_seen(rights, holder, found):
    table = splits(measured(hectares(150)), neighbours(*rights), ON, SHANDONG, holder)
    assert (table.permits.iloc[0] if len(table) else None) == found
    if found:
        assert (table.alone.iloc[0], table.level.iloc[0]) == ("county", "city")
        assert table.together_ha.iloc[0] == pytest.approx(150 * (1 + len(rights)), rel=1e-3)


def test_neighbours_that_pass_no_threshold_are_no_split():
    right = neighbours(("A", "2026-01-01", 0))
    small = translate(hectares(20), (150e4**0.5 - 20e4**0.5) / 2, 0)  # up to the neighbour's edge
    assert splits(measured(small), right, ON, SHANDONG, None).empty
    wide = neighbours(("A", "2026-01-01", 0)).assign(area_ha=185.0)
    assert len(splits(measured(small), wide, ON, SHANDONG, None)) == 1
    structure = measured(hectares(150), mode="23")
    assert splits(structure, right, ON, SHANDONG, None).empty


# the page


class Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


EVIL = "\x1b[2J</td><script>alert(1)</script>{{7*7}}\"'&"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_stands_alone_and_runs_nothing(bay, language):
    evil = replace(
        bay, zones=bay.zones.assign(name=EVIL), permits=bay.permits.assign(permit_id=EVIL)
    )
    units = planned(at(450, 250, 600, 900), at(400, -10, 500, 60), mode="11")
    found = assess(units.assign(name=[EVIL, "b"]), evil, ON, where=WEIHAI)
    page = assessment_page.html(found, f"a {EVIL}", language)
    parser = Texts()
    parser.feed(page)
    tags = {tag for tag, _ in parser.tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not any(
        name.startswith("on") or name in ("src", "href", "style")
        for _, own in parser.tags
        for name in own
    )
    assert "http" not in page.replace("http-equiv", "")
    assert sum(text == EVIL for text in parser.texts) >= 3
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert page == assessment_page.html(found, f"a {EVIL}", language)  # the same bytes
    lines = assessment.lines(found, "t", language)
    assert any("�[2J</td>" in line for line in lines)
    assert all(line.isprintable() for line in lines)
    json.dumps(assessment.fields(found, language))


def test_both_languages_say_the_same(bay):
    found = assess(planned(at(450, 250, 600, 900), at(400, -10, 500, 60), mode="11"), bay, ON)
    zh, en = (assessment.sections(found, language) for language in ("zh", "en"))
    assert [len(s.rows) for s in zh] == [len(s.rows) for s in en]
    assert all(re.search("[一-鿿]", s.title) for s in zh)
    assert not any(re.search("[一-鿿]", " ".join([s.title, *s.headings])) for s in en)
    natural = [note for s in en for note in s.notes if note.startswith("Natural coast")]
    assert natural == ["Natural coast in all: 100.0 m."]
    assert "art" in " ".join(cell for s in en for row in s.rows for cell in row)


def table_of(shape):
    """The shape as a table of corner points."""
    degrees = gpd.GeoSeries([shape], crs=CRS).to_crs("EPSG:4490")[0]
    rows = [f"{n}\t{y:.8f}°\t{x:.8f}°" for n, (x, y) in enumerate(degrees.exterior.coords[:-1], 1)]
    return "\n".join(["坐标系 CGCS2000 中央经线 121°30′", "点号\t北纬\t东经", *rows])


def test_assess_from_the_command_line(seawatch, tmp_path, bay):
    folder = tmp_path / "bureau"
    folder.mkdir()
    layers = {
        PERMITS: [(permit("RAFT", "41", "surface,water"), at(400, 200, 550, 350))],
        ISLANDS: [({"island_id": "I1", "surveyed": "2020-01-01"}, at(700, 200, 800, 300))],
    }
    write_layers(folder, CRS, layers, extra='[law]\nprovince = "山东省"')
    path, page = tmp_path / "plan.txt", tmp_path / "plan.html"
    path.write_text(table_of(at(500, 250, 650, 300)), "utf-8")
    asked = ("assess", path, "--into", folder, "--on", "2026-11-23")
    code, _, err = seawatch(*asked)
    assert code == 3
    assert "--use-mode" in err
    assert seawatch(*asked, "--use-mode", "99")[0] == 2
    assert seawatch(*asked, "--use-mode", "41", "--use-mode", "11")[0] == 2
    assert seawatch(*asked, "--use-mode", "41", "--strata", "sky")[0] == 2
    assert seawatch(*asked, "--use-mode", "41", "-o", tmp_path / "plan.pdf")[0] == 2
    code, out, _ = seawatch(*asked, "--use-mode", "41", "-o", page)
    assert code == 0
    assert out.strip().endswith("plan.html")
    assert "RAFT · 权利冲突 · 2498" in out or "RAFT · 权利冲突 · 0.2" in out
    assert "未判定：缺少图层 海岸线" in out
    assert "权利冲突" in page.read_text("utf-8")
    code, out, _ = seawatch(*asked, "--use-mode", "41", "--json", "--lang", "en")
    fields = json.loads(out)
    (raft,) = [m for m in fields["meets"] if m["layer"] == "permits"]
    assert raft["area_m2"] == pytest.approx(2500, rel=2e-3)
    assert raft["strata"] == "surface,water"
    (isle,) = [m for m in fields["meets"] if m["layer"] == "islands"]
    assert isle["distance_m"] == pytest.approx(50, abs=0.01)
    assert fields["not_judged"] == ["coastline", "zones"]
    assert {row["level"] for row in fields["approval"]} == {"county"}
    assert np.isfinite([row["area_ha"] for row in fields["approval"]]).all()
    polygons = tmp_path / "plan.geojson"
    gpd.GeoDataFrame({"use_mode": ["41"]}, geometry=[at(500, 250, 650, 300)], crs=CRS).to_crs(
        4326
    ).to_file(polygons)
    code, out, _ = seawatch("assess", polygons, *asked[2:], "--json")
    assert code == 0
    assert json.loads(out)["meets"][0]["area_m2"] == pytest.approx(2500, rel=2e-3)
    path.write_text(table_of(at(500, 250, 650, 300)).replace("\n3\t", "\n3\tnone "), "utf-8")
    assert seawatch(*asked, "--use-mode", "41")[0] == 3
