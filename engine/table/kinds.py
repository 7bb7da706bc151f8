"""Finds out what the columns of a table are, and says why."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.table.dates import find_date_formats
from engine.table.numbers import find_number_rules
from engine.table.raw import RawTable
from engine.table.rules import plain_numbers, present, read_numbers
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules, Role, TableSchema

ALL_MISSING = phrase("kind_all_missing", "No row has a value.")
ONE_VALUE = phrase("kind_one_value", "Every row says {value}.")
PLAIN_NUMBERS = phrase("kind_numbers", "All values are numbers.")
WRITTEN_NUMBERS = phrase(
    "kind_written_numbers", "Numbers written like {example}. Cells that are none and count as missing: {n}."
)
ZERO_ONE = phrase("kind_zero_one", "Only 0 and 1 occur.")
YES_OR_NO = phrase("kind_yes_no", "Only {first} and {second} occur.")
CODES = phrase("kind_codes", "{n} whole numbers, which the name calls codes.")
TWO_NUMBERS = phrase("kind_two_numbers", "Only the numbers {first} and {second} occur.")
LEADING_ZEROS = phrase("kind_leading_zeros", "Numbers with leading zeros, such as {example}, are codes.")
LEVELS = phrase("kind_levels", "{n} different values come again and again.")
DATES = phrase("kind_dates", "{share} % of the values are dates, such as {example}.")
DATES_UNSURE = phrase(
    "kind_dates_unsure",
    "Dates such as {example}; whether the day or the month comes first cannot be seen.",
    "The first number was taken for the day. Write dates as 2024-12-31 to be sure.",
)
SENTENCES = phrase("kind_sentences", "Free text: {words} words on average, and hardly any text comes twice.")
UNIQUE_VALUES = phrase("kind_unique", "Nearly every row has a value of its own, such as {example}.")
UNIQUE_NAMED = phrase("kind_named_id", "The name says that it identifies rows, and the values hardly repeat.")
COUNTER = phrase("kind_counter", "The values count the rows.")

# Texts that stand for "no value". "none" and "unknown" are often an answer ("other debtors: none"), so they count as
# missing only among numbers and dates.
MISSING = ("?", "na", "n/a", "#n/a", "#na", "<na>", "n.a.", "nan", "null", "nil", "-", "--", "missing", "#null!")
MISSING_AMONG_NUMBERS = (*MISSING, "none", "unknown", ".", "...", "*", "inf", "-inf", "infinity", "#div/0!", "#value!")

ENOUGH = 0.9  # share of cells that must fit for a column to be numbers or dates
_ID_SHARE = 0.95
_YES = frozenset("yes y true t on ja oui si sí sim да是真".split()) | {"是", "真", "да", "1"}
_NO = frozenset("no n false f off nein non não nao нет".split()) | {"否", "假", "нет", "0"}
_ID_NAME = re.compile(
    r"(^|[\s_.-])(id|ids|uuid|guid|idx|index|key|rowid|row|nr|no|number|pk)$|(?<=[a-z])(ID|Id)$|编号$"
)
_CODE_NAME = re.compile(
    r"(^|[\s_.-])(code|type|zip|zipcode|postcode|plz|category|region|district|branch|store|shop|station|channel|cluster"
    r"|department|dept|sector|county|state|country)$|(Code|Type|Zip|Category|Region|Store)$",
)
_MOST_CODES = 1000
_SAMPLE = 5000


@dataclass(frozen=True, kw_only=True)
class _Levels:
    """The distinct cells of a column, without those that mean "no value"."""

    name: str
    texts: pd.Series
    counts: NDArray[np.int64]
    n_rows: int

    @property
    def n_filled(self) -> int:
        return int(self.counts.sum())

    @property
    def n(self) -> int:
        return len(self.texts)

    @property
    def example(self) -> str:
        return _short(str(self.texts.iloc[0]))

    @property
    def unique_share(self) -> float:
        return self.n / max(self.n_filled, 1)

    def without(self, missing: tuple[str, ...]) -> "_Levels":
        keep = present(self.texts, missing).notna().to_numpy(bool)
        if keep.all():
            return self
        return replace(self, texts=self.texts[keep].reset_index(drop=True), counts=self.counts[keep])


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    kind: Kind
    reason: Message
    probability: float
    cells: Cells = Cells.TEXT
    rules: ReadingRules = field(default_factory=lambda: ReadingRules(missing=MISSING))
    date_formats: tuple[str, ...] = ()
    levels: _Levels | None = None


def find_schema(raw: RawTable) -> TableSchema:
    """Judge every column of a table."""
    return TableSchema(
        tuple(
            find_column(raw.frame[name], original_name=original, position=position)
            for position, (name, original) in enumerate(zip(raw.frame.columns, raw.original_names, strict=True))
        )
    )


def find_column(raw: pd.Series, *, original_name: str | None = None, position: int = 0) -> ColumnSchema:
    """Judge one column of texts.

    >>> find_column(pd.Series(["1.5", "2", "?"] * 20, name="size", dtype="str")).kind
    <Kind.NUMBER: 'number'>
    """
    text = present(raw, MISSING)
    positions, distinct = pd.factorize(text)
    counts = np.bincount(positions[positions >= 0], minlength=len(distinct)).astype(np.int64)
    texts = pd.Series(distinct, dtype="str")
    levels = _Levels(name=original_name or str(raw.name), texts=texts, counts=counts, n_rows=len(raw))
    verdict = _judge(levels)
    kept = verdict.levels or levels
    return ColumnSchema(
        name=str(raw.name),
        original_name=original_name if original_name is not None else str(raw.name),
        position=position,
        kind=verdict.kind,
        role=Role.IGNORED if verdict.kind in {Kind.ID, Kind.CONSTANT} else Role.FEATURE,
        cells=verdict.cells,
        reason=verdict.reason,
        probability=verdict.probability,
        rules=verdict.rules,
        date_formats=verdict.date_formats,
        n_missing=len(raw) - kept.n_filled,
        n_distinct=kept.n,
    )


def _judge(levels: _Levels) -> _Verdict:
    if not levels.n:
        return _Verdict(kind=Kind.CONSTANT, reason=ALL_MISSING(), probability=1.0)
    among_numbers = levels.without(MISSING_AMONG_NUMBERS)
    if among_numbers.n:
        for judge in (_judge_plain_numbers, _judge_written_numbers, _judge_dates):
            verdict = judge(among_numbers)
            if verdict is not None:
                return verdict
    return _judge_texts(levels)


def _judge_plain_numbers(levels: _Levels) -> _Verdict | None:
    numbers = plain_numbers(levels.texts)
    if np.isnan(numbers).any():
        return None
    whole = bool((numbers == np.round(numbers)).all())
    if whole and _has_leading_zeros(levels):
        if levels.unique_share > _ID_SHARE and levels.n > 1:
            return _Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.9, levels=levels)
        reason = LEADING_ZEROS(example=levels.example)
        rules = ReadingRules(missing=MISSING, same=_without_zeros(levels))
        return _Verdict(kind=Kind.CATEGORY, reason=reason, probability=0.9, rules=rules, levels=levels)
    # Doubles skip whole numbers from 2^53 on: two codes would become one. Floats in scientific writing are no codes.
    if whole and np.abs(numbers).max() >= 2**53 and levels.texts.str.fullmatch("[0-9]{16,}").any():
        return None

    def verdict(kind: Kind, reason: Message, probability: float) -> _Verdict:
        rules = ReadingRules(missing=MISSING_AMONG_NUMBERS)
        return _Verdict(
            kind=kind, reason=reason, probability=probability, cells=Cells.NUMBER, rules=rules, levels=levels
        )

    return _kind_of_numbers(levels, numbers, verdict, whole=whole)


def _kind_of_numbers(
    levels: _Levels, numbers: NDArray[np.float64], verdict: Callable[[Kind, Message, float], _Verdict], *, whole: bool
) -> _Verdict:
    distinct = np.unique(numbers)
    if len(distinct) == 1 and levels.n_filled == levels.n_rows:
        return verdict(Kind.CONSTANT, ONE_VALUE(value=levels.example), 1.0)
    if len(distinct) == 2 and whole:
        if set(distinct) == {0.0, 1.0}:
            return verdict(Kind.YES_NO, ZERO_ONE(), 0.95)
        return verdict(Kind.CATEGORY, TWO_NUMBERS(first=f"{distinct[0]:g}", second=f"{distinct[1]:g}"), 0.7)
    if whole:
        identity = _identity(levels, distinct)
        if identity is not None:
            return verdict(Kind.ID, identity, 0.9)
        # Few whole numbers are often codes, but as often grades and counts. Trees lose nothing by taking codes for
        # numbers and linear models lose the order by taking grades for codes, so only the name makes them a category.
        if levels.n <= _MOST_CODES and _CODE_NAME.search(levels.name) and levels.unique_share < 0.5:
            return verdict(Kind.CATEGORY, CODES(n=levels.n), 0.75)
    probability = 0.65 if whole and levels.n <= 12 else 0.97
    return verdict(Kind.NUMBER, PLAIN_NUMBERS(), probability)


def _has_leading_zeros(levels: _Levels) -> bool:
    return any(text[0] == "0" and len(text) > 1 and text.isdigit() for text in levels.texts.iloc[:_SAMPLE])


def _without_zeros(levels: _Levels) -> tuple[tuple[str, str], ...]:
    """Pair codes as spreadsheets leave them (20) with the codes they were (020), where that is unambiguous."""
    if levels.n > _MOST_CODES:
        return ()
    known = set(levels.texts)
    bare: dict[str, list[str]] = {}
    for text in levels.texts:
        bare.setdefault(text.lstrip("0") or "0", []).append(text)
    return tuple((short, codes[0]) for short, codes in bare.items() if len(codes) == 1 and short not in known)


def _identity(levels: _Levels, distinct: NDArray[np.float64]) -> Message | None:
    """Say why whole numbers identify rows; None when they do not."""
    if levels.n < 20:
        return None
    if levels.unique_share > _ID_SHARE:
        if _ID_NAME.search(levels.name):
            return UNIQUE_NAMED()
        counts_rows = levels.n == levels.n_rows and distinct[-1] - distinct[0] == levels.n - 1
        if counts_rows:
            return COUNTER()
    return None


def _judge_written_numbers(levels: _Levels) -> _Verdict | None:
    if _are_codes(levels):
        return None
    rules, share = find_number_rules(levels.texts, levels.counts)
    if share < ENOUGH:
        return None
    rules = replace(rules, missing=MISSING_AMONG_NUMBERS)
    n_lost = round((1 - share) * levels.n_filled)
    if n_lost and levels.unique_share > _ID_SHARE and _ID_NAME.search(levels.name):
        return _Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.8, levels=levels)
    return _Verdict(
        kind=Kind.NUMBER,
        reason=WRITTEN_NUMBERS(example=levels.example, n=n_lost),
        probability=0.9 if n_lost == 0 else 0.8,
        rules=rules,
        levels=_readable(levels, rules),
    )


def _are_codes(levels: _Levels) -> bool:
    """Know codes among which most happen to be digits only: very long ones, or some with letters, such as A17."""
    others = levels.texts[~levels.texts.str.fullmatch(r"[0-9]{1,15}")]
    return bool(len(others)) and bool(others.str.fullmatch(r"[A-Za-z]{1,3}[-_]?[0-9]+|[0-9]{16,}").all())


def _readable(levels: _Levels, rules: ReadingRules) -> _Levels:
    keep = ~np.isnan(read_numbers(levels.texts, rules))
    return replace(levels, texts=levels.texts[keep].reset_index(drop=True), counts=levels.counts[keep])


def _judge_dates(levels: _Levels) -> _Verdict | None:
    found = find_date_formats(levels.texts, levels.counts)
    if found.share < ENOUGH:
        return None
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return None
    reason = (
        DATES_UNSURE(example=levels.example)
        if found.ambiguous
        else DATES(share=round(100 * found.share), example=levels.example)
    )
    return _Verdict(
        kind=Kind.DATE,
        reason=reason,
        probability=0.5 if found.ambiguous else 0.97,
        rules=ReadingRules(missing=MISSING_AMONG_NUMBERS),
        date_formats=found.formats,
        levels=levels,
    )


def _judge_texts(levels: _Levels) -> _Verdict:
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return _Verdict(kind=Kind.CONSTANT, reason=ONE_VALUE(value=levels.example), probability=1.0)
    answers = _judge_answers(levels)
    if answers is not None:
        return answers
    n_words = float(levels.texts.str.count(r"\S+").mean())
    n_letters = float(levels.texts.str.len().mean())
    # Text without spaces between words (Chinese) is known by its length.
    sentences = n_words >= 3 or (n_letters > 15 and not levels.texts.str.cat().isascii() and n_words < 2)
    if sentences and levels.n > 20 and levels.unique_share > 0.5:
        return _Verdict(
            kind=Kind.TEXT, reason=SENTENCES(words=round(n_words)), probability=0.9 if n_words >= 5 else 0.7
        )
    if levels.n >= 20 and levels.unique_share > _ID_SHARE:
        return _Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.85)
    if levels.n >= 20 and levels.unique_share > 0.5 and _ID_NAME.search(levels.name):
        return _Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.8)
    return _Verdict(
        kind=Kind.CATEGORY, reason=LEVELS(n=levels.n), probability=0.9 if levels.unique_share < 0.2 else 0.7
    )


def _judge_answers(levels: _Levels) -> _Verdict | None:
    """Know yes and no in several languages and spellings; one spelling each is kept as it stands."""
    if levels.n > 8:
        return None
    folded = levels.texts.str.lower()
    yes, no = folded.isin(_YES).to_numpy(), folded.isin(_NO).to_numpy()
    if not (yes.any() and no.any() and (yes | no).all()):
        return None
    most = {
        answer: str(levels.texts[chosen].iloc[int(np.argmax(levels.counts[chosen]))])
        for answer, chosen in ((True, yes), (False, no))
    }
    spellings = {text: most[bool(is_yes)] for text, is_yes in zip(levels.texts, yes, strict=True)}
    for kept in most.values():  # other programs write True, TRUE and true
        spellings.update(dict.fromkeys((kept.lower(), kept.upper(), kept.capitalize()), kept))
    same = tuple((text, kept) for text, kept in spellings.items() if text != kept)
    return _Verdict(
        kind=Kind.YES_NO,
        reason=YES_OR_NO(first=most[False], second=most[True]),
        probability=0.97,
        rules=ReadingRules(missing=MISSING, same=same),
        levels=replace(levels, texts=pd.Series([most[False], most[True]], dtype="str"), counts=_two(levels, yes)),
    )


def _two(levels: _Levels, yes: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([levels.counts[~yes].sum(), levels.counts[yes].sum()], np.int64)


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
