"""Tokens for a portal's users, the organisation's own sign-on, and which pages may send requests."""

import datetime
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from index.library import Library
from index.sources import Source
from qa.engine import Engine
from service.identity import Right
from tests.service.test_rights import GROUP, ORIGIN, SECRET, by
from ui.settings import Settings
from ui.wiring import app_of

OTHER = "https://elsewhere.example.org"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def stored(library: Library) -> Library:
    library.stage(Source("s", "secret.txt", SECRET.encode(), groups=(GROUP,)))
    library.publish()
    return library


@pytest.fixture
def served(stored: Library) -> Iterator[tuple[TestClient, dict[str, str]]]:
    _, text = stored.catalog.keys.create("portal", [Right.ASK, Right.READ], (GROUP,))
    app = app_of(Engine(stored), Settings(allowed_origins=(ORIGIN,)), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client, by(text)


def token_for(client: TestClient, key: dict[str, str], groups: list[str], **more: Any) -> str:
    answer = client.post("/v1/tokens", json={"user": "张伟", "groups": groups, "origin": ORIGIN, **more}, headers=key)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def documents(client: TestClient, token: str, origin: str | None = ORIGIN) -> Any:
    headers = by(token) | ({"Origin": origin} if origin else {})
    return client.get("/v1/documents", headers=headers)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_token_sees_what_its_groups_see_from_its_own_origin(served: Any) -> None:
    client, key = served
    token = token_for(client, key, [GROUP])
    assert len(documents(client, token).json()["documents"]) == 1
    assert documents(client, token_for(client, key, [])).json() == {"documents": []}
    assert code(documents(client, token, OTHER)) == (403, "origin_not_allowed")
    assert code(documents(client, token, None)) == (403, "origin_missing")
    upload = client.post("/v1/documents", files={"file": ("a.txt", b"a")}, headers=by(token) | {"Origin": ORIGIN})
    assert code(upload) == (403, "not_permitted")
    again = client.post("/v1/tokens", json={"user": "b", "origin": ORIGIN}, headers=by(token) | {"Origin": ORIGIN})
    assert code(again) == (403, "token_gets_no_token")


def test_a_key_gets_no_token_for_others_than_its_own(served: Any) -> None:
    client, key = served
    for body, expected in (
        ({"user": "a", "groups": ["别处"], "origin": ORIGIN}, (403, "group_not_permitted")),
        ({"user": "a", "origin": OTHER}, (403, "origin_not_allowed")),
        ({"user": "a", "origin": ORIGIN, "minutes": 61}, (422, "invalid_request")),
        ({"user": "", "origin": ORIGIN}, (422, "invalid_request")),
    ):
        assert code(client.post("/v1/tokens", json=body, headers=key)) == expected


def test_a_token_ends_and_a_forged_one_is_none(served: Any, stored: Library) -> None:
    client, key = served
    token = token_for(client, key, [GROUP])
    kid, secret = stored.catalog.signing.current()
    told = jwt.decode(token, secret, algorithms=["HS256"], audience="speechqa")
    old = told | {"iat": NOW, "exp": NOW + datetime.timedelta(minutes=10)}

    def signed(payload: dict[str, Any], with_: str = secret, kid: str = kid) -> Any:
        return documents(client, jwt.encode(payload, with_, "HS256", headers={"kid": kid}))

    assert signed(told).status_code == 200
    assert code(signed(old)) == (401, "token_expired")
    assert code(signed(told, "x" * 48)) == (401, "token_not_valid")
    assert code(signed(told, kid="unknown")) == (401, "token_not_valid")
    assert code(signed(told | {"aud": "another"})) == (401, "token_not_valid")
    head, body, signature = token.split(".")
    assert documents(client, f"{head}.{body}.{signature[::-1]}").status_code == 401
    stored.catalog.signing.renew()
    assert code(documents(client, token)) == (401, "token_not_valid")


def test_a_revoked_key_ends_its_tokens(served: Any, stored: Library) -> None:
    client, key = served
    token = token_for(client, key, [GROUP])
    stored.catalog.keys.revoke(stored.catalog.keys.all()[0].id)
    assert code(client.get("/v1/documents", headers=key)) == (401, "not_let_in")
    assert code(documents(client, token)) == (401, "token_not_valid")


def test_a_rotated_key_has_its_grace_and_an_expired_one_none(served: Any, stored: Library) -> None:
    client, key = served
    keys = stored.catalog.keys
    made = keys.all()[0]
    _, fresh = keys.rotate(made.id, datetime.timedelta(hours=1))
    assert client.get("/v1/documents", headers=key).status_code == 200
    assert client.get("/v1/documents", headers=by(fresh)).status_code == 200
    keys.rotate(made.id, datetime.timedelta(0))
    assert code(client.get("/v1/documents", headers=by(fresh))) == (401, "not_let_in")
    _, ended = keys.create("old", [Right.READ], (), NOW)
    assert code(client.get("/v1/documents", headers=by(ended))) == (401, "not_let_in")
    assert keys.all()[0].last_used is not None


def test_no_secret_is_kept_in_the_catalog(stored: Library) -> None:
    _, text = stored.catalog.keys.create("portal", [Right.ASK], ())
    stored.catalog.keys.check(text)
    secret = text.rpartition("_")[2] if text.count("_") == 2 else text.split("_", 2)[2]
    kept = b"".join(file.read_bytes() for file in stored.data.glob("catalog*"))
    assert kept
    assert secret.encode() not in kept


def test_without_a_key_only_this_machines_own_name_is_answered(stored: Library) -> None:
    app = app_of(Engine(stored), Settings(), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        assert len(client.get("/v1/documents").json()["documents"]) == 1
        assert code(client.get("/v1/documents", headers={"Host": "rebound.example.org"})) == (403, "host_not_allowed")
        file = {"file": ("a.txt", "讲话\n开会。".encode())}
        assert code(client.post("/v1/documents", headers={"Origin": OTHER}, files=file)) == (403, "origin_not_allowed")
        assert code(client.post("/v1/documents", headers={"Origin": "null"}, files=file)) == (403, "origin_not_allowed")
        stored.catalog.keys.create("first", [Right.READ], ())
        assert code(client.get("/v1/documents")) == (401, "not_signed_in")


@pytest.fixture
def provider() -> Iterator[tuple[str, Any]]:
    """A small OpenID Connect provider: its issuer, and a function that signs claims."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key())) | {"kid": "one", "use": "sig"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = f"http://127.0.0.1:{server.server_port}"
            pages = {
                "/.well-known/openid-configuration": {"issuer": here, "jwks_uri": f"{here}/keys"},
                "/keys": {"keys": [public]},
            }
            body = json.dumps(pages.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    issuer = f"http://127.0.0.1:{server.server_port}"

    def sign(**claims: Any) -> str:
        now = datetime.datetime.now(datetime.UTC)
        told = {"iss": issuer, "aud": "speechqa", "sub": "u1", "iat": now, "exp": now + datetime.timedelta(minutes=5)}
        return jwt.encode(told | claims, private, "RS256", headers={"kid": "one"})

    yield issuer, sign
    server.shutdown()
    server.server_close()


def test_the_organisations_own_sign_on_is_accepted(stored: Library, provider: Any) -> None:
    issuer, sign = provider
    app = app_of(Engine(stored), Settings(oidc_issuer=issuer), with_ui=False)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:

        def get(token: str) -> Any:
            return client.get("/v1/documents", headers=by(token))

        assert code(client.get("/v1/documents")) == (401, "not_signed_in")
        assert len(get(sign(groups=[GROUP])).json()["documents"]) == 1
        assert get(sign(groups=["别处"])).json() == {"documents": []}
        assert get(sign()).json() == {"documents": []}
        for claims in ({"aud": "another"}, {"iss": "http://elsewhere"}, {"exp": NOW, "iat": NOW}):
            assert code(get(sign(groups=[GROUP], **claims))) == (401, "not_let_in")
        forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        told = jwt.decode(sign(groups=[GROUP]), options={"verify_signature": False})
        assert code(get(jwt.encode(told, forged, "RS256", headers={"kid": "one"}))) == (401, "not_let_in")
        assert code(client.delete("/v1/documents/x", headers=by(sign(groups=[GROUP])))) == (403, "not_permitted")


def test_a_token_gets_no_other_from_the_demo(served: Any) -> None:
    client, key = served
    secret = key["Authorization"].removeprefix("Bearer ")
    page = {"Host": "portal.example.org", "X-Forwarded-Proto": "https"}
    token = token_for(client, key, [GROUP])
    shown = client.get("/embed/demo", headers=page | {"Cookie": f"speechqa={token}"})
    assert re.findall(r'token="([^"]*)"', shown.text) == [token]
    # Whoever has the key itself is shown the chat with one made for this page.
    made = client.get("/embed/demo", headers=page | {"Cookie": f"speechqa={secret}"})
    assert re.findall(r'token="([^"]*)"', made.text) not in ([], [secret])


def test_the_data_folder_is_its_owners_alone(stored: Library) -> None:
    assert stored.data.stat().st_mode & 0o077 == 0


def test_the_way_to_sign_in_keeps_the_cited_place(served: Any) -> None:
    client, _ = served
    told = client.get("/documents/abc?start=3&end=9", follow_redirects=False)
    assert told.headers["location"] == "/sign-in?next=/documents/abc%3Fstart%3D3%26end%3D9"
