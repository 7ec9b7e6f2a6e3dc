"""DXF drawings: entities of one CAD layer. A drawing names no CRS, and a closed line is an area."""

from ._ogr import features
from ._parsed import Job, Parsed, Refused, content, one_of, table


def read(job: Job) -> Parsed:
    """The entities of one CAD layer of the drawing."""
    if content(job.path).startswith(b"AutoCAD Binary DXF"):
        raise Refused("a binary DXF; save it as ASCII DXF")
    parsed = Parsed("DXF")
    drawn = list(features(job.path, "DXF", "entities", parsed))
    wanted = one_of(sorted({_layer(f) for f, _ in drawn}), job.layer, "CAD layer")
    records = []
    for number, (feature, shape) in enumerate(drawn, 1):
        if _layer(feature) != wanted:
            parsed.faults.pop(number, None)
            continue
        parsed.rows.append(number)
        parsed.shapes.append(shape)
        records.append(dict(feature.properties))
    parsed.layer, parsed.crs, parsed.columns = wanted, None, table(records)
    parsed.encoding_why = "as the drawing's head says"
    return parsed


def _layer(feature: object) -> str:
    return str(feature.properties.get("Layer"))  # type: ignore[attr-defined]
