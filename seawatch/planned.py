"""A parcel from any file, and the units of a planned use."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd

from .errors import InputRefused, UsageError
from .io import gateway, parcels
from .io.files import aside
from .maps import words
from .parcels import ParcelTable, measured_shapes
from .tables import MODES, STRATA


def planned_units(
    file: Path,
    crs: object,
    *,
    use_modes: Sequence[str] = (),
    strata: str | None = None,
    meridian: float | None = None,
    notation: str | None = None,
    sigma_m: float | None = None,
) -> gpd.GeoDataFrame:
    """The units of a planned use as `assess` wants them, in `crs`; see `Workspace.assess`."""
    table = parcel_file(file, meridian=meridian, notation=notation, sigma_m=sigma_m)
    if faults := table.said("fault"):
        raise InputRefused(f"{file}: {text}" for text in faults)
    rings = table.rings.to_crs(crs)[["name", "sigma_m", "meridian", "geometry"]]
    return rings.assign(use_mode=_modes(file, table, use_modes), strata=_strata(strata))


def write_page(path: Path, text: str) -> None:
    """Write an HTML page, whole or not at all."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{path}: the page is HTML; name it .html")
    with aside(path) as hidden:
        hidden.write_text(text, "utf-8")


def _modes(file: Path, table: ParcelTable, given: Sequence[str]) -> list[str]:
    """The use mode of each ring: as told, else by its code or name in the file."""
    if unknown := [mode for mode in given if mode not in MODES]:
        raise UsageError(f"--use-mode {unknown[0]}: use one of {', '.join(MODES)}")
    count = len(table.rings)
    if len(given) not in (0, 1, count):
        raise UsageError(f"--use-mode: {len(given)} modes for {count} units; give one, or one each")
    if given:
        return list(given) * (count if len(given) == 1 else 1)
    named = words.mode_codes()
    modes = [named.get(use.removesuffix("用海")) for use in table.rings.use]
    if None in modes:
        names = [n for n, m in zip(table.rings["name"], modes, strict=True) if m is None]
        raise InputRefused(
            f"{file}: use mode of {', '.join(names[:5])} is not known; say it with --use-mode, "
            "once for all units or once for each"
        )
    return [mode for mode in modes if mode]


def _strata(text: str | None) -> str | None:
    if text is None:
        return None
    chosen = [name for name in STRATA if name in text.split(",")]
    if len(chosen) != len(text.split(",")):
        raise UsageError(f"--strata {text}: use some of {', '.join(STRATA)}")
    return ",".join(chosen)


def parcel_file(
    file: Path,
    out: Path | None = None,
    *,
    meridian: float | None = None,
    notation: str | None = None,
    sigma_m: float | None = None,
) -> ParcelTable:
    """What a table of corner points, or a file of polygons, describes; written to `out`.

    With a fault among its remarks nothing is written.
    """
    if notation not in (None, "packed", "decimal"):
        raise UsageError(f"--notation {notation}: use packed or decimal")
    if file.suffix.lower() in parcels.SUFFIXES:
        table = parcels.read_parcels(
            file, meridian=meridian, notation=notation, sigma_m=sigma_m, strict=False
        )
    else:
        frame = gateway.as_it_stands(file)
        if frame.crs is None:
            raise InputRefused(f"{file}: no CRS; name it, e.g. with a .prj file")
        table = measured_shapes(frame, meridian=meridian, sigma_m=sigma_m)
    if out and not table.said("fault"):
        parcels.write_rings(out, table.rings)
    return table
