"""Officers' keys that the office knows, and what vouches for a record."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pages import block, cards
from test_visits import NOW, document, flag_of, write

import seawatch as sw
from seawatch.io import cases, journal
from seawatch.io.fieldrecord import checksum, signed_bytes
from seawatch.io.visits import read_visits
from seawatch.maps.words import word


def spki(secret):
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return secret.public_key().public_bytes(*form)


def signed(path, whole, secret, **other):
    """A record signed as the form signs it: r and s one after the other."""
    r, s = decode_dss_signature(secret.sign(signed_bytes(whole), ec.ECDSA(SHA256())))
    value = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
    key = hashlib.sha256(spki(secret)).hexdigest()
    told = {"key": key, "algorithm": "ECDSA-P256-SHA256", "value": value, **other}
    return write(path, whole, signature=told)


def enrol(bureau, *rows):
    """The bureau with a list of keys: officer's code and secret, or the text of a cell."""
    folder = bureau.project.folder
    lines = ["核查人,公钥"]
    for officer, key in rows:
        text = key if isinstance(key, str) else base64.b64encode(spki(key)).decode()
        lines.append(f"{officer},{text}")
    (folder / "keys.csv").write_text("\n".join(lines) + "\n", "utf-8-sig")
    toml = folder / "seawatch.toml"
    if "[visits]" not in (said := toml.read_text("utf-8")):
        toml.write_text(said + '\n[visits]\nkeys = "keys.csv"\n', "utf-8")
    return sw.open(folder)


SECRET, OTHER = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 8))


def test_an_enrolled_signature_vouches_for_its_officer(bureau, tmp_path):
    flag = flag_of(bureau)
    space = enrol(bureau, ("wh-01", SECRET), ("wh-02", OTHER))
    paths = [
        signed(tmp_path / "a.json", document(flag.flag_id), SECRET),
        signed(tmp_path / "b.json", document(flag.flag_id, by="wh-02"), OTHER),
        write(tmp_path / "c.json", document(flag.flag_id, by="wh-03")),
        signed(
            tmp_path / "d.json",
            document(flag.flag_id, by="wh-04"),
            ec.derive_private_key(9, ec.SECP256R1()),
        ),
    ]
    done = space.import_visits(paths, recorded=NOW)
    assert (done.refused, done.notes) == ({}, [])
    told = read_visits(space.project).set_index("by").proof
    assert dict(told) == {
        "wh-01": "signed",
        "wh-02": "signed",
        "wh-03": "checksum only",
        "wh-04": "checksum only",
    }
    run = space.run("2026-11-23")
    text = (run.folder / "index.html").read_text("utf-8")
    said = cards(text)[flag.flag_id][word("record", "zh")]
    assert "核查 2026-11-18 wh-01：以已登记的密钥签名" in said
    assert "核查 2026-11-18 wh-03：仅有校验和，不能证明出自何人" in said
    keys = block(text, "sw-data-page")["enrolled"]
    assert keys == sorted(hashlib.sha256(spki(key)).hexdigest() for key in (SECRET, OTHER))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (lambda p, w: signed(p, w, SECRET, value="AAAA"), "not that of the enrolled key"),
        (lambda p, w: signed(p, w, SECRET, value="%%%"), "not that of the enrolled key"),
        (
            lambda p, w: signed(p, w, SECRET, value=base64.b64encode(bytes(64)).decode()),
            "not that of the enrolled key",
        ),
        (lambda p, w: signed(p, w, SECRET, algorithm="none"), "not that of the enrolled key"),
        # another's signature under the enrolled key's name
        (
            lambda p, w: signed(p, w, OTHER, key=hashlib.sha256(spki(SECRET)).hexdigest()),
            "not that of the enrolled key",
        ),
        (
            lambda p, w: signed(p, {**w, "visits": [{**w["visits"][0], "by": "wh-02"}]}, SECRET),
            "not enrolled for wh-02",
        ),
    ],
)
def test_a_signature_that_is_not_the_enrolled_keys_is_refused(bureau, tmp_path, record, said):
    space = enrol(bureau, ("wh-01", SECRET))
    path = record(tmp_path / "v.json", document(flag_of(bureau).flag_id))
    (why,) = space.import_visits([path], recorded=NOW).refused.values()
    assert said in why[0]
    assert str(path) in why[0]
    assert journal.entries(space.project, ["visit", "visit_file"]) == []


def test_a_record_altered_with_its_checksum_made_anew_is_refused(bureau, tmp_path):
    space = enrol(bureau, ("wh-01", SECRET))
    path = signed(tmp_path / "v.json", document(flag_of(bureau).flag_id), SECRET)
    altered = json.loads(path.read_text("utf-8").replace("suspected", "lawful"))
    altered["checksum"] = checksum(altered)
    path.write_text(json.dumps(altered), "utf-8")
    (why,) = space.import_visits([path], recorded=NOW).refused.values()
    assert "not that of the enrolled key" in why[0]


def test_a_signature_taken_away_is_noticed(bureau, tmp_path):
    space = enrol(bureau, ("wh-01", SECRET))
    path = write(tmp_path / "v.json", document(flag_of(bureau).flag_id))
    done = space.import_visits([path], recorded=NOW)
    assert "wh-01 has an enrolled key, and this is not signed with it" in done.notes[0]


def test_the_same_visit_with_a_better_proof_is_better_proven(bureau, tmp_path):
    whole = document(flag_of(bureau).flag_id)
    path = signed(tmp_path / "v.json", whole, SECRET)
    bureau.import_visits([path], recorded=NOW)
    assert list(read_visits(bureau.project).proof) == ["checksum only"]
    space = enrol(bureau, ("wh-01", SECRET))
    before = cases.said(space.project, NOW.date())
    done = space.import_visits([path], recorded=NOW)
    assert cases.said(space.project, NOW.date()) != before  # a run reads what vouches for it
    assert (done.entered, done.known) == ({str(path): 0}, {str(path): 1})
    assert list(read_visits(space.project).proof) == ["signed"]
    told = (space.project.folder / "journal.jsonl").read_bytes()
    bare = write(tmp_path / "bare.json", whole)
    space.import_visits([path, bare], recorded=NOW)  # neither is news
    assert (space.project.folder / "journal.jsonl").read_bytes() == told


def test_what_is_no_key_is_named_by_its_row(bureau, seawatch):
    curve = base64.b64encode(spki(ec.generate_private_key(ec.SECP384R1()))).decode()
    space = enrol(bureau, ("wh-01", SECRET), ("wh-02", "AAAA"), ("wh-03", curve), ("", OTHER))
    faults = "\n".join(space.faults())
    for said in ("row 3: key 'AAAA' is no public key", "row 4: ", "P-256", "row 5: no officer"):
        assert said in faults
    code, _, err = seawatch("run", space.project.folder, "--on", "2026-11-23")
    assert (code, "row 3" in err) == (3, True)


def test_a_timeline_says_what_vouches_for_each_visit(bureau, tmp_path, seawatch):
    flag = flag_of(bureau).flag_id
    bureau.import_visits([write(tmp_path / "v.json", document(flag))], recorded=NOW)
    code, out, _ = seawatch("case", flag, "--into", bureau.project.folder)
    assert code == 0
    assert "核查  2026-11-18 10:00, wh-01, 疑似违法, 仅有校验和，不能证明出自何人" in out
