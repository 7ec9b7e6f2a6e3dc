"""Whether runs, journal, store and photographs are, byte for byte, what the chain says.

The journal's lines hold one another; the journal holds the digest of every run's manifest and
of the photographs that came with visits; a manifest holds the digests of the run's files and
of the inputs that were kept. Whatever is altered, missing, added or put elsewhere is named.
A rewriting of everything, or an end cut off, shows only against a head kept elsewhere.
"""

import json
import os
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..project import Project
from . import archive, journal, photos, store
from .files import only_one, sha256_now

_Manifests = dict[str, dict[str, Any] | None]
_Expected = dict[str, tuple[str | None, int | None]]  # sha256 and size, by path


@dataclass(frozen=True)
class Verified:
    """What was found.

    faults : sentences, each naming a file. notices : what should be known and is no fault.
    runs, entries : how many were looked at. head : the chain's head now.
    """

    faults: list[str]
    notices: list[str]
    runs: int
    entries: int
    head: str


def verify(project: Project, head: str | None = None) -> Verified:
    """Hold every byte of the record against the chain.

    Parameters
    ----------
    head : a head of the chain that was kept elsewhere, from a report or from `seawatch run`.

    Raises
    ------
    Busy
        If a run is writing to it.
    """
    busy = f"{project.folder}: a run is writing to it; wait for it"
    with only_one(project.archive / ".lock", busy, make=False):
        return _verified(project, head)


def _verified(project: Project, head: str | None) -> Verified:
    lines = list(journal.examined(project))
    told = [line for line in lines if isinstance(line, journal.Entry)]
    runs = {str(e.data.get("run")): e for e in told if e.kind == "run"}
    faults = [
        f"{project.folder / journal.FILE}: line {n}: {line}"
        for n, line in enumerate(lines, 1)
        if isinstance(line, str)
    ]
    manifests = {name: _manifest(project.archive / name, entry) for name, entry in runs.items()}
    faults += [*_of_head(told, head), *_of_reports(told, runs)]
    faults += [*_of_runs(project, runs, manifests), *_of_store(project, manifests)]
    faults += _of_photos(project, told)
    tip = told[-1].head if told else journal.START
    return Verified(faults, _clock(told), len(runs), len(told), tip)


def _manifest(folder: Path, entry: journal.Entry) -> dict[str, Any] | None:
    """A run's manifest, if it is the one that the journal tells of."""
    path = folder / archive.MANIFEST
    try:
        if sha256_now(path) != entry.data.get("manifest"):
            return None
        manifest = dict(json.loads(path.read_text("utf-8")))
        for row in (*manifest["outputs"], *manifest["inputs"]):
            _ = row["path"] + row["sha256"], row["size"] + 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest


def _of_head(told: list[journal.Entry], head: str | None) -> Iterator[str]:
    if head is None:
        return
    known = {entry.head for entry in told}
    if head.strip().lower() == journal.START:
        yield "--head: the head of an empty journal proves nothing; give a later one"
    elif head.strip().lower() not in known:
        yield (
            f"{journal.FILE}: the chain does not pass through {head}: it was rewritten, or its "
            "end is cut off; compare it with a copy"
        )


def _clock(told: list[journal.Entry]) -> list[str]:
    return [
        f"{journal.FILE}: line {later.n} was recorded before line {earlier.n}: a clock was set back"
        for earlier, later in pairwise(told)
        if later.recorded < earlier.recorded
    ]


def _of_reports(told: list[journal.Entry], runs: dict[str, journal.Entry]) -> Iterator[str]:
    heads = {journal.START: 0} | {entry.head: entry.n for entry in told}
    for name, entry in runs.items():
        before = entry.data.get("head")
        if before is not None and heads.get(str(before), entry.n) >= entry.n:
            yield f"{name}: its report names a head that the chain did not have before it"


def _of_runs(
    project: Project, runs: dict[str, journal.Entry], manifests: _Manifests
) -> Iterator[str]:
    expected: _Expected = {}
    for name, manifest in manifests.items():
        expected[f"{name}/{archive.MANIFEST}"] = (runs[name].data.get("manifest"), None)
        expected |= {
            f"{name}/{row['path']}": (row["sha256"], row["size"])
            for row in (manifest or {}).get("outputs", [])
        }
    if (project.archive / ".lock").exists():
        expected[".lock"] = (None, 0)
    # of a run whose manifest is another, nothing can be said but that
    unknown = {name for name, manifest in manifests.items() if manifest is None}
    yield from _of_tree(project.archive, expected, unknown)


def _of_store(project: Project, manifests: _Manifests) -> Iterator[str]:
    root = project.folder / store.FOLDER
    rows = [row for m in manifests.values() for row in (m or {}).get("inputs", [])]
    expected: _Expected = {
        f"{row['sha256'][:2]}/{row['sha256'][2:]}": (row["sha256"], row["size"])
        for row in rows
        if row.get("kept")
    }
    if None in manifests.values():
        # which inputs a lost manifest kept is not known: a blob is held against its own name
        names = [path.relative_to(root).as_posix() for path in root.glob("??/*")]
        expected = {name: (name.replace("/", ""), None) for name in names} | expected
    yield from _of_tree(root, expected)


def _of_photos(project: Project, told: list[journal.Entry]) -> Iterator[str]:
    names = {str(n) for e in told if e.kind == "visit_file" for n in e.data.get("kept", ())}
    expected: _Expected = {n: (n.replace("/", "").partition(".")[0], None) for n in names}
    yield from _of_tree(project.folder / photos.FOLDER, expected)


def _of_tree(
    root: Path,
    expected: _Expected,
    unknown: Set[str] = frozenset(),
) -> Iterator[str]:
    """What in the folder `root` is not exactly the expected files, by (sha256, size).

    unknown : folders in it whose other files are passed over.
    """
    found = set()
    for path in _walk(root):
        name = path.relative_to(root).as_posix()
        found.add(name)
        if name not in expected:
            if name.partition("/")[0] not in unknown:
                yield f"{path}: added, or left by an interrupted command"
        elif not stat.S_ISREG(path.lstat().st_mode):
            yield f"{path}: no ordinary file"
        else:
            yield from _altered(path, *expected[name])
    for name in sorted(expected.keys() - found):
        yield f"{root / name}: missing"


def _altered(path: Path, digest: str | None, size: int | None) -> Iterator[str]:
    try:
        whole = size in (None, path.stat().st_size)
        if not whole or (digest is not None and sha256_now(path) != digest):
            yield f"{path}: altered"
    except OSError as error:
        yield f"{path}: cannot be read: {(error.strerror or str(error)).lower()}"


def _walk(root: Path) -> Iterator[Path]:
    """Everything below a folder but folders, which hold no byte; links as links."""
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (Path(folder) / name for name in sorted([*links, *files]))
