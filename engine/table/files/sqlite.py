"""SQLite files become tables of texts: one of their tables, or what a query gives. They are never written to."""

import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.cell_text import cell_text
from engine.table.files.kept_texts import TextsWriter, is_enough
from engine.table.files.limits import refuse_too_many_bytes
from engine.table.files.raw import RawTable, Source, named
from engine.table.files.sqlite_file import log_name, log_of
from engine.table.files.sqlite_tables import choose_table, find_tables, quoted, stop_after
from engine.table.options import FileChoices, ReadingOptions

DAMAGED_SQLITE = phrase(
    "table_sqlite_damaged",
    "{name} cannot be opened as an SQLite database: {reason}.",
    "Copy or download it again, or export the table as CSV.",
)
NOT_A_SELECT = phrase(
    "query_not_a_select",
    "Only a query that reads is run: one statement that begins with SELECT or WITH.",
    "Write it as a SELECT.",
)
BAD_QUERY = phrase("query_refused", "The query cannot be run: {reason}.", "Correct the query.")
SLOW_QUERY = phrase(
    "query_slow", "The query took longer than {seconds} seconds and was stopped.", "Ask for less, or add an index."
)
MANY_ROWS = phrase(
    "query_many_rows",
    "The query gives more than {most} rows.",
    "Add a LIMIT or a WHERE, or export a part of the rows as Parquet.",
)
BLOBS = phrase("read_blobs", "Cells that hold bytes and no text count as missing: {n}.")


MOST_SECONDS = 120.0
MOST_ROWS = 20_000_000
_MOST_CELL_BYTES = 50_000_000
_SAYS_NOTHING = re.compile(r"\s+|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SIGNS_OF_DAMAGE = ("malformed", "not a database", "disk image", "disk I/O", "encrypted")
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_PRAGMA,
}


def read_sqlite(source: Source, options: ReadingOptions) -> RawTable:
    """Read one table, the one with the most rows if none is named, or what a query gives.

    Raises TableError when the file is damaged, there is no such table, or the query is refused.
    """
    query = options.query.rstrip("; \r\n\t") if options.query else None
    if query is not None:
        _refuse_other_statements(query)
    with _open(source) as connection:
        found = find_tables(connection)
        told: list[Message] = []
        chosen = None
        if query is None:
            chosen, told = choose_table(connection, found, source.name, options.sheet)
            query = f"SELECT * FROM {quoted(chosen)}"  # noqa: S608 - the name comes from the database and is quoted
        stop_after(connection, MOST_SECONDS)  # whatever was allowed for counting rows
        raw = _run(connection, query, source)
    return replace(
        raw,
        done=(*told, *raw.done),
        read_as=replace(options.about_cells, sheet=chosen, query=options.query),
        choices=FileChoices(sheets=found.readable),
    )


def _refuse_other_statements(query: str) -> None:
    """Raise TableError for what does not begin as a statement that reads; SQLite itself refuses the rest."""
    start = 0
    while found := _SAYS_NOTHING.match(query, start):
        start = found.end()
    if not re.match(r"(select|with)\b", query[start:], re.IGNORECASE):
        raise TableError(NOT_A_SELECT())


@contextmanager
def _open(source: Source) -> Iterator[sqlite3.Connection]:
    """Open a database so that nothing can be written, and no statement but one that reads can be run."""
    path = _with_its_log(source)
    if _is_cut_off(path):
        raise TableError(DAMAGED_SQLITE(name=source.name, reason="the file is shorter than it says"))
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable={int(path == source.path)}", uri=True)
    connection.text_factory = lambda data: data.decode(errors="replace")
    try:
        connection.execute("PRAGMA query_only = 1")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_CELL_BYTES)
        connection.set_authorizer(_authorize)
        stop_after(connection, MOST_SECONDS)
        yield connection
    except sqlite3.DatabaseError as problem:
        raise _in_words(problem, source.name) from problem
    except UnicodeDecodeError as problem:  # names, other than cells, have to be text
        raise TableError(DAMAGED_SQLITE(name=source.name, reason="the names in it are no text")) from problem
    except sqlite3.Warning as problem:  # several statements at once, in Python 3.11
        raise TableError(NOT_A_SELECT()) from problem
    finally:
        connection.close()


