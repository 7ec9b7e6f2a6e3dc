"""How long comparing a whole pair takes, against the time that merely decoding it takes.

Builds a pair of Sentinel-2-like GeoTIFFs as large as asked out of a simulated coast, then
times, one after another and as many rounds as asked, each as a process of its own

- floor: every block of both files read once, on two threads;
- start: a process that only imports what a comparison needs, part of the next two;
- detect: `seawatch detect`, from the command to its exit;
- score: the same, score maps too;
- otb: Orfeo ToolBox's MAD on the same files, where it is installed.

Times include a process's start, memory is the most that it held at once; both depend on
the machine, and what else runs there. The ratio to the floor of the same round does so far
less. The pair is deleted at the end, or kept in the folder that --keep names and found
there next time; whole it takes some 2 GB, and the score maps as much while they last.

    uv run python benchmarks/speed.py
    uv run python benchmarks/speed.py --width 44000 --height 4000 --layout strips --rounds 1
    uv run python benchmarks/speed.py --sensor drone-rgb --size 20000
    uv run python benchmarks/speed.py --rerun        # the same week run twice
    uv run python benchmarks/speed.py --sampling     # what learning from a sample costs
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

MEMORY_BAR_MIB = 1024
START = [sys.executable, "-c", "import seawatch.cli, seawatch.pair, seawatch.io.vectors"]
LAYOUTS = {
    "tiled": {"tiled": True, "blockxsize": 512, "blockysize": 512},
    "strips": {"blockysize": 1},  # as GDAL makes them of so wide a file
}
_SENSOR = "sentinel-2-l2a"
_OTB = "otbcli_MultivariateAlterationDetector"
_NOISE_DN = 6
_THREADS = 2
_ROWS = 512  # of a file at once while it is written

# A process of nothing but this starts each command: what a process has used up to its exec
# counts as its child's, so a large parent would make every child look large.
_START = """
import json, os, sys, time
out = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[out])
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - began
print(json.dumps([os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime,
                  used.ru_maxrss]))
"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def cost_of(command: Sequence[str | Path]) -> Cost:
    """Run a command to its end."""
    words = [sys.executable, "-S", "-c", _START, *map(str, command)]
    said = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
    code, wall_s, cpu_s, peak = json.loads(said)
    if code:
        raise SystemExit(f"left with {code}: {' '.join(map(str, command))}")
    return Cost(wall_s, cpu_s, peak / (1024**2 if sys.platform == "darwin" else 1024))


def seawatch(*words: str | Path) -> list[str | Path]:
    """The command line of the environment that this runs in."""
    return [Path(sys.executable).with_name("seawatch"), *words]


def lab_scenes(folder: Path, sensor: str) -> list[Path]:
    """First and last scene of a simulated coast of 20 km; of a smaller one its drone's."""
    from seawatch.lab import simulate

    drone = sensor != _SENSOR
    simulate(folder, seed=7, weeks=1, size_m=6_000 if drone else 20_000, drone=drone)
    pattern = "DRONE-????????.tif" if drone else "S2-????????.tif"
    dated = sorted((folder / "scenes").glob(pattern))
    return [dated[0], dated[-1]]


def build_pair(
    folder: Path, width: int, height: int, layout: str, sensor: str = "sentinel-2-l2a"
) -> list[Path]:
    """Both files of a pair of that size, made where they are not in `folder` yet."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{sensor}-{width}x{height}-{layout}"
    pair = [folder / f"{name}-{stem}.tif" for name in ("before", "after")]
    if not all(path.exists() for path in pair):
        with tempfile.TemporaryDirectory() as lab:
            scenes = lab_scenes(Path(lab) / "coast", sensor)
            for seed, (scene, path) in enumerate(zip(scenes, pair, strict=True)):
                hidden = path.with_suffix(".part")
                lay_out(scene, hidden, (width, height), layout, seed)
                hidden.replace(path)
    return pair


def lay_out(scene: Path, out: Path, size: tuple[int, int], layout: str, seed: int) -> None:
    """`scene` over and over, never mirrored, as that would mirror its shift; each with noise."""
    rng = np.random.default_rng(seed)
    width, height = size
    with rasterio.open(scene) as file:
        pixels, profile, names = file.read(), file.profile, file.descriptions
    for key in ("tiled", "blockxsize", "blockysize"):
        del profile[key]
    profile |= {"width": width, "height": height, "compress": "deflate", "predictor": 2}
    profile |= {"BIGTIFF": "IF_SAFER", "NUM_THREADS": "ALL_CPUS", **LAYOUTS[layout]}
    columns = np.arange(width) % pixels.shape[2]
    with rasterio.open(out, "w", **profile) as file:
        file.descriptions = names
        for row in range(0, height, _ROWS):
            rows = np.arange(row, min(row + _ROWS, height)) % pixels.shape[1]
            for index, band in enumerate(pixels, start=1):
                numbers = band[np.ix_(rows, columns)].astype(np.int32)
                noise = _NOISE_DN if band.dtype == np.uint16 else 1
                numbers += rng.integers(-noise, noise, numbers.shape, np.int8, True)
                values = numbers.clip(1, np.iinfo(band.dtype).max).astype(band.dtype)
                file.write(values, index, window=Window(0, row, width, len(rows)))


def read_all(path: Path) -> None:
    """Read every block of a file once."""
    with rasterio.open(path) as file:
        high, wide = file.block_shapes[0]
        high = max(high, 64)  # strips of one row many at once
        for row in range(0, file.height, high):
            for column in range(0, file.width, wide):
                file.read(window=Window(column, row, wide, high))


def floor(pair: Sequence[Path]) -> None:
    """Decode both files, each on a thread of its own."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(read_all, pair))


