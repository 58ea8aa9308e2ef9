"""What a sentence claims beside its quantities: negation, direction, comparison, names, words that carry meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import rjieba

from index.segmentation import fold, has_han
from qa.dictionary import may_be_a_person
from qa.gate.quantities import TIMES, Quantity, quantities
from qa.gate.writing import plain
from qa.naming import sure_places
from qa.wording import ASKING

# Whether it is so is left open.
OPEN = re.compile(r"有没有|([要是会能该可愿行好])不\1|是否")
_FIGURE_SOON = r"[^，,；;。]{0,14}?[\d一二两三四五六七八九十百千万]"
# Words in which 不, 无, 未 and 非 negate nothing that is claimed, and bounds, which are told apart by themselves.
NOT_NEGATING = re.compile(
    rf"达不(?:到|了)|{OPEN.pattern}|不[得能应可许会要]?(?=(?:少于|低于|高于|多于|超过|超出|大于|小于){_FIGURE_SOON})"
    r"|不(?:断(?![电水供气奶])|仅|仅仅|但|足|下(?=\d)|到(?=\d|[一二两三四五六七八九十百千万半])|满(?!意)|同(?!意)|管|论|懈|移|渝|凡|错|得不|了|久|等|可或缺|忘|少(?!于)|小(?!于)|平凡)|无(?:论|人机|障碍|线|缝|比|数|疑)|未(?:来|成年)"
    r"|非(?:常|遗|公(?!开)|物质|洲|凡|首)|没有停(?=[下留步止])|莫不|无不|not only"
)
NEGATION = re.compile(
    r"不|没有|没|未|无(?!锡)|非|勿|(?:结束|告别|摆脱)了?(?=没有|有|无)|禁止|严禁|杜绝|防止|避免|停止|取消|拒绝|难以|难于|零(?=伤亡|事故|投诉|差错|死亡)"
    r"|免(?=[征收缴交除试检修])|停(?=[办产工运航课业建播])|暂缓|缓[建办]|除外|except|\bbut (?:one|two|three|four|five|a few)\b"
    r"|\b(?:not|no|never|none|without|cannot|neither|nor)\b|n't\b"
)
DENIED = re.compile(rf"(?:{NEGATION.pattern})[再能会得要可应许曾有被把将让使还已]{{0,2}}([\u4e00-\u9fff]{{2,4}})")
# What bounds a quantity, before it and after it.
_NEAR = r"(?!去年|上年|前年|上期|同期|全[省市县区州国]|行业|平均)[^\d一二三四五六七八九十百千万亿，,；;。]{0,14}$"
_LEAST = (
    r"(?:不低于|不少于|不小于|不下|至少|起码|年满|下限|≥|>=|最低(?=[^，。；]{0,3}$)|超过|超|高于|多于|大于|突破|越过|逾|(?<![不未丰圆])满(?=$)|过(?=$)"
    r"|\b(?:at least|over|more than|above|no less than|no fewer than|exceed\w*))"
)
_MOST = (
    r"(?:不超过|不高于|不多于|不大于|至多|最多|上限|≤|<=|最高(?=[^，。；]{0,3}$)|控制在|低于|少于|不足|不到|达不到|不满|未满|小于"
    r"|\b(?:at most|under|less than|fewer than|below|no more than|up to|within))"
)
BOUNDS = (
    (
        "least",
        re.compile(_LEAST + _NEAR),
        re.compile(r"^[^\d，,；;。、]{0,3}?(?:以上|起步|起(?=[，,。；;、]|$)|\bor more\b)"),
    ),
    (
        "most",
        re.compile(_MOST + _NEAR),
        re.compile(r"^(?:[^\d，,；;。、]{0,3}?(?:以内|以下|之内|封顶|\bor less\b)|内(?![容部地外]))"),
    ),
)
NEARLY = re.compile("(?<![最附远邻])(?:将近|接近|逼近|近)$")  # 近300万 is less; 近三年 are the last three
NEGATED_BOUND = re.compile(r"(?:不[得能应可许会]?|\b(?:no|not|never)\b\s*)$")
# Which way a thing goes.
UP = re.compile(
    r"增长|增加|提高|提升|上升|上涨|扩大|增至|升至|升到|加大|加快|新增|净增|增强|延长|升到|涨到|涨至|高出|高于|(?<![最不提])高(?=\d|$)|快于|快(?=\d)|领先|多出|(?<![许最不很至])多了?(?=\d|$)"
    r"|\b(?:increas|rais|ris|rose|grow|grew|higher)\w*|\b(?:more|older|longer|faster)\b(?! than \d)"
)
DOWN = re.compile(
    r"下降|降低|减少|降至|降到|压减|缩小|下滑|回落|缩短|减至|削减|放缓|降到|低于|(?<![最不])低(?=\d|于|$)|慢于|慢(?=\d|$)|落后|(?<![至最不缺])少了?(?=\d|$)"
    r"|\b(?:decreas|reduc|fell|fall|cut|drop|declin|lower)\w*|\b(?:fewer|less|younger|shorter|slower)\b(?! than \d)"
)
FROM = re.compile(r"(?:由|从|\bfrom)[^\d一二三四五六七八九十百千万亿]{0,6}$")
TO = re.compile(r"(?:到|至|为|达|\bto)[^\d一二三四五六七八九十百千万亿]{0,3}$")
# Words that change who may or must: 可以 is not 必须.
MODALS = (
    ("must", re.compile(r"必须|务必|应当|一律|\b(?:must|shall)\b")),
    ("may", re.compile(r"可以|可(?=[\u4e00-\u9fff]{2})(?!持续|能|靠|见|再生|喜|观)|允许|\b(?:may|can|allowed)\b")),
)
PLANNED = re.compile(
    r"底前|[日号]前|(?<=\d{4})年前|之前|计划|将|力争|目标|拟|预计|打算|准备(?=[一-龥])|争取|今年要"
    r"|\b(?:will|plans?|planned to|(?:is|are|was|were) planned|aims?|target\w*|expect\w*|to be)\b"
)
REACHED = re.compile(
    r"已经|已(?![^，。]{0,2}索引|有)|完成了|实现了|建成了|达到了|\b(?:has|have) (?:been )?\w+ed\b|\balready\b"
)
RELATIVE = re.compile(
    r"今年|去年|明年|后年|上年|前年|[本下上][月周](?![初底末])|上半年|下半年|前?[一二三四]季度|年底|月底|年初|月初|年内|[上中下]旬"
    r"|周[一二三四五六日天](?![次个回届批日天篇遍期])|[寒暑]假|国庆|中秋|春节|元旦|端午|清明|重阳|正月|腊月|初[一二三四五六七八九十]|十[二三四五六]五(?![\d十年月日])"
)
PAST = re.compile(
    REACHED.pattern
    + r"|去年|上年|过去|年来|现有|目前|累计|共(?!同|有制|产|青|享|建)|达到|上半年|[有了]\d|\b(?:was|were|had|\w+ed)\b"
)
REVIEW = re.compile("(?m)(?:回顾|总结)$")  # headings under which what was done is told
PAST_TENSE = re.compile(r"\b(?:was|were|had|\w{2,}ed|began|rose|grew|fell|built|held|gave|sent|spent)\b|了(?=\d)")
# Words that make a claim stronger or narrower; one of a group has to stand in the evidence, too.
QUALIFIERS = tuple(
    tuple(group.split("/"))
    for group in (
        "提前 率先 唯一 超额 圆满 首次/首个/首家/首届/首艘/首座/第一/头一 全部/所有/全都/一律/全体/均/都/全面/每一 "
        "各 完全/纯粹 大幅/显著/明显 大多数/多数/大部分 "
        "一半/半数 全国第一/全国首 世界/全球/国际 永久/长期/始终/一直 立即/立刻/马上/尽快 不收费/免收 专门/专项 独家 自愿 随机 首要/第一位/首位"
    ).split()
)
# 每个县 is every county, 任何单位 every unit: 都 and 各 add nothing to them.
_EVERY = ("每", "任何", "凡", "一切", "全覆盖", "无一", "没有一")
EACH = {
    "全部": ("各", *_EVERY),
    "各": ("全部", "所有", "一律", "都", "均", "逐", "分别", *_EVERY),
    "完全": ("全部", "都", "不是", "只", "全"),
}
PER_TIME = re.compile("每(?=[年月天日周季亩户])|每人(?=每)")  # in which 每 says of how many nothing
CAUSES = re.compile(
    r"因为|由于|因此|因而|所以|从而|导致|致使|使得|受[^，,。；;]{1,16}影响|为(?=方便|便利|保障|确保|解决|满足|防止|鼓励)|以便|为了|得益于|归功|[是系]因|因(?=[\u4e00-\u9fff]{2})(?!素|地|此)"
    r"|\b(?:because|since|due to|so that|therefore|thanks to|as a result|in order)\b"
)
# What a named body is called behind its own name: 棣塘小学 is not 梅坞小学.
BODY = re.compile(
    r"([\u4e00-\u9fff])(大学|学院|小学|中学|初中|高中|学校|幼儿园|医院|公司|集团|银行|基金|核电|电站|水库|大坝|铁路|高速|机场|港口|港|码头|"
    r"园区|开发区|工业园|博物馆|图书馆|街道|实验室|研究院|协会|委员会|片区|厅|局|镇|乡(?!亲)|村(?!民|里|干部)|河|湖|江|山|岛|湾|桥|老师|医生|大夫|师傅|大爷|大娘|大妈|奶奶|爷爷|阿姨)"
)
NO_NAME = frozenset(
    "个所家座该此本各等的和与及或在到把对将全多大小新老每这那一二三四五六七八九十两几名优示农乡城社居行街市县区省国民公私办后前内外中上下条为是有给找凭往去从由向同跟让被该须要按归离进出过来住交报送回"
)
# Such of no name where they begin a clause or end a word: 但公司, 今年公司, not 蓝天公司.
JOINING = re.compile(
    "(?:^|[^\u4e00-\u9fff]|[当今昨每本上这那次去全同因并而对由关至])[但则而且也又还仅只即因若如使叫请帮对以至于并虽却就才都再更最很太年月日天时期里间说]$"
)
# Opposites: one of a pair in the claim, the other in the evidence.
OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "新建/拆除 开放/关闭 支持/反对 鼓励/限制 放宽/收紧 扩大/缩小 加快/放慢 城镇/农村 城市/农村 上半年/下半年 高于/低于 多于/少于 "
        "最高/最低 最大/最小 最多/最少 首次/再次 全国/全省 全省/全市 全市/全县 进口/出口 收入/支出 男性/女性 上午/下午 东部/西部 "
        "南部/北部 直接/间接 主要/次要 公立/民办 国有/民营 长期/短期 事前/事后 每月/每年 每周/每月 每天/每周 每季度/每月 "
        "同比/环比 增加/减少 提高/降低 上升/下降 增长/下降 提前/推迟 提前/晚了 延长/缩短 以上/以下 自愿/强制 "
        "省级/市级 市级/县级 国家级/省级 国家级/市级 省级/县级 "
        "最快/最慢 最早/最晚 领先/落后 优于/逊于 快于/慢于 好于/差于 强于/弱于 早于/晚于 早了/晚了 上限/下限 封顶/起步 增产/减产 盈利/亏损 顺差/逆差 "
        "通过/否决 批准/驳回 同意/反对 开办/停办 开始/截止 开始/结束 在内/除外 动工/竣工 开工/通车 until/since 满意/不满 开幕/闭幕 多于/不及 "
        "完成/启动 竣工/开工 建成/开工 部分/全部 多数/全部 多数/所有 以前/以后 之前/之后 超过/不到 "
        "确保/力争 确保/争取 确保/尽量 必须/尽量 大多/全部 大多/全是 大部分/全部 大都/全部 主要/完全 主要/全部"
    ).split()
)
# Of these hardly two are said of different things near one another.
SHARP = tuple(
    tuple(pair.split("/"))
    for pair in "快于/慢于 优于/逊于 好于/差于 强于/弱于 早于/晚于 盈利/亏损 顺差/逆差 增产/减产 提前/推迟 开幕/闭幕".split()
)
COMPARED = re.compile("[快慢高低多少大小强弱早晚优]于|不及|赶不上|[比较][^，,。；;]{1,16}[快慢高低多少大小强弱早晚]")
COMPARING = re.compile(COMPARED.pattern + "|超|逊|领先|落后|胜|比|差|最|翻|倍")
# Words in which a claim tells where it is from; they say nothing of the matter.
_SAID = "(?:还|也)?(?:提出|指出|强调|明确|显示|表示|要求|提到|介绍|承认|说)"
_SPEECH = "(?:讲话|报告|致辞|会议|文件|资料|材料)[》”]?"
# 批复了可行性报告 is none: it begins or ends as where something is from does.
FRAME = re.compile(
    rf"^(?:(?:根据|按照|据|在)[^，,]{{0,40}}?(?:{_SPEECH}|《[^》]+》)(?:中|里|上)?(?:{_SAID})?"
    rf"|[^，,]{{0,40}}?{_SPEECH}(?:(?:中|里|上)(?:{_SAID})?|{_SAID})|《[^》]+》(?:中|里|上)?(?:{_SAID})?)[，,：:]?$"
)
FRAME_PREFIX = re.compile(
    r"^(?:根据|按照|据)?[^，,]{0,24}?(?:讲话|报告|致辞|会议)(?:中|里|上)?(?:还|也)?(?:提出|指出|强调|明确|显示|表示|要求|提到|介绍)(?:了|要|，)?"
)
# Who says what a clause reports.
SAYING = re.compile(
    r"^([^，,。；;的]{2,24}?)(?<![和与及])(?:在[^，,。；;]{2,16}?(?:上|中|里|时|后))?(?:还|也|曾|明确|郑重)?"
    r"(?:指出|表示|建议|提出|要求|强调|认为|坦言|承诺|宣布|介绍|说)"
)
ANYBODY = re.compile("大家|我|有人|有的|他|她")
# Clauses that only join others.
CONNECTIVE = re.compile(
    r"与.{1,8}相比|平均下来|其中|同时|此外|另外|具体(?:来说|包括)?|总的来看|也就是说|分别是|即|包括"
)
# What joins a clause to others.
FILLER = re.compile("虽然|尽管|但是|不过|而且|并且|[但而且也则]")
REPORTING = frozenset(
    "是否 提出 指出 强调 表示 要求 明确 显示 介绍 提到 讲话 报告 根据 其中 此外 另外 同时 具体 包括 分别 以及 并 还 也 等 即 其 该 这 此 为 是 有 "
    "达 达到 达到了 实现 已 已经 共 共有 一共 总共 总数 总量 数量 人数 数 规模 方面 情况 目标 指标 任务 工作 计划 将 要 会 对 使 把 让 由 从 到 至 在 于 "
    "出现 发生 不能 不会 不得 可 内 里 获得 得到 取得 处在 处于 能 能够 "
    "相当于 占 开始 起 相比 比例 比重 平均 承认 仅 只有 均 都 又 再 更 较 进行 开展 完成 予以 给予 作为 成为 之一 左右 以上 以下 以内 大约 约 多 余 近 "
    "今年 去年 明年 年 月 日 个 名 人 户 家 增 全年 当年 期间 "
    "said says say stated states report speech according also including respectively about approximately set plans plan will would aims aim target "
    "targets there total number reached reach s".split()
)
# Tags of rjieba whose words carry no matter: particles, prepositions, conjunctions, pronouns, numerals, measures, …
EMPTY_TAGS = frozenset("u ul uj uz ug ud uv p c y e r rr rz rg m mq q f w x d dg df zg t o h k".split())
BEHIND, BEHIND_ENGLISH = 8, 24  # letters behind a figure in which it is told which way it goes
NAME_TAGS = frozenset(("nr", "nt", "nrt", "nrfg"))
# Letters that end no name: the segmenter takes 租金为 for one.
ENDS_NO_NAME = frozenset("为经的是将把被由与及在对")
# What the pattern of places takes along: 由于南浦区, 白石两县, 会上市应急管理局; letters that are in hardly any name.
BESIDE_PLACE = re.compile(
    r"^(?:[帮驻]|由于|因为|位于|来自|对于|关于|至于|以及|并且|另外|这个|那个|每个|其中|上游|下游|会上|会前|会后|已经?|还要|但须由?|[从由给往让把被向与跟归按将须该要想在但而是])"
    r"|(?:还给|[两二三四五六七八九几各里和与归给从由到在是让该]|(?<!日)本)$"
)
NO_PLACE = re.compile(
    "[的了是从由给往让把被也不没还都这那钱着在]|以后|[一二三四五六七八九十两几]个|[元家]$|^[件家段个]|^[一二三四五六七八九十两几各双][省市区县乡镇]$"
)
NO_SUFFIX = re.compile("市[场价民容]|省[电用下了钱时力去心略]|区[间别域分]")  # no city, no province, no district
NO_PERSON = re.compile(r"起来|房子|先生|女士|小姐|时间|.[得一过了着不].|[人送提里]$")
HAN_WORD = re.compile(r"[\u4e00-\u9fff]+")
TITLE = re.compile(r"《([^》]{2,60})》")
LATIN = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that carries matter, and what missing it costs."""

    text: str
    weight: float


