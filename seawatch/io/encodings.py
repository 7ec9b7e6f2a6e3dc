"""Which encoding bytes of Chinese text are in: what is claimed, what decodes, what reads well.

Chinese Shapefiles come in GBK or UTF-8, now and then in Big5, with a .cpg that is absent,
right, or wrong; nearly any bytes decode as GB18030, and many as Big5. So every encoding
that decodes is judged by the text it gives: real registers are made of common characters,
a wrong decoding of rare ones. What cannot be told apart is asked, never guessed.

Nothing here but the standard library: the parsing child imports it.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

# the characters that make up most of a register: frequent ones, and the field's own
_SIMPLIFIED = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而"
    "方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性"
    "好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气"
    "第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设"
    "及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任"
    "取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再"
    "采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况"
    "今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素"
    "技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型"
    "眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严首底液官德随病苏失尔死讲配"
    "女黄推显谈罪神艺呢席含企望密批营项防举球英氧势告李台落木帮轮破亚师围注远字材排供河态封另施减树溶怎止案"
    "言士均武固叶鱼波视仅费紧爱左章早朝害续轻服试食充兵源判护司足某练差致板田降黑犯负击范继兴似余坚曲输修故"
    "城夫够送笔船占右财吃富春职觉汉画功巴跟虽杂飞检吸助升阳互初创抗考投坏策古径换未跑留钢曾端责站简述钱副尽"
    "帝射草冲承独令限阿宣环双请超微让控州良轴找否纪益依优顶础载倒房突坐粉敌略客袁冷胜绝析块剂测丝协诉念陈仍"
    "罗盐友洋错苦夜刑移频逐靠混母短皮终聚汽村云哪既距卫停烈央察烧迅境若印洲刻括激孔搞甚室待核校散侵吧甲游久"
    "菜味旧模湖货损预阻毫普稳乙妈植息扩银语挥酒守拿序纸医缺雨吗针刘啊急唱误训愿审附获茶鲜粮斤孩脱硫肥善龙演"
    "父渐血欢械掌歌沙刚攻谓盾讨晚粒乱燃矛乎杀药宁鲁贵钟煤读班伯香介迫句丰培握兰担弦蛋沉假穿执答乐谁顺烟缩征"
    "域宗岛岸滩湾港码礁贝藻参鲍鱿虾蟹苗殖筏网箱围堰堤坝填渔镇乡街屿浴埠航锚泊疏浚排污倾岩砂泥湿牡蛎扇带"
    "威荣乳文登环翠烟潍滨莱蓬胶即崂莒赵钱孙周吴郑冯蒋沈韩杨朱秦许何吕施曹严魏陶姜戚谢邹柏窦苏潘葛范彭郎"
    "鲁韦苗方俞任袁柳史唐薛雷贺倪汤滕殷毕郝邬安常于傅卞齐康伍余顾孟黄穆萧尹姚邵汪毛米贝戴宋庞熊纪舒屈董梁杜"
    "阮蓝闵季贾江童颜郭梅盛林丁徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应邓洪包诸左石崔吉龚程邢裴陆荣翁荀惠"
    "有限责任股份合作社个体经营户集团总厂事业单位政府登记证书编号用途期限起止日期面积批准机关权属性质备注"
    "刘公驴鸡鸣苏山镆铘褚岛靖海石岛俚寻逍遥桑沟爱伦靖子养马崮黑伟芳娜秀敏静丽磊军洋勇艳杰娟涛超霞平刚桂英"
)
_TRADITIONAL = (
    "國個時來們會對發動這產種後學經進著電實現體機當點從業應開還間樣與關線內數質氣變條沒結解問無軍題黨員設長頭"
    "資邊圖統接較組見計別論運農幾區強決戰則據處隊給門規熱領東導壓爭濟階術極聯認權證轉單風帶場車務萬達積議聲報"
    "鬥類離華確張馬節話況傳許廣記須際驗連斷難礦備辦習響約團歷構稱準號維劃選標寫親養層專狀廠適屬圓調滿縣參紅細"
    "聽鐵價嚴隨蘇講黃顯談藝項舉勢臺灣輪師圍遠態減樹葉魚視僅費緊愛續輕試護練負擊範繼興餘堅輸夠筆財職覺漢畫雜飛"
    "檢陽創壞徑換鋼責簡錢盡衝獨環雙請讓軸紀優頂礎載敵勝絕塊劑測絲協訴陳羅鹽錯頻終雲衛燒村島灘灣碼貝鮑蝦蟹筏網"
    "壩填漁鎮鄉嶼濬汙傾濕蠣榮煙濰濱萊蓬膠趙孫吳鄭馮蔣韓楊魏謝鄒竇葉嚴呂許書編號面積批准機關權屬性質備註養殖漁業"
    "使用海域期限起止日期登記龍劉鍾寶劍麗華傑偉輝蘭鳳榮貴慶豐興隆順"
)
_COMMON = frozenset(_SIMPLIFIED + _TRADITIONAL)
_MARKS = frozenset("（）、，。：；“”‘’《》【】〔〕—…·！？％－／０１２３４５６７８９　°′″㎡²×＋")


def _level(codec: str, leads: range, trails: Iterable[int]) -> frozenset[str]:
    pairs = (bytes([lead, trail]) for lead in leads for trail in trails)
    return frozenset("".join(pair.decode(codec, "ignore") for pair in pairs))


_BIG5_TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
# the standards' own lists of everyday characters: the first levels of GB 2312 and of Big5
_EVERYDAY = _level("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)) | _level(
    "big5", range(0xA4, 0xC7), _BIG5_TRAILS
)

_LABELS = {"utf-8": "UTF-8", "gb18030": "GB18030", "cp950": "Big5", "big5hkscs": "Big5-HKSCS"}
_LABELS |= {"cp1252": "Windows-1252", "utf-16": "UTF-16"}
_BIG5 = ("big5", "cp950", "big5hkscs")
# how much better than the others an encoding starts: the file's word, UTF-8's strictness
# (few bytes fit it by chance), and what Chinese offices write most
_CLAIMED, _STRICT, _USUAL = 0.35, 0.25, 0.05
_CLEAR = 0.25
"""By how much one reading must be better than the next; more where the text is short."""


class Unclear(Exception):
    """Nothing decodes, or several encodings read about as well: the operator must say."""


@dataclass(frozen=True)
class Choice:
    """The encoding taken, and why, for the record."""

    codec: str
    why: str

    @property
    def label(self) -> str:
        """Its usual name."""
        return _LABELS.get(self.codec, self.codec.upper())


# language drivers of dBASE that name a Chinese encoding; 0x57 is "whatever this machine uses"
LANGUAGE_DRIVERS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}


def codec_of(name: str) -> str | None:
    """Python's codec for the name in a .cpg, an option or an XML head; None if it is none.

    GB2312 and GBK are read as GB18030, which holds them both.

    >>> codec_of("GBK"), codec_of("936"), codec_of("UTF8"), codec_of("Big5")
    ('gb18030', 'gb18030', 'utf-8', 'cp950')
    """
    plain = name.strip().lower().replace("ansi", "").replace("oem", "").strip(" _-:")
    if plain.isdigit():
        numbers = {"936": "gbk", "54936": "gb18030", "950": "big5", "65001": "utf-8"}
        plain = numbers.get(plain, "cp1252" if plain.startswith("88591") else f"cp{plain}")
    try:
        codec = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return None
    if codec in ("gbk", "gb2312", "gb18030", "hz"):
        return "gb18030"
    if codec in _BIG5:
        return "cp950"
    return {"utf-8-sig": "utf-8", "ascii": "utf-8", "iso8859-1": "cp1252"}.get(codec, codec)


def decode(value: bytes, codec: str) -> str:
    """`value` as text; a character that a field's width cut in two is left out.

    Raises
    ------
    UnicodeDecodeError
        If it is not in this encoding.
    """
    try:
        return value.decode(codec)
    except UnicodeDecodeError as error:
        if error.reason in _CUT and error.end == len(value) and len(value) - error.start < 4:
            return value[: error.start].decode(codec)
        if codec == "cp1252":  # five bytes mean nothing to Windows
            return value.decode("latin-1")
        raise


_CUT = ("unexpected end of data", "incomplete multibyte sequence")


def readability(text: str) -> float:
    """How much `text` looks like a register's: 1 all common characters, 0 rare ones, below odd."""
    marks = [_weight(text, at) for at, letter in enumerate(text) if letter > "\x7f"]
    return sum(marks) / len(marks) if marks else 1.0


