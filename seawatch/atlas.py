"""The offline map of a run, with the pictures of its flags, in one file or several."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import folium
import geopandas as gpd
import numpy as np

from .audience import Limits, View, ground_of
from .errors import InputRefused, UsageError
from .geo import LONLAT
from .io import enrolled
from .io.pictures import Viewer, shown_bands, water_bands
from .layers import Layers
from .maps import budget, chips, notebook, page
from .maps.words import with_words
from .project import Project
from .scenes import Scene
from .sensors import SENSORS

if TYPE_CHECKING:
    from .run import Run

INDEX = "index.html"
WATERLINE = ("land_gained", "land_lost", "enclosed")
"""Kinds of change that are told by where water ends."""
MAX_MB = 25.0
"""Size of a map that a phone still opens, in millions of bytes."""


def draw(
    run: "Run", layers: Layers, scenes: Iterable[Scene], language: str | None = None
) -> folium.Map:
    """The offline map of a run, all its pictures inside."""
    said = language or run.project.language
    return _drawn(run, layers, pictures(run, scenes, said), said)


def card(run: "Run", flag_id: str, scenes: Iterable[Scene], language: str) -> notebook.Shown:
    """One flag of a run, with its pictures, as a notebook shows it."""
    part = replace(run, flags=run.flags[run.flags.flag_id == flag_id])
    if part.flags.empty:
        raise UsageError(f"{flag_id}: no such flag in {run.issue}; see .flags.flag_id")
    said = with_words(part.flags, language, run.project.where)
    chip = pictures(part, scenes, language).get(flag_id)
    (flag,) = said.itertuples()
    return notebook.flag_card(flag, chip, said.crs, run.project.timezone, language)


def pages(
    run: "Run",
    layers: Layers,
    shown: Mapping[str, chips.Chip],
    language: str,
    *,
    max_mb: float = MAX_MB,
    tiles: str | None = None,
    whose: str = "",
) -> Iterator[tuple[str, str]]:
    """The files of the map, by name: `INDEX`, and those of pictures that do not fit into it.

    shown : pictures by flag_id. max_mb : size of each file, in millions of bytes.
    tiles, whose : see `maps.page.draw`.
    """

    def drawn(flags: gpd.GeoDataFrame, ids: Iterable[str], **more: Any) -> str:
        held = {flag_id: shown[flag_id] for flag_id in ids}
        part = replace(run, flags=flags)
        more |= {"max_mb": max_mb, "tiles": tiles, "whose": whose}
        chart = _drawn(part, layers, held, language, **more)
        return page.html(chart)

    bare = len(drawn(run.flags, ()).encode())
    inside, parts = budget.split(run.flags, shown, max_mb, bare)
    elsewhere = {flag_id: part.file for part in parts for flag_id in part.flag_ids}
    yield INDEX, drawn(run.flags, inside, elsewhere=elsewhere)
    for part in parts:
        flags = run.flags[run.flags.flag_id.isin(part.flag_ids)]
        yield part.file, drawn(flags, part.flag_ids, part=part.name)


def pictures(run: "Run", scenes: Iterable[Scene], language: str) -> dict[str, chips.Chip]:
    """Before and after of each flag, as its latest pair shows it, for the map."""
    known, made = {scene.scene_id: scene for scene in scenes}, {}
    # a look may be the flag's own reference, and the pair's then is one of the others
    looks = {
        row["after"]: [row["before"], *row.get("looks", [])]
        for row in run.manifest.get("pairs", [])
    }
    with Viewer() as viewer:
        for flag in _by_place(run.flags).itertuples():
            pair = [known[n] for n in (flag.before_scene, flag.after_scene) if n in known]
            if len(pair) < 2:
                continue  # a scene has gone since; the card says that there is no picture
            bounds, size = chips.frame(flag.geometry, run.project.crs, pair[1].resolution_m)
            try:
                before, after = (viewer.picture(scene, bounds, size) for scene in pair)
                index = _index(viewer, flag, pair, bounds)
            except InputRefused:
                continue  # or its file is broken now
            told = [known[n] for n in looks.get(flag.after_scene, []) if n in known]
            series = _series(viewer, run, [*told, *pair], bounds)
            one, two = (_seen(scene, run.project, language) for scene in pair)
            made[flag.flag_id] = chips.chip(before, after, bounds, one, two, series, index)
    return made


def _by_place(flags: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Flags in such an order that neighbours follow each other: they share what is decoded."""
    if flags.empty:
        return flags
    return flags.iloc[np.argsort(flags.hilbert_distance().to_numpy(), kind="stable")]


