"""What an import says of itself, in Chinese and in English; the numbers are the record's."""

from typing import Any

Pair = tuple[str, str]  # Chinese, English

_REPAIRS: dict[str, Pair] = {
    "heights": ("去除高程", "heights left out"),
    "closed": ("闭合未闭合的环", "a ring left open was closed"),
    "vertices": ("去除重复界址点", "vertices that stood twice were left out"),
    "turned": ("统一环的走向", "rings were turned to run as they should"),
    "crossing": ("修复自相交（在点位误差内）", "an outline crossing itself was put right"),
    "parts": ("由集合取出面", "areas were taken out of a collection"),
    "outline": ("闭合线转为面", "a closed line was read as the area inside"),
    "sliver": ("去除碎片部分或碎洞", "parts or holes that were slivers were left out"),
    "twin": ("去除逐字逐点重复的行", "rows that repeat another word for word were left out"),
}

_NOTICES: dict[str, Pair] = {
    "term": (
        "第 {row} 行：期限 {from} 至 {to} 超过法定最高 {years} 年（海域使用管理法第二十五条）",
        "row {row}: {from} to {to} is longer than the law's {years} years (art. 25)",
    ),
    "area": (
        "第 {row} 行：证载面积 {stated_ha:.4f} 公顷，按界址点为 {drawn_ha:.4f} 公顷，相差 "
        "{off_m2:.1f} m²，超过容差 {tolerance_m2:.1f} m²{likely}",
        "row {row}: {stated_ha:.4f} ha on the certificate, {drawn_ha:.4f} ha by its corners: "
        "{off_m2:.1f} m² apart, more than the tolerance of {tolerance_m2:.1f} m²{likely}",
    ),
    "same_ground": (
        "第 {row} 行与第 {other} 行：同一空间层、同一时段、同一范围（{area_m2:.1f} m²）",
        "rows {row} and {other} cover the very same ground, stratum and time ({area_m2:.1f} m²)",
    ),
    "sliver": (
        "第 {row} 行与第 {other} 行：相邻宗海之间有 {area_m2:.2f} m² 的碎片重叠（转抄误差）",
        "rows {row} and {other}: neighbours overlap by a sliver of {area_m2:.2f} m²",
    ),
}
_UNITS: dict[str, Pair] = {
    "": ("", ""),
    "m2": ("；可能单位是平方米", "; is it in square metres?"),
    "mu": ("；可能单位是亩", "; is it in mu (1/15 ha)?"),
}

_LINES: dict[str, Pair] = {
    "from": ("{source}：{format}，图层 {layer}", "{source}: {format}, layer {layer}"),
    "encoding": ("编码 {name}：{why}", "encoding {name}: {why}"),
    "crs": ("坐标系 {name}（{how}）", "CRS {name} ({how})"),
    "columns": ("列对应：{pairs}", "columns: {pairs}"),
    "unused": ("未采用的列：{names}", "columns left out: {names}"),
    "set": ("{column} 补为给定值：{rows} 行", "{column} set in {rows} rows"),
    "recoded": (
        "{column}：“{from}”读作 {to}，{rows} 行{why}",
        "{column}: '{from}' read as {to} in {rows} rows{why}",
    ),
    "repair": ("修复：{what}，第 {rows} 行{areas}", "repaired: {what}: row {rows}{areas}"),
    "refused": ("拒收第 {row} 行（{id}）：{why}", "refused row {row} ({id}): {why}"),
    "counts": (
        "读 {read} 行，收 {accepted} 行（修复 {repaired}），重复 {repeated}，拒收 {refused}，"
        "文件中已删 {deleted}",
        "{read} rows read, {accepted} accepted ({repaired} repaired), {repeated} repeated, "
        "{refused} refused, {deleted} deleted in the file",
    ),
    "note": ("注意：{text}", "note: {text}"),
    "more": ("另有 {number} 条，见记录", "and {number} more, in the record"),
}
_SHOWN = 8


def lines(record: dict[str, Any], language: str) -> list[str]:
    """An import's record as it is read by people; the whole of it stands in the file."""
    which = language != "zh"

    def say(key: str, **given: Any) -> str:
        return _LINES[key][which].format(**given)

    said = [say("from", **{**record, "layer": record["layer"] or "-"})]
    said += [say("encoding", **record["encoding"]), say("crs", **record["crs"])]
    if record["crs"]["note"]:
        said.append(say("note", text=record["crs"]["note"]))
    renamed = {own: c["as"] for own, c in record["columns"].items() if own != c["as"]}
    if renamed:
        said.append(say("columns", pairs=", ".join(f"{a} → {b}" for a, b in renamed.items())))
    if record["unused"]:
        said.append(say("unused", names=", ".join(record["unused"])))
    said += [say("set", column=c, rows=n) for c, n in record["set"].items()]
    for one in record["recoded"]:
        said.append(say("recoded", **one, why=f" ({one['note']})" if one["note"] else ""))
    said += [say("note", text=text) for text in record["notes"]]
    said += [say("repair", **_repair(one, which)) for one in record["repairs"]]
    refused = [say("refused", **{**r, "why": "; ".join(r["why"])}) for r in record["refused"]]
    for many in (refused, notices(record, language)):
        said += many[:_SHOWN]
        said += [say("more", number=len(many) - _SHOWN)] if len(many) > _SHOWN else []
    return [*said, say("counts", **record["counts"])]


def notices(record: dict[str, Any], language: str) -> list[str]:
    """What is odd in the rows that were accepted."""
    which = language != "zh"
    return [
        _NOTICES[one["what"]][which].format(**one, likely=_UNITS[one.get("unit", "")][which])
        for one in record["notices"]
    ]


def worth_knowing(record: dict[str, Any], language: str) -> list[str]:
    """What `check` says of a layer that is read as it is: assumptions, repairs, notices."""
    which = language != "zh"
    said = []
    if record["crs"]["how"].startswith("assumed"):
        said.append(_LINES["crs"][which].format(**record["crs"]))
    if record["encoding"]["name"] not in ("UTF-8", "UTF-16"):
        said.append(_LINES["encoding"][which].format(**record["encoding"]))
    for one in record["recoded"]:
        why = f" ({one['note']})" if one["note"] else ""
        said.append(_LINES["recoded"][which].format(**one, why=why))
    said += [_LINES["note"][which].format(text=text) for text in record["notes"]]
    said += [_LINES["repair"][which].format(**_repair(r, which)) for r in record["repairs"]]
    said += notices(record, language)
    more = _LINES["more"][which].format(number=len(said) - 2 * _SHOWN)
    said = said if len(said) <= 2 * _SHOWN else [*said[: 2 * _SHOWN], more]
    return [f"{record['source']} ({record['table']}): {text}" for text in said]


def _repair(one: dict[str, Any], which: bool) -> dict[str, str]:
    rows = ", ".join(str(row) for row in one["rows"][:_SHOWN])
    if len(one["rows"]) > _SHOWN:
        rows += f" … ({len(one['rows'])})"
    pairs = zip(one["before_m2"], one["after_m2"], strict=True)
    moved = [(a, b) for a, b in pairs if a is not None and b is not None and a != b]
    areas = "; ".join(f"{a:.2f} → {b:.2f} m²" for a, b in moved[:3])
    return {
        "what": _REPAIRS[one["what"]][which],
        "rows": rows,
        "areas": f" ({areas})" if areas else "",
    }
