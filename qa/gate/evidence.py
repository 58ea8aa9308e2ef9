"""Evidence as the gate sees it: the sentences of a piece, with what says whose they are."""

import re
from dataclasses import dataclass
from functools import cached_property

from index.documents import Document
from index.sentences import Span, split_sentences
from qa.gate.claims import names
from qa.gate.quantities import Quantity, quantities
from qa.gate.writing import plain
from qa.texts import DAYS

WINDOW = 2  # sentences that may be read together


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of evidence as the model was given it: `document.text[start:end]` under a number."""

    number: int
    document: Document
    section_id: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True)
class Window:
    """Some sentences of a piece of evidence, with what says whose they are."""

    given: Given
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.given.document.text[self.start : self.end]

    @cached_property
    def folded(self) -> str:
        """Its words, folded, with what is only another way of writing the same written in one way."""
        return plain(self.text)

    @cached_property
    def given_folded(self) -> str:
        """The whole piece, likewise."""
        return plain(self.given.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities in it."""
        return quantities(self.folded)

    @cached_property
    def context(self) -> str:
        """Title, headings, speaker, occasion, place and date, folded."""
        document = self.given.document
        day = document.date
        return plain(
            "\n".join(
                [
                    document.title,
                    *document.section_path(self.given.section_id),
                    document.speaker or "",
                    document.occasion or "",
                    document.place or "",
                    DAYS["zh"](day) if day else "",
                ]
            )
        )

    @cached_property
    def known(self) -> str:
        """The whole piece with what says whose it is, folded."""
        return self.given_folded + self.context

    @cached_property
    def context_quantities(self) -> list[Quantity]:
        """The quantities in that."""
        return quantities(self.context)

    @cached_property
    def spoken_by(self) -> str:
        """Who speaks, and for whom: speaker, place, and what title and occasion name; folded."""
        document = self.given.document
        named = names(f"{document.title} {document.occasion or ''}") | {document.place or "", document.speaker or ""}
        return plain("\n".join(sorted(named)))

    @cached_property
    def about(self) -> str:
        """Headings, and the names of whose speech it is: what a claim may repeat though the sentences do not say it."""
        headings = self.given.document.section_path(self.given.section_id)
        return "\n".join([plain("\n".join(headings)), self.spoken_by])

    @cached_property
    def year(self) -> int | None:
        """The year that the speech is of: that of its title, else of its date."""
        document = self.given.document
        found = re.findall(r"(?<!\d)((?:19|20)\d\d)", document.title)
        return int(found[0]) if found else document.date.year if document.date else None


def windows_of(piece: Given) -> list[Window]:
    """Each sentence of a piece, and each with the one after it."""
    spans = split_sentences(piece.document.text, piece.start, piece.end)
    found = []
    for first in range(len(spans)):
        for last in range(first, min(first + WINDOW, len(spans))):
            found.append(Window(piece, spans[first][0], spans[last][1]))
    return found


def around(piece: Given, span: Span, most: int) -> str:
    """The sentences of a piece of evidence around `span`, in all `most` letters where it is longer."""
    sentences = split_sentences(piece.document.text, piece.start, piece.end)
    inside = [i for i, (start, end) in enumerate(sentences) if start < span[1] and span[0] < end]
    first, last, grown = min(inside), max(inside), True
    while grown:
        grown = False
        for before, after in ((1, 0), (0, 1)):
            start, end = first - before, last + after
            if start >= 0 and end < len(sentences) and sentences[end][1] - sentences[start][0] <= most:
                first, last, grown = start, end, True
    return piece.document.text[sentences[first][0] : sentences[last][1]]
