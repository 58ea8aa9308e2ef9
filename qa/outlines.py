"""Questions about what a speech lists: its parts, tasks, points, as its outline has them.

"提出要抓好哪十一项工作？" is answered by the headings under the right node, complete and in order, each quoted.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.documents import Document, Section
from index.library import Library
from index.numerals import parse_numeral
from index.segmentation import fold, has_han, segment
from qa.extractive import Selected
from qa.naming import places_in_question
from qa.question import Question
from qa.scoring import word_weights

_N = r"(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2}|两)"
_NOUN = (
    r"(?:方面|部分|问题|意见|要求|措施|举措|任务|工作|事|步骤|原则|环节|关系|重点|行动|工程|目标|建议|要点|内容|场仗|仗|"
    r"[项条点件步大场])"
)
# What asks for a list, and how many items it says there are.
LIST = (
    re.compile(rf"哪\s*(?P<n>{_N})\s*(?:个|大)?{_NOUN}"),
    re.compile(
        rf"(?P<n>{_N})\s*(?:个|大|项|条|点|件)?[^，。？?]{{0,10}}?分?别?(?:是什么|是哪些|有哪些|指什么|包括哪些|包括什么)"
    ),
    re.compile(rf"(?:哪几|几|哪些)\s*个?(?:大)?{_NOUN}"),
    re.compile(r"(?:包括|包含|分为|分成)(?:哪些|什么|几)"),
    re.compile(
        r"\b(?:what|which)\b.{0,40}?\b(?P<w>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b.{0,40}?"
        r"\b(?:tasks|points|areas|aspects|parts|sections|measures|requirements|problems|issues|things|priorities)\b",
        re.I,
    ),
    re.compile(r"\b(?:what|which)\b.{0,30}\b(?:parts|sections|main points|tasks|measures|requirements)\b", re.I),
)
WORDS = dict(zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True))
# "第二部分提出…": the node that the question names by its number.
PART = re.compile(rf"第\s*({_N})\s*(?:个)?(?:大)?(?:部分|方面|章|大点|个问题)")
# Words of asking for a list; what is left says which list.
LIST_WORDS = frozenset(
    (
        "方面 部分 问题 意见 工作 事 要求 包括 包含 分 分为 分成 讲 讲了 抓好 做好 内容 会上 件事 要点 "
        "具体 分别 副 市长 省长 县长 区长 书记 主任 领导 同志 main points tasks"
    ).split()
)
COUNTED = re.compile(rf"[第哪]?(?:{_N}|几)[篇项条点件个大部章步]?事?|[0-9]+")
NUMBER = re.compile(rf"{_N}")
LEAD_IN = 200  # letters before a list that may say what it lists
HEADING = 80  # letters of a heading that is a whole sentence
COUNT_FITS, COUNT_DIFFERS = 0.1, 0.0
CLOSENESS = 2.0  # what a cosine is worth; cosines of this model differ by little
MOST_EMBEDDED = 12
LEAST = 0.45
# What a word of the question is worth where it stands.
NEAR, IN_ITEMS, ABOVE, IN_ONE_ITEM = 1.0, 0.8, 0.6, 0.5
# No words are shared across scripts: only a number of items that agrees tells a list then.
ACROSS_SCRIPTS = 0.4
WHOLE, UNSAID = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class ListAsked:
    """A question for a list: how many items it speaks of, and the number of the part it stands in, where said."""

    count: int | None
    part: int | None


@dataclass(frozen=True, slots=True)
class ItemList:
    """Headings that make one list under `parent`, None for a document's own parts."""

    document: Document
    parent: Section | None
    items: tuple[Section, ...]


def read_list_question(question: Question) -> ListAsked | None:
    """What list `question` asks for; None when it asks for none."""
    folded = fold(question.text)
    for pattern in LIST:
        match = pattern.search(folded)
        if match:
            groups = match.groupdict()
            count = (
                parse_numeral(groups["n"].replace("两", "二")) if groups.get("n") else WORDS.get(groups.get("w") or "")
            )
            if count == 1:
                return None  # "哪一项": one of several, no list
            part = PART.search(folded)
            return ListAsked(count, parse_numeral(part[1]) if part else None)
    return None


def find_list(
    library: Library, question: Question, asked: ListAsked, documents: Collection[Document]
) -> list[Selected]:
    """The items of the list asked for, in order; empty when no list fits well enough."""
    lists = [found for document in documents for found in lists_of(document)]
    scored = [(_words_score(library, question, asked, found), found) for found in lists]
    scored = sorted((s for s in scored if s[0] > float("-inf")), key=lambda s: -s[0])[:MOST_EMBEDDED]
    if not scored:
        return []
    embedder = library.embedder
    vectors = embedder.encode_documents([_says(found, items=True) for _, found in scored])
    cosines = vectors @ embedder.encode_query(question.text)
    total = [
        score + CLOSENESS * (float(c) - float(np.max(cosines))) for (score, _), c in zip(scored, cosines, strict=True)
    ]
    best = max(range(len(total)), key=lambda i: (total[i], -i))
    if total[best] < LEAST:
        return []
    found = scored[best][1]
    if not _topic_weights(library, question, found.document) and any(
        other.document.id != found.document.id and total[i] >= LEAST for i, (_, other) in enumerate(scored)
    ):
        return []  # nothing says which of several speeches' lists is meant
    score = max(0.0, min(1.0, total[best]))
    return [Selected(found.document, item.id, *heading_span(found.document, item), score) for item in found.items]


