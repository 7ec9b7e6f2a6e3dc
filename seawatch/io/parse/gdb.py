"""ESRI File Geodatabase: a folder of tables, read by GDAL's OpenFileGDB."""

from ._ogr import features, layer_of
from ._parsed import Job, Parsed, table


def read(job: Job) -> Parsed:
    """One feature class."""
    return from_driver(job, "OpenFileGDB", "File Geodatabase")


def from_driver(job: Job, driver: str, name: str) -> Parsed:
    """One layer as GDAL gives it."""
    parsed = Parsed(name, layer=layer_of(job, driver), crs_from="the file")
    records = []
    for feature, shape in features(job.path, driver, parsed.layer, parsed):
        parsed.rows.append(len(parsed.rows) + 1)
        parsed.shapes.append(shape)
        records.append(dict(feature.properties))
    parsed.columns = table(records)
    return parsed
