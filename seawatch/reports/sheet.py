"""The inspection sheet of a flag (核查单): one PDF an officer takes to the place.

A4, its text can be searched and copied, its font is embedded. The same flag gives the same
bytes on one machine: no clock stands in the file.
"""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from zoneinfo import ZoneInfo

import geopandas as gpd
import segno
import shapely
from fpdf import FPDF
from fpdf.enums import WrapMode

from ..geo import LONLAT, dms
from ..layers import Layers
from ..maps.chips import Chip, Seen
from ..maps.liability import liability_text
from ..maps.words import area, length, rule_word, word
from ..tables import VERDICTS
from .fonts import Face, Letters
from .paper import MARGIN, WIDTH, Paper, clean
from .sheet_words import sheet_word
from .sketch import draw_sketch

ASKED = ("new", "open")
"""Flags that somebody should look at; the others have no sheet."""

_LABEL, _LINE = 46.0, 5.2  # mm
_QR = 24.0
_MOST_CORNERS = 120


def asked(flags: gpd.GeoDataFrame, zone: ZoneInfo) -> gpd.GeoDataFrame:
    """Flags new and open, with their instants in local time and their place, `degrees`."""
    chosen = flags[flags.status.isin(ASKED)]
    local = {key: chosen[key].dt.tz_convert(zone) for key in ("before", "after")}
    return chosen.assign(**local, degrees=chosen.geometry.to_crs(LONLAT))


def sheets(
    flags: gpd.GeoDataFrame,
    layers: Layers,
    pictures: Mapping[str, Chip],
    head: str,
    language: str,
    face: Face,
    zone: ZoneInfo,
) -> Iterator[tuple[str, bytes]]:
    """The sheets of flags new and open, by name of the file.

    flags : project CRS (metres), with reason and basis in words.
    pictures : before and after by flag_id. head : project and issue.
    """
    chosen, datum = asked(flags, zone), datum_of(flags.crs)
    if chosen.empty:
        return

    def drawn(flag: Any, face: Face) -> Paper:
        title = f"{sheet_word('title', language)} {flag.flag_id}"
        paper = Paper(face, title, language)
        paper.begin(flag.flag_id)
        add_sheet(paper, flag, layers, pictures.get(flag.flag_id), head, language, datum)
        return paper

    with TemporaryDirectory(prefix="seawatch-") as folder:
        letters = Letters(face, Path(folder))
        letters.hold("0")
        said: set[str] = set()
        for flag in chosen.itertuples():  # to draw is quick: what all of them say is known first
            paper = drawn(flag, letters.face)
            said |= paper.letters
            paper.leave()
        letters.hold(said)
        for flag in chosen.itertuples():
            paper = drawn(flag, letters.face)
            if letters.lacks(paper.letters):  # lines broke otherwise, or a text was cut elsewhere
                paper.leave()
                letters.hold(paper.letters)
                paper = drawn(flag, letters.face)
            yield f"{flag.flag_id}.pdf", bytes(paper.output())


def add_sheet(
    pdf: Paper,
    flag: Any,
    layers: Layers,
    chip: Chip | None,
    head: str,
    language: str,
    datum: str,
) -> None:
    """One sheet, on the page begun. flag : a row of `asked`."""
    point = flag.degrees.representative_point()
    _head(pdf, flag, point, head, language)
    for label, text in _facts(flag, point, datum, language):
        _row(pdf, label, text, language)
    _pictures(pdf, flag.geometry, layers, chip, language)
    _blanks(pdf, language)
    _corners(pdf, flag.degrees, datum, language)


