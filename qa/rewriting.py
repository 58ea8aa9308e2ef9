"""Follow-up questions made to stand alone by a language model, which may only put together what was said."""

import logging
import re
from collections.abc import Sequence

from index.history import Turn
from index.segmentation import fold
from qa.conversation import LONGEST_FOLLOW_UP, standalone
from qa.errors import LanguageModelUnavailable
from qa.llm import LanguageModel
from qa.prompts import FENCE, REWRITE, REWRITE_ASK
from qa.question import content_words, read_question

logger = logging.getLogger(__name__)

TURNS_TOLD = 4
MOST_TOKENS = 120
LONGEST = 200  # letters
FIGURE = re.compile(r"\d+(?:\.\d+)?")
# Words of a follow-up that point back, and are gone when it stands alone.
POINTING = frozenset(
    "它 它们 他 他们 她 她们 这 那 其 其中 该 这个 那个 这些 那些 那里 这里 那边 这边 那么 呢 另外 还 also and it its there they".split()
)


def stand_alone(question: str, turns: Sequence[Turn], model: LanguageModel | None) -> str:
    """`question` as it would be asked with nothing said before.

    By the model where there is one and what it writes holds together, else by rules. An item of a list ("第二个是什么？")
    is told by rules alone, and a question that leans on nothing is left as it is.
    """
    by_rules = standalone(question, turns)
    if model is None or not turns or len(question) > LONGEST_FOLLOW_UP or by_rules.startswith("《"):
        return by_rules
    return _rewrite(question, turns, model) or by_rules


def _rewrite(question: str, turns: Sequence[Turn], model: LanguageModel) -> str | None:
    language = read_question(question).language
    told = [turn.standalone for turn in turns[-TURNS_TOLD:]]
    lines = "\n".join(f"<asked>{text.translate(FENCE)}</asked>" for text in told)
    ask = REWRITE_ASK[language].format(turns=lines, question=question.translate(FENCE))
    try:
        said = "".join(model.stream(REWRITE[language], ask, MOST_TOKENS)).strip()
    except LanguageModelUnavailable as error:
        logger.warning("language model %s: %s", model.name, error.__cause__.__class__.__name__)
        return None
    return said if _holds_together(said, question, told) else None


def _holds_together(said: str, question: str, told: Sequence[str]) -> bool:
    """True when `said` is one question, of the words of the last questions alone, that leaves out none of the new ones."""
    if not said or "\n" in said or len(said) > LONGEST or not any(character.isalnum() for character in said):
        return False
    known = fold(" ".join([question, *told]))
    words = content_words(said)
    invented = any(word not in known for word in words) or not set(FIGURE.findall(fold(said))) <= set(
        FIGURE.findall(known)
    )
    lost = any(word not in fold(said) for word in content_words(question) if word not in POINTING)
    return not invented and not lost
