"""The archive: one folder a run, written aside and renamed when whole.

A run that exists is never overwritten: the same inputs are nothing to do, other inputs
make a revision (``2026-W48.r2``).

The digest of a run's manifest enters the journal when the run lies whole on the disk under
its hidden name, and only then does it take its own. So whatever bears a run's name stands in
the journal, and a run that was interrupted in between is finished by the next command.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from ..errors import CannotFinish, InputRefused, UsageError
from ..project import Project
from ..tables import TABLES
from . import journal, store, vectors
from .again import MANIFEST
from .files import disk_faults, make_folder, sha256, to_disk

FORMAT = 2
"""Of a run's folder and manifest. Format 1 had no number, no journal and no store."""


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

    @property
    def outputs(self) -> dict[str, str]:
        """The sha256 of every file of the run but its manifest, by its name in the folder."""
        return {row["path"]: row["sha256"] for row in self.manifest["outputs"]}

    @cached_property
    def tables(self) -> list[str]:
        """Names of the tables that the run has: one made by an older version has fewer."""
        return vectors.layers_of(self.folder / "flags.gpkg")

    def table(self, name: str) -> gpd.GeoDataFrame:
        """One of the run's tables: flags, findings, changes or coverage."""
        return vectors.read_table(self.folder / "flags.gpkg", name, TABLES[name])


def damage(record: Record) -> list[str]:
    """Which of a run's files are not those that its manifest tells of."""
    paths = {record.folder / name: digest for name, digest in record.outputs.items()}
    return [
        f"{path}: not as the run wrote it; restore it, or move {record.folder} away and run "
        f"`seawatch run --on {record.on}` again"
        for path, digest in paths.items()
        if not path.is_file() or sha256(path) != digest
    ]


def runs_told(project: Project) -> dict[str, dict[str, Any]]:
    """What the journal says of each run, by its folder's name."""
    return {entry.data["run"]: entry.data for entry in journal.entries(project, ["run"])}


