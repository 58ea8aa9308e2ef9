"""The one error shape: {"error": {"code", "message", "hint"}}, on every route, in the asker's language."""

import logging
from collections.abc import Mapping

from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from index.errors import Language, SpeechQAError

logger = logging.getLogger(__name__)

REQUEST_ID = "X-Request-ID"
RETRY_AFTER = "5"  # seconds
# Errors raised below the service that are the caller's to mend; all others are ours (500).
STATUS = {
    "empty_question": 422,
    "past_the_last_citation": 422,
    "question_too_long": 422,
    "document_not_found": 404,
    "job_not_found": 404,
    "conversation_not_found": 404,
    "model_not_found": 404,
    "not_signed_in": 401,
    "not_let_in": 401,
    "token_expired": 401,
    "token_not_valid": 401,
    "not_permitted": 403,
    "group_not_permitted": 403,
    "origin_not_allowed": 403,
    "origin_missing": 403,
    "token_gets_no_token": 403,
    "host_not_allowed": 403,
    "no_documents": 409,
    "documents_waiting": 409,
    "body_too_large": 413,
    "request_stalled": 408,
    "empty_file": 422,
    "not_text": 415,
    "unsupported_format": 415,
    "damaged_file": 422,
    "encrypted_file": 422,
    "scanned_file": 422,
    "nested_archive": 422,
    "nothing_to_index": 422,
    "conversion_failed": 422,
    "converter_missing": 501,
    "bad_sidecar": 422,
    "file_too_large": 413,
    "upload_too_large": 413,
    "not_found": 404,
    "method_not_allowed": 405,
    "bad_request": 400,
    "invalid_request": 422,
    "store_unavailable": 503,
    "not_ready": 503,
    "busy": 503,
    "too_many_requests": 429,
    "too_many_at_once": 429,
    "answer_not_found": 404,
    "section_not_found": 404,
}


class ConversationNotFound(SpeechQAError):
    code = "conversation_not_found"
    texts = {
        "en": ("There is no conversation {id}.", "Ask with this conversation_id first; old conversations are let go."),
        "zh": ("没有编号为 {id} 的对话。", "请先用该 conversation_id 提问；过旧的对话会被清除。"),
    }


class ModelNotFound(SpeechQAError):
    code = "model_not_found"
    texts = {
        "en": ("There is no model {model}.", "Ask {known}."),
        "zh": ("没有模型 {model}。", "请使用 {known}。"),
    }


class UploadTooLarge(SpeechQAError):
    code = "upload_too_large"
    texts = {
        "en": ("{name} is larger than {megabytes} MB.", "Split it, or raise SPEECHQA_MAX_UPLOAD_MB."),
        "zh": ("{name} 超过 {megabytes} MB。", "请拆分文件，或调大 SPEECHQA_MAX_UPLOAD_MB。"),
    }


class BodyTooLarge(SpeechQAError):
    code = "body_too_large"
    texts = {
        "en": ("The request is larger than {megabytes} MB.", "Send less at once, or raise SPEECHQA_MAX_UPLOAD_MB."),
        "zh": ("请求超过 {megabytes} MB。", "请减少一次发送的内容，或调大 SPEECHQA_MAX_UPLOAD_MB。"),
    }


class RequestStalled(SpeechQAError):
    code = "request_stalled"
    texts = {
        "en": ("The request did not come in whole in time.", "Send it again, over a faster connection or in parts."),
        "zh": ("请求未能及时传完。", "请重新发送，或换用更快的网络、分次发送。"),
    }


class JobNotFound(SpeechQAError):
    code = "job_not_found"
    texts = {
        "en": ("There is no job {job}.", "Jobs are forgotten at a restart; GET /v1/documents shows every state."),
        "zh": ("没有任务 {job}。", "服务重启后任务记录不再保留；GET /v1/documents 可查看文档状态。"),
    }


class NotFound(SpeechQAError):
    code = "not_found"
    texts = {
        "en": ("There is nothing at {path}.", "GET /docs lists the routes."),
        "zh": ("{path} 不存在。", "GET /docs 列出了全部接口。"),
    }


class MethodNotAllowed(SpeechQAError):
    code = "method_not_allowed"
    texts = {
        "en": ("{method} is not offered at {path}.", "GET /docs lists what is."),
        "zh": ("{path} 不支持 {method}。", "GET /docs 列出了可用的方法。"),
    }


