"""A half-copied, truncated or bit-flipped input is never judged, and is picked up when whole."""

import json
import os
from hashlib import sha256

import pytest

from seawatch.errors import InputRefused
from seawatch.io import stac


def flipped(content):
    return (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 4])
        + content[len(content) // 2 + 1 :]
    )


BROKEN = {
    "half copied": lambda content: content[: len(content) // 2],
    "cut short": lambda content: content[:-1],
    "one bit flipped": flipped,
    "empty": lambda content: b"",
    "full of zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_raster(week, how):
    path = week.project.folder / "scenes" / "S2-2026-11-14.tif"
    path.write_bytes(BROKEN[how](path.read_bytes()))
    run = week.run("2026-11-16", write=False)
    [row] = run.manifest["quarantined"]
    assert row["input"] == "S2-2026-11-14"
    assert "sha256 differs" in row["reason"]
    told = {part["path"]: part["sha256"] for part in row["files"]}
    assert told["scenes/S2-2026-11-14.tif"] == sha256(path.read_bytes()).hexdigest()
    assert run.flags.empty
    assert not any(part["path"].endswith("11-14.tif") for part in run.manifest["inputs"])


def test_a_raster_is_judged_when_it_is_whole(week):
    path = week.project.folder / "scenes" / "S2-2026-11-14.tif"
    whole = path.read_bytes()
    path.write_bytes(flipped(whole))
    assert week.run("2026-11-16").manifest["quarantined"]
    path.write_bytes(whole)
    again = week.run("2026-11-16")
    assert again.folder.name == "2026-W47.r2"
    assert again.manifest["quarantined"] == []
    assert list(again.flags.rule) == ["fill_no_permit"]
    assert week.verify().faults == []


def test_an_item(week):
    path = week.project.folder / "scenes" / "S2-2026-11-14.json"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    run = week.run("2026-11-16", write=False)
    [row] = run.manifest["quarantined"]
    assert (row["input"], row["files"][0]["sha256"]) == (
        "S2-2026-11-14.json",
        sha256(path.read_bytes()).hexdigest(),
    )
    assert "not a STAC item" in row["reason"]
    path.write_bytes(whole)
    whole_again = week.run("2026-11-16", write=False)
    assert list(whole_again.flags.rule) == ["fill_no_permit"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), {}),
        ((), [1]),
        (("type",), "Feat"),
        (("id",), ""),
        (("id",), 3),
        (("id",), "a\nb"),
        (("id",), "\ud800"),
        (("geometry", "coordinates"), "x"),
        (("geometry",), {"type": "LineString", "coordinates": [[122, 37], [122.1, 37.1]]}),
        (("assets", "data", "bands", 1), {"name": "blue"}),
        (("geometry", "coordinates", 0, 0, 0), 10**400),
        (("geometry", "coordinates", 0, 0, 0), float("nan")),
        (("properties", "gsd"), float("inf")),
        (("properties", "gsd"), "ten"),
        (("properties", "seawatch:sigma_m"), -1),
        (("properties", "seawatch:sigma_m"), float("nan")),
        (("properties", "eo:cloud_cover"), 10**400),
        (("properties", "eo:cloud_cover"), float("nan")),
        (("assets", "data", "bands", 0, "raster:scale"), 0),
        (("assets", "data", "bands", 0, "raster:offset"), float("-inf")),
    ],
)
def test_an_item_that_says_what_cannot_be(week, place, value):
    path = week.project.folder / "scenes" / "S2-2026-11-14.json"
    whole = json.loads(path.read_text("utf-8"))
    if place:
        inner = whole
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
    path.write_text(json.dumps(whole if place else value), "utf-8")
    with pytest.raises(InputRefused, match=str(path)) as refused:
        stac.read_item(path, week.project.crs)
    assert len(str(refused.value)) < 1000
    assert [fault for fault in week.faults() if str(path) in fault]


def test_an_item_of_bands_that_the_file_lacks(week):
    path = week.project.folder / "scenes" / "S2-2026-11-14.json"
    item = json.loads(path.read_text("utf-8"))
    bands = item["assets"]["data"]["bands"]
    item["assets"]["data"]["bands"] = [{"name": "-"}] * 4 + bands
    path.write_text(json.dumps(item), "utf-8")
    [fault] = week.faults()
    assert "S2-2026-11-14.tif: has 6 bands, none of number 7" in fault
    [row] = week.run("2026-11-16", write=False).manifest["quarantined"]
    assert row["input"] == "S2-2026-11-14"


def test_two_items_of_one_name_are_both_told(week):
    scenes = week.project.folder / "scenes"
    for name in ("a", "b"):
        (scenes / name).mkdir()
        (scenes / name / "x.json").write_text("{}" + name)
    rows = week.run("2026-11-16", write=False).manifest["quarantined"]
    assert len(rows) == 2
    assert any("/a/x.json" in row["reason"] for row in rows)
    assert any("/b/x.json" in row["reason"] for row in rows)


@pytest.mark.parametrize("name", ["[x] *.json", os.fsdecode(b"\xc4\xe3.json")])
def test_an_item_is_told_whatever_its_name(seawatch, week, name):
    path = week.project.folder / "scenes" / name
    path.write_bytes(b"{}")
    code, out, err = seawatch("run", week.project.folder, "--on", "2026-11-16", "--json")
    assert code == 4
    assert "not a STAC item" in err
    json.loads(out)
    manifest = json.loads((week.project.folder / "runs/2026-W47/run.json").read_text("utf-8"))
    [row] = manifest["quarantined"]
    assert [file["sha256"] for file in row["files"]] == [sha256(b"{}").hexdigest()]


def test_a_raster_swapped_after_it_was_checked_stops_the_run(week, monkeypatch):
    from seawatch.io import archive

    path = week.project.folder / "scenes" / "S2-2026-11-14.tif"
    before = archive.before

    def swap(*args):
        path.write_bytes(flipped(path.read_bytes()))
        return before(*args)

    monkeypatch.setattr(archive, "before", swap)
    with pytest.raises(InputRefused, match=r"S2-2026-11-14\.tif: changed while the run read it"):
        week.run("2026-11-16")


@pytest.mark.parametrize("how", ["half copied", "empty", "full of zeros"])
def test_a_layer_stops_the_run(week, how):
    path = week.project.folder / "layers" / "permits.gpkg"
    whole = path.read_bytes()
    path.write_bytes(BROKEN[how](whole))
    with pytest.raises(InputRefused, match=r"permits\.gpkg"):
        week.run("2026-11-16")
    assert not list(week.project.archive.glob("*W47*"))
    path.write_bytes(whole)
    assert not week.faults()
