"""What the child says of a file, as JSON and well-known binary."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO


class Refused(Exception):
    """The file cannot be understood; the message says why and what would mend it."""


@dataclass(frozen=True)
class Job:
    """One file to parse.

    Attributes
    ----------
    kind : the module of this package that reads it.
    layer : the layer wanted of several.
    encoding : what the operator says its text is in.
    """

    path: str
    kind: str
    layer: str | None = None
    encoding: str | None = None


@dataclass
class Parsed:
    """A layer as it stands in the file.

    Attributes
    ----------
    crs : as the file spells it (WKT, AUTHORITY:CODE); None where it does not.
    crs_from : who says so, the file or the rule of its format.
    columns : name and values, all as long as `rows`.
    rows : the number of each row, as the file counts, from 1.
    shapes : well-known binary; None for no geometry.
    faults : what is wrong with a row that cannot be read, by its number.
    dropped : rows that the file itself marks as deleted.
    """

    format: str
    layer: str | None = None
    crs: str | None = None
    crs_from: str = ""
    encoding: str = "UTF-8"
    encoding_why: str = "as the format rules"
    columns: dict[str, list[Any]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    shapes: list[bytes | None] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dropped: int = 0


def table(records: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """Columns from rows that need not all have the same names."""
    rows = list(records)
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def one_of(names: list[str], wanted: str | None, what: str = "layer") -> str:
    """The layer to read: the one wanted, or the only one."""
    if wanted is not None:
        if wanted not in names:
            raise Refused(f"no {what} '{wanted}'; there are {listed(names)}")
        return wanted
    if not names:
        raise Refused(f"holds no {what}")
    if len(names) > 1:
        raise Refused(f"holds {len(names)} {what}s: {listed(names)}; name one, e.g. --layer")
    return names[0]


def listed(names: list[str]) -> str:
    """'a', 'b' and 3 more."""
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(f"'{name}'" for name in names[:12]) + more


def write(parsed: Parsed, out: BinaryIO) -> None:
    """One answer: a line of JSON, then the geometries one behind the other."""
    _take_out_halves(parsed)
    head = asdict(parsed)
    shapes = head.pop("shapes")
    head["lengths"] = [-1 if shape is None else len(shape) for shape in shapes]
    head["columns"] = {str(n): [_plain(v) for v in values] for n, values in head["columns"].items()}
    body = json.dumps(head).encode("ascii")
    size = sum(len(shape) for shape in shapes if shape)
    out.write(b"%d %d\n" % (len(body), size))
    out.write(body)
    for shape in shapes:
        out.write(shape or b"")
    out.flush()


def _take_out_halves(parsed: Parsed) -> None:
    """Blame rows whose text holds half a character (a lone surrogate): no file can keep it."""
    for name, values in parsed.columns.items():
        for at, value in enumerate(values):
            if isinstance(value, str) and not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError:
                    values[at] = None
                    parsed.faults[parsed.rows[at]] = f"'{name}' holds half a character"


def refuse(said: str, out: BinaryIO) -> None:
    """One answer: that the file cannot be read."""
    body = json.dumps({"refused": said}).encode("ascii")
    out.write(b"%d 0\n" % len(body))
    out.write(body)
    out.flush()


def _plain(value: Any) -> Any:
    """A cell as JSON can say it."""
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (bytes, bytearray)):
        return None
    return json.dumps(value, ensure_ascii=False, default=str)


def content(path: str) -> bytes:
    """A file's bytes."""
    return Path(path).read_bytes()
