"""What goes over HTTP, version 1."""

import dataclasses
import datetime
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from index.catalog import Catalog
from index.documents import Document, Section, State
from index.groups import MOST_GROUPS
from qa.answer import Citation, cite
from qa.engine import MOST_PASSAGES
from qa.errors import LONGEST_QUESTION
from qa.question import Filters
from qa.retriever import Evidence
from service import examples
from service.errors import SectionNotFound
from service.identity import AT_THE_MACHINE, Caller

MOST_QUOTES = 1000  # a request


def _no_text(value: object) -> object:
    """JSON has numbers, truth values and dates of its own: "5", 1 for true, or seconds for a date are mistakes."""
    if isinstance(value, (str, bool)):
        raise ValueError("a number is wanted")
    return value


def _text_alone(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


Count = Annotated[int, BeforeValidator(_no_text)]
Day = Annotated[datetime.date, BeforeValidator(_text_alone)]
# How long, is checked where questions are read, and told in an error of its own.
Asked = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": r"\S"})]
Sentence = Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class FiltersIn(BaseModel):
    """Narrow a question to some documents; dates are inclusive, of a title, occasion or place a part is enough."""

    model_config = ConfigDict(extra="forbid")

    document_ids: list[Identifier] | None = Field(None, max_length=1000)
    speakers: list[Annotated[str, StringConstraints(max_length=100)]] | None = Field(None, max_length=100)
    date_from: Day | None = None
    date_to: Day | None = None
    titles: list[Words] | None = Field(None, max_length=100)
    occasions: list[Words] | None = Field(None, max_length=100)
    places: list[Words] | None = Field(None, max_length=100)

    def as_filters(self, groups: frozenset[str] | None) -> Filters:
        """The filters as `qa` takes them, for somebody in `groups`; None for one who may see everything."""

        def given(values: list[str] | None) -> tuple[str, ...] | None:
            return None if values is None else tuple(values)

        return Filters(
            document_ids=given(self.document_ids),
            speakers=given(self.speakers),
            date_from=self.date_from,
            date_to=self.date_to,
            titles=given(self.titles),
            occasions=given(self.occasions),
            places=given(self.places),
            groups=groups,
        )


def filters_for(told: FiltersIn | None, caller: Caller) -> Filters:
    """The filters as `qa` takes them, with what `caller` may see."""
    return told.as_filters(caller.groups) if told else Filters(groups=caller.groups)


class QuestionIn(BaseModel):
    """A question in plain words, at most 2,000 characters."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "云溪省2025年计划新建和改造社区服务中心多少个?"},
                {
                    "question": "今年的固定资产投资增长目标是多少?",
                    "filters": {"date_from": "2025-01-01", "date_to": "2025-12-31"},
                    "max_citations": 2,
                    "stream": True,
                },
            ]
        },
    )

    question: Asked
    conversation_id: Identifier | None = None
    filters: FiltersIn | None = None
    max_citations: Annotated[Count, Field(ge=1, le=50)] | None = Field(
        None,
        description="As many as the answer takes when left out; a list over the whole collection gives 50 at a time",
    )
    skip: Count = Field(0, ge=0, description="Citations before the first that is given, to page through a long list")
    stream: StrictBool = False


class SearchIn(BaseModel):
    """A search for passages."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "城镇新增就业目标", "limit": 5}]}
    )

    query: Asked
    filters: FiltersIn | None = None
    limit: Count = Field(10, ge=1, le=MOST_PASSAGES)


class CitationOut(BaseModel):
    """An exact span of a document: `text[start:end] == quote`, counted in code points."""

    number: int
    document_id: str
    document_title: str
    section_id: str
    section_path: list[str]
    label: str
    quote: str
    start: int
    end: int
    score: float
    url: str


class SupportingSpanOut(BaseModel):
    """What a generated sentence rests on, in the document of citation `number`."""

    number: int
    start: int
    end: int
    quote: str


class SentenceOut(BaseModel):
    """A sentence of the answer with the numbers of its citations."""

    text: str
    citations: list[int]
    support: Literal["verbatim", "supported"]
    spans: list[SupportingSpanOut]


