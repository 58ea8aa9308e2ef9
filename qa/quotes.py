"""Checking quotations: is a sentence exact, altered or absent in the speeches, and where does it stand.

Exact are the same words and figures in the same sentences: width, white space, Traditional or Simplified characters and
the punctuation inside a sentence may differ, where sentences end may not. What is not exact is compared with the
sentences that share most of its words, by the share of equal letters (Indel similarity, rapidfuzz).
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import partial_ratio_alignment

from index.documents import Document
from index.library import Library
from index.segmentation import segment, simplify
from index.sentences import Span, split_sentences
from qa.answer import Citation, cite

Verdict = Literal["exact", "altered", "absent"]
Operation = Literal["equal", "insert", "delete"]
Difference = tuple[tuple[Operation, str], ...]

LEAST_LETTERS = 4  # shorter words stand everywhere and say nothing
CANDIDATES, CANDIDATES_OF_PART = 20, 5  # passages that are compared with a sentence, and with each of its clauses
# From this share of equal letters on it is a speech's sentence, altered.
ALTERED = 0.7
# A sentence put together from others: letters of its shortest part, and the share that all parts make up.
LEAST_PART, MERGED = 8, 0.75
MOST_CLAUSES = 60  # every run of them is looked for
MOST_SOURCES = 100
# A whole sentence is preferred to a part of one that has not so much more in common with the quotation.
WHOLE_FIRST = 0.1
LONGER = 9  # letters by which a stretch may be longer than the quotation

END = "。"
LETTER = re.compile(
    r"(?P<end>[。！？!?；;]+|\.(?=\s|$))|(?P<range>(?<=\d)[-~–—](?=\d))|[^\W_]|[%‰‱℃°+=×$¥€£]|(?<=\d)\.(?=\d)"
)
SUBCLAUSE_END = re.compile(r"[，,、；;：:。！？!?\n]+")
# 他强调，“……”: what is quoted stands inside.
LED_IN = re.compile(
    r"^[^“「『\"]{0,40}(?:指出|强调|说|提出|要求|表示|讲到|提到|明确|写道|said|says|stated)[，：,:]?\s*[“「『\"](.+)[”」』\"][。.]?$",
    re.S,
)
CLOSERS = " \t\u3000”’」』）)】》\"'"
# What may stand before a sentence's first word.
OPENING = re.compile(r"(?:^|[\n。！？!?；;：:]|[一二三四五六七八九十\d]+(?:是|要|、|\.)|[)）])[\s“‘「『（(《\"']*$")


class _Widths(dict[int, str]):
    """Half-width lower-case forms of letters, made when first met; a letter that would become several stays."""

    def __missing__(self, code: int) -> str:
        narrow = unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = narrow if len(narrow) == 1 else chr(code)
        return self[code]


_WIDTHS = _Widths()


@dataclass(frozen=True, slots=True)
class Letters:
    """What a quotation must keep of a text: letters, figures and ends of sentences (as 。), with each one's place."""

    text: str
    letters: str
    places: "array[int]"

    def span(self, first: int, last: int) -> Span:
        """Where letters `first` to `last` (excluded) stand in the text."""
        return self.places[first], self.places[last - 1] + 1

    def pieces(self, first: int, last: int) -> list[str]:
        """The text from letter `first` to letter `last` in one piece a letter, with the punctuation behind it."""
        stops = [*self.places[first + 1 : last], self.places[last] if last < len(self.places) else len(self.text)]
        return [self.text[a:b] for a, b in zip(self.places[first:last], stops, strict=True)]

    def sentences(self, low: int, high: int) -> list[Span]:
        """The sentences among letters `low` to `high`, without their ends; a line's end ends one, too."""
        ends = {i for i in range(low, high) if self.letters[i] == END} | {high}
        start, stop = self.places[low], self.places[high - 1]
        lines = (bisect_left(self.places, start + m.start()) for m in re.finditer("\n", self.text[start:stop]))
        cuts = sorted(ends | set(lines))
        begins = [low, *(cut + (cut in ends) for cut in cuts[:-1])]
        return [(begin, cut) for begin, cut in zip(begins, cuts, strict=True) if begin < cut]

    def sentence(self, first: int, last: int) -> Span:
        """The whole sentences around letters `first` to `last`, without the last end."""
        begin = max(self.letters.rfind(END, 0, first) + 1, self._line(self.text.rfind("\n", 0, self.places[first])))
        stops = (
            self.letters.find(END, max(first, last - 1)),
            self._line(self.text.find("\n", self.places[last - 1])),
        )
        return begin, min((stop for stop in stops if stop > 0), default=len(self.letters))

    def _line(self, place: int) -> int:
        """The first letter behind a line's end, 0 where there is none."""
        return bisect_left(self.places, place) if place >= 0 else 0


def letters_of(text: str) -> Letters:
    """`text` reduced to what a quotation must keep."""
    plain = simplify(text).translate(_WIDTHS)
    found: list[str] = []
    places = array("I")
    for match in LETTER.finditer(plain):
        if match["end"] and (not found or found[-1] == END):
            continue
        found.append(END if match["end"] else "-" if match["range"] else match[0])
        places.append(match.start())
    return Letters(text, "".join(found), places)


