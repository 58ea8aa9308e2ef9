"""Who spoke when and where: read from the lines above the salutation; what is not there stays empty.

A line is believed only in a form that says what it is (an office before a name, 在…会议上, a date standing alone
or beside one of these). A date or a name that merely occurs is not taken.
"""

import datetime
import re
import unicodedata
from collections.abc import Sequence

import rjieba

from index.documents import Block, Metadata
from index.markers import match_marker
from index.numerals import DIGITS, parse_numeral
from index.segmentation import has_han, simplify
from index.splitting import SALUTATION

HEAD_LINES = 8
# "…会议上省长作报告。" may stand at the head; a sentence of several clauses tells of something.
SENTENCES = re.compile(r"[，；].*[。！？]$|[。！？].*[。！？]$")
HEAD_LINE_LENGTH = 100
TAIL_LINES = 2

_HAN = r"[\u4e00-\u9fff]"
_YEAR = r"(?:(?:中华|中華)?民[国國]\s*(?P<roc>\d{1,3})|(?P<y>\d{4}|[〇零○一二三四五六七八九]{4}))"
_MONTH, _DAY = r"(?P<m>\d{1,2}|[一二三四五六七八九十]{1,3})", r"(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})"
DATE = re.compile(rf"{_YEAR}\s*年\s*{_MONTH}\s*月\s*{_DAY}\s*[日号]")
NUMERIC_DATE = re.compile(r"(?<!\d)(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d)")
DATE_AT_END = re.compile(r"\s*[(（]?\s*\d{4}年\d{1,2}月\d{1,2}日\s*[)）]?\s*$")
MONTHS = "january february march april may june july august september october november december".split()
_ENGLISH_MONTH = f"(?P<m>{'|'.join(MONTHS)})"
ENGLISH_DATES = (
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_ENGLISH_MONTH},?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_ENGLISH_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
)
# What may stand around a date on a line of its own: dashes, brackets, a label, a place.
AROUND_DATE = re.compile(
    rf"^[—–\-·\s(（\[【]*(?:(?:时间|日期|讲话时间|发表时间|Date)\s*:\s*)?@(?:星期.|[上下]午|晚上?)?\s*(?:\d{{1,2}}[:时点]\d{{0,2}}分?)?[)）\]】,，\s]*(?P<place>(?:于)?{_HAN}{{2,15}})?[)）\]】\s。]*$"
    r"|^(?:[A-Z][\w’']+(?:[ ][A-Z][\w’']+){0,3},[ ])?@(?:,?[ ](?:at[ ]|in[ ])?[A-Z][\w’']+(?:[ ][A-Z][\w’']+){0,3})?\.?$",
    re.IGNORECASE,
)
# "关于2019年3月5日大会精神的讲话": a date that is spoken about.
ABOUT = re.compile(r"(?:关于|根据|按照|依据|贯彻|落实|学习|传达)[^@]{0,12}@")
# What was done on that day was no speaking.
NOT_SPOKEN = re.compile(
    r"通过|印发|印制|签发|发布|施行|修订|出版|发表于|刊发|定稿|Posted|Published|Updated", re.IGNORECASE
)
# A line below which a date is that of a print.
PRINTED = re.compile(r"(?:日报|晚报|晨报|时报|周刊|杂志|网|客户端|公众号)$|责任编辑|编辑:|校对|印发|^[抄主]?送:|主题词")
# A line about somebody else's speech: what was learnt from it, or how it is carried out.
OF_OTHERS = re.compile(r"^(?:深入)?(?:学习|贯彻|落实|传达)|心得|体会|读后感")
# A speech's own words about itself; a date in such a line is the speech's.
OF_A_SPEECH = re.compile(
    r"讲话|报告|发言|致辞|致词|演讲|讲稿|寄语|贺词|\b(?:delivered|address|speech|remarks|statement)\b", re.IGNORECASE
)

_EVENT = r"(?:会|仪式|论坛|典礼|培训班|研讨班|专题班|进修班|开班式|开幕式|闭幕式|座谈|活动|会议|会见|峰会|集会)"
OCCASION = re.compile(rf"在(?P<o>[^，,。；;:]{{3,45}}?{_EVENT})(?=上|的|[\s)）]|作|$)")
# "全县乡村振兴暨春耕生产动员大会" on a line of its own, after a date or not.
OCCASION_LINE = re.compile(
    rf"^(?:@[,，\s]*)?(?P<o>{_HAN}[^，,。；;:]{{3,40}}(?:大会|会议|座谈会|推进会|动员会|全会|论坛|仪式))$"
)
CONVENED = re.compile(r"^(?P<place>.{2,20}?)(?:主持)?(?:召开|举行|举办|出席)(?:的)?(?P<o>.{4,})$")

