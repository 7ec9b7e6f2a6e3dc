"""How long judging takes against the time PostGIS takes for the overlays behind it.

Builds a coast as long as China's islands and mainland need it: 100,000 permits, 2,000 segments,
1,000 islands, 400 zones, and 20,000 changes held against them, then times, in one run

- judge: every rule, words and checks left out, on tables that are in memory;
- three overlays: the area each change shares with each permit, what of it no permit covers, and
  the nearest segment, by the functions that the rules use;
- PostGIS: the same three overlays, indexes (GiST) built, tables analysed, nothing sent to a
  client.

PostgreSQL is started in a folder of its own and deleted again; where it or PostGIS is not
installed that part is skipped, and says so. Both sides must come to the same areas.

    uv run python benchmarks/judge_speed.py
    uv run python benchmarks/judge_speed.py --permits 10000 --changes 2000 --rounds 1
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from long_coast import build

from seawatch import overlay
from seawatch.layers import Layers
from seawatch.rules import judge

ON = date(2026, 11, 23)
OVERLAYS = ("shared area", "uncovered rest", "nearest coast")
OURS = ("shared area and rest", "nearest coast")  # one cut gives both
_SETTINGS = ("shared_buffers=512MB", "work_mem=64MB", "jit=off")  # each makes it faster here
_ALONE = "SET max_parallel_workers_per_gather = 0;"
_BUSY = "SELECT pg_read_file('/proc/self/stat');"
Call = Callable[[], tuple[float, float]]  # seconds by the wall's clock, and by the processor's
_BINARIES = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/bin")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--permits", type=int, default=100_000)
    arguments.add_argument("--changes", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--no-postgis", action="store_true")
    given = arguments.parse_args()
    layers, changes = build(given.permits, given.changes)
    print(f"{len(layers.permits):,} permits, {len(changes):,} changes, {os.cpu_count()} cores")
    calls = ours(changes, layers)
    reason = "left out" if given.no_postgis else absent()
    if reason:
        print(f"PostGIS: skipped, {reason}")
        _report(_rounds(calls, given.rounds))
        return
    with postgis(changes, layers) as (theirs, areas):
        seconds = _rounds({**calls, **theirs}, given.rounds)
        _report(seconds)
        gap = np.abs(np.array(areas()) - np.array(_areas(changes, layers))).max()
        print(f"areas differ by at most {gap:.4f} m²")


def _rounds(calls: dict[str, Call], rounds: int) -> pd.DataFrame:
    """The least of the rounds of each call, s; a first round warms up and does not count.

    Calls take turns: whatever else the machine does in a round, it does to all of them. Where
    it does much else, the processor's time is the one to compare.
    """
    rows = [{name: call() for name, call in calls.items()} for _ in range(rounds + 1)][1:]
    walls, busy = (pd.DataFrame([{n: t[i] for n, t in r.items()} for r in rows]) for i in (0, 1))
    return pd.DataFrame({"wall": walls.min(), "processor": busy.min()})


def _report(seconds: pd.DataFrame) -> None:
    print(f"{'least of the rounds, s':28} {'wall':>8} {'processor':>10}")
    for name, row in seconds.iterrows():
        print(f"{name:28} {row.wall:8.2f} {row.processor:10.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'most memory':28} {peak:6.0f} MiB   (1,024 and less is asked for)")
    theirs = [f"PostGIS {name}" for name in OVERLAYS]
    if not set(theirs) <= set(seconds.index):
        return
    own, other = seconds.loc[list(OURS)].sum(), seconds.loc[theirs].sum()
    slower, faster = seconds.loc["judge"] / other, other / own
    print(f"judge / PostGIS's overlays   {slower.wall:8.2f} {slower.processor:10.2f}  (1 and less)")
    print(f"PostGIS's overlays / ours    {faster.wall:8.2f} {faster.processor:10.2f}  (3 and more)")


def _clocked(call: Callable[[], object]) -> tuple[float, float]:
    began, busy = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - began, time.process_time() - busy


def ours(changes: gpd.GeoDataFrame, layers: Layers) -> dict[str, Call]:
    """What is timed of seawatch: every rule, and three overlays by the rules' own functions."""
    shapes, parcels = changes.geometry.to_numpy(), layers.permits.geometry.to_numpy()
    lines, tree = layers.coastline.geometry.to_numpy(), shapely.STRtree(parcels)

    def both() -> None:
        change, permit = overlay.pairs(shapes, tree)
        overlay.shared_and_rest(shapes, change, parcels[permit])

    calls = {
        "judge": lambda: judge(changes, layers, ON),
        OURS[0]: both,
        OURS[1]: lambda: overlay.nearest(shapes, lines),
    }
    return {name: partial(_clocked, call) for name, call in calls.items()}


