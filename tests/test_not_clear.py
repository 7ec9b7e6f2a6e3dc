"""A quiet week, a cloudy one, one without scenes and one without a layer are no all-clear.

Each is told from it, and from the others, by whoever reads only the tables, only the report
or only the map.
"""

import shutil

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from pages import block

import seawatch as sw
from conftest import paint, save_mask, save_scene, shore

RUN = "2026-11-16"


@pytest.fixture(scope="module")
def weeks(made_week, first_week, tmp_path_factory):
    """The run's folder of each kind of week; nothing was built but in the quiet one."""
    home = tmp_path_factory.mktemp("weeks")

    def still(name, hidden=0):
        folder = shutil.copytree(made_week, home / name)
        for path in (folder / "scenes").glob("*2026*"):
            path.unlink()
        space = sw.open(folder)
        cloud = np.zeros((200, 200), bool)
        cloud[:, :hidden] = True
        rng = np.random.default_rng(5)
        raster = save_scene(home / f"{name}.tif", paint(rng, shore(), cloud=cloud))
        mask = save_mask(home / f"{name}-mask.tif", cloud)
        taken = "2026-11-14T02:50:00Z"
        space.add_scenes([raster], sensor="sentinel-2-l2a", taken=taken, mask=mask)
        return space

    without = still("without").project.folder
    toml = without / "seawatch.toml"
    lines = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("zones")]
    toml.write_text("\n".join(lines).replace("absent = [", 'absent = ["zones", '), "utf-8")
    clear = still("clear")
    return {
        "all clear": clear.run(RUN).folder,
        # the fill of the week before stands
        "quiet": sw.open(shutil.copytree(first_week, home / "quiet")).run("2026-11-23").folder,
        "cloudy": still("cloudy", hidden=150).run(RUN).folder,
        "no scenes": clear.run("2026-11-30").folder,
        "no layer": sw.open(without).run(RUN).folder,
    }


def in_map(folder):
    page = block((folder / "index.html").read_text("utf-8"), "sw-data-page")
    return [(notice["tone"], notice["text"]) for notice in page["notices"]]


def in_report(folder):
    """The report without what differs from run to run anyway."""
    text = (folder / "run.md").read_text("utf-8")
    return [
        line for line in text.splitlines() if line.startswith(("- ", "## ")) and RUN not in line
    ]


def in_ground(folder):
    """Of flags.gpkg: shares of what was seen and what is ordered, and the flags' statuses."""
    ground = gpd.read_file(folder / "flags.gpkg", layer="ground")
    shares = ground.groupby("state").area_m2.sum() / ground.area_m2.sum()
    flags = gpd.read_file(folder / "flags.gpkg", layer="flags")
    return shares.round(1).to_dict(), list(flags.status)


def in_workbook(folder):
    """How many flags, and what the last sheet says of the run."""
    book = openpyxl.load_workbook(folder / "flags.xlsx")
    about = [(row[0].value, row[1].value) for row in book.worksheets[-1].iter_rows()]
    return [text for name, text in about if name in ("疑点图斑", "可见与未见")]


@pytest.mark.parametrize("told", [in_map, in_report, in_workbook])
def test_no_two_weeks_are_told_alike(weeks, told):
    texts = {name: told(folder) for name, folder in weeks.items()}
    for name, text in texts.items():
        alike = [other for other in texts if other != name and texts[other] == text]
        assert not alike, f"{name} and {alike}: {text}"


def test_the_map_gives_the_all_clear_to_one_alone(weeks):
    tones = {name: [tone for tone, _ in in_map(folder)] for name, folder in weeks.items()}
    assert tones == {
        "all clear": ["good"],
        "quiet": [],  # one flag stands
        "cloudy": ["warn", "good"],  # nothing is suspected on the ground that was seen
        "no scenes": ["warn"],
        "no layer": ["good", "warn"],
    }


def test_the_tables_tell_what_was_seen_and_what_stands(weeks):
    told = {name: in_ground(folder) for name, folder in weeks.items()}
    assert told.pop("cloudy")[0]["ordered"] >= 0.5
    assert told == {
        "all clear": ({"seen": 1.0}, []),
        "quiet": ({"seen": 1.0}, ["open"]),
        "no scenes": ({"ordered": 1.0}, []),
        "no layer": ({"seen": 1.0}, []),
    }


def test_the_report_and_the_workbook_say_what_is_missing(weeks):
    for told in (in_report, in_workbook):
        said = {name: "\n".join(map(str, told(folder))) for name, folder in weeks.items()}
        assert {name for name, text in said.items() if "未判定" in text} == {"no layer"}
        assert {name for name, text in said.items() if "没有可比对的影像" in text} == {"no scenes"}
        assert {n for n, text in said.items() if "结论不完整" in text} == {"cloudy", "no scenes"}
