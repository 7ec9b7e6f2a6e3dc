"""The offline map of a run: what is drawn, and what each card says.

Everything the page shows is put into words here; its script only lays it out. Only the
columns a card needs go into the page: no holder's name does.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import folium
import geopandas as gpd
import pandas as pd
import shapely

from ..geo import LONLAT, dms
from ..layers import Layers
from ..sensors import SENSORS
from ..tables import NATURAL
from .chips import Chip
from .liability import liability_text
from .offline import offline_map
from .words import MODES, area, rule_word, told, with_words, word, words

_ORDER = {"new": 0, "open": 1, "unseen": 2, "settled": 3, "cleared": 4}

Card = list[tuple[str, str]]


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
    head : of the journal's chain before the run, for the page's foot.
    """
    zone = ZoneInfo(timezone)
    shown = with_words(flags, language, where).to_crs(LONLAT)
    bounds = _bounds(flags, coverage, layers)
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
            "notices": notices,
            "bounds": bounds,
            "head": f"{word('chain_head', language)}: {head}" if head else "",
        },
        "sw-data-flags": _flags(shown, zone, language, chips, _sight(coverage, language)),
        "sw-data-layers": _layers(layers, coverage, on, language),
        "sw-data-chips": {name: _picture(chips[name]) for name in flags.flag_id if name in chips},
    }
    return offline_map(data, bounds=bounds, language=language)


def html(chart: folium.Map) -> str:
    """The page of a map that `draw` made."""
    return str(chart.get_root().render())


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


def _flags(
    flags: gpd.GeoDataFrame,
    zone: ZoneInfo,
    language: str,
    chips: Mapping[str, Chip],
    sight: Mapping[str, str],
) -> list[dict[str, Any]]:
    """One entry a flag, the most urgent first."""
    rows = []
    for flag in flags.itertuples():
        point, chip = flag.geometry.representative_point(), chips.get(flag.flag_id)
        rows.append(
            {
                "id": flag.flag_id,
                "title": rule_word(flag.rule, "title", language),
                "reason": flag.reason,
                "check": rule_word(flag.rule, "check", language),
                "priority": int(flag.priority),
                "status": flag.status,
                "level": flag.level,
                "tags": [
                    word(f"status_{flag.status}", language),
                    f"{word('level', language)} {word(f'level_{flag.level}', language)}",
                ],
                "size": area(flag.excess_m2, language),
                "rows": _card(flag, point, zone, language, chip, sight.get(flag.after_scene)),
                "at": [round(point.y, 7), round(point.x, 7)],
                "shape": _rings(flag.geometry, 7),
                "order": (_ORDER[flag.status], int(flag.priority), -flag.excess_m2, flag.flag_id),
            }
        )
    rows.sort(key=lambda row: row.pop("order"))
    return rows


def _card(
    flag: Any,
    point: shapely.Point,
    zone: ZoneInfo,
    language: str,
    chip: Chip | None,
    sight: str | None,
) -> Card:
    """The card's lines, as (heading, text)."""
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
    verdict = f"verdict_{flag.verdict}" if flag.verdict else "no_verdict"
    lines = {
        "since": f"{_moment(flag.before, zone)} — {_moment(flag.after, zone)}",
        "scenes": "\n".join([*scenes, sensor_name]),
        "tide": _tides(numbers, language),
        "dates": str(numbers.get("dates", 1)),
        "excess": area(flag.excess_m2, language, numbers["excess_sigma_m2"]),
        "area": area(flag.area_m2, language, flag.area_sigma_m2),
        "kind": word(f"kind_{numbers['kind']}", language),
        "how": word(f"how_{numbers['kind']}", language),
        "min_seen": sight or "",
        "coast": f"{flag.coast_m:.0f} m" if flag.coast_m else "",
        "position": f"{dms(point.y)}  {dms(point.x, 'EW')}",
        "tolerance": f"± {numbers['tolerance_m']:.1f} m (k = 2)",
        "plane": _plane(flag, numbers, language),
        "subject": flag.subject or "",
        "first_seen": f"{flag.first_seen:%Y-%m-%d}",
        "last_seen": f"{flag.last_seen:%Y-%m-%d}",
        "level": word(f"level_{flag.level}", language),
        "priority": word(f"priority_{int(flag.priority)}", language),
        "confidence": f"{flag.confidence:.2f}",
        "verdict": word(verdict, language),
        "chance": "" if pd.isna(flag.chance) else f"{flag.chance:.2f}",
        "record": "\n".join(told(json.loads(flag.record or "{}"), language)),
        "basis": flag.basis,
        "liability": liability_text(numbers.get("liability"), language),
        "source": " ".join(filter(None, (flag.source, flag.external_id))),
    }
    return [(word(key, language), text) for key, text in lines.items() if text]


