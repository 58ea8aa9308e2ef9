"""Questions over the whole collection: which speeches mention a term, or give a figure. Every speech is looked through."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from index.documents import Document, Passage
from index.library import Library
from index.passages import weigh
from index.reference import reference
from index.segmentation import fold, segment, simplify, to_traditional
from index.sentences import Span, split_sentences, split_subclauses
from qa.dictionary import other_names
from qa.extractive import LONG_SENTENCE, Selected
from qa.metadata import line_of_date
from qa.naming import folded_text, own_places
from qa.outlines import heading_span
from qa.question import Language, Question
from qa.scoring import PLAN, REVIEW, word_weights
from qa.texts import COLLECTED, DAYS, JOINED, LAST, NOT_FOUND, OTHERWISE, TITLED, UNKNOWN, VARIANT, YEAR, join_titles
from qa.trimming import cut_clauses
from qa.variants import find_variants
from qa.wording import (
    AIM,
    COLLECTION,
    COMPARE,
    EARLIEST,
    EVOLUTION,
    GROUPED,
    LATEST,
    MEASURES,
    MOST,
    REACHED,
    SAID_HOW,
    Asked,
)

QUOTED = re.compile(r"[“‘「『\"]([^”’」』\"]{1,40})[”’」』\"]")
MENTIONED = re.compile(
    r"(?:提出|提到|提及|谈到|讲到|说到|涉及|出现|使用)(?:了|过)?([^？?，,。]{2,20}?)"
    r"(?:的?(?:讲话|报告|次数)?(?:有|是)?(?:哪|谁|多少|几|最)|的?(?:讲话|报告|文章)按|[？?，,。]|$)"
    r"|^(?:关于|对)?([^？?，,。]{2,16}?)的?(?:提法|表述|说法)"
    r"|\bmention(?:s|ed)?\s+([^?,.]{2,40})",
    re.I,
)
AND_MORE = re.compile(
    "并且?|而且|同时"
)  # of "提到低空经济并给出目标" the term is looked for, the rest is left to be read
ASKED_OF = re.compile(r"哪些(?:省区市|省市|省份|省|讲话|报告|文章)")
FIGURE = re.compile(
    r"\d+(?:\.\d+)?\s*(?:%|个百分点|万亿元?|亿元?|万[人元户个]?|[个人户项条公里])(?:左右|以上|以下|以内)?"
)
# Words in which documents differ when they name the same figure.
ALIASES = {
    "地区": None,
    "地区生产总值": "生产总值",
    "gdp": "生产总值",
    "规模": None,
    "以上": None,
    "左右": None,
    "规模以上": None,
}
DAY = re.compile(r"((?:19|20)\d\d)年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?")
WHICH_SPEECHES = re.compile(
    r"(?:(?:有|作|发表|讲)(?:过|了|的)?(?:哪些|多少篇|几篇|哪几篇)|哪些)(?:政府工作)?(?:讲话|报告|致辞)?[？?]?$"
    r"|(?:讲话|报告)有(?:哪些|多少|几篇|哪几篇)"
)
FULL_WIDTH = {ord(narrow): chr(ord(narrow) + 0xFEE0) for narrow in "0123456789."}
# A figure of the kind asked for; a percentage is no amount.
STATED = {
    Asked.PERCENT: re.compile(r"\d+(?:\.\d+)?(?:%|个百分点)"),
    Asked.MONEY: re.compile(r"\d+(?:\.\d+)?(?:万亿|亿|万)?元"),
    Asked.NUMBER: re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.年月日])"),
}
AMOUNT = re.compile(r"\d|[万亿]")
FIGURE_WORDS = frozenset("省 各省 各地 各市 各县 各区 报告 讲话 各 地方".split())
SAID = 0.99  # share of a figure's words that its clause has to hold
# Documents that are read one by one; of more, those that the database finds the words in.
READ_ALL = 1000
BATCH = 100
MOST_TITLES = 50


@dataclass(frozen=True, slots=True)
class Collected:
    """What looking through every speech gave.

    `term` is what was looked for, `examined` how many speeches were looked through, `having` how many have it; `found`
    are the places that answer, `lead` says in the asker's language what they are. `groups` names the year, speaker or
    place of each place found, where the question wants them so arranged.
    """

    term: str
    examined: int
    having: int
    found: tuple[Selected, ...]
    lead: str
    groups: tuple[str, ...] = ()


def collect(library: Library, question: Question, ids: Collection[str]) -> Collected | None:
    """Look through the documents `ids` for what the question over all of them asks; None when it is not understood."""
    text = unicodedata.normalize("NFKC", question.text)
    if term := sought_term(question.text):
        if EVOLUTION.search(fold(text)):
            return _evolution(question, term, len(ids), list(_having(library, term, ids)))
        documents = list(_having(library, term, ids))
        listed = _with_titles(library, question, ids, _listed(question, term, len(ids), documents), documents)
        # Words in quotation marks are meant as they stand.
        return listed if QUOTED.search(question.text) else _with_other_names(library, question, ids, listed, documents)
    figure = FIGURE.search(text)
    if figure and COLLECTION.search(fold(text)):
        found = list(_figures(library, question, figure[0], ids))
        return _collected(question, figure[0], len(ids), len(found), found, "found")
    return _given(library, question, ids)


def collect_topic(library: Library, question: Question, ids: Collection[str]) -> Collected | None:
    """What each of several documents `ids` says of the thing that the question names, in their own words for it.

    None when it names none, or no document has these words.
    """
    match = SAID_HOW.search(unicodedata.normalize("NFKC", question.text))
    if match is None or len(ids) < 2:
        return None
    term = next(group for group in match.groups() if group).strip()
    documents = list(_having(library, term, ids))
    if not documents:
        return None
    listed = _listed(question, term, len(ids), documents)
    return replace(listed, found=tuple(_telling(selected, fold(term)) for selected in listed.found))


def sought_term(text: str) -> str | None:
    """The words that a question wants looked for in every speech; None when it names none."""
    match = QUOTED.search(text) or MENTIONED.search(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    term = next(group for group in match.groups() if group)
    return term.strip() if QUOTED.search(text) else AND_MORE.split(term)[0].strip()


def _given(library: Library, question: Question, ids: Collection[str]) -> Collected | None:
    """The speeches of a year, month or day, each with the line that tells it; None when no such time is named."""
    day = DAY.search(fold(question.text))
    if day is None or not WHICH_SPEECHES.search(fold(question.text)):
        return None
    wanted = tuple(int(part) for part in day.groups() if part)
    dated = {summary.id: summary.date for summary in library.catalog.summaries(ids) if summary.date}
    given = list(
        _in_order(
            library,
            [id_ for id_, date in dated.items() if (date.year, date.month, date.day)[: len(wanted)] == wanted],
        )
    )
    spans = [(document, line_of_date(document)) for document in given]
    found = [Selected(document, document.section_at(span[0]), *span, 1.0) for document, span in spans if span]
    return _collected(question, day[0], len(ids), len(given), found, "given")


def _collected(
    question: Question, term: str, examined: int, having: int, found: Sequence[Selected], kind: str, **more: object
) -> Collected:
    if not having:
        kind = "none_given" if kind == "given" else "none"
    lead = COLLECTED[question.language][kind].format(examined=examined, found=having, term=term, **more)
    return Collected(term, examined, having, tuple(found), lead)


def _listed(question: Question, term: str, examined: int, documents: list[Document]) -> Collected:
    """All speeches that have the term, or the first, the last, or those that have it most often."""
    text, folded = fold(question.text), fold(term)
    dated = [document for document in documents if document.date]
    kind, chosen, more = "found", documents, 0
    if EARLIEST.search(text) and dated:
        kind, chosen = "earliest", [d for d in dated if d.date == dated[0].date]
    elif LATEST.search(text) and dated:
        kind, chosen = "latest", [d for d in dated if d.date == dated[-1].date]
    elif MOST.search(text) and documents:
        whole = _whole_words(folded)
        counts = {d.id: len(whole.findall(folded_text(d.id, d.text))) for d in documents}
        kind, more = "most", max(counts.values())
        chosen = [d for d in documents if counts[d.id] == more]
    groups = _grouped_by(question)
    grouped: dict[str, list[Document]] = {}
    for document in chosen if groups else ():
        grouped.setdefault(_group_of(document, groups, question.language), []).append(document)
    if grouped:
        chosen = [document for name in sorted(grouped) for document in grouped[name]]
    found = [
        _around(document, place) for document in chosen if (place := find_folded(document.text, folded)) is not None
    ]
    whose = "；".join(map(reference, chosen))
    collected = _collected(question, term, examined, len(documents), found, kind, times=more, whose=whose)
    return replace(collected, groups=tuple(name for name in sorted(grouped) for _ in grouped[name]))


def _with_titles(
    library: Library, question: Question, ids: Collection[str], listed: Collected, documents: Sequence[Document]
) -> Collected:
    """Tell also the speeches that have the term in their title alone: a title is no text that could be quoted."""
    folded, having = fold(listed.term), {document.id for document in documents}
    titles = [s.title for s in library.catalog.summaries(ids) if folded in fold(s.title) and s.id not in having]
    if not titles:
        return listed
    shown = join_titles(question.language, titles[:MOST_TITLES])
    more = "" if len(titles) <= MOST_TITLES else "…"
    return replace(
        listed, lead=f"{listed.lead}\n{TITLED[question.language].format(count=len(titles), titles=shown + more)}"
    )


def _with_other_names(
    library: Library, question: Question, ids: Collection[str], listed: Collected, documents: Sequence[Document]
) -> Collected:
    """List last, and count apart, the speeches that have only a short or full name of the term: 电子商务 for 电商."""
    rest = set(ids) - {document.id for document in documents}
    found = {name: list(_having(library, name, rest)) for name in other_names(fold(listed.term))}
    found = {name: having for name, having in found.items() if having}
    if not found:
        return listed
    otherwise = {document.id: (document, name) for name, having in found.items() for document in having}
    places = [
        _around(document, place)
        for document, name in otherwise.values()
        if (place := find_folded(document.text, name)) is not None
    ]
    lead = OTHERWISE[question.language].format(
        count=len(otherwise),
        term=listed.term,
        names=JOINED[question.language].join(f"“{name}”" for name in found),
        last=LAST[question.language][0 if listed.found else 1],
    )
    groups = listed.groups
    if groups:
        groups += tuple(_group_of(place.document, _grouped_by(question), question.language) for place in places)
    return replace(listed, lead=f"{listed.lead}\n{lead}", found=(*listed.found, *places), groups=groups)


def _grouped_by(question: Question) -> str:
    """By what the question wants a list grouped, empty when by nothing."""
    text = fold(question.text)
    return next((name for name, pattern in GROUPED.items() if pattern.search(text)), "")


def _group_of(document: Document, groups: str, language: Language) -> str:
    year = YEAR[language].format(document.date.year) if document.date else None
    place = document.place or next(iter(sorted(own_places(document))), None)
    return {"year": year, "speaker": document.speaker, "place": place}[groups] or UNKNOWN[language]


def _evolution(question: Question, term: str, examined: int, documents: list[Document]) -> Collected:
    """How the words around a term changed over the dated speeches: each wording's first and last use."""
    dated = [document for document in documents if document.date]
    variants = find_variants(term, dated)
    found: list[Selected] = []
    told = []
    for variant in variants:
        uses = [variant.uses[0], *variant.uses[-1:]] if len(variant.uses) > 1 else variant.uses
        found += [_around(document, place) for document, place in uses]
        days = " — ".join(DAYS[question.language](document.date) for document, _ in uses if document.date)
        told.append(VARIANT[question.language].format(words=variant.words, days=days, count=len(variant.uses)))
    return _collected(
        question, term, examined, len(documents), found, "evolution", variants="\n".join(told), dated=len(dated)
    )


