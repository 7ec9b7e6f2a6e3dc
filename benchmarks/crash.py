"""Whether a case can be lost: killed, refused by the disk, or run several times at once.

A small workspace with one run in its archive is copied, and its second run disturbed:

- killed (SIGKILL) after each write, fsync, rename, removal and new folder, and the rerun after
  some other one; then at random moments, as often as asked;
- refused: each of those operations fails (EIO), or all from each on (ENOSPC); files may not grow
  beyond 20 sizes; the disk is full at 20 sizes (a small tmpfs) or read-only, where this machine
  lets us;
- started three times at once, as often as asked.

After each, one rerun must give the very files of an undisturbed run, byte for byte, in a record
that verifies: no flag lost, none doubled, nothing left behind. What was refused must have left
with a message that names the path and with its exit code, without a traceback.

    uv run python benchmarks/crash.py --random 200 --at-once 20
"""

import argparse
import builtins
import errno
import gc
import io
import os
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import pyogrio.raw

from conftest import make_week
from seawatch import cli, publish, run  # noqa: F401 - children are forked with all of it loaded
from seawatch.io import journal
from seawatch.workspace import open as open_workspace

DAYS = ("2026-11-16", "2026-11-23")
RUNS = ["2026-W47", "2026-W48"]
CLOCKS = ("journal.jsonl", "last-success.json", ".last-run.json")
"""Files that hold instants; all others must be the same."""

_BY_PATH = ("rename", "replace", "mkdir", "unlink", "rmdir")
REFUSALS = (("EIO", errno.EIO, False), ("ENOSPC", errno.ENOSPC, True))


@dataclass(frozen=True)
class Left:
    """How a command left: exit code (negative: the signal), what it printed on stderr."""

    code: int
    said: str

    @property
    def clear(self) -> bool:
        """Whether a person can mend what was said: one line with a path, no traceback."""
        return "Traceback" not in self.said and "seawatch: /" in self.said


class Operations:
    """Every write, fsync, rename, removal and new folder under `root`, counted, as it is done.

    act : called with the number and name of each after it was done.
    refuse : called with the number before it is done; an errno it returns is raised instead.
    """

    def __init__(
        self,
        root: Path,
        act: Callable[[int, str], None] = lambda number, name: None,
        refuse: Callable[[int], int | None] = lambda number: None,
    ):
        self.root, self.act, self.refuse = str(root.resolve()), act, refuse
        self.names: list[str] = []

    def install(self) -> None:
        """Put the hooks in place, for good: only in a process that is to end."""
        for name in _BY_PATH:
            setattr(os, name, self._hooked(name, getattr(os, name)))
        os.fsync = self._hooked("fsync", os.fsync)
        pyogrio.raw.write = self._hooked("write", pyogrio.raw.write)
        builtins.open = io.open = self._opened(io.open)

    def _hooked(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(target: Any, *args: Any, **kwargs: Any) -> Any:
            path = os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else target
            folder = kwargs.get("dir_fd")
            if folder is not None:
                path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
            return self._done(name, path, lambda: real(target, *args, **kwargs))

        return call

    def _done(self, name: str, path: Any, do: Callable[[], Any]) -> Any:
        if not os.path.abspath(path).startswith(self.root):
            return do()
        number = len(self.names) + 1
        self.names.append(name)
        if refusal := self.refuse(number):
            raise OSError(refusal, os.strerror(refusal), str(path))
        try:
            return do()
        finally:
            self.act(number, name)  # whatever it came to: there may be nothing to remove

    def _opened(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            file = real(path, mode, *args, **kwargs)
            if isinstance(path, int) or not set(mode) & set("wax+"):
                return file
            return _Written(file, lambda do: self._done("write", path, do))

        return opened


class _Written:
    """A file whose writes reach the disk one by one, each through `through`."""

    def __init__(self, file: Any, through: Callable[[Callable[[], Any]], Any]):
        self._file, self._through = file, through

    def write(self, content: Any) -> Any:
        def do() -> Any:
            written = self._file.write(content)
            self._file.flush()
            return written

        return self._through(do)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Written":
        return self

    def __exit__(self, *what: Any) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)


class Bench:
    """The workspace to disturb, and what its second run comes to undisturbed."""

    def __init__(self, home: Path):
        self.home = home
        space = make_week(home)
        space.run(DAYS[0])
        self.base = home / "base"
        shutil.copytree(space.project.folder, self.base)
        self._remember_what_is_thought(space)
        self.whole = self.copy("whole")
        operations = home / "operations"
        done = self.command(self.whole, Operations(self.whole), report=operations)
        assert done.code == 0, done.said
        self.operations = operations.read_text().split()
        self.files = contents(self.whole)

    def _remember_what_is_thought(self, space: Any) -> None:
        # comparing pixels and judging are most of a run, write nothing and read no record but
        # flags that are the same each time: what they come to is kept
        found: dict[str, Any] = {}
        self.real = {name: getattr(run, name) for name in ("detect_changes", "judge")}

        def keeping(name: str) -> Callable[..., Any]:
            def keep(*args: Any, **kwargs: Any) -> Any:
                found[name] = self.real[name](*args, **kwargs)
                return found[name]

            return keep

        for name in self.real:
            setattr(run, name, keeping(name))
        space.run(DAYS[1], write=False)
        for name, outcome in found.items():
            setattr(run, name, lambda *args, outcome=outcome, **kwargs: outcome)
        gc.freeze()  # what is there already is no child's to look through

    def close(self) -> None:
        """Let this process compare pixels and judge again."""
        gc.unfreeze()
        for name, real in self.real.items():
            setattr(run, name, real)

    def copy(self, name: str) -> Path:
        """A fresh copy of the workspace as it was before its second run."""
        folder = self.home / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.base, folder)
        return folder

    def start(self, folder: Path, before: Callable[[], object] = lambda: None) -> tuple[int, int]:
        """The second run in a process of its own, which does `before` first.

        Its number, and what it says on stderr can be read from.
        """
        said, say = os.pipe()
        process = os.fork()
        if process:
            os.close(say)
            return process, said
        code = 70
        try:
            os.dup2(say, 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
            sys.argv = ["seawatch", "run", str(folder), "--on", DAYS[1], "--quiet"]
            before()
            cli.main()
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)

    def command(
        self,
        folder: Path,
        operations: Operations | None = None,
        before: Callable[[], object] = lambda: None,
        report: Path | None = None,
    ) -> Left:
        """The second run, awaited."""

        def prepare() -> None:
            if operations:
                operations.install()
            before()
            if operations and report:
                # the child ends with os._exit; what it counted is written as the command returns
                real = os._exit

                def leave(code: int) -> None:
                    with open(report, "w") as file:
                        file.write("\n".join(operations.names))
                    real(code)

                os._exit = leave

        return self.left(*self.start(folder, prepare))

    def left(self, process: int, said: int) -> Left:
        """How a process that was started left."""
        with os.fdopen(said, errors="replace") as file:
            text = file.read()
        return Left(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), text)

    def faults(self, folder: Path) -> list[str]:
        """What is wrong with a workspace whose second run should be there, whole and once."""
        space = open_workspace(folder)
        found = list(space.verify().faults)
        told = [entry.data["run"] for entry in journal.entries(space.project)]
        if told != RUNS:
            found.append(f"the journal tells of {told}")
        now = contents(folder)
        found += [f"{n}: not there" for n in self.files.keys() - now.keys()]
        found += [f"{n}: left behind" for n in now.keys() - self.files.keys()]
        found += [f"{n}: other bytes" for n in now.keys() & self.files.keys()
                  if now[n] != self.files[n]]  # fmt: skip
        return found

    def intact(self, folder: Path) -> list[str]:
        """What a run that was refused has lost or left of what was there before."""
        was, now = contents(self.base), contents(folder)
        return [f"{name}: {now.get(name, 'gone')}" for name in was if now.get(name) != was[name]]


