"""What the public may see, and that nothing else is in its page."""

import json
import re
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pages import ON, block, cards, coverage, notices, picture

import seawatch as sw
from conftest import X, Y, at, make_week
from seawatch import atlas, audience, release
from seawatch.audience import Limits
from seawatch.case import timelines
from seawatch.errors import UsageError
from seawatch.maps import leaks, page, public
from seawatch.maps.page import html
from seawatch.maps.words import word
from seawatch.project import settings_from
from seawatch.tables import CASES, TABLES, VISITS
from stories import visits

NUMBER = "鲁S（2026）001号"


def decisions(flags, event="decided", on="2026-11-20"):
    rows = {"flag_id": list(flags.flag_id), "event": event, "at": on, "by": "Li Si"}
    return CASES.check(pd.DataFrame(rows))


def viewed(flags, bay, seen, cases=None, **limits):
    entered = decisions(flags) if cases is None else cases
    told = timelines(flags, VISITS.empty(flags.crs), entered)
    return audience.for_public(flags, bay, seen, told, Limits(NUMBER, **limits))


def drawn(view, **limits):
    options = {"title": "Bay", "issue": "2026-W48", "on": ON, "bounds": public.around(view)}
    return html(public.draw(view, {}, limits=Limits(NUMBER, **limits), **options))


# ---- the policy


def test_every_column_named_exists_and_none_is_free_text():
    made_here = {"kind", "excess_sigma_m2"}
    closed = {"flag_id", "rule", "sensor", "basis"}  # ours: a number made here, and words
    for table, names in audience.SHOWN.items():
        known = {column.name: column for column in TABLES[table].columns}
        for name in set(names) - (made_here if table == "flags" else set()):
            column = known[name]
            assert column.type != "text" or column.one_of or (table == "flags" and name in closed)
    for text in audience.MAY_SHOW:
        table, name = text.split(".")
        assert TABLES[table].column(name)


def test_the_view_has_the_columns_allowed_and_no_other(flags, bay, seen):
    view = viewed(flags, bay, seen)
    for name, table in {"flags": view.flags, **view.tables}.items():
        assert set(table.columns) == {*audience.SHOWN[name], "geometry", "at"}
    named = viewed(flags, bay, seen, more=("islands.name",)).tables["islands"]
    assert set(named.name) == {"Isle", "Islet"}


def test_only_flags_whose_time_has_come_are_seen(flags, bay, seen):
    one, two, three = flags.flag_id
    cases = decisions(flags[flags.flag_id != one])
    assert set(viewed(flags, bay, seen, cases).flags.flag_id) == {two, three}
    assert len(viewed(flags, bay, seen, cases, undecided=True).flags) == 3
    assert viewed(flags, bay, seen, decisions(flags, "filed")).flags.empty
    early, late = (pd.Timestamp(day).date() for day in ("2026-11-22", "2026-11-23"))
    assert viewed(flags, bay, seen, embargo=early).flags.empty
    assert len(viewed(flags, bay, seen, embargo=late).flags) == 3
    lawful = flags.assign(verdict=["lawful", None, "suspected"])
    assert set(viewed(lawful, bay, seen).flags.flag_id) == {two, three}


def test_what_came_back_is_another_act(flags, bay, seen):
    """Decided, cleared, and back a year later: not decided yet, and under the new embargo."""
    turns = [{"on": "2025-10-01", "what": "cleared"}, {"on": "2026-11-23", "what": "returned"}]
    first = pd.Timestamp("2025-01-06")
    back = flags.assign(record=json.dumps({"history": turns}), first_seen=first)
    assert viewed(back, bay, seen, decisions(back, on="2025-02-01")).flags.empty
    again = decisions(back, on="2026-11-24")
    assert len(viewed(back, bay, seen, again).flags) == 3
    assert viewed(back, bay, seen, again, embargo=pd.Timestamp("2026-11-22").date()).flags.empty


