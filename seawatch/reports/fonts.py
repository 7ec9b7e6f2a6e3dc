"""A Chinese font of this machine for PDF sheets: none is shipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fontTools import subset
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


class Letters:
    """A face cut down to the letters in use: the whole one takes a second to read and to embed.

    folder : it is kept there, for as long as it is used.
    """

    def __init__(self, face: Face, folder: Path):
        self._whole, self._folder = face, folder
        self._held: set[str] = set()

    def hold(self, letters: Iterable[str]) -> None:
        """Have these letters too, where the face has them."""
        self._held |= set(letters)
        # as the document cuts it down once more, so that it is the same in the end
        options = subset.Options(notdef_outline=True, recommended_glyphs=True, layout_features=[])
        number = self._whole.number
        with TTFont(self._whole.path, fontNumber=number, lazy=True, recalcBBoxes=False) as font:
            cut = subset.Subsetter(options)
            cut.populate(text="".join(sorted(self._held)))
            cut.subset(font)
            font.save(self.face.path)

    def lacks(self, letters: Iterable[str]) -> bool:
        """Whether any of them has not been asked for yet."""
        return not self._held.issuperset(letters)

    @property
    def face(self) -> Face:
        """The face as it is now."""
        return Face(self._folder / "letters.otf")


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
