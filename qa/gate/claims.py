"""What a sentence claims beside its quantities: negation, direction, comparison, names, words that carry meaning."""

import re
from dataclasses import dataclass
from functools import lru_cache

import rjieba

from index.segmentation import fold
from qa.gate.quantities import Quantity, quantities
from qa.naming import sure_places
from qa.wording import ASKING

# Words in which 不, 无, 未 and 非 negate nothing that is claimed, and bounds, which are told apart by themselves.
NOT_NEGATING = re.compile(
    r"不(?:断|仅|仅仅|但|低于|少于|高于|多于|超过|足|同|管|论|懈|移|渝|凡|错|得不|了|久|等|可或缺|忘|少(?!于)|小(?!于)|平凡)|无(?:论|人机|障碍|线|缝|比|数|疑)|未(?:来|成年)"
    r"|非(?:常|遗|公|物质|洲|凡|首)|没有停|莫不|无不|not only"
)
NEGATION = re.compile(
    r"不|没有|没|未|无(?!锡)|非|勿|禁止|严禁|杜绝|防止|避免|停止|取消|拒绝|\b(?:not|no|never|none|without|cannot|neither|nor)\b|n't\b"
)
# What bounds a quantity, before it and after it.
_NEAR = r"[^\d，,；;。]{0,8}$"
_LEAST = (
    r"(?:不低于|不少于|不小于|至少|超过|超|高于|多于|大于|突破|逾"
    r"|\b(?:at least|over|more than|above|no less than|no fewer than|exceed\w*))"
)
_MOST = (
    r"(?:不超过|不高于|不多于|不大于|至多|最多|控制在|低于|少于|不足|不到|小于"
    r"|\b(?:at most|under|less than|fewer than|below|no more than|up to|within))"
)
BOUNDS = (
    ("least", re.compile(_LEAST + _NEAR), re.compile(r"^[^\d，,；;。、]{0,3}?(?:以上|\bor more\b)")),
    ("most", re.compile(_MOST + _NEAR), re.compile(r"^[^\d，,；;。、]{0,3}?(?:以内|以下|之内|\bor less\b)")),
)
NEGATED_BOUND = re.compile(r"(?:不|\bno(?:t)?\b\s*)$")
# Which way a thing goes.
UP = re.compile(
    r"增长|增加|提高|提升|上升|上涨|扩大|增至|升至|升到|加大|加快|新增|净增|增强|延长|\b(?:increas|rais|ris|rose|grow|grew|higher)\w*"
)
DOWN = re.compile(
    r"下降|降低|减少|降至|降到|压减|缩小|下滑|回落|缩短|减至|削减|放缓|\b(?:decreas|reduc|fell|fall|cut|drop|declin|lower)\w*"
)
FROM = re.compile(r"(?:由|从|\bfrom)\D{0,6}$")
TO = re.compile(r"(?:到|至|为|达|\bto)\D{0,3}$")
# Words that change who may or must: 可以 is not 必须.
MODALS = (
    ("must", re.compile(r"必须|务必|应当|一律|\b(?:must|shall)\b")),
    ("may", re.compile(r"可以|可(?=[\u4e00-\u9fff]{2})(?!持续|能|靠|见|再生|喜|观)|允许|\b(?:may|can|allowed)\b")),
)
PLANNED = re.compile(r"计划|将|力争|目标|拟|预计|争取|今年要|\b(?:will|plans?|aims?|target\w*|expect\w*)\b")
REACHED = re.compile(
    r"已经|已(?![^，。]{0,2}索引)|完成了|实现了|建成了|达到了|\b(?:has|have) (?:been )?\w+ed\b|\balready\b"
)
RELATIVE = re.compile(r"今年|去年|明年|上年|前年|上半年|下半年|[一二三四]季度|年底|月底|年初|年内")
# Opposites: one of a pair in the claim, the other in the evidence.
OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "新建/拆除 开放/关闭 支持/反对 鼓励/限制 放宽/收紧 扩大/缩小 加快/放慢 城镇/农村 城市/农村 上半年/下半年 高于/低于 多于/少于 "
        "最高/最低 最大/最小 最多/最少 首次/再次 全国/全省 全省/全市 全市/全县 进口/出口 收入/支出 男性/女性 上午/下午 东部/西部 "
        "南部/北部 直接/间接 主要/次要 公立/民办 国有/民营 长期/短期 事前/事后 每月/每年 每周/每月 每天/每周 每季度/每月 "
        "同比/环比 增加/减少 提高/降低 上升/下降 增长/下降 提前/推迟 延长/缩短 以上/以下 免费/收费 自愿/强制 完成/启动 竣工/开工 建成/开工"
    ).split()
)
# Words in which a claim tells where it is from; they say nothing of the matter.
FRAME = re.compile(
    r"^(?:根据|按照|据)?[^，,]{0,24}?(?:讲话|报告|致辞|会议|文件|资料|材料)(?:中|里|上)?(?:还|也)?(?:提出|指出|强调|明确|显示|表示|要求|提到|介绍|说)?[，,：:]?$"
)
FRAME_PREFIX = re.compile(
    r"^(?:根据|按照|据)?[^，,]{0,24}?(?:讲话|报告|致辞|会议)(?:中|里|上)?(?:还|也)?(?:提出|指出|强调|明确|显示|表示|要求|提到|介绍)(?:了|要|，)?"
)
REPORTING = frozenset(
    "提出 指出 强调 表示 要求 明确 显示 介绍 提到 讲话 报告 根据 其中 此外 另外 同时 具体 包括 分别 以及 并 还 也 等 即 其 该 这 此 为 是 有 "
    "达 达到 达到了 实现 已 已经 共 共有 一共 总共 总数 总量 数量 人数 数 规模 方面 情况 目标 指标 任务 工作 计划 将 要 会 对 使 把 让 由 从 到 至 在 于 "
    "相当于 占 仅 只有 均 都 又 再 更 较 进行 开展 完成 予以 给予 作为 成为 之一 左右 以上 以下 以内 大约 约 多 余 近 "
    "今年 去年 明年 年 月 日 个 名 人 户 家 增 全年 当年 期间 "
    "said says say stated states report speech according also including respectively about approximately set plans plan will would aims aim target "
    "targets there total number reached reach s".split()
)
# Tags of rjieba whose words carry no matter: particles, prepositions, conjunctions, pronouns, numerals, measures, …
EMPTY_TAGS = frozenset("u ul uj uz ug ud uv p c y e r rr rz rg m mq q f w x d dg df zg t o h k".split())
NAME_TAGS = frozenset(("nr", "nt", "nrt", "nrfg"))
HAN_WORD = re.compile(r"[\u4e00-\u9fff]+")
TITLE = re.compile(r"《([^》]{2,60})》")
LATIN = re.compile(r"[a-z]+")
CAPITALISED = re.compile(r"\b[A-Z][a-zA-Z]+(?:\s+[A-Z][a-zA-Z]+)*")


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
        noun = tag[:1] in "nlij" or tag in ("vn", "an", "s")
        weight = (1.0 if noun else 0.5) * (0.5 if len(text) == 1 else 1.0)
        found[text] = max(found.get(text, 0.0), weight)
    return tuple(Word(text, weight) for text, weight in found.items())


