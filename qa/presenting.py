"""Presenting: from the sentences chosen to the answer as its asker reads it."""

from collections import Counter
from collections.abc import Sequence

from index.segmentation import has_han, to_traditional
from qa.answer import Answer, Citation, Kind, Sentence, SupportingSpan, cite
from qa.extractive import Selected
from qa.gate.evidence import Given
from qa.generating import Checked, Generated, cited_spans
from qa.naming import Named
from qa.question import Question
from qa.texts import FRAMES, GROUP, JOINED, MENTIONED, PAGE
from qa.wording import DEICTIC


def present(
    question: Question,
    chosen: Sequence[Selected],
    *,
    page: slice,
    kind: Kind,
    told: bool,
    named: Named,
    timings_ms: dict[str, int],
    model: str,
    lead: str = "",
    groups: Sequence[str] = (),
) -> Answer:
    """The answer that quotes `chosen`, one citation each.

    Args:
        page: which of the chosen are given; a citation keeps its number on every page.
        told: the reader of the answer knows whose speech it is from.
        named: what the question names: of several speeches, each is told by the place that it was found by.
        lead: a sentence that stands before them and rests on all of them.
        groups: of each of the chosen, under what heading it stands; empty where there are none.
    """
    citations = tuple(
        cite(s.document, s.section_id, s.start, s.end, number, s.score) for number, s in enumerate(chosen, start=1)
    )[page]
    if len(citations) < len(chosen):
        told_page = PAGE[question.language].format(
            total=len(chosen), first=citations[0].number, last=citations[-1].number
        )
        lead = "\n".join(filter(None, (lead, told_page)))
    several = len({selected.document.id for selected in chosen}) > 1
    whole = Counter(groups)
    sentences = [Sentence(lead, tuple(c.number for c in citations), "supported")] if lead else []
    for citation in citations:
        foreign = (question.language == "zh") != has_han(citation.quote)
        whose = several or kind == "corpus" or (not told and bool(DEICTIC.search(citation.quote)))
        # A list is introduced once.
        framed = (citation is citations[0] and (foreign or not told)) if kind == "outline" else (foreign or whose)
        places = [question.as_written(place) for place in named.places_in(citation.document_id)] if several else []
        text = _in_words_of(question, citation, framed, places)
        group = groups[citation.number - 1] if groups else ""
        if group and (citation is citations[0] or group != groups[citation.number - 2]):
            text = f"{GROUP[question.language].format(name=group, count=whole[group])}\n{text}"
        sentences.append(Sentence(text, (citation.number,), "verbatim" if citation.quote in text else "supported"))
    lines = ([lead] if lead else []) + [f"{s.text}[{s.citations[0]}]" for s in sentences[bool(lead) :]]
    return Answer(
        question=question.text,
        standalone_question=question.text,
        answer=("\n" if kind != "extractive" or several else " ").join(lines),
        abstained=False,
        reason=None,
        kind=kind,
        sentences=tuple(sentences),
        citations=citations,
        total_citations=len(chosen),
        withheld=0,
        confidence=round(max(selected.score for selected in chosen), 4),
        model=model,
        timings_ms=timings_ms,
    )


def _in_words_of(question: Question, citation: Citation, framed: bool, places: Sequence[str]) -> str:
    """The quotation, introduced where its speech must be told, in the asker's script."""
    text = citation.quote
    if framed:
        mentioned = MENTIONED[question.language].format(places=JOINED[question.language].join(places)) if places else ""
        text = FRAMES[question.language].format(title=citation.document_title, mentioned=mentioned, quote=text)
    return to_traditional(text) if question.traditional else text


def present_generated(
    question: Question, generated: Generated, *, confidence: float, timings_ms: dict[str, int], model: str
) -> Answer:
    """The answer in a model's words: the sentences that were let through, under the numbers of their evidence."""
    citations = tuple(
        cite(given.document, given.document.section_at(span[0]), *span, number, confidence)
        for number, (given, span) in cited_spans(generated).items()
    )
    sentences = tuple(sentence_of(checked, generated.given) for checked in generated.sentences)
    return Answer(
        question=question.text,
        standalone_question=question.text,
        answer=" ".join(s.text + "".join(f"[{number}]" for number in s.citations) for s in sentences),
        abstained=False,
        reason=None,
        kind="generated",
        sentences=sentences,
        citations=citations,
        total_citations=len(citations),
        withheld=generated.withheld,
        confidence=confidence,
        model=model,
        timings_ms=timings_ms,
    )


def sentence_of(checked: Checked, given: Sequence[Given]) -> Sentence:
    """A sentence that was let through, with what it rests on."""
    documents = {one.number: one.document for one in given}
    spans = tuple(
        SupportingSpan(number, start, end, documents[number].text[start:end])
        for number, (start, end) in sorted(checked.verdict.spans.items())
    )
    return Sentence(checked.text, tuple(span.number for span in spans), checked.verdict.support, spans)
