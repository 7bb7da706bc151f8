"""Keeps the files of a run at any fsspec address, such as an object store."""

import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import WorkspaceError
from engine.messages import Phrase, phrase

STORE_ADDRESS = phrase(
    "artifacts_address",
    "Files cannot be kept at {address}: {reason}.",
    "Correct TABLEWRIGHT_ARTIFACTS. An object store needs its driver; for s3:// addresses: pip install s3fs.",
)
STORE_PROBLEM = phrase(
    "artifacts_unreachable",
    "The file {name} could not be kept at {address}: {reason}.",
    "Check the address in TABLEWRIGHT_ARTIFACTS and the access rights, then resume the run.",
)
STORE_UNREADABLE = phrase(
    "artifacts_unreadable",
    "What is kept at {address} could not be read: {reason}.",
    "Check the address in TABLEWRIGHT_ARTIFACTS, the connection and the access rights, then try again.",
)
PARTIAL = ".partial-"
DRIVERS = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
    ("azure.core.exceptions", "AzureError"),
)


class RemoteArtifacts:
    """The artifact port over fsspec; files that are read are copied to a local cache.

    Raises WorkspaceError where the address cannot be used or the store does not answer as it should.
    """

    def __init__(self, address: str, *, cache: Path) -> None:
        self._address = address
        self._cache = cache
        with _in_words(STORE_ADDRESS, address=address):
            import fsspec  # here, for who opens a workspace must not wait for it

            self._files, self._root = fsspec.core.url_to_fs(address)

    def save(self, name: str, path: Path) -> None:
        """Keep a finished file, whole or not at all."""
        target = f"{self._root}/{name}"
        folder, _, base = target.rpartition("/")
        partial = f"{folder}/{PARTIAL}{uuid.uuid4().hex}-{base}"
        with _in_words(STORE_PROBLEM, name=name, address=self._address):
            self._files.makedirs(folder, exist_ok=True)
            self._files.put_file(str(path), partial)
            self._files.mv(partial, target)

    def fetch(self, name: str) -> Path:
        """Return a local copy of a kept file; raises FileNotFoundError when there is none."""
        source = f"{self._root}/{name}"
        with _in_words(STORE_UNREADABLE, address=self._address):
            there = self._sort_of(source) == "file"
        if not there:
            raise FileNotFoundError(name)
        with _in_words(STORE_UNREADABLE, address=self._address):
            kept = self._cache / str(self._files.ukey(source)) / name  # another content has another key
            if not kept.is_file():
                kept.parent.mkdir(parents=True, exist_ok=True)
                partial = kept.with_name(f"{PARTIAL}{uuid.uuid4().hex}")
                self._files.get_file(source, str(partial))
                shutil.move(partial, kept)
        return kept

    def names(self) -> tuple[str, ...]:
        """Return the names of all kept files, sorted."""
        with _in_words(STORE_UNREADABLE, address=self._address):
            found = self._files.find(self._root) if self._sort_of(self._root) == "directory" else ()
        below = (each.removeprefix(self._root).lstrip("/") for each in found)
        return tuple(sorted(name for name in below if not name.rpartition("/")[2].startswith(PARTIAL)))

    def remove_all(self) -> None:
        """Remove every file of the run."""
        with _in_words(STORE_UNREADABLE, address=self._address):
            if self._sort_of(self._root) == "directory":
                self._files.rm(self._root, recursive=True)

    def _sort_of(self, place: str) -> str:
        """Return "file", "directory", or nothing; unlike `isfile`, a store that cannot be reached is not nothing."""
        self._files.invalidate_cache()
        try:
            return str(self._files.info(place)["type"])
        except FileNotFoundError:
            return ""


@contextmanager
def _in_words(said: Phrase, **parameters: str) -> Iterator[None]:
    try:
        yield
    except _foreseen() as problem:
        reason = str(problem).strip().partition("\n")[0].rstrip(".") or type(problem).__name__
        raise WorkspaceError(said(**parameters, reason=reason)) from problem


def _foreseen() -> tuple[type[Exception], ...]:
    """Return the errors of stores; those of drivers that are no OSError only where the driver is loaded."""
    loaded = ((sys.modules.get(module), name) for module, name in DRIVERS)
    of_drivers = tuple(getattr(module, name) for module, name in loaded if hasattr(module, name))
    return (ImportError, ValueError, OSError, *of_drivers)
