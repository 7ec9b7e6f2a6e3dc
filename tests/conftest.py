"""A bay small enough to draw on paper, in metres.

   y
1000 ┌───────────────────────────────────────┐
     │ open sea        ┌────┐  red line      │
     │                 │ZONE│  (800-950)     │
 750 │        ┌──────┐ └────┘                │
     │        │ISLE  │          ┌─────┐      │
     │        └──────┘          │ENDED│ 600-750
 600 │                          └─────┘      │
     │  ┌─────┐     ┌─────┐     ┌─────┐      │
     │  │FILL │     │RAFT │     │CABLE│ 200-350
 200 │  └─────┘     └─────┘     └─────┘      │
   0 ├═══════ coast: sandy | artificial ═════┤ y = 0

West of it, an artificial coast runs north at x = -300: strict up to y = 500, then limited, with
a parcel to fill at its end (850-950). Before it two fills, one given by a city (x -200 to -50,
y 100-250), one by the nation (y 300-450). East of it, x 1100-1250, lie zones: a legacy
reclamation (200-350), a base point's range (500-650), an aquaculture ban (800-950) over a raft
parcel. An islet lies 30 m east of the isle.
"""

import os
import subprocess
import sys
from pathlib import Path

import alone  # noqa: F401

# isort: split
import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from seawatch.layers import Layers
from seawatch.tables import CHANGES, COASTLINE, DUTY, ISLANDS, KNOWN, PERMITS, ZONES

CRS = "EPSG:4549"
# the bay's corner on the map: off Weihai
X, Y = 620_000.0, 4_150_000.0


def at(x0, y0, x1, y1):
    """A rectangle of the bay, given in the bay's own metres."""
    return box(X + x0, Y + y0, X + x1, Y + y1)


def to_parquet(table, path):
    """A table written as GeoParquet, by a process that has what that needs."""
    plain = path.with_name("plain.gpkg")
    table.to_file(plain, engine="pyogrio")
    lines = "import sys, geopandas as gpd; gpd.read_file(sys.argv[1]).to_parquet(sys.argv[2])"
    subprocess.run([sys.executable, "-c", lines, plain, path], check=True)
    plain.unlink()


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def permit(
    permit_id,
    mode,
    strata,
    valid_from="2020-01-01",
    valid_to="2030-12-31",
    right="sea_use",
    **more,
):
    return {
        **more,
        "permit_id": permit_id,
        "right": right,
        "scheme": "hy/t-123-2009",
        "use_type": "13",
        "use_mode": mode,
        "strata": strata,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "holder": "Zhang San",
    }


@pytest.fixture
def bay():
    """The bay's layers."""
    permits = [
        (permit("FILL", "11", "surface,water,seabed,subsoil"), at(100, 200, 250, 350)),
        (permit("RAFT", "41", "surface,water"), at(400, 200, 550, 350)),
        (permit("CABLE", "53", "seabed,subsoil"), at(700, 200, 850, 350)),
        (permit("ENDED", "41", "surface,water", valid_to="2025-12-31"), at(600, 600, 750, 750)),
        (permit("POND", "33", "surface,water,seabed"), at(850, 600, 990, 740)),
        (permit("ISLE", "11", "surface", right="island_use"), at(200, 640, 240, 740)),
        (permit("CITY", "11", "surface", authority="荣成市自然资源局"), at(-200, 100, -50, 250)),
        (permit("NATION", "11", "surface", authority="国务院"), at(-200, 300, -50, 450)),
        (permit("SHORE", "11", "surface"), at(-310, 850, -220, 950)),
        (permit("BANNED", "41", "surface,water"), at(1100, 800, 1250, 950)),
    ]
    zones = [
        ({"zone_id": "Z1", "kind": "redline", "name": "north"}, at(450, 800, 600, 950)),
        (
            {"zone_id": "Z2", "kind": "redline", "name": "past", "valid_to": "2020-12-31"},
            at(100, 800, 250, 950),
        ),
        ({"zone_id": "Z3", "kind": "legacy_reclamation"}, at(1100, 200, 1250, 350)),
        ({"zone_id": "Z4", "kind": "basepoint"}, at(1100, 500, 1250, 650)),
        ({"zone_id": "Z5", "kind": "aquaculture_ban"}, at(1100, 800, 1250, 950)),
    ]
    coast = [
        (
            {"segment_id": "S1", "kind": "sandy", "baseline": "b1", "surveyed": "2020-01-01"},
            LineString([(X, Y), (X + 500, Y)]),
        ),
        (
            {"segment_id": "S2", "kind": "artificial", "baseline": "b1", "surveyed": "2020-01-01"},
            LineString([(X + 500, Y), (X + 1000, Y)]),
        ),
    ]
    for number, kind in enumerate(("strict", "limited")):
        row = {**coast[1][0], "segment_id": f"W{number}", "protection": kind}
        ends = [(X - 300, Y + 500 * number), (X - 300, Y + 500 + 500 * number)]
        coast.append((row, LineString(ends)))
    islands = [
        ({"island_id": "I1", "name": "Isle", "surveyed": "2020-01-01"}, at(150, 600, 300, 760)),
        ({"island_id": "I2", "name": "Islet", "surveyed": "2020-01-01"}, at(330, 640, 390, 700)),
    ]
    return Layers(
        PERMITS.check(frame(*map(list, zip(*permits, strict=True)))),
        COASTLINE.check(frame(*map(list, zip(*coast, strict=True)))),
        ISLANDS.check(frame(*map(list, zip(*islands, strict=True)))),
        ZONES.check(frame(*map(list, zip(*zones, strict=True)))),
        DUTY.empty(CRS),
        KNOWN.empty(CRS),
        absent=frozenset({"duty", "known"}),
    )


