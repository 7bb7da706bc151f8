"""One server for each workspace: where it listens stands in the workspace, under a lock that its process holds."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.errors import WorkspaceError
from storage.locks import hold, is_held
from storage.text import write_whole

PLACE_FILE = "server.json"
LOCK_FILE = "server.lock"
START_SECONDS = 30.0  # that a server may take from taking the lock to its first answer
LOOK_EVERY_SECONDS = 0.1


def address_of(port: int) -> str:
    """Return where a server on this computer is reached.

    >>> address_of(8501)
    'http://localhost:8501'
    """
    return f"http://localhost:{port}"


@contextmanager
def claimed(folder: Path, port: int) -> Iterator[bool]:
    """Make this process the server of a workspace while the block runs; gives False when another one is already."""
    place = folder / PLACE_FILE
    with ExitStack() as until_the_end:
        try:
            until_the_end.enter_context(hold(folder / LOCK_FILE, wait_seconds=0.2))
        except WorkspaceError:
            yield False
            return
        write_whole(place, json.dumps({"port": port}))
        until_the_end.callback(place.unlink, missing_ok=True)
        yield True


def running(folder: Path, *, patience_seconds: float = START_SECONDS) -> str | None:
    """Return the address of the server that this workspace has already, once it answers; None when there is none."""
    give_up = time.monotonic() + patience_seconds
    while is_held(folder / LOCK_FILE) and time.monotonic() < give_up:
        port = _port(folder / PLACE_FILE)
        if port is not None and answers(address_of(port)):
            return address_of(port)
        time.sleep(LOOK_EVERY_SECONDS)
    return None


def answers(address: str) -> bool:
    """Whether a server at this address is ready to show pages."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def wait_until_answers(address: str, *, patience_seconds: float = START_SECONDS) -> bool:
    """Wait for a server to be ready; returns whether it is."""
    give_up = time.monotonic() + patience_seconds
    while time.monotonic() < give_up:
        if answers(address):
            return True
        time.sleep(LOOK_EVERY_SECONDS)
    return False


def _port(place: Path) -> int | None:
    try:
        return int(json.loads(place.read_text(encoding="utf-8"))["port"])
    except (OSError, ValueError, KeyError, TypeError):  # not written yet, or just being taken away
        return None
