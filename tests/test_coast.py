"""Coast along the official line: what a change occupies, what it cuts off, what is natural."""

import json
from datetime import date
from itertools import pairwise
from math import hypot

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.affinity import rotate
from shapely.geometry import LineString, Point, Polygon, box

from conftest import CRS, X, Y, at, changes_of, frame
from seawatch.baseline import baseline_of, drawn, locate, stretches
from seawatch.coast import occupied, retention
from seawatch.layers import Layers, empty_layers
from seawatch.maps import words
from seawatch.rules import judge
from seawatch.tables import COASTLINE

ON = date(2026, 11, 23)
# ground metres for one of the map's, at the bay: 2 degrees off the meridian
SCALE = 1 / 1.000177


def coast(*rows, baseline="b1", surveyed="2020-01-01"):
    """A coastline of (segment_id, kind, points), in the bay's metres."""
    columns = {
        "segment_id": [row[0] for row in rows],
        "kind": [row[1] for row in rows],
        "baseline": baseline,
        "surveyed": surveyed,
    }
    lines = [LineString([(X + x, Y + y) for x, y in row[2]]) for row in rows]
    return COASTLINE.check(frame(columns, lines))


STRAIGHT = (
    ("N1", "sandy", [(0, 0), (250, 0), (500, 0)]),
    ("A", "artificial", [(1000, 0), (500, 0)]),  # drawn the other way
    ("N2", "bedrock", [(1000, 0), (1500, 0)]),
)


def held(shape, kind="land_gained", *, line=STRAIGHT, sigma_m=1.0, foreshore_m=30.0):
    """Metres of each segment that one change occupies, on the ground."""
    segments = coast(*line)
    found = occupied(
        changes_of((kind, shape), sigma_m=sigma_m),
        segments,
        pd.Series(foreshore_m, segments.index),
    )
    names = segments.segment_id.reindex(found.segment).to_numpy()
    return found.groupby(names).coast_m.sum().to_dict()


def ring_dike(x0, y0, x1, y1, wide=10):
    """A dike from the shore out, along, and back to the shore."""
    return at(x0, y0, x1, y1).difference(at(x0 + wide, y0 - wide, x1 - wide, y1 - wide))


CASES = [
    # what                             kind           where                        metres
    ("fill over the line", "land_gained", at(300, -5, 380, 60), {"N1": 80}),
    ("fill on the beach before it", "land_gained", at(300, 12, 380, 60), {"N1": 80}),
    ("fill that stands off the coast", "land_gained", at(300, 40, 380, 90), {}),
    ("a jetty's foot", "structure", at(300, -5, 305, 120), {"N1": 5}),
    ("before artificial coast only", "land_gained", at(505, -5, 995, 60), {"A": 490}),
    ("over all three", "land_gained", at(450, -5, 1100, 60), {"N1": 50, "A": 500, "N2": 100}),
    ("a dike that meets it twice", "land_gained", ring_dike(100, -2, 400, 200), {"N1": 300}),
    ("a bridge that meets it twice", "structure", ring_dike(100, -2, 400, 200), {"N1": 20}),
    ("a dike with one end open", "land_gained", box(X + 100, Y - 2, X + 110, Y + 200).union(
        box(X + 100, Y + 190, X + 400, Y + 200)), {"N1": 10}),
    ("a house on the land behind", "built", at(300, -60, 380, -40), {}),
    ("a round fill, by where it is cut", "land_gained", Point(X + 250, Y + 30).buffer(50), {"N1": 80}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "kind", "where", "metres"), CASES, ids=[c[0] for c in CASES])
def test_what_is_occupied(what, kind, where, metres):
    found = held(where, kind, sigma_m=0.02 if "round" in what else 1.0)
    assert found == pytest.approx({name: m * SCALE for name, m in metres.items()}, abs=0.2)


def test_an_outline_that_wavers_about_the_line_occupies_it_all():
    # drawn along the line itself, or crossing it at one end only, within the image's error
    along = at(100, 0, 260, 80)
    assert held(along, sigma_m=0.05)["N1"] == pytest.approx(160 * SCALE, abs=0.2)
    aslant = Polygon([(X + x, Y + y) for x, y in [(100, -2), (260, 4), (260, 80), (100, 80)]])
    assert held(aslant, sigma_m=5.0)["N1"] == pytest.approx(160 * SCALE, abs=0.2)


