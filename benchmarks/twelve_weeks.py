"""Twelve weeks of one stretch of coast, told by hand first, then rendered, run and compared.

    uv run python benchmarks/twelve_weeks.py

A fill (F) that grows in week 11, longlines (R) towed away in week 7 and back in week 11, two
barges moored side by side (B) in weeks 2 and 3, and a lawful fill (L). Clouds over the west in
week 3, over all in week 9; no scene in week 10. A drone over F a month before and in week 5,
officers on site in weeks 4 and 8, the west handed over from Li to Wang in week 6, a problem of an
inspection that names F. `TOLD` says what each week's run must come to; what comes out otherwise
is printed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from seawatch.geo import LONLAT
from seawatch.io.fieldrecord import checksum
from seawatch.io.strict import canonical
from seawatch.io.vectors import write_file, write_table
from seawatch.lab.coast import Coast, build_coast, window_grid
from seawatch.lab.drone import Drone, drone_scene
from seawatch.lab.events import EVENT_COLUMNS, Plan
from seawatch.lab.ground import Ground, build_ground
from seawatch.lab.looks import Look, satellite_scene
from seawatch.lab.scenario import Scenario
from seawatch.lab.sea import tide_m
from seawatch.lab.sky import Sky
from seawatch.run import Run
from seawatch.tables import COASTLINE, DUTY, PERMITS, Table
from seawatch.workspace import Workspace
from seawatch.workspace import open as open_workspace

CRS = "EPSG:4549"
WEST, SOUTH, SIZE_M = 687_200, 4_152_900, 2_400  # a window on the bay of Weihai; land in the west
# so little tide that no ground is told from another by it: what grows is of one piece
SCENARIO = Scenario(
    "told", "nothing but what is told", missed=0.0, ship_factor=0.0, tide_factor=0.1
)
START = date(2026, 11, 9)
YEAR_BEFORE, SUMMER = date(2025, 11, 11), date(2026, 8, 25)  # two looks before anything stands
FLOWN_BEFORE = date(2026, 10, 10)  # and the drone's


def day(week: int, plus: int = 0) -> date:
    """The day of a week's run, and some days on."""
    return START + timedelta(days=7 * (week - 1) + plus)


def at(west: float, south: float, east: float, north: float) -> Polygon:
    """A rectangle of the window, metres from its corner."""
    return box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


AREA, EAST = at(100, 100, 2300, 2300), at(1200, 0, 2400, 2400)
CLOUDED = at(0, 0, 1200, 2400)  # in week 3


@dataclass(frozen=True)
class Act:
    """Something that stands from one week's scene up to another's, the last not included."""

    kind: str
    shape: Polygon
    since: int
    until: int = 99


ACTS = {
    "F": Act("land_gained", at(330, 1600, 520, 1700), 1),
    "F grown": Act("land_gained", at(500, 1600, 640, 1700), 11),
    "R": Act("raft", at(1500, 1500, 1720, 1640), 1, 7),
    "R back": Act("raft", at(1500, 1500, 1720, 1640), 11),
    "B": Act("structure", at(1800, 900, 1890, 960), 2, 4),
    "L": Act("land_gained", at(620, 960, 800, 1060), 1),
}
SKIES = {3: CLOUDED, 9: at(0, 0, 2400, 2400)}
NO_SCENE = (10,)
FLIGHT, VISITS, HANDOVER = 5, (4, 8), 6


@dataclass(frozen=True)
class Told:
    """What a week's run must come to, by the names of the acts.

    status, level : of every flag there is. visits : flags officers are sent to, by officer.
    ordered : ground to be flown over, of the area, 0-1; waited : days since it was seen.
    problem : state of the problem, once it is there.
    """

    status: dict[str, str]
    level: dict[str, str]
    visits: dict[str, str]
    ordered: float = 0.0
    waited: int | None = None
    problem: str | None = None


