"""The register of legacy reclamations, and what imagery adds to it."""

from datetime import date

import pandas as pd
import pytest

from conftest import at, changes_of, frame
from seawatch.legacy import legacies
from seawatch.tables import ZONES

ON = date(2026, 11, 23)


def zone(number, shape, **more):
    return {"zone_id": number, "kind": "legacy_reclamation", **more}, shape


@pytest.fixture
def zones():
    rows = [
        zone("L2", at(0, 500, 100, 600)),
        zone(
            "L1",
            at(0, 0, 200, 100),
            filled_ha=2.0,
            used_ha=0.5,
            legacy_class="已批未填成",
            deadline="2026-06-30",
        ),
        ({"zone_id": "R", "kind": "redline"}, at(0, 0, 200, 100)),
    ]
    records, shapes = map(list, zip(*rows, strict=True))
    return ZONES.check(frame(pd.DataFrame(records), shapes))


def test_vacancy_is_what_neither_the_register_nor_imagery_has_in_use(zones):
    built = changes_of(("built", at(0, 0, 100, 50)), ("land_gained", at(190, 0, 250, 100)))
    told = legacies(zones, built, ON).set_index("zone_id")
    assert list(told.index) == ["L1", "L2"]
    one = told.loc["L1"]
    assert one.built_ha == pytest.approx(0.5)
    assert one.grown_ha == pytest.approx(0.1)
    assert one.vacancy == pytest.approx((2.0 - 0.5 - 0.5) / 2.0)
    assert bool(one.overdue)


def test_what_the_register_does_not_say_is_not_known(zones):
    told = legacies(zones, changes_of(("built", at(0, 500, 50, 550)), veto="varies"), ON)
    two = told.set_index("zone_id").loc["L2"]
    assert two.filled_ha == pytest.approx(1.0, rel=0.002)
    assert pd.isna(two.vacancy)
    assert two.built_ha == 0
    assert not two.overdue
