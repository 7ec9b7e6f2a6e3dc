"""Every word an inspector reads, in Chinese and in English.

Sentences are constants; what comes from the data is only ever an argument to them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from ..law import basis
from ..sensors import SENSORS
from .page_words import PAGE_WORDS

Pair = tuple[str, str]  # Chinese, English

_WORDS: dict[str, Pair] = {
    **PAGE_WORDS,
    # the page
    "suspected": ("疑似", "suspected"),
    "disclaimer": (
        "图斑均为“疑似”，须现场核查后认定。坐标系 CGCS2000（与 WGS 84 之差未知，不保证厘米级）。",
        "Every flag is suspected until a visit has settled it. CGCS2000; "
        "its difference from WGS 84 is unknown, no centimetres are claimed.",
    ),
    "run": ("期号", "issue"),
    "run_day": ("运行日", "day of the run"),
    "chain_head": ("本期运行前的记录链首", "head of the record's chain before this run"),
    "flags": ("疑点图斑", "Flags"),
    "layers": ("图层", "Layers"),
    "back": ("返回列表", "Back to the list"),
    "close": ("关闭", "Close"),
    "list": ("列表", "List"),
    "more": ("显示更多", "Show more"),
    "compare": ("前后影像对比", "Compare before and after"),
    "compare_end": ("结束对比", "End comparison"),
    "divider": ("前后影像分界，可拖动或用左右方向键", "Divider: drag it, or use the arrow keys"),
    "before": ("前", "before"),
    "after": ("后", "after"),
    "no_picture": ("没有可用的前后影像截图", "No pictures of the two scenes are at hand"),
    "copy": ("复制坐标", "Copy coordinates"),
    "copied": ("已复制", "Copied"),
    "open_maps": ("本机地图", "Map app"),
    "amap": ("高德导航", "Amap"),
    "check": ("现场核查要点", "Check on site"),
    "fit": ("全部范围", "Whole area"),
    "sheet": ("展开或收起", "Open or fold"),
    # layers and legend
    "priority_1": ("一级：填海等", "First: fill"),
    "priority_2": ("二级：其他建设", "Second: other building"),
    "priority_3": ("三级：其余", "Third: the rest"),
    "cleared_flags": ("已消失", "Cleared"),
    "coast_natural": ("自然岸线", "Natural coast"),
    "coast_artificial": ("人工及其他岸线", "Artificial and other coast"),
    "islands": ("海岛", "Islands"),
    "permits_in_force": ("有效用海权属", "Permits in force"),
    "permits_ended": ("到期或未生效权属", "Permits not in force"),
    "zones": ("管控区", "Zones"),
    "coverage_yes": ("本期可见", "Seen in this run"),
    "coverage_no": ("本期未见", "Not seen in this run"),
    # notices
    "quiet": (
        "本期可见范围内未发现疑点。",
        "Nothing is suspected on the ground that was seen.",
    ),
    "nothing_seen": (
        "本期没有可比对的影像：未见不等于无变化，请安排现场或无人机巡查。",
        "No scenes could be compared in this run: not seen is not clear. Patrol the area.",
    ),
    "partly_seen": (
        "本期可见面积占 {seen}；未见部分不等于无变化，请安排巡查。",
        "{seen} of the area was seen; the rest is not clear but unknown. Patrol it.",
    ),
    "dates": ("连续可见的影像日数", "Clear days in a row that show it"),
    "min_seen": ("可见最小新增陆地", "Smallest new land that would be found"),
    "not_judged": (
        "未判定：缺少图层 {layers}，相关规则未执行。",
        "Not judged: no layer {layers}; its rules were not applied.",
    ),
    "skipped": ("未使用的输入", "Inputs left out"),
    # columns of a card
    "since": ("变化时段", "It happened between"),
    "first_seen": ("首次发现", "First found"),
    "last_seen": ("最近发现", "Last found"),
    "scenes": ("对比影像", "Scenes compared"),
    "tide": ("潮位（前／后）", "Tide (before / after)"),
    "tide_unknown": ("未知", "unknown"),
    "kind": ("变化类型", "Kind of change"),
    "how": ("识别依据与易混", "How it is told"),
    "area": ("变化面积（椭球，± 中误差）", "Area (ellipsoid, ± 1 σ)"),
    "excess": ("疑似违规面积（椭球，± 中误差）", "Suspected area (ellipsoid, ± 1 σ)"),
    "coast": ("占用岸线", "Coast"),
    "position": ("中心坐标", "Centre"),
    "tolerance": ("位置容差", "Position tolerance"),
    "meridian": ("中央经线", "central meridian"),
    "plane": ("平面面积（疑似违规／变化）", "Plane area (suspected / whole)"),
    "confidence": ("机器置信度（为真的概率）", "Machine's confidence (a chance)"),
    "level": ("可信等级", "Level"),
    "priority": ("优先级", "Priority"),
    "status": ("状态", "Status"),
    "verdict": ("核查结论", "Verdict"),
    "no_verdict": ("尚未核查", "not visited yet"),
    "basis": ("依据", "Basis"),
    "liability": ("责任估算", "Liability"),
    "source": ("来源", "Source"),
    "subject": ("涉及对象", "Concerns"),
    "no": ("编号", "Number"),
    "unnamed": ("（无名称）", "(no name)"),
    "nobody": ("未落实责任人", "nobody named"),
    "never_seen": ("从未可见", "never seen"),
    "flight": (
        "责任人 {owner}；未见天数：{days}；航程 {length}（直线计）",
        "For {owner}; unseen for: {days}; way {length} in straight lines",
    ),
    # values
    "status_new": ("新增", "new"),
    "status_open": ("持续", "open"),
    "status_unseen": ("本期未见", "not seen"),
    "status_cleared": ("已消失", "cleared"),
    "status_settled": ("已核定", "settled"),
    "level_low": ("低", "low"),
    "level_high": ("高", "high"),
    "level_highest": ("最高", "highest"),
    "verdict_lawful": ("合法", "lawful"),
    "verdict_suspected": ("疑似违法", "suspected violation"),
    "verdict_false_change": ("伪变化", "false change"),
    "verdict_legacy": ("历史遗留", "legacy"),
    "verdict_already_handled": ("已查处", "already handled"),
    "verdict_register_mismatch": ("登记不符", "register mismatch"),
    "verdict_pending": ("待核", "pending"),
    "record": ("沿革与证据", "What became of it"),
    "chance": ("综合可信度（含核查）", "All evidence, visits included (a chance)"),
    "cause_tide": ("潮汐", "tide"),
    "cause_season": ("季节", "season"),
    "cause_registration": ("配准", "registration"),
    "cause_cloud": ("云影", "cloud"),
    "cause_ship": ("船舶", "ship"),
    "cause_drift": ("漂浮物", "drift"),
    "cause_works_permitted": ("批准施工", "permitted works"),
    "cause_unreachable": ("无法到达", "unreachable"),
    "cause_other": ("其他", "other"),
    "step_last_clear": ("末次未见", "last seen without it"),
    "step_first_clear": ("首次可见", "first seen with it"),
    "step_detected": ("发现", "detected"),
    "step_assigned": ("交办", "assigned"),
    "step_on_site": ("到场", "on site"),
    "step_stopped": ("制止", "stopped"),
    "step_filed": ("立案", "filed"),
    "step_decided": ("处罚决定", "decided"),
    "step_restored": ("恢复", "restored"),
    "step_closed": ("办结", "closed"),
    "says_1": ("有", "there"),
    "says_-1": ("无", "not there"),
    "why_returned": ("消失后重现", "came back after it was gone"),
    "why_rule": ("触犯的规则改变", "another rule is broken now"),
    "why_grown": ("核定后扩大", "grew after it was settled"),
    "told_parent": ("由图斑 {parent} 分出。", "Parted from flag {parent}."),
    "told_merged": (
        "已与图斑 {merged_into} 连成一片。",
        "Has grown together with flag {merged_into}.",
    ),
    "told_reopened": ("{on} 重新列为疑点：{why}。", "Opened again on {on}: {why}."),
    "told_rule": ("{on} 以前按“{was}”列出。", "Listed as “{was}” until {on}."),
    "told_outline": (
        "轮廓取自{by}（{on}），面积由 {was} 改为 {now}。",
        "Outline by {by} ({on}): {now} instead of {was}.",
    ),
    "told_doubt": (
        "此处 {at} 曾核定为伪变化（{cause}，图斑 {flag}），置信度已调低。",
        "A change here was found false on {at} ({cause}, flag {flag}); confidence is lower for it.",
    ),
    "told_contradicted": ("核查结论不一致：{list}。", "Visits disagree: {list}."),
    "visit": ("核查", "visit"),
    "told_proof": ("核查 {at} {by}：{proof}。", "Visit of {at} by {by}: {proof}."),
    "proof_signed": ("以已登记的密钥签名", "signed with an enrolled key"),
    "proof_checksum only": (
        "仅有校验和，不能证明出自何人",
        "a checksum only, which proves nothing of who wrote it",
    ),
    "proof_none": ("表格录入，无校验", "from a sheet, without any proof"),
    "told_conflict": (
        "证据相互矛盾，未作平均：{list}。",
        "Evidence disagrees and is not averaged: {list}.",
    ),
    "kind_land_gained": ("新增陆地", "new land"),
    "kind_land_lost": ("陆地变水域", "land turned to water"),
    "kind_enclosed": ("围割海域", "enclosed water"),
    "kind_structure": ("构筑物", "structure"),
    "kind_raft": ("筏架", "rafts"),
    "kind_cage": ("网箱", "cages"),
    "kind_cleared": ("清表", "cleared ground"),
    "kind_built": ("建筑", "building"),
    "kind_vegetation_lost": ("植被减少", "vegetation lost"),
    "kind_sea_change": ("海面异常变化", "change on the sea"),
    # how each kind is told, and what is easily taken for it
    "how_land_gained": (
        "水体指数由水变陆；潮位、浅滩出露、泊船和云影易混。",
        "The water index turned from water to land. Tide, bars, moored ships and cloud shadow look alike.",
    ),
    "how_land_lost": (
        "水体指数由陆变水；高潮和云影易混。",
        "The water index turned from land to water. High tide and cloud shadow look alike.",
    ),
    "how_enclosed": (
        "新堤围住原与外海相连的水面；低潮露滩易混。",
        "A new barrier cut this water off the open sea. Bars at low water look alike.",
    ),
    "how_structure": (
        "海面出现细长、伸离岸线的物体；靠泊船只和礁石浪花易混。",
        "Something thin and long stands out from the shore. Ships at berth and surf on reefs look alike.",
    ),
    "how_raft": (
        "海面出现成片、边缘平直的斑块，十米影像分不出单行；浊流、风纹和季节收放易混。",
        "A wide block with straight edges stands out of the sea; at ten metres no single rows. Plumes, wind streaks and the season look alike.",
    ),
    "how_cage": (
        "海面出现纵横等距的亮环或方格；锚泊小船和浮标易混。",
        "Rings or squares stand in a grid. Moored boats and buoys look alike.",
    ),
    "how_cleared": ("地表由植被变为裸地。", "Ground turned from green to bare."),
    "how_built": (
        "裸地明显变亮且无植被；晒场、积雪和干沙易混。",
        "Bare ground became brighter and is not green. Drying yards, snow and dry sand look alike.",
    ),
    "how_vegetation_lost": (
        "植被指数下降超过同季周边；收割、火烧和阴影易混。",
        "Green was lost beyond what the season took all around. Harvest, fire and shadow look alike.",
    ),
    "how_sea_change": (
        "海面出现明显区别于周边的物体，类型未定；船只和云丝易混。",
        "Something stands out of the sea around it, of no known kind. Ships and wisps of cloud look alike.",
    ),
    "segment_bedrock": ("基岩岸线", "bedrock coast"),
    "segment_sandy": ("砂质岸线", "sandy coast"),
    "segment_muddy": ("淤泥质岸线", "muddy coast"),
    "segment_biological": ("生物岸线", "biological coast"),
    "segment_restored": ("修复岸线", "restored coast"),
    "segment_estuary": ("河口岸线", "estuary"),
    "segment_artificial": ("人工岸线", "artificial coast"),
    "zone_redline": ("生态红线", "ecological red line"),
    "zone_aquaculture_ban": ("禁养区", "aquaculture ban"),
    "zone_legacy_reclamation": ("历史围填海", "legacy reclamation"),
    "zone_basepoint": ("领海基点保护范围", "base-point range"),
    "zone_protected": ("保护区", "protected area"),
    "why_clear": ("两期影像均清晰", "clear in both scenes"),
    "why_masked": ("云、影或无数据", "cloud, shadow or no data"),
    "why_no_reference": ("没有可比的历史影像", "no earlier scene to compare"),
    "why_not_imaged": ("本期无影像", "not imaged"),
    "inhabited_yes": ("有居民海岛", "an inhabited island"),
    "inhabited_no": ("无居民海岛", "an uninhabited island"),
    "inhabited_unknown": (
        "有无居民不明、按无居民判定的海岛",
        "an island not known to be inhabited and judged as uninhabited",
    ),
    "joined_yes": ("连接", "joins"),
    "joined_no": ("紧贴", "lies on the shore of"),
    "due_open": ("应在 {due} 前提出（还有 {days} 天）", "is due by {due}, in {days} days"),
    "due_missed": ("本应在 {due} 前提出（已过 {days} 天）", "was due by {due}, {days} days ago"),
    "idle_open": (
        "满 {years} 年仍未见新建（{seen} 的影像全域清晰）",
        "for {years} years and more nothing new is seen on it ({seen}, all of it clear)",
    ),
    "idle_not_known": (
        "是否动工尚不能判定（未见清晰影像）",
        "whether anything was built is not known: it was not seen clear",
    ),
    "level_nation": ("国务院", "the State Council"),
    "level_province": ("省级政府", "the province"),
    "level_city": ("市级政府", "the city"),
    "level_county": ("县级政府", "the county"),
    "also": ("同一行为还涉及", "The same act also"),
    "meanwhile": (
        "权属 {permits} 的起止日期落在变化时段内，变化发生时是否有效不能确定",
        "Permits {permits} began or ended while it may have come about: whether they were in force "
        "then is not known",
    ),
    "zone_uncertain": (
        "该区并非在整个变化时段内有效，变化发生时是否有效不能确定",
        "The zone was not in force all the time in which it may have come about",
    ),
    "mismatch": ("登记不符的可能", "The register may be wrong"),
    "mismatch_said": (
        "权属 {permit_id} 若按“{mistake}”平移（东 {dx}、北 {dy}），与图斑重合度由 {before} 升至 {after}",
        "permit {permit_id}, moved back by {mistake} ({dx} east, {dy} north on the register), fits "
        "{after} of it instead of {before}",
    ),
    "mistake_beijing54": ("误将北京54坐标当作 CGCS2000", "Beijing 1954 degrees taken for CGCS2000"),
    "mistake_beijing54_plane": (
        "误将北京54平面坐标当作 CGCS2000",
        "Beijing 1954 plane coordinates taken for CGCS2000",
    ),
    "mistake_gcj02": ("误用网络地图（GCJ-02）坐标", "coordinates of a web map (GCJ-02)"),
    "mistake_meridian": ("中央经线错误", "another central meridian"),
    "mistake_digit": ("经纬度数字抄错", "a wrong digit"),
    "mistake_corner": ("一个界址点数字抄错", "a wrong digit of one corner"),
    "reminders_listed": (
        "另有 {number} 项提醒（续期、拆除、闲置、审批），见 flags.xlsx 的“提醒事项”表；提醒不是疑点。",
        "{number} reminders besides (renewal, dismantling, idle rights, approvals) are listed in "
        "flags.xlsx, sheet reminders; they are no suspicion.",
    ),
    "layer_permits": ("用海权属", "permits"),
    "layer_coastline": ("海岸线", "coastline"),
    "layer_islands": ("海岛", "islands"),
    "layer_zones": ("管控区", "zones"),
    "layer_duty": ("责任网格", "duty"),
    "layer_known": ("已处理目标", "known objects"),
}

MODES: dict[str, Pair] = {
    "11": ("建设填海造地", "fill for construction"),
    "12": ("农业填海造地", "fill for farming"),
    "13": ("废弃物处置填海造地", "fill for waste"),
    "21": ("非透水构筑物", "solid structure"),
    "22": ("跨海桥梁、海底隧道", "bridge or tunnel"),
    "23": ("透水构筑物", "structure on piles"),
    "31": ("港池、蓄水", "harbour basin"),
    "32": ("盐业", "salt pans"),
    "33": ("围海养殖", "enclosed aquaculture"),
    "41": ("开放式养殖", "open aquaculture"),
    "42": ("浴场", "bathing"),
    "43": ("游乐场", "recreation"),
    "44": ("专用航道、锚地及其他开放式", "fairway, anchorage and other open use"),
    "51": ("人工岛式油气开采", "oil and gas, artificial island"),
    "52": ("平台式油气开采", "oil and gas, platform"),
    "53": ("海底电缆管道", "cable or pipeline"),
    "54": ("海砂等矿产开采", "sand and minerals"),
    "55": ("取、排水口", "intake or outlet"),
    "56": ("污水达标排放", "treated sewage"),
    "57": ("倾倒", "dumping"),
}


@dataclass(frozen=True)
class RuleWords:
    """A rule in words, each in Chinese and English.

    sentence : a format string over the finding's numbers, written out (`_spoken`).
    """

    title: Pair
    sentence: Pair
    check: Pair


RULE_WORDS: dict[str, RuleWords] = {
    "fill_no_permit": RuleWords(
        ("疑似未批填海", "Suspected fill without a permit"),
        (
            "疑似未批填海：{kind}中有 {excess} 不在任何有效用海权之内（已扣除 {tolerance} 位置容差）。",
            "Suspected fill without a permit: {excess} of {kind} lies in no permit in force, "
            "beyond the position tolerance of {tolerance}.",
        ),
        (
            "是否真为填筑（而非低潮露滩、浮泥、船舶、泡沫）；填料和边界；施工单位与许可文件；拍摄四至照片。",
            "Is it really fill, not a flat at low tide, a plume, a ship or foam? Material, edges, "
            "who builds and with what paper; photograph all sides.",
        ),
    ),
    "beyond_permit": RuleWords(
        ("疑似超范围用海", "Suspected use beyond its permit"),
        (
            "疑似超出权属 {permit_id} 的范围：超出 {excess}（占 {share}，已扣除 {tolerance} 位置容差）。",
            "Suspected use beyond permit {permit_id}: {excess} lies outside ({share} of the whole), "
            "beyond the position tolerance of {tolerance}.",
        ),
        (
            "用手持 RTK 量测越界一侧的边界；核对权属界址点与批复；是否为相邻权属所有。",
            "Measure the outer edge with RTK; compare with the parcel's corner points and the "
            "approval; does it belong to a neighbouring permit?",
        ),
    ),
    "use_changed": RuleWords(
        ("疑似擅自改变用海方式", "Suspected change of use"),
        (
            "疑似改变用途：权属 {permit_id} 批准的方式为{mode}，影像显示{kind} {excess}。",
            "Suspected change of use: permit {permit_id} is for {mode}, imagery shows "
            "{excess} of {kind}.",
        ),
        (
            "现场实际用途；是否透水（桩基或实体）；堤坝宽度；有无变更批复。",
            "What is it used for; piles or solid; how wide is the dike; is there an approval of "
            "the change?",
        ),
    ),
    "expired": RuleWords(
        ("疑似到期后继续用海", "Suspected use after the right ended"),
        (
            "疑似到期继续用海：权属 {permit_id} 已于 {valid_to} 到期（{days} 天前），仍有{kind} {excess}。",
            "Suspected use after its end: permit {permit_id} ended on {valid_to}, {days} days ago; "
            "{excess} of {kind} is still there.",
        ),
        (
            "设施是否仍在使用；有无续期申请或受理凭证；是否应拆除。",
            "Is it still in use; is there an application for renewal; must it be dismantled?",
        ),
    ),
    "no_permit": RuleWords(
        ("疑似无权用海", "Suspected use without a permit"),
        (
            "疑似无权用海：{kind} {excess} 所在位置和空间层没有有效用海权（已扣除 {tolerance} 位置容差）。",
            "Suspected use without a permit: {excess} of {kind} where no right in force covers the "
            "place and stratum, beyond the position tolerance of {tolerance}.",
        ),
        (
            "是否为船舶、浮标、漂浮物等临时目标；筏架、网箱、构筑物的数量与业主；许可文件。",
            "Is it a ship, a buoy or drift? How many rafts, cages or piles, whose, and with what "
            "paper?",
        ),
    ),
    "natural_coast_occupied": RuleWords(
        ("疑似占用自然岸线", "Suspected occupation of natural coast"),
        (
            "疑似占用自然岸线：{kind}占用{segment}（{segment_id}{more_segments}）约 {coast}（官方岸线基准 {baseline}）。",
            "Suspected occupation of natural coast: {kind} on about {coast} of {segment} "
            "({segment_id}{more_segments}), on the official line {baseline}.",
        ),
        (
            "岸线是否被覆盖、切断或硬化；起止点坐标；有无占补或豁免文件；是否只是滩面堆积。",
            "Is the coast covered, cut off or hardened; coordinates of both ends; any offset or "
            "exemption; or is it only wrack on the beach?",
        ),
    ),
    "island_changed": RuleWords(
        ("疑似擅自改变海岛", "Suspected change of an island"),
        (
            "疑似擅自改变海岛：{island}（{inhabited}）上有{kind} {excess}，没有有效的海岛使用权。",
            "Suspected change of an island: {excess} of {kind} on {island} ({inhabited}), "
            "under no right to use the island.",
        ),
        (
            "是否采石、清表、建房、修路；植被是否只是季节变化或火烧；有无用岛批复。",
            "Quarry, clearing, building or track? Or only season or fire? Any approval to use the "
            "island?",
        ),
    ),
    "redline_entered": RuleWords(
        ("疑似进入生态红线", "Suspected change inside a red line"),
        (
            "疑似进入生态红线：{zone}内有{kind} {excess}（已扣除 {tolerance} 位置容差）。",
            "Suspected change inside a red line: {excess} of {kind} in {zone}, beyond the position "
            "tolerance of {tolerance}.",
        ),
        (
            "活动性质与主体；是否自然变化（潮汐、淤积、植被）；有无批准文件；尽快上报。",
            "What is done and by whom; or is it natural (tide, silting, plants); any approval; "
            "report at once.",
        ),
    ),
    "enclosed_no_permit": RuleWords(
        ("疑似未批围海", "Suspected enclosure without a permit"),
        (
            "疑似未批围海：{kind}中有 {excess} 不在任何有效用海权之内（已扣除 {tolerance} 位置容差）。",
            "Suspected enclosure without a permit: {excess} of {kind} lies in no permit in force, "
            "beyond the position tolerance of {tolerance}.",
        ),
        (
            "堤坝是否合拢、用何材料；围内水体用途；是否只是低潮露滩；施工单位与许可文件。",
            "Is the dike closed, and of what; what is the water for; or is it a bar at low tide? Who "
            "builds, and with what paper?",
        ),
    ),
    "reclaim_new": RuleWords(
        ("疑似违规新增围填海", "Suspected new reclamation since the stop"),
        (
            "疑似违规新增围填海：{kind} {excess} 位于权属 {permit_id} 内，但该权属由{authority}在 2018 年停批新增围填海之后批准，并非国家批准。",
            "Suspected new reclamation: {excess} of {kind} in permit {permit_id}, which {authority} "
            "gave after new reclamation was stopped in 2018; it is not the nation's.",
        ),
        (
            "是否国家重大战略项目；批准文件及批准机关；是否属历史围填海处置；立即上报。",
            "Is it a national project; the approval, and who gave it; or settled legacy? Report at "
            "once.",
        ),
    ),
    "legacy_growing": RuleWords(
        ("疑似历史围填海区新增填海", "Suspected growth of a legacy reclamation"),
        (
            "疑似历史围填海区新增填海：{zone}内或紧邻处新增{kind} {excess}。",
            "Suspected growth of a legacy reclamation: {excess} of {kind} in or next to {zone}.",
        ),
        (
            "与历史围填海清单及备案处理方案逐一核对；新增部分的时间与施工单位；立即上报。",
            "Compare with the register of legacies and the plan on file; when and by whom was it "
            "added? Report at once.",
        ),
    ),
    "basepoint_entered": RuleWords(
        ("疑似进入领海基点保护范围", "Suspected works in a base-point range"),
        (
            "疑似进入领海基点保护范围：{zone}内有{kind} {excess}（已扣除 {tolerance} 位置容差）。",
            "Suspected works in the range of a base point: {excess} of {kind} in {zone}, beyond the "
            "position tolerance of {tolerance}.",
        ),
        (
            "先报警并上报；标志是否完好；活动性质与主体；不得公开具体坐标。",
            "Raise the alarm and report first; is the marker whole; what is done and by whom? Do not "
            "publish coordinates.",
        ),
    ),
    "island_connected": RuleWords(
        ("疑似填海连岛或改变海岛岸线", "Suspected joining of an island, or change of its shore"),
        (
            "疑似填海连岛或改变海岛岸线：{kind} {excess} {joined}{island}，沿其岸线约 {shore}，没有有效的用海权。",
            "Suspected fill at an island: {excess} of {kind} {joined} {island}, along about {shore} "
            "of its shore, under no right to the sea.",
        ),
        (
            "是否实体连岛（或桩基、桥）；连接两端位置；填料与施工单位；有无批准文件。",
            "Is the link solid, on piles or a bridge; where are its ends; material, builder, "
            "approval?",
        ),
    ),
    "strict_coast": RuleWords(
        ("疑似占用严格保护岸线", "Suspected building on strictly protected coast"),
        (
            "疑似占用严格保护岸线：{kind}占用{segment}（{segment_id}{more_segments}）约 {coast}。",
            "Suspected building on strictly protected coast: {kind} on about {coast} of {segment} "
            "({segment_id}{more_segments}).",
        ),
        (
            "建设内容和主体；是否公益或防护设施；有无批准文件；起止点坐标。",
            "What is built and by whom; is it for the public or for protection; any approval; "
            "coordinates of both ends?",
        ),
    ),
    "limited_coast": RuleWords(
        ("疑似违规占用限制开发岸线", "Suspected building on limited coast"),
        (
            "疑似违规占用限制开发岸线：{kind}占用{segment}（{segment_id}{more_segments}）约 {coast}，没有有效的用海权。",
            "Suspected building on limited coast: {kind} on about {coast} of {segment} "
            "({segment_id}{more_segments}), under no right.",
        ),
        (
            "建设内容和主体；有无批准文件；是否改变海岸自然形态；起止点坐标。",
            "What is built and by whom; any approval; does it change the shape of the coast; "
            "coordinates of both ends?",
        ),
    ),
    "beach_enclosed": RuleWords(
        ("疑似圈占海滩、礁石", "Suspected fencing-off of a beach or reef"),
        (
            "疑似圈占海滩、礁石：{kind}隔断{segment}（{segment_id}{more_segments}）约 {coast}。",
            "Suspected fencing-off: {kind} along about {coast} of {segment} ({segment_id}{more_segments}).",
        ),
        (
            "公众能否通行；围挡材料与主体；是否收费；有无批准文件。",
            "Can people pass; what is the fence and whose; is there a charge; any approval?",
        ),
    ),
    "aquaculture_banned": RuleWords(
        ("疑似禁养区内养殖", "Suspected aquaculture in a ban zone"),
        (
            "疑似禁养区内养殖：{zone}内有{kind} {excess}（已扣除 {tolerance} 位置容差）。",
            "Suspected aquaculture in a ban zone: {excess} of {kind} in {zone}, beyond the position "
            "tolerance of {tolerance}.",
        ),
        (
            "养殖种类、数量与业主；是否在用；有无限期清退通知；清退进度。",
            "What is farmed, how much and whose; is it in use; any order to leave, and how far along?",
        ),
    ),
    "renewal_due": RuleWords(
        ("用海权即将到期", "A right ends soon"),
        (
            "权属 {permit_id} 于 {valid_to} 到期，续期申请{due_said}。",
            "Permit {permit_id} ends on {valid_to}; the application for more {due_said}.",
        ),
        (
            "提醒用海权人按期申请续期或安排拆除。",
            "Remind the holder to apply in time, or to clear the place.",
        ),
    ),
    "not_dismantled": RuleWords(
        ("到期设施未拆除", "Works still stand after their right"),
        (
            "权属 {permit_id} 已于 {valid_to} 到期（{days} 天前），其间建成的{kind}约 {standing} 仍在原处。",
            "Permit {permit_id} ended on {valid_to}, {days} days ago; about {standing} of {kind} "
            "built under it still stands.",
        ),
        (
            "设施是否仍在使用；有无续期申请或拆除通知；拆除期限。",
            "Is it in use; any application for renewal or order to remove it; by when?",
        ),
    ),
    "idle": RuleWords(
        ("用海权闲置", "Nothing built under a right"),
        (
            "权属 {permit_id} 自 {valid_from} 起有效，{idle_said}。",
            "Permit {permit_id} has been in force since {valid_from}; {idle_said}.",
        ),
        (
            "现场是否已动工；未动工原因；是否已缴闲置费或申请延期。",
            "Has work begun on site; if not, why; was a fee paid or an extension asked for?",
        ),
    ),
    "split_approval": RuleWords(
        ("疑似拆分审批", "One use in several approvals"),
        (
            "权属 {permits} 相邻、同一使用权人、起始日期相近，合计 {total_ha} 公顷，应由{required}批准（单宗最高{level}）。",
            "Permits {permits} lie side by side, of one holder and one time, {total_ha} ha in all: "
            "for {required} to approve, while each alone needs no more than {level}.",
        ),
        (
            "核对项目立项与批复，是否为同一项目化整为零。",
            "Compare project and approvals: is it one project in parts?",
        ),
    ),
    "approval_level": RuleWords(
        ("批准机关级别不足", "Approved at too low a level"),
        (
            "权属 {permit_id}（{size_ha} 公顷）由{authority}批准，按面积应由{required}批准。",
            "Permit {permit_id} ({size_ha} ha) was approved by {authority}; its area is for "
            "{required} to approve.",
        ),
        (
            "核对批准文件、授权与审批时的标准。",
            "Check the approval, any delegation, and the thresholds of its day.",
        ),
    ),
}


def word(key: str, language: str) -> str:
    """One word in `language`, zh or en."""
    return _WORDS[key][language == "en"]


def words(language: str) -> dict[str, str]:
    """Every word in one language, for the page."""
    return {key: word(key, language) for key in _WORDS}


def rule_word(rule: str, part: str, language: str) -> str:
    """A rule's title or check; its name where it has no words yet."""
    if rule not in RULE_WORDS:
        return rule
    return getattr(RULE_WORDS[rule], part)[language == "en"]


