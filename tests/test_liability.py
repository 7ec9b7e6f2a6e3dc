import json
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import at, changes_of
from seawatch import fees, workspace
from seawatch.errors import InputRefused, UsageError
from seawatch.fees import Fee, Time
from seawatch.io.fees import COLUMNS, read_fees
from seawatch.io.settings import law_notices, read_jurisdiction
from seawatch.liability import MODES_OF, Case, Jurisdiction, liability, with_liability
from seawatch.maps import page
from seawatch.maps.liability import liability_text, money
from seawatch.maps.words import with_words
from seawatch.project import Settings, settings_from
from seawatch.rules import judge

ON = date(2026, 11, 23)
TIME = Time(date(2026, 11, 1), date(2026, 11, 11), ON, ON)
SHIPPED = read_fees()
WEIHAI = Jurisdiction(("山东省", "威海市"), (3,), SHIPPED)
NATION = Jurisdiction((), (3,), SHIPPED)


def case(rule, kind, **more):
    facts = {"time": TIME, "excess_m2": 10_000.0, "excess_sigma_m2": 500.0, **more}
    return Case(rule, kind, **facts)


def ends(found):
    return found["low"], found["high"]


# ---- sums


def test_a_fill_by_hand():
    """1 ± 2 × 0.05 ha at grade 3: industry 190, towns 1900 × 10⁴ yuan a hectare; 10 to 20 times."""
    found = liability(case("fill_no_permit", "land_gained"), NATION)
    assert ends(found) == (round(10 * 0.9 * 190e4), round(20 * 1.1 * 1900e4))
    assumed = found["assumptions"]
    assert assumed["sums"] == [[10, 20, "fee"]]
    assert assumed["area_ha"] == [[0.9, 1.1]]
    assert assumed["sea_grades"] == [3]
    assert assumed["tables"] == ["2018"]
    assert assumed["unverified"] == ["fees"]


def test_every_grade_of_the_workspace_is_held():
    found = liability(case("fill_no_permit", "land_gained"), replace(NATION, sea_grades=(3, 4)))
    assert ends(found) == (round(10 * 0.9 * 140e4), round(20 * 1.1 * 1900e4))


def test_a_structure_may_be_solid_or_on_piles():
    """Solid pays 150 once; on piles 3.23 a year, from 12 days (seen) to 22 (possible)."""
    found = liability(case("no_permit", "structure"), NATION)
    assert ends(found) == (
        round(5 * 0.9 * 3.23e4 * 12 / 365.25),
        round(15 * 1.1 * 150e4),
    )
    assert found["assumptions"]["days"] == [[12, 22]]


def test_yearly_fees_run_to_the_last_look_or_to_the_day():
    pond = Fee(
        "own", date(2020, 1, 1), None, "41", ("养殖", "farm"), "yearly", (1000.0,) * 6, "H", "s"
    )
    place = replace(NATION, fees=(pond,))
    whole = {"excess_sigma_m2": 0.0}
    unseen = Time(date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 1), date(2026, 11, 1))
    found = liability(case("no_permit", "raft", time=unseen, **whole), place)
    assert ends(found) == (round(5 * 1000 * 59 / 365.25), round(15 * 1000 * 304 / 365.25))
    assert "unverified" not in found["assumptions"]


def test_fees_over_two_tables():
    """Ten days under the old table, ten under the new, each by its own rate."""
    rates = {"2007": 365.25, "2018": 3652.5}
    rows = tuple(
        Fee(name, first, last, "41", ("", ""), "yearly", (rates[name],) * 6, "H", "s")
        for name, first, last in (
            ("2007", date(2007, 3, 1), date(2018, 4, 30)),
            ("2018", date(2018, 5, 1), None),
        )
    )
    day = date(2018, 5, 1)
    time = Time(day - timedelta(10), day - timedelta(10), day + timedelta(10), day + timedelta(10))
    owed = fees.owed(rows, (1,), time)
    assert (owed.low, owed.high) == pytest.approx((10 + 100, 10 + 100))


