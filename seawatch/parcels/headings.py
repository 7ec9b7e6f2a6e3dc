"""What a row of a 界址点 table is: a heading, a ring, a declared fact, or a row of points."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .coordinates import Axis, Reading, readings, tidy

_ROLES = {
    "ring": r"界址线|连线|连接顺序|^RINGS?$",
    "area": r"面积|^AREA",
    "use": r"用海方式|USE.?MODE|^方式",
    "number": r"圈号|环号|^RING.?N",
    "label": r"点号|点编号|点序号|点名|拐点(?!坐标)|界址点(?!坐标)|序号|^编号|^NO\.?$|^ID$|^POINT",
    "name": r"宗海|地块|单元|项目|名称|^NAME|^PARCEL",
    "deg": r"^度(\(°\))?$|^°$|^DEG",
    "min": r"^分(\(′\))?$|^′$|^MIN",
    "sec": r"^秒(\(″\))?$|^″$|^SEC",
    "north": r"北|纬|纵坐标|^LAT|^N$|^B$|^NORTH",
    "east": r"东|经|横坐标|^LON|^LNG|^E$|^L$|^EAST",
    "x": r"^X",
    "y": r"^Y",
}
"""What each column of a table may be headed; the first that fits counts."""

_UNITS = ((r"公顷|HA|HM", 1.0), (r"平方米|M2|㎡", 1e-4), (r"亩", 1 / 15))
_DATUMS = (
    (r"CGCS\s*-?2000|2000\s*(?:国家)?大地|国家\s*(?:大地)?\s*2000", "CGCS2000"),
    (r"西安\s*80|(?:19)?80\s*年?\s*西安|XIAN\s*-?(?:19)?80", "Xian 1980"),
    (r"北京\s*54|(?:19)?54\s*年?\s*北京|BEIJING\s*-?(?:19)?54", "Beijing 1954"),
    (r"WGS\s*-?(?:19)?84", "WGS 84"),
)
DATUMS = {
    "CGCS2000": "EPSG:4490",
    "Xian 1980": "EPSG:4610",
    "Beijing 1954": "EPSG:4214",
    "WGS 84": "EPSG:4326",
}
_MERIDIAN = re.compile(
    r"(?:中央(?:子午)?(?:经)?线|CENTRAL\s*MERIDIAN|\bCM\b|\bL0\b)[^\d]{0,8}"
    r"(?P<d>\d{1,3}(?:\.\d+)?)\s*°?\s*(?:(?P<m>\d{1,2})\s*′)?(?:[\d.]+″)?(?P<w>W)?"
)
_ZONE = re.compile(r"带号\D{0,4}(\d{2})(?!\d)")
_WIDTH = re.compile(r"([36三六])\s*°?\s*(?:度)?\s*(?:分)?带|几°分带\D{0,3}([36])")
_TOTAL = re.compile(r"面积\D{0,8}?(\d+(?:\.\d+)?)\s*(公顷|HA|HM2|平方米|M2|亩)")
_LABEL = re.compile(r"(?:界址点|拐点|角点|界|点|[A-Z]{1,4})?[-_]?\d{1,5}[A-Z′″]?|[A-Z]{1,2}")
_DOTS = re.compile(r"\.{2,}|·{2,}|\*{2,}")


@dataclass(frozen=True)
class Columns:
    """Where a heading says that things stand, by position of the cell.

    points : (label, first coordinate, second coordinate) of each set of columns, the
        coordinates as lists of cells (degrees, minutes, seconds may stand apart).
    axes : what the two coordinates are said to be.
    hint : "packed" or "decimal" where the heading tells how degrees are written.
    """

    points: tuple[tuple[int | None, tuple[int, ...], tuple[int, ...]], ...]
    axes: tuple[Axis, Axis]
    hint: str | None
    others: dict[str, int]


@dataclass(frozen=True)
class RingColumns:
    """The heading of a table of rings; `unit_ha` is one unit of its areas, ha."""

    at: dict[str, int]
    unit_ha: float


def role(cell: str) -> str | None:
    """What a column so headed holds."""
    text = tidy(cell).upper()
    if text[:1].isdigit():  # most cells: spares looking at every word
        return None
    return next((name for name, words in _ROLES.items() if re.search(words, text)), None)


def point_heading(cells: Sequence[str]) -> Columns | None:
    """The columns of a table of points, if this row is its heading."""
    # a heading may name a datum or a height system; no other number of three digits stands in it
    if any(re.search(r"\d{3}", re.sub(r"2000|1980|1954|1985|84", "", cell)) for cell in cells):
        return None
    roles = [role(cell) if len(cell) <= 24 else None for cell in cells]
    points: list[tuple[int | None, tuple[int, ...], tuple[int, ...]]] = []
    label, first = None, None
    axes: tuple[Axis, Axis] | None = None
    for column, name in enumerate(roles):
        if name == "label":
            label = column
        elif name in ("north", "east", "x", "y"):
            if first is None:
                first = column
                continue
            points.append((label, (first,), (column,)))
            axes = axes or (roles[first], name)  # type: ignore[assignment]  # one of the four
            label, first = None, None
    if axes is None or axes[0] == axes[1]:
        return None
    others = {n: c for c, n in enumerate(roles) if n in ("name", "number")}
    return Columns(tuple(points), axes, _hint(cells), others)


def _hint(cells: Sequence[str]) -> str | None:
    text = tidy(" ".join(cells)).upper()
    if re.search(r"DD?D?\.MM|°′″|D\.?M\.?S\b|压缩", text):
        return "packed"
    return "decimal" if re.search(r"十进制|小数|DECIMAL", text) else None


def split_columns(columns: Columns, cells: Sequence[str]) -> Columns | None:
    """`columns` with degrees, minutes and seconds apart, if this row says so under them."""
    roles = [role(cell) for cell in cells]
    starts = [c for c in range(len(roles) - 2) if roles[c : c + 3] == ["deg", "min", "sec"]]
    if len(starts) != 2 * len(columns.points):
        return None
    sets = [tuple(range(start, start + 3)) for start in starts]
    points = tuple(
        (point[0], sets[2 * number], sets[2 * number + 1])
        for number, point in enumerate(columns.points)
    )
    return Columns(points, columns.axes, columns.hint, columns.others)


def ring_heading(cells: Sequence[str]) -> RingColumns | None:
    """The columns of a table of rings, if this row is its heading."""
    roles = [role(cell) if len(cell) <= 24 else None for cell in cells]
    if "ring" not in roles or len(roles) < 2:
        return None
    at = {name: column for column, name in reversed(list(enumerate(roles))) if name}
    if "name" not in at and at["ring"] > 0 and roles[0] != "use":
        at["name"] = 0
    return RingColumns(at, unit_ha(cells[at["area"]]) if "area" in at else 1.0)


def unit_ha(text: str) -> float:
    """One unit of area named in `text`, ha; hectares where none is."""
    upper = tidy(text).upper()
    return next((factor for words, factor in _UNITS if re.search(words, upper)), 1.0)


def rings_of(text: str) -> list[list[str]] | None:
    """Point labels of each ring of `1-2-…-10-1`, or None where it is no ring.

    >>> rings_of("1-2-…-5-1"), rings_of("J1、J2、J3、J1"), rings_of("1-2-3-1，5-6-7-5")
    ([['1', '2', '..', '5', '1']], [['J1', 'J2', 'J3', 'J1']], [['1', '2', '3', '1'], ['5', '6', '7', '5']])
    """  # noqa: E501 - a doctest's answer is one line
    plain = _DOTS.sub("..", tidy(text).upper().replace("→", "-").replace(">", "-"))
    pieces = [piece for piece in re.split(r"\s*[,;/、和及]\s*", plain) if piece]
    if not any("-" in piece for piece in pieces):
        rings = [pieces]
    elif all("-" in piece for piece in pieces):
        rings = [[part.strip() for part in piece.split("-") if part.strip()] for piece in pieces]
    else:
        return None
    rings = [[label_of(part) or part for part in ring] for ring in rings]
    fine = all(len(r) >= 3 and all(p == ".." or is_label(p) for p in r) for r in rings)
    return rings if fine and rings else None


def is_label(text: str) -> bool:
    """Whether this can be the number of a corner point."""
    return bool(_LABEL.fullmatch(text))


def label_of(text: str) -> str:
    """A point's number without what stands around it: '1' of '1、' and '（1）'.

    >>> label_of("①"), label_of("j12#"), label_of("界址点3")
    ('1', 'J12', '界址点3')
    """
    return tidy(text).upper().strip(" .:()[]#、")


def facts(text: str) -> dict[str, object]:
    """What a line declares: datum, meridian (degrees), zone, width, total_ha."""
    line = tidy(text).upper()
    found: dict[str, object] = {}
    datum = [name for words, name in _DATUMS if re.search(words, line)]
    if datum:
        found["datum"] = datum[0]
    if match := _MERIDIAN.search(line):
        east = float(match["d"]) + int(match["m"] or 0) / 60
        found["meridian"] = -east if match["w"] else east
    if match := _ZONE.search(line):
        found["zone"] = int(match[1])
    if match := _WIDTH.search(line):
        found["width"] = 6 if (match[1] or match[2]) in "六6" else 3
    if match := _TOTAL.search(line):
        found["total"] = (match[1], unit_ha(match[2]))
    return found


def bare_points(cells: Sequence[str]) -> list[tuple[list[str], Reading, Reading]] | None:
    """Points of a row without a heading to go by: what stands before each, and two coordinates.

    None where the row holds no points: every pair of coordinates has at most a label
    before it.
    """
    tokens = joined([cell for cell in cells if cell])
    points = []
    before: list[str] = []
    pair: list[Reading] = []
    for token in tokens:
        found = readings(token)
        if found is None or not all(_telling(r) for r in found):
            if pair:
                return None
            before.append(label_of(token))
            continue
        for reading in found:
            pair.append(reading)
            if len(pair) == 2:
                points.append((before, pair[0], pair[1]))
                before, pair = [], []
    if not points:
        return None
    height = len(points) == 1 and len(pair) == 1 and not pair[0].angle
    return points if (not pair or height) and not before else None


def _telling(reading: Reading) -> bool:
    """Whether a number looks like a coordinate by itself: a whole small one is a label."""
    return reading.angle or "." in reading.text or abs(reading.value) >= 1000 or bool(reading.axis)


def joined(tokens: list[str]) -> list[str]:
    """Tokens with degrees, minutes and seconds that stand in tokens of their own, put together."""
    six = tokens[-6:]
    if len(tokens) not in (6, 7) or not all(re.fullmatch(r"\d+(\.\d+)?", t) for t in six):
        return tokens
    whole = all("." not in six[i] for i in (0, 1, 3, 4))
    if whole and int(six[0]) <= 180 and int(six[3]) <= 180 and int(six[1]) < 100 > int(six[4]):
        return [*tokens[:-6], " ".join(six[:3]), " ".join(six[3:])]
    return tokens
