"""What each rule rests on: articles, consequence, and what a breach may cost.

One row a rule, act and weight. The dates are the act's. A row's grade says how well its
content is known; see `acts`.
"""

from dataclasses import dataclass
from datetime import date

from .acts import (
    FILL_STOP,
    FILL_STOP_HOW,
    ISLANDS,
    MARINE,
    MARINE_2017,
    REDLINE,
    SEA_USE,
    SHANDONG_SEA_USE,
    TEXT_AS_OF,
    WEIHAI_COAST,
    Act,
    Pair,
)

RULE_IDS = (
    "fill_no_permit",
    "enclosed_no_permit",
    "no_permit",
    "beyond_permit",
    "use_changed",
    "expired",
    "not_dismantled",
    "natural_coast_occupied",
    "aquaculture_banned",
    "redline_entered",
    "island_changed",
    "island_connected",
    "basepoint_entered",
    "legacy_growing",
    "reclaim_new",
    "strict_coast",
    "limited_coast",
    "beach_enclosed",
    "renewal_due",
    "idle",
    "split_approval",
    "approval_level",
)
"""Every rule that has a basis, whether or not it is judged yet."""


@dataclass(frozen=True)
class Amount:
    """What a breach costs: from `low` to `high` yuan, or times the fee.

    per : fee (times the sea-use fee), metre (yuan a metre of coast), act (yuan).
    """

    low: float
    high: float
    per: str


@dataclass(frozen=True)
class Provision:
    """One act's answer to one rule.

    kinds : kinds of change it weighs; every kind where empty.
    amount : None where the text names no sum, or the sum is not known here.
    """

    rule: str
    act: Act
    articles: tuple[int, ...]
    consequence: Pair
    grade: str
    amount: Amount | None = None
    kinds: tuple[str, ...] = ()

    @property
    def effective_from(self) -> date | None:
        """First day of the act's text."""
        return self.act.effective_from

    @property
    def effective_to(self) -> date | None:
        """Last day of the act's text, inclusive."""
        return self.act.effective_to

    @property
    def region(self) -> str:
        """Where it holds: "" for the nation."""
        return self.act.region

    @property
    def source(self) -> str:
        """Where the act can be looked up."""
        return self.act.source

    @property
    def text_as_of(self) -> date:
        """When the text was read."""
        return TEXT_AS_OF

    def weighs(self, kind: str | None) -> bool:
        """Whether it speaks of a kind of change; None for any."""
        return kind is None or not self.kinds or kind in self.kinds


def _fee(low: float, high: float) -> Amount:
    return Amount(low, high, "fee")


def _act(low: float, high: float) -> Amount:
    return Amount(low, high, "act")


_OCCUPIED: Pair = (
    "恢复原状，处非法占用期间应缴海域使用金 5–15 倍罚款",
    "restore; 5–15 times the fee due for the illegal period",
)
_FILLED: Pair = (
    "恢复原状，处应缴海域使用金 10–20 倍罚款",
    "restore; 10–20 times the fee due",
)
_ON_EXCESS: tuple[Pair, Pair] = (
    ("对超出部分：" + _OCCUPIED[0], "on the excess: " + _OCCUPIED[1]),
    ("对超出部分（填海、围海）：" + _FILLED[0], "on the excess, fill or enclosure: " + _FILLED[1]),
)
_CHECK_EARLIER: Pair = (
    "2024 年前的条文和罚则待核",
    "earlier text: articles and fines to be checked",
)
_LOOKS_FILLED, _FLOATS = ("land_gained", "enclosed"), ("structure", "raft", "cage", "sea_change")