@lru_cache(maxsize=4_000)
def content(folded: str) -> tuple[Word, ...]:
    """The words of a folded clause that carry matter: nouns whole, verbs and qualities half, each once."""
    found: dict[str, float] = {}
    for word, tag in rjieba.tag(matter(folded)):
        text = str(word).strip()
        if not HAN_WORD.fullmatch(text) or tag in EMPTY_TAGS or text in REPORTING or text in ASKING:
            continue
        if UP.fullmatch(text) or DOWN.fullmatch(text):
            continue  # which way a thing goes is checked by itself
        noun = tag[:1] in "nlij" or tag in ("vn", "an", "s")
        weight = (1.0 if noun else 0.5) * (0.5 if len(text) == 1 else 1.0)
        found[text] = max(found.get(text, 0.0), weight)
    return tuple(Word(text, weight) for text, weight in found.items())


@lru_cache(maxsize=4_000)
def names(text: str) -> frozenset[str]:
    """Places, people and titles that a clause names, folded; places without 省, 市, 县."""
    titles = {fold(title) for title in TITLE.findall(text)}
    bare = TITLE.sub(" ", plain(text))
    people = {str(word) for word, tag in rjieba.tag(matter(bare)) if _is_name(str(word), tag)}
    return places(bare) | people | titles