def test_one_time_fees_go_by_the_tables_of_the_interval():
    straddling = Time(date(2018, 4, 20), date(2018, 5, 10), ON, ON)
    found = liability(case("fill_no_permit", "land_gained", time=straddling), NATION)
    assert ends(found) == (round(10 * 0.9 * 105e4), round(20 * 1.1 * 1900e4))
    assert found["assumptions"]["tables"] == ["2007", "2018"]
    old = Time(date(2018, 4, 20), date(2018, 4, 30), ON, ON)
    found = liability(case("fill_no_permit", "land_gained", time=old), NATION)
    assert ends(found) == (round(10 * 0.9 * 105e4), round(20 * 1.1 * 105e4))


def test_coast_by_the_metre_with_its_error():
    found = liability(
        case("natural_coast_occupied", "land_gained", coast_m=100.0, coast_sigma_m=10.0), NATION
    )
    assert ends(found) == (500 * 80, 10_000 * 120)


@pytest.mark.parametrize(
    ("rule", "kind", "place", "low", "high"),
    [
        ("expired", "raft", NATION, 0, 10_000),
        ("not_dismantled", "structure", NATION, 0, 50_000),
        ("aquaculture_banned", "raft", NATION, 20_000, 200_000),
        ("aquaculture_banned", "raft", WEIHAI, 50_000, 100_000),
        ("basepoint_entered", "structure", NATION, 20_000, 200_000),
        ("island_changed", "built", NATION, 20_000, 500_000),
        ("island_changed", "vegetation_lost", NATION, 0, 500_000),
    ],
)
def test_sums_an_act(rule, kind, place, low, high):
    assert ends(liability(case(rule, kind), place)) == (low, high)


@pytest.mark.parametrize(
    ("rule", "kind", "multiples"),
    [
        ("no_permit", "structure", [5, 15]),
        ("beyond_permit", "structure", [5, 15]),
        ("beyond_permit", "land_gained", [10, 20]),
        ("island_connected", "land_gained", [10, 20]),
        ("use_changed", "land_gained", [10, 15]),
        ("use_changed", "structure", [5, 10]),
    ],
)
def test_multiples_by_kind_and_region(rule, kind, multiples):
    found = liability(case(rule, kind), WEIHAI)["assumptions"]
    assert found["sums"] == [[*multiples, "fee"]]
    assert found.get("region") == (["山东省"] if rule == "use_changed" else None)


def test_outside_shandong_the_nation_s_multiple_counts():
    found = liability(case("use_changed", "land_gained"), NATION)["assumptions"]
    assert found["sums"] == [[5, 15, "fee"]]
    assert "region" not in found


# ---- the interval over a change of law


def test_an_interval_over_the_change_says_that_the_earlier_sum_is_not_on_file():
    time = Time(date(2023, 12, 20), date(2024, 1, 10), ON, ON)
    found = liability(
        case("natural_coast_occupied", "land_gained", time=time, coast_m=100.0), NATION
    )
    assert ends(found) == (50_000, 1_000_000)
    assert found["assumptions"]["silent"] == [["2023-12-20", "2023-12-31"]]
    assert "2023-12-31" in liability_text(found, "zh")
    before = Time(date(2023, 12, 1), date(2023, 12, 31), ON, ON)
    found = liability(
        case("natural_coast_occupied", "land_gained", time=before, coast_m=100.0), NATION
    )
    assert found == {"none": ["no_sum"]}


def test_a_sum_of_its_own_counts_from_its_day():
    """Weihai's regulations begin on 2018-07-01; before, nothing is on file at all."""
    time = Time(date(2018, 6, 20), date(2018, 7, 10), ON, ON)
    found = liability(case("aquaculture_banned", "raft", time=time), WEIHAI)
    assert ends(found) == (50_000, 100_000)
    assert found["assumptions"]["silent"] == [["2018-06-20", "2018-06-30"]]


