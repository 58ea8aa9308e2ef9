"""The wordings in which a term stands: the longest runs of words around it that several speeches share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import rjieba

from index.documents import Document
from index.segmentation import fold
from index.sentences import Span, split_subclauses

MOST_VARIANTS = 8
WORDS_AROUND = 4  # on each side at most
# Words that begin a sentence rather than belong to a wording.
BEFORE = frozenset("要 将 应 应当 必须 需要 我们 就 也 都 是 在 把 对 的 了".split())
DIGITS = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording, and its first place in each speech that has it, earliest speech first."""

    words: str
    uses: list[tuple[Document, Span]]


def find_variants(term: str, documents: Sequence[Document]) -> list[Variant]:
    """The wordings of `term` in `documents`, given by date: the commonest, ordered by their first use.

    Each place counts for the longest wording around it that another speech shares, else for the bare term.
    """
    folded = fold(term)
    places = [
        (document, span, left, right) for document in documents for span, left, right in _around(folded, document)
    ]
    having: dict[str, set[str]] = {}
    for document, _, left, right in places:
        for words in _wordings(folded, left, right):
            having.setdefault(words, set()).add(document.id)
    uses: dict[str, dict[str, tuple[Document, Span]]] = {}
    for document, span, left, right in places:
        shared = [words for words in _wordings(folded, left, right) if len(having[words]) > 1 or words == folded]
        uses.setdefault(max(shared, key=len), {}).setdefault(document.id, (document, span))
    commonest = sorted(uses.items(), key=lambda item: -len(item[1]))[:MOST_VARIANTS]
    found = [Variant(words, list(by_document.values())) for words, by_document in commonest]
    return sorted(found, key=lambda variant: (str(variant.uses[0][0].date), -len(variant.uses)))


def _around(folded: str, document: Document) -> list[tuple[Span, list[str], list[str]]]:
    """Where the term stands, with the words before it (nearest first) and after it in its clause."""
    found = []
    for start, end in split_subclauses(document.text, 0, len(document.text)):
        clause = document.text[start:end]
        place = fold(clause).find(folded)
        # Folding may change lengths; a clause where it does is given whole.
        same = len(fold(clause)) == len(clause)
        if place >= 0:
            text = fold(clause)
            left = list(takewhile(lambda word: word not in BEFORE, [str(w) for w in rjieba.cut(text[:place])][::-1]))
            right = [str(word) for word in rjieba.cut(text[place + len(folded) :])]
            span = (start + place, start + place + len(folded)) if same else (start, end)
            found.append((span, _until_figure(left), _until_figure(right)))
    return found


def _until_figure(words: Sequence[str]) -> list[str]:
    """The words up to a figure or a sign: what changes with every speech is no wording."""
    found: list[str] = []
    for word in words[:WORDS_AROUND]:
        if DIGITS.search(word) or not word.isalnum():
            break
        found.append(word)
    return found


def _wordings(folded: str, left: Sequence[str], right: Sequence[str]) -> list[str]:
    return [
        "".join([*reversed(left[:before]), folded, *right[:after]])
        for before in range(len(left) + 1)
        for after in range(len(right) + 1)
    ]
