"""The report of a quotation check, for people: Markdown or a page of HTML."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from index.errors import Language
from qa.quotes import Quote
from ui.texts import QUOTE_TEXTS

HERE = Path(__file__).parent
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
SHOWN_SOURCES = 5


def summary(quotes: Sequence[Quote], language: Language) -> str:
    """How many sentences are exact, altered, absent."""
    counts = Counter(quote.verdict for quote in quotes)
    return QUOTE_TEXTS[language]["summary"].format(
        total=len(quotes), exact=counts["exact"], altered=counts["altered"], absent=counts["absent"]
    )


def as_markdown(quotes: Sequence[Quote], language: Language, heading: str = "") -> str:
    """The report as Markdown: what a sentence adds is bold, what it leaves out struck through.

    Args:
        heading: which manuscript was checked, and when.
    """
    texts = QUOTE_TEXTS[language]
    lines = [f"# {texts['title']}", ""]
    lines += [_escape(heading), ""] if heading else []
    lines += [summary(quotes, language), ""]
    for number, quote in enumerate(quotes, start=1):
        lines += [f"## {number}. {texts[quote.verdict]}", "", _marked(quote), ""]
        lines += [f"- {_escape(source.label)}" for source in quote.sources[:SHOWN_SOURCES]]
        if more := len(quote.sources) - SHOWN_SOURCES:
            lines += [f"- {texts['more'].format(count=more)}"] if more > 0 else []
        lines.append("")
    return "\n".join(lines)


def _marked(quote: Quote) -> str:
    if not quote.difference:
        return _escape(quote.sentence)
    frames = {"equal": "{}", "insert": "**{}**", "delete": "~~{}~~"}
    return "".join(frames[operation].format(_escape(text)) for operation, text in quote.difference)


def _escape(text: str) -> str:
    """Words of others, on one line and never as markup."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def as_html(quotes: Sequence[Quote], language: Language, heading: str = "") -> str:
    """The report as one page that loads nothing."""
    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
    return templates.get_template("quotes.html").render(
        quotes=quotes,
        texts=QUOTE_TEXTS[language],
        language=language,
        heading=heading,
        summary=summary(quotes, language),
        shown=SHOWN_SOURCES,
    )
