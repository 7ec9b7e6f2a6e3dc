"""Visits: what inspectors send, however it comes, and what it does to flags."""

import csv
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta

import cv2
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from conftest import CRS, at
from seawatch.confidence import DOUBT, fused
from seawatch.flags import follow
from seawatch.geo import LONLAT
from seawatch.io import journal
from seawatch.io.cases import flags_known
from seawatch.io.fieldrecord import checksum
from seawatch.io.strict import canonical, parsed
from seawatch.maps.words import with_words
from seawatch.tables import FLAGS
from seawatch.visits import settle
from stories import FIELD, NOTHING_SEEN, START, found, record, seen, visits, weeks

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def flags():
    return weeks(found(("no_permit", FIELD)))[0]


ON = START + timedelta(7)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ("lawful", "settled"),
        ("false_change", "settled"),
        ("legacy", "settled"),
        ("already_handled", "settled"),
        ("register_mismatch", "settled"),
        ("suspected", "new"),
        ("pending", "new"),
    ],
)
def test_a_verdict_settles_but_a_confirmed_suspicion_stays_open(flags, verdict, status):
    told = settle(flags, visits((flags.flag_id[0], "2026-11-12", verdict)), ON)
    assert (told.status[0], told.verdict[0]) == (status, verdict)
    # what the machine thinks of it stands beside
    assert told.confidence[0] == pytest.approx(flags.confidence[0])
    assert list(FLAGS.check(told).columns) == FLAGS.names


def test_settling_twice_changes_nothing(flags):
    seen_there = visits((flags.flag_id[0], "2026-11-12", "lawful"))
    once = settle(flags, seen_there, ON)
    assert settle(once, seen_there, ON).equals(once)
    assert settle(FLAGS.empty(CRS), seen_there, ON).empty
    assert settle(flags, visits(), ON).equals(flags)


def test_a_visit_makes_a_flag_highest_and_counts_in_the_chance_only(flags):
    told = settle(flags, visits((flags.flag_id[0], "2026-11-12", "suspected")), ON)
    assert (flags.level[0], told.level[0]) == ("low", "highest")
    assert told.chance[0] > 0.99 > told.confidence[0]
    assert settle(flags, visits((flags.flag_id[0], "2026-11-12", "pending")), ON).level[0] == "low"


def test_visits_that_disagree_are_both_kept_and_the_latest_counts(flags):
    one = flags.flag_id[0]
    told = settle(
        flags,
        visits(
            (one, "2026-11-14", "lawful", {"by": "wh-02"}),
            (one, "2026-11-11", "suspected", {"by": "wh-01"}),
        ),
        ON,
    )
    assert (told.status[0], told.verdict[0]) == ("settled", "lawful")
    assert [v["verdict"] for v in record(told)["contradicted"]] == ["suspected", "lawful"]
    assert record(told)["visits"] == 2


@pytest.mark.parametrize(("other", "status"), [("wh-02", "new"), ("wh-01", "settled")])
def test_two_officers_who_disagree_on_one_day_settle_nothing(flags, other, status):
    one = flags.flag_id[0]
    rows = visits(
        (one, "2026-11-12T01:00", "suspected", {"by": other}),
        (one, "2026-11-12T09:00", "lawful", {"by": "wh-01"}),
    )
    assert settle(flags, rows, ON).status[0] == status


def test_a_later_suspicion_opens_what_was_settled(flags):
    one = flags.flag_id[0]
    first = visits((one, "2026-11-11", "lawful"))
    settled = settle(flags, first, ON)
    both = visits((one, "2026-11-11", "lawful"), (one, "2026-11-15", "suspected"))
    assert settle(settled, both, ON).status[0] == "open"


def test_a_visit_to_what_it_was_before_does_not_settle_what_it_has_become(flags):
    before = visits((flags.flag_id[0], "2026-11-11", "lawful"))
    settled = settle(flags, before, ON)
    grown = follow(settled, found(("no_permit", at(100, 100, 300, 160)), week=1), NOTHING_SEEN, ON)
    again = settle(grown, before, ON)
    assert (again.status[0], again.verdict[0]) == ("open", "lawful")
    anew = visits((flags.flag_id[0], "2026-11-18", "lawful"))
    assert settle(again, anew, ON + timedelta(7)).status[0] == "settled"


