"""What is known about a table's columns, as plain values that survive a round trip through JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from engine.errors import ConfigError
from engine.messages import Message, phrase

UNKNOWN_COLUMN = phrase("column_unknown", "The table has no column called {column}.", "Choose one of: {choices}.")


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    NUMBER_WITH_UNIT = "number with unit"
    CATEGORY = "category"
    YES_NO = "yes/no"
    DATE = "date"
    TEXT = "text"
    LIST = "list"
    LINK = "url/email"
    ID = "id"
    CONSTANT = "constant"

    @property
    def is_number(self) -> bool:
        """Whether the values are quantities, written with a unit or without."""
        return self in {Kind.NUMBER, Kind.NUMBER_WITH_UNIT}

    @property
    def is_words(self) -> bool:
        """Whether the values are made of words, each text being likely to come only once."""
        return self in {Kind.TEXT, Kind.LIST, Kind.LINK}


class Subkind(StrEnum):
    """What the values are more closely, where that is known."""

    WHOLE = "whole"
    CONTINUOUS = "continuous"
    ORDERED = "ordered"
    DAY = "day"
    DATE_TIME = "date-time"
    TIME = "time"
    EPOCH = "epoch"
    YEAR_MONTH = "year-month"
    URL = "url"
    EMAIL = "email"


class Known(StrEnum):
    """When the value of a column is known, seen from what is predicted."""

    BEFORE = "before"
    SAME_TIME = "at the same time"
    AFTER = "after"  # never used: the model could not be asked in time


class Role(StrEnum):
    """What a column is used for."""

    FEATURE = "feature"
    TARGET = "target"
    WEIGHT = "weight"
    GROUP = "group"
    TIME = "time"
    STRATIFY = "stratify"
    IGNORED = "ignored"


class Cells(StrEnum):
    """How a column's canonical cells are handed to the graph."""

    NUMBER = "number"  # float64, missing is NaN: the training cells were plain numbers, exact in double
    TEXT = "text"  # strings, missing is the empty string: everything else


