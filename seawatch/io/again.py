"""A run asked for again: whether anything is other than when it was made.

A run finds that it is there already by reading and understanding all that it would be made
from. Here nothing is understood, and nothing that understands is loaded: where every byte
that the run went by and every name around it is what it was, so is the run. Whatever differs,
or cannot be told for sure, is left to the run itself.

What is remembered is a note for the next call, no part of the record: ``seawatch verify`` is
what holds the record against its chain.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .files import aside, only_one, sha256, sight

RUNS = "runs"
STORE = "inputs"
MANIFEST = "run.json"
JOURNAL = "journal.jsonl"
LAST_SUCCESS = "last-success.json"
FILE = ".last-run.json"

_OURS = frozenset({RUNS, STORE, "photos", "maps", JOURNAL, LAST_SUCCESS, FILE})
"""What commands write into a workspace; what a run reads of it is told one by one."""
_PACKAGES = (
    "seawatch",
    "geopandas",
    "numba",
    "numpy",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
    "utide",
)

Mark = list[str | int]
"""What tells a file from another: its sha256, or of a large one what changes when it is written
to; behind that, where a link leads to. Nothing but this for a link that leads nowhere."""
_A_FOLDER: Mark = ["folder"]


def versions() -> dict[str, str]:
    """Versions of what computes a run."""
    return {name: version(name) for name in _PACKAGES}


def alone(folder: Path) -> AbstractContextManager[None]:
    """Hold the workspace in `folder` for one command; a context.

    Raises
    ------
    Busy
        If another command holds it.
    """
    busy = f"{folder}: another run holds the workspace; wait for it"
    return only_one(folder / RUNS / ".lock", busy)


@dataclass(frozen=True)
class Look:
    """What lay there before a run read anything.

    folder : of the workspace. deep : folders of which a run may read anything. near : files
    without their suffix, beside which it may. Each by its name, with where it really lies.
    marks : of every file and folder there.
    """

    folder: Path
    deep: dict[str, str]
    near: dict[str, str]
    marks: dict[str, Mark]


@dataclass(frozen=True)
class Made:
    """A run: its folder (None where it was only tried), its manifest, the chain's head by now."""

    folder: Path | None
    manifest: dict[str, Any]
    head: str

    @property
    def flags(self) -> dict[str, int]:
        """How many flags it has, by status."""
        counts = self.manifest["counts"].items()
        return {name: n for name, n in counts if name not in ("changes", "findings")}


def look(folder: Path, scenes: Iterable[Path], named: Iterable[Path]) -> Look | None:
    """Mark all that a run of the workspace in `folder` could read, before it reads.

    scenes : folders of scenes. named : files of the settings, wherever they lie; what is called
    alike beside one may be read with it.

    None where that cannot be told: where a link leads to a folder, something is neither file
    nor folder or may not be read, or the workspace lies in a folder of scenes.
    """
    files, roots = list(named), list(scenes)
    if any(folder.resolve().is_relative_to(root.resolve()) for root in roots):
        return None
    deep = _places([folder, *roots, *(path for path in files if path.is_dir())])
    near = _places(path.with_suffix("") for path in files)
    try:
        there = list(_walk(folder, deep, near))
        return Look(folder, deep, near, {path: _mark(path) for path in there})
    except OSError:
        return None


def remember(
    seen: Look,
    asked: Mapping[str, str],
    own: Mapping[str, str],
    run: str,
    runs: Iterable[str],
    whole: Mapping[str, Iterable[str]],
    digests: Mapping[Path, str],
) -> None:
    """Note what a run stands on, for the next call.

    Parameters
    ----------
    asked : on, language and cycle. own : language, cycle and timezone of the settings.
    run : name of its folder. runs : of all that there are.
    whole : of some of these, every file that there is, by its name below the run.
    digests : sha256 of every file that the run went by, as it read it, and of the record.
    """
    hashed = {str(path): digest for path, digest in digests.items()}
    fields = {
        "asked": {"folder": str(seen.folder), **asked},  # a copy of the workspace is another
        "own": dict(own),
        "versions": versions(),
        "run": run,
        "runs": sorted(runs),
        "whole": {name: sorted(files) for name, files in whole.items()},
        "hashed": hashed,
        "deep": seen.deep,
        "near": seen.near,
        "marks": {path: mark for path, mark in seen.marks.items() if path not in hashed},
    }
    with aside(seen.folder / FILE) as hidden:
        hidden.write_text(json.dumps(fields), "utf-8")


