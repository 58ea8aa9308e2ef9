"""Markdown, read by markdown-it: headings keep their level, emphasis marks are not part of the text."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.documents import Block, Content
from index.errors import EmptyFile
from index.readers.plain import clean_lines, decode

WORDS = frozenset({"text", "code_inline", "text_special", "html_inline"})
# A line break inside a paragraph is a blank between Latin words; Chinese lines stand each for itself.
LATIN_WRAP = re.compile(r"(?<=[\w,;:.!?)'\"’”-])\n(?=[A-Za-z0-9(\"'‘“])", re.ASCII)


class MarkdownReader:
    """Reads .md and .markdown (CommonMark with tables); raw HTML is left as the text it is."""

    suffixes = (".md", ".markdown")

    def __init__(self) -> None:
        self._parser = MarkdownIt("commonmark", {"html": False}).enable("table")

    def read(self, content: bytes, name: str) -> Content:
        """Return one block a heading, paragraph, list item or table cell."""
        blocks: list[Block] = []
        level: int | None = None
        number = ""
        ordered: list[bool] = []
        for token in self._parser.parse(decode(content, name)):
            match token.type:
                case "heading_open":
                    level = int(token.tag[1])
                case "ordered_list_open" | "bullet_list_open":
                    ordered.append(token.type == "ordered_list_open")
                case "ordered_list_close" | "bullet_list_close":
                    ordered.pop()
                case "list_item_open":
                    # The parser takes the number of an ordered item away; it belongs to the speech.
                    number = f"{token.info}{token.markup} " if ordered[-1] else ""
                case "inline" | "fence" | "code_block":
                    for line in clean_lines(plain_text(token)):
                        blocks.append(Block(number + line, level))
                        number = ""
                    level = None
        if not blocks:
            raise EmptyFile(name=name)
        return Content(blocks, page=True)


def plain_text(token: Token) -> str:
    """The words of a token without its markup."""
    if token.children is None:
        return token.content
    words = "".join(
        child.content if child.type in WORDS else "\n"
        for child in token.children
        if child.type in WORDS or child.type in ("softbreak", "hardbreak")
    )
    return LATIN_WRAP.sub(" ", words)