def test_nothing_is_seen_on_withheld_ground(flags, bay, seen):
    base = gpd.GeoDataFrame(geometry=[at(1100, 500, 1250, 650)], crs=bay.crs)
    military = bay.permits.permit_id == "CABLE"
    permits = bay.permits.assign(use_type=np.where(military, "82", bay.permits.use_type))
    layers = replace(bay, permits=permits)
    view = viewed(flags, layers, seen, position_m=10.0, zones=("Z1",))
    assert "basepoint" not in set(view.tables["zones"].kind)
    assert len(view.tables["zones"]) == len(bay.zones) - 2  # the base point, and Z1
    assert len(view.tables["permits"]) == len(bay.permits) - 1
    for name in ("zones", "permits", "islands"):
        assert not view.tables[name].to_crs(bay.crs).intersects(base.geometry[0]).any()
    # a flag on a permit that turns out to be military is not seen either
    under = flags.geometry.representative_point().within(at(400, 200, 650, 400)).to_numpy()
    raft = permits.assign(use_type=np.where(permits.permit_id == "RAFT", "82", "13"))
    left = viewed(flags, replace(bay, permits=raft), seen, position_m=10.0).flags
    assert set(left.flag_id) == set(flags.flag_id[~under])
    assert under.any()
    kinds = viewed(flags, bay, seen, kinds=("redline", "legacy_reclamation")).tables["zones"].kind
    assert set(kinds) <= {"aquaculture_ban"}


@pytest.mark.parametrize("position_m", [10.0, 100.0, 1000.0])
def test_no_place_is_finer_than_allowed(flags, bay, seen, position_m):
    free = replace(bay, zones=bay.zones[bay.zones.kind != "basepoint"])
    view = viewed(flags, free, seen, position_m=position_m)
    wide = view.step * 111_320 * np.cos(np.radians(37.5))
    assert position_m <= wide <= 2.6 * position_m
    for table in (view.flags, *view.tables.values()):
        for shapes in (table.geometry, table["at"]):
            steps = shapes.get_coordinates().to_numpy() / view.step
            assert np.abs(steps - np.round(steps)).max(initial=0) < 1e-6
    # and none is lost for being small
    assert len(view.flags) == len(flags)
    own = flags.set_index("flag_id").to_crs("EPSG:4326").geometry
    for row in view.flags.itertuples():
        assert row.geometry.buffer(view.step).intersects(own[row.flag_id])


# ---- the page


def test_the_page_says_what_it_is_and_names_nobody(flags, bay, seen):
    owned = flags.assign(owner="wh-officer", subject="RAFT", external_id="EXT-1")
    view = viewed(owned, bay, seen)
    text = drawn(view)
    assert NUMBER in block(text, "sw-data-page")["approval"]
    assert word("public_unverified", "zh") in " ".join(notices(text))
    assert word("public_unverified", "zh") not in " ".join(notices(drawn(view, stated=True)))
    for said in (
        "Zhang San",
        "wh-officer",
        "EXT-1",
        "RAFT",
        "Isle",
        "north",
        "form_verdict",
        "export",
    ):
        assert said not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert len(cards(text)) == 3
    hosts = set(re.findall(r"https?://[\w./]+", text))
    assert hosts == {"http://www.w3.org/2000/svg"}
    assert not re.search("amap|tianditu|leafletjs|geo:", text, re.IGNORECASE)


def test_numbers_and_words_of_a_card(flags, bay, seen):
    view = viewed(flags, bay, seen)
    for row in view.flags.itertuples():
        card = cards(drawn(view))[row.flag_id]
        assert card[word("first_seen", "zh")] == f"{row.first_seen:%Y-%m-%d}"
        assert "±" in card[word("position", "zh")]
        assert card[word("basis", "zh")] == row.basis
        assert not {word(k, "zh") for k in ("owner", "holder", "verdict", "record")} & card.keys()


# ---- the leak check


def held_back(flags, bay, **more):
    limits = Limits(NUMBER)
    view = viewed(flags, bay, coverage(bay.crs))
    texts = audience.withheld_texts({"permits": bay.permits, "flags": flags}, limits)
    shown = [*view.flags.flag_id, *view.flags.rule, *view.flags.kind, *view.flags.basis]
    fields = {"texts": texts, "known": shown, "image_m": 10.0, "step": view.step}
    fields["places"] = audience.withheld_places(bay, limits)
    return leaks.Withheld(**{**fields, **more})


def put(text, said):
    """The page with a text where a careless change would put it: into a flag's reason."""
    found = re.search(r'(id="sw-data-flags">)(.*?)(</script>)', text, re.DOTALL)
    data = json.loads(found[2])
    data["reason"] = {"of": [[said]], "at": 0} if isinstance(said, str) else said
    from seawatch.maps.offline import safe_json

    return text.replace(found[0], found[1] + safe_json(data) + found[3])


def searched(flags, bay, text, **more):
    return searching(flags, bay, **more)(text)


