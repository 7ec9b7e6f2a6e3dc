"""seawatch.toml: read, and written for a new workspace."""

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from .. import fees, law
from ..errors import InputRefused, UsageError
from ..layers import Layers
from ..liability import MODES_OF, Jurisdiction
from ..project import Project, Settings, settings_from
from ..tables import LAYERS
from ..tides import Gauge, Harmonics, Tides
from . import gateway, harmonics
from .fees import read_fees
from .files import aside, plain_file, text_of

FILE = "seawatch.toml"

TEMPLATE = """\
# What seawatch supervises, and with what. `seawatch check` says what is wrong here.

[project]
name = "{name}"
crs = "EPSG:4549"            # projected, metres: the 3-degree zone of your coast
cycle = "weekly"             # or "half-month" (21st-5th, 6th-20th)
language = "zh"              # or "en"
timezone = "Asia/Shanghai"   # days and weeks are counted here
# area = "layers/area.gpkg"  # the area of interest; default: what scenes and layers span

[layers]
# One file each (GeoPackage, Shapefile, GeoJSON, KML, File GDB, DXF, FlatGeobuf, GeoParquet, CSV,
# XLSX; zipped or not). A layer you do not have stands in `absent`; its rules are then "not
# judged" on every map. Columns, by name or by their Chinese names: `seawatch tables permits`.
# What a register needs repaired, `seawatch layers import` repairs, and keeps the record.
permits = "layers/permits.gpkg"
coastline = "layers/coastline.gpkg"
# islands = {{ path = "layers/islands.shp", rename = {{ "编号" = "island_id" }} }}
absent = ["islands", "zones", "duty", "known"]

[scenes]
folders = ["scenes"]         # filled by `seawatch scenes add`
# keep = true                # copy the rasters of a run into inputs/ too, not only their sha256

[tide]
# gauge = "tide.csv"         # columns time (ISO 8601 with zone) and height_m
# constituents = "port.json" # harmonics of the nearest port (TICON's form), metres and degrees
#                            # of Greenwich; used for instants the gauge lacks
# slope = 0.05               # rise over run of the shore where no segment is near

[law]
# province = "山东省"         # its own law is shown and counted beside the nation's
# city = "威海市"
# sea_grade = 3              # of the fee tables, 1-6; [3, 4] where it differs; without it no
#                            # liability is given where it depends on a fee
# fees = "fees.csv"          # fees in place of the shipped, unverified ones (`seawatch rules`)

[ledger]
# entries = "layers/shoreline.gpkg"  # coast occupied and restored: `seawatch tables shoreline`
# floor = 0.45               # least share of natural coast, in place of the law's

# [patrol]                   # orders for what no scene shows
# within_m = 1000            # farther from every layer than this is out of scope
# swath_m = 200              # the strip the drone sees, and how far it flies on a battery
# battery_m = 12000

# [reports]
# sheets = true              # an inspection sheet (PDF) for each flag new or open, 0.5 s each
# font = "fonts/simhei.ttf"  # with Chinese letters; without it one of this machine's is looked for

# [visits]
# keys = "keys.csv"          # officers' public keys: columns by, key (`seawatch tables keys`)

# [public]                   # `seawatch map --audience public`; the policy: seawatch/audience.py
# approval = "鲁S（2026）001号" # the map's approval number (审图号); without it there is none
# position_m = 100           # places and pictures are shown no more finely, m; the defaults
# image_m = 10               # (these) are unverified: ask your surveying authority
# embargo = 2026-10-01       # flags first seen later are not shown, nor any before its case is
#                            # decided (`seawatch case FLAG --event decided`)
# withhold_kinds = ["redline"]  # kinds of zone, and zones by number, on which nothing is shown,
# withhold_zones = ["Z-17"]     # besides base points and military permits
# show = ["islands.name"]    # or zones.name, permits.permit_id: no other text is ever shown

# [rules.no_permit]          # `seawatch rules no_permit` explains its limits
# min_area_m2 = 400
"""


def read_project(folder: Path) -> Project:
    """The workspace in `folder`.

    Raises
    ------
    UsageError
        If there is no seawatch.toml, or it says something that means nothing.
    """
    path = folder / FILE
    if not path.is_file():
        raise UsageError(
            f"{path}: no such file; name a workspace's folder, or make one with "
            f"`seawatch init {folder}`"
        )
    try:
        fields = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    return Project(folder=folder.resolve(), settings=settings_from(fields, path))


