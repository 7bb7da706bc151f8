"""The workspace that this process works in, opened once."""

import os
from functools import cache
from pathlib import Path

from app import bootstrap
from storage.settings import WORKSPACE
from storage.workspace import Workspace


def workspace() -> Workspace:
    """Return the workspace that the environment names, or the usual one."""
    return _open(WORKSPACE.value())


def settle(folder: Path) -> Workspace:
    """Make a folder the workspace of this process and of those that it starts."""
    os.environ[WORKSPACE.variable] = str(folder.expanduser().absolute())
    return workspace()


@cache
def _open(folder: str) -> Workspace:
    return bootstrap.workspace(Path(folder) if folder else None)