def searching(flags, bay, **more):
    view = viewed(flags, bay, coverage(bay.crs))
    blank = html(
        public.draw(
            audience.empty(view),
            {},
            title="Bay",
            issue="2026-W48",
            on=ON,
            bounds=public.around(view),
            limits=Limits(NUMBER),
        )
    )
    withheld = held_back(flags, bay, **more)
    return lambda text: leaks.leaks(text.encode(), blank.encode(), withheld)


def test_a_sound_page_has_no_leak(flags, bay, seen):
    assert searched(flags, bay, drawn(viewed(flags, bay, seen))) == []


def base_point(bay):
    return bay.zones[bay.zones.kind == "basepoint"].to_crs("EPSG:4326").get_coordinates().iloc[0]


LEAKS = [
    ("a holder", lambda bay: "held by ZHANG  San.", "permits.holder"),
    ("a permit", lambda bay: "见 ENDED 号证", "permits.permit_id"),
    ("a mobile", lambda bay: "请电 138 1234 5678", "mobile"),
    ("a wide mobile", lambda bay: "１３８１２３４５６７８", "mobile"),
    ("a landline", lambda bay: "0631-5201234", "telephone"),
    ("a mobile from abroad", lambda bay: "+8613812345678, 86 138-1234-5678", "mobile"),
    ("a mobile with gaps unseen", lambda bay: "138\u200b1234\u200d5678", "mobile"),
    ("a landline in brackets", lambda bay: "（0631）520 1234", "telephone"),
    ("a landline from abroad", lambda bay: "+86 631 5201234", "telephone"),
    ("an identity number with blanks", lambda bay: "371001 19800101 123X", "identity"),
    ("a holder with gaps unseen", lambda bay: "Zh\u200bang San", "permits.holder"),
    ("a mobile as a number", lambda bay: 13812345678, "mobile"),
    ("metres as numbers", lambda bay: [int(X) + 1100, int(Y) + 500], "withheld place"),
    ("metres by name", lambda bay: {"x": X + 1100, "y": Y + 500}, "withheld place"),
    ("an identity number", lambda bay: "证 37100119800101123X", "identity"),
    ("a host", lambda bay: "see https://example.org/x", "host"),
    ("a bare host", lambda bay: "see //example.org/x", "host"),
    ("degrees", lambda bay: "{1:.6f}, {0:.6f}".format(*base_point(bay)), "withheld place"),
    ("few decimals", lambda bay: "{:.4f} {:.4f}".format(*base_point(bay)), "withheld place"),
    (
        "seconds",
        lambda bay: " ".join(
            f"{int(v)}°{int(v * 60 % 60):02d}′{v * 3600 % 60:05.2f}″" for v in base_point(bay)
        ),
        "withheld place",
    ),
    ("metres", lambda bay: f"X={Y + 500:.1f} Y={X + 1100:.1f}", "withheld place"),
]


def test_what_must_not_be_there_is_found(flags, bay, seen):
    text, search = drawn(viewed(flags, bay, seen)), searching(flags, bay)
    for name, said, due in LEAKS:
        assert any(due in found for found in search(put(text, said(bay)))), name


def test_the_check_reads_what_is_packed(flags, bay, seen):
    """Numbers stand apart from the text around them: the bytes alone hold no such name."""
    text = drawn(viewed(flags, bay, seen))
    split = {"of": [["P-", "-", ""]], "at": 0, "with": "2025,0123 2026,0124 2026,0125"}
    found = re.search(r'(id="sw-data-flags">)(.*?)(</script>)', text, re.DOTALL)
    data = {**json.loads(found[2]), "subject": split}
    packed = text.replace(found[2], json.dumps(data))
    assert "P-2026-0124" not in packed
    found = searched(flags, bay, packed, texts={"P-2026-0124": "here"})
    assert found == ["here: 'P-2…' (11 characters)"]


def test_all_that_a_picture_holds_is_searched(flags, bay, seen):
    """The water index, the other days, a pixel's size and what else a careless change adds."""
    chip = page.picture(next(iter(picture(flags, looks=1).values())))
    phone = {"said": "13812345678"}
    for careless in ({"index": chip["index"] | phone}, {"pixel_m": 13812345678}, {"more": phone}):
        held = leaks.Held()
        leaks._walk(chip | careless, "", held)
        assert "13812345678" in held.texts
    assert len(held.pictures) == 5
    assert "look 0" in held.texts


