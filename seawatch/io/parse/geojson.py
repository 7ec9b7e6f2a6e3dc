"""GeoJSON (RFC 7946), read as JSON: every feature as it is written, none left out in silence."""

import json
from typing import Any

from .. import encodings
from ._parsed import Job, Parsed, Refused, content, table
from ._wkb import NotUnderstood, wkb


def read(job: Job) -> Parsed:
    """A FeatureCollection, a Feature or a bare geometry."""
    text, choice = _text(job)
    try:
        whole = json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise Refused(f"not GeoJSON: {error}; export it again") from None
    if not isinstance(whole, dict) or "type" not in whole:
        raise Refused("not GeoJSON: it has no 'type'; export it again")
    parsed = Parsed("GeoJSON", encoding=choice.label, encoding_why=choice.why)
    parsed.crs, parsed.crs_from = _crs(whole.get("crs"))
    records = []
    for number, feature in enumerate(_features(whole), 1):
        properties, shape = _feature(feature, number, parsed)
        records.append(properties)
        parsed.rows.append(number)
        parsed.shapes.append(shape)
    parsed.columns = table(records)
    return parsed


def _text(job: Job) -> tuple[str, encodings.Choice]:
    raw = content(job.path).removeprefix(b"\xef\xbb\xbf")
    choice = encodings.choose(
        [raw] if raw.isascii() else raw.splitlines(),
        told=job.encoding,
        claimed="UTF-8",
        by="the format",
    )
    try:
        return raw.decode(choice.codec), choice
    except UnicodeDecodeError as error:
        raise Refused(f"not GeoJSON: {error}; export it again") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _crs(named: Any) -> tuple[str, str]:
    """The old `crs` member, which GDAL and QGIS still write; a linked one is never followed."""
    if named is None:
        return "OGC:CRS84", "the format"
    try:
        if named["type"] == "name":
            return str(named["properties"]["name"]), "the file"
    except (TypeError, KeyError):
        pass
    raise Refused("its CRS is a link, or none; write the CRS's name instead")


def _features(whole: dict[str, Any]) -> list[Any]:
    if whole["type"] == "FeatureCollection":
        features = whole.get("features")
        if not isinstance(features, list):
            raise Refused("not GeoJSON: 'features' is no list; export it again")
        return features
    if whole["type"] == "Feature":
        return [whole]
    return [{"type": "Feature", "properties": {}, "geometry": whole}]


def _feature(feature: Any, number: int, parsed: Parsed) -> tuple[dict[str, Any], bytes | None]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        parsed.faults[number] = "no GeoJSON feature"
        return {}, None
    try:
        shape = wkb(feature.get("geometry"))
    except NotUnderstood as fault:
        parsed.faults[number] = f"its geometry cannot be understood: {fault}"
        shape = None
    return feature.get("properties") or {}, shape
