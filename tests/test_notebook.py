"""What shows itself in a notebook: the map of some flags, a flag, a run; without a network."""

import re
from dataclasses import replace

import pytest
from pages import HOSTILE, block, cards

import seawatch as sw
from conftest import at
from seawatch.errors import UsageError
from seawatch.flags import only
from seawatch.maps import page
from stories import FIELD, found, weeks


@pytest.fixture(scope="module")
def run(first_week):
    return sw.open(first_week).runs()[-1]


@pytest.fixture
def two():
    flags = weeks(found(("no_permit", FIELD), ("fill_no_permit", at(600, 600, 700, 700)))).pop()
    return flags.assign(owner=["王伟", None])


def test_flags_are_chosen_by_one_value_or_several(two):
    rules = list(two.rule)
    assert list(only(two, {"rule": rules[0]}).rule) == rules[:1]
    assert list(only(two, {"rule": rules}).rule) == rules
    assert list(only(two, {"owner": ""}).owner.isna()) == [True]
    assert list(only(two, {"owner": "王伟", "rule": None}).owner) == ["王伟"]
    assert only(two, {"owner": "", "rule": rules[0]}).empty


def test_a_value_that_no_flag_has_names_those_there_are(two):
    with pytest.raises(UsageError, match=r"rule 'fill': no such flag .*'fill_no_permit'") as told:
        only(two, {"rule": "fill", "owner": ["x"]})
    assert len(told.value.problems) == 2


def test_the_map_of_some_flags_shows_those_alone(run):
    status = run.flags.status.iloc[0]
    assert list(cards(page.html(run.map(status=status)))) == list(run.flags.flag_id)
    with pytest.raises(UsageError, match="level 'x'"):
        run.map(level="x")
    assert block(page.html(run.map(owner=[""])), "sw-data-flags")["count"] == len(run.flags)


def test_a_flag_and_a_run_show_themselves(run):
    flag_id = run.flags.flag_id.iloc[0]
    told = run.flag(flag_id)._repr_html_()
    assert told.count("data:image/jpeg;base64,") == 2
    for text in (flag_id, "疑似未批填海", run.flags.basis.iloc[0][:8]):
        assert text in told
    whole = run._repr_html_()
    assert flag_id in whole
    assert run.issue in whole
    for text in (told, whole):
        assert "<script" not in text
        assert not re.search(r"(src|href)=\"(?!data:)", text)
    with pytest.raises(UsageError, match="no such flag"):
        run.flag("x")


def test_what_is_hostile_is_shown_as_it_is(run):
    flags = run.flags.assign(owner=HOSTILE, subject=HOSTILE, basis=HOSTILE)
    hostile = replace(run, flags=flags)
    for text in (hostile._repr_html_(), hostile.flag(flags.flag_id.iloc[0])._repr_html_()):
        assert "<img src=x" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text