def mode_codes() -> dict[str, str]:
    """The code of each use mode by its name in either language, and by itself."""
    named = {name: code for code, names in MODES.items() for name in names}
    return {**named, **{code: code for code in MODES}}


def area(m2: float, language: str, sigma_m2: float | None = None) -> str:
    """An area with its error: hectares to four decimals from 1,000 m², else whole m²."""
    large = abs(m2) >= 1000
    unit = ("公顷" if language == "zh" else "ha") if large else "m²"
    numbers = [m2, sigma_m2] if sigma_m2 is not None else [m2]
    said = " ± ".join(f"{n / 1e4:.4f}" if large else f"{n:.0f}" for n in numbers)
    return f"{said} {unit}"


def bracketed(text: str, language: str) -> str:
    """A text in brackets, as it follows another.

    >>> bracketed("k = 2", "zh"), bracketed("k = 2", "en")
    ('（k = 2）', ' (k = 2)')
    """
    return f"（{text}）" if language == "zh" else f" ({text})"


def observer(name: str, language: str) -> str:
    """A sensor by its title; anybody else, an officer, by name."""
    sensor = SENSORS.get(name)
    return str(getattr(sensor, f"title_{language}")) if sensor else name


def length(m: float, sigma_m: float | None = None) -> str:
    """A length with its error, in whole metres."""
    return f"{m:.0f} m" if sigma_m is None else f"{m:.0f} ± {sigma_m:.0f} m"


