"""What in a clause of a sentence does not agree with some sentences of the evidence."""

from typing import Literal

from index.segmentation import has_han
from qa.gate.claims import (
    CAUSES,
    CONNECTIVE,
    FILLER,
    FRAME_PREFIX,
    OPEN,
    PAST,
    PAST_TENSE,
    PLANNED,
    REACHED,
    RELATIVE,
    REVIEW,
    SHARP,
    TITLE,
    compared_by_itself,
    content,
    denied,
    matter,
    misattributed,
    modal,
    negations,
    opposed,
    other_body,
    places,
    stronger,
)
from qa.gate.contrasts import (
    compared_otherwise,
    of_another_base,
    of_another_time,
    other_figures,
    other_name,
    reversed_in_passing,
    substituted,
    turned_denial,
    widened,
)
from qa.gate.evidence import Window
from qa.gate.figures import disordered, misfit, resolves
from qa.gate.matching import (
    CLAUSE_END,
    SENTENCE_END,
    coverage,
    english_names,
    letters,
    nearest_clause,
    stands_in_english,
    word_share,
)
from qa.gate.quantities import Kind, quantities
from qa.gate.writing import plain

Fault = Literal[
    "no_citation",
    "empty",
    "quotation",
    "number",
    "date",
    "bound",
    "direction",
    "name",
    "attribution",
    "subject",  # whom a clause before it names
    "negation",
    "tense",  # done for planned
    "meaning",
]
# Share of a clause's matter that has to stand in the evidence, in one script and across scripts.
COVERED, COVERED_ACROSS_SCRIPTS = 0.75, 0.6
# A clause without a figure has nothing else to be held to.
COVERED_WITHOUT_FIGURE = 0.85
# What is enough when all nouns are covered.
COVERED_BY_NOUNS = 0.6
SHORT_CLAUSE = 8  # letters
SOME_LETTERS = 3  # 有一次通知了 is no chance, 上诉 may be


def fault_of(clause: str, named: frozenset[str], window: Window, judged: bool) -> Fault | None:
    """What in a clause does not agree with some sentences of the evidence; None when they say the same."""
    fault = _contradiction(clause, named, window, judged)
    return fault or (None if judged else _doubt(clause, window))


def _contradiction(clause: str, named: frozenset[str], window: Window, judged: bool) -> Fault | None:
    """What cannot be as the clause says: figures, dates, names and duties that the evidence does not have."""
    folded = without_titles(clause)
    told = quantities(folded)
    misfits = (misfit(folded, quantity, window, judged) for quantity in told)
    fault: Fault | None = next(filter(None, misfits), None)
    if fault or disordered(folded, told, window):
        return fault or "number"
    if has_han(window.folded) and not has_han(clause) and of_another_time(folded, window.folded):
        return "date"
    if other_figures(folded, window.known):
        return "number"
    # Whom a sentence further off names, and of when it tells, may be meant here: 他, or nothing at all.
    evidence = window.known if judged else window.folded + window.context
    strangers = [name for name in named if name not in evidence]
    if strangers or not all(stands_in_english(name, window) for name in english_names(clause)):
        return "subject" if strangers and not any(name in plain(clause) for name in strangers) else "name"
    nearest = nearest_clause(clause, window)
    if _moved(folded, nearest, window, judged):
        return "date"
    duties = modal(folded), modal(nearest)
    same_script = has_han(clause) == has_han(window.folded)
    return "negation" if same_script and all(duties) and duties[0] != duties[1] else None


def _doubt(clause: str, window: Window) -> Fault | None:
    """What the words of a clause do not seem to have in common with the evidence, though they may mean the same."""
    folded, nearest = without_titles(clause), nearest_clause(clause, window)
    same_script = has_han(clause) == has_han(window.folded)
    if _completed(folded, nearest, window, same_script):
        return "tense"
    if fault := _turned(folded, nearest, window, same_script):
        return fault
    # 两村 is a figure of nothing that is measured.
    has_figure = any(
        quantity.unit or quantity.kind is not Kind.COUNT or not has_han(folded[quantity.start])
        for quantity in quantities(folded)
    )
    return None if _says(clause, has_figure, window, same_script) else "meaning"


def without_titles(clause: str) -> str:
    """A clause in one way of writing, without the titles in it."""
    return TITLE.sub(" ", plain(clause))


def _says(clause: str, has_figure: bool, window: Window, same_script: bool) -> bool:
    """True when enough of the clause's matter stands in the evidence."""
    if same_script and has_han(clause) and not has_figure and sum(word.weight for word in content(plain(clause))) < 1:
        rest = RELATIVE.sub("", letters(clause))
        if len(rest) <= SOME_LETTERS and rest != letters(clause) and not content(plain(clause)):
            return True  # 四季度开始: the time alone, which is checked by itself
        # A clause of verbs alone fits anything.
        return bool(CONNECTIVE.fullmatch(clause)) or _repeated(clause, window)
    needed = COVERED if has_figure else COVERED_WITHOUT_FIGURE
    covered = coverage(clause, window)
    if same_script and has_han(clause) and covered >= COVERED_BY_NOUNS:
        evidence = f"{window.folded}\n{window.about}"
        words = content(plain(FRAME_PREFIX.sub("", clause)))
        # Every noun stands there: a verb may be another one.
        nouns = [word.text for word in words if word.weight >= 1]
        if len(nouns) >= (1 if has_figure else 3) and all(word_share(noun, evidence) == 1 for noun in nouns):
            return True
    return covered >= (needed if same_script else COVERED_ACROSS_SCRIPTS)


