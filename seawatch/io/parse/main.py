"""The child's day: read the jobs, shut the cage, parse one file after the other, answer."""

import gc
import json
import os
import sys
from importlib import import_module
from typing import BinaryIO

from ..encodings import Unclear
from . import _cage
from ._parsed import Job, Refused, refuse, write
from ._wkb import NotUnderstood


def main() -> None:
    """Answer every job on standard input, in order; an answer a job."""
    gc.disable()  # millions of lists that all stay: looking through them takes the longest
    order = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    jobs = [Job(**job) for job in order["jobs"]]
    walls = _cage.close(order["memory"], order["seconds"], order["files"])
    out.write(json.dumps(walls).encode("ascii") + b"\n")
    out.flush()
    for job in jobs:
        _answer(job, out)


def _answer(job: Job, out: BinaryIO) -> None:
    try:
        parsed = import_module(f".{job.kind}", __package__).read(job)
    except (Refused, Unclear, NotUnderstood) as fault:
        return refuse(str(fault), out)
    except MemoryError:
        return refuse("too large for the memory it may use here; convert it to GeoPackage", out)
    except UnicodeError as error:
        return refuse(f"its text is broken: {error}; export it again", out)
    except (RecursionError, OverflowError):
        return refuse("nested or numbered beyond sense; get it from its provider again", out)
    except OSError as error:
        return refuse(f"cannot be read: {error.strerror or error}; copy the file again", out)
    return write(parsed, out)