def test_a_fill_on_the_beach_takes_all_it_stands_before():
    # its edge follows the water's, 12 m off the line at one end and 16 m at the other
    corners = [(100, 12), (260, 16), (260, 90), (100, 90)]
    fill = Polygon([(X + x, Y + y) for x, y in corners])
    assert held(fill, sigma_m=2.0)["N1"] == pytest.approx(160 * SCALE, abs=0.2)
    assert held(fill, "structure", sigma_m=2.0)["N1"] < 90  # open behind, as far as is known


def test_an_enclosed_pond_takes_the_coast_behind_it():
    # the water lies 5 to 28 m off the line: beach at this tide, wider at one end
    corners = [(100, 5), (400, 28), (400, 200), (100, 200)]
    pond = Polygon([(X + x, Y + y) for x, y in corners])
    assert held(pond, "enclosed") == pytest.approx({"N1": 300 * SCALE}, abs=0.2)
    assert held(pond, "enclosed", foreshore_m=2.0) == {}


def test_a_fill_on_one_bank_leaves_the_other_alone():
    creek = [("W", "muddy", [(0, 0), (0, 400), (25, 400), (25, 0), (500, 0)])]
    # on the left bank, 2 m off it, or a beach off it, and nearer than a beach to the right one
    for fill in (at(-1, 100, 20, 160), at(2, 100, 20, 160), at(4, 100, 18, 160)):
        assert held(fill, line=creek)["W"] == pytest.approx(60 * SCALE, abs=0.3)
    dam = at(-1, 100, 26, 160)
    assert held(dam, line=creek)["W"] == pytest.approx((300 + 25 + 300) * SCALE, abs=0.3)


def test_a_slanting_pier_does_not_occupy_what_it_stands_over():
    pier = rotate(box(X + 300, Y - 5, X + 500, Y + 5), 30, origin=(X + 300, Y))
    assert held(pier, "structure", sigma_m=2.0)["N1"] < 25
    # nor where its foot is a few metres off the line
    off = rotate(box(X + 300, Y + 3, X + 500, Y + 8), 30, origin=(X + 300, Y + 3))
    assert held(off, "structure", sigma_m=2.0)["N1"] < 12


def test_of_an_islands_ring_the_longest_stretch_without_it_is_open():
    angle = np.linspace(0, 2 * np.pi, 73)
    island = [("I", "bedrock", [(500 + 200 * np.cos(a), 500 + 200 * np.sin(a)) for a in angle])]
    everything = baseline_of(coast(*island)).lengths_m.sum()
    # over the place where the ring begins, and elsewhere: the same part of a circle
    for turn in (0, 77, 180):
        dike = Polygon([(680, 420), (760, 420), (760, 580), (680, 580), (680, 570), (740, 570),
                        (740, 430), (680, 430)])  # fmt: skip
        dike = rotate(dike, turn, origin=(500, 500))
        dike = Polygon([(X + x, Y + y) for x, y in dike.exterior.coords])
        metres = held(dike, line=island)["I"]
        # 80 m either side of the axis, seen from 500, 500 at 200 m
        assert metres == pytest.approx(everything * np.arcsin(80 / 200) / np.pi, rel=0.02)


def test_lengths_are_geodesic_between_official_vertices():
    points = [(0, 0), (130, 40), (260, -25), (500, 10)]
    line = coast(("S", "sandy", points))
    lon, lat = line.to_crs("EPSG:4490").geometry.item().xy
    want = Geod(ellps="GRS80").line_length(lon, lat)
    row = retention(line).iloc[0]
    assert row.all_m == pytest.approx(want, abs=1e-6)
    planar = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
    assert abs(row.all_m - planar) > 0.05  # not the map's metres


