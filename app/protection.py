"""What every answer of the server carries so that a page can load nothing from, and be shown in, another place."""

import time
from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PERSON = "x-tablewright-person"  # the header in which `app.who` says who asks
ASKED_PER_MINUTE = 240
MOST_ASKERS = 10_000
_SOURCES = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",  # charts are compiled; components load as blobs
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws://localhost:* ws://127.0.0.1:* blob: data:",  # not everywhere is 'self' ws: too
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{what} {where}" for what, where in _SOURCES.items())
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class SecurityHeaders:
    """Adds the headers to every HTTP answer. Pure ASGI, so that streams stay streams.

    `address`: where a team reaches the app; cookies then travel over https alone, if that is how it is reached.
    """

    def __init__(self, app: ASGIApp, address: str = "") -> None:
        self.app = app
        own = urlsplit(address).netloc
        also = f" wss://{own} ws://{own}" if own else ""
        policy = POLICY.replace("connect-src 'self'", f"connect-src 'self'{also}")
        self.headers = ((b"content-security-policy", policy.encode()), *HEADERS)
        self.over_https = address.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(message, self.headers, over_https=self.over_https)
            await send(message)

        await self.app(scope, receive, send_protected if scope["type"] == "http" else send)


def _protect(start: MutableMapping[str, Any], headers: Sequence[tuple[bytes, bytes]], *, over_https: bool) -> None:
    ours = {name for name, _value in headers}
    theirs = [pair for pair in start["headers"] if pair[0].lower() not in ours]
    start["headers"] = [
        *(
            (name, _own_site(value, over_https=over_https) if name.lower() == b"set-cookie" else value)
            for name, value in theirs
        ),
        *headers,
    ]


def _own_site(cookie: bytes, *, over_https: bool) -> bytes:
    """Return a cookie that other sites cannot make a browser send.

    >>> _own_site(b"a=1; Path=/", over_https=True), _own_site(b"a=1; SameSite=strict", over_https=False)
    (b'a=1; Path=/; SameSite=Lax; Secure', b'a=1; SameSite=strict')
    """
    said = cookie.lower()
    weak = b"samesite=" not in said or b"samesite=none" in said
    kept = b"; ".join(part for part in cookie.split(b"; ") if part.lower() != b"samesite=none")
    return (
        kept + (b"; SameSite=Lax" if weak else b"") + (b"; Secure" if over_https and b"; secure" not in said else b"")
    )


class LimitPace:
    """Lets one person, or one computer where nobody is known, ask our own routes only so often in a minute."""

    def __init__(self, app: ASGIApp, per_minute: int = ASKED_PER_MINUTE) -> None:
        self.app = app
        self.per_minute = per_minute
        self._asked: dict[str, list[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that it is too much."""
        if scope["type"] == "http" and scope["path"].startswith("/api/") and not self._has_room(_asker(scope)):
            said = PlainTextResponse(
                "Too many requests; wait a minute.", status_code=429, headers={"retry-after": "60"}
            )
            await said(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _has_room(self, asker: str) -> bool:
        now = time.monotonic()
        if len(self._asked) > MOST_ASKERS:
            self._asked = {who: when for who, when in self._asked.items() if when[-1] > now - 60}
        lately = [moment for moment in self._asked.get(asker, []) if moment > now - 60]
        if len(lately) >= self.per_minute:
            return False
        self._asked[asker] = [*lately, now]
        return True


def _asker(scope: Scope) -> str:
    told = dict(scope["headers"]).get(PERSON.encode(), b"").decode("latin-1")
    return told or (scope["client"][0] if scope.get("client") else "")
