"""A table as it stands in its file: every cell a text, before anyone has judged what the columns are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from engine.errors import TableError
from engine.messages import Message, listed, phrase
from engine.table.files.names import numbered_names, unique_names
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions

EMPTY = phrase("table_empty", "{name} holds no table.", "Choose a file with a row of column names and rows of values.")
HEADER_ONLY = phrase("table_header_only", "{name} has column names but no rows.", "Choose a file that holds rows too.")
ONE_ROW = phrase(
    "table_one_row",
    "{name} has a single row, so there is nothing to learn from.",
    "Choose a file with many rows, of which the answer is known.",
)
ONE_COLUMN = phrase(
    "table_one_column",
    "{name} has a single column, so there is nothing to predict from.",
    "If it has more, separate them by commas, semicolons or tabs.",
)
NO_HEADER = phrase("read_no_header", "The first row holds values, so the columns are called c1 to c{n}.")
NOTHING_IN_THEM = phrase(
    "read_empty_columns", "Columns with neither a name nor a value, between others, are left out: {n}."
)
RENAMED = phrase("read_renamed", "Columns renamed, because names must be unique and not empty ({n}): {names}.")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file to be read.

    `name`: for messages. `room`: a folder for what has to be written meanwhile; it outlives the table made from it.
    """

    path: Path
    name: str
    room: Path


class Texts(Protocol):
    """The cells of a table, column by column, wherever they are kept."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        ...

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        ...

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        ...


@dataclass(frozen=True)
class FrameTexts:
    """Cells kept in memory."""

    cells: pd.DataFrame

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.cells)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.cells.columns)

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column."""
        return self.cells.iloc[:, position]


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of texts.

    `names`: unique and not empty. `original_names`: as in the file, in the same order. `places`: where each column
    stands in the file, from 0; those that were left out count, and each of those inside of records. `done`: what
    reading changed or left out. `left_out`: the lines themselves. `read_as`: how it was read. `choices`: what else the
    file holds.
    """

    texts: Texts
    names: tuple[str, ...]
    original_names: tuple[str, ...]
    places: tuple[int, ...]
    done: tuple[Message, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    read_as: ReadingOptions = AUTOMATIC
    choices: FileChoices = NO_CHOICES

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.texts.n_rows

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column, NaN for an empty one, under its name."""
        return self.texts.column(position).rename(self.names[position])

    @property
    def frame(self) -> pd.DataFrame:
        """All cells in memory."""
        return pd.DataFrame({name: self.texts.column(i) for i, name in enumerate(self.names)})


@dataclass(frozen=True)
class ChosenTexts:
    """Some of the columns of other texts."""

    texts: Texts
    positions: tuple[int, ...]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.texts.n_rows

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.positions)

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        return self.texts.column(self.positions[position])


@dataclass(frozen=True)
class WithoutRows:
    """Other texts without some of their rows, given by their places."""

    texts: Texts
    rows: tuple[int, ...]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.texts.n_rows - len(self.rows)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return self.texts.n_columns

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        whole = self.texts.column(position).reset_index(drop=True)
        return whole.drop(list(self.rows)).reset_index(drop=True)


def named(
    texts: Texts, originals: tuple[str, ...], *, header: bool, name: str, done: Sequence[Message] = ()
) -> RawTable:
    """Give a table of texts its names, and refuse it when it is no table."""
    if not texts.n_rows:
        raise TableError(HEADER_ONLY(name=name) if header and any(originals) else EMPTY(name=name))
    # Spreadsheets like to end each row with empty cells: columns without name and values are none.
    filled = tuple(i for i, original in enumerate(originals) if original.strip() or texts.column(i).notna().any())
    every = unique_names(originals)  # named by their places in the file, as who reads its first row alone names them
    if len(filled) < len(originals):
        texts, originals = ChosenTexts(texts, filled), tuple(originals[i] for i in filled)
    names = tuple(every[i] for i in filled) if header else numbered_names(len(originals))
    told = [*done]
    n_between = filled[-1] + 1 - len(filled) if filled else 0
    if n_between:
        told.append(NOTHING_IN_THEM(n=n_between))
    if not header:
        told.append(NO_HEADER(n=len(names)))
        originals = names
    changed = [made for made, original in zip(names, originals, strict=True) if made != original.strip()]
    if changed:
        told.append(RENAMED(n=len(changed), names=listed(changed)))
    return RawTable(texts=texts, names=names, original_names=originals, places=filled, done=tuple(told))


Reader = Callable[[Source, ReadingOptions], RawTable]
