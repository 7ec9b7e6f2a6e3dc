"""Whether a page made for the public holds what the public must not see.

Looked for in the page's own bytes, after it was made, whatever made it: what stands outside
its data must be what stands in a page without any; its data are read back and every text,
outline and picture in them is held against what is withheld. A second lock: the first is that
the page is drawn from tables that never had it (`audience.for_public`).
"""

import base64
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ..audience import METRES_A_DEGREE, ground_of
from ..geo import LONLAT
from .pack import said, vertices

_BLOCK = re.compile(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', re.DOTALL)
_HOST = re.compile(r"(?i)\b(?:https?|wss?|ftp|geo|tel|mailto):/*[\w.%-]+|//[\w-]+\.[\w.-]+")
_NAMESPACE = "http://www.w3.org"  # the name of SVG's namespace: no browser asks it for anything
_ABROAD = r"(?:(?:\+|00)?86[ -]?)?"
_PERSONAL = {
    "a mobile number": re.compile(rf"(?<!\d){_ABROAD}1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?!\d)"),
    "a telephone number": re.compile(
        r"(?<!\d)(?:0\d{2,3}[ -]|\(0\d{2,3}\)[ -]?|(?:\+|00)86[ -]?\(?0?[1-9]\d{1,2}\)?[ -]?)"
        r"\d{3,4}[ -]?\d{4}(?!\d)"
    ),
    "an identity number": re.compile(
        r"(?<!\d)[1-9](?: ?\d){5} ?(?:1 ?9|2 ?0)(?: ?\d){9} ?[\dXx](?!\d)"
    ),
}
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_TELLS = re.compile(r"[\u3400-\u9fff]{2}|[^\W\d_]{3}|(?:\d\D?){7}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.+-]+Z?)?")
_LONG = 200


@dataclass
class Held:
    """What a page's data hold: texts, vertices (degrees) by layer, pictures with their bounds.

    names : the data's own keys.
    """

    texts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    points: dict[str, np.ndarray] = field(default_factory=dict)
    pictures: list[tuple[list[float], bytes]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Withheld:
    """What must not be found.

    texts : each, and where it stands. known : texts that tell nobody anything: our own words,
    and what may be shown. places : outlines in the project's CRS on which nothing is shown.
    step : of the grid that places are shown on, degrees. image_m : least pixel, m.
    """

    texts: Mapping[str, str]
    known: Iterable[str]
    places: gpd.GeoSeries
    step: float
    image_m: float


def leaks(content: bytes, blank: bytes, withheld: Withheld) -> list[str]:
    """What was found in a page that must not be there, a sentence each; empty where it is sound.

    blank : the same page drawn without flags, layers and pictures.
    """
    page, empty = content.decode("utf-8"), blank.decode("utf-8")
    held, own = _held(page), _held(empty)
    title = _title(empty)
    own.texts.discard(title)  # the office wrote it: it may name whom it will
    found = [] if _outside(page) == _outside(empty) else ["the page is altered outside its data"]
    found += [f"names the host {host}" for host in _hosts(page)]
    held.texts |= held.names - own.names
    found += _personal(held.texts)
    found += _texts(held.texts - {title}, own.texts, withheld)
    found += [
        f"{one}; the project's name says so: write another as project.name"
        for one in _texts([title], own.texts, withheld)
    ]
    found += _fine(held, withheld.step)
    found += _on_withheld(held, withheld.places)
    found += _written(held.texts, withheld.places, withheld.step)
    found += _pictures(held.pictures, withheld.image_m)
    found += _pictures_of(held.pictures, withheld.places, withheld.step)
    return found


def _outside(page: str) -> str:
    """All but the data."""
    return re.sub(r"\n+", "\n", _BLOCK.sub("", page))


def _hosts(page: str) -> list[str]:
    text = _BLOCK.sub(lambda block: _plain(block[2]) if "sw-chip" not in block[1] else "", page)
    found = {host[0] for host in _HOST.finditer(text)}
    return sorted(host for host in found if not host.startswith(_NAMESPACE))


def _plain(block: str) -> str:
    """The texts of a block alone: letters of outlines are no hosts."""
    held = Held()
    _walk(json.loads(block), "", held)
    return "\n".join(held.texts)


def _held(page: str) -> Held:
    held = Held()
    for block in _BLOCK.finditer(page):
        _walk(json.loads(block[2]), "", held)
    return held


def _title(page: str) -> str:
    """The title that the page's data give it; none where there is none."""
    blocks = {block[1]: block[2] for block in _BLOCK.finditer(page)}
    return str(json.loads(blocks.get("sw-data-page", "{}")).get("title", ""))


def _walk(value: Any, name: str, held: Held) -> None:
    """Put what a value of the page's data holds into `held`; name : the layer it is in."""
    if isinstance(value, dict) and {"of", "origin"} <= value.keys():
        if value["count"]:
            found = [held.points.get(name, np.empty((0, 2))), vertices(value)]
            held.points[name] = np.concatenate(found)
        _walk(_without(value, "of", "origin", "decimals", "count"), "", held)
    elif isinstance(value, dict) and {"of", "at"} <= value.keys():
        held.texts.update(said(value))
        _walk(_without(value, "at", "with"), "", held)
    elif isinstance(value, dict) and {"before", "after", "bounds"} <= value.keys():
        _walk_picture(value, held)
    elif isinstance(value, dict):
        held.names.update(value)
        held.texts.update(_side_by_side(value.values()))
        for key, part in value.items():
            _walk(part, name if key in ("at", "shape") and name else key, held)
    elif isinstance(value, list):
        held.texts.update(_side_by_side(value))
        for part in value:
            _walk(part, name, held)
    elif isinstance(value, str):
        held.texts.add(value)
    elif isinstance(value, float):
        held.numbers.append(value)
    elif isinstance(value, int):
        held.texts.add(str(value))


def _walk_picture(value: dict[str, Any], held: Held) -> None:
    """A flag's pictures: before and after, those of the water index, those of other days."""
    index, series = value.get("index") or {}, value.get("series") or []
    shown = [value["before"], value["after"]]
    shown += [index[which] for which in ("before", "after") if which in index]
    shown += [look["picture"] for look in series if "picture" in look]
    held.pictures += [(value["bounds"], base64.b64decode(one)) for one in shown]
    _walk([_without(look, "picture") for look in series], "", held)
    _walk(_without(index, "before", "after"), "", held)
    # a pixel's size is no place: it need not lie on the grid
    size = value.get("pixel_m")
    _walk(str(size) if isinstance(size, float) else size, "", held)
    _walk(_without(value, "before", "after", "index", "series", "pixel_m"), "", held)


def _without(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key not in keys}


def _side_by_side(values: Iterable[Any]) -> Iterator[str]:
    """Numbers that stand beside each other, as a text: they may be a place."""
    for one, other in pairwise(values):
        if isinstance(one, int | float) and isinstance(other, int | float):
            yield f"{one}; {other}"


def _personal(texts: Iterable[str]) -> list[str]:
    return [
        f"{what}: {_short(match[0])}"
        for text in sorted(texts)
        for what, pattern in _PERSONAL.items()
        for match in pattern.finditer(_DASHES.sub("-", _plainly(text)))
    ]


def _texts(texts: Iterable[str], own: Iterable[str], withheld: Withheld) -> list[str]:
    """Withheld texts that stand in the page, whole or as a part of a text."""
    known = "\n".join(map(_folded, [*own, *withheld.known]))
    page = "\n".join(sorted(_folded(text) for text in texts))
    found = []
    for text, where in withheld.texts.items():
        sought = _folded(text)[:_LONG]
        if (
            _TELLS.search(sought)
            and not _DAY.fullmatch(sought)
            and sought in page
            and sought not in known
        ):
            found.append(f"{where}: {_short(text)}")
    return found


def _folded(text: str) -> str:
    return " ".join(_plainly(text).casefold().split())


def _plainly(text: str) -> str:
    """In the plain forms of its letters, without those that nobody sees."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")


def _short(text: str) -> str:
    """Enough to find it by; a message is no place for the whole of it either."""
    return f"'{text[:3]}…' ({len(text)} characters)"


def _fine(held: Held, step: float) -> Iterator[str]:
    """Vertices and bounds that are written more finely than the grid."""
    points = [*held.points.values(), np.array(held.numbers).reshape(-1, 1)]
    for name, values in zip([*held.points, "bounds"], points, strict=True):
        off = np.abs(values / step - np.round(values / step))
        if (off > 1e-4).any():
            yield f"{name}: {int((off > 1e-4).any(axis=1).sum())} places finer than {step:g}°"


def _on_withheld(held: Held, places: gpd.GeoSeries) -> Iterator[str]:
    """Flags, permits, islands and zones on ground that is withheld; a coast runs on through it."""
    grounds = places.to_crs(LONLAT).to_numpy()
    for name, points in held.points.items():
        if name.startswith(("coast", "coverage")) or not len(grounds):
            continue
        inside = shapely.STRtree(shapely.points(points)).query(grounds, predicate="intersects")[1]
        if len(inside):
            yield f"{name}: {len(np.unique(inside))} places on withheld ground"


def _written(texts: Iterable[str], places: gpd.GeoSeries, step: float) -> Iterator[str]:
    """Texts that hold both coordinates of a withheld place, more finely than the grid.

    As degrees with decimals, as degrees, minutes and seconds, or as whole metres of the
    project's CRS, in either order.
    """
    decimals = max(0, len(f"{step:.9f}".rstrip("0").partition(".")[2])) + 1
    others: dict[str, set[str]] = {}
    for one, other in _spellings(places, decimals):
        others.setdefault(one, set()).add(other)
    for text in sorted(texts):
        there = _numbers(text, decimals)
        if any(others[number] & there for number in there & others.keys()):
            yield f"coordinates of a withheld place: {_short(text)}"


def _spellings(places: gpd.GeoSeries, decimals: int) -> Iterator[tuple[str, str]]:
    """Both coordinates of each vertex and centre, as `_numbers` finds them."""
    shapes = [*places, *places.centroid, *places.representative_point()]
    metres = gpd.GeoSeries(shapely.points(shapely.get_coordinates(shapes)), crs=places.crs)
    for x, y in zip(metres.x, metres.y, strict=True):
        yield f"{int(x)}", f"{int(y)}"
        yield f"{round(x)}", f"{round(y)}"
    degrees = metres.to_crs(LONLAT)
    for x, y in zip(degrees.x, degrees.y, strict=True):
        yield _cut(x, decimals), _cut(y, decimals)
        yield f"{x:.{decimals}f}", f"{y:.{decimals}f}"
        for whole in (np.floor, np.round):
            yield _sexagesimal(int(whole(x * 3600))), _sexagesimal(int(whole(y * 3600)))


def _cut(value: float, decimals: int) -> str:
    whole, _, rest = f"{value:.12f}".partition(".")
    return f"{whole}.{rest[:decimals]}"


def _sexagesimal(seconds: int) -> str:
    return f"{seconds // 3600}°{seconds // 60 % 60}′{seconds % 60}″"


def _numbers(text: str, decimals: int) -> set[str]:
    text = _plainly(text)
    found = {_cut(float(n), decimals) for n in re.findall(rf"\d+\.\d{{{decimals},}}", text)}
    found |= set(re.findall(r"(?<!\d)\d{6,8}(?!\d)", text))
    dms = re.findall(r"(?<![\d.])(?=(\d{1,3})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2}))", text)
    return found | {_sexagesimal(int(d) * 3600 + int(m) * 60 + int(s)) for d, m, s in dms}


def _pictures(pictures: list[tuple[list[float], bytes]], image_m: float) -> Iterator[str]:
    """Pictures that are too fine, or say more than they show."""
    for (west, south, east, north), content in pictures:
        if re.search(rb"Exif\0|ns\.adobe\.com|\xff\xfe", content[:64]) or not content.startswith(
            b"\xff\xd8"
        ):
            yield "a picture with a text in it"
        rows, columns = _size(content)
        high = (north - south) * METRES_A_DEGREE / rows
        wide = (east - west) * METRES_A_DEGREE * np.cos(np.radians((south + north) / 2)) / columns
        if min(high, wide) < 0.98 * image_m:
            yield f"a picture of {min(high, wide):.2g} m a pixel; {image_m:g} is allowed"


def _pictures_of(
    pictures: list[tuple[list[float], bytes]], places: gpd.GeoSeries, step: float
) -> Iterator[str]:
    """Pictures that may show ground that is withheld."""
    grounds = places.to_crs(LONLAT).sindex
    for bounds in sorted({tuple(bounds) for bounds, _ in pictures}):
        if len(grounds.query(ground_of(bounds, step), predicate="intersects")):
            yield "a picture of withheld ground at " + ", ".join(f"{v:g}" for v in bounds)


def _size(jpeg: bytes) -> tuple[int, int]:
    """Rows and columns, from the frame's head (ITU-T T.81, B.2.2)."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return int.from_bytes(jpeg[at + 5 : at + 7]), int.from_bytes(jpeg[at + 7 : at + 9])