def _head(pdf: FPDF, flag: Any, point: shapely.Point, head: str, language: str) -> None:
    """Title, number and a code that leads a phone to the place, without any host."""
    pdf.set_font(size=16)
    pdf.cell(WIDTH - _QR, 9, sheet_word("title", language), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=10)
    pdf.multi_cell(WIDTH - _QR, _LINE, clean(head), new_x="LMARGIN", new_y="NEXT")
    pdf.cell(WIDTH - _QR, _LINE, flag.flag_id, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=8)
    pdf.cell(WIDTH - _QR, _LINE, sheet_word("suspected", language))
    code = segno.make(f"geo:{point.y:.6f},{point.x:.6f}#{flag.flag_id}", error="m", micro=False)
    cell = _QR / (code.symbol_size(border=0)[0])
    pdf.set_fill_color(0)
    for y, line in enumerate(code.matrix):
        for x, dark in enumerate(line):
            if dark:
                pdf.rect(210 - MARGIN - _QR + x * cell, MARGIN + y * cell, cell, cell, style="F")
    pdf.set_y(max(pdf.get_y() + _LINE, MARGIN + _QR + 3))


def _facts(flag: Any, point: shapely.Point, datum: str, language: str) -> Iterator[tuple[str, str]]:
    """What is known, heading and text."""
    numbers = json.loads(flag.numbers)

    def said(key: str) -> str:
        return sheet_word(key, language)

    status = word(f"status_{flag.status}", language)
    yield said("number"), flag.flag_id
    yield said("rule"), f"{rule_word(flag.rule, 'title', language)} ({flag.rule})"
    yield said("status"), f"{status} / {word(f'level_{flag.level}', language)}"
    if isinstance(flag.subject, str) and flag.subject:
        yield said("subject"), flag.subject
    owner = flag.owner if isinstance(flag.owner, str) else ""
    yield said("owner"), owner or word("nobody", language)
    yield sheet_word("place", language, datum=datum), f"{dms(point.y)}  {dms(point.x, 'EW')}"
    yield said("interval"), f"{flag.before:%Y-%m-%d %H:%M} – {flag.after:%Y-%m-%d %H:%M}"
    yield said("area"), area(flag.area_m2, language, flag.area_sigma_m2)
    if flag.plane_area_m2 == flag.plane_area_m2:
        label = sheet_word("plane", language, meridian=flag.meridian)
        yield label, area(flag.plane_area_m2, language, flag.area_sigma_m2)
    yield said("excess"), area(flag.excess_m2, language, numbers.get("excess_sigma_m2"))
    if flag.coast_m > 0:
        yield said("coast"), length(flag.coast_m)
    yield said("reason"), str(flag.reason or "")
    yield said("basis"), str(flag.basis or "")
    yield word("check", language), rule_word(flag.rule, "check", language)
    if cost := liability_text(numbers.get("liability"), language):
        yield said("liability"), cost


def _row(pdf: FPDF, label: str, text: str, language: str, least: float = 0.0) -> None:
    """A heading and what stands beside it, a line below both. least : height in mm."""
    pdf.set_font(size=9)
    wrap = WrapMode.CHAR if language == "zh" else WrapMode.WORD
    text, wide = clean(text), WIDTH - _LABEL
    height = max(_height(pdf, wide, text, wrap), _height(pdf, _LABEL, label, wrap), least)
    if pdf.will_page_break(min(height, 200)):
        pdf.add_page()
    page, top = pdf.page, pdf.get_y()
    pdf.set_text_color(90)
    pdf.multi_cell(_LABEL, _LINE, label, align="L", wrapmode=wrap, new_x="RIGHT", new_y="TOP")
    pdf.set_text_color(0)
    pdf.multi_cell(wide, _LINE, text, align="L", wrapmode=wrap, new_x="LMARGIN", new_y="NEXT")
    if pdf.page == page:  # else a text longer than a page went on
        pdf.set_y(top + height)
    pdf.set_draw_color(190)
    pdf.line(MARGIN, pdf.get_y(), MARGIN + WIDTH, pdf.get_y())
    pdf.set_draw_color(0)