def lists_of(document: Document) -> Iterator[ItemList]:
    """Every list of two items or more in a document's outline, from the top down."""
    children: dict[str | None, list[Section]] = {}
    for section in document.sections:
        children.setdefault(section.parent_id, []).append(section)
    by_id = {section.id: section for section in document.sections}
    for parent_id, below in children.items():
        runs: list[list[Section]] = []
        for section in below:
            if not section.heading:
                continue  # what stands between two items of a list, or after it
            if not runs or _begins(section) or _shape(section) != _shape(runs[-1][-1]):
                runs.append([])
            runs[-1].append(section)
        for run in runs:
            if len(run) > 1:
                yield ItemList(document, by_id.get(parent_id or ""), tuple(run))


def _begins(section: Section) -> bool:
    number = NUMBER.search(fold(section.marker))
    return (number is not None and parse_numeral(number[0]) == 1) or section.marker.startswith("首先")


def _shape(section: Section) -> str:
    if section.marker[:2] in ("首先", "其次", "再次", "最后"):
        return "首先"
    return NUMBER.sub("#", fold(section.marker))


def heading_span(document: Document, section: Section) -> tuple[int, int]:
    """Where a section's heading stands in the text, without what follows it."""
    start = document.text.find(section.heading, section.start, section.end)
    start = section.start if start < 0 else start
    end = min(section.end, start + len(section.heading))
    return start, start + len(document.text[start:end].rstrip("。．.；;，,：:\n "))


def _says(found: ItemList, items: bool) -> str:
    """What says which list it is: the words that lead in to it, the heading above, and the items."""
    start = found.parent.start if found.parent else 0
    lead_in = found.document.text[max(start, found.items[0].start - LEAD_IN) : found.items[0].start]
    above = found.parent.heading if found.parent else found.document.title
    return "\n".join([above, lead_in, *(section.heading[:HEADING] for section in found.items if items)])


def _words_score(library: Library, question: Question, asked: ListAsked, found: ItemList) -> float:
    """How well the words around a list fit those of the question, from 0, and whether the numbers agree."""
    document = found.document
    path = document.section_path(found.parent.id) if found.parent else ()
    if asked.part is not None:
        top = [s for s in document.sections if s.level == 1 and s.heading]
        if len(top) < asked.part or found.parent is None or found.parent.id != top[asked.part - 1].id:
            return float("-inf")
    near, items = _says(found, items=False), [section.heading[:HEADING] for section in found.items]
    if has_han(near) != (question.language == "zh"):
        share = ACROSS_SCRIPTS
    else:
        weights = _topic_weights(library, question, document)
        # Where nothing is said of which list it is, and how long, the speech's own parts are meant.
        unsaid = WHOLE if asked.count is None and found.parent is None else UNSAID
        share = _covered(weights, near, items, " ".join(path)) if weights else unsaid
        share = max(share, IN_ITEMS * _paired(weights, "\n".join([near, *items])))
    if asked.count is not None:
        share += COUNT_FITS if len(found.items) == asked.count else COUNT_DIFFERS
    return share - 0.02 * math.log(1 + len(path))


def _topic_weights(library: Library, question: Question, document: Document) -> dict[str, float]:
    """Weights of the question's words that say which list of this speech is meant."""
    speech = " ".join(filter(None, (document.title, document.occasion, document.speaker, document.place)))
    known = LIST_WORDS.union(segment(speech), *map(segment, places_in_question(question.text)))
    places = places_in_question(question.text)
    words = [
        word
        for word in question.words
        if word not in known and not COUNTED.fullmatch(word) and not any(word.startswith(place) for place in places)
    ]
    return word_weights(library, words)


def _paired(weights: dict[str, float], text: str) -> float:
    """Share of the neighbouring letters of the words that stand so in a text: 要紧 盯 is 紧盯 to another cut."""
    run = "".join(word for word in weights if has_han(word))
    pairs = {run[i : i + 2] for i in range(len(run) - 1)}
    folded = fold(text)
    return sum(pair in folded for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0


def _covered(weights: dict[str, float], near: str, items: Sequence[str], above: str) -> float:
    """Share of the words that stand right above the list, in it, or further above."""
    # What one item alone says describes that item rather than the list.
    in_items = Counter(word for item in items for word in set(segment(item)))
    shared = {word for word, count in in_items.items() if count > 1}
    places = [
        (set(segment(near)), NEAR),
        (shared, IN_ITEMS),
        (set(segment(above)), ABOVE),
        (set(in_items), IN_ONE_ITEM),
    ]
    total = sum(weights.values())
    found = sum(
        weight * max((worth for words, worth in places if word in words), default=0.0)
        for word, weight in weights.items()
    )
    return found / total
