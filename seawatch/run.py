"""One week, whole: read, think, write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from . import casebook, coverage, ground, islands, patrol
from .detect import DETECTORS, detect_changes, hold
from .duty import handovers, loads, owned
from .errors import InputRefused
from .flags import follow
from .io import archive, cases, mend, rasters, settings, stac, store, suspects
from .io.visits import read_visits
from .layers import Layers
from .legacy import legacies
from .liability import with_liability
from .maps import words
from .project import Project
from .rules import RULES, judge, not_judged, remind
from .scenes import Scene, ScenePair, pair_scenes
from .suspects import replies, with_suspects
from .tides import Tides, explain
from .visits import settle

if TYPE_CHECKING:
    import folium

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One run: its tables, what they were made from, and its folder once it is written.

    pairs … replies : tables in the project's CRS.
    new : whether this call made the run; False where it was there already.
    """

    project: Project
    on: date
    pairs: gpd.GeoDataFrame
    changes: gpd.GeoDataFrame
    findings: gpd.GeoDataFrame
    flags: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    patrols: gpd.GeoDataFrame
    replies: gpd.GeoDataFrame
    reminders: gpd.GeoDataFrame
    manifest: dict[str, Any]
    folder: Path | None = None
    new: bool = True

    @property
    def issue(self) -> str:
        """The run's name."""
        return self.project.issue(self.on)

    def map(self, language: str | None = None) -> "folium.Map":
        """The offline map; in a notebook it shows itself."""
        from . import atlas  # what draws is slow to load, and a run that is there draws nothing

        layers, scenes = settings.read_layers(self.project), read_scenes(self.project)[0]
        return atlas.draw(self, layers, scenes, language)


def weekly_run(
    project: Project,
    on: date,
    *,
    language: str | None = None,
    write: bool = True,
    jobs: int = 1,
    progress: Progress = lambda step: None,
) -> Run:
    """Compare the week's scenes with what is permitted, and flag what is not.

    Parameters
    ----------
    on : day of the run; the scenes of its week are looked at.
    language : of the words, zh or en; the project's own by default.
    write : False to leave the archive as it is.
    jobs : pairs compared at once.
    progress : called with the name of each step as it begins.

    Raises
    ------
    InputRefused, UsageError, CannotFinish, Busy
        Nothing is judged and nothing half-written then.
    """
    with mend.hold(project):
        # read
        progress("read")
        inputs, items = _hashed(project)
        settings.still_as_read(project)
        language = language or project.language
        layers = settings.read_layers(project)
        tides = settings.read_tides(project)
        place = settings.read_jurisdiction(project)
        scenes, quarantined = read_scenes(project, tides)
        named = settings.read_area(project)
        quarantined |= coverage.strays(scenes, layers, named)
        pairs, left_out = _sound_pairs(project, scenes, on, quarantined)
        lists = suspects.read(project, on)
        earlier = archive.before(project, on, project.issue(on))
        inputs += _pinned(project, pairs, items, earlier)
        left = _quarantine(project, scenes, quarantined)
        manifest = _manifest(project, on, language, pairs, inputs, left, left_out, earlier)
        if done := archive.existing(project, project.issue(on), manifest["key"]):
            return read_run(project, done, new=False)
        manifest |= archive.place(project, manifest)
        previous = archive.table_of(earlier, "flags", project.crs)
        ground_before = archive.table_of(earlier, "ground", project.crs)
        visits = read_visits(project, on)
        area = named or coverage.hull(scenes, layers)

        # think
        progress("detect")
        open_pair = partial(rasters.open_pair, crs=project.crs)
        changes, seen, sightings = detect_changes(
            pairs, open_pair, DETECTORS, project.crs, jobs, lambda: progress("pair"), previous
        )
        slope = project.settings.tide.slope
        changes = hold(
            explain(changes, layers.coastline, slope, tides.level_sigma_m, tides.range_m)
        )
        changes, entered = with_suspects(changes, lists, earlier.entered if earlier else [])
        seen = coverage.complete(seen, area)
        progress("judge")
        findings = with_liability(judge(changes, layers, on, project.limits), place, on)
        findings = words.with_words(findings, language, place.where)
        flags = follow(previous, findings, seen, on, project.issue(on), sightings)
        flags = owned(settle(flags, visits, on), layers.duty, on)
        # a flag's interval narrows from week to week, and its law with it
        flags = words.with_words(with_liability(flags, place, on), language, place.where)
        inside = ground.scope(layers, area, project.settings.patrol.within_m)
        watched = ground.partition(seen, area, inside, ground_before, on)
        patrols = patrol.orders(watched, flags, layers.duty, on, project.issue(on), project.craft)
        reminders = remind(changes, layers, on, seen, project.limits, place.where)
        reminders = words.reminders_said(reminders, on, language, place.where)

        # write
        progress("write")
        manifest |= _outcome(changes, findings, flags, seen, layers, area)
        manifest |= _watch(watched, inside, patrols, previous, flags, layers, on)
        manifest["reminders"] = _counted(reminders.rule)
        manifest["legacy"] = _legacy_fields(legacies(layers.zones, changes, on))
        manifest["tide"] = _tide_fields(tides, pairs)
        manifest["cases"] = _cases(project, flags, visits, layers.duty, on)
        manifest["suspects"] = {"entered": entered}
        tables = {
            "pairs": pair_table(pairs, project.crs),
            "changes": changes,
            "findings": findings,
            "flags": flags,
            "coverage": seen,
            "ground": watched,
            "patrols": patrols,
            "replies": replies(lists, flags),
            "reminders": reminders,
        }
        run = Run(project, on, **tables, manifest=manifest)
        if not write:
            return run
        from . import publish  # see Run.map

        publish.write(run, layers, scenes, language, inputs)
        record = archive.find(project, run.issue)
        return replace(run, folder=record.folder, manifest=record.manifest)


