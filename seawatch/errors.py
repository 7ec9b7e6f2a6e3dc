"""Everything that can go wrong, and the exit code each leaves with.

    SeawatchError
    ├── UsageError      2   a wrong argument, or a wrong line in seawatch.toml
    ├── InputRefused    3   a layer or scene that cannot be trusted; nothing was judged
    │   └── PairRefused     two scenes, each sound, that cannot be compared
    ├── CannotFinish    1   the disk, a permission, the operating system
    └── Busy           75   another run holds the workspace

A message is for whoever can mend the fault: the file, the row, what is wrong and
the cure, one fault a line, all of them at once.
"""

from collections.abc import Iterable


class SeawatchError(Exception):
    """A fault whose message is enough to mend it; never shown as a traceback."""

    exit_code = 1

    def __init__(self, problems: str | Iterable[str]):
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class UsageError(SeawatchError):
    """An argument or a configuration line that means nothing here."""

    exit_code = 2


class InputRefused(SeawatchError):
    """A layer or a scene that cannot be used as it is."""

    exit_code = 3


class PairRefused(InputRefused):
    """Two scenes, each sound by itself, that cannot be compared; a run does without the pair."""


class CannotFinish(SeawatchError):
    """The disk or the operating system said no."""

    exit_code = 1


class Busy(SeawatchError):
    """Another run holds the workspace."""

    exit_code = 75