# ---- no range rather than a false one


@pytest.mark.parametrize(
    ("rule", "kind", "more", "place", "why"),
    [
        ("fill_no_permit", "land_gained", {}, replace(NATION, sea_grades=()), "sea_grade"),
        ("no_permit", "raft", {}, NATION, "fee"),
        ("no_permit", "enclosed", {}, NATION, "fee"),  # a basin has a fee, a pond has none
        ("no_permit", "sea_change", {}, NATION, "kind"),
        ("redline_entered", "built", {}, NATION, "no_sum"),
        ("strict_coast", "built", {}, WEIHAI, "no_sum"),
        ("natural_coast_occupied", "built", {}, NATION, "no_coast"),
        ("island_changed", "built", {"inhabited": "yes"}, NATION, "inhabited"),
        ("fill_no_permit", "land_gained", {"verdict": "lawful"}, NATION, "verdict"),
        ("fill_no_permit", "land_gained", {"verdict": "false_change"}, NATION, "verdict"),
    ],
)
def test_no_range_and_why(rule, kind, more, place, why):
    found = liability(case(rule, kind, **more), place)
    assert found["none"][0] == why
    for language, begins in (("zh", "不估算"), ("en", "None")):
        said = liability_text(found, language)
        assert said.startswith(begins)
        assert "{" not in said


def test_a_fee_before_the_first_table_is_not_made_up():
    time = Time(date(2007, 2, 1), date(2007, 3, 10), ON, ON)
    found = liability(case("fill_no_permit", "land_gained", time=time), NATION)
    assert found["none"][:3] == ["fee", "11", "2007-02-01"]


def test_a_verdict_of_suspected_keeps_the_range():
    found = liability(case("expired", "raft", verdict="suspected"), NATION)
    assert ends(found) == (0, 10_000)
    assert found["assumptions"]["refusal"]


RULES_AND_KINDS = st.sampled_from(
    [("fill_no_permit", "land_gained"), ("no_permit", "structure"), ("use_changed", "land_gained")]
)


@given(
    RULES_AND_KINDS,
    st.floats(0, 1e7),
    st.floats(0, 1e6),
    st.integers(0, 3000),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(1, 6),
)
def test_a_wider_case_never_has_a_narrower_range(which, area, sigma, begun, wait, stood, grade):
    first = date(2018, 5, 1) + timedelta(begun)
    last = first + timedelta(wait)
    until = last + timedelta(stood)
    narrow = Case(*which, Time(last, last, until, until), area, sigma / 2)
    wide = Case(*which, Time(first, last, until, until), area, sigma)
    small, large = (
        liability(narrow, replace(NATION, sea_grades=(grade,))),
        liability(wide, replace(NATION, sea_grades=(min(grade, 5), 6))),
    )
    if grade >= 5:
        large = liability(wide, replace(NATION, sea_grades=(5, 6)))
    assert 0 <= small["low"] <= small["high"]
    assert large["low"] <= small["low"] + 1
    assert large["high"] >= small["high"] - 1


# ---- on tables


def test_findings_and_flags_carry_it(bay):
    where = [("land_gained", at(300, 450, 360, 510)), ("sea_change", at(450, 450, 520, 520))]
    judged = judge(changes_of(*where), bay, ON)
    found = with_liability(judged, NATION, ON)
    by_rule = {
        r: json.loads(n)["liability"] for r, n in zip(found.rule, found.numbers, strict=True)
    }
    assert by_rule["no_permit"] == {"none": ["kind"]}
    assert by_rule["fill_no_permit"]["unit"] == "yuan"
    kept = [{k: v for k, v in json.loads(n).items() if k != "liability"} for n in found.numbers]
    assert kept == [json.loads(n) for n in judged.numbers]
    again = with_liability(found, NATION, ON)
    assert list(again.numbers) == list(found.numbers)
    assert list(with_liability(judged.iloc[:0], NATION, ON).columns) == list(judged.columns)