def _is_cut_off(path: Path) -> bool:
    """Say whether a file is shorter than its head says: what is lacking would be read as empty."""
    with path.open("rb") as file:
        head = file.read(100)
    counted = head[24:28] == head[92:96]  # else an old program wrote last, which did not count pages
    page_bytes = int.from_bytes(head[16:18], "big")
    n_bytes = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(head[28:32], "big")
    return counted and path.stat().st_size < n_bytes


def _with_its_log(source: Source) -> Path:
    """Return the file, or a copy in the room beside its write-ahead log, where the last changes may stand."""
    log = log_of(source.path)
    if log is None:
        return source.path
    copied = source.room / "database"
    # The log first: a program that is at work may take it into the database at any moment.
    shutil.copyfile(log, source.room / log_name(copied.name))
    shutil.copyfile(source.path, copied)
    return copied


def _authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    allowed = action in _READING and not (action == sqlite3.SQLITE_FUNCTION and second == "load_extension")
    if action == sqlite3.SQLITE_PRAGMA:
        allowed = first in {"table_list", "table_info"}
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _in_words(problem: sqlite3.DatabaseError, name: str) -> TableError:
    text = _reason(problem)
    if text == "interrupted":
        return TableError(SLOW_QUERY(seconds=int(MOST_SECONDS)))
    if "one statement" in text:
        return TableError(NOT_A_SELECT())
    if any(sign in text for sign in _SIGNS_OF_DAMAGE):
        return TableError(DAMAGED_SQLITE(name=name, reason=text))
    return TableError(BAD_QUERY(reason=text))


def _reason(problem: sqlite3.Error) -> str:
    return str(problem).partition("\n")[0].rstrip(".")


def _run(connection: sqlite3.Connection, query: str, source: Source) -> RawTable:
    """Run a query and keep what it gives in the room; what waits in memory is bounded, whatever a row holds."""
    cursor = connection.execute(query)
    originals = tuple(str(column[0]) for column in cursor.description)
    letters = _Letters()
    connection.text_factory = letters.decoded
    n_rows = n_blobs = n_written = 0
    waiting: list[Sequence[object]] = []
    with TextsWriter(source.room / "query.parquet", len(originals)) as writer:
        for row in cursor:
            if bytes in map(type, row):
                n_blobs += sum(isinstance(cell, bytes) for cell in row)
                row = [None if isinstance(cell, bytes) else cell for cell in row]
            waiting.append(row)
            if is_enough(len(waiting), len(originals), letters.n_bytes - n_written):
                n_rows, n_written = n_rows + len(waiting), letters.n_bytes
                refuse_too_many_bytes(n_written, source)
                _refuse_many_rows(n_rows)
                _write(waiting, writer)
                waiting = []
        _refuse_many_rows(n_rows + len(waiting))
        _write(waiting, writer)
    told = [BLOBS(n=n_blobs)] if n_blobs else []
    return named(writer.texts(), originals, header=True, name=source.name, done=told)


@dataclass
class _Letters:
    """Makes texts of the bytes of cells, and counts them."""

    n_bytes: int = 0

    def decoded(self, data: bytes) -> str:
        self.n_bytes += len(data)
        return data.decode(errors="replace")


def _refuse_many_rows(n_rows: int) -> None:
    if n_rows > MOST_ROWS:
        raise TableError(MANY_ROWS(most=MOST_ROWS))


def _write(rows: Sequence[Sequence[object]], writer: TextsWriter) -> None:
    if rows:
        columns = zip(*rows, strict=True)
        writer.write_columns({i: list(map(cell_text, column)) for i, column in enumerate(columns)})