def _areas(changes: gpd.GeoDataFrame, layers: Layers) -> tuple[float, float]:
    """Area that changes and permits share, pair by pair, and area no permit covers, m²."""
    shapes, parcels = changes.geometry.to_numpy(), layers.permits.geometry.to_numpy()
    change, permit = overlay.pairs(shapes, parcels)
    shared, rest = overlay.shared_and_rest(shapes, change, parcels[permit])
    return float(shared.sum()), float(shapely.area(rest).sum())


def absent() -> str:
    """Why PostGIS cannot be measured here; empty where it can."""
    if _binary("initdb") is None:
        return "no PostgreSQL is installed (Debian: apt-get install postgresql-15-postgis-3)"
    return ""


def _binary(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((*_BINARIES, os.environ.get("PATH", ""))))


@contextmanager
def _server() -> Iterator[Callable[[str], str]]:
    """A server in a folder of its own; yields a function that runs SQL and gives its output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_user = ["setpriv", "--reuid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        data = str(folder / "data")

        def call(*words: str, stdin: str | None = None) -> str:
            done = subprocess.run(
                [*as_user, *words], input=stdin, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
            return done.stdout

        call(str(_binary("initdb")), "-D", data, "-U", "postgres", "--auth=trust")
        options = f"-k {folder} -c listen_addresses='' " + " ".join(f"-c {s}" for s in _SETTINGS)
        control = [str(_binary("pg_ctl")), "-D", data, "-w"]
        call(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            base = ["psql", "-h", name, "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
            yield lambda sql: call(*base, stdin=sql)
        finally:
            call(*control, "-m", "immediate", "stop")


_SQL = (
    """SELECT c.id, p.id, ST_Area(ST_Intersection(c.geom, p.geom)) AS m2
       FROM changes c JOIN permits p ON ST_Intersects(c.geom, p.geom)""",
    """SELECT c.id, CASE WHEN u.geom IS NULL THEN c.geom ELSE ST_Difference(c.geom, u.geom) END
       AS geom FROM changes c LEFT JOIN LATERAL (
           SELECT ST_Union(p.geom) AS geom FROM permits p WHERE ST_Intersects(c.geom, p.geom)
       ) u ON true""",
    """SELECT c.id, s.id, ST_Distance(c.geom, s.geom) FROM changes c CROSS JOIN LATERAL (
           SELECT id, geom FROM coast ORDER BY coast.geom <-> c.geom LIMIT 1) s""",
)


@contextmanager
def postgis(changes: gpd.GeoDataFrame, layers: Layers) -> Iterator[tuple[dict, Callable]]:
    """The same three overlays in a database with everything loaded, and both areas."""
    tables = {"changes": changes, "permits": layers.permits, "coast": layers.coastline}
    with _server() as sql:
        sql("CREATE EXTENSION postgis;")
        for name, table in tables.items():
            codes = enumerate(shapely.to_wkb(table.geometry, hex=True))
            rows = "\n".join(f"{number}\t{code}" for number, code in codes)
            sql(
                f"CREATE TABLE {name} (id int PRIMARY KEY, geom geometry);\n"
                f"COPY {name} FROM stdin;\n{rows}\n\\.\n"
                f"CREATE INDEX ON {name} USING gist (geom); VACUUM ANALYZE {name};"
            )

        def clocked(query: str) -> tuple[float, float]:
            # the whole result is made and thrown away: nothing is sent
            explained = f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON) {query};"
            said = sql(f"{_BUSY}\n{explained}\n{_BUSY}").splitlines()
            took = next(line for line in said if line.startswith("Execution Time"))
            workers = any("Workers Launched" in line for line in said)
            first, last = (_processor_s(line) for line in said if " (postgres) " in line)
            if workers:  # their time is nobody's: once more without them
                alone = sql(f"{_ALONE}\n{_BUSY}\n{explained}\n{_BUSY}").splitlines()
                first, last = (_processor_s(line) for line in alone if " (postgres) " in line)
            return float(took.split()[2]) / 1000, last - first

        def areas() -> tuple[float, float]:
            shared = sql(f"SELECT sum(m2) FROM ({_SQL[0]}) q;")
            rest = sql(f"SELECT sum(ST_Area(geom)) FROM ({_SQL[1]}) q;")
            return float(shared), float(rest)

        names = [f"PostGIS {name}" for name in OVERLAYS]
        calls = {n: partial(clocked, query) for n, query in zip(names, _SQL, strict=True)}
        yield calls, areas


def _processor_s(stat: str) -> float:
    """Processor time in a line of /proc/PID/stat, of the system and of its own, s."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