def _plane(flag: Any, numbers: dict[str, Any], language: str) -> str:
    """The same areas as a certificate would count them, and the meridian they stand on."""
    meridian = f"{word('meridian', language)} {flag.meridian:g}°"
    if pd.isna(flag.plane_area_m2) or "excess_plane_m2" not in numbers:
        return meridian  # a flag of before they were kept
    areas = (area(numbers["excess_plane_m2"], language), area(flag.plane_area_m2, language))
    return f"{areas[0]} / {areas[1]} ({meridian})"


def _moment(moment: pd.Timestamp, zone: ZoneInfo) -> str:
    return f"{moment.tz_convert(zone):%Y-%m-%d %H:%M}"


def _tides(numbers: dict[str, Any], language: str) -> str:
    heights = [numbers.get("tide_before_m"), numbers.get("tide_after_m")]
    unknown = word("tide_unknown", language)
    return " / ".join(unknown if h is None else f"{h:+.2f} m" for h in heights)


def _rings(shape: shapely.Geometry, decimals: int) -> list[Any]:
    """Latitude and longitude of every vertex, nested as the web map wants them."""

    def points(line: Any) -> list[list[float]]:
        return [[round(y, decimals), round(x, decimals)] for x, y in line.coords]

    parts = shapely.get_parts(shape)
    if parts[0].geom_type == "LineString":
        return [points(part) for part in parts]
    return [[points(ring) for ring in (part.exterior, *part.interiors)] for part in parts]


def _layers(
    layers: Layers, coverage: gpd.GeoDataFrame, on: date, language: str
) -> dict[str, list[dict[str, Any]]]:
    """What is drawn under the flags, by the name of its switch."""
    day = pd.Timestamp(on)
    permits = layers.permits
    valid = (permits.valid_from <= day) & (permits.valid_to >= day)
    natural = layers.coastline.kind.isin(NATURAL)
    drawn = {
        "coverage_yes": (coverage[coverage.seen == "yes"], _coverage_card),
        "coverage_no": (coverage[coverage.seen == "no"], _coverage_card),
        "islands": (layers.islands, _island_card),
        "zones": (layers.zones, _zone_card),
        "permits_ended": (permits[~valid], _permit_card),
        "permits_in_force": (permits[valid], _permit_card),
        "coast_artificial": (layers.coastline[~natural], _coast_card),
        "coast_natural": (layers.coastline[natural], _coast_card),
    }
    return {
        name: [
            {"shape": _rings(row.geometry, 6), "rows": card(row, language)}
            for row in table.to_crs(LONLAT).itertuples()
        ]
        for name, (table, card) in drawn.items()
    }


def _coverage_card(row: Any, language: str) -> Card:
    lines = [("", word(f"why_{row.why}", language))]
    if not pd.isna(row.least95_m2):
        lines.append((word("min_seen", language), _least(row, language)))
    return lines


def _least(row: Any, language: str) -> str:
    """The smallest new land a pair shows, half the time and nearly always."""
    least = [area(value, language) for value in (row.least50_m2, row.least95_m2)]
    return f"{least[0]} (50 %), {least[1]} (95 %)"


def _sight(coverage: gpd.GeoDataFrame, language: str) -> dict[str, str]:
    """The same of this run's pairs, by their later scene."""
    told = coverage[coverage.least95_m2.notna()]
    return {row.after_scene: _least(row, language) for row in told.itertuples()}


def _island_card(row: Any, language: str) -> Card:
    inhabited = f"inhabited_{row.inhabited or 'unknown'}"
    return [
        (word("no", language), row.island_id),
        (word("islands", language), row.name or word("unnamed", language)),
        ("", word(inhabited, language)),
    ]


def _zone_card(row: Any, language: str) -> Card:
    return [
        (word("no", language), row.zone_id),
        (word(f"zone_{row.kind}", language), row.name or word("unnamed", language)),
    ]


def _permit_card(row: Any, language: str) -> Card:
    mode = f"{row.use_mode} {MODES[row.use_mode][language == 'en']}"
    term = f"{row.valid_from:%Y-%m-%d} — {row.valid_to:%Y-%m-%d}"
    return [(word("no", language), row.permit_id), ("", mode), ("", term)]


def _coast_card(row: Any, language: str) -> Card:
    return [
        (word("no", language), row.segment_id),
        ("", word(f"segment_{row.kind}", language)),
        ("", row.baseline),
    ]


def _picture(chip: Chip) -> dict[str, Any]:
    texts = [base64.b64encode(content).decode() for content in (chip.before, chip.after)]
    return {
        "before": texts[0],
        "after": texts[1],
        "bounds": chip.bounds,
        "before_taken": chip.before_taken,
        "after_taken": chip.after_taken,
    }
