"""Questions over the 31 Word reports about outlines, comparisons, the collection and who spoke when.

Gold is made by reading the reports (`OUTLINES`, `GIVEN`, `TARGETS`) or by plain search over their texts (`TERMS`).
Half of them, told by a hash of their ids, are kept for a final run.
"""

import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import rjieba

from qa.engine import Engine
from qa.evaluation import GoldQuestion

HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,8}")
# Terms as they are asked for; the speeches that have one are counted by plain search.
TERMS = (
    "新质生产力 银发经济 首发经济 冰雪经济 人工智能 托育 老旧小区 专精特新 民营经济 营商环境 中欧班列 粮食安全 "
    "乡村振兴 生育支持 自由贸易试验区 海洋经济 中医药 数据要素 保障性住房 非物质文化遗产 专利 共同富裕"
).split()
ASKED_FOR = ("有多少篇报告提到“{}”？", "哪些报告提到了{}？", "哪些省提到“{}”？")
# Urban jobs to be created in 2025, and created in 2024, as the reports have them.
TARGETS = {
    "山东": "110万人", "江苏": "120万人", "四川": "85万人", "重庆": "65万人", "甘肃": "30万人", "陕西": "40万人",
    "河北": "86万人", "河南": "110万人", "浙江": "100万人", "福建": "50万人", "山西": "45万人", "吉林": "21万人",
    "黑龙江": "30万人", "辽宁": "47万人", "宁夏": "8万人", "青海": "6万人",
}  # fmt: skip
REACHED = {
    "上海": "62.2万人", "北京": "29.9万人", "浙江": "118.3万人", "安徽": "75.95万人", "福建": "53.1万人",
    "广西": "40.5万人", "河北": "89.9万人", "重庆": "71.9万人",
}  # fmt: skip
# Who gave a report, and on which day of January 2025.
GIVEN = {
    "上海": ("龚正", 15), "云南": ("王予波", 18), "内蒙古": ("王莉霞", 14), "北京": ("殷勇", 14), "海南": ("刘小明", 14),
    "贵州": ("李炳军", 19), "辽宁": ("李乐成", 16), "陕西": ("赵刚", 16), "江苏": ("许昆林", 19), "山西": ("金湘军", 17),
    "河北": ("王正谱", 13), "河南": ("王凯", 18),
}  # fmt: skip
# How the headings of a list begin that is asked for.
OUTLINES = (
    ("海南", "海南省2025年政府工作报告讲了哪五个方面的问题和不足？", (
        "一是经济恢复的基", "二是高质量发展面", "三是安全发展的薄", "四是民生保障还有",
        "五是担当作为有待")),
    ("海南", "海南省2025年要紧盯哪七件事？", (
        "一是紧盯封关运作", "二是紧盯改革开放", "三是紧盯高质量发", "四是紧盯新发展格", "五是紧盯营商环境", "六是紧盯新型城镇",
        "七是紧盯民生保障")),
    ("海南", "海南省2025年工作安排包括哪十项？", (
        "着力推动自贸港建", "着力促进经济持续", "着力培育壮大新质", "着力推动服务业高",
        "着力深化改革扩大", "着力统筹区域协调", "着力推进乡村全面", "着力巩固生态文明", "着力筑牢安全发展",
        "着力保障和改善民")),
    ("辽宁", "辽宁省2025年工作安排有哪十个方面？", (
        "抢抓政策机遇", "坚持创新驱动", "持续精准发力", "扛牢首要担当", "强化问题导向", "畅通内外循环", "坚持协同联动", "坚持生态优先",
        "坚持人民至上", "守牢安全底线")),
    ("辽宁", "辽宁省的政府工作报告分为哪几个部分？", ("2024年工作回", "2025年工作安", "全面提升政府现代")),
    ("山西", "山西省2025年工作安排聚焦哪七个方面？", (
        "聚焦推动经济持续", "聚焦加快转型发展", "聚焦提供强大动力", "聚焦推动城乡融合", "聚焦建设美丽山西",
        "聚焦促进共同富裕", "聚焦维护和谐稳定")),
    ("山西", "山西省2024年工作回顾讲了哪五个方面？", (
        "着力推动经济持续", "因地制宜发展新质", "有效激发全社会内", "协同推进降碳减污",
        "用情用力保障和改")),
    ("贵州", "贵州省2025年主要目标任务有哪九项？", (
        "全方位扩大有效需", "进一步凝聚力量推", "大力开展新一轮产", "一体推进教育科技",
        "统筹推进深层次改", "扎实推进乡村全面", "深入推进美丽贵州", "牢牢守住安全底线", "持续保障和改善民")),
    ("甘肃", "甘肃省2025年的八项重点工作是什么？", (
        "聚焦全方位扩大内", "大力推进新型工业", "统筹新型城镇化和", "完善大保护大治理", "积极融入新发展格",
        "加快文化强省建设", "坚持民生至上", "深化主动创安创稳")),
    ("甘肃", "甘肃省2024年聚力打好了哪六场仗？", (
        "聚力打好稳增长阵", "聚力打好调结构突", "聚力打好促改革攻", "聚力打好扩开放主", "聚力打好惠民生持",
        "聚力打好防风险保")),
    ("浙江", "浙江省2025年要办好哪十方面的民生实事？", (
        "医疗卫生方面", "养老帮困方面", "关爱儿童方面", "就业创业方面", "城乡宜居方面", "教育助学方面", "体育健身方面", "交通出行方面",
        "便民服务方面", "除险保安方面")),
    ("浙江", "浙江省2025年目标任务和重点工作有哪十一项？", (
        "发挥政策引导保障", "提振和扩大消费", "抓好重大项目建设", "以创新浙江引领新", "扩大高水平对外开",
        "发挥经济体制改革", "以“千万工程”牵", "担负起新时代的文", "协同推进降碳减污",
        "统筹高质量发展和", "保障和改善民生")),
)  # fmt: skip


