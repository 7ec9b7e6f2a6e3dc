"""A folder written aside, after a writer was killed."""

import os

import pytest

from seawatch.errors import CannotFinish
from seawatch.io.files import folder_aside

DEAD = 2**22 + 1  # above every process number


@pytest.mark.parametrize("process", [DEAD, os.getpid()], ids=["dead", "own"])
def test_what_a_killed_writer_left_goes_and_what_it_moved_comes_back(tmp_path, process):
    for end in ("part", "old"):
        (tmp_path / f".owners.{process}.{end}").mkdir()
        (tmp_path / f".owners.{process}.{end}" / end).touch()
    kept = tmp_path / f".owners.{os.getppid()}.part"
    kept.mkdir()
    with pytest.raises(CannotFinish), folder_aside(tmp_path / "owners"):
        raise OSError(28, "No space left on device")
    assert sorted(one.name for one in tmp_path.iterdir()) == [kept.name, "owners"]
    assert [one.name for one in (tmp_path / "owners").iterdir()] == ["old"]
    with folder_aside(tmp_path / "owners") as hidden:
        (hidden / "new").touch()
    assert [one.name for one in (tmp_path / "owners").iterdir()] == ["new"]