def test_what_is_closed_stops_counting(bay):
    judged = judge(changes_of(("structure", at(300, 450, 360, 510))), bay, ON)
    later = date(2028, 1, 1)
    days = {}
    for status in ("open", "unseen", "cleared", "settled"):
        flag = judged.assign(status=status, verdict=None, last_seen=pd.Timestamp(ON))
        made = json.loads(with_liability(flag, NATION, later).numbers.item())
        days[status] = made["liability"]["assumptions"]["days"][0]
    begun = judged.before.item().date()
    assert days["open"][1] == days["unseen"][1] == (later - begun).days
    assert days["cleared"][1] == days["settled"][1] == (ON - begun).days


def test_a_flag_s_law_is_that_of_its_own_interval(bay):
    judged = judge(changes_of(("land_gained", at(10, -20, 300, 40))), bay, ON)
    judged = judged[judged.rule == "natural_coast_occupied"]
    old = judged.assign(
        before=pd.Timestamp("2023-12-20", tz="UTC"), after=pd.Timestamp("2024-01-10", tz="UTC")
    )
    said = with_words(with_liability(old, NATION, ON), "zh")
    text = said.basis.item()
    assert "2017 年修正" in text
    assert "2023 年修订" in text
    narrowed = said.assign(before=pd.Timestamp("2024-01-02", tz="UTC"))
    said = with_words(with_liability(narrowed, NATION, ON), "zh")
    assert "2017" not in said.basis.item()
    numbers = json.loads(said.numbers.item())
    length, error = numbers["coast_m"], 2 * numbers["coast_sigma_m"]
    assert error > 0
    assert numbers["liability"]["low"] == pytest.approx(500 * (length - error), abs=1)
    assert "silent" not in json.loads(said.numbers.item())["liability"]["assumptions"]


# ---- words


def test_money_is_rounded_outwards():
    assert money(1_239_999, 2_000_001, "zh") == "123 万–201 万元"
    assert money(999, 12_345, "en") == "999–12,400 yuan"
    assert money(50_000, 100_000_000, "zh") == "5 万–1 亿元"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_assumption_is_said(language):
    """Without any one of them the text would be another."""
    time = Time(date(2018, 4, 20), date(2018, 5, 10), ON, ON)
    turn = Time(date(2023, 12, 20), date(2024, 1, 10), ON, ON)
    laws = Time(date(2018, 6, 20), date(2024, 1, 10), ON, ON)
    found = [
        liability(case("fill_no_permit", "land_gained", time=time), NATION),
        liability(case("no_permit", "structure"), WEIHAI),
        liability(case("use_changed", "land_gained"), WEIHAI),
        liability(case("expired", "raft"), NATION),
        liability(case("island_changed", "vegetation_lost", inhabited="unknown"), NATION),
        liability(case("natural_coast_occupied", "built", time=turn, coast_m=50.0), NATION),
        liability(case("aquaculture_banned", "raft", time=laws), WEIHAI),
    ]
    told = set()
    for one in found:
        whole = liability_text(one, language)
        for key in one["assumptions"]:
            fewer = {k: v for k, v in one["assumptions"].items() if k != key}
            assert liability_text({**one, "assumptions": fewer}, language) != whole, key
            told.add(key)
    sums = {"sums", "region", "area_ha", "coast_m", "days", "uses", "sea_grades", "tables"}
    assert told == sums | {"unverified", "silent", "laws", "inhabited", "refusal"}
    assert liability_text(None, language) == ""


def test_the_unverified_is_said_beside_the_sum():
    found = liability(case("fill_no_permit", "land_gained"), NATION)
    assert liability_text(found, "zh").splitlines()[0].endswith("元（海域使用金标准未核实）")
    assert "11（工业、交通运输、渔业基础设施等填海 / 城镇建设填海）" in liability_text(found, "zh")


