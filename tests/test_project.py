"""seawatch.toml, issues and windows; layers and gauge of a workspace."""

from datetime import UTC, date, datetime

import pytest
from shapely.geometry import LineString

from conftest import CRS, X, Y, at, permit, write_layers
from seawatch.errors import InputRefused, UsageError
from seawatch.io import archive, mend, settings
from seawatch.tables import COASTLINE, PERMITS, ZONES


@pytest.fixture
def bureau(tmp_path):
    return write_layers(
        tmp_path, CRS, {PERMITS: [(permit("A", "11", "surface"), at(0, 0, 50, 50))]}
    )


def project(folder, cycle="weekly"):
    toml = folder / "seawatch.toml"
    text = toml.read_text("utf-8").replace("[layers]", f'cycle = "{cycle}"\n[layers]', 1)
    toml.write_text(text, "utf-8")
    return settings.read_project(folder)


@pytest.mark.parametrize(
    ("on", "issue", "first"),
    [
        (date(2026, 11, 23), "2026-W48", date(2026, 11, 17)),
        (date(2027, 1, 1), "2026-W53", date(2026, 12, 26)),
    ],
)
def test_weeks(bureau, on, issue, first):
    made = project(bureau)
    assert made.issue(on) == issue
    start, end = made.window(on)
    midnight = datetime(first.year, first.month, first.day, tzinfo=made.timezone)
    assert start < midnight <= datetime(2026, 12, 31, tzinfo=UTC).astimezone(made.timezone)
    assert (midnight - start).total_seconds() < 1
    assert (end.date() - on).days == 1


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("tide", "slope", "inf"),
        ("tide", "slope", "5"),  # meant as 5 %, it would leave the tide nothing to explain
        ("rules.no_permit", "min_area_m2", "nan"),  # no area is larger: nothing would be flagged
        ("rules.no_permit", "min_area_m2", "inf"),
        ("rules.no_permit", "min_area_m2", "-1"),
        ("patrol", "within_m", "inf"),
        ("patrol", "swath_m", "1e300"),
        ("project", "timezone", f'"{"a" * 3000}"'),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(bureau, section, key, value):
    toml = bureau / "seawatch.toml"
    text = toml.read_text("utf-8")
    if section == "project":
        text = text.replace('timezone = "Asia/Shanghai"', f"{key} = {value}")
    else:
        text += f"\n[{section}]\n{key} = {value}\n"
    toml.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=rf"seawatch.toml: {section}.{key}: "):
        settings.read_project(bureau)


@pytest.mark.parametrize(
    ("on", "issue", "first"),
    [
        (date(2026, 11, 5), "2026-11-1", date(2026, 10, 21)),
        (date(2026, 10, 21), "2026-11-1", date(2026, 10, 21)),
        (date(2026, 11, 6), "2026-11-2", date(2026, 11, 6)),
        (date(2026, 11, 20), "2026-11-2", date(2026, 11, 6)),
        (date(2026, 12, 25), "2027-01-1", date(2026, 12, 21)),
        (date(2027, 1, 3), "2027-01-1", date(2026, 12, 21)),
        (date(2027, 3, 1), "2027-03-1", date(2027, 2, 21)),
    ],
)
def test_half_months(bureau, on, issue, first):
    made = project(bureau, "half-month")
    assert made.issue(on) == issue
    start, _ = made.window(on)
    assert (datetime(first.year, first.month, first.day, tzinfo=made.timezone) - start).seconds < 1


def test_a_layer_is_there_or_said_to_be_missing(bureau):
    toml = bureau / "seawatch.toml"
    text = toml.read_text("utf-8")
    toml.write_text(text.replace("'zones', ", ""), "utf-8")
    with pytest.raises(UsageError, match="'zones' has no file; give it one, or add it to `absent`"):
        settings.read_project(bureau)
    toml.write_text(text.replace("absent = [", "absent = ['permits', "), "utf-8")
    with pytest.raises(UsageError, match="'permits' has a file and is in `absent`"):
        settings.read_project(bureau)


def test_a_layer_far_from_all_others_is_in_the_wrong_crs(tmp_path):
    far = {"zone_id": "Z", "kind": "redline"}
    coast = {"segment_id": "S", "kind": "sandy", "baseline": "b", "surveyed": "2020-01-01"}
    layers = {
        PERMITS: [(permit("A", "11", "surface"), at(0, 0, 50, 50))],
        COASTLINE: [(coast, LineString([(X, Y), (X + 100, Y)]))],
        ZONES: [(far, at(0, 0, 50, 50).buffer(1).__class__(at(300_000, 0, 300_050, 50)))],
    }
    write_layers(tmp_path, CRS, layers)
    with pytest.raises(InputRefused, match=r"zones\.gpkg \(zones\): lies more than 100 km"):
        settings.read_layers(settings.read_project(tmp_path))


