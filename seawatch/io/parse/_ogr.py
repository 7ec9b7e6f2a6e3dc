"""What only GDAL reads: the features of a file through fiona, with one named driver.

The environment that `io.foreign` gives has the drivers off that open anything else.
"""

from collections.abc import Iterator
from typing import Any

import fiona
import fiona.errors

from ._parsed import Job, Parsed, Refused, one_of
from ._wkb import NotUnderstood, wkb


def features(
    path: str, driver: str, layer: str | None, parsed: Parsed, *, first: int = 1
) -> Iterator[tuple[Any, bytes | None]]:
    """Each feature and its outline; an outline that is none becomes a fault of its row."""
    try:
        encoding = "latin-1" if driver == "ESRI Shapefile" else None
        with fiona.open(path, enabled_drivers=[driver], layer=layer, encoding=encoding) as source:
            parsed.crs = parsed.crs or source.crs_wkt or None
            for number, feature in enumerate(source, first):
                yield feature, _outline(feature, number, parsed)
    except (fiona.errors.FionaError, ValueError, AttributeError, TypeError) as error:
        raise Refused(f"cannot be read as {driver}: {_line(error)}; copy the file again") from None


def _outline(feature: Any, number: int, parsed: Parsed) -> bytes | None:
    geometry = feature.geometry
    try:
        return wkb(None if geometry is None else geometry.__geo_interface__)
    except NotUnderstood as fault:
        parsed.faults[number] = f"its geometry cannot be understood: {fault}"
        return None


def layer_of(job: Job, driver: str) -> str:
    """The layer to read of a file of several."""
    try:
        names = fiona.listlayers(job.path)
    except (fiona.errors.FionaError, ValueError) as error:
        raise Refused(f"cannot be read as {driver}: {_line(error)}; copy the file again") from None
    return one_of(names, job.layer)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
