"""Only a statement that reads is sent to a database: it is looked through in the grammar of that database."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.sqlite import NOT_A_SELECT

NOT_UNDERSTOOD = phrase(
    "query_not_understood",
    "The query cannot be understood near {near}, and what is not understood is not run.",
    "Correct it, or write it as a view in the database and read that: SELECT * FROM VIEW.",
)
# Backends whose grammar goes by another name.
_GRAMMARS = {
    "postgresql": "postgres",
    "cockroachdb": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sybase": "tsql",
    "awsathena": "athena",
}
_BEGINNINGS = {"SELECT", "WITH", "("}
_WRITES = (exp.DML, exp.DDL, exp.Drop, exp.Into, exp.Lock, exp.Command)
_RUN_COMMENT = re.compile(r"/\*M?!")  # MySQL and MariaDB run what stands in such comments
# Here a statement needs no sign before it, so that one of these words is never the second name that it looks like.
_WORDS_OF_TSQL = frozenset(
    "ALTER BACKUP BEGIN BULK CHECKPOINT CLOSE COMMIT CREATE DBCC DEALLOCATE DECLARE DELETE DENY DISABLE DROP ENABLE "
    "EXEC EXECUTE FETCH GOTO GRANT IF INSERT KILL LOAD MERGE OPEN PRINT RAISERROR READTEXT RECEIVE RECONFIGURE RESTORE "
    "RETURN REVERT REVOKE ROLLBACK SAVE SEND SET SETUSER SHUTDOWN THROW TRUNCATE UPDATE UPDATETEXT USE WAITFOR WHILE "
    "WRITETEXT".split()
)


def reading_statement(query: str, backend: str) -> str:
    r"""Return the query without what ends it; raises TableError when it is not one statement that only reads.

    Functions that a query calls are not looked into.

    >>> reading_statement("SELECT a -- it's; all\n FROM t; -- that is all", "postgresql")
    "SELECT a -- it's; all\n FROM t"
    """
    grammar = _grammar(backend)
    try:
        statement = _single(query, grammar)
        tree = sqlglot.parse_one(statement, dialect=grammar)
    except (SqlglotError, RecursionError) as problem:
        raise TableError(NOT_UNDERSTOOD(near=_place(problem))) from None
    if not isinstance(tree, exp.Query) or any(_is_refused(node, grammar) for node in tree.walk()):
        raise TableError(NOT_A_SELECT())
    return statement


def _grammar(backend: str) -> str:
    """Return the name of a backend's grammar; empty, which is the general one, if there is none of its own."""
    name = _GRAMMARS.get(backend, backend)
    return name if Dialect.get(name) else ""


def _single(query: str, grammar: str) -> str:
    """Return what stands before the first semicolon, after which nothing else may follow."""
    signs = [(sign.token_type.name, sign.text, sign.start) for sign in sqlglot.tokenize(query, dialect=grammar)]
    ends = [start for name, _, start in signs if name == "SEMICOLON"]
    statement = query[: ends[0]].rstrip() if ends else query
    begins_well = bool(signs) and signs[0][1].upper() in _BEGINNINGS
    goes_on = bool(ends) and signs[-len(ends)][2] != ends[0]
    # Where quotes may be read in another way than here, a semicolon in a text may be none.
    unsure = not grammar and ";" in statement
    if not begins_well or goes_on or unsure or _RUN_COMMENT.search(query):
        raise TableError(NOT_A_SELECT())
    return statement


def _is_refused(node: object, grammar: str) -> bool:
    if grammar == "tsql" and isinstance(node, exp.Identifier) and not node.quoted:
        return node.name.upper() in _WORDS_OF_TSQL
    return isinstance(node, _WRITES)


def _place(problem: Exception) -> str:
    """Return the word at which parsing ended, where that is known.

    >>> _place(RecursionError())
    'its end'
    """
    found = getattr(problem, "errors", None) or [{}]
    return str(found[0].get("highlight") or "its end")[:100]
