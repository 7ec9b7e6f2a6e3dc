"""Products as their providers pack them, taken in as scenes.

- Sentinel-2 Level-2A: a ``.SAFE`` folder, or a zip of one. Its JPEG 2000 bands are decoded
  once, into one GeoTIFF beside the item.
- Landsat Collection 2 Level-2: a folder, or a tar of one. Its GeoTIFFs are used as they are.
- Sentinel-1 terrain corrected: one GeoTIFF of vv and vh, or one file of each.

What a product says of itself (sensor, instant, scale, mask) is read from it, not asked for.
What was written before a fault is taken away again.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import rasterio
from rasterio.enums import Resampling

from ..errors import InputRefused, UsageError
from ..geo import LONLAT
from ..scenes import Band
from ..sensors import SENSORS
from .bundle import Bundle, is_bundle, open_bundle
from .files import disk_faults
from .landsat import landsat_facts, metadata_of
from .metadata import Facts
from .rasters import open_raster
from .safe import LEVEL_1, METADATA, safe_facts
from .scenes import known_sensor, mask_code, named_bands, scene_from
from .stac import add_scene, keep_scene, new_item
from .stacks import blank_any, power, write_stack

RADAR = SENSORS["sentinel-1-rtc"]

_SAME_PASS = timedelta(minutes=10)  # a product's own times differ by less
_CACHE = 256 * 2**20  # bytes of decoded blocks; GDAL's own choice grows with the machine
Progress = Callable[[str], object]
_POLARISED = re.compile(r"(.+)[_-](vv|vh)", re.IGNORECASE)


def grouped(files: Sequence[Path], *, sensor: str | None, bands: Sequence[str]) -> list[list[Path]]:
    """The files by scene.

    Several files of one band each, with as many names, are one scene, as are radar files
    that are alike but for ``vv`` and ``vh`` at the end (vv first); any other file is its own.
    """
    if len(files) > 1 and len(bands) == len(files):
        return [list(files)]
    groups: dict[object, list[Path]] = {}
    radar = sensor == RADAR.name and not bands
    for number, path in enumerate(sorted(files, key=_is_vh) if radar else files):
        told = _POLARISED.fullmatch(path.stem) if radar else None
        groups.setdefault(path.with_name(told[1]) if told else number, []).append(path)
    return list(groups.values())


def _is_vh(path: Path) -> bool:
    return path.stem.lower().endswith("vh")


def add(
    files: Sequence[Path],
    *,
    scenes_folder: Path,
    sensor: str | None = None,
    taken: datetime | None = None,
    bands: Sequence[str] = (),
    mask: Path | None = None,
    sigma_m: float | None = None,
    progress: Progress = lambda step: None,
) -> Path:
    """Take the files of one scene in, whatever they are; returns the item's path.

    `progress` is told how far the decoding of a product has come.

    Raises
    ------
    UsageError, InputRefused
        If what was said of them is too little, too much or wrong, or they cannot be used.
    """
    # JPEG 2000 takes all the cores it is given
    with rasterio.Env(GDAL_CACHEMAX=_CACHE, GDAL_NUM_THREADS="ALL_CPUS"):
        if len(files) == 1 and is_bundle(files[0]):
            if bands or mask:
                raise UsageError(
                    f"{files[0]}: a product names its bands and its mask itself; "
                    "leave --bands and --mask out"
                )
            return add_product(
                files[0],
                scenes_folder=scenes_folder,
                sensor=sensor,
                taken=taken,
                sigma_m=sigma_m,
                progress=progress,
            )
        if sensor is None or taken is None:
            raise UsageError(
                f"{files[0]}: a raster does not say these itself; give --sensor and --taken"
            )
        if sensor == RADAR.name and not bands:
            return add_radar(
                files, scenes_folder=scenes_folder, taken=taken, mask=mask, sigma_m=sigma_m
            )
        return add_scene(
            files,
            sensor=sensor,
            taken=taken,
            scenes_folder=scenes_folder,
            bands=bands,
            mask=mask,
            sigma_m=sigma_m,
        )


def add_product(
    path: Path,
    *,
    scenes_folder: Path,
    sensor: str | None = None,
    taken: datetime | None = None,
    sigma_m: float | None = None,
    progress: Progress = lambda step: None,
) -> Path:
    """Take a Sentinel-2 or Landsat product in as a scene; returns the item's path.

    `sensor` and `taken` need not be given; where they are, the product must agree.

    Raises
    ------
    UsageError, InputRefused
        If `path` is neither product, lacks a part, or is not what was said of it.
    """
    with open_bundle(path) as bundle, ExitStack() as undo:
        facts = _facts(bundle)
        _agree(path, facts, sensor, taken)
        new_item(facts.scene_id, scenes_folder)
        if facts.decode:
            bands, mask = _decoded(bundle, facts, scenes_folder, undo, progress)
        else:
            bands, mask = _as_they_are(bundle, facts, scenes_folder, undo)
        scene = scene_from(
            bands,
            facts.sensor,
            scene_id=facts.scene_id,
            taken=facts.taken,
            crs=LONLAT,
            mask=mask,
            mask_code=facts.sensor.mask_code,
            sigma_m=sigma_m,
        )
        item = keep_scene(scene, scenes_folder)
        undo.pop_all()
    return item


def _facts(bundle: Bundle) -> Facts:
    if any(name.endswith(METADATA) for name in bundle.names):
        facts = safe_facts(bundle)
    elif any(name.endswith(LEVEL_1) for name in bundle.names):
        raise InputRefused(f"{bundle.path}: Level-1C, top of the atmosphere; get its Level-2A")
    elif metadata_of(bundle):
        facts = landsat_facts(bundle)
    else:
        raise InputRefused(
            f"{bundle.path}: no {METADATA} (Sentinel-2 Level-2A) and no *_MTL.txt or *_MTL.json "
            "(Landsat Collection 2 Level-2); give one product's whole folder, zip or tar"
        )
    if not facts.scene_id.isprintable() or facts.scene_id[:1] in ("", "."):
        raise InputRefused(f"{bundle.path}: {facts.scene_id!a} is no name for a scene; rename it")
    return facts


def _agree(path: Path, facts: Facts, sensor: str | None, taken: datetime | None) -> None:
    if sensor is not None and known_sensor(sensor) != facts.sensor:
        raise UsageError(f"{path}: is {facts.sensor.name}, not {sensor}; leave --sensor out")
    if taken is not None and abs(taken - facts.taken) > _SAME_PASS:
        raise UsageError(
            f"{path}: was taken {facts.taken.isoformat()}, not {taken.isoformat()}; "
            "leave --taken out"
        )


def _decoded(
    bundle: Bundle, facts: Facts, folder: Path, undo: ExitStack, progress: Progress
) -> tuple[list[Band], Path]:
    """The product's bands in one GeoTIFF in `folder`, and its mask in another."""
    home = _new(folder / f"{facts.scene_id}.tif")
    mask = _new(folder / f"{facts.scene_id}_mask.tif")
    with ExitStack() as stack:
        with disk_faults(folder):
            aside = stack.enter_context(TemporaryDirectory(dir=folder, prefix="."))
        files = {name: bundle.take(m, Path(aside)) for name, m in facts.members.items()}
        sources = [(path, 1) for path in files.values()]
        undo.callback(home.unlink, missing_ok=True)
        grid = write_stack(home, sources, list(files), nodata=0, clean=blank_any, progress=progress)
        undo.callback(mask.unlink, missing_ok=True)
        source = bundle.take(facts.mask, Path(aside))
        write_stack(
            mask, [(source, 1)], ["mask"], nodata=0, resampling=Resampling.nearest, grid=grid
        )
    bands = [Band(n, home, at, *facts.scales[n]) for at, n in enumerate(files, 1)]
    return bands, mask


