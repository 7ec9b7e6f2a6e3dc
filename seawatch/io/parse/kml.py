"""KML 2.2, read as XML: every Placemark is a row, with its Folder and its extended data."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from .. import encodings
from ._parsed import Job, Parsed, Refused, content, listed, table
from ._wkb import NotUnderstood, wkb

_HEAD = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*\?>")


def read(job: Job) -> Parsed:
    """All Placemarks, or those of one Folder."""
    text, choice = _text(job)
    parsed = Parsed("KML", crs="OGC:CRS84", crs_from="the format")
    parsed.encoding, parsed.encoding_why = choice.label, choice.why
    marks = list(_placemarks(_tree(text), ""))
    folders = list(dict.fromkeys(folder for folder, _ in marks))
    if job.layer is not None:
        if job.layer not in folders:
            raise Refused(f"no layer '{job.layer}'; there are {listed(folders)}")
        marks = [mark for mark in marks if mark[0] == job.layer]
        parsed.layer = job.layer
    records = []
    for number, (folder, mark) in enumerate(marks, 1):
        parsed.rows.append(number)
        parsed.shapes.append(_shape(mark, number, parsed))
        records.append({"Folder": folder, **_cells(mark)})
    parsed.columns = table(records)
    return parsed


def _text(job: Job) -> tuple[str, encodings.Choice]:
    raw = content(job.path).removeprefix(b"\xef\xbb\xbf")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16"), encodings.Choice("utf-16", "its byte order mark says so")
    head = _HEAD.match(raw)
    claimed = head[1].decode("ascii", "replace") if head else "UTF-8"
    by = "its XML head" if head else "the format"
    choice = encodings.choose(
        [raw] if raw.isascii() else raw.splitlines(), told=job.encoding, claimed=claimed, by=by
    )
    body = raw[head.end() :] if head else raw
    try:
        return body.decode(choice.codec), choice
    except UnicodeDecodeError as error:
        raise Refused(f"not KML: {error}; export it again") from None


def _tree(text: str) -> ElementTree.Element:
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.I):
        raise Refused("not plain KML: it defines entities; export it again")
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))
    except (ElementTree.ParseError, ValueError) as error:
        raise Refused(f"not KML: {error}; export it again") from None
    if _name(root) != "kml":
        raise Refused(f"not KML: it is <{_name(root)}>; export it again")
    return root


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _placemarks(
    element: ElementTree.Element, folder: str
) -> Iterator[tuple[str, ElementTree.Element]]:
    for child in element:
        kind = _name(child)
        if kind == "Placemark":
            yield folder, child
        elif kind in ("Folder", "Document"):
            yield from _placemarks(child, (_text_of(child, "name") or folder))


def _text_of(element: ElementTree.Element, name: str) -> str | None:
    found = next((child for child in element if _name(child) == name), None)
    return None if found is None else "".join(found.itertext()).strip()


def _cells(mark: ElementTree.Element) -> dict[str, Any]:
    cells: dict[str, Any] = {"Name": _text_of(mark, "name")}
    cells["description"] = _text_of(mark, "description")
    for element in mark.iter():
        if _name(element) == "SimpleData":
            cells[element.get("name", "")] = "".join(element.itertext()).strip()
        elif _name(element) == "Data":
            cells[element.get("name", "")] = _text_of(element, "value")
    return cells


def _shape(mark: ElementTree.Element, number: int, parsed: Parsed) -> bytes | None:
    try:
        shapes = [shape for child in mark if (shape := _geometry(child))]
        if len(shapes) > 1:
            raise NotUnderstood("a Placemark of several geometries")
        return wkb(shapes[0]) if shapes else None
    except NotUnderstood as fault:
        parsed.faults[number] = f"its geometry cannot be understood: {fault}"
        return None


def _geometry(element: ElementTree.Element) -> dict[str, Any] | None:
    kind = _name(element)
    if kind == "Polygon":
        outer = _boundary(element, "outerBoundaryIs")
        if len(outer) != 1:
            raise NotUnderstood(f"a Polygon of {len(outer)} outer boundaries")
        return {"type": kind, "coordinates": outer + _boundary(element, "innerBoundaryIs")}
    if kind in ("LineString", "LinearRing"):
        return {"type": "LineString", "coordinates": _coordinates(element)}
    if kind == "Point":
        return {"type": kind, "coordinates": next(iter(_coordinates(element)), [])}
    if kind == "MultiGeometry":
        parts = [part for child in element if (part := _geometry(child))]
        kinds = {part["type"] for part in parts}
        if len(kinds) == 1 and kinds <= {"Polygon", "LineString", "Point"}:
            coordinates = [part["coordinates"] for part in parts]
            return {"type": f"Multi{kinds.pop()}", "coordinates": coordinates}
        return {"type": "GeometryCollection", "geometries": parts}
    if kind in ("Model", "Track", "MultiTrack"):
        raise NotUnderstood(f"a {kind} is no outline")
    return None


def _boundary(polygon: ElementTree.Element, which: str) -> list[list[list[float]]]:
    rings = [child for child in polygon if _name(child) == which]
    return [_coordinates(ring) for ring in rings]


def _coordinates(element: ElementTree.Element) -> list[list[float]]:
    """Numbers of ``x,y[,z] x,y[,z]``; spaces after the commas, as some programs write, are met."""
    texts = [e.text or "" for e in element.iter() if _name(e) == "coordinates"]
    if len(texts) != 1:
        raise NotUnderstood(f"{len(texts)} lists of coordinates where one should be")
    points = re.sub(r"\s*,\s*", ",", texts[0].strip()).split()
    try:
        return [[float(number) for number in point.split(",") if number] for point in points]
    except ValueError as error:
        raise NotUnderstood(f"a coordinate is no number ({error})") from None
