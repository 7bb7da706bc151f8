"""What workers on other computers need besides the database: tables, and the candidates of runs under way.

Both lie beside the files of runs, at the same address, each in a folder of its own.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from engine.logs import event
from storage.remote_artifacts import RemoteArtifacts

logger = logging.getLogger(__name__)

TABLES = "tables"
CANDIDATES = "candidates"


class Carried:
    """A folder of which copies go from computer to computer."""

    def __init__(self, address: str) -> None:
        self._address = address

    def names(self) -> tuple[str, ...]:
        """Return the names of all files that are there."""
        with TemporaryDirectory() as cache:
            return RemoteArtifacts(self._address, cache=Path(cache)).names()

    def put(self, folder: Path, names: Iterable[str], *, anew: bool = False) -> Mapping[str, str]:
        """Keep files of a folder, in this order, each whole or not at all; returns their checksums.

        `anew`: in place of what is there already, which else is left as it is.
        """
        with TemporaryDirectory() as cache:
            kept = RemoteArtifacts(self._address, cache=Path(cache))
            there = set() if anew else set(kept.names())
            checksums = {name: _checksum(folder / name) for name in names}
            for name in checksums:
                if name not in there:
                    kept.save(name, folder / name)
        return checksums

    def bring(self, folder: Path, checksums: Mapping[str, str] | None = None) -> None:
        """Copy every file into a folder, but those that it has; a file appears there whole or not at all.

        `checksums`: of the only files to bring; one that is not as it was kept is left where it is.
        """
        with TemporaryDirectory() as cache:
            kept = RemoteArtifacts(self._address, cache=Path(cache))
            for name in kept.names():
                target = folder / name
                wanted = ".." not in PurePosixPath(name).parts and (checksums is None or name in checksums)
                if not wanted or target.exists():
                    continue
                brought = kept.fetch(name)
                if checksums is not None and _checksum(brought) != checksums[name]:
                    logger.warning("A kept file is not as it was kept, and is not used", extra=event(file=name))
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_name(f".{target.name}.part")
                shutil.move(brought, partial)
                partial.replace(target)

    def remove(self) -> None:
        """Remove every file."""
        with TemporaryDirectory() as cache:
            RemoteArtifacts(self._address, cache=Path(cache)).remove_all()


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copied_table(artifact_address: str, dataset_id: str) -> Carried:
    """Return the place of a table's copy."""
    return Carried(f"{artifact_address.rstrip('/')}/{TABLES}/{dataset_id}")


def kept_candidates(artifact_address: str, run_id: str) -> Carried:
    """Return the place of what the finished candidates of a run under way have left."""
    return Carried(f"{artifact_address.rstrip('/')}/{CANDIDATES}/{run_id}")
