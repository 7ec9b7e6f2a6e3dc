"""The commands, each a few lines: read the arguments, call one function, print.

Results go to stdout, everything else to stderr. Heavy modules are loaded inside the
commands, so that help comes at once.
"""

import json
import locale
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer

from . import process
from .errors import SeawatchError, UsageError

if TYPE_CHECKING:
    from .io.again import Made

process.tune()

app = typer.Typer(
    name="seawatch",
    help="What changed at sea and on islands, held week by week against what is permitted.",
    epilog="Start with `seawatch demo`; a workspace of your own with `seawatch init`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
layers_app = typer.Typer(help="Layers of a workspace.", no_args_is_help=True, rich_markup_mode=None)
scenes_app = typer.Typer(help="Scenes of a workspace.", no_args_is_help=True, rich_markup_mode=None)
changes_app = typer.Typer(
    help="Suspect zones found by others.", no_args_is_help=True, rich_markup_mode=None
)
lab_app = typer.Typer(help="A coast with known truth.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(scenes_app, name="scenes")
app.add_typer(layers_app, name="layers")
app.add_typer(changes_app, name="changes")
app.add_typer(lab_app, name="lab")
visits_app = typer.Typer(help="What inspectors found.", no_args_is_help=True, rich_markup_mode=None)
problems_app = typer.Typer(
    help="Problems an inspection from above has named (督察整改).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(visits_app, name="visits")
app.add_typer(problems_app, name="problems")

WorkspaceArgument = Annotated[Path, typer.Argument(help="the workspace's folder")]
Into = Annotated[Path, typer.Option("--into", help="the workspace's folder")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object, for machines")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en; default the project's")]
On = Annotated[str | None, typer.Option("--on", help="day of the run, 2026-11-23; default today")]
Bands = Annotated[
    str,
    typer.Option(help="names of the file's bands in order, e.g. red,green,blue,nir; - leaves out"),
]


def command() -> NoReturn:
    """`main` as a process of its own, which ends with it."""
    code: object = 0
    process.leave_out()
    try:
        main()
    except SystemExit as left:
        code = left.code
    process.leave(code if isinstance(code, int) else int(code is not None))


def main() -> None:
    """Run a command; a fault leaves with its message and its exit code, never a traceback."""
    _same_names_everywhere()
    try:
        app()
    except SeawatchError as fault:
        for problem in fault.problems:
            print(f"seawatch: {problem}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except OSError as fault:
        path = fault.filename or "the disk"
        print(f"seawatch: {path}: {(fault.strerror or str(fault)).lower()}", file=sys.stderr)
        sys.exit(1)


def _same_names_everywhere() -> None:
    """Start again in UTF-8 where the locale would read file names otherwise (GBK, C).

    What is printed stays in the terminal's own encoding.
    """
    if sys.getfilesystemencoding() == "utf-8" or "PYTHONUTF8" in os.environ:
        return
    environment = {"PYTHONIOENCODING": locale.getencoding(), **os.environ, "PYTHONUTF8": "1"}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def _day(text: str | None, zone: tzinfo | None = None) -> date:
    if text is None:
        return datetime.now(zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--on {text}: no day; write it as 2026-11-23") from None


def _language(text: str | None) -> str | None:
    if text not in (None, "zh", "en"):
        raise UsageError(f"--lang {text}: use zh or en")
    return text


def _cycle(text: str | None) -> str | None:
    if text not in (None, "weekly", "half-month"):
        raise UsageError(f"--cycle {text}: use weekly or half-month")
    return text


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _say(as_json: bool, fields: dict[str, Any], lines: list[str]) -> None:
    print(json.dumps(fields, ensure_ascii=False, default=str) if as_json else "\n".join(lines))


@contextmanager
def _log(zone: tzinfo, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal; in a log, a line a step with its instant in the project's zone."""
    if sys.stderr.isatty() or quiet:
        with _progress(8, "run") as progress:
            yield progress
        return
    done = Counter[str]()

    def say(step: str) -> None:
        done[step] += 1
        number = f" {done[step]}" if step == "pair" else ""
        print(f"{datetime.now(zone):%Y-%m-%d %H:%M:%S%z} {step}{number}", file=sys.stderr)

    yield say


@contextmanager
def _progress(total: int | None, words: str) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, nothing elsewhere; the function moves it on by a step."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)

        def move(step: str) -> None:
            bar.update(task, advance=1, description=f"{words}: {step}")

        yield move


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where to build it")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="another number, another coast story")] = 1,
    language: Language = None,
) -> None:
    """Build the Weihai sample workspace, run its three weeks, print the map's path.

    The coast is real, the scenes are simulated: lawful uses, unlawful ones, tide, clouds,
    ships. What was planted stands in truth.gpkg beside the workspace's layers.
    """
    from .lab.demo import run_demo

    with _progress(24, "demo") as progress:
        last = run_demo(folder, seed=seed, language=_language(language), progress=progress)
    print(folder / "runs" / last.issue / "index.html")


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="the new workspace's folder")]) -> None:
    """Make an empty workspace with a commented seawatch.toml."""
    from .io.settings import write_project

    print(write_project(folder))


@app.command()
def intertidal(
    workspace: WorkspaceArgument = Path(),
    out: Annotated[Path, typer.Option("-o", help="the GeoTIFF to write")] = Path("intertidal.tif"),
    as_json: Json = False,
) -> None:
    """Map how often the ground lies under water, over all optical scenes of a workspace.

    Band 1 is the share of clear looks that show water, band 2 their number. Between never
    and always lies what the tide reaches, as far as the scenes' tides differ.
    """
    from .workspace import open as open_workspace

    with _progress(None, "intertidal") as progress:
        told = open_workspace(workspace).intertidal(out, lambda: progress("window"))
    left_out = told.pop("left_out")
    for reason in left_out:
        print(f"quarantined: {reason}", file=sys.stderr)
    lines = [str(out), *(f"{name}: {value}" for name, value in told.items())]
    _say(as_json, {"path": str(out), **told, "quarantined": left_out}, lines)
    if left_out:
        raise typer.Exit(4)


@app.command()
def check(workspace: WorkspaceArgument = Path(), as_json: Json = False) -> None:
    """Say everything that is wrong with configuration, layers and scenes; write nothing."""
    from .workspace import open as open_workspace

    space = open_workspace(workspace)
    faults = space.faults()
    notices = [] if faults else space.notices(_day(None, space.project.timezone))
    for notice in notices:
        print(f"note: {notice}", file=sys.stderr)
    _say(as_json, {"faults": faults, "notices": notices}, faults or ["nothing is wrong"])
    if faults:
        raise typer.Exit(3)


@app.command()
def run(
    workspace: WorkspaceArgument = Path(),
    on: On = None,
    jobs: Annotated[int, typer.Option(help="pairs compared at once")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="judge, but write nothing")] = False,
    cycle: Annotated[
        str | None, typer.Option(help="weekly or half-month; default the project's")
    ] = None,
    fail_on_new: Annotated[
        bool, typer.Option(help="leave with 10 when there are new flags")
    ] = False,
    language: Language = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="no steps on stderr, only faults")] = False,
    as_json: Json = False,
) -> None:
    """Run one week: compare its scenes with what is permitted, and flag what is not.

    Writes runs/<issue>/ with index.html (the offline map), flags.gpkg, flags.geojson,
    flags.xlsx, flags.csv, flags.kml, flags.gpx and run.json. The same inputs again are
    nothing to do; other inputs make a revision. Leaves with 4 when some inputs were put in
    quarantine.

    Half-month issues (2026-11-1 from 21 October to 5 November, 2026-11-2 from the 6th to the
    20th) stand beside weekly ones with --cycle half-month, and follow the same flags; of two
    runs of one day the weekly one comes first.

    The run's digest enters journal.jsonl. Keep the chain's head, which is printed, elsewhere:
    `seawatch verify --head` finds later what was changed since. last-success.json says when a
    run was last there.
    """
    from .io import again

    language, cycle = _language(language), _cycle(cycle)
    made, new = again.recall(workspace, on, language, cycle), False
    if made:
        zone: tzinfo = ZoneInfo(made.manifest["parameters"]["project"]["timezone"])
        with _log(zone, quiet) as progress:
            progress("read")
    else:
        from .workspace import open as open_workspace

        space = open_workspace(workspace)
        zone = space.project.timezone
        with _log(zone, quiet) as progress:
            done = space.run(
                _day(on, zone),
                language=language,
                write=not dry_run,
                cycle=cycle,
                jobs=jobs,
                progress=progress,
            )
        made, new = space.made(done), done.new
    if made.folder:
        again.note_success(workspace, made, datetime.now(zone))
    _tell_run(made, new, as_json)
    if made.manifest["quarantined"]:
        raise typer.Exit(4)
    if fail_on_new and made.flags.get("new"):
        raise typer.Exit(10)


