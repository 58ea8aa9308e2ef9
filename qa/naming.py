"""Which documents a question names: by place, by year, by speaker, by title, by "第四篇".

Reports of one kind are built alike, and the right figure of the wrong place is the worst answer. A question
that names a document is answered from that document alone.
"""

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba
from pypinyin import lazy_pinyin

from index.catalog import Catalog, Summary
from index.documents import Document
from index.numerals import parse_numeral
from index.segmentation import fold
from qa.dictionary import load_dictionary

PLACE_SUFFIX = re.compile(r"(?:壮族|回族|维吾尔|特别)?(?:自治区|行政区|自治州|自治县|省|市|县|区|州|盟|旗|镇|乡|村)$")
SUFFIXES = frozenset("省市县区州")
# "2025年云溪省" would otherwise be cut into 2025 and 年云溪省.
NUMBERED = re.compile(r"\d+\s*[年月日]?")
NAMED_PLACE = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|在)([\u4e00-\u9fff]{2,4}?)(?:自治区|省|市|县|州|(?<![社园校景小库灾郊地城市山新])区)"
)
# 全省, 我市, 哪些城市 name no place.
NO_PLACE = re.compile(r"^[全我本各哪大个农在]|[城全]$|社区$")
# How official document numbers ("鲁政发…") and short forms write the provinces.
_CODES = """
京:北京 津:天津 冀:河北 晋:山西 蒙:内蒙古 辽:辽宁 吉:吉林 黑:黑龙江 沪:上海 苏:江苏 浙:浙江 皖:安徽
闽:福建 赣:江西 鲁:山东 豫:河南 鄂:湖北 湘:湖南 粤:广东 桂:广西 琼:海南 渝:重庆 川:四川 黔:贵州 滇:云南
藏:西藏 陕:陕西 甘:甘肃 青:青海 宁:宁夏 新:新疆
"""
PROVINCE_CODES = dict(pair.split(":") for pair in _CODES.split())
# English names that are not the plain pinyin.
ENGLISH_NAMES = {"陕西": "shaanxi", "内蒙古": "innermongolia", "西藏": "tibet", "香港": "hongkong", "澳门": "macao"}
LATIN, CAPITALISED = re.compile(r"[a-z]+"), re.compile(r"\b[A-Z][a-z]+\b")
EVENT = re.compile(r"(?:在|^)([\u4e00-\u9fff]{3,24}?(?:大会|会议|推进会|动员会|座谈会|现场会|启动会|论坛|仪式))")
SHORTEST_EVENT = 5
SHORTEST_WORD, FEWEST_WORDS = 4, 3  # of a title in Latin letters, by which it is known
LONGEST_NAME = 3  # English words: "Xi an", "Hong Kong", "Hu he hao te" is written as one
DOCUMENT_NUMBER = re.compile(r"[（(〔\[]([\u4e00-\u9fff])(?:政|发|办|委)[\u4e00-\u9fff]{0,3}[〔\[【(（]")
YEAR_NUMBER = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
REPORT_YEAR = re.compile(r"((?:19|20)\d\d)年?(?:度)?[^，,。？?]{0,8}(?:报告|讲话|致辞|会议|大会)")
ORDINAL = re.compile(
    r"(?<!倒数)第\s*([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*篇|篇\s*([一二三四五六七八九十]{1,3}|[0-9]{1,2})(?![0-9个])"
)
FROM_END = re.compile(r"最后一?篇|末篇|倒数第\s*([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*篇")
# 李省长, 王副书记: a surname and an office.
OFFICE = re.compile(r"([\u4e00-\u9fff])(?:副)?(?:省长|市长|县长|区长|州长|镇长|乡长|主席|书记|主任|部长|局长|厅长)")
YEARS_AGO = {"去年": 1, "上年": 1, "前年": 2}
REPORT_AGO = re.compile(r"(去年|上年|前年)的?[^，,。？?是有了]{0,8}(?:报告|讲话|致辞)")


