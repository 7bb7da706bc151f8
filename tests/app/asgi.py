"""A client that speaks ASGI to an application in this process: exactly the bytes that a test wants to send."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: ASGIApp,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    chunks: Iterable[bytes | None] = (b"",),
) -> Answer:
    """Send one request; a chunk of None is the sender going away."""
    said = {"host": "localhost", **(headers or {})}
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's tests leave a running event loop in this thread
        return elsewhere.submit(lambda: asyncio.run(_ask(app, path, method, said, list(chunks)))).result()


async def _ask(app: ASGIApp, path: str, method: str, headers: dict[str, str], chunks: list[bytes | None]) -> Answer:
    said: list[Any] = []
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        chunk = waiting.pop(0) if waiting else None
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "app": app,
    }
    await app(scope, receive, send)
    start = next(message for message in said if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in said if message["type"] == "http.response.body")
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(status=start["status"], headers=found, body=body)