def test_a_false_change_by_the_tide_lowers_the_next_one_there_and_says_so(flags):
    told = visits((flags.flag_id[0], "2026-11-12", "false_change", {"cause": "tide"}))
    settled = settle(flags, told, ON)
    next_one = [("redline_entered", FIELD), ("no_permit", at(600, 600, 700, 660))]
    later = follow(settled, found(*next_one, week=2), NOTHING_SEEN, ON + timedelta(7), "2026-W48")
    doubted = settle(later, told, ON + timedelta(7)).set_index("rule")
    fresh = later.set_index("rule")
    here = doubted.loc["redline_entered"]
    odds = np.log(here.confidence / (1 - here.confidence))
    was = np.log(0.8 / 0.2)
    assert odds == pytest.approx(was + DOUBT["tide"], abs=1e-3)
    assert json.loads(here.record)["doubt"]["flag"] == flags.flag_id[0]
    # nothing is said of the first flag itself, nor of one elsewhere
    own = doubted[doubted.status == "settled"].confidence.item()
    assert own == pytest.approx(flags.confidence[0])
    elsewhere = (doubted.index == "no_permit") & (doubted.status == "new")
    assert doubted.confidence[elsewhere].item() == pytest.approx(
        fresh.confidence[(fresh.index == "no_permit") & (fresh.status == "new")].item()
    )
    said = with_words(settle(later, told, ON + timedelta(7)), "en").set_index("rule").reason
    assert "found false on 2026-11-12 (tide" in said["redline_entered"]
    assert settle(settle(later, told, ON), told, ON).equals(settle(later, told, ON))


@pytest.mark.parametrize(("cause", "levels"), [("tide", ["low"] * 2), ("cloud", ["high"] * 2)])
def test_where_the_tide_deceived_a_second_day_proves_nothing(flags, cause, levels):
    told = visits((flags.flag_id[0], "2026-11-12", "false_change", {"cause": cause}))
    table, had = settle(flags, told, ON), []
    for week in (2, 3):
        on, issue = START + timedelta(7 * week), f"2026-W{46 + week}"
        acts = found(("redline_entered", FIELD), week=week)
        # two clear days show it from the first week on
        acts["numbers"] = acts.numbers.str.replace('"dates": 1', '"dates": 2')
        table = settle(follow(table, acts, NOTHING_SEEN, on, issue), told, on)
        had.append(table[table.rule == "redline_entered"].level.item())
    assert had == levels


# evidence


def look(says, mode="satellite", by="sentinel-2-l2a", at="2026-11-10", odds=2.0):
    return {"at": at, "by": by, "mode": mode, "says": says, **({"odds": odds} if says > 0 else {})}


DRONE = {"mode": "drone", "by": "drone-rgb"}
RADAR = {"by": "sentinel-1-rtc"}
VISIT = {"mode": "visit", "by": "wh-01"}


def test_one_sensor_alone_says_what_its_own_formula_says():
    assert fused([look(1)])[0] == pytest.approx(1 / (1 + np.exp(-2)))


@pytest.mark.parametrize("more", [look(1, **DRONE), look(1, **RADAR), look(1, **VISIT)])
def test_what_agrees_makes_surer(more):
    chance, conflict = fused([look(1), more])
    assert chance > fused([look(1)])[0]
    assert conflict == []


def test_a_faint_look_of_a_second_sensor_never_speaks_against_it():
    assert fused([look(1), look(1, odds=-1.0, **RADAR)])[0] == pytest.approx(fused([look(1)])[0])


@pytest.mark.parametrize(
    ("looks", "there"),
    [
        ([look(1), look(-1, **DRONE)], False),
        ([look(1), look(1, **DRONE), look(-1, **VISIT)], False),
        ([look(-1), look(1, **VISIT)], True),
    ],
)
def test_contradictions_are_not_averaged_the_nearest_speaks_and_both_are_shown(looks, there):
    chance, conflict = fused(looks)
    assert len(conflict) == len(looks)
    trusted = fused([looks[-1]])[0]
    assert chance == pytest.approx(trusted)
    assert (chance > 0.5) == there


def test_looks_of_another_season_are_no_contradiction():
    assert fused([look(1, at="2026-08-01"), look(-1, at="2026-11-10", **DRONE)])[1] == []


