"""The offline map, also in a browser that has no network."""

import hashlib
import json
import re
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from conftest import at, changes_of
from seawatch.flags import follow
from seawatch.liability import Jurisdiction, with_liability
from seawatch.maps import chips, offline, page, words
from seawatch.rules import RULES, judge
from seawatch.tables import CHANGE_KINDS, COVERAGE, LEVELS, SEGMENT_KINDS, STATUSES, VERDICTS

ON = date(2026, 11, 23)
HOSTILE = "{{7*7}}{% raw %}{# </script><img src=x onerror=alert(1)>`${1}\u2028'\"&<b>"


@pytest.fixture
def seen(bay):
    import geopandas as gpd

    return COVERAGE.check(
        gpd.GeoDataFrame(
            {
                "seen": ["yes", "no"],
                "why": ["clear", "masked"],
                "before": pd.Timestamp("2025-11-20", tz="UTC"),
                "after": pd.Timestamp("2026-11-20", tz="UTC"),
                "area_m2": 1.0,
            },
            geometry=[at(0, 0, 1000, 900), at(0, 900, 1000, 1000)],
            crs=bay.crs,
        )
    )


@pytest.fixture
def flags(bay, seen):
    changes = changes_of(
        ("land_gained", at(300, 450, 360, 510)),
        ("raft", at(450, 250, 620, 340)),
        ("vegetation_lost", at(250, 650, 290, 700)),
    )
    found = words.with_words(judge(changes, bay, ON), "zh")
    return follow(follow(found.iloc[:0].pipe(as_flags), found, seen, ON), found, seen, ON)


def as_flags(findings):
    from seawatch.tables import FLAGS

    return FLAGS.empty(findings.crs)


def picture(flags):
    rng = np.random.default_rng(0)
    made = {}
    for flag in flags.itertuples():
        bounds, size = chips.frame(flag.geometry, flags.crs, 10.0)
        one, two = (rng.uniform(0, 0.2, (3, *size)).astype("float32") for _ in range(2))
        one[:, :10] = np.nan
        made[flag.flag_id] = chips.chip(one, two, bounds, "2025-11-20 10:50", "2026-11-20 10:50")
    return made


def draw(flags, seen, bay, **more):
    options = {"title": "Bay", "issue": "2026-W48", "on": ON, "language": "zh", **more}
    return page.draw(flags, seen, bay, picture(flags), **options)


def block(text, name):
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', text, re.DOTALL)[1])


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
    for language, suspected in (("zh", "疑似"), ("en", "uspected")):
        found = words.with_words(judge(changes_of(*where), bay, ON), language)
        assert len(found) == 2
        assert found.reason.str.contains(suspected).all()
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
        rows = {row[0]: row[1] for row in block(text, "sw-data-flags")[0]["rows"]}
        assert all(part in rows[laws[0]] for part in laws[1:])
        assert all(part in rows[costs[0]] for part in costs[1:])
        areas = [key for key in rows if "±" in key]
        assert len(areas) == 2
        assert all("±" in rows[key] for key in areas)


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


def test_holders_are_not_in_the_page(flags, seen, bay):
    assert "Zhang San" in set(bay.permits.holder)
    assert "Zhang San" not in page.html(draw(flags, seen, bay))


def test_hostile_text_stays_text(flags, seen, bay):
    hostile = flags.assign(subject=HOSTILE, external_id=HOSTILE, before_scene=HOSTILE)
    text = page.html(draw(hostile, seen, bay, title=HOSTILE, skipped=[HOSTILE]))
    assert "<img" not in text
    assert "{{7*7}}" not in text
    for flag in block(text, "sw-data-flags"):
        assert any(HOSTILE in value for _, value in flag["rows"])
    assert block(text, "sw-data-page")["title"] == HOSTILE


def notices(text):
    return [n["text"] for n in block(text, "sw-data-page")["notices"]]


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


# ---- the page in a browser


@pytest.fixture(scope="session")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no chromium on this machine: pages are not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
        running = driver.chromium.launch(executable_path=found, args=arguments)
        yield running
        running.close()


SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(params=list(SIZES))
def opened(request, browser, flags, seen, bay, tmp_path):
    """A page of hostile flags, opened from disk; with what it asked for and complained of."""
    path = tmp_path / "index.html"
    hostile = flags.assign(subject=HOSTILE)
    draw(hostile, seen, bay, title=HOSTILE).save(str(path))
    phone = request.param == "phone"
    context = browser.new_context(viewport=SIZES[request.param], has_touch=phone, is_mobile=phone)
    tab = context.new_page()
    asked, said = [], []
    tab.on("request", lambda r: asked.append(r.url))
    tab.on("console", lambda m: said.append(m.text))
    tab.on("pageerror", lambda e: said.append(str(e)))
    tab.on("dialog", lambda d: said.append(d.message))
    tab.goto(path.as_uri())
    tab.wait_for_function("window.seawatch")
    yield tab, asked, said, path
    context.close()


def test_the_page_opens_without_a_network(opened, flags):
    tab, asked, said, path = opened
    assert tab.evaluate("seawatch.flags") == len(flags)
    assert tab.locator(".sw-item").count() == len(flags)
    tab.locator(".sw-item").first.click()
    tab.locator(".sw-button.main").click()
    tab.wait_for_timeout(200)
    assert [u for u in asked if not u.startswith(("data:", "blob:"))] == [path.as_uri()]
    assert said == []
    assert tab.locator("#sw-head h1").text_content() == HOSTILE


def test_the_card_says_why_since_when_and_what_to_check(opened):
    tab, *_ = opened
    tab.locator(".sw-item").first.click()
    card = tab.locator(".sw-card").inner_text()
    for said in (
        "疑似",
        "2025-11-20",
        "2026-11-20",
        "现场核查要点",
        "±",
        "37°",
        "121°",
        "海域使用管理法",
    ):
        assert said in card
    assert HOSTILE in tab.locator(".sw-card").text_content()


def test_the_divider_moves_by_hand_and_by_key(opened):
    tab, *_ = opened
    tab.locator(".sw-item").first.click()
    tab.locator(".sw-button.main").click()
    pane = "getComputedStyle(document.querySelector('.leaflet-sw-after-pane')).clip"
    grip = tab.locator("#sw-swipe .grip")
    before = tab.evaluate(pane)
    grip.focus()
    tab.keyboard.press("ArrowLeft")
    keyed = tab.evaluate(pane)
    assert keyed != before
    box = grip.bounding_box()
    tab.mouse.move(box["x"] + 24, box["y"] + 24)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 90, box["y"] + 24)
    tab.mouse.up()
    assert tab.evaluate(pane) != keyed
    overlays = tab.locator(".leaflet-sw-before-pane img").evaluate_all(
        "all => all.map(i => i.complete && i.naturalWidth > 0)"
    )
    assert overlays == [True]


def test_layers_can_be_switched_off(opened):
    tab, *_ = opened
    panel = tab.locator("#sw-layers")
    if "folded" in (panel.get_attribute("class") or ""):
        panel.locator("button").first.click()
    box = tab.locator("input[data-layer=coast_natural]")
    assert box.is_checked()
    layers = "Object.keys(seawatch.map._layers).length"
    count = tab.evaluate(layers)
    box.uncheck()
    assert tab.evaluate(layers) < count


def test_buttons_are_large_enough_for_a_thumb(opened):
    tab, *_ = opened
    tab.locator(".sw-item").first.click()
    for button in tab.locator(".sw-card button, .sw-card a").all():
        assert button.bounding_box()["height"] >= 43.5