@pytest.fixture
def seen(bay):
    """What a run saw of the bay."""
    from pages import coverage

    return coverage(bay.crs)


@pytest.fixture
def flags(bay, seen):
    """What it suspects there."""
    from pages import suspected

    return suspected(bay, seen)


def changes_of(*rows, sigma_m=1.0, score=0.9, before="2025-11-20", after="2026-11-20", **more):
    """A changes table from (kind, shape) rows."""
    return CHANGES.check(
        frame(
            {
                "change_id": [f"C{number}" for number in range(len(rows))],
                "kind": [kind for kind, _ in rows],
                "score": score,
                "sigma_m": sigma_m,
                "before": pd.Timestamp(before, tz="UTC"),
                "after": pd.Timestamp(after, tz="UTC"),
                "before_scene": f"S{before}",
                "after_scene": f"S{after}",
                "sensor_before": "sentinel-2-l2a",
                "sensor_after": "sentinel-2-l2a",
                "area_m2": [shape.area for _, shape in rows],
                "source": "seawatch",
                **more,
            },
            [shape for _, shape in rows],
        )
    )


@pytest.fixture
def seawatch(monkeypatch, capsys):
    """Run a command in this process: exit code, stdout, stderr."""
    from seawatch.cli import main

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["seawatch", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as leave:
            code = leave.code or 0
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


@pytest.fixture(scope="session")
def shared():
    """The folder of real imagery; tests that need it are skipped where it is not named."""
    folder = os.environ.get("SEAWATCH_SHARED")
    if not folder:
        pytest.skip("SEAWATCH_SHARED is not set: the real imagery is not here")
    return Path(folder) / "data"


def write_layers(folder, crs, layers, *, timezone="Asia/Shanghai", extra=""):
    """A workspace in `folder` with the tables given as (row, shape) lists, the others absent."""
    from seawatch.io.vectors import write_file
    from seawatch.tables import LAYERS

    (folder / "scenes").mkdir(exist_ok=True)
    lines = []
    for table, rows in layers.items():
        records, shapes = map(list, zip(*rows, strict=True))
        checked = table.check(gpd.GeoDataFrame(records, geometry=shapes, crs=crs))
        write_file(folder / "layers" / f"{table.name}.gpkg", {table.name: (checked, table)})
        lines.append(f'{table.name} = "layers/{table.name}.gpkg"')
    absent = [t.name for t in LAYERS if t not in layers]
    settings = [
        "[project]",
        'name = "test"',
        f'crs = "{crs}"',
        f'timezone = "{timezone}"',
        "[layers]",
        *lines,
        f"absent = {absent}",
        extra,
    ]
    (folder / "seawatch.toml").write_text("\n".join(settings), "utf-8")
    return folder


def paint(rng, land, *, gain=1.0, cloud=None):
    """A Sentinel-2-like scene: (6, row, column) of uint16, textured land, dark sea, noise."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    # the ground's texture is the same in every scene, as fields and roads are
    texture = gaussian_filter(np.random.default_rng(0).normal(size=land.shape), 1.5) * 0.08
    sea = np.array([0.06, 0.05, 0.04, 0.02, 0.01, 0.01])[:, None, None]
    ground = np.array([0.06, 0.09, 0.10, 0.26, 0.24, 0.16])[:, None, None]
    share = gaussian_filter(land.astype(float), 0.5)
    pixels = sea * (1 - share) + ground * (1 + texture) * share
    pixels = pixels * gain + rng.normal(0, 0.002, pixels.shape)
    if cloud is not None:
        pixels[:, cloud] = 0.7
    return np.clip(pixels * 10000, 1, 65535).astype("uint16")


def save_mask(path, hidden):
    """A GeoTIFF of a mask: 1 where `hidden`, else 0, and no value that means no data."""
    return save_scene(path, hidden[None].astype("uint8"), bands=["mask"], nodata=None)


def save_scene(path, pixels, *, origin=(X, Y + 1000), step=5.0, crs=CRS, bands=None, nodata=0):
    """A GeoTIFF of `pixels`, its corner at `origin`."""
    from seawatch.io.rasters import write_geotiff
    from seawatch.scenes import Grid

    grid = Grid(crs, (step, 0, origin[0], 0, -step, origin[1]), pixels.shape[2], pixels.shape[1])
    names = bands or ["blue", "green", "red", "nir", "swir16", "swir22"][: len(pixels)]
    write_geotiff(path, pixels, grid, bands=names, nodata=nodata)
    return path


def shore(extra=()):
    """Land of the bay on a 5 m grid of 1,000 m: everything below y = 300, and boxes of `extra`."""
    import numpy as np

    land = np.zeros((200, 200), bool)
    land[140:] = True
    for x0, y0, x1, y1 in extra:
        land[200 - y1 // 5 : 200 - y0 // 5, x0 // 5 : x1 // 5] = True
    return land


@pytest.fixture(scope="session")
def first_week(made_week, tmp_path_factory):
    """The workspace of a small bay after its first run, which raised one flag; to be copied."""
    import shutil

    import seawatch as sw

    folder = shutil.copytree(made_week, tmp_path_factory.mktemp("first_week") / "week")
    sw.open(folder).run("2026-11-16")
    return folder


@pytest.fixture
def bureau(first_week, tmp_path):
    """A workspace of one's own with one run and one flag."""
    import shutil

    import seawatch as sw

    return sw.open(shutil.copytree(first_week, tmp_path / "bureau"))


def make_week(home):
    """A workspace of a small bay in `home`/week: a lawful fill, an unlawful one, two later scenes.

    Land lies below y = 300. In the weeks of 16 and 23 November 2026 the fill at x 100-180
    stands inside a permit, the one at x 500-580 nowhere near one.
    """
    import numpy as np

    import seawatch as sw
    from seawatch.tables import COASTLINE, ISLANDS, PERMITS, ZONES

    rng = np.random.default_rng(7)
    everywhere = "surface,water,seabed,subsoil"
    coast = {"segment_id": "S1", "kind": "artificial", "baseline": "b", "surveyed": "2020-01-01"}
    layers = {
        PERMITS: [(permit("LAWFUL", "11", everywhere), at(80, 250, 200, 420))],
        COASTLINE: [(coast, LineString([(X, Y + 300), (X + 1000, Y + 300)]))],
        ISLANDS: [({"island_id": "I1", "surveyed": "2020-01-01"}, at(800, 800, 900, 900))],
        ZONES: [({"zone_id": "Z1", "kind": "redline"}, at(0, 900, 100, 1000))],
    }
    folder = home / "week"
    folder.mkdir()
    write_layers(folder, CRS, layers)
    space = sw.open(folder)
    fills = [(100, 300, 180, 380), (500, 300, 580, 380)]
    for day, extra in (("2025-11-12", []), ("2026-11-14", fills), ("2026-11-21", fills)):
        gain = 1 + rng.normal(0, 0.03)
        raster = save_scene(home / f"S2-{day}.tif", paint(rng, shore(extra), gain=gain))
        space.add_scenes([raster], sensor="sentinel-2-l2a", taken=f"{day}T02:50:00Z")
    return space


@pytest.fixture(scope="session")
def made_week(tmp_path_factory):
    """The workspace of `make_week`, to be copied."""
    return make_week(tmp_path_factory.mktemp("made_week")).project.folder


@pytest.fixture
def week(made_week, tmp_path):
    """The workspace of `make_week`, of one's own."""
    import shutil

    import seawatch as sw

    return sw.open(shutil.copytree(made_week, tmp_path / "week"))
