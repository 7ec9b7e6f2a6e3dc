"""The report of a run (run.md, run.html): what was seen, what was not, and what waits.

Short, and never silent: a quiet week, a cloudy one, one without scenes and one without a
layer read differently. Text of others is escaped in both forms.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from ..maps.words import area, rule_word, word
from .words import say

_LISTED = 50  # rows of one list; the tables have all of them

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and rows under column names."""

    title: str
    lines: Sequence[str] = ()
    columns: Row = ()
    rows: Sequence[Row] = ()


def sections(manifest: Mapping[str, Any], flags: gpd.GeoDataFrame, language: str) -> list[Section]:
    """What a run has to report, from its manifest and flags."""
    parts = [
        seen(manifest, language),
        *(_flags(flags, status, language) for status in ("new", "open", "unseen", "cleared")),
        _vetoes(manifest, language),
        _left_out(manifest, language),
        _islands(manifest, language),
        _people(manifest, language),
        _record(manifest, flags, language),
    ]
    return [part for part in parts if part.lines or part.rows]


def seen(manifest: Mapping[str, Any], language: str) -> Section:
    """What was seen, what was not, and what was not judged."""
    cover, sight = manifest["cover"], manifest.get("sight", [])
    lines = []
    if not manifest["pairs"]:
        lines.append(say("no_pairs", language))
    if cover["share"] is not None:
        lines.append(say("share", language, share=f"{cover['share']:.0%}"))
        if not cover["valid"]:
            lines.append(say("not_valid", language))
    km2 = {name: f"{cover[f'{name}_m2'] / 1e6:.2f}" for name in ("seen", "ordered", "out_of_scope")}
    lines.append(say("ground", language, **km2))
    if cover["longest_days"] is not None:
        lines.append(say("longest", language, days=cover["longest_days"]))
    if cover["never_m2"]:
        lines.append(say("never", language, km2=f"{cover['never_m2'] / 1e6:.2f}"))
    for row in sight:
        if row["zone"] is None and row["least95_m2"] is not None:
            least = area(row["least95_m2"], language)
            lines.append(say("sight", language, sensor=row["sensor"], least=least))
    for rule, layers in sorted(manifest["not_judged"].items()):
        names = ", ".join(word(f"layer_{name}", language) for name in layers)
        title = rule_word(rule, "title", language)
        lines.append(say("not_judged", language, rule=title, layers=names))
    return Section(say("seen_title", language), lines)


def _flags(flags: gpd.GeoDataFrame, status: str, language: str) -> Section:
    mine = flags[flags.status == status].sort_values(["priority", "flag_id"])
    title = f"{word(f'status_{status}', language)}: {len(mine)}"
    lines = [] if len(mine) or status != "new" else [say("none_new", language)]
    rows = [
        (
            flag.flag_id,
            rule_word(flag.rule, "title", language),
            area(flag.excess_m2, language),
            word(f"level_{flag.level}", language),
            word("nobody", language) if pd.isna(flag.owner) else flag.owner,
        )
        for flag in mine.head(_LISTED).itertuples()
    ]
    if len(mine) > _LISTED:
        lines.append(say("more", language, number=len(mine) - _LISTED))
    names = [word(name, language) for name in ("no", "excess", "level")]
    columns = (names[0], say("rule", language), *names[1:], say("owner", language))
    return Section(title, lines, columns, rows)


def _vetoes(manifest: Mapping[str, Any], language: str) -> Section:
    counts: dict[str, int] = {}
    for row in manifest["vetoes"]:
        counts[row["veto"]] = counts.get(row["veto"], 0) + 1
    lines = [
        f"{number} × {say(f'veto_{name}', language)}" for name, number in sorted(counts.items())
    ]
    return Section(say("vetoes_title", language), lines)


def _left_out(manifest: Mapping[str, Any], language: str) -> Section:
    rows = [(row["input"], row["reason"]) for row in manifest["quarantined"]]
    rows += [(row["scene"], row["reason"]) for row in manifest["left_out"]]
    columns = (say("input", language), say("reason", language))
    return Section(say("left_out_title", language), (), columns, rows[:_LISTED])


