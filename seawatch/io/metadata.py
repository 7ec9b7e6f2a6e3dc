"""What a product says of itself, and XML read so that it can say nothing else."""

from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

from ..errors import InputRefused, UsageError
from ..sensors import Sensor
from .bundle import Bundle
from .stac import instant


@dataclass(frozen=True)
class Facts:
    """What is known of a product before its pixels are read.

    Attributes
    ----------
    members : the bundle's member that holds each band, by common name.
    mask : the member that says what was seen, coded the sensor's way.
    scales : scale and offset to reflectance, by band.
    decode : whether the members must be decoded, or can be used as they are.
    """

    scene_id: str
    sensor: Sensor
    taken: datetime
    members: dict[str, str]
    mask: str
    scales: dict[str, tuple[float, float]]
    decode: bool


def missing(bundle: Bundle, patterns: list[str]) -> None:
    """Refuse a bundle that lacks members.

    Raises
    ------
    InputRefused
        Naming each, if there is any.
    """
    if patterns:
        raise InputRefused(f"{bundle.path}: no {', '.join(patterns)}; get the whole product again")


def moment(text: str, where: str) -> datetime:
    """An instant of the metadata, in UTC.

    Raises
    ------
    InputRefused
        If it is none.
    """
    try:
        return instant(text)
    except UsageError as error:
        raise InputRefused(f"{where}: {error}") from None


class Xml:
    """The elements of an XML member, by their bare names."""

    def __init__(self, bundle: Bundle, member: str):
        self.where = f"{bundle.path}: {member}"
        self._found: dict[str, list[ElementTree.Element]] = {}
        for element in self._parsed(bundle.read(member)).iter():
            self._found.setdefault(str(element.tag).rpartition("}")[2], []).append(element)

    def _parsed(self, content: bytes) -> ElementTree.Element:
        try:
            text = content.decode("utf-8-sig")
            # a document that defines things of its own can swell, or ask for other files
            if "<!DOCTYPE" in text or "<!ENTITY" in text:
                raise InputRefused(f"{self.where} defines things of its own; get the product again")
            return ElementTree.fromstring(text)
        except (UnicodeDecodeError, ElementTree.ParseError) as error:
            raise InputRefused(
                f"{self.where} is not XML in UTF-8 ({error}); copy the product again"
            ) from None

    def all(self, name: str) -> list[ElementTree.Element]:
        """Every element of that name."""
        return self._found.get(name, [])

    def text(self, *names: str) -> str:
        """What the first element with one of the names holds.

        Raises
        ------
        InputRefused
            If there is none, or it is empty.
        """
        for name in names:
            for element in self.all(name):
                if element.text and element.text.strip():
                    return element.text.strip()
        raise InputRefused(f"{self.where} has no {' or '.join(names)}; get the product again")

    def number(self, text: str | None) -> float:
        """The number `text` is.

        Raises
        ------
        InputRefused
            If it is none.
        """
        try:
            return float(text or "")
        except ValueError:
            raise InputRefused(
                f"{self.where}: '{text}' is no number; get the product again"
            ) from None
