"""Tiles that may lie under the map, and those that may not.

Amap, Tencent and Google's Chinese maps are drawn on GCJ-02, which puts every coast up to
hundreds of metres from where it is: a flag would be shown on the wrong side of a boundary.
"""

from ..errors import UsageError

_TIANDITU = tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8))
_SHIFTED = ("amap", "gaode", "autonavi", "tencent", "qq", "gtimg", "google.cn", "baidu", "bdimg")


def hosts(name: str | None) -> tuple[str, ...]:
    """The hosts a page with these tiles may ask; none for a page without.

    Raises
    ------
    UsageError
        For any tiles but Tianditu's.
    """
    if not name:
        return ()
    if name == "tianditu":
        return _TIANDITU
    if any(part in name.lower() for part in _SHIFTED):
        raise UsageError(
            f"tiles '{name[:60]}': drawn on GCJ-02 or BD-09, up to hundreds of metres off; "
            "flags would lie in the wrong place. Use tianditu, or none"
        )
    raise UsageError(f"no tiles '{name[:60]}'; use tianditu, or none")