def commands(pair: Sequence[Path], out: Path, sensor: str) -> dict[str, list[str | Path]]:
    """What is timed, by name; the floor first."""
    detect = seawatch("detect", *pair, "--sensor", sensor, "-o", out / "changes.gpkg")
    found = {
        "floor": [sys.executable, __file__, "--floor", *pair],
        "start": START,
        "detect": detect,
        "score": [*detect, "--score", out / "score.tif"],
    }
    if shutil.which(_OTB):
        found["otb"] = [_OTB, "-in1", pair[0], "-in2", pair[1], "-out", out / "mad.tif"]
    return found


def side_by_side(pair: Sequence[Path], rounds: int, folder: Path, sensor: str) -> None:
    """Time every command in each round, and print the medians."""
    costs: dict[str, list[Cost]] = {}
    floor(pair)  # nobody pays for bringing the files from the disk
    for number in range(rounds):
        with tempfile.TemporaryDirectory(dir=folder) as out:
            for name, command in commands(pair, Path(out), sensor).items():
                os.sync()  # or the next pays for what the one before has written
                cost = cost_of(command)
                costs.setdefault(name, []).append(cost)
                print(f"round {number + 1}, {name}: {cost.wall_s:.1f} s", file=sys.stderr)
    print(f"\n{'':8}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'÷ floor':>9}{'÷ bar':>7}")
    for name, mine in costs.items():
        wall_s, cpu_s = (
            float(np.median([getattr(c, k) for c in mine])) for k in ("wall_s", "cpu_s")
        )
        peak = max(cost.peak_mib for cost in mine)
        pairs = zip(mine, costs["floor"], strict=True)
        ratio = np.median([cost.wall_s / least.wall_s for cost, least in pairs])
        print(
            f"{name:8}{wall_s:9.1f}{cpu_s:9.1f}{peak:10.0f}{ratio:9.2f}{peak / MEMORY_BAR_MIB:7.2f}"
        )
    print(f"medians of {rounds}; memory the largest, its bar {MEMORY_BAR_MIB} MiB")


def rerun(size_km: float) -> None:
    """Run one week of a simulated coast twice; the second time there is nothing to do."""
    from seawatch.io.files import sha256
    from seawatch.lab import SCENARIOS, simulate

    with tempfile.TemporaryDirectory() as folder:
        coast = simulate(Path(folder) / "coast", seed=7, weeks=1, size_m=1000 * size_km)
        command = seawatch("run", coast, "--on", SCENARIOS["ordinary"].start.isoformat())
        first, second = cost_of(command), cost_of(command)
        start = cost_of(START)
        (manifest,) = coast.glob("runs/*/run.json")
        inputs = json.loads(manifest.read_text("utf-8"))["inputs"]
        files = [path for row in inputs if (path := coast / row["path"]).is_file()]
        began = time.perf_counter()
        for path in files:
            sha256(path)
        hashed_s = time.perf_counter() - began
        total_mb = sum(path.stat().st_size for path in files) / 1e6
    share = second.wall_s / first.wall_s
    print(f"first run {first.wall_s:.2f} s, again {second.wall_s:.2f} s: {share:.1%} of it")
    print(f"hashing {len(files)} inputs, {total_mb:.0f} MB: {hashed_s:.2f} s of both")
    print(f"importing what a run needs: {start.wall_s:.2f} s of both")


