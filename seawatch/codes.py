"""The classifications permits are written in, and the words registers write instead of codes.

Use modes and types of HY/T 123-2009; use types of the land-and-sea classification of 2023,
whose numbers 18 and up mean other things than in its trial of 2020 (there 23 was the other
sea). The first is read in the standard, the second in the notice that introduced it.
"""

from .tables import MODES

SCHEMES = ("hy/t-123-2009", "tdys-2023")

MODE_NAMES = {
    "11": ("建设填海造地",),
    "12": ("农业填海造地",),
    "13": ("废弃物处置填海造地",),
    "21": ("非透水构筑物",),
    "22": ("跨海桥梁、海底隧道", "跨海桥梁", "海底隧道", "跨海桥梁海底隧道等"),
    "23": ("透水构筑物",),
    "31": ("港池、蓄水", "港池", "蓄水", "港池蓄水等"),
    "32": ("盐业", "盐田"),
    "33": ("围海养殖",),
    "41": ("开放式养殖",),
    "42": ("浴场",),
    "43": ("游乐场",),
    "44": ("专用航道、锚地及其他开放式", "专用航道", "锚地", "其他开放式"),
    "51": ("人工岛式油气开采",),
    "52": ("平台式油气开采",),
    "53": ("海底电缆管道",),
    "54": ("海砂等矿产开采",),
    "55": ("取、排水口", "取水口", "排水口"),
    "56": ("污水达标排放",),
    "57": ("倾倒",),
}

MODES_TAKEN = {
    "填海造地": ("11", "the word does not tell 11, 12 and 13 apart; taken as building land"),
    "34": ("31", "34 is a name of the fee tables (围海式游乐场), no mode of HY/T 123"),
    "围海式游乐场": ("31", "a name of the fee tables, no mode of HY/T 123"),
    "35": ("31", "35 is a name of the fee tables (其他围海), no mode of HY/T 123"),
    "其他围海": ("31", "a name of the fee tables, no mode of HY/T 123"),
}
"""Words for no one mode: the mode they are taken for, said as a notice."""

MODE_GROUPS = {
    "构筑物": "21, 22 or 23",
    "围海": "31, 32 or 33",
    "开放式": "41, 42, 43 or 44",
    "其他方式": "51 to 57",
}
"""Words for a group whose modes the rules treat differently: asked."""

ALL_STRATA = ("11", "12", "13", "21", "31", "32", "33")
"""Fill, solid structures and enclosures occupy surface, water, seabed and subsoil."""

_TYPES_2009 = {
    "1": "渔业",
    "11": "渔业基础设施",
    "12": "围海养殖",
    "13": "开放式养殖",
    "14": "人工鱼礁",
    "2": "工业",
    "21": "盐业",
    "22": "固体矿产开采",
    "23": "油气开采",
    "24": "船舶工业",
    "25": "电力工业",
    "26": "海水综合利用",
    "27": "其他工业",
    "3": "交通运输",
    "31": "港口",
    "32": "航道",
    "33": "锚地",
    "34": "路桥",
    "4": "旅游娱乐",
    "41": "旅游基础设施",
    "42": "浴场",
    "43": "游乐场",
    "5": "海底工程",
    "51": "电缆管道",
    "52": "海底隧道",
    "53": "海底场馆",
    "6": "排污倾倒",
    "61": "污水达标排放",
    "62": "倾倒区",
    "7": "造地工程",
    "71": "城镇建设填海造地",
    "72": "农业填海造地",
    "73": "废弃物处置填海造地",
    "8": "特殊",
    "81": "科研教学",
    "82": "军事",
    "83": "海洋保护区",
    "84": "海岸防护工程",
    "9": "其他",
    "91": "其他",
}
_TYPES_2023 = {
    "18": "渔业",
    "19": "工矿通信",
    "20": "交通运输",
    "21": "游憩",
    "22": "特殊",
    "24": "其他海域",
}
_SECOND_2023 = {"18": 4, "19": 6, "20": 5, "21": 2, "22": 6}

TYPES: dict[str, frozenset[str]] = {
    "hy/t-123-2009": frozenset(_TYPES_2009),
    "tdys-2023": frozenset(_TYPES_2023)
    | {f"{head}{n:02d}" for head, last in _SECOND_2023.items() for n in range(1, last + 1)},
}
"""The codes of use types, by scheme."""

TYPE_NAMES = {
    "hy/t-123-2009": {name: code for code, name in _TYPES_2009.items()},
    "tdys-2023": {name: code for code, name in _TYPES_2023.items()},
}
"""Names of use types, without 用海, and their codes; 其他 is 91."""


def plain(word: str) -> str:
    """A mode's or type's name as it is compared: without 用海, brackets, spaces.

    >>> plain(" 开放式养殖用海 ")
    '开放式养殖'
    """
    for mark in (" ", "\u3000", "用海", "等", "(", ")", "（", "）"):
        word = word.replace(mark, "")
    return word


MODE_OF = {plain(name): code for code, names in MODE_NAMES.items() for name in names}
assert set(MODE_NAMES) == set(MODES)