def test_seen_clear_by_a_pair_that_can_tell_is_evidence(flags):
    day = pd.Timestamp("2026-11-15", tz="UTC")
    table = {"flag_id": flags.flag_id, "shown": -1, "before": pd.Timestamp("2025-11-10", tz="UTC")}
    clear = seen(1, sensor="drone-rgb")
    told = follow(flags, found(), clear, ON, sightings=pd.DataFrame({**table, "after": day}))
    says = {item["by"]: item["says"] for item in record(told)["evidence"]}
    assert says == {"sentinel-2-l2a": 1, "drone-rgb": -1}
    assert len(record(told)["conflict"]) == 2


# the format


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (122.0, "122"),
        (122.16, "122.16"),
        (1e-7, "1e-7"),
        (1.5e-6, "0.0000015"),
        (-1.25e-05, "-0.0000125"),
        (1e21, "1e+21"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-0.0, "0"),
        (123456789012, "123456789012"),
        ('a\u2028\n"威', '"a\u2028\\n\\"威"'),
    ],
)
def test_a_document_is_written_as_a_browser_writes_it(value, text):
    assert canonical({"b": value, "a": None}) == f'{{"a":null,"b":{text}}}'.encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1, "a": 2}', "given twice"),
        (b'{"a": NaN}', "no number"),
        (b'{"a": -Infinity}', "no number"),
        (b'{"a": 1e999}', "no number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"a": ' + b"[" * 100_000, "nested deeper"),
        (b'{"a": "' + b"[" * 100_000 + b'"}', None),
        (b'{"a": "\\ud800"}', "lone surrogate"),
        (b'{"\\udc00": 1}', "lone surrogate"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[]", "no object"),
        (b"", "Expecting value"),
        (b'{"a": 1', "Expecting"),
    ],
)
def test_json_that_means_two_things_or_none_is_refused(content, said):
    if said is None:
        assert parsed(content)
        return
    with pytest.raises(ValueError, match=said):
        parsed(content)


def document(flag, **more):
    visit = {
        "flag_id": flag,
        "visited_at": "2026-11-18T10:00:00+08:00",
        "verdict": "suspected",
        "by": "wh-01",
    }
    return {
        "format": "seawatch-visits",
        "version": 1,
        "project": "test",
        "visits": [{**visit, **more}],
    }


def write(path, whole, **signed):
    whole = {**whole, **signed}
    path.write_text(json.dumps({**whole, "checksum": checksum(whole)}), "utf-8")
    return path


def flag_of(bureau):
    return flags_known(bureau.project).iloc[0]


def jpeg(path, when="2026:11:18 10:05:00", lonlat=None):
    """A small photograph with EXIF tags."""
    content = cv2.imencode(".jpg", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()

    def degrees(value):
        whole = abs(value)
        minutes, seconds = divmod(round(whole * 3600 * 100), 6000)
        degree, minute = divmod(minutes, 60)
        return struct.pack("<6I", degree, 1, minute, 1, seconds, 100)

    gps = lonlat is not None
    exif_at, gps_at = 8 + 2 + 12 * (2 if gps else 1) + 4, 0
    exif = struct.pack("<H", 1)
    data_at = exif_at + 2 + 12 + 4
    exif += struct.pack("<HHII", 0x9003, 2, 20, data_at) + struct.pack("<I", 0)
    exif += when.encode() + b"\0"
    body = exif
    entries = struct.pack("<HHII", 0x8769, 4, 1, exif_at)
    if gps:
        gps_at = exif_at + len(body)
        values_at = gps_at + 2 + 12 * 4 + 4
        table = struct.pack("<H", 4)
        table += struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0")
        table += struct.pack("<HHII", 2, 5, 3, values_at)
        table += struct.pack("<HHI4s", 3, 2, 2, b"E\0\0\0")
        table += struct.pack("<HHII", 4, 5, 3, values_at + 24)
        table += struct.pack("<I", 0) + degrees(lonlat[1]) + degrees(lonlat[0])
        body += table
        entries += struct.pack("<HHII", 0x8825, 4, 1, gps_at)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2 if gps else 1) + entries
    tiff += struct.pack("<I", 0) + body
    app1 = b"Exif\0\0" + tiff
    path.write_bytes(
        content[:2] + b"\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1 + content[2:]
    )
    return {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def place_of(bureau, flag):
    shape = gpd.GeoSeries([flag.geometry], crs=bureau.project.crs).to_crs(LONLAT)[0]
    return shape.centroid.x, shape.centroid.y


def test_a_visit_comes_in_once_and_settles_its_flag_in_the_next_run(bureau, tmp_path):
    flag = flag_of(bureau)
    photo = jpeg(tmp_path / "p.jpg", lonlat=place_of(bureau, flag))
    path = write(tmp_path / "v.json", document(flag.flag_id, verdict="lawful", photos=[photo]))
    done = bureau.import_visits([path], recorded=NOW)
    assert (done.entered, done.refused, done.notes) == ({str(path): 1}, {}, [])
    assert (bureau.project.folder / "photos" / photo["sha256"][:2]).is_dir()
    [kept] = (bureau.project.folder / "photos").glob("*/*")
    assert bureau.verify().faults == []
    kept.write_bytes(kept.read_bytes() + b" ")
    assert bureau.verify().faults == [f"{kept}: altered"]
    kept.unlink()
    assert bureau.verify().faults == [f"{kept}: missing"]
    before = (bureau.project.folder / "journal.jsonl").read_bytes()
    again = bureau.import_visits([path], recorded=NOW + timedelta(1))
    assert (again.entered, again.known) == ({str(path): 0}, {str(path): 1})
    assert (bureau.project.folder / "journal.jsonl").read_bytes() == before
    # what was recorded after a run's day is not known to it
    assert bureau.run("2026-11-16").new is False
    run = bureau.run("2026-11-23")
    assert (run.flags.status[0], run.flags.verdict[0]) == ("settled", "lawful")
    assert run.flags.level[0] == "highest"
    assert run.manifest["said"]
    # a later word makes a revision of the week it came in
    more = write(
        tmp_path / "w.json", document(flag.flag_id, visited_at="2026-11-19T10:00:00+08:00")
    )
    bureau.import_visits([more], recorded=NOW + timedelta(2))
    revised = bureau.run("2026-11-23")
    assert revised.folder.name == "2026-W48.r2"
    assert (revised.flags.status[0], revised.flags.verdict[0]) == ("open", "suspected")
    assert revised.manifest["cases"]["contradicted"] == [flag.flag_id]
    assert "核查结论不一致" in (revised.folder / "index.html").read_text("utf-8")


def test_an_export_may_hold_what_the_one_before_held(bureau, tmp_path):
    flag = flag_of(bureau).flag_id
    whole = document(flag)
    first = write(tmp_path / "a.json", whole)
    other = {**whole["visits"][0], "visited_at": "2026-11-19T10:00:00+08:00"}
    second = write(tmp_path / "b.json", {**whole, "visits": [*whole["visits"], other]})
    assert bureau.import_visits([first], recorded=NOW).entered == {str(first): 1}
    done = bureau.import_visits([second], recorded=NOW)
    assert (done.entered, done.known) == ({str(second): 1}, {str(second): 1})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"flag_id": "2026-W47-NOSUCH"}, "no such flag"),
        ({"flag_id": "../../etc/passwd"}, "visit 1.flag_id: String should match"),
        ({"visited_at": "2027-01-01T00:00:00Z"}, "lies in the future"),
        ({"visited_at": "1971-01-01T00:00:00Z"}, "mend the device's clock"),
        ({"visited_at": "2026-11-18T10:00:00"}, "no instant with its zone"),
        ({"visited_at": 1763000000}, "no instant with its zone"),
        ({"visited_at": "9999-12-31T23:59:59-23:59"}, "no year of this time"),
        ({"verdict": "guilty"}, "'lawful', 'suspected'"),
        ({"cause": "moon"}, "'tide', 'season'"),
        ({"by": "wh-01\u202e"}, "visit 1.by"),
        ({"by": "a/../b"}, "visit 1.by"),
        ({"remark": "x" * 10_000}, "at most 2000"),
        ({"position": {"lon": 222, "lat": 37}}, "less than or equal to 180"),
        ({"photos": [{"name": "../p.jpg", "sha256": "0" * 64}]}, "photos.0.name"),
        ({"photos": [{"name": "p.jpg", "sha256": "XYZ"}]}, "photos.0.sha256"),
        ({"evil": 1}, "no such key"),
    ],
)
def test_each_fault_names_file_visit_and_cure(bureau, tmp_path, more, said):
    path = write(tmp_path / "v.json", document(flag_of(bureau).flag_id, **more))
    done = bureau.import_visits([path], recorded=NOW)
    assert done.entered == {}
    (why,) = done.refused.values()
    assert any(str(path) in text and said in text for text in why)
    assert all(len(text) < 700 for text in why)
    assert journal.entries(bureau.project, ["visit", "visit_file"]) == []


