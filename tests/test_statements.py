"""What is sent to a database: one statement that reads, judged in the grammar of that database."""

import pytest

from engine.errors import InputError
from storage.statements import reading_statement

REFUSED, NOT_UNDERSTOOD = "query_not_a_select", "query_not_understood"


@pytest.mark.parametrize(
    ("backend", "query", "code"),
    [
        ("postgresql", r"SELECT E'\''; COMMIT; DROP TABLE t; SELECT 'x'", REFUSED),
        ("postgresql", "SELECT $$'$$; COMMIT; DELETE FROM t; --'", REFUSED),
        ("postgresql", r"SELECT 'a\'; DROP TABLE t; --'", REFUSED),
        ("postgresql", "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", REFUSED),
        ("postgresql", "SELECT * FROM (WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM x) y", REFUSED),
        ("postgresql", "SELECT a, b INTO copied FROM t", REFUSED),
        ("postgresql", "SELECT a, b FROM t FOR UPDATE", REFUSED),
        ("postgresql", "COPY t TO PROGRAM 'x'", REFUSED),
        ("postgresql", "SELECT 1; SELECT 2", REFUSED),
        ("mssql", "SELECT 1 AS a, 2 AS b DELETE FROM t COMMIT", NOT_UNDERSTOOD),
        ("mssql", "SELECT a FROM t EXECUTE('DROP TABLE t')", REFUSED),
        ("mssql", "SELECT a FROM t COMMIT", REFUSED),
        ("mssql", "SELECT a SHUTDOWN", REFUSED),
        ("mssql", "SELECT a INTO copied FROM t", REFUSED),
        ("mysql", "SELECT a, b FROM t INTO OUTFILE 'x.csv'", NOT_UNDERSTOOD),
        ("mysql", "SELECT a, b INTO OUTFILE 'x.csv' FROM t", NOT_UNDERSTOOD),
        ("mysql", "SELECT a, b FROM t /*! INTO OUTFILE 'x.csv' */", REFUSED),
        ("mariadb", "SELECT a, b FROM t /*M! INTO OUTFILE 'x.csv' */", REFUSED),
        ("oracle", "BEGIN DELETE FROM t; END;", REFUSED),
        ("unheard", r"SELECT 'a\', '; DROP TABLE t; --'", REFUSED),
        ("sqlite", "", REFUSED),
        ("sqlite", "SELECT 'never ended", NOT_UNDERSTOOD),
        ("sqlite", "SELECT (" * 3000, NOT_UNDERSTOOD),
    ],
)
def test_what_may_write_is_refused(backend: str, query: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        reading_statement(query, backend)
    assert caught.value.message.code == code


@pytest.mark.parametrize(
    ("backend", "query"),
    [
        ("postgresql", "select a -- it's ; drop\n from t"),
        ("postgresql", "SELECT 'it''s; fine', b FROM t WHERE c ~* 'x' AND d->>'y' = 'z' AND e @> '{1}'::int[]"),
        ("postgresql", 'SELECT "update", "delete" FROM "drop; table"'),
        ("postgresql", "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1"),
        ("mysql", r"SELECT 'a\'; DROP TABLE t; --', `b;c` FROM t"),
        ("mssql", "WITH x AS (SELECT 1 a) SELECT TOP 5 [commit], a FROM x WITH (NOLOCK) ORDER BY a"),
        ("oracle", "SELECT a FROM t WHERE ROWNUM < 5 CONNECT BY PRIOR a = b"),
        ("duckdb", "SELECT * EXCLUDE (a) FROM 'x.parquet'"),
        ("unheard", "SELECT a, b FROM t"),
    ],
)
def test_what_reads_is_sent_as_it_was_written(backend: str, query: str) -> None:
    assert reading_statement(query, backend) == query
    assert reading_statement(f"{query};\n -- that; is all\n;", backend) == query
