"""What the offline map says of each flag and of each thing under it, as packed columns.

Everything shown is put into words here; the page's script only lays it out.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import shapely

from ..geo import LONLAT, dms
from ..layers import Layers
from ..tables import NATURAL
from .chips import Chip
from .liability import liability_text
from .pack import outlines, texts
from .words import MODES, area, bracketed, observer, rule_word, told, word

_ORDER = {"new": 0, "open": 1, "unseen": 2, "settled": 3, "cleared": 4}
_MAY_LACK = ("subject", "external_id", "owner", "verdict")
_NEAR_M = 1_000.0
_MOST_NEAR = 5

Lines = dict[str, str]


def in_order(flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The most urgent first: by status, priority, size and number."""
    keys = flags.assign(_status=flags.status.map(_ORDER), _size=-flags.excess_m2)
    order = keys.sort_values(["_status", "priority", "_size", "flag_id"]).index
    return flags.loc[order]


def flag_columns(
    flags: gpd.GeoDataFrame,
    layers: Layers,
    vetoed: gpd.GeoDataFrame,
    *,
    chips: Mapping[str, Chip],
    sight: Mapping[str, str],
    zone: ZoneInfo,
    language: str,
) -> dict[str, Any]:
    """Every flag, in the order given.

    flags : with their reason and basis in words. vetoed : changes that were ruled out.
    chips : by flag_id. sight : what a pair could have shown, by its later scene.
    """
    blank = {c: flags[c].astype(object).where(flags[c].notna(), "") for c in _MAY_LACK}
    flags = flags.assign(**blank)
    degrees = flags.to_crs(LONLAT)
    points = shapely.set_precision(degrees.representative_point().to_numpy(), 1e-7)
    near = _ruled_out_near(flags, vetoed, language)
    rows = zip(flags.itertuples(), points, strict=True)
    lines = [
        flag_lines(f, p, zone, language, chips.get(f.flag_id), sight.get(f.after_scene))
        | {"vetoed_near": near.get(f.flag_id, "")}
        for f, p in rows
    ]
    holders = _holders(layers.permits)
    people = {
        "owner": flags.owner,
        "holder": [holders.get(subject, "") for subject in flags.subject],
    }
    for name, column in people.items():
        for line, text in zip(lines, column, strict=True):
            line[name] = text
    return {
        "count": len(flags),
        "id": texts(flags.flag_id),
        "rule": texts(flags.rule),
        "rules": {r: rule_word(r, "title", language) for r in sorted(set(flags.rule))},
        "checks": {r: rule_word(r, "check", language) for r in sorted(set(flags.rule))},
        "reason": texts(flags.reason),
        "priority": flags.priority.astype(int).tolist(),
        "status": texts(flags.status),
        "level": texts(flags.level),
        "size": texts([area(value, language) for value in flags.excess_m2]),
        "subject": texts(flags.subject),
        "people": {name: texts(column) for name, column in people.items()},
        "lines": packed(lines, language),
        "at": outlines(points, 7),
        "shape": outlines(degrees.geometry.to_numpy(), 7),
    }


def packed(lines: list[Lines], language: str) -> list[list[Any]]:
    """Cards as columns: heading and texts, for every line that any card has."""
    keys = dict.fromkeys(key for line in lines for key in line)
    packed = []
    for key in keys:
        column = [line.get(key, "") for line in lines]
        if any(column):
            packed.append([word(key, language) if key else "", texts(column)])
    return packed


def _holders(permits: gpd.GeoDataFrame) -> dict[str, str]:
    named = permits[permits.holder.notna()]
    return dict(zip(named.permit_id, named.holder, strict=True))


