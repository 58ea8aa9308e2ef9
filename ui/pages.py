"""Pages beside the chat: a speech with its outline, the cited span highlighted."""

import html
import itertools
from pathlib import Path

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup
from starlette.staticfiles import StaticFiles

from index.documents import Document, Section
from index.errors import SpeechQAError
from index.reference import reference
from service.deps import Context
from service.errors import language_of
from ui.embed import install_embed
from ui.sign_in import caller_of_page, install_sign_in, to_sign_in
from ui.texts import PAGE_TEXTS

HERE = Path(__file__).parent
# Speeches are data: nothing but the page's own script runs, and nothing is loaded from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)


def install_pages(app: FastAPI, with_chat: bool) -> None:
    """Add the page of a document, and the way from / to the chat or the API documentation."""
    templates = Jinja2Templates(HERE / "templates")
    context: Context = app.state.context
    router = APIRouter(include_in_schema=False)
    install_sign_in(app, templates)
    install_embed(app, templates)

    @router.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse("/chat/" if with_chat else "/docs")

    @router.get("/documents/{document_id}")
    def document_page(
        request: Request, document_id: str, start: int = Query(0, ge=0), end: int = Query(0, ge=0)
    ) -> Response:
        language = language_of(request.headers)
        try:
            caller = caller_of_page(context.doorkeeper, request.headers)
        except SpeechQAError:
            return to_sign_in(f"{request.url.path}?{request.url.query}".rstrip("?"))
        context.admit(caller)
        document = context.read(document_id, caller, "")
        return templates.TemplateResponse(
            request,
            "document.html",
            {
                "document": document,
                "language": language,
                "texts": PAGE_TEXTS[language],
                "label": reference_at(document, start) if start < end else reference(document),
                "headings": [section for section in document.sections if section.heading],
                "body": render_text(document, start, min(end, len(document.text))),
            },
            headers={"Content-Security-Policy": POLICY},
        )

    @router.get("/documents/{document_id}/reference")
    def reference_of(request: Request, document_id: str, start: int = Query(ge=0)) -> dict[str, str]:
        caller = caller_of_page(context.doorkeeper, request.headers)
        context.admit(caller)
        return {"reference": reference_at(context.document(document_id, caller), start)}

    app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")


def render_text(document: Document, start: int, end: int) -> Markup:
    """The document as HTML paragraphs: an anchor where each section begins, `text[start:end]` marked."""
    anchors: dict[int, list[Section]] = {}
    for section in document.sections:
        anchors.setdefault(section.start, []).append(section)
    marked = start < end
    cuts = sorted({0, len(document.text), *anchors, *((start, end) if marked else ())})
    pieces = ['<p data-start="0">']
    for here, there in itertools.pairwise(cuts):
        pieces.extend(f'<a id="{html.escape(section.id)}"></a>' for section in anchors.get(here, ()))
        inside = marked and start <= here < end
        opening, closing = ("<mark>", "</mark>") if inside else ("", "")
        pieces.append(opening)
        place = here
        for line in document.text[here:there].splitlines(keepends=True):
            place += len(line)
            pieces.append(html.escape(line.rstrip("\n")))
            if line.endswith("\n"):
                pieces.append(f'{closing}</p>\n<p data-start="{place}">{opening}')
        pieces.append(closing)
    return Markup("".join([*pieces, "</p>"]))  # noqa: S704 - every piece is escaped above


def reference_at(document: Document, place: int) -> str:
    """The official reference of what stands at `place`."""
    place = min(place, len(document.text) - 1)
    return reference(document, document.section_at(place), place)