class BadRequest(SpeechQAError):
    code = "bad_request"
    texts = {
        "en": ("The request cannot be read ({reason}).", "GET /docs shows the expected form."),
        "zh": ("无法读取请求（{reason}）。", "GET /docs 给出了请求格式。"),
    }


class InvalidRequest(SpeechQAError):
    code = "invalid_request"
    texts = {
        "en": ("The request does not fit: {reason}.", "GET /docs shows the expected form."),
        "zh": ("请求不符合要求：{reason}。", "GET /docs 给出了请求格式。"),
    }


class Busy(SpeechQAError):
    code = "busy"
    texts = {
        "en": ("Too many questions are waiting.", "Try again in some seconds."),
        "zh": ("等待回答的问题过多。", "请几秒钟后再试。"),
    }


class TooManyRequests(SpeechQAError):
    code = "too_many_requests"
    texts = {
        "en": ("More than {most} requests in a minute.", "Try again in {retry_after} seconds."),
        "zh": ("一分钟内的请求超过 {most} 次。", "请在 {retry_after} 秒后再试。"),
    }


class TooManyAtOnce(SpeechQAError):
    code = "too_many_at_once"
    texts = {
        "en": ("{most} questions are being answered for you already.", "Wait for one of them."),
        "zh": ("您已有 {most} 个问题正在回答。", "请等其中一个回答完毕。"),
    }


class AnswerNotFound(SpeechQAError):
    code = "answer_not_found"
    texts = {
        "en": ("There is no answer {id} of yours in the audit log.", "Give the `id` of an answer of the last days."),
        "zh": ("审计日志中没有您的编号为 {id} 的回答。", "请提供最近几天内某个回答的 `id`。"),
    }


class SectionNotFound(SpeechQAError):
    code = "section_not_found"
    texts = {
        "en": ("The document has no section {section}.", "Take a section_id of a citation or of the outline."),
        "zh": ("该文档没有编号为 {section} 的章节。", "请使用引文或提纲中的 section_id。"),
    }


class NotReady(SpeechQAError):
    code = "not_ready"
    texts = {
        "en": ("The vector store does not answer.", "Try again shortly; the operator finds the cause in the log."),
        "zh": ("向量库没有响应。", "请稍后重试；运维人员可在日志中查找原因。"),
    }


class KeyNeeded(SpeechQAError):
    code = "key_needed"
    texts = {
        "en": (
            "Without any key the service listens on this machine alone, not on {host}.",
            "Make one with `speechqa keys create NAME`, or set SPEECHQA_OIDC_ISSUER.",
        ),
        "zh": (
            "尚未创建密钥，服务只能在本机监听，不能在 {host} 监听。",
            "请用 `speechqa keys create 名称` 创建密钥，或设置 SPEECHQA_OIDC_ISSUER。",
        ),
    }


class NotSignedIn(SpeechQAError):
    code = "not_signed_in"
    texts = {
        "en": (
            "This needs a key or token.",
            "Send it as `Authorization: Bearer …`; `speechqa keys create` makes a key.",
        ),
        "zh": ("需要密钥或令牌。", "请以 `Authorization: Bearer …` 发送；`speechqa keys create` 可创建密钥。"),
    }


class NotLetIn(SpeechQAError):
    code = "not_let_in"
    texts = {
        "en": ("This key or token is not valid.", "It may be revoked, expired or mistyped; ask for a new one."),
        "zh": ("密钥或令牌无效。", "它可能已被撤销、已过期或输入有误；请重新获取。"),
    }


class NotPermitted(SpeechQAError):
    code = "not_permitted"
    texts = {
        "en": ("This key or token does not permit `{right}`.", "Use a key with this scope."),
        "zh": ("该密钥或令牌没有 `{right}` 权限。", "请使用具有该权限的密钥。"),
    }


class GroupNotPermitted(SpeechQAError):
    code = "group_not_permitted"
    texts = {
        "en": ("This key does not reach the group {group}.", "Name only groups that the key has."),
        "zh": ("该密钥不含分组 {group}。", "只能使用密钥所含的分组。"),
    }


