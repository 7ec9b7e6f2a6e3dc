"""The folder, zip or tar a product comes in, and its members taken out safely.

Nothing is ever written outside the folder a member is taken into, and nothing is read
that does not lie in the bundle: a member that is a link, a pipe or a device, or whose
name leads elsewhere, makes the whole archive refused, as does one that would swell.
"""

import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..errors import InputRefused, UsageError
from .files import aside, plain_file

LARGEST = 64 * 2**30
"""Bytes an archive may hold unpacked; the largest product is a tenth of it."""

_SWOLLEN = (2**30, 200)  # a member of so many bytes and more may not be packed so many times
_MEMBERS = 100_000
_TEXT = 8 * 2**20  # bytes of metadata; real ones are under one MiB
_PIECE = 2**20

# what unpacking raises on damaged content; LZMAError and the like are never met, as only
# stored and deflated members are taken
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Bundle:
    """A product's members, before any of them is read.

    Attributes
    ----------
    names : every member that is a file, relative, with ``/``.
    in_place : whether the members are files already, which stay where they are.
    size : bytes the members say they take when unpacked; 0 where they are in place.
    """

    path: Path
    names: tuple[str, ...]
    in_place: bool
    _open: Callable[[str], IO[bytes]]
    size: int = 0

    def read(self, name: str) -> bytes:
        """The content of a small member.

        Raises
        ------
        InputRefused
            If it cannot be read, or is too large for metadata.
        """
        content = b""
        for piece in self._pieces(name):
            content += piece
            if len(content) > _TEXT:
                raise InputRefused(f"{self.path}: {name} is over {_TEXT >> 20} MiB of metadata")
        return content

    def take(self, name: str, folder: Path) -> Path:
        """The member as a file: where it is, or unpacked into `folder` under its bare name.

        Raises
        ------
        UsageError
            If a file of this name is in `folder` already.
        """
        if self.in_place:
            return _inside(self.path, name)
        home = folder / PurePosixPath(name).name
        if home.exists():
            raise UsageError(f"{home}: a file of this name is there already; move it away first")
        with aside(home) as hidden, hidden.open("wb") as out:
            for piece in self._pieces(name):
                out.write(piece)
        return home

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._open(name) as source:
                while piece := source.read(_PIECE):
                    yield piece
        except _BROKEN as error:
            raise InputRefused(
                f"{self.path}: {name} is broken or cut short ({error}); copy the file again"
            ) from None


def is_bundle(path: Path) -> bool:
    """Whether `path` is a folder or an archive, told by content.

    Raises
    ------
    InputRefused
        If there is nothing there, or no file.
    """
    if path.is_dir():
        return True
    with plain_file(path).open("rb") as file:
        start = file.read(262)
    return start.startswith((b"PK\3\4", b"PK\5\6", b"\x1f\x8b")) or start[257:] == b"ustar"


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """The members of a folder, a zip or a tar.

    Raises
    ------
    InputRefused
        If the archive is broken, or a member of it is not what a product holds.
    """
    if path.is_dir():
        yield Bundle(path, _walk(path), True, lambda name: _inside(path, name).open("rb"))
        return
    with ExitStack() as stack:
        file = stack.enter_context(plain_file(path).open("rb"))
        start = file.read(2)
        file.seek(0)
        if start == b"\x1f\x8b":
            raise InputRefused(f"{path}: compressed; unpack it and give the .tar or the folder")
        with _refused(path):
            if start == b"PK":
                packed = stack.enter_context(zipfile.ZipFile(file))
                bundle = _checked(path, _zipped(packed), packed.open)
            else:
                tape = stack.enter_context(tarfile.open(fileobj=file, mode="r:"))
                bundle = _checked(path, _tarred(tape), tape.extractfile)
        yield bundle


@dataclass(frozen=True)
class _Member:
    """What an archive declares of one member; `odd` says why it is none of a product's."""

    given: str
    size: int
    packed: int
    odd: str | None = None
    folder: bool = False


def _zipped(archive: zipfile.ZipFile) -> list[_Member]:
    entries = archive.infolist()
    if _overlap(entries):
        raise zipfile.BadZipFile("its members lie on each other")
    return [
        _Member(info.filename, info.file_size, info.compress_size, _zip_odd(info), info.is_dir())
        for info in entries
    ]


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether members share bytes, as those of a bomb do; older Pythons do not look."""
    spans = sorted(
        (info.header_offset, info.header_offset + info.compress_size) for info in entries
    )
    return any(end > start for (_, end), (start, _) in pairwise(spans))


def _zip_odd(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "no ordinary file"
    if info.flag_bits & 1:
        return "encrypted"
    stored = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return None if stored else "packed in a way that products are not"


def _tarred(archive: tarfile.TarFile) -> list[_Member]:
    members = []
    for info in archive:
        plain = info.isdir() or (info.isreg() and not info.issparse())
        odd = None if plain else "no ordinary file"
        members.append(_Member(info.name, info.size, info.size, odd, info.isdir()))
        if len(members) > _MEMBERS:
            break
    return members


def _checked(path: Path, members: list[_Member], open_member: Callable[[str], Any]) -> Bundle:
    """The archive as a bundle, if every member of it may be there."""
    problems = list(dict.fromkeys(_faults(members)))
    given = {str(PurePosixPath(m.given)): m.given for m in members if not m.folder}
    if len(given) < sum(not m.folder for m in members):
        problems.append("two members have one name")
    if problems:
        cure = "get the product from its provider again"
        raise InputRefused(f"{path}: {problem}; {cure}" for problem in problems[:5])
    size = sum(member.size for member in members)
    return Bundle(path, tuple(given), False, lambda name: open_member(given[name]), size)


def _faults(members: list[_Member]) -> Iterator[str]:
    if len(members) > _MEMBERS:
        yield f"over {_MEMBERS} members"
    if sum(member.size for member in members) > LARGEST:
        yield f"over {LARGEST >> 30} GiB when unpacked"
    large, times = _SWOLLEN
    for member in members:
        parts = member.given.split("/")
        if ".." in parts or parts[0] == "" or re.search(r"\\|^[A-Za-z]:|[\0-\x1f]", member.given):
            yield f"member '{ascii(member.given)[1:-1]}' leads out of the archive"
        if member.odd:
            yield f"member '{ascii(member.given)[1:-1]}' is {member.odd}"
        if member.size > large and member.size > times * member.packed:
            yield f"member '{ascii(member.given)[1:-1]}' would swell {times} times and more"


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise InputRefused(f"{path}: broken or cut short ({error}); copy the file again") from None


def _walk(folder: Path) -> tuple[str, ...]:
    """The files of a folder; links to other folders are not followed."""
    names: list[str] = []
    for top, _, files in os.walk(folder):
        names += [(Path(top) / name).relative_to(folder).as_posix() for name in files]
        if len(names) > _MEMBERS:
            raise InputRefused(f"{folder}: over {_MEMBERS} files; give one product's folder")
    return tuple(sorted(names))


def _inside(folder: Path, name: str) -> Path:
    """A file of the folder that is really there, not a link to somewhere else."""
    path = folder / name
    if path.resolve() != folder.resolve() / name:
        raise InputRefused(f"{path}: a link to elsewhere; copy the file itself there")
    return plain_file(path)