@lru_cache(maxsize=200)
def _letters_of_document(_: str, text: str) -> Letters:
    return letters_of(text)


@lru_cache(maxsize=10_000)
def _plain_letters(_: str, text: str) -> str:
    """The letters alone: of all documents they fit in memory, their places would not."""
    return letters_of(text).letters


def sentences_in(text: str) -> list[str]:
    """The sentences of a manuscript that are long enough to be looked for."""
    pieces = [text[start:end] for start, end in split_sentences(text, 0, len(text))]
    return [piece for piece in pieces if len(letters_of(piece).letters.rstrip(END)) >= LEAST_LETTERS]


@dataclass(frozen=True, slots=True)
class Quote:
    """What checking one sentence gave.

    `difference` leads from the speech to the sentence: what both have, what the sentence adds ("insert") and what it
    leaves out ("delete"); empty unless it is altered. `sources` are the places where it stands or that it comes from,
    earliest first; their `score` is the share of equal letters.
    """

    sentence: str
    verdict: Verdict
    difference: Difference = ()
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Letters `first` to `last` (excluded) of a document, and the share of them that a sentence has in common."""

    document: Document
    first: int
    last: int
    share: float

    @property
    def source(self) -> Letters:
        """The document's letters."""
        return _letters_of_document(self.document.id, self.document.text)


class QuoteChecker:
    """Checks sentences against those documents of a library that are `allowed`; None: all that are visible."""

    def __init__(self, library: Library, allowed: Set[str] | None = None) -> None:
        self._library = library
        self._allowed = frozenset(library.catalog.visible_ids() if allowed is None else allowed)
        documents = library.visible_documents(self._allowed).values()
        earliest_first = sorted(documents, key=lambda d: (d.date is None, str(d.date), d.title, d.id))
        self._order = {document.id: place for place, document in enumerate(earliest_first)}
        self._documents = {document.id: document for document in earliest_first}

    def check_all(self, sentences: Sequence[str], progress: Callable[[], None] | None = None) -> Iterator[Quote]:
        """Check each sentence in turn."""
        for sentence in sentences:
            yield self.check(sentence)
            if progress:
                progress()

    def check(self, sentence: str) -> Quote:
        """Check one sentence; of one that leads in to a quotation (他强调，“…”) what it quotes."""
        asked = letters_of(led[1] if (led := LED_IN.match(sentence.strip())) else sentence)
        if len(asked.letters.rstrip(END)) < LEAST_LETTERS:
            return Quote(sentence, "absent")
        exact = list(self._exact(asked, self._documents.values()))
        if whole := [stretch for stretch in exact if _is_whole(asked, stretch)]:
            return Quote(sentence, "exact", (), self._cite(whole))
        if exact:
            chosen = [_sentence_around(asked, stretch) for stretch in exact]
            return Quote(sentence, "altered", _difference(asked, chosen[:1]), self._cite(chosen))
        near = self._nearest(asked)
        if parts := self._parts(asked, near):
            return Quote(sentence, "altered", _difference(asked, parts), self._cite(parts))
        if near and near[0].share >= ALTERED:
            return Quote(sentence, "altered", _difference(asked, near[:1]), self._cite(near))
        return Quote(sentence, "absent")

    def _exact(self, asked: Letters, documents: Iterable[Document]) -> Iterator[Stretch]:
        wanted = asked.letters.rstrip(END)
        for document in documents:
            letters = _plain_letters(document.id, document.text)
            place = letters.find(wanted)
            while place >= 0:
                yield Stretch(document, place, place + len(wanted), 1.0)
                place = letters.find(wanted, place + 1)

    def _candidates(self, text: str, limit: int) -> list[tuple[Document, Span]]:
        """The passages that share most words with `text`."""
        hits = self._library.lexical.search(list(dict.fromkeys(segment(text))), limit, self._allowed)
        found = []
        for passage_id, _ in hits:
            document_id, _, number = passage_id.rpartition(":")
            document = self._documents.get(document_id)
            if document and int(number) < len(document.passages):
                passage = document.passages[int(number)]
                found.append((document, (passage.start, passage.end)))
        return found

    def _nearest(self, asked: Letters) -> list[Stretch]:
        """The stretches that have most letters in common with the sentence: the best, and all that are as good."""
        found = {
            (stretch.document.id, stretch.first, stretch.last): stretch
            for document, span in self._candidates(asked.text, CANDIDATES)
            if (stretch := _closest(asked, document, span))
        }
        best = max((stretch.share for stretch in found.values()), default=0.0)
        return [stretch for stretch in found.values() if stretch.share == best]

    def _parts(self, asked: Letters, near: Sequence[Stretch]) -> list[Stretch]:
        """The stretches of different sentences that this one was put together from; none when one sentence gives it."""
        clauses = [clause for clause in SUBCLAUSE_END.split(asked.text) if clause.strip()]
        if len(clauses) > MOST_CLAUSES:
            return []
        near_clauses = (pair for clause in clauses for pair in self._candidates(clause, CANDIDATES_OF_PART))
        documents = list({document.id: document for document, _ in near_clauses}.values())
        found: list[Stretch] = []
        place = 0
        while place < len(clauses):
            for last in range(len(clauses), place, -1):
                part = letters_of("".join(clauses[place:last]))
                stretch = None
                if len(part.letters) >= LEAST_PART:
                    stretch = next(self._exact(part, documents), None)
                if stretch:
                    found.append(stretch)
                    place = last
                    break
            else:
                place += 1
        sentences = {(s.document.id, *s.source.sentence(s.first, s.last)) for s in found}
        share = sum(s.last - s.first for s in found) / len(asked.letters.rstrip(END))
        enough = share >= max(MERGED, near[0].share if near else 0.0)
        return found if len(sentences) > 1 and enough else []

    def _cite(self, stretches: Sequence[Stretch]) -> tuple[Citation, ...]:
        ordered = sorted(stretches, key=lambda s: (self._order[s.document.id], s.first))
        found = []
        for number, stretch in enumerate(ordered[:MOST_SOURCES], start=1):
            start, end = stretch.source.span(stretch.first, stretch.last)
            section = stretch.document.section_at(start)
            found.append(cite(stretch.document, section, start, end, number, stretch.share))
        return tuple(found)


