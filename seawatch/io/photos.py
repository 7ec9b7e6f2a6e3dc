"""Photographs beside a visit's record: their digest, when and where they were taken, a copy.

A copy is kept in the workspace as ``photos/ab/cdef….jpg``, named by the sha256 of its content.
When and where are read from the EXIF tags; only the header of the file is looked at.
"""

import math
import re
import shutil
import warnings
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError

from ..errors import InputRefused
from .files import aside, plain_file, sha256

LARGEST = 64 * 2**20
"""Bytes a photograph may have."""
FOLDER = "photos"


@dataclass(frozen=True)
class Taken:
    """When and where a photograph says it was taken; None where it does not say.

    lon, lat : degrees, WGS 84.
    """

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def digest(path: Path) -> str:
    """The photograph's sha256.

    Raises
    ------
    InputRefused
        If it is a link, no ordinary file, or too large.
    """
    if path.is_symlink():
        raise InputRefused(f"{path}: a link; copy the photograph itself here")
    if plain_file(path).stat().st_size > LARGEST:
        raise InputRefused(f"{path}: over {LARGEST >> 20} MiB; no photograph is that large")
    return sha256(path)


def keep(workspace: Path, path: Path, known: str) -> Path:
    """Copy a photograph of this sha256 into the workspace, once; where it is kept."""
    home = workspace / FOLDER / known[:2] / f"{known[2:]}{path.suffix.lower()[:5]}"
    if not home.is_file():
        with aside(home) as hidden:
            shutil.copyfile(path, hidden)
            if sha256(hidden) != known:
                raise InputRefused(f"{path}: changed while it was copied; import again")
    return home


def taken(path: Path, zone: tzinfo) -> Taken:
    """When and where a JPEG was taken, by its EXIF tags; nothing of what is no JPEG.

    zone : of cameras that do not tell theirs.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="JPEG") as file:
                tags = file.tags()
    except (RasterioIOError, RasterioError, ValueError):
        return Taken()
    lat = _degrees(tags.get("EXIF_GPSLatitude"), tags.get("EXIF_GPSLatitudeRef"), 90)
    lon = _degrees(tags.get("EXIF_GPSLongitude"), tags.get("EXIF_GPSLongitudeRef"), 180)
    if lat is None or lon is None:
        lat = lon = None
    return Taken(_moment(tags, zone), lon, lat)


def _moment(tags: dict[str, str], zone: tzinfo) -> datetime | None:
    text = tags.get("EXIF_DateTimeOriginal") or tags.get("EXIF_DateTime")
    try:
        moment = datetime.strptime((text or "").strip(), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    offset = (tags.get("EXIF_OffsetTimeOriginal") or "").strip()
    if re.fullmatch(r"[+-]\d\d:\d\d", offset):
        return datetime.fromisoformat(f"{moment.isoformat()}{offset}")
    return moment.replace(tzinfo=zone)


def _degrees(text: str | None, side: str | None, most: float) -> float | None:
    """Degrees from GDAL's '(37) (30) (15.2)' and the hemisphere's letter."""
    parts = re.findall(r"\(([-+.\deE]{1,30})\)", text or "")
    letter = (side or "").strip()[:1]
    if len(parts) != 3 or letter not in ("N", "S", "E", "W"):
        return None
    try:
        value = sum(float(part) / 60**power for power, part in enumerate(parts))
    except ValueError:
        return None
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return -value if letter in "SW" else value
