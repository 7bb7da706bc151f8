"""How a file is to be read, as far as the person says so, and how it was read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.errors import TableError
from engine.messages import Message, phrase

WRONG_SKIPPED = phrase(
    "reading_wrong_skipped_rows", "There cannot be {n} lines above the table.", "Give 0 or the number of those lines."
)
WRONG_HEADER = phrase("reading_wrong_header_rows", "There cannot be {n} rows of column names.", "Give 0, 1, 2 or 3.")
WRONG_TABLE = phrase(
    "reading_wrong_table", "There is no table {n}: they are counted from 1.", "Give 1 for the first one."
)
_MOST_HEADER_ROWS = 3


class DateOrder(StrEnum):
    """What stands first in a date of numbers such as 03/04/2024."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How a file is to be read; None means: find out. `RawTable.read_as` is the same with what was found filled in.

    `encoding`: a Python name. `separator`: one sign. `n_skipped_rows`: lines of a text file, or rows of a sheet, before
    the table. `n_header_rows`: rows of column names, 0 to 3. `sheet`: of a workbook; the name of a table in a
    database file. `table`: which of several tables in one sheet, from 1. `query`: SQL, for databases.
    `decimal`: "." or ",". `date_order`: for dates that can be read both ways. `keep_totals`: rows that look like
    totals or notes stay. `numbers_stay`: numbers are never taken for dates. `keep_all_rows`: whatever has the cells of
    a row stays, as each is to be predicted.
    """

    encoding: str | None = None
    separator: str | None = None
    n_skipped_rows: int | None = None
    n_header_rows: int | None = None
    sheet: str | None = None
    table: int | None = None
    query: str | None = None
    decimal: str | None = None
    date_order: DateOrder | None = None
    keep_totals: bool = False
    numbers_stay: bool = False
    keep_all_rows: bool = False

    @property
    def about_cells(self) -> "ReadingOptions":
        """What applies to files of every format."""
        return ReadingOptions(
            decimal=self.decimal,
            date_order=self.date_order,
            keep_totals=self.keep_totals,
            numbers_stay=self.numbers_stay,
            keep_all_rows=self.keep_all_rows,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into these options."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ReadingOptions":
        """Rebuild stored options."""
        order = data.get("date_order")
        return ReadingOptions(**{**data, "date_order": DateOrder(order) if order else None})


def refuse_wrong_counts(options: ReadingOptions) -> None:
    """Raise TableError for numbers of rows, or of a table, that nothing can have."""
    n_skipped, n_header, table = options.n_skipped_rows, options.n_header_rows, options.table
    if n_skipped is not None and n_skipped < 0:
        raise TableError(WRONG_SKIPPED(n=n_skipped))
    if n_header is not None and not 0 <= n_header <= _MOST_HEADER_ROWS:
        raise TableError(WRONG_HEADER(n=n_header))
    if table is not None and table < 1:
        raise TableError(WRONG_TABLE(n=table))


AUTOMATIC = ReadingOptions()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A line, or the end of one, that is in the file but not in the table.

    `line`: its number in the file, or the row of the sheet, from 1. `why`: the message that tells of it and its like.
    `text`: what stands there, at most 1,000 letters.
    """

    line: int
    why: Message
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this line."""
        return {"line": self.line, "why": self.why.to_json(), "text": self.text}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "LeftOut":
        """Rebuild a stored line."""
        return LeftOut(line=data["line"], why=Message.from_json(data["why"]), text=data["text"])


@dataclass(frozen=True, kw_only=True)
class FileChoices:
    """What a file holds besides what was read: all its sheets (or tables of a database), and tables in one sheet."""

    sheets: tuple[str, ...] = ()
    n_tables: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into these choices."""
        return {"sheets": list(self.sheets), "n_tables": self.n_tables}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FileChoices":
        """Rebuild stored choices."""
        return FileChoices(sheets=tuple(data["sheets"]), n_tables=data["n_tables"])


NO_CHOICES = FileChoices()
