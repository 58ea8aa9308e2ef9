"""What the reader reads: the question, whose speech and which section it is, and the passage."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from index.documents import Document

# Tokens of each part at most; about 0.62 tokens a Chinese character.
QUESTION_TOKENS, CONTEXT_TOKENS, TEXT_TOKENS = 64, 56, 256
LONGEST_NAME, LONGEST_HEADING = 60, 40
FIRST_CLAUSE = re.compile(r"[，。；：,;:]")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a passage stands: `name` says whose speech it is and when, `path` its headings from the root."""

    name: str
    path: str

    def __str__(self) -> str:
        return f"{self.name} | {self.path}" if self.path else self.name


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one input; `text_first` is the place of the passage's first token.

    `offsets[i]` are the code points of the passage that token `text_first + i` covers.
    """

    ids: list[int]
    text_first: int
    offsets: list[tuple[int, int]]


def context_of(document: Document, section_id: str) -> Context:
    """The context of a section: title, place, speaker and date of its document, then its headings."""
    parts = [document.title[:LONGEST_NAME]]
    for extra in (document.place, document.speaker):
        if extra and extra not in parts[0]:
            parts.append(extra)
    if document.date:
        parts.append(f"{document.date.year}年{document.date.month}月{document.date.day}日")
    headings = [short_heading(heading) for heading in document.section_path(section_id)]
    return Context(" ".join(parts), " / ".join(headings))


def short_heading(heading: str) -> str:
    """The first clause of a heading: an inline heading may be a whole sentence."""
    return FIRST_CLAUSE.split(heading.strip(), maxsplit=1)[0][:LONGEST_HEADING]


class Encoder:
    """Turns question, context and passage into the token ids of one input.

    Args:
        tokenizer: the embedder's fast tokenizer.
        query_prompt, document_prompt: the embedder's, so that its lower layers read what they know.
    """

    def __init__(self, tokenizer: Any, query_prompt: str, document_prompt: str) -> None:
        self._tokenize: Callable[..., Any] = tokenizer
        self._bos, self._eos = tokenizer.bos_token_id, tokenizer.eos_token_id
        self.padding = int(tokenizer.pad_token_id)
        self._query_prompt, self._document_prompt = query_prompt, document_prompt

    def encode(self, question: str, context: Context, text: str) -> Encoded:
        """`<s> query: question </s> passage: context </s> text </s>`, each part cut to its limit."""
        asked = self._ids(self._query_prompt + question)[:QUESTION_TOKENS]
        where = self._ids(self._document_prompt + str(context))[:CONTEXT_TOKENS]
        tokens = self._tokenize(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        head = [self._bos, *asked, self._eos, *where, self._eos]
        ids = [*head, *tokens["input_ids"][:TEXT_TOKENS], self._eos]
        offsets = [(int(start), int(end)) for start, end in tokens["offset_mapping"][:TEXT_TOKENS]]
        return Encoded(ids, len(head), offsets)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenize(text, add_special_tokens=False, verbose=False)["input_ids"]
        return ids
