"""Files from elsewhere, parsed in a child that is shut in and does not live long.

The child (`io.parse`) sees the one file it is asked for, no network, so much memory and so
much time. What comes back is numbers, texts and well-known binary, never code. The same
bytes are not parsed twice by one process.
"""

import json
import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import InputRefused
from .files import sha256
from .parse._parsed import Job, Parsed
from .unpack import KINDS, opened

MEMORY = 2 * 2**30
"""Bytes of address space a child may take."""

_SECONDS, _BYTES_A_SECOND = 8, 2**20  # a file of any size; and what its size adds
_PACKAGE = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from seawatch.io.parse.main import main; main()"
)
# the drivers that follow names out of a file, or talk to something, in any of the three GDALs
_OFF = (
    "VRT OGR_VRT GTI WMS WMTS WFS WCS OAPIF OGCAPI HTTP PDF SQLite MBTiles CSW EEDA EEDAI NGW "
    "PLSCENES Elasticsearch Carto AmigoCloud GPSBabel ADBC STACTA STACIT DAAS PostgreSQL MySQL "
    "ODBC MSSQLSpatial OCI MongoDBv3 GMLAS NAS LIBKML KML OGR_PDS ESRIJSON TopoJSON GDALG "
    "Rasterlite"
)
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "GDAL_SKIP": _OFF.replace(" ", ","),
    "OGR_SKIP": _OFF.replace(" ", ","),
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "GDAL_CACHEMAX": "64",
    "PROJ_NETWORK": "OFF",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_KEPT: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
_KEEP = 64 * 2**20  # bytes of answers kept: a week reads its layers twice


@dataclass(frozen=True)
class Request:
    """One file to read, as the operator names it.

    layer : its name in a file of several, or the file's name in a zip of several.
    encoding : what its text is in, where the operator says.
    kind : the module of `io.parse` that reads it; by its suffix unless said.
    """

    path: Path
    layer: str | None = None
    encoding: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Answer:
    """What stands in a file, and the digest of the bytes it was read from."""

    parsed: Parsed
    sha256: str


def read(request: Request) -> Answer:
    """What stands in one file.

    Raises
    ------
    InputRefused
        Saying why it cannot be read.
    """
    answer = read_all([request])[0]
    if isinstance(answer, InputRefused):
        raise answer
    return answer


def read_workbook(path: Path) -> dict[str, list[list[Any]]]:
    """The rows of each sheet of an XLSX; a cell is None, a text, a number, a day or an instant.

    Raises
    ------
    InputRefused
        Saying why it cannot be read.
    """
    parsed = read(Request(path, kind="workbook")).parsed
    sheets: dict[str, list[list[Any]]] = {}
    for name, cells in zip(*(parsed.columns.get(n, []) for n in ("sheet", "cells")), strict=True):
        sheets.setdefault(name, []).append([_cell(cell) for cell in json.loads(cells)])
    return sheets


