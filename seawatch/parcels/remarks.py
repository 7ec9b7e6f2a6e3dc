"""What there is to say of a table of corner points, in Chinese and in English.

An assumption was made and can be wrong; a notice should be known; a fault stops the table
from being used. Sentences are constants; what comes from the file is an argument to them.
"""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["assumed", "notice", "fault"]


@dataclass(frozen=True)
class Remark:
    """One thing to say: its kind, its sentence by key, and what goes into it."""

    kind: Kind
    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def text(self, language: str) -> str:
        """The sentence in zh or en."""
        return SENTENCES[self.key][language == "en"].format(**dict(self.values))


def assumed(key: str, **values: Any) -> Remark:
    """What the table does not say and was taken to be so."""
    return Remark("assumed", key, tuple(values.items()))


def notice(key: str, **values: Any) -> Remark:
    """What should be known of the table."""
    return Remark("notice", key, tuple(values.items()))


def fault(key: str, **values: Any) -> Remark:
    """What must be mended or said before the table can be used."""
    return Remark("fault", key, tuple(values.items()))


SENTENCES: dict[str, tuple[str, str]] = {
    # assumed
    "datum": ("未写坐标系，按 CGCS2000 处理", "no datum is named: taken as CGCS2000"),
    "nearest_meridian": (
        "未写中央经线，取距中心最近的 0.5° 倍数：{meridian:g}°（HY/T 251-2018）",
        "no central meridian is named: the multiple of 0.5° nearest the centre, {meridian:g}° "
        "(HY/T 251-2018)",
    ),
    "order_by_values": (
        "第 {row} 行起：列未标明纬度或经度，按数值判断{first}在前",
        "from row {row}: columns are told by their values, {first} first",
    ),
    "headings_wrong": (
        "第 {row} 行起：表头与数值矛盾，按数值处理",
        "from row {row}: the headings contradict the values; the values were followed",
    ),
    "decimal": (
        "第 {row} 行起：按十进制度读取（{why}）",
        "from row {row}: read as decimal degrees ({why})",
    ),
    "packed": (
        "第 {row} 行起：按度分秒压缩格式 ddd.mmsssss 读取（{why}）",
        "from row {row}: read as packed degrees, minutes, seconds, ddd.mmsssss ({why})",
    ),
    "zone": (
        "横坐标带号 {zone}：{width}° 带，中央经线 {meridian:g}°",
        "eastings carry zone {zone}: {width}-degree zones, central meridian {meridian:g}°",
    ),
    "false_easting": (
        "横坐标无带号，按中央经线 {meridian:g}°、东移 500 km 换算",
        "eastings carry no zone: central meridian {meridian:g}°, false easting 500 km",
    ),
    "closed": (
        "“{name}”：界址线首尾不同，按首点闭合",
        "'{name}': the ring does not end where it began; closed to its first point",
    ),
    "one_ring": (
        "“{name}”：没有界址线表，按点号顺序连成一圈",
        "'{name}': no table of rings; the points were joined in their order",
    ),
    "hole": (
        "“{name}”：位于前一圈内部的圈按内孔扣除",
        "'{name}': a ring inside another was taken out of it as a hole",
    ),
    "ellipsis": (
        "“{name}”：省略号按连续点号补全（{start} 至 {end}）",
        "'{name}': dots were filled in with the numbers from {start} to {end}",
    ),
    "labels": (
        "第 {row} 行起：没有点号，按出现顺序编号",
        "from row {row}: points carry no number and were numbered in their order",
    ),
    "survey_sigma": (
        "界址点测量中误差按 {sigma:g} m 计",
        "the corners' survey error is taken as {sigma:g} m, one standard deviation",
    ),
    # notices
    "published_last_digit": (
        "“{name}”：公布面积 {published} 公顷，按界址点计算为 {computed:.4f} 公顷"
        "（{exact:.6f}），末位相差 {digits}，在界址点误差 ±{sigma:.4f} 公顷之内",
        "'{name}': published as {published} ha, its corners give {computed:.4f} ha "
        "({exact:.6f}); {digits} in the last digit, within the corners' error of ± {sigma:.4f} ha",
    ),
    "published_off": (
        "“{name}”：公布面积 {published} 公顷，按界址点计算为 {computed:.4f} 公顷，"
        "相差 {difference:+.4f} 公顷，超出界址点误差 ±{sigma:.4f} 公顷（k = 2）：坐标、点序或公布面积有误",
        "'{name}': published as {published} ha, its corners give {computed:.4f} ha: "
        "{difference:+.4f} ha, beyond the corners' error of ± {sigma:.4f} ha (k = 2); a coordinate, "
        "the order of points or the published area is wrong",
    ),
    "total_off": (
        "公布总面积 {published} 公顷，各单元合计 {computed:.4f} 公顷",
        "published total {published} ha, the units add up to {computed:.4f} ha",
    ),
    "repeated_points": (
        "“{name}”：连续重复的界址点 {labels} 只计一次",
        "'{name}': points {labels} repeat the one before and count once",
    ),
    "unused_points": (
        "未被任何界址线使用的界址点：{labels}",
        "points that no ring uses: {labels}",
    ),
    "missing_labels": (
        "点号不连续，缺 {labels}：请核对是否漏行",
        "the numbering skips {labels}: is a row missing?",
    ),
    "far_point": (
        "第 {row} 行（点 {label}）距其余界址点 {km:.1f} 公里：请核对数字",
        "row {row} (point {label}) lies {km:.1f} km from the others: is a digit wrong?",
    ),
    "two_zones": (
        "界址点分属多个投影带（{zones}），已分别换算",
        "points stand in several zones ({zones}); each was converted in its own",
    ),
    "other_datum": (
        "坐标系为 {datum}：换算到 CGCS2000 需要当地参数，PROJ 的换算可差数米",
        "the datum is {datum}: moving it to CGCS2000 takes local parameters; PROJ's own may be "
        "metres off",
    ),
    "overlap": (
        "“{one}”与“{other}”重叠 {area:.2f} m²（最宽 {width:.3f} m）：{verdict}",
        "'{one}' and '{other}' overlap by {area:.2f} m² (at most {width:.3f} m wide): {verdict}",
    ),
    "text_ignored": (
        "第 {row} 行不含坐标，未使用：{text}",
        "row {row} holds no coordinates and was not used: {text}",
    ),
    # faults
    "no_points": (
        "没有找到界址点坐标；需要点号、纬度、经度（或 X、Y）各一列",
        "no corner points found; give columns of point number, latitude, longitude (or X, Y)",
    ),
    "few_points": (
        "“{name}”：只有 {points} 个不同的界址点，不成面",
        "'{name}': {points} different points make no area",
    ),
    "unreadable": (
        "第 {row} 行：“{text}”不是坐标；写成 37°30′15.123″、37.504201 或米",
        "row {row}: '{text}' is no coordinate; write 37°30′15.123″, 37.504201 or metres",
    ),
    "sixty": (
        "第 {row} 行：“{text}”的分或秒不小于 60",
        "row {row}: minutes or seconds of '{text}' reach 60",
    ),
    "out_of_range": (
        "第 {row} 行：({north:.6g}, {east:.6g}) 不是纬度和经度",
        "row {row}: ({north:.6g}, {east:.6g}) is no latitude and longitude",
    ),
    "mixed": (
        "第 {row} 行：“{text}”与同一表中其他坐标写法不同",
        "row {row}: '{text}' is not spelt as the other coordinates of its table are",
    ),
    "order": (
        "第 {row} 行起：分不清哪一列是纬度（X 北）、哪一列是经度（Y 东）；请在表头写明“北纬”“东经”",
        "from row {row}: which column is north and which is east cannot be told; "
        "head them 北纬 and 东经 (latitude, longitude)",
    ),
    "notation": (
        "第 {row} 行起：分不清 {text} 是十进制度（{decimal}）还是压缩度分秒（{packed}）；"
        "请用 --notation decimal 或 --notation packed 说明",
        "from row {row}: {text} may be decimal degrees ({decimal}) or packed degrees, minutes, "
        "seconds ({packed}); say which with --notation decimal or --notation packed",
    ),
    "no_zone": (
        "第 {row} 行起：横坐标没有带号，也没有写中央经线；请用 --meridian 说明，例如 --meridian 122.5",
        "from row {row}: eastings carry no zone and no central meridian is named; say it, "
        "e.g. --meridian 122.5",
    ),
    "zone_contradicts": (
        "带号 {zone}（中央经线 {by_zone:g}°）与所写中央经线 {meridian:g}° 矛盾",
        "zone {zone} (central meridian {by_zone:g}°) contradicts the central meridian "
        "{meridian:g}° that is named",
    ),
    "label_twice": (
        "第 {row} 行：点号 {label} 已用于另一坐标（第 {other} 行）",
        "row {row}: point {label} has other coordinates than in row {other}",
    ),
    "no_such_point": (
        "第 {row} 行：界址线“{name}”用到的点 {labels} 不在界址点表中",
        "row {row}: ring '{name}' names points {labels}, which the table of points lacks",
    ),
    "ring_unreadable": (
        "第 {row} 行：“{text}”不是界址线；写成 1-2-3-1（表格软件会把 1-2-3 改成日期）",
        "row {row}: '{text}' is no ring; write 1-2-3-1 (spreadsheets turn 1-2-3 into a date)",
    ),
    "crosses": (
        "“{name}”：界址线自相交（{where}），点序或坐标有误",
        "'{name}': its outline crosses itself ({where}); the order or a coordinate is wrong",
    ),
    "datums": (
        "一个文件中有多个坐标系（{datums}）；请分成几个文件",
        "several datums in one file ({datums}); make a file of each",
    ),
    "meridians": (
        "同一宗海写了多个中央经线（{meridians}）",
        "several central meridians for one parcel ({meridians})",
    ),
    "antimeridian": (
        "“{name}”跨 180° 经线，不能计算；请在 180° 处分成两宗",
        "'{name}' lies across 180°; cut it into two there",
    ),
    "no_area": ("“{name}”：不是面", "'{name}': no polygon"),
    "far_meridian": (
        "中央经线 {meridian:g}° 距宗海中心 {degrees:.1f}°，不是该处宗海图的中央经线",
        "central meridian {meridian:g}° lies {degrees:.1f}° from the parcel: no map of it is "
        "drawn on that",
    ),
    "count_off": (
        "“{name}”：说明有 {said} 个界址点，实有 {found} 个",
        "'{name}': {said} points are announced, {found} are there",
    ),
}
