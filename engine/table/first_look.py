"""What the beginning of a file shows, at once and whatever its size: to be looked at while the whole is read."""

import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any, cast

import pyarrow as pa
from pyarrow import parquet

from engine.errors import TableError
from engine.table.columns.kinds import find_column
from engine.table.files.archives import PROBLEMS, file_sizes, likeliest_table
from engine.table.files.raw import RawTable
from engine.table.files.suffixes import PACKED, TEXT
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.reading import read_raw
from engine.table.schema import Kind

HEAD_BYTES = 1_000_000
N_ROWS = 20
N_JUDGED_ROWS = 2_000
_MOST_JUDGED_COLUMNS = 100


@dataclass(frozen=True, kw_only=True)
class FirstLook:
    """The beginning of a table. `rows`: the first cells as texts, None for an empty one.

    `kinds`: what the columns seem to be, judged by the first rows; None beyond the first 100 columns. `read_as`: how
    the beginning was read. `n_bytes`: of the file. `n_rows_estimated`: None where the size says nothing about it.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind | None, ...]
    rows: tuple[tuple[str | None, ...], ...]
    read_as: ReadingOptions
    n_bytes: int
    n_rows_estimated: int | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this look."""
        return {
            "names": list(self.names),
            "kinds": [kind and str(kind) for kind in self.kinds],
            "rows": [list(row) for row in self.rows],
            "read_as": self.read_as.to_json(),
            "n_bytes": self.n_bytes,
            "n_rows_estimated": self.n_rows_estimated,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FirstLook":
        """Rebuild a stored look."""
        return FirstLook(
            names=tuple(data["names"]),
            kinds=tuple(Kind(kind) if kind else None for kind in data["kinds"]),
            rows=tuple(tuple(row) for row in data["rows"]),
            read_as=ReadingOptions.from_json(data["read_as"]),
            n_bytes=data["n_bytes"],
            n_rows_estimated=data["n_rows_estimated"],
        )


def first_look(path: Path, options: ReadingOptions = AUTOMATIC) -> FirstLook | None:
    """Look at the beginning of a text or Parquet file, packed or not; None where it cannot be read apart from the rest.

    At most a megabyte is read, whatever the size of the file.
    """
    room = Path(tempfile.mkdtemp(prefix="tablewright-look-"))
    try:
        found = _beginning(path, room, options.sheet)
        if found is None:
            return None
        beginning, n_rows = found
        raw = read_raw(beginning, options)
        share = path.stat().st_size / max(_bytes_used(path, beginning), 1)
        return FirstLook(
            names=raw.names,
            kinds=_kinds(raw),
            rows=_rows(raw),
            read_as=raw.read_as,
            n_bytes=path.stat().st_size,
            n_rows_estimated=n_rows if n_rows is not None else round(raw.n_rows * max(share, 1.0)),
        )
    except (TableError, RuntimeError, pa.ArrowException, *PROBLEMS):
        return None  # the whole file may still be a table; if not, reading it says why
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _beginning(path: Path, room: Path, wanted: str | None) -> tuple[Path, int | None] | None:
    """Write the beginning into the room; return also the number of all rows, where that is known."""
    with path.open("rb") as file:
        mark = file.read(4)
    if mark == b"PAR1":
        return _first_rows_of_parquet(path, room)
    with _opened(path, mark, wanted) as (name, text):
        if PurePath(name).suffix.lower() not in (*TEXT, ""):
            return None
        head = text.read(HEAD_BYTES)
        if text.read(1):
            head = _whole_lines(head)
    beginning = room / (PurePath(name).name or "beginning.csv")
    beginning.write_bytes(head)
    return beginning, None


@contextmanager
def _opened(path: Path, mark: bytes, wanted: str | None) -> Iterator[tuple[str, IO[bytes]]]:
    """Open a text file, or the one packed in it that will be read, and say what it is called."""
    if mark.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            yield path.stem, cast("IO[bytes]", packed)
    elif mark == b"PK\x03\x04" and path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            sizes = file_sizes(archive)
            inside = wanted if wanted in sizes else likeliest_table(sizes)
            with archive.open(inside) as packed_file:
                yield inside, packed_file
    else:
        with path.open("rb") as file:
            yield path.name, file


def _whole_lines(head: bytes) -> bytes:
    """Leave out the line that is cut off; where letters have two bytes, lines end at an even place."""
    end = head.rfind(b"\n") + 1 or len(head)
    wide = head.count(0) > len(head) / 10
    return head[: end + end % 2 if wide else end]


def _first_rows_of_parquet(path: Path, room: Path) -> tuple[Path, int] | None:
    with parquet.ParquetFile(path) as file:
        first = next(file.iter_batches(N_JUDGED_ROWS), None)
        n_rows = int(file.metadata.num_rows)
    if first is None:
        return None
    beginning = room / "beginning.parquet"
    parquet.write_table(pa.Table.from_batches([first]), beginning)
    return beginning, n_rows


def _bytes_used(path: Path, beginning: Path) -> float:
    """Return how many bytes of the file the beginning is; packed ones are estimated by how well the beginning packs."""
    n_bytes = beginning.stat().st_size
    if path.suffix.lower() not in PACKED or n_bytes < HEAD_BYTES / 2:
        return float(n_bytes)
    return float(len(zlib.compress(beginning.read_bytes())))


def _kinds(raw: RawTable) -> tuple[Kind | None, ...]:
    found: list[Kind | None] = []
    for position, original in enumerate(raw.original_names):
        if position < _MOST_JUDGED_COLUMNS:
            cells = raw.column(position).head(N_JUDGED_ROWS)
            found.append(find_column(cells, raw.read_as, original_name=original, position=position).kind)
        else:
            found.append(None)
    return tuple(found)


def _rows(raw: RawTable) -> tuple[tuple[str | None, ...], ...]:
    columns = [raw.column(position).head(N_ROWS) for position in range(len(raw.names))]
    cells = [[None if missing else str(cell) for cell, missing in zip(c, c.isna(), strict=True)] for c in columns]
    return tuple(zip(*cells, strict=True))