def _height(pdf: FPDF, wide: float, text: str, wrap: WrapMode) -> float:
    """What a text takes in a column, in mm."""
    lines = pdf.multi_cell(wide, _LINE, text, wrapmode=wrap, dry_run=True, output="LINES")
    return _LINE * len(cast("list[str]", lines))


def _pictures(
    pdf: FPDF, shape: shapely.Geometry, layers: Layers, chip: Chip | None, language: str
) -> None:
    """The map, and before and after beside it."""
    side = (WIDTH - 8) / 3
    if pdf.will_page_break(side + 16):
        pdf.add_page()
    top = pdf.get_y() + 7
    pdf.set_font(size=8)
    pdf.text(MARGIN, top - 1.5, sheet_word("map", language))
    draw_sketch(pdf, shape, layers, (MARGIN, top, side), language)
    pdf.set_font(size=8)
    left = MARGIN + side + 4
    if chip is None:
        pdf.text(left, top - 1.5, sheet_word("no_picture", language))
    else:
        sides = [("before", chip.before, chip.before_seen), ("after", chip.after, chip.after_seen)]
        for key, picture, seen in sides:
            pdf.text(left, top - 1.5, f"{sheet_word(key, language)} {seen.taken}")
            pdf.image(BytesIO(picture), left, top, side, side)
            pdf.text(left, top + side + 3.5, seen.sensor)
            pdf.text(left, top + side + 7, _seen(seen, language))
            left += side + 4
    pdf.set_y(top + side + 9)


def _seen(seen: Seen, language: str) -> str:
    """Tide, pixel and position error of a picture, as far as they are known."""
    told = seen.fields()
    keys = [key for key in ("tide", "pixel", "sigma") if told[key]]
    return "  ".join(f"{sheet_word(key, language)} {told[key]}" for key in keys)


def _blanks(pdf: FPDF, language: str) -> None:
    """What is written at the place, by hand."""
    result = "    ".join(f"□\N{NO-BREAK SPACE}{word(f'verdict_{v}', language)}" for v in VERDICTS)
    pdf.set_font(size=11)
    if pdf.will_page_break(70):
        pdf.add_page()
    pdf.cell(WIDTH, 7, sheet_word("visit", language), new_x="LMARGIN", new_y="NEXT")
    for key, text, height in (
        ("people", "", 10.0),
        ("time", "", 7.0),
        ("result", result, 7.0),
        ("facts", "", 16.0),
        ("photos", "", 7.0),
        ("present", "", 8.0),
        ("signed", "", 8.0),
    ):
        _row(pdf, sheet_word(key, language), text, language, height)


def _corners(pdf: FPDF, place: shapely.Geometry, datum: str, language: str) -> None:
    """The corners, each ring by itself: 1-1 is the first of the first ring."""
    said = [
        f"{ring}-{number}  {dms(y)}  {dms(x, 'EW')}"
        for ring, line in enumerate(shapely.get_rings(shapely.get_parts(place)), 1)
        for number, (x, y) in enumerate(shapely.get_coordinates(line)[:-1].tolist(), 1)
    ]
    pdf.ln(3)
    if pdf.will_page_break(20):  # a heading does not stand alone at a page's end
        pdf.add_page()
    pdf.set_font(size=11)
    pdf.cell(WIDTH, 7, sheet_word("corners", language, datum=datum), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=8)
    shown = said[:_MOST_CORNERS]
    for at in range(0, len(shown), 3):
        for text in shown[at : at + 3]:
            pdf.cell(WIDTH / 3, 4.2, text)
        pdf.ln(4.2)
    if left := len(said) - len(shown):
        pdf.cell(WIDTH, 4.2, sheet_word("more_corners", language, number=left))


def datum_of(crs: Any) -> str:
    """What longitudes and latitudes are in: degrees of the project's own datum keep its name."""
    name = str(crs.geodetic_crs.name)
    return "CGCS2000" if "China Geodetic Coordinate System 2000" in name else "WGS 84"
