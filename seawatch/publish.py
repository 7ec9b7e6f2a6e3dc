"""What a run leaves behind: its tables, its workbook, the pictures and the offline map."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import atlas
from .io import archive, store, vectors
from .layers import Layers
from .maps import qgis, words
from .maps.chips import Chip
from .maps.liability import liability_column
from .project import Project
from .reports import fonts, summary
from .reports.exports import write_exports
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
    face, told = _face(project)
    with archive.new_run(project, run.manifest | told, inputs) as folder:
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
        vectors.write_file(folder / "flags.gpkg", tables, qgis.styles(language), language)
        vectors.write_file(folder / "flags.geojson", {"flags": (run.flags, FLAGS)})
        title = f"{project.settings.project.name} {run.issue}"
        costs = liability_column(run.flags, language)
        seen = summary.seen(run.manifest, language)
        cover = [
            (words.word("run", language), run.issue),
            (words.word("run_day", language), run.on.isoformat()),
            (words.word("flags", language), len(run.flags)),
            *((seen.title, line) for line in seen.lines),
            (words.word("chain_head", language), run.manifest["chain"]["head"]),
        ]
        write_workbook(
            folder / "flags.xlsx",
            run.flags,
            title,
            language,
            costs,
            cover,
            run.reminders,
            project.timezone,
            _links(run, with_sheets=face is not None),
        )
        write_exports(folder, run.flags, title, language)
        write_routes(folder / "patrols", run.patrols, project.craft, language)
        _report(run, folder, language)
        pictures = atlas.pictures(run, scenes, language)
        (folder / "chips").mkdir()
        for flag_id, chip in pictures.items():
            (folder / "chips" / f"{flag_id}_before.jpg").write_bytes(chip.before)
            (folder / "chips" / f"{flag_id}_after.jpg").write_bytes(chip.after)
        if face is not None:
            write_sheets(run, layers, pictures, folder / "sheets", face, language)
        for name, text in atlas.pages(run, layers, pictures, language):
            (folder / name).write_text(text, "utf-8")


def _links(run: "Run", *, with_sheets: bool) -> dict[str, str]:
    """Where each flag of the workbook leads: to its sheet where it has one, else to the map."""
    links = {flag_id: f"{atlas.INDEX}#{flag_id}" for flag_id in run.flags.flag_id}
    if with_sheets:
        from .reports.sheet import ASKED  # see write_sheets

        asked = run.flags.flag_id[run.flags.status.isin(ASKED)]
        links |= {flag_id: f"sheets/{flag_id}.pdf" for flag_id in asked}
    return links


def _face(project: Project) -> tuple[fonts.Face | None, dict[str, Any]]:
    """The font of the sheets, where they are wanted, and what run.json says of them."""
    if not project.settings.reports.sheets:
        return None, {}
    if (face := fonts.find(project.font)) is None:
        print(f"note: {fonts.LEFT_OUT}", file=sys.stderr)
        return None, {"sheets": {"left_out": fonts.LEFT_OUT}}
    return face, {"sheets": face.fields()}


def write_sheets(
    run: "Run",
    layers: Layers,
    pictures: Mapping[str, Chip],
    folder: Path,
    face: fonts.Face,
    language: str,
) -> None:
    """A PDF for each flag new or open, named by it."""
    from .reports.sheet import sheets  # what writes PDF is slow to load, and few runs ask for it

    folder.mkdir(parents=True, exist_ok=True)
    head = f"{run.project.settings.project.name} {run.issue}"
    zone = run.project.timezone
    for name, content in sheets(run.flags, layers, pictures, head, language, face, zone):
        (folder / name).write_bytes(content)


def _report(run: "Run", folder: Path, language: str) -> None:
    """run.md and run.html: the run in words."""
    name = run.project.settings.project.name
    title = say("title", language, name=name, issue=run.issue, on=run.on)
    parts = summary.sections(run.manifest, run.flags, language)
    (folder / "run.md").write_text(summary.as_markdown(title, parts), "utf-8")
    (folder / "run.html").write_text(summary.as_html(title, parts, language), "utf-8")
