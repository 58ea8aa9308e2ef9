"""The engine: one question in, one cited answer out; the LangChain chain that joins the parts."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from langchain_core.documents import Document as LangChainDocument
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from index.errors import DocumentsWaiting, NoDocuments
from index.history import Turn
from index.library import Library
from index.segmentation import to_traditional
from qa.answer import Answer, Citation, Kind, cite, refuse
from qa.composing import MOST_COMPARED, Composer
from qa.corpus import collect, collect_figures, collect_topic, sought_term
from qa.errors import NothingToCalibrate, PastTheLastCitation
from qa.extractive import Extractor, Scored, Selected, Weighed
from qa.gate.evidence import Given
from qa.gate.judging import Judge, load_judge
from qa.generating import Generated, Generator, cited_spans
from qa.llm import LanguageModel
from qa.metadata import find_lines
from qa.naming import Named, find_named, own_places
from qa.outlines import find_list, read_list_question
from qa.presenting import present, present_generated, sentence_of
from qa.question import Filters, Question, read_question
from qa.quotes import QuoteChecker
from qa.ranking import Ranked, rank
from qa.reader.reading import BUNDLED, PassageReader, load_reader
from qa.retriever import READ_PASSAGES, Evidence, HybridRetriever
from qa.rewriting import stand_alone
from qa.selection import CALIBRATION_FILE, DEFAULT_FILE, Calibrations, Scripts, load_calibrations
from qa.texts import JOINED, OTHER_COUNT, SILENT, UNANSWERED, Reason, join_titles
from qa.trimming import trim
from qa.windows import widen

MODEL = "extractive"
NEAR_MISSES = 3
MOST_PASSAGES = 100
PAGE_CITATIONS = 50
# Documents whose outlines are looked through for a list; of more, those in which something was found.
OUTLINED = 40
# Speeches that are described (who, when, where) in one answer; a question that names more is about their words.
DESCRIBED = 3


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a streamed answer: `sources`, then `sentence`s, then the whole `answer`."""

    name: str
    data: dict[str, Any]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question may be answered from.

    `named` are the documents it names, `allowed` the ids of all that may answer; `searched` is the same, or None where
    nothing needs to be left out.
    """

    named: Named
    allowed: Set[str]
    searched: Set[str] | None


def _beside(generated: Generated, extractive: Answer) -> bool:
    """True when a sentence was withheld and the others rest on nothing that the speeches answer with in their own words.

    Of "3万元以上。主导产业覆盖60%。" the second alone says a figure, too, but not that which was asked for.
    """
    rests = [(given.document.id, span) for given, span in cited_spans(generated).values()]
    return generated.withheld > 0 and not any(
        cited.document_id == document and cited.start < end and start < cited.end
        for cited in extractive.citations
        for document, (start, end) in rests
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """The extractive answer, what it answers, and the passages it was chosen from; `lines` when it tells of a speech."""

    answer: Answer
    question: Question
    scope: Scope
    ranked: Callable[[], Sequence[Ranked]]
    lines: bool


class Engine:
    """Answers questions over one library. Thread-safe; holds no state between questions.

    Args:
        library: what is asked.
        reader: the cross-encoder to read with, as `load_reader` takes it.
        retriever: finds the passages; the default one when left out.
        by_name: whether a question is answered only from the documents that it names.
        llm: the language model that answers in its own words; None for the speeches' words alone.
    """

    def __init__(
        self,
        library: Library,
        reader: str = "",
        *,
        retriever: HybridRetriever | None = None,
        by_name: bool = True,
        llm: LanguageModel | None = None,
    ) -> None:
        self.library = library
        self._reader_name = reader
        self._by_name = by_name
        self.llm = llm
        self.retriever = retriever or HybridRetriever(library=library)
        self.chain: Runnable[dict[str, Any], Draft] = self._build_chain()

    def _build_chain(self) -> Runnable[dict[str, Any], Draft]:
        """{"question", "scope", "max_citations", "skip"} -> Draft."""

        def retrieve(state: dict[str, Any]) -> list[LangChainDocument]:
            question: Question = state["question"]
            scope: Scope = state["scope"]
            if question.out_of_scope or scope.named.missing:
                return []
            return self.retriever.invoke(question.text, documents=scope.searched)

        return RunnablePassthrough.assign(started=RunnableLambda(lambda _: time.perf_counter())).assign(
            found=RunnableLambda(retrieve)
        ).assign(retrieved=RunnableLambda(lambda _: time.perf_counter())) | RunnableLambda(self._answer)

    @cached_property
    def reader(self) -> PassageReader | None:
        """The reader, loaded when first needed; raises `ReaderUnavailable`."""
        return load_reader(self._reader_name, self.library.embedder)

    @cached_property
    def judge(self) -> Judge | None:
        """What judges a language model's sentences by their meaning, loaded when first needed."""
        return load_judge(self.library.embedder)

    @cached_property
    def calibrations(self) -> Calibrations | None:
        """How judgements are weighed: as refitted for this data folder, else as shipped with the bundled reader."""
        own = self.library.data / CALIBRATION_FILE
        refitted = load_calibrations(own) if self.reader and own.exists() else None
        return refitted or self.shipped_calibrations

    @property
    def shipped_calibrations(self) -> Calibrations | None:
        """Those that come with the bundled reader."""
        return load_calibrations() if self.reader and self.reader.name == BUNDLED and DEFAULT_FILE.exists() else None

    def stream(
        self,
        text: str,
        filters: Filters | None = None,
        max_citations: int | None = None,
        skip: int = 0,
        turns: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Like `ask`, in steps: `sources`, each `sentence` once it is checked, the whole `answer`.

        What a language model says is checked while it speaks; a list, a count over the collection or who spoke when is
        never left to it. Where it is down or says nothing that the evidence bears out, the extractive answer is given.
        """
        draft = self._draft(stand_alone(text, turns, self.llm), filters, max_citations, skip)
        asked = read_question(text).text
        generator = self._generator(draft)
        if generator is None or self.llm is None:
            yield from events(replace(draft.answer, question=asked))
            return
        started = time.perf_counter()
        given = generator.pack(draft.question, draft.ranked())
        generated = Generated(given)
        yield Event("sources", {"citations": [dataclasses.asdict(_cite_given(one)) for one in given]})
        for checked in generator.ask(draft.question, given, generated):
            yield Event("sentence", dataclasses.asdict(sentence_of(checked, given)))
        if not generated.answers(draft.question) or _beside(generated, draft.answer):
            withheld = generated.withheld + len(generated.sentences)
            yield from events(replace(draft.answer, question=asked, withheld=withheld))
            return
        spent = round((time.perf_counter() - started) * 1000)
        timings = draft.answer.timings_ms
        answer = present_generated(
            draft.question,
            generated,
            confidence=draft.answer.confidence,
            timings_ms=timings | {"generate": spent, "total": timings["total"] + spent},
            model=self.llm.name,
        )
        answer = replace(answer, question=asked)
        yield Event("answer", answer.as_dict(), answer)

    def _generator(self, draft: "Draft") -> Generator | None:
        """What asks the language model: where there is one and passages have answered."""
        if self.llm is None or draft.answer.kind != "extractive" or draft.answer.abstained or draft.lines:
            return None
        summaries = self.library.catalog.summaries(draft.scope.allowed)
        places = frozenset(place for summary in summaries for place in own_places(summary))
        speakers = frozenset(summary.speaker for summary in summaries if summary.speaker)
        return Generator(self.llm, self.library.embedder, places | speakers, self.judge)

    def ask(
        self,
        text: str,
        filters: Filters | None = None,
        max_citations: int | None = None,
        skip: int = 0,
        turns: Sequence[Turn] = (),
    ) -> Answer:
        """Answer `text` from the documents that fit `filters`.

        Args:
            max_citations: how many citations at most; None for as many as it takes, of a list over the whole
                collection a page of `PAGE_CITATIONS`.
            skip: how many citations come before the first that is given.
            turns: what was asked and answered before in this conversation, oldest first.

        Raises:
            EmptyQuestion, QuestionTooLong: `text` is no question.
            NoDocuments: nothing has been indexed yet.
            PastTheLastCitation: the answer has no more than `skip` citations.
        """
        answer = [event.answer for event in self.stream(text, filters, max_citations, skip, turns)][-1]
        if answer is None:  # the last event is the answer
            raise AssertionError
        return answer

    def _draft(self, text: str, filters: Filters | None, max_citations: int | None, skip: int) -> "Draft":
        question = read_question(text)
        scope = self._narrow(question, filters)
        return self.chain.invoke({"question": question, "scope": scope, "max_citations": max_citations, "skip": skip})

    def search(self, text: str, filters: Filters | None = None, limit: int = 10) -> list[tuple[Evidence, Citation]]:
        """Ranked passages for `text`, each with its citation."""
        question = read_question(text)
        scope = self._narrow(question, filters)
        retriever = self.retriever.model_copy(update={"limit": min(max(limit, READ_PASSAGES), MOST_PASSAGES)})
        ranked = rank(question.text, retriever.retrieve(question.text, scope.searched), self.reader, scope.named)[
            :limit
        ]
        return [(r.evidence, _cite_passage(r.evidence, number)) for number, r in enumerate(ranked, 1)]

    def read(self, text: str, filters: Filters | None = None) -> dict[Scripts, list[Weighed]]:
        """Every sentence that is weighed for `text`, by scripts: what is calibrated on.

        Raises:
            NothingToCalibrate: there is no reader.
        """
        if self.reader is None:
            raise NothingToCalibrate()
        question = read_question(text)
        scope = self._narrow(question, filters)
        if question.out_of_scope or question.collects or scope.named.missing:
            return {}
        ranked = self._rank(question, scope.named, self.retriever.retrieve(question.text, scope.searched))
        extractor = Extractor(self.library, question, scope.named)
        return extractor.by_scripts(extractor.weighed(ranked))

    def _narrow(self, question: Question, filters: Filters | None) -> Scope:
        """Documents named by the question, and those that may answer it."""
        visible = self._visible(filters)
        # What is looked for in every speech names none of them: "哪些报告提到宁夏？"
        text = question.text.replace((question.collects and sought_term(question.text)) or "", "")
        named = find_named(text, self.library.catalog, visible) if self._by_name else Named()
        allowed = named.document_ids or visible
        return Scope(named, allowed, None if (filters or Filters()).empty and not named.document_ids else allowed)

    def _visible(self, filters: Filters | None) -> set[str]:
        """Ids of the documents that fit `filters`."""
        chosen = filters or Filters()
        visible = self.library.catalog.visible_ids(
            chosen.document_ids,
            chosen.speakers,
            chosen.date_from,
            chosen.date_to,
            titles=chosen.titles,
            occasions=chosen.occasions,
            places=chosen.places,
            groups=chosen.groups,
        )
        if not visible and not chosen.chosen:
            # Who may not see everything is told nothing of what waits.
            if chosen.groups is None and (waiting := self.library.pending_passages()):
                raise DocumentsWaiting(data=self.library.data, count=waiting)
            raise NoDocuments(data=self.library.data)
        return visible

    def quotes(self, filters: Filters | None = None) -> QuoteChecker:
        """Checks quotations against the documents that fit `filters`; raises `NoDocuments`."""
        return QuoteChecker(self.library, self._visible(filters))

    def _rank(self, question: Question, named: Named, evidence: Sequence[Evidence]) -> list[Ranked]:
        return rank(question.text, widen(evidence), self.reader, named)

    def _answer(self, state: dict[str, Any]) -> Draft:
        question: Question = state["question"]
        scope: Scope = state["scope"]
        evidence: list[Evidence] = [document.metadata["evidence"] for document in state["found"]]
        # Read once, and only when passages have to answer or to be shown.
        ranked = cache(lambda: self._rank(question, scope.named, evidence))
        kind: Kind = "extractive"
        lead = ""
        groups: tuple[str, ...] = ()
        lines = self._lines(question, scope)
        chosen = lines or []
        collected = None
        if question.collects:
            collected = collect(self.library, question, scope.allowed)
        elif question.compares or len(scope.named.document_ids) > 1:
            collected = collect_topic(self.library, question, scope.allowed)
        if collected is None and question.compares and len(scope.allowed) > MOST_COMPARED:
            collected = collect_figures(self.library, question, scope.allowed)
        if collected and collected.found:
            kind, chosen, lead, groups = "corpus", list(collected.found), collected.lead, collected.groups
        if not chosen and lines is None:
            chosen, lead = self._list(question, scope, evidence, lead)
            kind = "outline" if chosen else kind
        if not chosen and lines is None:
            chosen, lead = self._sentences(question, scope, ranked)
        finished = time.perf_counter()
        timings = {
            "retrieve": round((state["retrieved"] - state["started"]) * 1000),
            "answer": round((finished - state["retrieved"]) * 1000),
            "total": round((finished - state["started"]) * 1000),
        }
        if not chosen:
            near = tuple(_cite_passage(r.evidence, number) for number, r in enumerate(ranked()[:NEAR_MISSES], 1))
            refusal = refuse(
                question.text,
                "no_evidence" if collected else _reason(question),
                question.language,
                near,
                timings,
                MODEL,
            )
            told = collected.lead if collected else refusal.answer
            refusal = replace(refusal, answer=to_traditional(told) if question.traditional else told)
            return Draft(refusal, question, scope, ranked, bool(lines))
        skip, most = state["skip"], state["max_citations"] or (PAGE_CITATIONS if kind == "corpus" else len(chosen))
        if skip >= len(chosen):
            raise PastTheLastCitation(total=len(chosen), skip=skip)
        answer = present(
            question,
            chosen,
            page=slice(skip, skip + most),
            groups=groups,
            kind=kind,
            named=scope.named,
            told=bool(scope.named.document_ids) or len(scope.allowed) == 1,
            timings_ms=timings,
            model=MODEL,
            lead=to_traditional(lead) if question.traditional else lead,
        )
        return Draft(answer, question, scope, ranked, bool(lines))

    def _lines(self, question: Question, scope: Scope) -> list[Selected] | None:
        """The lines that say who gave the speech that is asked about, when, where; None when that is not asked."""
        about = scope.named.document_ids or (scope.allowed if len(scope.allowed) == 1 else frozenset())
        if scope.named.missing or not 0 < len(about) <= DESCRIBED:
            return None
        documents = self.library.visible_documents(about)
        return find_lines(question, [documents[id_] for id_ in sorted(documents)])

    def _list(
        self, question: Question, scope: Scope, evidence: Sequence[Evidence], lead: str
    ) -> tuple[list[Selected], str]:
        """The items of the list that the question asks for, none when it asks for none, or none fits.

        Where there are more or fewer than it says, the lead tells so; else it is the one given.
        """
        asked = read_list_question(question)
        if asked is None or question.collects or not evidence:
            return [], lead
        ids = scope.allowed if len(scope.allowed) <= OUTLINED else {piece.document.id for piece in evidence}
        documents = self.library.visible_documents(ids)
        found = find_list(self.library, question, asked, [documents[id_] for id_ in sorted(documents)])
        if found and asked.count and asked.count != len(found):
            lead = OTHER_COUNT[question.language].format(asked=asked.count, found=len(found))
        return found, lead

    def _sentences(
        self, question: Question, scope: Scope, ranked: Callable[[], Sequence[Ranked]]
    ) -> tuple[list[Selected], str]:
        """The sentences that answer, none when none is good enough; and which of the speeches compared do not say it."""
        if question.collects:
            return [], ""

        def read(asked: Question, documents: Set[str], passages: int) -> Scored:
            # A part of the question may name a document of its own: "甲和乙…".
            named = find_named(asked.text, self.library.catalog, documents) if self._by_name else scope.named
            more = self.retriever.retrieve(asked.text, named.document_ids or documents)[:passages]
            return self._score(asked, named, self._rank(asked, named, more))

        def read_each(asked: Question, documents: Sequence[str], passages: int) -> dict[str, Scored]:
            # Read at once, since that takes less time, and weighed each by itself.
            more = [piece for id_ in documents for piece in self.retriever.retrieve(asked.text, {id_})[:passages]]
            read_all = rank(asked.text, widen(more), self.reader, scope.named, most=len(more))
            own = {id_: [piece for piece in read_all if piece.evidence.document.id == id_] for id_ in documents}
            return {id_: self._score(asked, scope.named, pieces) for id_, pieces in own.items()}

        composer = Composer(self.library, question, scope.named, scope.allowed, read, read_each)
        composed = composer.compose(lambda: self._score(question, scope.named, ranked()))
        chosen = [trim(question, selected) for selected in composed]
        if chosen and composer.unanswered:
            parts = JOINED[question.language].join(f"“{part}”" for part in composer.unanswered)
            return chosen, UNANSWERED[question.language].format(parts=parts)
        if not composer.silent:
            return chosen, ""
        summaries = self.library.catalog.summaries(composer.silent)
        titles = join_titles(question.language, (summary.title for summary in summaries))
        return chosen, SILENT[question.language].format(said=len(chosen), titles=titles)

    def _score(self, question: Question, named: Named, ranked: Sequence[Ranked]) -> Scored:
        return Extractor(self.library, question, named, self.calibrations).score(ranked)


def _reason(question: Question) -> Reason:
    if question.out_of_scope:
        return "out_of_scope"
    return "unsupported" if question.collects else "no_evidence"


def events(answer: Answer) -> Iterator[Event]:
    """The steps in which `answer` is streamed."""
    yield Event("sources", {"citations": answer.as_dict()["citations"]})
    for sentence in answer.as_dict()["sentences"]:
        yield Event("sentence", sentence)
    yield Event("answer", answer.as_dict(), answer)


def _cite_given(given: Given) -> Citation:
    return cite(given.document, given.section_id, given.start, given.end, given.number, 0.0)


def _cite_passage(evidence: Evidence, number: int) -> Citation:
    passage = evidence.passage
    return cite(evidence.document, passage.section_id, passage.start, passage.end, number, evidence.score)


def with_conversation(answer: Answer, conversation_id: str | None) -> Answer:
    """`answer` under a conversation's id."""
    return replace(answer, conversation_id=conversation_id)


def turn_of(answer: Answer) -> Turn:
    """What a conversation keeps of an answer."""
    return Turn(answer.question, answer.standalone_question, json.dumps(answer.as_dict(), ensure_ascii=False))
