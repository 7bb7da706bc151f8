"""What a column is judged by, the distinct cells, and what a judgement says."""

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.table.rules import present
from engine.table.schema import Cells, Kind, ReadingRules, Subkind

ONE_VALUE = phrase("kind_one_value", "Every row says {value}.")
UNIQUE_VALUES = phrase("kind_unique", "Nearly every row has a value of its own, such as {example}.")
UNIQUE_NAMED = phrase("kind_named_id", "The name says that it identifies rows, and the values hardly repeat.")
REPEATING_ID = phrase(
    "kind_repeating_id", "The name says that it identifies something, which comes in {rows} rows each on average."
)

# Texts that stand for "no value", in small letters. "none" and "unknown" are often an answer ("other debtors: none"),
# so they count as missing only among numbers and dates.
MISSING = (
    "?", "na", "n/a", "#n/a", "#na", "#nv", "<na>", "n.a.", "nan", "null", "(null)", "nil", "-", "--", "—", "–",
    "missing", "#null!", "k.a.", "k. a.", "keine angabe", "keine angaben", "n/d", "n.d.", "s/d", "нет данных", "缺失",
    "no data", "not available", "#value!", "#wert!", "#ref!", "#name?", "#num!", "#div/0!",
)  # fmt: skip
# What is an answer where all of these stand in the same column: results of a test, regions of a company, continents.
_ANSWERS_BESIDE = (
    (frozenset({"+"}), frozenset("-–—")),
    (frozenset({"EMEA"}), frozenset({"na"})),
    (frozenset({"APAC"}), frozenset({"na"})),
    (frozenset({"AF", "AS", "EU"}), frozenset({"na"})),
)
_TELLING = frozenset().union(*(beside for beside, _ in _ANSWERS_BESIDE))
INFINITE = ("inf", "-inf", "+inf", "infinity", "-infinity", "∞", "-∞")
MISSING_AMONG_NUMBERS = (
    *MISSING, *INFINITE, "none", "unknown", "unbekannt", "inconnu", "desconocido", "неизвестно", "нет", "无", "未知",
    "暂无", "空", "nd", "s.d.", "n.v.", "not applicable", "not known", "unspecified", "tbd", "tba", ".", "..", "...",
    "*", "/", "x", *("#" * n for n in range(3, 13)),
)  # fmt: skip


def missing_in(raw: pd.Series) -> tuple[str, ...]:
    """Return the texts that mean "no value" in a column; beside "+" a minus is an answer, beside EMEA "NA" is.

    >>> "-" in missing_in(pd.Series(["-", "+"], dtype="str")), "-" in missing_in(pd.Series(["-", "7"], dtype="str"))
    (False, True)
    """
    found = frozenset(raw[raw.isin(_TELLING).to_numpy(bool)].unique())
    answers = {text for beside, texts in _ANSWERS_BESIDE if beside <= found for text in texts}
    return tuple(text for text in MISSING if text not in answers) if answers else MISSING


ENOUGH = 0.9  # share of cells that must fit for a column to be numbers or dates
ID_SHARE = 0.95
FEWEST_IDS = 20
ID_NAME = re.compile(
    r"(^|[\s_.-])(id|ids|uuid|guid|idx|index|key|rowid|row|row[\s_.-]?names?|nr|no|number|pk"
    r"|nummer|numero|número|numéro|номер|код|account"
    r"|barcode|isbn|ean|imei|iban|ssn|sku|passport|phone|telephone|mobile|fax|telefon|telefono|teléfono|телефон)\.?$"
    r"|^id[\s_.-]|(?-i:(?<=[a-z])(ID|Id|UUID|No|Nr|Number|Key|Phone)$)"
    r"|(编号|序号|学号|工号|单号|账号|帐号|号码|证号|流水号|电话|手机|手机号)$",
    re.IGNORECASE,
)
# Names of what comes in several rows, such as the patients of visits; "number" and "row" are too weak for that.
GROUP_ID_NAME = re.compile(
    r"(^|[\s_.-])(id|uuid|guid)$|^id[\s_.-]|(?-i:(?<=[a-z])(ID|Id|UUID)$)|(编号|学号|工号|账号|帐号|证号)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The distinct cells of a column, without those that mean "no value".

    `counts`: the rows that have each. `n_unseen`: distinct cells beyond `texts`, where these are a selection of very
    many; each then counts for others written in the same way.
    """

    name: str
    texts: pd.Series
    counts: NDArray[np.int64]
    n_rows: int
    n_unseen: int = 0

    @property
    def n_filled(self) -> int:
        """The number of rows with a value."""
        return int(self.counts.sum())

    @property
    def n(self) -> int:
        """The number of distinct cells."""
        return len(self.texts) + self.n_unseen

    @property
    def example(self) -> str:
        """A cell to show."""
        return short(str(self.texts.iloc[0]))

    @property
    def unique_share(self) -> float:
        """The share of filled rows whose cell is the first of its kind."""
        return self.n / max(self.n_filled, 1)

    def rows_of(self, texts: tuple[str, ...]) -> int:
        """Return how many rows hold one of these texts, ignoring case."""
        return int(self.counts[self.texts.str.lower().isin(texts).to_numpy(bool)].sum())

    def without(self, missing: tuple[str, ...]) -> "Levels":
        """Return these levels without those that mean "no value"."""
        keep = present(self.texts, missing).notna().to_numpy(bool)
        if keep.all():
            return self
        return replace(self, texts=self.texts[keep].reset_index(drop=True), counts=self.counts[keep])


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a column is. `levels`: those that count as values, if not all. `order`: of a category, the lowest first."""

    kind: Kind
    reason: Message
    probability: float
    subkind: Subkind | None = None
    cells: Cells = Cells.TEXT
    rules: ReadingRules = field(default_factory=lambda: ReadingRules(missing=MISSING))
    date_formats: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    levels: Levels | None = None


def short(text: str, most: int = 40) -> str:
    """Return the beginning of a text, for use inside a sentence."""
    return text if len(text) <= most else text[: most - 1] + "…"