def _cell(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    ((kind, text),) = cell.items()
    return (datetime if kind == "instant" else date).fromisoformat(text)


def read_all(requests: Sequence[Request]) -> list[Answer | InputRefused]:
    """What stands in each of several files; they share a child as long as it lives."""
    answers: dict[int, Answer | InputRefused] = {}
    jobs: dict[int, tuple[Job, str, tuple[str, ...]]] = {}
    with ExitStack() as stack:
        for at, request in enumerate(requests):
            try:
                job, files = _job(request, stack)
            except InputRefused as fault:
                answers[at] = fault
                continue
            digest = sha256(Path(files[0])) if Path(files[0]).is_file() else _folder_digest(files)
            jobs[at] = (job, digest, files)
        said = _parse({at: (job, files) for at, (job, _, files) in jobs.items()})
    for at, (_, digest, _) in jobs.items():
        told = said[at]
        path = requests[at].path
        refused = isinstance(told, str)
        answers[at] = InputRefused(f"{path}: {told}") if refused else Answer(told, digest)  # type: ignore[arg-type]
    return [answers[at] for at in range(len(requests))]


def _job(request: Request, stack: ExitStack) -> tuple[Job, tuple[str, ...]]:
    """The job for the child and the files it may open, the first one the layer itself."""
    found = stack.enter_context(opened(request.path, request.layer))
    job = Job(
        str(found.path),
        request.kind or KINDS[found.path.suffix.lower()],
        found.layer,
        request.encoding,
    )
    return job, tuple(str(file) for file in found.files)


def _folder_digest(files: Sequence[str]) -> str:
    """One digest for a folder: of its files' names and digests."""
    import hashlib

    whole = hashlib.sha256()
    for file in sorted(f for f in files if Path(f).is_file()):
        whole.update(f"{Path(file).name} {sha256(Path(file))}\n".encode())
    return whole.hexdigest()


def _parse(jobs: dict[int, tuple[Job, tuple[str, ...]]]) -> dict[int, Parsed | str]:
    """A layer or a reason for every job."""
    said: dict[int, Parsed | str] = {}
    keys = {at: _key(job, files) for at, (job, files) in jobs.items()}
    for at, key in keys.items():
        if key in _KEPT:
            _KEPT.move_to_end(key)
            said[at] = _understood(_KEPT[key])
    waiting = [at for at in jobs if at not in said]
    while waiting:
        answers, end = _child([jobs[at] for at in waiting])
        for at, answer in zip(waiting, answers, strict=False):
            said[at] = _understood(answer)
            if isinstance(said[at], Parsed):
                _keep(keys[at], answer)
        waiting = waiting[len(answers) :]
        if waiting and end:
            said[waiting.pop(0)] = end
    return said


def _key(job: Job, files: Sequence[str]) -> tuple[str, ...]:
    digests = [sha256(Path(file)) for file in files if Path(file).is_file()]
    return (job.kind, Path(job.path).suffix, str(job.layer), str(job.encoding), *digests)


def _keep(key: tuple[str, ...], answer: bytes) -> None:
    _KEPT[key] = answer
    while sum(map(len, _KEPT.values())) > _KEEP:
        _KEPT.popitem(last=False)


def _child(jobs: Sequence[tuple[Job, tuple[str, ...]]]) -> tuple[list[bytes], str | None]:
    """The answers a child gave before it ended, and how it ended where they are too few."""
    sizes = sum(Path(f).stat().st_size for _, files in jobs for f in files if Path(f).is_file())
    seconds = _SECONDS + sizes // _BYTES_A_SECOND
    files = [file for _, given in jobs for file in given]
    order = {"jobs": [asdict(job) for job, _ in jobs], "memory": MEMORY, "seconds": seconds}
    order["files"] = files
    with (
        TemporaryDirectory(prefix="seawatch-") as empty,
        subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _START, _PACKAGE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd=empty,
            start_new_session=True,
        ) as child,
    ):
        late = False
        try:
            out, err = child.communicate(json.dumps(order).encode(), timeout=seconds + 1)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            late = True
    answers = list(_answers(out))
    if len(answers) == len(jobs):
        return answers, None
    if late or child.returncode in (-24, -9):
        return answers, f"took more than {seconds} s to read; it is broken or made to stall"
    last = err.decode("utf-8", "replace").strip().splitlines()[-1:]
    if "MemoryError" in str(last) or "bad_alloc" in str(last):
        limit = f"{MEMORY >> 30} GiB"
        return (
            answers,
            f"needs more than {limit} to read; it is broken, or convert it to GeoPackage",
        )
    why = last[0] if last else f"signal {-child.returncode}"
    return answers, f"broke its reader ({why[:200]}); copy the file again"


def _answers(out: bytes) -> Iterator[bytes]:
    """Each whole answer: its JSON and its geometries, behind a line that says how long they are."""
    at = out.find(b"\n") + 1  # the walls that hold
    while at and (end := out.find(b"\n", at)) > 0:
        body, shapes = map(int, out[at:end].split())
        whole = out[at : end + 1 + body + shapes]
        if len(whole) < end + 1 - at + body + shapes:
            return
        yield whole
        at += len(whole)


def _understood(answer: bytes) -> Parsed | str:
    end = answer.index(b"\n") + 1
    body = int(answer.split(b" ", 1)[0])
    head: dict[str, Any] = json.loads(answer[end : end + body])
    if "refused" in head:
        return str(head["refused"])
    shapes: list[bytes | None] = []
    at = end + body
    for length in head.pop("lengths"):
        shapes.append(None if length < 0 else answer[at : at + length])
        at += max(length, 0)
    faults = {int(row): why for row, why in head.pop("faults").items()}
    return replace(Parsed(**head), shapes=shapes, faults=faults)


def walls() -> list[str]:
    """The walls that hold around a child on this machine, e.g. limits, network, files."""
    order = {"jobs": [], "memory": MEMORY, "seconds": _SECONDS, "files": []}
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", _START, _PACKAGE],
        input=json.dumps(order).encode(),
        capture_output=True,
        env=_ENVIRONMENT,
        timeout=_SECONDS,
        check=True,
    )
    return list(json.loads(done.stdout))
