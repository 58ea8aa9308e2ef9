"""How much of a claim stands in a text: its words in one script, what they may be in the other."""

import re
from itertools import chain

from index.segmentation import fold, has_han, simplify
from qa.dictionary import load_dictionary, stems
from qa.gate.claims import FRAME_PREFIX, HAN_WORD, LATIN, REPORTING, content, matter
from qa.gate.evidence import Window
from qa.gate.quantities import MONTHS
from qa.gate.writing import STOP, plain
from qa.naming import english_name
from qa.wording import ASKING

CLAUSE_END = re.compile(rf"[，,；;：:](?!\d)|[。！？!?]+|{STOP}|\n+|\s(?=(?:and|while|but|which)\s)")
SENTENCE_END = re.compile(rf"[。！？!?；;\n]|{STOP}")
LETTER = re.compile(r"[^\W_]|%")
FIRST = re.compile(r"([A-Z][a-z]+) ")
# With a capital only because a sentence begins.
BEGINNINGS = frozenset(
    "the a an in on at of by for from under with since after before when while last this these those every each all both its their his her "
    "it he she they we our no not and but as to over about some more most many only one two three".split()
)
POSSESSIVE = re.compile("['’]s?$")
# What somebody is, before a name.
OFFICES = frozenset(
    "president vice deputy director secretary party governor mayor chairman chairwoman chair general manager minister "
    "professor dean principal magistrate judge captain comrade mr ms mrs dr".split()
)
ROMAN = re.compile(r"(?<=[a-z]) [IVX]+\b")  # Class III
CORE = 2  # Han letters of a term that tell what it is: 欧洲 of 欧洲人 (European), 博士 of 博士学位 (PhD)


def clauses_of(text: str) -> list[str]:
    """The clauses of a sentence."""
    return [clause for piece in CLAUSE_END.split(text) if piece and (clause := piece.strip())]


def letters(text: str) -> str:
    """Letters and figures alone, folded."""
    return "".join(LETTER.findall(fold(simplify(text))))


def nearest_clause(clause: str, window: Window) -> str:
    """The clause of the evidence that has most of a claim's words."""
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece.strip()] or [""]
    letters_of = set(plain(clause))
    return max(pieces, key=lambda piece: (share_of(clause, piece), len(letters_of & set(piece)), -len(piece)))


def coverage(clause: str, window: Window) -> float:
    """Share of the clause's matter that stands in the window or in what says whose it is."""
    return share_of(FRAME_PREFIX.sub("", clause), window.folded + "\n" + window.about)


def share_of(clause: str, evidence: str) -> float:
    """Share of the clause's matter that stands in a folded text."""
    if has_han(clause):
        words = content(plain(clause))
        total = sum(word.weight for word in words)
        return sum(word.weight * word_share(word.text, evidence) for word in words) / total if total else 1.0
    if not has_han(evidence):
        known, words_in = set(stems(evidence)), words_of(clause)
        return sum(word in known for word in words_in) / len(words_in) if words_in else 1.0
    bare = matter(plain(clause))
    terms = {word: told for word, told in load_dictionary().terms(bare).items() if word not in REPORTING}
    return sum(any(term in evidence for term in told) for told in terms.values()) / len(terms) if terms else 1.0


def word_share(word: str, evidence: str) -> float:
    """How much of a word stands in a folded text."""
    if word in evidence:
        return 1.0
    # A long word may be written shorter, or in other order: 社区服务中心, 服务中心.
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    if len(pairs) > 1:
        return sum(pair in evidence for pair in pairs) / len(pairs)
    return 0.5 if any(letter in evidence for letter in word) and len(word) == 2 else 0.0


def words_of(clause: str) -> list[str]:
    """The words of a clause that carry matter, stems of them where they are English."""
    if has_han(clause):
        return [word.text for word in content(plain(clause))]
    return list(
        stems(" ".join(w for w in LATIN.findall(matter(plain(clause))) if w not in REPORTING and w not in ASKING))
    )


def english_names(clause: str) -> frozenset[str]:
    """Runs of capitalised words in an English clause, its first word left out where it stands alone."""
    if has_han(clause):
        return frozenset()
    bare = ROMAN.sub("", clause)
    if (first := FIRST.match(bare)) and first[1].lower() in BEGINNINGS:
        bare = bare[first.end(1) :]
    found = (
        match[0]
        for match in re.finditer(r"(?:(?<=[a-z,\d] )|^(?=\S+ [A-Z]))[A-Z][a-zA-Z'’]+(?: [A-Z][a-zA-Z'’]+)*", bare)
    )
    return frozenset(name for name in found if name.lower() not in MONTHS)


def _translated(word: str, evidence: str) -> bool:
    """True when what an English word may be in Chinese stands in the evidence."""
    return any(term in evidence for term in chain(*load_dictionary().terms(word).values()))


def stands_in_english(name: str, window: Window) -> bool:
    """True when a name of an English claim stands in the evidence, in pinyin or translated where that is Chinese."""
    evidence = window.folded + window.context
    name = POSSESSIVE.sub("", name)
    folded = plain(name)
    if folded in evidence or not has_han(evidence):
        return folded in evidence
    words = re.sub("['’]", "", folded).split()
    while len(words) > len(("given", "family")) and words[0] in OFFICES and _translated(words[0], evidence):
        del words[0]
    terms = load_dictionary().terms(name)
    if terms and all(any(term in evidence for term in chinese) for chinese in terms.values()):
        return True
    if len(words) == 1 and any(len(term) > CORE and term[:CORE] in evidence for term in chain(*terms.values())):
        return True
    runs = {evidence[i : i + length] for length in (2, 3, 4) for i in range(len(evidence))}
    pinyin = {english_name(run) for run in runs if HAN_WORD.fullmatch(run)}
    for size in range(len(words), 0, -1):
        written = "".join(words[:size])
        if written in pinyin or any(place in evidence for place in load_dictionary().names(written)):
            return True
    return False