def _islands(manifest: Mapping[str, Any], language: str) -> Section:
    late = [row for row in manifest["islands"] if row["overdue"]]
    rows = [
        (
            row["island_id"],
            row["name"] or word("unnamed", language),
            row["last_seen"] or word("never_seen", language),
            str(row["cycle_days"]),
        )
        for row in late[:_LISTED]
    ]
    names = ("island", "name", "last_look", "cycle")
    lines = [say("islands_late", language, late=len(late), all=len(manifest["islands"]))]
    columns = tuple(say(n, language) for n in names)
    return Section(say("islands_title", language), lines if late else (), columns, rows)


def _people(manifest: Mapping[str, Any], language: str) -> Section:
    patrols = manifest["patrols"]
    lines = []
    if patrols["flights"] or patrols["visits"]:
        lines.append(say("patrols", language, **patrols))
    lines += [
        say("load", language, officer=officer, number=number)
        for officer, number in sorted(manifest["loads"].items())
    ]
    lines += [
        say("handover", language, flag=row["flag_id"], old=row["from"], new=row["to"])
        for row in manifest["handovers"]
    ]
    return Section(say("people_title", language), lines)


def _record(manifest: Mapping[str, Any], flags: gpd.GeoDataFrame, language: str) -> Section:
    lines = []
    if asked := manifest["suspects"]["entered"]:
        told = {(f.source, f.external_id) for f in flags.itertuples()}
        flagged = sum(tuple(number) in told for number in asked)
        lines.append(say("replies", language, all=len(asked), flagged=flagged))
    lines.append(say("head", language, head=manifest["chain"]["head"]))
    lines.append(say("inputs", language, number=len(manifest["inputs"])))
    return Section(say("record_title", language), lines)


def as_markdown(title: str, parts: Sequence[Section]) -> str:
    """The report as Markdown."""
    lines = [f"# {_plain(title)}", ""]
    for part in parts:
        lines += [f"## {_plain(part.title)}", ""]
        lines += [f"- {_plain(line)}" for line in part.lines]
        if part.rows:
            lines += [""] * bool(part.lines)
            lines += [_cells(part.columns), _cells(["---"] * len(part.columns), str)]
            lines += [_cells(row) for row in part.rows]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cells(texts: Sequence[str], clean: Any = None) -> str:
    return "| " + " | ".join((clean or _plain)(text) for text in texts) + " |"


def _plain(text: str) -> str:
    """`text` on one line, as Markdown shows it and does not follow it."""
    line = " ".join(str(text).split())
    return "".join("\\" + c if c in "\\`*_[]<>|#!&" else c for c in line)


def as_html(title: str, parts: Sequence[Section], language: str) -> str:
    """The report as one page without any script."""
    body = [f"<h1>{_safe(title)}</h1>"]
    for part in parts:
        body.append(f"<h2>{_safe(part.title)}</h2>")
        if part.lines:
            items = "".join(f"<li>{_safe(line)}</li>" for line in part.lines)
            body.append(f"<ul>{items}</ul>")
        if part.rows:
            head = "".join(f"<th>{_safe(text)}</th>" for text in part.columns)
            rows = "".join(
                "<tr>" + "".join(f"<td>{_safe(text)}</td>" for text in row) + "</tr>"
                for row in part.rows
            )
            body.append(f"<div><table><tr>{head}</tr>{rows}</table></div>")
    return _PAGE.format(
        lang="zh-CN" if language == "zh" else "en", title=_safe(title), body="\n".join(body)
    )


def _safe(text: str) -> str:
    return html.escape(str(text), quote=True)


_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 56rem;
  margin: 0 auto; padding: 1rem; color: #17212b; background: #fff; }}
div {{ overflow-x: auto; }} table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ccd6de; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; margin-top: 1.6rem; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e8eef3; background: #10171d; }} }}
</style></head><body>
{body}
</body></html>
"""
