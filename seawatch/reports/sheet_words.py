"""Words of the inspection sheet, in Chinese and English."""

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("疑点图斑现场核查单", "Inspection sheet of a suspected violation"),
    "suspected": (
        "机器比对所得，未经现场核查，不作为处罚依据。",
        "Found by machine and not yet visited: no ground for a penalty.",
    ),
    "number": ("图斑编号", "Flag"),
    "rule": ("疑点类型", "Rule"),
    "status": ("状态 / 可信等级", "Status / level"),
    "subject": ("涉及对象", "Concerns"),
    "owner": ("责任人", "Officer"),
    "place": ("位置（{datum}）", "Place ({datum})"),
    "interval": ("变化时段", "Changed between"),
    "area": ("图斑面积（椭球）", "Area (ellipsoid)"),
    "plane": ("平面面积（中央经线 {meridian:g}°）", "Plane area (meridian {meridian:g}°)"),
    "excess": ("违反规则的面积", "Breaking the rule"),
    "coast": ("占用岸线", "Coast occupied"),
    "liability": ("责任估算", "Liability"),
    "reason": ("理由", "Reason"),
    "basis": ("依据", "Basis"),
    "map": ("位置图", "Map"),
    "flag_line": ("图斑", "flag"),
    "permit_line": ("确权用海", "permits"),
    "coast_line": ("岸线", "coast"),
    "island_line": ("海岛", "islands"),
    "before": ("变化前", "Before"),
    "after": ("变化后", "After"),
    "tide": ("潮位", "tide"),
    "pixel": ("像元", "pixel"),
    "sigma": ("中误差", "σ"),
    "no_picture": ("影像已不可用，无前后对比图。", "The scenes are gone: no pictures."),
    "corners": ("界址点（{datum}）", "Corners ({datum})"),
    "more_corners": (
        "其余 {number} 点见 flags.gpkg。",
        "{number} more corners stand in flags.gpkg.",
    ),
    "booklet": ("核查单分册", "Inspection sheets:"),
    "booklet_holds": (
        "本册 {count} 处疑点（新增、未结），按紧急程度排列。",
        "{count} flags, new and open, the most urgent first.",
    ),
    "where": ("位置", "Place"),
    "page": ("页", "Page"),
    "visit": ("现场核查", "Visit"),
    "people": ("核查人员（两名以上）及证号", "Officers (two or more), badge numbers"),
    "time": ("核查时间", "Time"),
    "result": ("核查结论", "Result"),
    "facts": ("现场情况", "What was found"),
    "photos": ("照片 / 录像编号", "Photos, films"),
    "signed": ("签名", "Signatures"),
    "present": ("当事人 / 见证人签名", "Party or witness"),
}


def sheet_word(key: str, language: str, **values: object) -> str:
    """One heading of the sheet, its numbers put in."""
    return _WORDS[key][language == "en"].format(**values)
