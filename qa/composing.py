"""Composing: which sentences are said, so that no part of the question is left out and no speech silently preferred."""

import re
from collections.abc import Callable, Iterable, Sequence, Set

from index.library import Library
from index.segmentation import fold, segment
from qa.extractive import Scored, Selected
from qa.naming import Named
from qa.question import Question, holds_asked
from qa.scoring import word_weights
from qa.wording import CALENDAR_YEAR, Asked

MOST_SENTENCES = 3
# Speeches that a comparison asks one by one; beyond them, those in which something was found.
MOST_COMPARED = 12
# In a speech that is known to be asked, by itself or beside others, an answer needs less.
KNOWN_SPEECH = 0.5
PART_COVERAGE = 0.6
FIGURE = re.compile(r"\d[\d,.]*(?:万亿|亿|万|%)?")

# Reads a question in some documents, from so many passages.
Read = Callable[[Question, Set[str], int], Scored]
# Passages read in all when the parts of a question, or the speeches that are compared, are looked up one by one; and
# how many of each at least.
READ_BESIDE, READ_EACH = 24, 4


class Composer:
    """Chooses the sentences of one answer.

    Args:
        library, question, named: what is asked of what.
        visible: ids of the documents that may answer.
        read: finds and scores sentences for a question in the documents of these ids, from at most so many passages.
    """

    def __init__(self, library: Library, question: Question, named: Named, visible: Set[str], read: Read) -> None:
        self._library = library
        self._question = question
        self._named = named.document_ids
        self._visible = visible
        self._read = read
        self.silent: Set[str] = frozenset()  # documents that were asked one by one and do not say it
        self.unanswered: list[str] = []  # parts of the question, of those side by side, to which nothing was found

    def compose(self, read_whole: Callable[[], Scored]) -> list[Selected]:
        """The sentences that answer, the best first; none when none is good enough.

        Args:
            read_whole: scores the sentences for the question as it stands; not called when its parts are answered.
        """
        if self._question.parts and self._question.several and (beside := self._part_by_part(self._visible)):
            return beside
        scored = read_whole()
        if self._question.parts and not scored.answers and (beside := self._part_by_part(self._named)):
            return beside
        if (self._question.compares or self._question.several) and (compared := self._one_each(scored)):
            return compared
        if not scored.answers:
            return []
        chosen = [scored.answers[0]]
        for part in self._question.parts:
            self._add_part(chosen, scored, part)
        self._add_disagreeing(chosen, scored)
        return chosen[:MOST_SENTENCES]

    def _one_each(self, scored: Scored) -> list[Selected]:
        """The best sentence of each speech that is compared, in the order of the speeches; none when only one says it."""
        best = first_of_each(scored.answers)
        asked = self._named if len(self._named) > 1 else self._visible if self._question.compares else frozenset()
        likely, enough = first_of_each(scored.sentences), scored.threshold * KNOWN_SPEECH
        left = sorted(asked - best.keys())
        for document_id in left:
            known = likely.get(document_id)
            if known and known.score >= enough:
                best[document_id] = known
            elif len(asked) <= MOST_COMPARED:  # of many speeches, those in which something was found
                more = self._read(self._question, {document_id}, _share(len(left)))
                if more.best_score >= enough:
                    best[document_id] = more.sentences[0]
        if len(best) < 2:
            return []
        self.silent = asked - best.keys() if len(asked) <= MOST_COMPARED else frozenset()
        order = {summary.id: place for place, summary in enumerate(self._library.catalog.summaries(best))}
        return sorted(best.values(), key=lambda selected: order[selected.document.id])

    def _part_by_part(self, documents: Set[str]) -> list[Selected]:
        """An answer from `documents` to each question in the question.

        Unless all have one, none; but things side by side are given as far as they are found, and the rest is told.
        """
        chosen: list[Selected] = []
        missing = []
        for part in self._question.parts:
            answers = _new(self._read(part, documents, _share(len(self._question.parts))).answers, chosen)
            if answers:
                chosen.append(answers[0])
            else:
                missing.append(part.text)
        if missing and not self._question.several:
            return []
        self.unanswered = missing if chosen else []
        return chosen

    def _add_part(self, chosen: list[Selected], scored: Scored, part: Question) -> None:
        """Add the best sentence of the same speech for a part of the question that the chosen ones leave open."""
        weights = word_weights(self._library, part.words)
        total = sum(weights.values()) or 1.0

        def answers(selected: Selected) -> bool:
            inside = set(segment(selected.text))
            covered = sum(weight for word, weight in weights.items() if word in inside) / total
            return covered >= PART_COVERAGE and holds_asked(part, fold(selected.text))

        if any(map(answers, chosen)):
            return
        document_id = chosen[0].document.id
        best = next((s for s in _new(scored.sentences, chosen) if s.document.id == document_id and answers(s)), None)
        if best is None:
            more = self._read(part, {document_id}, _share(len(self._question.parts)))
            likely = [s for s in _new(more.sentences, chosen) if s.score >= more.threshold * KNOWN_SPEECH]
            best = next((s for s in likely if holds_asked(part, fold(s.text))), None)
        if best is not None:
            chosen.append(best)

    def _add_disagreeing(self, chosen: list[Selected], scored: Scored) -> None:
        """Add what other speeches say of the same thing where it is another figure: none of them is given silently."""
        if self._question.asked not in (Asked.NUMBER, Asked.PERCENT, Asked.MONEY):
            return
        said, words = figures(chosen), self._words_in(chosen[0])
        for document_id, selected in first_of_each(scored.answers).items():
            known = any(document_id == other.document.id for other in chosen)
            same_thing = bool(words) and words <= self._words_in(selected)
            if not known and same_thing and not figures([selected]) <= said:
                chosen.append(selected)

    def _words_in(self, selected: Selected) -> Set[str]:
        """The question's words that stand in a sentence."""
        return set(self._question.words) & set(segment(selected.text))


def _share(count: int) -> int:
    """How many passages each of `count` parts or speeches has read."""
    return max(READ_BESIDE // max(count, 2), READ_EACH)


def first_of_each(sentences: Iterable[Selected]) -> dict[str, Selected]:
    """The first sentence of each document, by its id."""
    first: dict[str, Selected] = {}
    for selected in sentences:
        first.setdefault(selected.document.id, selected)
    return first


def figures(sentences: Iterable[Selected]) -> set[str]:
    """The figures in the sentences, but for years."""
    return {figure for s in sentences for figure in FIGURE.findall(CALENDAR_YEAR.sub(" ", fold(s.text)))}


def _new(sentences: Sequence[Selected], chosen: Sequence[Selected]) -> list[Selected]:
    """Those that share no words with the chosen ones."""
    return [
        s
        for s in sentences
        if all(s.document.id != c.document.id or s.end <= c.start or c.end <= s.start for c in chosen)
    ]
