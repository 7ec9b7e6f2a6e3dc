"""Which pictures go into the map itself, and which into files beside it.

A page of a hundred megabytes does not open on a phone. The most urgent flags carry their
pictures as long as there is room; the rest go into one file for each officer, or, where
nobody answers for the place, for each sheet of the national map at 1:50,000 (GB/T 13989:
15′ by 10′, numbered from the millionth sheet down, as J51E015009).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from ..geo import LONLAT
from .cards import in_order
from .chips import Chip

_BASE64 = 4 / 3
_AROUND = 1_200  # bytes of what is said beside a picture
_MILLION = 1e6


@dataclass(frozen=True)
class Part:
    """Flags whose pictures are in a file of their own.

    name : the officer, or the number of the map sheet.
    """

    file: str
    name: str
    flag_ids: tuple[str, ...]


def split(
    flags: gpd.GeoDataFrame, chips: Mapping[str, Chip], max_mb: float, bare: int
) -> tuple[list[str], list[Part]]:
    """The flags whose pictures fit into the map, and the parts that the others make.

    max_mb : size of the map and of each part, in millions of bytes. bare : bytes of the map
    without pictures; a part is taken to need as many, and holds at least one flag.
    """
    ordered = in_order(flags)
    ordered = ordered[ordered.flag_id.isin(list(chips))]
    room = max_mb * _MILLION - bare
    costs = {f: _BASE64 * chips[f].size + _AROUND for f in ordered.flag_id}
    inside = []
    for flag_id in ordered.flag_id:
        room -= costs[flag_id]
        if room < 0:
            break  # a smaller one further on would jump the queue
        inside.append(flag_id)
    rest = ordered.iloc[len(inside) :]
    groups: dict[str, list[str]] = {}
    sheet_of = sheets(rest)
    # the public's flags name no officer
    owners = rest.owner.where(rest.owner.notna(), sheet_of) if "owner" in rest else sheet_of
    for flag_id, name in zip(rest.flag_id, owners, strict=True):
        groups.setdefault(name, []).append(flag_id)
    found = [
        (name, part)
        for name, ids in sorted(groups.items())
        for part in _fitting(ids, costs, max_mb * _MILLION - bare)
    ]
    parts = [
        Part(f"pictures-{n:02d}.html", name, part) for n, (name, part) in enumerate(found, start=1)
    ]
    return inside, parts


def _fitting(ids: list[str], costs: Mapping[str, float], room: float) -> Iterator[tuple[str, ...]]:
    part: list[str] = []
    for flag_id in ids:
        if part and sum(costs[f] for f in part) + costs[flag_id] > room:
            yield tuple(part)
            part = []
        part.append(flag_id)
    if part:
        yield tuple(part)


def sheets(table: gpd.GeoDataFrame) -> pd.Series:
    """The number of the 1:50,000 sheet that each row lies on."""
    points = table.geometry.representative_point().to_crs(LONLAT)
    return pd.Series([sheet(p.x, p.y) for p in points], table.index, dtype=object)


def sheet(lon: float, lat: float) -> str:
    """The number of the 1:50,000 sheet of a place in degrees, GB/T 13989.

    >>> sheet(122.1, 37.5)  # Weihai
    'J51E015009'
    """
    letter = "ABCDEFGHIJKLMNOPQRSTUV"[min(int(abs(lat) // 4), 21)]
    row = 24 - int(abs(lat) % 4 * 6)
    column = int(lon % 6 * 4) + 1
    return f"{letter}{int(lon // 6) + 31:02d}E{row:03d}{column:03d}"
