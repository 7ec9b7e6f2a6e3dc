"""The paper that sheets are printed on: A4, one embedded font, every page telling whose it is."""

from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.fonts import TTFFont

from .fonts import Face

MARGIN = 15.0  # mm
WIDTH = 210 - 2 * MARGIN
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_PRINTED = dict.fromkeys([*range(9), *range(11, 32), *range(0x7F, 0xA0)])


class Paper(FPDF):
    """An A4 document without a clock: the same content gives the same bytes.

    face : the font of all of it. title : of the document, for its reader's window.
    about : said at the foot of the page at hand and of those that follow.
    letters : that have been printed so far.
    """

    def __init__(self, face: Face, title: str, language: str):
        super().__init__(format="A4")
        self.about = ""
        self.letters: set[str] = set()
        self.set_creation_date(_EPOCH)
        self.set_title(clean(title))
        self.set_lang("zh-CN" if language == "zh" else "en")
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.add_font("sheet", "", face.path, collection_font_number=face.number)
        self.set_font("sheet", size=10)

    def normalize_text(self, text: str) -> str:
        """As it is; every text that is printed comes by here."""
        self.letters.update(text)
        return super().normalize_text(text)

    def begin(self, about: str) -> None:
        """A new page; it and those that follow it say `about` at their foot."""
        self.add_page()
        self.about = about

    def leave(self) -> None:
        """Give up a draft: its font's file is let go, as `output` does."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def footer(self) -> None:
        """What keeps loose leaves together."""
        self.set_y(-11)
        self.set_font(size=7)
        self.set_text_color(90)
        self.cell(WIDTH, 4, f"{clean(self.about)}    {self.page_no()}", align="R")
        self.set_text_color(0)


def clean(text: str) -> str:
    """A text without what cannot be printed."""
    return text.translate(_NOT_PRINTED)
