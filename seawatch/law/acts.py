"""The laws, regulations and policies a rule may rest on, each as it stood for a time.

Grades: H read in the primary text or a source that quotes it; M from a secondary source;
L weak or remembered, and said to be unverified wherever it is shown.
"""

from dataclasses import dataclass
from datetime import date

Pair = tuple[str, str]  # Chinese, English

TEXT_AS_OF = date(2025, 4, 1)
"""Every text was read as it stood in this month; what came later is not known here."""

SHANDONG, WEIHAI = "山东省", "威海市"

REGIONS: dict[str, str | None] = {SHANDONG: None, WEIHAI: SHANDONG}
"""Places with law of their own, and what they lie in; the nation's law holds everywhere."""

REGION_NAMES: dict[str, Pair] = {
    "": ("全国", "the nation"),
    SHANDONG: ("山东省", "Shandong"),
    WEIHAI: ("威海市", "Weihai"),
}


@dataclass(frozen=True)
class Act:
    """A law, regulation or policy as it stood for a time.

    effective_from, effective_to : first and last day of this text; None where it has no end,
        or its first day is not on file (it is then taken to have held always).
    dates_grade : how well those days are known.
    region : where it holds; "" for the nation, else a key of `REGIONS`.
    note : what of its history was not looked into.
    """

    title: Pair
    effective_from: date | None
    source: str
    effective_to: date | None = None
    dates_grade: str = "H"
    region: str = ""
    note: Pair | None = None


SEA_USE = Act(
    ("《海域使用管理法》", "Sea Use Law"),
    date(2002, 1, 1),
    "Order of the President No. 61, 2001-10-27",
)
MARINE_2017 = Act(
    ("《海洋环境保护法》（2017 年修正）", "Marine Environment Protection Law (2017)"),
    date(2017, 11, 5),
    "amended by the Standing Committee, 2017-11-04",
    effective_to=date(2023, 12, 31),
    dates_grade="M",
    note=(
        "修订前的文本，对应条文和罚则待核。",
        "Text before the revision: which articles answer, and what they cost, is to be checked.",
    ),
)
MARINE = Act(
    ("《海洋环境保护法》（2023 年修订）", "Marine Environment Protection Law (2023)"),
    date(2024, 1, 1),
    "Order of the President No. 12, 2023-10-24",
)
ISLANDS = Act(
    ("《海岛保护法》", "Island Protection Law"),
    date(2010, 3, 1),
    "Order of the President No. 22, 2009-12-26",
)
PENALTIES = Act(
    ("《行政处罚法》（2021 年修订）", "Administrative Penalty Law (2021)"),
    date(2021, 7, 15),
    "Order of the President No. 70, 2021-01-22",
)
FILL_STOP = Act(
    (
        "《国务院关于加强滨海湿地保护严格管控围填海的通知》（国发〔2018〕24号）",
        "State Council notice on coastal wetlands and reclamation, Guofa [2018] 24",
    ),
    date(2018, 7, 14),
    "Guofa [2018] 24, dated 2018-07-14",
    dates_grade="M",
)
FILL_STOP_HOW = Act(
    ("自然资规〔2018〕7号", "Ministry of Natural Resources, Ziranzigui [2018] 7"),
    date(2018, 12, 20),
    "Ziranzigui [2018] 7",
    dates_grade="L",
)
REDLINE = Act(
    ("海洋生态保护红线管控要求", "rules of the marine ecological red line"),
    None,
    "policy on ecological red lines; no single text on file",
    dates_grade="L",
)
ONE_MONTH = Act(
    ("疑点疑区核查的地方要求", "local procedure for suspect zones"),
    None,
    "local procedures, secondary sources",
    dates_grade="L",
)
SHANDONG_SEA_USE = Act(
    ("《山东省海域使用管理条例》", "Shandong regulations on sea use"),
    date(2004, 1, 1),
    "regulations of Shandong's People's Congress",
    dates_grade="L",
    region=SHANDONG,
    note=(
        "此后有修正；修正前后的差异未核。",
        "Amended since; how the wording differed before was not looked into.",
    ),
)
WEIHAI_COAST = Act(
    ("《威海市海岸带保护条例》", "Weihai regulations on the coastal zone"),
    date(2018, 7, 1),
    "regulations of Weihai's People's Congress, in force 2018-07-01",
    dates_grade="M",
    region=WEIHAI,
    note=(
        "2020-01-15 修正；修正前后的差异未核。",
        "Amended on 2020-01-15; how the wording differed before was not looked into.",
    ),
)

ACTS = (
    SEA_USE,
    MARINE_2017,
    MARINE,
    ISLANDS,
    PENALTIES,
    FILL_STOP,
    FILL_STOP_HOW,
    REDLINE,
    ONE_MONTH,
    SHANDONG_SEA_USE,
    WEIHAI_COAST,
)