def collection_questions(texts: Path) -> Iterator[GoldQuestion]:
    """The questions, over the reports whose texts are the .txt files in `texts`."""
    files = {file.stem: file.read_text("utf-8") for file in sorted(texts.glob("*.txt"))}

    def named(place: str) -> str:
        return next(f"{stem}.txt" for stem in files if place in stem)

    for number, term in enumerate(TERMS):
        having = tuple(f"{stem}.txt" for stem, text in files.items() if term in text)
        count = (str(len(having)),) if having else ()
        question = ASKED_FOR[number % len(ASKED_FOR)].format(term)
        yield _gold(f"t{number:02}", question, "corpus", (), count, having)
    for kind, figures, ask in (
        ("a", TARGETS, "{}和{}2025年城镇新增就业的目标分别是多少？"),
        ("r", REACHED, "2024年{}和{}的城镇新增就业分别是多少？"),
    ):
        places = list(figures)
        for number, (one, other) in enumerate(zip(places[::2], places[1::2], strict=True)):
            figure = tuple(figures[place].removesuffix("人") for place in (one, other))
            gold = ask.format(one, other), "compare", figure, figure, (named(one), named(other))
            yield _gold(f"{kind}{number:02}", *gold)
    for number, (place, (speaker, day)) in enumerate(GIVEN.items()):
        question, said = (
            (f"{place}2025年政府工作报告是谁作的？", speaker)
            if number % 2
            else (f"{place}2025年政府工作报告是哪一天作的？", f"2025年1月{day}日")
        )
        yield _gold(f"g{number:02}", question, "metadata", (said,), (said,), (named(place),))
    for day in (13, 20):
        given = tuple(f"{stem}.txt" for stem, text in files.items() if f"2025年1月{day}日" in text[:400])
        yield _gold(f"d{day}", f"2025年1月{day}日有哪些报告？", "metadata", (), (str(len(given)),), given)
    for number, (place, question, headings) in enumerate(OUTLINES):
        yield _gold(f"o{number:02}", question, "outline", headings, headings, (named(place),))


def is_kept(question: GoldQuestion) -> bool:
    """True for the half that is kept for a final run."""
    return crc32(question.id.encode()) % 2 == 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The speeches that a list gives for a term, those that plain search finds it in, and the seconds it took."""

    term: str
    given: frozenset[str]
    wanted: frozenset[str]
    seconds: float


def random_terms(texts: Path, count: int) -> list[str]:
    """Words of the reports and runs of four letters across words, rare and common ones alike; the same each time."""
    chance = random.Random(1)
    whole = "\n".join(file.read_text("utf-8") for file in sorted(texts.glob("*.txt")))
    words = sorted({str(word) for word in rjieba.cut(whole) if HAN_WORD.fullmatch(str(word))})
    runs = sorted({run for run in (whole[i : i + 4] for i in range(0, len(whole), 97)) if HAN_WORD.fullmatch(run)})
    return chance.sample(words, count // 2) + chance.sample(runs, count - count // 2)


def check_lists(engine: Engine, texts: Path, terms: Sequence[str]) -> Iterator[Listing]:
    """Ask which reports mention each term, and search their texts for it."""
    sources = {file.stem: file.read_text("utf-8") for file in sorted(texts.glob("*.txt"))}
    for term in terms:
        started = time.perf_counter()
        answer = engine.ask(f"哪些报告提到“{term}”？")
        seconds = time.perf_counter() - started
        told = set(re.findall("《(.+?)》", answer.sentences[0].text)) if answer.sentences else set()
        given = frozenset(told.union(citation.document_title for citation in answer.citations))
        yield Listing(term, given, frozenset(title for title, text in sources.items() if term in text), seconds)


def _gold(
    id_: str, question: str, kind: str, evidence: tuple[str, ...], answers: tuple[str, ...], documents: tuple[str, ...]
) -> GoldQuestion:
    return GoldQuestion(id_, question, kind, "zh", evidence, answers, True, documents, ())
