"""What the offline map's own controls and its field form say, in Chinese and in English."""

PAGE_WORDS: dict[str, tuple[str, str]] = {
    # finding flags
    "search": ("搜索编号、地名、责任人、权属人", "Search number, place, officer, holder"),
    "search_short": ("编号、地名、人名", "Number, place, name"),
    "filters": ("筛选", "Filter"),
    "rule": ("规则", "Rule"),
    "owner": ("责任人", "Officer"),
    "holder": ("权属人", "Holder"),
    "all": ("全部", "all"),
    "unowned": ("（未落实）", "(nobody yet)"),
    "only_new": ("只看本期新增", "New in this issue only"),
    "clear_filters": ("清除筛选", "Clear"),
    "shown_of": ("显示 {shown} / {all}", "{shown} of {all} shown"),
    "none_shown": ("没有符合条件的图斑。", "No flag fits."),
    "places": ("地名与对象", "Places"),
    "here": ("此处 {number} 项", "{number} things here"),
    "suspects": ("疑点图斑", "Suspected"),
    "record_state": ("核查记录", "Field records"),
    # the map
    "map": ("地图", "Map"),
    "map_help": (
        "地图；方向键平移，加减键缩放。图斑也都在列表中。",
        "Map; arrow keys move it, plus and minus zoom. Every flag is in the list as well.",
    ),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "locate": ("我的位置", "My position"),
    "locate_none": (
        "此浏览器不提供定位；请用手持设备定位后填入备注。",
        "This viewer gives no position; use a handheld and write it into the remarks.",
    ),
    "locate_1": (
        "定位未获允许；请在系统设置中允许本浏览器定位。",
        "Position refused; allow it for this browser in the device's settings.",
    ),
    "locate_2": ("暂时得不到位置，请到开阔处再试。", "No position now; try again in the open."),
    "locate_3": ("定位超时，请到开阔处再试。", "Positioning took too long; try again in the open."),
    "accuracy": ("精度 ± {m} m", "accuracy ± {m} m"),
    "theme": ("日间／夜间", "Light or dark"),
    "datum": (
        "本页坐标为 CGCS2000（经纬度），按 WGS 84 交给外部地图；高德、腾讯底图为 GCJ-02，"
        "偏移可达数百米，从其上量得的坐标不要抄回。",
        "Coordinates here are CGCS2000, given to other maps as WGS 84. Amap and Tencent draw on "
        "GCJ-02, off by up to hundreds of metres: never copy coordinates back from them.",
    ),
    "tianditu": ("天地图", "Tianditu"),
    "tiles": ("天地图底图（需联网）", "Tianditu tiles (online)"),
    "tiles_key": (
        "天地图密钥（只在本次打开期间使用，不保存）",
        "Tianditu key (for this session only, never kept)",
    ),
    "tiles_image": ("影像", "imagery"),
    "tiles_vector": ("矢量", "map"),
    "tiles_off": ("关闭底图", "No tiles"),
    "vetoed": ("已排除的变化", "Changes ruled out"),
    # evidence
    "veto_tide": ("潮位可以解释", "explained by the tide"),
    "veto_position": ("配准误差可以解释", "explained by the fit of the scenes"),
    "veto_varies": ("该处惯常如此", "the place is often like that"),
    "veto_once": ("仅一日可见，等待复核", "seen on one day only: waits for a second look"),
    "veto_other": ("其他原因", "for another reason"),
    "vetoed_near": ("附近已排除的变化", "Changes ruled out nearby"),
    "away": ("距 {m} m", "{m} m away"),
    "blink": ("闪烁", "Blink"),
    "blink_stop": ("停止", "Stop"),
    "outline": ("轮廓", "Outline"),
    "index": ("水体指数", "Index"),
    "index_scale": (
        "蓝为水，褐为陆（±{range} 为全色）",
        "blue water, brown land (full colour at ±{range})",
    ),
    "side_tide": ("潮位", "tide"),
    "side_sigma": ("位置中误差", "position σ"),
    "side_pixel": ("像元", "pixel"),
    "side_coarser": (
        "此图 {m} m/像元，粗于传感器",
        "shown at {m} m a pixel, coarser than the sensor",
    ),
    "series": ("历次影像", "The looks, in turn"),
    "pictures_in": (
        "前后影像不在本文件内（限制 {mb} MB），见 {file}。",
        "The pictures are not in this file (limit {mb} MB) but in {file}.",
    ),
    "pictures_left": (
        "{number} 个图斑的影像不在本文件内，按责任人或图幅另存：{files}。",
        "Pictures of {number} flags are not in this file; they lie beside it by officer or "
        "map sheet: {files}.",
    ),
    "part": ("影像分册：{name}", "Pictures of {name}"),
    # the public's page
    "approval": ("审图号：{number}", "Map approval number: {number}"),
    "public_flags": (
        "公开版：{which}未列出的地方不等于没有问题。",
        "Public edition: {which} What is not listed is not thereby in order.",
    ),
    "public_decided": ("只列已作出处罚决定的疑点。", "only flags whose case is decided."),
    "public_undecided": (
        "所列疑点未必已作出决定，均以“疑似”论。",
        "not every flag listed is decided; each is suspected only.",
    ),
    "public_limits": (
        "位置和轮廓已概略到约 {m} m，影像不细于 {pixel} m{unverified}；影像位置与轮廓可相差一格。",
        "Places and outlines are coarsened to about {m} m, pictures are no finer than {pixel} m"
        "{unverified}; a picture may lie a cell off.",
    ),
    "public_unverified": (
        "（此为软件默认限值，未经测绘主管部门核实）",
        " (limits are this software's defaults, unverified by the surveying authority)",
    ),
    "public_datum": (
        "坐标为概略值，不得用于测量、执法或导航。",
        "Coordinates are coarse: not for surveying, enforcement or navigation.",
    ),
    "public_search": ("搜索编号、规则、地名", "Number, rule, place"),
    "public_reason": ("{title}：{kind}约 {size}。", "{title}: about {size} of {kind}."),
    "whose": ("本图只含责任人“{name}”的疑点", "Only the flags of {name} are on this map"),
    "whose_nobody": (
        "本图只含未落实责任人的疑点",
        "Only the flags that nobody answers for are on this map",
    ),
    # the field form
    "form": ("现场核查记录", "Field record"),
    "form_none": ("未填写", "not filled in"),
    "form_draft": ("已填写，未导出", "filled in, not exported"),
    "form_exported": ("已导出", "exported"),
    "form_verdict": ("核查结论", "Verdict"),
    "form_cause": ("原因", "Cause"),
    "form_cause_none": ("（不填）", "(none)"),
    "form_by": ("核查人员代码", "Officer's code"),
    "form_by_hint": (
        "字母、数字、汉字、点、横线，不含空格，至多 64 字",
        "letters, digits, dot and dash, no blank, 64 at most",
    ),
    "form_at": ("到场时间", "Time of the visit"),
    "form_remark": ("备注（至多 2000 字）", "Remarks (2,000 letters at most)"),
    "form_position": ("记录当前位置", "Take my position"),
    "form_position_none": ("未定位", "no position"),
    "form_position_wait": ("定位中…", "waiting for a position…"),
    "form_photo": ("拍照或选照片", "Take or choose photographs"),
    "form_photo_note": (
        "原片留在相册不动，记录其 SHA-256；缩小的副本随记录导出。",
        "Originals stay in the gallery; the record holds their SHA-256 and small copies travel.",
    ),
    "form_photo_bad": ("{name} 不是可读的图片", "{name} is no picture that can be read"),
    "form_photo_many": ("每个图斑至多 {number} 张照片", "At most {number} photographs a flag"),
    "form_photo_remove": ("移除照片 {name}", "Remove {name}"),
    "form_remove": ("移除", "Remove"),
    "form_saved": ("已存于本机 {time}", "Kept on this device {time}"),
    "form_memory": (
        "此浏览器不能保存（{why}）：关闭页面前务必导出或复制。",
        "This viewer keeps nothing ({why}): export or copy before you close the page.",
    ),
    "form_full": (
        "本机存储已满：记录还在页面上，请先导出，再清除已导出的记录；照片可留在相册。",
        "The device's storage is full: the record is still on the page. Export first, then remove "
        "what was exported; photographs can stay in the gallery.",
    ),
    "form_refused": (
        "本机拒绝保存（{why}）：记录还在页面上，请马上导出。",
        "The device refused to keep it ({why}): the record is still on the page; export now.",
    ),
    "form_delete": ("删除本条记录", "Delete this record"),
    "form_delete_sure": ("再按一次删除", "Press again to delete"),
    "export": ("导出核查记录", "Export the field records"),
    "export_count": (
        "已填 {filled} 条，其中 {fresh} 条未导出",
        "{filled} filled in, {fresh} not exported",
    ),
    "export_nothing": (
        "还没有可以导出的记录：先在图斑上填写结论和人员代码。",
        "Nothing to export yet: give a flag its verdict and your code first.",
    ),
    "export_wrong": ("不能导出，请补正：", "Cannot be exported until mended:"),
    "export_file": ("下载记录文件", "Download the record"),
    "export_photos": ("下载照片副本（{number} 张）", "Download {number} photographs"),
    "export_text": (
        "不能下载时：复制下面全部文字，存成 .json 文件，同样可以导入。",
        "No download here? Copy all the text below into a .json file; it imports as well.",
    ),
    "export_copy": ("复制文字", "Copy the text"),
    "export_done": ("已交给浏览器下载：{name}", "Given to the browser: {name}"),
    "export_no_download": (
        "此浏览器多半不能下载文件，请复制文字。",
        "This viewer can hardly download: copy the text.",
    ),
    "export_clear": ("清除已导出的记录", "Remove what was exported"),
    "export_import": (
        "交回后由内业执行 seawatch visits import。照片与记录放在同一文件夹。",
        "At the office: seawatch visits import. Photographs lie beside the record.",
    ),
    "proof_checksum": (
        "校验和能发现传输中的改动，不能证明是谁写的。",
        "The checksum finds what was altered on the way; it proves nothing of who wrote it.",
    ),
    "proof_no_key": ("本机没有签名密钥。", "This device has no signing key."),
    "proof_unable": (
        "此浏览器没有 WebCrypto：只有校验和，没有签名。",
        "No WebCrypto in this viewer: a checksum, no signature.",
    ),
    "proof_unenrolled": (
        "附本机签名，但密钥 {key} 未在单位登记：只当校验和。",
        "Signed with key {key}, which the office has not enrolled: it counts as a checksum only.",
    ),
    "proof_enrolled": (
        "用已登记的密钥 {key} 签名。",
        "Signed with the enrolled key {key}.",
    ),
    "key_make": ("生成本机签名密钥", "Make this device's signing key"),
    "key_copy": ("复制公钥（交单位登记）", "Copy the public key, for the office to enrol"),
    "fault_verdict": ("没有结论", "no verdict"),
    "fault_by": ("人员代码不合要求", "the officer's code is not allowed"),
    "fault_at": (
        "到场时间缺失、早于 2000 年或在将来",
        "the time is missing, before 2000 or to come",
    ),
    "fault_remark": ("备注超过 2000 字", "remarks exceed 2,000 letters"),
}
