"""How the run's layers look when flags.gpkg is opened in QGIS.

QGIS reads a layer's style from the table ``layer_styles`` of the same GeoPackage.
"""

from xml.sax.saxutils import quoteattr

_RED, _ORANGE, _BLUE, _GREY = "193,18,31", "217,102,10", "61,111,150", "138,148,155"
_GREEN, _DARK = "127,183,160", "74,85,96"


def styles() -> dict[str, str]:
    """A QGIS style (QML) for each layer, in the map's own colours."""
    return {
        "flags": _by_value("priority", {"1": _RED, "2": _ORANGE, "3": _BLUE}),
        "findings": _by_value("priority", {"1": _RED, "2": _ORANGE, "3": _BLUE}),
        "changes": _by_value("kind", {"land_gained": _RED, "land_lost": _BLUE, "": _GREY}),
        "coverage": _by_value("seen", {"yes": _GREEN, "no": _DARK}),
        "ground": _by_value("state", {"seen": _GREEN, "ordered": _DARK, "out_of_scope": _GREY}),
        "patrols": _by_value("mode", {"drone": _BLUE, "visit": _ORANGE}),
    }


def _by_value(column: str, colours: dict[str, str]) -> str:
    categories = "".join(
        f'<category value={quoteattr(value)} label={quoteattr(value)} symbol="{n}" render="true"/>'
        for n, value in enumerate(colours)
    )
    symbols = "".join(
        f'<symbol name="{n}" type="fill" alpha="1"><layer class="SimpleFill" enabled="1"><Option '
        f'type="Map"><Option name="color" type="QString" value="{colour},60"/><Option '
        f'name="outline_color" type="QString" value="{colour},255"/><Option name="outline_width" '
        'type="QString" value="0.6"/></Option></layer></symbol>'
        for n, colour in enumerate(colours.values())
    )
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.28">'
        f'<renderer-v2 type="categorizedSymbol" attr="{column}">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )
