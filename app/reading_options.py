"""How a file is to be read, as arguments of every command that reads one."""

import codecs
import shutil
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.terminal import whole_number
from engine.table.options import DateOrder, ReadingOptions

if TYPE_CHECKING:
    from engine.table.dataset import Dataset

SIGNS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":"}
DECIMALS = {"point": ".", "dot": ".", "comma": ","}
MOST_HEADER_ROWS = 3


def add_file(parser: ArgumentParser, what: str, *, needed: bool = True) -> None:
    """Give a command the argument FILE, and all that says how it is to be read."""
    told = f"{what}: a path, a folder of Parquet files, a database address or a web address"
    parser.add_argument("file", metavar="FILE", nargs=None if needed else "?", help=told)
    group = parser.add_argument_group("how the file is read", "What is not given is found out.")
    group.add_argument("--encoding", type=_encoding, metavar="NAME", help="such as utf-8, cp1252, gb18030")
    group.add_argument("--separator", type=_separator, metavar="SIGN", help="one sign, or tab, space, comma, pipe, ...")
    group.add_argument(
        "--skip-rows",
        type=whole_number("number of rows", least=0),
        metavar="N",
        help="lines or rows of a sheet before the table",
    )
    group.add_argument(
        "--header-rows",
        type=whole_number("number of header rows", least=0, most=MOST_HEADER_ROWS),
        metavar="N",
        help="rows of column names, 0 to 3",
    )
    group.add_argument("--sheet", metavar="NAME", help="of a workbook; the table of a database")
    group.add_argument(
        "--table",
        type=whole_number("position of a table"),
        metavar="N",
        help="which of several tables in one sheet, from 1",
    )
    group.add_argument("--query", metavar="SQL", help="what to ask a database; FILE is a database or its address")
    group.add_argument("--decimal", type=_decimal, metavar="SIGN", help="the decimal sign of numbers: . or ,")
    order = group.add_mutually_exclusive_group()
    order.add_argument("--day-first", action="store_true", help="03/04/2024 is the third of April")
    order.add_argument("--month-first", action="store_true", help="03/04/2024 is the fourth of March")
    group.add_argument("--keep-totals", action="store_true", help="rows that look like totals stay in the table")
    group.add_argument("--numbers-stay", action="store_true", help="numbers are never taken for dates")


def reading_options(options: Namespace) -> ReadingOptions:
    """Return how the arguments say that the file is to be read."""
    order = DateOrder.DAY_FIRST if options.day_first else DateOrder.MONTH_FIRST if options.month_first else None
    return ReadingOptions(
        encoding=options.encoding,
        separator=options.separator,
        n_skipped_rows=options.skip_rows,
        n_header_rows=options.header_rows,
        sheet=options.sheet,
        table=options.table,
        query=options.query,
        decimal=options.decimal,
        date_order=order,
        keep_totals=options.keep_totals,
        numbers_stay=options.numbers_stay,
    )


@contextmanager
def given_file(options: Namespace) -> Iterator[tuple[Path, str]]:
    """Yield the file that the arguments name, and its name for titles; what has to be fetched is gone afterwards."""
    from app.sources import local_file
    from engine.table.files.rooms import make_room

    folder = make_room()
    try:
        yield local_file(options.file, reading_options(options), folder, workspace=options.workspace)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def given_table(options: Namespace) -> "Dataset":
    """Read the table that the arguments name; raises InputError, saying what to do, when it cannot be read."""
    from app.preflight import table_memory
    from engine.table.reading import read_table

    with given_file(options) as (path, name):
        most_bytes = table_memory(options.workspace)
        return read_table(path, reading_options(options), name=name, most_bytes=most_bytes)


def _encoding(text: str) -> str:
    name = text.strip()
    try:
        with suppress(UnicodeError):
            b"text".decode(name)  # some codecs are for other things than texts
        return codecs.lookup(name).name
    except (LookupError, ValueError) as unknown:
        raise ArgumentTypeError(f"{text!r} is no encoding that is known; give one such as utf-8 or cp1252") from unknown


def _separator(text: str) -> str:
    sign = SIGNS.get(text.strip().lower(), text)
    if len(sign) != 1 or sign.isalnum():
        raise ArgumentTypeError(f"{text!r} is no separator; give one sign, or one of {', '.join(SIGNS)}")
    return sign


def _decimal(text: str) -> str:
    sign = DECIMALS.get(text.strip().lower(), text.strip())
    if sign not in DECIMALS.values():
        raise ArgumentTypeError(f"{text!r} is no decimal sign; give . or ,")
    return sign