# ---- the fee table and the settings


def csv(tmp_path, *rows):
    path = tmp_path / "fees.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]), "utf-8")
    return path


GOOD = "鲁2020,2020-06-01,,33,围海养殖,enclosed farming,yearly,0.1,0.1,0.1,0.1,0.1,0.1,M,a letter"


def test_the_shipped_table_is_unverified_and_unbroken():
    modes = fees.by_mode(SHIPPED)
    for mode, rows in modes.items():
        assert all(row.trust in ("M", "L") for row in rows)
        assert fees.unbroken(rows, rows[0].effective_from, rows[-1].effective_from), mode
        for row in rows:
            assert list(row.yuan_per_ha) == sorted(row.yuan_per_ha, reverse=True)
    old = {mode: [rate / 1e4 for rate in rows[0].yuan_per_ha] for mode, rows in modes.items()}
    published = {
        "11": [180, 135, 105, 75, 45, 30],
        "21": [150, 120, 90, 60, 45, 30],
        "23": [3, 2.55, 2.10, 1.65, 1.20, 0.75],
        "31": [0.75, 0.60, 0.45, 0.30, 0.21, 0.15],
        "42": [0.45, 0.36, 0.30, 0.21, 0.15, 0.06],
    }
    assert {mode: old[mode] for mode in published} == published


def test_a_workspace_s_rows_replace_those_of_their_modes(tmp_path):
    own = read_fees(csv(tmp_path, GOOD, GOOD.replace(",33,", ",11,")))
    modes = fees.by_mode(own)
    assert [row.table for row in modes["11"]] == ["鲁2020"]
    assert [row.table for row in modes["21"]] == ["2007", "2018"]
    place = replace(NATION, fees=own)
    found = liability(case("enclosed_no_permit", "enclosed"), place)
    # a pond at 0.1 for 12 days, a basin at 0.69 for 22
    assert ends(found) == (
        round(10 * 0.9 * 0.1e4 * 12 / 365.25),
        round(20 * 1.1 * 0.69e4 * 22 / 365.25),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",33,", ",34,", "row 3: mode"),
        ("yearly", "monthly", "row 3: paid"),
        ("2020-06-01", "1.6.2020", "row 3: effective_from"),
        ("2020-06-01,", "2020-06-01,2019-01-01", "row 3: effective_to: before"),
        ("0.1,0.1,0.1,0.1,0.1,0.1", "0.1,x,0.1,0.1,0.1,-1", "row 3: wan_yuan_per_ha_2"),
        (",M,", ",sure,", "row 3: trust"),
        ("a letter", "", "row 3: source"),
    ],
)
def test_a_bad_fee_is_refused_by_row(tmp_path, old, new, said):
    bad = GOOD.replace(old, new, 1)
    assert bad != GOOD
    with pytest.raises(InputRefused) as refused:
        read_fees(csv(tmp_path, GOOD, bad))
    assert any(said in problem for problem in refused.value.problems)
    assert all(str(tmp_path) in problem for problem in refused.value.problems)


def test_everything_wrong_in_a_fee_table_is_said_at_once(tmp_path):
    bad = GOOD.replace(",33,", ",34,").replace("yearly", "").replace(",M,", ",,")
    with pytest.raises(InputRefused) as refused:
        read_fees(csv(tmp_path, bad))
    assert len(refused.value.problems) == 3
    for content, said in (
        (b"a,b\n1,2\n", "no column table"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "CSV"),
    ):
        (tmp_path / "x.csv").write_bytes(content)
        with pytest.raises(InputRefused, match=said):
            read_fees(tmp_path / "x.csv")
    with pytest.raises(InputRefused, match="no row"):
        read_fees(csv(tmp_path))


