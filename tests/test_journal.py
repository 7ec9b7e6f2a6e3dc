"""The journal: a chain that is only added to, and shows wherever it was touched."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CRS, at, permit, write_layers
from seawatch import workspace
from seawatch.errors import Busy, CannotFinish, InputRefused
from seawatch.io import files, journal
from seawatch.tables import PERMITS


@pytest.fixture
def project(tmp_path):
    rows = [(permit("A", "11", "surface"), at(0, 0, 500, 500))]
    return workspace.open(write_layers(tmp_path, CRS, {PERMITS: rows})).project


def said(project):
    return [(entry.n, entry.kind, entry.data) for entry in journal.entries(project)]


def lines(project):
    return (project.folder / "journal.jsonl").read_bytes().splitlines(keepends=True)


def test_lines_are_chained_as_they_are_written_down(project):
    assert journal.head(project) == "0" * 64
    journal.append(project, "assign", [{"flag": "F1", "to": "officer 7"}, {"flag": "F2"}])
    journal.append(project, "case", [{"flag": "F1", "event": "stopped", "note": "停工"}])
    assert said(project)[2] == (3, "case", {"flag": "F1", "event": "stopped", "note": "停工"})
    tip = "0" * 64
    for number, line in enumerate(lines(project), 1):
        fields = json.loads(line)
        assert (fields["n"], fields["prev"]) == (number, tip)
        digest = fields.pop("hash")
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert sha256(text.encode()).hexdigest() == digest
        tip = sha256(line[:-1]).hexdigest()
    assert journal.head(project) == tip


def test_kinds_and_days_are_chosen(project):
    # 17:00 in London is the next day in Shanghai, where this project counts its days
    moments = [datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 11, 22, 17, tzinfo=UTC)]
    for number, moment in enumerate(moments):
        journal.append(project, "assign", [{"flag": f"F{number}"}], recorded=moment)
    journal.append(project, "override", [{"why": "court"}], recorded=moments[0])
    assert [e.data for e in journal.entries(project, ["override"])] == [{"why": "court"}]
    until = journal.entries(project, ["assign"], until=date(2026, 11, 22))
    assert [entry.data["flag"] for entry in until] == ["F0"]
    assert len(journal.entries(project, until=date(2026, 11, 23))) == 3


def test_what_was_said_is_not_said_again_where_the_kind_says_so(project):
    visit = {"flag_id": "F1", "verdict": "lawful", "visited_at": "2026-11-23T01:00:00Z"}
    assert len(journal.append(project, "visit", [visit, visit])) == 1
    before = lines(project)
    assert journal.append(project, "visit", [dict(reversed(visit.items()))]) == []
    assert lines(project) == before
    assert len(journal.append(project, "visit", [visit, {**visit, "verdict": "suspected"}])) == 1
    # who answers for a flag may be named again after another was
    assert len(journal.append(project, "assign", [{"flag": "F1", "to": "A"}] * 2)) == 2


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\n\u2028"), inner),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.dictionaries(st.sampled_from("abc"), _VALUES), max_size=4))
def test_whatever_is_said_is_read_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("said")
    layer = [(permit("A", "11", "surface"), at(0, 0, 500, 500))]
    project = workspace.open(write_layers(folder, CRS, {PERMITS: layer})).project
    journal.append(project, "assign", rows)
    assert [entry.data for entry in journal.entries(project)] == rows


@pytest.mark.parametrize(
    "row",
    [{"a": float("nan")}, {"a": "\ud800"}, {"a": {1, 2}}, {"a": 10**5000}, ["a"], {"a": b"x"}],
)
def test_what_is_no_json_is_refused_and_nothing_written(project, row):
    with pytest.raises(InputRefused, match="journal: visit"):
        journal.append(project, "visit", [{"b": 1}, row])
    assert not (project.folder / "journal.jsonl").exists()


def rechained(project, change):
    """The journal with one line's data changed, and its own digest made to fit."""
    told = lines(project)
    fields = json.loads(told[1])
    change(fields)
    del fields["hash"]
    entry = journal.Entry(
        **{**fields, "recorded": datetime.fromisoformat(fields["recorded"])}, hash=""
    )
    told[1] = journal.Entry(**{**entry.__dict__, "hash": entry.digest}).line + b"\n"
    return told


BREAKS = [
    ("a letter", lambda t: [t[0], t[1].replace(b"F2", b"F3"), *t[2:]], "line 2: it was altered"),
    ("a space", lambda t: [t[0], t[1].replace(b'":', b'": ', 1), *t[2:]], "line 2: it was altered"),
    ("dropped", lambda t: [t[0], *t[2:]], "line 2: it does not follow"),
    ("the first dropped", lambda t: t[1:], "line 1: it does not follow"),
    ("reordered", lambda t: [t[0], t[2], t[1], *t[3:]], "line 2: it does not follow"),
    ("twice", lambda t: [t[0], t[1], t[1], *t[2:]], "line 3: it does not follow"),
    ("cut", lambda t: [*t[:-1], t[-1][:-1]], "line 4: it is cut short"),
    ("a key twice", lambda t: [t[0].replace(b"{", b'{"n":1,', 1), *t[1:]], "line 1: it was altered"),
    ("no JSON", lambda t: [b"x" + t[0], *t[1:]], "line 1: it is no entry"),
    ("a number", lambda t: [b"7\n", *t[1:]], "line 1: it is no entry"),
    ("brackets", lambda t: [b"[" * 100_000 + b"\n", *t], "line 1: it is no entry"),
    ("a blank line", lambda t: [t[0], b"\n", *t[1:]], "line 2: it is no entry"),
]  # fmt: skip


