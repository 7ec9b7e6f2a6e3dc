"""What each card and each list entry says, put into words; the page's script only lays it out.

Only the columns a card needs are taken: no holder's name is.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import shapely

from ..geo import dms
from ..sensors import SENSORS
from .chips import Chip
from .words import MODES, area, rule_word, word

Card = list[tuple[str, str]]
"""Lines of a card, as (heading, text)."""

_ORDER = {"new": 0, "open": 1, "unseen": 2, "settled": 3, "cleared": 4}


def flag_entries(
    flags: gpd.GeoDataFrame, zone: ZoneInfo, language: str, chips: Mapping[str, Chip]
) -> list[dict[str, Any]]:
    """One entry a flag, the most urgent first; `flags` in degrees and with their words."""
    entries = [_entry(flag, zone, language, chips.get(flag.flag_id)) for flag in flags.itertuples()]
    return sorted(
        entries, key=lambda e: (_ORDER[e["status"]], e["priority"], -e["excess_m2"], e["id"])
    )


def _entry(flag: Any, zone: ZoneInfo, language: str, chip: Chip | None) -> dict[str, Any]:
    point = flag.geometry.representative_point()
    return {
        "id": flag.flag_id,
        "title": rule_word(flag.rule, "title", language),
        "reason": flag.reason,
        "since": f"{_moment(flag.before, zone)} — {_moment(flag.after, zone)}",
        "check": rule_word(flag.rule, "check", language),
        "priority": int(flag.priority),
        "status": flag.status,
        "level": flag.level,
        "tags": [
            word(f"status_{flag.status}", language),
            f"{word('level', language)} {word(f'level_{flag.level}', language)}",
        ],
        "size": area(flag.excess_m2, language),
        "excess_m2": round(float(flag.excess_m2), 1),
        "first_seen": f"{flag.first_seen:%Y-%m-%d}",
        "rows": _flag_card(flag, point, language, chip),
        "at": [round(point.y, 7), round(point.x, 7)],
        "shape": rings(flag.geometry, 7),
    }


def _flag_card(flag: Any, point: shapely.Point, language: str, chip: Chip | None) -> Card:
    numbers = json.loads(flag.numbers)
    taken = (chip.before_taken, chip.after_taken) if chip else ("", "")
    scenes = [
        f"{word(which, language)} {when} {name}".replace("  ", " ")
        for which, when, name in zip(
            ("before", "after"), taken, (flag.before_scene, flag.after_scene), strict=True
        )
    ]
    sensor = SENSORS.get(flag.sensor)
    sensor_name = getattr(sensor, f"title_{language}") if sensor else flag.sensor
    lines = {
        "scenes": "\n".join([*scenes, sensor_name]),
        "tide": _tides(numbers, language),
        "excess": area(flag.excess_m2, language, numbers["excess_sigma_m2"]),
        "area": area(flag.area_m2, language, flag.area_sigma_m2),
        "kind": word(f"kind_{numbers['kind']}", language),
        "coast": f"{flag.coast_m:.0f} m" if flag.coast_m else "",
        "position": f"{dms(point.y)}  {dms(point.x, 'EW')}",
        "tolerance": f"± {numbers['tolerance_m']:.1f} m (k = 2)",
        "meridian": f"{flag.meridian:g}°",
        "subject": flag.subject or "",
        "first_seen": f"{flag.first_seen:%Y-%m-%d}",
        "last_seen": f"{flag.last_seen:%Y-%m-%d}",
        "level": word(f"level_{flag.level}", language),
        "priority": word(f"priority_{int(flag.priority)}", language),
        "confidence": f"{flag.confidence:.2f}",
        "verdict": word(f"verdict_{flag.verdict}" if flag.verdict else "no_verdict", language),
        "basis": flag.basis,
        "source": " ".join(filter(None, (flag.source, flag.external_id))),
    }
    return [(word(key, language), text) for key, text in lines.items() if text]


def _moment(moment: pd.Timestamp, zone: ZoneInfo) -> str:
    return f"{moment.tz_convert(zone):%Y-%m-%d %H:%M}"


def _tides(numbers: dict[str, Any], language: str) -> str:
    heights = [numbers.get("tide_before_m"), numbers.get("tide_after_m")]
    unknown = word("tide_unknown", language)
    return " / ".join(unknown if h is None else f"{h:+.2f} m" for h in heights)


def rings(shape: shapely.Geometry, decimals: int) -> list[Any]:
    """Latitude and longitude of every vertex, nested as the web map wants them."""

    def points(line: Any) -> list[list[float]]:
        return [[round(y, decimals), round(x, decimals)] for x, y in line.coords]

    parts = shapely.get_parts(shape)
    if parts[0].geom_type == "LineString":
        return [points(part) for part in parts]
    return [[points(ring) for ring in (part.exterior, *part.interiors)] for part in parts]


def coverage_card(row: Any, zone: ZoneInfo, language: str) -> Card:
    """Why the ground was seen or not, and in which scenes."""
    compared = [
        f"{_moment(moment, zone)} {scene or ''}".strip()
        for moment, scene in ((row.before, row.before_scene), (row.after, row.after_scene))
        if not pd.isna(moment)
    ]
    lines = [("", word(f"why_{row.why}", language))]
    return lines + ([(word("scenes", language), "\n".join(compared))] if compared else [])


def island_card(row: Any, zone: ZoneInfo, language: str) -> Card:
    """An island's number, name and whether people live there."""
    return [
        (word("no", language), row.island_id),
        (word("islands", language), row.name or word("unnamed", language)),
        ("", word(f"inhabited_{row.inhabited or 'unknown'}", language)),
    ]


def zone_card(row: Any, zone: ZoneInfo, language: str) -> Card:
    """A zone's number, kind, name, term and source."""
    lines = [
        (word("no", language), row.zone_id),
        (word(f"zone_{row.kind}", language), row.name or word("unnamed", language)),
        (word("term", language), _term(row)),
        (word("source", language), row.source or ""),
    ]
    return [line for line in lines if line[1]]


def permit_card(row: Any, zone: ZoneInfo, language: str) -> Card:
    """A permit's number, use and term; not whose it is."""
    return [
        (word("no", language), row.permit_id),
        (word("use_mode", language), f"{row.use_mode} {MODES[row.use_mode][language == 'en']}"),
        (word("term", language), _term(row)),
    ]


def coast_card(row: Any, zone: ZoneInfo, language: str) -> Card:
    """A segment's number, kind and baseline."""
    return [
        (word("no", language), row.segment_id),
        ("", word(f"segment_{row.kind}", language)),
        (word("baseline", language), row.baseline),
    ]


def _term(row: Any) -> str:
    """'2020-01-01 — 2030-12-31', open where a day is not given, '' where neither is."""
    days = ["" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (row.valid_from, row.valid_to)]
    return " — ".join(days).strip() if any(days) else ""


def in_term(table: gpd.GeoDataFrame, on: date) -> pd.Series:
    """Rows valid on the day `on`, first and last day included; an empty day is an open end."""
    day = pd.Timestamp(on)
    begun = table.valid_from.isna() | (table.valid_from <= day)
    return begun & (table.valid_to.isna() | (table.valid_to >= day))
