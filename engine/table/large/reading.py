"""Reads a table that is larger than memory: its rows stay on disk, a sample says what its columns are."""

import shutil
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
from pyarrow import parquet

from engine.figures import figure
from engine.messages import phrase
from engine.table.dataset import Dataset
from engine.table.files.arrow_texts import readable_leaves
from engine.table.files.kept_texts import ParquetTexts
from engine.table.files.raw import ChosenTexts, Texts, WithoutRows
from engine.table.large.blocks import blocks
from engine.table.large.chances import chances
from engine.table.large.whole import BLOCK_ROWS, Part, Whole
from engine.table.schema import TableSchema

SAMPLED = phrase(
    "read_sampled",
    "The table has {n_rows} rows, more than fit into memory ({needed} GB would be needed, {there} GB are there for "
    "it). The figures of its columns are those of all rows; what the columns are, and what is noticed about them, was "
    "found out from {n_sample} rows drawn at random.",
)
# What a run has been measured to stay below, times the table as 64-bit numbers: benchmarks/README.md.
MEMORY_OF_TABLE, CELL_BYTES, MEMORY_SHARE = 2.5, 8, 0.8
SAMPLE_ROWS, SAMPLE_CELLS = 200_000, 6_000_000
SAMPLE_OF_MEMORY = 0.25
SEED = 0
GB = 1e9


def memory_for_table(most_bytes: float | None) -> float:
    """Return the memory that a table may take while it is trained on; `most_bytes`: what somebody has set."""
    there = float(psutil.virtual_memory().total) * MEMORY_SHARE
    return there if most_bytes is None else min(there, most_bytes)


def is_too_large(n_rows: int, n_columns: int, most_bytes: float | None) -> bool:
    """Say whether a table of this size does not fit.

    >>> is_too_large(1_000, 10, None), is_too_large(1_000, 10, 100_000.0)
    (False, True)
    """
    return MEMORY_OF_TABLE * CELL_BYTES * n_rows * n_columns > memory_for_table(most_bytes)


def sample_size(n_columns: int, most_bytes: float | None) -> int:
    """Return how many rows say what the columns are."""
    held = SAMPLE_OF_MEMORY * memory_for_table(most_bytes) / (MEMORY_OF_TABLE * CELL_BYTES * max(n_columns, 1))
    return int(max(100, min(SAMPLE_ROWS, SAMPLE_CELLS // max(n_columns, 1), held)))


def sample_file(parts: Sequence[Part], n_rows: int, path: Path, without: Sequence[int] = ()) -> Path:
    """Write rows drawn at random from all parts into one file, as they stand there and in their order."""
    share, first = n_rows / max(sum(part.n_rows for part in parts), 1), 0
    with parquet.ParquetWriter(path, parquet.read_schema(parts[0].path)) as writer:
        for part in parts:
            with parquet.ParquetFile(part.path) as file:
                for batch in file.iter_batches(BLOCK_ROWS):
                    drawn = chances(first, batch.num_rows, SEED, "look") < share
                    drawn[[row - first for row in without if first <= row < first + batch.num_rows]] = False
                    writer.write_batch(batch.filter(pa.array(drawn)))
                    first += batch.num_rows
    return path


def large_dataset(
    judged: Dataset, whole: Whole, sample: Path, n_file_columns: int, most_bytes: float | None
) -> Dataset:
    """Return what was judged by a sample as the table of all rows, with the cells of the sample read as all others.

    `judged`: the sample as a table of its own; `sample`: its file.
    """
    drawn = replace(whole, parts=(Part.of(sample),), without=())
    frame = pd.concat([block.cells() for block in blocks(drawn, judged.schema)], ignore_index=True)
    said = SAMPLED(
        n_rows=f"{whole.n_rows:,}",
        n_sample=f"{len(frame):,}",
        needed=figure(MEMORY_OF_TABLE * CELL_BYTES * whole.n_rows * n_file_columns / GB),
        there=figure(memory_for_table(most_bytes) / GB),
    )
    sizes = [(part.n_rows, part.n_bytes) for part in whole.parts]
    mark = sha256(f"{judged.fingerprint}{whole.n_rows}{sizes}".encode()).hexdigest()[:16]
    told = (said, *judged.done_to_the_file)
    return replace(judged, frame=frame, whole=whole, fingerprint=mark, done_to_the_file=told)


def leaves_of(schema: TableSchema, parts: Sequence[Part]) -> tuple[int, ...]:
    """Return for each column of a table its place among what can be read of the files; both are in the same order."""
    names = [leaf.name for leaf in readable_leaves(parquet.read_schema(parts[0].path))[0]]
    places, after = [], 0
    for column in schema.columns:
        after = names.index(column.original_name, after) + 1
        places.append(after - 1)
    return tuple(places)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Texts that wait in files: their columns by place, and the rows of the files that are left out."""

    parts: tuple[Part, ...]
    positions: tuple[int, ...]
    without: tuple[int, ...]


def rows_on_disk(texts: Texts) -> Waiting | None:
    """Return the files of texts that wait on disk.

    None where they are in memory, or where the columns differ from file to file.
    """
    without: tuple[int, ...] = ()
    positions = tuple(range(texts.n_columns))
    while not isinstance(texts, ParquetTexts):
        if isinstance(texts, WithoutRows):
            without, texts = texts.rows, texts.texts
        elif isinstance(texts, ChosenTexts):
            positions, texts = tuple(texts.positions[i] for i in positions), texts.texts
        else:
            return None
    parts = tuple(Part.of(path) for path in texts.paths)
    if any(part.n_rows and len(parquet.read_schema(part.path)) != texts.n_columns for part in parts):
        return None
    return Waiting(parts=tuple(part for part in parts if part.n_rows), positions=positions, without=without)


def clear_later(owner: object, room: Path) -> None:
    """Remove a room once nobody has its owner any more."""
    weakref.finalize(owner, shutil.rmtree, room, ignore_errors=True)
