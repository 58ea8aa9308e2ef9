"""Composing: which sentences are said, so that no part of the question is left out and no speech silently preferred."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from index.catalog import Summary
from index.library import Library
from index.segmentation import fold, segment
from qa.extractive import Scored, Selected
from qa.naming import Named, own_places
from qa.question import Question, holds_asked, read_question
from qa.scoring import word_weights
from qa.wording import CALENDAR_YEAR, Asked

MOST_SENTENCES = 3
# Speeches that a comparison asks one by one; beyond them, those in which something was found.
MOST_COMPARED = 12
# In a speech that is known to be asked, by itself or beside others, an answer needs less.
KNOWN_SPEECH = 0.5
PART_COVERAGE = 0.6
EACH = re.compile(r"分别|各自|各(?=[是为有])|\brespectively\b")
FIGURE = re.compile(r"\d[\d,.]*(?:万亿|亿|万|%)?")

# Reads a question in some documents, from so many passages; and in each of some documents by itself.
Read = Callable[[Question, Set[str], int], Scored]
ReadEach = Callable[[Question, Sequence[str], int], Mapping[str, Scored]]
# Passages read in all when the parts of a question, or the speeches that are compared, are looked up one by one; and
# how many of each at least.
READ_BESIDE, READ_EACH = 20, 4


class Composer:
    """Chooses the sentences of one answer.

    Args:
        library, question, named: what is asked of what.
        visible: ids of the documents that may answer.
        read: finds and scores sentences for a question in the documents of these ids, from at most so many passages.
        read_each: the same for each of several documents by itself.
    """

    def __init__(
        self,
        library: Library,
        question: Question,
        named: Named,
        visible: Set[str],
        read: Read,
        read_each: ReadEach,
    ) -> None:
        self._library = library
        self._question = question
        self._names = named
        self._named = named.document_ids
        self._visible = visible
        self._read = read
        self._read_each = read_each
        self.silent: Set[str] = frozenset()  # documents that were asked one by one and do not say it
        self.unanswered: list[str] = []  # parts of the question, of those side by side, to which nothing was found

    def compose(self, read_whole: Callable[[], Scored]) -> list[Selected]:
        """The sentences that answer, the best first; none when none is good enough.

        Args:
            read_whole: scores the sentences for the question as it stands; not called when its parts are answered.
        """
        if self._question.parts and self._question.several and (beside := self._part_by_part(self._visible)):
            return beside
        beside_each_other = self._question.compares or self._question.several
        asked = self._named if len(self._named) > 1 else self._visible if self._question.compares else frozenset()
        if beside_each_other and 1 < len(asked) <= MOST_COMPARED and (compared := self._compare(asked)):
            return compared
        scored = read_whole()
        if self._question.parts and not scored.answers and (beside := self._part_by_part(self._named)):
            return beside
        # Of many speeches, those in which something was found.
        if beside_each_other and len(said := first_of_each(scored.answers)) > 1:
            return self._in_order(said)
        if not scored.answers:
            return []
        chosen = [scored.answers[0]]
        for part in self._question.parts:
            self._add_part(chosen, scored, part)
        self._add_disagreeing(chosen, scored)
        return chosen[:MOST_SENTENCES]

    def _compare(self, asked: Set[str]) -> list[Selected]:
        """The best sentence of each of the speeches `asked`, in their order; those that do not say it are told."""
        summaries = self._library.catalog.summaries(asked)
        names = {summary.id: self._called(summary) for summary in summaries} if len(self._named) > 1 else {}
        own = {id_: text for id_ in names if (text := self._asked_of(id_, names))}
        share = _share(len(asked))
        if len(own) == len(asked):
            found = {id_: self._read(read_question(text), {id_}, share) for id_, text in own.items()}
            best = {id_: scored.answers[0] for id_, scored in found.items() if scored.answers}
        else:
            likely = self._read_each(self._question, [summary.id for summary in summaries], share)
            best = {
                id_: scored.sentences[0]
                for id_, scored in likely.items()
                if scored.sentences and scored.best_score >= scored.threshold * KNOWN_SPEECH
            }
            if len(best) < 2:
                return []
        self.silent = asked - best.keys() if best else frozenset()
        return self._in_order(best)

    def _asked_of(self, document_id: str, names: Mapping[str, str]) -> str | None:
        """What the question asks of one of several speeches: 湖北的目标是多少 of 湖北和山东的目标各是多少; None if unclear."""
        if not all(names.values()):
            return None
        one = "|".join(rf"{re.escape(name)}(?:自治区|自治州|[省市县区州])?" for name in sorted(set(names.values())))
        together = re.compile(rf"(?:{one})(?:(?:\s*(?:[、,，和与跟及]|以及|\band\b)\s*)+(?:{one}))+")
        text, count = together.subn(lambda _: names[document_id], self._question.text, count=1)
        return EACH.sub("", text) if count and not re.search(one, text.replace(names[document_id], "")) else None

    def _called(self, summary: Summary) -> str:
        """How the question calls a speech: the place in it that is the speech's own."""
        places = [place for place in own_places(summary) if place in self._question.text]
        return max([*places, *self._names.places_in(summary.id)], key=len, default="")

    def _in_order(self, best: Mapping[str, Selected]) -> list[Selected]:
        order = {summary.id: place for place, summary in enumerate(self._library.catalog.summaries(best.keys()))}
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
