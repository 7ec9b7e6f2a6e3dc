"""The files around the code say what the code says."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer

import seawatch
from seawatch.cli import app
from seawatch.explain import dictionary
from seawatch.rules import RULES
from seawatch.tables import COASTLINE, ISLANDS, PERMITS, ZONES

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
README_ZH = (ROOT / "README.zh-CN.md").read_text("utf-8")


def bounds(requirement):
    name, limits = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement).groups()
    return name, frozenset(limits.replace(" ", "").split(","))


def test_conda_names_the_same_packages_and_bounds():
    text = (ROOT / "environment.yml").read_text("utf-8")
    listed = dict(
        bounds(line.strip()[2:])
        for line in text.split("dependencies:")[1].splitlines()
        if line.strip()
    )
    assert "conda-forge" in text
    assert listed.pop("python") == {PROJECT["project"]["requires-python"]}
    listed["opencv-python-headless"] = listed.pop("py-opencv")  # its name there
    assert listed == dict(bounds(r) for r in PROJECT["project"]["dependencies"])


def test_the_test_extra_is_in_the_development_group():
    extra = set(PROJECT["project"]["optional-dependencies"]["test"])
    assert extra <= set(PROJECT["dependency-groups"]["dev"])


def test_the_data_dictionary_is_generated():
    assert (ROOT / "layers" / "README.md").read_text("utf-8") == dictionary() + "\n"


@pytest.mark.parametrize("table", [PERMITS, COASTLINE, ISLANDS, ZONES], ids=lambda t: t.name)
def test_the_sample_layers_pass_the_door(table):
    from seawatch.io.gateway import bring_in

    layer = bring_in(ROOT / "layers" / f"{table.name}.geojson", table, "EPSG:4549").frame
    assert len(layer) >= 2
    assert table.name in (ROOT / "layers" / "SOURCES.md").read_text("utf-8")


def test_both_readmes_open_with_the_two_commands():
    for text in (README, README_ZH):
        first = text[: text.index("\n## ")]
        assert "pip install uv && uv run seawatch demo" in first
        assert "pip install uv && uv run pytest" in first
        assert "docs/map.png" in first


def test_the_readmes_show_the_pictures_that_the_script_makes():
    tree = ast.parse((ROOT / "docs" / "pictures.py").read_text("utf-8"))
    named = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and str(node.value).endswith(".png")
    }
    assert len(named) > 1
    for text in (README, README_ZH):
        assert {f"docs/{name}" for name in named} == set(re.findall(r"docs/\w+\.png", text))
    there = {path.name for path in (ROOT / "docs").glob("*.png")}
    assert there == named
    assert sum((ROOT / "docs" / name).stat().st_size for name in named) < 400_000


def test_the_readme_names_every_rule_and_command():
    command = typer.main.get_command(app)
    for name in command.commands:
        assert f"seawatch {name}" in README, name
    for rule in RULES:
        assert f"`{rule}`" in README


def test_ci_ends_with_the_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text("utf-8").strip()
    assert script.endswith("\nuv run pytest")
    assert "set -euo pipefail" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_notebooks_are_saved_without_output():
    paths = list((ROOT / "notebooks").glob("*.ipynb"))
    assert paths
    for path in paths:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None


def test_one_version():
    assert PROJECT["project"]["version"] == seawatch.__version__
    assert seawatch.__version__ in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_project_speaks_only_of_itself():
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".js", ".css", ".ipynb"}:
            assert not re.search(r"/(?:work|root|home)/\w", path.read_text("utf-8")), name
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")


def test_the_public_face_is_there():
    for name in seawatch.__all__:
        assert getattr(seawatch, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        seawatch.nope  # noqa: B018
