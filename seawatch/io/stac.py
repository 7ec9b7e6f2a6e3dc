"""Scenes as STAC Items: one JSON file each beside its rasters.

STAC 1.1, with ``seawatch:sensor`` and ``seawatch:sigma_m``, common band names,
``raster:scale`` and ``raster:offset``, mask assets with the role ``mask``, and the
sha256 and size of each file, so that a file changed or half copied is found.
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pystac
import shapely
from pystac.utils import datetime_to_str
from shapely.geometry import mapping, shape

from ..errors import InputRefused, UsageError
from ..geo import LONLAT
from ..scenes import Band, Scene
from ..sensors import BANDS, MASK_CODES, Sensor
from .files import aside, only_one, plain_file, plain_text, sha256
from .rasters import header_of, inspect
from .scenes import known_sensor, scene_of

# a Landsat folder's own metadata, which may stay beside its rasters
_NO_ITEMS = ("_MTL.json", "_SR_stac.json", "_ST_stac.json")

_WAIT_S = 600.0  # a scene's files may take minutes to copy
_MULTIHASH_SHA256 = "1220"  # the STAC file extension's checksums name their own algorithm


def instant(text: str) -> datetime:
    """The instant `text` names, in UTC.

    Raises
    ------
    UsageError
        If it is no ISO 8601 instant, or has no time zone.
    """
    try:
        taken = datetime.fromisoformat(text.strip())
        if taken.tzinfo is not None:
            return taken.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"'{text}' is no instant; write 2026-11-23T10:50:00+08:00") from None
    raise UsageError(f"'{text}' has no time zone; write it, e.g. {taken.isoformat()}+08:00")


def _reproject(footprint: shapely.Geometry, crs: object) -> shapely.Geometry:
    return gpd.GeoSeries([footprint], crs=LONLAT).to_crs(crs).iloc[0]


def add_scene(
    files: Sequence[Path],
    *,
    sensor: str,
    taken: datetime,
    scenes_folder: Path,
    bands: Sequence[str] = (),
    mask: Path | None = None,
    sigma_m: float | None = None,
    scene_id: str | None = None,
) -> Path:
    """Copy a scene's files into `scenes_folder`, and write its item; returns the item's path."""
    scene = scene_of(
        files,
        sensor=sensor,
        taken=taken,
        crs=LONLAT,
        bands=bands,
        mask=mask,
        sigma_m=sigma_m,
        scene_id=scene_id,
    )
    return keep_scene(scene, scenes_folder)


def new_item(scene_id: str, scenes_folder: Path) -> Path:
    """Where the item of a new scene goes.

    Raises
    ------
    UsageError
        If a scene of this name is there, or it is a name that is never read as an item.
    """
    path = scenes_folder / f"{scene_id}.json"
    if path.name.endswith(_NO_ITEMS):
        raise UsageError(f"{path}: a name for Landsat metadata, not for a scene; rename the file")
    if scene_id.startswith(".") or not scene_id.isprintable() or "\\" in scene_id:
        raise UsageError(f"{plain_text(str(path))}: no name of a scene; rename the file")
    if path.exists():
        raise UsageError(f"{path}: a scene of this name is there already; give the file another")
    return path


def keep_scene(scene: Scene, scenes_folder: Path) -> Path:
    """Copy a scene's files into `scenes_folder`, and write its item; returns the item's path.

    Files that are in the folder already stay where they are. The item comes last, so
    a scene that was interrupted is not there at all.
    """
    folder = scenes_folder.resolve()
    lock = folder.with_name(f".{folder.name}.lock")
    busy = f"{scenes_folder}: another command is adding a scene; try again"
    with ExitStack() as undo, only_one(lock, busy, _WAIT_S):
        path = new_item(scene.scene_id, scenes_folder)
        for file in scene.files:
            if file.name == path.name or "\\" in file.name:
                raise UsageError(f"{file}: no name of a raster in a workspace; rename it")
        homes = {file: _bring(file, folder, undo) for file in scene.files}
        item = _item(scene, homes, folder)
        with aside(path) as hidden:
            hidden.write_text(json.dumps(item.to_dict(), indent=2, ensure_ascii=False), "utf-8")
        undo.pop_all()
    return path


def _bring(file: Path, folder: Path, undo: ExitStack) -> Path:
    """Where the file is in `folder`, copied there if it must be; `undo` takes the copy away."""
    if file.resolve().is_relative_to(folder):
        return file.resolve()
    home = folder / file.name
    if home.exists():
        raise UsageError(f"{home}: a file of this name is there already; rename {file}")
    header = header_of(file)
    for source in [header, file] if header else [file]:
        with aside(folder / source.name) as hidden:
            shutil.copyfile(source, hidden)
        undo.callback((folder / source.name).unlink, missing_ok=True)
    return home


def _item(scene: Scene, homes: dict[Path, Path], folder: Path) -> pystac.Item:
    item = pystac.Item(
        id=scene.scene_id,
        geometry=mapping(scene.footprint),
        bbox=list(scene.footprint.bounds),
        datetime=scene.taken,
        properties={
            "seawatch:sensor": scene.sensor,
            "seawatch:sigma_m": scene.sigma_m,
            "gsd": round(scene.resolution_m, 4),
            "eo:cloud_cover": round(100 * (1 - scene.clear), 2),
        },
    )
    for number, path in enumerate(dict.fromkeys(band.path for band in scene.bands)):
        bands = [_band_fields(scene, path, slot) for slot in _slots(scene, path)]
        asset = _asset(homes[path], folder, "data")
        item.add_asset("data" if number == 0 else f"data{number + 1}", asset)
        list(item.assets.values())[-1].extra_fields["bands"] = bands
    if scene.mask:
        item.add_asset("mask", _asset(homes[scene.mask], folder, "mask"))
        item.assets["mask"].extra_fields["seawatch:mask_code"] = scene.mask_code
    return item


def _slots(scene: Scene, path: Path) -> range:
    return range(1, max(band.index for band in scene.bands if band.path == path) + 1)


def _band_fields(scene: Scene, path: Path, index: int) -> dict[str, Any]:
    for band in scene.bands:
        if (band.path, band.index) == (path, index):
            names = {"name": band.name, "raster:scale": band.scale, "raster:offset": band.offset}
            return names | ({"eo:common_name": band.name} if band.name in BANDS else {})
    return {"name": "-"}


def _asset(path: Path, folder: Path, role: str) -> pystac.Asset:
    asset = pystac.Asset(href=path.relative_to(folder).as_posix(), roles=[role])
    asset.extra_fields["file:size"] = path.stat().st_size
    asset.extra_fields["file:checksum"] = _MULTIHASH_SHA256 + sha256(path)
    return asset


def item_files(folders: Iterable[Path]) -> list[Path]:
    """Every file of the folders that should be an item.

    Raises
    ------
    InputRefused
        If there is no such folder.
    """
    found: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputRefused(f"{folder}: no such folder; see `folders` under [scenes]")
        found += [
            path
            for path in sorted(folder.rglob("*.json"))
            if not path.name.startswith(".") and not path.name.endswith(_NO_ITEMS)
        ]
    return found


_NO_ITEM = (
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    RecursionError,
    pystac.STACError,
    pystac.STACTypeError,
    shapely.errors.ShapelyError,
)
"""What comes of taking JSON that is something else for an item."""


def read_scenes(folders: Iterable[Path], crs: object) -> tuple[list[Scene], dict[Path, str]]:
    """Every scene of the folders, by time, and what is wrong with the items that are none.

    Footprints come in `crs`. The rasters themselves are not opened yet.
    """
    scenes, faults = [], {}
    for path in item_files(folders):
        try:
            scenes.append(read_item(path, crs))
        except InputRefused as fault:
            faults[path] = str(fault)
    repeated = {s.scene_id for s in scenes if sum(t.scene_id == s.scene_id for t in scenes) > 1}
    for scene in [s for s in scenes if s.scene_id in repeated]:
        assert scene.item is not None  # each was read from one
        faults[scene.item] = f"{scene.item}: another item has the id '{scene.scene_id}' too"
    sound = [scene for scene in scenes if scene.scene_id not in repeated]
    return sorted(sound, key=lambda scene: (scene.taken, scene.scene_id)), faults


def read_item(path: Path, crs: object) -> Scene:
    """The scene one item describes.

    Raises
    ------
    InputRefused
        Naming the item and what it lacks.
    """
    try:
        fields = json.loads(plain_file(path).read_text("utf-8"))
        item = pystac.Item.from_dict(fields, preserve_dict=False, migrate=True)
        if not isinstance(item.id, str) or not item.id.isprintable() or not item.id:
            raise UsageError(f"its id {item.id!a:.60} is no name; give it letters and digits")
        taken = instant(str(fields["properties"].get("datetime")))
        sensor = known_sensor(str(item.properties.get("seawatch:sensor")))
        with np.errstate(invalid="ignore"):  # places that are no numbers are found by what follows
            footprint = _reproject(shapely.force_2d(shape(item.geometry)), crs)
        if not footprint.is_valid or not footprint.area > 0:
            raise UsageError("its footprint is no area, or crosses itself")
        return _scene(path, item, taken, sensor, footprint)
    except UsageError as error:
        raise InputRefused(f"{path}: {error}") from None
    except _NO_ITEM as error:
        raise InputRefused(
            f"{path}: not a STAC item ({error!r}); see `seawatch scenes add`"
        ) from None


def _scene(
    path: Path,
    item: pystac.Item,
    taken: datetime,
    sensor: Sensor,
    footprint: shapely.Geometry,
) -> Scene:
    bands, digests, mask, code = [], [], None, "seawatch"
    for asset in item.assets.values():
        roles = asset.roles or []
        if not {"data", "mask"} & set(roles):
            continue
        file = _local(path, asset.href)
        checksum = str(asset.extra_fields.get("file:checksum", ""))
        if checksum.startswith(_MULTIHASH_SHA256):
            digests.append((file, checksum.removeprefix(_MULTIHASH_SHA256)))
        if "mask" in roles:
            mask = file
            code = str(asset.extra_fields.get("seawatch:mask_code", sensor.mask_code))
        else:
            bands += _bands(file, asset, sensor)
    names = [band.name for band in bands]
    if not names:
        raise UsageError("no asset with the role 'data' and named bands")
    if len(set(names)) < len(names):
        raise UsageError(f"names a band twice ({', '.join(names)}); give each its own name, or -")
    if code not in MASK_CODES:
        raise UsageError(f"unknown mask code '{code}'; use one of {', '.join(MASK_CODES)}")
    told = item.properties
    resolution = _number(told, "gsd", sensor.resolution_m or 0.0)
    if not resolution > 0:
        raise UsageError("no 'gsd' (ground sample distance, m)")
    sigma_m = resolution / 2 if sensor.sigma_m is None else sensor.sigma_m
    return Scene(
        scene_id=item.id,
        sensor=sensor.name,
        taken=taken,
        bands=tuple(bands),
        footprint=footprint,
        sigma_m=_number(told, "seawatch:sigma_m", sigma_m, 0),
        resolution_m=resolution,
        clear=1 - _number(told, "eo:cloud_cover", 0.0, 0, 100) / 100,
        mask=mask,
        mask_code=code,
        item=path,
        digests=tuple(digests),
    )


def _local(item: Path, href: str) -> Path:
    """The file an asset names: beside its item or below it, nowhere else."""
    folder = item.parent.resolve()
    file = (folder / href).resolve()
    if "://" in href or not file.is_relative_to(folder):
        raise UsageError(f"asset '{href}' is not in the item's folder; put it there")
    return file


def _bands(file: Path, asset: pystac.Asset, sensor: Sensor) -> list[Band]:
    listed = asset.extra_fields.get("bands") or asset.extra_fields.get("eo:bands") or []
    scale, offset = _values_are(asset.extra_fields, sensor.scale, sensor.offset)
    bands = []
    for index, fields in enumerate(listed, 1):
        name = str(fields.get("eo:common_name") or fields.get("common_name") or fields.get("name"))
        name = sensor.aliases.get(name.lower(), name)
        if name in BANDS or name.startswith("band"):
            bands.append(Band(name, file, index, *_values_are(fields, scale, offset)))
    return bands


def _values_are(fields: dict[str, Any], scale: float, offset: float) -> tuple[float, float]:
    """Scale and offset as `fields` tell, or those given."""
    told = _number(fields, "raster:scale", scale), _number(fields, "raster:offset", offset)
    if told[0] == 0:
        raise UsageError("'raster:scale' is 0: nothing could be seen")
    return told


def _number(
    fields: dict[str, Any], name: str, default: float, least: float = -1e9, most: float = 1e9
) -> float:
    """A number of an item within its bounds; `default` where it has none.

    Raises
    ------
    UsageError
        If something else stands there.
    """
    value = fields.get(name)
    if value is None:
        return default
    if type(value) not in (int, float) or not least <= value <= most:
        raise UsageError(f"'{name}' is {value!r:.40}, no number from {least:g} to {most:g}")
    return float(value)


def fault_of(scene: Scene) -> str | None:
    """What is wrong with a scene's files, or None.

    Each file is held against the sha256 of its item; where the item gives none, every
    block is decoded instead. Each must have the bands and lie where a scene can.
    """
    try:
        for path in scene.files:
            plain_file(path)
        for path, digest in scene.digests:
            if sha256(path) != digest:
                return (
                    f"{path}: not the file that was registered (its sha256 differs); copy it again"
                )
        inspect(scene.bands, scene.mask, scene.mask_code, decode=not scene.digests)
    except InputRefused as fault:
        return str(fault)
    return None


def utc_text(moment: datetime) -> str:
    """An instant as an item writes it."""
    return str(datetime_to_str(moment))
