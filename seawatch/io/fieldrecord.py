"""The record an inspector brings back: what stands in it, and what its checksum says.

``seawatch schema visits`` prints the JSON Schema. The checksum is the sha256 of the canonical
document (`strict.canonical`) without `checksum` and `signature`: it finds a slip or a careless
change, and proves nothing of who wrote it. A signature is over the same bytes; it is kept as
it came, and says who wrote them where its key is enrolled (``enrolled``).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..tables import CAUSES, VERDICTS
from .strict import canonical

FORMAT = "seawatch-visits"
VERSION = 1

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
# what turns the direction of writing, or writes nothing: a number could look like another
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f"
    r"\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def _instant(value: object) -> object:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("no instant with its zone; write e.g. 2026-11-23T10:50:00+08:00")
    if not 1900 < int(value[:4]) < 2200:  # beyond, arithmetic with zones runs out of calendar
        raise ValueError("no year of this time; mend the device's clock")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
FlagId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{3,79}$")]
Code = Annotated[str, Field(pattern=r"^\w[\w.@-]{0,63}$")]
FileName = Annotated[str, Field(pattern=r"^\w[\w .()+-]{0,127}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class _Part(BaseModel):
    # built when a record is read: most commands read none, and all would wait for it
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Photo(_Part):
    """A photograph that lies beside the record."""

    name: FileName
    sha256: Digest
    taken_at: Instant | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


class Position(_Part):
    """Where the officer stood, WGS 84."""

    lon: Longitude
    lat: Latitude
    accuracy_m: float | None = Field(None, ge=0, le=1e6)


class Visit(_Part):
    """What was found at one flag."""

    flag_id: FlagId
    visited_at: Instant
    verdict: Literal[VERDICTS]  # type: ignore[valid-type]  # the table's own list
    cause: Literal[CAUSES] | None = None  # type: ignore[valid-type]
    by: Code
    remark: str | None = Field(None, max_length=2000)
    position: Position | None = None
    photos: tuple[Photo, ...] = Field((), max_length=50)
    device: str | None = Field(None, max_length=200)


class Signature(_Part):
    """Who vouches for the record. key : the sha256 of the public key."""

    key: str = Field(max_length=200)
    algorithm: str = Field(max_length=50)
    value: str = Field(max_length=4000)


class Record(_Part):
    """A field record: one or more visits, in one file."""

    format: Literal["seawatch-visits"]
    version: Literal[1]
    project: str = Field(max_length=200)
    visits: tuple[Visit, ...] = Field(min_length=1, max_length=5000)
    checksum: Digest
    signature: Signature | None = None


def json_schema() -> str:
    """The JSON Schema of a field record."""
    schema = Record.model_json_schema()
    schema["description"] = " ".join((__doc__ or "").split())
    return json.dumps(schema, indent=2, ensure_ascii=False)


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    """What checksum and signature of a document are made of."""
    return canonical({k: v for k, v in document.items() if k not in ("checksum", "signature")})


def checksum(document: Mapping[str, Any]) -> str:
    """What a document's `checksum` should be."""
    return hashlib.sha256(signed_bytes(document)).hexdigest()


def faults_of(error: ValidationError, what: str = "visit") -> list[str]:
    """Each fault of a document: the visit (from 1), the key, what is wrong and what may stand."""
    said = []
    for fault in error.errors(include_url=False, include_input=False)[:20]:
        place = [str(p) for p in fault["loc"]]
        if place[:1] == ["visits"] and len(place) > 1 and place[1].isdecimal():
            place = [f"{what} {int(place[1]) + 1}", *place[2:]]
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "no such key in this format; take it away"
        said.append(cleaned(f"{'.'.join(place)[:120]}: {message[:400]}"))
    return said


def cleaned(text: str) -> str:
    """A text with what cannot be seen in it, or turns it about, made visible."""
    return _HIDDEN.sub("\ufffd", text)
