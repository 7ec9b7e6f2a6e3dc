"""JSON that strangers send: read strictly, or refused with the reason.

What Python's own reader lets pass is a way to mean two things at once, or to exhaust the
machine: keys given twice, NaN and Infinity, numbers of thousands of digits, brackets without
end, halves of characters. `canonical` is the one way to write a document down, byte by byte,
so that a checksum means the same in a browser and here (RFC 8785, JSON Canonicalization
Scheme; keys of other than ASCII letters are not met).
"""

import json
import math
from pathlib import Path
from typing import Any

from ..errors import InputRefused
from .files import plain_file

LARGEST = 8 * 2**20
"""Bytes a document may have; a record of a thousand visits is a tenth of it."""
_DEPTH = 12
_DIGITS = 20
_QUOTE, _ESCAPE = ord('"'), ord("\\")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises
    ------
    InputRefused
        If it is too large, not plain JSON, or not an object.
    """
    size = plain_file(path).stat().st_size
    if path.is_symlink():
        raise InputRefused(f"{path}: a link; copy the file itself here")
    if size > LARGEST:
        raise InputRefused(f"{path}: {size} bytes; a record has at most {LARGEST}")
    try:
        return parsed(path.read_bytes())
    except ValueError as error:
        raise InputRefused(f"{path}: not plain JSON: {error}; export it again") from None


def parsed(content: bytes) -> dict[str, Any]:
    """The object that the bytes of a document mean.

    Raises
    ------
    ValueError
        Saying why they mean none, or two.
    """
    _refuse_depth(content)
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_real,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    if not isinstance(document, dict):
        raise ValueError("no object")
    _refuse_halves(document)
    return document


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes of a document as RFC 8785 writes them."""
    return _written(document).encode("utf-8")


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(k)}:{_written(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, float):
        return _ecmascript(value)
    return json.dumps(value, ensure_ascii=False)


def _ecmascript(value: float) -> str:
    """A number as a browser writes it: no `.0`, exponents without zeros."""
    if value == 0:
        return "0"
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    power = int(exponent)
    if -7 < power < 0:  # a browser writes 0.00001 where Python writes 1e-05
        return f"{value:.{-power + len(mantissa.replace('-', '').replace('.', '')) - 1}f}"
    return f"{mantissa}e{power:+d}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice[:40]!r} is given twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _real(text: str) -> float:
    value = float(text) if len(text) <= 4 * _DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError(f"{text[:_DIGITS]}… is no number that can be held")
    return value


def _refuse_depth(content: bytes) -> None:
    """Brackets are counted before any are followed."""
    depth, quoted, skip = 0, False, False
    for byte in content:
        if skip:
            skip = False
        elif quoted:
            skip, quoted = byte == _ESCAPE, byte != _QUOTE
        elif byte == _QUOTE:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > _DEPTH:
                raise ValueError(f"nested deeper than {_DEPTH}")
        elif byte in b"]}":
            depth -= 1


def _refuse_halves(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_halves(key)
            _refuse_halves(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_halves(inner)
    elif isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("half of a character (a lone surrogate) in a text") from None
