"""The embeddable chat: its script, and a page that shows it."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, Response
from fastapi.templating import Jinja2Templates

from index.errors import SpeechQAError
from service.deps import Context
from service.errors import language_of
from service.identity import own_origin
from service.tokens import Claims
from ui.sign_in import caller_of_page, credential_of, to_sign_in
from ui.texts import PAGE_TEXTS

SCRIPT = Path(__file__).parent / "static" / "embed.js"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)
SNIPPET = """<script src="{endpoint}/embed.js" defer></script>
<speech-qa endpoint="{endpoint}" token-url="/speechqa-token"></speech-qa>"""


def install_embed(app: FastAPI, templates: Jinja2Templates) -> None:
    """Add /embed.js and /embed/demo."""
    context: Context = app.state.context
    router = APIRouter(include_in_schema=False)

    @router.get("/embed.js")
    def script() -> FileResponse:
        headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
        return FileResponse(SCRIPT, media_type="text/javascript", headers=headers)

    @router.get("/embed/demo")
    def demo(request: Request) -> Response:
        try:
            caller = caller_of_page(context.doorkeeper, request.headers)
        except SpeechQAError:
            return to_sign_in(request.url.path)
        origin = own_origin(request.headers)
        # Whoever came with a token goes on with that one: a token gets no other.
        token = credential_of(request.headers) if caller.origin else ""
        if caller.key_id and not caller.origin:
            groups = None if caller.groups is None else tuple(sorted(caller.groups))
            claims = Claims(caller.name, groups, caller.personal_rights, caller.key_id, origin)
            token, _ = context.tokens.issue(claims)
        language = language_of(request.headers)
        values = {
            "language": language,
            "texts": PAGE_TEXTS[language],
            "token": token,
            "snippet": SNIPPET.format(endpoint=origin),
        }
        return templates.TemplateResponse(
            request, "embed_demo.html", values, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        )

    app.include_router(router)