_RANK = r"(?:代理|代|副|常务副|第一)?"
_TITLES = (
    "总理 总书记 委员长 主席 省长 市长 县长 区长 州长 盟长 旗长 镇长 乡长 村长 书记 部长 局长 厅长 处长 科长 主任 "
    "校长 院长 会长 理事长 董事长 总经理 总裁 秘书长 司令员 政委 行长 社长 台长 组长 检察长 署长 关长 馆长 所长 站长 专员 行政长官"
).split()
OFFICE = rf"{_RANK}(?:{'|'.join(sorted(_TITLES, key=len, reverse=True))})"
_BODY = r"(?:中共|中国共产党)?[\u4e00-\u9fff、（）()]{0,24}?"
_NAME = rf"{_HAN}{{2,4}}?(?:·{_HAN}{{1,8}}?){{0,3}}"
_DEED = r"(?:同志)?(?:代表[^，,。]{2,20}?)?(?:作(?:政府|工作|专题|重要|了|的|报告|讲话|发言)|在|向|的讲话|的报告|发表|致辞|讲话)"
SPEAKERS = (
    re.compile(
        rf"^(?:讲话人|报告人|主讲人|演讲人|演讲者|发言人|致辞人|讲话者)\s*:\s*(?:{_BODY}{OFFICE}\s*)?(?P<n>{_NAME})(?:同志)?$"
    ),
    # 省长 王予波 · 北京市市长 殷勇同志作… · 海南省省长 刘小明在…
    re.compile(rf"{OFFICE}\s+(?P<n>{_NAME})(?:同志|先生|女士)?(?:$|(?={_DEED}))"),
    # …会议上省长许昆林作政府工作报告
    re.compile(rf"{OFFICE}\s*(?P<n>{_NAME})(?:同志|先生|女士)?(?=作|在|向|的讲话|代表)"),
    re.compile(rf"^{_BODY}{OFFICE}\s*(?P<n>{_NAME})(?:同志|先生|女士)?$"),
    # 龚正市长在… · 王予波省长
    re.compile(rf"(?:^|[\s日)）])(?P<n>{_HAN}{{2,3}}?){OFFICE}(?:$|(?={_DEED}))"),
    re.compile(rf"(?:^|[\s)）日:]|摘自|选自|根据)(?P<n>{_HAN}{{2,4}}?)同志(?=\s?(?:在|于|的讲话|作|致|\d{{4}}年))"),
    re.compile(
        r"\bby\s+(?:(?:[A-Z][\w'’.-]*|the|of|and)\s+)*?(?:(?:Lord|Sir|Lady|Mayor|Councillor|Senator|Leader|Minister|President|Premier|Governor|Secretary|Chair(?:man|woman)?|Librarian|"
        r"Director|Ambassador|Chancellor|Commissioner|Dr\.?|Mr\.?|Ms\.?|Mrs\.?|Prof(?:essor|\.)?)\s+)+"
        r"(?P<n>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’.-]*){0,3})"
    ),
)
# In a title a name must do something: "…大会校长讲话稿" names nobody.
IN_TITLE = (
    re.compile(rf"{OFFICE}\s*(?P<n>{_NAME})(?:同志|先生|女士)?(?=作|在)"),
    re.compile(rf"(?:^|[\s》])(?P<n>{_HAN}{{2,4}}?)(?:同志|{OFFICE})(?=在)"),
)
NO_NAME = re.compile(
    r"[省市县区州部委会院府副代总]$|^(?:全|我|本|各|政府|人民)|讲话|报告|致辞|致词|发言|演讲|讲稿|寄语|工作|会议|代表|负责|同志|应邀|出席|主持"
    r"|通知|公告|公报|简报|方案|文件|计划|要点|安排|纪要|摘要|目录|前言|附件|提纲|要求|意见|决定|规定|办法|总结|全文|节选"
)
# A name alone on its line is believed beside a line that is only a date, and only with a family name of these.
FAMILY_NAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚"
    "邵湛汪祁毛禹狄米贝明臧伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯卢莫房裘缪干宗丁邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊甄曲"
    "家封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹龙叶幸司韶郜黎蓟薄印宿白怀蒲台鄂索咸籍赖卓蔺屠蒙池乔胥苍闻莘翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮"
    "牛寿边扈燕冀郏浦尚农温别庄晏柴瞿阎慕连茹习宦艾鱼容古易慎戈廖庾终暨居衡耿满弘匡文寇广禄阙东欧沃利蔚夔隆师巩聂晁勾敖融冷辛阚那饶曾沙养鞠须丰巢关蒯相荆红游竺权盖益桓仉督肖付涂覃谌"
    "郇侍"
)
NAME_LINE = re.compile(rf"^{_HAN}\s*{_HAN}(?:\s*{_HAN}){{0,1}}$")