def read_scenes(project: Project, tides: Tides | None = None) -> tuple[list[Scene], dict[str, str]]:
    """The workspace's scenes with the tide of each, and the items that are none."""
    tides = tides or settings.read_tides(project)
    folders = [project.path(folder) for folder in project.settings.scenes.folders]
    scenes, faults = stac.read_scenes(folders, project.crs)
    with_tide = [
        replace(scene, tide_m=tides.height_at(pd.Timestamp(scene.taken))) for scene in scenes
    ]
    return with_tide, {path.name: fault for path, fault in faults.items()}


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
    folders = [project.path(folder) for folder in project.settings.scenes.folders]
    items = [path for path in stac.item_files(folders) if path.is_file()]
    told = {given.path: given for given in store.inputs_of(project, items)}
    files = [*settings.files(project), *suspects.files(project)]
    return store.inputs_of(project, files), told


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
    folders = [project.path(folder) for folder in project.settings.scenes.folders]
    rows = []
    for name, reason in sorted(quarantined.items()):
        paths = known.get(name) or [p for folder in folders for p in sorted(folder.rglob(name))]
        there = [path for path in paths if path and path.is_file()]
        files = [given.row for given in store.inputs_of(project, there, kept=False)]
        rows.append({"input": name, "reason": reason, "files": files})
    return rows


def _manifest(
    project: Project,
    on: date,
    language: str,
    pairs: list[ScenePair],
    inputs: list[store.Input],
    quarantined: list[dict[str, Any]],
    left_out: dict[str, str],
    earlier: archive.Record | None,
) -> dict[str, Any]:
    """What the run depends on, and its digest."""
    fields = {
        "on": on.isoformat(),
        "parameters": {
            **project.settings.model_dump(mode="json"),
            "language": language,
            "limits": {name: project.limits.get(name, {}) for name in RULES},
        },
        "inputs": [row for _, row in sorted({i.name: i.row for i in inputs}.items())],
        "versions": archive.versions(),
        "previous": earlier.folder.name if earlier else None,
        "said": cases.said(project, on),
        "quarantined": quarantined,
        "left_out": [{"scene": k, "reason": v} for k, v in sorted(left_out.items())],
        "pairs": [_pair_fields(pair) for pair in pairs],
    }
    return {"issue": project.issue(on), **fields, "key": archive.key_of(fields)}


def _pair_fields(pair: ScenePair) -> dict[str, Any]:
    return {
        "before": pair.before.scene_id,
        "after": pair.after.scene_id,
        "why": {name: round(value, 4) for name, value in pair.why.items()},
        "looks": [scene.scene_id for scene in pair.looks],
        "tide_before_m": pair.before.tide_m,
        "tide_after_m": pair.after.tide_m,
    }


def _tide_fields(tides: Tides, pairs: list[ScenePair]) -> dict[str, Any]:
    """Where the height of each scene came from, and what should be known of it."""
    scenes = {s.scene_id: s for pair in pairs for s in pair.scenes}
    sources = {n: tides.source_at(pd.Timestamp(s.taken)) for n, s in sorted(scenes.items())}
    return {"sources": sources, "notices": tides.notices}


