"""Patrol orders as files for drones and handhelds: KML waypoints and GPX routes.

Text is put in by an XML library, never by a template.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..geo import LONLAT
from ..maps.words import word
from ..patrol import Craft, waypoints
from .markup import GPX, KML, add, save


def write_routes(folder: Path, patrols: gpd.GeoDataFrame, craft: Craft, language: str) -> None:
    """One KML of drone flights and one GPX of visits for each officer, by number of the officer.

    Files are named by the officer's place in the sorted list of officers, as a name may
    hold what a file's name may not; the officer's name stands inside.
    """
    owners = sorted(patrols.owner.fillna("").unique())
    for number, owner in enumerate(owners, 1):
        mine = patrols[patrols.owner.fillna("") == owner]
        write_route(folder / f"patrol-{number:02d}", mine, owner, craft, language)


def write_route(
    stem: Path, orders: gpd.GeoDataFrame, owner: str, craft: Craft, language: str
) -> None:
    """The orders of one officer: flights in `stem`.kml and visits in `stem`.gpx, where any."""
    mine = orders.sort_values("sequence")
    name = owner or word("nobody", language)
    flights, stops = mine[mine["mode"] == "drone"], mine[mine["mode"] == "visit"]
    if len(flights):
        ways = dict(zip(flights.order_id, waypoints(flights, craft), strict=True))
        save(stem.with_name(f"{stem.name}.kml"), _flights(flights, ways, name, language))
    if len(stops):
        save(stem.with_name(f"{stem.name}.gpx"), _route(stops, name))


def _flights(
    flights: gpd.GeoDataFrame, ways: Mapping[str, np.ndarray], owner: str, language: str
) -> ET.Element:
    """Each flight as its track and its waypoints in order."""
    root = ET.Element("kml", xmlns=KML)
    document = add(root, "Document")
    add(document, "name", owner)
    for flight in flights.itertuples():
        folder = add(document, "Folder")
        add(folder, "name", flight.order_id)
        days = word("never_seen", language) if pd.isna(flight.days) else f"{flight.days} d"
        told = {"owner": owner, "days": days, "length": f"{flight.length_m:.0f} m"}
        add(folder, "description", word("flight", language).format(**told))
        way = gpd.GeoSeries.from_xy(*ways[flight.order_id].T, crs=flights.crs)
        degrees = shapely.get_coordinates(way.to_crs(LONLAT))
        track = add(add(folder, "Placemark"), "LineString")
        add(track, "coordinates", " ".join(_lonlat(np.vstack([degrees, degrees[:1]]))))
        for number, text in enumerate(_lonlat(degrees), 1):
            mark = add(folder, "Placemark")
            add(mark, "name", str(number))
            add(add(mark, "Point"), "coordinates", text)
    return root


def _lonlat(degrees: np.ndarray) -> Iterator[str]:
    return (f"{x:.7f},{y:.7f}" for x, y in degrees)


def _route(stops: gpd.GeoDataFrame, owner: str) -> ET.Element:
    """The stops as one ordered route."""
    root = ET.Element("gpx", xmlns=GPX, version="1.1", creator="seawatch")
    route = add(root, "rte")
    add(route, "name", owner)
    points = stops.geometry.to_crs(LONLAT).representative_point()
    for stop, point in zip(stops.itertuples(), points, strict=True):
        place = add(route, "rtept", lat=f"{point.y:.7f}", lon=f"{point.x:.7f}")
        add(place, "name", stop.flag_id)
    return root
