"""The rules alone, over tables and over files, without a workspace."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd

from .errors import InputRefused
from .io import gateway, vectors
from .io.files import output
from .io.unpack import KINDS, PACKED
from .layers import Layers
from .maps import words
from .rules import judge as judge_all
from .rules import not_judged
from .tables import CHANGES, FINDINGS, LAYERS


def judge(
    changes: gpd.GeoDataFrame, layers: Layers, on: str | date, *, language: str = "zh"
) -> gpd.GeoDataFrame:
    """Findings of every rule, with their sentences in `language`."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return words.with_words(judge_all(changes.to_crs(layers.crs), layers, day), language)


def judge_files(
    changes: Path, folder: Path, on: date, out: Path, *, absent: Sequence[str], language: str
) -> tuple[gpd.GeoDataFrame, dict[str, list[str]]]:
    """The rules alone, over files: findings (written to `out`) and what was not judged."""
    output(out, vectors.DRIVERS, [changes])
    table = CHANGES.check(gateway.as_it_stands(changes), changes)
    crs = table.crs if table.crs.is_projected else table.estimate_utm_crs()
    layers = _layers_in(folder, crs, absent)
    findings = judge(table.to_crs(crs), layers, on, language=language)
    vectors.write_file(out, {"findings": (findings, FINDINGS)})
    return findings, not_judged(layers)


def _layers_in(folder: Path, crs: object, absent: Sequence[str]) -> Layers:
    """Layers of a folder, each in a file of its table's name."""
    tables, problems, asked = {}, [], []
    optional = {"duty", "known"}
    missing = set(absent)
    for table in LAYERS:
        files = [folder / f"{table.name}{suffix}" for suffix in (*KINDS, *PACKED)]
        file = next((f for f in files if f.exists()), None)
        if file is None or table.name in absent:
            tables[table.name] = table.empty(crs)
            if table.name not in (*absent, *optional):
                problems.append(
                    f"{folder}: no {table.name}.gpkg (or .shp, .geojson, .kml …); add it, or say "
                    f"that it is missing with --absent {table.name}"
                )
            missing.add(table.name)
            continue
        asked.append((file, table, gateway.Reading()))
    for (_, table, _), brought in zip(asked, gateway.bring_all_in(asked, crs), strict=True):
        if isinstance(brought, InputRefused):
            problems += brought.problems
        else:
            tables[table.name] = brought.frame
    if problems:
        raise InputRefused(problems)
    return Layers(**tables, absent=frozenset(missing))
