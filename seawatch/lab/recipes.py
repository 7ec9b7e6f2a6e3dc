"""How each kind of event is planted: its outline, its parcel or zone, the rules it breaks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from ..rules import RULES
from .places import Frame, NoRoom, Places

# use modes: construction fill, non-permeable, enclosed and open aquaculture
FILL, JETTY, POND, OPEN = "11", "21", "33", "41"


@dataclass(frozen=True)
class Parcel:
    """A permit in the making."""

    shape: Polygon
    mode: str
    ended: bool = False
    right: str = "sea_use"


@dataclass(frozen=True)
class Planted:
    """One event in the making; `rules` are those it breaks, none for a look-alike.

    built : what of its shape something stands on, where that is not all of it.
    """

    shape: Polygon
    kind: str
    rules: tuple[str, ...] = ()
    bearing_deg: float = 0.0
    parcels: tuple[Parcel, ...] = ()
    zones: tuple[tuple[str, Polygon], ...] = ()
    old: bool = False
    seasonal: bool = False
    built: BaseGeometry | None = None


def _parcel_about(frame: Frame, depth: float, half: float = 0.0, share: float = 1.0) -> Polygon:
    half = half or max(60.0, depth)
    return frame.box(-half, half, -80, depth * share + 40 * (share == 1))


def _fill(
    places: Places,
    area_m2: float,
    *,
    natural: bool = False,
    mode: str = "",
    ended: bool = False,
    share: float = 1.0,
    redline: bool = False,
    old: bool = False,
    rules: tuple[str, ...] = (),
) -> Planted:
    """Sea filled from the shore out, inside a parcel of `mode`, or in none.

    share : how much of its depth the parcel reaches; less than 1 leaves the rest beyond it.
    redline : whether a red line lies about it.
    """
    area_m2 = area_m2 if share == 1 else max(area_m2, 6000.0)  # room to go beyond
    half = 1.4 * area_m2**0.5 + 40

    def around(frame: Frame, depth: float) -> Polygon:
        if redline:
            return frame.box(-600, 600, -200, depth + 500)
        return _parcel_about(frame, depth, half)

    frame, shape, depth = places.fill(area_m2, natural=natural, around=around)
    parcel = Parcel(_parcel_about(frame, depth, half, share), mode or FILL, ended)
    return Planted(
        shape,
        "land_gained",
        rules,
        frame.bearing_deg,
        (parcel,) if mode else (),
        (("redline", around(frame, depth)),) if redline else (),
        old,
    )


def _rafts(
    places: Places,
    area_m2: float,
    *,
    parcel: bool = False,
    ended: bool = False,
    redline: bool = False,
    rules: tuple[str, ...] = (),
    seasonal: bool = False,
) -> Planted:
    """Block of longlines, inside an aquaculture parcel or in open water."""
    area_m2 = max(area_m2, 2000.0) * (10 if seasonal else 1)
    long_m = (area_m2 * places.rng.uniform(1.2, 2.2)) ** 0.5
    margin = 350.0 if redline else 60.0
    frame, shape = places.open_water(long_m, area_m2 / long_m, margin_m=margin)
    right = Parcel(shape.buffer(60, join_style="mitre"), OPEN, ended)
    zone = ("redline", shape.buffer(margin, join_style="mitre"))
    parcels, zones = (right,) if parcel else (), (zone,) if redline else ()
    return Planted(shape, "raft", rules, frame.bearing_deg, parcels, zones, seasonal=seasonal)


def _pier(
    places: Places, area_m2: float, *, ended: bool = False, rules: tuple[str, ...]
) -> Planted:
    """Long thin structure standing in open water, on a parcel that ended or on none."""
    area_m2 = min(area_m2, 6000.0)
    wide = float(np.clip(area_m2 / 160, 8, 16))
    frame, shape = places.open_water(area_m2 / wide, wide, margin_m=60)
    parcel = Parcel(shape.buffer(60, join_style="mitre"), JETTY, ended)
    return Planted(shape, "structure", rules, frame.bearing_deg, (parcel,) if ended else ())


def _jetty(places: Places, area_m2: float, *, permitted: bool = True) -> Planted:
    """Jetty from an artificial shore, inside its own permit; or a thin one on none."""
    area_m2 = float(np.clip(area_m2, 900.0, 3000.0 if permitted else 1800.0))
    wide = 14.0 if permitted else places.rng.uniform(6, 10)
    for _ in range(60):
        frame, _, _ = places.fill(area_m2, natural=False, around=partial(_parcel_about, half=60))
        long_m = area_m2 / wide
        shape = frame.box(-wide / 2, wide / 2, -5, long_m).difference(places.coast.land)
        about = frame.box(-60, 60, -80, long_m + 40)
        clear = not places.coast.land.intersects(frame.box(-30, 30, long_m * 0.6, long_m + 60))
        if shape.geom_type == "Polygon" and clear and places.free(about):
            rules = () if permitted else ("no_permit",)
            parcels = (Parcel(about, JETTY),) if permitted else ()
            return Planted(shape, "structure", rules, frame.bearing_deg, parcels)
    raise NoRoom("no shore for a jetty")


def _fill_in_raft_parcel(places: Places, area_m2: float) -> Planted:
    """Land raised in the middle of an open-aquaculture parcel."""
    side = (area_m2 * places.rng.uniform(1.0, 1.6)) ** 0.5
    frame, shape = places.open_water(side, area_m2 / side, margin_m=120, least_m=200)
    parcel = Parcel(shape.buffer(120, join_style="mitre"), OPEN)
    return Planted(shape, "land_gained", ("use_changed",), frame.bearing_deg, (parcel,))


def _on_island(places: Places, area_m2: float, *, kind: str, permitted: bool = False) -> Planted:
    """Ground cleared or built over on an island."""
    margin_m = 60.0 if permitted else 0.0
    _, shape = places.on_island(min(area_m2, 15000.0), margin_m=margin_m)
    outline = shape.buffer(margin_m, join_style="mitre")
    right = Parcel(outline, JETTY, right="island_use") if permitted else None
    rules = () if permitted else ("island_changed",)
    return Planted(shape, kind, rules, 0.0, (right,) if right else ())


def _pond(
    places: Places,
    area_m2: float,
    *,
    parcel: bool = False,
    ended: bool = False,
    rules: tuple[str, ...] = (),
) -> Planted:
    """Sea closed off from an artificial shore by a dike 8 to 16 m wide; the water stays inside."""
    area_m2 = max(4 * area_m2, 9000.0)
    half = 1.4 * area_m2**0.5 + 40
    frame, shape, depth = places.fill(
        area_m2, natural=False, around=partial(_parcel_about, half=half)
    )
    shore = places.coast.land.intersection(shape.buffer(100).envelope)
    water = shape.union(shore).buffer(-places.rng.uniform(8, 16)).intersection(shape)
    right = Parcel(_parcel_about(frame, depth, half), POND, ended)
    return Planted(
        shape,
        "enclosed",
        rules,
        frame.bearing_deg,
        (right,) if parcel else (),
        built=shape.difference(water),
    )


def _cages(
    places: Places, area_m2: float, *, parcel: bool = False, rules: tuple[str, ...] = ()
) -> Planted:
    """Cages of 12 to 20 m, square or round, in a block of 8 by 8 to 12 by 12 of them.

    The larger `area_m2`, the more: from 64 at 700 m2 to 144 at 5000.
    """
    most = int(np.clip(8 + area_m2 / 1000, 8, 12))
    rows, columns = places.rng.integers(8, most + 1, 2)
    side, gap = places.rng.uniform(12, 20), places.rng.uniform(2, 5)
    pipe, is_round = places.rng.uniform(1.2, 2.0), places.rng.random() < 0.5
    pitch = side + gap
    long_m, wide_m = columns * pitch - gap, rows * pitch - gap
    frame, shape = places.open_water(long_m, wide_m, margin_m=60)
    cages = []
    for number in range(rows * columns):
        left = (number % columns) * pitch - long_m / 2
        near = (number // columns) * pitch - wide_m / 2
        cage = frame.box(left, left + side, near, near + side)
        cage = cage.centroid.buffer(side / 2) if is_round else cage
        cages.append(cage.difference(cage.buffer(-pipe, join_style="mitre")))
    parcels = (Parcel(shape.buffer(60, join_style="mitre"), OPEN),) if parcel else ()
    return Planted(shape, "cage", rules, frame.bearing_deg, parcels, built=MultiPolygon(cages))


Recipe = Callable[[Places, float], Planted]
_NATURAL = "natural_coast_occupied"
_ENCLOSED = "enclosed_no_permit" if "enclosed_no_permit" in RULES else "no_permit"
RECIPES: dict[str, Recipe] = {
    "fill": partial(_fill, rules=("fill_no_permit",)),
    "fill_permitted": partial(_fill, mode=FILL),
    "fill_natural": partial(_fill, natural=True, rules=("fill_no_permit", _NATURAL)),
    "fill_natural_permitted": partial(_fill, natural=True, mode=FILL, rules=(_NATURAL,)),
    "fill_redline": partial(
        _fill, natural=True, redline=True, rules=("fill_no_permit", _NATURAL, "redline_entered")
    ),
    "fill_beyond": partial(_fill, mode=FILL, share=0.45, rules=("beyond_permit",)),
    "fill_ended": partial(_fill, mode=FILL, ended=True, rules=("expired",)),
    "fill_old": partial(_fill, old=True),
    "fill_in_raft_parcel": _fill_in_raft_parcel,
    "rafts": partial(_rafts, rules=("no_permit",)),
    "rafts_seasonal": partial(_rafts, parcel=True, seasonal=True),
    "rafts_ended": partial(_rafts, parcel=True, ended=True, rules=("expired",)),
    "rafts_redline": partial(_rafts, parcel=True, redline=True, rules=("redline_entered",)),
    "pier": partial(_pier, rules=("no_permit",)),
    "pier_ended": partial(_pier, ended=True, rules=("expired",)),
    "jetty_permitted": _jetty,
    "jetty": partial(_jetty, permitted=False),
    "pond": partial(_pond, rules=(_ENCLOSED,)),
    "pond_permitted": partial(_pond, parcel=True),
    "pond_ended": partial(_pond, parcel=True, ended=True, rules=("expired",)),
    "cages": partial(_cages, rules=("no_permit",)),
    "cages_permitted": partial(_cages, parcel=True),
    "island_cleared": partial(_on_island, kind="cleared"),
    "island_built": partial(_on_island, kind="built"),
    "island_built_permitted": partial(_on_island, kind="built", permitted=True),
}
"""Each kind of event by name; the lawful ones are those that break no rule."""

MIX = (
    "fill",
    "fill_permitted",
    "fill_natural",
    "rafts",
    "rafts_seasonal",
    "fill_beyond",
    "island_cleared",
    "fill_in_raft_parcel",
    "jetty_permitted",
    "rafts_ended",
    "fill_redline",
    "pier",
    "fill_old",
    "fill_ended",
    "fill_natural_permitted",
    "rafts_redline",
    "fill_permitted",
    "pier_ended",
    "fill",
    "island_built",
    "rafts",
    "rafts_seasonal",
    "island_built_permitted",
    "fill_natural",
)
"""What is planted by default, in this order, over again when more is asked for."""
WIDE = (
    *MIX[:8],
    *("pond", "cages", "jetty"),
    *MIX[8:16],
    *("pond_permitted", "cages_permitted"),
    *MIX[16:],
    *("pond_ended", "jetty"),
)
"""The same, with ponds, cages and thin jetties among them."""
LAWFUL = ("fill_permitted", "jetty_permitted", "island_built_permitted")
"""What a coast at rest holds permits for."""
