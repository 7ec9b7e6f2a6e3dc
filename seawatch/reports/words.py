"""Words of the run's report, in Chinese and English."""

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("{name} {issue} 期报告（{on}）", "{name}, report of {issue} ({on})"),
    "seen_title": ("可见与未见", "What was seen, and what was not"),
    "no_pairs": (
        "本期没有可比对的影像：什么都没看到，不等于没有变化。",
        "No scenes could be compared: nothing was seen, which is not all clear.",
    ),
    "share": ("应巡范围内本期可见 {share}。", "{share} of the ground in scope was seen."),
    "not_valid": (
        "有效覆盖不足 70 %，本期结论不完整。",
        "Less than the 70 % of valid cover: this run is not complete.",
    ),
    "ground": (
        "可见 {seen} km²，待巡查 {ordered} km²，不在应巡范围 {out_of_scope} km²。",
        "{seen} km² seen, {ordered} km² ordered to be patrolled, {out_of_scope} km² out of scope.",
    ),
    "longest": (
        "待巡查范围中最久的已 {days} 天未见。",
        "The ground longest unseen was last seen {days} days ago.",
    ),
    "never": ("从未可见 {km2} km²。", "{km2} km² have never been seen."),
    "sight": (
        "{sensor}：一对清晰影像以 95 % 的概率可见的最小新增陆地为 {least}。",
        "{sensor}: new land of {least} would be found in 95 % of cases.",
    ),
    "not_judged": (
        "未判定：{rule}（缺少图层 {layers}）。",
        "Not judged: {rule} (no layer {layers}).",
    ),
    "none_new": ("无新增疑点。", "No new suspicion."),
    "more": ("另有 {number} 处见台账。", "{number} more stand in the workbook."),
    "rule": ("疑点", "Suspicion"),
    "owner": ("责任人", "Officer"),
    "vetoes_title": ("已排除的变化", "Changes that were ruled out"),
    "veto_tide": ("潮位可以解释", "explained by the tide"),
    "veto_position": ("配准误差可以解释", "explained by the fit of the scenes"),
    "veto_varies": ("该处惯常如此", "the place is often like that"),
    "veto_once": ("仅一日可见，等待复核", "seen on one day only: waits for a second look"),
    "left_out_title": ("未使用的输入", "Inputs left out"),
    "input": ("输入", "Input"),
    "reason": ("原因", "Reason"),
    "islands_title": ("到期应查海岛", "Islands due to be looked at"),
    "islands_late": (
        "{all} 个海岛中有 {late} 个超过查看周期。",
        "{late} of {all} islands are overdue.",
    ),
    "island": ("海岛编号", "Island"),
    "name": ("名称", "Name"),
    "last_look": ("最近完整可见", "Last seen whole"),
    "cycle": ("周期（天）", "Cycle (days)"),
    "people_title": ("人员与巡查", "People and patrols"),
    "patrols": (
        "巡查任务：无人机 {flights} 架次（{batteries_km:.0f} km），现场核查 {visits} 处。",
        "Orders: {flights} drone flights ({batteries_km:.0f} km), {visits} visits.",
    ),
    "load": ("{officer}：待办疑点 {number} 处。", "{officer}: {number} flags wait."),
    "handover": (
        "{flag} 由 {old} 移交 {new}。",
        "{flag} was handed over from {old} to {new}.",
    ),
    "outcome_flagged": ("列为疑点", "flagged"),
    "outcome_no_rule_broken": ("判定时不违反任何规则", "broke no rule when it was judged"),
    "replies": (
        "外部疑点 {all} 处：列为疑点 {flagged} 处，答复见 replies.csv。",
        "{all} suspect zones of others: {flagged} flagged; the replies stand in replies.csv.",
    ),
    "record_title": ("记录", "The record"),
    "head": ("本期之前的记录链头：{head}", "Head of the record before this run: {head}"),
    "inputs": (
        "读入 {number} 个文件，sha256 见 run.json。",
        "{number} files were read; their sha256 stand in run.json.",
    ),
}


def say(key: str, language: str, **numbers: object) -> str:
    """One sentence or heading of the report, its numbers put in."""
    return _WORDS[key][language == "en"].format(**numbers)