def contents(folder: Path) -> dict[str, str]:
    """sha256 of every file, by name; files that hold a clock only by name."""
    return {
        p.relative_to(folder).as_posix(): ""
        if p.name in CLOCKS
        else sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def _kill(number: int) -> Callable[[int, str], None]:
    def act(done: int, name: str) -> None:
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def killed(bench: Bench, number: int, again: int) -> list[str]:
    """Faults after a kill behind operation `number`, and of the rerun behind `again`."""
    folder = bench.copy("killed")
    first = bench.command(folder, Operations(folder, _kill(number)))
    second = bench.command(folder, Operations(folder, _kill(again)))
    last = bench.command(folder)
    faults = bench.faults(folder)
    if first.code != -signal.SIGKILL:
        faults.append(f"not killed at {number}: {first.code} {first.said}")
    if second.code not in (0, -signal.SIGKILL) or last.code != 0:
        faults.append(f"left with {second.code} and {last.code}: {second.said} {last.said}")
    return faults


def killed_at_random(bench: Bench, longest_s: float, random_: random.Random) -> list[str]:
    """Faults after a kill at a random moment, and one during the rerun."""
    folder = bench.copy("random")
    for _ in range(2):
        process, said = bench.start(folder)
        time.sleep(random_.uniform(0, longest_s))
        os.kill(process, signal.SIGKILL)
        bench.left(process, said)
    last = bench.command(folder)
    return bench.faults(folder) + ([f"left with {last.code}: {last.said}"] if last.code else [])


def refused(bench: Bench, number: int, refusal: int, ever: bool) -> list[str]:
    """Faults after operation `number` was refused: that one alone, or all from it on."""
    folder = bench.copy("refused")

    def refuse(done: int) -> int | None:
        return refusal if done == number or (ever and done > number) else None

    return _after(bench, folder, bench.command(folder, Operations(folder, refuse=refuse)))


def file_too_large(bench: Bench, size: int) -> list[str]:
    """Faults after a run in which no file could grow beyond `size` bytes."""
    folder = bench.copy("large")
    limit = (size, resource.RLIM_INFINITY)
    left = bench.command(folder, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    return _after(bench, folder, left)


def _after(bench: Bench, folder: Path, left: Left) -> list[str]:
    faults = bench.intact(folder)
    if left.code == 0:
        faults += bench.faults(folder)
    elif left.code != 1 or not left.clear:
        faults.append(f"left with {left.code}: {left.said}")
    last = bench.command(folder)
    return faults + bench.faults(folder) + ([f"then {last.code}: {last.said}"] if last.code else [])


def at_once(bench: Bench, runs: int = 3) -> list[str]:
    """Faults after several runs were started together; all that did not work left with 75."""
    folder, faults = bench.copy("once"), []
    # a busy machine is slow at everything, leaving included
    patience_s = 5 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    began = time.monotonic()
    waiting = {said: process for process, said in (bench.start(folder) for _ in range(runs))}
    lefts = []
    while waiting:
        # a pipe that can be read is at its end, or soon will be
        said = select.select(list(waiting), [], [])[0][0]
        lefts.append(bench.left(waiting.pop(said), said))
        if lefts[-1].code == 75 and time.monotonic() - began > patience_s:
            faults.append(f"75 came after {time.monotonic() - began:.1f} s")
    codes = Counter(left.code for left in lefts)
    if codes[0] < 1 or codes[0] + codes[75] != runs:
        faults.append(f"left with {dict(codes)}: {[left.said for left in lefts]}")
    return faults + bench.faults(folder)


@contextmanager
def small_disk(folder: Path, free: int) -> Iterator[None]:
    """A disk at `folder` with `free` bytes beyond the workspace, where we may have one."""
    folder.mkdir(exist_ok=True)
    options = f"size={free}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def on_small_disk(bench: Bench, free: int, read_only: bool = False) -> list[str]:
    """Faults after a run on a disk with so many bytes free, or read-only; then with room."""
    disk, base = bench.home / "disk", contents(bench.base)
    size = sum(-(-p.stat().st_size // 4096) * 4096 for p in bench.base.rglob("*")) + free
    with small_disk(disk, size + 64 * 4096):
        folder = disk / "week"
        shutil.copytree(bench.base, folder)
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        left = bench.command(folder)
        now = contents(folder)
        faults = [f"{name}: lost" for name in base if now.get(name) != base[name]]
        if left.code == 0:
            faults += bench.faults(folder)
        elif left.code != 1 or not left.clear:
            faults.append(f"left with {left.code}: {left.said}")
        subprocess.run(["mount", "-o", f"remount,rw,size={size + 2**26}", disk], check=True)
        last = bench.command(folder)
        faults += [f"then {last.code}: {last.said}"] if last.code else []
        return faults + bench.faults(folder)


PARTS = ("killed", "random", "refused", "large", "once", "disk")


def main() -> None:
    """Print how often each disturbance was tried, and everything it did wrong."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--random", type=int, default=200)
    arguments.add_argument("--at-once", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = arguments.parse_args()
    random_ = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(Path(home))
        every = range(1, len(bench.operations) + 1)
        print(f"{len(every)} operations: {dict(Counter(bench.operations))}")
        if "killed" in given.only:
            _report("killed after each", (killed(bench, n, random_.randint(1, n)) for n in every))
        if "random" in given.only:
            began = time.monotonic()
            bench.command(bench.copy("timed"))
            longest_s = 1.1 * (time.monotonic() - began)
            tries = range(given.random)
            found = (killed_at_random(bench, longest_s, random_) for _ in tries)
            _report("killed at random", found)
        if "refused" in given.only:
            for name, number, ever in REFUSALS:
                what = f"{name}{' from each on' if ever else ' at each'}"
                _report(what, (refused(bench, n, number, ever) for n in every))
        if "large" in given.only:
            largest = max(p.stat().st_size for p in bench.whole.glob("runs/2026-W48/*"))
            sizes = (largest * n // 20 for n in range(20))
            _report("no file beyond", (file_too_large(bench, size) for size in sizes))
        if "once" in given.only:
            _report("three at once", (at_once(bench) for _ in range(given.at_once)))
        if "disk" in given.only:
            _small_disks(bench)


def _small_disks(bench: Bench) -> None:
    try:
        with small_disk(bench.home / "disk", 4096):
            pass
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"small disks: not tried, this machine mounts none ({error})")
        return
    _report("disk full", (on_small_disk(bench, n * 2**15) for n in range(20)))
    _report("read-only disk", iter([on_small_disk(bench, 2**20, read_only=True)]))


def _report(what: str, faults: Iterable[list[str]]) -> None:
    tried, bad = 0, []
    for found in faults:
        tried += 1
        bad += [found] if found else []
    print(f"{what}: {tried} tried, {len(bad)} with faults", flush=True)
    for found in bad[:5]:
        print("   ", *found, sep="\n    ")


if __name__ == "__main__":
    main()