class AnswerOut(BaseModel):
    """A cited answer, or a refusal with the nearest sections under `near_misses`."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ANSWER, examples.REFUSAL]})

    id: str
    conversation_id: str
    question: str
    standalone_question: str
    answer: str
    abstained: bool
    reason: Literal["no_evidence", "out_of_scope", "unsupported"] | None
    kind: Literal["extractive", "outline", "corpus", "generated"]
    sentences: list[SentenceOut]
    citations: list[CitationOut]
    total_citations: int
    withheld: int
    near_misses: list[CitationOut]
    confidence: float
    model: str
    timings_ms: dict[str, int]


class TurnOut(BaseModel):
    """A question of a conversation and its answer; no answer where a speech that it cites is gone."""

    question: str
    standalone_question: str
    answer: AnswerOut | None


class ConversationOut(BaseModel):
    """The last turns of a conversation, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CONVERSATION]})

    id: str
    turns: list[TurnOut]


class PassageOut(CitationOut):
    """A ranked passage: a citation with the scores it was ranked by."""

    cosine: float
    bm25: float


class SearchOut(BaseModel):
    """Ranked passages, best first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SEARCH]})

    passages: list[PassageOut]


class SectionOut(BaseModel):
    """A section of a speech with its whole text, `start` and `end` as in the text of the document."""

    document_id: str
    document_title: str
    section_id: str
    section_path: list[str]
    label: str
    text: str
    start: int
    end: int
    url: str


class QuotesIn(BaseModel):
    """Sentences to check, at most 1,000 of at most 2,000 characters."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"sentences": ["新建和改造社区服务中心260个。", "全省要建设三座太空港。"]}]},
    )

    sentences: list[Sentence] = Field(min_length=1, max_length=MOST_QUOTES)
    filters: FiltersIn | None = None


class QuoteOut(BaseModel):
    """What checking a sentence gave.

    `difference` leads from the speech to the sentence: `insert` stands only in the sentence, `delete` only in the
    speech; it is empty unless the sentence is altered. `sources` are earliest first, their `score` is the share of
    equal letters.
    """

    sentence: str
    verdict: Literal["exact", "altered", "absent"]
    difference: list[tuple[Literal["equal", "insert", "delete"], str]]
    sources: list[CitationOut]


class QuotesOut(BaseModel):
    """One result a sentence, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.QUOTES]})

    results: list[QuoteOut]


class FeedbackIn(BaseModel):
    """A thumb, and if wanted why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"answer_id": "5f0c1c7be2cb4c6d8f0a3f6f5e3f4f10", "thumb": "up", "comment": "正是要找的一段。"}
            ]
        },
    )

    answer_id: Identifier
    thumb: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None


class TextPart(BaseModel):
    """A piece of a message; only text is understood."""

    type: Literal["text"]
    text: str


class MessageIn(BaseModel):
    """A message of a chat; what is not a user's changes nothing."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None

    @property
    def words(self) -> str:
        """Its text."""
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content or [])


class CompletionIn(BaseModel):
    """A chat completion as OpenAI's clients ask for it; fields that are not named here are passed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "speechqa",
                    "messages": [{"role": "user", "content": "云溪省2025年计划新建和改造社区服务中心多少个?"}],
                }
            ]
        },
    )

    model: str
    messages: list[MessageIn] = Field(min_length=1, max_length=100)
    stream: StrictBool = False


class CompletionOut(BaseModel):
    """A chat completion; `speechqa` is the whole answer as /v1/ask gives it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPLETION]})

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    speechqa: AnswerOut


class ModelOut(BaseModel):
    """A model that can be asked."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "speechqa"


class ModelsOut(BaseModel):
    """The models."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class TokenIn(BaseModel):
    """For whom a portal wants a token."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"user": "zhang.wei", "groups": ["办公室"], "origin": "https://portal.example.org"}]
        },
    )

    user: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    groups: list[str] = Field([], max_length=MOST_GROUPS, description="His groups; none sees what is for everybody")
    origin: Annotated[str, StringConstraints(max_length=200), AfterValidator(lambda told: told.rstrip("/"))]
    minutes: Count = Field(10, ge=1, le=60)