def _having(library: Library, term: str, ids: Collection[str]) -> Iterator[Document]:
    """The documents that have the term, by date and title; those without a date last."""
    folded = fold(term)
    for document in _in_order(library, _candidates(library, {term, folded, to_traditional(folded)}, ids)):
        if _whole_words(folded).search(folded_text(document.id, document.text)) and find_folded(document.text, folded):
            yield document


def _candidates(library: Library, forms: Collection[str], ids: Collection[str]) -> Collection[str]:
    """The documents worth reading for words written in one of `forms`: of many, those that the database finds."""
    if len(ids) <= READ_ALL:
        return ids
    return set().union(*(library.catalog.mentioning(form, ids) for form in forms))


def _figures(library: Library, question: Question, figure: str, ids: Collection[str]) -> Iterator[Selected]:
    """The clause of each speech that gives `figure` for what the question names, aimed at or reached as it asks."""
    number = re.sub(r"\s", "", fold(figure))
    # Neither the end of a longer number nor that of a range.
    stands = re.compile(rf"(?<![\d.—–~至-]){re.escape(number)}")
    known = set(segment(figure)).union(*map(segment, ASKED_OF.findall(fold(question.text))))
    weights = _weights(library, question, known)
    aimed, reached = bool(AIM.search(question.text)), bool(REACHED.search(question.text))
    digits = re.match(r"[\d.]+", number)
    bare = digits[0] if digits else number
    for document in _in_order(library, _candidates(library, {bare, bare.translate(FULL_WIDTH)}, ids)):
        if found := _figure_of(document, stands, weights, aimed, reached):
            yield found