def test_outlines_that_are_too_fine_or_on_withheld_ground_are_found(flags, bay, seen):
    fine = viewed(flags, bay, seen, position_m=1.0)
    assert any("finer than" in found for found in searched(flags, bay, drawn(fine)))
    view = viewed(flags, bay, seen)
    text = drawn(view)
    base = audience.withheld_places(bay, Limits(NUMBER))
    around = view.flags.geometry.iloc[:1].to_crs(bay.crs).buffer(100)
    both = gpd.GeoSeries(pd.concat([base, around]), crs=bay.crs)
    assert any("withheld ground" in found for found in searched(flags, bay, text, places=both))


def test_a_page_altered_outside_its_data_is_found(flags, bay, seen):
    text = drawn(viewed(flags, bay, seen)).replace("</body>", "<!-- Li Si --></body>")
    assert searched(flags, bay, text) == ["the page is altered outside its data"]


# ---- the command

PHONE, IDENTITY = "13812345678", "371001198001011234"


@pytest.fixture(scope="module")
def decided_week(tmp_path_factory):
    """A workspace with one run, its flag's case decided, telephones in every text."""
    space = make_week(tmp_path_factory.mktemp("decided"))
    home = space.project.folder
    permits = gpd.read_file(home / "layers" / "permits.gpkg")
    permits = permits.assign(holder=f"王五 {PHONE}", project_name=IDENTITY, 联系电话=PHONE)
    permits.to_file(home / "layers" / "permits.gpkg", layer="permits")
    islands = gpd.read_file(home / "layers" / "islands.gpkg").assign(name=f"岛{PHONE}")
    islands.to_file(home / "layers" / "islands.gpkg", layer="islands")
    run = sw.open(home).run("2026-11-16")
    space.enter_case(run.flags.flag_id[0], "decided", "2026-11-20", "李四", f"电话 {PHONE}")
    return home


@pytest.fixture
def home(decided_week, tmp_path):
    return shutil.copytree(decided_week, tmp_path / "home")


def allow(home, *lines):
    text = (home / "seawatch.toml").read_text("utf-8")
    said = [f'approval = "{NUMBER}"', *lines]
    (home / "seawatch.toml").write_text("\n".join([text, "[public]", *said]), "utf-8")


def test_no_number_no_map(home, seawatch):
    code, _, said = seawatch("map", home, "--audience", "public")
    assert (code, "审图号" in said, "approval =" in said) == (2, True, True)
    assert not (home / "maps").exists()
    assert seawatch("map", home, "--audience", "press")[0] == 2
    allow(home)
    for option in (("--tiles", "tianditu"), ("--sheets",)):
        assert seawatch("map", home, "--audience", "public", *option)[0] == 2
    assert not (home / "maps").exists()


@pytest.mark.parametrize("line", ['show = ["permits.holder"]', 'withhold_kinds = ["red"]'])
def test_the_settings_widen_nothing(home, line):
    allow(home, line)
    with pytest.raises(UsageError, match="public"):
        sw.open(home)


def test_a_zone_that_is_none_is_no_zone_withheld(home, seawatch):
    allow(home, 'withhold_zones = ["Z-1"]')
    for command, due in ((("map", home, "--audience", "public"), 2), (("check", home), 3)):
        code, said, err = seawatch(*command)
        assert code == due
        for part in ("public.withhold_zones", "'Z-1'", "did you mean 'Z1'?", "zone_id"):
            assert part in said + err
    assert not (home / "maps").exists()


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-5", "0.5", "20000"])
@pytest.mark.parametrize("key", ["position_m", "image_m"])
def test_how_finely_it_is_shown_has_bounds(tmp_path, key, value):
    fields = {"project": {"name": "x", "crs": "EPSG:4549"}, "layers": {"absent": []}}
    public = {"public": {key: float(value)}}
    with pytest.raises(UsageError, match=rf"public\.{key}: .*write metres from 1 to 10?000"):
        settings_from(fields | public, tmp_path)


def test_a_number_that_is_none_is_refused(home):
    allow(home)
    text = (home / "seawatch.toml").read_text("utf-8")
    (home / "seawatch.toml").write_text(text.replace(NUMBER, "TODO"), "utf-8")
    with pytest.raises(UsageError, match="approval number"):
        sw.open(home)


def test_the_public_map_of_a_workspace(home, seawatch):
    allow(home)
    code, said, err = seawatch("map", home, "--audience", "public")
    assert (code, err) == (0, "")
    path = home / said.strip()
    assert path == home / "maps" / "2026-W47" / "public" / "index.html"
    assert [one.name for one in path.parent.iterdir()] == ["index.html"]
    text = path.read_text("utf-8")
    assert len(cards(text)) == 1
    chip = block(text, "sw-chip-0")
    assert chip["pixel_m"] is None
    for secret in (PHONE, IDENTITY, "王五", "李四", "LAWFUL", "Z1", "S2-"):
        assert secret not in text
    assert sorted(one.name for one in (home / "runs" / "2026-W47").glob("*.html")) == [
        "index.html",
        "run.html",
    ]