@lru_cache(maxsize=4_000)
def names(text: str) -> frozenset[str]:
    """Places, people and titles that a clause names, folded; places without 省, 市, 县."""
    titles = {fold(title) for title in TITLE.findall(text)}
    bare = TITLE.sub(" ", text)
    people = {str(word) for word, tag in rjieba.tag(matter(fold(bare))) if tag in NAME_TAGS and 1 < len(str(word)) < 4}
    return sure_places(bare) | frozenset(people) | frozenset(titles)


def matter(folded: str) -> str:
    """A folded clause without its quantities and titles."""
    bare = TITLE.sub(" ", folded)
    for quantity in reversed(quantities(bare)):
        bare = f"{bare[: quantity.start]} {bare[quantity.end :]}"
    return bare


def negations(folded: str) -> int:
    """How many negations a folded clause holds."""
    return len(NEGATION.findall(NOT_NEGATING.sub("", folded)))


def bounds(folded: str, quantity: Quantity) -> frozenset[str]:
    """Whether a quantity is told as the `least`, the `most`, or neither."""
    told: set[str] = set()
    before, after = folded[max(0, quantity.start - 14) : quantity.start], folded[quantity.end : quantity.end + 8]
    for name, left, right in BOUNDS:
        found = left.search(before)
        if found:
            negated = bool(NEGATED_BOUND.search(before[: found.start()]))
            told.add({"least": "most", "most": "least"}[name] if negated else name)
        if right.search(after):
            told.add(name)
    return frozenset(told)


def direction(folded: str, quantity: Quantity) -> str:
    """Which way the thing goes that a quantity measures: the nearest word of its clause."""
    start = max(folded.rfind(stop, 0, quantity.start) for stop in "，,；;。：:") + 1
    stops = [place for stop in "，,；;。" if (place := folded.find(stop, quantity.end)) >= 0]
    before, after = folded[start : quantity.start], folded[quantity.end : min(stops, default=len(folded))][:8]
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


def opposed(claim: str, evidence: str) -> bool:
    """True when the claim has one of two opposites and the evidence the other alone."""
    for pair in OPPOSITES:
        more = [claim.count(word) - evidence.count(word) for word in pair]
        if more[0] * more[1] < 0:
            return True
    return False