def collect_figures(library: Library, question: Question, ids: Collection[str]) -> Collected | None:
    """The figure that each of the documents `ids` gives for what the question names; None when it asks for none.

    None too when nothing tells whether it was aimed at or reached: reports have both.
    """
    if question.asked not in (Asked.NUMBER, Asked.PERCENT, Asked.MONEY) or not question.compares:
        return None
    folded = fold(question.text)
    aimed = bool(AIM.search(question.text))
    known = set(segment(" ".join(COMPARE.findall(folded)))) | FIGURE_WORDS | set(MEASURES)
    weights = _weights(library, question, known)
    stands = STATED[question.asked]
    reached = not aimed and bool(REACHED.search(question.text))
    found = []
    for document in _in_order(library, ids):
        year = document.date.year if document.date else None
        if question.years and year is not None:
            # A report of a year tells what that year aims at and what the year before reached.
            if str(year if aimed else year - 1) not in question.years:
                continue
            reached = not aimed
        if weights and (aimed or reached) and (one := _figure_of(document, stands, weights, aimed, reached)):
            found.append(one)
    if len(found) < 2:
        return None
    silent = set(ids) - {one.document.id for one in found}
    places = [(place, place + len(word)) for word in weights if (place := folded.find(word)) >= 0]
    term = folded[min(start for start, _ in places) : max(end for _, end in places)] if places else " ".join(weights)
    collected = _collected(question, term, len(ids), len(found), found, "figures")
    if not silent:
        return collected
    titles = [summary.title for summary in library.catalog.summaries(silent)]
    told = NOT_FOUND[question.language].format(titles=join_titles(question.language, titles[:MOST_TITLES]))
    return replace(collected, lead=f"{collected.lead}\n{told}")


