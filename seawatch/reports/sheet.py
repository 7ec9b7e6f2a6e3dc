"""The inspection sheet of a flag (核查单): one PDF an officer takes to the place.

A4, its text can be searched and copied, its font is embedded. The same flag gives the same
bytes on one machine: no clock stands in the file.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
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
from .fonts import Face
from .sheet_words import sheet_word
from .sketch import draw_sketch

ASKED = ("new", "open")
"""Flags that somebody should look at; the others have no sheet."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MARGIN, _LABEL, _LINE = 15.0, 46.0, 5.2  # mm
_WIDTH = 210 - 2 * _MARGIN
_QR = 24.0
_MOST_CORNERS = 120
_NOT_PRINTED = dict.fromkeys([*range(9), *range(11, 32), *range(0x7F, 0xA0)])
_VERDICTS = ("lawful", "suspected", "false_change", "legacy", "already_handled")


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
    asked = flags[flags.status.isin(ASKED)]
    local = {key: asked[key].dt.tz_convert(zone) for key in ("before", "after")}
    asked = asked.assign(**local)
    datum = _datum(flags.crs)
    degrees = asked.geometry.to_crs(LONLAT)
    for flag, place in zip(asked.itertuples(), degrees, strict=True):
        chip = pictures.get(flag.flag_id)
        yield f"{flag.flag_id}.pdf", _sheet(flag, place, layers, chip, head, language, face, datum)


def _sheet(
    flag: Any,
    place: shapely.Geometry,
    layers: Layers,
    chip: Chip | None,
    head: str,
    language: str,
    face: Face,
    datum: str,
) -> bytes:
    """One sheet. place : the flag in degrees. flag : its instants in local time."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(_EPOCH)
    pdf.set_title(f"{sheet_word('title', language)} {flag.flag_id}")
    pdf.set_lang("zh-CN" if language == "zh" else "en")
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, _MARGIN)
    pdf.add_font("sheet", "", face.path, collection_font_number=face.number)
    pdf.set_font("sheet", size=10)
    pdf.add_page()
    _head(pdf, flag, place.representative_point(), head, language)
    for label, text in _facts(flag, place.representative_point(), datum, language):
        _row(pdf, label, text, language)
    _pictures(pdf, flag.geometry, layers, chip, language)
    _blanks(pdf, language)
    _corners(pdf, place, datum, language)
    return bytes(pdf.output())


def _head(pdf: FPDF, flag: Any, point: shapely.Point, head: str, language: str) -> None:
    """Title, number and a code that leads a phone to the place, without any host."""
    pdf.set_font(size=16)
    pdf.cell(_WIDTH - _QR, 9, sheet_word("title", language), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=10)
    pdf.multi_cell(_WIDTH - _QR, _LINE, _clean(head), new_x="LMARGIN", new_y="NEXT")
    pdf.cell(_WIDTH - _QR, _LINE, flag.flag_id, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=8)
    pdf.cell(_WIDTH - _QR, _LINE, sheet_word("suspected", language))
    code = segno.make(f"geo:{point.y:.6f},{point.x:.6f}#{flag.flag_id}", error="m", micro=False)
    cell = _QR / (code.symbol_size(border=0)[0])
    pdf.set_fill_color(0)
    for y, line in enumerate(code.matrix):
        for x, dark in enumerate(line):
            if dark:
                pdf.rect(210 - _MARGIN - _QR + x * cell, _MARGIN + y * cell, cell, cell, style="F")
    pdf.set_y(max(pdf.get_y() + _LINE, _MARGIN + _QR + 3))


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
    if cost := liability_text(numbers.get("liability"), language):
        yield said("liability"), cost


def _row(pdf: FPDF, label: str, text: str, language: str, least: float = 0.0) -> None:
    """A heading and what stands beside it, a line below both. least : height in mm."""
    pdf.set_font(size=9)
    wrap = WrapMode.CHAR if language == "zh" else WrapMode.WORD
    text, wide = _clean(text), _WIDTH - _LABEL
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
    pdf.line(_MARGIN, pdf.get_y(), _MARGIN + _WIDTH, pdf.get_y())
    pdf.set_draw_color(0)


def _height(pdf: FPDF, wide: float, text: str, wrap: WrapMode) -> float:
    """What a text takes in a column, in mm."""
    lines = pdf.multi_cell(wide, _LINE, text, wrapmode=wrap, dry_run=True, output="LINES")
    return _LINE * len(cast("list[str]", lines))


def _pictures(
    pdf: FPDF, shape: shapely.Geometry, layers: Layers, chip: Chip | None, language: str
) -> None:
    """The map, and before and after beside it."""
    side = (_WIDTH - 8) / 3
    if pdf.will_page_break(side + 16):
        pdf.add_page()
    top = pdf.get_y() + 7
    pdf.set_font(size=8)
    pdf.text(_MARGIN, top - 1.5, sheet_word("map", language))
    draw_sketch(pdf, shape, layers, (_MARGIN, top, side), language)
    pdf.set_font(size=8)
    left = _MARGIN + side + 4
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
    verdicts = {v: word(f"verdict_{v}", language) for v in _VERDICTS}
    result = "    ".join(f"□ {text}" for text in verdicts.values())
    pdf.set_font(size=11)
    if pdf.will_page_break(70):
        pdf.add_page()
    pdf.cell(_WIDTH, 7, sheet_word("visit", language), new_x="LMARGIN", new_y="NEXT")
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
    pdf.set_font(size=11)
    pdf.cell(_WIDTH, 7, sheet_word("corners", language, datum=datum), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=8)
    shown = said[:_MOST_CORNERS]
    for at in range(0, len(shown), 3):
        for text in shown[at : at + 3]:
            pdf.cell(_WIDTH / 3, 4.2, text)
        pdf.ln(4.2)
    if left := len(said) - len(shown):
        pdf.cell(_WIDTH, 4.2, sheet_word("more_corners", language, number=left))


def _datum(crs: Any) -> str:
    """What longitudes and latitudes are in: degrees of the project's own datum keep its name."""
    name = str(crs.geodetic_crs.name)
    return "CGCS2000" if "China Geodetic Coordinate System 2000" in name else "WGS 84"


def _clean(text: str) -> str:
    return text.translate(_NOT_PRINTED)
