"""Whether anything can be touched unseen: bytes altered, records edited, dropped, reordered.

A small archive of several runs and some lines of the journal is touched in one place at a
time, by as many altered, added, dropped and swapped bytes and as many records as asked. Each
time both verifiers (`seawatch verify` and ``tools/verify.py``, which shares no code with it)
must find it and name the file. What rewrites the journal whole, its digests made to fit, or
cuts its end off, must be found with a head that was kept elsewhere.

    uv run python benchmarks/tamper.py --bytes 500 --records 100
"""

import argparse
import importlib.util
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import CRS, at, permit, write_layers
from seawatch.io import journal
from seawatch.tables import PERMITS
from seawatch.workspace import Workspace
from seawatch.workspace import open as open_workspace

VERIFIER = Path(__file__).parents[1] / "tools" / "verify.py"


def archive_of(folder: Path) -> Workspace:
    """A workspace with three runs and what people said in between."""
    rows = [(permit("A", "11", "surface"), at(0, 0, 500, 500))]
    space = open_workspace(write_layers(folder, CRS, {PERMITS: rows}))
    for number, day in enumerate(("2026-11-09", "2026-11-16", "2026-11-23")):
        space.run(day)
        said = [{"flag": f"F{number}", "to": f"officer {n}", "note": "巡查"} for n in range(4)]
        journal.append(space.project, "assign", said)
    photo = b"not really a photograph"
    digest = sha256(photo).hexdigest()
    home = folder / "photos" / digest[:2] / f"{digest[2:]}.jpg"
    home.parent.mkdir(parents=True)
    home.write_bytes(photo)
    journal.append(space.project, "visit_file", [{"kept": [f"{digest[:2]}/{home.name}"]}])
    return space


