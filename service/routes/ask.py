"""Asking and searching."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from qa.engine import events, with_conversation
from qa.question import read_question
from service.deps import ContextDep
from service.schemas import ERRORS, AnswerOut, PassageOut, QuestionIn, SearchIn, SearchOut

router = APIRouter(prefix="/v1", tags=["questions"], responses=ERRORS)

EXAMPLE_STREAM = (
    'event: sources\ndata: {"citations": [{"number": 1, "quote": "新建和改造社区服务中心260个", …}]}\n\n'
    'event: sentence\ndata: {"text": "新建和改造社区服务中心260个…", "citations": [1], "support": "verbatim"}\n\n'
    'event: answer\ndata: {"id": "…", "answer": "…[1]", …}\n\nevent: done\ndata: {}\n\n'
)


@router.post(
    "/ask",
    response_model=AnswerOut,
    summary="Ask a question",
    responses={200: {"content": {"text/event-stream": {"example": EXAMPLE_STREAM}}}},
)
async def ask(body: QuestionIn, context: ContextDep) -> Any:
    """One cited answer, or a refusal that says why.

    With `"stream": true` the answer comes as server-sent events: `sources`, a `sentence` each, the whole
    `answer`, then `done`. A question that cannot be answered for its form fails before the stream begins.
    """
    filters = body.filters.as_filters() if body.filters else None
    conversation = body.conversation_id or uuid.uuid4().hex
    read_question(body.question)
    answer = await context.work(lambda: context.engine.ask(body.question, filters, body.max_citations, body.skip))
    answer = with_conversation(answer, conversation)
    if not body.stream:
        return answer.as_dict()

    def stream() -> Iterator[bytes]:
        for event in events(answer):
            yield _event(event.name, event.data)
        yield _event("done", {})

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.post("/search", summary="Search passages")
async def search(body: SearchIn, context: ContextDep) -> SearchOut:
    """Passages ranked by meaning and words together, each with its section, offsets and scores."""
    filters = body.filters.as_filters() if body.filters else None
    found = await context.work(lambda: context.engine.search(body.query, filters, body.limit))
    return SearchOut(
        passages=[
            PassageOut(**dataclasses.asdict(citation), cosine=round(evidence.cosine, 4), bm25=round(evidence.bm25, 4))
            for evidence, citation in found
        ]
    )


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
