"""Tokens that a portal gets for its users."""

import datetime

from fastapi import APIRouter

from service.deps import CallerDep, ContextDep
from service.describing import BODY, errors
from service.errors import GroupNotPermitted, OriginNotAllowed, TokenGetsNoToken
from service.schemas import TokenIn, TokenOut
from service.tokens import Claims

router = APIRouter(prefix="/v1", tags=["sign-on"])


@router.post(
    "/tokens",
    status_code=201,
    summary="Get a token for a user",
    responses=errors(*BODY, TokenGetsNoToken(), GroupNotPermitted(group="办公室")),
)
def create_token(body: TokenIn, caller: CallerDep, context: ContextDep) -> TokenOut:
    """A portal's back end calls this with its API key; its page hands the token to the chat.

    The token permits asking and reading as far as the key does, in the groups named, from pages of the origin named,
    for some minutes.
    """
    if not caller.key_id or caller.origin or not caller.name.startswith("key:"):
        raise TokenGetsNoToken()
    if body.origin not in context.allowed_origins:
        raise OriginNotAllowed(origin=body.origin)
    groups = caller.choose(body.groups)
    claims = Claims(body.user, groups, caller.personal_rights, caller.key_id, body.origin)
    token, ends = context.tokens.issue(claims, datetime.timedelta(minutes=body.minutes))
    return TokenOut(token=token, expires=ends)
