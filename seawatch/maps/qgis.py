"""How the run's layers look when flags.gpkg is opened in QGIS: in the map's own colours.

QGIS reads a layer's style (QML) from the table ``layer_styles`` of the same GeoPackage.
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from ..tables import RESULTS, Table
from .words import word

_RED, _ORANGE, _BLUE, _GREY = "193,18,31", "217,102,10", "61,111,150", "138,148,155"
_GREEN, _DARK, _VIOLET = "127,183,160", "74,85,96", "120,80,160"
_LEGEND = {
    "others": ("其他", "others"),
    "ground_seen": ("本期可见", "seen in this run"),
    "ground_ordered": ("待巡查", "ordered to be patrolled"),
    "ground_out_of_scope": ("不在应巡范围", "out of scope"),
    "order_drone": ("无人机巡查", "drone flight"),
    "order_visit": ("现场核查", "visit"),
    "outcome_flagged": ("列为疑点", "flagged"),
    "reminder_open": ("待办", "to be done"),
    "reminder_missed": ("已逾期", "its day has passed"),
}
"""Words of the legend that no map says."""
_REST = ""  # QGIS's name for whatever has no category of its own
_PRIORITY = ("priority", {"1": _RED, "2": _ORANGE, "3": _BLUE}, "priority_")
_DRAWN: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "flags": _PRIORITY,
    "findings": _PRIORITY,
    "changes": (
        "kind",
        {"land_gained": _RED, "land_lost": _BLUE, "enclosed": _ORANGE, _REST: _GREY},
        "kind_",
    ),
    "coverage": ("seen", {"yes": _GREEN, "no": _DARK}, "coverage_"),
    "ground": ("state", {"seen": _GREEN, "ordered": _DARK, "out_of_scope": _GREY}, "ground_"),
    "patrols": ("mode", {"drone": _BLUE, "visit": _ORANGE}, "order_"),
    "replies": ("outcome", {"flagged": _RED, _REST: _GREY}, "outcome_"),
    "reminders": ("state", {"open": _VIOLET, "missed": _DARK, _REST: _GREY}, "reminder_"),
}
"""By layer: the column that decides, its colours, and what the words of its values begin with."""


def styles(language: str) -> dict[str, str]:
    """A QGIS style for each layer of a run, its legend and its columns in `language`."""
    return {table.name: _qml(table, *_DRAWN[table.name], language) for table in RESULTS}


def _qml(table: Table, column: str, colours: Mapping[str, str], words: str, language: str) -> str:
    """A layer coloured by a column's values, its columns under their headings."""
    root = ET.Element("qgis", version="3.28.0", styleCategories="Symbology|Fields")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=column, enableorderby="0"
    )
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    kind = "long" if column == "priority" else "string"
    for n, (value, colour) in enumerate(colours.items()):
        label = _said(f"{words}{value}" if value else "others", language)
        fields = {"value": value, "label": label, "symbol": str(n), "type": kind, "render": "true"}
        ET.SubElement(categories, "category", fields)
        _symbol(symbols, str(n), colour)
    aliases = ET.SubElement(root, "aliases")
    for n, one in enumerate(table.columns, 1):  # the first is the layer's own number
        ET.SubElement(aliases, "alias", index=str(n), field=one.name, name=one.label(language))
    text = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}"


def _said(key: str, language: str) -> str:
    return _LEGEND[key][language == "en"] if key in _LEGEND else word(key, language)


def _symbol(parent: ET.Element, name: str, colour: str) -> None:
    symbol = ET.SubElement(parent, "symbol", name=name, type="fill", alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    options = {
        "color": f"{colour},60",
        "style": "solid",
        "outline_color": f"{colour},255",
        "outline_style": "solid",
        "outline_width": "0.6",
        "outline_width_unit": "MM",
    }
    held = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(held, "Option", name=key, type="QString", value=value)
        ET.SubElement(layer, "prop", k=key, v=value)  # QGIS before 3.26 reads these
