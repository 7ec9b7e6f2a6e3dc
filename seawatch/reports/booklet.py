"""The sheets of one officer in one document (核查单分册): a list of the flags, then each sheet."""

import math
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
from fpdf import FPDF
from fpdf.outline import OutlineSection

from ..geo import dms
from ..layers import Layers
from ..maps.cards import in_order
from ..maps.chips import Chip
from ..maps.words import area, rule_word, word
from .fonts import Face
from .paper import MARGIN, WIDTH, Paper, clean
from .sheet import add_sheet, asked, datum_of
from .sheet_words import sheet_word

_LINE = 11.0  # mm; room for a tick by hand
_WIDE = {"number": 40.0, "rule": 52.0, "excess": 28.0, "where": 48.0, "page": 12.0}
_BOTTOM = 297 - MARGIN


def booklet(
    flags: gpd.GeoDataFrame,
    layers: Layers,
    pictures: Mapping[str, Chip],
    head: str,
    name: str,
    language: str,
    face: Face,
    zone: ZoneInfo,
) -> bytes | None:
    """The sheets of flags new and open as one PDF, the most urgent first; None without any.

    flags : project CRS (metres), with reason and basis in words. name : the officer's.
    pictures : before and after by flag_id. head : project and issue.
    """
    chosen = asked(in_order(flags), zone)
    if chosen.empty:
        return None
    title = f"{sheet_word('booklet', language)} {name}"
    paper = Paper(face, title, language)
    paper.begin(head)
    _cover(paper, title, head, len(chosen), language)
    rows = list(chosen.itertuples())

    def contents(pdf: FPDF, sections: list[OutlineSection]) -> None:
        for flag, section in zip(rows, sections, strict=True):
            _entry(pdf, flag, section, language)

    paper.insert_toc_placeholder(
        contents, _pages(len(rows), paper.get_y()), reset_page_indices=False
    )
    for number, flag in enumerate(rows):
        if number:  # the list ends with a page begun
            paper.add_page()
        paper.about = flag.flag_id
        paper.start_section(flag.flag_id)
        chip = pictures.get(flag.flag_id)
        add_sheet(paper, flag, layers, chip, head, language, datum_of(flags.crs))
    return bytes(paper.output())


def _pages(rows: int, top: float) -> int:
    """Pages that a list of so many rows takes which begins at `top`, mm."""
    first, each = (int((_BOTTOM - y) / _LINE) for y in (top, MARGIN))
    return 1 + math.ceil(max(rows - first, 0) / each)


def _cover(pdf: FPDF, title: str, head: str, count: int, language: str) -> None:
    said = sheet_word("booklet_holds", language, count=count)
    texts = ((16, title), (10, head), (10, said), (8, sheet_word("suspected", language)))
    for size, text in texts:
        pdf.set_font(size=size)
        pdf.multi_cell(WIDTH, 0.6 * size, clean(text), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    for key, wide in _WIDE.items():
        pdf.cell(wide, 6, sheet_word(key, language), border="B")
    pdf.ln(6)


def _entry(pdf: FPDF, flag: Any, section: OutlineSection, language: str) -> None:
    """One line of the list: what, how large, where, on which page; it leads there."""
    if pdf.get_y() + _LINE > _BOTTOM:
        pdf.add_page()
    point = flag.degrees.representative_point()
    rule = rule_word(flag.rule, "title", language)
    told = {
        "number": (flag.flag_id, word(f"status_{flag.status}", language)),
        "rule": (
            rule,
            word(f"priority_{flag.priority}", language),
        ),
        "excess": (area(flag.excess_m2, language), word(f"level_{flag.level}", language)),
        "where": (dms(point.y), dms(point.x, "EW")),
        "page": (str(section.page_number), ""),
    }
    link, top = pdf.add_link(page=section.page_number), pdf.get_y()
    pdf.set_font(size=8)
    pdf.set_x(MARGIN)
    for (upper, lower), wide in zip(told.values(), _WIDE.values(), strict=True):
        x = pdf.get_x()
        pdf.cell(wide, _LINE / 2, upper, link=link)
        pdf.set_xy(x, top + _LINE / 2)
        pdf.cell(wide, _LINE / 2, lower, border="B")
        pdf.set_xy(x + wide, top)
    pdf.set_xy(MARGIN, top + _LINE)
