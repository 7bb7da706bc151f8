"""Who may ask the service: tokens that are kept as hashes only, and how often each may ask."""

import hashlib
import hmac
import json
import logging
import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)

OPEN_PATHS = ("/healthz",)  # what watches the service has no token
PREFIX = "tw_"
RANDOM_BYTES = 32
LOOK_SECONDS = 1.0  # between looks at whether the file has changed
MOST_ASKERS = 10_000


def hashed(token: str) -> str:
    """Return what is kept of a token: it is random enough that no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(path: Path, name: str) -> str:
    """Add a token to a file, and return it; it is not kept and cannot be shown again."""
    token = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    _write(path, {**read_tokens(path), name: hashed(token)})
    return token


def revoke_token(path: Path, name: str) -> bool:
    """Take a token away; returns whether there was one of this name."""
    kept = dict(read_tokens(path))
    found = kept.pop(name, None) is not None
    if found:
        _write(path, kept)
    return found


def read_tokens(path: Path) -> Mapping[str, str]:
    """Return the hashes of a file by name; none where there is no file. ValueError for any other file."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["tokens"]
        return {str(name): str(value) for name, value in kept.items()}
    except FileNotFoundError:
        return {}
    except (KeyError, AttributeError, TypeError, ValueError) as problem:
        raise ValueError(f"{path} is no file of tokens") from problem


def _write(path: Path, tokens: Mapping[str, str]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps({"tokens": dict(tokens)}, indent=2), encoding="utf-8")
    part.chmod(0o600)
    part.replace(path)


class Tokens:
    """The tokens of a file, read again when it changes: a token that is revoked is refused from then on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = dict(read_tokens(path))
        self._state = self._now()
        self._looked_at = time.monotonic()

    def name_of(self, token: str) -> str | None:
        """Return whose token this is; as long for a wrong one as for a right one."""
        self._refresh()
        given, found = hashed(token), None
        for name, kept in self._kept.items():
            if hmac.compare_digest(given, kept):
                found = name
        return found

    def _refresh(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at, state = time.monotonic(), self._now()
        if state == self._state:
            return
        try:
            self._kept, self._state = dict(read_tokens(self._path)), state
        except ValueError as problem:  # whoever writes it has not finished, or has spoilt it: nobody is let in by that
            self._kept = {}
            logger.error("No token is taken: %s", problem)  # noqa: TRY400 - no more to say

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size


class Admit:
    """Turns away who has no token, where tokens are asked for, and who asks too often. Pure ASGI."""

    def __init__(self, app: ASGIApp, tokens: Tokens | None = None, per_minute: int = 0) -> None:
        self.app = app
        self.tokens = tokens
        self.per_minute = per_minute
        self._asked: dict[str, tuple[float, int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say why not."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        asker = scope["client"][0] if scope.get("client") else ""
        if self.tokens is not None:
            name = self.tokens.name_of(_given(scope))
            if name is None:
                refused = {"error": "Send a token that is valid here: Authorization: Bearer TOKEN.", "problems": []}
                await JSONResponse(refused, 401, headers={"www-authenticate": "Bearer"})(scope, receive, send)
                return
            asker = name
        if self.per_minute and not self._has_room(asker):
            said = {
                "error": f"At most {self.per_minute} requests a minute are answered; wait a little.",
                "problems": [],
            }
            await JSONResponse(said, 429, headers={"retry-after": "60"})(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _has_room(self, asker: str) -> bool:
        now = time.monotonic()
        if len(self._asked) > MOST_ASKERS:
            self._asked = {who: each for who, each in self._asked.items() if each[0] > now - 60}
        since, n = self._asked.get(asker, (now, 0))
        since, n = (now, 0) if now - since >= 60 else (since, n)
        self._asked[asker] = since, n + 1
        return n < self.per_minute


def _given(scope: Scope) -> str:
    said = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    kind, _, token = said.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def main() -> int:
    """Create, revoke and list the tokens of a file: python serve_tokens.py FILE [--create NAME | --revoke NAME]."""
    parser = ArgumentParser(description="Who may ask the service.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--create", metavar="NAME")
    parser.add_argument("--revoke", metavar="NAME")
    asked = parser.parse_args()
    if asked.create:
        print(create_token(asked.file, asked.create))
    elif asked.revoke and not revoke_token(asked.file, asked.revoke):
        print(f"There is no token called {asked.revoke}.", file=sys.stderr)
        return 2
    else:
        print("\n".join(read_tokens(asked.file)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
