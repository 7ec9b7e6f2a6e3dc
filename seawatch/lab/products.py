"""Simulated pixels in the folders and files in which Sentinel-2, Landsat and Sentinel-1 come.

As small as one likes, with true names, metadata and coding; for trying what reads them.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine

from ..io.rasters import open_output
from ..scenes import Grid

S2_BANDS = ("B02", "B03", "B04", "B05", "B08", "B11", "B12")
"""In the order of `write_safe`: blue, green, red, red edge, near and short-wave infrared."""

_S2_COARSE = ("B05", "B11", "B12")
_S2_NUMBERS = {"B02": 1, "B03": 2, "B04": 3, "B05": 4, "B08": 7, "B11": 11, "B12": 12}
_QUANTUM = 10_000
_OFFSET = -1000

_MTD = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-2A_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd">
    <n1:General_Info>
        <Product_Info>
            <PRODUCT_START_TIME>{start}</PRODUCT_START_TIME>
            <PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL>
            <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
        </Product_Info>
        <Product_Image_Characteristics>
            <QUANTIFICATION_VALUES_LIST>
                <BOA_QUANTIFICATION_VALUE unit="none">{quantum}</BOA_QUANTIFICATION_VALUE>
            </QUANTIFICATION_VALUES_LIST>
{offsets}        </Product_Image_Characteristics>
    </n1:General_Info>
</n1:Level-2A_User_Product>
"""
_TILE = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-2A_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-2A_Tile_Metadata.xsd">
    <n1:General_Info>
        <SENSING_TIME metadataLevel="Standard">{time}</SENSING_TIME>
    </n1:General_Info>
</n1:Level-2A_Tile_ID>
"""
_MTL = """\
GROUP = LANDSAT_METADATA_FILE
  GROUP = PRODUCT_CONTENTS
    LANDSAT_PRODUCT_ID = "{name}"
    PROCESSING_LEVEL = "L2SP"
    COLLECTION_NUMBER = 02
  END_GROUP = PRODUCT_CONTENTS
  GROUP = IMAGE_ATTRIBUTES
    SPACECRAFT_ID = "{spacecraft}"
    DATE_ACQUIRED = {taken:%Y-%m-%d}
    SCENE_CENTER_TIME = "{taken:%H:%M:%S.%f}0Z"
  END_GROUP = IMAGE_ATTRIBUTES
END_GROUP = LANDSAT_METADATA_FILE
END
"""


def write_safe(
    folder: Path,
    pixels: np.ndarray,
    grid: Grid,
    taken: datetime,
    scl: np.ndarray,
    *,
    baseline_offset: bool = True,
) -> Path:
    """A Sentinel-2 Level-2A product in `folder`; returns the path of its ``.SAFE``.

    Parameters
    ----------
    pixels : (band, row, column) reflectance in the order of `S2_BANDS`, NaN no data, on
        `grid` of 10 m and an even number of rows and columns.
    scl : (row, column) scene classification on the same grid; 20 m bands and
        classification are every other pixel's means and values.
    baseline_offset : whether numbers carry the offset of baseline 04.00 and later.
    """
    stamp = f"{taken.astimezone(UTC):%Y%m%dT%H%M%S}"
    baseline = "05.10" if baseline_offset else "03.01"
    number = baseline.replace(".", "")
    safe = folder / f"S2A_MSIL2A_{stamp}_N{number}_R132_T51SUB_{stamp}.SAFE"
    granule = safe / "GRANULE" / f"L2A_T51SUB_A000001_{stamp}"
    for size in (10, 20):
        (granule / "IMG_DATA" / f"R{size}m").mkdir(parents=True)
    add = _OFFSET if baseline_offset else 0
    listed = "".join(
        f'                <BOA_ADD_OFFSET band_id="{n}">{add}</BOA_ADD_OFFSET>\n' for n in range(13)
    )
    tags = "            <BOA_ADD_OFFSET_VALUES_LIST>\n{}            </BOA_ADD_OFFSET_VALUES_LIST>\n"
    time = f"{taken.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.024Z"
    offsets = tags.format(listed) if baseline_offset else ""
    metadata = _MTD.format(start=time, baseline=baseline, quantum=_QUANTUM, offsets=offsets)
    (safe / "MTD_MSIL2A.xml").write_text(metadata, "utf-8")
    (granule / "MTD_TL.xml").write_text(_TILE.format(time=time), "utf-8")
    for code, band in zip(S2_BANDS, pixels, strict=True):
        coarse = code in _S2_COARSE
        values = _halved(band) if coarse else band
        numbers = np.clip(np.rint(values * _QUANTUM - add), 1, 65535)
        numbers = np.where(np.isfinite(values), numbers, 0).astype("uint16")
        size = 20 if coarse else 10
        place = granule / "IMG_DATA" / f"R{size}m" / f"T51SUB_{stamp}_{code}_{size}m.jp2"
        _write_jp2(place, numbers, grid)
    place = granule / "IMG_DATA" / "R20m" / f"T51SUB_{stamp}_SCL_20m.jp2"
    _write_jp2(place, scl[::2, ::2].astype("uint8"), grid)
    return safe


def _halved(band: np.ndarray) -> np.ndarray:
    """Means of two by two pixels."""
    rows, columns = band.shape
    return np.asarray(band.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)))


def _write_jp2(path: Path, pixels: np.ndarray, grid: Grid) -> None:
    """Lossless JPEG 2000 of the grid's whole ground, in pixels as large as it takes."""
    profile = {
        "driver": "JP2OpenJPEG",
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "count": 1,
        "dtype": pixels.dtype.name,
        "crs": grid.crs,
        "transform": Affine(*grid.transform) * Affine.scale(grid.width / pixels.shape[1]),
        "QUALITY": "100",
        "REVERSIBLE": "YES",
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels, 1)


