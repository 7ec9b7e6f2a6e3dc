"""seawatch: what changed at sea and on islands, held week by week against what is permitted.

>>> import seawatch as sw
>>> sw.__version__
'0.1.0'

The names below are loaded when they are first used, so that a command's help does not
wait for the whole house.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "open": "workspace",
    "Workspace": "workspace",
    "judge": "judging",
    "follow": "flags",
    "weekly_run": "run",
    "Run": "run",
    "Project": "project",
    "Layers": "layers",
    "DETECTORS": "detect",
    "RULES": "rules",
    "SENSORS": "sensors",
    "TABLES": "tables",
    "SeawatchError": "errors",
}

__all__ = ["__version__", "detect", *_HOME]


def __getattr__(name: str) -> Any:
    if name == "detect":  # a folder of this name is there too; it can be called
        return import_module(".detect", __name__)
    if name not in _HOME:
        raise AttributeError(f"module 'seawatch' has no attribute '{name}'")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