def stand_alone() -> ModuleType:
    """``tools/verify.py``, loaded without running it."""
    spec = importlib.util.spec_from_file_location("stand_alone", VERIFIER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found_by(space: Workspace, head: str | None = None) -> tuple[list[str], list[str]]:
    """What each verifier finds."""
    alone, folder = stand_alone(), str(space.project.folder)
    entries, heads, faults = alone.read_journal(os.path.join(folder, "journal.jsonl"))
    if head and head not in heads[1:]:
        faults.append("journal.jsonl: the chain does not pass through it")
    return space.verify(head).faults, faults + alone.check_runs(folder, entries, heads)


def record_files(folder: Path) -> list[Path]:
    """Every file that the chain vouches for."""
    below = [p for name in ("runs", "inputs", "photos") for p in sorted((folder / name).rglob("*"))]
    files = [path for path in below if path.is_file() and path.name != ".lock"]
    return [folder / "journal.jsonl", *files]


@contextmanager
def _kept(path: Path) -> Iterator[bytes]:
    """The file's content, which stands there again afterwards."""
    content = path.read_bytes()
    path.chmod(0o644)
    try:
        yield content
    finally:
        path.write_bytes(content)


def _touched(content: bytes, random_: random.Random) -> bytes:
    """`content` with one byte altered, added, dropped or in another place."""
    where = random_.randrange(len(content))
    how = random_.choice(("altered", "altered", "added", "dropped", "moved"))
    byte = bytes([random_.randrange(256)])
    if how == "added":
        return content[:where] + byte + content[where:]
    if how == "dropped":
        return content[:where] + content[where + 1 :]
    if how == "moved":
        return content[where:] + content[:where]
    return (
        content[:where] + bytes([content[where] ^ random_.randrange(1, 256)]) + content[where + 1 :]
    )


def tamper_bytes(space: Workspace, number: int, random_: random.Random) -> list[str]:
    """Touched files that a verifier did not find or did not name."""
    missed = []
    files = record_files(space.project.folder)
    for _ in range(number):
        path = random_.choice(files)
        with _kept(path) as content:
            touched = _touched(content, random_)
            if touched == content:
                continue
            path.write_bytes(touched)
            missed += _missed(space, path.name, f"a byte of {path}")
    return missed


def tamper_files(space: Workspace) -> list[str]:
    """Files removed, added, swapped, linked: what a verifier did not find or did not name."""
    missed, folder = [], space.project.folder
    for path in record_files(folder)[1:]:
        with _kept(path) as content, tempfile.NamedTemporaryFile() as same:
            path.unlink()
            missed += _missed(space, path.name, f"{path} removed")
            same.write(content)
            same.flush()
            path.symlink_to(same.name)
            missed += _missed(space, path.name, f"{path} a link to the same bytes")
            path.unlink()
    for place in ("runs", "runs/2026-W48", "runs/2026-W48/chips", "inputs", "inputs/00", "photos"):
        (folder / place).mkdir(exist_ok=True)
        for name in ("stray", ".hidden", ".x.part"):
            (folder / place / name).write_text("")
            missed += _missed(space, name, f"{place}/{name} added")
            (folder / place / name).unlink()
    (folder / "inputs" / "00").rmdir()
    shutil.copytree(folder / "runs" / "2026-W48", folder / "runs" / "2026-W50")
    missed += _missed(space, "2026-W50", "a run added")
    shutil.rmtree(folder / "runs" / "2026-W50")
    return missed


def tamper_records(space: Workspace, number: int, random_: random.Random) -> list[str]:
    """Records edited, dropped, reordered, doubled: what a verifier did not find."""
    missed = []
    for _ in range(number):
        with _kept(space.project.folder / "journal.jsonl") as content:
            lines = content.splitlines(keepends=True)
            how, changed = _reworked(lines, random_)
            (space.project.folder / "journal.jsonl").write_bytes(b"".join(changed))
            # an end that is cut off is found with a head kept elsewhere, and only so
            head = sha256(lines[-1][:-1]).hexdigest()
            missed += _missed(space, "journal.jsonl", how, head)
    return missed


def _reworked(lines: list[bytes], random_: random.Random) -> tuple[str, list[bytes]]:
    one, other = random_.sample(range(len(lines)), 2)
    name = random_.choice(("edited", "resealed", "dropped", "reordered", "doubled", "cut", "all"))
    lines = list(lines)
    if name == "edited":
        lines[one] = lines[one].replace(b"2026", b"2027", 1)
    elif name == "resealed":
        lines[one] = _sealed(_spoilt(lines[one]))
    elif name == "dropped":
        del lines[one]
    elif name == "reordered":
        lines[one], lines[other] = lines[other], lines[one]
    elif name == "doubled":
        lines.insert(other, lines[one])
    elif name == "cut":
        del lines[-random_.randint(1, 3) :]
    else:
        lines = _chained_again([_spoilt(line) if n == one else json.loads(line)
                                for n, line in enumerate(lines)])  # fmt: skip
    return f"line {one + 1} {name}", lines


def _spoilt(line: bytes) -> dict:
    fields = json.loads(line)
    fields["recorded"] = "2025" + fields["recorded"][4:]
    return fields


def _sealed(fields: dict) -> bytes:
    rest = {name: value for name, value in fields.items() if name != "hash"}
    alone = stand_alone()
    rest["hash"] = sha256(alone.canonical(rest)).hexdigest()
    return alone.canonical(rest) + b"\n"


def _chained_again(entries: list[dict]) -> list[bytes]:
    """The whole journal rewritten so that every digest fits."""
    lines, tip = [], journal.START
    for entry in entries:
        lines.append(_sealed({**entry, "prev": tip}))
        tip = sha256(lines[-1][:-1]).hexdigest()
    return lines


def _missed(space: Workspace, name: str, what: str, head: str | None = None) -> list[str]:
    verifiers = zip(("seawatch verify", "tools/verify.py"), found_by(space, head), strict=True)
    return [
        f"{verifier}: {what}: {faults}"
        for verifier, faults in verifiers
        if not any(name in fault for fault in faults)
    ]


def main() -> None:
    """Print how often each was tried, and everything that was missed."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--bytes", type=int, default=500)
    arguments.add_argument("--records", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    random_ = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as home:
        space = archive_of(Path(home))
        assert found_by(space) == ([], [])
        missed = tamper_bytes(space, given.bytes, random_)
        print(
            f"{given.bytes} bytes altered, added, dropped or moved: {len(missed)} missed", *missed
        )
        missed = tamper_records(space, given.records, random_)
        print(f"{given.records} records touched: {len(missed)} missed", *missed)
        missed = tamper_files(space)
        print(f"files removed, linked, added: {len(missed)} missed", *missed)
        assert found_by(space) == ([], [])


if __name__ == "__main__":
    main()