def _weight(text: str, at: int) -> float:
    letter = text[at]
    code = ord(letter)
    if letter in _COMMON:
        return 1.0
    if letter in _MARKS:
        return 0.6
    if letter in _EVERYDAY:
        return 0.35
    if 0x4E00 <= code <= 0x9FFF:
        return 0.0
    if 0x3400 <= code <= 0x4DBF or code >= 0x20000:
        return -0.1
    if 0xC0 <= code <= 0x24F:  # é in a word, not à in a heap
        beside = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        return 0.3 if any("a" <= b.lower() <= "z" for b in beside) else -0.6
    if 0x80 <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or code == 0xFFFD:
        return -2.0
    return -0.8


def choose(
    texts: Iterable[bytes], *, told: str | None = None, claimed: str | None = None, by: str = ""
) -> Choice:
    """The encoding that `texts` are in.

    Parameters
    ----------
    told : what the operator says; it is taken, if it decodes.
    claimed : what the file says of itself, `by` its .cpg, header or rule of the format.

    Raises
    ------
    Unclear
        With the candidates and a sample of each.
    """
    odd = [text for text in dict.fromkeys(texts) if not text.isascii()]
    if told is not None:
        return _as_told(odd, told)
    named = codec_of(claimed) if claimed else None
    if not odd:
        return Choice(named or "utf-8", f"{by} says so" if named else "plain ASCII")
    readings = _readings(odd, named)
    if not readings:
        raise Unclear(f"its text is in no encoding known here, e.g. {_hex(odd[0])}; name it")
    said = f"{by} says {claimed}" if claimed else ""
    return _best(readings, named, said, odd)