def _more_segments(number: int, language: str) -> str:
    if number < 1:
        return ""
    return f" 等 {number + 1} 段" if language == "zh" else f" and {number} more"


def reason(rule: str, numbers: dict[str, Any], language: str) -> str:
    """Why a flag was raised, in one sentence with the numbers that decided."""
    spoken = _spoken(numbers, language)
    if rule in RULE_WORDS:
        said = RULE_WORDS[rule].sentence[language == "en"].format(**spoken)
        return said + _named(numbers, language)
    return f"{word('suspected', language)} {rule}: {spoken['kind']} {spoken['excess']}"


def _named(numbers: dict[str, Any], language: str) -> str:
    """What else stands on a flag: other rules the act breaks, and a register that may be wrong."""
    space, stop = ("", "。") if language == "zh" else (" ", ".")
    said = ""
    if others := numbers.get("also"):
        listed = [
            f"{rule_word(o['rule'], 'title', language)} {area(o['area_m2'], language)}"
            for o in others
        ]
        joined = ("；" if language == "zh" else "; ").join(listed)
        said += f"{space}{word('also', language)}{'：' if language == 'zh' else ': '}{joined}{stop}"
    if crossed := numbers.get("meanwhile"):
        names = ("、" if language == "zh" else ", ").join(m["permit_id"] for m in crossed)
        said += f"{space}{word('meanwhile', language).format(permits=names)}{stop}"
    if numbers.get("zone_certain") is False:
        said += f"{space}{word('zone_uncertain', language)}{stop}"
    if moved := numbers.get("mismatch"):
        text = word("mismatch_said", language).format(
            permit_id=moved["permit_id"],
            mistake=f"{word('mistake_' + moved['kind'], language)} {moved['detail']}".strip(),
            dx=f"{moved['dx_m']:+.0f} m",
            dy=f"{moved['dy_m']:+.0f} m",
            before=f"{moved['iou_before']:.0%}",
            after=f"{moved['iou_after']:.0%}",
        )
        mark = "：" if language == "zh" else ": "
        said += f"{space}{word('mismatch', language)}{mark}{text}{stop}"
    return said


