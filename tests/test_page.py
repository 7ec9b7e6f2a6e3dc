"""The offline map in a real browser that has no network, at three sizes."""

import hashlib
import json
import re
import shutil
import struct
import zlib
from html import escape

import esprima
import pages
import pytest
from pages import HOSTILE, ON, SIZES
from test_enrolled import enrol

from seawatch.cli import main
from seawatch.geo import dms
from seawatch.maps import offline, page
from seawatch.maps.page_words import PAGE_WORDS
from seawatch.maps.words import area, word, words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]


@pytest.fixture(scope="session")
def driver():
    if not CHROMIUM:
        pytest.skip("no chromium on this machine: pages are not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(driver):
    running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield running
    running.close()


def watched(tab):
    """What a tab asks for, and what it complains of."""
    asked, said = [], []
    tab.on("request", lambda r: asked.append(r.url))
    tab.on("console", lambda m: said.append(m.text))
    tab.on("pageerror", lambda e: said.append(str(e)))
    tab.on("dialog", lambda d: said.append(d.message))
    return asked, said


def until(tab, expression):
    """Wait in here: what waits in the page evaluates text, and the page's policy forbids that."""
    for _ in range(200):
        if tab.evaluate(f"Boolean({expression})"):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(f"never came true: {expression}")


def visit(tab, path, flag=""):
    tab.goto(path.as_uri() + flag)
    until(tab, "window.seawatch")


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("page") / "index.html"


@pytest.fixture
def drawn(flags, seen, bay, kept):
    """A page of hostile flags on the disk, the same for every test."""
    if kept.exists():
        return kept
    path = kept
    hostile = flags.assign(subject=HOSTILE, owner=HOSTILE)
    chart = pages.draw(
        hostile, seen, bay, ON, title=HOSTILE, chips=pages.picture(flags, looks=4), head="0" * 64
    )
    path.write_text(page.html(chart), "utf-8")
    return path


@pytest.fixture(params=list(SIZES))
def opened(request, browser, drawn):
    touch = request.param != "desk"
    context = browser.new_context(viewport=SIZES[request.param], has_touch=touch, is_mobile=touch)
    tab = context.new_page()
    asked, said = watched(tab)
    visit(tab, drawn)
    yield tab, asked, said, drawn
    context.close()


def compare(tab):
    tab.locator(".sw-item").first.click()
    tab.locator(".sw-button.main").first.click()
    tab.wait_for_selector(".leaflet-sw-before-pane img")


# ---- it opens, and is usable


def test_it_opens_without_a_network_at_every_size(opened, flags):
    tab, asked, said, path = opened
    assert tab.evaluate("seawatch.flags") == len(flags)
    assert tab.locator(".sw-item").count() == len(flags)
    assert tab.locator("#sw-head h1").text_content() == HOSTILE
    compare(tab)
    tab.wait_for_timeout(150)
    assert [u for u in asked if not u.startswith(("data:", "blob:"))] == [path.as_uri()]
    assert said == []
    wide = "document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth"
    assert not tab.evaluate(wide)


OVERLAPS = """() => {
  const all = Array.from(document.querySelectorAll(
    "button, a, select, input:not(.sw-away):not([type=checkbox]):not([type=radio]), summary, label"));
  const box = (n) => n.getBoundingClientRect();
  const seen = all.filter((n) => {
    const b = box(n);
    if (!b.width || !b.height || b.top < 0 || b.bottom > innerHeight) return false;
    const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
    return top && (n === top || n.contains(top) || top.contains(n));
  });
  const bad = [];
  for (const one of seen) for (const other of seen) {
    if (one === other || one.contains(other) || other.contains(one)) continue;
    const a = box(one), b = box(other);
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 1) bad.push([one.textContent || one.id, other.textContent || other.id]);
  }
  return bad;
}"""
NAMELESS = """() => Array.from(document.querySelectorAll("button, a, select, input, textarea"))
  .filter((n) => !(n.textContent.trim() || n.getAttribute("aria-label") || n.closest("label")))
  .map((n) => n.outerHTML)"""
SMALL = """(least) => Array.from(document.querySelectorAll("button, a, select, summary, #sw-switches label"))
  .filter((n) => { const b = n.getBoundingClientRect(); return b.width && (b.height < least || b.width < least); })
  .map((n) => n.outerHTML.slice(0, 120))"""


def test_controls_are_large_named_and_do_not_overlap(opened):
    tab, *_ = opened
    tab.locator("#sw-tools button").first.click()
    least = 33.5 if tab.viewport_size["width"] > 1000 else 43.5
    for step in (lambda: None, lambda: tab.locator(".sw-item").first.click(), lambda: compare(tab)):
        tab.evaluate("location.hash = ''")
        if tab.locator(".sw-link").count():
            tab.locator(".sw-link").click()
        step()
        assert tab.evaluate(NAMELESS) == []
        assert tab.evaluate(SMALL, least) == []
        assert tab.evaluate(OVERLAPS) == []


CONTRAST = """() => {
  const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
  const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (n) => {
    for (; n; n = n.parentElement) {
      const c = colour(getComputedStyle(n).backgroundColor);
      if (c.length < 4 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const n of document.querySelectorAll("#sw-sheet *, #sw-layers *, .sw-press, #sw-swipe *")) {
    if (!n.getClientRects().length || !Array.from(n.childNodes).some((c) => c.nodeType === 3 && c.data.trim())) continue;
    const a = light(colour(getComputedStyle(n).color)), b = light(ground(n));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push([n.textContent.slice(0, 30), n.className, ratio.toFixed(2)]);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(browser, drawn, scheme):
    with browser.new_context(viewport=SIZES["desk"], color_scheme=scheme) as context:
        tab = context.new_page()
        visit(tab, drawn)
        assert tab.evaluate("document.documentElement.dataset.theme") == scheme
        assert tab.evaluate(CONTRAST) == []
        compare(tab)
        tab.locator("#sw-form > summary").click()
        assert tab.evaluate(CONTRAST) == []
        tab.locator("#sw-form .sw-button.main").click()
        tab.wait_for_selector("#sw-key")
        assert tab.evaluate(CONTRAST) == []


def test_every_layer_can_be_switched(browser, drawn, bay):
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, drawn)
        boxes = tab.locator("#sw-switches input")
        assert boxes.count() == 13
        tab.evaluate("seawatch.map.setZoom(15, {animate: false})")
        there = 0
        for n in range(boxes.count()):
            box = boxes.nth(n)
            name = box.get_attribute("data-layer")
            pixels = []
            for state in (True, False):
                box.set_checked(state)
                tab.evaluate("() => new Promise(requestAnimationFrame)")
                pixels.append(
                    tab.evaluate(
                        f"[seawatch.drawn['{name}'], document.querySelector('.sw-canvas').toDataURL()]"
                    )
                )
            assert pixels[1][0] == 0
            there += pixels[0][0] > 0
            assert (pixels[0][0] > 0) == (pixels[0][1] != pixels[1][1]), name
            box.set_checked(True)
        assert there >= 8


def test_flags_are_found_by_number_place_officer_and_filter(browser, flags, seen, bay, tmp_path):
    path = tmp_path / "index.html"
    owned = flags.assign(owner=["wh-7", None, None], subject=[None, "RAFT", None])
    owned["status"] = ["new", "open", "cleared"]
    path.write_text(page.html(pages.draw(owned, seen, bay, ON, chips={})), "utf-8")
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, path, "#" + flags.flag_id[1])
        assert flags.flag_id[1] in tab.locator(".sw-card").inner_text()
        tab.locator(".sw-link").click()

        def listed(text):
            tab.fill("#sw-find", text)
            tab.wait_for_timeout(200)
            rows = tab.locator(".sw-item").all_inner_texts()
            return [f for f in flags.flag_id if any(f in row for row in rows)], rows

        assert listed(flags.flag_id[0].lower())[0] == [flags.flag_id[0]]
        assert listed("WH-7")[0] == [flags.flag_id[0]]
        assert listed("zhang")[0] == [flags.flag_id[1]]
        found, rows = listed("north")
        assert not found
        assert any("north" in row for row in rows)
        assert listed("no such thing")[1] == []
        assert len(listed("")[0]) == 3
        tab.locator("#sw-tools button").first.click()
        tab.locator("[data-filter=status]").select_option("open")
        assert tab.locator(".sw-item").count() == 1
        tab.locator("[data-filter=fresh]").check()
        assert tab.locator(".sw-item").count() == 0
        tab.locator("#sw-filters button").click()
        assert tab.locator(".sw-item").count() == 3
        tab.locator("[data-filter=owner]").select_option(label=word("unowned", "zh"))
        assert tab.locator(".sw-item").count() == 2


def test_what_lies_under_a_finger_is_told(browser, drawn, flags):
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, drawn)
        at = "(lat, lon) => { const p = seawatch.map.latLngToContainerPoint([lat, lon]), b = seawatch.map.getContainer().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; }"
        tab.evaluate("seawatch.map.setZoom(15, {animate: false})")
        permit = pages.at(120, 220, 130, 230)  # inside FILL
        for shape, said in ((flags.geometry[0], flags.flag_id[0]), (permit, "FILL")):
            import geopandas as gpd

            point = (
                gpd.GeoSeries([shape], crs=flags.crs).to_crs("EPSG:4326")[0].representative_point()
            )
            x, y = tab.evaluate(f"([lat, lon]) => ({at})(lat, lon)", [point.y, point.x])
            tab.mouse.click(x, y)
            assert said in tab.locator(".sw-card").text_content()
            assert dms(point.y)[:5] in tab.locator("#sw-cursor").text_content()
            tab.locator(".sw-link").click()
            tab.evaluate("seawatch.map.setZoom(15, {animate: false})")


def test_every_number_on_a_card_is_the_geopackages(browser, bureau):
    """The page of a run beside the file of that run."""
    import geopandas as gpd

    (run,) = bureau.runs()
    rows = gpd.read_file(run.folder / "flags.gpkg", layer="flags")
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, run.folder / "index.html")
        for row in rows.itertuples():
            tab.evaluate(f"seawatch.open('{row.flag_id}')")
            said = {
                line[0]: line[1]
                for line in tab.locator(".sw-card tr").evaluate_all(
                    "all => all.map(r => [r.cells[0].textContent, r.cells[1].textContent])"
                )
            }
            numbers = json.loads(row.numbers)
            point = run.flags.set_index("flag_id").to_crs("EPSG:4326").geometry[row.flag_id]
            point = point.representative_point()
            due = {
                "no": row.flag_id,
                "excess": area(row.excess_m2, "zh", numbers["excess_sigma_m2"]),
                "area": area(row.area_m2, "zh", row.area_sigma_m2),
                "tolerance": f"± {numbers['tolerance_m']:.1f} m (k = 2)",
                "first_seen": str(row.first_seen)[:10],
                "last_seen": str(row.last_seen)[:10],
                "confidence": f"{row.confidence:.2f}",
                "priority": word(f"priority_{row.priority}", "zh"),
                "basis": row.basis,
                "position": f"{dms(round(point.y, 7))}  {dms(round(point.x, 7), 'EW')}",
            }
            assert {key: said[word(key, "zh")] for key in due} == due
            assert row.reason in tab.locator(".sw-reason").text_content()
        assert len(rows)


def test_in_a_notebook_the_map_shows_itself(browser, flags, seen, bay, tmp_path):
    chart = pages.draw(flags, seen, bay, ON)
    for frame in (
        chart._repr_html_(),
        f'<iframe width="900" height="600" sandbox="allow-scripts" srcdoc="{escape(page.html(chart))}"></iframe>',
    ):
        path = tmp_path / "notebook.html"
        path.write_text(f"<!doctype html><meta charset=utf-8>{frame}", "utf-8")
        with browser.new_context() as context:
            tab = context.new_page()
            asked, said = watched(tab)
            tab.goto(path.as_uri())
            inner = tab.frames[1]
            inner.locator(".sw-item").first.click()
            assert flags.flag_id[0][:8] in inner.locator(".sw-card").inner_text()
            assert said == []
            assert [u for u in asked if not u.startswith(("data:", "blob:", "about:"))] == [
                path.as_uri()
            ]


def test_tiles_come_from_one_host_with_a_key_that_is_not_kept(browser, flags, seen, bay, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(page.html(pages.draw(flags, seen, bay, ON, tiles="tianditu")), "utf-8")
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        asked, _ = watched(tab)
        visit(tab, path)
        assert asked == [path.as_uri()]
        tab.locator("#sw-tiles input").fill("k&1")
        tab.locator("#sw-tiles button").nth(1).click()
        tab.wait_for_timeout(300)
        tiles = asked[1:]
        assert tiles
        assert all(re.match(r"https://t[0-7]\.tianditu\.gov\.cn/(img|cia)_w/", u) for u in tiles)
        assert all("tk=k%261" in u for u in tiles)
        visit(tab, path)
        assert tab.locator("#sw-tiles input").input_value() == ""
        assert "k&1" not in tab.evaluate(
            "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
        )


# ---- before and after

PANE = "getComputedStyle(document.querySelector('.leaflet-sw-after-pane')).clip"


def test_the_divider_moves_by_hand_and_by_key(opened):
    tab, *_ = opened
    compare(tab)
    grip = tab.locator("#sw-swipe .grip")
    before = tab.evaluate(PANE)
    grip.focus()
    tab.keyboard.press("ArrowLeft")
    keyed = tab.evaluate(PANE)
    assert keyed != before
    assert int(grip.get_attribute("aria-valuenow")) == 47
    box = grip.bounding_box()
    x, y = box["x"] + 24, box["y"] + 24
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 66, y)
    tab.mouse.up()
    moused = tab.evaluate(PANE)
    assert moused != keyed
    touch = tab.context.new_cdp_session(tab)
    for kind, points in (
        ("touchStart", [{"x": x + 66, "y": y}]),
        ("touchMove", [{"x": x - 40, "y": y}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    if tab.viewport_size["width"] < 1000:
        assert tab.evaluate(PANE) != moused
    shown = "all => all.map(i => i.complete && i.naturalWidth > 0)"
    assert tab.locator(".leaflet-sw-before-pane img").evaluate_all(shown) == [True]
    assert tab.locator("#sw-swipe .series img").evaluate_all(shown) == [True] * 4


def test_each_side_says_its_scene_and_the_two_can_blink(browser, drawn, flags):
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, drawn)
        compare(tab)
        left, right = tab.locator("#sw-swipe .side").all_inner_texts()
        for said in ("2025-11-20 10:50", "Sentinel-2", "+0.60 m", "± 4 m", "10 m"):
            assert said in left
        assert "2026-11-20" in right
        assert word("side_tide", "zh") not in right
        blink, index, outline, _ = tab.locator("#sw-swipe .tools button").all()
        pictures = "[...document.querySelectorAll('[class*=sw-pixels]')].map(i => i.src).join()"
        coloured = tab.evaluate(pictures)
        index.click()
        assert tab.evaluate(pictures) != coloured
        for side in tab.locator("#sw-swipe .side").all_inner_texts():
            assert "MNDWI = (green − swir16) / (green + swir16)" in side
            assert "±0.6" in side
        index.click()
        assert tab.evaluate(pictures) == coloured
        assert "MNDWI" not in tab.locator("#sw-swipe .side").first.inner_text()
        lined = tab.evaluate("document.querySelector('.sw-canvas').toDataURL()")
        outline.click()
        tab.evaluate("() => new Promise(requestAnimationFrame)")
        assert tab.evaluate("document.querySelector('.sw-canvas').toDataURL()") != lined
        blink.click()
        until(tab, "document.querySelector('#sw-swipe .side.off')")
        first = tab.evaluate(PANE)
        until(tab, f"{PANE} !== '{first}'")
        corners = tab.evaluate(
            """() => { const i = document.querySelector('.leaflet-sw-after-pane img').getBoundingClientRect();
              const c = seawatch.map.getContainer().getBoundingClientRect();
              const b = JSON.parse(document.getElementById('sw-chip-0').textContent).bounds;
              const p = seawatch.map.latLngToContainerPoint([b[3], b[0]]), q = seawatch.map.latLngToContainerPoint([b[1], b[2]]);
              return [i.left - c.left - p.x, i.top - c.top - p.y, i.right - c.left - q.x, i.bottom - c.top - q.y]; }"""
        )
        assert max(map(abs, corners)) <= 1.0


# ---- the field form


def png(side=40):
    """A picture that a phone might have taken, made here."""
    rows = b"".join(b"\0" + bytes((n * 5 % 256, 90, 160)) * side for n in range(side))

    def chunk(kind, content):
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def fill_in(tab, flag_id, remark):
    tab.evaluate(f"seawatch.open('{flag_id}')")
    tab.locator("#sw-form > summary").click()
    tab.locator("#sw-form input[value=false_change]").check()
    tab.locator("[name=cause]").select_option("tide")
    tab.locator("[name=by]").fill("wh-01")
    tab.locator("[name=visited_at]").fill("2026-11-18T10:30")
    tab.locator("[name=remark]").fill(remark)
    tab.locator("[name=remark]").blur()


def run(capsys, *arguments):
    import sys
    from unittest.mock import patch

    with (
        patch.object(sys, "argv", ["seawatch", *map(str, arguments)]),
        pytest.raises(SystemExit) as left,
    ):
        main()
    return left.value.code, "".join(capsys.readouterr())


def test_a_visit_is_kept_through_a_restart_exported_and_imported(driver, bureau, tmp_path, capsys):
    (week,) = bureau.runs()
    flag_id, path = week.flags.flag_id[0], week.folder / "index.html"
    remark = "潮水退后露滩 {{7*7}} \u202e <b> 1e-7\nline two 😀"
    photo = tmp_path / "现场 1.png"
    photo.write_bytes(png())
    place = {"longitude": 122.1234567, "latitude": 37.5, "accuracy": 6.25}

    def launch():
        return driver.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            viewport=SIZES["phone"],
            geolocation=place,
            permissions=["geolocation"],
            accept_downloads=True,
            timezone_id="Asia/Shanghai",
        )

    with launch() as context:
        tab = context.pages[0]
        visit(tab, path)
        fill_in(tab, flag_id, remark)
        tab.locator("#sw-form .sw-buttons button").first.click()
        until(tab, "document.querySelector('#sw-form').textContent.includes('± 6')")
        tab.set_input_files("[name=photos]", photo)
        tab.wait_for_selector(".sw-photos img")
        until(tab, "document.querySelector('.sw-state').textContent.match(/\\d\\d:\\d\\d/)")
        tab.locator("#sw-form .sw-form").evaluate("n => n.querySelectorAll('button').length")
    with launch() as context:
        tab = context.pages[0]
        asked, said = watched(tab)
        visit(tab, path)
        assert word("form_draft", "zh") in tab.locator(".sw-item").first.inner_text()
        tab.locator("#sw-tools button").nth(1).click()
        assert word("proof_no_key", "zh") in tab.locator(".sw-card").inner_text()
        left = word("export_count", "zh")
        assert left.format(filled=1, fresh=1) in tab.locator(".sw-card").inner_text()
        tab.locator("#sw-key").click()
        until(tab, "document.querySelector('#sw-text').value.includes('signature')")
        assert word("proof_unenrolled", "zh")[:5] in tab.locator(".sw-card").inner_text()
        tab.locator(".sw-card .sw-button", has_text=word("key_copy", "zh")).click()
        key = tab.locator("#sw-said").inner_text().split()[-1]
        text = tab.locator("#sw-text").input_value()
        with tab.expect_download() as coming:
            tab.locator("#sw-download").click()
        exported = tmp_path / "visits.json"
        coming.value.save_as(exported)
        until(tab, f"document.body.textContent.includes('{left.format(filled=1, fresh=0)}')")
        with tab.expect_download() as coming:
            tab.locator(".sw-card .sw-button", has_text="照片副本").click()
        small = tmp_path / coming.value.suggested_filename
        coming.value.save_as(small)
        assert said == []
        assert [u for u in asked if not u.startswith(("data:", "blob:"))] == [path.as_uri()]

    assert text == exported.read_text("utf-8")
    assert text.isascii()
    whole = json.loads(text)
    (found,) = whole["visits"]
    assert found["visited_at"] == "2026-11-18T10:30:00+08:00"
    assert found["position"] == {"lon": 122.1234567, "lat": 37.5, "accuracy_m": 6.3}
    assert found["photos"][0]["sha256"] == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert found["photos"][1]["sha256"] == hashlib.sha256(small.read_bytes()).hexdigest()

    tampered = tmp_path / "tampered.json"
    tampered.write_text(text.replace('"cause": "tide"', '"cause": "ship"'), "utf-8")
    code, said = run(capsys, "visits", "import", tampered, "--into", bureau.project.folder)
    assert (code, "checksum" in said) == (3, True)
    code, said = run(capsys, "visits", "import", exported, "--into", bureau.project.folder)
    assert code in (0, None), said
    from seawatch.io.visits import read_visits

    (row,) = read_visits(bureau.project).itertuples()
    assert (row.flag_id, row.verdict, row.cause, row.by) == (
        flag_id,
        "false_change",
        "tide",
        "wh-01",
    )
    assert row.remark == remark.replace("\u202e", "\ufffd")
    copied = tmp_path / "copied.txt"
    copied.write_text(text, "utf-8")
    code, said = run(capsys, "visits", "import", copied, "--into", bureau.project.folder)
    assert code in (0, None), said
    assert len(read_visits(bureau.project)) == 1  # the same visit, known already
    assert list(read_visits(bureau.project).proof) == ["checksum only"]
    enrolled = enrol(bureau, ("wh-01", key))
    code, said = run(capsys, "visits", "import", exported, "--into", bureau.project.folder)
    assert code in (0, None), said
    assert list(read_visits(enrolled.project).proof) == ["signed"]  # by the browser's own crypto


BARE = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });
Object.defineProperty(navigator, "geolocation", { value: undefined });
Object.defineProperty(window.crypto, "subtle", { value: undefined });
Object.defineProperty(navigator, "userAgent", { value: "Mozilla/5.0 MicroMessenger/8.0" });
"""


def test_a_viewer_that_lacks_everything_says_so_and_gives_a_text(browser, bureau, tmp_path, capsys):
    (week,) = bureau.runs()
    flag_id = week.flags.flag_id[0]
    with browser.new_context(viewport=SIZES["phone"]) as context:
        context.add_init_script(BARE)
        tab = context.new_page()
        _, said = watched(tab)
        visit(tab, week.folder / "index.html")
        fill_in(tab, flag_id, "人到未能靠近")
        assert "SecurityError" in tab.locator(".sw-state").inner_text()
        tab.locator("#sw-form .sw-buttons button").first.click()
        assert word("locate_none", "zh") in tab.locator("#sw-form").inner_text()
        tab.locator("#sw-tools button").nth(1).click()
        told = tab.locator(".sw-card").inner_text()
        for key in ("export_no_download", "proof_unable", "export_text"):
            assert word(key, "zh") in told
        text = tab.locator("#sw-text").input_value()
        assert said == []
    path = tmp_path / "copied.json"
    path.write_text(text, "gbk")
    code, said = run(capsys, "visits", "import", path, "--into", bureau.project.folder)
    assert code in (0, None), said


def test_a_full_device_is_said_in_words(browser, drawn, flags):
    full = """IDBObjectStore.prototype.put = function () {
      const t = this.transaction; t.abort();
      Object.defineProperty(t, "error", { value: new DOMException("full", "QuotaExceededError") }); return {}; };"""
    with browser.new_context(viewport=SIZES["phone"]) as context:
        context.add_init_script(full)
        tab = context.new_page()
        visit(tab, drawn)
        fill_in(tab, flags.flag_id[0], "x")
        tab.wait_for_selector(".sw-state.bad")
        assert tab.locator(".sw-state").inner_text() == word("form_full", "zh")


def test_what_is_no_visit_yet_is_named_and_not_exported(browser, drawn, flags):
    with browser.new_context(viewport=SIZES["desk"]) as context:
        tab = context.new_page()
        visit(tab, drawn)
        fill_in(tab, flags.flag_id[0], "x")
        tab.locator("[name=by]").fill("two words")
        tab.locator("[name=visited_at]").fill("2090-01-01T10:00")
        tab.locator("[name=visited_at]").blur()
        tab.locator("#sw-tools button").nth(1).click()
        said = tab.locator(".sw-card").inner_text()
        assert word("fault_by", "zh") in said
        assert word("fault_at", "zh") in said
        assert tab.locator("#sw-text").count() == 0


def test_checksums_are_pythons(browser, drawn):
    from seawatch.io.strict import canonical

    values = [
        0,
        -0.0,
        1.5,
        1e-7,
        123456789.25,
        1e21,
        122.1234567,
        'é\u2028"\\\n\x7f😀',
        [{"b": 1, "a": None}],
    ]
    with browser.new_context() as context:
        tab = context.new_page()
        visit(tab, drawn)
        for value in values:
            due = canonical({"v": value})
            assert tab.evaluate("v => seawatch.canonical({v})", value).encode() == due
        for size in (0, 1, 55, 56, 63, 64, 65, 1000):
            content = bytes(n * 7 % 256 for n in range(size))
            got = tab.evaluate("b => seawatch.sha256Here(Uint8Array.from(b))", list(content))
            assert got == hashlib.sha256(content).hexdigest()


# ---- an old browser


def parsed(text):
    """Nothing where a text is ES2017; else what is newer in it."""
    tree = esprima.parseScript(f"async function all() {{{text}\n}}").toDict()
    kept = [tree]
    while kept:
        node = kept.pop()
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        kept.extend(inner)
        if isinstance(node, dict) and node.get("type") in ("ObjectExpression", "ObjectPattern"):
            spread = [p for p in node["properties"] if p["type"] != "Property"]
            if spread:
                raise esprima.Error("an object is spread: ES2018")


@pytest.mark.parametrize("name", sorted({*offline.OFFICE.scripts, *offline.PUBLIC.scripts}))
def test_the_script_is_es2017(name):
    """Chromium 78 parses it: ES2017 has no ?. ?? ||= #private nor object spread."""
    text = offline.asset(name)
    parsed(text)
    newer = r"\.(at|replaceAll|flat|flatMap|matchAll|allSettled|fromEntries|hasOwn|toSorted|findLast)\(|structuredClone|globalThis|BigInt"
    assert not re.search(newer, text)


@pytest.mark.parametrize("newer", ["a?.b", "a ?? b", "a ||= b", "class A { #b = 1 }", "f({...a})"])
def test_what_is_newer_would_be_noticed(newer):
    with pytest.raises(esprima.Error):
        parsed(newer)


def test_every_word_the_script_says_is_there_in_both_languages():
    text = offline.OFFICE.script()
    said = set(re.findall(r"\bwords\.([a-z]\w*)", text))
    assert len(said) > 90
    for language in ("zh", "en"):
        known = words(language)
        assert said <= known.keys()
        assert all(known[name] for name in said)
    holes = r"\{(\w+)\}"
    for key, (zh, en) in PAGE_WORDS.items():
        assert (word(key, "zh"), word(key, "en")) == (zh, en)  # no other word goes by its name
        assert sorted(re.findall(holes, zh)) == sorted(re.findall(holes, en))


def test_the_map_is_drawn_again_within_a_limit_and_never_over_shifted_tiles(bureau, capsys):
    home = bureau.project.folder
    code, said = run(capsys, "map", home, "--tiles", "amap")
    assert (code, "GCJ-02" in said) == (2, True)
    assert not (home / "maps").exists()
    code, said = run(capsys, "map", home, "--max-mb", "0.1")
    index = home / said.strip().splitlines()[-1]
    part = index.with_name("pictures-01.html")
    assert 'id="sw-chip-0"' in part.read_text("utf-8")
    assert 'id="sw-chip-0"' not in index.read_text("utf-8")
    assert "pictures-01.html" in " ".join(pages.notices(index.read_text("utf-8")))
    run(capsys, "map", home)
    assert 'id="sw-chip-0"' in index.read_text("utf-8")
    assert not part.exists()
