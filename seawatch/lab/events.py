"""What is planted: unlawful events and their lawful look-alikes, with permits and zones."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import geopandas as gpd
import pandas as pd

from ..geo import LONLAT, ellipsoidal_area_m2, meridian
from ..tables import PERMITS, STRATA, ZONES
from .coast import Coast
from .places import NoRoom, Places
from .recipes import FILL, JETTY, MIX, OPEN, POND, RECIPES, Planted
from .texture import Generator

SIZES_M2 = (700.0, 1400.0, 2400.0, 4000.0, 5000.0, 9000.0, 14000.0, 25000.0)
"""Typical areas of events, dealt like cards and varied by a fifth; five of eight pass 0.3 ha."""
_TYPES = {FILL: "71", JETTY: "31", POND: "13", OPEN: "13"}
EVENT_COLUMNS = (
    "event_id",
    "kind",
    "rules",
    "lawful",
    "happened",
    "area_m2",
    "seasonal",
    "bearing_deg",
    "tone",
    "built",
    "geometry",
)


@dataclass(frozen=True)
class Plan:
    """Events, and the permits and zones they stand among, project CRS.

    An event's column ``built`` is the part of its outline that something stands on; None
    for all of it.
    """

    events: gpd.GeoDataFrame
    permits: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame

    def at_rest(self) -> "Plan":
        """The same permits and zones, with nothing built or put out."""
        return replace(self, events=self.events.iloc[:0])


@dataclass
class _Draft:
    events: list[dict] = field(default_factory=list)
    permits: list[dict] = field(default_factory=list)
    zones: list[dict] = field(default_factory=list)


def plant(
    coast: Coast,
    rng: Generator,
    *,
    count: int,
    runs: list[date],
    recipes: Sequence[str] = MIX,
) -> Plan:
    """`count` events on a coast, with dates spread over the weeks before each run.

    An event the coast has no room for is left out: a short coast gets fewer.
    `recipes` are names out of ``RECIPES``, taken in turn.
    """
    places, draft = Places(coast, rng), _Draft()
    dealt: list[float] = []
    for number in range(count):
        dealt = dealt or list(rng.permutation(SIZES_M2))
        area_m2 = dealt.pop() * rng.uniform(0.8, 1.2)
        try:
            planted = RECIPES[recipes[number % len(recipes)]](places, area_m2)
        except NoRoom:
            continue
        about = [p.shape for p in planted.parcels if p.right == "sea_use"]
        places.take(planted.shape, *about, *(shape for _, shape in planted.zones))
        _write_down(draft, planted, _happened(planted, number, rng, runs), rng, runs[0])
    return _tables(draft, coast.grid.crs)


def _happened(planted: Planted, number: int, rng: Generator, runs: list[date]) -> date:
    """Day an event comes: a fifth before the first week, the rest at the start of a week."""
    if planted.old:
        return runs[0] - timedelta(days=800)
    if planted.seasonal:
        season = date(runs[0].year, 10, 25)
        return season if season < runs[0] else date(runs[0].year - 1, 10, 25)
    if number % 5 == 4:
        return runs[0] - timedelta(days=int(rng.integers(9, 45)))
    # the first event is the one the drone flies over: it comes in the second week
    week = min(1, len(runs) - 1) if number == 0 else int(rng.integers(len(runs)))
    return runs[week] - timedelta(days=6 - int(rng.integers(2)))


def _write_down(
    draft: _Draft, planted: Planted, happened: date, rng: Generator, start: date
) -> None:
    draft.events.append(
        {
            "event_id": f"DEMO-E-{len(draft.events) + 1:02d}",
            "kind": planted.kind,
            "rules": ",".join(planted.rules),
            "lawful": "no" if planted.rules else "yes",
            "happened": pd.Timestamp(happened),
            "seasonal": "yes" if planted.seasonal else "no",
            "bearing_deg": planted.bearing_deg,
            "tone": float(rng.uniform(0.8, 1.25)),
            "built": planted.built,
            "geometry": planted.shape,
        }
    )
    for parcel in planted.parcels:
        years = int(rng.integers(2, 9))
        ended = start - timedelta(days=int(rng.integers(60, 220)))
        last = ended if parcel.ended else start + timedelta(days=365 * int(rng.integers(2, 10)))
        row = {
            "permit_id": f"DEMO-P-{len(draft.permits) + 1:03d}",
            "right": parcel.right,
            "holder": f"Demo holder {len(draft.permits) + 1}",
            "scheme": "hy/t-123-2009",
            "use_type": _TYPES[parcel.mode],
            "use_mode": parcel.mode,
            "strata": "surface,water" if parcel.mode == OPEN else ",".join(STRATA),
            "valid_from": pd.Timestamp(start - timedelta(days=365 * years)),
            "valid_to": pd.Timestamp(last),
            "authority": "Demo authority",
            "sigma_m": 0.5,
            "geometry": parcel.shape,
        }
        draft.permits.append(row)
    for kind, shape in planted.zones:
        row = {
            "zone_id": f"DEMO-Z-{len(draft.zones) + 1:02d}",
            "kind": kind,
            "name": f"Demo zone {len(draft.zones) + 1}",
            "valid_from": pd.Timestamp(2021, 1, 1),
            "source": "invented for the demo",
            "geometry": shape,
        }
        draft.zones.append(row)


def _tables(draft: _Draft, crs: str) -> Plan:
    events = gpd.GeoDataFrame(draft.events, columns=EVENT_COLUMNS, geometry="geometry", crs=crs)
    events["area_m2"] = ellipsoidal_area_m2(events.geometry)
    events["happened"] = events.happened.astype("datetime64[ms]")
    permits, zones = PERMITS.empty(crs), ZONES.empty(crs)
    if draft.permits:
        frame = gpd.GeoDataFrame(draft.permits, geometry="geometry", crs=crs)
        longitude = frame.geometry.centroid.to_crs(LONLAT).x
        frame["area_ha"] = (ellipsoidal_area_m2(frame.geometry) / 1e4).round(4)
        frame["meridian"] = longitude.map(meridian)
        permits = PERMITS.check(frame)
    if draft.zones:
        zones = ZONES.check(gpd.GeoDataFrame(draft.zones, geometry="geometry", crs=crs))
    return Plan(events, permits, zones)
