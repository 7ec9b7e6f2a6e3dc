"""Sentinel-2 Level-2A as it is published: a ``.SAFE`` folder of JPEG 2000 bands.

reflectance = (number + BOA_ADD_OFFSET) / QUANTIFICATION_VALUE, 0 being no data; the offset
came with processing baseline 04.00 (ESA, Sentinel-2 Products Specification Document).
"""

import math
import re
from pathlib import PurePosixPath

from ..errors import InputRefused
from ..sensors import SENSORS
from .bundle import Bundle
from .metadata import Facts, Xml, missing, moment

METADATA = "MTD_MSIL2A.xml"
LEVEL_1 = "MTD_MSIL1C.xml"

_SENSOR = SENSORS["sentinel-2-l2a"]
_BANDS = {code.upper(): name for code, name in _SENSOR.aliases.items()}
# as the metadata numbers them, from 0
_NUMBERED = [*(f"B{n:02}" for n in range(1, 9)), "B8A", *(f"B{n:02}" for n in range(9, 13))]
_RASTER = re.compile(r"GRANULE/([^/]+)/IMG_DATA/R\d0m/[^/]+_(B\w\w|SCL)_(\d0)m\.jp2")
_OFFSET_SINCE = 4.0  # processing baseline


def safe_facts(bundle: Bundle) -> Facts:
    """What a Sentinel-2 Level-2A product says of itself.

    Raises
    ------
    InputRefused
        Naming the file or the field it lacks.
    """
    found = [name for name in bundle.names if PurePosixPath(name).name == METADATA]
    if len(found) > 1:
        raise InputRefused(f"{bundle.path}: holds {len(found)} products; give each by itself")
    root = found[0].removesuffix(METADATA)
    rasters, granule = _rasters(bundle, root)
    product = Xml(bundle, found[0])
    quantum = product.number(product.text("BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE"))
    if not 0 < quantum < math.inf:
        raise InputRefused(f"{product.where}: QUANTIFICATION_VALUE {quantum:g} is not above 0")
    offsets = _offsets(product)
    tile = f"{root}GRANULE/{granule}/MTD_TL.xml"
    # the product's own instant is that of its whole strip, which may begin minutes before
    if tile in bundle.names:
        taken = Xml(bundle, tile).text("SENSING_TIME")
    else:
        taken = product.text("PRODUCT_START_TIME")
    name = PurePosixPath(root).name or bundle.path.name
    return Facts(
        scene_id=re.sub(r"\.(SAFE|zip)$", "", name, flags=re.IGNORECASE),
        sensor=_SENSOR,
        taken=moment(taken, product.where),
        members={name: rasters[code] for code, name in _BANDS.items()},
        mask=rasters["SCL"],
        scales={name: (1 / quantum, offsets[code] / quantum) for code, name in _BANDS.items()},
        decode=True,
    )


def _rasters(bundle: Bundle, root: str) -> tuple[dict[str, str], str]:
    """The finest file of every band and of the scene classification, and whose tile they are."""
    found: dict[str, tuple[int, str]] = {}
    granules = set()
    for name in bundle.names:
        match = _RASTER.fullmatch(name.removeprefix(root)) if name.startswith(root) else None
        if match:
            granules.add(match[1])
            found[match[2]] = min(found.get(match[2], (999, "")), (int(match[3]), name))
    wanted = [code for code in (*_BANDS, "SCL") if code not in found]
    missing(bundle, [f"GRANULE/*/IMG_DATA/R*m/*_{code}_*m.jp2" for code in wanted])
    if len(granules) > 1:
        raise InputRefused(f"{bundle.path}: holds {len(granules)} tiles; give each by itself")
    return {code: name for code, (_, name) in found.items()}, granules.pop()


def _offsets(product: Xml) -> dict[str, float]:
    """What is to be added to the numbers of each band, by its code."""
    given = product.all("BOA_ADD_OFFSET")
    if not given and product.number(product.text("PROCESSING_BASELINE")) < _OFFSET_SINCE:
        return dict.fromkeys(_NUMBERED, 0.0)
    numbers = {element.get("band_id"): product.number(element.text) for element in given}
    offsets = {c: numbers[str(n)] for n, c in enumerate(_NUMBERED) if str(n) in numbers}
    lacking = [code for code in _BANDS if not math.isfinite(offsets.get(code, math.nan))]
    if lacking:
        raise InputRefused(
            f"{product.where} has no BOA_ADD_OFFSET for {', '.join(lacking)}, as baseline 04.00 "
            "and later must; get the product again"
        )
    return offsets
