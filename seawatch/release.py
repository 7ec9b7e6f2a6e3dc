"""The public's map of a run: withheld, drawn, searched for leaks, and only then put down."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from . import atlas, audience
from .case import timelines
from .errors import CannotFinish, UsageError
from .io import cases, gateway, journal, settings, suspects
from .io.files import aside
from .io.visits import read_visits
from .layers import Layers
from .maps import budget, leaks, public
from .maps.chips import Chip
from .maps.page import html
from .maps.words import MODES, RULE_WORDS, with_words, words
from .project import Project
from .scenes import Scene
from .sensors import SENSORS
from .visits import settle

if TYPE_CHECKING:
    from .run import Run

_NO_NUMBER = (
    "no public map without its approval number (审图号): write it into seawatch.toml, "
    '[public] approval = "鲁S（2026）001号", once the surveying authority has given it'
)


def release(
    run: "Run", layers: Layers, scenes: Iterable[Scene], language: str, folder: Path, max_mb: float
) -> Path:
    """Write the public's map of a run into `folder`; returns its page's path.

    Raises
    ------
    UsageError
        Without an approval number, or if a zone is withheld that there is none of.
    CannotFinish
        If a page holds what is withheld; no page is left in `folder` then.
    """
    limits = run.project.limits_of_public
    if limits.approval is None:
        raise UsageError(_NO_NUMBER)
    if unknown := audience.faults(layers.zones, limits):
        raise UsageError(unknown)
    for notice in audience.untold(layers.absent):
        print(f"note: {notice}", file=sys.stderr)
    seen = read_visits(run.project)
    run = replace(run, flags=settle(run.flags, seen, run.on))  # what was said since counts too
    flags = with_words(run.flags, language, run.project.where)
    entered = cases.read_cases(run.project)
    told = timelines(flags, seen, entered, zone=str(run.project.timezone))
    view = audience.for_public(flags, layers, run.coverage, told, limits)
    places = audience.withheld_places(layers, limits)
    withheld = leaks.Withheld(
        audience.withheld_texts(_all_that_is_known(run, layers), limits),
        [*_our_words(), *_shown(view), *run.project.where],
        places,
        view.step,
        limits.image_m,
    )
    shown = atlas.public_pictures(run, scenes, view, limits, places, language)
    made = dict(_pages(run, view, limits, shown, language, max_mb))
    blank = made.pop("").encode()
    for old in folder.glob("*.html"):
        old.unlink()  # of other limits
    for name, text in made.items():
        _put_down(folder / name, text, blank, withheld)
    return folder / atlas.INDEX


def _put_down(path: Path, text: str, blank: bytes, withheld: leaks.Withheld) -> None:
    """Write a page, read its bytes back, and keep it only if nothing is found in them."""
    with aside(path) as hidden:
        hidden.write_text(text, "utf-8")
        found = leaks.leaks(hidden.read_bytes(), blank, withheld)
        if found:
            for other in path.parent.glob("*.html"):
                other.unlink()
            raise CannotFinish(
                [f"{path}: deleted: it held what the public must not see: {f}" for f in found]
            )


def _pages(
    run: "Run",
    view: audience.View,
    limits: audience.Limits,
    shown: Mapping[str, Chip],
    language: str,
    max_mb: float,
) -> Iterator[tuple[str, str]]:
    """The files of the map by name, as `atlas.pages`; and under no name a page of nothing."""
    drawn = partial(
        public.draw,
        title=run.project.settings.project.name,
        issue=run.issue,
        on=run.on,
        bounds=public.around(view),
        limits=limits,
        language=language,
        timezone=str(run.project.timezone),
        max_mb=max_mb,
    )
    yield "", html(drawn(audience.empty(view), {}))
    inside, parts = budget.split(view.flags, shown, max_mb, len(html(drawn(view, {})).encode()))
    elsewhere = {flag_id: part.file for part in parts for flag_id in part.flag_ids}
    yield atlas.INDEX, html(drawn(view, {f: shown[f] for f in inside}, elsewhere=elsewhere))
    for part in parts:
        own = replace(view, flags=view.flags[view.flags.flag_id.isin(part.flag_ids)])
        yield part.file, html(drawn(own, {f: shown[f] for f in part.flag_ids}, part=part.name))


def _all_that_is_known(run: "Run", layers: Layers) -> dict[str, pd.DataFrame]:
    """Every table that the workspace holds, the layers' files as they stand included."""
    project = run.project
    tables = {name: getattr(layers, name) for name in settings.layer_files(project)}
    tables |= {
        name: getattr(run, name)
        for name in ("flags", "findings", "changes", "coverage", "patrols", "reminders", "replies")
    }
    said = [json.dumps(entry.data, ensure_ascii=False) for entry in journal.entries(project)]
    tables["the journal"] = pd.DataFrame({"what was said": said})
    tables["suspects"] = suspects.read(project, date.max)
    return tables | dict(_files(project))


def _files(project: Project) -> Iterator[tuple[str, pd.DataFrame]]:
    """The layers' own files, whose columns may be more than ours: telephones, identity numbers."""
    for name, path in settings.layer_files(project).items():
        file = getattr(project.settings.layers, name)
        yield (
            f"the file of {name}",
            gateway.as_it_stands(path, encoding=file.encoding, layer=file.layer),
        )


def _our_words() -> Iterator[str]:
    """Texts that tell nobody anything: they are the software's own."""
    for language in ("zh", "en"):
        yield from words(language).values()
    yield from (text for pair in MODES.values() for text in pair)
    yield from (text for rule in RULE_WORDS.values() for text in rule.title)
    yield from (text for s in SENSORS.values() for text in (s.name, s.title_zh, s.title_en))


def _shown(view: audience.View) -> Iterator[str]:
    """Texts that the public may see."""
    for table in (view.flags, *view.tables.values()):
        for name in table.columns.difference(["geometry", "at"]):
            yield from (text for text in table[name].unique() if isinstance(text, str))
