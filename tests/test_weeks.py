"""Three weeks on a rendered coast come out as told by hand: seen once, seen twice, under cloud.

The short version of ``benchmarks/twelve_weeks.py``, which goes on with visits, a drone, a
handover, an inspection's problem, and what grows and comes back.
"""

from twelve_weeks import compare


def test_three_weeks_come_out_as_told(tmp_path):
    assert dict(compare(tmp_path / "told", range(1, 4))) == {1: [], 2: [], 3: []}
