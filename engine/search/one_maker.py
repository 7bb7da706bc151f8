"""Of several processes that want the same thing, one makes it and the others wait for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.file_locks import acquire, release

RETRY_SECONDS = 0.02
MOST_SECONDS = 120.0
"""How long a maker is waited for. One that lives began earlier and ends earlier, so this is for one that hangs."""


@contextmanager
def one_maker(lock: Path, done: Callable[[], bool], *, most_seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Enter once the thing is `done`, or this process is the one to make it, or it has waited long enough.

    Who enters looks again whether it is done. The kernel lets go of a lock however its holder ends, so that one that
    was killed is not waited for; where files cannot be locked, everyone enters at once.
    """
    deadline = time.monotonic() + most_seconds
    with lock.open("ab") as file:
        is_maker = None
        while not done() and (is_maker := _taken(file)) is None and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS)
        try:
            yield
        finally:
            if is_maker:
                release(file)


def _taken(file: IO[bytes]) -> bool | None:
    """Take the lock; None while another process has it, False where there are no locks."""
    try:
        acquire(file)
    except (BlockingIOError, PermissionError):
        return None
    except OSError:
        return False
    return True