def _weights(library: Library, question: Question, known: Collection[str]) -> dict[str, float]:
    """Weights of the words that say what a figure is of, without those `known` to say something else."""
    words = [word for word in question.words if word not in known and not (AIM.search(word) or AMOUNT.match(word))]
    return word_weights(library, list(dict.fromkeys(filter(None, (ALIASES.get(word, word) for word in words)))))


def _figure_of(
    document: Document, stands: re.Pattern[str], weights: dict[str, float], aimed: bool, reached: bool
) -> Selected | None:
    """The first clause with a figure that `stands` in it for the words of `weights`, aimed at or reached."""
    total = sum(weights.values()) or 1.0
    for passage in document.passages:
        text = document.text[passage.start : passage.end]
        if not stands.search(re.sub(r"\s", "", fold(text))):
            continue
        path = " ".join(document.section_path(passage.section_id))
        if (aimed and REVIEW.search(path)) or (reached and not aimed and PLAN.search(path)):
            continue
        span = next(
            (
                span
                for span in split_subclauses(document.text, passage.start, passage.end)
                if _gives(document.text[slice(*span)], stands, weights, total)
            ),
            None,
        )
        if span and not (aimed and _is_past(document, passage, span)):
            end = span[0] + len(document.text[slice(*span)].rstrip("，,、；;。"))
            return Selected(document, passage.section_id, span[0], end, 1.0)
    return None