def places(folded: str) -> frozenset[str]:
    """Places that a folded clause names, without 省, 市, 县."""
    found = sure_places(NO_SUFFIX.sub("，", folded))
    return frozenset(bare_place(place) for place in found if place[-1] not in ENDS_NO_NAME) - {""}


def bare_place(place: str) -> str:
    """A place without what only stands beside it: 去年甲, 由于甲, 甲乙两."""
    bare = RELATIVE.sub("", BESIDE_PLACE.sub("", place))
    return "" if NO_PLACE.search(bare) or len(bare) < len("甲乙") else bare


def _is_name(word: str, tag: str) -> bool:
    if tag not in NAME_TAGS or not 1 < len(word) < 4 or word[-1] in ENDS_NO_NAME or word[0] in "两几各":
        return False
    return tag != "nr" or (
        may_be_a_person(word) and not NO_PERSON.search(word)
    )  # the segmenter takes 友谊 and 张榜 for people


def matter(folded: str) -> str:
    """A folded clause without its quantities and titles."""
    bare = TITLE.sub(" ", folded)
    for quantity in reversed(quantities(bare)):
        bare = f"{bare[: quantity.start]} {bare[quantity.end :]}"
    return bare


def negations(folded: str) -> int:
    """How many negations a folded clause holds."""
    return len(NEGATION.findall(NOT_NEGATING.sub("", folded)))