@pytest.mark.parametrize(("how", "said"), [b[1:] for b in BREAKS], ids=[b[0] for b in BREAKS])
def test_a_broken_chain_is_not_read_on(project, how, said):
    journal.append(project, "assign", [{"flag": f"F{n}"} for n in (1, 2, 3, 4)])
    (project.folder / "journal.jsonl").write_bytes(b"".join(how(lines(project))))
    with pytest.raises(InputRefused, match=said):
        journal.entries(project, ["visit"])
    before = lines(project)
    with pytest.raises(InputRefused, match=said):
        journal.append(project, "assign", [{"flag": "F5"}])
    assert lines(project) == before


def test_a_line_rewritten_with_its_digest_breaks_the_next(project):
    journal.append(project, "assign", [{"flag": f"F{n}"} for n in (1, 2, 3)])
    told = rechained(project, lambda fields: fields["data"].update(flag="F9"))
    (project.folder / "journal.jsonl").write_bytes(b"".join(told))
    with pytest.raises(InputRefused, match="line 3: it does not follow"):
        journal.entries(project)


def test_several_writers_lose_and_double_nothing(project):
    code = (
        "import sys; from seawatch.io import journal, settings; from pathlib import Path\n"
        "project = settings.read_project(Path(sys.argv[1]))\n"
        "for n in range(10):\n"
        "    journal.append(project, 'visit', [{'by': 'all', 'n': n}])\n"
        "    journal.append(project, 'assign', [{'by': sys.argv[2], 'n': n}])\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, project.folder, str(number)])
        for number in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    told = said(project)
    assert len(told) == 10 + 30
    assert len({json.dumps(data, sort_keys=True) for _, _, data in told}) == 40


def test_who_waits_too_long_is_told(project, monkeypatch):
    monkeypatch.setattr(journal, "_WAIT_S", 0.05)
    with (
        files.only_one(project.folder / ".journal.lock", "held"),
        pytest.raises(Busy, match="another command is writing"),
    ):
        journal.append(project, "assign", [{}])


def test_a_full_disk_leaves_the_journal_as_it_was(project, monkeypatch):
    journal.append(project, "assign", [{"flag": "F1"}])
    before = lines(project)

    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "to_disk", full)
    with pytest.raises(CannotFinish, match=r"journal.*no space left"):
        journal.append(project, "assign", [{"flag": "F2"}])
    assert lines(project) == before
    assert sorted(p.name for p in project.folder.glob(".*")) == [".journal.lock"]


def test_a_link_for_a_journal_is_not_followed_to_a_device(project):
    (project.folder / "journal.jsonl").symlink_to("/dev/zero")
    with pytest.raises(InputRefused, match="not an ordinary file"):
        journal.entries(project)


def test_a_clock_set_back_is_kept_as_it_was(project):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    journal.append(project, "assign", [{"n": 1}], recorded=now)
    journal.append(project, "assign", [{"n": 2}], recorded=now - timedelta(days=400))
    assert [entry.data["n"] for entry in journal.entries(project)] == [1, 2]
    assert [e.data["n"] for e in journal.entries(project, until=date(2026, 1, 1))] == [2]


def test_what_is_said_while_a_run_works_is_not_heard_by_half(project):
    moment = datetime(2026, 11, 23, 1, tzinfo=UTC)
    journal.append(project, "assign", [{"n": 1}], recorded=moment)
    heard = journal.heard(project, date(2026, 11, 23))
    journal.append(project, "assign", [{"n": 2}], recorded=moment)
    assert [e.data["n"] for e in journal.entries(project, ["assign"], heard)] == [1]
    assert len(journal.entries(project, ["assign"], date(2026, 11, 23))) == 2
    journal.append(project, "assign", [{"n": 3}], recorded=moment + timedelta(days=1))
    later = journal.heard(project, date(2026, 11, 23))
    assert [e.data["n"] for e in journal.entries(project, ["assign"], later)] == [1, 2]


def test_a_long_journal_is_gone_through_once_and_again_when_written_to(project, monkeypatch):
    journal.append(project, "assign", [{"n": n, "text": "x" * 2000} for n in range(700)])
    monkeypatch.setattr(files, "_SETTLED_NS", -(10**9))
    read, real = [], journal._lines
    monkeypatch.setattr(journal, "_lines", lambda path: read.append(path) or real(path))
    assert len(journal.entries(project)) == len(journal.entries(project)) == 700
    assert len(read) == 1
    content = bytearray((project.folder / "journal.jsonl").read_bytes())
    content[len(content) // 2] ^= 1
    (project.folder / "journal.jsonl").write_bytes(content)
    with pytest.raises(InputRefused, match="was altered"):
        journal.entries(project)
    # who verifies takes nothing on trust
    assert any(isinstance(line, str) for line in journal.examined(project))
    assert len(read) == 3
