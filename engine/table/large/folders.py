"""Folders of Parquet files: which files are the table, and whether they belong together."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.parquet import DAMAGED_PARQUET
from engine.table.files.suffixes import PARQUET
from engine.table.large.whole import Part

NO_PARTS = phrase(
    "table_folder_without_parts",
    "{path} is a folder without Parquet files.",
    "Choose one file, or a folder whose Parquet files are the parts of one table.",
)
OTHER_COLUMNS = phrase(
    "table_folder_other_columns",
    "{path} has other columns than {first}, so the files of this folder are not parts of one table.",
    "Keep each table in a folder of its own.",
)


def parts_in(folder: Path) -> tuple[Part, ...]:
    """Return the Parquet files in a folder and in those inside it, by name; marks and hidden files are passed over.

    Raises TableError where there are none, or where their columns differ.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PARQUET and _is_shown(path, folder))
    parts = tuple(part for part in map(Part.of, found) if part.n_rows)
    if not parts:
        raise TableError(NO_PARTS(path=str(folder)))
    first = columns_of(parts[0])
    for part in parts[1:]:
        if columns_of(part) != first:
            raise TableError(OTHER_COLUMNS(path=part.path.name, first=parts[0].path.name))
    return parts


def columns_of(part: Part) -> Sequence[tuple[str, pa.DataType]]:
    """Return names and types of the columns of a part."""
    try:
        schema = parquet.read_schema(part.path)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise TableError(DAMAGED_PARQUET(name=part.path.name)) from problem
    return [(field.name, field.type) for field in schema]


def written_as_one(parts: Sequence[Part], path: Path) -> Path:
    """Write the rows of all parts, in order, into one file."""
    with parquet.ParquetWriter(path, parquet.read_schema(parts[0].path)) as writer:
        for part in parts:
            with parquet.ParquetFile(part.path) as file:
                for batch in file.iter_batches():
                    writer.write_batch(batch)
    return path


def _is_shown(path: Path, folder: Path) -> bool:
    return path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