def flag_lines(
    flag: Any,
    point: shapely.Point,
    zone: ZoneInfo,
    language: str,
    chip: Chip | None,
    sight: str | None,
) -> Lines:
    """A flag's card, by heading."""
    numbers = json.loads(flag.numbers)
    taken = (chip.before_taken, chip.after_taken) if chip else ("", "")
    scenes = [
        f"{word(which, language)} {when} {name}".replace("  ", " ")
        for which, when, name in zip(
            ("before", "after"), taken, (flag.before_scene, flag.after_scene), strict=True
        )
    ]
    verdict = f"verdict_{flag.verdict}" if flag.verdict else "no_verdict"
    return {
        "since": f"{word('step_last_clear', language)} {_moment(flag.before, zone)}\n"
        f"{word('step_first_clear', language)} {_moment(flag.after, zone)}",
        "scenes": "\n".join([*scenes, observer(flag.sensor, language)]),
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
        "subject": flag.subject,
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


def _plane(flag: Any, numbers: dict[str, Any], language: str) -> str:
    """The same areas as a certificate would count them, and the meridian they stand on."""
    meridian = f"{word('meridian', language)} {flag.meridian:g}°"
    if pd.isna(flag.plane_area_m2) or "excess_plane_m2" not in numbers:
        return meridian  # a flag of before they were kept
    areas = (area(numbers["excess_plane_m2"], language), area(flag.plane_area_m2, language))
    return f"{areas[0]} / {areas[1]}{bracketed(meridian, language)}"


def _moment(moment: pd.Timestamp, zone: ZoneInfo) -> str:
    return f"{moment.tz_convert(zone):%Y-%m-%d %H:%M}"


def _tides(numbers: dict[str, Any], language: str) -> str:
    heights = [numbers.get("tide_before_m"), numbers.get("tide_after_m")]
    unknown = word("tide_unknown", language)
    return " / ".join(unknown if h is None else f"{h:+.2f} m" for h in heights)


def _ruled_out_near(
    flags: gpd.GeoDataFrame, vetoed: gpd.GeoDataFrame, language: str
) -> dict[str, str]:
    """What the machine saw within a kilometre of each flag and did not raise, and why."""
    if vetoed.empty or flags.empty:
        return {}
    one, other = vetoed.sindex.query(flags.geometry, predicate="dwithin", distance=_NEAR_M)
    away = shapely.distance(flags.geometry.to_numpy()[one], vetoed.geometry.to_numpy()[other])
    near = pd.DataFrame({"flag": flags.flag_id.to_numpy()[one], "change": other, "m": away})
    near = near.sort_values(["flag", "m", "change"]).groupby("flag").head(_MOST_NEAR)
    said = [_ruled_out(row, language) for row in vetoed.itertuples()]
    near["text"] = [
        said[c] + bracketed(word("away", language).format(m=f"{m:.0f}"), language)
        for c, m in zip(near.change, near.m, strict=True)
    ]
    return near.groupby("flag").text.agg("\n".join).to_dict()


def _ruled_out(change: Any, language: str) -> str:
    kind = word(f"kind_{change.kind}", language)
    mark = "：" if language == "zh" else ": "
    return f"{kind} {area(change.area_m2, language)}{mark}{_veto(change.veto, language)}"


def _veto(reason: str, language: str) -> str:
    known = ("tide", "position", "varies", "once")
    return word(f"veto_{reason if reason in known else 'other'}", language)


def layer_columns(
    layers: Layers,
    coverage: gpd.GeoDataFrame,
    vetoed: gpd.GeoDataFrame,
    on: date,
    language: str,
) -> dict[str, dict[str, Any]]:
    """What is drawn under the flags, by the name of its switch."""
    day = pd.Timestamp(on)
    permits = layers.permits
    valid = (permits.valid_from <= day) & (permits.valid_to >= day)
    natural = layers.coastline.kind.isin(NATURAL)
    drawn: dict[str, tuple[gpd.GeoDataFrame, Callable[[Any, str], Lines], str]] = {
        "coverage_yes": (coverage[coverage.seen == "yes"], _coverage_card, ""),
        "coverage_no": (coverage[coverage.seen == "no"], _coverage_card, ""),
        "islands": (layers.islands, _island_card, "islands"),
        "zones": (layers.zones, _zone_card, "zones"),
        "permits_ended": (permits[~valid], _permit_card, "no"),
        "permits_in_force": (permits[valid], _permit_card, "no"),
        "coast_artificial": (layers.coastline[~natural], _coast_card, "no"),
        "coast_natural": (layers.coastline[natural], _coast_card, "no"),
        "vetoed": (vetoed, _vetoed_card, ""),
    }
    return {name: layer(*parts, language) for name, parts in drawn.items()}


def layer(
    table: gpd.GeoDataFrame, card: Callable[[Any, str], Lines], name: str, language: str
) -> dict[str, Any]:
    """Outlines and cards of a layer; name : the line that a search looks at, beside the number."""
    lines = [card(row, language) for row in table.itertuples()]
    named = {"name": texts([line[name] for line in lines])} if name else {}
    return {
        "count": len(table),
        "lines": packed(lines, language),
        "shape": outlines(table.to_crs(LONLAT).geometry.to_numpy(), 6),
        **named,
    }


def _coverage_card(row: Any, language: str) -> Lines:
    lines = {"": word(f"why_{row.why}", language)}
    if not pd.isna(row.least95_m2):
        lines["min_seen"] = _least(row, language)
    return lines


def _least(row: Any, language: str) -> str:
    """The smallest new land a pair shows, half the time and nearly always."""
    least = [area(value, language) for value in (row.least50_m2, row.least95_m2)]
    half, nearly = (bracketed(share, language) for share in ("50 %", "95 %"))
    return f"{least[0]}{half}{'，' if language == 'zh' else ', '}{least[1]}{nearly}"


def sight(coverage: gpd.GeoDataFrame, language: str) -> dict[str, str]:
    """The same of this run's pairs, by their later scene."""
    told = coverage[coverage.least95_m2.notna()]
    return {row.after_scene: _least(row, language) for row in told.itertuples()}


def _island_card(row: Any, language: str) -> Lines:
    inhabited = word(f"inhabited_{row.inhabited or 'unknown'}", language)
    name = row.name or word("unnamed", language)
    return {"no": row.island_id, "islands": name, "": inhabited}


def _zone_card(row: Any, language: str) -> Lines:
    name = row.name or word("unnamed", language)
    return {"no": row.zone_id, "": word(f"zone_{row.kind}", language), "zones": name}


def _permit_card(row: Any, language: str) -> Lines:
    mode = f"{row.use_mode} {MODES[row.use_mode][language == 'en']}"
    term = f"{row.valid_from:%Y-%m-%d} — {row.valid_to:%Y-%m-%d}"
    return {"no": row.permit_id, "": f"{mode}\n{term}", "holder": row.holder or ""}


def _coast_card(row: Any, language: str) -> Lines:
    kind = word(f"segment_{row.kind}", language)
    return {"no": row.segment_id, "": f"{kind}\n{row.baseline}"}


def _vetoed_card(row: Any, language: str) -> Lines:
    return {
        "kind": word(f"kind_{row.kind}", language),
        "area": area(row.area_m2, language),
        "": _veto(row.veto, language),
    }
