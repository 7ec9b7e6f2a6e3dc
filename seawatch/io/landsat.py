"""Landsat Collection 2 Level-2 as it is published: GeoTIFFs of one band, and an MTL file.

Scale and offset are the collection's own and fixed (Landsat 8-9 Collection 2 Level 2 Science
Product Guide, LSDS-1619; the same for Landsat 4-7, LSDS-1618).
"""

import json
import re
from typing import Any

from ..errors import InputRefused
from ..sensors import SENSORS
from .bundle import Bundle
from .metadata import Facts, missing, moment

_SENSOR = SENSORS["landsat-c2-l2"]
_OLI = {name: code.upper() for code, name in _SENSOR.aliases.items()}
_TM = dict(zip(_OLI, ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7"), strict=True))
_SPACECRAFT = {
    "LANDSAT_4": _TM,
    "LANDSAT_5": _TM,
    "LANDSAT_7": _TM,
    "LANDSAT_8": _OLI,
    "LANDSAT_9": _OLI,
}
_METADATA = re.compile(r"([^/]+)_MTL\.(txt|json)")


def metadata_of(bundle: Bundle) -> list[str]:
    """Members that hold a Landsat product's metadata."""
    return [name for name in bundle.names if _METADATA.fullmatch(name)]


def landsat_facts(bundle: Bundle) -> Facts:
    """What a Landsat Collection 2 Level-2 product says of itself.

    Raises
    ------
    InputRefused
        Naming the file or the field it lacks.
    """
    # the text is in every bundle, and the same
    found = sorted(metadata_of(bundle), reverse=True)
    ids = {name.rpartition("_MTL.")[0] for name in found}
    if len(ids) > 1:
        raise InputRefused(f"{bundle.path}: holds {len(ids)} products; give each by itself")
    scene_id = ids.pop()
    where = f"{bundle.path}: {found[0]}"
    fields = _fields(bundle.read(found[0]), where)
    lacking = [
        k for k in ("SPACECRAFT_ID", "DATE_ACQUIRED", "SCENE_CENTER_TIME") if k not in fields
    ]
    if lacking:
        raise InputRefused(f"{where} has no {', '.join(lacking)}; get the product again")
    if fields["SPACECRAFT_ID"] not in _SPACECRAFT:
        raise InputRefused(
            f"{where}: SPACECRAFT_ID {fields['SPACECRAFT_ID']}; use one of {', '.join(_SPACECRAFT)}"
        )
    codes = _SPACECRAFT[fields["SPACECRAFT_ID"]] | {"mask": "QA_PIXEL"}
    members = {role: f"{scene_id}_{code}.TIF" for role, code in codes.items()}
    missing(bundle, [name for name in members.values() if name not in bundle.names])
    mask = members.pop("mask")
    return Facts(
        scene_id=scene_id,
        sensor=_SENSOR,
        taken=moment(f"{fields['DATE_ACQUIRED']}T{fields['SCENE_CENTER_TIME']}", where),
        members=members,
        mask=mask,
        scales=dict.fromkeys(members, (_SENSOR.scale, _SENSOR.offset)),
        decode=False,
    )


def _fields(content: bytes, where: str) -> dict[str, str]:
    """Every field of an MTL file, text or JSON; of a field that is there twice, the first."""
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return dict(reversed(_leaves(json.loads(text))))
    except (ValueError, RecursionError) as error:
        raise InputRefused(f"{where} cannot be read ({error}); copy the product again") from None
    pairs = re.findall(r'^\s*(\w+)\s*=\s*"?([^"\n]*?)"?\s*$', text, flags=re.MULTILINE)
    return dict(reversed(pairs))


def _leaves(node: Any) -> list[tuple[str, str]]:
    if not isinstance(node, dict):
        return []
    found = []
    for key, value in node.items():
        found += _leaves(value) if isinstance(value, dict) else [(str(key), str(value))]
    return found
