"""One coordinate, as people write it: read from a cell of a table, and written back.

Degrees, minutes and seconds in their many spellings, degrees packed as ddd.mmsssss,
decimal degrees, and metres of a plane. Whether a bare number is the one or the other can
be told only from a whole column: a cell gives a `Reading`, `points` decides.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Axis = Literal["north", "east", "x", "y"]

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("º˚⁰゜ﾟ度", "°"),
        **dict.fromkeys("'’‘ʹ´`‵＇分", "′"),
        **dict.fromkeys('"”“ʺ〃＂秒', "″"),
        **dict.fromkeys("−–—－‐﹣─", "-"),
        "。": ".",
    }
)
_LETTERS: dict[str, tuple[Axis, int]] = {
    **dict.fromkeys(("北纬", "纬", "北", "N", "B"), ("north", 1)),
    **dict.fromkeys(("南纬", "南", "S"), ("north", -1)),
    **dict.fromkeys(("东经", "经", "东", "E", "L"), ("east", 1)),
    **dict.fromkeys(("西经", "西", "W"), ("east", -1)),
    "X": ("x", 1),
    "Y": ("y", 1),
}
# 度 has become ° by then
_LETTER = r"(?:(?:[北南]?纬|[东西]?经)°?|[北南东西]|[NSEWBLXY](?![A-Z]))"
# a comma is a decimal point only where the mark behind it leaves no doubt
_ANGLE = re.compile(
    rf"""(?<![\d.:-])(?P<before>{_LETTER})?\s*[:=]?\s*(?P<sign>[+-])?
    (?:
      (?P<d>\d{{1,3}})\s*°\s*(?P<m>\d{{1,2}}(?:\.\d+|,\d+(?=\s*′))?)\s*′
        (?:\s*(?P<s>\d{{1,2}}(?:\.\d+|,\d+(?=\s*″))?)(?![\d.])\s*″?)?
    | (?P<whole>\d{{1,3}}(?:[.,]\d+)?)\s*°(?!\s*\d+(?:[.,]\d+)?\s*′)
    | (?P<d2>\d{{1,3}})(?P<gap>\s*-\s*|\s*:\s*|\s+)(?P<m2>\d{{1,2}})(?P=gap)
        (?P<s2>\d{{1,2}}(?:[.,]\d+)?)(?![\d.:-])
    | (?P<d3>\d{{1,3}})D(?P<m3>\d{{1,2}})M(?P<s3>\d{{1,2}}(?:[.,]\d+)?)S(?![A-Z])
    )
    (?(before)|(?:\s*(?P<after>{_LETTER}))?)""",
    re.VERBOSE,
)
_NUMBER = re.compile(
    rf"(?P<before>{_LETTER})?\s*[:=]?\s*(?P<sign>[+-])?(?P<digits>\d[\d,]*(?:\.\d+)?)"
    rf"\s*(?:M|米)?\s*(?P<after>{_LETTER})?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BETWEEN = re.compile(r"[\s,;/()、]*")


@dataclass(frozen=True)
class Reading:
    """One coordinate of a cell.

    Attributes
    ----------
    value : degrees where it is an angle, else the bare number.
    step : what its last written digit is worth, in the same unit.
    angle : whether it is spelt as an angle.
    axis : what its letter says: north or east; x or y, which say less.
    fault : "sixty" where minutes or seconds reach 60.
    text : as it was written.
    """

    value: float
    step: float
    angle: bool
    axis: Axis | None
    text: str
    fault: str | None = None


def tidy(text: object) -> str:
    """A cell with one sort of digit, mark, dash and space.

    >>> tidy("３７º３０’１５.１２３''"), tidy(" 37 － 30 ")
    ('37°30′15.123″', '37 - 30')
    """
    plain = "" if text is None else str(text)
    # marks first: compatibility would turn º into a letter and ″ into two of ′
    plain = unicodedata.normalize("NFKC", plain.translate(_SIGNS).replace("″", "\0"))
    plain = plain.translate(_SIGNS).replace("\0", "″").replace("′′", "″")
    return " ".join(plain.split()).strip(" ,;\ufeff\u200b")


def readings(cell: str) -> list[Reading] | None:
    """Every coordinate of a cell, or None where the cell holds something else.

    >>> [r.value for r in readings("北纬37°30′36″，东经122°12′")]
    [37.51, 122.2]
    >>> readings("J1") is None
    True
    """
    text = tidy(cell).upper()
    whole = _NUMBER.fullmatch(text)
    if whole:
        return _number(whole)
    found, end = [], 0
    for match in angles(text):
        if not _BETWEEN.fullmatch(text[end : match.start()]):
            return None
        found.append(_angle(match))
        end = match.end()
    return found if found and _BETWEEN.fullmatch(text[end:]) else None


def angles(text: str) -> list[re.Match[str]]:
    """Where in a tidy line in capitals angles stand."""
    return list(_ANGLE.finditer(text))


def _angle(match: re.Match[str]) -> Reading:
    parts = [match["whole"] or match["d"] or match["d2"] or match["d3"]]
    parts += [match["m"] or match["m2"] or match["m3"], match["s"] or match["s2"] or match["s3"]]
    numbers = [float(part.replace(",", ".")) for part in parts if part]
    value = sum(number / 60**power for power, number in enumerate(numbers))
    axis, sign = _axis(match)
    last = parts[len(numbers) - 1] or ""
    step = _last_digit(last.replace(",", ".")) / 60 ** (len(numbers) - 1)
    fault = "sixty" if any(number >= 60 for number in numbers[1:]) else None
    return Reading(sign * value, step, True, axis, match[0].strip(), fault)


def _number(match: re.Match[str]) -> list[Reading] | None:
    digits = _decimal(match["digits"])
    if digits is None:
        return None
    axis, sign = _axis(match)
    return [Reading(sign * float(digits), _last_digit(digits), False, axis, match[0].strip())]


def _decimal(digits: str) -> str | None:
    """The digits with a point for a decimal comma and without commas between thousands."""
    if "," not in digits:
        return digits
    thousands = digits.replace(",", "") if _THOUSANDS.fullmatch(digits) else None
    if digits.count(",") > 1 or "." in digits:
        return thousands
    decimal = digits.replace(",", ".")
    # 37,504 is an angle, 620,123 an easting: neither is anything the other way round
    return thousands if thousands and float(decimal) > 180 else decimal


def _axis(match: re.Match[str]) -> tuple[Axis | None, int]:
    axis, sign = _LETTERS.get((match["before"] or match["after"] or "").rstrip("°"), (None, 1))
    return axis, -sign if match["sign"] == "-" else sign


def _last_digit(digits: str) -> float:
    return float(10.0 ** -len(digits.partition(".")[2]))


def unpacked(reading: Reading) -> Reading | None:
    """A bare number read as ddd.mmsssss, or None where its minutes or seconds reach 60.

    >>> round(unpacked(readings("37.3015123")[0]).value, 8)
    37.50420083
    """
    digits = re.sub(r"[^\d.]", "", reading.text.replace(",", "."))
    degrees, _, rest = digits.partition(".")
    decimals = max(len(rest) - 4, 0)
    rest = rest.ljust(4, "0")
    minutes, seconds = int(rest[:2]), float(f"{rest[2:4]}.{rest[4:] or 0}")
    if minutes >= 60 or seconds >= 60:
        return None
    value = int(degrees or 0) + minutes / 60 + seconds / 3600
    value = -value if reading.value < 0 else value
    return Reading(value, 10.0**-decimals / 3600, True, reading.axis, reading.text)


def written(degrees: float, decimals: int = 3) -> str:
    """Degrees, minutes and seconds as a certificate writes them, without a letter.

    >>> written(37.504200833), written(121.9999999999)
    ('37°30′15.123″', '122°00′00.000″')
    """
    scale = 10**decimals
    total = round(abs(degrees) * 3600 * scale)
    minutes, units = divmod(total, 60 * scale)
    degree, minute = divmod(minutes, 60)
    width = 3 + decimals if decimals else 2
    sign = "-" if degrees < 0 and total else ""
    return f"{sign}{degree}°{minute:02d}′{units / scale:0{width}.{decimals}f}″"
