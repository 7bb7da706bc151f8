"""The workspace that this process works in, opened once, and as it is for whoever asks."""

import os
from functools import cache
from pathlib import Path

from app import bootstrap
from storage.settings import WORKSPACE
from storage.workspace import Workspace

_works_for_itself = False


def workspace() -> Workspace:
    """Return the workspace that the environment names, or the usual one, as it is for whoever asks.

    What they may not see is not there; what they may not change refuses.
    """
    place = everyones_workspace()
    if _works_for_itself:
        return place
    from app.who import who_asks

    return place.seen_by(who_asks(place))


def everyones_workspace() -> Workspace:
    """Return the whole workspace, for what the server does on nobody's behalf."""
    return _open(WORKSPACE.value())


def settle(folder: Path, *, for_itself: bool = False) -> Workspace:
    """Make a folder the workspace of this process and of those that it starts; returns all of it.

    `for_itself`: this process does one piece of work that was allowed before it was started.
    """
    global _works_for_itself
    _works_for_itself = for_itself
    os.environ[WORKSPACE.variable] = str(folder.expanduser().absolute())
    return everyones_workspace()


@cache
def _open(folder: str) -> Workspace:
    return bootstrap.workspace(Path(folder) if folder else None)