def test_an_altered_record_is_refused(bureau, tmp_path):
    path = write(tmp_path / "v.json", document(flag_of(bureau).flag_id))
    path.write_text(path.read_text("utf-8").replace("suspected", "lawful"), "utf-8")
    (why,) = bureau.import_visits([path], recorded=NOW).refused.values()
    assert "checksum" in why[0]


def test_a_signature_is_kept_and_vouches_for_nothing(bureau, tmp_path):
    sign = {"key": "k", "algorithm": "ed25519", "value": "AAAA"}
    path = write(tmp_path / "v.json", document(flag_of(bureau).flag_id), signature=sign)
    assert bureau.import_visits([path], recorded=NOW).entered == {str(path): 1}
    (entry,) = journal.entries(bureau.project, ["visit_file"])
    assert entry.data["signature"] == sign
    assert entry.data["proof"] == "checksum only"


def test_hidden_characters_of_a_remark_are_made_visible_and_said(bureau, tmp_path):
    path = write(
        tmp_path / "v.json",
        document(flag_of(bureau).flag_id, remark="合\u202e法\0 {{7*7}}<script>\r\nline"),
    )
    done = bureau.import_visits([path], recorded=NOW)
    assert any("hidden characters" in text for text in done.notes)
    (entry,) = journal.entries(bureau.project, ["visit"])
    assert entry.data["remark"] == "合\ufffd法\ufffd {{7*7}}<script>\r\nline"


