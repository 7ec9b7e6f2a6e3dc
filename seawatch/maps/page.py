"""The offline map of a run: what goes into the page.

What each card says is in ``cards``; how the page is laid out is its script's. This is the
office's own page; the public's is ``public``.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import folium
import geopandas as gpd

from ..geo import LONLAT
from ..layers import Layers
from ..tables import CAUSES, CHANGES
from .cards import flag_columns, in_order, layer_columns, sight
from .chips import INDEX_RANGE, Chip
from .offline import offline_map
from .tiles import hosts
from .words import with_words, word, words


def draw(
    flags: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    layers: Layers,
    chips: Mapping[str, Chip],
    *,
    title: str,
    issue: str,
    on: date,
    language: str = "zh",
    not_judged: Sequence[str] = (),
    skipped: Sequence[str] = (),
    seen_share: float | None = None,
    timezone: str = "Asia/Shanghai",
    reminders: int = 0,
    where: Sequence[str] = (),
    vetoed: gpd.GeoDataFrame | None = None,
    tiles: str | None = None,
    elsewhere: Mapping[str, str] | None = None,
    max_mb: float = 25.0,
    part: str = "",
    whose: str = "",
    enrolled: Sequence[str] = (),
    head: str | None = None,
) -> folium.Map:
    """The map of a run as a folium map; rendered or saved it is one self-contained page.

    Parameters
    ----------
    flags, coverage, layers : checked tables in a projected CRS.
    chips : pictures by flag_id.
    not_judged : layers that were said to be absent.
    skipped : sentences on inputs that were left out.
    seen_share : share of the area of interest that was seen, 0-1.
    timezone : days and hours are shown in it.
    reminders : how many of them the workbook lists.
    where : regions whose own law holds beside the nation's.
    vetoed : changes that were ruled out, with the reason.
    tiles : tianditu to offer its tiles, with a key that the reader types; else none.
    elsewhere : files beside the page that hold the pictures of flags, by flag_id.
    max_mb : the limit that put them there.
    part : whose flags these are, where the page holds the pictures of some.
    whose : the officer whose flags these are, where they are one's alone; shown first then.
    enrolled : fingerprints of devices' keys that the office knows.
    head : of the journal's chain before the run, for the page's foot.

    Raises
    ------
    UsageError
        For tiles that would lie beside the data by hundreds of metres, or are not known.
    """
    allowed = hosts(tiles)
    ruled_out = CHANGES.empty(flags.crs) if vetoed is None else vetoed
    ordered = in_order(with_words(flags, language, where))
    held = [flag_id for flag_id in ordered.flag_id if flag_id in chips]
    away = {f: name for f, name in (elsewhere or {}).items() if f in set(ordered.flag_id)}
    bounds = bounds_of(flags, coverage, layers, near=bool(whose))
    notices = _notices(flags, coverage, language, not_judged, skipped, seen_share)
    if reminders:
        text = word("reminders_listed", language).format(number=reminders)
        notices.append({"tone": "note", "text": text})
    data = {
        "sw-data-page": {
            "title": title,
            "issue": issue,
            "on": on.isoformat(),
            "words": words(language),
            "notices": notices + put_elsewhere(away, part, language, whose),
            "bounds": bounds,
            "head": f"{word('chain_head', language)}: {head}" if head else "",
            "datum": word("datum", language),
            "tiles": tiles or "",
            "causes": list(CAUSES),
            "enrolled": list(enrolled),
            "pictures": {flag_id: f"sw-chip-{n}" for n, flag_id in enumerate(held)},
            "elsewhere": away,
            "max_mb": f"{max_mb:g}",
            "index_range": INDEX_RANGE,
        },
        "sw-data-flags": flag_columns(
            ordered,
            layers,
            ruled_out,
            chips=chips,
            sight=sight(coverage, language),
            zone=ZoneInfo(timezone),
            language=language,
        ),
        "sw-data-layers": layer_columns(layers, coverage, ruled_out, on, language),
        **{f"sw-chip-{n}": picture(chips[flag_id]) for n, flag_id in enumerate(held)},
    }
    return offline_map(data, bounds=bounds, language=language, hosts=allowed)


def html(chart: folium.Map) -> str:
    """The page of a map that `draw` made."""
    return str(chart.get_root().render())


def put_elsewhere(
    away: Mapping[str, str], part: str, language: str, whose: str = ""
) -> list[dict[str, str]]:
    """That pictures or flags are in other files, or that this is one of those."""
    mine = "whose_nobody" if whose == word("nobody", language) else "whose"
    notices = [
        {"tone": "note", "text": word(key, language).format(name=name)}
        for key, name in ((mine, whose), ("part", part))
        if name
    ]
    if away:
        files = ", ".join(sorted(set(away.values())))
        text = word("pictures_left", language).format(number=len(away), files=files)
        notices.append({"tone": "note", "text": text})
    return notices


def _notices(
    flags: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    language: str,
    not_judged: Sequence[str],
    skipped: Sequence[str],
    seen_share: float | None,
) -> list[dict[str, str]]:
    """What must be known before the flags are read: unseen is not clear, absent is not judged."""
    notices = []
    seen = (coverage.seen == "yes").any()
    if not seen:
        notices.append(("warn", word("nothing_seen", language)))
    elif seen_share is not None and seen_share < 0.995:
        text = word("partly_seen", language).format(seen=f"{seen_share:.0%}")
        notices.append(("warn", text))
    if seen and not flags.status.isin(["new", "open"]).any():
        notices.append(("good", word("quiet", language)))
    judged_by = [name for name in not_judged if name not in ("duty", "known")]
    if judged_by:
        names = "、" if language == "zh" else ", "
        text = names.join(word(f"layer_{name}", language) for name in judged_by)
        notices.append(("warn", word("not_judged", language).format(layers=text)))
    notices += [("warn", f"{word('skipped', language)}: {text}") for text in skipped]
    return [{"tone": tone, "text": text} for tone, text in notices]


def bounds_of(
    flags: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame, layers: Layers, *, near: bool = False
) -> tuple[float, float, float, float]:
    """What to show first: the ground looked at, else the flags, else the layers; degrees.

    near : the flags before the ground.
    """
    first = [flags, coverage] if near else [coverage, flags]
    tables = [*first, layers.coastline, layers.permits, layers.islands, layers.zones]
    table = next((t for t in tables if len(t)), None)
    if table is None:
        return (119.0, 34.0, 123.0, 38.5)
    west, south, east, north = table.to_crs(LONLAT).total_bounds
    return tuple(round(float(v), 6) for v in (west, south, east, north))  # type: ignore[return-value]  # four


def picture(chip: Chip) -> dict[str, Any]:
    """A chip as the page has it."""
    return {
        "before": _text(chip.before),
        "after": _text(chip.after),
        "bounds": chip.bounds,
        "sides": chip.sides(),
        "pixel_m": chip.pixel_m,
        "index": chip.index
        and {
            "before": _text(chip.index.before),
            "after": _text(chip.index.after),
            "said": chip.index.said,
        },
        "series": [{"picture": _text(look.picture), "said": look.said} for look in chip.series],
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
