"""Officers' keys that the office knows, and who vouches for a record.

The map's field form makes a key on the device and signs what it exports: ECDSA on P-256 with
SHA-256 over the record's canonical bytes, r and s one after the other (IEEE P1363), as
WebCrypto gives it. The office enrols the public key (SubjectPublicKeyInfo, base64) beside the
officer's code. Only then does a signature say who wrote a record; else it is one more checksum.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ..errors import InputRefused
from ..project import Project
from ..tables import KEYS
from . import sheets
from .fieldrecord import Record, signed_bytes

ALGORITHM = "ECDSA-P256-SHA256"
_HALF = 32  # bytes of r, and of s


@dataclass(frozen=True)
class Key:
    """An enrolled key. officers : codes of those who may sign with it."""

    officers: frozenset[str]
    public: ec.EllipticCurvePublicKey


def read_keys(project: Project) -> dict[str, Key]:
    """The keys of ``[visits] keys`` by their fingerprints; none where no file is named.

    Raises
    ------
    InputRefused
        Naming every row whose key or code is none.
    """
    given = project.settings.visits.keys
    if given is None:
        return {}
    path = project.path(given)
    if not sheets.is_sheet(path):
        raise InputRefused(f"{path}: neither .csv nor .xlsx; save the list of keys as one")
    keys: dict[str, Key] = {}
    problems = []
    for row in sheets.read_rows(path, KEYS):
        try:
            officer, (name, public) = str(row.get("by", "")), _opened(str(row.get("key", "")))
        except ValueError as fault:
            problems.append(f"{path}: row {row['row']}: {fault}")
            continue
        if not officer:
            problems.append(f"{path}: row {row['row']}: no officer's code; say whose key it is")
        known = keys[name].officers if name in keys else frozenset()
        keys[name] = Key(known | {officer}, public)
    if problems:
        raise InputRefused(problems)
    return keys


def fingerprints(project: Project) -> list[str]:
    """Of every enrolled key, for the page to say what its own key is worth."""
    return sorted(read_keys(project))


def _opened(text: str) -> tuple[str, ec.EllipticCurvePublicKey]:
    """A public key and its fingerprint: the sha256 of its bytes."""
    cure = "copy the whole text that the form gives under 'Copy the public key'"
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
        public = load_der_public_key(content)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise ValueError(f"key {text[:24]!r} is no public key; {cure}") from None
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        raise ValueError(f"key {text[:24]!r} is not of the curve P-256; {cure}")
    return hashlib.sha256(content).hexdigest(), public


def proof(keys: Mapping[str, Key], document: Mapping[str, Any], record: Record) -> str:
    """What vouches for a record: ``signed`` by an enrolled key, or ``checksum only``.

    document : the record as it was read, before anything in it was put in order.

    Raises
    ------
    InputRefused
        If it names an enrolled key and was not signed with it, or the key is not enrolled for
        those who made the visits.
    """
    said = record.signature
    key = keys.get(said.key) if said else None
    if said is None or key is None:
        return "checksum only"
    name = said.key[:16]
    if said.algorithm != ALGORITHM or not _fits(key.public, said.value, signed_bytes(document)):
        raise InputRefused(
            f"the signature is not that of the enrolled key {name}: altered since it was "
            "signed, or not from this device; export it again from the device"
        )
    others = sorted({visit.by for visit in record.visits} - key.officers)
    if others:
        raise InputRefused(
            f"signed with key {name}, which is not enrolled for {', '.join(others)}; export the "
            "officers' visits each from their own device, or enrol the key for both"
        )
    return "signed"


def _fits(public: ec.EllipticCurvePublicKey, value: str, content: bytes) -> bool:
    try:
        halves = base64.b64decode(value, validate=True)
        if len(halves) != 2 * _HALF:
            return False
        r, s = (int.from_bytes(half) for half in (halves[:_HALF], halves[_HALF:]))
        public.verify(encode_dss_signature(r, s), content, ec.ECDSA(SHA256()))
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def unsigned(keys: Mapping[str, Key], officers: Iterable[str], proven: str) -> dict[int, str]:
    """By position, who has an enrolled key and did not sign with it."""
    if proven == "signed":
        return {}
    enrolled = {officer for key in keys.values() for officer in key.officers}
    return {
        n: f"{officer} has an enrolled key, and this is not signed with it"
        for n, officer in enumerate(officers)
        if officer in enrolled
    }
