"""A flag, and a run, as a notebook shows them: text and pictures, no script, no network."""

import base64
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import geopandas as gpd

from ..geo import LONLAT
from .cards import flag_lines, in_order
from .chips import Chip
from .words import area, rule_word, word

_MOST = 20  # flags listed of a run
_PICTURE = "width:260px;image-rendering:pixelated"


@dataclass(frozen=True)
class Shown:
    """Something a notebook shows by itself. html : every text in it is escaped."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def flag_card(flag: Any, chip: Chip | None, crs: object, zone: ZoneInfo, language: str) -> Shown:
    """A flag's card: why, before and after, and all that the map says of it.

    flag : a row of the flags, with reason and basis in words. crs : of its geometry.
    """
    point = gpd.GeoSeries([flag.geometry], crs=crs).to_crs(LONLAT).representative_point().iloc[0]
    root = ET.Element("article")
    _text(root, "h4", f"{rule_word(flag.rule, 'title', language)} · {flag.flag_id}")
    _text(root, "p", str(flag.reason or ""))
    for which, picture in (("before", chip.before), ("after", chip.after)) if chip else ():
        source = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
        ET.SubElement(root, "img", src=source, style=_PICTURE, alt=word(which, language))
    told = flag_lines(flag, point, zone, language, chip, None)
    _table(root, [[word(key, language), text] for key, text in told.items() if text])
    return Shown(ET.tostring(root, encoding="unicode", method="html"))


def run_table(flags: gpd.GeoDataFrame, head: str, language: str) -> str:
    """A run as a heading and its flags, the most urgent first."""
    root = ET.Element("section")
    _text(root, "h4", head)
    rows = [
        [
            flag.flag_id,
            rule_word(flag.rule, "title", language),
            word(f"status_{flag.status}", language),
            word(f"level_{flag.level}", language),
            area(flag.excess_m2, language),
            flag.owner if isinstance(flag.owner, str) else "",
        ]
        for flag in in_order(flags).head(_MOST).itertuples()
    ]
    _table(root, rows)
    if len(flags) > _MOST:
        _text(root, "p", f"… {len(flags) - _MOST}")
    return ET.tostring(root, encoding="unicode", method="html")


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _table(parent: ET.Element, rows: list[list[str]]) -> None:
    body = ET.SubElement(ET.SubElement(parent, "table"), "tbody")
    for row in rows:
        line = ET.SubElement(body, "tr")
        for text in row:
            cell = ET.SubElement(line, "td", style="text-align:left;white-space:pre-line")
            cell.text = text
