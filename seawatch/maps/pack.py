"""Tables as a page carries them: columns, not rows, so that ten thousand flags are light.

A column of texts is a list of the texts met and, for each row, which; or, where the texts
differ only by their numbers, a list of what stands between the numbers, and the numbers.
Outlines are differences between vertices, in letters that mean themselves in JSON and HTML.
The page's script (``assets/data.js``) reads them back.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BYTES = np.frombuffer(LETTERS.encode(), np.uint8)
_DIGITS = 8  # of five bits: more than 1e-7 degrees of a whole turn needs


def texts(column: Iterable[str]) -> dict[str, Any]:
    """A column of texts, packed.

    of : the texts met, each a list of what stands between its numbers.
    at : which of them each row is: one number if all are the same, a letter a row for up to
        64, else a list. with : the numbers of each row; missing where texts are whole.

    >>> texts(["12 m", "7.50 m"])
    {'of': [['', ' m']], 'at': 0, 'with': '12 7.50'}
    >>> texts(["raft", "cage", "raft"])
    {'of': [['raft'], ['cage']], 'at': 'ABA'}
    """
    rows = list(column)
    whole = _index([(text,) for text in rows])
    parts = _index([tuple(_NUMBER.split(text)) for text in rows])
    numbers = " ".join(",".join(_NUMBER.findall(text)) for text in rows)
    if _size(whole) <= _size(parts) + len(numbers):
        return whole
    return {**parts, "with": numbers}


def said(packed: dict[str, Any]) -> list[str]:
    """The rows of a column that `texts` packed; of equal rows without numbers, one.

    >>> said(texts(["12 m", "7.50 m"]))
    ['12 m', '7.50 m']
    """
    at, numbers = packed["at"], packed["with"].split(" ") if "with" in packed else None
    which = [LETTERS.index(c) for c in at] if isinstance(at, str) else at
    if which == 0:
        which = [0] * len(numbers if numbers is not None else packed["of"])
    rows = []
    for row, n in enumerate(which):
        parts = packed["of"][n]
        between = numbers[row].split(",") if numbers is not None and len(parts) > 1 else []
        rows.append("".join(a + b for a, b in zip(parts, [*between, ""], strict=True)))
    return rows


def vertices(packed: dict[str, Any]) -> np.ndarray:
    """The vertices of all shapes that `outlines` packed: (n, 2), longitude and latitude."""
    found = []
    for ring in re.split(r"[ ,.]", packed["of"]):
        steps = np.array(_whole(ring), np.int64).reshape(-1, 2)
        found.append((steps.cumsum(axis=0) + packed["origin"])[:, ::-1])
    return np.concatenate(found) / 10 ** packed["decimals"]


def _whole(ring: str) -> list[int]:
    """The whole numbers of a ring's letters."""
    numbers, value, place = [], 0, 0
    for letter in ring:
        digit = LETTERS.index(letter)
        value |= (digit & 31) << place
        place += 5
        if digit < 32:
            numbers.append(-(value >> 1) if value & 1 else value >> 1)
            value = place = 0
    return numbers


def _index(rows: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    known: dict[tuple[str, ...], int] = {}
    at = [known.setdefault(row, len(known)) for row in rows]
    if len(known) <= 1:
        return {"of": [list(row) for row in known], "at": 0}
    packed = "".join(LETTERS[n] for n in at) if len(known) <= len(LETTERS) else at
    return {"of": [list(row) for row in known], "at": packed}


def _size(packed: dict[str, Any]) -> int:
    """About how many characters it takes."""
    each = 1 if isinstance(packed["at"], str) else 5
    rows = 0 if packed["at"] == 0 else each * len(packed["at"])
    return rows + sum(len(part) + 3 for text in packed["of"] for part in text)


def outlines(shapes: Sequence[shapely.Geometry], decimals: int) -> dict[str, Any]:
    """Points, lines or polygons in degrees, packed.

    of : a word a shape, words parted by spaces; in it `,` parts the pieces of a shape and
        `.` the rings of a piece; a ring is latitude and longitude in turn, in units of
        10**-decimals degrees, the first vertex from `origin`, each other from the one before;
        a number's sign is its last bit, and it is written five bits a letter, the lowest
        first, with 32 added to every letter but the last.
    """
    rings, separators = _rings(shapes)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    whole = np.round(points[:, ::-1] * 10**decimals).astype(np.int64)
    origin = whole.min(axis=0) if len(whole) else np.zeros(2, np.int64)
    steps = np.diff(whole, axis=0, prepend=whole[:1])
    first = np.diff(ring_of, prepend=-1) != 0
    steps[first] = whole[first] - origin
    letters, ends = _letters(steps.ravel())
    ends = ends[1::2][np.flatnonzero(np.diff(ring_of, append=-1) != 0)] if len(ends) else ends
    starts = np.concatenate([[0], ends]).astype(int)[:-1]
    words = [letters[a:b] for a, b in zip(starts, ends, strict=True)]
    said = "".join(f"{mark}{word}" for mark, word in zip(separators, words, strict=True))
    return {"of": said, "origin": origin.tolist(), "decimals": decimals, "count": len(shapes)}


def _rings(shapes: Sequence[shapely.Geometry]) -> tuple[np.ndarray, list[str]]:
    """Every ring, without the vertex that closes it, and what parts it from the one before."""
    pieces, of_shape = shapely.get_parts(np.asarray(shapes, object), return_index=True)
    areal = shapely.get_dimensions(pieces) == 2
    rings: list[shapely.Geometry] = []
    marks: list[str] = []
    last = -1
    for piece, shape, polygon in zip(pieces, of_shape, areal, strict=True):
        found = shapely.get_rings(piece) if polygon else [piece]
        for n, ring in enumerate(found):
            marks.append("." if n else "," if shape == last else " " if marks else "")
            open_ring = shapely.LineString(shapely.get_coordinates(ring)[:-1]) if polygon else ring
            rings.append(open_ring)
        last = shape
    return np.array(rings, object), marks


def _letters(steps: np.ndarray) -> tuple[str, np.ndarray]:
    """Whole numbers as letters, and where each ends."""
    sizes = (np.abs(steps) << 1 | (steps < 0)).astype(np.uint64)
    digits = (sizes[:, None] >> (5 * np.arange(_DIGITS, dtype=np.uint64))) & np.uint64(31)
    used = np.maximum(_DIGITS - (digits[:, ::-1] != 0).argmax(axis=1), 1)
    used[sizes == 0] = 1
    place = np.arange(_DIGITS)
    codes = digits + np.where(place < used[:, None] - 1, 32, 0).astype(np.uint64)
    kept = codes[place < used[:, None]].astype(int)
    return _BYTES[kept].tobytes().decode(), np.cumsum(used)