def _tell_run(made: "Made", new: bool, as_json: bool) -> None:
    told = made.manifest
    quarantined = [row["reason"] for row in told["quarantined"]]
    for reason in quarantined:
        print(f"quarantined: {reason}", file=sys.stderr)
    said = ", ".join(f"{number} {status}" for status, number in sorted(made.flags.items()))
    fields = {"issue": told["issue"], "on": told["on"], "folder": made.folder, "flags": made.flags}
    lines = [f"{told['issue']}: {said or 'no flags'}"]
    if made.folder:
        before = told.get("chain", {}).get("head")
        lines += [str(made.folder / "index.html"), f"chain: {before} before, {made.head} now"]
        fields |= {"head_before": before, "head": made.head}
    if not new:
        lines += ["the same inputs as before: nothing to do"]
    _say(as_json, {**fields, "new": new, "quarantined": quarantined}, lines)


@app.command()
def verify(
    workspace: WorkspaceArgument = Path(),
    head: Annotated[
        str | None, typer.Option(help="a chain's head kept elsewhere, from a report or a run")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold every byte of the runs, the journal and the kept inputs against the chain.

    Names what was altered, added, is missing or was put elsewhere, and leaves with 5. Only
    with --head does a journal rewritten whole, or cut short, show. tools/verify.py does the
    same with Python alone.
    """
    from .workspace import open as open_workspace

    found = open_workspace(workspace).verify(head)
    for notice in found.notices:
        print(f"note: {notice}", file=sys.stderr)
    whole = [f"{found.runs} runs, {found.entries} lines: every byte as recorded", found.head]
    _say(as_json, asdict(found), found.faults or whole)
    if found.faults:
        raise typer.Exit(5)


@app.command()
def detect(
    before: Annotated[Path, typer.Argument(help="the earlier raster")],
    after: Annotated[Path, typer.Argument(help="the later raster")],
    out: Annotated[Path, typer.Option("--out", "-o", help="changes, a .gpkg or .geojson")],
    score: Annotated[
        Path | None,
        typer.Option(help="score maps, a .tif; 0.5 and more is changed"),
    ] = None,
    sensor: Annotated[str, typer.Option(help="see `seawatch sensors`")] = "generic-optical",
    bands: Bands = "",
    mask: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="masks of both: 0 clear, 1 cloud or shadow, 255 no data"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare one pair of rasters; no workspace needed.

    Where it was not seen clear, nothing can be told of it: the share that was is printed.
    """
    from .io.files import output
    from .io.vectors import DRIVERS, write_file
    from .pair import compared
    from .tables import CHANGES

    output(out, DRIVERS, [before, after, score, *(mask or ())])
    found = compared(before, after, sensor=sensor, bands=_names(bands), masks=mask, score=score)
    changes = found.changes
    write_file(out, {"changes": (changes, CHANGES)})
    kinds = changes.kind[changes.veto.isna()].value_counts().to_dict()
    lines = [f"{number} {kind}" for kind, number in sorted(kinds.items())] or ["no changes"]
    seen = f"{100 * found.seen:.0f} % of what both cover was seen clear"
    fields = {"changes": kinds, "seen": round(found.seen, 4), "file": out}
    _say(as_json, fields, [*lines, seen, str(out)])


@app.command()
def judge(
    changes: Annotated[Path, typer.Argument(help="a changes table, as `detect` writes it")],
    layers: Annotated[Path, typer.Option(help="folder with permits, coastline, islands, zones")],
    on: On = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="findings")] = Path("findings.gpkg"),
    absent: Annotated[str, typer.Option(help="layers that are deliberately missing")] = "",
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Hold a table of changes against the layers: the rules alone."""
    from .judging import judge_files

    language = _language(language) or "zh"
    found, skipped = judge_files(
        changes, layers, _day(on), out, absent=_names(absent), language=language
    )
    rules = found.rule.value_counts().to_dict()
    lines = [f"{number} {rule}" for rule, number in sorted(rules.items())] or ["no findings"]
    lines += [f"{rule}: not judged, no {', '.join(names)}" for rule, names in skipped.items()]
    _say(as_json, {"findings": rules, "not_judged": skipped, "file": out}, [*lines, str(out)])


@app.command()
def ledger(
    workspace: WorkspaceArgument = Path(),
    on: On = None,
    by: Annotated[str, typer.Option(help="project, district or owner")] = "project",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="an .xlsx of it all")] = None,
    draft: Annotated[
        Path | None,
        typer.Option(help="a .gpkg of entries proposed from the latest run's flags; then stop"),
    ] = None,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Keep the shoreline accounts: natural coast retained, occupied, restored and still owed.

    Entries stand in the file named under [ledger] in seawatch.toml: a GeoPackage with the
    line of each, or a CSV with segment_id, from_m and to_m (`seawatch tables shoreline`).
    Restored coast counts once accepted, no metre counts twice, and what would take retention
    below the floor needs a person and a reason. Leaves with 4 when entries were refused.
    """
    from .workspace import open as open_workspace
    from .workspace import tell_ledger

    space = open_workspace(workspace)
    if draft:
        print(f"{draft}: {space.draft_entries(draft)}")
        return
    day = _day(on, space.project.timezone)
    fields, lines = tell_ledger(space, day, by, out, _language(language))
    _say(as_json, fields, lines)
    if any(entry["state"] == "refused" for entry in fields["entries"]):
        raise typer.Exit(4)


@app.command("map")
def draw_map(
    workspace: WorkspaceArgument = Path(),
    issue: Annotated[str | None, typer.Option(help="e.g. 2026-W48; default the latest")] = None,
    max_mb: Annotated[
        float, typer.Option(min=0.1, help="size of the map's file in millions of bytes")
    ] = 25.0,
    tiles: Annotated[
        str | None,
        typer.Option(
            help="tianditu: offer its tiles, online, with a key that the reader types; maps drawn "
            "on GCJ-02 (Amap, Tencent, Google China) are refused"
        ),
    ] = None,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="an inspection sheet (PDF) a flag too, 0.5 s each")
    ] = False,
    per_owner: Annotated[
        bool, typer.Option("--per-owner", help="a folder for each officer too, in owners/")
    ] = False,
    shapefile: Annotated[
        bool, typer.Option("--shapefile", help="the flags as a shapefile in GBK too")
    ] = False,
    audience: Annotated[
        str, typer.Option(help="internal; or public: only what anybody may see")
    ] = "internal",
    language: Language = None,
) -> None:
    """Draw the map of a run again, into maps/<issue>/; the run itself stays as it is.

    The most urgent flags carry their pictures inside as long as --max-mb allows; the others'
    lie beside it in pictures-01.html … by officer, or by map sheet where nobody answers.
    --sheets adds sheets/<flag>.pdf for each flag new or open, to be taken to the place; it
    needs a Chinese font, this machine's or the one named as [reports] font.

    --per-owner adds owners/<officer>/ to be handed out: a map of their flags alone with the
    field form in it (index.html), their sheets in one document (sheets.pdf), their drone
    flights (patrol.kml) and visits (patrol.gpx). What nobody answers for is in owners/nobody/.

    --shapefile adds shapefile/flags.shp in GBK, its column names of ten letters at most; what
    they mean, and which cells GBK or 254 bytes could not hold, stands in flags.txt beside it.

    --audience public writes maps/<issue>/public/ instead: flags whose case is decided and that
    are under no embargo, without people, permit numbers, visits, routes, field form or links;
    places and pictures coarsened, nothing on base points, military permits or what else
    [public] in seawatch.toml withholds. It needs the map's approval number (审图号) there. The
    pages are then searched for everything withheld, and deleted if any of it is found.
    """
    from .packs import FOLDER
    from .workspace import open as open_workspace

    if audience not in ("internal", "public"):
        raise UsageError(f"--audience {audience}: use internal or public")
    space, said = open_workspace(workspace), _language(language)
    if audience == "public":
        if tiles or sheets or per_owner or shapefile:
            raise UsageError(
                "--audience public goes without --tiles, --sheets, --per-owner and --shapefile: "
                "take them away"
            )
        print(space.release(issue, said, max_mb=max_mb))
        return
    page = space.redraw(
        issue,
        said,
        max_mb=max_mb,
        tiles=tiles,
        sheets=sheets,
        per_owner=per_owner,
        as_shapefile=shapefile,
    )
    beside = [page.parent / "sheets"] if sheets else []
    beside += sorted((page.parent / FOLDER).iterdir()) if per_owner else []
    beside += [page.parent / "shapefile" / "flags.shp"] if shapefile else []
    print("\n".join(map(str, [page, *beside])))


