"""Visits from inspectors' exports into the journal, and back out of it as a table.

A file enters whole or not at all; a visit that is known already is not entered again, so that
an export may hold all that the one before held. What came with a file (its digest, checksum,
signature, and what was noticed of its visits) is an entry of its own.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pydantic import ValidationError

from ..errors import InputRefused
from ..geo import LONLAT, geodesic_m
from ..project import Project
from ..tables import PROOFS, VISITS
from . import enrolled, journal, photos, sheets
from .fieldrecord import Record, Visit, checksum, cleaned, faults_of
from .files import sha256
from .strict import read_json

_AHEAD = timedelta(minutes=15)  # a device's clock may be off
_FAR_M = 1_000.0
_LONG = timedelta(days=1)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_ALSO = (("lon", "经度"), ("lat", "纬度"))


@dataclass(frozen=True)
class Words:
    """What stands for a verdict or a cause in a sheet, in Chinese."""

    verdicts: Mapping[str, str] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """One file, read and checked: its visits, what came with it, and what was noticed.

    notes : by position of the visit; those of the file itself under -1.
    """

    path: Path
    visits: list[dict[str, Any]]
    came_with: dict[str, Any]
    notes: dict[int, list[str]]


@dataclass(frozen=True)
class Imported:
    """What became of the files.

    entered, known : visits that are new, and those known before, by file.
    refused : why, by file. notes : what was noticed.
    """

    entered: dict[str, int]
    known: dict[str, int]
    refused: dict[str, list[str]]
    notes: list[str]


def import_files(
    project: Project,
    files: Iterable[Path],
    flags: gpd.GeoDataFrame,
    recorded: datetime,
    words: Words,
) -> Imported:
    """Enter the visits of every file that can be trusted.

    Parameters
    ----------
    flags : every flag there is, whatever run raised it last.
    recorded : the instant of entry; no visit may lie after it.
    words : of sheets.

    Raises
    ------
    InputRefused
        If the journal, or the list of enrolled keys, cannot be trusted.
    """
    entered: dict[str, int] = {}
    known: dict[str, int] = {}
    refused: dict[str, list[str]] = {}
    notes: list[str] = []
    places = flags.to_crs(LONLAT).set_index("flag_id").geometry
    keys = enrolled.read_keys(project)
    for path in files:
        try:
            given = _sound(_read(project, Path(path), words, keys), project, places, recorded)
            added = _enter(project, given, recorded)
        except InputRefused as fault:
            refused[str(path)] = list(fault.problems)
            continue
        entered[str(path)] = added
        known[str(path)] = len(given.visits) - added
        notes += [f"{path}: {text}" for n in sorted(given.notes) for text in _placed(n, given)]
    return Imported(entered, known, refused, notes)


def _placed(n: int, given: File) -> list[str]:
    where = "" if n < 0 else f"visit {n + 1} ({given.visits[n]['flag_id']}): "
    return [where + text for text in given.notes[n]]


def _enter(project: Project, given: File, recorded: datetime) -> int:
    """Write a file's visits into the journal; how many were new.

    What vouches better than before for a visit that is known is written too.
    """
    said = {journal.content_digest("visit", e.data) for e in journal.entries(project, ["visit"])}
    digests = [journal.content_digest("visit", visit) for visit in given.visits]
    fresh = [n for n, digest in enumerate(digests) if digest not in said]
    proven = proofs(journal.entries(project, ["visit_file"]))
    proof = given.came_with["proof"]
    better = [d for d in digests if d in said and _rank(proof) > _rank(proven.get(d))]
    if not fresh and not better:
        return 0
    kept = set()
    for n in fresh:
        for photo in given.visits[n]["photos"]:
            path = given.path.parent / photo["name"]
            if path.is_file():
                home = photos.keep(project.folder, path, photo["sha256"])
                kept.add(home.relative_to(project.folder / photos.FOLDER).as_posix())
    came_with = {
        **given.came_with,
        "visits": [*(digests[n] for n in fresh), *better],
        "kept": sorted(kept),
        "notes": {digests[n]: given.notes[n] for n in fresh if n in given.notes},
    }
    # first what came with them: cut off between the two, the file is simply entered again
    journal.append(project, "visit_file", [came_with], recorded=recorded)
    visits = [given.visits[n] for n in fresh]
    return len(journal.append(project, "visit", visits, recorded=recorded)) if visits else 0


def proofs(files: Iterable[journal.Entry]) -> dict[str, str]:
    """The best that vouches for each visit, by its digest, of all the files it came in."""
    best: dict[str, str] = {}
    for entry in files:
        proof = entry.data["proof"]
        better = (d for d in entry.data["visits"] if _rank(proof) > _rank(best.get(d)))
        best |= dict.fromkeys(better, proof)
    return best


def _rank(proof: str | None) -> int:
    return -1 if proof is None else PROOFS.index(proof)


def _read(project: Project, path: Path, words: Words, keys: Mapping[str, enrolled.Key]) -> File:
    if sheets.is_sheet(path):
        given = _from_sheet(project, path, words)
    else:
        given = _from_record(project, path, keys)
    officers = [visit["by"] for visit in given.visits]
    for n, text in enrolled.unsigned(keys, officers, given.came_with["proof"]).items():
        given.notes.setdefault(n, []).append(text)
    return given


def _from_record(project: Project, path: Path, keys: Mapping[str, enrolled.Key]) -> File:
    document = read_json(path)
    try:
        record = Record.model_validate(document)
    except ValidationError as error:
        raise InputRefused(f"{path}: {fault}" for fault in faults_of(error)) from None
    if checksum(document) != record.checksum:
        raise InputRefused(
            f"{path}: the checksum does not fit what it holds: it was altered or cut; "
            "export it again from the device"
        )
    try:
        proof = enrolled.proof(keys, document, record)
    except InputRefused as fault:
        raise InputRefused(f"{path}: {text}" for text in fault.problems) from None
    notes: dict[int, list[str]] = {}
    if record.project != project.settings.project.name:
        notes[-1] = [f"made for the project '{cleaned(record.project)}'"]
    signature = record.signature.model_dump() if record.signature else None
    came_with = {"checksum": record.checksum, "signature": signature, "proof": proof}
    visits = [_plain(visit) for visit in record.visits]
    return _cleaned(File(path, visits, _provenance(path, came_with), notes))


def _plain(visit: Visit) -> dict[str, Any]:
    """A visit as the journal has it: instants in UTC, so that the same is the same."""
    fields = visit.model_dump(mode="json")
    fields["visited_at"] = _utc(visit.visited_at)
    for photo, given in zip(fields["photos"], visit.photos, strict=True):
        photo["taken_at"] = _utc(given.taken_at) if given.taken_at else None
    return fields


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _provenance(path: Path, came_with: dict[str, Any]) -> dict[str, Any]:
    name = cleaned(path.name.encode("utf-8", "replace").decode("utf-8"))
    return {"file": name, "sha256": sha256(path), **came_with}


def _cleaned(given: File) -> File:
    """A file without what hides in its texts; which is said."""
    for n, visit in enumerate(given.visits):
        for key in ("remark", "device"):
            text = visit.get(key)
            if text and cleaned(text) != text:
                visit[key] = cleaned(text)
                given.notes.setdefault(n, []).append(f"{key}: hidden characters replaced")
    return given


def _from_sheet(project: Project, path: Path, words: Words) -> File:
    visits, notes, problems = [], {-1: ["a sheet carries no checksum"]}, []
    for row in sheets.read_rows(path, VISITS, _ALSO):
        number = row.pop("row")
        try:
            visit = Visit.model_validate(_fields(project, path, row, words))
            visits.append(_plain(visit))
        except ValidationError as error:
            problems += [f"{path}: row {number}: {fault}" for fault in faults_of(error)]
        except InputRefused as fault:
            problems += [f"{path}: row {number}: {text}" for text in fault.problems]
    if problems:
        raise InputRefused(problems[:50])
    return _cleaned(File(path, visits, _provenance(path, {"proof": "none"}), notes))


def _fields(project: Project, path: Path, row: dict[str, Any], words: Words) -> dict[str, Any]:
    """A sheet's row as a record has it."""
    texts = ("flag_id", "verdict", "cause", "by", "remark", "device")
    fields: dict[str, Any] = {name: _text(row[name]) for name in texts if name in row}
    fields["verdict"] = words.verdicts.get(fields.get("verdict", ""), fields.get("verdict"))
    if "cause" in fields:
        fields["cause"] = words.causes.get(fields["cause"], fields["cause"])
    if "visited_at" in row:
        fields["visited_at"] = _instant(row["visited_at"], project)
    if "lon" in row or "lat" in row:
        accuracy = {"accuracy_m": row["accuracy_m"]} if "accuracy_m" in row else {}
        fields["position"] = {"lon": row.get("lon"), "lat": row.get("lat"), **accuracy}
    names = [n.strip() for n in _text(row.get("photos", "")).replace("；", ";").split(";")]
    fields["photos"] = [_beside(path, name) for name in names if name]
    return fields


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _instant(value: Any, project: Project) -> str:
    """An instant; where a sheet tells no zone, the project's own."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)  # the check says what is wrong with it
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=project.timezone)
    return moment.replace(microsecond=0).isoformat()


def _beside(path: Path, name: str) -> dict[str, str]:
    if "/" in name or "\\" in name:
        raise InputRefused(f"photo {name[:60]!r}: write its name alone; it lies beside the sheet")
    file = path.parent / name
    if not file.is_file():
        raise InputRefused(f"photo {name[:60]!r} is not beside the sheet; put it there")
    return {"name": name, "sha256": photos.digest(file)}


def _sound(given: File, project: Project, places: gpd.GeoSeries, recorded: datetime) -> File:
    """The file, held against what is known of its flags and its photographs.

    Raises
    ------
    InputRefused
        Naming each visit that cannot be what it says.
    """
    problems: list[str] = []
    for n, visit in enumerate(given.visits):
        at = datetime.fromisoformat(visit["visited_at"])
        where = f"{given.path}: visit {n + 1} ({visit['flag_id']})"
        if visit["flag_id"] not in places.index:
            problems.append(f"{where}: no such flag in this workspace; is it another's export?")
            continue
        if at > recorded + _AHEAD:
            problems.append(f"{where}: visited at {at} lies in the future; mend the device's clock")
        if at < _FIRST:
            problems.append(f"{where}: visited at {at}; mend the device's clock")
        place = places[visit["flag_id"]]
        noticed = _away(visit["position"], place, "the officer stood")
        for photo in visit["photos"]:
            try:
                noticed += _photo(given.path.parent, photo, at, place, project)
            except InputRefused as fault:
                problems += [f"{where}: {text}" for text in fault.problems]
        if visit["verdict"] == "false_change" and not visit["cause"]:
            noticed.append("a false change without its cause: it teaches little")
        if noticed:
            given.notes.setdefault(n, []).extend(noticed)
    if problems:
        raise InputRefused(problems)
    return given


def _photo(
    folder: Path, photo: dict[str, Any], at: datetime, place: shapely.Geometry, project: Project
) -> list[str]:
    """What is odd about a photograph, by its own tags and by what the record says of it."""
    name, path = photo["name"], folder / photo["name"]
    noticed = _times(photo["taken_at"], at, f"{name}: the record says it was taken")
    noticed += _away(photo, place, f"{name}: the record says it was taken")
    if not path.is_file():
        return [*noticed, f"{name}: not beside the record; only its sha256 is kept"]
    if photos.digest(path) != photo["sha256"]:
        raise InputRefused(f"{name}: is not the photograph the record names (its sha256 differs); "
                           "put the original beside the record")  # fmt: skip
    tags = photos.taken(path, project.timezone)
    if tags.at is None or tags.lon is None:
        lacking = " and ".join(
            [w for w, v in (("time", tags.at), ("place", tags.lon)) if v is None]
        )
        noticed.append(f"{name}: tells no {lacking}")
    noticed += _times(tags.at.isoformat() if tags.at else None, at, f"{name}: was taken")
    return noticed + _away({"lon": tags.lon, "lat": tags.lat}, place, f"{name}: was taken")


def _times(taken: str | None, at: datetime, what: str) -> list[str]:
    if not taken:
        return []
    apart = abs(datetime.fromisoformat(taken) - at)
    return [f"{what} {apart / _LONG:.1f} days from the visit"] if apart > _LONG else []


def _away(point: Mapping[str, Any] | None, place: shapely.Geometry, what: str) -> list[str]:
    if not point or point.get("lon") is None or point.get("lat") is None:
        return []
    far = geodesic_m(shapely.Point(point["lon"], point["lat"]), place)
    return [f"{what} {far / 1000:.1f} km from the flag"] if far > _FAR_M else []


def read_visits(project: Project, until: date | journal.Heard | None = None) -> gpd.GeoDataFrame:
    """Every visit recorded up to a day, as a checked table in the project's CRS."""
    told = journal.entries(project, ["visit"], until)
    files = journal.entries(project, ["visit_file"], until)
    notes = {key: text for entry in files for key, text in entry.data["notes"].items()}
    proven = proofs(files)
    if not told:
        return VISITS.empty(project.crs)
    points = [_point(entry.data["position"]) for entry in told]
    rows = [
        {
            **entry.data,
            "accuracy_m": (entry.data["position"] or {}).get("accuracy_m"),
            "photos": json.dumps(entry.data["photos"], ensure_ascii=False),
            "recorded": entry.recorded,
            "notes": json.dumps(notes[digest], ensure_ascii=False) if digest in notes else None,
            "proof": proven.get(digest),
        }
        for entry in told
        for digest in [journal.content_digest("visit", entry.data)]
    ]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=gpd.GeoSeries(points, crs=LONLAT))
    return VISITS.check(frame.to_crs(project.crs))


def _point(position: Mapping[str, Any] | None) -> shapely.Point | None:
    return shapely.Point(position["lon"], position["lat"]) if position else None