def settings(tmp_path, **law):
    fields = {
        "project": {"name": "x", "crs": "EPSG:4549"},
        "layers": {"absent": ["permits", "coastline", "islands", "zones", "duty", "known"]},
        "law": law,
    }
    return settings_from(fields, tmp_path / "seawatch.toml")


def test_the_law_of_a_workspace(tmp_path):
    assert settings(tmp_path, sea_grade=3).law.sea_grade == (3,)
    assert settings(tmp_path, sea_grade=[4, 3, 4]).law.sea_grade == (3, 4)
    assert isinstance(settings(tmp_path), Settings)
    assert settings(tmp_path, city="北海市").law.city == "北海市"  # no law of its own here


@pytest.mark.parametrize(
    ("law", "said"),
    [
        ({"sea_grade": 7}, "1 to 6"),
        ({"province": "山东"}, "did you mean '山东省'"),
        ({"city": "威海"}, "did you mean '威海市'"),
        ({"city": "威海市", "province": "辽宁省"}, "lies in 山东省"),
        ({"provinz": "山东省"}, "did you mean 'province'"),
    ],
)
def test_a_slip_in_the_law_is_caught(tmp_path, law, said):
    with pytest.raises(UsageError, match=said):
        settings(tmp_path, **law)


def test_a_week_says_law_and_liability(week):
    """From seawatch.toml to the flag, the page and the workbook; the fees are an input."""
    folder = week.project.folder
    (folder / "own.csv").write_text(
        "\n".join([",".join(COLUMNS), GOOD.replace(",33,", ",11,"), ""]), "utf-8"
    )
    with (folder / "seawatch.toml").open("a", encoding="utf-8") as file:
        file.write('\n[law]\ncity = "威海市"\nsea_grade = [3, 4]\nfees = "own.csv"\n')
    space = workspace.open(folder)
    assert read_jurisdiction(space.project).where == ("山东省", "威海市")
    said = law_notices(space.project)
    assert any("鲁2020" in text and "unverified" in text for text in said)
    assert any("33, 41" in text for text in said)
    assert set(said) <= set(space.notices(date(2026, 11, 23)))
    run = space.run("2026-11-16")
    fill = run.flags[run.flags.rule == "fill_no_permit"].iloc[0]
    found = json.loads(fill.numbers)["liability"]
    assert found["assumptions"]["sea_grades"] == [3, 4]
    assert found["assumptions"]["tables"] == ["鲁2020"]
    assert fill.basis == "《海域使用管理法》第四十二条"
    assert "own.csv" in {row["path"] for row in run.manifest["inputs"]}
    assert "责任估算" in (run.folder / "index.html").read_text("utf-8")
    column = pd.read_excel(run.folder / "flags.xlsx")["责任估算"]
    assert list(column) == [
        liability_text(json.loads(n)["liability"], "zh") for n in run.flags.numbers
    ]
    local = replace(run, flags=run.flags.assign(rule="use_changed")).map()
    assert "《山东省海域使用管理条例》第三十九条" in page.html(local)
    space.run("2026-11-23")
    # nothing is imaged in the third week: the flag goes on, and so does what it may cost
    flag = space.run("2026-11-30").flags.set_index("flag_id").loc[fill.flag_id]
    assert flag.status == "unseen"
    assert json.loads(flag.numbers)["liability"]["assumptions"]["days"] == [[9, 383]]
    (folder / "own.csv").write_text("nothing\n", "utf-8")
    assert any("own.csv: no column" in fault for fault in space.faults())
    with pytest.raises(InputRefused, match=r"own\.csv"):
        space.run("2026-12-07")


def test_every_kind_with_a_fee_is_a_kind_of_change():
    from seawatch.tables import CHANGE_KINDS, MODES

    assert set(MODES_OF) <= set(CHANGE_KINDS)
    assert {mode for modes in MODES_OF.values() for mode in modes} <= set(MODES)