@layers_app.command("import")
def layers_import(
    file: Annotated[
        Path,
        typer.Argument(
            help="GeoPackage, Shapefile, GeoJSON, KML, KMZ, File GDB, DXF, FlatGeobuf, GeoParquet, "
            "CSV or XLSX with a column wkt or lon and lat; or a zip of one"
        ),
    ],
    table: Annotated[str, typer.Option("--as", help="permits, coastline, islands, zones …")],
    into: Into,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="COLUMN=VALUE for what the file lacks")
    ] = None,
    rename: Annotated[
        list[str] | None, typer.Option(help="THEIRS=COLUMN, where a column's name does not tell")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="e.g. EPSG:4549, where the file does not say or is wrong")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="its name in a file of several")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="GB18030, UTF-8 or Big5, where it cannot be told")
    ] = None,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="import the good rows, list the bad ones")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a layer file and put it into the workspace as layers/<table>.gpkg.

    Columns are found by name or by their usual Chinese names; codes may be words. What is
    safe to repair is repaired (open rings, direction, doubled vertices, small loops,
    slivers, doubled rows), the rest refused row by row. How everything was read, what was
    changed and what was left out is said, and kept as layers/<table>.import.json.
    """
    from .io.gateway import Reading
    from .maps.imported import lines
    from .workspace import open as open_workspace

    space = open_workspace(into)
    how = Reading(
        rename=dict(_assignment(text, "--rename") for text in rename or []),
        encoding=encoding,
        layer=layer,
        values=dict(_assignment(text) for text in values or []),
        crs=crs,
        keep_good=keep_good,
    )
    with _progress(1, "import") as progress:
        progress(file.name)
        out, record = space.import_layer(file, table, how)
    for line in [] if as_json else lines(record, space.project.settings.project.language):
        print(line, file=sys.stderr)
    _say(as_json, {"file": out, **record}, [str(out)])


@app.command()
def parcel(
    file: Annotated[Path, typer.Argument(help=".txt, .csv, .xlsx of corner points; or polygons")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="polygons (.gpkg, .geojson), or a table (.txt, .csv)"),
    ] = None,
    meridian: Annotated[
        float | None,
        typer.Option(help="central meridian, degrees east; default the file's, else by 0.5°"),
    ] = None,
    notation: Annotated[
        str | None, typer.Option(help="packed (ddd.mmsssss) or decimal, where it cannot be told")
    ] = None,
    sigma_m: Annotated[
        float | None, typer.Option(help="survey error of a corner, one standard deviation, m")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="zh or en")] = "zh",
    as_json: Json = False,
) -> None:
    """Say what a table of corner points (界址点) describes; no workspace needed.

    Rings, areas on the meridian and on the ellipsoid, how far they can be trusted, what was
    assumed, what is wrong. Degrees in any usual spelling, packed or decimal, or metres X
    (north) and Y (east), with or without a zone; rings as 2-3-4-2. With -o polygons become
    such a table and a table becomes polygons. Leaves with 3 where something cannot be told.
    """
    from .planned import parcel_file
    from .reports import parcel as report

    _language(language)
    table = parcel_file(file, out, meridian=meridian, notation=notation, sigma_m=sigma_m)
    _say(as_json, report.fields(table, language), report.lines(table, language))
    if table.said("fault"):
        raise typer.Exit(3)
    if out and not as_json:
        print(out)


@app.command()
def assess(
    parcel: Annotated[Path, typer.Argument(help="corner points (.txt, .csv, .xlsx) or polygons")],
    into: Into,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="the page, an .html")] = None,
    use_mode: Annotated[
        list[str] | None,
        typer.Option(help="11 … 57 for all units, or once for each; default as the file says"),
    ] = None,
    strata: Annotated[
        str | None, typer.Option(help="surface,water,seabed,subsoil; default by the mode")
    ] = None,
    holder: Annotated[
        str | None, typer.Option(help="who applies: only the same holder's permits add up")
    ] = None,
    on: On = None,
    meridian: Annotated[float | None, typer.Option(help="central meridian, degrees east")] = None,
    notation: Annotated[str | None, typer.Option(help="packed or decimal degrees")] = None,
    sigma_m: Annotated[float | None, typer.Option(help="survey error of a corner, m")] = None,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Say what a planned use would meet, before an application is filed.

    Every permit, zone, segment of coast, island and base point, in m² or m, with the law it
    rests on; who may approve it, whether that depends on how the area is counted, and whether
    with recent neighbours it makes one use of several approvals. With -o one HTML page.
    Layers the workspace lacks are said to be not judged.
    """
    from .maps import assessment, assessment_page
    from .planned import write_page
    from .workspace import open as open_workspace

    space = open_workspace(into)
    lang = _language(language) or space.project.language
    found = space.assess(
        parcel,
        _day(on, space.project.timezone),
        use_modes=use_mode or [],
        strata=strata,
        holder=holder,
        meridian=meridian,
        notation=notation,
        sigma_m=sigma_m,
    )
    title = assessment.say("title", lang, name=parcel.stem)
    if out:
        write_page(out, assessment_page.html(found, title, lang))
    lines = assessment.lines(found, title, lang)
    _say(as_json, assessment.fields(found, lang), [*lines, *([str(out)] if out else [])])


