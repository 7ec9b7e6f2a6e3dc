"""Scenes from raster files alone; STAC Items of them are written and read by ``stac``."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
from rasterio import DatasetReader
from rasterio.enums import ColorInterp

from ..errors import InputRefused, UsageError
from ..geo import ellipsoidal_area_m2
from ..scenes import Band, Grid, Scene
from ..sensors import BANDS, RADAR_BANDS, SENSORS, Sensor
from .rasters import alpha_of, inspect, open_raster, whole_file

_MOST_SIGMA_M = 1e4  # metres: what lies less surely is of no use


def named_bands(
    files: Sequence[Path], sensor: Sensor, names: Sequence[str] = ()
) -> tuple[Band, ...]:
    """The bands of a scene's files, by `names`, by their descriptions or by the sensor's order.

    Several files of one band each are one scene. A name ``-`` leaves a band out. A
    generic optical raster whose bands nobody names has bands ``band1``, ``band2`` …,
    good for general change only.

    Raises
    ------
    UsageError
        If the names do not fit the files.
    """
    slots = []
    for path in files:
        with open_raster(path) as file:
            _check_values(file)
            scales = zip(file.scales, file.offsets, file.dtypes, file.descriptions, strict=True)
            for index, (scale, offset, dtype, text) in enumerate(scales, 1):
                if (scale, offset) == (1.0, 0.0) and np.dtype(dtype).kind != "f":
                    scale, offset = sensor.scale, sensor.offset
                slots.append((path, index, scale, offset, (text or "").strip().lower()))
    given = bool(names)
    names = list(names) or _told_names([slot[4] for slot in slots], sensor)
    described = ", ".join(slot[4] or "?" for slot in slots)
    if len(names) != len(slots):
        raise UsageError(
            f"{files[0]}: {len(slots)} bands ({described}), but {len(names)} names for "
            f"{sensor.name}; give one name a band with --bands, '-' to leave one out"
        )
    unknown = [n for n in names if n not in (*BANDS, "-") and not n.startswith("band")]
    if unknown:
        raise UsageError(f"no band is called {', '.join(unknown)}; use {', '.join(BANDS)} or -")
    for at, (path, index, *_) in enumerate(slots):
        with open_raster(path) as file:
            if names[at] == "-" or alpha_of(file) != index:
                continue
            if not given:
                names[at] = "-"
            else:
                raise UsageError(
                    f"{path}: band {index} ('{names[at]}') is marked as transparency; leave it out "
                    f"with '-', or mark it as data: gdal_edit.py -colorinterp_{index} undefined"
                )
    kept = [name for name in names if name != "-"]
    if len(set(kept)) != len(kept) or not kept:
        raise UsageError(f"--bands {','.join(names)}: each band once, and at least one")
    other = [name for name in kept if (name in RADAR_BANDS) != (sensor.family == "sar")]
    if other:
        raise UsageError(f"{files[0]}: {sensor.name} has no band {other[0]}; name another sensor")
    return tuple(
        Band(name, path, index, scale, offset)
        for name, (path, index, scale, offset, _) in zip(names, slots, strict=True)
        if name != "-"
    )


def _check_values(file: DatasetReader) -> None:
    """What a raster's numbers mean, if they are measures at all.

    Raises
    ------
    InputRefused
        If they are complex, numbers of colours, or scaled to nothing.
    """
    if any(dtype.startswith("complex") for dtype in file.dtypes):
        raise InputRefused(f"{file.name}: complex numbers; take their amplitude first")
    if ColorInterp.palette in file.colorinterp:
        raise InputRefused(
            f"{file.name}: its numbers are those of a table of colours; expand it, e.g. with "
            "gdal_translate -expand rgb"
        )
    for number, told in enumerate(zip(file.scales, file.offsets, strict=True), 1):
        if not np.isfinite(told).all() or not 1e-9 <= abs(told[0]) <= 1e9:
            raise InputRefused(
                f"{file.name}: band {number} has scale {told[0]:g} and offset {told[1]:g}; set "
                "them right, e.g. with gdal_edit.py -scale 0.0001 -offset 0"
            )


def _told_names(texts: list[str], sensor: Sensor) -> list[str]:
    known = [sensor.aliases.get(text, text) for text in texts]
    told = [name if name in BANDS else "-" for name in known]
    if any(name != "-" for name in told):
        return told
    for order in sensor.orders:
        if len(order) == len(texts):
            return list(order)
    if not sensor.orders:
        return [f"band{number}" for number in range(1, len(texts) + 1)]
    return list(sensor.orders[0])


def scene_of(
    files: Sequence[Path],
    *,
    sensor: str,
    taken: datetime,
    crs: object,
    bands: Sequence[str] = (),
    mask: Path | None = None,
    sigma_m: float | None = None,
    scene_id: str | None = None,
    decode: bool = True,
) -> Scene:
    """A scene from raster files alone.

    decode : every block of them, to find what is broken and the share that is clear.

    Raises
    ------
    UsageError, InputRefused
        If the sensor or its bands are unknown, or the files cannot be used.
    """
    kind = known_sensor(sensor)
    return scene_from(
        named_bands(files, kind, bands),
        kind,
        scene_id=scene_id or files[0].stem,
        taken=taken,
        crs=crs,
        mask=mask,
        mask_code=mask_code(mask, kind),
        sigma_m=sigma_m,
        decode=decode,
    )


def scene_from(
    bands: Sequence[Band],
    sensor: Sensor,
    *,
    scene_id: str,
    taken: datetime,
    crs: object,
    mask: Path | None,
    mask_code: str,
    sigma_m: float | None,
    decode: bool = True,
) -> Scene:
    """A scene of bands that are known already.

    Raises
    ------
    InputRefused
        If the files cannot be used.
    """
    if sigma_m is not None and not 0 <= sigma_m <= _MOST_SIGMA_M:
        raise UsageError(f"--sigma-m {sigma_m:g}: no error in metres, 0 to {_MOST_SIGMA_M:g}")
    grid, clear = inspect(bands, mask, mask_code, decode)
    footprint = gpd.GeoSeries([grid.outline()], crs=grid.crs).to_crs(crs).iloc[0]
    if not footprint.is_valid or not footprint.area > 0:
        raise InputRefused(
            f"{bands[0].path}: its outline crosses itself in degrees, as over a pole or half the "
            "Earth; cut it"
        )
    pixel_m = _pixel_m(grid)
    sigma = sigma_m if sigma_m is not None else sensor.sigma_m
    return Scene(
        scene_id=scene_id,
        sensor=sensor.name,
        taken=taken,
        bands=tuple(bands),
        footprint=footprint,
        sigma_m=sigma if sigma is not None else pixel_m / 2,
        resolution_m=pixel_m,
        clear=clear,
        mask=mask,
        mask_code=mask_code,
    )


def known_sensor(name: str) -> Sensor:
    """The sensor called `name`.

    Raises
    ------
    UsageError
        If there is none, naming those there are.
    """
    if name not in SENSORS:
        raise UsageError(f"no sensor '{name}'; use one of {', '.join(SENSORS)}")
    return SENSORS[name]


def mask_code(mask: Path | None, sensor: Sensor) -> str:
    """Whether a mask is coded seawatch's way or the product's own, by its values."""
    if mask is None:
        return "seawatch"
    with open_raster(mask) as file:
        if np.dtype(file.dtypes[0]).kind not in "iu":
            raise InputRefused(f"{mask}: a mask of {file.dtypes[0]}; give whole numbers")
        values: set[int] = set()
        for _, window in file.block_windows(1):
            with whole_file(file):
                values |= set(np.unique(file.read(1, window=window)).tolist())
    if values <= {0, 1, 255}:
        return "seawatch"
    if sensor.mask_code != "seawatch" and min(values) >= 0:
        return sensor.mask_code
    odd = ", ".join(str(v) for v in sorted(values - {0, 1, 255})[:5])
    raise InputRefused(f"{mask}: values {odd} in the mask; use 0 clear, 1 cloud, 255 no data")


def _pixel_m(grid: Grid) -> float:
    """Side of a pixel in metres on the ground."""
    middle = grid.window(grid.height // 2, grid.width // 2, 1, 1).outline()
    return float(ellipsoidal_area_m2(gpd.GeoSeries([middle], crs=grid.crs)).iloc[0] ** 0.5)