def remind_said(rule: str, numbers: dict[str, Any], state: str, language: str) -> str:
    """A reminder in one sentence."""
    due = word(f"due_{state}", language) if f"due_{state}" in _WORDS else ""
    idle = word(f"idle_{state}", language) if f"idle_{state}" in _WORDS else ""
    days = abs(numbers.get("days") or 0)
    said = {
        **numbers,
        "days": days,
        "due_said": due.format(due=numbers.get("due"), days=days),
        "idle_said": idle.format(years=numbers.get("years"), seen=numbers.get("seen")),
        "kind": word(f"kind_{numbers['kind']}", language) if "kind" in numbers else "",
        "standing": area(numbers.get("standing_m2") or 0, language),
        "permits": ("、" if language == "zh" else ", ").join(numbers.get("permits") or []),
    }
    for key in ("level", "required"):
        if key in numbers:
            said[key] = word(f"level_{numbers[key]}", language)
    return RULE_WORDS[rule].sentence[language == "en"].format(**said)


def reminders_said(
    reminders: gpd.GeoDataFrame, on: date, language: str, where: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """`reminders` with their reason and the legal basis of the day `on` said in `language`."""
    rows = zip(reminders.rule, reminders.numbers.map(json.loads), reminders.state, strict=True)
    reasons = [remind_said(rule, numbers, state, language) for rule, numbers, state in rows]
    bases = [basis(rule, on, on, language, where) for rule in reminders.rule]
    return reminders.assign(
        reason=pd.Series(reasons, index=reminders.index, dtype=object),
        basis=pd.Series(bases, index=reminders.index, dtype=object),
    )


def _spoken(numbers: dict[str, Any], language: str) -> dict[str, Any]:
    """A finding's numbers as a sentence says them."""
    unnamed = word("unnamed", language)
    mode = str(numbers.get("use_mode"))
    said = {
        "kind": word(f"kind_{numbers['kind']}", language),
        "excess": area(numbers["excess_m2"], language, numbers["excess_sigma_m2"]),
        "tolerance": f"{numbers['tolerance_m']:.1f} m",
        "permit_id": numbers.get("permit_id"),
        "share": f"{numbers.get('outside_share') or 0:.0%}",
        "valid_to": numbers.get("valid_to"),
        "days": numbers.get("days"),
        "mode": f"{mode} {MODES[mode][language == 'en']}" if mode in MODES else mode,
        "coast": length(numbers.get("coast_m") or 0, numbers.get("coast_sigma_m")),
        "segment_id": numbers.get("segment_id"),
        "more_segments": _more_segments(int(numbers.get("segments") or 1) - 1, language),
        "baseline": numbers.get("baseline") or unnamed,
        "island": numbers.get("island_name") or numbers.get("island_id") or unnamed,
        "zone": numbers.get("zone_name") or numbers.get("zone_id") or unnamed,
        "authority": numbers.get("authority") or unnamed,
        "shore": f"{numbers.get('shore_m') or 0:.0f} m",
        "joined": word("joined_yes" if numbers.get("joined") else "joined_no", language),
    }
    for key, prefix in (("segment_kind", "segment"), ("inhabited", "inhabited")):
        if key in numbers:
            said[prefix] = word(f"{prefix}_{numbers[key]}", language)
    return said


def spoken(prefix: str) -> dict[str, str]:
    """What each word of one sort means, by the word itself in either language."""
    kept = {k: pair for k, pair in _WORDS.items() if k.startswith(prefix + "_")}
    return {text: key.removeprefix(prefix + "_") for key, pair in kept.items() for text in pair}


def told(record: dict[str, Any], language: str) -> list[str]:
    """What became of a flag, a sentence each."""

    def say(key: str, **numbers: Any) -> str:
        return word(f"told_{key}", language).format(**numbers)

    said = []
    if "parent" in record:
        said.append(say("parent", parent=record["parent"]))
    if "merged_into" in record:
        said.append(say("merged", merged_into=record["merged_into"]))
    for turn in record.get("history", []):
        if turn["what"] == "reopened":
            said.append(say("reopened", on=turn["on"], why=word(f"why_{turn['why']}", language)))
        if turn["what"] == "rule":
            said.append(say("rule", on=turn["on"], was=rule_word(turn["was"], "title", language)))
    if outline := record.get("outline"):
        was, now = (outline.get(key) for key in ("was_m2", "m2"))
        if was is not None:
            sizes = {"was": area(was, language), "now": area(now, language)}
            by = observer(outline["by"], language)
            said.append(say("outline", on=outline["on"], by=by, **sizes))
    said += doubted(record, language)
    for look in record.get("evidence", []):
        if "proof" in look:
            proof = word(f"proof_{look['proof']}", language)
            said.append(say("proof", at=look["at"][:10], by=look["by"], proof=proof))
    if visits := record.get("contradicted"):
        texts = [f"{v['at']} {v['by']} {word('verdict_' + v['verdict'], language)}" for v in visits]
        said.append(say("contradicted", list="; ".join(texts)))
    if looks := record.get("conflict"):
        texts = [
            f"{i['at'][:10]} {observer(i['by'], language)} " + word(f"says_{i['says']}", language)
            for i in looks
        ]
        said.append(say("conflict", list="; ".join(texts)))
    return said


def doubted(record: dict[str, Any], language: str) -> list[str]:
    """Why a flag is doubted: its ground was a false change before."""
    if not (doubt := record.get("doubt")):
        return []
    cause = word(f"cause_{doubt['cause']}", language)
    fields = {"at": doubt["at"], "flag": doubt["flag"], "cause": cause}
    return [word("told_doubt", language).format(**fields)]


def with_words(
    findings: gpd.GeoDataFrame, language: str, where: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """`findings` with their reason and legal basis said in `language`.

    where : regions whose own law holds beside the nation's (`law.regions`).
    """
    numbers = findings.numbers.map(json.loads)
    reasons = [reason(r, n, language) for r, n in zip(findings.rule, numbers, strict=True)]
    if "record" in findings:  # flags, not findings
        records = [json.loads(text) if text else {} for text in findings.record]
        reasons = [
            " ".join([said, *doubted(own, language)])
            for said, own in zip(reasons, records, strict=True)
        ]
    rows = zip(findings.rule, findings.before, findings.after, strict=True)
    bases = [basis(rule, before, after, language, where) for rule, before, after in rows]
    basis_column = pd.Series(bases, findings.index, dtype=object)
    return findings.assign(reason=reasons, basis=basis_column)
