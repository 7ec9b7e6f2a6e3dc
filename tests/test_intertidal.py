"""How often the ground lies under water, over the scenes of a workspace."""

import json

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

import seawatch as sw
from conftest import CRS, paint, save_scene, shore, write_layers
from seawatch.cli import app
from seawatch.errors import InputRefused

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
