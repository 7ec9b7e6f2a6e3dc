#!/usr/bin/env python3
"""Verify a seawatch workspace with Python alone: no seawatch, no other package.

    python tools/verify.py WORKSPACE [--head HASH]

What is checked, and how anybody may check it again:

- ``journal.jsonl``: one JSON object a line, keys sorted, no spaces, UTF-8, one newline.
  ``n`` counts from 1; ``prev`` is the sha256 of the line before without its newline, or 64
  zeros; ``hash`` is the sha256 of the same JSON without ``hash``.
- a line of the kind ``run`` holds the sha256 of ``runs/<run>/run.json``, and the chain's head
  (sha256 of its last line then) that the run's report prints.
- ``run.json`` lists every file of its folder under ``outputs``, and under ``inputs`` what the
  run was made from; inputs with ``kept`` lie in ``inputs/ab/cdef...``, named by their sha256.
- a line of the kind ``visit_file`` lists under ``kept`` what lies in ``photos/ab/cdef....jpg``.
- nothing else lies in ``runs/`` (but an empty ``.lock``), ``inputs/`` or ``photos/``.
- with --head: the chain passes through a head that was kept elsewhere.

Leaves with 0 when every byte is as recorded, with 5 when not, naming each fault; 2 on usage.
"""

import argparse
import hashlib
import json
import os
import stat
import sys

START = "0" * 64
FIELDS = {"n", "prev", "recorded", "kind", "data", "hash"}


def sha256_of(path):
    """The file's sha256 and size."""
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def canonical(fields):
    """The one way these fields are written."""
    return json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def fault_of_line(line, number, tip):
    """The fields of a line, or None, and what is wrong with it, or None."""
    if not line.endswith(b"\n"):
        return None, "cut short"
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict) or set(fields) != FIELDS:
            return None, "no entry of a journal"
        if canonical(fields) != line[:-1]:
            return None, "altered"
    except (ValueError, RecursionError):
        return None, "no entry of a journal"
    rest = {name: value for name, value in fields.items() if name != "hash"}
    if fields["hash"] != hashlib.sha256(canonical(rest)).hexdigest():
        return None, "altered"
    if type(fields["n"]) is not int or (fields["n"], fields["prev"]) != (number, tip):
        return fields, "does not follow the line before"
    if not isinstance(fields["data"], dict):
        return None, "no entry of a journal"
    return fields, None


def read_journal(path):
    """Every sound line's fields, the heads of the chain by line, and the faults."""
    entries, heads, faults, tip = [], [START], [], START
    if not os.path.lexists(path):
        return entries, heads, faults
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return entries, heads, [f"{path}: no ordinary file"]
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            fields, fault = fault_of_line(line, number, tip)
            if fault:
                faults.append(f"{path}: line {number}: {fault}")
            elif fields:
                entries.append(fields)
            tip = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
            heads.append(tip)
    return entries, heads, faults


def walk(root):
    """Every file below `root`, relative, with `/`; links as links; folders hold no byte."""
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted(links + files):
            path = os.path.join(folder, name)
            yield os.path.relpath(path, root).replace(os.sep, "/"), os.lstat(path).st_mode


def compare(root, expected, lost=()):
    """Faults of a folder that should hold exactly `expected`: {name: (sha256, size)}."""
    faults, found = [], set()
    for name, mode in walk(root):
        found.add(name)
        path = os.path.join(root, name)
        if name not in expected:
            if name.split("/")[0] not in lost:
                faults.append(f"{path}: added")
        elif not stat.S_ISREG(mode):
            faults.append(f"{path}: no ordinary file")
        else:
            try:
                digest, size = sha256_of(path)
            except OSError as error:
                faults.append(f"{path}: cannot be read: {error.strerror}")
                continue
            if digest != expected[name][0] or expected[name][1] not in (None, size):
                faults.append(f"{path}: altered")
    return faults + [f"{os.path.join(root, name)}: missing" for name in set(expected) - found]


def manifest_of(path, digest):
    """The manifest at `path`, if it has this digest."""
    try:
        if sha256_of(path)[0] != digest:
            return None
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
        for row in manifest["outputs"] + manifest["inputs"]:
            _ = row["path"] + row["sha256"], row["size"] + 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest


def check_runs(workspace, entries, heads):
    """Faults of the runs and of the store."""
    runs, faults, lost = os.path.join(workspace, "runs"), [], set()
    expected, kept = {}, {}
    if os.path.exists(os.path.join(runs, ".lock")):
        expected[".lock"] = (hashlib.sha256(b"").hexdigest(), 0)
    for entry in (e for e in entries if e["kind"] == "run"):
        name, digest = str(entry["data"].get("run")), entry["data"].get("manifest")
        expected[f"{name}/run.json"] = (digest, None)
        before = entry["data"].get("head")
        if before is not None and before not in heads[: entry["n"]]:
            faults.append(f"{name}: its report names a head that the chain did not have before it")
        manifest = manifest_of(os.path.join(runs, name, "run.json"), digest)
        if manifest is None:
            lost.add(name)
            continue
        for row in manifest["outputs"]:
            expected[f"{name}/{row['path']}"] = (row["sha256"], row["size"])
        for row in manifest["inputs"]:
            if row.get("kept"):
                home = f"{row['sha256'][:2]}/{row['sha256'][2:]}"
                kept[home] = (row["sha256"], row["size"])
    store = os.path.join(workspace, "inputs")
    if lost:  # which inputs a lost manifest kept is not known: hold each against its own name
        for name, _ in walk(store):
            kept.setdefault(name, (name.replace("/", ""), None))
    photos = {}
    for entry in (e for e in entries if e["kind"] == "visit_file"):
        for name in map(str, entry["data"].get("kept", [])):
            photos[name] = (name.replace("/", "").split(".")[0], None)
    faults += compare(runs, expected, lost) + compare(store, kept)
    return faults + compare(os.path.join(workspace, "photos"), photos)


def main():
    """Print every fault, or that there is none."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("workspace")
    arguments.add_argument("--head", help="a head of the chain that was kept elsewhere")
    given = arguments.parse_args()
    if not os.path.isfile(os.path.join(given.workspace, "seawatch.toml")):
        arguments.error(f"{given.workspace}: no seawatch.toml; name a workspace")
    journal = os.path.join(given.workspace, "journal.jsonl")
    entries, heads, faults = read_journal(journal)
    if given.head and given.head.strip().lower() not in heads[1:]:
        faults.append(f"{journal}: the chain does not pass through {given.head}")
    faults += check_runs(given.workspace, entries, heads)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{len(entries)} lines: every byte as recorded", heads[-1], sep="\n")
    return 5 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
