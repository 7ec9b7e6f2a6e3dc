"""A Chinese font of this machine for PDF sheets: none is shipped."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from ..errors import UsageError

_FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    *("C:/Windows/Fonts", "/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
)
# no serifs first: they stay legible in small print
_NAMES = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf"),
    *("NotoSansSC-Regular.ttf", "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "msyh.ttc", "simhei.ttf", "Deng.ttf"),
    *("simsun.ttc", "simsun.ttf", "STHeiti Light.ttc", "NotoSerifCJK-Regular.ttc"),
)
_NEEDED = "核查单海域岛"
LEFT_OUT = (
    "no Chinese font on this machine, so no sheets were made: install Noto Sans CJK "
    '(fonts-noto-cjk), or name a font file as [reports] font = "…"'
)


@dataclass(frozen=True)
class Face:
    """One face of a font file; `number` tells it within a collection."""

    path: Path
    number: int = 0

    def fields(self) -> dict[str, str]:
        """What made the letters: name and digest of the file."""
        digest = sha256(self.path.read_bytes()).hexdigest()
        return {"font": self.path.name, "sha256": digest}


def find(given: Path | None = None) -> Face | None:
    """The font that is `given`, else one of those known; None where there is none.

    Raises
    ------
    UsageError
        If the given file is not there, is no font, or has no Chinese letters.
    """
    if given is not None:
        try:
            face = _face(given)
        except (OSError, TTLibError) as error:
            raise UsageError(f"[reports] font: {given}: cannot be read: {error}") from None
        if face is None:
            raise UsageError(f"[reports] font: {given}: has no Chinese letters; name another")
        return face
    for path in _known():
        try:
            face = _face(path)
        except (OSError, TTLibError):
            continue  # a broken file of that name; another may do
        if face is not None:
            return face
    return None


def _known() -> list[Path]:
    """Files of known names, the best first."""
    folders = [Path(folder).expanduser() for folder in _FOLDERS]
    rank = {name.lower(): at for at, name in enumerate(_NAMES)}
    found = [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.rglob("*.[to]t[fc]")
        if path.name.lower() in rank
    ]
    return sorted(found, key=lambda path: (rank[path.name.lower()], str(path)))


def _face(path: Path) -> Face | None:
    """The face for simplified Chinese, else the first with Chinese letters."""
    with path.open("rb") as file:
        if path.suffix.lower() != ".ttc":
            return Face(path) if _chinese(TTFont(file, lazy=True)) else None
        held = TTCollection(file, lazy=True).fonts
        names = [str(font["name"].getBestFamilyName()) for font in held]
        order = sorted(range(len(names)), key=lambda n: not names[n].endswith((" SC", " CN")))
        return next((Face(path, n) for n in order if _chinese(held[n])), None)


def _chinese(font: TTFont) -> bool:
    return all(ord(letter) in font.getBestCmap() for letter in _NEEDED)
