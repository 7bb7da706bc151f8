"""What every answer of the server carries so that a page can load nothing from, and be shown in, another place."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class SecurityHeaders:
    """Adds the headers to every HTTP answer. Pure ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(message)
            await send(message)

        await self.app(scope, receive, send_protected if scope["type"] == "http" else send)


def _protect(start: MutableMapping[str, Any]) -> None:
    ours = {name for name, _value in HEADERS}
    start["headers"] = [*(pair for pair in start["headers"] if pair[0].lower() not in ours), *HEADERS]
