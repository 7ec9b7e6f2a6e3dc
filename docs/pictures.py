"""Make the README's pictures from the demo: `uv run python docs/pictures.py [DEMO]`.

DEMO is a folder that `seawatch demo` has built; without one it is built anew, which takes a
minute. Needs the system's Chromium, poppler-utils and a Chinese font. Same demo, same browser,
same pictures.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import seawatch
from seawatch.lab.demo import run_demo
from seawatch.maps.words import rule_word

HERE = Path(__file__).parent
DESK, PHONE = (1366, 768), (390, 760)
COLOURS = 96  # of the palette: maps and text need no more
RULE = rule_word("fill_no_permit", "title", "zh")


def the_map(tab: Page) -> None:
    """The list and the map, as the page opens."""


def a_flag(tab: Page) -> None:
    """The card of a fill."""
    tab.locator(".sw-item", has_text=RULE).last.click()
    tab.locator("#sw-grip").click()


def before_and_after(tab: Page) -> None:
    """Its pictures side by side, the divider between them."""
    tab.locator(".sw-item", has_text=RULE).last.click()
    tab.locator(".sw-button.main").first.click()
    tab.wait_for_selector(".leaflet-sw-before-pane img")
    tab.locator("#sw-swipe .grip").focus()
    for _ in range(6):
        tab.keyboard.press("ArrowLeft")


def the_form(tab: Page) -> None:
    """The form that is filled in at the place."""
    a_flag(tab)
    tab.locator("#sw-form summary").click()
    tab.locator("#sw-form").evaluate("form => form.scrollIntoView()")


PAGES: dict[str, tuple[tuple[int, int], Callable[[Page], None]]] = {
    "map.png": (DESK, the_map),
    "flag.png": (PHONE, a_flag),
    "compare.png": (PHONE, before_and_after),
    "form.png": (PHONE, the_form),
}
SHEET = "sheet.png"
PICTURES = (*PAGES, SHEET)
"""Everything that the README shows."""


def main(demo: Path) -> None:
    """Draw every picture anew into this folder."""
    page = seawatch.open(demo).redraw(language="zh", sheets=True)
    for name, content in {**_pages(page), SHEET: _sheet(page.parent / "sheets")}.items():
        picture = Image.open(BytesIO(content)).convert("RGB")
        small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(HERE / name, optimize=True)
        print(HERE / name, (HERE / name).stat().st_size)


def _pages(page: Path) -> dict[str, bytes]:
    """The map at each size and in each state, as PNG."""
    drawn = {}
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, ((wide, high), prepare) in PAGES.items():
            size = {"width": wide, "height": high}
            tab = browser.new_page(viewport=size, color_scheme="light", device_scale_factor=1)
            tab.goto(page.as_uri())
            tab.wait_for_selector(".sw-item")
            prepare(tab)
            tab.wait_for_timeout(700)
            drawn[name] = tab.screenshot()
            tab.close()
        browser.close()
    return drawn


def _sheet(folder: Path) -> bytes:
    """The first page of the first sheet, as PNG."""
    first = min(folder.glob("*.pdf"))
    command = ["pdftoppm", "-png", "-r", "66", "-f", "1", "-l", "1", str(first)]
    return subprocess.run(command, capture_output=True, check=True).stdout


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            run_demo(Path(folder) / "demo", seed=1, language="zh", progress=lambda step: None)
            main(Path(folder) / "demo")
