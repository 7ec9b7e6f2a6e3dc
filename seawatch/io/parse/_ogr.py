"""What only GDAL reads: the features of a file through fiona, with one named driver.

The environment that `io.foreign` gives has the drivers off that open anything else.
"""

import logging
from collections.abc import Iterator
from typing import Any

import fiona
import fiona.errors
from fiona._err import CPLE_BaseError as _CPL

from ._parsed import Job, Parsed, Refused, one_of
from ._wkb import NotUnderstood, wkb


def features(
    path: str, driver: str, layer: str | None, parsed: Parsed, *, first: int = 1
) -> Iterator[tuple[Any, bytes | None]]:
    """Each feature and its outline; an outline that is none becomes a fault of its row."""
    mishaps = _Mishaps()
    try:
        encoding = "latin-1" if driver == "ESRI Shapefile" else None
        with fiona.open(path, enabled_drivers=[driver], layer=layer, encoding=encoding) as source:
            spelt = _spelt(source)
            if driver != "ESRI Shapefile":  # whose .prj is read as it stands
                parsed.crs = spelt
            known, found = _count(source), 0
            mishaps.said.clear()  # what it says of the CRS is no fault of the features
            for number, feature in enumerate(source, first):
                found += 1
                yield feature, _outline(feature, number, parsed)
        if found < known:
            raise Refused(f"holds {found} of the {known} features it names; copy the file again")
    except (fiona.errors.FionaError, _CPL, ValueError, AttributeError, TypeError) as error:
        raise Refused(f"cannot be read as {driver}: {_line(error)}; copy the file again") from None
    finally:
        mishaps.close()
    if mishaps.said:
        raise Refused(f"is damaged: {mishaps.said[0]}; copy the file again")


def _spelt(source: Any) -> str | None:
    try:
        return source.crs_wkt or None
    except _CPL:
        return None


def _count(source: Any) -> int:
    """How many features the file says it has; 0 where it does not (a drawing)."""
    try:
        return len(source)
    except TypeError:
        return 0


class _Mishaps(logging.Handler):
    """What GDAL calls an error and reads on after, with features missing or empty."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []
        logging.getLogger("fiona").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was said."""
        self.said.append(" ".join(record.getMessage().split())[:200])

    def close(self) -> None:
        """Listen no longer."""
        logging.getLogger("fiona").removeHandler(self)
        super().close()


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
    except (fiona.errors.FionaError, _CPL, ValueError) as error:
        raise Refused(f"cannot be read as {driver}: {_line(error)}; copy the file again") from None
    return one_of(names, job.layer)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
