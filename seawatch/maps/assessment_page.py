"""What a planned use meets, as one HTML file without scripts: it opens offline, and prints.

Nothing in it comes from the data but as escaped text and as numbers of the sketch.
"""

import base64
import hashlib
from html import escape

import geopandas as gpd
import shapely

from ..assess import Assessment
from .assessment import Section, sections
from .assessment_words import say

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:0 auto;
max-width:64rem;padding:1rem;color:#1c2733}
h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:1.4rem 0 .3rem}
table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #d8dee4}
th{font-weight:600;color:#51606e;white-space:nowrap}
p{margin:.3rem 0}.note{background:#fff6dd;border-left:3px solid #d9a400;padding:.2rem .6rem}
.soft{color:#51606e}svg{width:100%;max-height:24rem;background:#f2f7fa;margin-top:.8rem}
path{vector-effect:non-scaling-stroke;stroke-width:1.5;fill-opacity:.25}
.unit{fill:none;stroke:#b3261e;stroke-width:2.5}.permits{fill:#2f6fb0;stroke:#2f6fb0}
.zones{fill:#a04fb8;stroke:#a04fb8}.islands{fill:#5c7d2f;stroke:#5c7d2f}
.coastline{fill:none;stroke:#d97b00;stroke-width:4}
.key span{margin-right:1.2rem}.key i{display:inline-block;width:.9em;height:.9em;
vertical-align:-.1em;margin-right:.3em}.i-unit{border:2px solid #b3261e;box-sizing:border-box}
.i-permits{background:#2f6fb0}.i-zones{background:#a04fb8}.i-islands{background:#5c7d2f}
.i-coastline{background:#d97b00}
.key span{white-space:nowrap}
@media (max-width:40rem){thead{display:none}tr{display:block;padding:.4rem 0;
border-bottom:1px solid #d8dee4}td{display:flex;gap:.6rem;border:0;padding:.1rem 0}
td::before{content:attr(data-head);flex:0 0 6.5em;color:#51606e}td:empty{display:none}}
@media print{body{max-width:none}}
"""


def html(found: Assessment, title: str, language: str) -> str:
    """The page as one file: no script, no request, every text escaped."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(say("day", language, on=found.on))}</p>',
        _sketch(found, language),
    ]
    for section in sections(found, language):
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [_table(section)] if section.rows else []
        parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    parts.append(f'<p class="soft">{escape(say("disclaimer", language))}</p></body></html>')
    return "\n".join(parts)


def _table(section: Section) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in section.headings)
    rows = "".join(f"<tr>{_cells(section.headings, row)}</tr>\n" for row in section.rows)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _cells(headings: tuple[str, ...], row: tuple[str, ...]) -> str:
    """A row's cells; each names its heading, which a narrow screen shows beside it."""
    return "".join(
        f'<td data-head="{escape(head)}">{escape(cell)}</td>'
        for head, cell in zip(headings, row, strict=True)
    )


def _sketch(found: Assessment, language: str) -> str:
    """The parcel and what it shares with others, north up; no map and no scale to measure on."""
    west, south, east, north = found.units.total_bounds
    margin = 0.15 * max(east - west, north - south)
    window = shapely.box(west - margin, south - margin, east + margin, north + margin)
    order = ("zones", "permits", "islands", "coastline")
    shapes = [
        (layer, found.meets.geometry[(found.meets.layer == layer) & (found.meets.how != "near")])
        for layer in order
    ]
    paths = [f'<path class="{layer}" d="{_d(group, window)}"/>' for layer, group in shapes]
    paths.append(f'<path class="unit" d="{_d(found.units.geometry, window)}"/>')
    box = f"0 0 {east - west + 2 * margin:.1f} {north - south + 2 * margin:.1f}"
    keys = "".join(
        f'<span><i class="i-{key}"></i>{escape(say(f"key_{key}", language))}</span>'
        for key in ("unit", *order)
    )
    name = escape(say("sketch", language))
    return (
        f'<svg viewBox="{box}" role="img" aria-label="{name}" '
        f'preserveAspectRatio="xMidYMid meet" fill-rule="evenodd">{"".join(paths)}</svg>'
        f'<p class="soft key">{keys}</p>'
    )


def _d(shapes: gpd.GeoSeries, window: shapely.Polygon) -> str:
    """An SVG path of shapes within a window, its upper left corner at nought."""
    west, _, _, north = window.bounds
    texts = []
    for shape in shapely.intersection(shapes.to_numpy(), window):
        for part in shapely.get_parts(shape):
            closed = part.geom_type == "Polygon"
            rings = shapely.get_rings(part) if closed else [part]
            for ring in rings:
                if ring.geom_type in ("LineString", "LinearRing"):
                    points = [f"{x - west:.1f} {north - y:.1f}" for x, y in ring.coords]
                    texts.append(f"M{'L'.join(points)}{'Z' if closed else ''}")
    return "".join(texts)
