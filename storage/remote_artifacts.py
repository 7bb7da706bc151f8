"""Keeps the files of a run at any fsspec address, such as an object store."""

import shutil
import uuid
from pathlib import Path

import fsspec

from engine.errors import WorkspaceError
from engine.messages import phrase

STORE_PROBLEM = phrase(
    "artifacts_unreachable",
    "The file {name} could not be kept at {address}: {reason}.",
    "Check the address in TABLEWRIGHT_ARTIFACTS and the access rights, then resume the run.",
)
PARTIAL = ".partial-"


class RemoteArtifacts:
    """The artifact port over fsspec; files that are read are copied to a local cache."""

    def __init__(self, address: str, *, cache: Path) -> None:
        self._address = address
        self._cache = cache
        self._files, self._root = fsspec.core.url_to_fs(address)

    def save(self, name: str, path: Path) -> None:
        """Keep a finished file, whole or not at all."""
        target = f"{self._root}/{name}"
        folder, _, base = target.rpartition("/")
        partial = f"{folder}/{PARTIAL}{uuid.uuid4().hex}-{base}"
        try:
            self._files.makedirs(folder, exist_ok=True)
            self._files.put_file(str(path), partial)
            self._files.mv(partial, target)
        except OSError as problem:
            reason = str(problem).rstrip(".") or type(problem).__name__
            raise WorkspaceError(STORE_PROBLEM(name=name, address=self._address, reason=reason)) from problem

    def fetch(self, name: str) -> Path:
        """Return a local copy of a kept file; raises FileNotFoundError when there is none."""
        source = f"{self._root}/{name}"
        self._files.invalidate_cache()
        if not self._files.isfile(source):
            raise FileNotFoundError(name)
        kept = self._cache / str(self._files.ukey(source)) / name  # another content has another key
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            partial = kept.with_name(f"{PARTIAL}{uuid.uuid4().hex}")
            self._files.get_file(source, str(partial))
            shutil.move(partial, kept)
        return kept

    def names(self) -> tuple[str, ...]:
        """Return the names of all kept files, sorted."""
        self._files.invalidate_cache()
        if not self._files.isdir(self._root):
            return ()
        below = (found.removeprefix(self._root).lstrip("/") for found in self._files.find(self._root))
        return tuple(sorted(name for name in below if not name.rpartition("/")[2].startswith(PARTIAL)))