def _repeated(clause: str, window: Window) -> bool:
    """True when the evidence has a clause letter for letter, but for words that only join or soften it."""
    if letters(clause) in letters(window.text):
        return True
    said = FILLER.sub("", letters(clause))
    return len(said) >= SOME_LETTERS and said in FILLER.sub("", letters(window.text))


def _moved(folded: str, nearest: str, window: Window, judged: bool) -> bool:
    """True when a clause says 去年 of what the evidence says of another time.

    With `judged` not where the evidence says no time, but 去年 further off.
    """
    told, own = (set(RELATIVE.findall(text.replace("年内", "今年"))) for text in (folded, nearest))
    for word in told - (own or set(RELATIVE.findall(window.folded))):
        # 今年的目标低于去年 of 目标低于去年: the other word may be what a sentence before it says.
        beside = bool(own & told or (judged and not own)) and word in window.given_folded
        # Where the evidence itself says 今年, a year in its heading does not make it 去年.
        if not beside and (own or not resolves(word, window)):
            return True
    return False


def _turned(folded: str, nearest: str, window: Window, same_script: bool) -> Fault | None:
    """Whether a clause seems to deny, reverse or explain what the evidence says."""
    explained = bool(CAUSES.search(folded)) and not CAUSES.search(window.folded)
    if not same_script:
        return "meaning" if explained else None
    denied = bool(RELATIVE.sub("", matter(folded)).strip()) and _denied(folded, nearest, window)
    if _reversed(folded, nearest, window) or (denied and _same_denied(folded, nearest)):
        return "negation"
    if misattributed(folded, [nearest], window.spoken_by):
        return "attribution"
    if _of_another_body(folded, nearest, window) or other_name(folded, window):
        return "name"
    changed = (
        explained
        or denied
        or compared_by_itself(folded, window.folded)
        or stronger(folded, window.folded)
        or widened(folded, nearest)
        or of_another_base(folded, window.folded)
        or reversed_in_passing(folded, nearest)
        or substituted(folded, nearest, window.folded + window.about)
    )
    return "meaning" if changed else None


def _reversed(folded: str, nearest: str, window: Window) -> bool:
    """True when a claim says the opposite of what the evidence says, in the same words."""
    return (
        opposed(folded, nearest)
        or opposed(folded, window.folded, SHARP)
        or turned_denial(folded, window.folded)
        or compared_otherwise(folded, window.folded)
        or _crossed(folded, nearest, window)
        or _only_denied(folded, window)
    )


def _of_another_body(folded: str, nearest: str, window: Window) -> bool:
    """True when a claim tells of a body, a place or one who says something that the evidence does not tell of."""
    if other_body(folded, window.folded) or _placed_elsewhere(folded, nearest):
        return True
    return misattributed(folded, CLAUSE_END.split(window.folded), window.spoken_by)


def _placed_elsewhere(folded: str, nearest: str) -> bool:
    """True when a claim names one place and the clause of the evidence that it repeats names another."""
    claim, own = places(folded), places(nearest)
    return any(place not in nearest for place in claim) and any(place not in folded for place in own)


def _completed(folded: str, nearest: str, window: Window, same_script: bool) -> bool:
    """True when a claim tells as reached what the evidence plans, or the other way round."""
    sentence = next((one for one in SENTENCE_END.split(window.folded) if nearest in one), nearest)
    planned = bool(PLANNED.search(nearest) or (PLANNED.search(sentence) and not PAST.search(sentence)))
    past = PAST.search(window.folded + window.about) or REVIEW.search(window.about)
    if REACHED.search(folded) and (planned or not past):
        return True
    if planned and PAST_TENSE.search(folded) and not PLANNED.search(folded):
        return True
    return same_script and bool(
        PLANNED.search(folded) and REACHED.search(nearest) and not PLANNED.search(window.folded)
    )


def _crossed(folded: str, nearest: str, window: Window) -> bool:
    """True when a short clause joins what two short ones of the evidence say: 用得上的废止 of 用得上的延续，落空的废止."""
    if max(len(folded), len(nearest)) > SHORT_CLAUSE:
        return False
    claim, own = ({word.text for word in content(text)} for text in (folded, nearest))
    foreign = claim - own
    if not (claim & own and own - claim):
        return False
    others = (piece for piece in CLAUSE_END.split(window.folded) if 0 < len(piece) <= SHORT_CLAUSE and piece != nearest)
    return any(
        any(word in piece for word in foreign) and {word.text for word in content(piece)} - claim for piece in others
    )


def _denied(folded: str, nearest: str, window: Window) -> bool:
    """True when one of claim and evidence denies what the other does not."""
    if bool(OPEN.search(folded)) != bool(OPEN.search(nearest)):
        return True
    missing = [word.text for word in content(folded) if word.text not in nearest]
    pieces = [piece for piece in CLAUSE_END.split(window.folded) if piece and piece != nearest]
    more = [piece for piece in pieces if any(word in piece for word in missing)]
    claim, own, beside = negations(folded), negations(nearest), negations("，".join(more))
    joined = claim == own + beside and all(word.text in folded for word in content("，".join([nearest, *more])))
    if own % 2 == claim % 2 or (claim and joined):
        return False
    return not (claim % 2 and beside % 2)


def _same_denied(folded: str, nearest: str) -> bool:
    """True when what one of claim and evidence denies is something that the other says: 没有完成 and 完成."""
    return any(word in other for text, other in ((folded, nearest), (nearest, folded)) for word in denied(text))


def _only_denied(folded: str, window: Window) -> bool:
    """True when a claim that denies nothing has words that the evidence has only to deny them: 没有发生术中死亡."""
    if negations(folded):
        return False
    pieces = CLAUSE_END.split(window.folded)
    told = "，".join(piece for piece in pieces if not negations(piece))
    return any(word in folded and word not in told for piece in pieces for word in denied(piece))
