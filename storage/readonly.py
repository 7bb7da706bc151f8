"""The files of a run for somebody who may look at them but not change them."""

from pathlib import Path

from engine.artifacts import Artifacts
from storage.access import NOT_ALLOWED, AccessError


class ReadOnlyArtifacts:
    """The artifact port without its writing half."""

    def __init__(self, kept: Artifacts) -> None:
        self._kept = kept

    def save(self, name: str, path: Path) -> None:  # noqa: ARG002 - the port asks for them
        """Refuse."""
        raise AccessError(NOT_ALLOWED())

    def fetch(self, name: str) -> Path:
        """Return the path of a kept file."""
        return self._kept.fetch(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all kept files, sorted."""
        return self._kept.names()