def denied(folded: str) -> list[str]:
    """What a folded clause denies: pairs of the letters right behind its negations, 完成 of 没有完成."""
    told = [match[1] for match in DENIED.finditer(NOT_NEGATING.sub("", folded))]
    return [words[i : i + 2] for words in told for i in range(len(words) - 1)]


def bounds(folded: str, quantity: Quantity) -> frozenset[str]:
    """Whether a quantity is told as the `least`, the `most`, or neither."""
    told: set[str] = set()
    before, after = folded[max(0, quantity.start - 22) : quantity.start], folded[quantity.end : quantity.end + 8]
    for name, left, right in BOUNDS:
        found = left.search(before)
        if found:
            negated = bool(NEGATED_BOUND.search(before[: found.start()]))
            told.add({"least": "most", "most": "least"}[name] if negated else name)
        if right.search(after):
            told.add(name)
    if quantity.unit not in TIMES and NEARLY.search(before):
        told.add("most")
    return frozenset(told)


def direction(folded: str, quantity: Quantity) -> str:
    """Which way the thing goes that a quantity measures: the nearest word of its clause."""
    start = max(folded.rfind(stop, 0, quantity.start) for stop in "，,；;。：:") + 1
    stops = [place for stop in "，,；;。" if (place := folded.find(stop, quantity.end)) >= 0]
    before, after = folded[start : quantity.start], folded[quantity.end : min(stops, default=len(folded))]
    after = after[: BEHIND if has_han(folded) else BEHIND_ENGLISH]
    nearest = max(
        [(match.end(), name) for name, word in (("up", UP), ("down", DOWN)) for match in word.finditer(before)],
        default=None,
    )
    if nearest:
        return nearest[1]
    return "up" if UP.search(after) else "down" if DOWN.search(after) else ""


