"""Which of a file's columns is which of the table's: by name, by alias, as told, or asked."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..tables import Table

ALIASES: dict[str, dict[str, str]] = {
    "permits": {
        "permit_id": "证号 证书编号 海域使用权证书编号 海域使用权证号 海域使用权证书号 "
        "不动产权证号 不动产权证书号 权证编号 证书号 宗海代码 宗海编号",
        "right": "权利类型",
        "project_name": "项目名称 用海项目名称 工程名称",
        "holder": "使用权人 海域使用权人 权利人 用海单位 用海人 海域使用人 业主",
        "scheme": "分类标准",
        "use_type": "用海类型 海域使用类型 用海类型代码 用海类型编码",
        "use_mode": "用海方式 海域使用方式 用海方式代码 用海方式编码",
        "strata": "用海空间层 立体分层 空间层 分层",
        "valid_from": "起始日期 起始时间 开始日期 开始时间 用海起始日期 用海起始时间 使用起始日期",
        "valid_to": "终止日期 终止时间 有效期至 截止日期 到期日期 到期时间 结束日期 用海终止日期 "
        "用海终止时间 使用终止日期",
        "authority": "批准机关 审批机关 发证机关 批准单位 登记机构",
        "area_ha": "宗海面积 用海面积 宗海面积公顷 用海面积公顷 面积公顷",
        "meridian": "中央经线 中央子午线",
        "sigma_m": "界址点中误差 中误差",
    },
    "coastline": {
        "segment_id": "岸线编号 岸段编号 编号",
        "kind": "岸线类型 岸段类型",
        "protection": "保护等级 保护级别",
        "slope": "岸滩坡度 坡度",
        "baseline": "基准版本 岸线版本",
        "surveyed": "调查日期 测量日期 修测日期",
    },
    "islands": {
        "island_id": "海岛编号 海岛代码 编号",
        "name": "海岛名称 名称 标准名称",
        "inhabited": "有无居民 有居民",
        "category": "类别 海岛类别",
        "surveyed": "调查日期 测量日期",
    },
    "zones": {
        "zone_id": "区编号 编号 代码",
        "kind": "区类型 类型",
        "name": "名称 区名称",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "source": "来源",
    },
    "duty": {
        "grid_id": "网格编号",
        "officer": "责任人",
        "post": "职务",
        "duty": "职责",
        "deputy": "代理人",
        "valid_from": "起始日期",
        "valid_to": "终止日期",
    },
    "known": {"known_id": "编号", "kind": "类型", "since": "起始日期", "note": "备注"},
}
"""What offices call the columns; those that a word could mean two of are left to `rename`."""


@dataclass
class Mapped:
    """The table's columns found in a file.

    Attributes
    ----------
    names : the file's column for each of the table's, and how it is known.
    unused : columns of the file that no column of the table takes.
    asked : what cannot be told, with its cure.
    """

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def match(given: Mapping[str, Sequence[object]], table: Table, rename: Mapping[str, str]) -> Mapped:
    """The file's columns `given` (name and cells) as those of `table`.

    `rename` goes first, then a column's own name, then its aliases, whole or as a .dbf's ten
    bytes cut them. Two columns for one are asked, unless they say the same in every row.
    """
    mapped = Mapped()
    candidates: dict[str, list[tuple[int, str, str]]] = {}
    for name in given:
        wanted = list(_meanings(name, table, rename))
        if len({column for _, column, _ in wanted}) > 1 and wanted[0][0] > 1:
            columns = " or ".join(f"'{column}'" for _, column, _ in wanted)
            mapped.asked.append(f"column '{name}' may be {columns}; say which in `rename`")
            continue
        for rank, column, how in wanted[:1]:
            candidates.setdefault(column, []).append((rank, name, how))
    for column, found in candidates.items():
        best = sorted(c for c in found if c[0] == min(rank for rank, _, _ in found))
        if len(best) > 1 and any(given[best[0][1]] != given[name] for _, name, _ in best[1:]):
            names = ", ".join(f"'{name}'" for _, name, _ in best)
            mapped.asked.append(f"columns {names} may each be '{column}'; say which in `rename`")
            continue
        mapped.names[column] = best[0][1:]
    missing = [f"no column '{name}', which `rename` names" for name in rename if name not in given]
    mapped.asked += missing
    taken = {name for name, _ in mapped.names.values()}
    mapped.unused = [name for name in given if name not in taken]
    return mapped


def _meanings(name: str, table: Table, rename: Mapping[str, str]) -> Iterable[tuple[int, str, str]]:
    """(rank, column, how) of everything `name` may be, the surest first."""
    known = [column.name for column in table.columns]
    if name in rename:
        return [(0, rename[name], "rename")] if rename[name] in known else []
    folded = fold(name)
    if folded in known:
        return [(1, folded, "name")]
    others = ALIASES.get(table.name, {})
    aliases = {c.name: [*others.get(c.name, "").split(), c.zh] for c in table.columns}
    whole = [c for c, words in aliases.items() if folded in map(fold, words)]
    if whole:
        return [(2, column, "alias") for column in whole]
    cut = [c for c, words in aliases.items() if any(_is_cut(name, word) for word in (*words, c))]
    return [(3, column, "alias cut to ten bytes") for column in cut]


def fold(name: str) -> str:
    """A column's name as it is compared: half width, lower case, without unit and spaces.

    >>> fold("宗海面积（公顷）"), fold(" Permit_ID ")
    ('宗海面积', 'permit_id')
    """
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    return plain.split("(", 1)[0].replace(" ", "")


def _is_cut(name: str, word: str) -> bool:
    """Whether `name` is what a .dbf's ten bytes leave of `word`, in UTF-8 or in GBK."""
    for codec in ("utf-8", "gb18030"):
        whole = word.encode(codec)
        if len(whole) <= 10:
            continue
        left = whole[:10].decode(codec, "ignore")
        if name.rstrip("\ufffd_") == left:
            return True
    return False
