"""Words of a text for the lexical index: folded, then segmented."""

import re
import threading
import unicodedata

import rjieba
from opencc import OpenCC

WORD = re.compile(r"[a-z0-9][a-z0-9.%]*|[^\W_]+")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
_lock = threading.Lock()
_simplify = OpenCC("t2s")
_traditional = OpenCC("s2t")


def fold(text: str) -> str:
    """One form for the same words: NFKC width, lower case, Simplified characters.

    Lengths may differ from `text`: never use offsets of one in the other.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    with _lock:
        return str(_simplify.convert(folded)).replace("甚么", "什么")


def simplify(text: str) -> str:
    """`text` in Simplified characters, letter for letter, so that offsets hold in both."""
    with _lock:
        simple = str(_simplify.convert(text))
        return (
            simple if len(simple) == len(text) else "".join(_simplify.convert(letter)[:1] or letter for letter in text)
        )


def to_traditional(text: str) -> str:
    """`text` in Traditional characters."""
    with _lock:
        return str(_traditional.convert(text))


def segment(text: str) -> list[str]:
    """Words of `text` in order, compounds together with their parts (社区服务, 社区, 服务)."""
    words: list[str] = []
    for piece in rjieba.cut_for_search(fold(text)):
        words.extend(WORD.findall(piece))
    return words


def has_han(text: str) -> bool:
    """True when `text` holds a Chinese character."""
    return bool(HAN.search(text))
