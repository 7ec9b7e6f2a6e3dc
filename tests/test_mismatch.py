"""A register that may be wrong is said to be: by the shift that would explain it."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from shapely import affinity

from conftest import CRS, X, Y, at, changes_of, frame, permit
from seawatch.layers import empty_layers
from seawatch.maps.words import reason
from seawatch.misplacements import gcj02_offset, misplacements
from seawatch.rules import judge
from seawatch.tables import PERMITS

ON = date(2026, 11, 23)
# an outline that fits nothing but itself
WHARF = shapely.Polygon(
    [(X, Y), (X + 160, Y), (X + 160, Y + 60), (X + 60, Y + 60), (X + 60, Y + 140), (X, Y + 140)]
)


def layers_of(*permits):
    table = PERMITS.check(frame(*map(list, zip(*permits, strict=True))))
    absent = frozenset({"coastline", "islands", "zones", "duty", "known"})
    return replace(empty_layers(CRS), permits=table, absent=absent)


def fill(shape, name="P1", mode="11", **more):
    return permit(name, mode, "surface"), shape


def shift_of(kind, detail):
    centre = WHARF.centroid
    for mistake in misplacements(np.array([centre.x]), np.array([centre.y]), CRS):
        if (mistake.kind, mistake.detail) == (kind, detail):
            return mistake.dx_m.item(), mistake.dy_m.item()
    raise AssertionError((kind, detail))


def found(layers, *shapes, kind="land_gained"):
    findings = judge(changes_of(*((kind, shape) for shape in shapes)), layers, ON)
    return findings, [json.loads(n).get("mismatch") for n in findings.numbers]


MISTAKES = [
    ("beijing54", "degrees"),
    ("beijing54_plane", "plane"),
    ("gcj02", ""),
    ("meridian", "+0.5°"),
    ("meridian", "-3°"),
    ("digit", "N +10 seconds"),
    ("digit", "E -minute"),
    ("digit", "E +10 minutes"),
    ("digit", "N -swapped seconds (27)"),
]


@pytest.mark.parametrize(("kind", "detail"), MISTAKES)
def test_a_permit_put_down_wrong_is_named_with_its_shift(kind, detail):
    dx, dy = shift_of(kind, detail)
    layers = layers_of(fill(affinity.translate(WHARF, dx, dy)))
    findings, (told,) = found(layers, WHARF)
    assert findings.rule.item() in ("fill_no_permit", "beyond_permit")  # a flag all the same
    assert (told["kind"], told["permit_id"]) == (kind, "P1")
    assert (told["dx_m"], told["dy_m"]) == (pytest.approx(dx, abs=1), pytest.approx(dy, abs=1))
    assert told["iou_before"] < 0.4
    assert told["iou_after"] > 0.95
    for language, says in (("zh", "登记不符"), ("en", "register may be wrong")):
        assert says in reason(findings.rule.item(), json.loads(findings.numbers.item()), language)


def test_an_outline_as_imagery_draws_it_and_a_datum_that_is_known_to_metres():
    dx, dy = shift_of("beijing54", "degrees")
    seen = WHARF.buffer(4, join_style="mitre").simplify(2)
    layers = layers_of(fill(affinity.translate(WHARF, dx + 12, dy - 9)))
    _, (told,) = found(layers, seen)
    assert told["kind"] == "beijing54"
    assert told["dx_m"] == pytest.approx(dx + 12, abs=3)


@pytest.mark.parametrize(
    "why", ["no known mistake", "another mode", "ended", "of another shape", "used"]
)
def test_a_permit_beside_it_that_explains_nothing_is_not_named(why):
    dx, dy = shift_of("gcj02", "")
    away = affinity.translate(WHARF, dx, dy)
    works = [WHARF]
    right = fill(away)
    if why == "no known mistake":
        right = fill(affinity.translate(WHARF, 190, 150))
    elif why == "another mode":
        right = fill(away, mode="31")  # a basin: land may be its wharf, and no wider than one
    elif why == "ended":
        right = permit("P1", "11", "surface", valid_to="2025-01-01"), away
    elif why == "of another shape":
        c = away.centroid  # as large, in the same place
        right = fill(shapely.box(c.x - 150, c.y - 24, c.x + 150, c.y + 24))
    else:
        works.append(affinity.translate(WHARF, dx + 5, dy + 5))
    findings, told = found(layers_of(right), *works)
    # findings stand by rule: the second change may have one that comes first
    assert [m for name, m in zip(findings.change_id, told, strict=True) if name == "C0"] == [None]


def moved(polygon, corner, dx, dy):
    ring = list(polygon.exterior.coords)[:-1]
    ring[corner] = (ring[corner][0] + dx, ring[corner][1] + dy)
    return shapely.Polygon(ring)


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_one_corner_with_a_wrong_digit_is_found(share):
    block = at(0, 0, 320, 40)  # its second corner is the upper right
    dx, dy = shift_of("digit", "E -10 seconds")
    layers = layers_of(fill(moved(block, 1, share * dx, share * dy)))
    findings, (told,) = found(layers, block)
    assert findings.rule.item() == "beyond_permit"
    if share < 1:  # half of ten seconds is no digit
        assert told is None
        return
    assert (told["kind"], told["detail"], told["corner"]) == ("corner", "E -10 seconds", 2)
    assert told["iou_after"] > 0.95


def test_where_certified_and_drawn_area_agree_no_corner_is_wrong():
    block = at(0, 0, 320, 40)
    wrong = moved(block, 1, *shift_of("digit", "E -10 seconds"))
    row, shape = fill(wrong)
    agreeing = layers_of(({**row, "area_ha": wrong.area / 1e4}, shape))
    assert found(agreeing, block)[1] == [None]


def test_gcj02_is_off_as_the_domain_knows_it():
    east, north = gcj02_offset(np.array([122.1]), np.array([37.5]))
    assert east.item() * 88_440 == pytest.approx(447, abs=5)
    assert north.item() * 110_980 == pytest.approx(115, abs=5)


def test_another_meridian_moves_a_parcel_by_that_many_degrees():
    import geopandas as gpd

    place = gpd.GeoSeries([WHARF.centroid], crs=CRS)
    written = place.to_crs("+proj=tmerc +lon_0=123 +x_0=500000 +ellps=GRS80 +units=m")
    read = written.set_crs(
        "+proj=tmerc +lon_0=120 +x_0=500000 +ellps=GRS80 +units=m", allow_override=True
    ).to_crs(CRS)
    dx, dy = shift_of("meridian", "-3°")
    assert read.x.item() - place.x.item() == pytest.approx(dx, abs=0.01)
    assert read.y.item() - place.y.item() == pytest.approx(dy, abs=0.01)