def still_as_read(project: Project) -> None:
    """Nothing, if seawatch.toml still says what `project` was made from.

    Raises
    ------
    UsageError
        If it was written to since.
    """
    now = read_project(project.folder).with_cycle(project.settings.project.cycle)
    if now.settings != project.settings:
        raise UsageError(f"{project.folder / FILE}: changed since it was read; open it again")


def write_project(folder: Path) -> Path:
    """A new workspace: its settings, commented, and empty folders."""
    path = folder / FILE
    if path.exists():
        raise UsageError(f"{path}: there is a workspace already")
    for name in ("layers", "scenes", "runs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with aside(path) as hidden:
        hidden.write_text(TEMPLATE.format(name=folder.resolve().name), "utf-8")
    return path


def json_schema() -> str:
    """The JSON Schema of seawatch.toml, for editors."""
    return json.dumps(Settings.model_json_schema(), indent=2, ensure_ascii=False)


def layer_files(project: Project) -> dict[str, Path]:
    """The file of every layer that has one."""
    given = {table.name: getattr(project.settings.layers, table.name) for table in LAYERS}
    return {name: project.path(file.path) for name, file in given.items() if file}


def files(project: Project) -> list[Path]:
    """Every file the settings name that is there, and the settings themselves."""
    tide = project.settings.tide
    chosen = [
        tide.gauge,
        tide.constituents,
        project.settings.project.area,
        project.settings.law.fees,
        project.settings.visits.keys,
    ]
    named = [*layer_files(project).values(), *(project.path(name) for name in chosen if name)]
    return [project.folder / FILE, *(path for path in named if path.exists())]


def read_layers(project: Project) -> Layers:
    """Every layer, checked and in the project's CRS.

    Raises
    ------
    InputRefused
        With everything that is wrong in all of them.
    """
    return bring_layers(project)[0]


def bring_layers(project: Project) -> tuple[Layers, list[dict[str, Any]]]:
    """Every layer as `read_layers` gives it, and the record of how each came in."""
    tables: dict[str, gpd.GeoDataFrame] = {}
    records: list[dict[str, Any]] = []
    problems: list[str] = []
    asked = []
    for table in LAYERS:
        file = getattr(project.settings.layers, table.name)
        if file is None:
            tables[table.name] = table.empty(project.crs)
            continue
        how = gateway.Reading(file.rename, file.encoding, file.layer, file.values, file.crs)
        asked.append((project.path(file.path), table, how))
    for (_, table, _), brought in zip(asked, gateway.bring_all_in(asked, project.crs), strict=True):
        if isinstance(brought, InputRefused):
            problems += brought.problems
        else:
            tables[table.name] = brought.frame
            records.append(brought.record)
    problems += _strays(tables, layer_files(project))
    if problems:
        raise InputRefused(problems)
    return Layers(**tables, absent=frozenset(project.settings.layers.absent)), records


NEIGHBOUR_M = 100_000.0
"""Layers of one coast lie no farther apart than this; one that does is in the wrong CRS."""


def _strays(tables: dict[str, gpd.GeoDataFrame], files: dict[str, Path]) -> list[str]:
    hulls = {n: shapely.box(*t.total_bounds) for n, t in tables.items() if len(t)}
    strays = []
    for name, hull in hulls.items():
        others = [other for key, other in hulls.items() if key != name]
        if len(others) >= 2 and min(hull.distance(other) for other in others) > NEIGHBOUR_M:
            strays.append(
                f"{files[name]} ({name}): lies more than {NEIGHBOUR_M / 1000:.0f} km from every "
                "other layer; is its CRS the one it says?"
            )
    return strays


def read_area(project: Project) -> shapely.Geometry | None:
    """The area of interest in the project's CRS, or None where none is named."""
    if project.settings.project.area is None:
        return None
    path = project.path(project.settings.project.area)
    frame = gateway.as_it_stands(path)
    if frame.empty or frame.crs is None:
        raise InputRefused(f"{path}: no polygon with a CRS; draw the area of interest")
    return frame.to_crs(project.crs).union_all()


def read_tides(project: Project) -> Tides:
    """What is known of the tide: a gauge, constituents, both or neither.

    Raises
    ------
    InputRefused
        With everything that is wrong in both files.
    """
    problems: list[str] = []
    known: dict[str, Any] = {}
    for name, read in (("gauge", read_gauge), ("harmonics", read_harmonics)):
        try:
            known[name] = read(project)
        except InputRefused as fault:
            problems += fault.problems
    if problems:
        raise InputRefused(problems)
    return Tides(**known)


def read_jurisdiction(project: Project) -> Jurisdiction:
    """Where the workspace lies: whose law holds, its sea grades, its fees.

    Raises
    ------
    InputRefused
        With everything that is wrong in its own table of fees.
    """
    said = project.settings.law
    rows = read_fees(project.path(said.fees) if said.fees else None)
    return Jurisdiction(project.where, said.sea_grade, rows)


def law_notices(project: Project) -> list[str]:
    """What should be known of the law where `[law]` names a place or a sea grade."""
    said, place = project.settings.law, read_jurisdiction(project)
    notices = [
        f"law: nothing of {name}'s own law is on file; the nation's alone is used"
        for name in (said.province, said.city)
        if name and name not in law.REGIONS
    ]
    modes = sorted({mode for kind in MODES_OF.values() for mode in kind})
    if place.sea_grades:
        notices += fees.notices(place.by_mode, modes, law.TEXT_AS_OF)
    return notices


MOST_HEIGHT_M = 30.0
"""No tide goes so far from any zero it is counted from; heights in centimetres do."""


def read_gauge(project: Project) -> Gauge | None:
    """The tide gauge's record, or None where none is named.

    Raises
    ------
    InputRefused
        Naming the rows whose time or height cannot be read.
    """
    if project.settings.tide.gauge is None:
        return None
    path = plain_file(project.path(project.settings.tide.gauge))
    rows, cells = _gauge_rows(path)
    texts, numbers = pd.Series(cells[0]), pd.Series(cells[1])
    zoned = texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", na=False)
    times = pd.to_datetime(texts.where(zoned), utc=True, errors="coerce", format="ISO8601")
    heights = pd.to_numeric(numbers, errors="coerce")
    bad = times.isna() | ~heights.between(-MOST_HEIGHT_M, MOST_HEIGHT_M)
    if bad.any():
        at = int(bad.to_numpy().argmax())
        raise InputRefused(
            f"{path}: row {rows[at]}: '{texts[at]}', '{numbers[at]}' is no time with "
            f"its zone and height in metres, {-MOST_HEIGHT_M:g} to {MOST_HEIGHT_M:g} "
            f"({int(bad.sum())} rows); e.g. 2026-11-23T08:00:00+08:00"
        )
    twice = times.duplicated() & ~pd.DataFrame({"t": times, "h": heights}).duplicated()
    if twice.any():
        at = int(twice.to_numpy().argmax())
        raise InputRefused(
            f"{path}: row {rows[at]}: another height at '{texts[at]}' than a row before has "
            f"({int(twice.sum())} rows); delete the wrong one"
        )
    order = times.argsort(kind="stable")
    utc = times.dt.tz_localize(None).to_numpy("datetime64[ms]")
    return Gauge(utc[order], heights.to_numpy("float64")[order])


def _gauge_rows(path: Path) -> tuple[list[int], tuple[list[str], list[str]]]:
    """The lines that rows end in, and the cells of both columns, as text."""
    numbers: list[int] = []
    cells: tuple[list[str], list[str]] = ([], [])
    try:
        rows = csv.reader(io.StringIO(text_of(path), newline=""))
        heads = [head.strip() for head in next(rows, [])]
        if any(heads.count(name) != 1 for name in ("time", "height_m")):
            raise InputRefused(
                f"{path}: needs the columns time and height_m, once each, with commas between"
            )
        places = heads.index("time"), heads.index("height_m")
        for row in rows:
            if any(cell.strip() for cell in row):
                numbers.append(rows.line_num)
                for column, at in zip(cells, places, strict=True):
                    column.append(row[at].strip() if at < len(row) else "")
    except csv.Error as error:
        raise InputRefused(f"{path}: not CSV: {error}; export it again") from None
    if not numbers:
        raise InputRefused(f"{path}: no rows below the headings")
    return numbers, cells


def read_harmonics(project: Project) -> Harmonics | None:
    """The harmonic constituents, or None where none are named.

    Raises
    ------
    InputRefused
        Naming the keys that cannot be trusted.
    """
    name = project.settings.tide.constituents
    return None if name is None else harmonics.read_harmonics(project.path(name))
