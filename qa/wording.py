"""How questions are worded: what they ask for, how far it reaches, which words carry no content."""

import re
from enum import StrEnum


class Asked(StrEnum):
    """The kind of thing that has to stand in a sentence for it to be an answer."""

    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DAY = "day"
    TIME = "time"
    PERSON = "person"
    REASON = "reason"


# First fitting kind wins.
ASKED: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (Asked.DAY, re.compile(r"哪一?天|几月几[日号]|哪一?日|具体日期|what date|which day|on what day", re.I)),
    (Asked.TIME, re.compile(r"什么时候|何时|什么时间|哪一?年|哪个?月|多久|when\b|which year|what year", re.I)),
    (Asked.REASON, re.compile(r"(?<![称作分成名叫改译归述示换少定视])为什么|为何|什么原因|原因是什么|\bwhy\b", re.I)),
    (Asked.PERSON, re.compile(r"谁|哪位|何人|\bwho\b", re.I)),
    (
        Asked.MONEY,
        re.compile(
            r"多少(?:万|亿)?(?:钱|元)|投资多少|how much (?:money|funding)|多少资金"
            r"|what (?:is|was|are|were) .*\b(?:investments?|costs?|budget|prices?|salary|wages?|incomes?|fees?|spending|expenditure)\b"
            r"|how much .*\b(?:invest(?:ed)?|cost|spen[dt]|paid|pay)\b",
            re.I,
        ),
    ),
    (
        Asked.PERCENT,
        re.compile(
            r"比例|百分之几|占比|增速|增幅|增长率|失业率|增长(?:预期)?目标|覆盖率|percent|proportion|\brate\b|what .*\bgrowth\b",
            re.I,
        ),
    ),
    (
        Asked.NUMBER,
        re.compile(
            r"多少|(?<!哪)几(?=[个名人户项条家所次年天岁倍成篇座层处位])|多大|多长|多高|how (?:many|much|large|tall|long|old|far|high|deep|big)"
            r"|what (?:is|was|are|were) the (?:total|number|amount|size|length|area|population|height|capacity)\b",
            re.I,
        ),
    ),
)
_NUMERAL = r"(?:[0-9]+|[一二三四五六七八九十百千两]+(?=[个名户项条家所万亿%成倍年月日]))"
_MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
EVIDENCE_OF: dict[Asked, re.Pattern[str]] = {
    Asked.NUMBER: re.compile(_NUMERAL),
    Asked.PERCENT: re.compile(r"[0-9]\s*(?:%|个百分点)|百分之|percent|[一二三四五六七八九]成", re.I),
    Asked.MONEY: re.compile(rf"{_NUMERAL}[^，,。；;]{{0,6}}元|元"),
    Asked.DAY: re.compile(rf"[0-9一二三四五六七八九十]+月[0-9一二三四五六七八九十]+[日号]|\b{_MONTH}\b"),
    Asked.TIME: re.compile(
        r"[0-9x]年|[0-9一二三四五六七八九十]月|年底|年内|月底|今年|明年|去年|季度|[上下]半年|世纪|期间|\b(?:19|20)\d\d\b"
        rf"|[0-9一二三四五六七八九十百]+(?:日|天|个月|小时|周)|\b{_MONTH}\b"
    ),
    Asked.REASON: re.compile(
        r"因|由于|为了|得益|归功|离不开|靠的是|源于|根源|关键在|之所以|导致|致使|使得|because|since|due to|reason|thanks to"
    ),
}
# Measure words and units of one letter; what else stands behind 多少 is the thing counted.
MEASURES = "个名人位户家处座所项条件次场只头匹台辆架艘套栋幢间张份本册门亩斤吨米元钱天年月岁倍成级层届批期种类支口颗组队节盏株棵片块段"
UNIT = re.compile(rf"(?:多少|(?<!哪)几)(?:万|亿)?(个百分点|平方米|平方公里|公里|千米|公顷|千瓦|[{MEASURES}])")
SAME_UNIT = ({"人", "名", "位", "个"}, {"个", "家", "处", "座", "所", "项"}, {"钱", "元"}, {"公里", "千米"})
LATIN_WORD = re.compile(r"[A-Za-z]+")
CALENDAR_YEAR = re.compile(r"(?:19|20)\d\d\s*年|[一二三四五六七八九十]+五规划")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*年|\b)")
# All speeches are asked, each by itself.
COMPARE = re.compile(
    r"各篇|各个?讲话|各(?:省|市|地|县|区)(?![级委])|各(?:份|个)?报告|不同(?:的)?报告|"
    r"不同(?:的)?讲话|两篇|三篇|几篇|分别.{0,6}(?:怎么|如何)(?:说|规定|提)|each (?:speech|report)|compare",
    re.I,
)
# What is said of a thing, by each of several speeches.
SAID_HOW = re.compile(
    r"(?:对于?|关于|就)(?P<a>[^，。？?]{2,16}?)(?:各自|分别|都)?(?:是|有)?(?:怎么|怎样|如何)(?:说|讲|提|谈|表述|论述|部署)"
    r"|(?:怎么|怎样|如何)(?:说|讲|提|谈|表述|论述|部署)(?:到|及|了|的)?(?P<b>[^，。？?]{2,16}?)(?:的|这|呢)?[？?]?$"
    r"|\bwhat do .{2,60} say (?:about|of|on) (?P<c>[^?,.]{2,40})",
    re.I,
)
# Several things or places are asked about side by side.
SEVERAL = re.compile(
    r"(?:和|与|跟|以及|、|\d年).{1,20}?(?:分别|各(?:是|有|为|自|多少)|相比|哪个.{0,8}更|谁更|有(?:什么|何|哪些)(?:变化|不同|区别))"
    r"|分别(?:是|为|有)?多少|\b(?:difference between|respectively|compared (?:with|to))\b",
    re.I,
)
# "甲和乙的投资分别是多少": two questions in one.
SIDE_BY_SIDE = re.compile(
    r"^(?P<a>[^，。？?和与]{2,20})(?:和|与|跟)(?P<b>[^，。？?]{2,20}?)的(?P<x>[^，。？?]{1,20}?)(?:分别|各)(?:是|为|有)?(?P<rest>.+)$"
)
# "甲和乙的人数相比，哪个更多": the same, told in other words.
WHICH_IS_MORE = re.compile(
    r"^(?P<a>[^，。？?和与]{2,20})(?:和|与|跟)(?P<b>[^，。？?]{2,20}?)的(?P<x>[^，。？?]{1,20}?)(?:相比|比较|比起来|对比)?[，,]?(?:哪|谁).{0,10}(?:更|最)?[多少高低大小快慢长短][？?]?$"
)
# "2024年和2025年的就业目标有什么变化": the same thing in two years.
YEARS_BESIDE = re.compile(
    r"^(?:比较|对比)?(?P<head>[^，。？?]{0,16}?)(?P<a>(?:19|20)\d\d)年?(?:和|与|跟|、|到|至)(?P<b>(?:19|20)\d\d)年的?(?P<rest>[^，。？?]{2,40}?)"
    r"(?:相比.*|(?:有|出现|发生)?(?:什么|何|哪些|怎样的)(?:变化|不同|区别|差别)|的?(?:变化|差别|区别)|(?:分别|各)(?:是|为)?多少|是?(?:提高|上升|增加|扩大|降低|下降).{0,3}还是.*)[？?]?$"
    r"|^(?:比较|对比)(?P<head2>[^，。？?]{0,16}?)(?P<a2>(?:19|20)\d\d)年?(?:和|与|跟|、)(?P<b2>(?:19|20)\d\d)年的?(?P<rest2>[^，。？?]{2,40})[。？?]?$"
)
ASKS = re.compile(r"多少|几|什么|哪|谁|何|怎|\bhow (?:many|much)\b|\bwhat\b|\bwhen\b|\bwho\b|\bwhere\b", re.I)
# What parts of one question stand between; an "and" only before another word of asking.
PART_END = re.compile(
    r"[，,；;？?]|、(?=[^、]*?(?:多少|几|什么|哪|谁))|\band (?=(?:at |on |in )?(?:how|what|when|who|where)\b)", re.I
)
# Words that mean another thing in every speech: who reads them alone has to be told whose speech it is.
DEICTIC = re.compile(r"[全本我][省市县区州盟]|我们|今年|去年|明年|上年|本届|目前|当前")
# "工作者的平均月工资是多少元": what is measured, and words at its end that any figure may go by.
MEASURED = re.compile(r"的?([^的，。？?]{2,14}?)(?:是|为|有|定为|达到?)?多少")
GENERIC = frozenset(
    (
        "目标 标准 情况 数 人数 户数 比例 规模 数量 总数 总量 总额 额 增速 增幅 增长 增长率 预期 预期目标 大概 实际 一共 总共 共 "
        "现有 有 计划 安排 平均 最高 最低 最多 分别 各 金额 资金 钱"
    ).split()
)
MEASURED_HOW = re.compile(r"^(?:总|月|年|日|平均|人均|年均|最高|最低)(?=..)")
# How far a figure reaches; a figure of the province does not answer for the nation.
SCOPE = re.compile(r"全国|全省|全市|全县|全球|世界")
NATIONAL = re.compile(r"全国|我国|中国|全球|世界")
# What is aimed at and what was reached are told in the same words, in different parts of a report.
AIM = re.compile(r"目标|预期|计划|力争|安排|确保")
REACHED = re.compile(r"实际|完成了|实现了|达到了|增长了|已经?|去年|上年")
# What there is, and what comes to it: a sentence that tells no more than that.
STOCK = re.compile(r"^(?!.*(?:增|新|扩|再|招|将|计划|目标|力争)).*(?:现有|共有|有多少|人数|总数|数量|总量)")
ADDED = re.compile(
    r"^(?!.*(?:现有|共有|总数|总量|达|超|有[^，。；]*\d)).*(?:新增|增加|增聘|增派|增设|新招|扩招|净增|招聘)", re.S
)
# "有多少网格员": what is counted; a sentence that tells a figure of each of them does not count them.
COUNTED = re.compile(r"有多少(?:个|名|位|家|人)?([\u4e00-\u9fff]{2,6})[？?]?$")
# Questions over the whole collection: a few passages cannot answer them.
COLLECTION = re.compile(
    r"(?:讲话|报告|文章)按(?:年|讲话人|报告人|地区|地方|省|市)|(?:多少|几)篇|哪些(?:省(?![级内委直])|讲话|报告|文章)|哪几篇|每一?篇"
    r"|(?:讲话|报告)有哪|which (?:speeches|reports|provinces)|how many (?:speeches|reports)"
)
# Which of all speeches is first, last, or says a thing most often; and how its wording changed.
_SAYS = "(?:提出|提到|提及|谈到|讲到|说到|使用|出现)"
EARLIEST = re.compile(
    rf"(?:最早|最先|首次|第一次).{{0,16}}{_SAYS}|{_SAYS}.{{0,24}}(?:最早|最先)|\bfirst (?:to )?(?:mention|use)", re.I
)
LATEST = re.compile(
    rf"(?:最近|最后)一?次.{{0,16}}{_SAYS}|{_SAYS}.{{0,24}}(?:最近一次|最后一次)|\blast (?:to )?(?:mention|use)", re.I
)
MOST = re.compile(rf"{_SAYS}.{{0,24}}(?:最多|次数)|最多.{{0,8}}{_SAYS}|\bmost often\b", re.I)
EVOLUTION = re.compile(r"(?:提法|表述|说法).{0,12}(?:变化|演变|怎么变|如何变|变迁)|\bhow .*wording .*chang", re.I)
# By what a list of speeches is grouped.
GROUPED = {
    "year": re.compile(r"按年|各年|每年|\bby year\b", re.I),
    "speaker": re.compile(r"按(?:讲话)?人|按报告人|各位?讲话人|\bby speaker\b", re.I),
    "place": re.compile(r"按(?:地区|地方|地点|省|市)|\bby place\b", re.I),
}
# Wishes that no speech can answer, whatever it says.
NO_QUESTION = re.compile(
    r"^(?:请|帮我|给我)?(?:帮我)?(?:写|作|画|编|翻译|讲)(?:一)?(?:首|篇|个|段|幅|封).{0,30}$|^(?:write|compose|draw|translate)\b",
    re.I,
)
# Words of asking carry nothing that a speech could hold; words of the speeches themselves stay.
_ASKING = """
的 了 是 在 和 与 及 或 有 对 为 被 把 从 到 于 中 里 上 下 吗 呢 吧 啊 哪 哪些
哪个 哪几个 哪几 几 几个 几项 什么 多少 怎么 怎样 如何 为什么 谁 何时 何 请问 请 分别
各 各自 一共 共 总共 目前 现在 现 今年 提出 提到 提 要 应 应该 应当 作 做 作出 发表
举行 召开 一天 天 哪天 哪一天 日期 时间 时候 年 月 日 号 这 那 这个 那个 这些 那些 其
它 他 她 本 该 里面 当中 之 以 按 按照 个 名 项 条 位 篇 一 一个 讲话 报告 多 大
占 定 定为
the a an of in on at to for and or is are was were be been do does did has have had how many much what which
who whom whose when where why that this these those it its by with from as there their
"""
ASKING = frozenset(_ASKING.split())
