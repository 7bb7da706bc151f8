"""The scoring service answers who has a token, until it is revoked, and nobody more often than is allowed."""

import hmac
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.cli import main
from exporters.predictor.reading import RefusalError
from exporters.service import serve_tokens
from exporters.service.serve import TOKEN_FILE_VARIABLE, _tokens, token_file_of
from exporters.service.serve_tokens import Admit, Tokens, create_token, read_tokens, revoke_token
from tests.app.asgi import ask


def answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("predicted")


def service(tokens: Tokens | None, per_minute: int = 0) -> Admit:
    paths = ("/predict", "/healthz", "/docs")
    return Admit(Starlette(routes=[Route(path, answer) for path in paths]), tokens, per_minute)


def status(app: Admit, path: str = "/predict", token: str | None = None) -> int:
    return ask(app, path, headers={"authorization": f"Bearer {token}"} if token is not None else {}).status


def test_only_a_valid_token_is_answered(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    token = create_token(file, "shop")
    app = service(Tokens(file))
    assert status(app, token=token) == 200
    for wrong in (None, "", "x", token[:-1], token.upper(), f"{token} "[:-2], serve_tokens.hashed(token)):
        assert status(app, token=wrong) == 401
    assert status(app, "/docs") == 401
    assert status(app, "/healthz") == 200
    assert status(service(None)) == 200, "without a file of tokens nobody is asked for one"


def test_only_hashes_are_kept_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    token = create_token(file, "shop")
    assert token not in file.read_text(encoding="utf-8")
    assert len(token) > 40
    assert read_tokens(file) == {"shop": serve_tokens.hashed(token)}
    assert file.stat().st_mode & 0o077 in {0, 0o066}  # Windows knows no such rights


def test_tokens_are_compared_in_constant_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tokens.json"
    tokens = [create_token(file, name) for name in "abc"]
    compared: list[str] = []
    real = hmac.compare_digest

    def compare(a: str, b: str) -> bool:
        compared.append(b)
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert Tokens(file).name_of(tokens[0]) == "a"
    assert len(compared) == 3, "a hit does not end the comparison"


def test_a_token_that_is_revoked_is_refused_while_the_service_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_tokens, "LOOK_SECONDS", 0.0)
    file = tmp_path / "tokens.json"
    first, second = create_token(file, "first"), create_token(file, "second")
    app = service(Tokens(file))
    assert (status(app, token=first), status(app, token=second)) == (200, 200)
    assert revoke_token(file, "first")
    assert not revoke_token(file, "first")
    assert (status(app, token=first), status(app, token=second)) == (401, 200)
    file.write_text("spoilt", encoding="utf-8")
    assert status(app, token=second) == 401


def test_who_asks_too_often_waits(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    first, second = create_token(file, "first"), create_token(file, "second")
    app = service(Tokens(file), per_minute=3)
    assert [status(app, token=first) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert status(app, token=second) == 200, "each has a pace of their own"
    assert [status(service(None, per_minute=1), "/healthz") for _ in range(3)] == [200, 200, 200]


def test_the_file_is_named_by_the_option_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(tmp_path / "env.json"))
    assert token_file_of(None) == tmp_path / "env.json"
    assert token_file_of(tmp_path / "own.json") == tmp_path / "own.json"
    monkeypatch.delenv(TOKEN_FILE_VARIABLE)
    assert token_file_of(None) is None
    with pytest.raises(RefusalError, match="no file of tokens"):
        _tokens(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("[]", encoding="utf-8")
    with pytest.raises(RefusalError, match="is no file of tokens"):
        _tokens(tmp_path / "bad.json")


def test_the_terminal_creates_lists_and_revokes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "tokens.json")
    assert main(["token", file, "--create", "shop", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert Tokens(Path(file)).name_of(made["token"]) == "shop"
    assert main(["token", file, "--create", "shop"]) == 2
    assert main(["token", file]) == 0
    assert capsys.readouterr().out.strip() == "shop"
    assert main(["token", file, "--revoke", "shop"]) == 0
    assert main(["token", file, "--revoke", "shop"]) == 2
    assert "no token called shop" in capsys.readouterr().err