def recall(folder: Path, on: str | None, language: str | None, cycle: str | None) -> Made | None:
    """The run that is asked for, if it is the last one and nothing at all is new; else None.

    on, language, cycle : as `seawatch run` is given them; None for today, and the project's own.

    Raises
    ------
    Busy
        If another command holds the workspace.
    """
    folder = folder.resolve()
    if not (folder / FILE).is_file():
        return None
    with alone(folder):
        try:
            told = json.loads((folder / FILE).read_text("utf-8"))
            own, zone = told["own"], ZoneInfo(told["own"]["timezone"])
            asked = {
                "folder": str(folder),
                "on": on or datetime.now(zone).date().isoformat(),
                "language": language or own["language"],
                "cycle": cycle or own["cycle"],
            }
            if asked != told["asked"] or versions() != told["versions"] or not _same(folder, told):
                return None
            home = folder / RUNS / told["run"]
            manifest = json.loads((home / MANIFEST).read_text("utf-8"))
            last = (folder / JOURNAL).read_bytes().splitlines()[-1]
            return Made(home, manifest, hashlib.sha256(last).hexdigest())
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None  # there is no such note, or none that can be read


def _same(folder: Path, told: Mapping[str, Any]) -> bool:
    hashed, marks, deep, near = (told[name] for name in ("hashed", "marks", "deep", "near"))
    runs = folder / RUNS
    return (
        sorted(set(os.listdir(runs)) - {".lock"}) == told["runs"]
        and told["run"] in told["whole"]
        and all(_files(runs / name) == files for name, files in told["whole"].items())
        and (_places(deep), _places(near)) == (deep, near)
        and set(_walk(folder, deep, near)) - hashed.keys() == marks.keys()
        and all(_mark(path, _is_digest(mark)) == mark for path, mark in marks.items())
        and all(_mark(path, True) == [digest] for path, digest in hashed.items())
    )


def _places(paths: Iterable[str | Path]) -> dict[str, str]:
    """Each path with where it really lies."""
    return {str(path): os.path.realpath(path) for path in sorted(map(str, paths))}


def _walk(folder: Path, deep: Iterable[str], near: Iterable[str]) -> Iterator[str]:
    """All that lies below `deep` and beside `near`, but for what is ours in the workspace.

    Locks, other programs' too, are nothing that is read.
    """
    ours = {str(folder / name) for name in _OURS}
    for root in deep:
        for home, inner, names in os.walk(root, onerror=_unseen):
            inner[:] = [name for name in inner if os.path.join(home, name) not in ours]
            found = [*inner, *(name for name in names if not name.endswith(".lock"))]
            paths = (os.path.join(home, name) for name in found)
            yield from (path for path in paths if path not in ours)
    for stem in near:
        home, start = os.path.split(stem)
        alike = (name for name in os.listdir(home) if name.startswith(start))
        yield from (os.path.join(home, name) for name in alike if not name.endswith(".lock"))


def _unseen(fault: OSError) -> None:
    raise fault


def _files(home: Path) -> list[str]:
    """Every file below a folder, by its name from there."""
    found = [
        Path(folder, name).relative_to(home).as_posix()
        for folder, _, names in os.walk(home, onerror=_unseen)
        for name in names
    ]
    return sorted(found)


def _mark(path: str, hashing: bool = False) -> Mark:
    """A file's mark, or a folder's; hashing : its sha256 however large it is."""
    kind = os.lstat(path).st_mode
    if stat.S_ISDIR(kind):
        return _A_FOLDER
    link: Mark = [os.path.realpath(path)] if stat.S_ISLNK(kind) else []
    file = Path(path)
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(f"{path}: no plain file")
        seen = None if hashing else sight(file)
        return [*(seen or [sha256(file)]), *link]
    except FileNotFoundError:
        return link


def _is_digest(mark: Mark) -> bool:
    return isinstance(mark[0], str)


def note_success(folder: Path, run: Made, finished: datetime) -> None:
    """Say in ``last-success.json`` that a run is there; no run reads this file."""
    assert run.folder is not None, "a run that was only tried is no success"
    told = run.manifest
    fields = {
        "issue": told["issue"],
        "on": told["on"],
        "run": run.folder.name,
        "finished": finished.isoformat(timespec="seconds"),
        "head": run.head,
        "counts": told.get("counts", {}),
        "quarantined": len(told.get("quarantined", [])),
    }
    with aside(folder / LAST_SUCCESS) as hidden:
        hidden.write_text(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", "utf-8")
