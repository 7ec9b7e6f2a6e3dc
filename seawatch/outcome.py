"""What a run came to, for its manifest."""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from . import casebook, coverage, ground, islands
from .duty import handovers, loads
from .given import Given
from .io import cases
from .legacy import legacies
from .project import Project
from .rules import not_judged
from .scenes import ScenePair
from .tides import Tides

Tables = dict[str, gpd.GeoDataFrame]


def outcome(
    project: Project, on: date, given: Given, inside: shapely.Geometry, tables: Tables
) -> dict[str, Any]:
    """The manifest's second half: what was seen, ruled out, not judged, overdue, and by whom.

    inside : the ground in scope. tables : of the run, by name.
    """
    changes, flags, layers = tables["changes"], tables["flags"], given.layers
    seen = tables["coverage"]
    return {
        "coverage": coverage.summary(seen, given.area),
        "sight": coverage.sight(seen, layers.zones),
        "vetoes": _vetoes(changes),
        "not_judged": not_judged(layers),
        "absent": sorted(layers.absent),
        "counts": {
            "changes": len(changes),
            "findings": len(tables["findings"]),
            **_counted(flags.status),
        },
        **_watch(on, given, inside, tables),
        "reminders": _counted(tables["reminders"].rule),
        "legacy": _legacy_fields(legacies(layers.zones, changes, on)),
        "tide": _tide_fields(given.tides, given.pairs),
        "cases": _cases(project, flags, given),
    }


def _vetoes(changes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    names = ["change_id", "kind", "veto", "area_m2", "reach_m", "dates"]
    vetoed = changes.loc[changes.veto.notna(), [*names, "tide_before_m", "tide_after_m"]].round(2)
    rows: list[dict[str, Any]] = (
        vetoed.astype(object).where(vetoed.notna(), None).to_dict("records")
    )
    return rows


def _watch(on: date, given: Given, inside: shapely.Geometry, tables: Tables) -> dict[str, Any]:
    """What was watched, by whom, and what is to be patrolled."""
    watched, patrols, layers = tables["ground"], tables["patrols"], given.layers
    flights = patrols[patrols["mode"] == "drone"]
    return {
        "cover": ground.cover(watched, inside),
        "islands": islands.looks(layers.islands, layers.coastline, watched, on),
        "patrols": {
            "flights": len(flights),
            "batteries_km": round(float(flights.length_m.sum()) / 1000, 1),
            "visits": len(patrols) - len(flights),
        },
        "loads": loads(tables["flags"], layers.duty, on),
        "handovers": handovers(given.flags, tables["flags"]),
    }


def _cases(project: Project, flags: gpd.GeoDataFrame, given: Given) -> dict[str, Any]:
    """What is overdue on the day, how long things took, and what came back."""
    entered = cases.read_cases(project, given.heard), cases.read_problems(project, given.heard)
    zone, duty = str(project.timezone), given.layers.duty
    return casebook.opened(flags, given.visits, *entered, duty, given.heard.day, zone).fields()


def _legacy_fields(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The register of legacy reclamations as the manifest keeps it."""
    sizes = ["filled_ha", "used_ha", "built_ha", "grown_ha", "vacancy"]
    tidy = table.assign(deadline=table.deadline.dt.strftime("%Y-%m-%d"), **table[sizes].round(4))
    rows: list[dict[str, Any]] = tidy.astype(object).where(tidy.notna(), None).to_dict("records")
    return rows


def _counted(values: pd.Series) -> dict[str, int]:
    return {str(k): int(v) for k, v in sorted(values.value_counts().items())}


def _tide_fields(tides: Tides, pairs: list[ScenePair]) -> dict[str, Any]:
    """Where the height of each scene came from, and what should be known of it."""
    scenes = {s.scene_id: s for pair in pairs for s in pair.scenes}
    sources = {n: tides.source_at(pd.Timestamp(s.taken)) for n, s in sorted(scenes.items())}
    return {"sources": sources, "notices": tides.notices}
