"""The public's page: drawn from a table that never had what the public must not see.

What may be in that table is `audience`'s to say. Everything shown is a word of ours, a number,
a day or a flag's number; the office's own page is ``page``.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import folium
import geopandas as gpd
import pandas as pd

from ..audience import METRES_A_DEGREE, Limits, View
from ..sensors import SENSORS
from ..tables import NATURAL
from .cards import Lines, in_order, layer, packed
from .chips import Chip
from .offline import PUBLIC, offline_map
from .pack import outlines, texts
from .page import picture, put_elsewhere
from .words import MODES, area, rule_word, word, words


def draw(
    view: View,
    chips: Mapping[str, Chip],
    *,
    title: str,
    issue: str,
    on: date,
    bounds: tuple[float, float, float, float],
    limits: Limits,
    language: str = "zh",
    timezone: str = "Asia/Shanghai",
    elsewhere: Mapping[str, str] | None = None,
    max_mb: float = 25.0,
    part: str = "",
) -> folium.Map:
    """The public's map; the parameters are those of `page.draw`.

    chips : made for the public. bounds : west, south, east, north in degrees, shown first.
    """
    flags = in_order(view.flags)
    held = [flag_id for flag_id in flags.flag_id if flag_id in chips]
    away = {f: name for f, name in (elsewhere or {}).items() if f in set(flags.flag_id)}
    data = {
        "sw-data-page": {
            "title": title,
            "issue": issue,
            "on": on.isoformat(),
            "words": spoken(language),
            "approval": word("approval", language).format(number=limits.approval),
            "notices": _notices(limits, language) + put_elsewhere(away, part, language),
            "datum": word("public_datum", language),
            "bounds": bounds,
            "pictures": {flag_id: f"sw-chip-{n}" for n, flag_id in enumerate(held)},
            "elsewhere": away,
            "max_mb": f"{max_mb:g}",
        },
        "sw-data-flags": _flags(flags, view.step, ZoneInfo(timezone), language),
        "sw-data-layers": _layers(view, on, language),
        **{f"sw-chip-{n}": picture(chips[flag_id]) for n, flag_id in enumerate(held)},
    }
    return offline_map(data, bounds=bounds, language=language, parts=PUBLIC)


def around(view: View) -> tuple[float, float, float, float]:
    """What to show first, on the grid, degrees: the ground looked at, else what there is."""
    tables = [view.tables["coverage"], view.flags, *view.tables.values()]
    table = next((t for t in tables if len(t)), None)
    if table is None:
        return (119.0, 34.0, 123.0, 38.5)
    west, south, east, north = (round(float(v), 7) for v in table.total_bounds)
    return west, south, east, north


def spoken(language: str) -> dict[str, str]:
    """The words that the public's page can say; the office's stay in the office."""
    script = PUBLIC.script()
    named = set(re.findall(r"\w+", script))
    begun = tuple(re.findall(r'words\["(\w+_)"', script))
    kept = {k: v for k, v in words(language).items() if k in named or k.startswith(begun)}
    sought = word("public_search", language)
    return kept | {"search": sought, "search_short": sought}


def _notices(limits: Limits, language: str) -> list[dict[str, str]]:
    which = word("public_undecided" if limits.undecided else "public_decided", language)
    unverified = "" if limits.stated else word("public_unverified", language)
    told = [
        word("public_flags", language).format(which=which),
        word("public_limits", language).format(
            m=f"{limits.position_m:g}", pixel=f"{limits.image_m:g}", unverified=unverified
        ),
    ]
    return [{"tone": "note", "text": text} for text in told]


def _flags(flags: gpd.GeoDataFrame, step: float, zone: ZoneInfo, language: str) -> dict[str, Any]:
    lines = [_flag_lines(row, step, zone, language) for row in flags.itertuples()]
    sizes = [area(value, language) for value in flags.excess_m2]
    titles = {r: rule_word(r, "title", language) for r in sorted(set(flags.rule))}
    kinds = [word(f"kind_{kind}", language) for kind in flags.kind]
    reasons = [
        word("public_reason", language).format(title=titles[rule], kind=kind, size=size)
        for rule, kind, size in zip(flags.rule, kinds, sizes, strict=True)
    ]
    return {
        "count": len(flags),
        "id": texts(flags.flag_id),
        "rule": texts(flags.rule),
        "rules": titles,
        "reason": texts(reasons),
        "priority": flags.priority.astype(int).tolist(),
        "status": texts(flags.status),
        "size": texts(sizes),
        "subject": texts([""] * len(flags)),
        "people": {},
        "lines": packed(lines, language),
        "at": outlines(flags["at"].to_numpy(), 7),
        "shape": outlines(flags.geometry.to_numpy(), 7),
    }


def _flag_lines(flag: Any, step: float, zone: ZoneInfo, language: str) -> Lines:
    sensor = SENSORS.get(flag.sensor)
    days = (f"{moment.tz_convert(zone):%Y-%m-%d}" for moment in (flag.before, flag.after))
    decimals = max(0, len(f"{step:.9f}".rstrip("0").partition(".")[2]))
    place = f"{flag.at.y:.{decimals}f}° N, {flag.at.x:.{decimals}f}° E"
    return {
        "since": " — ".join(days),
        "scenes": getattr(sensor, f"title_{language}") if sensor else "",
        "excess": area(flag.excess_m2, language, flag.excess_sigma_m2),
        "kind": word(f"kind_{flag.kind}", language),
        "how": word(f"how_{flag.kind}", language),
        "position": f"{place} (± {step / 2 * METRES_A_DEGREE:.0f} m)",
        "first_seen": f"{flag.first_seen:%Y-%m-%d}",
        "last_seen": f"{flag.last_seen:%Y-%m-%d}",
        "basis": flag.basis,
    }


def _layers(view: View, on: date, language: str) -> dict[str, dict[str, Any]]:
    """What is drawn under the flags, by the name of its switch."""
    day, tables = pd.Timestamp(on), view.tables
    permits, coast, seen = tables["permits"], tables["coastline"], tables["coverage"]
    valid = (permits.valid_from <= day) & (permits.valid_to >= day)
    natural = coast.kind.isin(NATURAL)
    return {
        "coverage_yes": layer(seen[seen.seen == "yes"], _coverage, "", language),
        "coverage_no": layer(seen[seen.seen == "no"], _coverage, "", language),
        "islands": layer(tables["islands"], _island, "", language),
        "zones": layer(tables["zones"], _zone, "", language),
        "permits_ended": layer(permits[~valid], _permit, "", language),
        "permits_in_force": layer(permits[valid], _permit, "", language),
        "coast_artificial": layer(coast[~natural], _coast, "", language),
        "coast_natural": layer(coast[natural], _coast, "", language),
    }


def _coverage(row: Any, language: str) -> Lines:
    return {"": word(f"why_{row.why}", language)}


def _island(row: Any, language: str) -> Lines:
    inhabited = word(f"inhabited_{row.inhabited or 'unknown'}", language)
    return {"islands": getattr(row, "name", None) or "", "": inhabited}


def _zone(row: Any, language: str) -> Lines:
    return {"": word(f"zone_{row.kind}", language), "zones": getattr(row, "name", None) or ""}


def _permit(row: Any, language: str) -> Lines:
    mode = MODES[row.use_mode][language == "en"]
    term = f"{row.valid_from:%Y-%m-%d} — {row.valid_to:%Y-%m-%d}"
    return {"no": getattr(row, "permit_id", ""), "": f"{mode}\n{term}"}


def _coast(row: Any, language: str) -> Lines:
    return {"": word(f"segment_{row.kind}", language)}
