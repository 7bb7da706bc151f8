"""What a column is judged by, the distinct cells, and what a judgement says."""

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.table.rules import present
from engine.table.schema import Cells, Kind, ReadingRules

ONE_VALUE = phrase("kind_one_value", "Every row says {value}.")
UNIQUE_VALUES = phrase("kind_unique", "Nearly every row has a value of its own, such as {example}.")
UNIQUE_NAMED = phrase("kind_named_id", "The name says that it identifies rows, and the values hardly repeat.")

# Texts that stand for "no value". "none" and "unknown" are often an answer ("other debtors: none"), so they count as
# missing only among numbers and dates.
MISSING = ("?", "na", "n/a", "#n/a", "#na", "<na>", "n.a.", "nan", "null", "nil", "-", "--", "missing", "#null!")
MISSING_AMONG_NUMBERS = (*MISSING, "none", "unknown", ".", "...", "*", "inf", "-inf", "infinity", "#div/0!", "#value!")

ENOUGH = 0.9  # share of cells that must fit for a column to be numbers or dates
ID_SHARE = 0.95
ID_NAME = re.compile(r"(^|[\s_.-])(id|ids|uuid|guid|idx|index|key|rowid|row|nr|no|number|pk)$|(?<=[a-z])(ID|Id)$|编号$")


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The distinct cells of a column, without those that mean "no value"."""

    name: str
    texts: pd.Series
    counts: NDArray[np.int64]
    n_rows: int

    @property
    def n_filled(self) -> int:
        """The number of rows with a value."""
        return int(self.counts.sum())

    @property
    def n(self) -> int:
        """The number of distinct cells."""
        return len(self.texts)

    @property
    def example(self) -> str:
        """A cell to show."""
        return short(str(self.texts.iloc[0]))

    @property
    def unique_share(self) -> float:
        """The share of filled rows whose cell is the first of its kind."""
        return self.n / max(self.n_filled, 1)

    def without(self, missing: tuple[str, ...]) -> "Levels":
        """Return these levels without those that mean "no value"."""
        keep = present(self.texts, missing).notna().to_numpy(bool)
        if keep.all():
            return self
        return replace(self, texts=self.texts[keep].reset_index(drop=True), counts=self.counts[keep])


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a column is. `levels`: those that count as values, if not all."""

    kind: Kind
    reason: Message
    probability: float
    cells: Cells = Cells.TEXT
    rules: ReadingRules = field(default_factory=lambda: ReadingRules(missing=MISSING))
    date_formats: tuple[str, ...] = ()
    levels: Levels | None = None


def short(text: str, most: int = 40) -> str:
    """Return the beginning of a text, for use inside a sentence."""
    return text if len(text) <= most else text[: most - 1] + "…"
