"""Training samples: a question, the passage that answers it, and passages that nearly do.

What does not answer is chosen to be hard: what the real retrieval puts first, over everything or, as when SpeechQA
answers, in the speech that the question names; and the right passage under the name of another speech or of another
year, so that the reader learns to look whose words it reads.
"""

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from index.documents import Document, Passage
from index.library import Library
from index.segmentation import fold, segment, simplify, to_traditional
from index.sentences import Span
from qa.naming import YEAR_NUMBER, find_named, places_of
from qa.reader.encoding import Context, context_of
from qa.reader.training.collection import documents_by_key
from qa.reader.training.sets import SetQuestion
from qa.retriever import Evidence, HybridRetriever

RETRIEVED = 20
FIRST_NEGATIVES = 8  # the negatives are drawn from the first so many that retrieval gives
SPEECH_NEGATIVES, WIKI_NEGATIVES = 3, 2
MOST_LOST = 150  # letters of a file before its document begins
# Shares of the candidates read with the passage after them, and of the questions asked of the speech they name alone.
WIDENED, NARROWED = 0.25, 0.6
# Shares of the samples that are told otherwise, so that no name or year is learnt by heart.
SHIFT_YEARS, RENAME_PLACE, TRADITIONAL, SIMPLIFIED = 0.3, 0.3, 0.1, 0.5
YEARS_SHIFTED = (-9, -7, -6, -5, -4, -3, -2, -1, 1)
OTHER_PLACES = tuple(
    "云溪 临江 清河 东川 永安 海州 青原 平岭 南屏 金沙 石桥 武清 长顺 黄山 宜昌 鄂州 昆山 义乌 遵义 绍兴 泉州 洛阳 柳州 大理 咸阳 "
    "包头 大庆 吉安 岳阳 绵阳 徐州 烟台 保定 大同 湛江 三亚 喀什 天水 海东 固原".split()
)
SUFFIX = re.compile(r"(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)?")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage as the reader sees it; `spans` are where the answers stand in `text`, none where it answers not."""

    context: Context
    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One question; the first candidate answers it when any does."""

    question: str
    candidates: tuple[Candidate, ...]


def make_samples(library: Library, questions: Sequence[SetQuestion], seed: int) -> Iterator[Sample | None]:
    """One sample a question; None for a question whose answer cannot be placed in one passage."""
    documents = documents_by_key(library)
    retriever = HybridRetriever(library=library, limit=RETRIEVED)
    placed = place_answers(questions, documents)
    for number, question in enumerate(questions):
        chance = random.Random(f"{seed}:{number}:{question.id}")  # noqa: S311 # repeatable, no secret
        document = documents.get(question.key)
        if document is None:
            yield None
            continue
        found = _answering(question, document, placed)
        if question.answers and found is None:
            yield None
            continue
        evidence = retriever.retrieve(question.question, _asked_of(question, library, chance))
        negatives = _negatives(question, document, found, evidence, chance)
        right: list[Candidate] = []
        if found is not None:
            text = _widened(document, found[0], chance)
            right = [Candidate(context_of(document, found[0].section_id), text, found[1])]
            if question.set == "speeches":
                negatives = _misplaced(question, right[0], document, documents, chance) + negatives
        most = SPEECH_NEGATIVES if question.set == "speeches" else WIKI_NEGATIVES
        sample = Sample(question.question, (*right, *negatives[: most + (found is None)]))
        yield vary(sample, question, chance) if sample.candidates else None


def _asked_of(question: SetQuestion, library: Library, chance: random.Random) -> Set[str] | None:
    """The documents that the question names, or None: everything is searched."""
    if question.set != "speeches" or chance.random() >= NARROWED:
        return None
    visible = {summary.id for summary in library.catalog.summaries()}
    return find_named(question.question, library.catalog, visible).document_ids or None


def _widened(document: Document, passage: Passage, chance: random.Random) -> str:
    """The passage's text, now and then with the next passage of its section, as hits side by side are read."""
    end = passage.end
    if passage.number + 1 < len(document.passages) and chance.random() < WIDENED:
        following = document.passages[passage.number + 1]
        end = following.end if following.section_id == passage.section_id else end
    return document.text[passage.start : end]


def _answering(
    question: SetQuestion, document: Document, placed: Mapping[str, tuple[Span, ...]]
) -> tuple[Passage, tuple[Span, ...]] | None:
    """The passage that holds the (first) answer and the spans of the answers in it."""
    spans = placed.get(question.id, ()) if question.places else _likeliest(question, document.text)
    for passage in document.passages:
        if spans and passage.start <= spans[0][0] and spans[0][1] <= passage.end:
            inside = [(a - passage.start, b - passage.start) for a, b in spans if passage.start <= a < b <= passage.end]
            return passage, tuple(inside)
    return None


def _likeliest(question: SetQuestion, text: str) -> Sequence[Span]:
    """Where the answer stands, among all places of its words the one with most of the question's words around it."""
    words = set(segment(question.question))

    def shared(span: Span) -> int:
        return len(words & set(segment(text[max(0, span[0] - 40) : span[1] + 40])))

    spans = [match.span() for answer in question.answers[:1] for match in re.finditer(re.escape(answer), text)]
    return [max(spans, key=shared)] if spans else []


