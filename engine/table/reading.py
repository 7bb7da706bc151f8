"""A file becomes a typed table."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from engine.errors import TableError
from engine.messages import phrase
from engine.table.columns.decimal_signs import NOTHING_SEEN, Point, SignsSeen, settle, signs_seen, unsure
from engine.table.columns.kind_facts import ColumnFacts
from engine.table.columns.kinds import find_column_and_facts
from engine.table.columns.second_look import look_again
from engine.table.dataset import Dataset
from engine.table.files.archives import unpack
from engine.table.files.formats import find_format, is_packed
from engine.table.files.kept_texts import ParquetTexts
from engine.table.files.limits import refuse_too_large, refuse_too_many_cells, told_when_disk_is_full
from engine.table.files.memory import LARGE_BYTES, give_memory_back, prefer_little_memory
from engine.table.files.raw import EMPTY, ONE_COLUMN, ONE_ROW, ChosenTexts, RawTable, Source
from engine.table.files.rooms import make_room
from engine.table.files.suffixes import PACKED, TEXT
from engine.table.fingerprint import fingerprint
from engine.table.large.folders import columns_of, parts_in, written_as_one
from engine.table.large.reading import (
    Waiting,
    clear_later,
    is_too_large,
    large_dataset,
    leaves_of,
    rows_on_disk,
    sample_file,
    sample_size,
)
from engine.table.large.whole import Part, Whole
from engine.table.options import AUTOMATIC, ReadingOptions, refuse_wrong_counts
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, TableSchema

NO_FILE = phrase("table_no_file", "There is no file {path}.", "Check the path and the spelling.")
FOLDER = phrase("table_folder", "{path} is a folder, not a file.", "Choose one file inside it.")
NOT_ALLOWED = phrase("table_not_allowed", "{path} may not be read.", "Ask for permission or copy it elsewhere.")
# Longer columns stay apart: to join them into one block takes as much memory again.
_LONG = 500_000
_FEWEST_ROWS = 2
_FEWEST_COLUMNS = 2
_DEEPEST = 2  # a packed file in an archive


def read_table(
    path: str | Path,
    options: ReadingOptions = AUTOMATIC,
    *,
    name: str | None = None,
    most_bytes: float | None = None,
) -> Dataset:
    """Read a file, or a folder of Parquet files, and find out what its columns are.

    `name` is for titles; the file's name if None. `most_bytes`: the memory that a table may take; of one that takes
    more, all rows stay on disk and a sample is worked with (`Dataset.whole`). None takes what this computer has.
    Raises TableError, saying what to do, when it cannot be read as a table.
    """
    path = Path(path)
    called = name or path.name
    parts = parts_in(path) if path.is_dir() else _parquet_file(path)
    if parts:
        n_columns = len(columns_of(parts[0]))
        if is_too_large(sum(part.n_rows for part in parts), n_columns, most_bytes):
            return _of_parts(parts, n_columns, options, called, most_bytes)
        return dataset_of(_of_folder(parts, options) if path.is_dir() else read_raw(path, options), name=called)
    raw = read_raw(path, options, stays_on_disk=path.suffix.lower() in (*TEXT, *PACKED))
    waiting = rows_on_disk(raw.texts) if is_too_large(raw.n_rows, len(raw.names), most_bytes) else None
    if waiting is None:
        refuse_too_many_cells(raw, path)
        return dataset_of(raw, name=called)
    return _of_texts(raw, waiting, called, most_bytes)


def _parquet_file(path: Path) -> tuple[Part, ...]:
    """Return a Parquet file as the only part of its table; nothing for what is none, or is no file."""
    try:
        return (Part.of(path),) if _head(path).startswith(b"PAR1") else ()
    except (OSError, TableError):
        return ()  # reading it says what is wrong


def _of_folder(parts: Sequence[Part], options: ReadingOptions) -> RawTable:
    room = make_room()
    try:
        raw = read_raw(written_as_one(parts, room / "table.parquet"), options)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    clear_later(raw.texts, room)
    return raw


def _of_parts(
    parts: tuple[Part, ...], n_columns: int, options: ReadingOptions, name: str, most_bytes: float | None
) -> Dataset:
    """Return a table of which all rows stay in Parquet files."""
    room = make_room()
    try:
        sample = sample_file(parts, sample_size(n_columns, most_bytes), room / "sample.parquet")
        judged = dataset_of(read_raw(sample, options), name=name)
        whole = Whole(parts=parts, leaves=leaves_of(judged.schema, parts), most_bytes=most_bytes)
        return large_dataset(judged, whole, sample, n_columns, most_bytes)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _of_texts(raw: RawTable, waiting: Waiting, name: str, most_bytes: float | None) -> Dataset:
    """Return a table of which all rows stay in the files of texts that reading has written."""
    sample = waiting.parts[0].path.with_name("sample.parquet")
    n_columns = len(raw.names)
    sample_file(waiting.parts, sample_size(n_columns, most_bytes), sample, waiting.without)
    texts = ChosenTexts(ParquetTexts([sample], 1 + max(waiting.positions)), waiting.positions)
    judged = dataset_of(replace(raw, texts=texts), name=name)
    whole = Whole(
        parts=waiting.parts,
        leaves=waiting.positions,
        without=waiting.without,
        is_own=True,
        most_bytes=most_bytes,
        keeper=raw.texts,
    )
    return large_dataset(judged, whole, sample, n_columns, most_bytes)


def dataset_of(raw: RawTable, *, name: str) -> Dataset:
    """Find out what the columns of a raw table are and make its cells canonical, one column after the other.

    Raises TableError when it has a single row or column.
    """
    if len(raw.names) < _FEWEST_COLUMNS:
        raise TableError(ONE_COLUMN(name=name))
    if raw.n_rows < _FEWEST_ROWS:
        raise TableError(ONE_ROW(name=name))
    columns, facts, seen, cells = [], [], [], {}
    for position in range(len(raw.names)):
        column, known, signs, made = _column_of(raw, position, raw.read_as)
        columns.append(column)
        facts.append(known)
        seen.append(signs)
        cells[column.name] = made
        del made
    if raw.read_as.decimal is None:
        for position, point in enumerate(settle(seen)):
            if point is Point.OTHERWISE:
                otherwise = replace(raw.read_as, decimal=",")
                columns[position], facts[position], _, cells[raw.names[position]] = _column_of(raw, position, otherwise)
            elif point is Point.UNSURE:
                columns[position] = unsure(columns[position], seen[position])
    frame = pd.DataFrame(cells, copy=raw.n_rows < _LONG)
    return Dataset(
        frame=frame,
        schema=TableSchema(look_again(columns, facts)),
        name=name,
        fingerprint=fingerprint(frame),
        done_to_the_file=raw.done,
        left_out=raw.left_out,
        read_as=raw.read_as,
        choices=raw.choices,
    )


def _column_of(
    raw: RawTable, position: int, options: ReadingOptions
) -> tuple[ColumnSchema, ColumnFacts, SignsSeen, pd.Series]:
    """Judge one column; return also its facts, what its cells say about the decimal sign, and its canonical cells."""
    text = raw.column(position)
    column, facts = find_column_and_facts(
        text, options, original_name=raw.original_names[position], position=raw.places[position]
    )
    # Outside text files a program has told plain numbers from texts, and wrote their points itself.
    written = raw.read_as.separator is not None or column.cells is Cells.TEXT
    seen = signs_seen(text, column) if written else NOTHING_SEEN
    made = canonical_cells(text, column)
    del text
    if raw.n_rows >= _LONG:
        give_memory_back()
    # Of very many levels not all are looked at to judge; what cannot be read counts all the same.
    return replace(column, n_missing=int(made.isna().sum())), facts, seen, made


def read_raw(path: str | Path, options: ReadingOptions = AUTOMATIC, *, stays_on_disk: bool = False) -> RawTable:
    """Read a file as a table of texts, judging nothing. `stays_on_disk`: its cells need not fit into memory.

    Raises TableError, saying what to do, when the file cannot be read as a table.
    """
    path = Path(path)
    _refuse(path)
    refuse_wrong_counts(options)
    if path.stat().st_size > LARGE_BYTES:
        prefer_little_memory()
    room = make_room()
    try:
        source = Source(path=path, name=path.name, room=room)
        refuse_too_large(source, stays_on_disk=stays_on_disk)
        with told_when_disk_is_full(source):
            raw = _read(source, path.name, options)
        if not stays_on_disk:
            refuse_too_many_cells(raw, path)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    clear_later(raw.texts, room)
    return raw


def _refuse(path: Path) -> None:
    """Raise TableError for what is no file, may not be read or is empty."""
    if path.is_dir():
        raise TableError(FOLDER(path=str(path)))
    try:
        n_bytes = path.stat().st_size
        _head(path)
    except PermissionError as problem:
        raise TableError(NOT_ALLOWED(path=str(path))) from problem
    except OSError as problem:
        raise TableError(NO_FILE(path=str(path))) from problem
    if not n_bytes:
        raise TableError(EMPTY(name=path.name))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1000)


def _read(source: Source, called: str, options: ReadingOptions, depth: int = 0) -> RawTable:
    """Read a file, or what is packed in it. `called`: the name that it has where it comes from."""
    head = _head(source.path)
    if depth < _DEEPEST and is_packed(source.path, head, called):
        inside = unpack(source, head, options.sheet)
        unpacked = Source(path=inside.path, name=source.name, room=source.room)
        chosen = replace(options, sheet=None) if inside.members else options
        raw = _read(unpacked, inside.member, chosen, depth + 1)
        if not inside.members:
            return replace(raw, done=(*inside.done, *raw.done))
        return replace(
            raw,
            done=(*inside.done, *raw.done),
            read_as=replace(raw.read_as, sheet=inside.member),
            choices=replace(raw.choices, sheets=inside.members),
        )
    found, told = find_format(source.path, head, called, source.name)
    raw = found.read(source, options)
    return replace(raw, done=(*told, *raw.done))