def role(folded: str, quantity: Quantity) -> str:
    """Whether a quantity is what a change begins `from` or goes `to`."""
    before = folded[max(0, quantity.start - 10) : quantity.start]
    return "from" if FROM.search(before) else "to" if TO.search(before) else ""


def modal(folded: str) -> str:
    """Whether a clause says what must be or what may be."""
    return next((name for name, words in MODALS if words.search(folded)), "")


def compared_by_itself(claim: str, evidence: str) -> bool:
    """True when a claim without a figure compares what the evidence only tells one beside the other."""
    return bool(COMPARED.search(claim)) and not quantities(claim) and not COMPARING.search(evidence)


def opposed(claim: str, evidence: str, pairs: Sequence[tuple[str, ...]] = OPPOSITES) -> bool:
    """True when the claim has one of two opposites and the evidence the other alone."""
    for pair in pairs:
        more = [claim.count(word) - evidence.count(word) for word in pair]
        if more[0] * more[1] < 0:
            return True
    return False


def stronger(claim: str, evidence: str) -> bool:
    """True when the claim has a word that makes it stronger or narrower and the evidence none of its kind."""
    claim, evidence = claim.replace("平均", ""), PER_TIME.sub("", evidence.replace("平均", ""))
    return any(
        any(word in claim for word in group) and not any(word in evidence for word in (*group, *EACH.get(group[0], ())))
        for group in QUALIFIERS
    )