def test_photographs_are_held_against_the_flag_and_the_day(bureau, tmp_path):
    flag = flag_of(bureau)
    lon, lat = place_of(bureau, flag)
    photos = [
        jpeg(tmp_path / "far.jpg", lonlat=(lon + 0.1, lat)),
        jpeg(tmp_path / "old.jpg", when="2026:11:01 10:00:00", lonlat=(lon, lat)),
        jpeg(tmp_path / "bare.jpg"),
        {"name": "absent.jpg", "sha256": "0" * 64},
    ]
    more = {"photos": photos, "position": {"lon": lon, "lat": lat + 0.05, "accuracy_m": 5}}
    path = write(tmp_path / "v.json", document(flag.flag_id, **more))
    done = bureau.import_visits([path], recorded=NOW)
    assert done.entered == {str(path): 1}
    text = "\n".join(done.notes)
    assert "far.jpg: was taken 8.8 km from the flag" in text
    assert "old.jpg: was taken 17.0 days from the visit" in text
    assert "bare.jpg: tells no place" in text
    assert "absent.jpg: not beside the record" in text
    assert "the officer stood 5.5 km from the flag" in text
    assert len(done.notes) == 5
    assert len(json.loads(told(bureau).notes[0])) == 5  # and kept


def told(bureau):
    from seawatch.io.visits import read_visits

    return read_visits(bureau.project)


def test_another_photograph_under_the_name_is_refused(bureau, tmp_path):
    photo = jpeg(tmp_path / "p.jpg")
    path = write(tmp_path / "v.json", document(flag_of(bureau).flag_id, photos=[photo]))
    (tmp_path / "p.jpg").write_bytes((tmp_path / "p.jpg").read_bytes() + b"x")
    (why,) = bureau.import_visits([path], recorded=NOW).refused.values()
    assert "sha256 differs" in why[0]
    (tmp_path / "p.jpg").unlink()
    (tmp_path / "p.jpg").symlink_to("/etc/hostname")
    (why,) = bureau.import_visits([path], recorded=NOW).refused.values()
    assert "a link" in why[0]


def test_whatever_is_done_to_a_record_it_is_read_or_refused_by_name(bureau, tmp_path):
    import random

    rng = random.Random(5)
    more = {"remark": "合法", "position": {"lon": 122.1, "lat": 37.2, "accuracy_m": 3.5}}
    whole = write(tmp_path / "v.json", document(flag_of(bureau).flag_id, **more)).read_bytes()
    pieces = [
        b"null",
        b"[]",
        b"{}",
        b"1e999",
        b"NaN",
        b'"\\ud800"',
        b"9" * 5000,
        b'"',
        b"\xff",
        b"-",
    ]
    paths = []
    for number in range(150):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(content))
            content[at : at + rng.randrange(12)] = rng.choice(pieces)
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(bytes(content))
    done = bureau.import_visits(paths, recorded=NOW)
    assert len(done.refused) + len(done.entered) == 150
    assert len(done.refused) > 140
    assert all(path in text for path, why in done.refused.items() for text in why)