def fields_of(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """A run as the journal tells it."""
    return {
        "run": folder.name.removeprefix(".").removesuffix(".part"),
        **{name: manifest[name] for name in ("issue", "on", "revision", "key")},
        "head": manifest.get("chain", {}).get("head"),
        "manifest": digest_of(folder),
    }


def digest_of(folder: Path) -> str | None:
    """The sha256 of a run's manifest, or None where there is none."""
    path = folder / MANIFEST
    return sha256(path) if path.is_file() else None


def records(project: Project) -> list[Record]:
    """Every run, oldest first; of one issue, every revision."""
    found = []
    for path in sorted(project.archive.glob(f"[!.]*/{MANIFEST}")):
        try:
            record = Record(path.parent, json.loads(path.read_text("utf-8")))
            made_by = record.manifest.get("format", 1)
            # of one day the week comes first: the half-month's run has followed its flags
            order = (record.on, not _is_week(record.issue), record.issue, record.revision)
            found.append((*order, record))
        except (ValueError, KeyError, TypeError) as error:
            raise InputRefused(f"{path}: no run's manifest ({error!r}); restore it") from None
        if made_by > FORMAT:
            raise InputRefused(f"{path}: format {made_by}, of a newer seawatch; update this one")
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
    """The latest run of an earlier day and another issue, as the journal knows it.

    A half-month's run follows its own day's week.

    Raises
    ------
    InputRefused
        If a run of an earlier day is gone, or what the next one reads of it was altered.
    """
    told = runs_told(project)
    earlier = [r for r in records(project) if _leads(r.on, r.issue, on, issue)]
    days = {name: date.fromisoformat(run["on"]) for name, run in told.items()}
    needed = {n for n, run in told.items() if _leads(days[n], run["issue"], on, issue)}
    gone = sorted(needed - {record.folder.name for record in earlier})
    if gone:
        raise InputRefused(
            f"{project.archive / name}: gone, but the journal knows it; restore it, or make it "
            f"again with `seawatch run --on {told[name]['on']}`"
            for name in gone
        )
    if not earlier:
        return None
    last = earlier[-1]
    if told and told.get(last.folder.name, {}).get("manifest") != digest_of(last.folder):
        raise InputRefused(f"{last.folder / MANIFEST}: not as the journal knows it; restore it")
    if problems := damage(last):
        raise InputRefused(problems)
    return last


def _leads(day: date, other: str, on: date, issue: str) -> bool:
    """Whether the run `other` of a day comes before the run `issue` of the day `on`."""
    same_day = day == on and _is_week(other) and not _is_week(issue)
    return other != issue and (day < on or same_day)


def _is_week(issue: str) -> bool:
    return "-W" in issue


def table_of(record: Record | None, name: str, crs: object) -> gpd.GeoDataFrame:
    """A run's table, in `crs`; an empty one where there is no such run, or it had none yet."""
    if record is None or name not in record.tables:
        return TABLES[name].empty(crs)
    return record.table(name).to_crs(crs)


def key_of(fields: dict[str, Any]) -> str:
    """One digest for everything a run depends on."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def existing(project: Project, issue: str, key: str) -> Record | None:
    """The run of this issue made from the same inputs, if it is the latest of that issue."""
    mine = [record for record in records(project) if record.issue == issue]
    return mine[-1] if mine and mine[-1].manifest["key"] == key else None


def place(project: Project, manifest: dict[str, Any]) -> dict[str, Any]:
    """Where a run stands: its revision, what it supersedes, and the chain's head before it.

    A run that the journal knows, and whose folder is gone, is made again in its own place.
    """
    told = [run for run in runs_told(project).values() if run["issue"] == manifest["issue"]]
    mine = [record for record in records(project) if record.issue == manifest["issue"]]
    numbers = {run["run"]: int(run["revision"]) for run in told}
    numbers |= {record.folder.name: record.revision for record in mine}
    there = {record.folder.name for record in mine}
    again = [run for run in told if run["key"] == manifest["key"] and run["run"] not in there]
    if again:
        revision, head = int(again[-1]["revision"]), again[-1]["head"]
    else:
        revision, head = max(numbers.values(), default=0) + 1, journal.head(project)
    older = [name for name, number in numbers.items() if number < revision]
    return {
        "format": FORMAT,
        "revision": revision,
        "supersedes": max(older, key=numbers.__getitem__, default=None),
        "chain": {"head": head},
    }


@contextmanager
def new_run(
    project: Project, manifest: dict[str, Any], inputs: Iterable[store.Input] = ()
) -> Iterator[Path]:
    """A folder to write a run into; it takes its name when the block ends well.

    The inputs that are to be kept are copied into the store. The manifest is completed with
    the digest of every file in the folder, written last, and told to the journal. An earlier
    run of the same issue stays; this one is its next revision.

    Raises
    ------
    InputRefused
        If an input changed meanwhile, or a run made again is not what it was.
    """
    whole = manifest | ({} if "revision" in manifest else place(project, manifest))
    name = whole["issue"] + (f".r{whole['revision']}" if whole["revision"] > 1 else "")
    hidden = project.archive / f".{name}.part"
    with disk_faults(hidden):
        make_folder(hidden.parent)
        hidden.mkdir()
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, hidden, ignore_errors=True)
            try:
                yield hidden
            except (DataSourceError, DataLayerError, FeatureError) as error:
                raise CannotFinish(f"{hidden}: cannot write: {error}") from error
            store.keep(project, inputs)
            _seal(hidden, whole)
            _same_again(project, name, hidden)
            undo.pop_all()
        # from here on the next command finishes what is interrupted
        journal.append(project, "run", [fields_of(hidden, whole)])
        hidden.rename(project.archive / name)
        to_disk(project.archive)


def _seal(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with the digests of all that is in the folder; all on the disk then."""
    outputs = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    rows = [
        {
            "path": path.relative_to(folder).as_posix(),
            "sha256": sha256(path),
            "size": path.stat().st_size,
        }
        for path in outputs
    ]
    text = json.dumps({**manifest, "outputs": rows}, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    for path in (*outputs, folder / MANIFEST, *folders, folder):
        to_disk(path)


def _same_again(project: Project, name: str, hidden: Path) -> None:
    known = runs_told(project).get(name)
    if known and known["manifest"] != digest_of(hidden):
        raise InputRefused(
            f"{project.archive / name}: made again it differs from what the journal knows; "
            "restore it from a copy"
        )
