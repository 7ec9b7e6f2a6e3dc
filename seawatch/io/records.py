"""The record of an import: what was read and how, what was changed, what was left out.

It holds no clock and no folder: the same file brought in the same way gives the same record.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..recode import Recoded
from ..repair import Repair
from ..tables import Table
from .claims import Claim
from .columns import Mapped
from .files import aside
from .foreign import Answer

REPAIRED = {
    "heights": "heights",
    "closed": "a ring left open",
    "vertices": "vertices that stand twice",
    "turned": "rings that run the other way",
    "crossing": "an outline that crosses itself within its error",
    "parts": "a collection of areas",
    "outline": "a closed line for an area",
    "sliver": "a part or hole that is a sliver",
    "twin": "a row that repeats another, word for word,",
}


def record(
    *,
    path: Path,
    answer: Answer,
    table: Table,
    mapped: Mapped,
    given: dict[str, int],
    claim: Claim,
    recoded: Sequence[Recoded],
    repairs: Sequence[Repair],
    refused: list[dict[str, Any]],
    notices: list[dict[str, Any]],
    accepted: int,
) -> dict[str, Any]:
    """The record of one layer as JSON can say it; rows by the file's own count, from 1."""
    parsed = answer.parsed
    rows = parsed.rows
    return {
        "table": table.name,
        "source": path.name,
        "sha256": answer.sha256,
        "format": parsed.format,
        "layer": parsed.layer,
        "encoding": {"name": parsed.encoding, "why": parsed.encoding_why},
        "crs": {"name": _crs_name(claim), "how": claim.how, "note": claim.note},
        "columns": {own: {"as": name, "by": by} for name, (own, by) in mapped.names.items()},
        "unused": mapped.unused,
        "set": given,
        "recoded": [_recoding(one) for one in recoded],
        "notes": parsed.notes,
        "counts": {
            "read": len(rows) + parsed.dropped,
            "accepted": accepted,
            "repaired": len({r.row for r in repairs if r.what != "twin"}),
            "repeated": sum(r.what == "twin" for r in repairs),
            "refused": len(refused),
            "deleted": parsed.dropped,
        },
        "repairs": [_repair(rows, what, repairs) for what in REPAIRED if _of(what, repairs)],
        "refused": refused,
        "notices": notices,
    }


def _crs_name(claim: Claim) -> str:
    authority = claim.crs.to_authority()
    return f"{':'.join(authority)} {claim.crs.name}" if authority else claim.crs.name


def _recoding(one: Recoded) -> dict[str, Any]:
    count = int(one.rows.sum())
    return {"column": one.column, "from": one.word, "to": one.code, "rows": count, "note": one.note}


def _of(what: str, repairs: Sequence[Repair]) -> list[Repair]:
    return [repair for repair in repairs if repair.what == what]


def _repair(rows: Sequence[int], what: str, repairs: Sequence[Repair]) -> dict[str, Any]:
    here = sorted(_of(what, repairs), key=lambda repair: repair.row)
    return {
        "what": what,
        "rows": [rows[repair.row] for repair in here],
        "before_m2": [_round(repair.before_m2) for repair in here],
        "after_m2": [_round(repair.after_m2) for repair in here],
    }


def _round(area: float) -> float | None:
    return None if np.isnan(area) else round(area, 4)


def write(path: Path, told: dict[str, Any]) -> None:
    """Keep a record beside its layer."""
    with aside(path) as hidden:
        hidden.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
