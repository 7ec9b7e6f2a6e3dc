"""A folium page that needs no network and never runs data.

folium (through branca) renders text it has rendered before a second time, as a template;
so nothing that comes from data goes near it. The page is rendered from our own constants
alone; the Content-Security-Policy names the digests of those constants; only then are the
data put in, as JSON that cannot end its own element.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import folium
from branca.element import Element, Figure

ASSETS = files(__package__) / "assets"
VENDORED = {
    # leaflet 1.9.3, BSD-2-Clause, the version folium 0.20 builds its maps for
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
}
"""sha256 of each asset that is not ours."""

# links of its makers, in comments and in what we leave out; not the name of SVG's namespace
_HOST = re.compile(r"https?://(?!www\.w3\.org)[^\s\"'<>)]+")

_SHOWS = ("data.js", "draw.js", "sheet.js", "compare.js", "device.js")
_OFFICE = ("office.js", "record.js", "store.js", "form.js", "export.js")


@dataclass(frozen=True)
class Parts:
    """What a page is made of: its styles, and its script, part by part.

    Together the parts are one function, and share its names. nameless : whether no host may
    be named, not even of those who made what is vendored.
    """

    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    nameless: bool = False

    def script(self) -> str:
        """The page's whole script: one function of the map."""
        parts = "\n".join(asset(name) for name in self.scripts)
        return f'function seawatchPage(map) {{\n"use strict";\n{parts}\n}}'

    def vendored(self, name: str) -> str:
        """The text of an asset that is not ours."""
        return _HOST.sub("", asset(name)) if self.nameless else asset(name)


OFFICE = Parts(("page.css", "form.css"), (*_SHOWS, *_OFFICE, "start.js"))
"""The office's page: with the field form, and ways to other maps."""
PUBLIC = Parts(("page.css",), (*_SHOWS, "public.js", "start.js"), nameless=True)
"""The public's page, which names nobody else's site."""

_MARK = "<!--seawatch-->"
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&{}\u2028\u2029"}


def asset(name: str) -> str:
    """The text of an asset; a vendored one only if it is unaltered."""
    content = (ASSETS / name).read_bytes()
    if name in VENDORED and hashlib.sha256(content).hexdigest() != VENDORED[name]:
        raise RuntimeError(f"maps/assets/{name} is not the file that was vendored")
    # browsers hash what they parsed, where every line ends alike
    return content.decode("utf-8").replace("\r\n", "\n")


def safe_json(data: Any) -> str:
    r"""JSON that no parser of HTML, script or template sees anything in but text.

    >>> print(safe_json({"a": "</script>{{7*7}}"}))
    {"a":"\u003c/script\u003e\u007b\u007b7*7\u007d\u007d"}

    Braces of the JSON itself stay: only those inside strings are escaped.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda string: string[0].translate(_UNSAFE), text)


class _Raw(Element):
    """Text kept as it is: an `Element` would compile it as a template."""

    def __init__(self, text: str):
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """The text."""
        return self.text


class OfflineFigure(Figure):
    """A figure that renders to one self-contained page.

    data : what the page's script reads, by element id; the page's title is in it.
    hosts : where the page may fetch pictures from; none by default.
    """

    def __init__(self, data: dict[str, Any], language: str, hosts: Sequence[str] = ()):
        super().__init__()
        self._data, self._language, self._hosts = data, language, tuple(hosts)
        self._id = "seawatch"

    def render(self, **kwargs: Any) -> str:
        """The page: constants rendered, their digests taken, then the data put in."""
        page = super().render(**kwargs)
        policy = _policy(page, self._hosts)
        blocks = "".join(
            f'<script type="application/json" id="{name}">{safe_json(value)}</script>\n'
            for name, value in self._data.items()
        )
        head = (
            f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            "<title>seawatch</title>"
        )
        language = "zh-CN" if self._language == "zh" else "en"
        page = page.replace("<html>", f'<html lang="{language}">', 1).replace("<head>", head, 1)
        before, after = page.split(_MARK)
        return before + blocks + after


def _policy(page: str, hosts: Sequence[str]) -> str:
    """What the browser may run and show: the page's constants and pictures in the page."""
    pictures = " ".join(["data:", "blob:", *hosts])

    def digests(tag: str) -> str:
        texts = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page, re.DOTALL)
        hashes = {hashlib.sha256(text.encode()).digest() for text in texts}
        return " ".join(sorted(f"'sha256-{base64.b64encode(h).decode()}'" for h in hashes))

    return (
        f"default-src 'none'; script-src {digests('script')}; style-src {digests('style')}; "
        f"img-src {pictures}; base-uri 'none'; form-action 'none'"
    )


class _OfflineMap(folium.Map):
    """A folium map that links to nothing: its scripts and styles are in the page."""

    # none of folium's own links: leaflet is vendored, the rest is not used
    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium reads a plain list
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


def offline_map(
    data: dict[str, Any],
    *,
    bounds: tuple[float, float, float, float],
    language: str,
    hosts: Sequence[str] = (),
    parts: Parts = OFFICE,
) -> folium.Map:
    """A folium map whose root renders the whole page with `data` in it.

    bounds : west, south, east, north in degrees, shown first.
    hosts : where the page may fetch pictures from. parts : what it is made of.
    """
    figure = OfflineFigure(data, language, hosts)
    middle = [(bounds[1] + bounds[3]) / 2, (bounds[0] + bounds[2]) / 2]
    chart = _OfflineMap(
        middle, tiles=None, zoom_start=11, prefer_canvas=True, zoom_snap=0.25, zoom_control=False
    )
    chart._id = "seawatch"
    figure.add_child(chart)
    # leaflet's marker and control pictures are files of their own; none of them is used
    style = re.sub(r"url\(images/[^)]*\)", "none", parts.vendored("leaflet.css"))
    for name, text in (("leaflet", style), *((name, asset(name)) for name in parts.styles)):
        figure.header.add_child(_Raw(f"<style>{text}</style>"), name=f"style_{name}")
    for name, text in (("leaflet", parts.vendored("leaflet.js")), ("page", parts.script())):
        figure.header.add_child(_Raw(f"<script>{text}</script>"), name=f"script_{name}")
    figure.html.add_child(_Raw(_MARK), name="data")
    start = f'addEventListener("DOMContentLoaded", () => seawatchPage({chart.get_name()}));'
    figure.script.add_child(_Raw(start), name="start")
    return chart