def test_every_bad_layer_is_said_at_once(bureau):
    toml = bureau / "seawatch.toml"
    text = toml.read_text("utf-8").replace("'zones', ", "")
    toml.write_text(text.replace("[layers]", "[layers]\nzones = 'layers/none.gpkg'"), "utf-8")
    (bureau / "layers" / "permits.gpkg").unlink()
    with pytest.raises(InputRefused) as refused:
        settings.read_layers(settings.read_project(bureau))
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("time,height_m\n2026-11-20T00:00:00,1.0", "row 2"),
        ("time,height_m\n2026-11-20T00:00Z,1.0\n2026-11-20T01:00Z,high", "row 3"),
        ("when,height\n1,2", "needs the columns time and height_m"),
        ("time,height_m\n2026-11-20T00:00Z,1\n2026-11-20T01:00Z,inf", "row 3: .*metres, -30 to 30"),
        ("time,height_m\n2026-11-20T00:00Z,212", "row 2: .*metres, -30 to 30"),
        ("time,height_m\n2026-11-20T00:00Z,1,\n\n2026-11-20T01:00Z,high,", "row 4: .*'high'"),
        ("time,height_m\n2026-11-20T00:00Z", "row 2: '2026-11-20T00:00Z', ''"),
        ("time;height_m\n2026-11-20T00:00Z;1", "with commas between"),
        ("time,height_m,height_m\n2026-11-20T00:00Z,1,2", "once each"),
        ("time,height_m\n", "no rows below the headings"),
        (
            "time,height_m\n2026-11-20T00:00Z,1\n2026-11-20T08:00+08:00,2",
            "row 3: another height at '2026-11-20T08:00\\+08:00'",
        ),
    ],
)
def test_a_bad_gauge_names_its_row(bureau, rows, said):
    (bureau / "tide.csv").write_text(rows)
    with (bureau / "seawatch.toml").open("a") as file:
        file.write('\n[tide]\ngauge = "tide.csv"\n')
    with pytest.raises(InputRefused, match=said):
        settings.read_gauge(settings.read_project(bureau))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_gauge_is_read_whatever_its_encoding_and_its_last_comma(bureau, encoding):
    rows = "时刻,time,height_m\n甲,2026-11-20T00:00Z,1.5,\n,2026-11-20T01:00Z, 2.5 ,\n"
    (bureau / "tide.csv").write_bytes(rows.encode(encoding))
    with (bureau / "seawatch.toml").open("a") as file:
        file.write('\n[tide]\ngauge = "tide.csv"\n')
    assert list(settings.read_gauge(settings.read_project(bureau)).heights_m) == [1.5, 2.5]


def test_gauge_and_constituents_are_refused_together(bureau):
    (bureau / "tide.csv").write_text("when,height\n1,2")
    (bureau / "port.json").write_text("{}")
    with (bureau / "seawatch.toml").open("a") as file:
        file.write('\n[tide]\ngauge = "tide.csv"\nconstituents = "port.json"\n')
    with pytest.raises(InputRefused) as refused:
        settings.read_tides(settings.read_project(bureau))
    said = str(refused.value)
    assert "tide.csv: needs the columns" in said
    assert "port.json: latitude: nothing is not degrees north" in said
    assert "port.json: harmonic_constituents: no list" in said


def test_the_archive_knows_its_runs(bureau):
    made = settings.read_project(bureau)
    with pytest.raises(UsageError, match="no run yet"):
        archive.find(made)
    for day, key in (("2026-11-16", "a"), ("2026-11-23", "b"), ("2026-11-23", "c")):
        issue = made.issue(date.fromisoformat(day))
        with archive.new_run(made, {"issue": issue, "on": day, "key": key}) as folder:
            (folder / "x").write_text(key)
    assert [r.folder.name for r in archive.records(made)] == ["2026-W47", "2026-W48", "2026-W48.r2"]
    assert archive.find(made).folder.name == "2026-W48.r2"
    assert archive.find(made, "2026-W47").on == date(2026, 11, 16)
    assert archive.before(made, date(2026, 11, 23), "2026-W48").folder.name == "2026-W47"
    assert archive.existing(made, "2026-W48", "c").revision == 2
    assert archive.existing(made, "2026-W48", "b") is None


def test_what_an_interrupted_run_left_is_cleared(bureau):
    made = settings.read_project(bureau)
    left = made.archive / ".2026-W48.part"
    left.mkdir(parents=True)
    (left / "half").write_text("x")
    with mend.hold(made):
        assert not left.exists()
