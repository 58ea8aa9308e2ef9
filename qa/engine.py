"""The engine: one question in, one cited answer out; the LangChain chain that joins the parts."""

import time
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.documents import Document as LangChainDocument
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from index.errors import DocumentsWaiting, NoDocuments
from index.library import Library
from qa.answer import Answer, Citation, Sentence, cite, refuse
from qa.extractive import Reader, Reading
from qa.naming import Named, find_named
from qa.question import Filters, Question, read_question
from qa.retriever import Evidence, HybridRetriever
from qa.texts import Reason

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
    """Answers questions over one library. Thread-safe; holds no state between questions."""

    def __init__(self, library: Library) -> None:
        self.library = library
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
        retriever = HybridRetriever(library=self.library, limit=min(limit, MOST_PASSAGES))
        return [
            (e, _cite_passage(e, number)) for number, e in enumerate(retriever.retrieve(question.text, narrowed), 1)
        ]

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
        readable = [] if question.collects else evidence
        reading = Reader(self.library, question, state["named"]).read(readable)
        finished = time.perf_counter()
        timings = {
            "retrieve": round((state["retrieved"] - state["started"]) * 1000),
            "answer": round((finished - state["retrieved"]) * 1000),
            "total": round((finished - state["started"]) * 1000),
        }
        if not reading.sentences:
            reason = _reason(question)
            near = tuple(_cite_passage(e, number) for number, e in enumerate(evidence[:NEAR_MISSES], 1))
            return refuse(question.text, reason, question.language, near, timings, MODEL)
        return _compose(question, reading, state["max_citations"], timings)


def _reason(question: Question) -> Reason:
    if question.out_of_scope:
        return "out_of_scope"
    return "unsupported" if question.collects else "no_evidence"


def _compose(question: Question, reading: Reading, max_citations: int, timings: dict[str, int]) -> Answer:
    citations: list[Citation] = []
    sentences: list[Sentence] = []
    for selected in reading.sentences[:max_citations]:
        citation = cite(
            selected.document, selected.section_id, selected.start, selected.end, len(citations) + 1, selected.score
        )
        citations.append(citation)
        sentences.append(Sentence(citation.quote, (citation.number,), "verbatim"))
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
