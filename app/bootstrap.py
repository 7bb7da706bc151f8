"""The one place where it is decided what stands behind the ports."""

from pathlib import Path

from storage.workspace import Workspace, open_workspace

OWNER = "local"  # whose rows are read and written where nobody logs in


def workspace(folder: Path | None = None) -> Workspace:
    """Open the workspace in this folder, or the usual one."""
    return open_workspace(folder)
