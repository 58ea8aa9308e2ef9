"""Answers in a language model's words, of which a sentence is shown only when the gate lets it through."""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.embedding import Embedder
from index.reference import reference
from index.segmentation import fold
from index.sentences import Span
from qa.errors import LanguageModelUnavailable
from qa.gate.checking import MARKER, Gate, Verdict
from qa.gate.evidence import Given
from qa.gate.judging import Judge
from qa.llm import LanguageModel
from qa.prompts import ASK, EVIDENCE, FENCE, NO_ANSWER, SYSTEM
from qa.question import Question, holds_asked
from qa.ranking import Ranked

logger = logging.getLogger(__name__)

ANSWER_TOKENS = 700
# Tokens of the embedder's vocabulary may be fewer than those of the model's: what is packed leaves room.
SPARE = 0.75
MOST_EVIDENCE = 12
LONGEST_SENTENCE, MOST_SENTENCES, LONGEST_ANSWER = 400, 20, 6_000
# Seconds that an answer may take in all.
PATIENCE = 120.0
SENTENCE_END = re.compile(
    r"(?:[。！？!?；;]|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bNo)\.(?=\s|\[|$)|\n)[”’」』）)\"']*(?:\s*[\[［【]\d{1,3}(?:\s*[,，、]\s*\d{1,3})*[\]］】])*"
)
CITED_AFTER = re.compile(r"\s*[\[［【]")


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence that may be shown: its words without the citations, and the spans it rests on by their number."""

    text: str
    verdict: Verdict


@dataclass(slots=True)
class Generated:
    """What came of asking the model: the evidence it was given, and what it said that is in there."""

    given: tuple[Given, ...]
    sentences: list[Checked] = field(default_factory=list)
    withheld: int = 0

    def answers(self, question: Question) -> bool:
        """True when what was let through says the kind of thing that is asked for."""
        return any(holds_asked(question, fold(checked.text)) for checked in self.sentences)


class Generator:
    """Asks a language model and checks what it says, sentence by sentence."""

    def __init__(
        self, model: LanguageModel, embedder: Embedder, known_names: frozenset[str], judge: Judge | None
    ) -> None:
        self._model = model
        self._embedder = embedder
        self._known_names = known_names
        self._judge = judge

    def pack(self, question: Question, ranked: Sequence[Ranked]) -> tuple[Given, ...]:
        """The evidence that fits the model's context, best first, numbered from 1."""
        room = self._model.settings.context_tokens * SPARE - ANSWER_TOKENS
        room -= self._tokens(SYSTEM[question.language]) + self._tokens(question.text)
        given: list[Given] = []
        for read in ranked[:MOST_EVIDENCE]:
            piece = read.evidence
            one = Given(
                len(given) + 1, piece.document, piece.passage.section_id, piece.passage.start, piece.passage.end
            )
            room -= self._tokens(_fenced(one))
            if room < 0:
                break
            given.append(one)
        return tuple(given)

    def _tokens(self, text: str) -> int:
        return len(self._embedder.model.tokenizer.tokenize(text))

    def ask(self, question: Question, given: tuple[Given, ...], generated: Generated) -> Iterator[Checked]:
        """Sentences that pass, each as soon as the model has ended it; `generated` keeps count."""
        gate = Gate(given, self._known_names, self._judge)
        started = time.monotonic()
        evidence = "\n".join(map(_fenced, given))
        user = ASK[question.language].format(evidence=evidence, question=question.text.translate(FENCE))
        said = 0
        try:
            for sentence in sentences_of(self._model.stream(SYSTEM[question.language], user, ANSWER_TOKENS)):
                said += 1
                if NO_ANSWER in sentence:
                    return
                verdict = gate.check(sentence)
                if verdict.passed:
                    checked = Checked(MARKER.sub("", sentence).strip(), verdict)
                    generated.sentences.append(checked)
                    yield checked
                else:
                    generated.withheld += 1
                    logger.info("withheld a sentence: %s", verdict.fault)
                if said >= MOST_SENTENCES or time.monotonic() - started > PATIENCE:
                    return
        except LanguageModelUnavailable as error:
            logger.warning("language model %s: %s", self._model.name, error.__cause__.__class__.__name__)


def sentences_of(pieces: Iterator[str]) -> Iterator[str]:
    """Cut a stream of text into sentences with the citations behind them, each given as soon as it has ended.

    A sentence ends when something other than a citation follows. What never ends is cut off.
    """
    buffer, total = "", 0
    for piece in pieces:
        buffer += piece
        total += len(piece)
        while match := SENTENCE_END.search(buffer):
            rest = buffer[match.end() :]
            if not rest.strip() or CITED_AFTER.match(rest):
                break  # a citation may still come
            if sentence := buffer[: match.end()].strip():
                yield sentence
            buffer = rest
        if len(buffer) > LONGEST_SENTENCE or total > LONGEST_ANSWER:
            return
    if buffer.strip():
        yield buffer.strip()


def _fenced(given: Given) -> str:
    label = reference(given.document, given.section_id, given.start)
    return EVIDENCE.format(
        number=given.number, label=label.translate(FENCE).replace('"', "”"), text=given.text.translate(FENCE)
    )


def cited_spans(generated: Generated) -> dict[int, tuple[Given, Span]]:
    """Each number that was cited with its evidence and the part of it that the sentences rest on."""
    given = {one.number: one for one in generated.given}
    found: dict[int, tuple[Given, Span]] = {}
    for checked in generated.sentences:
        for number, (start, end) in checked.verdict.spans.items():
            known = found.get(number, (given[number], (start, end)))[1]
            found[number] = (given[number], (min(known[0], start), max(known[1], end)))
    return dict(sorted(found.items()))
