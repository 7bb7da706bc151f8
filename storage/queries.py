"""What a query gives, in any database with an SQLAlchemy address, is kept in a Parquet file on this computer."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection, CursorResult, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.cell_text import cell_text
from engine.table.files.sqlite import BAD_QUERY, MANY_ROWS, MOST_ROWS, SLOW_QUERY
from storage.statements import reading_statement

BAD_URL = phrase(
    "query_address",
    "The address of the database cannot be understood.",
    "Write it like postgresql+psycopg://USER:SECRET@SERVER/NAME or sqlite:///FILE.",
)
NO_DRIVER = phrase(
    "query_driver",
    "The address of the database begins with {kind}, for which no driver is installed.",
    "Install one: {install}.",
)
NOT_REACHED = phrase(
    "query_not_reached",
    "The database {address} cannot be opened: {reason}.",
    "Check the address, the name and password, and whether the database can be reached from this computer.",
)
MOST_SECONDS = 600.0
_ROWS_AT_ONCE = 20_000
# For the query alone: PostgreSQL declares a cursor for it, which it does for nothing but a statement that reads.
_STREAMED = {"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE}
_NAME = "query.parquet"
_INSTALL = {
    "postgresql": 'from the folder of Tablewright: pip install ".[postgresql]", '
    "and let the address begin with postgresql+psycopg://",
    "mysql": "pip install pymysql, and let the address begin with mysql+pymysql://",
    "mariadb": "pip install pymysql, and let the address begin with mariadb+pymysql://",
    "mssql": "pip install pyodbc, and let the address begin with mssql+pyodbc://",
    "oracle": "pip install oracledb, and let the address begin with oracle+oracledb://",
    "duckdb": "pip install duckdb-engine",
    "snowflake": "pip install snowflake-sqlalchemy",
    "bigquery": "pip install sqlalchemy-bigquery",
}
# What makes a session refuse to write, or to work for ever, where the backend has such statements.
_BEFORE = {
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",  # the next transaction too, should this one be ended
        "SET TRANSACTION READ ONLY",
        f"SET LOCAL statement_timeout = {int(MOST_SECONDS * 1000)}",
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", f"SET SESSION max_execution_time = {int(MOST_SECONDS * 1000)}"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", f"SET SESSION max_statement_time = {int(MOST_SECONDS)}"),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "sqlite": ("PRAGMA query_only = 1",),
}
_BYTES = (bytes, bytearray, memoryview)


def is_database(given: str) -> bool:
    """Say whether a text is the address of a database and no path or web address.

    >>> is_database("sqlite:///sales.db"), is_database("https://example.org/a.csv"), is_database("C:/sales.csv")
    (True, False, False)
    """
    found = re.match(r"([a-z][a-z0-9]+)(\+\w+)?://", given, re.IGNORECASE)
    return found is not None and found[1].lower() not in {"http", "https", "ftp", "file", "s3", "gs"}


def shown(address: str) -> str:
    """Return an address as it may be shown and kept: without its password.

    >>> shown("postgresql://ada:secret@server/sales?password=secret")
    'postgresql://ada:***@server/sales'
    """
    return _shown(_url(address))


def _shown(address: URL) -> str:
    """Return an address as text without its password, and without its options, which may hold one too."""
    text = address.set(query={}).render_as_string(hide_password=True)
    return re.sub(r":\*\*\*@.*@", ":***@", text)  # a password may hold the sign that should end it


def fetch(url: str, query: str, folder: Path) -> Path:
    """Run one SELECT and write what it gives into a file of the folder, some thousand rows at a time.

    A statement that writes is not sent, a session that can refuse to write does, and all is rolled back. What a
    function does that the query calls is up to the rights of the account.
    Raises TableError when there is no driver, no answer, or something wrong with the query.
    """
    address = _url(url)
    statement = reading_statement(query, address.get_backend_name())
    path = folder / _NAME
    with _connected(address) as connection:
        try:
            for before in _BEFORE.get(address.get_backend_name(), ()):
                connection.exec_driver_sql(before)
            _write(connection.exec_driver_sql(statement, execution_options=_STREAMED), path)
        except SQLAlchemyError as problem:
            # Without the problem itself: its text repeats more than a person should read.
            raise TableError(BAD_QUERY(reason=_reason(problem, address))) from None
    return path


def _url(address: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        raise TableError(BAD_URL()) from None


@contextmanager
def _connected(address: URL) -> Iterator[Connection]:
    """Open a connection for one query; whatever happens, it is rolled back and closed."""
    try:
        engine = create_engine(_read_only(address), poolclass=NullPool, execution_options={"no_parameters": True})
        connection = engine.connect()
    except (ImportError, NoSuchModuleError):
        install = _INSTALL.get(address.get_backend_name(), "see the list of dialects of SQLAlchemy")
        raise TableError(NO_DRIVER(kind=address.drivername, install=install)) from None
    except (SQLAlchemyError, OSError, TypeError, ValueError) as problem:
        raise TableError(NOT_REACHED(address=_shown(address), reason=_reason(problem, address))) from None
    try:
        yield connection
    finally:
        with suppress(SQLAlchemyError):  # a connection that broke off has nothing to roll back
            connection.rollback()
        connection.close()


def _read_only(address: URL) -> URL:
    """Return the address of an SQLite file so that it is not made when it is not there; others as they are."""
    if address.get_backend_name() != "sqlite" or not address.database or address.database.startswith("file:"):
        return address
    file = Path(address.database).absolute().as_uri().removeprefix("file://")
    return address.set(database=f"file:{file}", query={**address.query, "mode": "ro", "uri": "true"})


def _write(result: CursorResult[Any], path: Path) -> None:
    """Write rows as they come. Columns of bytes stay bytes: what they hold is judged when the file is read."""
    names, deadline = list(result.keys()), time.monotonic() + MOST_SECONDS
    writer: parquet.ParquetWriter | None = None
    n_rows = 0
    while True:
        rows = result.fetchmany(_ROWS_AT_ONCE)
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        if writer is None:
            schema = pa.schema([(name, _type(column)) for name, column in zip(names, columns, strict=True)])
            writer = parquet.ParquetWriter(path, schema)
        n_rows += len(rows)
        cells = [_cells(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
        writer.write_table(pa.Table.from_arrays(cells, schema=schema))
        if not rows:
            writer.close()
            return
        if n_rows > MOST_ROWS or time.monotonic() > deadline:
            writer.close()
            slow = SLOW_QUERY(seconds=int(MOST_SECONDS))
            raise TableError(MANY_ROWS(most=MOST_ROWS) if n_rows > MOST_ROWS else slow)


def _type(column: Sequence[Any]) -> pa.DataType:
    return pa.large_binary() if any(isinstance(cell, _BYTES) for cell in column) else pa.large_string()


def _cells(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_large_binary(kind):
        plain = [bytes(cell) if isinstance(cell, _BYTES) else (cell_text(cell) or "").encode() for cell in column]
        return pa.array([cell or None for cell in plain], kind)
    texts = (bytes(cell).decode(errors="replace") if isinstance(cell, _BYTES) else cell for cell in column)
    return pa.array([cell_text(cell) for cell in texts], kind)


def _reason(problem: Exception, address: URL) -> str:
    """Return the database's own first line; never the password, nor an option, which may be one."""
    text = str(problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem)
    line = next((line for line in text.splitlines() if line.strip()), type(problem).__name__).strip()
    options = (value for values in address.normalized_query.values() for value in values)
    for secret in (str(address.password or ""), *options):
        line = line.replace(secret, "***") if secret else line
    return line[:300].rstrip(".")
