"""The files a layer really is: itself, the parts of a Shapefile, a folder, a member of a zip."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ..errors import InputRefused
from .bundle import Bundle, open_bundle
from .files import plain_file

KINDS = {
    ".gpkg": "geopackage",
    ".shp": "shapefile",
    ".geojson": "geojson",
    ".json": "geojson",
    ".kml": "kml",
    ".gdb": "gdb",
    ".dxf": "dxf",
    ".fgb": "flatgeobuf",
    ".parquet": "geoparquet",
    ".geoparquet": "geoparquet",
    ".csv": "sheet",
    ".tsv": "sheet",
    ".txt": "sheet",
    ".xlsx": "sheet",
}
"""The module of `io.parse` for each suffix; a .zip or .kmz holds one of these."""

PACKED = (".zip", ".kmz")
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LARGEST = 4 * 2**30
"""Bytes a zipped layer may hold; and one larger than `_SMALL` may not be packed tighter than."""
_SMALL, _TIGHTEST = 64 * 2**20, 100
_ELSEWHERE = re.compile(rb"<(OGRVRT|VRTDataset|GDAL_WMS|GDAL_WMTS|WFS_|OGRWFS|OGRGMLAS)", re.I)


@dataclass(frozen=True)
class Found:
    """A layer's own file (or folder), every file that belongs to it, and the layer's name."""

    path: Path
    files: tuple[Path, ...]
    layer: str | None


@contextmanager
def opened(path: Path, layer: str | None) -> Iterator[Found]:
    """What is to be parsed for `path`; a member of a zip is taken out for as long as this lasts.

    Raises
    ------
    InputRefused
        If it is nothing that may be read, or nothing that is known.
    """
    suffix = path.suffix.lower()
    if suffix in PACKED:
        with _unpacked(path, layer) as found:
            yield found
        return
    if suffix not in KINDS:
        raise InputRefused(
            f"{path}: unknown kind of vector file; use one of {', '.join([*KINDS, *PACKED])}"
        )
    yield Found(path.absolute(), _files(path.absolute(), suffix), layer)


def _files(path: Path, suffix: str) -> tuple[Path, ...]:
    if suffix == ".gdb":
        return (path, *_folder(path))
    plain_file(path)
    with path.open("rb") as file:
        if _ELSEWHERE.search(file.read(4096)):
            raise InputRefused(f"{path}: names other files instead of holding a layer; give those")
    if suffix == ".xlsx":
        with open_bundle(path) as bundle:
            _refuse_bomb(path, bundle)
    if suffix != ".shp":
        return (path,)
    stems = {path.with_suffix(s) for part in _PARTS for s in (part, part.upper())}
    return (path, *(plain_file(p) for p in sorted(stems) if p != path and os.path.lexists(p)))


def _folder(path: Path) -> tuple[Path, ...]:
    """The files of a File Geodatabase; it holds no links and no folders that matter."""
    if not path.is_dir():
        raise InputRefused(f"{path}: no File Geodatabase; it is a folder of that name")
    inside = sorted(path.iterdir())
    odd = [p.name for p in inside if not stat.S_ISREG(p.lstat().st_mode)]
    if odd:
        raise InputRefused(f"{path}: '{odd[0]}' in it is no ordinary file; copy the folder again")
    return tuple(inside)


@contextmanager
def _unpacked(path: Path, layer: str | None) -> Iterator[Found]:
    plain_file(path)
    with open_bundle(path) as bundle, TemporaryDirectory(prefix="seawatch-") as folder:
        _refuse_bomb(path, bundle)
        member, inner = _member(path, bundle, layer)
        home = Path(folder) / "in"
        home.mkdir()
        taken = _take(bundle, member, home)
        with opened(taken, inner) as found:
            yield found


def _refuse_bomb(path: Path, bundle: Bundle) -> None:
    packed = path.stat().st_size
    if bundle.size > LARGEST:
        raise InputRefused(f"{path}: over {LARGEST >> 30} GiB when unpacked; unpack it yourself")
    if bundle.size > _SMALL and bundle.size > _TIGHTEST * packed:
        raise InputRefused(
            f"{path}: would swell {bundle.size // packed} times; get it from its provider again"
        )


def _member(path: Path, bundle: Bundle, layer: str | None) -> tuple[str, str | None]:
    """The one layer file in a zip, or the one named; a name that is none may be its layer's."""
    suffixes = set(KINDS) - {".gdb", ".txt"}
    found = {n for n in bundle.names if PurePosixPath(n).suffix.lower() in suffixes}
    found = {n for n in found if "__MACOSX" not in n and ".gdb/" not in n.lower()}
    for name in bundle.names:
        parts = PurePosixPath(name).parts
        ends = [i for i, part in enumerate(parts[:-1]) if part.lower().endswith(".gdb")]
        found |= {"/".join(parts[: ends[0] + 1])} if ends else set()
    if not found:
        raise InputRefused(f"{path}: holds no layer; it should hold one of {', '.join(KINDS)}")
    if path.suffix.lower() == ".kmz":
        main = [n for n in found if n.lower().endswith(".kml")]
        found = set(sorted(main, key=lambda n: (n != "doc.kml", n))[:1]) or found
    named = [
        n for n in found if layer and layer in (n, PurePosixPath(n).name, PurePosixPath(n).stem)
    ]
    if len(named) == 1:
        return named[0], None
    if len(found) > 1:
        names = ", ".join(f"'{_readable(n)}'" for n in sorted(found)[:12])
        raise InputRefused(f"{path}: holds {len(found)} layers: {names}; name one, e.g. --layer")
    return found.pop(), layer


def _readable(name: str) -> str:
    """A member's name; those of Chinese Windows come as if in code page 437."""
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _take(bundle: Bundle, member: str, home: Path) -> Path:
    suffix = PurePosixPath(member).suffix.lower()
    if suffix == ".gdb":
        inside = [n for n in bundle.names if n.startswith(f"{member}/")]
        home = home / "layer.gdb"
        for name in inside:
            bundle.take(name, home)
        return home
    if suffix == ".shp":
        stem = member[: -len(suffix)]
        for name in bundle.names:
            if name[: len(stem)] == stem and name[len(stem) :].lower() in _PARTS:
                bundle.take(name, home)
        return home / PurePosixPath(member).name
    return bundle.take(member, home)
