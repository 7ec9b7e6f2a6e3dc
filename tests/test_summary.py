"""The report of a run: quiet, cloudy, without scenes and without a layer read differently."""

import pytest
from test_ground import flags

from conftest import at
from seawatch.reports.summary import as_html, as_markdown, sections

COVER = {
    "seen_m2": 5_000_000,
    "ordered_m2": 1_000_000,
    "out_of_scope_m2": 0,
    "share": 0.83,
    "valid": True,
    "longest_days": 12,
    "never_m2": 0,
}
QUIET = {
    "cover": COVER,
    "pairs": [{"before": "A", "after": "B"}],
    "sight": [{"sensor": "sentinel-2-l2a", "zone": None, "least95_m2": 1500}],
    "not_judged": {},
    "vetoes": [],
    "quarantined": [],
    "left_out": [],
    "islands": [],
    "patrols": {"flights": 0, "visits": 0, "batteries_km": 0.0},
    "loads": {},
    "handovers": [],
    "suspects": {"entered": []},
    "inputs": [1, 2, 3],
    "chain": {"head": "abc"},
}


def said(manifest, table=None, language="en"):
    parts = sections({**QUIET, **manifest}, flags() if table is None else table, language)
    return as_markdown("Report", parts)


def test_weeks_that_differ_read_differently():
    weeks = {
        "quiet": {},
        "cloudy": {"cover": {**COVER, "share": 0.2, "valid": False}},
        "no scenes": {"pairs": [], "cover": {**COVER, "share": 0.0, "valid": False}},
        "no layer": {"not_judged": {"redline_entered": ["zones"]}},
    }
    texts = {name: said(manifest) for name, manifest in weeks.items()}
    assert len(set(texts.values())) == 4
    assert "No new suspicion" in texts["quiet"]
    assert "not complete" not in texts["quiet"]
    assert "20% of the ground" in texts["cloudy"]
    assert "not complete" in texts["cloudy"]
    assert "nothing was seen, which is not all clear" in texts["no scenes"]
    assert "Not judged: Suspected change inside a red line (no layer zones)" in texts["no layer"]


def test_a_flag_nobody_answers_for_says_so():
    table = flags(("F1", at(0, 0, 10, 10), "new", None))
    values = {"owner": None, "rule": "no_permit", "excess_m2": 12.0, "level": "low", "priority": 2}
    assert "| F1 | Suspected use without a permit | 12 m² | low | nobody named |" in said(
        {}, table.assign(**values)
    )


def test_everything_that_waits_is_named():
    text = said(
        {
            "vetoes": [{"veto": "tide"}, {"veto": "tide"}, {"veto": "once"}],
            "quarantined": [{"input": "S1.tif", "reason": "truncated"}],
            "islands": [
                {
                    "island_id": "I1",
                    "name": None,
                    "last_seen": None,
                    "cycle_days": 31,
                    "overdue": True,
                },
                {
                    "island_id": "I2",
                    "name": "x",
                    "last_seen": None,
                    "cycle_days": 31,
                    "overdue": False,
                },
            ],
            "loads": {"Li": 2},
            "handovers": [{"flag_id": "F", "from": "Li", "to": "Wang"}],
            "patrols": {"flights": 3, "visits": 2, "batteries_km": 31.0},
        }
    )
    for part in (
        "2 × explained by the tide",
        "1 × seen on one day only",
        "S1.tif | truncated",
        "1 of 2 islands are overdue",
        "I1 | (no name) | never seen | 31",
        "Li: 2 flags wait",
        "F was handed over from Li to Wang",
        "3 drone flights (31 km), 2 visits",
        "record before this run: abc",
    ):
        assert part in text
    assert "I2" not in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_others_words_stay_words(language):
    bad = "<img src=x onerror=alert(1)> | [x](http://e) {{7*7}} *b*"
    manifest = {"quarantined": [{"input": bad, "reason": "a\nb"}]}
    parts = sections({**QUIET, **manifest}, flags(), language)
    page = as_html(bad, parts, language)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "{{7*7}}" in page
    text = as_markdown(bad, parts)
    assert "\\<img" in text
    assert "\\[x\\](http" in text
    assert "a b" in text