def _outcome(
    changes: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    flags: gpd.GeoDataFrame,
    seen: gpd.GeoDataFrame,
    layers: Layers,
    area: shapely.Geometry,
) -> dict[str, Any]:
    """What the run came to, for the manifest."""
    vetoed = changes[changes.veto.notna()]
    columns = [
        "change_id",
        "kind",
        "veto",
        "area_m2",
        "reach_m",
        "dates",
        "tide_before_m",
        "tide_after_m",
    ]
    return {
        "coverage": coverage.summary(seen, area),
        "sight": coverage.sight(seen, layers.zones),
        "vetoes": vetoed[columns]
        .round(2)
        .astype(object)
        .where(vetoed[columns].notna(), None)
        .to_dict("records"),
        "not_judged": not_judged(layers),
        "absent": sorted(layers.absent),
        "counts": {
            "changes": len(changes),
            "findings": len(findings),
            **_counted(flags.status),
        },
    }


def _watch(
    watched: gpd.GeoDataFrame,
    inside: shapely.Geometry,
    patrols: gpd.GeoDataFrame,
    previous: gpd.GeoDataFrame,
    flags: gpd.GeoDataFrame,
    layers: Layers,
    on: date,
) -> dict[str, Any]:
    """What was watched, by whom, and what is to be patrolled, for the manifest."""
    flights = patrols[patrols["mode"] == "drone"]
    return {
        "cover": ground.cover(watched, inside),
        "islands": islands.looks(layers.islands, layers.coastline, watched, on),
        "patrols": {
            "flights": len(flights),
            "batteries_km": round(float(flights.length_m.sum()) / 1000, 1),
            "visits": len(patrols) - len(flights),
        },
        "loads": loads(flags, layers.duty, on),
        "handovers": handovers(previous, flags),
    }


def _cases(
    project: Project,
    flags: gpd.GeoDataFrame,
    visits: gpd.GeoDataFrame,
    duty: gpd.GeoDataFrame,
    on: date,
) -> dict[str, Any]:
    """What is overdue on the day, how long things took, and what came back."""
    entered = cases.read_cases(project, on), cases.read_problems(project, on)
    return casebook.opened(flags, visits, *entered, duty, on, str(project.timezone)).fields()


def _legacy_fields(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The register of legacy reclamations as the manifest keeps it."""
    sizes = ["filled_ha", "used_ha", "built_ha", "grown_ha", "vacancy"]
    tidy = table.assign(deadline=table.deadline.dt.strftime("%Y-%m-%d"), **table[sizes].round(4))
    rows: list[dict[str, Any]] = tidy.astype(object).where(tidy.notna(), None).to_dict("records")
    return rows


def _counted(values: pd.Series) -> dict[str, int]:
    return {str(k): int(v) for k, v in sorted(values.value_counts().items())}


def pair_table(pairs: list[ScenePair], crs: object) -> gpd.GeoDataFrame:
    """The run's pairs as a table: the scenes, when they were taken, and why these two."""
    rows = [
        {
            **_pair_fields(pair)["why"],
            "before_scene": pair.before.scene_id,
            "after_scene": pair.after.scene_id,
            "before": pair.before.taken,
            "after": pair.after.taken,
            "sensor": pair.after.sensor,
        }
        for pair in pairs
    ]
    shapes = gpd.GeoSeries([pair.overlap for pair in pairs], crs=crs)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=crs)


_TABLES = (
    *("changes", "findings", "flags", "coverage"),
    *("ground", "patrols", "replies", "reminders"),
)


def read_run(project: Project, record: archive.Record, new: bool = False) -> Run:
    """A run from the archive."""
    tables = {
        name: archive.table_of(record, name, project.crs)
        for name in (
            "changes",
            "findings",
            "flags",
            "coverage",
            "ground",
            "patrols",
            "replies",
            "reminders",
        )
    }
    rows = record.manifest["pairs"]
    scenes = {scene.scene_id: scene for scene in read_scenes(project)[0]}
    known = [row for row in rows if {row["before"], row["after"]} <= scenes.keys()]
    pairs = [
        ScenePair(
            scenes[row["before"]],
            scenes[row["after"]],
            scenes[row["before"]].footprint.intersection(scenes[row["after"]].footprint),
            row["why"],
        )
        for row in known
    ]
    return Run(
        project.with_cycle(record.manifest["parameters"]["project"]["cycle"]),
        record.on,
        pair_table(pairs, project.crs),
        **tables,
        manifest=record.manifest,
        folder=record.folder,
        new=new,
    )