def place_answers(questions: Iterable[SetQuestion], documents: dict[str, Document]) -> dict[str, tuple[Span, ...]]:
    """Where the answers of each question that tells their places stand in its document, by the question's id.

    Places count the letters of the file without white space. The document has lost the file's first lines (its title,
    where it was taken from): so many letters as let most answers of its questions be found.
    """
    found: dict[str, tuple[Span, ...]] = {}
    by_key: dict[str, list[SetQuestion]] = {}
    for question in questions:
        if question.places and question.key in documents:
            by_key.setdefault(question.key, []).append(question)
    for key, asked in by_key.items():
        text = documents[key].text
        letters = [place for place, letter in enumerate(text) if not letter.isspace()]
        squeezed = "".join(text.split())

        def fits(lost: int, asked: list[SetQuestion] = asked, squeezed: str = squeezed) -> int:
            return sum(
                squeezed.startswith("".join(answer.split()), place - lost)
                for question in asked
                for answer, place in zip(question.answers, question.places, strict=True)
                if place >= lost
            )

        lost = max(range(MOST_LOST), key=fits)
        for question in asked:
            spans = []
            for answer, place in zip(question.answers, question.places, strict=True):
                short = "".join(answer.split())
                if place >= lost and squeezed.startswith(short, place - lost):
                    spans.append((letters[place - lost], letters[place - lost + len(short) - 1] + 1))
            if len(spans) == len(question.answers):
                found[question.id] = tuple(spans)
    return found


def _negatives(
    question: SetQuestion,
    document: Document,
    found: tuple[Passage, tuple[Span, ...]] | None,
    evidence: Sequence[Evidence],
    chance: random.Random,
) -> list[Candidate]:
    """What retrieval puts first and is no answer, in random order."""
    names_place = bool(places_of(question.question, ""))
    chosen = []
    for piece in evidence:
        if found is not None and piece.passage.id == found[0].id:
            continue
        text = _widened(piece.document, piece.passage, chance)
        if any(_same(answer) in _same(text) for answer in question.answers):
            # The same words may answer too, unless they are told of another place than the one asked about.
            other = piece.document.id != document.id and question.set == "speeches" and names_place
            if not other:
                continue
        chosen.append(Candidate(context_of(piece.document, piece.passage.section_id), text))
        if len(chosen) == FIRST_NEGATIVES:
            break
    chance.shuffle(chosen)
    return chosen


def _same(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


def _misplaced(
    question: SetQuestion,
    right: Candidate,
    document: Document,
    documents: dict[str, Document],
    chance: random.Random,
) -> list[Candidate]:
    """The right passage under the name of another place, or of another year, where the question names one."""
    made = []
    named = [place for place in places_of(document.title, "") if place in question.question]
    if named and not any(place in right.text for place in named):
        other = chance.choice([d for d in documents.values() if d.id != document.id])
        name = context_of(other, other.sections[0].id).name
        if chance.random() < RENAME_PLACE:
            name = right.context.name.replace(named[0], chance.choice(OTHER_PLACES))
        made.append(Candidate(replace(right.context, name=name), right.text))
    title_year = YEAR_NUMBER.search(right.context.name)
    if title_year and title_year[1] in question.question and not YEAR_NUMBER.search(right.text):
        years = chance.choice(YEARS_SHIFTED[:-2])
        name = shift_years(right.context.name, years)
        made.append(Candidate(Context(name, shift_years(right.context.path, years)), right.text))
    chance.shuffle(made)
    return made[:1]


def vary(sample: Sample, question: SetQuestion, chance: random.Random) -> Sample:
    """Tell the same sample in other years, of another place or in the other script."""
    if question.set == "speeches":
        if chance.random() < SHIFT_YEARS:
            years = chance.choice(YEARS_SHIFTED)
            sample = _map(sample, lambda text: shift_years(text, years))
        named = sorted(places_of(question.question, ""), key=len, reverse=True)
        if named and chance.random() < RENAME_PLACE:
            other = chance.choice(OTHER_PLACES)
            if len(other) == len(named[0]):
                sample = _map(sample, lambda text: text.replace(named[0], other))
    if question.language == "zh-Hant" and chance.random() < SIMPLIFIED:
        both = chance.random() < SIMPLIFIED
        sample = _map(sample, simplify) if both else replace(sample, question=simplify(sample.question))
    elif question.language == "zh" and chance.random() < TRADITIONAL:
        sample = replace(sample, question=to_traditional(sample.question))
    return sample


def shift_years(text: str, years: int) -> str:
    """`text` with every year of this century moved by `years`, letter for letter."""
    return YEAR_NUMBER.sub(lambda match: str(int(match[1]) + years) if match[1] >= "2000" else match[1], text)


def _map(sample: Sample, change: Callable[[str], str]) -> Sample:
    return Sample(
        change(sample.question),
        tuple(
            Candidate(Context(change(c.context.name), change(c.context.path)), change(c.text), c.spans)
            for c in sample.candidates
        ),
    )


def save_samples(samples: Sequence[Sample], file: Path) -> None:
    """Write `samples` as JSONL, whole or not at all."""
    temporary = file.with_suffix(".part")
    temporary.write_text("".join(json.dumps(asdict(s), ensure_ascii=False) + "\n" for s in samples), "utf-8")
    temporary.replace(file)


def load_samples(file: Path) -> list[Sample]:
    """Read what `save_samples` wrote."""
    return [
        Sample(
            row["question"],
            tuple(
                Candidate(Context(**c["context"]), c["text"], tuple((a, b) for a, b in c["spans"]))
                for c in row["candidates"]
            ),
        )
        for row in map(json.loads, file.read_text("utf-8").splitlines())
    ]
