"""What the beginning of a file shows, at once and whatever its size: to be looked at while the whole is read."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import TableError
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.reading import read_raw

HEAD_BYTES = 1_000_000
N_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class FirstLook:
    """The beginning of a table. `rows`: the first cells as texts, None for an empty one.

    `n_rows_estimated`: None where the size says nothing about it.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    n_rows_estimated: int | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this look."""
        return {
            "names": list(self.names),
            "rows": [list(row) for row in self.rows],
            "n_rows_estimated": self.n_rows_estimated,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FirstLook":
        """Rebuild a stored look."""
        rows = tuple(tuple(row) for row in data["rows"])
        return FirstLook(names=tuple(data["names"]), rows=rows, n_rows_estimated=data["n_rows_estimated"])


def first_look(path: Path, options: ReadingOptions = AUTOMATIC) -> FirstLook | None:
    """Look at the beginning of a text file; None where it cannot be read apart from the rest."""
    if path.suffix.lower() not in {".csv", ".tsv", ".txt", ".tab", ".dat", ".data"}:
        return None
    room = Path(tempfile.mkdtemp())
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        n_bytes = path.stat().st_size
        if n_bytes > len(head):
            head = head[: head.rfind(b"\n") + 1]
        beginning = room / path.name
        beginning.write_bytes(head)
        raw = read_raw(beginning, options)
    except (TableError, OSError):
        return None  # the whole file may still be a table; if not, reading it says why
    finally:
        shutil.rmtree(room, ignore_errors=True)
    rows = [[None if cell != cell else str(cell) for cell in raw.column(i).head(N_ROWS)] for i in range(len(raw.names))]
    return FirstLook(
        names=raw.names,
        rows=tuple(zip(*rows, strict=True)),
        n_rows_estimated=round(raw.n_rows * n_bytes / max(len(head), 1)),
    )
