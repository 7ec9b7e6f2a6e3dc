"""FlatGeobuf, read by GDAL."""

from ._parsed import Job, Parsed
from .gdb import from_driver


def read(job: Job) -> Parsed:
    """The one layer of the file."""
    return from_driver(job, "FlatGeobuf", "FlatGeobuf")