def _gives(clause: str, stands: re.Pattern[str], weights: dict[str, float], total: float) -> bool:
    inside = set(segment(clause))
    covered = sum(weight for word, weight in weights.items() if word in inside)
    return bool(stands.search(re.sub(r"\s", "", fold(clause)))) and covered >= SAID * total


def _is_past(document: Document, passage: Passage, span: Span) -> bool:
    """True when the sentence around `span` tells what was reached."""
    sentence = next(
        (s for s in split_sentences(document.text, passage.start, passage.end) if s[0] <= span[0] < s[1]), span
    )
    words = document.text[slice(*sentence)]
    return bool(REACHED.search(words)) and not AIM.search(words)


def _in_order(library: Library, ids: Collection[str]) -> Iterator[Document]:
    """Documents by date and title, fetched a batch at a time."""
    ordered = [summary.id for summary in library.catalog.summaries(ids)]
    for start in range(0, len(ordered), BATCH):
        documents = library.visible_documents(ordered[start : start + BATCH])
        yield from (documents[id_] for id_ in ordered[start : start + BATCH] if id_ in documents)


def find_folded(text: str, folded: str) -> Span | None:
    """Where the first words stand in `text` that fold to `folded`; offsets are those of `text`."""
    whole = _whole_words(folded)
    if match := whole.search(text):
        return match.span()
    letters, places = [], []
    for place, letter in enumerate(simplify(text)):
        for part in unicodedata.normalize("NFKC", letter).lower():
            letters.append(part)
            places.append(place)
    match = whole.search("".join(letters))
    return (places[match.start()], places[match.end() - 1] + 1) if match else None


def _whole_words(folded: str) -> re.Pattern[str]:
    """Finds `folded`; in Latin letters or figures as whole words: AI does not stand in "plain"."""
    before = r"(?<![A-Za-z0-9])" if re.match(r"[a-z0-9]", folded) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[a-z0-9]$", folded) else ""
    return re.compile(before + re.escape(folded) + after)


def _telling(first: Selected, folded: str) -> Selected:
    """The first heading of the document that has `folded`, else the place `first` as it is."""
    document = first.document
    headings = (section for section in document.sections if section.heading and folded in fold(section.heading))
    return next((Selected(document, s.id, *heading_span(document, s), 1.0) for s in headings), first)


def _around(document: Document, place: Span) -> Selected:
    """The sentence around `place`, or of a long one the clause, as far as it holds the whole place."""
    passage = next((p for p in document.passages if p.start <= place[0] < p.end), document.passages[0])
    best = place
    for pieces in (
        cut_clauses(document.text[passage.start : passage.end], passage.start),
        split_sentences(document.text, passage.start, passage.end),
    ):
        span = next((s for s in pieces if s[0] <= place[0] and place[1] <= s[1]), None)
        if span and (best == place or weigh(document.text[slice(*span)]) <= LONG_SENTENCE):
            best = span
    end = best[0] + len(document.text[slice(*best)].rstrip("，,、；;："))
    return Selected(document, passage.section_id, best[0], max(end, place[1]), 1.0)