def _assignment(text: str, option: str = "--set") -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{option} {text}: write COLUMN=VALUE")
    return column.strip(), value.strip()


@changes_app.command("import")
def changes_import(
    file: Annotated[Path, typer.Argument(help="any vector file, one suspect zone a row")],
    source: Annotated[str, typer.Option(help="who found them; stays on flag, sheet and reply")],
    into: Into,
    received: Annotated[
        str | None, typer.Option(help="runs from this day on take them in; default today")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="COLUMN=VALUE for what the file lacks, e.g. before, after, kind"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in suspect zones that others found: a list from above, another detector.

    Each needs a number of its own (external_id) and the two instants between which it
    appeared (before, after; `seawatch tables suspects`). The next run judges them by every
    rule; each that breaks one becomes a flag of its own, with its source and number, and
    replies.csv of the run says what came of every one. The same list again changes nothing.
    """
    from .workspace import open as open_workspace

    given = dict(_assignment(text) for text in values or [])
    space = open_workspace(into)
    day = _day(received, space.project.timezone)
    kept = space.import_suspects(file, source, day, given)
    lines = [
        f"{kept.new} new, {kept.known} known already",
        *([str(kept.path)] if kept.path else []),
    ]
    _say(as_json, {"new": kept.new, "known": kept.known, "file": kept.path}, lines)


@scenes_app.command("add")
def scenes_add(
    files: Annotated[
        list[Path],
        typer.Argument(help="GeoTIFF, COG …; a .SAFE folder or its zip; a Landsat folder or tar"),
    ],
    into: Into,
    sensor: Annotated[
        str | None, typer.Option(help="see `seawatch sensors`; a product says it itself")
    ] = None,
    taken: Annotated[
        str | None,
        typer.Option(help="instant with zone, 2026-11-23T10:50:00+08:00; a product says it itself"),
    ] = None,
    bands: Bands = "",
    mask: Annotated[
        Path | None, typer.Option(help="0 clear, 1 cloud or shadow, 255 no data, or SCL, QA_PIXEL")
    ] = None,
    sigma_m: Annotated[
        float | None, typer.Option(help="position error, one standard deviation, m")
    ] = None,
) -> None:
    """Register rasters and products as scenes: each is read through and given a STAC Item.

    Several files of one band each, with as many names in --bands, are one scene, as are
    *_VV.tif and *_VH.tif of sentinel-1-rtc; otherwise each file is a scene of its own.

    A Sentinel-2 Level-2A or Landsat Collection 2 Level-2 product, whole, needs neither
    --sensor nor --taken, --bands or --mask: they are read from it. Sentinel-2 is decoded
    once; the rest is copied in, if it is not in the workspace's scenes folder already.
    """
    from .workspace import open as open_workspace

    with _progress(None, "scenes") as progress:
        added = open_workspace(into).add_scenes(
            files,
            sensor=sensor,
            taken=taken,
            bands=_names(bands),
            mask=mask,
            sigma_m=sigma_m,
            progress=progress,
        )
    for item in added:
        print(item)


@visits_app.command("import")
def visits_import(
    files: Annotated[
        list[Path],
        typer.Argument(help="records of the map's export (.json), or sheets (.csv, .xlsx)"),
    ],
    into: Into,
    as_json: Json = False,
) -> None:
    """Enter inspectors' visits into the journal; the next run takes them up.

    A record is JSON as `seawatch schema visits` says; photographs lie beside it and are copied
    into photos/. A sheet has the same columns under English or Chinese headings
    (`seawatch tables visits`). A file enters whole or not at all; visits that are known
    already are not entered again. What is odd is said and kept, e.g. a photograph taken a
    kilometre or a day away. Leaves with 4 when some files were refused, 3 when all were.

    A record is signed where the device's key is enrolled: the form gives it to copy, and the
    file named as [visits] keys holds it beside the officer's code (`seawatch tables keys`).
    A record that names such a key without being signed by it is refused; any other has a
    checksum only, which finds slips and proves nothing of who wrote it.
    """
    from .workspace import open as open_workspace

    done = open_workspace(into).import_visits(files)
    for text in [*done.notes, *(said for why in done.refused.values() for said in why)]:
        print(f"seawatch: {text}", file=sys.stderr)
    lines = [f"{f}: {n} entered, {done.known[f]} known already" for f, n in done.entered.items()]
    lines += [f"{file}: refused" for file in done.refused]
    fields = {"entered": done.entered, "known": done.known, "refused": done.refused}
    _say(as_json, {**fields, "notes": done.notes}, lines)
    if done.refused:
        raise typer.Exit(4 if done.entered else 3)


@problems_app.command("import")
def problems_import(
    file: Annotated[
        Path, typer.Argument(help="a sheet (.csv, .xlsx); see `seawatch tables problems`")
    ],
    into: Into,
) -> None:
    """Enter problems to be put right into the journal, or what has changed of them.

    A row with `closed` and `signed_by` signs its problem off; a flag raised on the ground of
    its flags after that day opens it again. `seawatch cases` lists them.
    """
    from .workspace import open as open_workspace

    print(f"{open_workspace(into).import_problems(file)} entered")


@app.command("case")
def enter_case(
    flag: Annotated[str, typer.Argument(help="the flag's number")],
    event: Annotated[
        str | None,
        typer.Option(help="assigned, on_site, stopped, filed, decided, restored or closed"),
    ] = None,
    at: Annotated[str | None, typer.Option(help="the day it was done, 2026-11-25")] = None,
    by: Annotated[str | None, typer.Option(help="who did it")] = None,
    note: Annotated[str | None, typer.Option(help="in your words")] = None,
    into: Annotated[Path, typer.Option("--into", help="the workspace's folder")] = Path(),
    as_json: Json = False,
) -> None:
    """Enter what was done about a flag into the journal; without --event, print its timeline.

    Entered again with another day, the later entry counts; both are kept.
    """
    from .workspace import open as open_workspace

    space = open_workspace(into)
    if event or at or by or note:
        if not (event and at and by):
            raise UsageError("case: --event, --at and --by go together")
        news = space.enter_case(flag, event, at, by, note)
        print(f"{flag}: {event} on {at} entered" if news else f"{flag}: known already")
    _timeline(space, flag, as_json)


def _timeline(space: Any, flag: str, as_json: bool) -> None:
    """Print a flag's steps and what does not fit among them."""
    from .case import STEPS
    from .casebook import plain
    from .maps.words import word

    book = space.casebook(_day(None, space.project.timezone))
    rows = [row for row in plain(book.timelines) if row["flag_id"] == flag]
    if not rows:
        raise UsageError(f"{flag}: no such flag in {space.project.folder}; see flags.xlsx")
    late = [row for row in plain(book.breaches) if row["flag_id"] == flag]
    faults = [text for text in book.faults if text.startswith(f"{flag}:")]
    for text in faults:
        print(f"seawatch: {text}", file=sys.stderr)
    lines = [f"{word('step_' + s, space.project.language)}  {rows[0][s] or '-'}" for s in STEPS]
    visits = [row for row in plain(book.visits) if row["flag_id"] == flag]
    lines += [_visited(row, space.project.language) for row in visits]
    lines += [_late(row, space.project.language) for row in late]
    _say(as_json, {**rows[0], "visits": visits, "breaches": late, "faults": faults}, lines)


def _visited(row: dict[str, Any], language: str) -> str:
    from .maps.words import word

    said = [row["visited_at"], row["by"], word(f"verdict_{row['verdict']}", language)]
    said += [word(f"proof_{row['proof']}", language)] if row["proof"] else []
    return f"{word('visit', language)}  {', '.join(said)}"


def _late(row: dict[str, Any], language: str) -> str:
    basis = row["basis_zh" if language == "zh" else "basis_en"]
    state = f"done {row['done']}" if row["done"] else "not done"
    return f"overdue: {row['flag_id']} {row['deadline']} due {row['due']}, {state} ({basis})"


@app.command("cases")
def list_cases(workspace: WorkspaceArgument = Path(), on: On = None, as_json: Json = False) -> None:
    """List what is overdue, how long things take, problems from above, and what does not fit.

    Medians are of interval-censored times from the act on, in days; an act is known to lie
    between two looks only, so that a median is an interval too.
    """
    from .workspace import open as open_workspace

    space = open_workspace(workspace)
    book = space.casebook(_day(on, space.project.timezone))
    fields = book.fields()
    for text in book.faults:
        print(f"seawatch: {text}", file=sys.stderr)
    lines = [_late(row, space.project.language) for row in fields["breaches"]]
    for by, rows in fields["medians"].items():
        lines += [
            f"{'all' if by == 'all' else f'{by} {r[by]}'}: "
            f"{r['delay']} {_days(r['low'], r['high'])} "
            f"({r['ended']} of {r['flags']} ended)"
            for r in rows
        ]
    lines += [
        f"problem {r['problem_id']}: {r['state']}, due {r['deadline']} {r['unit']} {r['person']} "
        f"{r['again']}".rstrip()
        for r in fields["problems"]
    ]
    lines += [f"visits disagree: {flag}" for flag in fields["contradicted"]]
    _say(as_json, {"on": book.on, **fields}, lines or ["nothing is overdue"])


def _days(low: float | None, high: float | None) -> str:
    """From the least to the most; None: without an end, as nothing has ended yet."""
    if low is None:
        return "not known yet"
    if high is None:
        return f"{low:.0f} days or more"
    return f"{low:.0f} days" if round(low) == round(high) else f"{low:.0f} to {high:.0f} days"


@lab_app.command("simulate")
def lab_simulate(
    folder: Annotated[Path, typer.Argument(help="the new workspace's folder")],
    seed: Annotated[int, typer.Option(help="another number, another coast story")] = 1,
    weeks: Annotated[int, typer.Option(min=1, help="how many runs it is made for")] = 3,
    scenario: Annotated[
        str,
        typer.Option(
            help="ordinary, varied, quiet, tide_only, ships_only, cloudy, steep, flat, noisy, "
            "turbid or summer"
        ),
    ] = "ordinary",
    size_km: Annotated[float, typer.Option(min=1, help="side of the square window")] = 12,
    radar: Annotated[bool, typer.Option("--radar", help="a radar scene a week too")] = False,
    drone: Annotated[
        str, typer.Option(help="drone-rgb, drone-multispectral or none")
    ] = "drone-rgb",
    drone_pixel_m: Annotated[float, typer.Option(help="pixel of its mosaics")] = 0.3,
) -> None:
    """Build a workspace over the sample coast with planted events; prints its run days."""
    from .lab.demo import simulated_days
    from .lab.drone import Drone

    with _progress(2 + 2 * weeks, "simulate") as progress:
        days = simulated_days(
            folder,
            seed=seed,
            weeks=weeks,
            scenario=scenario,
            size_km=size_km,
            radar=radar,
            drone=drone != "none" and Drone(drone, drone_pixel_m),
            progress=progress,
        )
    for day in days:
        print(day)


@lab_app.command("score")
def lab_score(
    workspace: Annotated[Path, typer.Argument(help="a simulated workspace that was run")],
    truth: Annotated[Path, typer.Argument(help="its truth.gpkg")],
    as_json: Json = False,
) -> None:
    """Compare the flags of every run with what was planted."""
    from .lab.score import score_workspace

    table = score_workspace(workspace, truth)
    _say(as_json, {"rows": table.to_dict("records")}, [table.to_string(index=False)])


@app.command()
def rules(
    rule: Annotated[str | None, typer.Argument(help="one rule")] = None,
    markdown: Annotated[bool, typer.Option(help="the law table: docs/law.md")] = False,
    language: Annotated[str, typer.Option("--lang", help="zh or en")] = "en",
    as_json: Json = False,
) -> None:
    """List the rules, or explain one: what it flags, its limits, its dated law, what it costs.

    Each provision has its dates, region, source and grade: H read in the text, M secondary,
    L unverified. Local law counts where `[law]` in seawatch.toml names the place.
    """
    from . import rulebook

    if markdown:
        from .lawpage import law_page

        return print(law_page())
    lang = _language(language) or "en"
    if rule:
        return _say(as_json, rulebook.rule_fields(rule), [rulebook.explain_rule(rule, lang)])
    every = [rulebook.rule_fields(name) for name in rulebook.rule_ids()] if as_json else []
    return _say(as_json, {"rules": every}, [rulebook.list_rules(lang)])


@app.command()
def tables(
    table: Annotated[str | None, typer.Argument(help="one table")] = None,
    markdown: Annotated[bool, typer.Option(help="the data dictionary of the layers")] = False,
) -> None:
    """List the tables, or explain one: every column, its type and what may stand in it."""
    from .explain import dictionary, explain_table, list_tables

    print(dictionary() if markdown else explain_table(table) if table else list_tables())


@app.command()
def sensors() -> None:
    """List the sensors: bands, resolution, position error, masks."""
    from .explain import list_sensors

    print(list_sensors())


@app.command()
def schema(
    what: Annotated[str, typer.Argument(help="settings (seawatch.toml) or visits")] = "settings",
) -> None:
    """Print a JSON Schema: of seawatch.toml for editors, or of the record of visits."""
    from .io import fieldrecord, settings

    known = {"settings": settings.json_schema, "visits": fieldrecord.json_schema}
    if what not in known:
        raise UsageError(f"schema {what}: use one of {', '.join(known)}")
    print(known[what]())
