"""What is not a file on this computer: databases, asked by a query; and how a source is told from another."""

import sqlite3
from pathlib import Path

import pytest

from app.sources import local_file, name_of
from engine.errors import InputError
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.reading import read_raw
from storage import queries
from storage.queries import fetch
from storage.settings import WEB

N_ROWS = 30_000  # more than are fetched at once
ADDRESS = "postgresql+psycopg://ada:secret@nowhere.invalid/sales"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "shop of ada.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE sales (id INTEGER, day TEXT, amount REAL, note TEXT, picture BLOB)")
        rows = [(n, f"2024-01-{1 + n % 28:02d}", n / 4, None if n % 2 else "50%:off", b"\xff") for n in range(N_ROWS)]
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    return path


def url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def test_a_query_becomes_a_file_that_is_read_like_any_other(database: Path, tmp_path: Path) -> None:
    path = fetch(
        url(database), "SELECT * FROM sales WHERE note LIKE '50%' OR note <> ':off' OR note IS NULL;", tmp_path
    )
    raw = read_raw(path)
    assert raw.names == ("id", "day", "amount", "note")
    assert raw.n_rows == N_ROWS
    assert raw.frame.iloc[-2].tolist() == [str(N_ROWS - 2), "2024-01-11", "7499.5", "50%:off"]
    assert "read_not_text" in {message.code for message in raw.done}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("DELETE FROM sales", "query_not_a_select"),
        ("SELECT 1 AS a; DELETE FROM sales", "query_not_a_select"),
        ("WITH one AS (SELECT 1) DELETE FROM sales", "query_not_a_select"),
        ("ATTACH DATABASE 'new.db' AS new", "query_not_a_select"),
        ("SELECT nothing_there FROM sales", "query_refused"),
        ("SELECT * FROM sales WHERE", "query_not_understood"),
    ],
)
def test_queries_that_do_not_read_are_refused_and_change_nothing(
    database: Path, tmp_path: Path, query: str, code: str
) -> None:
    before = database.read_bytes()
    with pytest.raises(InputError) as caught:
        fetch(url(database), query, tmp_path)
    assert caught.value.message.code == code
    assert database.read_bytes() == before


def test_the_first_line_of_the_database_says_what_is_wrong(database: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such column: nothing_there\. Correct") as caught:
        fetch(url(database), "SELECT nothing_there FROM sales", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("sqlite:///" + "no/such.db", "query_not_reached", "no/such.db"),
        ("nosuch://ada:secret@server/sales", "query_driver", "nosuch"),
        ("mssql+nosuch://ada:secret@server/sales", "query_driver", "pyodbc"),
        ("nosuch:://secret", "query_address", "SERVER"),
    ],
)
def test_databases_that_cannot_be_asked_are_named_without_their_password(
    tmp_path: Path, address: str, code: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        fetch(address, "SELECT 1 AS a, 2 AS b", tmp_path)
    assert caught.value.message.code == code
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not Path("no").exists()


def test_a_driver_or_a_server_that_is_lacking_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        fetch(ADDRESS, "SELECT 1 AS a, 2 AS b", tmp_path)
    assert caught.value.message.code in {"query_driver", "query_not_reached"}  # as the extra is installed or not
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_more_rows_than_can_be_read_are_refused(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_ROWS", 1000)
    with pytest.raises(InputError) as caught:
        fetch(url(database), "SELECT * FROM sales", tmp_path)
    assert caught.value.message.code == "query_many_rows"


def test_a_path_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    assert local_file(str(path), AUTOMATIC, tmp_path) == (path, "sales.csv")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:s3cret@server",
        "postgresql://ada:s3cret@server/sales?password=s3cret",
        "postgresql://ada:x@s3cret@server/sales",
        "postgresql:/ada:s3cret@server/sales",
        "nosuch:://ada:s3cret@server",
        "mssql+pyodbc:///?odbc_connect=PWD%3Ds3cret",
        "https://example.org/a.csv?token=s3cret",
        "https://ada:s3cret@example.org/",
        "https://ada:x#s3cret@example.org/a.csv",
        "https://ada:s3cret#x@example.org/a.csv",
        "http://ada:s3cret@[::1/a.csv",
        "s3://key:s3cret@bucket/a.csv",
    ],
)
def test_no_address_shows_its_password(tmp_path: Path, address: str) -> None:
    name = name_of(address)
    assert name
    assert "s3cret" not in name
    with pytest.raises(InputError) as caught:
        local_file(address, AUTOMATIC, tmp_path)
    assert "s3cret" not in str(caught.value)


def test_a_database_is_fetched_and_shown_without_its_password(database: Path, tmp_path: Path) -> None:
    query = ReadingOptions(query="SELECT id, amount FROM sales")
    path, name = local_file(url(database), query, tmp_path)
    assert name == url(database)
    assert read_raw(path, query).n_rows == N_ROWS
    assert local_file(str(database), query, tmp_path) == (database, database.name)
    with pytest.raises(InputError) as caught:
        local_file(ADDRESS, AUTOMATIC, tmp_path)
    assert caught.value.message.code == "source_no_query"
    assert "secret" not in str(caught.value)


def test_a_query_for_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        local_file(str(tmp_path / "sales.csv"), ReadingOptions(query="SELECT 1"), tmp_path)
    assert caught.value.message.code == "source_no_database"


def test_the_web_is_off_until_it_is_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEB.variable, raising=False)
    for set_to, code in ((None, "source_web_off"), ("off", "source_web_off"), ("on", "web_not_public")):
        if set_to is not None:
            (tmp_path / "settings.toml").write_text(f'web = "{set_to}"', encoding="utf-8")
        with pytest.raises(InputError) as caught:
            local_file("http://127.0.0.1:1/a.csv", AUTOMATIC, tmp_path, workspace=tmp_path)
        assert caught.value.message.code == code
