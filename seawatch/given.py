"""Everything a run reads, read once and held still: layers, scenes, the run before, what was said.

What is read is hashed first; what the run depends on stands in its manifest, under one key.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from . import coverage
from .errors import InputRefused, SeawatchError
from .io import again, archive, cases, enrolled, journal, settings, stac, store, suspects
from .io.files import plain_text
from .io.visits import read_visits
from .layers import Layers
from .liability import Jurisdiction
from .project import Project
from .rules import RULES
from .scenes import Scene, ScenePair, pair_scenes
from .tides import Tides


@dataclass(frozen=True)
class Given:
    """What a run is made from.

    layers, flags, ground, visits, suspects : tables in the project's CRS; `flags` and `ground`
        are those of the run before, empty for the first.
    place : whose law holds. area : of interest, project CRS.
    heard : what people had said when the run began.
    inputs : every file read, with its digest. manifest : what the run depends on, and its key.
    earlier : the run before. seen : what lay there before anything was read.
    """

    layers: Layers
    tides: Tides
    place: Jurisdiction
    area: shapely.Geometry
    scenes: list[Scene]
    pairs: list[ScenePair]
    flags: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    heard: journal.Heard
    visits: gpd.GeoDataFrame
    suspects: gpd.GeoDataFrame
    inputs: list[store.Input]
    manifest: dict[str, Any]
    earlier: archive.Record | None
    seen: again.Look | None

    @property
    def entered(self) -> list[list[str]]:
        """Suspects of others that earlier runs took in, by source and number."""
        return self.earlier.entered if self.earlier else []


def read_week(project: Project, on: date, language: str) -> Given:
    """What the run of a day is made from.

    Raises
    ------
    InputRefused, UsageError
        With everything that is wrong.
    """
    seen = again.look(project.folder, project.scene_folders, _files(project))
    inputs, items = _hashed(project)
    settings.still_as_read(project)
    enrolled.read_keys(project)  # what is wrong with them is said before anything is judged
    layers, tides = settings.read_layers(project), settings.read_tides(project)
    place = settings.read_jurisdiction(project)
    scenes, quarantined = read_scenes(project, tides)
    named = settings.read_area(project)
    quarantined |= coverage.strays(scenes, layers, named)
    pairs, left_out = _sound_pairs(project, scenes, on, quarantined)
    heard = journal.heard(project, on)
    earlier = archive.before(project, on, project.issue(on))
    inputs += _pinned(project, pairs, items, earlier)
    left = _quarantine(project, scenes, quarantined)
    return Given(
        layers,
        tides,
        place,
        named or coverage.hull(scenes, layers),
        scenes,
        pairs,
        archive.table_of(earlier, "flags", project.crs),
        archive.table_of(earlier, "ground", project.crs),
        heard,
        read_visits(project, heard),
        suspects.read(project, on),
        inputs,
        _manifest(project, heard, language, pairs, inputs, left, left_out, earlier),
        earlier,
        seen,
    )


def remember(project: Project, given: Given, language: str, run: archive.Record) -> None:
    """Note what a run that is there stands on, so that it is found at a glance next time.

    Nothing is noted where that would not be all: where an input lies in quarantine, or where
    somebody said something while the run worked; nor where it cannot be written.
    """
    told = journal.entries(project)
    since = [entry.data.get("run") for entry in told[given.heard.lines :]]
    if given.seen is None or given.manifest["quarantined"] or since not in ([], [run.folder.name]):
        return
    runs, records = archive.runs_told(project), [run, *([given.earlier] if given.earlier else [])]
    digests = {read.path: read.sha256 for read in given.inputs}
    digests[journal.path_of(project)] = journal.digest_of(told)
    digests |= {project.archive / n / archive.MANIFEST: row["manifest"] for n, row in runs.items()}
    digests[run.folder / "flags.gpkg"] = run.outputs["flags.gpkg"]
    if given.earlier:
        files = given.earlier.outputs.items()
        digests |= {given.earlier.folder / name: digest for name, digest in files}
    with suppress(SeawatchError):  # the run is there; only the next call takes longer
        own = settings.read_project(project.folder).settings.project
        again.remember(
            given.seen,
            {
                "on": run.on.isoformat(),
                "language": language,
                "cycle": project.settings.project.cycle,
            },
            {"language": own.language, "cycle": own.cycle, "timezone": own.timezone},
            run.folder.name,
            runs,
            {record.folder.name: [archive.MANIFEST, *record.outputs] for record in records},
            digests,
        )


def read_scenes(project: Project, tides: Tides | None = None) -> tuple[list[Scene], dict[str, str]]:
    """The workspace's scenes with the tide of each, and the items that are none."""
    tides = tides or settings.read_tides(project)
    scenes, faults = stac.read_scenes(project.scene_folders, project.crs)
    with_tide = [
        replace(scene, tide_m=tides.height_at(pd.Timestamp(scene.taken))) for scene in scenes
    ]
    named: dict[str, str] = {}
    for path, fault in faults.items():
        # by its name; one of several of a name by where it lies
        named[str(path) if path.name in named else path.name] = fault
    return with_tide, named


