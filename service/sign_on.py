"""Sign-on by the organisation's own OpenID Connect provider: its bearer tokens, checked with the keys it publishes."""

import hashlib
import json
import logging
import urllib.request
from dataclasses import dataclass
from functools import cached_property

import jwt

from index.groups import clean_groups
from service.identity import OF_A_PERSON, Caller

logger = logging.getLogger(__name__)

# Signed with a key pair: a provider's secret would be ours too.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 30
PATIENCE = 5  # seconds


@dataclass(frozen=True)
class OpenIdConnect:
    """Tokens of one issuer for one audience.

    Attributes:
        issuer: its URL; `/.well-known/openid-configuration` below it says where its keys are.
        audience: what tokens have to be for.
        groups_claim: the claim that lists the groups of a person.
    """

    issuer: str
    audience: str
    groups_claim: str = "groups"

    @cached_property
    def _keys(self) -> jwt.PyJWKClient:
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        with urllib.request.urlopen(place, timeout=PATIENCE) as answer:  # noqa: S310 - the operator's own setting
            configuration = json.load(answer)
        return jwt.PyJWKClient(configuration["jwks_uri"], timeout=PATIENCE, lifespan=600)

    def caller(self, token: str) -> Caller | None:
        """Who the token says he is, None when it is not valid or the provider's keys cannot be had."""
        try:
            told = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token).key,
                algorithms=ALGORITHMS,
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
            groups = told.get(self.groups_claim) or []
            named = clean_groups(map(str, groups if isinstance(groups, list) else [groups]))
        except (jwt.PyJWTError, OSError, ValueError, KeyError) as error:
            logger.warning("sign-on: %s", type(error).__name__)
            return None
        subject = hashlib.sha256(f"{self.issuer}\0{told['sub']}".encode()).hexdigest()[:32]
        return Caller(f"sso:{subject}", OF_A_PERSON, frozenset(named))
