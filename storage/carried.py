"""What workers on other computers need besides the database: tables, and the candidates of runs under way.

Both lie beside the files of runs, at the same address, each in a folder of its own.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.remote_artifacts import RemoteArtifacts

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

    def put(self, folder: Path, names: Iterable[str]) -> None:
        """Keep files of a folder, in this order, each whole or not at all; what is there already is left as it is."""
        with TemporaryDirectory() as cache:
            kept = RemoteArtifacts(self._address, cache=Path(cache))
            there = set(kept.names())
            for name in names:
                if name not in there:
                    kept.save(name, folder / name)

    def bring(self, folder: Path) -> None:
        """Copy every file into a folder, but those that it has; a file appears there whole or not at all."""
        with TemporaryDirectory() as cache:
            kept = RemoteArtifacts(self._address, cache=Path(cache))
            for name in kept.names():
                target = folder / name
                if target.exists():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                partial = target.with_name(f".{target.name}.part")
                shutil.move(kept.fetch(name), partial)
                partial.replace(target)

    def remove(self) -> None:
        """Remove every file."""
        with TemporaryDirectory() as cache:
            RemoteArtifacts(self._address, cache=Path(cache)).remove_all()


def copied_table(artifact_address: str, dataset_id: str) -> Carried:
    """Return the place of a table's copy."""
    return Carried(f"{artifact_address.rstrip('/')}/{TABLES}/{dataset_id}")


def kept_candidates(artifact_address: str, run_id: str) -> Carried:
    """Return the place of what the finished candidates of a run under way have left."""
    return Carried(f"{artifact_address.rstrip('/')}/{CANDIDATES}/{run_id}")