# fmt: off
PROVISIONS: tuple[Provision, ...] = (
    Provision("fill_no_permit", SEA_USE, (42,), _FILLED, "H", _fee(10, 20)),
    Provision("enclosed_no_permit", SEA_USE, (42,), _FILLED, "H", _fee(10, 20)),
    Provision("no_permit", SEA_USE, (42,), _OCCUPIED, "H", _fee(5, 15), _FLOATS),
    # until enclosures have a rule of their own, `no_permit` raises them too
    Provision("no_permit", SEA_USE, (42,), _FILLED, "H", _fee(10, 20), ("enclosed",)),
    Provision("beyond_permit", SEA_USE, (42,), _ON_EXCESS[0], "M", _fee(5, 15), _FLOATS),
    Provision("beyond_permit", SEA_USE, (42,), _ON_EXCESS[1], "M", _fee(10, 20), _LOOKS_FILLED),
    Provision("use_changed", SEA_USE, (28, 46),
        ("处应缴海域使用金 5–15 倍罚款", "5–15 times the fee"), "H", _fee(5, 15)),
    Provision("use_changed", SHANDONG_SEA_USE, (39,),
        ("改为填海的，处海域使用金 10–15 倍罚款", "changed to fill: 10–15 times the fee"),
        "H", _fee(10, 15), ("land_gained",)),
    Provision("use_changed", SHANDONG_SEA_USE, (39,),
        ("改为围海的，处海域使用金 8–12 倍罚款", "changed to enclosure: 8–12 times the fee"),
        "H", _fee(8, 12), ("enclosed",)),
    Provision("use_changed", SHANDONG_SEA_USE, (39,),
        ("其他改变，处海域使用金 5–10 倍罚款", "any other change: 5–10 times the fee"),
        "H", _fee(5, 10), _FLOATS),
    Provision("expired", SEA_USE, (26, 45),
        ("责令限期办理，可并处 1 万元以下罚款；拒不办理的，按非法占用海域论处",
         "renew in time, up to 10,000 yuan; who refuses occupies the sea illegally"),
        "H", _act(0, 10_000)),
    Provision("not_dismantled", SEA_USE, (29, 47),
        ("责令拆除，处 5 万元以下罚款", "order to dismantle, up to 50,000 yuan"),
        "H", _act(0, 50_000)),
    Provision("natural_coast_occupied", MARINE_2017, (), _CHECK_EARLIER, "L"),
    Provision("natural_coast_occupied", MARINE, (39, 97),
        ("按占用岸线每米 500–10,000 元罚款", "500–10,000 yuan a metre of coast"),
        "H", Amount(500, 10_000, "metre")),
    Provision("aquaculture_banned", MARINE_2017, (), _CHECK_EARLIER, "L"),
    Provision("aquaculture_banned", MARINE, (98,),
        ("处 2 万–20 万元罚款", "20,000–200,000 yuan"), "H", _act(20_000, 200_000)),
    Provision("aquaculture_banned", WEIHAI_COAST, (21, 39),
        ("处 5 万–10 万元罚款", "50,000–100,000 yuan"), "H", _act(50_000, 100_000)),
    Provision("redline_entered", REDLINE, (),
        ("立即上报，按红线管控要求处理", "escalate at once"), "M"),
    Provision("island_changed", ISLANDS, (28, 30, 47),
        ("在无居民海岛建设、生产：处 2 万–20 万元罚款",
         "building or working on an uninhabited island: 20,000–200,000 yuan"),
        "H", _act(20_000, 200_000)),
    Provision("island_changed", ISLANDS, (48,),
        ("严重改变无居民海岛地形、地貌：处 5 万–50 万元罚款",
         "gravely changing an uninhabited island's terrain: 50,000–500,000 yuan"),
        "H", _act(50_000, 500_000)),
    Provision("island_changed", ISLANDS, (47,),
        ("采石、采伐等而未建设的，罚款可能较轻（2 万元以下），待核",
         "quarrying or felling alone may weigh less (up to 20,000 yuan): to be checked"),
        "L", _act(0, 20_000), ("vegetation_lost", "cleared", "land_lost")),
    Provision("island_connected", ISLANDS, (27, 30, 45),
        ("填海连岛、改变海岛岸线：依照《海域使用管理法》按填海处罚，10–20 倍",
         "joining an island or altering its shore: punished as fill, 10–20 times the fee"),
        "H", _fee(10, 20)),
    Provision("basepoint_entered", ISLANDS, (37, 50),
        ("领海基点保护范围内施工：立即上报；处 2 万–20 万元罚款",
         "works in a base-point range: raise the alarm first; 20,000–200,000 yuan"),
        "H", _act(20_000, 200_000)),
    Provision("legacy_growing", FILL_STOP, (),
        ("历史围填海扩大：最优先处置", "growth of legacy reclamation: first priority"), "M"),
    Provision("legacy_growing", FILL_STOP_HOW, (),
        ("历史围填海处置不豁免新增", "settling legacy reclamation clears nothing new"), "M"),
    Provision("reclaim_new", FILL_STOP, (),
        ("除国家重大战略项目外全面停止新增围填海：最优先处置",
         "no new reclamation but for national projects: first priority"), "H"),
    Provision("reclaim_new", WEIHAI_COAST, (20,),
        ("禁止新增围填海", "no new reclamation"), "M"),
    Provision("strict_coast", WEIHAI_COAST, (12, 13, 14, 15, 19),
        ("严格保护岸线上的建设：移送处理", "building on strictly protected coast: refer"), "H"),
    Provision("limited_coast", WEIHAI_COAST, (12, 13, 14, 15, 19),
        ("限制开发岸线上的建设：移送处理", "building on coast of limited use: refer"), "H"),
    Provision("beach_enclosed", WEIHAI_COAST, (30, 44),
        ("圈占沙滩、礁石：责令改正", "beach or reef fenced off: order to put right"), "H"),
    Provision("renewal_due", SEA_USE, (26,),
        ("应在期满前两个月申请续期（提醒，不是处罚）",
         "apply two months before the end (a reminder, no penalty)"), "H"),
    Provision("renewal_due", SHANDONG_SEA_USE, (30,),
        ("应在期满 60 日前申请续期（提醒）", "apply 60 days before the end (a reminder)"), "H"),
    Provision("idle", SHANDONG_SEA_USE, (24, 38),
        ("闲置满一年：海域使用金 1–3 倍", "idle for more than a year: 1–3 times the fee"),
        "H", _fee(1, 3)),
    Provision("idle", SHANDONG_SEA_USE, (24, 38),
        ("闲置满两年：海域使用金 3–10 倍", "idle for more than two years: 3–10 times the fee"),
        "H", _fee(3, 10)),
    Provision("split_approval", SHANDONG_SEA_USE, (23,),
        ("化整为零分散报批：移送处理", "split to pass a threshold: refer"), "H"),
    Provision("approval_level", SEA_USE, (18, 43),
        ("越权批准无效", "an approval beyond its authority is void"), "H"),
    Provision("approval_level", SHANDONG_SEA_USE, (14, 15, 16),
        ("按山东省分级审批权限", "levels of approval in Shandong"), "H"),
)
# fmt: on
