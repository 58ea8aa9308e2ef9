"""The answer and what it rests on, in the shape every interface gives it."""

import dataclasses
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from index.documents import Document
from index.reference import reference
from qa.texts import REFUSALS, Reason

Kind = Literal["extractive", "outline", "corpus", "generated"]
Support = Literal["verbatim", "supported"]


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact span of a document: `document.text[start:end] == quote`, in code points."""

    number: int
    document_id: str
    document_title: str
    section_id: str
    section_path: tuple[str, ...]
    label: str
    quote: str
    start: int
    end: int
    score: float
    url: str


@dataclass(frozen=True, slots=True)
class SupportingSpan:
    """What a generated sentence rests on: `quote` at `start:end` of the document that citation `number` names."""

    number: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]
    support: Support
    spans: tuple[SupportingSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal with the nearest sections under `near_misses`.

    `total_citations` counts those of the whole answer, of which a long list gives one page; `withheld` the sentences of a
    language model that the evidence did not bear out.
    """

    question: str
    standalone_question: str
    answer: str
    abstained: bool
    reason: Reason | None
    kind: Kind
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    total_citations: int
    withheld: int
    confidence: float
    model: str
    timings_ms: dict[str, int]
    near_misses: tuple[Citation, ...] = ()
    conversation_id: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the API."""
        return dataclasses.asdict(self)


def cite(document: Document, section_id: str, start: int, end: int, number: int, score: float) -> Citation:
    """Make the citation of `document.text[start:end]`."""
    path = document.section_path(section_id)
    return Citation(
        number=number,
        document_id=document.id,
        document_title=document.title,
        section_id=section_id,
        section_path=path,
        label=reference(document, section_id, start),
        quote=document.text[start:end],
        start=start,
        end=end,
        score=round(score, 4),
        url=f"/documents/{quote(document.id)}?start={start}&end={end}#{quote(section_id)}",
    )


def refuse(
    question: str,
    reason: Reason,
    language: str,
    near_misses: tuple[Citation, ...],
    timings_ms: dict[str, int],
    model: str,
) -> Answer:
    """A refusal that says why in the asker's language."""
    return Answer(
        question=question,
        standalone_question=question,
        answer=REFUSALS[reason][language],
        abstained=True,
        reason=reason,
        kind="extractive",
        sentences=(),
        citations=(),
        total_citations=0,
        withheld=0,
        confidence=0.0,
        model=model,
        timings_ms=timings_ms,
        near_misses=near_misses,
    )
