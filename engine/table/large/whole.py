"""All rows of a table that is larger than memory: which files hold them, and whether these are still the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.parquet import DAMAGED_PARQUET

CHANGED = phrase(
    "table_large_changed",
    "The file {path}, which holds rows of this table, was changed or taken away since it was looked at.",
    "Put it back as it was, or read the table anew.",
    "The table is too large to be copied, so its rows are read where they lie.",
)
BLOCK_ROWS = 1 << 17
OWN_FOLDER = "rows"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One Parquet file. `n_bytes`: its size when it was looked at."""

    path: Path
    n_rows: int
    n_bytes: int

    @staticmethod
    def of(path: Path) -> "Part":
        """Look at a file; raises TableError when it is damaged."""
        try:
            n_rows = int(parquet.read_metadata(path).num_rows)
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise TableError(DAMAGED_PARQUET(name=path.name)) from problem
        return Part(path=path, n_rows=n_rows, n_bytes=path.stat().st_size)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A stretch of rows that is read as one: a row group of a part. `first`: the place of its first row."""

    part: Part
    number: int
    first: int
    n_rows: int


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All rows, in order.

    `leaves`: for each column of the table its place among what can be read of the files. `without`: rows of the files
    that are none of the table, such as totals. `is_own`: the files were made while reading and go with the table.
    `most_bytes`: the memory that the table may take, where somebody has set it.
    `keeper`: what keeps such files from being cleared away.
    """

    parts: tuple[Part, ...]
    leaves: tuple[int, ...]
    without: tuple[int, ...] = ()
    is_own: bool = False
    most_bytes: float | None = None
    keeper: Any = field(default=None, compare=False, repr=False)

    @property
    def n_rows(self) -> int:
        """The number of rows of the table."""
        return sum(part.n_rows for part in self.parts) - len(self.without)

    @property
    def n_bytes(self) -> int:
        """What the files take on disk."""
        return sum(part.n_bytes for part in self.parts)

    def refuse_changes(self) -> None:
        """Raise TableError when a file is no longer what it was."""
        for part in self.parts:
            if not part.path.is_file() or part.path.stat().st_size != part.n_bytes:
                raise TableError(CHANGED(path=str(part.path)))

    def groups(self) -> Iterator[Group]:
        """Return all stretches of rows, in order; places count the rows of the files, `without` among them."""
        first = 0
        for part in self.parts:
            metadata = parquet.read_metadata(part.path)
            for number in range(metadata.num_row_groups):
                n_rows = metadata.row_group(number).num_rows
                yield Group(part=part, number=number, first=first, n_rows=n_rows)
                first += n_rows

    def kept(self, first: int, n_rows: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Mark which of these rows of the files are rows of the table."""
        marks = np.ones(n_rows, bool)
        marks[[row - first for row in self.without if first <= row < first + n_rows]] = False
        return marks

    def with_own_in(self, folder: Path) -> "Whole":
        """Return the same rows, those of own files in a folder."""
        parts = tuple(replace(part, path=folder / part.path.name) for part in self.parts)
        return replace(self, parts=parts) if self.is_own else self

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this value; own files are named without their folder."""
        return {
            "parts": [
                {"path": part.path.name if self.is_own else str(part.path), "rows": part.n_rows, "bytes": part.n_bytes}
                for part in self.parts
            ],
            "leaves": list(self.leaves),
            "without": list(self.without),
            "is_own": self.is_own,
            "most_bytes": self.most_bytes,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Whole":
        """Rebuild what was stored."""
        parts: Sequence[Mapping[str, Any]] = data["parts"]
        return Whole(
            parts=tuple(Part(path=Path(p["path"]), n_rows=p["rows"], n_bytes=p["bytes"]) for p in parts),
            leaves=tuple(data["leaves"]),
            without=tuple(data["without"]),
            is_own=data["is_own"],
            most_bytes=data["most_bytes"],
        )
