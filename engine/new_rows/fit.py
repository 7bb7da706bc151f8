"""How far a file to be predicted fits a model: what of it could be read, what the model does not know."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from engine.messages import Message, phrase
from engine.table.files.totals import notes_and_totals

MISSING_COLUMNS = phrase(
    "model_columns_missing",
    "The table lacks columns that the model needs: {columns}.",
    "Add them, with empty cells where the value is unknown, or rename the columns that hold them.",
)
UNREAD_NUMBERS = phrase(
    "fit_unread_numbers",
    "{column}: {n} of {n_filled} cells could not be read as numbers and count as missing, such as {examples}.",
)
NO_NUMBERS = phrase(
    "fit_no_numbers",
    "{column}: {n} of {n_filled} cells could not be read as numbers and count as missing, such as {examples}, so "
    "nothing is known of this column and the predictions are worth nothing there.",
    "Write its numbers as in the table of the training.",
)
UNREAD_DATES = phrase(
    "fit_unread_dates",
    "{column}: {n} of {n_filled} cells could not be read as dates and count as missing, such as {examples}.",
    "Write them as in the table of the training, such as {as_in_training}.",
)
BEYOND = phrase(
    "fit_beyond",
    "{column}: {n} of {n_filled} cells are beyond what this column can hold and count as missing, such as {examples}.",
)
UNKNOWN = phrase(
    "fit_unknown",
    "{column}: {n} of {n_filled} cells hold values that no training row had, or only few, such as {examples}.",
)
OUTSIDE = phrase(
    "fit_outside",
    "{column}: {n} of {n_filled} cells lie outside of all that the model has learnt from, such as {examples}.",
    "Look whether they are in the unit of the training; what is said of such rows cannot be relied on.",
)
TWO_WAYS_UNREAD = phrase(
    "fit_two_ways_unread",
    "{column}: {n} of {n_filled} cells can be read in two ways, such as {examples}, and count as missing.",
    'Say what the decimal sign is: --decimal in the terminal, or "How the file is written" on the page.',
)
OTHER_SIGN_UNREAD = phrase(
    "fit_other_sign_unread",
    "{column}: {n} of {n_filled} cells could not be read as numbers and count as missing, such as {examples}. Some "
    "have another decimal sign than the others, or these were read wrongly.",
    'Say what the decimal sign is: --decimal in the terminal, or "How the file is written" on the page.',
)
TWO_WAYS_READ = phrase(
    "fit_two_ways_read",
    "{column}: {n} of {n_filled} cells can be read in two ways, such as {examples}; their {sign} was taken to mark "
    "thousands, as in training, though other columns have it as the decimal sign.",
    'Say what the decimal sign is: --decimal in the terminal, or "How the file is written" on the page.',
)
READ_COMMA = phrase("fit_read_comma", "{column}: {n} cells were read with a decimal comma.")
READ_POINT = phrase("fit_read_point", "{column}: {n} cells were read with a decimal point.")
READ_ONE_COMMA = phrase("fit_read_one_comma", "{column}: 1 cell was read with a decimal comma.")
READ_ONE_POINT = phrase("fit_read_one_point", "{column}: 1 cell was read with a decimal point.")
READ_ORDER = phrase("fit_read_order", "{column}: {n} dates were read with the {first} first.")
ONE_TOTAL = phrase("fit_one_total", "1 row looks like a total and was predicted like every other.")
TOTALS = phrase("fit_totals", "{n} rows look like totals and were predicted like every other.")
ONE_NOTE = phrase("fit_one_note", "1 row looks like a remark and was predicted like every other.")
NOTES = phrase("fit_notes", "{n} rows look like remarks and were predicted like every other.")
N_LAST, N_BEFORE = 50, 2000
MANY = 0.1  # of the filled cells: a few extreme ones are in any file
N_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class ColumnFit:
    """One column of the model in a file.

    `n_filled`: its cells that are not empty. `n_unread`: those that its rules could not read, or that are beyond what
    it can hold; they count as missing. `n_unknown`: those with a level that the model does not know. `n_outside`:
    those beyond all numbers and dates that it has learnt from, where these are many. `is_guessed`: the file was taken
    to be written in another way than that of training. `told`: all of it in words.
    """

    name: str
    n_filled: int
    n_unread: int = 0
    n_unknown: int = 0
    n_outside: int = 0
    unread_examples: tuple[str, ...] = ()
    unknown_examples: tuple[str, ...] = ()
    is_guessed: bool = False
    told: tuple[Message, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every filled cell means to the model what it means in the file, beyond doubt."""
        return not (self.n_unread or self.n_unknown or self.n_outside or self.is_guessed)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """All columns of the model in a file. `extra`: the file's columns that it does not look at. `told`: of the rows."""

    columns: tuple[ColumnFit, ...]
    extra: tuple[str, ...] = ()
    told: tuple[Message, ...] = ()

    def with_outside(self, outside: Mapping[str, pd.Series]) -> "Fit":
        """Return what is also known of cells beyond all that the model has learnt from, by column, where they are many.

        Levels that no row had are told already.
        """
        return replace(self, columns=tuple(_with_outside(each, outside.get(each.name)) for each in self.columns))

    @property
    def n_to_look_at(self) -> int:
        """The number of columns that do not fit in every cell."""
        return sum(not column.is_good for column in self.columns)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything there is to say, column by column and then of the rows."""
        return (*(message for column in self.columns for message in column.told), *self.told)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Fit":
        """Rebuild what was stored."""
        return Fit(
            columns=tuple(_column(column) for column in data["columns"]),
            extra=tuple(data["extra"]),
            told=tuple(map(Message.from_json, data["told"])),
        )


NO_FIT = Fit(columns=())


def _column(data: Mapping[str, Any]) -> ColumnFit:
    examples = {name: tuple(data[name]) for name in ("unread_examples", "unknown_examples")}
    return ColumnFit(**{**data, **examples, "told": tuple(map(Message.from_json, data["told"]))})


def _with_outside(found: ColumnFit, cells: pd.Series | None) -> ColumnFit:
    if cells is None or cells.empty or len(cells) < MANY * found.n_filled or found.n_unknown:
        return found
    texts = (f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells.iloc[:N_BEFORE])
    examples = ", ".join([*dict.fromkeys(texts)][:N_EXAMPLES])
    told = OUTSIDE(column=found.name, n=len(cells), n_filled=found.n_filled, examples=examples)
    return replace(found, n_outside=len(cells), told=(*found.told, told))


def unusual_rows(frame: pd.DataFrame) -> tuple[Message, ...]:
    """Tell how many rows at the end of a table look like totals or remarks."""
    rows = frame.tail(N_LAST + N_BEFORE).astype(object).where(lambda cells: cells.notna(), "").astype(str)
    cells = rows.to_numpy().tolist()
    n_last = min(N_LAST, len(cells) - 1)
    if n_last < 1 or len(frame.columns) < 2:
        return ()
    notes = notes_and_totals(cells[-n_last:], cells[:-n_last])
    n_notes = sum(notes)
    n_totals = len(notes) - n_notes
    told = []
    if n_totals:
        told.append(ONE_TOTAL() if n_totals == 1 else TOTALS(n=n_totals))
    if n_notes:
        told.append(ONE_NOTE() if n_notes == 1 else NOTES(n=n_notes))
    return tuple(told)
