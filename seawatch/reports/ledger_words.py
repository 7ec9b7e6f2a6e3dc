"""What the shoreline ledger's page and workbook say, in Chinese and in English."""

from typing import Any

Pair = tuple[str, str]  # Chinese, English

_WORDS: dict[str, Pair] = {
    "title": ("岸线占补台账", "Shoreline ledger"),
    "as_of": ("截至 {day}", "as of {day}"),
    "retention": ("自然岸线保有率", "Natural coast retained"),
    "balance": ("占补平衡", "Balance"),
    "entries": ("条目", "Entries"),
    "movements": ("分录", "Movements"),
    "terms": ("依据", "Terms"),
    "by_project": ("项目", "project"),
    "by_district": ("县区", "district"),
    "by_owner": ("责任单位", "owner"),
    "line": (
        "基准 {baseline}：全长 {all} km，自然岸线 {natural} km（其中修复 {restored} km），"
        "保有率 {share}（调查时 {surveyed}）；底线 {floor}（{source}）：{verdict}",
        "Baseline {baseline}: {all} km in all, {natural} km natural ({restored} km of it "
        "restored); retention {share} ({surveyed} as surveyed); floor {floor} ({source}): "
        "{verdict}",
    ),
    "kept": ("达标，尚余 {spare} m", "kept, {spare} m to spare"),
    "broken": ("不达标，缺 {spare} m", "NOT kept, {spare} m short"),
    "verdict": ("结论", "verdict"),
    "no_entries": (
        "没有占补条目：在 seawatch.toml 的 [ledger] entries 中指明文件。",
        "No entries: name their file under [ledger] entries in seawatch.toml.",
    ),
    "refused_head": ("未入账的条目（{n}）", "Entries that were not booked ({n})"),
    "pending_head": ("待验收、未计入（{n}）", "Not accepted yet, not counted ({n})"),
    "let_pass_head": ("须知的已入账条目（{n}）", "Booked, and to be known ({n})"),
    "blank": ("（未填）", "(not given)"),
    "unverified": ("未核实", "unverified"),
    "grade": ("可靠程度", "grade"),
    "source": ("出处", "source"),
    "sum": ("合计", "sum"),
    # figures
    "occupied_m": ("占用自然（米）", "natural occupied, m"),
    "occupied_other_m": ("占用其他（米）", "other occupied, m"),
    "exempt_m": ("豁免（米）", "exempt, m"),
    "required_m": ("应补（米）", "required, m"),
    "restored_m": ("已验收修复（米）", "restored and accepted, m"),
    "pending_m": ("待验收（米）", "pending, m"),
    "settled_m": ("已抵补（米）", "settled, m"),
    "owed_m": ("尚欠（米）", "still owed, m"),
    "credit_m": ("结余（米）", "credit, m"),
    # columns of the sheets
    "baseline": ("基准版本", "baseline"),
    "segments": ("段数", "segments"),
    "all_m": ("岸线全长（米）", "all coast, m"),
    "natural_m": ("自然岸线（调查时，米）", "natural as surveyed, m"),
    "natural_now_m": ("自然岸线（现在，米）", "natural now, m"),
    "retention_now": ("保有率（现在）", "retention now"),
    "retention_then": ("保有率（调查时）", "retention as surveyed"),
    "floor": ("底线", "floor"),
    "spare_m": ("余量（米）", "to spare, m"),
    "state": ("状态", "state"),
    "why": ("说明", "remark"),
    "metres": ("长度（米）", "length, m"),
    "account_from": ("转出", "from account"),
    "account_to": ("转入", "to account"),
    "coast": ("岸线类型", "coast"),
    "other": ("对应条目", "settled with"),
    "place": ("适用地区", "place"),
    "status": ("保有率状态", "status"),
    "ratio": ("补占比", "ratio"),
    "first": ("起始日期", "from"),
    "last": ("截止日期", "to"),
    # states, kinds and accounts
    "counted": ("已入账", "booked"),
    "pending": ("待验收", "pending"),
    "later": ("晚于截止日", "later"),
    "refused": ("未入账", "refused"),
    "kind_occupied": ("占用", "occupied"),
    "kind_restored": ("修复", "restored"),
    "kind_exempt": ("豁免", "exempt"),
    "account_natural": ("自然岸线", "natural"),
    "account_other": ("其他岸线", "other coast"),
    "account_occupied": ("已占用", "occupied"),
    "account_restored": ("修复岸线", "restored"),
    "account_demanded": ("按比例应补", "demanded by ratio"),
    "account_owed": ("欠补", "owed"),
    "account_earned": ("验收所得", "earned by acceptance"),
    "account_credit": ("结余", "credit"),
    "account_settled": ("已抵补", "settled"),
    "coast_bedrock": ("基岩岸线", "bedrock"),
    "coast_sandy": ("砂质岸线", "sandy"),
    "coast_muddy": ("淤泥质岸线", "muddy"),
    "coast_biological": ("生物岸线", "biological"),
    "coast_restored": ("修复岸线", "restored"),
    "coast_estuary": ("河口岸线", "estuary"),
    "coast_artificial": ("人工岸线", "artificial"),
    "coast_natural": ("自然岸线", "natural"),
    "coast_other": ("其他岸线", "other than natural"),
    "coast_any": ("全部岸线", "any"),
    "status_above": ("高于底线", "above the floor"),
    "status_below": ("不高于底线", "below the floor or at it"),
    "status_any": ("不限", "any"),
    # why an entry was not booked, or what should be known of one that was
    "why_twice": (
        "与条目 {other} 在岸线 {segment_id} 的 {from_m}–{to_m} 米重复；改正起止点，或删去其一",
        "occupies {from_m}-{to_m} m of segment {segment_id} again, which entry {other} occupies; "
        "mend its ends or delete one of the two",
    ),
    "why_floor": (
        "将使基准 {baseline} 的保有率降至 {retention}，低于底线 {floor}；须填写放行人和理由",
        "would take baseline {baseline} down to {retention}, below the floor of {floor}; it needs "
        "override_by and reason",
    ),
    "why_no_override_reason": (
        "低于底线 {floor}（将为 {retention}）：有放行人但没有理由；请填写理由",
        "below the floor of {floor} (it would be {retention}): someone let it pass without a "
        "reason; give one",
    ),
    "why_no_reason": (
        "豁免没有理由；请填写透水或地下穿越等理由",
        "exempt without a reason; say why, e.g. piles or a tunnel",
    ),
    "why_early": (
        "验收日期 {accepted} 早于完成日期 {date}",
        "accepted on {accepted}, before it was done on {date}",
    ),
    "why_natural_already": (
        "岸线 {segment_id} 的 {from_m}–{to_m} 米现为自然岸线，不能作为修复计入",
        "{from_m}-{to_m} m of segment {segment_id} is natural as it is: nothing to restore there",
    ),
    "why_earned_before": (
        "其中 {metres} 米以前补过一次，只恢复保有率，不再抵补",
        "{metres} m of it earned credit once before: it is natural again, and pays for nothing",
    ),
    "why_no_ratio": (
        "本地没有已知的占补比例，未计应补长度；在 [[ledger.ratios]] 中填写",
        "no ratio is known for it here, so nothing is required; give one under [[ledger.ratios]]",
    ),
    "why_let_pass": (
        "低于底线，由 {by} 放行：{reason}",
        "below the floor, let pass by {by}: {reason}",
    ),
    "why_outside": (
        "岸线 {segment_id} 长 {length_m} 米，没有 {from_m}–{to_m} 米这一段",
        "segment {segment_id} is {length_m} m long: it has no {from_m}-{to_m} m",
    ),
    "why_no_segment": (
        "海岸线图层中没有岸线 {segment_id}（或不属于所填基准）",
        "no segment {segment_id} in the coastline, or not of the baseline it names",
    ),
    "why_off_line": (
        "离官方岸线最远 {distance_m} 米；请沿官方岸线绘制",
        "lies up to {distance_m} m off the official line; draw it along the line",
    ),
    "why_disagree": (
        "所绘位置与岸线 {segment_id} 的起止米数相差达 {distance_m} 米；改正其一，或清空岸线编号",
        "is drawn up to {distance_m} m from the metres it gives of segment {segment_id}; mend one "
        "of the two, or leave segment_id empty",
    ),
    "why_two_chains": (
        "跨过岸线的断点或岔口；请分开绘制",
        "runs over a gap or a fork of the line; draw it in pieces",
    ),
    "why_shortcut": (
        "所绘长 {drawn_m} 米，其间官方岸线长 {line_m} 米；请沿官方岸线绘制，不要抽稀",
        "is {drawn_m} m long where the official line runs {line_m} m; draw it along the line, "
        "not simplified",
    ),
}


def word(key: str, language: str, **values: Any) -> str:
    """One word or sentence in `language`, zh or en; what comes from data is only put into it."""
    text = _WORDS[key][language == "en"]
    return text.format(**values) if values else text


def known(key: str) -> bool:
    """Whether there is such a word."""
    return key in _WORDS


def remark(why: str | None, numbers: dict[str, Any], language: str) -> str:
    """Why an entry was not booked, or what should be known of it; empty where nothing is."""
    if why is None:
        return ""
    return word(f"why_{why}", language, **{k: _said(k, v) for k, v in numbers.items()})


def _said(key: str, value: Any) -> str:
    if key in ("retention", "floor"):
        return f"{value:.2%}"
    if key in ("accepted", "date"):
        return f"{value:%Y-%m-%d}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
