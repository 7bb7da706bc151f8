"""MLflow's own pages: started when somebody asks for them, on this computer alone, and ended with the app."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.settings import MLFLOW, NO_MIRROR

HOST = "127.0.0.1"
LOG_FILE = "mlflow.log"
OWN_STORE = "mlflow.db"

_guard = threading.Lock()
_started: "_Server | None" = None


class _Server:
    """A server of MLflow that lives no longer than this process: it ends when its standard input does."""

    def __init__(self, folder: Path, store: str, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        words = ["--store", store, "--port", str(port)]
        with (folder / LOG_FILE).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.mlflow_server", *words],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
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


def pages_elsewhere(folder: Path) -> str | None:
    """Return the address of a server that the settings name; None where runs are mirrored into the workspace."""
    address = MLFLOW.value(folder)
    return address if address.startswith(("http://", "https://")) else None


def can_be_shown(folder: Path) -> bool:
    """Whether there is something that MLflow could show: some run was mirrored to a place without a server."""
    address = MLFLOW.value(folder)
    return address != NO_MIRROR and (bool(address) or (folder / OWN_STORE).is_file())


def started() -> str | None:
    """Return the address of the pages when they are there to be looked at."""
    with _guard:
        server = _started if _started is not None and _started.lives else None
    return server.address if server is not None and _answers(server.address) else None


def start(folder: Path) -> None:
    """Start MLflow's server, unless it runs already; it takes some seconds until `started` has its address."""
    global _started
    from app.server import free_port
    from storage.mlflow_client import local_address

    with _guard:
        if _started is None or not _started.lives:
            _started = _Server(folder, MLFLOW.value(folder) or local_address(folder), free_port(0))


def starting() -> bool:
    """Whether the server has been started and has not broken off."""
    with _guard:
        return _started is not None and _started.lives


def end() -> None:
    """End the server if it was started."""
    global _started
    with _guard:
        server, _started = _started, None
    if server is not None:
        server.end()


@contextmanager
def ended_afterwards() -> Iterator[None]:
    """End MLflow's server with the block."""
    try:
        yield
    finally:
        end()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=1):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False
