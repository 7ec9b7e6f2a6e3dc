"""What a run leaves behind: its tables, its workbook, the pictures and the offline map."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import folium

from .errors import InputRefused
from .io import archive, rasters, store, vectors
from .layers import Layers
from .maps import chips, page, qgis, words
from .maps.liability import liability_column
from .reports import summary
from .reports.replies import write_replies
from .reports.routes import write_routes
from .reports.words import say
from .reports.workbook import write_workbook
from .scenes import Scene
from .tables import CHANGES, COVERAGE, FINDINGS, FLAGS, GROUND, PATROLS, REMINDERS, REPLIES

if TYPE_CHECKING:
    from .run import Run


def write(
    run: "Run",
    layers: Layers,
    scenes: Iterable[Scene],
    language: str,
    inputs: Iterable[store.Input] = (),
) -> None:
    """Put a run into the archive: tables, map, chips, manifest, all or nothing."""
    project = run.project
    with archive.new_run(project, run.manifest, inputs) as folder:
        tables = {
            "flags": (run.flags, FLAGS),
            "findings": (run.findings, FINDINGS),
            "changes": (run.changes, CHANGES),
            "coverage": (run.coverage, COVERAGE),
            "ground": (run.ground, GROUND),
            "patrols": (run.patrols, PATROLS),
            "reminders": (run.reminders, REMINDERS),
        }
        if len(run.replies):
            tables["replies"] = (run.replies, REPLIES)
            write_replies(folder / "replies.csv", run.replies, language)
        vectors.write_file(folder / "flags.gpkg", tables, qgis.styles())
        vectors.write_file(folder / "flags.geojson", {"flags": (run.flags, FLAGS)})
        title = f"{project.settings.project.name} {run.issue}"
        costs = liability_column(run.flags, language)
        cover = [
            (words.word("run", language), run.issue),
            (words.word("run_day", language), run.on.isoformat()),
            (words.word("flags", language), len(run.flags)),
            (words.word("chain_head", language), run.manifest["chain"]["head"]),
        ]
        write_workbook(
            folder / "flags.xlsx", run.flags, title, language, costs, cover, run.reminders
        )
        write_routes(folder / "patrols", run.patrols, project.craft, language)
        _report(run, folder, language)
        pictures = _pictures(run, scenes)
        (folder / "chips").mkdir()
        for flag_id, chip in pictures.items():
            (folder / "chips" / f"{flag_id}_before.jpg").write_bytes(chip.before)
            (folder / "chips" / f"{flag_id}_after.jpg").write_bytes(chip.after)
        drawn = _drawn(run, layers, pictures, language)
        (folder / "index.html").write_text(page.html(drawn), "utf-8")


def _report(run: "Run", folder: Path, language: str) -> None:
    """run.md and run.html: the run in words."""
    name = run.project.settings.project.name
    title = say("title", language, name=name, issue=run.issue, on=run.on)
    parts = summary.sections(run.manifest, run.flags, language)
    (folder / "run.md").write_text(summary.as_markdown(title, parts), "utf-8")
    (folder / "run.html").write_text(summary.as_html(title, parts, language), "utf-8")


def draw(
    run: "Run", layers: Layers, scenes: Iterable[Scene], language: str | None = None
) -> folium.Map:
    """The offline map of a run."""
    return _drawn(run, layers, _pictures(run, scenes), language or run.project.language)


def _pictures(run: "Run", scenes: Iterable[Scene]) -> dict[str, chips.Chip]:
    """Before and after of each flag, as its latest pair shows it, for the map."""
    known, pictures = {scene.scene_id: scene for scene in scenes}, {}
    for flag in run.flags.itertuples():
        pair = [known[n] for n in (flag.before_scene, flag.after_scene) if n in known]
        if len(pair) < 2:
            continue  # a scene has gone since; the card says that there is no picture
        bounds, size = chips.frame(flag.geometry, run.project.crs, pair[1].resolution_m)
        try:
            before, after = (rasters.read_picture(scene, bounds, size) for scene in pair)
        except InputRefused:
            continue  # or its file is broken now
        days = [f"{s.taken.astimezone(run.project.timezone):%Y-%m-%d %H:%M}" for s in pair]
        pictures[flag.flag_id] = chips.chip(before, after, bounds, days[0], days[1])
    return pictures


def _drawn(
    run: "Run", layers: Layers, pictures: dict[str, chips.Chip], language: str
) -> folium.Map:
    project = run.project
    return page.draw(
        run.flags,
        run.coverage,
        layers,
        pictures,
        title=project.settings.project.name,
        issue=run.issue,
        on=run.on,
        language=language,
        not_judged=sorted(layers.absent),
        skipped=[row["reason"] for row in run.manifest["quarantined"]],
        seen_share=run.manifest["coverage"]["seen"],
        timezone=str(project.timezone),
        reminders=len(run.reminders),
        where=project.where,
        head=run.manifest.get("chain", {}).get("head"),
    )
