"""Plain files: what may be opened, their digests, and writing aside and renaming."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import CannotFinish, InputRefused


def plain_file(path: Path) -> Path:
    """`path` itself, if it is an ordinary file on this machine.

    A device or a pipe would hang the batch; a URL or a GDAL virtual path would read
    what seawatch was not given.

    Raises
    ------
    InputRefused
        If there is no such file, or it is something else than a file.
    """
    if "://" in str(path) or str(path).startswith("/vsi"):
        raise InputRefused(f"{path}: not a file on this machine; copy it here first")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputRefused(f"{path}: {_why(error)}; check the path") from None
    if not stat.S_ISREG(mode):
        raise InputRefused(f"{path}: not an ordinary file; copy its content into one")
    return path


def sha256(path: Path) -> str:
    """The file's sha256, hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A hidden path beside `path`, renamed onto it when the block ends well.

    A reader sees the old file or the new one, never half of one. The suffix is kept,
    as drivers go by it.
    """
    hidden = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        with disk_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield hidden
            with hidden.open("rb+") as file:
                os.fsync(file.fileno())
            hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """What the disk refuses, said as `CannotFinish` with the path."""
    try:
        yield
    except OSError as error:
        raise CannotFinish(f"{error.filename or path}: cannot write: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
