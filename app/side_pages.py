"""Pages of other programs: started when somebody asks for them, on this computer alone, and ended with the app."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"

_every: "list[SidePages]" = []


class SidePages:
    """The pages of one program.

    `module`: of ours, which serves them until its standard input ends; it is told `--port`. `log`: what the file in
    the workspace is called in which it says what went wrong. `health`: where it answers once it is ready.
    """

    def __init__(self, module: str, *, log: str, health: str) -> None:
        self.log = log
        self._module, self._health = module, health
        self._guard = threading.Lock()
        self._server: _Server | None = None
        _every.append(self)

    def started(self) -> str | None:
        """Return the address of the pages when they are there to be looked at."""
        with self._guard:
            server = self._server if self._server is not None and self._server.lives else None
        return server.address if server is not None and _answers(f"{server.address}{self._health}") else None

    def start(self, folder: Path, words: Sequence[str]) -> None:
        """Start the server with these words, unless it runs already; it takes a while until `started` has its address.

        `folder`: the workspace, for the log.
        """
        from app.server import free_port

        with self._guard:
            if self._server is None or not self._server.lives:
                self._server = _Server(self._module, words, folder / self.log, free_port(0))

    def starting(self) -> bool:
        """Whether the server has been started and has not broken off."""
        with self._guard:
            return self._server is not None and self._server.lives

    def end(self) -> None:
        """End the server if it was started."""
        with self._guard:
            server, self._server = self._server, None
        if server is not None:
            server.end()


@contextmanager
def ended_afterwards() -> Iterator[None]:
    """End all such servers with the block."""
    try:
        yield
    finally:
        for pages in _every:
            pages.end()


class _Server:
    """A server that lives no longer than this process: it ends when its standard input does."""

    def __init__(self, module: str, words: Sequence[str], log: Path, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        with log.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *words, "--port", str(port)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
            )

    @property
    def lives(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False
