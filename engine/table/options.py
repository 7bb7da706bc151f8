"""How a file is to be read, as far as the person says so, and how it was read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.messages import Message


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
    totals stay.
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

    @property
    def about_cells(self) -> "ReadingOptions":
        """What applies to files of every format."""
        return ReadingOptions(decimal=self.decimal, date_order=self.date_order, keep_totals=self.keep_totals)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into these options."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ReadingOptions":
        """Rebuild stored options."""
        order = data.get("date_order")
        return ReadingOptions(**{**data, "date_order": DateOrder(order) if order else None})


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
