"""The chat: answers streamed by sentence, numbered citations, the cited section beside with the quote marked."""

import html
import importlib
import os
import string
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from starlette.routing import Mount

from index.documents import Document
from index.errors import Language, SpeechQAError
from index.history import Turn
from index.reference import reference
from qa.answer import Answer, Citation
from qa.engine import Engine, Event, turn_of
from qa.question import Filters
from service.deps import Context
from service.errors import REQUEST_ID, NotFound, install_error_handlers, language_of
from ui.sign_in import PageDoor, caller_of_page
from ui.texts import PAGE_TEXTS

PATH = "/chat"
STYLE = Path(__file__).parent / "static" / "chat.css"
# Markdown and HTML see only character references, so that no word of a speech can act as markup.
REFERENCES = {ord(c): f"&#{ord(c)};" for c in string.punctuation}
# Text of a section shown around a quotation, in characters on each side.
AROUND = 240

Shown = list[dict[str, Any]]
EMPTY_PANEL = '<div class="sources"></div>'
REMEMBERED = 6  # turns that a follow-up question may lean on
Rest = tuple[str, int]  # a question whose list goes on, and how many of its citations were given


def mount_chat(app: FastAPI) -> FastAPI:
    """Mount the chat on `app` under /chat."""
    # Gradio takes seconds to import and calls home unless told not to; only `serve` needs it.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    gradio = importlib.import_module("gradio")
    # System fonts only: the page loads nothing from another host.
    fonts = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    theme = gradio.themes.Soft(
        primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=["ui-monospace", "monospace"]
    )

    @app.post(f"{PATH}/gradio_api/upload", include_in_schema=False)
    def no_uploads(request: Request) -> None:
        # The chat takes no files; left open, anyone could fill the disk.
        raise NotFound(path=request.url.path)

    context: Context = app.state.context
    app.add_middleware(PageDoor, path=PATH, doorkeeper=context.doorkeeper)
    mounted: FastAPI = gradio.mount_gradio_app(
        app,
        build_chat(gradio, context),
        path=PATH,
        theme=theme,
        css_paths=STYLE,
        i18n=gradio.I18n(**{"en": PAGE_TEXTS["en"], "zh-CN": PAGE_TEXTS["zh"], "zh": PAGE_TEXTS["zh"]}),
        footer_links=[],
        show_error=False,
        max_file_size="1kb",
        ssr_mode=False,
    )
    for route in mounted.routes:
        if isinstance(route, Mount) and route.path == PATH and isinstance(route.app, FastAPI):
            install_error_handlers(route.app)
    return mounted


@dataclass(frozen=True, slots=True)
class Step:
    """A state of the page: the conversation, the cited sections, what is left of a list, what was asked before."""

    shown: Shown
    panel: str = EMPTY_PANEL
    rest: Rest | None = None
    turns: Sequence[Turn] = ()


def build_chat(gradio: Any, context: Context) -> Any:
    """Lay out the page; labels are translated in the browser, answers follow the question's language."""

    def answered(message: str, before: Step, request: Any, skip: int = 0) -> Iterator[tuple[Any, ...]]:
        # Gradio answers on tasks of its own, which know nothing of the request.
        correlation_id.set(request.headers.get(REQUEST_ID) or uuid.uuid4().hex)
        caller = caller_of_page(context.doorkeeper, request.headers)

        def note(answer: Answer) -> None:
            context.answered(caller, request.headers.get("origin", ""), answer)

        def asking() -> Iterator[Event]:
            context.admit(caller)
            with context.quotas.question(caller):
                yield from context.engine.stream(message, Filters(groups=caller.groups), skip=skip, turns=before.turns)

        steps = answer_steps(context.engine, message, before, request.headers, asking, skip=skip, note=note)
        yield from map(outputs_of, steps)

    text = gradio.I18n(**{"en": PAGE_TEXTS["en"], "zh-CN": PAGE_TEXTS["zh"], "zh": PAGE_TEXTS["zh"]})

    def outputs_of(step: Step) -> tuple[Any, ...]:
        return "", step.shown, step.panel, step.rest, step.turns, gradio.update(visible=step.rest is not None)

    def respond(
        message: str, shown: Shown, turns: Sequence[Turn], request: gradio.Request
    ) -> Iterator[tuple[Any, ...]]:
        yield from answered(message, Step(shown, turns=turns), request)

    def respond_further(
        rest: Rest, shown: Shown, turns: Sequence[Turn], request: gradio.Request
    ) -> Iterator[tuple[Any, ...]]:
        yield from answered(rest[0], Step(shown, turns=turns), request, skip=rest[1])

    respond.__annotations__["request"] = respond_further.__annotations__["request"] = gradio.Request
    with gradio.Blocks(title="SpeechQA", analytics_enabled=False, fill_height=True, fill_width=True) as page:
        with gradio.Row(elem_classes="speechqa-head"):
            gradio.Markdown(text("title"), elem_classes="speechqa-title")
            gradio.Markdown(text("subtitle"), elem_classes="speechqa-subtitle")
        rest = gradio.State(None)
        turns = gradio.State(())
        with gradio.Row(equal_height=False):
            with gradio.Column(scale=6, min_width=360):
                chat = gradio.Chatbot(
                    show_label=False,
                    elem_id="chat",
                    height="62vh",
                    placeholder=text("empty"),
                    allow_tags=False,
                    buttons=["copy"],
                    feedback_options=None,
                    layout="bubble",
                )
                with gradio.Row(equal_height=True):
                    question = gradio.Textbox(
                        show_label=False,
                        placeholder=text("ask"),
                        lines=1,
                        max_lines=4,
                        scale=8,
                        autofocus=True,
                        elem_id="question",
                        max_length=2000,
                    )
                    send = gradio.Button(text("send"), variant="primary", scale=1, min_width=90, elem_id="send")
                more = gradio.Button(text("more"), size="sm", visible=False, elem_id="more")
                clear = gradio.Button(text("clear"), size="sm", variant="secondary", elem_id="clear")
            with gradio.Column(scale=5, min_width=320):
                gradio.Markdown(text("sources"), elem_classes="speechqa-side")
                sources = gradio.HTML(EMPTY_PANEL, elem_id="sources")
        outputs = [question, chat, sources, rest, turns, more]
        gradio.on(
            [question.submit, send.click],
            respond,
            [question, chat, turns],
            outputs,
            api_visibility="private",
            concurrency_limit=2,
            show_progress="hidden",
        )
        more.click(
            respond_further,
            [rest, chat, turns],
            outputs,
            api_visibility="private",
            concurrency_limit=2,
            show_progress="hidden",
        )
        clear.click(lambda: outputs_of(Step([])), None, outputs, api_visibility="private")
    return page


