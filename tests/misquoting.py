"""Makes quotations to check: real sentences untouched, altered in seven ways, and sentences of other texts."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import rjieba

from index.documents import Document
from index.segmentation import HAN
from index.sentences import Span, split_sentences
from qa.quotes import Quote, QuoteChecker, Verdict, letters_of

Alteration = Literal["character", "digit", "negation", "word order", "dropped clause", "two merged", "other speech"]
LEAST_LETTERS = 12
COMMA = re.compile("[，,]")
TRIES = 100  # a case, before a way is given up


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """Its words."""
        return self.document.text[slice(*self.span)]


@dataclass(frozen=True, slots=True)
class Case:
    """A quotation, what checking it should say, and where it is from."""

    text: str
    verdict: Verdict
    kind: str
    origin: Sentence | None = None

    def is_right(self, quote: Quote) -> bool:
        """True when the verdict is right."""
        return quote.verdict == self.verdict

    def has_source(self, quote: Quote) -> bool:
        """True when a source overlaps the sentence that the quotation is from."""
        origin = self.origin
        return origin is not None and any(
            source.document_id == origin.document.id and source.start < origin.span[1] and origin.span[0] < source.end
            for source in quote.sources
        )


def sentences_of(documents: Sequence[Document]) -> list[Sentence]:
    """All whole sentences long enough to be somebody's."""
    return [
        Sentence(document, span)
        for document in documents
        for span in split_sentences(document.text, 0, len(document.text))
        if document.text[span[1] - 1] in "。！？"
        and len(letters_of(document.text[slice(*span)]).letters) > LEAST_LETTERS
    ]


def change_character(text: str, chance: random.Random, _: Sentence) -> str | None:
    """Another Chinese character in the place of one."""
    places = [i for i, letter in enumerate(text) if HAN.match(letter)]
    place = chance.choice(places)
    other = chance.choice([text[i] for i in places if text[i] != text[place]] or ["某"])
    return text[:place] + other + text[place + 1 :]


def change_digit(text: str, chance: random.Random, _: Sentence) -> str | None:
    """Another digit."""
    places = [i for i, letter in enumerate(text) if letter in "0123456789"]
    if not places:
        return None
    place = chance.choice(places)
    return text[:place] + chance.choice([d for d in "123456789" if d != text[place]]) + text[place + 1 :]


def negate(text: str, chance: random.Random, _: Sentence) -> str | None:
    """A 不 more or less."""
    if "不" in text:
        return text.replace("不", "", 1)
    words = list(rjieba.cut(text))
    place = chance.randrange(len(words) - 1)
    return "".join([*words[:place], "不", *words[place:]])


def change_order(text: str, chance: random.Random, _: Sentence) -> str | None:
    """Two neighbouring words changed over."""
    words = list(rjieba.cut(text))
    places = [
        i for i in range(len(words) - 1) if words[i] != words[i + 1] and words[i].isalnum() and words[i + 1].isalnum()
    ]
    if not places:
        return None
    place = chance.choice(places)
    words[place], words[place + 1] = words[place + 1], words[place]
    return "".join(words)


def drop_clause(text: str, chance: random.Random, _: Sentence) -> str | None:
    """A clause left out: the first, the last or one between."""
    clauses = COMMA.split(text[:-1])
    if len(clauses) < 3:
        return None
    clauses.pop(chance.randrange(len(clauses)))
    return "，".join(clauses) + text[-1]


def merge(text: str, _: random.Random, other: Sentence) -> str | None:
    """Two sentences in one."""
    return text[:-1] + "，" + other.text


def borrow(text: str, _: random.Random, other: Sentence) -> str | None:
    """The last clause of another speech in the place of its own."""
    clauses, borrowed = COMMA.split(text[:-1]), COMMA.split(other.text[:-1])
    if len(clauses) < 3 or clauses[-1] == borrowed[-1]:
        return None
    return "，".join([*clauses[:-1], borrowed[-1]]) + text[-1]


WAYS: dict[Alteration, Callable[[str, random.Random, Sentence], str | None]] = {
    "character": change_character,
    "digit": change_digit,
    "negation": negate,
    "word order": change_order,
    "dropped clause": drop_clause,
    "two merged": merge,
    "other speech": borrow,
}


def make_cases(
    documents: Sequence[Document], foreign: Sequence[str], altered: int, untouched: int, seed: int = 11
) -> Iterator[Case]:
    """So many altered sentences of `documents`, in all ways alike, so many untouched, and the `foreign` ones.

    A sentence is altered only where what comes out is not, by chance, another sentence of the documents.
    """
    chance = random.Random(seed)  # repeatable, no secret
    everything = sentences_of(documents)
    whole = "\n".join(letters_of(document.text).letters for document in documents)
    for sentence in chance.sample(everything, min(untouched, len(everything))):
        yield Case(sentence.text, "exact", "untouched", sentence)
    for number in range(altered):
        kind = list(WAYS)[number % len(WAYS)]
        for _ in range(TRIES):
            sentence, other = chance.choice(everything), chance.choice(everything)
            if kind == "other speech" and other.document.id == sentence.document.id:
                continue
            text = WAYS[kind](sentence.text, chance, other)
            if text is not None and letters_of(text).letters not in whole:
                yield Case(text, "altered", kind, sentence)
                break
    for text in foreign:
        if letters_of(text).letters.rstrip("。") not in whole:
            yield Case(text, "absent", "foreign")


@dataclass(slots=True)
class Tally:
    """How the cases of one kind came out."""

    cases: int = 0
    right: int = 0
    sourced: int = 0


def check_cases(checker: QuoteChecker, cases: Sequence[Case]) -> tuple[dict[str, Tally], list[tuple[Case, Quote]]]:
    """Check them all: a tally by kind, and those that came out wrong."""
    tallies: dict[str, Tally] = {}
    wrong = []
    for case, quote in zip(cases, checker.check_all([case.text for case in cases]), strict=True):
        tally = tallies.setdefault(case.kind, Tally())
        tally.cases += 1
        tally.right += case.is_right(quote)
        tally.sourced += case.has_source(quote)
        if not case.is_right(quote) or (case.origin and not case.has_source(quote)):
            wrong.append((case, quote))
    return tallies, wrong