class TokenOut(BaseModel):
    """A token, and when it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TOKEN]})

    token: str
    expires: datetime.datetime


class DocumentOut(BaseModel):
    """A speech as the catalog has it; `source` is the file name and, after #, which speech in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DOCUMENT]})

    id: str
    title: str
    source: str
    speaker: str | None
    date: datetime.date | None
    occasion: str | None
    place: str | None
    groups: list[str]
    sections: int
    passages: int
    state: str


class DocumentsOut(BaseModel):
    """Every document."""

    documents: list[DocumentOut]


class TextOut(BaseModel):
    """The text that all offsets count in."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TEXT]})

    text: str


class HeadingOut(BaseModel):
    """One heading of an outline; `level` is its depth from 1, offsets include its sub-sections."""

    marker: str
    heading: str
    level: int
    inline: bool
    start: int
    end: int
    section_id: str


class OutlineOut(BaseModel):
    """Headings in preorder."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.OUTLINE]})

    headings: list[HeadingOut]


class JobDocument(BaseModel):
    """What became of one speech of an upload, or of one file of an archive that could not be read."""

    id: str
    title: str
    status: str
    source: str
    error: dict[str, str] | None = None


class JobOut(BaseModel):
    """An upload being indexed; `progress` runs from 0 to 1."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.JOB]})

    id: str
    state: Literal["running", "done", "failed"]
    progress: float
    documents: list[JobDocument]
    error: dict[str, str] | None = None


class ErrorOut(BaseModel):
    """What happened and what to do."""

    code: str
    message: str
    hint: str


class ErrorBody(BaseModel):
    """The one error shape of every route."""

    error: ErrorOut


def passages_of(found: Sequence[tuple[Evidence, Citation]]) -> SearchOut:
    """Ranked passages as they go over HTTP."""
    return SearchOut(
        passages=[
            PassageOut(**dataclasses.asdict(citation), cosine=round(evidence.cosine, 4), bm25=round(evidence.bm25, 4))
            for evidence, citation in found
        ]
    )


def section_of(document: Document, section_id: str) -> SectionOut:
    """A section of `document`; raises `SectionNotFound`."""
    section = next((section for section in document.sections if section.id == section_id), None)
    if section is None:
        raise SectionNotFound(section=section_id)
    cited = cite(document, section.id, section.start, section.end, 1, 0.0)
    return SectionOut(
        document_id=document.id,
        document_title=document.title,
        section_id=section.id,
        section_path=list(cited.section_path),
        label=cited.label,
        text=cited.quote,
        start=section.start,
        end=section.end,
        url=cited.url,
    )


def list_documents(
    catalog: Catalog, ids: Collection[str] | None = None, caller: Caller = AT_THE_MACHINE
) -> list[DocumentOut]:
    """Documents that `caller` may see, by date and title, also those still being indexed; not those being deleted."""
    counts = catalog.counts(ids)
    return [
        DocumentOut(
            id=summary.id,
            title=summary.title,
            source=summary.source,
            speaker=summary.speaker,
            date=summary.date,
            occasion=summary.occasion,
            place=summary.place,
            groups=list(caller.narrowed(summary.groups)),
            sections=counts.get(summary.id, (0, 0))[0],
            passages=counts.get(summary.id, (0, 0))[1],
            state=summary.state.value,
        )
        for summary in catalog.summaries(ids)
        if summary.state is not State.DELETING and caller.sees(summary.groups)
    ]


def outline_of(sections: tuple[Section, ...]) -> OutlineOut:
    """The headings of a document; sections without one are not part of an outline."""
    return OutlineOut(
        headings=[
            HeadingOut(
                marker=s.marker,
                heading=s.heading,
                level=s.level,
                inline=s.inline,
                start=s.start,
                end=s.end,
                section_id=s.id,
            )
            for s in sections
            if s.heading
        ]
    )
