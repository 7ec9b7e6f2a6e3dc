"""A run asked for again: whether anything is other than when it was made.

A run finds that it is there already by reading and understanding all that it would be made
from. Here nothing is understood, and nothing that understands is loaded: where every byte
that the run went by and every name around it is what it was, so is the run. Whatever differs,
or cannot be told for sure, is left to the run itself.

What is remembered is a note for the next call, no part of the record: ``seawatch verify`` is
what holds the record against its chain.
"""

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

_OURS = frozenset({RUNS, STORE, "maps", JOURNAL, LAST_SUCCESS, FILE})
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

Mark = str | list[int] | None
"""A file's sha256, or for a large one what changes when it is written to; None if it is gone."""


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
    without their suffix, beside which it may. files : every file there, marked.
    """

    folder: Path
    deep: list[str]
    near: list[str]
    files: dict[str, Mark]


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

    None where something there is no plain file, as a folder that a link leads to.
    """
    files = list(named)
    deep = {folder, *scenes, *(path for path in files if path.is_dir())}
    near = {path.with_suffix("") for path in files}
    roots = sorted(map(str, deep)), sorted(map(str, near))
    try:
        return Look(folder, *roots, {path: _mark(path) for path in _walk(folder, *roots)})
    except OSError:
        return None


def remember(
    seen: Look,
    asked: Mapping[str, str],
    own: Mapping[str, str],
    run: str,
    head: str,
    digests: Mapping[Path, str],
) -> None:
    """Note what a run stands on, for the next call.

    Parameters
    ----------
    asked : on, language and cycle. own : language, cycle and timezone of the settings.
    run : name of its folder. head : of the chain.
    digests : sha256 of every file that the run went by, as it read it, and of its own.
    """
    hashed = {str(path): digest for path, digest in digests.items()}
    fields = {
        "asked": {"folder": str(seen.folder), **asked},  # a copy of the workspace is another
        "own": dict(own),
        "versions": versions(),
        "run": run,
        "head": head,
        "runs": _names(seen.folder / RUNS),
        "hashed": hashed,
        "deep": seen.deep,
        "near": seen.near,
        "files": {path: mark for path, mark in seen.files.items() if path not in hashed},
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
            return Made(home, json.loads((home / MANIFEST).read_text("utf-8")), told["head"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # there is no such note, or none that can be read


def _same(folder: Path, told: Mapping[str, Any]) -> bool:
    hashed, files = told["hashed"], told["files"]
    there = set(_walk(folder, told["deep"], told["near"]))
    return (
        _names(folder / RUNS) == told["runs"]
        and there - hashed.keys() == files.keys()
        and all(_mark(path, hashing=isinstance(files[path], str)) == files[path] for path in files)
        and all(_mark(path, hashing=True) == digest for path, digest in hashed.items())
    )


def _walk(folder: Path, deep: Iterable[str], near: Iterable[str]) -> Iterator[str]:
    """Every file below `deep` and beside `near`, but for what is ours in the workspace's folder."""
    ours = {str(folder / name) for name in _OURS}
    for root in deep:
        for home, inner, names in os.walk(root):
            inner[:] = [name for name in inner if os.path.join(home, name) not in ours]
            links = [name for name in inner if os.path.islink(os.path.join(home, name))]
            paths = (os.path.join(home, name) for name in (*names, *links))
            yield from (path for path in paths if path not in ours and not path.endswith(".lock"))
    for stem in near:
        home, start = os.path.split(stem)
        with os.scandir(home) as found:
            alike = [entry for entry in found if entry.name.startswith(start)]
        yield from (entry.path for entry in alike if not entry.is_dir())


def _mark(path: str, *, hashing: bool = False) -> Mark:
    file = Path(path)
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(f"{path}: no plain file")
        seen = None if hashing else sight(file)
        return list(seen) if seen else sha256(file)
    except FileNotFoundError:
        return None


def _names(runs: Path) -> list[str]:
    return sorted(name for name in os.listdir(runs) if not name.endswith(".lock"))


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