def public_pictures(
    run: "Run",
    scenes: Iterable[Scene],
    view: View,
    limits: Limits,
    places: gpd.GeoSeries,
    language: str,
) -> dict[str, chips.Chip]:
    """Before and after of each flag that the public sees, no finer than its limits.

    places : outlines on which nothing is shown; there is no picture that reaches one.
    """
    known, made = {scene.scene_id: scene for scene in scenes}, {}
    withheld = places.to_crs(LONLAT).sindex
    shown = run.flags[run.flags.flag_id.isin(view.flags.flag_id)]
    with Viewer() as viewer:
        for flag in _by_place(shown).itertuples():
            pair = [known[n] for n in (flag.before_scene, flag.after_scene) if n in known]
            if len(pair) < 2:
                continue  # a scene has gone since; the card says that there is no picture
            pixel_m = max(limits.image_m, *(scene.resolution_m for scene in pair))
            frame = chips.coarse_frame(flag.geometry, run.project.crs, pixel_m, view.step)
            bounds, size, placed = frame
            if len(withheld.query(ground_of(placed, view.step), predicate="intersects")):
                continue  # it would show what is withheld, or seem to
            try:
                before, after = (viewer.picture(scene, bounds, size) for scene in pair)
            except InputRefused:
                continue  # or its file is broken now
            seen = [_seen(scene, run.project, language) for scene in pair]
            # the day and the sensor; tide and error are the office's
            one, two = (chips.Seen(s.taken[:10], s.sensor, resolution_m=pixel_m) for s in seen)
            made[flag.flag_id] = replace(chips.chip(before, after, bounds, one, two), bounds=placed)
    return made


def _index(
    viewer: Viewer, flag: Any, pair: list[Scene], bounds: chips.Bounds
) -> chips.Index | None:
    """The water index of both scenes, where that is what the change was seen in."""
    bands = water_bands(pair)
    if bands is None or json.loads(flag.numbers).get("kind") not in WATERLINE:
        return None
    size = chips.index_size(bounds, max(scene.resolution_m for scene in pair))
    before, after = (viewer.index(scene, bounds, size, bands) for scene in pair)
    return chips.index_pictures(before, after, bands)


def _series(
    viewer: Viewer, run: "Run", scenes: Iterable[Scene], bounds: chips.Bounds
) -> tuple[chips.Look, ...]:
    """The place through time, small; nothing where only the two are known."""
    by_name = {scene.scene_id: scene for scene in scenes}
    if len(by_name) < 3:
        return ()
    made = []
    for scene in sorted(by_name.values(), key=lambda s: (s.taken, s.scene_id)):
        try:
            colours = viewer.picture(scene, bounds, chips.SMALL)
        except InputRefused:
            continue  # gone or broken since
        if np.isfinite(colours).any():
            taken = f"{scene.taken.astimezone(run.project.timezone):%Y-%m-%d}"
            made.append(chips.look(colours, taken))
    return tuple(made)


def _seen(scene: Scene, project: Project, language: str) -> chips.Seen:
    sensor = SENSORS.get(scene.sensor)
    title = getattr(sensor, f"title_{language}") if sensor else scene.sensor
    taken = f"{scene.taken.astimezone(project.timezone):%Y-%m-%d %H:%M}"
    bands = shown_bands([band.name for band in scene.bands])
    shows = "" if bands[0] == "red" else ", ".join(dict.fromkeys(bands))
    return chips.Seen(taken, title, scene.tide_m, scene.sigma_m, scene.resolution_m, shows)


def _drawn(
    run: "Run",
    layers: Layers,
    held: dict[str, chips.Chip],
    language: str,
    **more: Any,
) -> folium.Map:
    project = run.project
    return page.draw(
        run.flags,
        run.coverage,
        layers,
        held,
        title=project.settings.project.name,
        issue=run.issue,
        on=run.on,
        language=language,
        not_judged=sorted(layers.absent),
        skipped=[row["reason"] for row in run.manifest["quarantined"]],
        seen_share=run.manifest["coverage"]["seen"],
        timezone=str(project.timezone),
        reminders=len(run.reminders),
        where=project.where,
        head=run.manifest.get("chain", {}).get("head"),
        vetoed=run.changes[run.changes.veto.notna()],
        enrolled=enrolled.fingerprints(project),
        **more,
    )