def _is_whole(asked: Letters, stretch: Stretch) -> bool:
    """False when the quotation ends like a sentence and leaves out how the speech's sentence begins or goes on."""
    if not asked.letters.endswith(END):
        return True
    text = stretch.document.text
    start, end = stretch.source.span(stretch.first, stretch.last)
    rest = text[end : end + 20].lstrip(CLOSERS)
    following = LETTER.match(rest)
    ends = not rest or rest[0] == "\n" or bool(following and following["end"])
    return ends and bool(OPENING.search(text[max(0, start - 20) : start]))


def _sentence_around(asked: Letters, stretch: Stretch) -> Stretch:
    first, last = stretch.source.sentence(stretch.first, stretch.last)
    return _stretch(asked, stretch.document, first, last)


def _stretch(asked: Letters, document: Document, first: int, last: int) -> Stretch:
    letters = _plain_letters(document.id, document.text)[first:last]
    return Stretch(document, first, last, Indel.normalized_similarity(asked.letters.rstrip(END), letters))


def _closest(asked: Letters, document: Document, span: Span) -> Stretch | None:
    """The sentence, two neighbouring sentences or other stretch of a passage that is most like the quotation."""
    source = _letters_of_document(document.id, document.text)
    low, high = (bisect_left(source.places, place) for place in span)
    area = source.letters[low:high].rstrip(END)
    if not area:
        return None
    sentences = source.sentences(low, low + len(area))
    spans = [(a, b) for i, (a, _) in enumerate(sentences) for _, b in sentences[i : i + 2]]
    whole = [_stretch(asked, document, a, b) for a, b in spans]
    best = max(whole, key=lambda stretch: stretch.share)
    rough = partial_ratio_alignment(asked.letters.rstrip(END), area)
    if rough is None:
        return best
    # A part of a sentence is as long as the quotation; what the quotation lacks makes it longer.
    begin, stop = rough.dest_start, rough.dest_end
    spans = [(begin, min(len(area), stop + more)) for more in range(LONGER)]
    spans += [(max(0, begin - more), stop) for more in range(1, LONGER)]
    # The tail of the sentence before is no part of it.
    spans = [(b - len(area[a:b].lstrip(f"{END}%")), b) for a, b in spans]
    parts = [_stretch(asked, document, low + a, low + b) for a, b in spans if b > a]
    part = max(parts, key=lambda stretch: stretch.share, default=best)
    return best if best.share >= part.share - WHOLE_FIRST else part


def _difference(asked: Letters, stretches: Sequence[Stretch]) -> Difference:
    """What leads from the stretches, one after another, to the quotation."""
    pieces = [piece for s in stretches for piece in s.source.pieces(s.first, s.last)]
    letters = "".join(s.source.letters[s.first : s.last] for s in stretches)
    wanted = asked.letters.rstrip(END)
    said = asked.pieces(0, len(wanted))
    # What stands before the first letter and behind the last belongs to them.
    said[0] = asked.text[: asked.places[0]] + said[0]
    if len(wanted) < len(asked.letters):
        said[-1] += asked.text[asked.places[len(wanted)] :]
    found: list[tuple[Operation, str]] = []
    deleted = added = ""
    for step in Indel.opcodes(letters, wanted):
        if step.tag == "delete":
            deleted += "".join(pieces[step.src_start : step.src_end])
        elif step.tag == "insert":
            added += "".join(said[step.dest_start : step.dest_end])
        else:
            found += [("delete", deleted), ("insert", added)]
            found.append(("equal", "".join(said[step.dest_start : step.dest_end])))
            deleted = added = ""
    found += [("delete", deleted), ("insert", added)]
    return tuple((operation, text) for operation, text in found if text)