@dataclass(frozen=True, slots=True)
class Named:
    """Documents that a question names; empty when it names none.

    `missing` says that it names a report of a year that is not there, so that no other may answer for it. `places` are
    the places that the question names, each with the documents that mention it and name no place in title or head.
    """

    document_ids: frozenset[str] = frozenset()
    missing: bool = False
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def places_in(self, document_id: str) -> list[str]:
        """The places by which this document was found, in order; none where its title or head names one."""
        return sorted(place for place, ids in self.places.items() if document_id in ids & self.document_ids)


def find_named(question: str, catalog: Catalog, visible: Collection[str]) -> Named:
    """Find the documents among `visible` that `question` names.

    By place in the title, "第四篇" or "最后一篇", speaker (李省长), "the report of 2025", "去年的报告". A place that no
    title has narrows to the documents whose text mentions it. Several places give several documents.
    """
    summaries = catalog.summaries(visible)
    titled = {h.id: own_places(h) for h in summaries}
    written = romanised(question, frozenset().union(*titled.values(), PROVINCE_CODES.values()))
    folded = " ".join([fold(question), *sorted(written)])
    chosen = {h.id for h in summaries if any(place in folded for place in titled[h.id])}
    by_name = {h.id for h in summaries if _names_speaker(folded, h.speaker) or _tells_title(folded, h.title)}
    by_office = {match[1] for match in OFFICE.finditer(folded)}
    by_name = by_name or {h.id for h in summaries if h.speaker and h.speaker[0] in by_office}
    by_event = {h.id for h in summaries if any(event in folded for event in _events(h.title, h.occasion or ""))}
    by_name = by_name or (by_event if len(by_event) < len(summaries) else set())
    chosen = (chosen & by_name) or by_name or chosen
    if ago := next((YEARS_AGO[match[1]] for match in REPORT_AGO.finditer(folded)), None):
        # "去年的报告" counts from the day it is asked; where there is none of that year it says nothing.
        year = str(datetime.date.today().year - ago)
        of_year = {h.id for h in summaries if _year(h) == year}
        chosen = (chosen & of_year) or (chosen or of_year)
    report_years = set(REPORT_YEAR.findall(folded))
    if chosen and report_years:
        # A report of year N also tells of year N - 1, so only "the report of N" chooses one.
        chosen = {h.id for h in summaries if h.id in chosen and _year(h) in report_years}
        if not chosen:
            return Named(missing=True)
    known: dict[str, frozenset[str]] = {}
    if not chosen:
        nameless = {h.id for h in summaries if not titled[h.id]}
        for place in sure_places(question) | written | places_in_english(question):
            mentioning = catalog.mentioning(place, visible)
            chosen |= mentioning
            known[place] = frozenset(mentioning & nameless)
    numbers = {
        number for match in ORDINAL.finditer(folded) if (number := parse_numeral(match[1] or match[2])) is not None
    }
    from_end = {parse_numeral(match[1]) if match[1] else 1 for match in FROM_END.finditer(folded)}
    if numbers or from_end:
        counted = {
            h.id
            for h in summaries
            if h.total_number > 1 and (h.number in numbers or h.total_number - h.number + 1 in from_end)
        }
        chosen = (chosen & counted) or counted or chosen
    return Named(frozenset(chosen), places=known)


def _names_speaker(folded: str, speaker: str | None) -> bool:
    return speaker is not None and len(speaker) > 1 and fold(speaker) in folded


def _tells_title(folded: str, title: str) -> bool:
    """True when a question has a whole title, or in Latin letters its words that are names or carry its meaning."""
    if len(title) >= SHORTEST_EVENT and _folded_title(title) in folded:
        return True
    words = {word for word in LATIN.findall(_folded_title(title)) if len(word) >= SHORTEST_WORD}
    return len(words) >= FEWEST_WORDS and words <= set(LATIN.findall(folded))


@lru_cache(maxsize=20_000)
def _folded_title(title: str) -> str:
    return fold(title)


@lru_cache(maxsize=20_000)
def _events(title: str, occasion: str) -> frozenset[str]:
    """What a speech's meeting is called, with and without its place: 松湖区全区教育大会, 全区教育大会."""
    found: set[str] = set()
    for text in (fold(title), fold(occasion)):
        for match in EVENT.finditer(text):
            name = match[1]
            while name not in found and len(name) >= SHORTEST_EVENT:
                found.add(name)
                stem = next((place for place in sure_places(name) if name.startswith(place)), "")
                name = re.sub("^(?:自治区|省|市|县|区|州)", "", name[len(stem) :]) if stem else name
    return frozenset(found)


