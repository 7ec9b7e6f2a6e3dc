"""The walls around the parsing child: memory, time, no network, no other files.

Each wall is the kernel's, where it has it. Without Landlock or namespaces the rest still
hold: the drivers that open connections and other files are off, and what names a file by
its content is refused before any driver sees it.
"""

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
# Landlock's system calls have the same numbers on every architecture that Linux still adds to
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_ALL_OF_ABI_1 = (1 << 13) - 1


def close(memory: int, seconds: int, files: list[str]) -> list[str]:
    """Shut this process in; the walls that hold.

    Parameters
    ----------
    memory : bytes of address space.
    seconds : of CPU time.
    files : the only files and folders it needs beyond its own code.
    """
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NOFILE: 256}
    limits |= {resource.RLIMIT_CPU: seconds, resource.RLIMIT_AS: memory}
    for kind, most in limits.items():
        _limit(kind, most)
    walls = ["limits"]
    if sys.platform != "linux":
        return walls
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEWNET) == 0 or libc.unshare(_NEWUSER | _NEWNET) == 0:
        walls.append("network")
    if _landlock(libc, files):
        walls.append("files")
    return walls


def _limit(kind: int, most: int) -> None:
    """Lower a limit; one that is lower already stays, and some systems know not all of them."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most))


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def _landlock(libc: ctypes.CDLL, files: list[str]) -> bool:
    """Whether the kernel now lets this process open `files` and its own code, and no more."""
    rules = _Ruleset(_ALL_OF_ABI_1)
    ruleset = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    for name in dict.fromkeys([*_own_code(), *files]):
        _allow(libc, ruleset, name)
    shut = libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    shut = shut and libc.syscall(_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return shut


def _allow(libc: ctypes.CDLL, ruleset: int, name: str) -> None:
    try:
        handle = os.open(name, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    access = _READ_FILE | _EXECUTE
    if Path(name).is_dir():
        access |= _READ_DIR
    rule = _Beneath(access, handle)
    libc.syscall(_ADD, ruleset, 1, ctypes.byref(rule), 0)
    os.close(handle)


def _own_code() -> list[str]:
    system = ["/usr", "/lib", "/lib64", "/lib32", "/opt", "/nix", "/etc/ld.so.cache"]
    system += ["/etc/localtime", "/dev/null", "/dev/urandom"]
    return [*system, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)]
