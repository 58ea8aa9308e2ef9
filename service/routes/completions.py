"""OpenAI-compatible chat completions: any client of that kind asks here, and gets citations as annotations."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from index.history import Turn
from qa.answer import Answer
from qa.conversation import standalone
from qa.engine import with_conversation
from qa.question import read_question
from service.deps import AskerDep, ContextDep, PortalDep
from service.describing import ASKED, NOTHING_YET, SERVER_SENT_EVENT, SIGN_IN, errors
from service.errors import InvalidRequest, ModelNotFound
from service.schemas import CompletionIn, CompletionOut, ModelOut, ModelsOut, filters_for

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

MODEL = "speechqa"
MARKER = re.compile(r"\[(\d+)\]")
# A sentence with the citations behind it, and the white space that follows.
PIECE = re.compile(r".+?(?:\[\d+\]\s*)+|.+", re.S)
EXAMPLE_STREAM = (
    'data: {"id": "chatcmpl-…", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "…[1]"}}]}'
    "\n\ndata: [DONE]\n\n"
)


@router.get("/models", summary="List models", responses=errors(*SIGN_IN))
def models(_: AskerDep) -> ModelsOut:
    """The one model there is: answers from the indexed speeches."""
    return ModelsOut(data=[ModelOut(id=MODEL)])


@router.post(
    "/chat/completions",
    response_model=CompletionOut,
    summary="Ask as a chat completion",
    responses=errors(*ASKED, ModelNotFound(model="gpt", known=MODEL), *NOTHING_YET)
    | {200: {"content": {"text/event-stream": {"schema": SERVER_SENT_EVENT, "example": EXAMPLE_STREAM}}}},
)
async def complete(body: CompletionIn, caller: AskerDep, context: ContextDep, portal: PortalDep) -> Any:
    """Answer the last user message; the user messages before it are what a follow-up question leans on.

    Citations stand in the text as [1] and in `annotations` with the place of each; a refusal is a normal answer.
    System and assistant messages, temperature and the like change nothing: only the speeches answer.
    """
    if body.model != MODEL:
        raise ModelNotFound(model=body.model[:100], known=MODEL)
    asked = [message.words for message in body.messages if message.role == "user"]
    if not asked or body.messages[-1].role != "user":
        raise InvalidRequest(reason="messages: the last has to be a user's question")
    read_question(asked[-1])
    filters = filters_for(None, caller)

    def ask() -> Answer:
        found = context.engine.ask(asked[-1], filters, turns=_turns(asked[:-1]))
        found = with_conversation(found, found.id)  # each completion stands for itself
        context.answered(caller, portal, found)
        return found

    answer = await context.work(caller, ask)
    if body.stream:
        headers = {"Cache-Control": "no-cache"}
        return StreamingResponse(_chunks(answer), media_type="text/event-stream", headers=headers)
    message = {"role": "assistant", "content": answer.answer, "annotations": annotations_of(answer), "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return _head(answer, "chat.completion") | {"choices": [choice], "speechqa": answer.as_dict()}


def _turns(asked: list[str]) -> list[Turn]:
    """What was asked before, as far as it can be read."""
    turns: list[Turn] = []
    for question in asked:
        if question.strip():
            nothing = json.dumps({"kind": "extractive", "citations": []})
            turns.append(Turn(question, standalone(question, turns), nothing))
    return turns


def annotations_of(answer: Answer) -> list[dict[str, Any]]:
    """One annotation for each [n] in the text: where it stands, in code points, and what it cites."""
    cited = {citation.number: citation for citation in answer.citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": match.start(),
                "end_index": match.end(),
                "url": cited[number].url,
                "title": cited[number].label,
                "quote": cited[number].quote,
            },
        }
        for match in MARKER.finditer(answer.answer)
        if (number := int(match[1])) in cited
    ]


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{answer.id}", "object": kind, "created": int(time.time()), "model": MODEL}


def _chunks(answer: Answer) -> Iterator[str]:
    """The answer sentence by sentence; the annotations come with the last piece."""
    head = _head(answer, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps(head | {'choices': [choice]}, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    for piece in PIECE.findall(answer.answer):
        yield chunk({"content": piece})
    yield chunk({"annotations": annotations_of(answer)}, "stop")
    yield "data: [DONE]\n\n"