@contextmanager
def laid(pair: Sequence[Path]) -> Iterator:
    """The pair as `seawatch detect` compares it: laid on each other, its model learnt."""
    from seawatch.detect.laid import laid_on
    from seawatch.geo import LONLAT
    from seawatch.io import rasters
    from seawatch.io.scenes import scene_of
    from seawatch.scenes import ScenePair

    days = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC))
    before, after = (
        scene_of([path], sensor=_SENSOR, taken=day, crs=LONLAT, decode=False)
        for path, day in zip(pair, days, strict=True)
    )
    overlap = before.footprint.intersection(after.footprint)
    with (
        rasters.open_pair(ScenePair(before, after, overlap, {}), LONLAT) as reader,
        laid_on(reader) as both,
    ):
        yield both


def sampling(pair: Sequence[Path]) -> None:
    """The change model of a sample beside that of all pixels, and that beside a reference."""
    from seawatch.detect import general
    from seawatch.detect.examine import examine

    with laid(pair) as both:
        grid = both.frame.grid
        images = both.read((0, 0, grid.height, grid.width))
        looked = examine(images, both.learnt, ())  # hides what was not seen
        seen = looked.seen
        sampled = looked.score("change")[seen] >= 0.5
        before, after = (image.pixels[:, seen] for image in images)
        learnt = both.learnt
    whole = general.fit(before, after)
    assert whole is not None
    assert learnt.change is not None
    full = whole.score(before, after) >= 0.5
    overlap = (sampled & full).sum() / max((sampled | full).sum(), 1)
    print(
        f"{seen.sum()} pixels; changed by the sample's model {sampled.sum()}, by all {full.sum()}"
    )
    print(f"IoU of both maps {overlap:.4f}")
    apart = np.abs(learnt.change.correlations - whole.correlations).max()
    print(f"canonical correlations, all pixels: {np.round(whole.correlations, 4)}")
    print(f"largest difference, sample from all pixels: {apart:.1e}")
    for words, ridge in (
        ("plain float64 IR-MAD", 0.0),
        ("reference with its ridge", general._RIDGE),
    ):
        apart = np.abs(reference_correlations(before, after, ridge) - whole.correlations).max()
        print(f"largest difference, all pixels from a {words}: {apart:.1e}")


def reference_correlations(before: np.ndarray, after: np.ndarray, ridge: float) -> np.ndarray:
    """Canonical correlations of IR-MAD as Nielsen (2007) gives it, least first.

    By whitening and singular values, until no correlation moves by 0.001; `ridge` is the
    share of each band's variance that is added to it.
    """
    from scipy.stats import chi2

    x, y = before.astype(np.float64), after.astype(np.float64)
    weights, last = np.ones(x.shape[1]), np.zeros(len(x))
    for _ in range(100):
        parts = []
        for scene in (x, y):
            centred = scene - np.average(scene, axis=1, weights=weights)[:, None]
            covariance = (centred * weights) @ centred.T / weights.sum()
            root = np.linalg.cholesky(
                covariance + ridge * np.diag(covariance).mean() * np.eye(len(x))
            )
            parts.append(np.linalg.solve(root, centred))
        one, two = parts
        left, found, right = np.linalg.svd((one * weights) @ two.T / weights.sum())
        mad = left.T @ one - right @ two
        weights = chi2.sf((mad**2 / (2 * (1 - found))[:, None]).sum(axis=0), len(x))
        moved, last = np.abs(found - last).max(), found
        if moved < 1e-3:
            break
    return last[::-1]


def arguments_of(text: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10980, help="pixels a side")
    parser.add_argument("--width", type=int, help="pixels; else the size")
    parser.add_argument("--height", type=int, help="pixels; else the size")
    parser.add_argument("--layout", choices=LAYOUTS, default="tiled")
    parser.add_argument("--sensor", choices=(_SENSOR, "drone-rgb"), default=_SENSOR)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the pair there")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--rerun", action="store_true", help="time a week run twice instead")
    only.add_argument("--sampling", action="store_true", help="weigh the sample instead")
    only.add_argument("--floor", type=Path, nargs=2, help="only decode these two files")
    parser.add_argument("--size-km", type=float, default=6, help="the coast of --rerun, a side")
    return parser.parse_args(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, build, time, print."""
    given = arguments_of(arguments)
    if given.floor:
        floor(given.floor)
        return
    if given.rerun:
        rerun(given.size_km)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        if given.sampling:
            sampling(build_pair(folder, 2000, 2000, given.layout))
            return
        width, height = given.width or given.size, given.height or given.size
        pair = build_pair(folder, width, height, given.layout, given.sensor)
        megabytes = sum(path.stat().st_size for path in pair) / 1e6
        print(f"{given.sensor}, {width} × {height}, {given.layout}, {megabytes:.0f} MB together")
        side_by_side(pair, given.rounds, folder, given.sensor)


if __name__ == "__main__":
    main()
