"""What the engine needs of a place that keeps files."""

import shutil
from pathlib import Path
from typing import Protocol

from engine.whole_files import settle

PARTIAL = ".partial-"


class Artifacts(Protocol):
    """Keeps the files of one run by name, such as `model.onnx` or `trials/3/folds.pkl`."""

    def save(self, name: str, path: Path) -> None:
        """Keep a finished file under this name, whole or not at all; the file at `path` may be moved."""
        ...

    def fetch(self, name: str) -> Path:
        """Return a local path to read a kept file from; raises FileNotFoundError when there is none."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of all kept files, sorted."""
        ...


class FolderArtifacts:
    """Keeps files in a local folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, name: str, path: Path) -> None:
        """Keep a finished file, in place of an older one of this name."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{PARTIAL}{target.name}")
        shutil.move(path, partial)  # copies, when the file comes from another disk
        settle(partial)
        partial.replace(target)

    def fetch(self, name: str) -> Path:
        """Return the path of a kept file."""
        path = self.folder / name
        if not path.is_file():
            raise FileNotFoundError(name)
        return path

    def names(self) -> tuple[str, ...]:
        """Return the names of all kept files, sorted."""
        found = (p for p in self.folder.rglob("*") if p.is_file() and not p.name.startswith(PARTIAL))
        return tuple(sorted(str(p.relative_to(self.folder).as_posix()) for p in found))
