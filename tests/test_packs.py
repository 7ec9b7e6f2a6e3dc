"""A folder for each officer: their flags alone, and nothing that leads elsewhere."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from pages import block, cards, notices
from test_reports import FACE, GPX, poppler

import seawatch
from seawatch import atlas
from seawatch.layers import empty_layers
from seawatch.maps.words import word
from seawatch.packs import folder_name, write_packs

OWNERS = ["王伟", "../../x", "李静", None]


@pytest.fixture(scope="module")
def shared_out(first_week):
    """The run of a bureau with its flag four times, for three officers and nobody."""
    space = seawatch.open(first_week)
    run = space.runs()[-1]
    flags = pd.concat([run.flags] * 4, ignore_index=True).assign(
        flag_id=[f"2026-W47-AAAAA{n}" for n in range(4)], owner=OWNERS
    )
    visits = run.flags.assign(order_id="P-1", mode="visit", sequence=1, owner="李静")
    return replace(run, flags=flags, patrols=visits), space


@pytest.fixture(scope="module")
def packs(shared_out, tmp_path_factory):
    run, space = shared_out
    home = tmp_path_factory.mktemp("packs")
    shown = atlas.pictures(run, space.scenes(), "zh")
    return run, write_packs(run, space.layers(), shown, home, FACE, "zh"), home


def test_each_officer_has_a_folder_and_what_is_nobodys_has_one(packs):
    run, folders, home = packs
    assert {f.name for f in folders} == {f.name for f in (home / "owners").iterdir()}
    assert {f.name for f in folders} == {folder_name(o or "") for o in OWNERS}
    assert (home / "owners" / "nobody").is_dir()
    for owner, flag_id in zip(OWNERS, run.flags.flag_id, strict=True):
        page = (home / "owners" / folder_name(owner or "") / "index.html").read_text("utf-8")
        assert list(cards(page)) == [flag_id]
        assert len(block(page, "sw-data-page")["pictures"]) == 1
        assert "recordOf(" in page  # the field form is in it
        whose = "whose" if owner else "whose_nobody"
        assert word(whose, "zh").format(name=owner) in notices(page)
        for other in set(run.flags.flag_id) - {flag_id}:
            assert other not in page


def test_sheets_of_an_officer_are_one_document(packs):
    if FACE is None:
        pytest.skip("no Chinese font on this machine")
    run, _, home = packs
    for owner, flag_id in zip(OWNERS, run.flags.flag_id, strict=True):
        path = home / "owners" / folder_name(owner or "") / "sheets.pdf"
        rows = poppler("pdffonts", path).splitlines()[2:]
        assert rows
        assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)
        text = poppler("pdftotext", path, "-")
        for wanted in (flag_id, "fill_no_permit", "疑似未批填海", owner or "未落实责任人"):
            assert wanted in text
        for other in set(run.flags.flag_id) - {flag_id}:
            assert other not in text


def test_the_list_of_a_document_names_each_flags_page(packs, tmp_path):
    if FACE is None:
        pytest.skip("no Chinese font on this machine")
    run, _, _ = packs
    many = pd.concat([run.flags] * 12, ignore_index=True)
    many = many.assign(flag_id=[f"2026-W47-B{n:05d}" for n in range(len(many))], owner="王伟")
    layers = empty_layers(run.flags.crs)
    write_packs(replace(run, flags=many), layers, {}, tmp_path / "many", FACE, "zh")
    path = tmp_path / "many" / "owners" / folder_name("王伟") / "sheets.pdf"
    pages = poppler("pdftotext", "-layout", path, "-").split("\f")
    head = next(n for n, page in enumerate(pages) if "疑点图斑现场核查单" in page)
    assert head > 1  # the list takes more than a page
    listed = [line.split() for page in pages[:head] for line in page.splitlines()]
    told = {words[0]: int(words[-1]) for words in listed if words and words[0] in set(many.flag_id)}
    assert set(told) == set(many.flag_id)
    for flag_id, number in told.items():
        assert "疑点图斑现场核查单" in pages[number - 1]
        assert flag_id in pages[number - 1]


def test_a_route_goes_to_the_officer_whose_it_is(packs):
    home = packs[2] / "owners"
    assert [p.parent.name for p in home.rglob("patrol.gpx")] == [folder_name("李静")]
    root = ET.parse(home / folder_name("李静") / "patrol.gpx").getroot()
    assert root.find(f"{GPX}rte/{GPX}name").text == "李静"


@pytest.mark.parametrize("owner", ["../../x", "CON", "a/b\\c", "\u202egnp", " ", "名" * 400])
def test_no_name_of_an_officer_leads_elsewhere(owner):
    name = folder_name(owner)
    assert name == folder_name(owner)
    assert not set(name) & set('/\\:*?"<>|. ')
    assert name.isprintable()
    assert name.upper() not in {"CON", "NUL", "NOBODY"}
    assert len(name.encode()) < 120
    assert name != folder_name(owner + "!")


def test_who_has_nothing_more_has_no_folder_any_more(shared_out, tmp_path):
    run, space = shared_out
    write_packs(run, space.layers(), {}, tmp_path, None, "zh")
    less = replace(run, flags=run.flags.iloc[1:2], patrols=run.patrols.iloc[:0])
    write_packs(less, space.layers(), {}, tmp_path, None, "zh")
    assert [f.name for f in tmp_path.iterdir()] == ["owners"]
    assert [f.name for f in (tmp_path / "owners").iterdir()] == [folder_name("../../x")]


def test_the_command_names_the_folders(bureau, seawatch):
    code, out, _ = seawatch("map", bureau.project.folder, "--per-owner")
    assert code == 0
    page, folder = out.split()
    assert folder.endswith("/maps/2026-W47/owners/nobody")
    assert (bureau.project.folder / "maps/2026-W47/owners/nobody/index.html").exists()
    assert page.endswith("maps/2026-W47/index.html")
