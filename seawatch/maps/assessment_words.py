"""Words of the page on a planned use, in Chinese and in English."""

from typing import Any

Pair = tuple[str, str]

STRATA_LAW: Pair = (
    "自然资规〔2023〕8号（海域立体分层设权）",
    "Ministry of Natural Resources, Ziranzigui [2023] 8 (rights in strata)",
)
"""Two rights conflict only where place and strata meet (grade H)."""

SENTENCES: dict[str, Pair] = {
    "title": ("拟用海要素核对：{name}", "What a planned use would meet: {name}"),
    "day": ("核对日：{on}", "as of {on}"),
    "disclaimer": (
        "依据工作区现有图层的机器核对，不是审批意见；图层未载的事项未核对。",
        "Checked by machine against the layers at hand; no decision. What they lack was not checked.",
    ),
    "not_judged": ("未判定：缺少图层 {layer}。", "Not judged: no layer {layer}."),
    "nothing": ("未涉及。", "Nothing is met."),
    "parcel": ("拟用海", "The planned use"),
    "approval": ("审批权限", "Who may approve"),
    "caution": ("{rule}：{basis}", "{rule}: {basis}"),
    "reclaim_new": (
        "填海须为国家重大项目并经国务院批准，2018 年停止令之后不再受理一般填海",
        "Fill: since the stop of 2018 only for national projects, by the State Council",
    ),
    "differs": (
        "注意：{use}的审批级别随面积算法而不同，须先确定中央经线和算法。",
        "Note: who approves the {use} use depends on how its area is counted; settle the central "
        "meridian and the method first.",
    ),
    "close": (
        "注意：{use}面积在界址点误差（2σ）之内临近分级界限。",
        "Note: the area of the {use} use lies within its corners' error (2 σ) of a threshold.",
    ),
    "split": (
        "疑似拆分：与近两年相邻的同类用海 {permits} 合计 {together:.4f} 公顷（本宗 {own:.4f} 公顷），"
        "单独批须{alone}，合计须{level}；{holder}。依据：{basis}",
        "A split? With adjacent {use} rights of the last two years ({permits}) it comes to "
        "{together:.4f} ha (this one {own:.4f} ha): {alone} alone, {level} together; {holder}. "
        "Basis: {basis}",
    ),
    "same_holder": ("使用权人相同", "of the same holder"),
    "any_holder": ("未比对使用权人", "holders were not compared"),
    "no_split": (
        "未发现与相邻近期用海合并后越级的情形。",
        "No split is seen with recent neighbours.",
    ),
    "natural_total": (
        "占用或紧邻自然岸线合计 {metres:.1f} m。",
        "Natural coast in all: {metres:.1f} m.",
    ),
    "baseline": ("基准 {name}", "baseline {name}"),
    "away": ("距 {metres:.0f} m", "{metres:.0f} m away"),
    "ha": ("公顷", "ha"),
    "sketch": ("示意图（上北，不供量算）", "sketch, north up, not to measure on"),
    "key_unit": ("拟用海", "planned use"),
    "key_permits": ("权属重叠", "shared with permits"),
    "key_zones": ("管控区重叠", "shared with zones"),
    "key_islands": ("海岛重叠", "shared with islands"),
    "key_coastline": ("岸线", "coast"),
    # headings
    "head_unit": ("单元", "unit"),
    "head_mode": ("用海方式", "mode"),
    "head_plane": ("平面面积（中央经线）", "plane area (meridian)"),
    "head_ellipsoid": ("椭球面积", "ellipsoid"),
    "head_difference": ("之差", "difference"),
    "head_strata_head": ("空间层", "strata"),
    "head_use": ("类别", "use"),
    "head_counted": ("算法", "counted on"),
    "head_area": ("面积", "area"),
    "head_level": ("审批机关", "approved by"),
    "head_basis": ("依据", "basis"),
    "head_permit": ("证号", "permit"),
    "head_how": ("关系", "how"),
    "head_amount": ("数量", "how much"),
    "head_strata_shared": ("共有空间层", "strata in common"),
    "head_term": ("期限", "term"),
    "head_segment": ("岸线", "segment"),
    "head_kind": ("类型", "kind"),
    "head_protection": ("保护等级", "protection"),
    "head_survey": ("基准", "baseline"),
    "head_number": ("编号", "number"),
    "head_name": ("名称", "name"),
    # values
    "surface": ("水面", "surface"),
    "water": ("水体", "water"),
    "seabed": ("海床", "seabed"),
    "subsoil": ("底土", "subsoil"),
    "fill": ("填海", "fill"),
    "structure": ("构筑物", "structure"),
    "enclosed": ("围海", "enclosed"),
    "open": ("开放式", "open"),
    "plane": ("平面，本宗中央经线", "plane, its own meridian"),
    "zone": ("平面，3° 带中央经线", "plane, the 3° zone's meridian"),
    "ellipsoid": ("椭球面", "ellipsoid"),
    "county": ("县级", "the county"),
    "city": ("市级", "the city"),
    "province": ("省级", "the province"),
    "nation": ("国务院", "the State Council"),
    "unknown_level": (
        "未收录（国家界限以下由各省规定）",
        "not on file (below the nation's, provinces decide)",
    ),
    "conflict": ("权利冲突", "conflict"),
    "other_strata": ("重叠但分层不冲突", "overlaps in other strata"),
    "ended": ("重叠，已失效或未生效", "overlaps, not in force"),
    "sliver": ("界线误差内的细缝", "a sliver within the outlines' error"),
    "adjacent": ("相邻", "adjacent"),
    "overlaps": ("重叠", "overlaps"),
    "near": ("邻近", "near"),
    "occupies": ("占用或紧邻", "in it or along its edge"),
    "touches": ("触及", "touches"),
    "protection_strict": ("严格保护", "strictly protected"),
    "protection_limited": ("限制开发", "limited use"),
    "protection_optimised": ("优化利用", "optimised use"),
}


def say(key: str, language: str, **values: Any) -> str:
    """A word or sentence in zh or en."""
    return SENTENCES[key][language == "en"].format(**values)