_PLACE = rf"{_HAN}{{2,7}}?(?:特别行政区|自治区|自治州|省|市|县|盟|旗)"
PLACE = re.compile(
    rf"^(?:\d{{4}}年)?在?(?:中国共产党|中共)?(?P<p>{_PLACE}(?:(?!人民|政府|委|第){_PLACE}|(?:(?!社){_HAN}){{1,3}}区)?)"
)
PLACE_LABEL = re.compile(r"^地点\s*:\s*(?P<p>[^，,。；;:]{2,30})$")
# "全市…", "城市…": words that end like a place and name none.
NOT_BY = re.compile(
    r"(?:Introduction|Introduced|Posted|Compiled|Edited|Translated|Written|Prepared) by\s", re.IGNORECASE
)
PLACE_END = re.compile(r"(?:[省市县区州盟旗镇乡村堂馆厅楼宫场园院校]|中心|大学|酒店|宾馆|基地|剧院|体育馆)$")
NO_PLACE = re.compile(
    r"^在?(?:全|我|本|各|该|这|每|某)|在|副|赴|撤|代表|城市|超市|集市|股市|夜市|上市|都市|门市|根据|录音|整理|修订|修改|通过|印发|发布|讲话|报告"
    rf"|{OFFICE}"
)


def read_metadata(blocks: Sequence[Block], title: str = "") -> Metadata:
    """Read what head, title and last lines of a speech say.

    Args:
        blocks: its paragraphs, without the title.
        title: its title, which may name the occasion and the place.
    """
    head = _head(blocks)
    day, place = _date_line(head)
    if day is None:
        day, place = (
            _date_line([_fold(block.text) for block in blocks[-TAIL_LINES:]]) if len(blocks) > 4 else (None, None)
        )
    occasion, venue = _occasion([*head, _fold(title)])
    labelled = next((match["p"] for line in head if (match := PLACE_LABEL.match(line))), None)
    named = {name for line in head if not OF_OTHERS.search(line) and (name := _speaker(_without_date(line)))}
    # Several officials at the head: whose speech it is, it does not say.
    speaker = next(iter(named)) if len(named) == 1 else None
    if not named and not OF_OTHERS.search(title):
        speaker = _speaker(_fold(title), IN_TITLE)
    offices = [
        re.sub(r"\s", "", line) for line in head if not OF_OTHERS.search(line) and re.search(OFFICE, simplify(line))
    ]
    region = next((found for text in (occasion or "", _fold(title), *offices) if (found := _region(text))), None)
    return Metadata(
        speaker=speaker or _lone_name(head),
        date=day,
        occasion=occasion,
        place=labelled or place or venue or region,
    )


def parse_date(text: str) -> datetime.date | None:
    """The first whole date in `text`, in Chinese, numeric or English form; None when there is none such day."""
    folded = _fold(text)
    for pattern in (DATE, NUMERIC_DATE, *ENGLISH_DATES):
        match = pattern.search(folded)
        if match and (day := _day(match)):
            return day
    return None


def is_head_line(line: str) -> bool:
    """True for a line that says when, where or by whom a speech was given and nothing else."""
    if len(line) > HEAD_LINE_LENGTH:
        return False
    folded = _fold(line)
    return bool(_date_line([folded])[0] or _speaker(folded))


def _day(match: re.Match[str]) -> datetime.date | None:
    roc = match.groupdict().get("roc")
    year = (
        str(int(roc) + 1911)
        if roc
        else "".join(str(DIGITS.get(digit, digit)) for digit in match["y"].replace("○", "0"))
    )
    name = match["m"].lower()
    month = MONTHS.index(name) + 1 if name in MONTHS else parse_numeral(match["m"])
    day = parse_numeral(match["d"])
    try:
        return datetime.date(int(year), month or 0, day or 0)
    except ValueError:
        return None


def _head(blocks: Sequence[Block]) -> list[str]:
    """The short lines before the salutation, the first heading or the first long paragraph."""
    head: list[str] = []
    for block in blocks[:HEAD_LINES]:
        line = block.text
        if (
            len(line) > HEAD_LINE_LENGTH
            or SENTENCES.search(line)
            or SALUTATION.match(line)
            or match_marker(line)
            or block.heading_level
        ):
            break
        head.append(_fold(line))
    return head


