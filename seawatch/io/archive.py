"""The archive: one folder a run, written aside and renamed when whole.

A run that exists is never overwritten: the same inputs are nothing to do, other inputs
make a revision (``2026-W48.r2``).
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd

from ..errors import Busy, InputRefused, UsageError
from ..project import Project
from ..scenes import Scene
from ..tables import TABLES
from . import settings, suspects, vectors
from .files import disk_faults, plain_file, sha256

MANIFEST = "run.json"
_PACKAGES = ("seawatch", "geopandas", "numpy", "pyproj", "rasterio", "scipy", "shapely", "utide")


@dataclass(frozen=True)
class Record:
    """A run in the archive: its folder and what its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def issue(self) -> str:
        """The run's name without its revision."""
        return str(self.manifest["issue"])

    @property
    def on(self) -> date:
        """The day of the run."""
        return date.fromisoformat(self.manifest["on"])

    @property
    def revision(self) -> int:
        """1 for the first run of an issue."""
        return int(self.manifest["revision"])

    @property
    def entered(self) -> list[list[str]]:
        """Source and number of the suspects of others that this run and earlier ones took in."""
        return list(self.manifest.get("suspects", {}).get("entered", []))

    def has(self, name: str) -> bool:
        """Whether the run has this table: one made by an older version may not."""
        return name in vectors.layers_of(self.folder / "flags.gpkg")

    def table(self, name: str) -> gpd.GeoDataFrame:
        """One of the run's tables: flags, findings, changes or coverage."""
        return vectors.read_table(self.folder / "flags.gpkg", name, TABLES[name])


@contextmanager
def hold(project: Project) -> Iterator[None]:
    """Hold the workspace for one run; what an interrupted run left behind is cleared.

    Raises
    ------
    Busy
        If another run holds it.
    """
    with disk_faults(project.archive):
        project.archive.mkdir(parents=True, exist_ok=True)
        lock = (project.archive / ".lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{project.folder}: another run holds the workspace; wait for it") from None
        for left in project.archive.glob(".*.part"):
            shutil.rmtree(left)
        yield


def records(project: Project) -> list[Record]:
    """Every run, oldest first; of one issue, every revision."""
    found = []
    for path in sorted(project.archive.glob(f"[!.]*/{MANIFEST}")):
        try:
            record = Record(path.parent, json.loads(path.read_text("utf-8")))
            # of one day the week comes first: the half-month's run has followed its flags
            order = (record.on, not _is_week(record.issue), record.issue, record.revision)
            found.append((*order, record))
        except (ValueError, KeyError, TypeError) as error:
            raise InputRefused(f"{path}: no run's manifest ({error!r}); restore it") from None
    return [row[-1] for row in sorted(found, key=lambda row: row[:-1])]


def find(project: Project, issue: str | None = None) -> Record:
    """The latest run, or the latest revision of one issue.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    known = [r for r in records(project) if issue in (None, r.issue, r.folder.name)]
    if not known:
        raise UsageError(f"{project.archive}: no run {issue or 'yet'}; see `seawatch run`")
    return known[-1]


def before(project: Project, on: date, issue: str) -> Record | None:
    """The latest run of an earlier day and another issue; a half-month's follows its day's week."""
    weekly = _is_week(issue)
    earlier = [
        r
        for r in records(project)
        if r.issue != issue and (r.on < on or (r.on == on and not weekly and _is_week(r.issue)))
    ]
    return earlier[-1] if earlier else None


def _is_week(issue: str) -> bool:
    return "-W" in issue


def table_of(record: Record | None, name: str, crs: object) -> gpd.GeoDataFrame:
    """A run's table, in `crs`; an empty one where there is no such run, or it had none yet."""
    if record is None or not record.has(name):
        return TABLES[name].empty(crs)
    return record.table(name).to_crs(crs)


def inputs_of(
    project: Project, scenes: Iterable[Scene], previous: Record | None
) -> list[dict[str, Any]]:
    """Every file a run reads, with its sha256 and size, by path."""
    paths = [project.folder / settings.FILE, *settings.layer_files(project).values()]
    tide = project.settings.tide
    chosen = [
        tide.gauge,
        tide.constituents,
        project.settings.project.area,
        project.settings.law.fees,
    ]
    paths += [project.path(name) for name in chosen if name]
    paths += suspects.files(project)
    for scene in scenes:
        paths += [*scene.files, *([scene.item] if scene.item else [])]
    if previous:
        paths.append(previous.folder / "flags.gpkg")
    rows = []
    for path in sorted({plain_file(p).resolve() for p in paths}):
        inside = path.is_relative_to(project.folder)
        name = path.relative_to(project.folder).as_posix() if inside else path.name
        rows.append({"path": name, "sha256": sha256(path), "size": path.stat().st_size})
    return rows


def versions() -> dict[str, str]:
    """Versions of what computes a run."""
    return {name: version(name) for name in _PACKAGES}


def key_of(fields: dict[str, Any]) -> str:
    """One digest for everything a run depends on."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def existing(project: Project, issue: str, key: str) -> Record | None:
    """The run of this issue made from the same inputs, if it is the latest of that issue."""
    mine = [record for record in records(project) if record.issue == issue]
    return mine[-1] if mine and mine[-1].manifest["key"] == key else None


@contextmanager
def new_run(project: Project, manifest: dict[str, Any]) -> Iterator[Path]:
    """A folder to write a run into; it takes its name when the block ends well.

    The manifest is completed with the digest of every file in the folder, and written
    last. An earlier run of the same issue stays; this one is its next revision.
    """
    mine = [record for record in records(project) if record.issue == manifest["issue"]]
    revision = mine[-1].revision + 1 if mine else 1
    name = manifest["issue"] + (f".r{revision}" if revision > 1 else "")
    hidden = project.archive / f".{name}.part"
    with disk_faults(hidden):
        hidden.mkdir(parents=True)
        try:
            yield hidden
            outputs = [p for p in sorted(hidden.rglob("*")) if p.is_file()]
            whole = {
                **manifest,
                "revision": revision,
                "supersedes": mine[-1].folder.name if mine else None,
                "outputs": [
                    {
                        "path": p.relative_to(hidden).as_posix(),
                        "sha256": sha256(p),
                        "size": p.stat().st_size,
                    }
                    for p in outputs
                ],
            }
            text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
            (hidden / MANIFEST).write_text(text + "\n", "utf-8")
            for path in [*outputs, hidden / MANIFEST]:
                _to_disk(path)
            hidden.rename(project.archive / name)
            _to_disk(project.archive)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
