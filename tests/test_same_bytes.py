"""The same inputs give the same bytes: in any locale, time zone, year, on any day's hash seed."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256

import pytest

import seawatch as sw

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void) { const char *days = getenv("DAYS"); return days ? 86400L * atol(days) : 0; }

int clock_gettime(clockid_t id, struct timespec *out) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int code = real(id, out);
  if (id == CLOCK_REALTIME) out->tv_sec += shift();
  return code;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now;
  int code = clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec, out->tv_usec = now.tv_nsec / 1000;
  return code;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
"""  # what any library asks the time of, GDAL and sqlite as well as Python


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """A library that moves the clock of a process by $DAYS."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(CLOCK)
    command = [compiler, "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c", "-ldl"]
    return folder / "clock.so" if subprocess.run(command, check=False).returncode == 0 else None


@pytest.fixture(scope="module")
def chinese(tmp_path_factory):
    """A folder of locales in which zh_CN.GBK is one, or None where it cannot be made."""
    if shutil.which("localedef") is None:
        return None
    folder = tmp_path_factory.mktemp("locales")
    command = ["localedef", "-i", "zh_CN", "-f", "GBK", folder / "zh_CN.GBK"]
    done = subprocess.run(command, capture_output=True, check=False)
    return folder if done.returncode == 0 else None


@pytest.fixture(scope="module")
def second_week(made_week, tmp_path_factory):
    """A workspace with one run, a layer with a Chinese name, and the next run's bytes."""
    home = tmp_path_factory.mktemp("same")
    folder = shutil.copytree(made_week, home / "week")
    (folder / "layers" / "permits.gpkg").rename(folder / "layers" / "宗海.gpkg")
    toml = folder / "seawatch.toml"
    toml.write_text(toml.read_text("utf-8").replace("permits.gpkg", "宗海.gpkg"), "utf-8")
    sw.open(folder).run("2026-11-16")
    whole = shutil.copytree(folder, home / "whole")
    return folder, bytes_of(sw.open(whole).run("2026-11-23").folder)


def run(folder, day, environment, *more):
    """The command in a process of its own: exit code and what it said on stderr."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "TZ"))}
    command = [sys.executable, "-c", "from seawatch.cli import main; main()", "run", folder]
    done = subprocess.run(
        [*command, "--on", day, *more],
        env={**bare, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stderr


def bytes_of(folder):
    return {
        p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.mark.parametrize(
    ("environment", "more"),
    [
        ({"LC_ALL": "C", "TZ": "America/St_Johns", "PYTHONHASHSEED": "0"}, ["--jobs", "2"]),
        ({"LC_ALL": "zh_CN.GBK", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1"}, []),
        ({"DAYS": "400", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "2"}, ["--jobs", "2"]),
        ({"DAYS": "-400", "PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "1"}, []),
    ],
    ids=["C, St John's", "GBK, Shanghai", "400 days on, Kiritimati", "400 days back"],
)
def test_the_same_inputs_give_the_same_bytes(
    second_week, clock, chinese, tmp_path, environment, more
):
    folder, expected = second_week
    if "DAYS" in environment:
        if clock is None:
            pytest.skip("no C compiler: the clock cannot be moved")
        environment = {**environment, "LD_PRELOAD": str(clock)}
    if "GBK" in environment.get("LC_ALL", ""):
        if chinese is None:
            pytest.skip("no localedef with GBK: there is no such locale here")
        environment = {**environment, "LOCPATH": str(chinese)}
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    code, said = run(copy, "2026-11-23", environment, *more)
    assert code == 0, said
    assert bytes_of(copy / "runs" / "2026-W48") == expected


def test_the_clock_is_really_moved(clock):
    if clock is None:
        pytest.skip("no C compiler: the clock cannot be moved")
    code = "from datetime import datetime; print(datetime.now().year)"
    years = [
        int(subprocess.check_output(
            [sys.executable, "-c", code], env={"LD_PRELOAD": str(clock), "DAYS": days}
        ))
        for days in ("0", "400", "-400")
    ]  # fmt: skip
    assert years[1] > years[0] > years[2]


def test_a_locale_of_gbk_reads_names_and_speaks_its_own(chinese, second_week, tmp_path):
    if chinese is None:
        pytest.skip("no localedef with GBK: there is no such locale here")
    copy = shutil.copytree(second_week[0], tmp_path / "elsewhere")
    (copy / "layers" / "宗海.gpkg").unlink()
    environment = {"LC_ALL": "zh_CN.GBK", "LOCPATH": str(chinese)}
    code, said = run(copy, "2026-11-23", environment)
    assert code == 3
    assert "宗海.gpkg: no such file" in said.decode("gbk")