@lru_cache(maxsize=20_000)
def places_of(title: str, occasion: str) -> frozenset[str]:
    """Names of places in a title and occasion, without 省, 市, 自治区, …"""
    found: set[str] = set()
    for text in (NUMBERED.sub(" ", fold(title)), NUMBERED.sub(" ", fold(occasion))):
        words = [str(word) for word, tag in rjieba.tag(text) if tag in ("ns", "nr")]
        words += [match[1] for match in NAMED_PLACE.finditer(text)]
        for word in words:
            stem = PLACE_SUFFIX.sub("", word)
            if len(stem) >= 2 and not NO_PLACE.search(stem):
                found.add(stem)
    return frozenset(found)


def places_in_question(question: str) -> frozenset[str]:
    """Names of places that the question itself uses, without their suffix; provinces also by their English name."""
    return places_of(question, "") | romanised(question, frozenset(PROVINCE_CODES.values()))


@lru_cache(maxsize=20_000)
def sure_places(text: str) -> frozenset[str]:
    """Places that a question or title names beyond doubt: provinces, and names with 省, 市, 县, … behind them.

    Given without those. Countries and bare names do not choose a speech: they are what many texts speak of.
    """
    folded = NUMBERED.sub(" ", fold(text))
    tagged = [str(word) for word, tag in rjieba.tag(folded) if tag == "ns"]
    stems = {word: PLACE_SUFFIX.sub("", word) for word in tagged}
    suffixed = {
        stem for word, stem in stems.items() if stem != word or folded[folded.find(word) + len(word) :][:1] in SUFFIXES
    }
    named = suffixed | {match[1] for match in NAMED_PLACE.finditer(folded)}
    provinces = {place for place in PROVINCE_CODES.values() if place in folded}
    return frozenset(place for place in named | provinces if len(place) >= 2 and not NO_PLACE.search(place))


def own_places(document: Document | Summary) -> frozenset[str]:
    """Places that a document names as its own, in title, occasion and head."""
    return sure_places(f"{document.title} {document.occasion or ''} {document.place or ''}")


def places_in_english(question: str) -> frozenset[str]:
    """Chinese places that an English question may name in pinyin, by the dictionary, without their suffix."""
    words = [match[0] for match in CAPITALISED.finditer(question)]
    runs = {"".join(words[i : i + n]).lower() for n in range(1, LONGEST_NAME + 1) for i in range(len(words))}
    names = {name for run in runs if len(run) > 3 for name in load_dictionary().names(run)}
    return frozenset(stem for name in names if len(stem := PLACE_SUFFIX.sub("", name)) > 1)


def romanised(question: str, places: frozenset[str]) -> frozenset[str]:
    """Those of `places` that the question names in Latin letters: Huangshan, Inner Mongolia, Xi'an."""
    words = LATIN.findall(fold(question))
    names = {"".join(words[i : i + n]) for n in range(1, LONGEST_NAME + 1) for i in range(len(words))}
    return frozenset(place for place in places if words and english_name(place) in names)


@lru_cache(maxsize=20_000)
def english_name(place: str) -> str:
    """How a Chinese place is written in English, lower case and without spaces."""
    return ENGLISH_NAMES.get(place) or "".join(lazy_pinyin(place))


@lru_cache(maxsize=1_000)
def folded_text(document_id: str, text: str) -> str:
    """A document's words as `fold` gives them, with the province its document numbers stand for."""
    folded = fold(text)
    codes = {PROVINCE_CODES[match[1]] for match in DOCUMENT_NUMBER.finditer(folded) if match[1] in PROVINCE_CODES}
    return "\n".join([folded, *sorted(codes)])


def _year(summary: Summary) -> str:
    match = YEAR_NUMBER.search(summary.title)
    if match:
        return match[1]
    return str(summary.date.year) if summary.date else ""
