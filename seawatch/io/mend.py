"""Holding the workspace: one command at a time, and what an interrupted one left is mended."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..errors import InputRefused
from ..project import Project
from . import again, archive, journal, store
from .files import disk_faults, to_disk


@contextmanager
def hold(project: Project) -> Iterator[None]:
    """Hold the workspace for one command; what an interrupted one left is finished or cleared.

    Raises
    ------
    Busy
        If another run holds it.
    InputRefused
        If the archive is of a newer seawatch, or its journal is gone or broken.
    """
    with again.alone(project.folder):
        _mend(project)
        yield


def _mend(project: Project) -> None:
    told = archive.runs_told(project)
    if not told:
        _take_in(project)
    left = sorted(project.archive.glob(".*.part"))
    with disk_faults(project.archive):
        for hidden in left:
            name = hidden.name[1:].removesuffix(".part")
            if name in told and archive.digest_of(hidden) == told[name]["manifest"]:
                hidden.rename(project.archive / name)
                to_disk(project.archive)
        if left:
            _sweep(project, told)
        for hidden in project.archive.glob(".*.part"):
            shutil.rmtree(hidden)


def _sweep(project: Project, told: Iterable[str]) -> None:
    """Clear the store of what an interrupted run put there, if every run is there to say so."""
    known = archive.records(project)
    if {record.folder.name for record in known} >= set(told):
        rows = [row for record in known for row in record.manifest["inputs"]]
        for path in store.orphans(project, (row["sha256"] for row in rows)):
            path.unlink()


def _take_in(project: Project) -> None:
    """Runs made before there was a journal enter it, once each was held against its manifest."""
    found = archive.records(project)
    problems = [p for record in found for p in archive.damage(record)]
    problems += [
        f"{project.folder / journal.FILE}: gone, but {record.folder.name} was made with it; "
        "restore it from a copy"
        for record in found
        if record.manifest.get("format", 1) > 1
    ]
    if problems:
        raise InputRefused(problems)
    rows = [archive.fields_of(record.folder, record.manifest) for record in found]
    journal.append(project, "run", rows)