class HostNotAllowed(SpeechQAError):
    code = "host_not_allowed"
    texts = {
        "en": (
            "Without any key the service answers at this machine's own address only, not as {host}.",
            "Make a key with `speechqa keys create`, or open http://127.0.0.1.",
        ),
        "zh": (
            "尚未创建密钥，服务只在本机地址上应答，不以 {host} 应答。",
            "请用 `speechqa keys create` 创建密钥，或访问 http://127.0.0.1。",
        ),
    }


class TokenExpired(SpeechQAError):
    code = "token_expired"
    texts = {
        "en": ("The token has expired.", "The portal gets a new one from POST /v1/tokens."),
        "zh": ("令牌已过期。", "请由门户通过 POST /v1/tokens 重新获取。"),
    }


class TokenNotValid(SpeechQAError):
    code = "token_not_valid"
    texts = {
        "en": ("The token is not valid.", "The portal gets one from POST /v1/tokens."),
        "zh": ("令牌无效。", "请由门户通过 POST /v1/tokens 获取。"),
    }


class OriginMissing(SpeechQAError):
    code = "origin_missing"
    texts = {
        "en": ("This token works from its portal's pages alone.", "Send it from a page, or use a key on a back end."),
        "zh": ("该令牌只能在所属门户的网页中使用。", "请从网页发送请求，后端请使用密钥。"),
    }


class TokenGetsNoToken(SpeechQAError):
    code = "token_gets_no_token"
    texts = {
        "en": ("Only an API key gets tokens.", "Call this from the portal's back end with its key."),
        "zh": ("只有 API 密钥可以获取令牌。", "请由门户后端使用其密钥调用。"),
    }


class OriginNotAllowed(SpeechQAError):
    code = "origin_not_allowed"
    texts = {
        "en": ("Pages of {origin} may not do this.", "SPEECHQA_ALLOWED_ORIGINS lists the origins that may."),
        "zh": ("来源 {origin} 的网页无权使用。", "允许的来源由 SPEECHQA_ALLOWED_ORIGINS 设定。"),
    }


def language_of(headers: Mapping[str, str]) -> Language:
    """Chinese or English after Accept-Language; English when it names neither."""
    for part in headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "en"


def error_body(error: SpeechQAError, language: Language) -> dict[str, dict[str, str]]:
    """The JSON object of an error."""
    message, hint = error.describe(language)
    return {"error": {"code": error.code, "message": message, "hint": hint}}


def headers_of(error: SpeechQAError, status: int) -> dict[str, str]:
    """What goes with an error: how to sign in, when to try again."""
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status in (429, 503):
        return {"Retry-After": str(error.details.get("retry_after", RETRY_AFTER))}
    return {}


def respond(request: Request, error: SpeechQAError) -> JSONResponse:
    """The answer to `request` that tells an error."""
    return error_response(error, language_of(request.headers))


def error_response(error: SpeechQAError, language: Language) -> JSONResponse:
    """The answer that tells an error, with its status and what belongs to that."""
    status = STATUS.get(error.code, 500)
    if status == 500:
        logger.error("%s: %s", error.code, error)
    return JSONResponse(error_body(error, language), status, headers_of(error, status))


def methods_at(app: FastAPI, path: str) -> str:
    """What the API description offers at a path; the framework tells the methods of the first route alone."""
    for template, item in app.openapi()["paths"].items():
        if compile_path(template)[0].fullmatch(path):
            return ", ".join(sorted(method.upper() for method in item))
    return ""


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of `app` come out in the one shape, with the right status and no stack trace."""

    @app.exception_handler(SpeechQAError)
    async def on_known(request: Request, error: SpeechQAError) -> JSONResponse:
        return respond(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return respond(request, BadRequest(reason="not JSON"))
        place = ".".join(str(part) for part in first["loc"] if part != "body")
        return respond(request, InvalidRequest(reason=f"{place}: {first['msg']}" if place else first["msg"]))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            return respond(request, NotFound(path=request.url.path))
        if error.status_code == 405:
            response = respond(request, MethodNotAllowed(method=request.method, path=request.url.path))
            response.headers["Allow"] = methods_at(app, request.url.path) or (error.headers or {}).get("Allow", "")
            return response
        return respond(request, BadRequest(reason=error.detail))

    @app.exception_handler(Exception)
    async def on_unknown(request: Request, error: Exception) -> JSONResponse:
        logger.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        response = respond(request, SpeechQAError())
        if known := correlation_id.get():  # this answer is sent from outside of what adds the id to all others
            response.headers[REQUEST_ID] = known
        return response