def _fold(text: str) -> str:
    """Half-width, with single blanks, and none inside dates, numbered congresses and names set letter by letter."""
    # The cells of a table at the head are a label and what it says.
    text = text.replace("\t", ": ")
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    # 赵 晓 东: a name set in separate letters.
    folded = re.sub(rf"(?<!{_HAN})({_HAN}) ({_HAN})(?: ({_HAN}))?(?!{_HAN})", r"\1\2\3", folded)
    return re.sub(r"(?<=\d) (?=[年月日])|(?<=[年月]) (?=\d)|(?<=[届第]) (?=[\u4e00-\u9fff\d])", "", folded)


def _date_line(lines: Sequence[str]) -> tuple[datetime.date | None, str | None]:
    """The date, and the place beside it, of the first line that says when the speech was given."""
    for number, line in enumerate(lines):
        day = parse_date(line)
        if (
            day is None
            or NOT_SPOKEN.search(line)
            or OF_OTHERS.search(line)
            or (number and PRINTED.search(lines[number - 1]))
        ):
            continue
        bare = line
        for pattern in (DATE, NUMERIC_DATE, *ENGLISH_DATES):
            bare = pattern.sub("@", bare, count=1) if "@" not in bare else bare
        alone = AROUND_DATE.match(bare)
        if alone:
            place = (alone["place"] or "").removeprefix("于")
            return day, place if _is_place(place) else None
        plain = simplify(line)
        if ABOUT.search(bare):
            continue
        if (
            _speaker(_without_date(line))
            or OCCASION.search(plain)
            or OCCASION_LINE.match(simplify(bare))
            or OF_A_SPEECH.search(plain)
        ):
            return day, None
    return None, None


def _occasion(lines: Sequence[str]) -> tuple[str | None, str | None]:
    """(occasion, place where it was convened)."""
    for line in lines:
        bare = DATE.sub("@", line, count=1)
        match = OCCASION.search(simplify(line))
        words = line[slice(*match.span("o"))] if match else ""
        if not match and (alone := OCCASION_LINE.match(simplify(bare))):
            words = bare[slice(*alone.span("o"))]
        if words:
            words = re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", words).strip("《》 ")
            convened = CONVENED.match(words)
            return (convened["o"], convened["place"]) if convened else (words, None)
    return None, None


def _speaker(line: str, patterns: Sequence[re.Pattern[str]] = SPEAKERS) -> str | None:
    for pattern in patterns:
        for match in pattern.finditer(simplify(line)):
            name = line[slice(*match.span("n"))].strip()
            if _is_name(name, match.string[: match.start("n")]):
                return name
    return None


def _is_name(name: str, before: str) -> bool:
    """True for what can be a person's name; after `before`, which may say that it is about something else."""
    simple = simplify(name)
    if re.search(OFFICE, simple) or NO_NAME.search(simple) or NOT_BY.search(before):
        return False
    if not has_han(simple) or "·" in simple or simple[0] in FAMILY_NAMES:
        return True
    # Names without a family name of the hundred stand apart from the office, and are no words of their own.
    return before[-1:].isspace() and len(simple) > 2 and _kind(simple) in ("", "nr")


def _is_place(words: str) -> bool:
    """True for a word that ends as places do, or that the dictionary knows as one."""
    return bool(words) and not NO_PLACE.search(words) and bool(PLACE_END.search(words) or _kind(words) == "ns")


def _kind(words: str) -> str:
    """The part of speech of a word that the dictionary has whole; empty for others."""
    tagged = rjieba.tag(words)
    return str(tagged[0][1]) if len(tagged) == 1 else ""


def _without_date(line: str) -> str:
    """`line` without a date at its end and the brackets around it."""
    return DATE_AT_END.sub("", line).strip()


def _lone_name(head: Sequence[str]) -> str | None:
    for place, line in enumerate(head):
        if (
            NAME_LINE.match(line)
            and simplify(line)[0] in FAMILY_NAMES
            and not NO_NAME.search(line)
            and _kind(line) in ("", "nr")
        ):
            beside = [head[other] for other in (place - 1, place + 1) if 0 <= other < len(head)]
            if any(_date_line([other])[0] for other in beside):
                return re.sub(r"\s", "", line)
    return None


def _region(text: str) -> str | None:
    match = PLACE.match(text)
    return match["p"] if match and not NO_PLACE.search(match["p"]) else None