def misattributed(claim: str, pieces: Sequence[str], speaker: str) -> bool:
    """True when a claim tells of one who says something, and all clauses of the evidence that report tell of others.

    Not when it tells of the `speaker`, whose speech the evidence is.
    """
    told = SAYING.match(claim)
    found = (match[1] for piece in pieces if (match := SAYING.match(piece.strip())))
    sayers = [sayer for sayer in found if not ANYBODY.search(sayer)]
    if told is None or not sayers:
        return False
    words = [word.text for word in content(told[1]) if word.weight >= 1]
    return bool(words) and not any(word in other for word in words for other in (*sayers, speaker))


def other_body(claim: str, evidence: str) -> bool:
    """True when the claim names a school, a river, a village … by another name than the evidence does."""
    named = {match[2] for match in BODY.finditer(evidence) if _begins_a_name(evidence, match)}
    return any(
        match[2] in evidence
        and match[0] not in evidence
        and _begins_a_name(claim, match)
        and (match[2] in named or not _is_no_name(claim, match, evidence))
        for match in BODY.finditer(claim)
    )


def _begins_a_name(folded: str, match: re.Match[str]) -> bool:
    return match[1] not in NO_NAME and not JOINING.search(folded[: match.end(1)])


def _is_no_name(claim: str, match: re.Match[str], evidence: str) -> bool:
    """True for 样板村 where 样板 stands in the evidence, and for 告诉学校 where that names no school."""
    start = 0
    for word, tag in rjieba.tag(claim):
        start += len(str(word))
        if start == match.end(1):
            return tag[:1] in "vp" or (len(str(word)) > 1 and str(word) in evidence)
    return False
