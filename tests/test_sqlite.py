"""SQLite files: which table is read, what a query may do, and that nothing is ever written."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.files import kept_texts, sqlite, sqlite_tables
from engine.table.files.kept_texts import TextsWriter
from engine.table.files.raw import RawTable
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw

ROWS = range(40)


def codes(raw: RawTable) -> set[str]:
    return {message.code for message in raw.done}


def refusal(path: Path, options: ReadingOptions = ReadingOptions()) -> str:  # noqa: B008 - frozen
    with pytest.raises(TableError) as caught:
        read_raw(path, options)
    return caught.value.message.code


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id, name, x)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(n, f"n{n % 7}", n / 4) for n in ROWS])
        connection.execute('CREATE TABLE "odd ""name" (a, b)')
        connection.executemany('INSERT INTO "odd ""name" VALUES (?, ?)', [(1, b"\xff"), (2.0, "x"), (None, "")])
        connection.execute("CREATE VIEW half AS SELECT id, x FROM t WHERE id < 20")
        connection.execute("CREATE TABLE blank (a, b)")
    connection.close()
    return path


def test_the_largest_table_of_a_database_is_read_and_the_others_are_offered(database: Path) -> None:
    raw = read_raw(database)
    assert raw.n_rows == len(ROWS)
    assert raw.choices.sheets == ("blank", 'odd "name', "t", "half")
    assert raw.read_as.sheet == "t"
    assert "read_table_chosen" in codes(raw)
    assert read_raw(database, ReadingOptions(sheet="half")).n_rows == 20


def test_cells_of_bytes_count_as_missing(database: Path) -> None:
    raw = read_raw(database, ReadingOptions(sheet='odd "name'))
    assert raw.frame["a"].tolist()[:2] == ["1", "2"]
    assert raw.frame["b"].isna().tolist() == [True, False, True]
    assert "read_blobs" in codes(raw)


def test_a_query_says_what_is_read(database: Path) -> None:
    query = (
        "WITH few AS (SELECT * FROM t WHERE name = 'n1') -- it's; these\nSELECT name, count(*) AS n FROM few; -- all;"
    )
    raw = read_raw(database, ReadingOptions(query=query))
    assert raw.frame.iloc[0].tolist() == ["n1", "6"]
    assert raw.read_as.query == query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("DELETE FROM t", "query_not_a_select"),
        ("WITH few AS (SELECT 1) DELETE FROM t", "query_refused"),
        ("SELECT 1, 2; DROP TABLE t", "query_not_a_select"),
        ("SELECT 1 AS a, 'it''s'; COMMIT; DROP TABLE t; SELECT 'x'", "query_not_a_select"),
        ("-- nothing but a comment", "query_not_a_select"),
        ("PRAGMA table_info(t)", "query_not_a_select"),
        ("SELECT * FROM pragma_database_list", "query_refused"),
        ("SELECT load_extension('x'), 1", "query_refused"),
        ("SELECT nothing_there FROM t", "query_refused"),
        ("SELECT randomblob(1000000000), 1", "query_refused"),
        ("SELECT id, name FROM t WHERE id < 0", "table_header_only"),
    ],
)
def test_queries_that_do_not_read_rows_are_refused_and_change_nothing(database: Path, query: str, code: str) -> None:
    before = database.read_bytes()
    assert refusal(database, ReadingOptions(query=query)) == code
    assert database.read_bytes() == before


def test_a_query_that_goes_on_for_ever_is_stopped(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "MOST_SECONDS", 0.1)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*), 1 FROM n"
    assert refusal(database, ReadingOptions(query=endless)) == "query_slow"
    monkeypatch.setattr(sqlite, "MOST_ROWS", 5)
    assert refusal(database, ReadingOptions(query="SELECT * FROM t")) == "query_many_rows"


def test_changes_that_stand_in_the_log_of_a_database_are_read(database: Path) -> None:
    writer = sqlite3.connect(database)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("INSERT INTO t VALUES (100, 'new', 1)")
        writer.commit()
        assert read_raw(database).n_rows == len(ROWS) + 1
    finally:
        writer.close()


def test_a_database_without_tables_and_an_unknown_table_are_refused(database: Path, tmp_path: Path) -> None:
    assert refusal(database, ReadingOptions(sheet="none")) == "sqlite_no_such_table"
    empty = tmp_path / "empty.db"
    with sqlite3.connect(empty) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("DROP TABLE t")
    connection.close()
    assert refusal(empty) == "table_empty"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a, i AS b FROM n"


def test_rows_of_views_are_counted_only_where_no_table_has_rows_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_tables, "_VIEW_SECONDS", 0.1)
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute(f"CREATE VIEW endless AS {ENDLESS}")
        connection.execute("CREATE VIEW few AS SELECT 1 AS a, 2 AS b UNION SELECT 3, 4")
    assert read_raw(path).read_as.sheet == "few"
    with connection:
        connection.execute("INSERT INTO t VALUES (1, 2)")
    connection.close()
    assert read_raw(path).read_as.sheet == "t"


def test_what_waits_in_memory_is_bounded_by_bytes(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[int] = []
    written = sqlite._write

    def watched(rows: Sequence[Sequence[object]], writer: TextsWriter) -> None:
        most.append(sum(len(cell) for row in rows for cell in row if isinstance(cell, str | bytes)))
        written(rows, writer)

    monkeypatch.setattr(sqlite, "_write", watched)
    monkeypatch.setattr(kept_texts, "_BYTES_AT_ONCE", 3_000_000)
    long = "SELECT i, zeroblob(2000000) AS bytes, hex(zeroblob(500000)) AS letters FROM n"
    query = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12) {long}"
    raw = read_raw(database, ReadingOptions(query=query))
    assert raw.n_rows == 12
    assert max(most) < 5_000_000
    assert raw.column(1).isna().all()
    assert "read_blobs" in codes(raw)


def test_tables_that_an_extension_makes_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIRTUAL TABLE search USING fts5(a, b)")
        connection.execute("INSERT INTO search VALUES ('x', 'y'), ('z', 'w')")
    connection.close()
    assert refusal(path) == "sqlite_made_by_extension"
    assert refusal(path, ReadingOptions(sheet="search")) == "sqlite_made_by_extension"
