"""Short-lived tokens: a portal gets one for each of its users, bound to the portal's origin."""

import datetime
import uuid
from dataclasses import dataclass

import jwt

from index.keys import SigningKeys
from service.errors import OriginMissing, OriginNotAllowed, TokenExpired, TokenNotValid

ISSUER = AUDIENCE = "speechqa"
ALGORITHM = "HS256"
LIFE, LONGEST_LIFE = datetime.timedelta(minutes=10), datetime.timedelta(minutes=60)
LEEWAY = 5  # seconds by which clocks may differ


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose it is, what he may see and do, the key that got it and the origin it is bound to."""

    user: str
    groups: tuple[str, ...] | None
    scopes: tuple[str, ...]
    key_id: str
    origin: str


class TokenIssuer:
    """Gives tokens out and checks them."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def issue(self, claims: Claims, life: datetime.timedelta = LIFE) -> tuple[str, datetime.datetime]:
        """A token and when it ends; it lives for `LONGEST_LIFE` at most."""
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        ends = now + min(life, LONGEST_LIFE)
        key_id, secret = self._keys.current()
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": claims.user,
            "groups": None if claims.groups is None else list(claims.groups),
            "scope": " ".join(claims.scopes),
            "key": claims.key_id,
            "origin": claims.origin,
            "iat": now,
            "exp": ends,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(payload, secret, ALGORITHM, headers={"kid": key_id}), ends

    def is_ours(self, token: str) -> bool:
        """True when the token says that it was given out here; nothing is checked yet."""
        try:
            return bool(jwt.get_unverified_header(token).get("alg") == ALGORITHM)
        except jwt.InvalidTokenError:
            return False

    def check(self, token: str, origin: str | None) -> Claims:
        """What a token says, sent from a page of `origin`; None for a request that names none.

        Raises:
            TokenExpired, TokenNotValid, OriginMissing, OriginNotAllowed: it does not hold here and now.
        """
        try:
            secret = self._keys.secret(str(jwt.get_unverified_header(token).get("kid", "")))
            if secret is None:
                raise TokenNotValid()
            told = jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "jti", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired() from error
        except jwt.InvalidTokenError as error:
            raise TokenNotValid() from error
        if origin is None:
            raise OriginMissing()
        if told["origin"] != origin:
            raise OriginNotAllowed(origin=origin)
        groups = told["groups"]
        return Claims(
            user=str(told["sub"]),
            groups=None if groups is None else tuple(map(str, groups)),
            scopes=tuple(str(told["scope"]).split()),
            key_id=str(told["key"]),
            origin=str(told["origin"]),
        )
