"""Asking and searching."""

import json
import logging
import uuid
from collections.abc import AsyncIterator, Generator
from typing import Any

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from index.errors import Language, SpeechQAError
from index.history import Turn
from qa.engine import Event, turn_of, with_conversation
from qa.errors import PastTheLastCitation
from qa.question import Filters, read_question
from service.audit import places, sections_of
from service.deps import AskerDep, Context, ContextDep, LanguageDep, PortalDep
from service.describing import ASKED, NOTHING_YET, SERVER_SENT_EVENT, SIGN_IN, errors, link, link_body
from service.errors import ConversationNotFound, error_body
from service.examples import CONVERSATION_ID
from service.identity import Caller
from service.schemas import (
    AnswerOut,
    ConversationOut,
    Identifier,
    QuestionIn,
    SearchIn,
    SearchOut,
    TurnOut,
    filters_for,
    passages_of,
)

logger = logging.getLogger(__name__)

router = APIRouter(
    prefix="/v1",
    tags=["questions"],
)

EXAMPLE_STREAM = (
    'event: sources\ndata: {"citations": [{"number": 1, "quote": "新建和改造社区服务中心260个", …}]}\n\n'
    'event: sentence\ndata: {"text": "新建和改造社区服务中心260个…", "citations": [1], "support": "verbatim"}\n\n'
    'event: answer\ndata: {"id": "…", "answer": "…[1]", …}\n\nevent: done\ndata: {}\n\n'
)


@router.post(
    "/ask",
    response_model=AnswerOut,
    summary="Ask a question",
    responses=errors(*ASKED, PastTheLastCitation(total=3, skip=10), *NOTHING_YET)
    | {
        200: {
            "description": "One answer, or with `stream` its steps",
            "content": {"text/event-stream": {"schema": SERVER_SENT_EVENT, "example": EXAMPLE_STREAM}},
            "links": link("read_conversation", conversation_id="$response.body#/conversation_id")
            | link_body("feedback", {"answer_id": "$response.body#/id", "thumb": "up"}),
        }
    },
)
async def ask(body: QuestionIn, caller: AskerDep, context: ContextDep, portal: PortalDep, language: LanguageDep) -> Any:
    """One cited answer, or a refusal that says why.

    With `"stream": true` the answer comes as server-sent events: `sources`, a `sentence` each, the whole
    `answer`, then `done`; `error` in its place where it broke off. A question that cannot be answered for its form fails before the stream begins.
    """
    read_question(body.question)
    running = _steps(body, caller, context, portal)
    if not body.stream:
        return (await context.work(caller, lambda: list(running)))[-1].data
    first = await context.work(caller, lambda: next(running))
    events = _events(first, running, caller, context, language)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


def _steps(body: QuestionIn, caller: Caller, context: Context, portal: str) -> Generator[Event, None, None]:
    """The steps of an answer, kept in its conversation and noted for the operator."""
    conversation = body.conversation_id or uuid.uuid4().hex
    history = context.engine.library.catalog.history
    turns = history.turns(conversation, caller.name) if body.conversation_id else []
    filters = filters_for(body.filters, caller)
    sources: set[tuple[str, str]] = set()
    whole = False
    try:
        for event in context.engine.stream(body.question, filters, body.max_citations, body.skip, turns):
            if event.name == "sources":
                sources.update((cited["document_id"], cited["section_id"]) for cited in event.data["citations"])
            if not event.answer:
                yield event
                continue
            answer = with_conversation(event.answer, conversation)
            whole = True
            context.answered(caller, portal, answer, sources)
            history.add(conversation, turn_of(answer), caller.name)
            yield Event(event.name, answer.as_dict(), answer)
    finally:
        if sources and not whole:  # whoever leaves before the end has seen what was sent
            shown = places(sources)
            context.audit.record(caller, portal, "ask", body.question, also_shown=shown, refused="broken_off")


async def _events(
    first: Event, running: Generator[Event, None, None], caller: Caller, context: Context, language: Language
) -> AsyncIterator[bytes]:
    """The steps as server-sent events, each as soon as it is there."""
    event: Event | None = first
    try:
        with context.quotas.asking(caller):
            while event:
                yield _event(event.name, event.data)
                event = await to_thread.run_sync(next, running, None, limiter=context.streams)
    except SpeechQAError as error:
        yield _event("error", error_body(error, language))
    except Exception:  # the answer has begun: what went wrong can only be told in it
        logger.exception("a streamed answer broke off")
        yield _event("error", error_body(SpeechQAError(), language))
    else:
        yield _event("done", {})
    finally:
        running.close()


@router.post("/search", summary="Search passages", responses=errors(*ASKED, *NOTHING_YET))
async def search(body: SearchIn, caller: AskerDep, context: ContextDep, portal: PortalDep) -> SearchOut:
    """Passages ranked by meaning and words together, each with its section, offsets and scores."""
    filters = filters_for(body.filters, caller)
    return await context.work(caller, lambda: find_passages(context, caller, portal, body.query, filters, body.limit))


def find_passages(context: Context, caller: Caller, portal: str, query: str, filters: Filters, limit: int) -> SearchOut:
    """Search for `caller` and note what he was shown."""
    found = context.engine.search(query, filters, limit)
    context.audit.record(caller, portal, "search", query, sections_of(citation for _, citation in found))
    return passages_of(found)


@router.get(
    "/conversations/{conversation_id}",
    summary="What was asked and answered",
    responses=errors(*SIGN_IN, ConversationNotFound(id=CONVERSATION_ID)),
)
async def read_conversation(
    conversation_id: Identifier, caller: AskerDep, context: ContextDep, portal: PortalDep
) -> ConversationOut:
    """The last turns, oldest first. An answer that cites a speech that is gone for the asker is told without its words."""

    def read() -> ConversationOut:
        turns = context.engine.library.catalog.history.turns(conversation_id, caller.name)
        if not turns:
            raise ConversationNotFound(id=conversation_id)
        shown = [_turn(turn, caller, context) for turn in turns]
        cited = (citation for turn in shown if turn.answer for citation in turn.answer.citations)
        context.audit.record(caller, portal, "read", shown=sections_of(cited))
        return ConversationOut(id=conversation_id, turns=shown)

    return await run_in_threadpool(read)


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    summary="Forget a conversation",
    responses=errors(*SIGN_IN, ConversationNotFound(id=CONVERSATION_ID)),
)
async def delete_conversation(conversation_id: Identifier, caller: AskerDep, context: ContextDep) -> None:
    """Its questions and answers are gone for good."""
    if not await run_in_threadpool(context.engine.library.catalog.history.delete, conversation_id, caller.name):
        raise ConversationNotFound(id=conversation_id)


def _turn(turn: Turn, caller: Caller, context: Context) -> TurnOut:
    answer = AnswerOut.model_validate_json(turn.answer)
    cited = {citation.document_id for citation in [*answer.citations, *answer.near_misses]}
    whole = cited <= context.engine.library.catalog.visible_ids(cited, groups=caller.groups)
    return TurnOut(question=turn.question, standalone_question=turn.standalone, answer=answer if whole else None)


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