def write_landsat(
    folder: Path,
    pixels: np.ndarray,
    grid: Grid,
    taken: datetime,
    qa: np.ndarray,
    *,
    spacecraft: str = "LANDSAT_8",
) -> Path:
    """A Landsat Collection 2 Level-2 product in `folder`; returns the path of its own folder.

    Parameters
    ----------
    pixels : (band, row, column) reflectance: blue, green, red, nir, swir16, swir22; NaN no data.
    qa : (row, column) QA_PIXEL.
    """
    taken = taken.astimezone(UTC)
    number = int(spacecraft[-1])
    letter = "C" if number > 7 else "E" if number == 7 else "T"
    name = f"L{letter}{number:02}_L2SP_119034_{taken:%Y%m%d}_{taken:%Y%m%d}_02_T1"
    product = folder / name
    product.mkdir(parents=True)
    codes = (2, 3, 4, 5, 6, 7) if number > 7 else (1, 2, 3, 4, 5, 7)
    for code, band in zip(codes, pixels, strict=True):
        numbers = np.where(np.isfinite(band), np.rint((band + 0.2) / 2.75e-5), 0)
        _write_tif(product / f"{name}_SR_B{code}.TIF", numbers.astype("uint16"), grid, 0)
    _write_tif(product / f"{name}_QA_PIXEL.TIF", qa.astype("uint16"), grid, 1)
    text = _MTL.format(name=name, spacecraft=spacecraft, taken=taken)
    (product / f"{name}_MTL.txt").write_text(text, "utf-8")
    return product


def write_radar(folder: Path, pixels: np.ndarray, grid: Grid, taken: datetime) -> tuple[Path, ...]:
    """Terrain corrected Sentinel-1 in `folder`, a file each of vv and vh; returns their paths.

    pixels : (band, row, column) linear power, NaN no data.
    """
    name = f"S1A_IW_{taken.astimezone(UTC):%Y%m%dT%H%M%S}_DVP_RTC10_G_gpuned"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}_{end}.tif" for end in ("VV", "VH")]
    for path, band in zip(paths, pixels, strict=True):
        _write_tif(path, band.astype("float32"), grid, None)
    return tuple(paths)


def _write_tif(path: Path, pixels: np.ndarray, grid: Grid, nodata: float | None) -> None:
    with open_output(path, grid, [""], pixels.dtype, nodata) as file:
        file.write(pixels, 1)
