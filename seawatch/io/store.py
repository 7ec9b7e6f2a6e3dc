"""What a run was made from: small inputs copied once, by content; large ones pinned.

Settings, layers, tides, areas and items are copied into ``inputs/ab/cdef…``, named by the
sha256 of their content, because offices overwrite them from week to week. The rasters of
scenes are pinned by sha256 and size alone: they are a thousand times larger, registered once
with their digest and never overwritten. ``keep = true`` under [scenes] copies them too.

An input is hashed before it is read and held against that digest again before the run is
written, so the bytes hashed are the bytes used.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputRefused
from ..project import Project
from .again import STORE as FOLDER
from .files import aside, plain_file, plain_text, sha256

_ALONE = (".toml", ".json", ".geojson", ".csv", ".kml")  # nothing beside them is read with them
_SHAPEFILE = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix")
_RASTER = (".hdr", ".tfw", ".wld")
_AROUND = (".aux.xml", ".msk", ".ovr", ".hdr", "-wal")  # behind the whole name


@dataclass(frozen=True)
class Input:
    """A file that a run reads.

    path : where it lies. name : the path as the record tells it. kept : whether its bytes
    are copied into the store.
    """

    path: Path
    name: str
    sha256: str
    size: int
    kept: bool

    @property
    def row(self) -> dict[str, Any]:
        """The input as the manifest says it."""
        return {"path": self.name, "sha256": self.sha256, "size": self.size, "kept": self.kept}


def inputs_of(project: Project, paths: Iterable[Path], *, kept: bool = True) -> list[Input]:
    """The files at `paths`, and those beside them that are read with them, hashed, by name."""
    whole = {part.resolve() for path in paths for part in parts_of(path)}
    return sorted((_input(project, path, kept) for path in whole), key=lambda i: i.name)


def parts_of(path: Path) -> list[Path]:
    """The files that are read when `path` is: itself, what lies beside it, all in a folder.

    Another program's lock in a folder is none of them.
    """
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix != ".lock")
    near = []
    if path.suffix.lower() not in _ALONE:
        suffixes = _SHAPEFILE if path.suffix.lower() == ".shp" else _RASTER
        near = [path.with_suffix(s) for suffix in suffixes for s in (suffix, suffix.upper())]
        near += [path.with_name(path.name + suffix) for suffix in _AROUND]
    return [plain_file(path), *(p for p in near if p != path and p.is_file())]


def _input(project: Project, path: Path, kept: bool) -> Input:
    inside = path.is_relative_to(project.folder)
    name = path.relative_to(project.folder).as_posix() if inside else path.name
    # a name may be not UTF-8, as of an old archive unpacked
    return Input(path, plain_text(name), sha256(plain_file(path)), path.stat().st_size, kept)


def blob(project: Project, digest: str) -> Path:
    """Where the store keeps the bytes of this sha256."""
    return project.folder / FOLDER / digest[:2] / digest[2:]


def keep(project: Project, inputs: Iterable[Input]) -> None:
    """Copy into the store what is to be kept, and see that no input is another by now.

    Raises
    ------
    InputRefused
        Naming every input that was written to since it was hashed.
    """
    changed = []
    for given in inputs:
        try:
            whole = sha256(given.path) == given.sha256
            if whole and given.kept:
                _copy(given, blob(project, given.sha256))
        except FileNotFoundError:
            whole = False
        if not whole:
            changed.append(given.path)
    if changed:
        raise InputRefused(f"{path}: changed while the run read it; run again" for path in changed)


def _copy(given: Input, home: Path) -> None:
    if home.is_file() and sha256(home) == given.sha256:
        return
    with aside(home) as hidden:
        shutil.copyfile(given.path, hidden)
        hidden.chmod(0o444)
        if sha256(hidden) != given.sha256:
            raise InputRefused(f"{given.path}: changed while it was copied; run again")


def orphans(project: Project, known: Iterable[str]) -> list[Path]:
    """Blobs whose digest no run knows."""
    homes = {blob(project, digest) for digest in known}
    return sorted(p for p in (project.folder / FOLDER).glob("*/*") if p not in homes)
