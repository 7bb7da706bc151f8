"""Counts the pages that are open, by their web sockets: each page holds one for as long as it lives."""

import threading
import time
from functools import cache

from starlette.types import ASGIApp, Receive, Scope, Send


class OpenPages:
    """How many pages are open now, and how long there has been none."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._n_open = 0
        self._left_at: float | None = None

    def come(self) -> None:
        """Count a page that has opened."""
        with self._guard:
            self._n_open += 1
            self._left_at = None

    def go(self) -> None:
        """Count a page that has closed."""
        with self._guard:
            self._n_open -= 1
            if not self._n_open:
                self._left_at = time.monotonic()

    @property
    def n_open(self) -> int:
        """How many pages are open now."""
        with self._guard:
            return self._n_open

    @property
    def seconds_without(self) -> float:
        """How long no page has been open since the last one was closed; 0 before the first one opened."""
        with self._guard:
            return 0.0 if self._left_at is None else time.monotonic() - self._left_at


@cache
def open_pages() -> OpenPages:
    """Return the count of this process."""
    return OpenPages()


class CountPages:
    """Counts the web sockets that pass. Pure ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        open_pages().come()
        try:
            await self.app(scope, receive, send)
        finally:
            open_pages().go()
