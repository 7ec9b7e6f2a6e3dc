"""A folder for each officer: the map of their flags with its form, their sheets, their routes.

Flags and orders that nobody answers for have a folder of their own, so that none is lost.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from . import atlas
from .io.files import folder_aside
from .layers import Layers
from .maps.chips import Chip
from .maps.words import word
from .reports import fonts
from .reports.routes import write_route

if TYPE_CHECKING:
    from .run import Run

FOLDER = "owners"
NOBODY = "nobody"
SHEETS = "sheets.pdf"
ROUTE = "patrol"
_LONGEST = 24  # characters of a name that stand in a folder's


def folder_name(owner: str) -> str:
    """A folder's name for an officer: it can be read, and is the same every week.

    Letters and digits of the name alone, and six of its digest: two names never share one,
    and none leads elsewhere or is a word that some system reserves.

    >>> folder_name("王伟"), folder_name("../etc"), folder_name("")
    ('王伟-0c6e5f', 'etc-f7f912', 'nobody')
    """
    if not owner:
        return NOBODY
    plain = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", owner)).strip("-_")
    digest = hashlib.sha256(owner.encode("utf-8", "replace")).hexdigest()[:6]
    return "-".join(filter(None, (plain[:_LONGEST], digest)))


def write_packs(
    run: "Run",
    layers: Layers,
    pictures: Mapping[str, Chip],
    home: Path,
    face: fonts.Face | None,
    language: str,
    *,
    max_mb: float = atlas.MAX_MB,
    tiles: str | None = None,
) -> list[Path]:
    """Write home/owners/ anew: a folder for each officer who has something; their paths.

    pictures : by flag_id. face : of the sheets; None to leave them out.
    max_mb : size of a map's file, in millions of bytes. tiles : see `maps.page.draw`.
    """
    owners = sorted({*run.flags.owner.fillna(""), *run.patrols.owner.fillna("")})
    with folder_aside(home / FOLDER) as hidden:
        for owner in owners:
            mine = _part(run, owner)
            folder = hidden / folder_name(owner)
            folder.mkdir()
            name = owner or word("nobody", language)
            drawn = atlas.pages(
                mine, layers, pictures, language, max_mb=max_mb, tiles=tiles, whose=name
            )
            for file, text in drawn:
                (folder / file).write_text(text, "utf-8")
            if face is not None:
                _write_sheets(mine, layers, pictures, folder, name, face, language)
            write_route(folder / ROUTE, mine.patrols, owner, run.project.craft, language)
    return [home / FOLDER / folder_name(owner) for owner in owners]


def _part(run: "Run", owner: str) -> "Run":
    """The run as one officer has it; reminders stand in the office's workbook alone."""

    def of(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return table[table.owner.fillna("") == owner]

    return replace(
        run, flags=of(run.flags), patrols=of(run.patrols), reminders=run.reminders.iloc[:0]
    )


def _write_sheets(
    run: "Run",
    layers: Layers,
    pictures: Mapping[str, Chip],
    folder: Path,
    name: str,
    face: fonts.Face,
    language: str,
) -> None:
    from .reports.booklet import booklet  # what writes PDF is slow to load

    head = f"{run.project.settings.project.name} {run.issue}"
    zone = run.project.timezone
    content = booklet(run.flags, layers, pictures, head, name, language, face, zone)
    if content:
        (folder / SHEETS).write_bytes(content)