def _sound_pairs(
    project: Project, scenes: list[Scene], on: date, quarantined: dict[str, str]
) -> tuple[list[ScenePair], dict[str, str]]:
    """Pairs of scenes whose files are whole; broken ones are put in quarantine and passed over."""
    checked: set[str] = set()
    while True:
        sound = [scene for scene in scenes if scene.scene_id not in quarantined]
        pairs, left_out = pair_scenes(sound, *project.window(on))
        used = {s.scene_id: s for pair in pairs for s in pair.scenes}
        for scene_id in sorted(used.keys() - checked):
            if fault := stac.fault_of(used[scene_id]):
                quarantined[scene_id] = fault
            checked.add(scene_id)
        if not quarantined.keys() & used.keys():
            return pairs, left_out


def _hashed(project: Project) -> tuple[list[store.Input], dict[Path, store.Input]]:
    """Settings, layers, tide, area and lists of suspects, and the scenes' items, hashed first."""
    items = [path for path in stac.item_files(project.scene_folders) if path.is_file()]
    told = {given.path: given for given in store.inputs_of(project, items)}
    return store.inputs_of(project, _files(project)), told


def _files(project: Project) -> list[Path]:
    return [*settings.files(project), *suspects.files(project)]


def _pinned(
    project: Project,
    pairs: list[ScenePair],
    items: dict[Path, store.Input],
    earlier: archive.Record | None,
) -> list[store.Input]:
    """The items of the pairs' scenes, which are kept; their rasters and the run before are not.

    Raises
    ------
    InputRefused
        If a raster is not that which its item was held against.
    """
    scenes = {s.scene_id: s for pair in pairs for s in pair.scenes}.values()
    files = [path for scene in scenes for path in scene.files]
    pixels = store.inputs_of(project, files, kept=project.settings.scenes.keep)
    registered = {path.resolve(): digest for scene in scenes for path, digest in scene.digests}
    changed = [i for i in pixels if registered.get(i.path, i.sha256) != i.sha256]
    if changed:
        raise InputRefused(f"{i.path}: changed while the run read it; run again" for i in changed)
    used = [items[scene.item.resolve()] for scene in scenes if scene.item]
    previous = [earlier.folder / "flags.gpkg"] if earlier else []
    return [*used, *pixels, *store.inputs_of(project, previous, kept=False)]


def _quarantine(
    project: Project, scenes: list[Scene], quarantined: dict[str, str]
) -> list[dict[str, Any]]:
    """What was left out as it cannot be trusted: its name, its files as they are, and why."""
    known = {scene.scene_id: [*scene.files, scene.item] for scene in scenes}
    items = stac.item_files(project.scene_folders)
    rows = []
    for name, reason in sorted(quarantined.items()):
        paths = known.get(name) or [p for p in items if name in (p.name, str(p))]
        there = [path for path in paths if path and path.is_file()]
        files = [given.row for given in store.inputs_of(project, there, kept=False)]
        rows.append({"input": plain_text(name), "reason": plain_text(reason), "files": files})
    return rows


def passed_over(refused: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Scenes that could not be compared, and why, as what was left out, in order."""
    return [{"input": scene_id, "reason": why, "files": []} for scene_id, why in sorted(refused)]


def _manifest(
    project: Project,
    heard: journal.Heard,
    language: str,
    pairs: list[ScenePair],
    inputs: list[store.Input],
    quarantined: list[dict[str, Any]],
    left_out: dict[str, str],
    earlier: archive.Record | None,
) -> dict[str, Any]:
    """What the run depends on, and its digest."""
    fields = {
        "on": heard.day.isoformat(),
        "parameters": {
            **project.settings.model_dump(mode="json"),
            "language": language,
            "limits": {name: project.limits.get(name, {}) for name in RULES},
        },
        "inputs": [row for _, row in sorted({i.name: i.row for i in inputs}.items())],
        "versions": again.versions(),
        "previous": earlier.folder.name if earlier else None,
        "said": cases.said(project, heard),
        "quarantined": quarantined,
        "left_out": [{"scene": k, "reason": v} for k, v in sorted(left_out.items())],
        "pairs": [pair_fields(pair) for pair in pairs],
    }
    return {"issue": project.issue(heard.day), **fields, "key": archive.key_of(fields)}


def pair_fields(pair: ScenePair) -> dict[str, Any]:
    """A pair as the manifest keeps it."""
    return {
        "before": pair.before.scene_id,
        "after": pair.after.scene_id,
        "why": {name: round(value, 4) for name, value in pair.why.items()},
        "looks": [scene.scene_id for scene in pair.looks],
        "others": [scene.scene_id for scene in pair.others],
        "tide_before_m": pair.before.tide_m,
        "tide_after_m": pair.after.tide_m,
    }
