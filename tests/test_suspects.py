"""Suspect zones of others: taken in once, judged like ours, never merged away, answered."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest

from conftest import CRS, at
from seawatch.errors import InputRefused
from seawatch.io.archive import find

LIST = [
    # within the unlawful fill of the sample week, in open water, and inside the lawful permit
    {"external_id": "SD-001", "kind": "land_gained", "geometry": at(500, 300, 580, 380)},
    {"external_id": "SD-002", "kind": "raft", "geometry": at(600, 600, 700, 700)},
    {"external_id": "=SD-003", "kind": "land_gained", "geometry": at(110, 300, 170, 370)},
]
TIMES = {"before": "2026-10-21T00:00:00+08:00", "after": "2026-11-05T00:00:00+08:00"}


def listed(folder, rows=LIST):
    path = folder / "list.geojson"
    gpd.GeoDataFrame(rows, crs=CRS).to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
    return path


def taken_in(week, folder, received="2026-11-10", rows=LIST):
    day = date.fromisoformat(received)
    return week.import_suspects(listed(folder, rows), "province", day, TIMES)


def test_the_same_list_again_changes_nothing(week, tmp_path):
    first = taken_in(week, tmp_path)
    assert (first.new, first.known) == (3, 0)
    before = {p: p.read_bytes() for p in (week.project.folder / "suspects").iterdir()}
    again = taken_in(week, tmp_path)
    assert (again.new, again.known, again.path) == (0, 3, None)
    assert {p: p.read_bytes() for p in (week.project.folder / "suspects").iterdir()} == before


def test_a_number_with_another_outline_is_refused(week, tmp_path):
    taken_in(week, tmp_path)
    moved = [{**LIST[0], "geometry": at(0, 0, 50, 50)}]
    with pytest.raises(InputRefused, match=r"SD-001.*another outline.*number of its own"):
        taken_in(week, tmp_path, rows=moved)


def test_a_list_without_dates_asks_for_them(week, tmp_path):
    with pytest.raises(InputRefused, match="no column 'before'"):
        week.import_suspects(listed(tmp_path), "province", date(2026, 11, 10), {})
    backwards = {"before": TIMES["after"], "after": TIMES["before"]}
    with pytest.raises(InputRefused, match="row 1: 'before' is later"):
        week.import_suspects(listed(tmp_path), "province", date(2026, 11, 10), backwards)


def test_suspects_become_flags_of_their_own_and_are_answered(week, tmp_path):
    taken_in(week, tmp_path)
    first = week.run("2026-11-16")
    theirs = first.flags[first.flags.source == "province"]
    assert dict(zip(theirs.external_id, theirs.rule, strict=True)) == {
        "SD-001": "fill_no_permit",
        "SD-002": "no_permit",
    }
    # ours of the same place stands beside theirs
    assert len(first.flags) == 3
    assert set(first.replies.outcome) == {"flagged", "no_rule_broken"}
    text = (first.folder / "replies.csv").read_text("utf-8-sig")
    assert "'=SD-003" in text
    assert "不违反任何规则" in text
    second = week.run("2026-11-23")
    assert sorted(second.flags.flag_id) == sorted(first.flags.flag_id)
    status = second.flags.set_index("external_id").status
    assert status["SD-001"] == "open"  # our own scenes show it too
    assert status["SD-002"] in ("unseen", "cleared")
    assert find(week.project).manifest["suspects"]["entered"] == [
        ["province", "=SD-003"],
        ["province", "SD-001"],
        ["province", "SD-002"],
    ]


def test_what_was_received_later_is_no_part_of_an_earlier_run(week, tmp_path):
    taken_in(week, tmp_path, received="2026-11-20")
    first = week.run("2026-11-16")
    assert (first.flags.source == "seawatch").all()
    assert first.replies.empty
    assert not (first.folder / "replies.csv").exists()
    second = week.run("2026-11-23", write=False)
    assert (second.flags.source == "province").sum() == 2
    assert pd.notna(second.flags.external_id).sum() == 2
