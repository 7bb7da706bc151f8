"""Which code page a text was written in, judged by how well its letters fit a language.

Statistics of words need much text; a table may hold only a few names of towns. So each code page is tried, and its
letters are weighed: common ones of its languages count most, letters that no language puts there count nothing.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial

_MOST_LETTERS = 20_000
_LEAST_SCORE = 0.2
_CLOSE = 0.15
_FEW_LETTERS = 2
_SIGNS = frozenset("°€²³µ§£¥«»¿¡–—‘’“”„…•™®©·×±¼½¾№\u00a0")
_WIDE_SIGNS = frozenset("，。、；：？！（）【】《》「」『』“”‘’—…·％￥－／～　○●★※×÷◎△▲▽▼□■◇◆☆✓")

# The letters beyond ASCII of languages that share a code page.
_LATIN: Mapping[str, tuple[str, ...]] = {
    "cp1252": tuple("äöüß àâæçéèêëîïôùûüœ áéíñóúüºª ãõáâàçéêíóôúºª æøåé åäöé àèéìòù áðéíóúýþæö ëéïöüè".split()),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžľĺŕäô", "áéíóöőúüű", "čćđšž", "ăâîşţșț"),
    "cp1254": ("çğıöşüâî",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
}
# Older pages with the same letters in other places, and how much better they have to read.
_SAME_LETTERS = {"iso8859_2": ("cp1250", 0.02), "mac_roman": ("cp1252", 0.15), "cp850": ("cp1252", 0.15)}
_WESTERN = frozenset("".join(_LATIN["cp1252"]) + "ÿšž")
# Letters of other alphabets, the most frequent first.
_FREQUENT: Mapping[str, str] = {
    "cyrillic": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґўђјљњћџ",
    "greek": "αοιετσνηυρπκμλςόίάγδέήχωθύώφβξζψ",
    "hebrew": "יוהלאמרבתשנדעחקכםפטגסןצזףךץ",
    "arabic": "اليمنرتبودعفسكحقهجةشصطخذىزأضظغثئءإآؤ",
    "thai": "านรอกเงมยลวดทสตะปบคหแจพชขใไโผซถณภธศฉษฟฮญฐฆ่้็ิีึืุู์ัำ",
}
# Large letters that stand alone for man and woman, yes and no, or grades.
_CODES = frozenset("МЖДНАБВГ")
_CELL_ENDS = frozenset(["", ",", ";", "\t", "|", "\n", "\r", '"'])
_ALPHABETS = {
    "cp1251": "cyrillic",
    "koi8_r": "cyrillic",
    "cp866": "cyrillic",
    "iso8859_5": "cyrillic",
    "mac_cyrillic": "cyrillic",
    "cp1253": "greek",
    "cp1255": "hebrew",
    "cp1256": "arabic",
    "cp874": "thai",
}
_SIMPLIFIED = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起"
    "发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次"
    "使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫"
    "再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记处让母父应直字场平报友关"
    "放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条病始达深完今提求清王化空业"
    "思切怎非找片罗钱语元喜曾离飞科言干流欢约各即指合反题必该论交终林请医晚制球决传画保读运及则房早院量苦火布品近坐产答星精视五连司"
    "京州市省区县镇村街号楼室广圳津渝汉杭宁苏沪川湖南北江河云贵陕甘青浙闽粤桂琼吉黑辽鲁豫皖赣晋冀蒙藏疆港澳台厦郑沙昆阳济哈尔滨乌鲁木齐"
    "姓性别男女优良差低高龄收入编登客户价格额日期时间是否类型状态等级备注产品销售订单数量地址单位职业学历婚已未合计小李刘陈杨赵黄周吴徐孙胡朱郭何罗"
)
_TRADITIONAL = (
    "的一是了我不人在他有這個上們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多然於心學麼之都好看起"
    "發當沒成只如事把還用第樣道想作種開美總從無情己面最女但現前些所同日手又行意動方期它頭經長兒回位分愛老因很給名法間斯知世什兩次"
    "使身者被高已親其進此話常與活正感見明問力理點文幾定本公特做外相西果走將月十實向聲車全信重三機工物氣每並別真打太新比才便"
    "臺台北灣市縣區鄉鎮路街號樓室東南西中正山港九龍新竹桃園基隆宜蘭花蓮屏雄嘉義彰化投雲林苗栗澎湖金門板橋信松大安萬士內文"
    "姓性別男優良差高低齡收編登客戶價格額期時否類型狀態等級備註產品銷售訂單數量地址單位職業學歷婚合計陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇"
)
_KANJI = (
    "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食"
    "車何南万毎白天母火右読友左休父雨京都市区町村県府道大阪神奈川横浜名古屋札幌福岡広島仙台千葉埼玉兵庫静岡新潟愛知代田港渋谷宿"
    "番号氏名性別年齢住所電話価格数量合計売上商品顧客会社部門担当備考種類状態登録日付収入職業男女有無佐藤鈴木高橋田伊渡辺山本村小林加吉"
)
_HANGUL = (
    "이다는을의에가고하지로한도은를기나사리어자서인대들아라있시정보그부수일전해주것구상장과제스게니만여원안조면관무소성동신오비경서울마공"
    "거선생계국내치산당트실역남화연문우진요모드미식세발중유위년회적할북영달명민개방물간외호청천강평광포양충울충청제주인천대구광주부산"
    "번호이름성별나이주소전화가격수량합계고객회사부서담당등록날짜수입직업남여김박최정강조윤장임한오서신권황안송류홍"
)


def best_code_page(sample: bytes) -> str:
    r"""Name the code page in which the sample reads best.

    >>> best_code_page("id,城市\n1,北京\n2,上海\n".encode("gb18030"))
    'gb18030'
    >>> best_code_page("id,Straße\n1,Königsallee\n".encode("latin-1"))
    'cp1252'
    """
    scores = _scores(sample)
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > _LEAST_SCORE else ("cp1252" if _decoded(sample, "cp1252") else "latin_1")


def close_code_page(sample: bytes, chosen: str) -> str:
    r"""Name another code page in which the sample reads nearly as well, but as other letters; empty if there is none.

    Only samples of very few different letters leave such a doubt.

    >>> close_code_page("id,grade\n1,É\n2,Ö\n".encode("cp1252"), "cp1252")
    'koi8_r'
    """
    scores = _scores(sample)
    text = _decoded(sample, chosen)
    if len({text[i] for i in _foreign(text)}) > _FEW_LETTERS:
        return ""
    least = max(scores.get(chosen, 0.0) - _CLOSE, _LEAST_SCORE / 2)
    others = [page for page in scores if scores[page] >= least and _decoded(sample, page) not in {"", text}]
    return max(others, key=scores.__getitem__, default="")


def score_of_code_pages(sample: bytes) -> float:
    """Return how well the sample reads in the best of the code pages: 1 where each letter is a common one."""
    return max(_scores(sample).values())


def _scores(sample: bytes) -> dict[str, float]:
    return {encoding: _scored(sample, encoding, judge) for encoding, judge in _judges().items()}


@cache
def _judges() -> Mapping[str, Callable[[str], float]]:
    """Return how each code page is judged; of equal ones the first wins."""
    judges: dict[str, Callable[[str], float]] = {page: partial(_latin_score, page=page) for page in _LATIN}
    for encoding, (page, handicap) in _SAME_LETTERS.items():
        judges[encoding] = partial(_latin_score, page=page, handicap=handicap)
    for encoding, alphabet in _ALPHABETS.items():
        judges[encoding] = partial(_alphabet_score, alphabet=alphabet)
    for encoding in ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"):
        judges[encoding] = partial(_wide_score, weigh=_weigher(encoding))
    return judges


def _scored(sample: bytes, encoding: str, judge: Callable[[str], float]) -> float:
    text = _decoded(sample, encoding)
    return judge(text) if text else -1.0


def _decoded(sample: bytes, encoding: str) -> str:
    """Return the text, or nothing when it is not written so; a sample may end within a letter."""
    for end in (len(sample), len(sample) - 1):
        try:
            return sample[:end].decode(encoding)
        except UnicodeDecodeError as problem:
            if problem.start < len(sample) - 4:
                return ""
    return ""


def _foreign(text: str) -> list[int]:
    return [i for i, letter in enumerate(text) if not letter.isascii()][:_MOST_LETTERS]


def _latin_score(text: str, page: str, handicap: float = 0.0) -> float:
    """Weigh accents: they stand beside plain letters, and those of one file are of one language."""
    places = _foreign(text)
    weights = [_sign_weight(text, i) if _is_sign(text, i) else _accent_weight(text, i) for i in places]
    folded = [text[i].replace("İ", "ı").lower() for i in places]
    signs = [text[i] in _SIGNS for i in places]
    # Icelandic letters stand where Turkish ones do; it has many others too, so a tie is Turkish.
    alphabets = [(0.97 if "þ" in alphabet else 1.0, frozenset(alphabet)) for alphabet in _LATIN[page]]
    alphabets += [(0.93, _WESTERN)] if page == "cp1252" else []
    best = max(
        sum(
            weight * (1.0 if sign else share)
            for weight, letter, sign in zip(weights, folded, signs, strict=True)
            if sign or letter in alphabet
        )
        for share, alphabet in alphabets
    )
    return best / len(places) - handicap


def _sign_weight(text: str, i: int) -> float:
    return 0.3 if _is_whole_cell(text, i) else 0.9


def _accent_weight(text: str, i: int) -> float:
    """Weigh one letter: a large one does not follow a small one, and few stand apart from plain letters."""
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    if text[i] < "\u00a0" or (text[i].isupper() and before.islower()):
        return -1.0
    if not text[i].isalpha():
        return 0.0
    if _is_whole_cell(text, i):
        return 0.15
    # Before other letters than e this is no Portuguese, but a letter of Hungarian in another code page.
    if text[i] in "õÕ" and after != "e":
        return 0.8
    return 1.0 if (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha()) else 0.4


def _is_sign(text: str, i: int) -> bool:
    """Say whether a sign stands where signs stand: not within a word, and money not beside a letter."""
    before, after = text[i - 1 : i].isalpha(), text[i + 1 : i + 2].isalpha()
    if text[i] not in _SIGNS:
        return False
    return not (before or after) if text[i] in "€£¥§" else not (before and after) or text[i] in "’·–—"


def _is_whole_cell(text: str, i: int) -> bool:
    """Say whether a letter stands alone in a cell, as codes do, and not alone among words."""
    return text[i - 1 : i] in _CELL_ENDS and text[i + 1 : i + 2] in _CELL_ENDS


def _is_foreign_letter(text: str, i: int) -> bool:
    return 0 <= i < len(text) and not text[i].isascii() and text[i].isalpha()


def _alphabet_score(text: str, alphabet: str) -> float:
    """Weigh letters by how frequent they are; words have several, all of one alphabet, and start large if at all."""
    order = _FREQUENT[alphabet]
    weights = {letter: 1.1 - 0.9 * rank / len(order) for rank, letter in enumerate(order)}
    places = _foreign(text)
    total = 0.0
    for i in places:
        before, after = text[i - 1 : i], text[i + 1 : i + 2]
        weight = weights.get(text[i].lower(), 0.5 if _is_sign(text, i) else 0.0)
        if (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha()):
            weight -= 0.5
        if not _is_foreign_letter(text, i - 1) and not _is_foreign_letter(text, i + 1):
            weight = 0.3 if text[i] in _CODES and _is_whole_cell(text, i) else 0.2 * weight
        if text[i] < "\u00a0" or (text[i].isupper() and before.islower()):
            weight -= 1.0
        total += weight
    n_large = sum(text[i].isupper() and not _is_whole_cell(text, i) for i in places)
    return total / max(len(places), 1) * (0.75 if n_large > 0.9 * len(places) else 1.0)


def _wide_score(text: str, weigh: Callable[[str], float]) -> float:
    letters = [text[i] for i in _foreign(text)]
    return sum(map(weigh, letters)) / max(len(letters), 1)


def _weigher(encoding: str) -> Callable[[str], float]:
    """Weigh letters of a double-byte code page; those standards put the common ones first."""
    common = frozenset({"gb18030": _SIMPLIFIED, "big5hkscs": _TRADITIONAL, "cp949": _HANGUL}.get(encoding, _KANJI))
    low, high = {
        "gb18030": (b"\xb0\xa1", b"\xd7\xf9"),
        "big5hkscs": (b"\xa4\x40", b"\xc6\x7e"),
        "cp932": (b"\x88\x9f", b"\x98\x72"),
        "euc_jp": (b"\xb0\xa1", b"\xcf\xd3"),
        "cp949": (b"\xb0\xa1", b"\xc8\xfe"),
    }[encoding]
    japanese = encoding in {"cp932", "euc_jp"}

    @cache
    def weigh(letter: str) -> float:
        if letter in common:
            return 1.0
        if letter in _WIDE_SIGNS or "\uff01" <= letter <= "\uff5e":
            return 0.7
        if "\u3041" <= letter <= "\u30ff":
            return 1.0 if japanese else 0.1
        code = letter.encode(encoding)
        usual = len(code) == 2 and low <= code <= high
        if encoding == "gb18030":
            usual = usual and code[1] >= 0xA1
        return 0.6 if usual else 0.1

    return weigh
