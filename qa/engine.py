"""The engine: one question in, one cited answer out; the LangChain chain that joins the parts."""

import time
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from langchain_core.documents import Document as LangChainDocument
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from index.errors import DocumentsWaiting, NoDocuments
from index.library import Library
from index.segmentation import has_han, to_traditional
from index.sentences import Span
from qa.answer import Answer, Citation, Sentence, cite, refuse
from qa.errors import NothingToCalibrate
from qa.extractive import Extractor, Reading
from qa.naming import Named, find_named
from qa.question import Filters, Question, read_question
from qa.ranking import READ_PASSAGES, Ranked, rank
from qa.reader.reading import BUNDLED, PassageReader, load_reader
from qa.retriever import Evidence, HybridRetriever
from qa.selection import CALIBRATION_FILE, DEFAULT_FILE, Calibration, load_calibration
from qa.texts import FRAMES, Reason

MODEL = "extractive"
DEFAULT_CITATIONS = 3
NEAR_MISSES = 3
MOST_PASSAGES = 100


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a streamed answer: `sources`, then `sentence`s, then the whole `answer`."""

    name: str
    data: dict[str, Any]


class Engine:
    """Answers questions over one library. Thread-safe; holds no state between questions.

    Args:
        library: what is asked.
        reader: the cross-encoder to read with, as `load_reader` takes it.
    """

    def __init__(self, library: Library, reader: str = "") -> None:
        self.library = library
        self._reader_name = reader
        self.retriever = HybridRetriever(library=library)
        self.chain: Runnable[dict[str, Any], Answer] = self._build_chain()

    def _build_chain(self) -> Runnable[dict[str, Any], Answer]:
        """{"question", "named", "allowed", "max_citations"} -> Answer."""

        def retrieve(state: dict[str, Any]) -> list[LangChainDocument]:
            question: Question = state["question"]
            if question.out_of_scope or state["named"].missing:
                return []
            return self.retriever.invoke(question.text, documents=state["allowed"])

        return RunnablePassthrough.assign(started=RunnableLambda(lambda _: time.perf_counter())).assign(
            found=RunnableLambda(retrieve)
        ).assign(retrieved=RunnableLambda(lambda _: time.perf_counter())) | RunnableLambda(self._answer)

    @cached_property
    def reader(self) -> PassageReader | None:
        """The reader, loaded when first needed; raises `ReaderUnavailable`."""
        return load_reader(self._reader_name, self.library.embedder)

    @cached_property
    def calibration(self) -> Calibration | None:
        """How judgements are weighed: as refitted for this data folder, else as shipped with the bundled reader."""
        own = self.library.data / CALIBRATION_FILE
        return load_calibration(own) if self.reader and own.exists() else self.shipped_calibration

    @property
    def shipped_calibration(self) -> Calibration | None:
        """The calibration that comes with the bundled reader."""
        return load_calibration() if self.reader and self.reader.name == BUNDLED and DEFAULT_FILE.exists() else None

    def ask(self, text: str, filters: Filters | None = None, max_citations: int = DEFAULT_CITATIONS) -> Answer:
        """Answer `text` from the documents that fit `filters`.

        Raises:
            EmptyQuestion, QuestionTooLong: `text` is no question.
            NoDocuments: nothing has been indexed yet.
        """
        question = read_question(text)
        named, allowed = self._narrow(question, filters)
        state = {"question": question, "named": named, "allowed": allowed, "max_citations": max_citations}
        return self.chain.invoke(state)

    def search(self, text: str, filters: Filters | None = None, limit: int = 10) -> list[tuple[Evidence, Citation]]:
        """Ranked passages for `text`, each with its citation."""
        question = read_question(text)
        _, narrowed = self._narrow(question, filters)
        retriever = HybridRetriever(library=self.library, limit=min(max(limit, READ_PASSAGES), MOST_PASSAGES))
        ranked = rank(question.text, retriever.retrieve(question.text, narrowed), self.reader)[:limit]
        return [(r.evidence, _cite_passage(r.evidence, number)) for number, r in enumerate(ranked, 1)]

    def read(self, text: str) -> list[tuple[Evidence, Span, list[float]]]:
        """Every sentence that is weighed for `text`, with its features: what a calibration is fitted on.

        Raises:
            NothingToCalibrate: there is no reader.
        """
        if self.reader is None:
            raise NothingToCalibrate()
        question = read_question(text)
        named, allowed = self._narrow(question, None)
        if question.out_of_scope or question.collects or named.missing:
            return []
        ranked = rank(question.text, self.retriever.retrieve(question.text, allowed), self.reader)
        return Extractor(self.library, question, named).weighed(ranked)

    def _narrow(self, question: Question, filters: Filters | None) -> tuple[Named, Set[str] | None]:
        """Documents named by the question, and the ids that may answer it (None for all)."""
        chosen = filters or Filters()
        visible = self.library.catalog.visible_ids(
            chosen.document_ids,
            chosen.speakers,
            chosen.date_from,
            chosen.date_to,
            titles=chosen.titles,
            occasions=chosen.occasions,
            places=chosen.places,
        )
        if not visible and chosen.empty:
            if waiting := self.library.pending_passages():
                raise DocumentsWaiting(data=self.library.data, count=waiting)
            raise NoDocuments(data=self.library.data)
        named = find_named(question.text, self.library.catalog, visible)
        return named, named.document_ids or (None if chosen.empty else visible)

    def _answer(self, state: dict[str, Any]) -> Answer:
        question: Question = state["question"]
        evidence: list[Evidence] = [document.metadata["evidence"] for document in state["found"]]
        ranked = rank(question.text, evidence, self.reader)
        readable: list[Ranked] = [] if question.collects else ranked
        reading = Extractor(self.library, question, state["named"], self.calibration).extract(readable)
        finished = time.perf_counter()
        timings = {
            "retrieve": round((state["retrieved"] - state["started"]) * 1000),
            "answer": round((finished - state["retrieved"]) * 1000),
            "total": round((finished - state["started"]) * 1000),
        }
        if not reading.sentences:
            reason = _reason(question)
            near = tuple(_cite_passage(r.evidence, number) for number, r in enumerate(ranked[:NEAR_MISSES], 1))
            refusal = refuse(question.text, reason, question.language, near, timings, MODEL)
            return replace(refusal, answer=to_traditional(refusal.answer)) if question.traditional else refusal
        return _compose(question, reading, state["max_citations"], timings)


def _reason(question: Question) -> Reason:
    if question.out_of_scope:
        return "out_of_scope"
    return "unsupported" if question.collects else "no_evidence"


def _compose(question: Question, reading: Reading, max_citations: int, timings: dict[str, int]) -> Answer:
    citations: list[Citation] = []
    sentences: list[Sentence] = []
    chosen = reading.sentences[:max_citations]
    several = len({selected.document.id for selected in chosen}) > 1
    for selected in chosen:
        citation = cite(
            selected.document, selected.section_id, selected.start, selected.end, len(citations) + 1, selected.score
        )
        citations.append(citation)
        text = _in_words_of(question, citation, several)
        sentences.append(Sentence(text, (citation.number,), "verbatim" if citation.quote in text else "supported"))
    return Answer(
        question=question.text,
        standalone_question=question.text,
        answer=" ".join(f"{s.text}[{s.citations[0]}]" for s in sentences),
        abstained=False,
        reason=None,
        kind="extractive",
        sentences=tuple(sentences),
        citations=tuple(citations),
        confidence=round(reading.best_score, 4),
        model=MODEL,
        timings_ms=timings,
    )


def _in_words_of(question: Question, citation: Citation, several: bool) -> str:
    """The quotation as the asker reads it: introduced where its speech must be told, in the asker's script."""
    text = citation.quote
    if several or (question.language == "zh") != has_han(text):
        text = FRAMES[question.language].format(title=citation.document_title, quote=text)
    return to_traditional(text) if question.traditional else text


def events(answer: Answer) -> Iterator[Event]:
    """The steps in which `answer` is streamed."""
    yield Event("sources", {"citations": answer.as_dict()["citations"]})
    for sentence in answer.as_dict()["sentences"]:
        yield Event("sentence", sentence)
    yield Event("answer", answer.as_dict())


def _cite_passage(evidence: Evidence, number: int) -> Citation:
    passage = evidence.passage
    return cite(evidence.document, passage.section_id, passage.start, passage.end, number, evidence.score)


def with_conversation(answer: Answer, conversation_id: str | None) -> Answer:
    """`answer` under a conversation's id."""
    return replace(answer, conversation_id=conversation_id)