@pytest.mark.parametrize("verdict", audience.NO_BREACH)
def test_a_visit_that_came_in_since_the_run_counts(home, seawatch, monkeypatch, verdict):
    allow(home)
    (flag_id,) = sw.open(home).runs()[-1].flags.flag_id
    seen = visits((flag_id, "2026-11-18", verdict))
    monkeypatch.setattr(release, "read_visits", lambda project: seen)
    assert seawatch("map", home, "--audience", "public")[0] == 0
    page = home / "maps" / "2026-W47" / "public" / "index.html"
    assert cards(page.read_text("utf-8")) == {}


def test_the_projects_name_is_searched_too(home, seawatch):
    allow(home)
    text = (home / "seawatch.toml").read_text("utf-8")
    named = text.replace('name = "test"', f'name = "王五 {PHONE} 监测"')
    (home / "seawatch.toml").write_text(named, "utf-8")
    code, _, err = seawatch("map", home, "--audience", "public")
    assert code == 1
    assert "permits.holder" in err
    assert "project.name" in err
    assert not list((home / "maps").rglob("*.html"))


def test_what_nobody_can_withhold_is_said(home, seawatch):
    allow(home)
    text = (home / "seawatch.toml").read_text("utf-8")
    text = text.replace('zones = "layers/zones.gpkg"', "").replace(
        "absent = [", 'absent = ["zones", '
    )
    (home / "seawatch.toml").write_text(text, "utf-8")
    code, _, err = seawatch("map", home, "--audience", "public")
    assert code == 0
    assert err.count("note: ") == 1
    assert "zones are absent" in err


def test_no_picture_reaches_withheld_ground(home, seawatch, monkeypatch):
    """A picture of 48 pixels of 60 m reaches the zone; the flag itself lies 700 m off."""
    allow(home, "image_m = 60", "position_m = 10", 'withhold_zones = ["Z1"]')
    assert seawatch("map", home, "--audience", "public")[0] == 0
    page = home / "maps" / "2026-W47" / "public" / "index.html"
    assert len(cards(page.read_text("utf-8"))) == 1
    assert 'id="sw-chip-' not in page.read_text("utf-8")
    monkeypatch.setattr(atlas, "ground_of", lambda bounds, step: shapely.Point(0, 0))
    code, _, err = seawatch("map", home, "--audience", "public")
    assert (code, "a picture of withheld ground" in err) == (1, True)
    assert not page.exists()


def test_a_name_that_is_shown_may_still_not_be_a_telephone(home, seawatch):
    allow(home)
    assert seawatch("map", home, "--audience", "public")[0] == 0
    page = home / "maps" / "2026-W47" / "public" / "index.html"
    assert page.exists()
    (home / "seawatch.toml").write_text(
        (home / "seawatch.toml").read_text("utf-8") + '\nshow = ["islands.name"]', "utf-8"
    )
    code, said, err = seawatch("map", home, "--audience", "public")
    assert (code, said) == (1, "")
    assert "deleted" in err
    assert "mobile" in err
    assert PHONE not in err
    assert list(page.parent.iterdir()) == []  # the older one, made by other limits, went too


def test_a_leak_of_any_withheld_column_deletes_the_page(home, seawatch, monkeypatch):
    allow(home)
    monkeypatch.setattr(public, "_coast", lambda row, language: {"": "王五 等"})
    monkeypatch.setattr(public, "_zone", lambda row, language: {"": f"王五 {PHONE}", "zones": ""})
    code, _, err = seawatch("map", home, "--audience", "public")
    assert code == 1
    assert "permits.holder" in err
    assert not list((home / "maps").rglob("*.html"))


def test_a_leak_in_one_file_takes_the_others_along(home, seawatch, monkeypatch):
    allow(home)
    searched = []

    def found(content, blank, withheld):
        searched.append(content)
        return ["a name"] if len(searched) == 2 else []

    monkeypatch.setattr(leaks, "leaks", found)
    code, _, err = seawatch("map", home, "--audience", "public", "--max-mb", "0.1")
    assert (code, "pictures-01.html: deleted" in err) == (1, True)
    assert b"sw-chip-0" in searched[1]
    assert not list((home / "maps").rglob("*.html"))