def answer_steps(
    engine: Engine,
    message: str,
    before: Step,
    headers: Any,
    asking: Callable[[], Iterator[Event]],
    *,
    skip: int = 0,
    note: Callable[[Answer], None] = lambda _: None,
) -> Iterator[Step]:
    """The states of the page while the events of `asking` come in; `note` is told the answer."""
    if not message.strip():
        yield before
        return
    language = language_of(headers)
    shown = [*before.shown, {"role": "user", "content": escape(message)}]

    def step(content: str) -> Step:
        return replace(before, shown=[*shown, {"role": "assistant", "content": content}], panel=EMPTY_PANEL)

    yield step(PAGE_TEXTS[language]["thinking"])
    said: list[str] = []
    urls: dict[int, str] = {}
    try:
        for event in asking():
            if event.name == "sources":
                urls = {citation["number"]: citation["url"] for citation in event.data["citations"]}
                said = []  # what a language model said that did not answer gives way to the speeches' words
            elif event.name == "sentence":
                said.append(f"{escape(event.data['text'])}{markers(urls, event.data['citations'])}")
                yield step("\n\n".join(said))
            if event.answer:
                note(event.answer)
                yield last_step(engine, event.answer, step(reply(event.answer)), skip, language)
    except SpeechQAError as error:
        yield step(escape(" ".join(error.describe(language))))


def last_step(engine: Engine, answer: Answer, step: Step, skip: int, language: Language) -> Step:
    """The page with the whole answer: the cited sections beside it, and the question where its list goes on."""
    given = skip + len(answer.citations)
    return replace(
        step,
        panel=sources_panel(engine, answer, PAGE_TEXTS[language]),
        rest=(answer.standalone_question, given) if given < answer.total_citations else None,
        turns=[*step.turns, turn_of(answer)][-REMEMBERED:],
    )


def reply(answer: Answer) -> str:
    """The whole answer as the conversation shows it."""
    urls = {citation.number: citation.url for citation in answer.citations}
    between = "\n\n" if "\n" in answer.answer else " "  # a list stands on lines of its own
    sentences = [f"{escape(s.text)}{markers(urls, s.citations)}" for s in answer.sentences]
    return between.join(sentences) if sentences else escape(answer.answer)


def markers(urls: dict[int, str], numbers: Iterable[int]) -> str:
    """Links to the cited places, as they stand behind a sentence."""
    return "".join(f" [&#91;{number}&#93;]({urls[number]})" for number in numbers)


def sources_panel(engine: Engine, answer: Answer, texts: dict[str, str]) -> str:
    """The cited sections as HTML, each with its reference and the quotation marked."""
    citations = answer.near_misses if answer.abstained else answer.citations
    heading = f'<p class="near">{html.escape(texts["near"])}</p>' if answer.abstained and citations else ""
    cards = "".join(source_card(engine.library.visible(c.document_id), c, texts) for c in citations)
    return f'<div class="sources">{heading}{cards or EMPTY_PANEL}</div>'


def source_card(document: Document, citation: Citation, texts: dict[str, str]) -> str:
    """One cited section: number, reference, words around the quotation, link to its place in the speech."""
    before, quote, after = surroundings(document, citation)
    path = " › ".join(html.escape(heading) for heading in citation.section_path)
    return (
        f'<article class="source"><header><b>{citation.number}</b><span>{html.escape(reference(document))}</span></header>'
        f'<p class="path">{path}</p><blockquote>{before}<mark>{quote}</mark>{after}</blockquote>'
        f'<footer><a href="{html.escape(citation.url)}" target="_blank" rel="noopener">{html.escape(texts["open"])}</a>'
        "</footer></article>"
    )


def surroundings(document: Document, citation: Citation) -> tuple[str, str, str]:
    """Escaped text of the cited section before, inside and after the quotation, cut at a readable length."""
    by_id = {section.id: section for section in document.sections}
    section = by_id[citation.section_id]
    # An item of an enumeration inside a paragraph is read with the paragraph it stands in.
    while section.inline and section.parent_id:
        section = by_id[section.parent_id]
    first, last = max(section.start, citation.start - AROUND), min(section.end, citation.end + AROUND)
    before = ("…" if first > section.start else "") + document.text[first : citation.start].lstrip()
    after = document.text[citation.end : last].rstrip() + ("…" if last < section.end else "")
    shown = [html.escape(part).replace("\n", "<br>") for part in (before, citation.quote, after)]
    return shown[0], shown[1], shown[2]


def escape(text: str) -> str:
    """`text` as Markdown that shows exactly these characters."""
    return text.translate(REFERENCES).replace("\n", "<br>")
