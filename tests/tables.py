"""Small tables that several tests make."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.table.dataset import Dataset
from engine.table.reading import read_table


def write(folder: Path, text: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    """Write a file as it stands and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def dataset(folder: Path, columns: Mapping[str, Sequence[object]]) -> Dataset:
    """Read a table of these columns, written as a CSV file; None is an empty cell."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join("" if cell is None else str(cell) for cell in row) for row in rows)]
    return read_table(write(folder, "\n".join(lines) + "\n"))
