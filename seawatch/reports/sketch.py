"""The sheet's map, drawn as lines: the flag, what is permitted around it, coast and islands."""

import math
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from fpdf import FPDF

from ..layers import Layers
from .sheet_words import sheet_word

_STYLES = {
    "permit_line": ((0, 90, 180), 0.25),
    "coast_line": ((20, 20, 20), 0.35),
    "island_line": ((30, 120, 50), 0.25),
    "flag_line": ((210, 0, 0), 0.6),
}
_CONTEXT = 3.0  # times the flag's own size
_LEAST_M = 300.0


def draw_sketch(
    pdf: FPDF, shape: shapely.Geometry, layers: Layers, box: tuple[float, float, float], lang: str
) -> None:
    """Draw a square map into `box` (left, top, side; mm), grid north up.

    shape : the flag, project CRS (metres).
    """
    left, top, side = box
    west, south, east, north = shape.bounds
    extent = max(_CONTEXT * max(east - west, north - south), _LEAST_M)
    corner = np.array([(west + east - extent) / 2, (south + north - extent) / 2])
    frame = shapely.box(*corner, *(corner + extent))
    drawn = {
        "permit_line": layers.permits,
        "coast_line": layers.coastline,
        "island_line": layers.islands,
        "flag_line": gpd.GeoDataFrame(geometry=[shape], crs=layers.crs),
    }
    for name, rows in drawn.items():
        colour, width = _STYLES[name]
        pdf.set_draw_color(*colour)
        pdf.set_line_width(width)
        for line in _lines(rows, frame):
            xy = (line - corner) / extent * side
            pdf.polyline([(left + x, top + side - y) for x, y in xy])
    _frame(pdf, box, extent)
    _legend(pdf, box, lang)


def _lines(rows: gpd.GeoDataFrame, frame: shapely.Polygon) -> Iterator[np.ndarray]:
    """Outlines and lines within the frame, as (n, 2) corners in metres."""
    near = rows.geometry.iloc[rows.sindex.query(frame, predicate="intersects")] if len(rows) else []
    for shape in near:
        lines = shape.boundary if shapely.get_dimensions(shape) == 2 else shape
        for part in shapely.get_parts(shapely.line_merge(lines.intersection(frame))):
            if shapely.get_dimensions(part) == 1:
                yield shapely.get_coordinates(part)


def _frame(pdf: FPDF, box: tuple[float, float, float], extent: float) -> None:
    """The border, a scale bar of a round length, and an arrow to grid north."""
    left, top, side = box
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)
    pdf.rect(left, top, side, side)
    length = _round_down(extent / 4)
    bar = length / extent * side
    pdf.set_line_width(0.6)
    pdf.line(left + 3, top + side - 3, left + 3 + bar, top + side - 3)
    pdf.set_font(size=7)
    pdf.text(
        left + 3, top + side - 4.2, f"{length:g} m" if length < 1e3 else f"{length / 1e3:g} km"
    )
    x, y = left + side - 5, top + 10
    pdf.set_fill_color(0)
    pdf.polygon([(x, y - 7), (x - 1.5, y), (x, y - 1.5), (x + 1.5, y)], style="F")
    pdf.text(x - 0.9, y + 3, "N")


def _legend(pdf: FPDF, box: tuple[float, float, float], language: str) -> None:
    left, top, side = box
    x = left
    for name, (colour, width) in reversed(_STYLES.items()):
        said = sheet_word(name, language)
        pdf.set_draw_color(*colour)
        pdf.set_line_width(width)
        pdf.line(x, top + side + 2.5, x + 4, top + side + 2.5)
        pdf.text(x + 5, top + side + 3.5, said)
        x += 8 + pdf.get_string_width(said)
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)


def _round_down(metres: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no more than `metres`."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step for step in (power, 2 * power, 5 * power) if step <= metres)
