"""How well two scenes are laid on each other: simulated coasts, and real images moved.

- lab: every weekly scene of simulated coasts against its reference, whose shifts are known;
- real: each image against itself and against another date of the same place, moved by 0 to 2
  pixels in any direction (Lanczos). Between dates the shift without the move is taken off:
  what those two lie apart nobody knows;
- false: changes that are vetoed by nothing on coasts where nothing is built, the same scenes
  shifted by nothing and by up to 2 pixels.

The imagery is not part of the project; the argument is the folder that holds `naip_ponds` and
`s2_islands`.

    uv run python benchmarks/position.py path/to/data
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from scipy.ndimage import fourier_shift

import seawatch
from seawatch.detect import laid_on
from seawatch.geo import LONLAT
from seawatch.io import rasters
from seawatch.io.scenes import scene_of
from seawatch.lab import SCENARIOS, simulate
from seawatch.scenes import Grid, ScenePair

DAY = date(2026, 11, 9)
REAL = {
    "naip_ponds": (("red", "green", "blue", "nir"), "*.tif"),
    "s2_islands": (("green",), "*B03.tiff"),
}


def shift_of(before: Path, after: Path, bands: Sequence[str]) -> tuple[float, float] | None:
    """Columns and rows the earlier image lies right of and below the later."""
    days = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC))
    scenes = [
        scene_of([path], sensor="generic-optical", taken=day, crs=LONLAT, bands=bands, decode=False)
        for path, day in zip((before, after), days, strict=True)
    ]
    overlap = scenes[0].footprint.intersection(scenes[1].footprint)
    with (
        rasters.open_pair(ScenePair(*scenes, overlap, {}), LONLAT) as reader,
        laid_on(reader) as laid,
    ):
        shift = laid.shift
    return None if shift.sigma is None else (shift.columns, shift.rows)


def moved(source: Path, out: Path, columns: float, rows: float, seed: int) -> Path:
    """An image taken so far right and down, with a little noise, as no two scenes have the same."""
    with rasterio.open(source) as file:
        pixels = file.read().astype(float)
        grid = Grid(str(file.crs), tuple(file.transform)[:6], file.width, file.height)
    rng = np.random.default_rng(seed)
    shifted = [
        np.fft.ifft2(fourier_shift(np.fft.fft2(np.pad(b, 16, "reflect")), (rows, columns))).real
        for b in pixels
    ]
    values = np.stack(shifted)[:, 16:-16, 16:-16]
    values += rng.normal(0, 0.01 * pixels.std(), values.shape)
    names = [f"b{n}" for n in range(1, len(pixels) + 1)]
    rasters.write_geotiff(out, values.astype("float32"), grid, bands=names, nodata=None)
    return out


def real_errors(data: Path, moves: int, folder: Path) -> Iterator[dict[str, object]]:
    """One row a move: which image, and how far the measured move is from the true one."""
    rng = np.random.default_rng(4)
    for name, (bands, pattern) in REAL.items():
        files = sorted((data / name).glob(pattern))
        for number, file in enumerate(files):
            later = files[(number + 1) % len(files)]
            own = shift_of(file, later, bands) if later != file else None
            for _ in range(moves):
                length, angle = rng.uniform(0, 2), rng.uniform(0, 2 * np.pi)
                true = np.array([length * np.cos(angle), length * np.sin(angle)])
                image = moved(file, folder / "moved.tif", *true, seed=number)
                found = shift_of(image, file, bands)
                yield {"images": f"{name}, same", "error": _error(found, true)}
                if own is not None:
                    found = shift_of(image, later, bands)
                    yield {"images": f"{name}, dates", "error": _error(found, true + own)}
                image.unlink()


def _error(found: tuple[float, float] | None, true: np.ndarray) -> float:
    return np.nan if found is None else float(np.hypot(*(np.array(found) - true)))


def lab_errors(seed: int, folder: Path) -> Iterator[dict[str, object]]:
    """One row a scene: the error of its shift against the first reference."""
    workspace = simulate(folder / f"lab-{seed}", seed=seed, weeks=4, size_m=10_000, drone=False)
    bound = seawatch.open(workspace)
    truth = gpd.read_file(workspace / "truth.gpkg", layer="scenes").set_index("scene_id")
    first, *rest = sorted(bound.scenes(), key=lambda scene: scene.taken)
    open_pair = partial(rasters.open_pair, crs=bound.project.crs)
    for scene in rest:
        overlap = first.footprint.intersection(scene.footprint)
        with open_pair(ScenePair(first, scene, overlap, {})) as reader, laid_on(reader) as laid:
            shift = laid.shift
        one, two = truth.loc[first.scene_id], truth.loc[scene.scene_id]
        true = np.array(
            [one.shift_east_m - two.shift_east_m, two.shift_north_m - one.shift_north_m]
        )
        found = None if shift.sigma is None else (shift.columns, shift.rows)
        yield {"images": "lab", "error": _error(found, true / scene.resolution_m)}


def standing(seed: int, shift_px: float, folder: Path) -> int:
    """Changes of two weeks of a coast at rest that nothing vetoes."""
    scenario = replace(SCENARIOS["quiet"], shift_px=shift_px, start=DAY)
    workspace = simulate(
        folder / f"quiet-{seed}-{shift_px}",
        seed=seed,
        weeks=2,
        size_m=10_000,
        scenario=scenario,
        drone=False,
    )
    bound = seawatch.open(workspace)
    changes = [bound.run(on=day, write=False).changes for day in (DAY, date(2026, 11, 16))]
    return sum(int(table.veto.isna().sum()) for table in changes)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="the folder of real imagery")
    parser.add_argument("--moves", type=int, default=8, help="of each image")
    parser.add_argument("--seeds", type=int, default=3, help="how many coasts")
    given = parser.parse_args(arguments)
    warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
    with tempfile.TemporaryDirectory() as folder:
        rows = [r for seed in range(given.seeds) for r in lab_errors(31 + seed, Path(folder))]
        rows += list(real_errors(given.data, given.moves, Path(folder))) if given.data else []
        told = pd.DataFrame(rows).groupby("images").error
        table = told.agg(["size", "count", "median", lambda e: np.sqrt((e**2).mean()), "max"])
        table.columns = ["shifts", "measured", "median px", "RMSE px", "largest px"]
        print(table.round(3).to_string())
        for shift_px in (0.0, 2.0):
            found = sum(standing(31 + s, shift_px, Path(folder)) for s in range(given.seeds))
            print(f"coasts at rest, scenes up to {shift_px:g} px apart: {found} changes stand")


if __name__ == "__main__":
    main()
