"""What a person gives as a table (a path, a database with a query, a web address) becomes a file on this computer."""

import re
from pathlib import Path, PurePath

from engine.errors import InputError
from engine.messages import phrase
from engine.table.files.sqlite_file import is_sqlite
from engine.table.options import ReadingOptions
from storage.settings import WEB, WEB_ON
from storage.web_tables import download, file_name, is_web_address
from storage.web_tables import shown as shown_on_the_web

WEB_OFF = phrase(
    "source_web_off",
    "Tables are not fetched from the web unless that is switched on.",
    "Download the file yourself, or set TABLEWRIGHT_WEB to on before starting.",
)
NO_QUERY = phrase(
    "source_no_query",
    "{address} is a database, but nothing says what to read from it.",
    "Add a query, such as SELECT * FROM orders.",
)
NO_DATABASE = phrase(
    "source_no_database",
    "A query was given, but {name} is no database.",
    "Leave the query out, or give an SQLite file or the address of a database.",
)
UNKNOWN_ADDRESS = phrase(
    "source_address",
    "{address} is no address that can be opened.",
    "Give a path, a web address that begins with https://, or the address of a database, which begins with its kind.",
)
_ADDRESS = re.compile(r"[a-z][\w+.-]+:+/", re.IGNORECASE)  # one letter is a drive


def local_file(given: str, options: ReadingOptions, folder: Path, *, workspace: Path | None = None) -> tuple[Path, str]:
    """Return the file to read and a name for titles; what has to be fetched is put into the folder.

    A path is returned as it stands, whether or not there is such a file: reading says what is wrong with it.
    `workspace`: its settings say whether web addresses may be opened.
    Raises InputError when a database or an address gives no file.
    """
    from storage.queries import fetch, is_database, shown

    if is_database(given):
        if not options.query:
            raise InputError(NO_QUERY(address=shown(given)))
        return fetch(given, options.query, folder), shown(given)
    if is_web_address(given):
        if WEB.value(workspace).strip().lower() != WEB_ON:
            raise InputError(WEB_OFF())
        path = download(given, folder)
        return path, file_name(given)
    if _ADDRESS.match(given):
        raise InputError(UNKNOWN_ADDRESS(address=shown_on_the_web(given)))
    if options.query and not _is_sqlite(Path(given)):
        raise InputError(NO_DATABASE(name=PurePath(given).name))
    return Path(given), PurePath(given).name


def name_of(given: str) -> str:
    """Return a name for what a person gives as a table, without the password and the options of an address.

    >>> name_of("data/sales.csv"), name_of("https://example.org/sales.csv?token=1"), name_of("ftp://ada:secret@server")
    ('sales.csv', 'sales.csv', 'ftp://server')
    """
    if not _ADDRESS.match(given):
        return PurePath(given).name
    from storage.queries import is_database, shown

    if is_web_address(given):
        return file_name(given)
    try:
        return shown(given) if is_database(given) else shown_on_the_web(given)
    except InputError:  # reading says what is wrong with it
        return shown_on_the_web(given)


def _is_sqlite(path: Path) -> bool:
    """Say whether a file is an SQLite database; one that cannot be opened is left to whoever reads it."""
    try:
        return is_sqlite(path)
    except OSError:
        return True
