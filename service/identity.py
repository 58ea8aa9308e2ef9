"""Who asks, what he may do and see: by API key, by a token the portal got for him, or by his organisation's sign-on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from index.catalog import Catalog
from index.groups import clean_groups, may_see
from index.keys import PREFIX
from service.errors import GroupNotPermitted, InvalidRequest, NotLetIn, NotSignedIn, TokenNotValid
from service.tokens import TokenIssuer


class Right(StrEnum):
    """What a key lets do; `admin` includes the others."""

    ASK = "ask"
    READ = "read"
    WRITE = "write"
    METRICS = "metrics"
    ADMIN = "admin"


EVERY_RIGHT = frozenset(Right)
OF_A_PERSON = frozenset({Right.ASK, Right.READ})  # what a token may carry


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `groups` None sees every document; `key_id` is the API key that let him in, or got him his token."""

    name: str
    rights: frozenset[Right]
    groups: frozenset[str] | None
    key_id: str = ""
    origin: str = ""

    def may(self, right: Right) -> bool:
        """True when he may do this."""
        return right in self.rights or Right.ADMIN in self.rights

    def sees(self, groups: tuple[str, ...]) -> bool:
        """True when he may see what is for `groups`."""
        return may_see(groups, self.groups)

    @property
    def personal_rights(self) -> tuple[str, ...]:
        """Those of his rights that a token may carry."""
        return tuple(sorted(right for right in OF_A_PERSON if self.may(right)))

    def choose(self, names: Iterable[str]) -> tuple[str, ...]:
        """The groups of these names; raises `InvalidRequest` for what is no name, `GroupNotPermitted` for one he is not in."""
        try:
            groups = clean_groups(names)
        except ValueError as error:
            raise InvalidRequest(reason=f"groups: {error}") from error
        if self.groups is not None and (others := sorted(set(groups) - self.groups)):
            raise GroupNotPermitted(group=others[0])
        return groups

    def narrowed(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `groups` that he is in: of others he learns no name."""
        return groups if self.groups is None else tuple(group for group in groups if group in self.groups)


# Whoever works at the machine itself, where no key was ever made.
AT_THE_MACHINE = Caller("", EVERY_RIGHT, None)


def own_origin(headers: Mapping[str, str]) -> str:
    """The origin of the service as the browser sees it; a proxy tells whether that is https."""
    return f"{headers.get('x-forwarded-proto', 'http')}://{headers.get('host', '')}"


class SignOn(Protocol):
    """The organisation's own sign-on."""

    def caller(self, token: str) -> Caller | None:
        """Who the token says he is, None when it is not valid."""


class Doorkeeper:
    """Tells from a request's headers who asks.

    Args:
        catalog: has the keys.
        tokens: checks those given out.
        open_without_keys: whether, while no key was ever made, everybody is let in; on loopback alone.
        sign_on: the organisation's own; None for none.
    """

    def __init__(
        self, catalog: Catalog, tokens: TokenIssuer, *, open_without_keys: bool = True, sign_on: SignOn | None = None
    ) -> None:
        self._catalog = catalog
        self._tokens = tokens
        self._open_without_keys = open_without_keys and sign_on is None
        self._sign_on = sign_on

    @property
    def stands_open(self) -> bool:
        """True while everybody is let in."""
        return self._open_without_keys and not self._catalog.keys.any()

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sends these headers.

        Raises:
            NotSignedIn, NotLetIn, TokenExpired, OriginNotAllowed: he is not let in.
        """
        kind, _, credential = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not credential.strip():
            if self.stands_open:
                return AT_THE_MACHINE
            raise NotSignedIn()
        origin = headers.get("origin")
        if origin is None and headers.get("sec-fetch-site") == "same-origin":
            origin = own_origin(headers)  # browsers leave it out of a page's own GETs
        return self.caller_of(credential.strip(), origin)

    def caller_of(self, credential: str, origin: str | None) -> Caller:
        """Who a key or token stands for, sent from a page of `origin`, None for no page."""
        if credential.startswith(f"{PREFIX}_"):
            key = self._catalog.keys.check(credential)
            if key is None:
                raise NotLetIn()
            groups = None if key.groups is None or Right.ADMIN in key.scopes else frozenset(key.groups)
            return Caller(f"key:{key.id}", frozenset(map(Right, key.scopes)), groups, key.id)
        if self._tokens.is_ours(credential):
            claims = self._tokens.check(credential, origin)
            if not self._catalog.keys.is_valid(claims.key_id):
                raise TokenNotValid()
            rights = frozenset(Right(scope) for scope in claims.scopes) & OF_A_PERSON
            groups = None if claims.groups is None else frozenset(claims.groups)
            return Caller(f"user:{claims.key_id}:{claims.user}", rights, groups, claims.key_id, claims.origin)
        caller = self._sign_on.caller(credential) if self._sign_on else None
        if caller is None:
            raise NotLetIn()
        return caller
