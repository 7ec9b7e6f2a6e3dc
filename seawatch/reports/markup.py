"""XML files of reports, made by an XML library and never by a template."""

from pathlib import Path
from xml.etree import ElementTree as ET

KML = "http://www.opengis.net/kml/2.2"
GPX = "http://www.topografix.com/GPX/1/1"
NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def add(parent: ET.Element, tag: str, text: str | None = None, **fields: str) -> ET.Element:
    """A child of `parent`; characters that XML cannot hold are dropped from its text."""
    child = ET.SubElement(parent, tag, fields)
    child.text = None if text is None else text.translate(NOT_XML)
    return child


def save(path: Path, root: ET.Element) -> None:
    """Write UTF-8, indented: the same elements give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