def _as_told(odd: list[bytes], told: str) -> Choice:
    codec = codec_of(told)
    if codec is None:
        raise Unclear(f"no encoding '{told}'; use e.g. GB18030, UTF-8 or Big5")
    reading = _reading(odd, codec)
    if reading is None:
        raise Unclear(f"its text is not in {told}, as was said, e.g. {_hex(odd[0])}")
    return Choice(reading[0], "as told")


def _reading(odd: list[bytes], codec: str) -> tuple[str, str] | None:
    """The codec (of a family) that decodes all of it, and the text."""
    for one in ("cp950", "big5hkscs") if codec == "cp950" else (codec,):
        try:
            return one, "\n".join(decode(text, one) for text in odd)
        except UnicodeDecodeError:
            continue
    return None


def _readings(odd: list[bytes], named: str | None) -> dict[str, tuple[float, str]]:
    found = {}
    for codec in dict.fromkeys(
        [*([named] if named else []), "utf-8", "gb18030", "cp950", "cp1252"]
    ):
        reading = _reading(odd, codec)
        if reading is None:
            continue
        start = _CLAIMED if codec == named and codec != "cp1252" else 0.0
        start += {"utf-8": _STRICT, "gb18030": _USUAL}.get(codec, 0.0)
        found[reading[0]] = (readability(reading[1][:20_000]) + start, reading[1])
    return found


def _best(
    readings: dict[str, tuple[float, str]], named: str | None, said: str, odd: list[bytes]
) -> Choice:
    ranked = sorted(readings, key=lambda codec: -readings[codec][0])
    best, score = ranked[0], readings[ranked[0]][0]
    letters = sum(letter > "\x7f" for letter in readings[best][1])
    clear = _CLEAR + 0.6 / letters
    near = [codec for codec in ranked[1:] if score - readings[codec][0] < clear]
    rivals = [codec for codec in near if readings[codec][1] != readings[best][1]]
    if rivals or score < 0:
        samples = (f"{_LABELS.get(c, c)} «{_sample(readings[c][1])}»" for c in [best, *rivals])
        raise Unclear(
            f"{said + '; ' if said else ''}its text may be {' or '.join(samples)}; name it"
        )
    if named is None:
        why = "its bytes are strict UTF-8" if best == "utf-8" else "it reads best so"
        return Choice(best, f"nothing says; {why}")
    if best == named or (named == "cp950" and best in _BIG5):
        return Choice(best, f"{said}, and it reads well")
    reading = _reading(odd, named)
    wrong = "its bytes are not" if reading is None else f"which gives «{_sample(reading[1])}»"
    return Choice(best, f"{said}, {wrong}; it reads best so")


def _sample(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return (max(lines[:20], key=lambda line: sum(c > "\x7f" for c in line)) if lines else "")[:24]


def _hex(text: bytes) -> str:
    at = next(i for i, byte in enumerate(text) if byte > 0x7F)
    return text[at : at + 12].hex(" ")


def garbled(text: str) -> str | None:
    """What `text` was before a wrong decoding was saved for good; None where it reads as it is.

    >>> garbled("海域".encode().decode("gb18030")), garbled("海域")
    ('海域', None)
    """
    if "\ufffd" in text or "锟斤拷" in text:
        return "?"
    if text.isascii():
        return None
    for wrong, right in (("gb18030", "utf-8"), ("cp1252", "utf-8"), ("latin-1", "gb18030")):
        try:
            before = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if before != text and readability(before) - readability(text) > 0.3:
            return before if not before.isascii() else None
    return None


def odd(text: str) -> str:
    """Why `text` cannot be kept as it is; '' where it can."""
    if text.isascii() and text.isprintable():
        return ""
    if any(letter < " " and letter not in "\t\r\n" for letter in text):
        return "holds a control character"
    return (
        "was garbled before it was saved (export it again from its source)" if garbled(text) else ""
    )