def test_a_drawn_stretch_keeps_the_official_vertices():
    line = baseline_of(coast(("S", "sandy", [(0, 0), (100, 30), (200, -30), (300, 0)])))
    corner = line.along[0, 1]
    piece = drawn(line, 0, corner / 2, corner + 40)
    assert len(piece.coords) == 3
    assert piece.coords[1] == (X + 100, Y + 30)
    assert drawn(line, 0, 0, line.along[-1, 1]).equals(line.segments.geometry.item())


def test_the_error_of_a_length_is_that_of_the_ends_a_change_sets():
    segments = coast(*STRAIGHT)
    fore = pd.Series(30.0, segments.index)
    found = occupied(
        changes_of(("land_gained", at(450, -5, 1100, 60)), sigma_m=3.0), segments, fore
    )
    sigma = found.set_index(segments.segment_id.reindex(found.segment).to_numpy()).sigma_m
    assert sigma.to_dict() == {"N1": 3.0, "A": 0.0, "N2": 3.0}


@settings(max_examples=40, deadline=None)
@given(
    heights=st.lists(st.integers(-40, 40), min_size=4, max_size=9),
    cuts=st.sets(st.integers(1, 7)),
    flip=st.lists(st.booleans(), min_size=9, max_size=9),
    place=st.integers(0, 300),
    wide=st.integers(30, 250),
)
def test_splitting_segments_at_vertices_changes_no_length(heights, cuts, flip, place, wide):
    points = [(60.0 * n, float(h)) for n, h in enumerate(heights)]
    fill = at(place, -60, place + wide, 90)
    whole = held(fill, line=[("S", "sandy", points)])
    ends = [0, *sorted(c for c in cuts if c < len(points) - 1), len(points) - 1]
    pieces = [
        (f"S{n}", "sandy", points[a : b + 1][:: -1 if flip[n] else 1])
        for n, (a, b) in enumerate(pairwise(ends))
    ]
    assert sum(held(fill, line=pieces).values()) == pytest.approx(sum(whole.values()), abs=1e-6)
    # never more than there is
    total = retention(coast(("S", "sandy", points))).all_m.item()
    assert sum(whole.values()) <= total + 1e-6


def test_changes_do_not_depend_on_their_order_or_on_each_other():
    rows = [(kind, where) for _, kind, where, _ in CASES]
    segments = coast(*STRAIGHT)
    fore = pd.Series(30.0, segments.index)
    forward = occupied(changes_of(*rows), segments, fore)
    back = occupied(changes_of(*rows[::-1]), segments, fore)
    back["row"] = len(rows) - 1 - back.row
    keys = ["row", "segment", "from_m"]
    pd.testing.assert_frame_equal(
        forward.sort_values(keys, ignore_index=True), back.sort_values(keys, ignore_index=True)
    )


def test_segments_that_meet_are_one_chain_and_forks_part():
    fork = [
        ("a", "sandy", [(0, 0), (100, 0)]),
        ("b", "sandy", [(200, 0), (100.2, 0)]),  # joined by hand, 0.2 m short
        ("c", "sandy", [(200, 0), (300, 0)]),
        ("d", "sandy", [(200, 0), (200, 90)]),
        ("r", "sandy", [(500, 0), (600, 0), (550, 80), (500, 0)]),
    ]
    line = baseline_of(coast(*fork))
    chain = dict(zip(line.segments.segment_id.to_numpy()[line.segment], line.chain, strict=True))
    assert chain["a"] == chain["b"]
    assert len({chain[name] for name in "abcdr"}) == 4
    assert list(line.rings[[chain["a"], chain["r"]]]) == [False, True]
    # the place on the axis and the metres along a segment are one and the same thing
    at_ = locate(line, np.array([[X + 150.0, Y]])).axis_m.item()
    row = stretches(line, np.array([at_ - 10]), np.array([at_])).iloc[0]
    assert line.segments.segment_id.iloc[int(row.segment)] == "b"
    assert row.to_m - row.from_m == pytest.approx(10)


