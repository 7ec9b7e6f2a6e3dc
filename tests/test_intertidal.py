"""How often the ground lies under water, over the scenes of a workspace."""

import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

import seawatch as sw
from conftest import CRS, at, paint, save_scene, shore, write_layers
from seawatch.cli import app
from seawatch.errors import InputRefused, UsageError

STRIP = (300, 300, 600, 340)


def workspace(tmp_path, dry):
    """A bay seen once for each of `dry`: whether the strip lay dry."""
    folder = tmp_path / "bay"
    folder.mkdir()
    space = sw.open(write_layers(folder, CRS, {}))
    for number, bared in enumerate(dry):
        pixels = paint(np.random.default_rng(number), shore([STRIP] if bared else []))
        raster = save_scene(tmp_path / f"S2-{number}.tif", pixels)
        taken = f"2026-0{number + 1}-10T02:50:00Z"
        space.add_scenes([raster], sensor="sentinel-2-l2a", taken=taken)
    return space


def test_what_falls_dry_at_times_lies_between_land_and_sea(tmp_path):
    space = workspace(tmp_path, [True, False, False, True, False])
    told = space.intertidal(tmp_path / "map.tif")
    assert told["scenes"] == 5
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.descriptions == ("water", "looks")
        water, looks = file.read()
    assert (looks[100:190] == 5).all()
    # rows from the top, 5 m each: the strip, the land below, the sea above
    assert water[133:139, 62:118] == pytest.approx(0.6)
    assert (water[145:] == 0).all()
    assert (water[:125] == 1).all()


def test_two_scenes_say_nothing_of_a_tide(tmp_path):
    with pytest.raises(InputRefused, match="three and more"):
        workspace(tmp_path, [True, False]).intertidal(tmp_path / "map.tif")


def test_the_command_says_what_it_used(tmp_path):
    space = workspace(tmp_path, [True, False, True])
    out = tmp_path / "map.tif"
    words = ["intertidal", str(space.project.folder), "-o", str(out), "--json"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0
    assert json.loads(told.stdout)["tides"] == "unknown"
    assert out.exists()


def test_what_is_not_sound_is_left_out_and_told(tmp_path):
    space = workspace(tmp_path, [True, False, True, False])
    scenes = space.project.folder / "scenes"
    (scenes / "bad.json").write_text("{}")
    (scenes / "S2-3.tif").write_bytes((scenes / "S2-2.tif").read_bytes())
    far = paint(np.random.default_rng(9), shore())
    raster = save_scene(tmp_path / "far.tif", far, crs="EPSG:32631")
    space.add_scenes([raster], sensor="sentinel-2-l2a", taken="2026-09-10T02:50:00Z")
    area = gpd.GeoSeries([at(0, 0, 1000, 1000)], crs=CRS)
    area.to_file(space.project.folder / "area.gpkg")
    toml = space.project.folder / "seawatch.toml"
    text = toml.read_text("utf-8").replace("[layers]", 'area = "area.gpkg"\n[layers]')
    toml.write_text(text, "utf-8")
    out = tmp_path / "map.tif"
    told = CliRunner().invoke(app, ["intertidal", str(space.project.folder), "-o", str(out)])
    assert told.exit_code == 4
    assert "scenes: 3" in told.stdout
    for said in ("bad.json", "S2-3.tif: not the file that was registered", "far.json"):
        assert said in told.stderr
    with rasterio.open(out) as file:
        assert (file.read(2)[100:190] == 3).all()


def test_scenes_that_tell_no_water_make_no_map(tmp_path):
    space = workspace(tmp_path, [])
    for number in range(3):
        pixels = paint(np.random.default_rng(number), shore())[:3]
        raster = save_scene(tmp_path / f"RGB-{number}.tif", pixels)
        taken = f"2026-0{number + 1}-10T02:50:00Z"
        space.add_scenes([raster], sensor="drone-rgb", taken=taken, bands=["blue", "green", "red"])
    with pytest.raises(InputRefused, match="no other scene tells water"):
        space.intertidal(tmp_path / "map.tif")
    assert not (tmp_path / "map.tif").exists()


def test_it_is_not_written_over_what_is_there(tmp_path):
    space = workspace(tmp_path, [True, False, True])
    folder = space.project.folder
    for out in (folder / "seawatch.toml", folder / "scenes/S2-0.tif", folder / "scenes/new.tif"):
        was = out.read_bytes() if out.exists() else None
        with pytest.raises(UsageError):
            space.intertidal(out)
        assert (out.read_bytes() if out.exists() else None) == was
