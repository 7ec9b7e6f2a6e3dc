"""The offline map of a run: what is drawn, and what must be known before it is read."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import folium
import geopandas as gpd

from ..geo import LONLAT
from ..layers import Layers
from ..tables import NATURAL, ZONE_KINDS
from . import cards
from .chips import Chip
from .offline import offline_map
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
    min_seen: Sequence[str] = (),
    seen_share: float | None = None,
    timezone: str = "Asia/Shanghai",
) -> folium.Map:
    """The map of a run as a folium map; rendered or saved it is one self-contained page.

    Parameters
    ----------
    flags, coverage, layers : checked tables in a projected CRS.
    chips : pictures by flag_id.
    not_judged : layers that were said to be absent.
    skipped : sentences on inputs that were left out.
    min_seen : sentences on the smallest area each sensor can show.
    seen_share : share of the area of interest that was seen, 0-1.
    timezone : days and hours are shown in it.
    """
    zone = ZoneInfo(timezone)
    shown = with_words(flags, language).to_crs(LONLAT)
    bounds = _bounds(flags, coverage, layers)
    notices = [
        *_seen_notices(flags, coverage, language, seen_share),
        *_input_notices(language, not_judged, skipped, min_seen),
    ]
    data = {
        "sw-data-page": {
            "title": title,
            "issue": issue,
            "on": on.isoformat(),
            "words": words(language),
            "notices": [{"tone": tone, "text": text} for tone, text in notices],
            "absent": sorted(not_judged),
            "bounds": bounds,
        },
        "sw-data-flags": cards.flag_entries(shown, zone, language, chips),
        "sw-data-layers": _layers(layers, coverage, on, zone, language),
        "sw-data-chips": {name: _picture(chips[name]) for name in flags.flag_id if name in chips},
    }
    return offline_map(data, title=f"{title} {issue}", bounds=bounds, language=language)


def html(chart: folium.Map) -> str:
    """The page of a map that `draw` made."""
    return str(chart.get_root().render())


def _seen_notices(
    flags: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame, language: str, seen_share: float | None
) -> list[tuple[str, str]]:
    """Unseen is not clear: (tone, text) of what was and was not looked at."""
    notices = []
    seen = (coverage.seen == "yes").any()
    if not seen:
        notices.append(("warn", word("nothing_seen", language)))
    elif seen_share is not None and seen_share < 0.995:
        text = word("partly_seen", language).format(seen=f"{seen_share:.0%}")
        notices.append(("warn", text))
    unseen = int((flags.status == "unseen").sum())
    if unseen:
        notices.append(("warn", word("unseen_flags", language).format(count=unseen)))
    if seen and not flags.status.isin(["new", "open"]).any():
        notices.append(("good", word("quiet", language)))
    return notices


def _input_notices(
    language: str, not_judged: Sequence[str], skipped: Sequence[str], min_seen: Sequence[str]
) -> list[tuple[str, str]]:
    """Absent is not judged: (tone, text) of what there was to judge with."""
    notices = []
    judged_by = [name for name in not_judged if name not in ("duty", "known")]
    if judged_by:
        names = "、" if language == "zh" else ", "
        text = names.join(word(f"layer_{name}", language) for name in judged_by)
        notices.append(("warn", word("not_judged", language).format(layers=text)))
    notices += [("warn", f"{word('skipped', language)}: {text}") for text in skipped]
    notices += [("note", f"{word('min_seen', language)}: {text}") for text in min_seen]
    return notices


def _bounds(
    flags: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame, layers: Layers
) -> tuple[float, float, float, float]:
    """What to show first: the ground looked at, else the flags, else the layers; degrees."""
    tables = [coverage, flags, layers.coastline, layers.permits, layers.islands, layers.zones]
    table = next((t for t in tables if len(t)), None)
    if table is None:
        return (119.0, 34.0, 123.0, 38.5)
    west, south, east, north = table.to_crs(LONLAT).total_bounds
    return tuple(round(float(v), 6) for v in (west, south, east, north))  # type: ignore[return-value]  # four


def _layers(
    layers: Layers, coverage: gpd.GeoDataFrame, on: date, zone: ZoneInfo, language: str
) -> dict[str, list[dict[str, Any]]]:
    """What is drawn under the flags, by the name of its switch, lowest first."""
    permits, coast = layers.permits, layers.coastline
    valid, natural = cards.in_term(permits, on), coast.kind.isin(NATURAL)
    # a zone out of its term is no zone: drawn, it would look as if it were
    zones = layers.zones[cards.in_term(layers.zones, on)]
    drawn: dict[str, tuple[gpd.GeoDataFrame, Callable[..., cards.Card]]] = {
        "coverage_yes": (coverage[coverage.seen == "yes"], cards.coverage_card),
        "coverage_no": (coverage[coverage.seen == "no"], cards.coverage_card),
        "islands": (layers.islands, cards.island_card),
        **{f"zone_{kind}": (zones[zones.kind == kind], cards.zone_card) for kind in ZONE_KINDS},
        "permits_ended": (permits[~valid], cards.permit_card),
        "permits_in_force": (permits[valid], cards.permit_card),
        "coast_artificial": (coast[~natural], cards.coast_card),
        "coast_natural": (coast[natural], cards.coast_card),
    }
    return {
        name: [
            {"shape": cards.rings(row.geometry, 7), "rows": card(row, zone, language)}
            for row in table.to_crs(LONLAT).itertuples()
        ]
        for name, (table, card) in drawn.items()
    }


def _picture(chip: Chip) -> dict[str, Any]:
    texts = [base64.b64encode(content).decode() for content in (chip.before, chip.after)]
    return {
        "before": texts[0],
        "after": texts[1],
        "bounds": chip.bounds,
        "before_taken": chip.before_taken,
        "after_taken": chip.after_taken,
    }
