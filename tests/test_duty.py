"""Who answers for a place on a day."""

from datetime import date

import geopandas as gpd

from conftest import CRS, at, changes_of
from seawatch.duty import owned
from seawatch.tables import DUTY


def cells(*rows):
    fields = ("grid_id", "officer", "valid_from", "valid_to")
    records = [dict(zip(fields, row[:4], strict=True), post="p", duty="d") for row in rows]
    return DUTY.check(gpd.GeoDataFrame(records, geometry=[row[4] for row in rows], crs=CRS))


def test_the_officer_in_office_on_the_day():
    duty = cells(
        ("G1", "Li", "2025-01-01", "2026-06-30", at(0, 0, 500, 500)),
        ("G2", "Wang", "2026-07-01", None, at(0, 0, 500, 500)),
        ("G3", "Zhao", "2026-07-01", None, at(400, 0, 900, 500)),
    )
    places = changes_of(
        ("raft", at(10, 10, 50, 50)),
        ("raft", at(410, 10, 450, 50)),
        ("raft", at(600, 10, 700, 50)),
        ("raft", at(950, 950, 990, 990)),
    )
    assert list(owned(places, duty, date(2026, 11, 23)).owner) == ["Wang", "Wang", "Zhao", None]
    assert list(owned(places, duty, date(2026, 6, 30)).owner) == ["Li", "Li", None, None]
    assert owned(places, duty.iloc[:0], date(2026, 6, 30)).owner.isna().all()
