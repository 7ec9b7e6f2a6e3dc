"""dBASE tables, as Shapefiles have them: cells as bytes, until their encoding is known."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import encodings
from ._parsed import Parsed, Refused


@dataclass(frozen=True)
class Field:
    """A column: its name's bytes, its type's letter, and where in a record it stands."""

    name: bytes
    kind: str
    start: int
    end: int
    decimals: int


@dataclass(frozen=True)
class Rows:
    """A table's records, deleted ones too."""

    fields: list[Field]
    records: list[bytes]
    language: int

    @property
    def deleted(self) -> list[bool]:
        """Which records the file marks as deleted."""
        return [record[:1] == b"*" for record in self.records]

    def texts(self) -> Iterator[bytes]:
        """Everything that is text: the names of the columns and the cells of letters."""
        yield from (field.name for field in self.fields)
        for field in self.fields:
            if field.kind == "C":
                yield from (_cell(record, field) for record in self.records)

    def columns(self, kept: list[int], codec: str, parsed: Parsed) -> dict[str, list[Any]]:
        """The cells of the rows `kept`, decoded; what cannot be read becomes a fault."""
        found: dict[str, list[Any]] = {}
        for field in self.fields:
            name = encodings.decode(field.name, codec)
            while name in found:
                name += "_"
            read = _READERS.get(field.kind)
            if read is None:
                parsed.notes.append(f"column '{name}' of kind {field.kind} is left out")
                continue
            values = []
            for number in kept:
                try:
                    values.append(read(_cell(self.records[number - 1], field), codec))
                except ValueError as error:
                    values.append(None)
                    parsed.faults[number] = f"'{name}' cannot be read: {error}"
            found[name] = values
            _note_cuts(name, field, kept, self.records, codec, parsed)
        return found


def _note_cuts(
    name: str, field: Field, kept: list[int], records: list[bytes], codec: str, parsed: Parsed
) -> None:
    """Texts that the field's width cut in the middle of a character."""
    if field.kind != "C" or codec == "cp1252":
        return
    cut = []
    for number in kept:
        cell = records[number - 1][field.start : field.end]
        if cell[-1:] > b"\x7f" and encodings.decode(cell, codec).encode(codec) != cell:
            cut.append(str(number))
    if cut:
        rows = ", ".join(cut[:5]) + (f" and {len(cut) - 5} more" if len(cut) > 5 else "")
        parsed.notes.append(
            f"'{name}' was cut by the file's width in the middle of a character, row {rows}"
        )


def _cell(record: bytes, field: Field) -> bytes:
    return record[field.start : field.end].split(b"\0", 1)[0].strip(b" ")


def _text(cell: bytes, codec: str) -> str | None:
    return encodings.decode(cell, codec) or None


def _number(cell: bytes, codec: str) -> float | int | None:
    if not cell:
        return None
    if cell.startswith(b"*"):
        raise ValueError("the number was wider than its column")
    text = cell.decode("ascii", "replace")
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


def _day(cell: bytes, codec: str) -> str | None:
    text = cell.decode("ascii", "replace").strip()
    return None if not text.strip("0") else text


def _truth(cell: bytes, codec: str) -> bool | None:
    return {b"T": True, b"Y": True, b"F": False, b"N": False}.get(cell.upper())


_READERS = {"C": _text, "N": _number, "F": _number, "D": _day, "L": _truth}


def read(path: str) -> Rows:
    """Every record of a .dbf.

    Raises
    ------
    Refused
        If it is cut short, or no dBASE table.
    """
    raw = Path(path).read_bytes()
    if len(raw) < 33:
        raise Refused("its .dbf is cut short; copy all parts again")
    count, header, width = struct.unpack_from("<IHH", raw, 4)
    fields = list(_fields(raw[:header]))
    if not fields or width < max(field.end for field in fields):
        raise Refused("its .dbf is no dBASE table; copy all parts again")
    if len(raw) < header + count * width:
        raise Refused(
            f"its .dbf is cut short ({len(raw)} of {header + count * width} bytes); copy it again"
        )
    records = [raw[at : at + width] for at in range(header, header + count * width, width)]
    return Rows(fields, records, raw[29])


def _fields(head: bytes) -> Iterator[Field]:
    start = 1
    for at in range(32, len(head) - 31, 32):
        if head[at] == 0x0D:
            break
        name, kind, size, decimals = struct.unpack_from("<11sc4xBB", head, at)
        yield Field(name.split(b"\0", 1)[0], kind.decode("latin-1"), start, start + size, decimals)
        start += size