def _as_they_are(
    bundle: Bundle, facts: Facts, folder: Path, undo: ExitStack
) -> tuple[list[Band], Path]:
    """The product's own files, in place or unpacked into `folder`."""

    def take(member: str) -> Path:
        path = bundle.take(member, folder)
        if not bundle.in_place:
            undo.callback(path.unlink, missing_ok=True)
        return path

    bands = [Band(n, take(member), 1, *facts.scales[n]) for n, member in facts.members.items()]
    return bands, take(facts.mask)


def _new(path: Path) -> Path:
    if path.exists():
        raise UsageError(f"{path}: a file of this name is there already; move it away first")
    return path


def add_radar(
    files: Sequence[Path],
    *,
    scenes_folder: Path,
    taken: datetime,
    mask: Path | None = None,
    sigma_m: float | None = None,
) -> Path:
    """Take terrain corrected radar in as a scene, as one GeoTIFF; returns the item's path.

    The numbers are linear power (gamma nought); 0, NaN and what the file marks as no data
    was not seen.

    Raises
    ------
    UsageError, InputRefused
        If the files are not vv, or vv and vh, of one scene.
    """
    told = _POLARISED.fullmatch(files[0].stem)
    scene_id = told[1] if told else files[0].stem
    sources, names = _polarisations(files)
    new_item(scene_id, scenes_folder)
    home = _new(scenes_folder / f"{scene_id}_gamma0.tif")
    with ExitStack() as undo:
        undo.callback(home.unlink, missing_ok=True)
        write_stack(home, sources, names, nodata=float("nan"), clean=power)
        scene = scene_from(
            [Band(name, home, at) for at, name in enumerate(names, 1)],
            RADAR,
            scene_id=scene_id,
            taken=taken,
            crs=LONLAT,
            mask=mask,
            mask_code=mask_code(mask, RADAR),
            sigma_m=sigma_m,
        )
        item = keep_scene(scene, scenes_folder)
        undo.pop_all()
    return item


def _polarisations(files: Sequence[Path]) -> tuple[list[tuple[Path, int]], list[str]]:
    """File and band of each polarisation, and their names."""
    told = [match[2].lower() for path in files if (match := _POLARISED.fullmatch(path.stem))]
    for path in files:
        with open_raster(path) as file:
            if file.dtypes[0] not in ("float32", "float64"):
                raise InputRefused(
                    f"{path}: {file.dtypes[0]}; give gamma nought as linear power, float32"
                )
            alone = file.count == 1
        if told and not alone:
            raise InputRefused(f"{path}: several bands, named for one; rename it or cut it up")
    if not told:
        bands = named_bands(files, RADAR)
        return [(band.path, band.index) for band in bands], [band.name for band in bands]
    if told not in (["vv"], ["vv", "vh"]):
        raise UsageError(
            f"{files[0]}: radar scenes are vv, or vv and vh; give *_VV.tif, and *_VH.tif with it"
        )
    return [(path, 1) for path in files], told
