"""The server of a team as it really runs: signing in with an identity provider, and a proxy that says who asks."""

import base64
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from storage.workspace import open_workspace
from tests.app.team import OTHER, OWNER, UNKNOWN, make_team
from tests.conftest import Server, free_port

COOKIE_SECRET = "a secret of a test, which is long enough"
CLIENT = "tablewright-test"
WELCOME = b"What would you like to predict?"
PATIENCE_SECONDS = 60.0


class Provider:
    """An identity provider that lets everybody in under the name that it was told."""

    def __init__(self) -> None:
        self.port, self.name = free_port(), OWNER
        self.claims: dict[str, Any] = {"email_verified": True}
        self.address = f"http://127.0.0.1:{self.port}"
        self._key = RSAKey.generate_key(2048, {"kid": "k"}, auto_kid=False)
        self._nonce = ""
        routes = [
            Route("/.well-known/openid-configuration", self._about),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _about(self, _request: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        kinds = {"response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["RS256"]}
        return JSONResponse(
            {"issuer": self.address, **{end: f"{self.address}/{path}" for end, path in ends.items()}, **kinds}
        )

    def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        self._nonce = asked.get("nonce", "")
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': 'c', 'state': asked['state']})}")

    def _token(self, request: Request) -> Response:
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        if base64.b64decode(basic) != f"{CLIENT}:client-secret".encode():
            return JSONResponse({"error": "invalid_client"}, 401)
        now = int(time.time())
        told = {"iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600, "nonce": self._nonce}
        token = jwt.encode({"alg": "RS256", "kid": "k"}, {**told, "email": self.name, **self.claims}, self._key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})


class Browser:
    """As much of a browser as signing in takes: it keeps cookies and follows where it is sent."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.seen: list[str] = []

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("localhost", self.port)
        own = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        connection.request("GET", path, headers={**own, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        for line in answer.headers.get_all("set-cookie") or ():
            self.seen.append(line)
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        connection.close()
        return answer.status, answer.headers.get("location", "")

    def sign_in(self) -> None:
        """Do what the button does: the page hands out a signed word, the server sends to the provider and back."""
        claims = {"provider": "default", "exp": int(time.time()) + 60}
        word = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(COOKIE_SECRET))
        _status, provider = self.get(f"/auth/login?provider={word}")
        with pytest.raises(urllib.error.HTTPError) as sent:
            urllib.request.build_opener(_Stay).open(provider)
        back = urlsplit(sent.value.headers["location"])
        sent.value.close()
        assert {"code", "state"} <= set(parse_qs(back.query))
        assert self.get(f"{back.path}?{back.query}")[0] == 302

    def page(self, headers: dict[str, str] | None = None) -> bytes:
        """Open the first page as a browser does, and return all that the server says of it."""
        cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        said = b""
        with connect(
            f"ws://localhost:{self.port}/_stcore/stream",
            origin=Origin(f"http://localhost:{self.port}"),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={**cookies, **(headers or {})},
            max_size=None,
        ) as socket:
            socket.send(asked.SerializeToString())
            while True:
                part = socket.recv(timeout=PATIENCE_SECONDS)
                assert isinstance(part, bytes)
                said += part
                message = ForwardMsg()
                message.ParseFromString(part)
                if message.WhichOneof("type") == "script_finished":
                    return said


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.start()
    yield made
    made.end()


def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> tuple[Server, str]:
    """Start the app of a team; returns it, and the id of a run that is shared."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    with open_workspace(folder) as place:
        run_id = make_team(place, tmp_path).shared
    server = Server(folder)
    monkeypatch.setenv("TABLEWRIGHT_ADDRESS", f"http://localhost:{server.port}")
    for name, value in settings.items():
        monkeypatch.setenv(f"TABLEWRIGHT_{name}", value)
    server.start()
    return server, f"/api/download/{run_id}/model.onnx"


def test_people_sign_in_with_their_identity_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    settings = {
        "SIGN_IN": "oidc",
        "OIDC_PROVIDER": f"{provider.address}/.well-known/openid-configuration",
        "OIDC_CLIENT": CLIENT,
        "OIDC_SECRET": "client-secret",
        "COOKIE_SECRET": COOKIE_SECRET,
    }
    server, model = served(tmp_path, monkeypatch, settings)
    try:
        stranger = Browser(server.port)
        assert stranger.get("/")[0] == 200, "the page to sign in on"
        assert stranger.get(model)[0] == 401
        assert stranger.get(model, {"x-forwarded-user": OWNER})[0] == 401
        for name, verified, status in (
            (OWNER, True, 200),
            (OWNER.upper(), True, 200),
            (OTHER, True, 404),
            (UNKNOWN, True, 404),
            (OWNER, False, 401),
        ):
            provider.name, provider.claims = name, {"email_verified": verified}
            browser = Browser(server.port)
            browser.sign_in()
            assert browser.get(model)[0] == status, name
            seen = browser.page()
            assert (WELCOME in seen) is (status == 200 or name == OTHER), name
            assert (b"Who are you?" in seen) is (WELCOME not in seen), name
        assert any("_streamlit_user=" in line for line in browser.seen)
        assert all("samesite=lax" in line.lower() for line in browser.seen), browser.seen
        browser.cookies["_streamlit_user"] = browser.cookies["_streamlit_user"][:-2] + "xx"
        assert browser.get(model)[0] == 401
    finally:
        server.kill()


def test_a_proxy_says_who_asks_and_nobody_else_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"SIGN_IN": "header", "PROXIES": "10.0.0.9", "USER_HEADER": "x-forwarded-user"}
    server, model = served(tmp_path, monkeypatch, settings)
    try:
        lie = {"x-forwarded-user": OWNER, "x-forwarded-for": "10.0.0.9", "x-real-ip": "10.0.0.9"}
        assert Browser(server.port).get(model, lie)[0] == 401, "who is connected counts, not what is said"
        assert Browser(server.port).get("/", lie)[0] == 401
        assert Browser(server.port).get("/_stcore/health")[0] == 200
    finally:
        server.kill()
