"""One week, whole: read, think, write."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from . import coverage
from .detect import DETECTORS, detect_changes, hold, joined
from .duty import owned
from .flags import Chosen, follow, only
from .given import pair_fields, passed_over, read_scenes, read_week, remember
from .ground import partition, scope
from .identity import returned
from .io import archive, mend, rasters, settings
from .liability import with_liability
from .maps import words
from .outcome import outcome
from .patrol import orders
from .project import Project
from .rules import judge, remind
from .scenes import Scene, ScenePair
from .suspects import replies, with_suspects
from .tides import explain
from .visits import settle

if TYPE_CHECKING:
    import folium

    from .maps.notebook import Shown

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

    def map(
        self,
        language: str | None = None,
        *,
        rule: Chosen = None,
        status: Chosen = None,
        level: Chosen = None,
        owner: Chosen = None,
    ) -> "folium.Map":
        """The offline map; in a notebook it shows itself.

        rule, status, level, owner : only flags of these, each a value or several; "" is
        nobody's.

        Raises
        ------
        UsageError
            If no flag has such a value; it names those there are.
        """
        from . import atlas  # what draws is slow to load, and a run that is there draws nothing

        wanted = {"rule": rule, "status": status, "level": level, "owner": owner}
        part = replace(self, flags=only(self.flags, wanted))
        layers, scenes = settings.read_layers(self.project), read_scenes(self.project)[0]
        return atlas.draw(part, layers, scenes, language)

    def flag(self, flag_id: str, language: str | None = None) -> "Shown":
        """One flag with its pictures; in a notebook it shows itself.

        Raises
        ------
        UsageError
            If the run has no such flag.
        """
        from . import atlas  # see map

        said = language or self.project.language
        return atlas.card(self, flag_id, read_scenes(self.project)[0], said)

    def _repr_html_(self) -> str:
        from .maps.notebook import run_table  # see map

        language = self.project.language
        said = words.with_words(self.flags, language, self.project.where)
        head = f"{self.project.settings.project.name} {self.issue} ({self.on})"
        return run_table(said, f"{head}: {len(said)} {words.word('flags', language)}", language)


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
    language = language or project.language
    with mend.hold(project):
        # read
        progress("read")
        given = read_week(project, on, language)
        if done := archive.existing(project, project.issue(on), given.manifest["key"]):
            if write:
                remember(project, given, language, done)
            return read_run(project, done, given.scenes)
        layers, tides, place = given.layers, given.tides, given.place

        # think
        progress("detect")
        open_pair = partial(rasters.open_pair, crs=project.crs)
        refused: list[tuple[str, str]] = []
        changes, seen, sightings = detect_changes(
            given.pairs,
            open_pair,
            DETECTORS,
            project.crs,
            jobs,
            lambda: progress("pair"),
            given.flags,
            lambda scene_id, why: refused.append((scene_id, why)),
        )
        slope = project.settings.tide.slope
        changes = explain(changes, layers.coastline, slope, tides.level_sigma_m, tides.range_m)
        changes = hold(joined(returned(changes, given.flags)))
        changes, entered = with_suspects(changes, given.suspects, given.entered)
        seen = coverage.complete(seen, given.area)
        progress("judge")
        findings = with_liability(judge(changes, layers, on, project.limits), place, on)
        flags = follow(given.flags, findings, seen, on, project.issue(on), sightings)
        flags = owned(settle(flags, given.visits, on), layers.duty, on)
        flags = with_liability(flags, place, on)  # an interval narrows, and its law with it
        inside = scope(layers, given.area, project.settings.patrol.within_m)
        watched = partition(seen, given.area, inside, given.ground, on)
        tables = {
            "pairs": pair_table(given.pairs, project.crs),
            "changes": changes,
            "findings": words.with_words(findings, language, place.where),
            "flags": words.with_words(flags, language, place.where),
            "coverage": seen,
            "ground": watched,
            "patrols": orders(watched, flags, layers.duty, on, project.issue(on), project.craft),
            "reminders": words.reminders_said(
                remind(changes, layers, on, seen, project.limits, place.where),
                on,
                language,
                place.where,
            ),
        }
        tables["replies"] = replies(given.suspects, tables["flags"])

        # write
        progress("write")
        manifest = given.manifest | archive.place(project, given.manifest)
        manifest |= outcome(project, on, given, inside, tables) | {"suspects": {"entered": entered}}
        manifest["quarantined"] = [*given.manifest["quarantined"], *passed_over(refused)]
        run = Run(project, on, **tables, manifest=manifest)
        if not write:
            return run
        from . import publish  # see Run.map

        publish.write(run, layers, given.scenes, language, given.inputs)
        record = archive.find(project, run.issue)
        remember(project, given, language, record)
        return replace(run, folder=record.folder, manifest=record.manifest)


def pair_table(pairs: list[ScenePair], crs: object) -> gpd.GeoDataFrame:
    """The run's pairs as a table: the scenes, when they were taken, and why these two."""
    rows = [
        {
            **pair_fields(pair)["why"],
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
    "changes",
    "findings",
    "flags",
    "coverage",
    "ground",
    "patrols",
    "replies",
    "reminders",
)


def read_run(
    project: Project, record: archive.Record, scenes: Iterable[Scene] | None = None
) -> Run:
    """A run from the archive; `scenes` are the workspace's, read here where they are not given."""
    tables = {name: archive.table_of(record, name, project.crs) for name in _TABLES}
    rows = record.manifest["pairs"]
    there = read_scenes(project)[0] if scenes is None else scenes
    named = {scene.scene_id: scene for scene in there}
    known = [row for row in rows if {row["before"], row["after"]} <= named.keys()]
    pairs = [
        ScenePair(
            named[row["before"]],
            named[row["after"]],
            named[row["before"]].footprint.intersection(named[row["after"]].footprint),
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
        new=False,
    )