@pytest.mark.parametrize("kind", ["csv", "gbk", "xlsx"])
def test_a_sheet_under_chinese_headings(bureau, tmp_path, kind):
    flag = flag_of(bureau).flag_id
    jpeg(tmp_path / "p.jpg")
    headings = [
        "图斑编号",
        "核查时间",
        "核查结论",
        "原因",
        "核查人",
        "备注",
        "经度",
        "纬度",
        "照片",
    ]
    cells = [flag, "2026-11-18 10:00", "伪变化", "潮汐", "王-01", "=1+1", 122.36, 37.47, "p.jpg"]
    path = tmp_path / ("v.xlsx" if kind == "xlsx" else "v.csv")
    if kind == "xlsx":
        book = openpyxl.Workbook()
        cells[1] = datetime(2026, 11, 18, 10)
        book.active.append(headings)
        book.active.append(cells)
        book.active["F2"].data_type = "s"
        book.save(path)
    else:
        encoding = "gb18030" if kind == "gbk" else "utf-8-sig"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([headings, cells])
    done = bureau.import_visits([path], recorded=NOW)
    assert done.refused == {}
    assert done.entered == {str(path): 1}
    row = told(bureau).iloc[0]
    assert (row.flag_id, row.verdict, row.cause, row.by) == (flag, "false_change", "tide", "王-01")
    assert row.visited_at == pd.Timestamp("2026-11-18T02:00Z")
    assert row.remark == "=1+1"
    assert bureau.import_visits([path], recorded=NOW).known == {str(path): 1}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["flag_id", "when"], ["A", "B"]], "heading 'when' means nothing here"),
        ([["flag_id", "图斑编号"], ["A", "B"]], "two columns mean 'flag_id'"),
        ([["flag_id", "verdict"]], "no rows"),
        ([["flag_id", "verdict", "by"], ["2026-W47-ABCDEF", "guilty", "x"]], "row 2: verdict"),
        ([["flag_id", "remark"], ["A", "x" * 20_000]], "row 2: a cell of 20000 characters"),
        ([["flag_id", "photos"], ["2026-W47-ABCDEF", "../p.jpg"]], "write its name alone"),
    ],
)
def test_a_sheet_names_its_faults(bureau, tmp_path, rows, said):
    path = tmp_path / "v.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (why,) = bureau.import_visits([path], recorded=NOW).refused.values()
    assert any(said in text and str(path) in text for text in why)


def test_files_that_are_no_records(bureau, tmp_path):
    import os
    import zipfile

    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(2**31)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * (200 * 2**20))
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(b"PK\x03\x04nothing")
    empty = tmp_path / "empty.xlsx"
    with zipfile.ZipFile(empty, "w") as book:
        book.writestr("a", "b")
    link = tmp_path / "link.json"
    link.symlink_to(write(tmp_path / "v.json", document(flag_of(bureau).flag_id)))
    bad = [huge, bomb, pipe, torn, empty, link, tmp_path / "absent.json"]
    done = bureau.import_visits(bad, recorded=NOW)
    assert sorted(done.refused) == sorted(map(str, bad))
    assert all(why and path in why[0] for path, why in done.refused.items())


def test_the_good_files_enter_and_the_bad_are_named(seawatch, bureau, tmp_path):
    when = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    flag = flag_of(bureau).flag_id
    good = write(tmp_path / "good.json", document(flag, visited_at=when))
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    into = ("--into", bureau.project.folder)
    code, out, err = seawatch("visits", "import", good, bad, *into)
    assert code == 4
    assert f"{good}: 1 entered, 0 known already" in out
    assert f"{bad}: refused" in out
    assert "bad.json: not plain JSON" in err
    code, out, _ = seawatch("visits", "import", bad, *into, "--json")
    assert code == 3
    assert json.loads(out)["entered"] == {}
    code, out, _ = seawatch("visits", "import", good, *into)
    assert code == 0
    assert "0 entered, 1 known already" in out


def test_the_schema_of_a_record_is_published(seawatch):
    code, out, _ = seawatch("schema", "visits")
    schema = json.loads(out)
    assert code == 0
    assert set(schema["required"]) == {"format", "version", "project", "visits", "checksum"}
    assert "lawful" in schema["$defs"]["Visit"]["properties"]["verdict"]["enum"]
    code, _, err = seawatch("schema", "nothing")
    assert (code, "settings, visits" in err) == (2, True)