_HALF, _ALL = 1100 / 2200, 1.0
TOLD = {
    # seen once: land joined to the shore counts, longlines may be gone tomorrow
    1: Told({"F": "new"}, {"F": "low"}, {"F": "li"}),
    # two days make a flag high
    2: Told({"F": "open", "R": "new"}, {"F": "high", "R": "high"}, {"F": "li", "R": "zhao"}),
    # the west lies under cloud since the Sunday of week 2, eight days before the run
    3: Told(
        {"F": "unseen", "R": "open", "B": "new"},
        {"F": "high", "R": "high", "B": "high"},
        {"F": "li", "R": "zhao", "B": "zhao"},
        _HALF,
        8,
    ),
    # Li confirms F on site; Zhao finds that B were ships, and they are gone
    4: Told(
        {"F": "open", "R": "open", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {"R": "zhao"},
    ),
    5: Told(
        {"F": "open", "R": "open", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {"R": "zhao"},
    ),
    6: Told(
        {"F": "open", "R": "open", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {"R": "zhao"},
    ),
    7: Told(
        {"F": "open", "R": "cleared", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {},
    ),
    # Wang has dealt with F
    8: Told(
        {"F": "settled", "R": "cleared", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {},
        problem="open",
    ),
    9: Told(
        {"F": "settled", "R": "cleared", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {},
        _ALL,
        8,
        "closed",
    ),
    10: Told(
        {"F": "settled", "R": "cleared", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {},
        _ALL,
        15,
        "closed",
    ),
    # F has grown since it was settled: opened again, and nobody has seen what it is now
    11: Told(
        {"F": "open", "R": "cleared", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {"F": "wang"},
        problem="reopened",
    ),
    # and the longlines were there on two days
    12: Told(
        {"F": "open", "R": "open", "B": "settled"},
        {"F": "highest", "R": "high", "B": "high"},
        {"F": "wang", "R": "zhao"},
        problem="reopened",
    ),
}
"""By hand, from what is planted and entered; not from what came out."""

STEPS = {
    8: {
        "F": {
            "last_clear": FLOWN_BEFORE,  # known since the drone is looked at, in week 5
            "first_clear": day(1, -1),
            "detected": day(1),
            "on_site": day(4, -3),
            "stopped": day(4, -2),
            "filed": day(5, -1),
            "decided": day(7, -1),
            "closed": day(8, -2),
        },
        "R": {
            "last_clear": SUMMER,
            "first_clear": day(1, -1),
            "detected": day(2),
            "closed": day(7),
            "gone": day(7),
        },
        "B": {
            "last_clear": day(1, -1),
            "first_clear": day(2, -1),
            "detected": day(3),
            "on_site": day(4, -3),
            "closed": day(4, -3),
        },
    },
    12: {
        # open again, as it has grown: the same act, not closed
        "F": {
            "last_clear": FLOWN_BEFORE,
            "first_clear": day(1, -1),
            "detected": day(1),
            "on_site": day(4, -3),
            "stopped": day(4, -2),
            "filed": day(5, -1),
            "decided": day(7, -1),
        },
        # back, last not seen in week 8: another act
        "R": {
            "last_clear": day(8, -1),
            "first_clear": day(11, -1),
            "detected": day(12),
        },
    },
}
"""Every dated step of each flag's case, on the day of a run."""
EDGE = 80 / 2200
"""Cover is told in cells of eight pixels, and one with a cloud in it is not seen."""
MAY_ERR = {"F": 0.15, "R": 0.25, "B": 0.4}
"""By how much of its true area a flag may err when it is raised; B is nine pixels by six."""
DRAWN_BY_DRONE = 0.02
"""And by how much F may, from the drone's week until it has grown."""


class Stretch:
    """The coast, its workspace, and what happens there week by week."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("layers", "scenes", "sent"):
            (folder / name).mkdir(parents=True)
        middle = (WEST + SIZE_M / 2, SOUTH + SIZE_M / 2)
        grid = window_grid(middle, SIZE_M, 10.0, CRS)
        self.coast = build_coast(grid, tide_factor=SCENARIO.tide_factor)
        self.rng = np.random.default_rng(12)
        self.ground = build_ground(self.coast, self.rng)
        self._lay_out()
        for taken in (YEAR_BEFORE, SUMMER):
            self.look(taken, 0)
        self.space: Workspace = open_workspace(folder)

    def _lay_out(self) -> None:
        everywhere = "surface,water,seabed,subsoil"
        permit = {
            "permit_id": "L-1", "holder": "L", "scheme": "hy/t-123-2009", "use_type": "71",
            "use_mode": "11", "strata": everywhere, "valid_from": "2026-01-01",
            "valid_to": "2060-12-31", "authority": "国务院",
        }  # fmt: skip
        post = {"post": "p", "duty": "d", "valid_from": "2020-01-01"}
        cells = [
            {"grid_id": "W1", "officer": "li", "valid_to": day(HANDOVER, -1).isoformat(), **post},
            {"grid_id": "W2", "officer": "wang", "valid_to": None,
             **post, "valid_from": day(HANDOVER).isoformat()},
            {"grid_id": "E", "officer": "zhao", "valid_to": None, **post},
        ]  # fmt: skip
        permitted = ACTS["L"].shape.buffer(60, join_style="mitre")
        west = at(0, 0, 1200, 2400)
        self._layer(PERMITS, [permit], [permitted])
        self._layer(DUTY, cells, [west, west, EAST])
        lines = COASTLINE.check(self.coast.coastline)
        write_file(self.folder / "layers" / "coastline.gpkg", {"coastline": (lines, COASTLINE)})
        area = gpd.GeoDataFrame({"name": ["told"]}, geometry=[AREA], crs=CRS)
        write_table(self.folder / "layers" / "area.gpkg", "area", area)
        names = ("permits", "coastline", "duty")
        layers = "\n".join(f'{name} = "layers/{name}.gpkg"' for name in names)
        (self.folder / "seawatch.toml").write_text(
            f'[project]\nname = "told"\ncrs = "{CRS}"\narea = "layers/area.gpkg"\n'
            f'timezone = "Asia/Shanghai"\n[layers]\n{layers}\n'
            'absent = ["islands", "zones", "known"]\n[tide]\ngauge = "tide.csv"\n'
            "[patrol]\nwithin_m = 5000\n",
            "utf-8",
        )
        hours = np.arange(np.datetime64(YEAR_BEFORE, "h") - 24, np.datetime64(day(13), "h"))
        rows = [
            f"{h}:00Z,{m:.3f}"
            for h, m in zip(hours, tide_m(hours, SCENARIO.tide_factor), strict=True)
        ]
        (self.folder / "tide.csv").write_text("\n".join(["time,height_m", *rows, ""]))

    def _layer(self, table: Table, rows: list[dict[str, Any]], shapes: list[Polygon]) -> None:
        checked = table.check(gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS))
        write_file(self.folder / "layers" / f"{table.name}.gpkg", {table.name: (checked, table)})

    def standing(self, week: int, coast: Coast) -> Plan:
        """What stands in a week, outside the land."""
        acts = [act for act in ACTS.values() if act.since <= week < act.until]
        rows = [
            {"event_id": str(n), "kind": act.kind, "rules": "", "lawful": "no",
             "happened": pd.Timestamp(YEAR_BEFORE), "area_m2": act.shape.area, "seasonal": "no",
             "bearing_deg": 90.0, "tone": 1.0, "built": None,
             "geometry": act.shape.difference(self.coast.land)}
            for n, act in enumerate(acts)
        ]  # fmt: skip
        events = gpd.GeoDataFrame(rows, columns=EVENT_COLUMNS, geometry="geometry", crs=CRS)
        events["happened"] = events.happened.astype("datetime64[ms]")
        return Plan(events, PERMITS.empty(CRS), PERMITS.empty(CRS))

    def look(self, taken: date, week: int) -> None:
        """A satellite scene of a day, showing what stands in a week, under that week's sky."""
        instant = datetime.combine(taken, time(2, 45), UTC)
        look = Look(f"S2-{taken:%Y%m%d}", instant, 0.0)
        plan, sky = self.standing(week, self.coast), self._sky(SKIES.get(week))
        args = (self.folder, self.coast, self.ground, plan, look, self.rng, SCENARIO)
        satellite_scene(*args, sky=sky)

    def _sky(self, clouded: Polygon | None) -> Sky:
        cloud = np.zeros((self.coast.grid.height, self.coast.grid.width), np.float32)
        if clouded is not None:
            columns, rows = self.coast.grid.pixel(*np.array(clouded.exterior.coords).T)
            cloud[int(rows.min()) : int(rows.max()), int(columns.min()) : int(columns.max())] = 1
        return Sky(cloud, np.zeros_like(cloud), np.ones_like(cloud), cloud.astype(np.uint8))

    def fly(self) -> None:
        """A drone's two orthomosaics over F, of before and of the week's Saturday."""
        middle = ACTS["F"].shape.centroid
        grid = window_grid((middle.x + 20, middle.y), 300, 0.5, CRS)
        coast = build_coast(grid, tide_factor=SCENARIO.tide_factor)
        ground: Ground = build_ground(coast, self.rng)
        for taken, week in ((FLOWN_BEFORE, 0), (day(FLIGHT, -2), FLIGHT)):
            plan = self.standing(week, coast)
            drone = Drone("drone-rgb", 0.5)
            drone_scene(self.folder, coast, ground, plan, taken, self.rng, SCENARIO, drone)

    def visit(self, week: int, names: dict[str, str]) -> None:
        """The officers' records of a week, imported the day after they were made."""
        found = {
            4: [("F", "suspected", None, "li"), ("B", "false_change", "ship", "zhao")],
            8: [("F", "already_handled", None, "wang")],
        }[week]
        on = day(week, -3) if week == 4 else day(week, -2)
        rows = []
        for name, verdict, cause, by in found:
            place = gpd.GeoSeries([ACTS[name].shape.centroid], crs=CRS).to_crs(LONLAT)[0]
            rows.append(
                {"flag_id": names[name], "visited_at": f"{on}T10:00:00+08:00",
                 "verdict": verdict, "by": by,
                 "position": {"lon": round(place.x, 6), "lat": round(place.y, 6)}}
                | ({"cause": cause} if cause else {})
            )  # fmt: skip
        record = {"format": "seawatch-visits", "version": 1, "project": "told", "visits": rows}
        path = self.folder / "sent" / f"week{week}.json"
        path.write_bytes(canonical({**record, "checksum": checksum(record)}))
        done = self.space.import_visits([path], recorded=_noon(on + timedelta(days=1)))
        assert not done.refused, done.refused

    def enter(self, week: int, names: dict[str, str]) -> None:
        """What people did about F before a week's run, and the problem that names it."""
        steps = {4: ("stopped", day(4, -2)), 5: ("filed", day(5, -1)), 7: ("decided", day(7, -1))}
        if week in steps:
            event, on = steps[week]
            self.space.enter_case(names["F"], event, str(on), "li", recorded=_noon(on))
        problem = {
            "problem_id": "P-1", "problem": "fill", "source": "inspection", "unit": "u",
            "person": "wang", "goal": "g", "measures": "m", "deadline": str(day(12)),
            "flags": names.get("F", ""),
        }  # fmt: skip
        signed = {"closed": str(day(9, -1)), "signed_by": "director"}
        if week in (8, 9):
            path = self.folder / "sent" / f"problems{week}.csv"
            row = problem | (signed if week == 9 else {})
            pd.DataFrame([row]).to_csv(path, index=False)
            self.space.import_problems(path, recorded=_noon(day(week, -1)))

    def week(self, week: int, names: dict[str, str]) -> Run:
        """Everything of a week, and its run."""
        if week not in NO_SCENE:
            self.look(day(week, -1), week)
        if week == FLIGHT:
            self.fly()
        if week in VISITS:
            self.visit(week, names)
        self.enter(week, names)
        return self.space.run(day(week))


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(4), UTC)


def name_flags(flags: gpd.GeoDataFrame, names: dict[str, str]) -> dict[str, str]:
    """The numbers of the acts: an act keeps the first flag raised on its ground."""
    found = dict(names)
    for name in ("F", "R", "B"):
        share = flags.intersection(ACTS[name].shape).area / flags.area
        here = flags[share > 0.5]
        if name not in found and len(here):
            found[name] = here.flag_id.iloc[0]
    return found


def differences(stretch: Stretch, run: Run, week: int, names: dict[str, str]) -> Iterator[str]:
    """What came out otherwise than told."""
    told, flags = TOLD[week], run.flags.set_index("flag_id")
    called = {number: name for name, number in names.items()}

    def by_name(series: pd.Series) -> dict[str, Any]:
        return {called.get(number, number): value for number, value in series.items()}

    yield from _unlike("status", told.status, by_name(flags.status))
    yield from _unlike("level", told.level, by_name(flags.level))
    if "F" in names:
        yield from _unlike("rule of F", "fill_no_permit", flags.rule[names["F"]])
    west = "li" if week < HANDOVER else "wang"
    owners = {name: "wang" if name == "F" else "zhao" for name in told.status}
    yield from _unlike("owner", owners | ({"F": west}), by_name(flags.owner))
    moved = [{"flag_id": names["F"], "from": "li", "to": "wang"}] if week == HANDOVER else []
    yield from _unlike("handovers", moved, run.manifest["handovers"])
    routes = run.patrols[run.patrols["mode"] == "visit"].set_index("flag_id").owner
    yield from _unlike("sent to", told.visits, by_name(routes))
    yield from _ground(run, week)
    yield from _areas(flags, week, names, stretch.coast.land)
    book = stretch.space.casebook(day(week))
    states = list(book.problems.state)
    yield from _unlike("problem", [told.problem] if told.problem else [], states)
    yield from _unlike("breaches", 0, len(book.breaches))
    yield from _unlike("faults", [], book.faults)
    yield from _unlike("record", [], stretch.space.verify().faults)
    table = book.timelines.set_index("flag_id")
    for name, steps in STEPS.get(week, {}).items():
        row = table.loc[names[name]]
        dated = {s: row[s].date() for s in _steps(table) if not pd.isna(row[s])}
        yield from _unlike(f"timeline of {name}", steps, dated)


def _areas(
    flags: gpd.GeoDataFrame, week: int, names: dict[str, str], land: BaseGeometry
) -> Iterator[str]:
    """Areas of what is new, and of what the drone has drawn, against the truth."""
    told = {name: MAY_ERR[name] for name in names if flags.status[names[name]] == "new"}
    if FLIGHT <= week < ACTS["F grown"].since:
        told["F"] = DRAWN_BY_DRONE
    for name, share in told.items():
        true_m2 = ACTS[name].shape.difference(land).area
        found_m2 = flags.excess_m2[names[name]]
        if abs(found_m2 / true_m2 - 1) > share:
            yield f"area of {name}: {true_m2:.0f} m² in truth, found {found_m2:.0f}"


def _steps(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if table[name].dtype.kind == "M"]


def _ground(run: Run, week: int) -> Iterator[str]:
    """What was ordered to be flown over, and how long it has waited."""
    told = TOLD[week]
    waiting = run.ground[run.ground.state == "ordered"]
    share = waiting.union_all().area / AREA.area if len(waiting) else 0.0
    if not told.ordered <= share <= told.ordered + EDGE:
        yield f"ordered: told {told.ordered:.2f} of the area, found {share:.3f}"
    if told.ordered:
        days = waiting.loc[waiting.area_m2.idxmax(), "days"]
        yield from _unlike("waited, days", told.waited, int(days))
    flown = run.patrols[run.patrols["mode"] == "drone"].union_all().area
    if abs(flown - share * AREA.area) > 0.001 * AREA.area:
        yield f"flights: {flown:.0f} m² of {share * AREA.area:.0f} m² ordered"
    yield from _unlike("valid cover", told.ordered <= 0.3, run.manifest["cover"]["valid"])


def _unlike(what: str, told: object, found: object) -> Iterator[str]:
    if told != found:
        yield f"{what}: told {told}, found {found}"


def compare(folder: Path, weeks: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Each week's differences, in turn."""
    stretch, names = Stretch(folder), {}
    for week in weeks:
        run = stretch.week(week, names)
        names = name_flags(run.flags, names)
        yield week, list(differences(stretch, run, week, names))


def main(arguments: Sequence[str] | None = None) -> None:
    """Tell, run, compare; exit 1 on any difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--keep", type=Path, help="a new folder for the workspace")
    given = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory() as home:
        folder = given.keep or Path(home) / "told"
        for week, found in compare(folder, range(1, given.weeks + 1)):
            wrong += len(found)
            print(f"week {week:2}: {'as told' if not found else ''}", flush=True)
            for one in found:
                print(f"    {one}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