@dataclass(frozen=True, kw_only=True)
class ReadingRules:
    """How raw cells of one column become canonical cells. Pure data; carried in the model file.

    `missing`: texts that mean "no value" (compared after trimming, ignoring case).
    `decimal`, `thousands`: signs inside numbers; `thousands` is empty when there is none.
    `prefixes`, `suffixes`: texts cut off numbers (currency, percent, unit), in small letters. `factors`: suffixes that
    also multiply: ("k", 1000.0), or ("g", 0.001) in a column of kilograms.
    `parentheses_negative`: "(12)" means -12. `trailing_minus`: "12-" means -12. `ranges`: "10 - 20" means its middle.
    `dash_zero`: a dash in place of the digits, "- €", means 0, as accounts are written.
    `same`: pairs (text as written, level it means), for columns that write one level in several ways.
    `missing_numbers`: numbers that mean "no value", such as 999. `lowest`, `highest`: what a number can be; beyond
    them it counts as missing; None for no limit.
    Number rules (the texts around a number) are applied only when `number` is true.
    `words`: pairs (word inside a date, what stands for it), for names of months in other languages; ignoring case.
    `moments`: ways of writing dates that a graph cannot read: "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "excel",
    or strptime formats with a zone or without a day; they become "%Y-%m-%d %H:%M:%S" in UTC, on 1970-01-01 if without.
    `separators`: signs that become spaces, for lists and for texts with line breaks; several spaces become one.
    """

    missing: tuple[str, ...] = ()
    number: bool = False
    decimal: str = "."
    thousands: str = ""
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    parentheses_negative: bool = False
    trailing_minus: bool = False
    ranges: bool = False
    dash_zero: bool = False
    same: tuple[tuple[str, str], ...] = ()
    missing_numbers: tuple[float, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    words: tuple[tuple[str, str], ...] = ()
    moments: tuple[str, ...] = ()
    separators: str = ""

    @property
    def are_times(self) -> bool:
        """Whether the cells are times of day, which have no date."""
        return bool(self.moments) and all("%" in moment and "%d" not in moment for moment in self.moments)


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _plain_rules(rules: ReadingRules) -> dict[str, Any]:
    return {name: _lists(value) for name, value in vars(rules).items()}


def _rules_of(data: Mapping[str, Any]) -> ReadingRules:
    return ReadingRules(**{name: _tuples(value) for name, value in data.items()})


@dataclass(frozen=True, kw_only=True)
class ColumnSchema:
    """One column.

    `name` is unique and not empty; `original_name` and `position` (from 0) say where it was in the file.
    `reason` says in one sentence why it has its kind; `probability` is how sure that is.
    `date_formats` holds at most three strptime formats. `n_missing` and `n_distinct` count table rows.
    `subkind`: what the values are more closely; None where there is nothing to add. `order`: the levels of an ordered
    category, the lowest first. `known`: when the value is known; None where nobody has said. `as_numbers`: how its
    cells are read if a person calls a column of texts numbers; None where they are read as plain ones.
    """

    name: str
    original_name: str
    position: int
    kind: Kind
    subkind: Subkind | None = None
    role: Role = Role.FEATURE
    known: Known | None = None
    cells: Cells
    reason: Message
    probability: float = 1.0
    rules: ReadingRules = field(default_factory=ReadingRules)
    date_formats: tuple[str, ...] = ()
    as_numbers: ReadingRules | None = None
    order: tuple[str, ...] = ()
    n_missing: int = 0
    n_distinct: int = 0

    @property
    def tells_days(self) -> bool:
        """Whether the cells are dates; times of day alone say nothing of when something was."""
        return self.kind is Kind.DATE and self.subkind is not Subkind.TIME

    @property
    def written_format(self) -> str:
        """The strptime format that people write this column's dates in; empty where they count, or it holds none."""
        moments = [moment for moment in self.rules.moments if "%" in moment]
        if self.rules.moments:
            return moments[0] if moments else ""
        return self.date_formats[0] if self.date_formats else ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this column."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data["reason"] = self.reason.to_json()
        data["rules"] = _plain_rules(self.rules)
        data["as_numbers"] = None if self.as_numbers is None else _plain_rules(self.as_numbers)
        data["date_formats"], data["order"] = list(self.date_formats), list(self.order)
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in data.items()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ColumnSchema":
        """Rebuild a stored column."""
        as_numbers = data.get("as_numbers")
        return ColumnSchema(
            **{
                **data,
                "kind": Kind(data["kind"]),
                "subkind": Subkind(data["subkind"]) if data["subkind"] else None,
                "role": Role(data["role"]),
                "known": Known(data["known"]) if data["known"] else None,
                "cells": Cells(data["cells"]),
                "reason": Message.from_json(data["reason"]),
                "rules": _rules_of(data["rules"]),
                "as_numbers": None if as_numbers is None else _rules_of(as_numbers),
                "date_formats": tuple(data["date_formats"]),
                "order": tuple(data["order"]),
            }
        )


@dataclass(frozen=True)
class TableSchema:
    """All columns of a table, in the order of the file."""

    columns: tuple[ColumnSchema, ...]

    def __getitem__(self, name: str) -> ColumnSchema:
        """Return the column of this name; raises ConfigError, naming the columns that exist, if there is none."""
        found = self._by_name.get(name)
        if found is None:
            raise ConfigError(UNKNOWN_COLUMN(column=name, choices=", ".join(self.names[:20])))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @cached_property
    def _by_name(self) -> Mapping[str, ColumnSchema]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the order of the file."""
        return tuple(column.name for column in self.columns)

    def with_role(self, role: Role) -> tuple[ColumnSchema, ...]:
        """Return the columns that play this role."""
        return tuple(column for column in self.columns if column.role == role)

    @property
    def features(self) -> tuple[ColumnSchema, ...]:
        """The columns that a model may look at."""
        return self.with_role(Role.FEATURE)

    @property
    def inputs(self) -> tuple[ColumnSchema, ...]:
        """The features, and the time by which rows are ordered: trends and seasons are in it.

        Not where it is known only after the outcome.
        """
        times = {column.name for column in self.with_role(Role.TIME) if column.known is not Known.AFTER}
        return tuple(column for column in self.columns if column.role is Role.FEATURE or column.name in times)

    def replacing(self, columns: Iterable[ColumnSchema]) -> "TableSchema":
        """Return this schema with the columns of the same names replaced."""
        by_name = {column.name: column for column in columns}
        return TableSchema(tuple(by_name.get(column.name, column) for column in self.columns))

    def with_target(self, target: str) -> "TableSchema":
        """Return this schema with `target` as the only target; the target before becomes a feature."""
        chosen = replace(self[target], role=Role.TARGET)
        others = (replace(c, role=Role.FEATURE) for c in self.with_role(Role.TARGET) if c.name != target)
        return self.replacing([*others, chosen])

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain data that `from_json` turns back into this schema."""
        return [column.to_json() for column in self.columns]

    @staticmethod
    def from_json(data: Iterable[Mapping[str, Any]]) -> "TableSchema":
        """Rebuild a stored schema."""
        return TableSchema(tuple(ColumnSchema.from_json(column) for column in data))
