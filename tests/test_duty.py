"""Who answers for a place on a day."""

from datetime import date

import geopandas as gpd

from conftest import CRS, at, changes_of
from seawatch.duty import handovers, loads, owned, roster_faults
from seawatch.tables import DUTY

ON = date(2026, 11, 23)


def cells(*rows):
    fields = ("grid_id", "officer", "valid_from", "valid_to")
    records = [dict(zip(fields, row[:4], strict=True), post="p", duty="d") for row in rows]
    return DUTY.check(gpd.GeoDataFrame(records, geometry=[row[4] for row in rows], crs=CRS))


def roster():
    return cells(
        ("G1", "Li", "2025-01-01", "2026-06-30", at(0, 0, 500, 500)),
        ("G2", "Wang", "2026-07-01", None, at(0, 0, 500, 500)),
        ("G3", "Zhao", "2026-07-01", None, at(500, 0, 900, 500)),
    )


def places(*shapes):
    changes = changes_of(*(("raft", shape) for shape in shapes))
    return changes.assign(flag_id=changes.change_id, status="open")


def test_the_officer_in_office_on_the_day():
    flags = places(at(10, 10, 50, 50), at(600, 10, 700, 50))
    assert list(owned(flags, roster(), ON).owner) == ["Wang", "Zhao"]
    assert list(owned(flags, roster(), date(2026, 6, 30)).owner) == ["Li", "Li"]
    assert owned(flags, roster().iloc[:0], ON).owner.isna().all()


def test_a_flag_across_two_cells_is_with_whom_most_of_it_lies():
    flags = places(at(400, 10, 550, 50), at(460, 10, 600, 50))
    assert list(owned(flags, roster(), ON).owner) == ["Wang", "Zhao"]


def test_a_flag_outside_every_cell_is_the_nearest_ones():
    assert list(owned(places(at(950, 950, 990, 990)), roster(), ON).owner) == ["Zhao"]


def test_loads_name_the_idle_too():
    flags = owned(places(at(10, 10, 50, 50), at(60, 10, 90, 50)), roster(), ON)
    assert loads(flags, roster(), ON) == {"Wang": 2, "Zhao": 0}
    assert loads(flags.assign(status="settled"), roster(), ON) == {"Wang": 0, "Zhao": 0}


def test_a_handover_says_from_whom_to_whom():
    flags = places(at(10, 10, 50, 50), at(600, 10, 700, 50))
    before = owned(flags, roster().iloc[[0, 2]], date(2026, 6, 30))
    after = owned(flags, roster(), ON)
    assert handovers(before, after) == [
        {"flag_id": "C0", "from": "Li", "to": "Wang"},
        {"flag_id": "C1", "from": "Li", "to": "Zhao"},
    ]
    assert handovers(after, after) == []


def test_every_point_has_exactly_one_officer_on_each_date():
    faults = roster_faults(roster(), at(0, 0, 900, 500), ON)
    # before July Li alone, and only half of it
    assert len(faults) == 1
    assert "0.20 km² from 2025-01-01 to 2026-06-30" in faults[0]
    whole = cells(("G1", "Li", "2025-01-01", None, at(0, 0, 900, 500)))
    assert roster_faults(whole, at(0, 0, 900, 500), ON) == []
    two = cells(
        ("G1", "Li", "2025-01-01", "2026-12-31", at(0, 0, 900, 500)),
        ("G2", "Wang", "2026-07-01", None, at(800, 0, 900, 500)),
    )
    said = roster_faults(two, at(0, 0, 900, 500), date(2026, 12, 15))
    assert "G1 and G2 share 0.05 km² from 2026-07-01 to 2026-12-31" in said[0]
    assert "nobody answers for 0.40 km² from 2027-01-01 on" in said[1]
    assert len(said) == 2


def test_a_roster_that_ends_is_told_a_month_ahead():
    past = cells(("G1", "Li", "2025-01-01", "2026-12-31", at(0, 0, 900, 500)))
    assert roster_faults(past, at(0, 0, 900, 500), date(2026, 11, 30)) == []
    (said,) = roster_faults(past, at(0, 0, 900, 500), date(2026, 12, 1))
    assert "nobody answers for 0.45 km² from 2027-01-01 on" in said
