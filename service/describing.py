"""What the API description tells beside the schemas: every error of a route with an example, and what follows from what."""

from typing import Any

from index.errors import DocumentNotFound, DocumentsWaiting, NoDocuments, SpeechQAError
from qa.errors import LONGEST_QUESTION, EmptyQuestion, QuestionTooLong
from service.errors import (
    STATUS,
    BadRequest,
    BodyTooLarge,
    Busy,
    HostNotAllowed,
    InvalidRequest,
    NotLetIn,
    NotPermitted,
    NotSignedIn,
    OriginMissing,
    OriginNotAllowed,
    RequestStalled,
    TokenExpired,
    TokenNotValid,
    TooManyAtOnce,
    TooManyRequests,
    error_body,
)
from service.examples import DOCUMENT_ID
from service.schemas import ErrorBody

Responses = dict[int | str, dict[str, Any]]
JSON = "application/json"
# One event of a stream; its data is JSON.
SERVER_SENT_EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}


def errors(*told: SpeechQAError) -> Responses:
    """The answers of a route that tell these errors."""
    found: Responses = {}
    for error in told:
        answer = found.setdefault(STATUS.get(error.code, 500), {"description": "", "examples": {}})
        answer["description"] = "; ".join(filter(None, (answer["description"], f"`{error.code}`")))
        answer["examples"][error.code] = {"value": error_body(error, "en")}
    schema = {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}
    return {
        status: {
            "model": ErrorBody,
            "description": answer["description"],
            "content": {JSON: {"schema": schema, "examples": answer["examples"]}},
        }
        for status, answer in sorted(found.items(), key=lambda item: str(item[0]))
    }


def link(operation: str, **parameters: str) -> dict[str, Any]:
    """An OpenAPI link: which operation takes what of this answer, as `$response.body#/…`."""
    return {operation: {"operationId": operation, "parameters": parameters}}


def link_body(operation: str, body: dict[str, str]) -> dict[str, Any]:
    """An OpenAPI link whose values go into the body."""
    return {operation: {"operationId": operation, "requestBody": body}}


SIGN_IN = (
    NotSignedIn(),
    NotLetIn(),
    TokenExpired(),
    TokenNotValid(),
    HostNotAllowed(host="speechqa.example.org"),
    NotPermitted(right="ask"),
    OriginMissing(),
    OriginNotAllowed(origin="https://elsewhere.example"),
    TooManyRequests(most=60, retry_after=12),
    InvalidRequest(reason="question: Field required"),
    SpeechQAError(),
)
# With a body, and with work on the model.
BODY = (*SIGN_IN, BadRequest(reason="not JSON"), RequestStalled(), BodyTooLarge(megabytes=21))
QUESTION = (*BODY, TooManyAtOnce(most=4), Busy())
ASKED = (*QUESTION, EmptyQuestion(), QuestionTooLong(length=2400, longest=LONGEST_QUESTION))
NOTHING_YET = (NoDocuments(data="speechqa-data"), DocumentsWaiting(data="speechqa-data", count=7))
NO_DOCUMENT = DocumentNotFound(document=DOCUMENT_ID)