def test_retention_is_by_survey_and_counts_restored_coast():
    old = coast(("A", "sandy", [(0, 0), (300, 0)]), ("B", "artificial", [(300, 0), (400, 0)]))
    new = coast(
        ("C", "restored", [(0, 0), (100, 0)]),
        ("D", "estuary", [(100, 0), (200, 0)]),
        ("E", "muddy", [(200, 0), (400, 0)]),
        baseline="b2",
    )
    table = retention(pd.concat([old, new], ignore_index=True)).set_index("baseline")
    assert table.retention.to_dict() == pytest.approx({"b1": 0.75, "b2": 0.75}, abs=1e-6)
    assert table.restored_m.to_dict() == pytest.approx({"b1": 0, "b2": 100 * SCALE}, abs=0.01)
    assert retention(COASTLINE.empty(CRS)).empty


# -- the rule --------------------------------------------------------------------------------


def flagged(coastline, *rows, sigma_m=1.0):
    layers = empty_layers(CRS)
    layers = Layers(
        layers.permits, coastline, layers.islands, layers.zones, layers.duty, layers.known,
        absent=frozenset({"permits", "islands", "zones", "duty", "known"}),
    )  # fmt: skip
    return judge(changes_of(*rows, sigma_m=sigma_m), layers, ON)


RULE_CASES = [
    # what                              kind           where                      natural metres
    ("fill over natural coast", "land_gained", at(300, -5, 380, 60), 80),
    ("fill 20 m off sand", "land_gained", at(300, 20, 380, 90), 80),
    ("fill 20 m off rock", "land_gained", at(1100, 20, 1180, 90), None),
    ("detached breakwater", "land_gained", at(200, 60, 400, 80), None),
    ("jetty of 5 m that touches", "structure", at(300, -5, 305, 120), None),
    ("fill between two natural ones", "land_gained", at(510, -5, 990, 60), None),
    ("fill that nicks both", "land_gained", at(492, -5, 1008, 60), None),
    ("dike before sand", "land_gained", ring_dike(100, -2, 400, 200), 300),
    ("rafts before sand", "raft", at(300, -5, 380, 60), None),
]


@pytest.mark.parametrize(
    ("what", "kind", "where", "metres"), RULE_CASES, ids=[c[0] for c in RULE_CASES]
)
def test_natural_coast_occupied(what, kind, where, metres):
    found = flagged(coast(*STRAIGHT), (kind, where))
    if metres is None:
        assert found.empty
    else:
        assert found.rule.item() == "natural_coast_occupied"
        assert found.coast_m.item() == pytest.approx(metres * SCALE, abs=0.3)


def test_a_length_within_its_error_is_no_flag():
    fill = ("land_gained", at(300, -5, 330, 60))
    assert len(flagged(coast(*STRAIGHT), fill, sigma_m=5.0)) == 1
    assert flagged(coast(*STRAIGHT), fill, sigma_m=12.0).empty


def test_the_newest_survey_counts_and_is_named():
    old = coast(*STRAIGHT)
    new = coast(
        ("X", "artificial", [(0, 1), (300, 1)]),
        ("Y", "muddy", [(300, 1), (500, 1)]),
        baseline="b2",
        surveyed="2024-05-01",
    )
    both = pd.concat([old, new], ignore_index=True)
    found = flagged(both, ("land_gained", at(250, -5, 380, 60)))
    numbers = json.loads(found.numbers.item())
    assert (numbers["segment_id"], numbers["baseline"]) == ("Y", "b2")
    assert found.coast_m.item() == pytest.approx(80 * SCALE, abs=0.3)
    # old and natural, but built over before the new survey
    assert flagged(both, ("land_gained", at(100, -5, 200, 60))).empty


def test_the_sentence_says_the_line_and_the_error():
    found = flagged(coast(*STRAIGHT), ("land_gained", at(450, -5, 1100, 60)), sigma_m=2.0)
    numbers = json.loads(found.numbers.item())
    english = words.reason("natural_coast_occupied", numbers, "en")
    assert "150 ± 3 m" in english
    assert "official line b1" in english
    assert "(N2 and 1 more)" in english
    assert "官方岸线基准 b1" in words.reason("natural_coast_occupied", numbers, "zh")
    assert [s["segment_id"] for s in numbers["stretches"]] == ["N1", "N2"]
