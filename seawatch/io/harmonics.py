"""A port's harmonic constituents: JSON in the form of TICON.

    {"latitude": 38.925, "harmonic_constituents": [
        {"name": "M2", "amplitude": 0.97, "phase": 55.9}, ...]}

Amplitudes are in metres, phases in degrees of Greenwich; other keys are passed over.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ..errors import InputRefused
from ..tides import Constituent, Harmonics, constituent_name
from .files import plain_file

MOST_BYTES = 5_000_000
MOST_AMPLITUDE_M = 20.0
"""No constituent of any port comes near: the greatest tides range over 16 m in all."""

_KEY = "harmonic_constituents"
_SAID = 5  # faults of one file that are spelt out


def read_harmonics(path: Path) -> Harmonics:
    """The constituents in a file.

    Raises
    ------
    InputRefused
        Naming the file, the key and the cure of everything that cannot be trusted.
    """
    fields = _fields(path)
    problems = list(_problems(fields))
    if problems:
        more = len(problems) - _SAID
        said = problems[:_SAID] + ([f"{more} more faults like these"] if more > 0 else [])
        raise InputRefused(f"{path}: {problem}" for problem in said)
    constituents = [
        Constituent(row["name"].strip(), float(row["amplitude"]), float(row["phase"]))
        for row in fields[_KEY]
    ]
    port = Harmonics(float(fields["latitude"]), tuple(constituents))
    if len(port.left_out) == len(constituents):
        raise InputRefused(
            f"{path}: {_KEY}: none of its names is a known constituent; write M2, S2, K1, O1 …"
        )
    return port


def _fields(path: Path) -> dict[str, Any]:
    size = plain_file(path).stat().st_size
    if size > MOST_BYTES:
        raise InputRefused(
            f"{path}: {size:,} bytes; a port's constituents fit in {MOST_BYTES:,}: "
            "give the file of one port"
        )
    try:
        fields = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputRefused(f"{path}: not JSON: {error}; export it again") from None
    if not isinstance(fields, dict):
        raise InputRefused(f"{path}: not one JSON object with the keys latitude and {_KEY}")
    return fields


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _problems(fields: dict[str, Any]) -> Iterator[str]:
    if not _within(fields.get("latitude"), -90, 90):
        yield f"latitude: {_shown(fields.get('latitude'))} is not degrees north, -90 to 90"
    rows = fields.get(_KEY)
    if not isinstance(rows, list) or not rows:
        yield f"{_KEY}: no list of constituents; each needs name, amplitude and phase"
        return
    first: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        place = f"{_KEY}, row {number}"
        if not isinstance(row, dict):
            yield f"{place}: {_shown(row)} is no object with name, amplitude and phase"
            continue
        yield from (f"{place}: {fault}" for fault in _faults(row))
        if not _is_name(row.get("name")):
            continue
        name = constituent_name(row["name"])
        if name in first:
            yield f"{place}: name: {name} is in row {first[name]} too; delete one of them"
        first.setdefault(name, number)


def _faults(row: dict[str, Any]) -> Iterator[str]:
    if not _is_name(row.get("name")):
        yield f"name: {_shown(row.get('name'))} is no constituent's name such as M2"
    if not _within(row.get("amplitude"), 0, MOST_AMPLITUDE_M):
        yield (
            f"amplitude: {_shown(row.get('amplitude'))} is not 0 to {MOST_AMPLITUDE_M:g}; "
            "give it in metres"
        )
    if not _within(row.get("phase"), -360, 360):
        yield f"phase: {_shown(row.get('phase'))} is not -360 to 360; give it in degrees"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.strip().isascii() and 0 < len(value.strip()) <= 20


def _within(value: object, least: float, most: float) -> bool:
    """Whether it is a finite number between the two; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least <= value <= most  # false for NaN; infinite ones lie outside


def _shown(value: object) -> str:
    """A value in a message: short, and of characters any terminal has."""
    text = ascii(value) if value is not None else "nothing"
    return text if len(text) <= 40 else text[:37] + "..."
